"""The ``dostastyq`` command: one module a command, each importing what it needs when it runs."""

from typing import Annotated

import typer

from dostastyq import __version__
from dostastyq.cli import (
    assess,
    clear,
    conflicts,
    cycle,
    data,
    db,
    export,
    fit,
    forecast,
    gaps,
    ledger,
    matrix,
    pairs,
    record,
    status,
    timeline,
)

app = typer.Typer(
    name="dostastyq",
    help="What states agreed, what is in force, and what every member gains by it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("assess")(assess.assess)
app.command("clear")(clear.clear)
app.command("fit")(fit.fit)
app.command("status")(status.status)
app.command("matrix")(matrix.matrix)
app.command("pairs")(pairs.pairs)
app.command("timeline")(timeline.timeline)
app.command("forecast")(forecast.forecast)
app.command("gaps")(gaps.gaps)
app.command("conflicts")(conflicts.conflicts)
app.command("export")(export.export)
app.command("record")(record.record)
app.command("retract")(record.retract)
app.add_typer(cycle.app, name="cycle")
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
