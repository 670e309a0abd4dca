"""A baseline by sectors: flows of the Inter-Country Input-Output tables, and tariffs as means over regions.

The bilateral table of tariffs stays out of the product. What is written is a mean over the importers of one region,
the exporters of another and the goods of one sector; a mean over fewer cells than the rule asks for stops the build.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from dostastyq import register

Array = npt.NDArray[np.float64]

CELLS: Final = "icio/sectors_2012_2022.parquet"
ELASTICITIES: Final = "icio/elasticities.csv"
REST: Final = "ROW"
EXTERNAL: Final = "external"
"""What the tariff file calls the exporters of an external tariff."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Flows and tariffs of one year over every economy of the tables, sector by importer by exporter.

    Parameters
    ----------
    economies, sectors
        Labels.
    trade
        Million USD at basic prices, domestic flows included.
    tariff
        Applied tariffs as fractions; 0 where the source has none, `REST` included.
    fingerprints
        Name and SHA-256 of every file read.
    """

    economies: tuple[str, ...]
    sectors: tuple[str, ...]
    trade: Array
    tariff: Array
    fingerprints: tuple[tuple[str, str], ...]


def load(folder: Path, facts: Mapping[str, Any]) -> Cells:
    """Read one year; every sector and every pair must be there."""
    frame = pl.read_parquet(folder / CELLS).filter(pl.col("year") == facts["year"])
    frame = frame.with_columns(pl.col("exporter", "importer", "sector").cast(pl.String))
    economies = tuple(frame["exporter"].unique().sort())
    sectors = tuple(facts["sectors"])
    if set(sectors) != set(frame["sector"].unique()):
        raise ValueError("the sectors of the facts are not those of the data")
    order = {sector: place for place, sector in enumerate(sectors)}
    frame = frame.with_columns(place=pl.col("sector").replace_strict(order, return_dtype=pl.Int64))
    frame = frame.sort("place", "importer", "exporter")
    shape = (len(sectors), len(economies), len(economies))
    if frame.height != np.prod(shape):
        raise ValueError(f"{frame.height} cells, expected {np.prod(shape)}")
    trade, tariff = (frame[name].cast(pl.Float64).to_numpy().reshape(shape) for name in ("trade", "tariff"))
    files = ((name, sha256((folder / name).read_bytes()).hexdigest()) for name in (CELLS, ELASTICITIES))
    return Cells(economies, sectors, trade, tariff, tuple(files))


def named_economies(cells: Cells, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """List the states, their largest partners in goods, sorted, and the rest of the world."""
    states = facts["states"]
    place = [cells.economies.index(state) for state in states]
    goods = cells.trade[[sector != facts["services"] for sector in cells.sectors]].sum(axis=0)
    both_ways = goods[place].sum(axis=0) + goods[:, place].sum(axis=1)
    ranked = sorted(zip(both_ways, cells.economies, strict=True), reverse=True)
    others = [code for _, code in ranked if code not in {*states, REST}]
    return (*states, *sorted(others[: facts["partners"]]), REST)


def flows(cells: Cells, named: Sequence[str]) -> Array:
    """Sum flows over the economies that are not named: they join the rest of the world."""
    member = np.zeros((len(named), len(cells.economies)))
    for column, code in enumerate(cells.economies):
        member[named.index(code) if code in named else named.index(REST), column] = 1.0
    return np.asarray(np.einsum("ni,jik,mk->jnm", member, cells.trade, member, optimize=True))


def regions(cells: Cells, facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """List the regions with their economies; those in none are the rest."""
    listed: dict[str, list[str]] = dict(facts["regions"])
    inside = {code for codes in listed.values() for code in codes}
    return listed | {facts["rest_region"]: [code for code in cells.economies if code not in inside and code != REST]}


def mean(cells: Cells, sector: int, importers: Sequence[str], exporters: Sequence[str]) -> tuple[float, int]:
    """Mean tariff of a region on another, weighted by trade, and the number of cells behind it."""
    rows, columns = ([cells.economies.index(code) for code in codes] for codes in (importers, exporters))
    grid = np.ix_([sector], rows, columns)
    foreign = np.not_equal.outer(rows, columns)
    tariff, weight = cells.tariff[grid][0][foreign], cells.trade[grid][0][foreign]
    if not weight.sum() > 0:
        weight = np.ones_like(weight)
    return float(np.average(tariff, weights=weight)), int(foreign.sum())


def tariff_means(cells: Cells, facts: Mapping[str, Any]) -> pl.DataFrame:
    """Publish a figure a region of importers, region of exporters and sector; services have none."""
    where, external = regions(cells, facts), facts["external"]
    rows = []
    for number, sector in enumerate(cells.sectors):
        if sector == facts["services"]:
            continue
        for importer, importers in where.items():
            groups = {} if importer in external and external[importer]["union"] else dict(where)
            if importer in external:
                groups |= {EXTERNAL: external[importer]["exporters"]}
            for exporter, exporters in groups.items():
                if importer == exporter and len(importers) == 1:
                    continue
                value, count = mean(cells, number, importers, exporters)
                if count < facts["smallest_mean"]:
                    raise ValueError(f"{importer} on {exporter}: a mean over {count} cells would show single cells")
                rows.append((sector, importer, exporter, round(value, 4), count))
    return pl.DataFrame(
        rows, schema=["sector", "importer_region", "exporter_region", "tariff", "cells"], orient="row"
    ).sort("importer_region", "exporter_region", maintain_order=True)


def preferences(facts: Mapping[str, Any]) -> list[dict[str, str]]:
    """List the pairs of states between which the register has a preference on the day, with its kind."""
    law = register.load(facts["commonwealth"])
    kinds = ("economic_union", "customs_union", "free_trade_area")
    rows = law.pairs(date.fromisoformat(facts["day"])).filter(
        pl.col("exporter").is_in(facts["states"]), pl.col("importer").is_in(facts["states"])
    )
    found = []
    for row in rows.sort("importer", "exporter").iter_rows(named=True):
        kind = next((kind for kind in kinds if row[kind]), None)
        if kind is not None:
            found.append({"importer": row["importer"], "exporter": row["exporter"], "kind": kind})
    return found


def elasticities(folder: Path, cells: Cells, facts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """List the sets of trade elasticities by name, in the order of the sectors."""
    frame = pl.read_csv(folder / ELASTICITIES)
    sets = {}
    for name, citation in facts["elasticities"]["sets"].items():
        values = dict(frame.filter(pl.col("source") == name).select("sector", "epsilon").iter_rows())
        sets[name] = {"citation": citation, "values": [values[sector] for sector in cells.sectors]}
    if len(sets) != frame["source"].n_unique():
        raise ValueError("a set of elasticities has no citation")
    return sets


def check_external(cells: Cells, table: pl.DataFrame, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Compare the wrong cell, China to Russia, with what the external tariff gives for the same goods."""
    rule = facts["checks"]["chn_rus"]
    goods = [sector != facts["services"] for sector in cells.sectors]
    row, column = cells.economies.index("RUS"), cells.economies.index("CHN")
    trade, raw = cells.trade[goods, row, column], cells.tariff[goods, row, column]
    union = next(region for region, codes in facts["regions"].items() if "RUS" in codes)
    ours = table.filter(pl.col("importer_region") == union, pl.col("exporter_region") == EXTERNAL)["tariff"].to_numpy()
    repaired = float(np.average(ours, weights=trade))
    if not rule["low"] <= repaired <= rule["high"]:
        raise ValueError(f"CHN to RUS is {repaired:.3f} after the repair, expected {rule['low']} to {rule['high']}")
    return {"raw": round(float(np.average(raw, weights=trade)), 4), "repaired": round(repaired, 4), **rule}


