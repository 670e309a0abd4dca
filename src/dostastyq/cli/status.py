"""``dostastyq status``: who is bound by what on a day, and the recorded facts it rests on."""

from datetime import date
from typing import Annotated

import typer

from dostastyq.cli.options import complete_instrument, complete_state


def status(
    instrument: Annotated[
        str, typer.Argument(help="Slug of the instrument, e.g. fta-2011.", autocompletion=complete_instrument)
    ],
    state: Annotated[
        str, typer.Option("--state", metavar="STATE", help="State, ISO 3166 alpha-3.", autocompletion=complete_state)
    ],
    on: Annotated[str | None, typer.Option("--on", metavar="DAY", help="Day, YYYY-MM-DD [today].")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say whether STATE is bound by INSTRUMENT on a day, and why."""
    from dostastyq import register  # noqa: PLC0415 -- heavy imports wait for the command

    day = on or date.today().isoformat()  # noqa: DTZ011 -- the user's own calendar day
    found = register.load("cis").status(instrument, state.upper(), day)
    if json:
        from json import dumps  # noqa: PLC0415

        typer.echo(dumps(found.to_dict(), ensure_ascii=False, indent=2))
    else:
        typer.echo(str(found))
