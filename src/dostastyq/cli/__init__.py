"""The ``dostastyq`` command: one module a command, each importing what it needs when it runs."""

from typing import Annotated

import typer

from dostastyq import __version__
from dostastyq.cli import (
    agenda,
    assess,
    atlas,
    clear,
    conflicts,
    cycle,
    data,
    db,
    decide,
    draft,
    duty,
    export,
    fit,
    forecast,
    gaps,
    ledger,
    matrix,
    opinion,
    organ,
    origin,
    pairs,
    power,
    record,
    session,
    shares,
    sign,
    status,
    tariff,
    task,
    timeline,
    vote,
)

app = typer.Typer(
    name="dostastyq",
    help="What states agreed, what is in force, and what every member gains by it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("assess")(assess.assess)
app.command("atlas")(atlas.atlas)
app.command("clear")(clear.clear)
app.command("fit")(fit.fit)
app.command("status")(status.status)
app.command("matrix")(matrix.matrix)
app.command("pairs")(pairs.pairs)
app.command("timeline")(timeline.timeline)
app.command("forecast")(forecast.forecast)
app.command("gaps")(gaps.gaps)
app.command("conflicts")(conflicts.conflicts)
app.command("power")(power.power)
app.command("vote")(vote.vote)
app.command("export")(export.export)
app.command("record")(record.record)
app.command("retract")(record.retract)
app.command("duty")(duty.duty)
app.command("shares")(shares.shares)
app.add_typer(tariff.app, name="tariff")
app.add_typer(origin.app, name="origin")
app.add_typer(cycle.app, name="cycle")
app.add_typer(organ.app, name="organ")
app.add_typer(draft.app, name="draft")
app.add_typer(opinion.app, name="opinion")
app.add_typer(session.app, name="session")
app.add_typer(agenda.app, name="agenda")
app.add_typer(decide.app, name="decide")
app.add_typer(sign.app, name="sign")
app.add_typer(task.app, name="task")
app.add_typer(data.app, name="data")
app.add_typer(db.app, name="db")
app.add_typer(ledger.app, name="ledger")


def _version(value: bool) -> None:
    if value:
        typer.echo(f"dostastyq {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command; a refusal is printed with its remedy and ends with exit code 2."""
    from dostastyq.errors import DostastyqError  # noqa: PLC0415 -- keeps the import of this module light

    try:
        app()
    except DostastyqError as error:
        typer.echo(f"dostastyq: {error.code}: {error.message}", err=True)
        if error.hint:
            typer.echo(f"  {error.hint}", err=True)
        raise SystemExit(2) from None