def repairs(cells: Cells, table: pl.DataFrame, record: Mapping[str, Any], facts: Mapping[str, Any]) -> list[str]:
    """Say in one sentence each what is not as the source has it."""
    states = [cells.economies.index(code) for code in facts["regions"]["Eurasian union"]]
    inside = cells.tariff[np.ix_(range(len(cells.sectors) - 1), states, states)]
    free = inside[:, ~np.eye(len(states), dtype=bool)]
    services = cells.tariff[cells.sectors.index(facts["services"])]
    check, rest = record["checks"]["chn_rus"], cells.economies.index(REST)
    if cells.tariff[:, rest].any() or cells.tariff[:, :, rest].any():
        raise ValueError(
            f"{REST} has tariffs in the source: the means of the rest of the world need not stand for them"
        )
    free_pairs = record["preferences"]
    pairs = ", ".join(f"{item['exporter']} to {item['importer']}" for item in free_pairs)
    free_trade = (
        f"{len(free_pairs)} flows between states have no tariff: the register of the day has a preference ({pairs});"
        f" between the union's members the source has {free.min():.1%} to {free.max():.1%}."
    )
    one_tariff = (
        "BLR, KAZ and RUS charge one external tariff a sector on everybody else; in the source their rates differ by up"
        f" to {100 * _spread(cells, facts):.1f} percentage points, and {check['raw']:.2%} for CHN to RUS becomes"
        f" {check['repaired']:.2%}."
    )
    return [
        free_trade,
        one_tariff,
        f"{table.height} means over regions stand for tariffs of pairs; what differs inside a region is lost.",
        "ROW has no tariffs in the source, as importer or exporter: the means of the rest of the world stand for them.",
        f"Services have no tariff; the source shows {services[services > 0].mean():.1%} where it has one.",
    ]


def _spread(cells: Cells, facts: Mapping[str, Any]) -> float:
    rule, importers = facts["external"]["Eurasian union"], facts["regions"]["Eurasian union"]
    means = [
        [mean(cells, number, [importer], rule["exporters"])[0] for importer in importers]
        for number, sector in enumerate(cells.sectors)
        if sector != facts["services"]
    ]
    return float(np.ptp(means, axis=1).max())


def flow_file(values: Array, sectors: Sequence[str], named: Sequence[str]) -> str:
    """Return the flow file: a row a sector and importer, a column an exporter, million USD."""
    rows = values.reshape(-1, len(named)).round(3)
    labels = {"sector": np.repeat(sectors, len(named)), "importer": np.tile(named, len(sectors))}
    return pl.DataFrame(labels | {code: rows[:, column] for column, code in enumerate(named)}).write_csv()
