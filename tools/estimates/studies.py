"""What trade did around each agreement of the CIS: event studies with their leads and placebo groups.

The figures of docs/validation/cis-agreements.md. Every study is a three-way PPML in which the pairs of an agreement
have a dummy of their own in each year but one. The register says whose pairs those are, and nothing else comes from it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from dostastyq import gravity
from estimates import panels, placebo, plan, regress
from estimates.panels import CIS, DTA_YEARS, ICIO_YEARS

Z = 1.959964
TAILS = (5.0, 95.0)
BALTIC = "LTU"
_NEARLY = 0.5
MEMBERS = ("ARM", "BLR", "KAZ", "KGZ", "RUS")
FOUNDERS = ("BLR", "KAZ", "RUS")


@dataclass(frozen=True)
class Study:
    """An event study as it is printed and drawn.

    Parameters
    ----------
    key
        Short stable name.
    panel, flow
        Where the figures come from.
    reference
        Year whose dummy is left out.
    event
        First year in which the agreement applied; None where there is none in the window.
    pairs
        Pairs with a dummy, in no order.
    cells
        Cells of the sample.
    rows
        One a year: year, estimate, standard_error, low, high, and, where there are placebo groups, placebo_low and
        placebo_high (5th and 95th percentile) with beyond, the share of groups at least as far from zero.
    leads
        Joint test that the years before the event differ from the reference by nothing: statistic, degrees, p_value;
        placebo_p is the share of groups with a statistic of their leads as large.
    groups
        Number of placebo groups.
    """

    key: str
    panel: str
    flow: str
    reference: int
    event: int | None
    pairs: int
    cells: int
    rows: tuple[dict[str, float | int], ...]
    leads: dict[str, float] | None
    groups: int


@dataclass(frozen=True)
class Dummies:
    """Regressors of a group of pairs, one a year but the reference; `event` is the first year under an agreement."""

    names: Mapping[int, str]
    reference: int
    event: int | None = None


def study(key: str, panel: panels.Panel, fit: gravity.Fit, dummies: Dummies, draws: np.ndarray | None = None) -> Study:
    """Collect a study from a fit and the coefficients of its placebo groups, (groups, years but the reference)."""
    names, reference, event = dummies.names, dummies.reference, dummies.event
    rows: list[dict[str, float | int]] = []
    for year in sorted([*names, reference]):
        if year == reference:
            rows.append(dict.fromkeys(("estimate", "standard_error", "low", "high"), 0.0) | {"year": year})
            continue
        estimate, error = fit.coef()[names[year]], fit.se()[names[year]]
        row = {"year": year, "estimate": estimate, "standard_error": error}
        row |= {"low": estimate - Z * error, "high": estimate + Z * error}
        if draws is not None:
            found = draws[:, list(names).index(year)]
            low, high = np.percentile(found, TAILS)
            row |= {"placebo_low": low, "placebo_high": high, "beyond": float(np.mean(np.abs(found) >= abs(estimate)))}
        rows.append(row)
    pairs = max(fit.treated_pairs[name] for name in names.values())
    flow, groups = fit.sample.formula.outcome.text, 0 if draws is None else len(draws)
    leads = _leads(fit, dummies, draws)
    return Study(key, panel.name, flow, reference, event, pairs, fit.nobs, tuple(rows), leads, groups)


def _leads(fit: gravity.Fit, dummies: Dummies, draws: np.ndarray | None) -> dict[str, float] | None:
    """Test jointly that nothing happened before the event."""
    early = [k for k, year in enumerate(dummies.names) if dummies.event is not None and year < dummies.event]
    if not early:
        return None
    names = [list(dummies.names.values())[k] for k in early]
    test = fit.wald(*names)
    found = {"statistic": test.statistic, "degrees": test.degrees, "p_value": test.p_value}
    if draws is not None:
        own = np.mean([fit.coef()[name] ** 2 for name in names])
        found["placebo_p"] = float(np.mean((draws[:, early] ** 2).mean(axis=1) >= own))
    return found


def by_year(
    frame: pl.DataFrame, group: pl.Expr, prefix: str, years: Sequence[int], reference: int
) -> tuple[pl.DataFrame, dict[int, str]]:
    """Add one dummy a year but the reference for the cells of a group of pairs."""
    names = {year: f"{prefix}_{year}" for year in years if year != reference}
    made = [(group & (pl.col("year") == year)).cast(pl.Float64).alias(name) for year, name in names.items()]
    return frame.with_columns(made), names


def within(states: Sequence[str]) -> pl.Expr:
    """Pairs of two different states of a group."""
    e, m = pl.col("exporter"), pl.col("importer")
    return e.is_in(states) & m.is_in(states) & (e != m)


def pair(one: str, other: str) -> pl.Expr:
    """Both directions of a pair."""
    return within((one, other))


def estimate(frame: pl.DataFrame, flow: str, regressors: Sequence[str]) -> gravity.Fit:
    """Fit with standard errors clustered by directed pair."""
    formula = f"{flow} ~ {' + '.join(regressors)} | {regress.EFFECTS}"
    return gravity.ppml(formula, frame.select("exporter", "importer", "year", flow, *regressors), regress.CLUSTERS)


def union_2015(icio: panels.Panel, border: set[tuple[str, str]]) -> tuple[Study, Study, Study]:
    """Follow the union's founders in ICIO, Russia and Ukraine beside them, and the founders in all trade.

    Returns
    -------
    union, ukraine, total
    """
    frame, union = by_year(icio.frame, within(FOUNDERS), "union", ICIO_YEARS, 2014)
    frame, ukraine = by_year(frame, pair("RUS", "UKR"), "rus_ukr", ICIO_YEARS, 2013)
    frame, others = by_year(frame, pair("BLR", "UKR") | pair("KAZ", "UKR"), "ukr", ICIO_YEARS, 2014)
    regressors = [*union.values(), *ukraine.values(), *others.values(), *plan.BORDER_YEAR]
    fit = estimate(frame, "trade_goods", regressors)
    base = placebo.Base.of(fit, len(union))
    states = placebo.eligible(icio.frame, "trade_goods", FOUNDERS)
    triples = placebo.bordering(states, border, size=3)
    pairs = placebo.bordering(placebo.eligible(icio.frame, "trade_goods", ("RUS", "UKR")), border, size=2)
    found = placebo.paths(base, triples, list(union)), placebo.paths(base, pairs, list(ukraine))
    total = estimate(frame, "trade_total", regressors)
    event = Dummies(union, 2014, 2015)
    return (
        study("union-icio", icio, fit, event, found[0]),
        study("rus-ukr", icio, fit, Dummies(ukraine, 2013), found[1]),
        study("union-icio-total", icio, total, event),
    )


def directions(icio: panels.Panel) -> list[Study]:
    """Follow the trade of Russia and Ukraine by direction."""
    frame = icio.frame
    made = {}
    for one, other in (("RUS", "UKR"), ("UKR", "RUS")):
        group = (pl.col("exporter") == one) & (pl.col("importer") == other)
        frame, made[one] = by_year(frame, group, f"from_{one}", ICIO_YEARS, 2013)
    frame, union = by_year(frame, within(FOUNDERS), "union", ICIO_YEARS, 2014)
    names = [*made["RUS"].values(), *made["UKR"].values(), *union.values(), *plan.BORDER_YEAR]
    fit = estimate(frame, "trade_goods", names)
    return [study(f"from-{one.lower()}", icio, fit, Dummies(made[one], 2013)) for one in made]


def treaty_2011(dta: panels.Panel, km: dict[tuple[str, str], float]) -> tuple[Study, Study]:
    """Follow the pairs of the treaty of 2011, and of the union, in wb-dta against the other pairs of CIS states.

    Returns
    -------
    treaty, union
        Every pair that the treaty of 2011 ever bound, and every pair that was ever in the union beside it.
    """
    frame = dta.frame
    for name in ("treaty", "union"):
        frame = frame.with_columns((pl.col(name).max().over("exporter", "importer") > 0).alias(f"ever_{name}"))
    apart = ~pair("RUS", "UKR")
    frame, treaty = by_year(frame, pl.col("ever_treaty") & apart, "treaty", DTA_YEARS, 2008)
    frame, union = by_year(frame, pl.col("ever_union"), "union", DTA_YEARS, 2008)
    controls = ["rus_ukr", *plan.WORLD, *plan.CIS_YEAR_DTA]
    fit = estimate(frame, "trade_usd", [*treaty.values(), *union.values(), *controls])
    base = placebo.Base.of(fit, len(treaty) + len(union) + len(DTA_YEARS) - 1)
    states = placebo.eligible(dta.frame, "trade_usd", MEMBERS)
    draws = placebo.region_paths(base, states, km, list(treaty))
    first, second = draws[:, : len(treaty)], draws[:, len(treaty) : len(treaty) + len(union)]
    return (
        study("treaty-dta", dta, fit, Dummies(treaty, 2008, 2012), first),
        study("union-dta", dta, fit, Dummies(union, 2008, 2016), second),
    )


def cis_by_year(dta: panels.Panel) -> Study:
    """Follow trade among CIS states over 1996, the first year in which they report."""
    frame, cis = by_year(dta.frame, pl.col("cis") == 1.0, "cis", DTA_YEARS, 1996)
    fit = estimate(frame, "trade_usd", [*cis.values(), *plan.WORLD])
    return study("cis-dta", dta, fit, Dummies(cis, 1996))


def lithuania(folder: Path) -> Study:
    """Follow the exports of Lithuania, the one former Soviet state with rows in 1992, to the twelve over 1992."""
    years = (1992, *DTA_YEARS)
    frame = panels.classify(panels.recorded(folder, years))
    group = (pl.col("exporter") == BALTIC) & pl.col("importer").is_in(CIS)
    frame, exports = by_year(frame, group, "ltu", years, 1992)
    fit = estimate(frame, "trade_usd", [*exports.values(), *plan.WORLD[:3]])
    panel = panels.Panel("wb-dta", frame, ("trade_usd",), "1992-2016, every 4th year")
    return study("lithuania-dta", panel, fit, Dummies(exports, 1992))


def premium(dta: panels.Panel, folder: Path) -> list[dict[str, float | int]]:
    """Excess of trade among CIS states over what distance, borders and languages tell, a cross-section a year."""
    near = pl.read_parquet(folder / "geodist" / "dist.parquet").with_columns(
        pl.col("iso_o", "iso_d").replace(placebo.OLDER_CODES)
    )
    near = near.select("dist", "contig", "comlang_off", "colony", exporter="iso_o", importer="iso_d")
    joined = dta.frame.join(near, on=["exporter", "importer"], how="inner")
    rows = []
    for year in DTA_YEARS:
        data = joined.filter(pl.col("year") == year)
        fit = gravity.ppml("trade_usd ~ cis + log(dist) + contig + comlang_off + colony | exporter + importer", data)
        row = fit.tidy().row(0, named=True)
        rows.append(
            {"year": year, "estimate": row["estimate"], "standard_error": row["std_error"], "low": row["low"],
             "high": row["high"], "cells": fit.nobs}
        )  # fmt: skip
    return rows


def known_free_trade(dta: panels.Panel, register: panels.Law) -> dict[str, Any]:
    """Count what could identify free trade over none: recorded cells by their law, and pairs whose law changes.

    Returns
    -------
    dict
        ``years``, one row a year: recorded cells between two CIS states, of them with free trade or more for some of
        the year, with none, and not known; ``changing``, the pairs, in no order, seen both with and without.
    """
    cells = dta.frame.filter(pl.col("cis") == 1.0).join(_free_trade(register), on=panels.KEYS, how="left")
    free = pl.col("free")
    years = cells.group_by("year").agg(
        pl.len().alias("cells"),
        (free > 0).sum().alias("free_trade"),
        (free == 0).sum().alias("none"),
        free.is_null().sum().alias("unknown"),
    )
    pair = pl.concat_str(
        pl.min_horizontal("exporter", "importer"), pl.max_horizontal("exporter", "importer"), separator="-"
    )
    seen = cells.drop_nulls("free").group_by(pair.alias("pair")).agg(free.min().alias("low"), free.max().alias("high"))
    changing = seen.filter(pl.col("high") - pl.col("low") > _NEARLY)["pair"].sort().to_list()
    return {"years": years.sort("year").to_dicts(), "changing": changing}


def _free_trade(register: panels.Law) -> pl.DataFrame:
    """Share of every year in which a pair has free trade or more; empty where the register does not know."""
    kinds = ("free_trade_area", "customs_union", "economic_union")
    law = register.panel([*DTA_YEARS, DTA_YEARS[-1] + 4], by="kind").with_columns(pl.col(kinds).fill_nan(None))
    most = pl.max_horizontal(kinds)
    known = pl.col(kinds[0]).is_not_null() | (most == 1.0)
    return law.select("exporter", "importer", pl.col("year").cast(pl.Int64), pl.when(known).then(most).alias("free"))


def randomised(
    results: dict[str, regress.Result], asked: Sequence[tuple[str, str]], draws: int
) -> list[dict[str, Any]]:
    """Give coefficients their clustered and their randomisation p-values side by side."""
    return [{"specification": name, "term": term, **chance(results[name].fit, term, draws)} for name, term in asked]


def chance(fit: gravity.Fit, term: str, draws: int) -> dict[str, Any]:
    """One coefficient against the same treatment on pairs outside the CIS whose trade is of similar size."""
    row = fit.tidy().filter(pl.col("term") == term).row(0, named=True)
    found = fit.randomisation(term, draws=draws, comparable=_outside(fit, term))
    return {
        "estimate": row["estimate"],
        "standard_error": row["std_error"],
        "clustered_p": row["p_value"],
        "randomisation_p": found.p_value,
        "spread": float(np.sqrt(np.mean(found.draws**2))),
        "pairs": found.treated,
        "comparable": found.comparable,
        "draws": len(found.draws),
    }


def _outside(fit: gravity.Fit, term: str) -> Callable[[str, str], bool]:
    """Whether a pair outside the CIS trades between half the smallest and twice the largest treated pair's flow."""
    rows = (
        fit.to_frame().filter("in_sample").with_columns(treated=pl.Series(fit.sample.data[term]).filter(fit.in_sample))
    )
    sides = pl.min_horizontal("exporter", "importer").alias("a"), pl.max_horizontal("exporter", "importer").alias("b")
    means = rows.filter(pl.col("exporter") != pl.col("importer")).group_by(*sides).agg(
        pl.col("trade").mean(), (pl.col("treated") != 0).any()
    )  # fmt: skip
    sizes = means.filter("treated")["trade"]
    known = {(a, b): trade for a, b, trade in means.select("a", "b", "trade").iter_rows()}

    def comparable(one: str, other: str) -> bool:
        size = known.get((min(one, other), max(one, other)), 0.0)
        return one not in CIS and other not in CIS and sizes.min() / 2 <= size <= sizes.max() * 2

    return comparable
