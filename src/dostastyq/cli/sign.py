"""``dostastyq sign``: from a text that was adopted to law."""

from typing import TYPE_CHECKING, Annotated

import typer

from dostastyq.cli.council_options import (
    Slug,
    StateCheck,
    When,
    Who,
    acting,
    ask,
    pairs,
    tell,
    tell_draft,
    with_council,
)
from dostastyq.cli.options import Language, complete_state
from dostastyq.cli.questions import Json, Lang, print_json
from dostastyq.cli.record import complete_kind
from dostastyq.i18n import message

if TYPE_CHECKING:
    from dostastyq.council import Signature

app = typer.Typer(
    help="Signatures and what makes law: open, give, decline, close, enact, certify, deposit, enter, finish, status.",
    no_args_is_help=True,
)

Statement = Annotated[str, typer.Option("--statement", metavar="TEXT", help="What the state has put on record.")]


@app.command("open")
def open_(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    place: Annotated[
        str, typer.Option("--place", metavar="TEXT", help="Where it is signed (default: the place of the session).")
    ] = "",
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Open the signature round of an adopted DRAFT."""
    found = with_council(lambda house: house.signatures.open(slug, by=acting(who), place=place, on=on))
    said = message("{slug}: open for signature, {place}, {day:date}")
    tell(found, lambda tr: tr.gettext(said, slug=slug, place=found.place, day=found.day), lang, json)


@app.command("give")
def give(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    statement: Statement = "",
    reservation: Annotated[
        list[str] | None,
        typer.Option(metavar="ARTICLE=TEXT", help="Reservation to a provision, e.g. 'Art. 4=TEXT' (repeatable)."),
    ] = None,
    subject_to_procedures: Annotated[
        bool, typer.Option("--subject-to-procedures", help="Subject to the state's internal procedures.")
    ] = False,
    state: StateCheck = None,
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Sign DRAFT for your state; the register knows it at once."""
    found = with_council(
        lambda house: house.signatures.sign(
            slug,
            by=acting(who),
            statement=statement,
            reservations=pairs("--reservation", reservation),
            subject_to_procedures=subject_to_procedures,
            state=None if state is None else state.upper(),
            on=on,
        )
    )
    _tell(slug, found, lang, json)


@app.command("decline")
def decline(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    statement: Statement = "",
    state: StateCheck = None,
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Say for your state that it does not sign DRAFT, and why."""
    code = None if state is None else state.upper()
    found = with_council(
        lambda house: house.signatures.decline(slug, by=acting(who), statement=statement, state=code, on=on)
    )
    _tell(slug, found, lang, json)


@app.command("close")
def close(slug: Slug, who: Who = None, on: When = None, lang: Lang = Language.en, json: Json = False) -> None:
    """End the signature round of DRAFT."""
    found = with_council(lambda house: house.signatures.close(slug, by=acting(who), on=on))
    said = message("{slug}: signed by {states:territories}, {place}, {day:date}")
    tell(
        found,
        lambda tr: tr.gettext(said, slug=slug, states=found.signatories, place=found.place, day=found.day),
        lang,
        json,
    )


@app.command("enact")
def enact(slug: Slug, who: Who = None, on: When = None, lang: Lang = Language.en, json: Json = False) -> None:
    """Enter a decision of an organ into the register; it needs no signature round."""
    tell_draft(with_council(lambda house: house.signatures.enact(slug, by=acting(who), on=on)), lang, json)


@app.command("certify")
def certify(slug: Slug, who: Who = None, on: When = None, lang: Lang = Language.en, json: Json = False) -> None:
    """Issue certified copies: the SHA-256 of the text in each language is sealed."""
    tell_draft(with_council(lambda house: house.signatures.certify(slug, by=acting(who), on=on)), lang, json)


@app.command("deposit")
def deposit(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    state: Annotated[str, typer.Argument(metavar="STATE", help="Whose act it is.", autocompletion=complete_state)],
    act: Annotated[
        str, typer.Argument(metavar="ACT", help="Kind of act, e.g. ratification.", autocompletion=complete_kind)
    ],
    source: Annotated[
        str, typer.Option(metavar="TEXT", help="Where it comes from (default: the note deposited).")
    ] = "",
    effective: Annotated[str | None, typer.Option(metavar="DAY", help="Day of its effect.")] = None,
    provision: Annotated[
        list[str] | None, typer.Option(metavar="ARTICLE", help="Only for this provision (repeatable).")
    ] = None,
    towards: Annotated[
        list[str] | None,
        typer.Option(metavar="STATE", help="Only towards this state (repeatable).", autocompletion=complete_state),
    ] = None,
    text: Annotated[str, typer.Option(metavar="TEXT", help="What was said.")] = "",
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Record an act of STATE about what was signed, and say what is missing now before it is in force."""
    found = with_council(
        lambda house: house.signatures.deposit(
            slug,
            state.upper(),
            act,
            by=acting(who),
            source=source,
            effective=effective,
            provisions=tuple(provision or ()),
            towards=tuple(other.upper() for other in towards or ()),
            text=text,
            on=on,
        )
    )
    tell(found, lambda tr: tr.text(found.text), lang, json)


@app.command("enter")
def enter(slug: Slug, who: Who = None, on: When = None, lang: Lang = Language.en, json: Json = False) -> None:
    """Note that what was signed is in force, which the register alone says."""
    found = with_council(lambda house: house.signatures.enter_into_force(slug, by=acting(who), on=on))
    tell_draft(found, lang, json)


@app.command("finish")
def finish(slug: Slug, who: Who = None, on: When = None, lang: Lang = Language.en, json: Json = False) -> None:
    """Close the file of DRAFT, once every task that follows from it is done."""
    tell_draft(with_council(lambda house: house.signatures.finish(slug, by=acting(who), on=on)), lang, json)


@app.command("status")
def status(
    slug: Slug,
    on: Annotated[str | None, typer.Option("--on", metavar="DAY", help="Day (default: that of the last step).")] = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Show who signed DRAFT and how, the status of every party, and what is missing before it is in force."""
    from dostastyq.cli.council_tables import show_status, status_of  # noqa: PLC0415 -- heavy imports wait
    from dostastyq.i18n import translator  # noqa: PLC0415

    draft, law = ask(who, lambda house, seen: (seen.draft(slug), house.law()))
    found = status_of(draft, law, on)
    if json:
        print_json(found)
    else:
        show_status(draft, law, found, translator(lang.value))


def _tell(slug: str, found: "Signature", lang: Language, json: bool) -> None:
    said = {
        True: message("{slug}: {state:territory} has signed"),
        False: message("{slug}: {state:territory} does not sign"),
    }
    tell(found, lambda tr: tr.gettext(said[found.signed], slug=slug, state=found.state), lang, json)
