"""Any data frame in, a polars frame out."""

from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    import narwhals as nw
    from narwhals.typing import IntoDataFrame


def to_polars(native: "IntoDataFrame") -> pl.DataFrame:
    """Convert any data frame; column by column where the direct way needs a library that is not there.

    Raises
    ------
    TypeError
        When it is no data frame, or one that has not been computed yet.
    """
    if isinstance(native, pl.DataFrame):
        return native
    import narwhals as nw  # noqa: PLC0415 -- only needed for other frames

    frame = nw.from_native(native, eager_only=True)
    try:
        return frame.to_polars()
    except ImportError:
        return pl.DataFrame([_series(name, frame[name]) for name in frame.columns])


def _series(name: str, values: "nw.Series[Any]") -> pl.Series:
    empty = values.is_null()
    if values.dtype.is_numeric() and not empty.any():
        return pl.Series(name, values.to_numpy())
    # a text that pandas lacks comes out as the number NaN, which would become the text "NaN"
    filled = [None if gap else value for value, gap in zip(values.to_list(), empty.to_list(), strict=True)]
    return pl.Series(name, filled, strict=False)
