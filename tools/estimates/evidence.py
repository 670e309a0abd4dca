"""From the panels to the two shipped parameters, by the rule of docs/decisions/0002-effect-sizes.md."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl

from estimates import panels, placebo, plan, pool, regress

LEAST_STANDARD_DEVIATION = {"cis_free_trade": 0.0, "union_increment": 0.15}
FOUNDERS = ("BLR", "KAZ", "RUS")
MEMBERS = ("ARM", *FOUNDERS, "KGZ")
UNION_SINCE = 2015


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything the two parameters are pooled from.

    Parameters
    ----------
    treaty
        Own estimate behind ``cis_free_trade``.
    union
        Own estimates behind ``union_increment``, the one of the treaty's regression last.
    free_trade, world_union
        Pooled classes of the world's agreements.
    shared_covariance
        Clustered covariance of treaty and union in the regression that has both.
    rows
        The specification table.
    """

    treaty: pool.Own
    union: tuple[pool.Own, ...]
    free_trade: pool.Pooled
    world_union: pool.Pooled
    shared_covariance: float
    rows: tuple[dict[str, object], ...]


def estimate(data: Path, register: panels.Law) -> Evidence:
    """Run every specification and every placebo group."""
    icio, dta = panels.icio(data, register), panels.wb_dta(data, register)
    world_rows, free_trade, world_union = world(dta, "wb-dta-world")
    long_rows, _, _ = world(panels.wb_dta_without_cis(data), "wb-dta-world-1964")
    results = {spec.name: regress.run(icio, spec) for spec in plan.icio()}
    results |= {spec.name: regress.run(dta, spec) for spec in plan.wb_dta()}
    km, border = placebo.distances(data)

    main = results["icio-goods"]
    base = placebo.Base.of(main.fit, 1)
    states = placebo.eligible(icio.frame, "trade_goods", FOUNDERS)
    triples = placebo.triples(base, states, border, since=UNION_SINCE)

    full = results["wb-dta"]
    base = placebo.Base.of(full.fit, placebo.REGIMES + len(panels.DTA_YEARS) - 1)
    states = placebo.eligible(dta.frame, "trade_usd", MEMBERS)
    timing = [mean_shares(dta.frame, name) for name in ("treaty", "union", "customs_union")]
    treaty_groups, union_groups = placebo.regions(base, states, km, timing)

    leads_icio, leads = results["icio-goods-leads"], results["wb-dta-leads"]
    increment = world_union.mean - free_trade.mean
    return Evidence(
        treaty=own(full, "treaty", leads.of("lead_treaty"), treaty_groups, gap=free_trade.mean),
        union=(
            own(main, "union", leads_icio.of("lead_union"), triples, gap=increment),
            own(full, "union", leads.of("lead_union"), union_groups, gap=0.0),
        ),
        free_trade=free_trade,
        world_union=world_union,
        shared_covariance=full.covariance_of("treaty", "union"),
        rows=(
            *[row for result in results.values() for row in result.rows],
            *world_rows,
            *long_rows[-2:],
            *[
                placebo_row(main, "union", triples),
                placebo_row(full, "treaty", treaty_groups),
                placebo_row(full, "union", union_groups),
            ],
            *plan.statements(world_rows[0]),
        ),
    )


def own(
    result: regress.Result, name: str, lead: tuple[float, float], groups: placebo.Distribution, *, gap: float
) -> pool.Own:
    """Collect what the variance of an own estimate is made of."""
    coefficient, clustered = result.of(name)
    row = next(row for row in result.rows if row["parameter"] == name)
    return pool.Own(
        specification=str(row["specification"]),
        panel=str(row["panel"]),
        flow=str(row["flow"]),
        window=str(row["window"]),
        border_year=bool(row["border_year"]),
        coefficient=coefficient,
        clustered=clustered,
        treated_pairs=int(str(row["treated_pairs"])),
        placebo=groups.spread,
        placebo_groups=groups.count,
        lead=lead[0],
        lead_standard_error=lead[1],
        gap=gap,
    )


def placebo_row(result: regress.Result, name: str, groups: placebo.Distribution) -> dict[str, object]:
    """Return the placebo distribution of a coefficient as a row of the table."""
    row = next(row for row in result.rows if row["parameter"] == name)
    return {
        **row,
        "specification": f"{row['specification']}-placebo",
        "purpose": f"placebo: {groups.count} groups of neighbours outside the CIS under the same dates",
        "coefficient": float(groups.coefficients.mean()),
        "standard_error": groups.spread,
        "standard_error_kind": "root mean square of the placebo coefficients",
        "p_value": None,
        "treated_pairs": None,
        "note": "the coefficient is the mean of the placebo coefficients",
    }


def mean_shares(frame: pl.DataFrame, name: str) -> dict[int, float]:
    """Return the mean share of every year in force over the pairs that ever have the agreement."""
    ever = frame.filter(pl.col(name).max().over("exporter", "importer") > 0)
    return dict(ever.group_by("year").agg(pl.col(name).mean()).sort("year").iter_rows())


