"""``dostastyq data``: the data that ships."""

from pathlib import Path
from typing import Annotated

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


imports = typer.Typer(help="Take a public data set into the user's folder.", no_args_is_help=True)
app.add_typer(imports, name="import")


@imports.command("ett")
def import_ett(  # noqa: PLR0917 -- each parameter is an option of the command
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The tariff, CSV with the columns hs10 and raw.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of the edition.")] = "ett",
    valid_from: Annotated[str, typer.Option("--from", metavar="DAY", help="First day it speaks of.")] = "2026-06-18",
    valid_until: Annotated[str, typer.Option("--until", metavar="DAY", help="The day after its last.")] = "2027-01-01",
    act: Annotated[str, typer.Option(metavar="TEXT", help="Act that sets the rates.")] = (
        "Decision No 80 of the Council of the Eurasian Economic Commission of 14 September 2021, as amended"
    ),
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Take in the common customs tariff of the Eurasian Economic Union; every row becomes a line or is reported."""
    from dostastyq.cli.questions import print_json, terminal  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.customs.imports import import_tariff  # noqa: PLC0415

    taken, head = import_tariff(file, name=name, valid_from=valid_from, valid_until=valid_until, act=act)
    report = head.with_name(f"{name}.refused.csv")
    if json:
        print_json(
            {"edition": str(head), "rows": taken.rows, "codes": taken.codes, "duplicates": taken.duplicates,
             "refused": len(taken.refused), "report": str(report)}
        )  # fmt: skip
        return
    terminal().print(f"{head}: {taken.codes} / {taken.rows}; {report.name}: {len(taken.refused)}")
