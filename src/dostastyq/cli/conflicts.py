"""``dostastyq conflicts``: where sources disagree, and where a recorded day is not the one the rule gives."""

from itertools import groupby
from typing import TYPE_CHECKING, Any

from dostastyq.cli.options import Language, open_register
from dostastyq.cli.questions import Json, KnownAt, Lang, SlugOption, make_table, print_json, terminal
from dostastyq.i18n import message

if TYPE_CHECKING:
    import polars as pl

    from dostastyq.i18n import Translator


def conflicts(
    instrument: SlugOption = None, known_at: KnownAt = None, lang: Lang = Language.en, json: Json = False
) -> None:
    """Show rival values side by side, the preferred one marked, and days that record and rule put differently."""
    from dostastyq.i18n import translator  # noqa: PLC0415 -- heavy imports wait for the command

    register = open_register().known(known_at)
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
        headers = [tr.gettext(name) for name in (message("subject"), message("values"), message("why"))]
        console.print(make_table(headers, _rows(rivals, tr), keep=0))
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


def _rows(rivals: list[dict[str, Any]], tr: "Translator") -> list[list[str]]:
    rows = []
    for subject, values in groupby(rivals, key=lambda row: row["subject"]):
        found = list(values)
        lines = [f"{'→' if row['preferred'] else ' '} {row['value']} [{row['sources']}]" for row in found]
        state = tr.gettext(message("open")) if found[0]["status"] == "open" else tr.gettext(message("resolved"))
        rows.append([subject, "\n".join(lines), f"{state}: {found[0]['why']}" if found[0]["why"] else state])
    return rows


def _subject(row: dict[str, Any]) -> str:
    return "/".join(part for part in (row["instrument"], row["state"], row["what"]) if part)
