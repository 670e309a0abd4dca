"""``dostastyq agenda``: the agenda of a session, and the papers of the council in print."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from dostastyq.cli.council_options import SessionCode, Slug, Who, ask, write_file
from dostastyq.cli.options import Language
from dostastyq.cli.questions import Json, Lang, print_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from dostastyq.council import Chamber, Council

app = typer.Typer(
    help="Agendas and papers: show; and in print: print, differences, decision, minutes, copy.", no_args_is_help=True
)

Html: TypeAlias = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it as one HTML file.")]
Pdf: TypeAlias = Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help="Write it as PDF.")]


@app.command("show")
def show(code: SessionCode, who: Who = None, lang: Lang = Language.en, json: Json = False) -> None:
    """Show the agenda of SESSION: where each item stands, what states say of it, until when they answer."""
    from dostastyq.cli.council_tables import show_agenda  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.council import records  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    paper = ask(who, lambda house, seen: records.agenda(seen, code, house.law()))
    if json:
        print_json(paper.to_dict())
    else:
        show_agenda(paper, translator(lang.value))


@app.command("print")
def print_(  # noqa: PLR0917 -- each parameter is an option of the command
    code: SessionCode,
    html: Html = None,
    pdf: Pdf = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Print the agenda of SESSION."""
    from dostastyq.council import records  # noqa: PLC0415

    _print(who, lambda house, seen: records.agenda(seen, code, house.law()), html, pdf, lang, json)


@app.command("differences")
def differences(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    html: Html = None,
    pdf: Pdf = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Print the table of differences of DRAFT: each paragraph with what states say of it and the amendments put."""
    from dostastyq.council import records  # noqa: PLC0415

    _print(who, lambda house, seen: records.differences_table(seen, slug, house.law()), html, pdf, lang, json)


@app.command("decision")
def decision(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    html: Html = None,
    pdf: Pdf = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Print the decision on DRAFT: rule, ballots, who is bound, special opinions."""
    from dostastyq.council import records  # noqa: PLC0415

    _print(who, lambda house, seen: records.decision_paper(seen, slug, house.law()), html, pdf, lang, json)


@app.command("minutes")
def minutes(  # noqa: PLR0917 -- each parameter is an option of the command
    code: SessionCode,
    html: Html = None,
    pdf: Pdf = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Print the minutes of SESSION."""
    from dostastyq.council import records  # noqa: PLC0415

    _print(who, lambda house, seen: records.minutes(seen, code, house.law()), html, pdf, lang, json)


@app.command("copy")
def copy(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    text: Annotated[
        Language | None, typer.Option("--text", help="Language of the text (default: that of the paper).")
    ] = None,
    html: Html = None,
    pdf: Pdf = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Print the certified copy of what was signed."""
    from dostastyq.council import records  # noqa: PLC0415

    language = (text or lang).value
    _print(who, lambda house, seen: records.certified_copy(seen, slug, language, house.law()), html, pdf, lang, json)


def _print(  # noqa: PLR0917 -- what every paper needs
    who: str | None,
    make: "Callable[[Council, Chamber], Any]",
    html: Path | None,
    pdf: Path | None,
    lang: Language,
    json: bool,
) -> None:
    """Make a paper and write it; all files are made before the first is written."""
    from dostastyq.errors import DostastyqError  # noqa: PLC0415
    from dostastyq.report import council as printed  # noqa: PLC0415

    if not (json or html or pdf):
        raise DostastyqError("CL007", "nothing says where the paper goes", "name a file: --html FILE or --pdf FILE")
    paper = ask(who, make)
    made = {html: printed.html(paper, lang.value).encode()} if html else {}
    if pdf:
        made[pdf] = printed.pdf(paper, lang.value)
    for path, content in made.items():
        write_file(path, content)
    if json:
        print_json(paper.to_dict())
