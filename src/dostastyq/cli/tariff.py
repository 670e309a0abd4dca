"""``dostastyq tariff``: editions of the tariff at hand: search them, show a line, compare two."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dostastyq.cli.options import Language
from dostastyq.cli.questions import Json, Lang, On, day_of, make_table, print_json, terminal
from dostastyq.i18n import message

if TYPE_CHECKING:
    from dostastyq.customs import Measure
    from dostastyq.customs.tariff import Line

app = typer.Typer(help="Editions of the tariff at hand.", no_args_is_help=True)

SHOWN = 40
KINDS = {
    "exemption": message("duty kept within free trade"),
    "return_to_mfn": message("return to most-favoured-nation rates"),
    "transitional": message("rate of one state"),
    "seasonal": message("seasonal rate"),
    "quota": message("rate within a quota"),
    "anti_dumping": message("anti-dumping duty"),
}
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
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Find lines of an edition."""
    from dostastyq.customs.tariff import edition as find  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    searched = find(edition)
    lines = list(searched.search(words))
    if json:
        print_json([{"code": line.code, "rate": line.text, "description": line.description} for line in lines])
        return
    tr, console = translator(lang.value), terminal()
    if not lines:
        nothing = message("The edition {edition} has no line for “{words}”.")
        console.print(tr.gettext(nothing, edition=searched.name, words=words))
        if not searched.described:
            console.print(tr.gettext(message("It has no descriptions of goods: search by the beginning of a code.")))
        return
    headers = [message("code"), message("rate"), message("description")][: 3 if searched.described else 2]
    rows = [(line.code, line.text, line.description)[: len(headers)] for line in lines[:SHOWN]]
    console.print(make_table([tr.gettext(header) for header in headers], rows, keep=1))
    if len(lines) > SHOWN:
        console.print(f"… {len(lines) - SHOWN}")


@app.command("show")
def show(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Commodity code, ten digits.")],
    on: On = None,
    instrument: Annotated[str, typer.Option(metavar="SLUG", help="Treaty whose members levy it.")] = "eaeu-2014",
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Show the line of a code on a day, its footnote, and the measures besides."""
    from dostastyq.customs import lawbook  # noqa: PLC0415
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
    measures = [one for one in lawbook("cis").measures if digits.startswith(one.code) and one.in_force(day)]
    if json:
        print_json(
            {"code": line.code, "rate": line.text, "edition": edition.name, "act": edition.act,
             "footnote": line.footnote, "measures": [plain_measure(one) for one in measures]}
        )  # fmt: skip
        return
    _show_line(line, f"{edition.name}; {edition.act}", measures, lang)


def _show_line(line: "Line", source: str, measures: "list[Measure]", lang: Language) -> None:
    from rich.padding import Padding  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from dostastyq.i18n import translator  # noqa: PLC0415

    console, tr = terminal(), translator(lang.value)
    console.print(f"{line.code}  {line.text}  [{source}]")
    if line.footnote:
        console.print(tr.gettext(message("Note of the act: {footnote}"), footnote=line.footnote))
    if not measures:
        return
    console.print(tr.gettext(message("Measures besides")), style="bold")
    for one in measures:
        plain = plain_measure(one)
        parties = " → ".join(" ".join(plain[side]) or "*" for side in ("origins", "importers"))
        rate = plain["rate"] or ("" if one.certain else "?")
        console.print("  " + " · ".join(filter(None, (tr.gettext(KINDS[one.kind]), parties, rate))))
        said = f"{one.act}: {one.citation}" + (f" “{one.footnote}”" if one.footnote else "")
        console.print(Padding(Text(said, style="dim"), (0, 0, 0, 4), expand=False))


def plain_measure(one: "Measure") -> dict[str, Any]:
    """Plain data of a measure."""
    from dostastyq.customs import render_rate  # noqa: PLC0415

    return {
        "kind": one.kind, "code": one.code, "rate": render_rate(one.rate) if one.rate else "",
        "importers": list(one.importers), "origins": list(one.origins), "act": one.act, "citation": one.citation,
        "footnote": one.footnote, "list_was_read": one.certain,
    }  # fmt: skip


@app.command("diff")
def diff(
    first: Annotated[str, typer.Argument(metavar="FIRST", help="Edition.")],
    second: Annotated[str, typer.Argument(metavar="SECOND", help="Edition.")],
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Compare two editions line by line."""
    from dostastyq.customs.tariff import edition as find  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    one, other = find(first).lines, find(second).lines
    rows = [
        (code, one[code].text if code in one else "", other[code].text if code in other else "")
        for code in sorted(one.keys() | other.keys())
        if (code in one) != (code in other) or one[code].rate != other[code].rate
    ]
    if json:
        print_json([dict(zip(("code", first, second), row, strict=True)) for row in rows])
        return
    heading = translator(lang.value).gettext(message("code"))
    terminal().print(make_table((heading, first, second), rows))
