"""``dostastyq tariff``: editions of the tariff at hand: search them, show a line, compare two."""

from typing import Annotated

import typer

from dostastyq.cli.options import Language
from dostastyq.cli.questions import Json, Lang, On, day_of, make_table, print_json, terminal
from dostastyq.i18n import message

app = typer.Typer(help="Editions of the tariff at hand.", no_args_is_help=True)

SHOWN = 40
Edition = Annotated[str, typer.Option(metavar="NAME", help="Edition of the tariff.")]


@app.command("list")
def list_editions(lang: Lang = Language.en, json: Json = False) -> None:
    """List the editions at hand."""
    from dostastyq.customs.tariff import editions  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.i18n import translator  # noqa: PLC0415

    rows = [
        (one.name, one.valid_from.isoformat(), one.valid_until.isoformat(), str(len(one.lines)), one.title)
        for one in editions()
    ]
    names = ("name", "valid_from", "valid_until", "lines", "title")
    if json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    tr = translator(lang.value)
    headers = [message("edition"), message("from"), message("until"), message("lines"), message("title")]
    terminal().print(make_table([tr.gettext(header) for header in headers], rows, keep=4))


@app.command("search")
def search(
    words: Annotated[str, typer.Argument(metavar="WORDS", help="Beginning of a code, or words of a description.")],
    edition: Edition = "ett-2026-06-18",
    json: Json = False,
) -> None:
    """Find lines of an edition."""
    from dostastyq.customs.tariff import edition as find  # noqa: PLC0415

    lines = list(find(edition).search(words))
    if json:
        print_json([{"code": line.code, "rate": line.text, "description": line.description} for line in lines])
        return
    rows = [(line.code, line.text, line.description) for line in lines[:SHOWN]]
    console = terminal()
    console.print(make_table(("", "", ""), rows, keep=1))
    if len(lines) > SHOWN:
        console.print(f"… {len(lines) - SHOWN}")


@app.command("show")
def show(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Commodity code, ten digits.")],
    on: On = None,
    instrument: Annotated[str, typer.Option(metavar="SLUG", help="Treaty whose members levy it.")] = "eaeu-2014",
    json: Json = False,
) -> None:
    """Show the line of a code on a day."""
    from dostastyq.customs.tariff import check_code, edition_on  # noqa: PLC0415
    from dostastyq.errors import DostastyqError  # noqa: PLC0415

    day, digits = day_of(on), check_code(code)
    edition = edition_on(day, instrument, digits)
    line = None if edition is None else edition.find(check_code(code, edition))
    if edition is None or line is None:
        raise DostastyqError(
            "CU023",
            f"no edition of the tariff of {instrument} at hand speaks of {digits} on {day}",
            "take one in with: dostastyq data import ett FILE --from DAY --until DAY",
        )
    if json:
        print_json({"code": line.code, "rate": line.text, "edition": edition.name, "act": edition.act})
        return
    terminal().print(f"{line.code}  {line.text}  [{edition.name}; {edition.act}]")


@app.command("diff")
def diff(
    first: Annotated[str, typer.Argument(metavar="FIRST", help="Edition.")],
    second: Annotated[str, typer.Argument(metavar="SECOND", help="Edition.")],
    json: Json = False,
) -> None:
    """Compare two editions line by line."""
    from dostastyq.customs.tariff import edition as find  # noqa: PLC0415

    one, other = find(first).lines, find(second).lines
    rows = [
        (code, one[code].text if code in one else "", other[code].text if code in other else "")
        for code in sorted(one.keys() | other.keys())
        if (code in one) != (code in other) or one[code].rate != other[code].rate
    ]
    if json:
        print_json([dict(zip(("code", first, second), row, strict=True)) for row in rows])
        return
    terminal().print(make_table(("", first, second), rows))
