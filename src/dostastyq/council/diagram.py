"""A map of procedure as text that other tools draw: Mermaid and Graphviz.

Stages are nodes, steps are edges; steps between the same two stages share one. A step on which the text of the edition
was not read is dashed, the stages that a draft has behind it are shaded and the one at which it stands is framed. The
same map gives the same text.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from dostastyq.council.procedure import Gate, ProcedureMap, Step
from dostastyq.errors import DostastyqError, nearest
from dostastyq.i18n import LANGUAGES, translator


@dataclass(frozen=True, slots=True)
class Edge:
    """Steps that lead from one stage to another.

    Parameters
    ----------
    start, end
        The stages; ``""`` as `start` before the first one, and the same stage twice where the steps stay.
    steps
        The steps, in the order of the map.
    failing
        Whether it is the way of a vote that fails.
    """

    start: str
    end: str
    steps: tuple[Step, ...]
    failing: bool = False

    @property
    def verified(self) -> bool:
        """Whether the text of the edition was read on every one of them."""
        return all(step.verified for step in self.steps)


def edges(held: ProcedureMap) -> tuple[Edge, ...]:
    """List the edges of a map, ordered by its stages and then by its steps.

    Examples
    --------
    >>> from dostastyq.council.procedure import procedure_named
    >>> [(edge.start, edge.end, edge.failing) for edge in edges(procedure_named("cis", "conference"))][:3]
    [('', 'proposed', False), ('proposed', 'proposed', False), ('proposed', 'on_agenda', False)]
    """
    found: dict[tuple[str, str, bool], list[Step]] = {}
    for stage in ("", *held.stages):
        for step in held.at(stage):
            found.setdefault((stage, step.to or stage, False), []).append(step)
            if step.otherwise:
                found.setdefault((stage, step.otherwise, True), []).append(step)
    return tuple(Edge(start, end, tuple(steps), failing) for (start, end, failing), steps in found.items())


def say_gate(gate: Gate, held: ProcedureMap, language: str = "en") -> str:
    """Say what must hold, in a language: all are joined by semicolons, choices by strokes.

    Examples
    --------
    >>> from dostastyq.council.procedure import procedure_named
    >>> rules = procedure_named("cis", "rules-2009")
    >>> say_gate(rules.steps["place"].gates, rules)
    'agreed beforehand / referred by a session; the organ has a session; in time'
    """
    if gate.kind == "gate":
        return held.gates[gate.name][language]
    parts = [say_gate(part, held, language) for part in gate.parts]
    if gate.kind == "not":
        return translator(language).gettext("not: {gate}", gate=parts[0])
    return (" / " if gate.kind == "any" else "; ").join(parts)


def mermaid(held: ProcedureMap, language: str = "en", *, done: Iterable[str] = (), at: str = "") -> str:
    """Write a map as a Mermaid flowchart.

    Parameters
    ----------
    held
        The map.
    language
        ``"kk"``, ``"ru"`` or ``"en"``.
    done
        Stages that a draft has behind it.
    at
        Stage at which it stands; empty for none.

    Raises
    ------
    DostastyqError
        ``CN002`` for a stage that the map does not have, ``CN016`` for another language.

    Examples
    --------
    >>> from dostastyq.council.procedure import procedure_named
    >>> print(mermaid(procedure_named("cis", "conference"), at="voting").splitlines()[1])
      proposed["proposed"]
    """
    passed = check_drawing(held, language, done, at)
    lines = ["flowchart TD"]
    for stage, title in held.stages.items():
        mark = ":::at" if stage == at else ":::done" if stage in passed else ""
        left, right = ("([", "])") if stage in held.ends else ("[", "]")
        lines.append(f'  {stage}{left}"{_quoted(title[language], "#quot;")}"{right}{mark}')
    if any(not edge.start for edge in edges(held)):
        lines.append('  start(("&nbsp;"))')
    for edge in edges(held):
        arrow = "-->" if edge.verified else "-.->"
        label = _quoted("<br/>".join(_labels(edge, held, language)), "#quot;")
        lines.append(f'  {edge.start or "start"} {arrow}|"{label}"| {edge.end}')
    lines += ["  classDef done fill:#d9e8ee,color:#14171a", "  classDef at stroke:#0b5d7a,stroke-width:4px"]
    return "\n".join(lines) + "\n"


def dot(held: ProcedureMap, language: str = "en", *, done: Iterable[str] = (), at: str = "") -> str:
    """Write a map in the language of Graphviz; parameters and refusals as in `mermaid`.

    Examples
    --------
    >>> from dostastyq.council.procedure import procedure_named
    >>> dot(procedure_named("cis", "rules-2002"), "ru").splitlines()[0]
    'digraph "rules-2002" {'
    """
    passed = check_drawing(held, language, done, at)
    lines = [f'digraph "{held.code}" {{', '  node [shape=box, style="rounded"];', '  start [shape=point, label=""];']
    for stage, title in held.stages.items():
        options = [f'label="{_quoted(title[language], chr(92) + chr(34))}"']
        if stage == at:
            options.append("penwidth=3")
        if stage in passed:
            options.append('style="rounded,filled", fillcolor="#d9e8ee"')
        if stage in held.ends:
            options.append("peripheries=2")
        lines.append(f"  {stage} [{', '.join(options)}];")
    for edge in edges(held):
        label = _quoted("\\n".join(_labels(edge, held, language)), '\\"')
        style = "" if edge.verified else ", style=dashed"
        lines.append(f'  {edge.start or "start"} -> {edge.end} [label="{label}"{style}];')
    return "\n".join([*lines, "}"]) + "\n"


def check_drawing(held: ProcedureMap, language: str, done: Iterable[str], at: str) -> frozenset[str]:
    """Check what a drawing is asked to show, and give the stages passed."""
    if language not in LANGUAGES:
        raise DostastyqError("CN016", f"there is no language {language!r}", nearest(language, LANGUAGES))
    passed = frozenset(done)
    for stage in sorted(passed | {at} - {""}):
        held.at(stage)
    return passed


def _labels(edge: Edge, held: ProcedureMap, language: str) -> list[str]:
    """Say each step of an edge, with its gates in brackets; on the way of a failed vote without them."""
    said = []
    for step in edge.steps:
        gates = "" if edge.failing else say_gate(step.gates, held, language)
        said.append(" ".join(filter(None, (step.title[language], step.deadline, f"[{gates}]" if gates else ""))))
    return said


def _quoted(text: str, quote: str) -> str:
    return text.replace('"', quote)
