"""What a draft does to its members, on a terminal: from the assessment that the journal keeps with its text."""

from typing import TYPE_CHECKING, Any

from rich.padding import Padding

from dostastyq.cli.questions import make_table, terminal
from dostastyq.i18n import message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dostastyq.council.model import Impact
    from dostastyq.i18n import Translator

OVER = {
    "register": message("Over the law that would otherwise apply"),
    "none": message("Over no preference at all"),
}
VERDICTS = {
    True: message("Every member gains. Probability, first order: {share:.0%}."),
    False: message("Not every member gains. Probability that all do, first order: {share:.0%}."),
}


def show_impact(impact: "Impact", tr: "Translator") -> None:
    """Print what an assessment says of a text: who gains what, and what was assumed."""
    console, found = terminal(), impact.digest
    said = message("What version {version} does to its members: {baseline}, {model}, assessed on {day:date}")
    console.print(
        tr.gettext(said, version=impact.version, baseline=found["baseline"], model=found["model"], day=impact.day),
        style="bold",
    )
    for contrast in found["contrasts"]:
        _show_contrast(contrast, tr)
    for note in found.get("said", found["notes"]):
        console.print(Padding(_sentence(note, tr), (0, 0, 0, 2), expand=False))


def _show_contrast(contrast: "Mapping[str, Any]", tr: "Translator") -> None:
    console, law = terminal(), contrast["otherwise"]
    over = OVER.get(law)
    console.print(tr.gettext(over) if over else tr.gettext(message("Over {law} between them"), law=law))
    for world in contrast.get("worlds", ()):
        console.print(Padding(_sentence(world, tr), (0, 0, 0, 2), expand=False))
    headers = [tr.gettext(name) for name in ("State", "welfare, %", "95% interval")]
    rows = [_welfare(state, row, tr) for state, row in contrast["members"].items()]
    console.print(make_table(headers, rows, keep=3))
    share = float(contrast["probability_mutually_beneficial"])
    console.print(tr.gettext(VERDICTS[contrast["mutually_beneficial"]], share=share))


def _welfare(state: str, row: "Mapping[str, str]", tr: "Translator") -> list[str]:
    welfare, low, high = (tr.number(float(row[name]), 2, signed=True) for name in ("welfare_percent", "low", "high"))
    return [tr.territory(state), welfare, f"[{low}; {high}]"]


def _sentence(kept: Any, tr: "Translator") -> str:  # noqa: ANN401 -- plain data of a journal
    from dostastyq.council.said import said  # noqa: PLC0415 -- heavy imports wait for the command

    return tr.text(said(kept))
