"""``dostastyq timeline``: what happened to a state, in order."""

from typing import TYPE_CHECKING, Annotated

import typer

from dostastyq.cli.options import Language, complete_state
from dostastyq.cli.questions import (
    Json,
    KnownAt,
    Lang,
    make_table,
    open_known,
    print_json,
    short_day,
    terminal,
)

if TYPE_CHECKING:
    from datetime import date

    from dostastyq.register.exports.events import Event


WIDE = 110
"""Columns of a terminal that also has room for titles."""


def timeline(  # noqa: PLR0917 -- each parameter is an option of the command
    state: Annotated[
        str, typer.Argument(metavar="STATE", help="State, ISO 3166 alpha-3.", autocompletion=complete_state)
    ],
    start: Annotated[str | None, typer.Option("--from", metavar="DAY", help="First day.")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last day.")] = None,
    known_at: KnownAt = None,
    lang: Lang = Language.en,
    json: Json = False,
) -> None:
    """Show what happened to STATE: signatures, acts, entries into force, exits, standing in the commonwealth."""
    from dostastyq.dates import calendar_day  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.i18n import message, translator  # noqa: PLC0415
    from dostastyq.register.exports.events import of_state  # noqa: PLC0415

    register = open_known(known_at)
    code, tr = register.state(state.upper()).code, translator(lang.value)
    first = None if start is None else calendar_day(start)
    last = None if end is None else calendar_day(end)
    found = [event for event in of_state(register, code) if _within(event, first, last)]
    if json:
        print_json([{**_plain(event), "what": tr.text(event.what)} for event in found])
        return
    console = terminal()
    console.print(tr.territory(code), style="bold")
    headers = [tr.gettext(name) for name in (message("day"), message("instrument"), message("what happened"))]
    rows = [[short_day(event.day), event.instrument, tr.text(event.what)] for event in found]
    if console.width >= WIDE:
        headers.append(tr.gettext(message("title")))
        for row, event in zip(rows, found, strict=True):
            item = register.instruments.get(event.instrument)
            row.append("" if item is None else tr.fill("{title}", {"title": item.title}))
    console.print(make_table(headers, rows, keep=2) if rows else tr.gettext(message("Nothing is recorded.")))


def _within(event: "Event", first: "date | None", last: "date | None") -> bool:
    """Whether an event may have happened between two days, both included."""
    day = event.day
    late = first is not None and day.latest is not None and day.latest < first
    return not late and not (last is not None and day.earliest is not None and day.earliest > last)


def _plain(event: "Event") -> dict[str, object]:
    return {
        "day": str(event.day),
        "kind": event.kind,
        "instrument": event.instrument or None,
        "states": list(event.states),
        "sources": list(event.sources),
        "confidence": event.confidence,
    }
