"""Trade elasticities by sector: a shipped set by name, a file, a mapping, or one number for all."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from dostastyq.errors import DostastyqError, nearest
from dostastyq.trade.files import FIRST_ROW, ROW, load, require_columns
from dostastyq.trade.model import Baseline

_SUFFIXES = (".csv", ".parquet")


def elasticities_of(
    base: Baseline, which: "str | Path | float | Mapping[str, float]"
) -> tuple[str, npt.NDArray[np.float64]]:
    """Elasticities θ of a baseline's sectors.

    Parameters
    ----------
    base
        The baseline.
    which
        Name of a set of the baseline, path of a CSV or Parquet file with the columns ``sector`` and ``elasticity``,
        a mapping from sector to elasticity, or one number for every sector.

    Returns
    -------
    name
        What to call them.
    values
        One number a sector, above 0.

    Raises
    ------
    DostastyqError
        ``TR019`` when the set is unknown, a sector has none, or a number is not above 0; ``TR002``-``TR004`` when the
        file is not there, lacks a column or holds no numbers.

    Examples
    --------
    >>> from dostastyq.trade import baseline
    >>> name, values = elasticities_of(baseline("eaeu-2019"), "uniform_4")
    >>> name, values.min(), values.max()
    ('uniform_4', np.float64(4.0), np.float64(4.0))
    """
    if isinstance(which, int | float):
        return _checked(f"{which:g}", np.full(len(base.sectors), float(which)), base)
    if isinstance(which, Mapping):
        return _from_mapping("given", which, base)
    if isinstance(which, Path) or Path(which).suffix.casefold() in _SUFFIXES:
        return _from_mapping(Path(which).name, _read(Path(which)), base)
    return _checked(which, base.detail.elasticity_set(which), base)


def _read(path: Path) -> dict[str, float]:
    frame, _ = load(path)
    require_columns(frame, path.name, ("sector", "elasticity"))
    table = frame.with_row_index(ROW, offset=FIRST_ROW.get(path.suffix.casefold(), 1)).with_columns(
        number=pl.col("elasticity").cast(pl.Float64, strict=False)
    )
    for row, sector, found, number in table.select(ROW, "sector", "elasticity", "number").iter_rows():
        if number is None:
            message = f"{path.name}, row {row}, column elasticity ({sector}): found {found}, expected a number above 0"
            raise DostastyqError("TR004", message, "a usual value is 4")
    twice = table.filter(pl.col("sector").is_duplicated())
    if twice.height:
        message = f"{path.name}, row {twice[ROW][1]}: sector {twice['sector'][1]} is given again"
        raise DostastyqError("TR007", message, "keep one row a sector")
    return dict(table.select(pl.col("sector").cast(pl.String), "number").iter_rows())


def _from_mapping(name: str, values: Mapping[str, float], base: Baseline) -> tuple[str, npt.NDArray[np.float64]]:
    missing = [sector for sector in base.sectors if sector not in values]
    if missing:
        message = f"elasticities {name}: none for sector {', '.join(missing[:8])}"
        raise DostastyqError("TR019", message, nearest(missing[0], values) or "give one for every sector")
    return _checked(name, np.array([float(values[sector]) for sector in base.sectors]), base)


def _checked(name: str, values: npt.NDArray[np.float64], base: Baseline) -> tuple[str, npt.NDArray[np.float64]]:
    bad = ~(np.isfinite(values) & (values > 0))
    if bad.any():
        sector = base.sectors[int(np.argmax(bad))]
        message = f"elasticities {name}: sector {sector} has {values[bad][0]:g}; expected a finite number above 0"
        raise DostastyqError("TR019", message, "a usual value is 4")
    return name, values
