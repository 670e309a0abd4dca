"""A user's long table of flows: read, checked row by row, and turned into a `Baseline`.

Every message names the file, the row as an editor numbers it (the header of a CSV file is row 1), the column, what
was found and what was expected. A missing cell is never taken as zero.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Final, TypedDict, Unpack

import numpy as np
import numpy.typing as npt
import polars as pl

from dostastyq.errors import DostastyqError, nearest
from dostastyq.provenance import Provenance, fingerprint
from dostastyq.trade import codes
from dostastyq.trade.check import UNIT, Problem, refuse, unknown_code
from dostastyq.trade.model import Baseline

IN_MILLION: Final = {"USD": 1e-6, "thousand USD": 1e-3, "million USD": 1.0, "billion USD": 1e3}
"""Units that are understood, and what one of them is in million USD."""

REQUIRED: Final = ("exporter", "importer", "trade")
FIRST_ROW: Final = {".csv": 2}
"""Number of the first row of data by the suffix of the file; 1 otherwise."""

ONE_SECTOR: Final = "total"
HIGHEST_TARIFF: Final = 10.0
"""Fractions above this (1,000 %) are taken for per cent and refused."""

HIGHEST_MEAN_TARIFF: Final = 1.0
"""So is a column of fractions, or the tariff of a state, whose mean is above this (100 %)."""


class Options(TypedDict, total=False):
    """What a user may say about a table; see `from_frame`."""

    unit: str | None
    aggregates: Iterable[str]
    year: int | None
    name: str | None
    title: str | None


ROW: Final = "__row"
_KEY: Final = ("sector", "importer", "exporter")


def read(path: Path, **options: Unpack[Options]) -> Baseline:
    """Read a long CSV or Parquet file.

    Parameters
    ----------
    path
        File with the columns exporter, importer, trade and optionally sector, tariff, unit, year, method, source, note.
    **options
        As in `from_frame`.

    Returns
    -------
    Baseline
        Named after the file unless ``name`` says otherwise.
    """
    frame, content = load(path)
    options["name"] = options.get("name") or path.stem
    first_row = FIRST_ROW.get(path.suffix.casefold(), 1)
    return from_frame(frame, file=path.name, first_row=first_row, sha256=fingerprint(content), **options)


def load(path: Path) -> tuple[pl.DataFrame, bytes]:
    """Read a CSV file, every cell as text, or a Parquet file; give its content too.

    Raises
    ------
    DostastyqError
        ``TR002`` when there is no such file or it cannot be read.
    """
    csv = path.suffix.casefold() == ".csv"
    try:
        content = path.read_bytes()
        frame = pl.read_csv(content, infer_schema=False) if csv else pl.read_parquet(content)
    except FileNotFoundError:
        raise DostastyqError("TR002", f"there is no file {path}", "check the path") from None
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = str(error).partition("\n")[0]
        kind = "UTF-8 text with commas" if csv else "a Parquet file"
        raise DostastyqError("TR002", f"{path} cannot be read: {reason}", f"save it as {kind}") from None
    return frame, content


def typed(values: pl.Series) -> pl.Series:
    """Turn texts into numbers where every cell that is not empty is a number; leave them as they are otherwise.

    Examples
    --------
    >>> typed(pl.Series(["1", "", "2.5"])).to_list(), typed(pl.Series(["1", "n/a"])).to_list()
    ([1.0, None, 2.5], ['1', 'n/a'])
    """
    if values.dtype != pl.String:
        return values
    text = values.str.strip_chars()
    empty = (text == "").fill_null(value=True)
    for kind in (pl.Int64, pl.Float64):
        number = text.replace("", None).cast(kind, strict=False)
        if (number.is_null() == empty).all() and not empty.all():
            return number
    return values


def from_frame(
    frame: pl.DataFrame,
    *,
    unit: str | None = None,
    aggregates: Iterable[str] = (),
    year: int | None = None,
    name: str | None = None,
    title: str | None = None,
    file: str = "data frame",
    first_row: int = 1,
    sha256: str | None = None,
) -> Baseline:
    """Turn a long frame of flows into a baseline.

    Parameters
    ----------
    frame
        Columns exporter, importer, trade and optionally sector, tariff, unit, year, method, source, note.
    unit
        Unit of ``trade`` where the frame has no column ``unit``; million USD when neither says.
    aggregates
        Codes of your own beside the ISO ones.
    year
        Year of the flows where the frame has no column ``year``.
    name, title
        Name and title of the result.
    file
        What messages call the input.
    first_row
        Number of the first row of data in messages.
    sha256
        Fingerprint of the input for the provenance.

    Returns
    -------
    Baseline
        Validated; flows in million USD.

    Examples
    --------
    >>> import polars as pl
    >>> long = pl.DataFrame({
    ...     "exporter": ["KAZ", "KAZ", "RUS", "RUS"],
    ...     "importer": ["KAZ", "RUS", "RUS", "KAZ"],
    ...     "trade": [300.0, 10.0, 3000.0, 16.0],
    ... })
    >>> from_frame(long, unit="billion USD", year=2023).output()
    array([ 310000., 3016000.])
    """
    require_columns(frame, file)
    table = frame.with_row_index(ROW, offset=first_row).filter(~pl.all_horizontal(pl.col(frame.columns).is_null()))
    table = table.with_columns(pl.col(column).cast(pl.String).str.strip_chars() for column in REQUIRED[:2])
    own = tuple(aggregates)
    stated, repairs = stated_unit(table, unit, file)
    numbers = [column for column in ("trade", "tariff") if column in table.columns]
    refuse(label_problems(table, own, file) + [p for column in numbers for p in number_problems(table, column, file)])
    table = _sorted(table.with_columns(pl.col(column).cast(pl.Float64) for column in numbers))
    refuse(_duplicates(table, file) or _absent(table, file))
    table = table.with_columns(trade=pl.col("trade") * IN_MILLION[stated])
    return _assemble(
        table,
        aggregates=own,
        year=_year(table, year, file),
        name=name or "frame",
        title=title or name or "frame",
        provenance=_provenance(file, sha256, repairs),
    )


def require_columns(frame: pl.DataFrame, file: str, required: tuple[str, ...] = REQUIRED) -> None:
    """Refuse a table without the columns it needs, or without rows."""
    missing = [column for column in required if column not in frame.columns]
    problems = []
    for column in missing:
        close = nearest(column, [name.casefold() for name in frame.columns])
        found = ", ".join(frame.columns)
        message = f"{file}, row 1: found columns {found}, expected a column {column!r}"
        separator = len(frame.columns) == 1 and any(sign in frame.columns[0] for sign in ";\t")
        hint = "separate columns with commas" if separator else f"rename the column to {column!r}: {close}"
        problems.append(Problem("TR003", message, hint))
    refuse(problems)
    if frame.is_empty():
        raise DostastyqError("TR005", f"{file} has no rows", "give one row for every pair, domestic flows included")


def stated_unit(table: pl.DataFrame, option: str | None, file: str) -> tuple[str, list[str]]:
    """Return the unit of the trade column, and the repair to report where it is converted."""
    if "unit" in table.columns:
        values = table.group_by(pl.col("unit").cast(pl.String).str.strip_chars()).agg(pl.col(ROW).min()).sort(ROW)
        stated = values["unit"].to_list()
        place = f"{file}, row {values[ROW][-1]}, column unit"
        if len(stated) > 1:
            raise DostastyqError("TR010", f"{place}: found {stated[-1]!r} after {stated[0]!r}", "use one unit a file")
        if option is not None and option != stated[0]:
            raise DostastyqError("TR010", f"{place}: found {stated[0]!r}, the option says {option!r}", "drop one")
        found = stated[0]
    else:
        place, found = f"{file}, option unit", option or UNIT
    if found not in IN_MILLION:
        expected = ", ".join(map(repr, IN_MILLION))
        raise DostastyqError(
            "TR010", f"{place}: found {found!r}, expected one of {expected}", "convert the flows first"
        )
    if found == UNIT:
        return found, []
    return found, [f"Trade of {file} converted from {found} to {UNIT} (x {IN_MILLION[found]:g})."]


def label_problems(table: pl.DataFrame, aggregates: tuple[str, ...], file: str) -> list[Problem]:
    """Empty and unknown codes, each once, at its first row."""
    found = []
    for column in REQUIRED[:2]:
        first = table.group_by(column).agg(pl.col(ROW).min()).sort(ROW)
        rows = dict(zip(first[column], first[ROW], strict=True))
        for empty in (None, ""):
            if empty in rows:
                place = f"{file}, row {rows.pop(empty)}, column {column}"
                message = f"{place}: found nothing, expected an ISO 3166-1 alpha-3 code or ROW"
                found.append(Problem("TR005", message, "fill in the code"))
        places = ((code, f"{file}, row {rows[code]}, column {column}") for code in codes.unknown(rows, aggregates))
        found.extend(unknown_code(code, aggregates, place) for code, place in places)
    return found


def number_problems(table: pl.DataFrame, column: str, file: str) -> list[Problem]:
    """Cells of a numeric column that are empty, no numbers, not finite, negative, or tariffs in per cent."""
    number = pl.col(column).cast(pl.Float64, strict=False)
    text = pl.col(column).cast(pl.String).str.strip_chars()
    empty = text.is_null() | text.str.to_lowercase().is_in(["", "nan", "na", "n/a", "null", "none", "."])
    rules = [
        ("TR004", ~empty & number.is_null(), "a number such as 1234.5", "remove spaces and thousands separators"),
        ("TR005", empty, "a number", "a missing cell is never taken as 0: give a value, or 0 if there is no trade"),
        ("TR012", number.is_infinite(), "a finite number", "correct the value"),
        ("TR006", number < 0, "a number of at least 0", "correct the sign"),
    ]
    if column == "tariff":
        high = number.is_finite() & (number > HIGHEST_TARIFF)
        rules.append(("TR011", high, "a fraction such as 0.05", "divide per cent by 100"))
    found = []
    for code, wrong, expected, hint in rules:
        rows = table.filter(wrong.fill_null(value=False)).select(ROW, "exporter", "importer", text.alias("found"))
        for row, exporter, importer, value in rows.iter_rows():
            place = f"{file}, row {row}, column {column} ({exporter} to {importer})"
            found.append(Problem(code, f"{place}: found {value or 'nothing'}, expected {expected}", hint))
    if column == "tariff" and not found:
        foreign = table.filter(pl.col("exporter") != pl.col("importer"))
        found = mean_problems(foreign[column].cast(pl.Float64).to_list(), f"{file}, column tariff")
    return found


def mean_problems(tariffs: Sequence[float], place: str) -> list[Problem]:
    """Find tariffs that are per cent on average, though each of them alone might be a fraction."""
    mean = fmean(tariffs) if tariffs else 0.0
    if mean <= HIGHEST_MEAN_TARIFF:
        return []
    message = f"{place}: the mean is {mean:.3g}, expected fractions such as 0.05"
    return [Problem("TR011", message, "divide per cent by 100")]


def _sorted(table: pl.DataFrame) -> pl.DataFrame:
    """Put the cells in the order of the arrays, with every optional column there."""
    defaults = {"sector": ONE_SECTOR, "method": "reported", "source": "", "note": ""}
    fill = [
        (pl.col(column).cast(pl.String).fill_null(value) if column in table.columns else pl.lit(value)).alias(column)
        for column, value in defaults.items()
    ]
    return table.with_columns(fill).sort(*_KEY, ROW)


def _duplicates(table: pl.DataFrame, file: str) -> list[Problem]:
    twice = table.with_columns(first=pl.col(ROW).min().over(*_KEY)).filter(pl.col(ROW) != pl.col("first")).sort(ROW)
    columns = (ROW, "first", "exporter", "importer", "sector")
    return [
        Problem(
            "TR007",
            f"{file}, row {row}, columns exporter and importer: found {exporter} to {importer} (sector {sector}) "
            f"again after row {first}, expected every pair once",
            "delete one of the two rows, or add them up",
        )
        for row, first, exporter, importer, sector in twice.select(columns).iter_rows()
    ]


def _absent(table: pl.DataFrame, file: str) -> list[Problem]:
    """Pairs of economies that have no row."""
    economies = pl.concat([table["exporter"], table["importer"]]).unique().sort()
    sectors = table["sector"].unique().sort()
    if table.height == len(sectors) * len(economies) ** 2:
        return []
    labels = ((sectors, "sector"), (economies, "importer"), (economies, "exporter"))
    frames = [values.to_frame().rename({values.name: label}) for values, label in labels]
    grid = frames[0].join(frames[1], how="cross").join(frames[2], how="cross")
    gaps = grid.join(table, on=_KEY, how="anti").sort(*_KEY)
    found = []
    for sector, importer, exporter in gaps.iter_rows():
        domestic = importer == exporter
        kind = "the domestic flow" if domestic else "the flow"
        message = f"{file}, no row, column trade: {kind} {exporter} to {importer} (sector {sector}) is missing"
        hint = (
            "add a row for it: gross output - exports"
            if domestic
            else "add a row for it; a missing cell is never taken as 0: write 0 if there is no trade"
        )
        found.append(Problem("TR009" if domestic else "TR005", message, hint))
    return found


def _year(table: pl.DataFrame, option: int | None, file: str) -> int | None:
    if option is not None or "year" not in table.columns:
        return option
    years = table["year"].cast(pl.Int64, strict=False).unique(maintain_order=True).to_list()
    if len(years) == 1 and years[0] is not None:
        return int(years[0])
    raise DostastyqError("TR014", f"{file}, column year: found {years}, expected one year", "keep one year a file")


def _provenance(file: str, sha256: str | None, repairs: list[str]) -> Provenance:
    inputs = ((file, sha256),) if sha256 else ()
    return Provenance(made_by="dostastyq.trade", inputs=inputs, repairs=tuple(repairs))


def _assemble(
    table: pl.DataFrame,
    *,
    aggregates: tuple[str, ...],
    year: int | None,
    name: str,
    title: str,
    provenance: Provenance,
) -> Baseline:
    economies = tuple(table["exporter"].unique().sort())
    sectors = tuple(table["sector"].unique().sort())
    shape = (len(sectors), len(economies), len(economies))

    def array(column: str) -> npt.NDArray[np.float64]:
        return table[column].to_numpy().reshape(shape).astype(np.float64)

    return Baseline(
        name=name,
        title=title,
        year=year,
        economies=economies,
        sectors=sectors,
        flows=array("trade"),
        tariffs=array("tariff") if "tariff" in table.columns else None,
        origins=table.select(*_KEY, "trade", "method", "source", "note"),
        provenance=provenance,
        aggregates=aggregates,
    )
