"""Maps of procedure on a terminal and as drawings."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from dostastyq.cli.council_options import write_file
from dostastyq.cli.questions import terminal
from dostastyq.i18n import message

if TYPE_CHECKING:
    from dostastyq.council import Draft, ProcedureMap
    from dostastyq.council.procedure import Step
    from dostastyq.i18n import Translator


def draw(held: "ProcedureMap", draft: "Draft | None", language: str, svg: Path | None, *, mermaid: bool) -> None:
    """Draw a map into a file, or print it for another tool; with a draft its stages are marked."""
    from dostastyq.council import diagram  # noqa: PLC0415 -- heavy imports wait for the command

    at = draft.stage if draft is not None and draft.stage in held.stages else ""
    done = {} if draft is None else dict.fromkeys(move.stage for move in draft.moves if move.stage != at)
    passed = [stage for stage in done if stage in held.stages]
    if svg is None:
        write = diagram.mermaid if mermaid else diagram.dot
        typer.echo(write(held, language, done=passed, at=at).rstrip("\n"))
        return
    from dostastyq.report import procedure  # noqa: PLC0415

    write_file(svg, procedure.svg(held, language, done=passed, at=at).encode())


def plain_map(held: "ProcedureMap") -> dict[str, Any]:
    """Plain data of a map."""
    from dostastyq.council.plain import plain  # noqa: PLC0415

    found: dict[str, Any] = plain(held)
    for step in found["steps"].values():
        step["who"] = sorted(step["who"])
    return found


def show_map(held: "ProcedureMap", tr: "Translator") -> None:
    """Print a map: under each stage the steps that may be taken from it."""
    console = terminal()
    title = tr.fill("{title}", {"title": held.title})
    end = "…" if held.end is None else str(held.end)
    console.print(f"{title} ({held.code}) · {held.start} – {end}", style="bold")
    for stage in ("", *held.stages):
        if stage:
            console.print()
            console.print(tr.fill("{stage}", {"stage": held.stages[stage]}), style="bold")
        for step in held.at(stage):
            _show_step(step, held, tr)
    if not all(step.verified for step in held.steps.values()):
        console.print()
        console.print(tr.gettext(message("* the text of the edition was not read on this step")), style="dim")


def _show_step(step: "Step", held: "ProcedureMap", tr: "Translator") -> None:
    """Print a step: who takes it, where it leads, what must hold."""
    from rich.padding import Padding  # noqa: PLC0415

    from dostastyq.council.diagram import say_gate  # noqa: PLC0415
    from dostastyq.register.wording import say_duration  # noqa: PLC0415
    from dostastyq.report.procedure import WHO  # noqa: PLC0415

    who = ", ".join(tr.gettext(WHO[part]) for part in sorted(step.who))
    leads = " / ".join(tr.fill("{stage}", {"stage": held.stages[code]}) for code in step.leads)
    unread = "" if step.verified else " *"
    line = tr.fill("{step} ({who})", {"step": step.title, "who": who}) + (f" → {leads}" if leads else "") + unread
    terminal().print(Padding(line, (0, 0, 0, 2), expand=False))
    facts = {
        tr.gettext(message("what must hold")): say_gate(step.gates, held, tr.language),
        tr.gettext(message("deadline")): tr.text(say_duration(step.deadline)) if step.deadline else "",
    }
    for name, text in facts.items():
        if text:
            terminal().print(Padding(f"{name}: {text}", (0, 0, 0, 6), expand=False))
