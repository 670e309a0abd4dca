"""Any data frame as a polars frame, its labels as codes, and its rows by name."""

import re
from typing import TYPE_CHECKING, Final

import narwhals as nw
import numpy as np
import polars as pl

from dostastyq.errors import DostastyqError
from dostastyq.gravity.problem import IntArray
from dostastyq.gravity.structure import GENERAL, YEARS, Structure
from dostastyq.trade.frames import to_polars

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

ROW: Final = "__row"
"""Column that holds the number of the row in the user's data, from 1."""

_WIDE = 64
_ALIKE = 1.1


def read(data: "IntoDataFrame", mentioned: str) -> pl.DataFrame:
    """Any data frame as a polars frame; of a wide one only the columns whose names occur in the text `mentioned`.

    Raises
    ------
    DostastyqError
        ``GR001`` when it is no data frame, has no rows, or two columns of one name.
    """
    try:
        opened = nw.from_native(data, eager_only=True)
    except TypeError:
        kind = type(data).__name__
        remedy = "give a polars, pandas or pyarrow table; collect a lazy one first"
        raise DostastyqError("GR001", f"data is a {kind}, expected a data frame", remedy) from None
    except nw.exceptions.DuplicateError as error:
        twice = ", ".join(re.findall(r"'(.+)' \d+ times", str(error)))
        raise DostastyqError(
            "GR001", f"the data have several columns named {twice}", "give each its own name"
        ) from None
    if ROW in opened.columns:
        raise DostastyqError("GR001", f"the data have a column {ROW!r}, a name that is taken", "rename it")
    if len(opened.columns) > _WIDE:
        words = set(re.findall(r"[\w.]+", mentioned)) | set(re.findall(r"`([^`]+)`", mentioned))
        opened = opened.select([name for name in opened.columns if name in words or name.casefold() in YEARS])
    frame = to_polars(opened.to_native())
    if frame.is_empty():
        raise DostastyqError("GR001", "the data have no rows", "give one row a cell: exporter, importer, year, flow")
    return frame


def labels(structure: Structure, data: pl.DataFrame) -> tuple[pl.DataFrame, ...]:
    """List exporters, importers and years of a panel, sorted, one row each; nothing when there is no structure.

    Both sides have the same list where they are nearly the same countries, and always where pairs are symmetric.
    """
    if structure.kind == "general":
        return ()
    sides = [data.select(side).unique().sort(*side) for side in (structure.exporter, structure.importer)]
    if len(structure.exporter) == len(structure.importer) == 1:
        shared = pl.concat([side.to_series().rename("label") for side in sides]).unique().sort()
        few = len(shared) <= _ALIKE * max(side.height for side in sides)
        if few or structure.kind == "three_way_symmetric":
            sides = [shared.rename(side.columns[0]).to_frame() for side in sides]
    year = data.select(structure.year).unique().sort(*structure.year) if structure.year else pl.DataFrame({"year": [0]})
    return (*sides, year)


def encode(data: pl.DataFrame, labels: pl.DataFrame) -> IntArray:
    """Row of `labels` that each row of `data` carries, shape (n,).

    Examples
    --------
    >>> encode(pl.DataFrame({"e": ["B", "A", "B"]}), pl.DataFrame({"e": ["A", "B"]})).tolist()
    [1, 0, 1]
    """
    names = labels.columns
    if len(names) > 1:
        found = data.select(names).join(labels.with_row_index("__code"), on=names, how="left", maintain_order="left")
        return np.asarray(found["__code"].to_numpy(), dtype=np.int64)
    values, known = data[names[0]], labels[names[0]]
    if values.dtype == pl.String:
        return np.asarray(values.cast(pl.Enum(known)).to_physical().to_numpy(), dtype=np.int64)
    return np.asarray(known.search_sorted(values).to_numpy(), dtype=np.int64)


def where(row: pl.DataFrame, structure: Structure = GENERAL) -> str:
    """Say which row of the data this is, and which cell.

    Examples
    --------
    >>> where(pl.DataFrame({"__row": [17], "exporter": ["KAZ"], "importer": ["RUS"], "year": [1999]}))
    'row 17 (KAZ to RUS, 1999)'
    """
    sides = (structure.exporter or ("exporter",), structure.importer or ("importer",), structure.year or ("year",))
    values = row.row(0, named=True)
    exporter, importer, year = ([str(values[name]) for name in side if name in values] for side in sides)
    if not exporter or not importer:
        return f"row {values[ROW]}"
    return f"row {values[ROW]} ({' '.join(exporter)} to {', '.join([' '.join(importer), *year])})"
