"""``dostastyq forecast``: what an instrument still needs before it enters into force."""

from typing import Annotated

import typer

from dostastyq.cli.options import Language
from dostastyq.cli.questions import (
    AnyState,
    Json,
    KnownAt,
    Lang,
    Slug,
    open_known,
    print_json,
    terminal,
)


def forecast(  # noqa: PLR0917 -- each parameter is an option of the command
    instrument: Slug,
    state: AnyState = None,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DAY", help="From the acts done by this day (default: the newest known)."),
    ] = None,
    known_at: KnownAt = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Say when INSTRUMENT enters into force, or what is still missing."""
    from dostastyq.i18n import message, translator  # noqa: PLC0415 -- heavy imports wait for the command

    register = open_known(known_at, instrument)
    found = register.forecast(instrument, on, None if state is None else state.upper())
    tr = translator(lang.value)
    if json:
        print_json({**found.to_dict(), "text": tr.text(found.text)})
        return
    console = terminal()
    title = tr.fill("{title}", {"title": register.instruments[instrument].title})
    whom = "" if found.state is None else f" · {tr.territory(found.state)}"
    console.print(f"{title} ({instrument}){whom}", style="bold")
    told = message("From the acts done by {day:date}: {said}")
    console.print(tr.gettext(told, day=found.on.isoformat(), said=tr.text(found.text)))
    if not found.complete and not found.in_force:
        doubt = message("The list of consents is not declared complete: an act may have been done and not be recorded.")
        console.print(tr.gettext(doubt), style="dim")
