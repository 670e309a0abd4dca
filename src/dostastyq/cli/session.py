"""``dostastyq session``: sessions and their agendas."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dostastyq.cli.council_options import (
    NOTHING,
    Reason,
    SessionCode,
    Slug,
    When,
    Who,
    acting,
    ask,
    item_how,
    tell,
    tell_draft,
    with_council,
    write_file,
)
from dostastyq.cli.history_session import history
from dostastyq.cli.options import Language, complete_state, words
from dostastyq.cli.organ import complete_organ
from dostastyq.cli.questions import Json, Lang, make_table, print_json, terminal
from dostastyq.i18n import message

if TYPE_CHECKING:
    from dostastyq.council import Session
    from dostastyq.i18n import Translator

app = typer.Typer(
    help="Sessions: convene, open, close, show, list, calendar, history; and items: place, discuss, postpone, refer.",
    no_args_is_help=True,
)

app.command("history")(history)

SAID = message("{code}: {state}, {place}, {edition}")
ITEM = message("{code}: item {number}, {draft}, {how}")


@app.command("convene")
def convene(  # noqa: PLR0917 -- each parameter is an option of the command
    organ: Annotated[str, typer.Argument(metavar="ORGAN", help="Code, e.g. chs.", autocompletion=complete_organ)],
    day: Annotated[str, typer.Argument(metavar="DAY", help="Day of the session, YYYY-MM-DD.")],
    place: Annotated[str, typer.Option("--place", metavar="TEXT", help="Where it meets.")],
    chair: Annotated[
        str,
        typer.Option(metavar="STATE", help="In the chair (default: by the calendar).", autocompletion=complete_state),
    ] = "",
    rules: Annotated[
        str, typer.Option(metavar="EDITION", help="Edition of the Rules (default: that of the day).")
    ] = "",
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Convene a session of ORGAN on DAY."""
    found = with_council(
        lambda house: house.sessions.convene(
            organ, day, place=place, by=acting(who), chair=chair.upper(), rules=rules, on=on
        )
    )
    _tell(found, lang, json)


@app.command("open")
def open_(  # noqa: PLR0917 -- each parameter is an option of the command
    code: SessionCode,
    present: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STATE,…", help="Whose delegations are there (default: not taken).", autocompletion=complete_state
        ),
    ] = None,
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Open a session on its day."""
    there = [state.upper() for state in words(present)] if present else None
    _tell(with_council(lambda house: house.sessions.open(code, by=acting(who), present=there, on=on)), lang, json)


@app.command("close")
def close(code: SessionCode, who: Who = None, on: When = None, lang: Lang = Language.en, json: Json = False) -> None:
    """End a session; every vote opened at it must be closed."""
    _tell(with_council(lambda house: house.sessions.close(code, by=acting(who), on=on)), lang, json)


@app.command("place")
def place_(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    code: SessionCode,
    no_discussion: Annotated[
        bool, typer.Option("--no-discussion", help="An item without discussion, voted on as it is.")
    ] = False,
    narrow: Annotated[bool, typer.Option("--narrow", help="For the narrow format: heads of delegation alone.")] = False,
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Put DRAFT on the agenda of SESSION."""
    found = with_council(
        lambda house: house.sessions.place(
            slug, code, by=acting(who), discussion=not no_discussion, narrow=narrow, on=on
        )
    )
    _tell_item(found, slug, lang, json)


@app.command("discuss")
def discuss(slug: Slug, who: Who = None, on: When = None, lang: Lang = Language.en, json: Json = False) -> None:
    """Ask that an item without discussion be discussed, which any state may."""
    _tell_item(with_council(lambda house: house.sessions.discuss(slug, by=acting(who), on=on)), slug, lang, json)


@app.command("postpone")
def postpone(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug, reason: Reason = "", who: Who = None, on: When = None, lang: Lang = Language.en, json: Json = False
) -> None:
    """Take DRAFT off the agenda for a later session."""
    found = with_council(lambda house: house.sessions.postpone(slug, by=acting(who), reason=reason, on=on))
    tell_draft(found, lang, json)


@app.command("refer")
def refer(  # noqa: PLR0917 -- each parameter is an option of the command
    slug: Slug,
    organ: Annotated[str, typer.Argument(metavar="ORGAN", help="Organ below.", autocompletion=complete_organ)],
    reason: Reason = "",
    who: Who = None,
    on: When = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Refer DRAFT down to an organ below, which then decides."""
    found = with_council(lambda house: house.sessions.refer(slug, organ, by=acting(who), reason=reason, on=on))
    tell_draft(found, lang, json)


@app.command("show")
def show(code: SessionCode, who: Who = None, lang: Lang = Language.en, json: Json = False) -> None:
    """Show a session: place, edition, chair, who is there, and its items."""
    from dostastyq.cli.council_tables import show_session  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.i18n import translator  # noqa: PLC0415

    chamber, law = ask(who, lambda house, seen: (seen, house.law()))
    found = chamber.session(code)
    if json:
        print_json(found.to_dict())
    else:
        show_session(found, law, translator(lang.value))


@app.command("list")
def list_(
    organ: Annotated[
        str | None,
        typer.Option("--organ", metavar="ORGAN", help="Only sessions of this organ.", autocompletion=complete_organ),
    ] = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """List the sessions, by day."""
    from dostastyq.council.session_model import SESSION_STATES  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    chamber = ask(who, lambda _, seen: seen)
    found = sorted(
        (item for item in chamber.sessions.values() if organ in {None, item.organ}),
        key=lambda item: (item.day, item.organ),
    )
    if json:
        print_json([item.to_dict() for item in found])
        return
    tr = translator(lang.value)
    names = (message("session"), message("place"), message("state"), message("items"))
    rows = [[item.code, item.place, tr.gettext(SESSION_STATES[item.state]), str(len(item.items))] for item in found]
    table = make_table([tr.gettext(name) for name in names], rows)
    terminal().print(table if rows else tr.gettext(NOTHING))


@app.command("calendar")
def calendar(
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="File to write (default: standard output).")] = None,
    who: Who = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Write the sessions, deadlines and tasks as a calendar (iCalendar)."""
    from dostastyq.council.calendar import to_ical  # noqa: PLC0415

    chamber, law = ask(who, lambda house, seen: (seen, house.law()))
    if json:
        print_json([item.to_dict() for item in chamber.sessions.values()])
        return
    content = to_ical(chamber, law, lang.value)
    if out is None:
        typer.echo(content.decode(), nl=False)
    else:
        write_file(out, content)


def _tell(found: "Session", lang: Language, json: bool) -> None:
    from dostastyq.council.session_model import SESSION_STATES  # noqa: PLC0415

    def line(tr: "Translator") -> str:
        state = tr.gettext(SESSION_STATES[found.state])
        return tr.gettext(SAID, code=found.code, state=state, place=found.place, edition=found.edition)

    tell(found, line, lang, json)


def _tell_item(session: "Session", slug: str, lang: Language, json: bool) -> None:
    item = session.item(slug)

    def line(tr: "Translator") -> str:
        if item is None:
            return session.code
        how = item_how(tr, discussion=item.discussion, narrow=item.narrow)
        return tr.gettext(ITEM, code=session.code, number=item.number, draft=slug, how=how)

    tell(session, line, lang, json)
