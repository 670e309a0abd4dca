"""What a draft changes, on a terminal: words between versions, law between states."""

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text as Line

from dostastyq.cli.options import words
from dostastyq.cli.questions import make_table, terminal
from dostastyq.i18n import message

if TYPE_CHECKING:
    from dostastyq.council import Draft
    from dostastyq.council.composer import Difference
    from dostastyq.council.law import LegalEffect
    from dostastyq.i18n import Translator
    from dostastyq.register import Register

STYLES = {"same": "", "removed": "strike red", "added": "underline green"}
MARKS = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
KINDS = {"added": message("added"), "removed": message("removed"), "changed": message("changed")}


def show_difference(found: "Difference", tr: "Translator") -> None:
    """Print what became of a paragraph; what was struck out and what came in are marked, in colour or not."""
    number = " → ".join(dict.fromkeys(filter(None, (found.old, found.new))))
    line = Line(f"{number} ({tr.gettext(KINDS[found.kind])}): ")
    for run in found.runs:
        left, right = MARKS[run.kind]
        line.append(f"{left}{run.text}{right}", style=STYLES[run.kind])
    terminal().print(line)


def effect_of(draft: "Draft", law: "Register", on: str | None, signed_by: list[str] | None) -> "LegalEffect":
    """Say what a draft would do in law if it were signed on a day."""
    from dostastyq.cli.questions import day_of  # noqa: PLC0415
    from dostastyq.council.law import legal_effect  # noqa: PLC0415

    made = draft.composition
    parties = [law.state(code.upper()).code for code in words(signed_by)] or list(made.parties)
    return legal_effect(law, draft.slug, made.record(), parties=parties, on=day_of(on))


def show_effect(found: "LegalEffect", tr: "Translator") -> None:
    """Print what a draft would do in law."""
    from dostastyq.register.status import CODES  # noqa: PLC0415

    console = terminal()
    said = message("If it were signed on {day:date} by {states:territories}")
    parties = tuple(item.state for item in found.standings)
    console.print(tr.gettext(said, day=found.on, states=parties), style="bold")
    console.print(tr.text(found.forecast.text))
    names = (message("State"), message("after signature"), message("once in force"))
    standings = [
        [tr.territory(item.state), tr.gettext(CODES[item.signed]), tr.gettext(CODES[item.in_force])]
        for item in found.standings
    ]
    console.print(make_table([tr.gettext(name) for name in names], standings))
    console.print()
    names = (message("between"), message("preference now"), message("with it in force"))
    changes = [
        [
            f"{tr.territory(item.exporter)} → {tr.territory(item.importer)}",
            _kind(item.before, tr),
            _kind(item.after, tr),
        ]
        for item in found.changes
    ]
    nothing = tr.gettext(message("No preference in goods changes between any two states."))
    console.print(make_table([tr.gettext(name) for name in names], changes) if changes else nothing)
    for overlap in found.overlaps:
        console.print(f"{overlap.instrument} ({tr.territories(overlap.states)})", style="bold")
        console.print(Padding(tr.text(overlap.rule), (0, 0, 0, 2), expand=False))


def _way(exporter: str, importer: str, tr: "Translator") -> str:
    return f"{tr.territory(exporter)} → {tr.territory(importer)}"


def _kind(kind: str, tr: "Translator") -> str:
    return tr.gettext(kind.replace("_", " "))
