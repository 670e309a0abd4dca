"""``dostastyq assess``: what an agreement, or a change of its membership, does to every member."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dostastyq.cli.options import Language, complete_instrument, complete_state, open_register, words
from dostastyq.cli.progress import progress_bar


class Model(StrEnum):
    """What is solved."""

    one_sector = "one-sector"
    sectors = "sectors"


def assess(  # noqa: PLR0917 -- each parameter is an option of the command
    agreement: Annotated[
        str,
        typer.Argument(
            metavar="AGREEMENT", help="Slug of the agreement, e.g. eaeu-2014.", autocompletion=complete_instrument
        ),
    ],
    leave: Annotated[
        list[str] | None,
        typer.Option(metavar="STATE", help="A member leaves (repeatable, or A,B).", autocompletion=complete_state),
    ] = None,
    join: Annotated[
        list[str] | None,
        typer.Option(metavar="STATE", help="A state joins (repeatable, or A,B).", autocompletion=complete_state),
    ] = None,
    on: Annotated[
        str | None, typer.Option(metavar="DAY", help="Day whose law is read (default: the baseline's day).")
    ] = None,
    elasticity: Annotated[
        float | None,
        typer.Option(help="Trade elasticity, with sectors the same in all (default: 4).", show_default=False),
    ] = None,
    otherwise: Annotated[
        str | None,
        typer.Option(
            metavar="LAW",
            help="Law that stands in for the agreement: register, none, or a slug (default: register and none).",
        ),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            help="Shipped baseline, or a long CSV or Parquet file (default: cis-2023, with sectors eaeu-2019).",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        Model, typer.Option(help="one-sector, or sectors: tariffs, their revenue, and every sector told apart.")
    ] = Model.one_sector,
    elasticities: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="With sectors: a set of the baseline, or a CSV file sector, elasticity (default: uniform_4).",
        ),
    ] = None,
    inputs: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="With sectors: input-output coefficients, borrowed-1993 (default: none)."),
    ] = None,
    national_tariffs: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="With sectors: CSV file importer, tariff and perhaps sector, for states that leave a union.",
        ),
    ] = None,
    lang: Annotated[Language, typer.Option(help="Language of the table and the report.")] = Language.en,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report to this file.")] = None,
    outlines: Annotated[
        str | None,
        typer.Option(
            help="Map of the report: natural-earth, or the path of a GeoJSON file (default: tiles without borders)."
        ),
    ] = None,
) -> None:
    """Say what AGREEMENT, real and in force, does to every economy: welfare, real wage, trade, and how sure it is.

    Positive means better off with it. With --leave or --join the figures are the effect of that change.
    """
    from dostastyq import assess as job  # noqa: PLC0415 -- heavy imports wait for the command

    if outlines is not None and html is None:
        raise typer.BadParameter("--outlines is about the report: name its file with --html", param_hint="--outlines")
    with progress_bar(quiet=json) as progress:
        result = job.assess(
            agreement,
            baseline,
            model=model.value,
            on=on,
            leave=[state.upper() for state in words(leave)],
            join=[state.upper() for state in words(join)],
            elasticity=elasticity,
            elasticities=elasticities,
            inputs=inputs,
            national_tariffs=national_tariffs,
            otherwise=otherwise,
            register=open_register(),
            progress=progress,
        )
    if html is not None:
        from dostastyq import report  # noqa: PLC0415

        report.write(result, html, lang.value, True if outlines == "natural-earth" else outlines)
    if json:
        from json import dumps  # noqa: PLC0415

        typer.echo(dumps(result.to_dict(), ensure_ascii=False, indent=2))
        return
    from dostastyq.cli.assess_table import show  # noqa: PLC0415

    show(result, lang.value)
    if html is not None:
        typer.echo(f"{html}")
