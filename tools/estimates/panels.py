"""The two panels, with the dummies of CIS agreements taken from the register and from nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

CIS = ("ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ", "MDA", "RUS", "TJK", "TKM", "UKR", "UZB")
ACCEDED = ("ARM", "KGZ")
INSTRUMENTS = {
    "treaty": "fta-2011",
    "customs_union": "cu-territory-2007",
    "union": "eaeu-2014",
    "earlier_union": "cu-1995",
}
ICIO_YEARS = tuple(range(2012, 2023))
DTA_YEARS = tuple(range(1996, 2017, 4))
CLASSES = Path(__file__).with_name("agreement_classes.csv")
KEYS = ["exporter", "importer", "year"]


class Law(Protocol):
    """What is asked of a register."""

    def panel(self, years: Sequence[int], *, by: str) -> pl.DataFrame:
        """Share of each year in force, one row an exporter, importer and year, one column an instrument."""


@dataclass(frozen=True)
class Panel:
    """A panel ready for estimation.

    Parameters
    ----------
    name
        ``"icio"`` or ``"wb-dta"``.
    frame
        One row a recorded cell: keys, flows and every regressor used by any specification.
    flows
        Columns that hold a flow.
    window
        First and last year, and the step.
    """

    name: str
    frame: pl.DataFrame
    flows: tuple[str, ...]
    window: str


def law(register: Law, years: Sequence[int]) -> pl.DataFrame:
    """Return share of each year in which the CIS agreements are in force between two states, by the register.

    A share that the register does not know is null.
    """
    shares = register.panel(list(years), by="instrument").with_columns(pl.col("year").cast(pl.Int64))
    return shares.select(*KEYS, *[pl.col(name).fill_nan(None).alias(column) for column, name in INSTRUMENTS.items()])


def design(frame: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
    """Join the dummies of CIS agreements to a panel.

    Cells whose share the register does not know are dropped (that of the earlier union, a control of one
    specification, stays null). Adds ``rus_ukr`` (from 2014), ``cis`` (both states among the twelve) and the union by
    who joined when: ``founders``, ``acceded_arm``, ``acceded_kgz``.
    """
    intra = pl.col("exporter").is_in(CIS) & pl.col("importer").is_in(CIS) & (pl.col("exporter") != pl.col("importer"))
    joined = frame.join(shares, on=KEYS, how="left").with_columns(
        [pl.when(intra).then(pl.col(name)).otherwise(0.0).alias(name) for name in INSTRUMENTS]
    )
    joined = joined.drop_nulls(["treaty", "customs_union", "union"])
    pair = pl.concat_str(pl.min_horizontal("exporter", "importer"), pl.max_horizontal("exporter", "importer"))
    arm, kgz = ((pl.col("exporter") == s) | (pl.col("importer") == s) for s in ACCEDED)
    joined = joined.with_columns(
        ((pair == "RUSUKR") & (pl.col("year") >= 2014)).cast(pl.Float64).alias("rus_ukr"),
        intra.cast(pl.Float64).alias("cis"),
        pl.when(arm | kgz).then(0.0).otherwise(pl.col("union")).alias("founders"),
        pl.when(arm).then(pl.col("union")).otherwise(0.0).alias("acceded_arm"),
        pl.when(kgz & ~arm).then(pl.col("union")).otherwise(0.0).alias("acceded_kgz"),
    )
    return joined.sort(KEYS)


def with_leads(
    frame: pl.DataFrame, treaty_year: int | None, founders_year: int, acceded_year: int | None
) -> pl.DataFrame:
    """Add dummies for treated pairs in the last panel year before the regime that a coefficient measures."""
    ever = [pl.col(name).max().over("exporter", "importer") > 0 for name in ("treaty", "founders", "union")]
    year = pl.col("year")
    founders = ever[1] & (year == founders_year)
    acceded = ever[2] & ~ever[1] & (year == (acceded_year or -1))
    return frame.with_columns(
        (ever[0] & (year == (treaty_year or -1))).cast(pl.Float64).alias("lead_treaty"),
        (founders | acceded).cast(pl.Float64).alias("lead_union"),
    )


def year_dummies(frame: pl.DataFrame, group: str, prefix: str, years: Sequence[int]) -> tuple[pl.DataFrame, list[str]]:
    """Add ``prefix_year`` for the cells of `group`, the first year being the base."""
    columns = {f"{prefix}_{year}": pl.col(group) * (pl.col("year") == year) for year in years[1:]}
    return frame.with_columns([column.alias(name) for name, column in columns.items()]), list(columns)


def icio(folder: Path, register: Law) -> Panel:
    """Read ICIO 2012–2022 with domestic flows, goods and total, million USD."""
    frame = pl.read_parquet(folder / "icio" / "panel_2012_2022.parquet").select(*KEYS, "trade_goods", "trade_total")
    frame = design(frame, law(register, ICIO_YEARS))
    frame = with_leads(frame, None, 2014, None).with_columns(
        (pl.col("exporter") != pl.col("importer")).cast(pl.Float64).alias("border")
    )
    frame, _ = year_dummies(frame, "border", "border", ICIO_YEARS)
    frame, _ = year_dummies(frame, "cis", "cis", ICIO_YEARS)
    return Panel("icio", frame, ("trade_goods", "trade_total"), "2012-2022, every year")


def wb_dta(folder: Path, register: Law) -> Panel:
    """Read wb-dta 1996–2016, recorded rows only; exporters seen in fewer than two years are left out."""
    frame = recorded(folder, DTA_YEARS)
    frame = design(frame, law(register, DTA_YEARS))
    frame = with_leads(classify(frame), 2008, 2008, 2012)
    frame, _ = year_dummies(frame, "cis", "cis", DTA_YEARS)
    return Panel("wb-dta", frame, ("trade_usd",), "1996-2016, every 4th year")


def wb_dta_without_cis(folder: Path) -> Panel:
    """Read wb-dta 1964–2016 without the CIS states: what the world's agreements look like over its whole length."""
    frame = classify(recorded(folder, range(1964, 2017, 4)))
    frame = frame.filter(~pl.col("exporter").is_in(CIS) & ~pl.col("importer").is_in(CIS))
    return Panel("wb-dta", frame, ("trade_usd",), "1964-2016, every 4th year")


