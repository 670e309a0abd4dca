"""``dostastyq conflicts``: where sources disagree, and where a recorded day is not the one the rule gives."""

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from dostastyq.cli.options import Language
from dostastyq.cli.questions import (
    Json,
    KnownAt,
    Lang,
    SlugOption,
    make_table,
    open_known,
    print_json,
    terminal,
)
from dostastyq.i18n import message

if TYPE_CHECKING:
    import polars as pl

    from dostastyq.i18n import Translator


def conflicts(
    instrument: SlugOption = None, known_at: KnownAt = None, lang: Lang = Language.en, json: Json = False
) -> None:
    """Show rival values side by side, the preferred one marked, and days that record and rule put differently."""
    from rich.padding import Padding  # noqa: PLC0415 -- heavy imports wait for the command

    from dostastyq.i18n import translator  # noqa: PLC0415

    register = open_known(known_at, instrument)
    tr = translator(lang.value)
    slug = None if instrument is None else register.instrument(instrument).slug
    rivals = _of(register.conflicts(), slug)
    differing = _of(register.differences(), slug)
    if json:
        print_json({"conflicts": rivals, "differences": differing})
        return
    console = terminal()
    console.print(tr.gettext(message("Where sources disagree")), style="bold")
    if rivals:
        for line, indent in _lines(rivals, tr):
            console.print(Padding(line, (0, 0, 0, indent)))
        console.print()
        console.print(tr.gettext(message("→ marks the value that the register uses.")))
    else:
        console.print(tr.gettext(message("Nothing is recorded.")))
    console.print()
    console.print(tr.gettext(message("Where the recorded day is not the one that the rule gives")), style="bold")
    if differing:
        headers = [tr.gettext(name) for name in (message("subject"), message("recorded"), message("by the rule"))]
        rows = [[_subject(row), row["recorded"], f"{row['computed']} ({row['rule']})"] for row in differing]
        console.print(make_table(headers, rows, keep=0))
    else:
        console.print(tr.gettext(message("Nothing is recorded.")))


def _of(frame: "pl.DataFrame", slug: str | None) -> list[dict[str, Any]]:
    return [row for row in frame.to_dicts() if slug is None or row["instrument"] == slug]


def _lines(rivals: list[dict[str, Any]], tr: "Translator") -> Iterator[tuple[str, int]]:
    """Lines of the rivals with their indents: the subject, its values, and why."""
    for subject, values in groupby(rivals, key=lambda row: row["subject"]):
        found = list(values)
        state = tr.gettext(message("open")) if found[0]["status"] == "open" else tr.gettext(message("resolved"))
        yield f"{subject} ({state})", 0
        for row in found:
            yield f"{'→' if row['preferred'] else ' '} {row['value']} [{row['sources']}]", 2
        if found[0]["why"]:
            yield found[0]["why"], 4


def _subject(row: dict[str, Any]) -> str:
    return "/".join(part for part in (row["instrument"], row["state"], row["what"]) if part)
