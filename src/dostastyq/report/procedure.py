"""A map of procedure as one inline SVG: stages from top to bottom, under each the steps that may be taken from it.

A line leads from every step that moves a draft, along a lane on the left, to the stage that it leads to; the shortest
lines lie nearest to the text. Nothing is measured: lines of text are broken by the number of letters, so the picture is
the same everywhere. It is as wide as a telephone, and takes its colours from the page, or its own where there is none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import count
from re import fullmatch
from textwrap import wrap

from dostastyq.council.diagram import check_drawing, say_gate
from dostastyq.council.procedure import ProcedureMap, Step
from dostastyq.i18n import Text, Translator, message, translator

WIDTH = 380
WHO: Mapping[str, str] = {
    "state": message("a state"),
    "secretariat": message("secretariat"),
    "expert": message("expert"),
    "chair": message("chair"),
    "depositary": message("depositary"),
}
"""Who may take a step, as it is said."""

_LANE, _EDGE, _BOX, _LINE, _SMALL = 9, 8, 26, 17, 14
_FINE = 6.6
_STYLE = """
.pm { --pm-ink: var(--ink, #1a1d21); --pm-paper: var(--paper, #fdfdfb); --pm-muted: var(--muted, #56606a);
  --pm-rule: var(--other, #858f99); --pm-accent: var(--accent, #0b5d7a); --pm-tint: var(--tint, #eef4f6); }
@media screen and (prefers-color-scheme: dark) { .pm { --pm-ink: var(--ink, #e9ebed); --pm-paper: var(--paper, #15181b);
  --pm-muted: var(--muted, #a5adb5); --pm-rule: var(--other, #87919b); --pm-accent: var(--accent, #63b8d6);
  --pm-tint: var(--tint, #1c262b); } }
.pm { background: var(--pm-paper); }
.pm text { font: 13px var(--sans, system-ui, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif); fill: var(--pm-ink); }
.pm .fine { font-size: 11px; fill: var(--pm-muted); }
.pm .stage { font-weight: 600; }
.pm rect { fill: var(--pm-tint); stroke: var(--pm-rule); }
.pm .done { fill: var(--pm-accent); fill-opacity: .22; }
.pm .at { stroke: var(--pm-accent); stroke-width: 3; }
.pm path { fill: none; stroke: var(--pm-rule); stroke-width: 1.3; }
.pm .unread { stroke-dasharray: 4 3; }
.pm .open { stroke: var(--pm-accent); stroke-width: 2; }
.pm .head { fill: var(--pm-rule); stroke: none; }
"""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of text: what it says, how, and where its baseline is; `step` where a line starts from it."""

    text: str
    style: str
    y: int
    indent: int
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class _Link:
    """A step's way from the height of its line to that of the stage to which it leads."""

    step: Step
    stage: str
    source: int
    end: str


def svg(held: ProcedureMap, language: str = "en", at: str = "", done: Iterable[str] = ()) -> str:
    """Draw a map.

    Parameters
    ----------
    held
        The map.
    language
        ``"kk"``, ``"ru"`` or ``"en"``.
    at
        Stage at which a draft stands; empty for none.
    done
        Stages that it has behind it.

    Returns
    -------
    str
        An ``<svg>`` element, 380 units wide. Dashed lines are steps on which the text of the edition was not read.

    Raises
    ------
    DostastyqError
        ``CN002`` for a stage that the map does not have, ``CN016`` for another language.

    Examples
    --------
    >>> from dostastyq.council.procedure import procedure_named
    >>> drawing = svg(procedure_named("cis", "rules-2009"), "kk", at="voting")
    >>> drawing.startswith("<svg"), "Рәсім қағидалары, 2009" in drawing
    (True, True)
    """
    passed = check_drawing(held, language, done, at)
    lines, tops, lanes, height, gutter = _fitted(held, language)
    title = escape(held.title[language])
    size = f'viewBox="0 0 {WIDTH} {height}" style="display:block;width:100%;max-width:{WIDTH * 3 // 2}px;height:auto"'
    parts = [
        f'<svg class="pm" xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{title}">',
        f"<title>{title}</title><style>{_STYLE}</style>",
    ]
    parts += _ways(lanes, tops, gutter, at)
    for stage, y in tops.items():
        mark = " ".join(filter(None, ("at" if stage == at else "", "done" if stage in passed else "")))
        radius = 13 if stage in held.ends else 4
        parts.append(
            f'<rect x="{gutter}" y="{y}" width="{WIDTH - gutter - 3}" height="{_BOX}" rx="{radius}"'
            + (f' class="{mark}"/>' if mark else "/>")
        )
    parts += [
        f'<text x="{gutter + line.indent}" y="{line.y}" class="{line.style}">{escape(line.text)}</text>'
        for line in lines
    ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _fitted(held: ProcedureMap, language: str) -> tuple[list[_Line], dict[str, int], list[tuple[_Link, int]], int, int]:
    """Lay out with a gutter that is just wide enough: a wider one breaks more lines, which may cost another lane."""
    for room in count(1):
        gutter = _EDGE + _LANE * room + 12
        lines, tops, height = _lay_out(held, language, gutter)
        lanes = _lanes(_links(held, lines), tops)
        if all(lane < room for _, lane in lanes):
            return lines, tops, lanes, height, gutter
    raise AssertionError  # pragma: no cover -- the loop above has no end


def _lay_out(held: ProcedureMap, language: str, gutter: int) -> tuple[list[_Line], dict[str, int], int]:
    """Set every line of text and every stage at its height; a step of several stages is told in full at the first."""
    tr = translator(language)
    lines: list[_Line] = []
    tops: dict[str, int] = {}
    told: set[str] = set()
    y = 0
    for stage in ("", *held.stages):
        if stage:
            tops[stage] = y
            lines.append(_Line(held.stages[stage][language], "stage", y + 18, 10))
            y += _BOX
        for step in held.at(stage):
            y += _LINE + 2
            mark = "→" if step.leads else "↻"
            lines.append(_Line(f"{mark} {step.title[language]}", "step", y, 8, step))
            if step.code not in told:
                told.add(step.code)
                for text in _details(step, held, tr, language, gutter):
                    y += _SMALL
                    lines.append(_Line(text, "fine", y, 24))
        y += 16
    return lines, tops, y


def _details(step: Step, held: ProcedureMap, tr: Translator, language: str, gutter: int) -> list[str]:
    who = ", ".join(tr.gettext(WHO[role]) for role in WHO if role in step.who)
    said = [" · ".join(filter(None, (who, _say_deadline(step.deadline, tr))))]
    gates = say_gate(step.gates, held, language)
    if gates:
        said += wrap(gates, int((WIDTH - gutter - 30) / _FINE))
    return said


def _say_deadline(deadline: str, tr: Translator) -> str:
    """Say a duration of days in words, any other as it is written."""
    days = fullmatch(r"P(\d+)D", deadline)
    return tr.text(Text.counted("{n} day", "{n} days", int(days[1]))) if days else deadline


def _links(held: ProcedureMap, lines: Sequence[_Line]) -> list[_Link]:
    """List the ways of all steps that move a draft, in the order of their lines."""
    stages = iter(held.stages)
    found, stage = [], ""
    for line in lines:
        if line.style == "stage":
            stage = next(stages)
        elif line.step is not None:
            found += [_Link(line.step, stage, line.y - 4, end) for end in line.step.leads]
    return found


def _lanes(links: Sequence[_Link], tops: Mapping[str, int]) -> list[tuple[_Link, int]]:
    """Give each stage that is led to a lane; short ways first, so that they lie nearest to the text."""
    spans: dict[str, tuple[int, int]] = {}
    for link in links:
        heights = (link.source, tops[link.end] + _BOX // 2, *spans.get(link.end, ()))
        spans[link.end] = (min(heights), max(heights))
    taken: dict[int, list[tuple[int, int]]] = {}
    lanes: dict[str, int] = {}
    for end, (low, high) in sorted(spans.items(), key=lambda item: (item[1][1] - item[1][0], item[0])):
        lane = next(n for n in count() if all(high + 3 < a or b + 3 < low for a, b in taken.get(n, ())))
        taken.setdefault(lane, []).append((low, high))
        lanes[end] = lane
    return [(link, lanes[link.end]) for link in links]


def _ways(lanes: Sequence[tuple[_Link, int]], tops: Mapping[str, int], gutter: int, at: str) -> list[str]:
    """Draw all ways: one that joins a lane ends where the next one joins it, so that dashes never lie over dashes.

    Ways from the stage at which a draft stands are drawn last and whole.
    """
    drawn, marked, heads = [], [], []
    for link, lane in lanes:
        x, end = gutter - 10 - _LANE * lane, tops[link.end] + _BOX // 2
        between = [
            other.source
            for other, _ in lanes
            if other.end == link.end and min(link.source, end) < other.source < max(link.source, end)
        ]
        nearest = min(between, key=lambda height: abs(height - link.source), default=None)
        if at and link.stage == at:
            marked.append(_way(link, x, end, gutter, style=f"{_style(link)} open".strip()))
        else:
            drawn.append(_way(link, x, end, gutter, style=_style(link), until=nearest))
        heads.append(f'<path class="head" d="M{gutter - 1} {end}l-6 -3.5v7z"/>')
    return [*drawn, *marked, *dict.fromkeys(heads)]


def _style(link: _Link) -> str:
    return "" if link.step.verified else "unread"


def _way(link: _Link, x: int, end: int, gutter: int, *, style: str, until: int | None = None) -> str:
    y = link.source
    turn = 4 if end > y else -4
    rest = f"V{until}" if until is not None else f"V{end - turn}Q{x} {end} {x + 4} {end}H{gutter - 4}"
    drawn = f"M{gutter + 5} {y}H{x + 4}Q{x} {y} {x} {y + turn}{rest}"
    return f'<path class="{style}" d="{drawn}"/>' if style else f'<path d="{drawn}"/>'
