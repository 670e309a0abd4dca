"""The research data as arrays: a missing cell is NaN and stays so."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

Array = npt.NDArray[np.float64]

BACI: Final = "baci/trade_2023.parquet"
ICIO: Final = "icio/panel_2012_2022.parquet"
GDP: Final = "wdi/gdp_latest.csv"
GEODIST: Final = "geodist/dist.parquet"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the baseline is made from, importer by exporter, million USD.

    Parameters
    ----------
    economies
        All economies of BACI, sorted.
    trade
        Goods trade; NaN where nobody reported, and on the diagonal.
    icio
        Goods trade of ICIO; NaN where either side is not in it.
    icio_output
        Total output by ICIO; NaN where the economy is not in it.
    gdp
        GDP of every economy.
    fingerprints
        Name and SHA-256 of every file read.
    """

    economies: tuple[str, ...]
    trade: Array
    icio: Array
    icio_output: Array
    gdp: Array
    fingerprints: tuple[tuple[str, str], ...]


def matrix(frame: pl.DataFrame, value: str, economies: tuple[str, ...]) -> Array:
    """Return importer by exporter from a long frame; a cell that is absent or null is NaN."""
    position = {code: place for place, code in enumerate(economies)}
    inside = frame.filter(pl.col("exporter").is_in(economies), pl.col("importer").is_in(economies))
    cells = np.full((len(economies), len(economies)), np.nan)
    rows = inside["importer"].replace_strict(position, return_dtype=pl.Int64).to_numpy()
    columns = inside["exporter"].replace_strict(position, return_dtype=pl.Int64).to_numpy()
    cells[rows, columns] = inside[value].cast(pl.Float64).to_numpy()
    return cells


def load(folder: Path, icio_year: int) -> Inputs:
    """Read BACI, ICIO of one year and GDP from the data folder."""
    baci = pl.read_parquet(folder / BACI)
    economies = tuple(pl.concat([baci["exporter"], baci["importer"]]).unique().sort())
    icio = pl.read_parquet(folder / ICIO).filter(pl.col("year") == icio_year)
    output = dict(icio.group_by("exporter").agg(pl.col("trade_total").sum()).iter_rows())
    gdp = dict(pl.read_csv(folder / GDP).select("iso3", "gdp_usd").iter_rows())
    trade = matrix(baci, "trade_kusd", economies) / 1e3
    np.fill_diagonal(trade, np.nan)
    return Inputs(
        economies=economies,
        trade=trade,
        icio=matrix(icio, "trade_goods", economies),
        icio_output=np.array([output.get(code, np.nan) for code in economies]),
        gdp=np.array([gdp[code] for code in economies]) / 1e6,
        fingerprints=tuple(
            (name, sha256((folder / name).read_bytes()).hexdigest()) for name in (BACI, ICIO, GDP, GEODIST)
        ),
    )
