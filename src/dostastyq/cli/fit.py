"""``dostastyq fit``: estimate a gravity equation from a table of flows."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dostastyq.cli.options import Language

if TYPE_CHECKING:
    import polars as pl

    from dostastyq.gravity import Fit
    from dostastyq.gravity.problem import Progress


class TableStyle(StrEnum):
    """Styles of the table that is written."""

    rich = "rich"
    tex = "tex"
    html = "html"
    docx = "docx"


_STYLES = {"rich": "rich", "tex": "latex", "html": "html", "docx": "word"}
_SUFFIXES = {".tex": "tex", ".html": "html", ".htm": "html", ".docx": "docx", ".txt": "rich"}


def fit(  # noqa: PLR0917 -- each parameter is an option of the command
    formula: Annotated[
        str,
        typer.Argument(
            metavar="FORMULA", help='E.g. "trade ~ rta | exporter^year + importer^year + exporter^importer".'
        ),
    ],
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Long CSV or Parquet file, one row a cell.")],
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="SPEC", help='E.g. "exporter^importer", "exporter + importer + year", or none (default: by pair).'
        ),
    ] = None,
    weights: Annotated[str | None, typer.Option(metavar="COLUMN", help="Observation weights.")] = None,
    offset: Annotated[str | None, typer.Option(metavar="COLUMN", help="Known part of the log of trade.")] = None,
    symmetric: Annotated[bool, typer.Option("--symmetric", help="One effect for both directions of a pair.")] = False,
    bias: Annotated[bool, typer.Option("--bias", help="Correct for the bias of many effects.")] = False,
    drop_missing: Annotated[
        bool, typer.Option("--drop-missing", help="Leave out rows without a value, and count them.")
    ] = False,
    table: Annotated[
        TableStyle | None, typer.Option(help="Print or write a table for a paper (default: by the name of --out).")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the table to this file.")] = None,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the coefficients, SVG.")] = None,
    lang: Annotated[Language, typer.Option(help="Language of the table and the picture.")] = Language.en,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Estimate FORMULA on DATA by Poisson pseudo-maximum likelihood with fixed effects."""
    from dostastyq import gravity  # noqa: PLC0415 -- heavy imports wait for the command

    style = _style(table, out)
    _writable(out, set(_SUFFIXES) if table is None else None)
    _writable(plot, {".svg"})
    frame, first_row = _read(data)
    with _progress(quiet=json, language=lang.value) as progress:
        found = gravity.ppml(
            formula,
            frame,
            _vcov(cluster),
            weights=weights,
            offset=offset,
            symmetric_pairs=symmetric,
            bias_correction=bias,
            missing="drop" if drop_missing else "refuse",
            first_row=first_row,
            progress=progress,
        )
    if out is not None:
        gravity.table([found], _STYLES[style], path=out, language=lang.value)  # type: ignore[arg-type]
    if plot is not None:
        from dostastyq.report.coefficients import write_plot  # noqa: PLC0415

        write_plot(found, plot, lang.value)
    if json:
        from json import dumps  # noqa: PLC0415

        typer.echo(dumps(found.to_dict(), ensure_ascii=False, indent=2))
    elif table in (TableStyle.tex, TableStyle.html) and out is None:
        typer.echo(gravity.table([found], _STYLES[style], language=lang.value))  # type: ignore[arg-type]
    else:
        _show(found, lang.value)
        for path in filter(None, (out, plot)):
            typer.echo(f"{path}")


def _read(path: Path) -> "tuple[pl.DataFrame, int]":
    """Read the table, numbers as numbers, and the number of its first row in an editor."""
    from dostastyq.trade import files  # noqa: PLC0415

    frame, _ = files.load(path)
    return frame.with_columns(files.typed(column) for column in frame), files.FIRST_ROW.get(path.suffix.casefold(), 1)


def _style(table: TableStyle | None, out: Path | None) -> str:
    """Style of the table that is written: as asked for, else by the name of the file."""
    from dostastyq.errors import DostastyqError  # noqa: PLC0415

    if table is not None:
        if table is TableStyle.docx and out is None:
            raise DostastyqError("GR031", "a Word table needs a file to be written to", "give --out table.docx")
        return table.value
    return _SUFFIXES.get(out.suffix.casefold(), "rich") if out is not None else "rich"


def _writable(path: Path | None, suffixes: set[str] | None) -> None:
    """Refuse a file of a kind that is not written, or in a folder that is not there, before anything is estimated."""
    from dostastyq.errors import DostastyqError  # noqa: PLC0415

    if path is None:
        return
    if suffixes is not None and path.suffix.casefold() not in suffixes:
        kinds = ", ".join(sorted(suffixes))
        message = f"{path}: found the ending {path.suffix or 'none'}, expected {kinds}"
        raise DostastyqError("GR033", message, "rename it")
    if not path.parent.is_dir():
        raise DostastyqError("GR033", f"{path}: there is no folder {path.parent}", "make it first")


def _vcov(cluster: str | None) -> str | dict[str, str] | None:
    if cluster is None:
        return None
    return "HC1" if cluster.strip().casefold() == "none" else {"CRV1": cluster}


def _show(found: "Fit", language: str) -> None:
    """Print the regression table and its notes."""
    from rich.console import Console  # noqa: PLC0415

    from dostastyq.gravity.tables import rich_summary  # noqa: PLC0415
    from dostastyq.i18n import translator  # noqa: PLC0415

    console, tr = Console(highlight=False), translator(language)
    console.print(rich_summary(found, tr))
    console.print()
    for note in found.notes:
        console.print(tr.text(note), markup=False)


@contextmanager
def _progress(*, quiet: bool, language: str) -> "Iterator[Progress | None]":
    """Show on the error stream what the fit is doing, how far it is, and for how long; on a terminal only."""
    from rich.console import Console  # noqa: PLC0415

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(doing: str, done: int, total: int) -> None:
            bar.update(task, description=_doing(doing, done, language), completed=done, total=total or None)

        yield show


def _doing(what: str, done: int, language: str) -> str:
    """Say what the fit is doing."""
    from dostastyq.i18n import Text, translator  # noqa: PLC0415

    said = {
        "separation": Text("Zero flows for which no finite fit exists: round {n}", n=done),
        "bias": Text("Correction for bias: exporter {n}", n=done),
    }.get(what) or Text("Estimation: step {n}", n=done)
    return translator(language).text(said)
