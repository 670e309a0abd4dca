"""``dostastyq data``: the data that ships."""

import typer

app = typer.Typer(help="The data that ships.", no_args_is_help=True)


@app.command("list")
def list_baselines() -> None:
    """List the shipped baselines."""
    from rich.console import Console  # noqa: PLC0415 -- heavy imports wait for the command
    from rich.table import Table  # noqa: PLC0415

    from dostastyq import trade  # noqa: PLC0415

    table = Table("name", "year", "economies", "title", box=None)
    for row in trade.available().iter_rows():
        table.add_row(*map(str, row))
    Console().print(table)
