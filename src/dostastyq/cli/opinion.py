"""``dostastyq opinion``: what states say of a draft that was circulated to them."""

from enum import StrEnum
from typing import Annotated

import typer

from dostastyq.cli.council_options import (
    Slug,
    StateCheck,
    When,
    Who,
    acting,
    ask,
    remarks,
    tell,
    with_council,
)
from dostastyq.cli.options import Language
from dostastyq.cli.questions import Json, Lang, print_json
from dostastyq.i18n import message

app = typer.Typer(help="Opinions of states on a draft: give, list.", no_args_is_help=True)


class Stance(StrEnum):
    """What a state says."""

    agree = "agree"
    remarks = "remarks"
    object = "object"
    not_interested = "not_interested"


@app.command("give")
def give(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    stance: Annotated[Stance, typer.Argument(metavar="STANCE", help="agree, remarks, object or not_interested.")],
    remark: Annotated[
        list[str] | None,
        typer.Option(metavar="N=TEXT", help="On a paragraph, e.g. 3.1=TEXT, or TEXT on the whole (repeatable)."),
    ] = None,
    state: StateCheck = None,
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Say for your state what it thinks of DRAFT; the later opinion of a state stands."""
    from dostastyq.council.model import STANCES  # noqa: PLC0415 -- heavy imports wait for the command

    found = with_council(
        lambda house: house.drafts.opine(
            slug,
            stance.value,
            by=acting(who),
            remarks=remarks(remark),
            state=None if state is None else state.upper(),
            on=on,
        )
    )
    said = message("{slug}, version {version}: {state:territory} {stance}")
    tell(
        found,
        lambda tr: tr.gettext(
            said, slug=slug, version=found.version, state=found.state, stance=tr.gettext(STANCES[found.stance])
        ),
        lang,
        json,
    )


@app.command("list")
def list_(slug: Slug, who: Who = None, lang: Lang = Language.en, json: Json = False) -> None:
    """Show who says what of the version that was circulated last, as far as it may be seen."""
    from dostastyq.cli.council_tables import show_opinions  # noqa: PLC0415
    from dostastyq.council import records  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    paper = ask(who, lambda house, seen: records.differences_table(seen, slug, house.law()))
    if json:
        print_json(paper.to_dict())
    else:
        show_opinions(paper, translator(lang.value))