def recorded(folder: Path, years: Sequence[int]) -> pl.DataFrame:
    """Read the recorded rows of wb-dta, million USD, of exporters seen in at least two of the years."""
    name = pl.col("agreement").str.replace_all("\x96", "-", literal=True)
    frame = pl.read_parquet(folder / "wb-dta" / "trade.parquet").filter(pl.col("year").is_in(years))
    frame = frame.select(*KEYS, pl.col("trade_usd") / 1e6, name).sort(KEYS)
    return frame.filter(pl.col("year").n_unique().over("exporter") > 1)


def classify(frame: pl.DataFrame) -> pl.DataFrame:
    """Add dummies for the agreements that pairs outside the CIS have by name, and for those with one CIS state."""
    table = pl.read_csv(CLASSES).select(pl.col("name").alias("agreement"), "class")
    frame = frame.join(table, on="agreement", how="left").sort(KEYS)
    named = pl.col("agreement") != ""
    states = pl.col("exporter").is_in(CIS).cast(pl.Int8) + pl.col("importer").is_in(CIS).cast(pl.Int8)
    kind = pl.when(named & (states == 0)).then(pl.col("class").fill_null("free_trade"))
    dummies = [
        (kind == name).fill_null(value=False).cast(pl.Float64).alias(f"world_{name}")
        for name in ("free_trade", "union", "partial")
    ]
    one_state = (named & (states == 1)).cast(pl.Float64).alias("world_one_cis_state")
    world = pl.when(named & (states == 0)).then(pl.col("agreement")).otherwise(pl.lit("")).alias("world_agreement")
    return frame.with_columns(*dummies, one_state, world).drop("agreement", "class")


def treated_pairs(frame: pl.DataFrame, flow: str, column: str) -> int:
    """Count undirected pairs with trade in which `column` varies over the recorded years."""
    first, second = pl.min_horizontal("exporter", "importer"), pl.max_horizontal("exporter", "importer")
    varying = (
        frame.filter(pl.col("exporter") != pl.col("importer"))
        .group_by("exporter", "importer")
        .agg((pl.col(column).n_unique() > 1).alias("varies"), pl.col(flow).sum().alias("trade"))
        .filter(pl.col("varies") & (pl.col("trade") > 0))
    )
    return varying.select(pl.struct(first.alias("a"), second.alias("b")).n_unique()).item()