def world(dta: panels.Panel, name: str) -> tuple[list[dict[str, object]], pool.Pooled, pool.Pooled]:
    """Estimate the agreements of the world one by one, and pool them by class."""
    panel, spec, agreements = plan.world(dta, name)
    result = regress.run(panel, spec)
    classes: dict[str, list[tuple[float, float]]] = {"free_trade": [], "union": []}
    rows = []
    for row in result.rows:
        title, kind = agreements[str(row["parameter"])]
        identified = row["coefficient"] is not None
        note = f"class {kind}" if identified else str(row["note"])
        rows.append({**row, "parameter": title, "note": note})
        if identified:
            classes[kind].append(result.of(str(row["parameter"])))
    pooled = {kind: pool.paule_mandel(*zip(*found, strict=True)) for kind, found in classes.items()}
    for kind, p in pooled.items():
        rows.append(_pooled_row(rows[0], kind, p))
    return rows, pooled["free_trade"], pooled["union"]


def _pooled_row(like: dict[str, object], kind: str, pooled: pool.Pooled) -> dict[str, object]:
    return {
        **like,
        "specification": f"{like['specification']}-pooled",
        "purpose": f"random effects over {pooled.agreements} agreements",
        "parameter": f"world_{kind}",
        "coefficient": pooled.mean,
        "standard_error": pooled.standard_error,
        "standard_error_kind": "of the random-effects mean",
        "p_value": None,
        "observations": None,
        "treated_pairs": None,
        "note": f"tau {pooled.tau:.3f}, predictive s.d. {pooled.predictive_variance**0.5:.3f}",
    }


@dataclass(frozen=True, eq=False)
class Effect:
    """A parameter as it ships, and what made it.

    Parameters
    ----------
    name, value, standard_error
        As shipped.
    unfloored
        Standard deviation of the normal-normal model, before any floor.
    own, shares
        Estimates of the agreement itself by panel, and the weight of every panel in their mean.
    own_mean, own_variance
        The panels together.
    world
        Pooled classes of the world's agreements.
    world_mean, world_variance
        Predictive distribution they give for the parameter.
    weight
        Weight on `own_mean`; the rest is on `world_mean`.
    """

    name: str
    value: float
    standard_error: float
    unfloored: float
    own: tuple[pool.Own, ...]
    own_mean: float
    own_variance: float
    shares: tuple[float, ...]
    world_mean: float
    world_variance: float
    weight: float
    world: Mapping[str, pool.Pooled]

    def to_dict(self) -> dict[str, object]:
        """Return everything the effect was pooled from."""
        return {
            "own": [
                {**asdict(o), "lead_fails": o.lead_fails, "standard_deviation": o.variance**0.5, "share": share}
                for o, share in zip(self.own, self.shares, strict=True)
            ],
            "weight_on_own": self.weight,
            "world": {kind: asdict(pooled) for kind, pooled in self.world.items()},
            "world_mean": self.world_mean,
            "world_predictive_standard_deviation": self.world_variance**0.5,
            "standard_deviation_before_floor": self.unfloored,
        }


def effects(found: Evidence) -> tuple[Effect, Effect, np.ndarray]:
    """Pool the own estimates with the world's agreements: free trade, the union's increment, their joint covariance."""
    free_trade = _effect("cis_free_trade", (found.treaty,), {"free_trade": found.free_trade})
    increment = _effect("union_increment", found.union, {"free_trade": found.free_trade, "union": found.world_union})
    own_part = free_trade.weight * increment.weight * increment.shares[-1] * found.shared_covariance
    world_part = (1 - free_trade.weight) * (1 - increment.weight) * found.free_trade.standard_error**2
    covariance = np.diag([free_trade.standard_error**2, increment.standard_error**2])
    covariance[0, 1] = covariance[1, 0] = own_part - world_part
    return free_trade, increment, covariance


def _effect(name: str, own: tuple[pool.Own, ...], world: dict[str, pool.Pooled]) -> Effect:
    mean, variance, shares = pool.over_panels(own)
    world_mean = world["union"].mean - world["free_trade"].mean if "union" in world else world["free_trade"].mean
    world_variance = sum(pooled.predictive_variance for pooled in world.values())
    value, posterior, weight = pool.partial(mean, variance, world_mean, world_variance)
    few = [o.placebo for o in own if o.treated_pairs < plan.LEAST_PAIRS]
    return Effect(
        name=name,
        value=value,
        standard_error=max(posterior**0.5, LEAST_STANDARD_DEVIATION[name], *few),
        unfloored=posterior**0.5,
        own=own,
        own_mean=mean,
        own_variance=variance,
        shares=tuple(shares.tolist()),
        world=world,
        world_mean=world_mean,
        world_variance=world_variance,
        weight=weight,
    )
