"""``dostastyq export``: the register in the formats of others."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from dostastyq.cli.options import Language
from dostastyq.cli.questions import KnownAt, SlugOption, open_known

STANDARD_OUTPUT = "-"


def complete_format(incomplete: str) -> list[str]:
    """Complete the name of a format."""
    from dostastyq.register.exports import FORMATS  # noqa: PLC0415 -- only when the shell asks

    return [name for name in FORMATS if name.startswith(incomplete)]


def export(  # noqa: PLR0917 -- each parameter is an option of the command
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME",
            help="csv, parquet, jsonld, akn (one instrument), sdmx-csv or ical.",
            autocompletion=complete_format,
        ),
    ],
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DAY", help="Statuses on this day (default: none, acts or shares of years)."),
    ] = None,
    known_at: KnownAt = None,
    instrument: SlugOption = None,
    out: Annotated[str, typer.Option(metavar="FILE", help="File to write; - is standard output.")] = STANDARD_OUTPUT,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the sentences of a calendar.")] = Language.en,
) -> None:
    """Write the register as a table, linked data, law markup, statistics or a calendar.

    A file is written whole or not at all.
    """
    from dostastyq.errors import DostastyqError  # noqa: PLC0415 -- heavy imports wait for the command
    from dostastyq.register import exports  # noqa: PLC0415

    register = open_known(known_at, instrument)
    content = exports.export(register, form, on=on, instrument=instrument, language=lang.value)
    if out != STANDARD_OUTPUT:
        typer.echo(str(exports.write_whole(Path(out), content)), err=True)
    elif exports.FORMATS[form].is_text:
        sys.stdout.buffer.write(content)
    else:
        raise DostastyqError("RG053", f"{form} is not text", "name a file: --out FILE")
