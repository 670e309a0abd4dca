"""The main job with sectors: worlds solved, the total split into channels, sectors told apart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from dostastyq import trade
from dostastyq.assess.channels import CHANNELS, Coalition, coalitions, shapley
from dostastyq.assess.contrast import FORMULA, QUANTILE, drawn_probability, log_ratio, moved_pair, state_results
from dostastyq.assess.estimates import Estimates
from dostastyq.assess.model import (
    ChannelEffect,
    Contrast,
    ContrastChannels,
    SectorChange,
    SensitivityRow,
    StateChannels,
)
from dostastyq.assess.pool import norms, pooled_world, transfers
from dostastyq.assess.restrict import Pair, Plan
from dostastyq.assess.sector_worlds import Parts, SectorWorlds, Solved
from dostastyq.assess.tariffs import TariffLaw, World
from dostastyq.equilibrium import Economy, calibrate
from dostastyq.i18n import Text, message
from dostastyq.trade import Baseline, NationalTariffs, RevenuePool, Technology

Array = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

METHOD = Text(
    "mean over all orders in which the three channels can be switched (Shapley value); they sum to the total exactly"
)
SIZES = message(
    "Between states whose law differs the tariffs alone would move trade by {tariffs:+.2f} log points on average; the "
    "whole effect is estimated at {whole:+.2f} (standard error {error:.2f}). The non-tariff channel is the "
    "difference and carries the doubt about both. Where tariffs alone would do more than the whole, it stands for "
    "costs that use up resources: duties forgone are then lost, not handed on to buyers."
)
ELASTICITIES = (2.5, 4.0, 6.0)
IMPUTED_FACTORS = (0.7, 1.4)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What the solved worlds say.

    Parameters
    ----------
    contrasts, channels, sectors, sensitivity
        Parts of an `Assessment`.
    residual, iterations
        The worst over every equilibrium.
    repairs
        What the calibration changed, one sentence each.
    """

    contrasts: tuple[Contrast, ...]
    channels: tuple[ContrastChannels, ...]
    sectors: tuple[SectorChange, ...]
    sensitivity: tuple[SensitivityRow, ...]
    residual: float
    iterations: int
    repairs: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Everything an assessment by sectors is made from.

    Parameters
    ----------
    base
        The baseline.
    plan
        What is compared.
    estimates
        Effects of agreements.
    elasticities
        Name and θ of every sector.
    technology
        Input-output coefficients, None for none.
    national
        National tariffs of the user, None for none.
    """

    base: Baseline
    plan: Plan
    estimates: Estimates
    elasticities: tuple[str, Array]
    technology: Technology | None = None
    national: NationalTariffs | None = None


def answer(question: Question, tell: Progress) -> Outcome:
    """Solve every world and every assumption.

    Parameters
    ----------
    question
        What to solve.
    tell
        Called with what is being solved, how many are done, and how many there are.
    """
    variants = _variants(question)
    tell("central", 0, 1 + len(variants))
    central = [worlds_of(question, pair) for pair in question.plan.pairs]
    told = [_contrast(index, question, worlds) for index, worlds in enumerate(central)]
    rows = []
    solved = list(central)
    for done, (assumption, value, changed) in enumerate(variants):
        tell(assumption, 1 + done, 1 + len(variants))
        for index, pair in enumerate(question.plan.pairs):
            worlds = worlds_of(changed, pair, str(value) if assumption == "effect" else "by_sector")
            contrast = _compare(changed, pair, worlds)
            members = tuple((s.state, s.welfare_percent, s.low, s.high) for s in contrast.states if s.member)
            rows.append(SensitivityRow(index, assumption, value, members))
            solved.append(worlds)
    tell("", 1 + len(variants), 1 + len(variants))
    marks = [one.equilibrium.certificate for worlds in solved for one in worlds.solved.values()]
    return Outcome(
        contrasts=tuple(contrast for contrast, _, _ in told),
        channels=tuple(channels for _, channels, _ in told),
        sectors=tuple(row for _, _, sectors in told for row in sectors),
        sensitivity=tuple(sorted(rows, key=lambda row: row.contrast)),
        residual=max(mark.residual for mark in marks),
        iterations=max(mark.iterations for mark in marks),
        repairs=(*_fitting(question), *central[0].economy.repairs),
    )


def _fitting(question: Question) -> tuple[str, ...]:
    return () if question.technology is None else (question.technology.fitted(question.base).repair,)


def _variants(question: Question) -> list[tuple[str, float | str, Question]]:
    """List the assumptions to solve under beside the central one."""
    base = question.base
    found: list[tuple[str, float | str, Question]] = []
    for name in base.detail.elasticities:
        values = base.detail.elasticity_set(name)
        found.append(("elasticity_set", name, replace(question, elasticities=(name, values))))
    if not base.detail.elasticities:
        for value in ELASTICITIES:
            uniform = np.full(len(base.sectors), value)
            found.append(("elasticity", value, replace(question, elasticities=(f"{value:g}", uniform))))
    if base.imputed().height:
        found += [("imputed_cells", f, replace(question, base=base.scale_imputed(f))) for f in IMPUTED_FACTORS]
    if question.technology is None and base.detail.elasticities:
        lent = trade.technology("borrowed-1993").of(base.sectors)
        found.append(("inputs", lent.name, replace(question, technology=lent)))
    elif question.technology is not None:
        found.append(("inputs", "none", replace(question, technology=None)))
    if base.tariffs is not None:
        found += [("effect", reading, question) for reading in ("by_pair", "tariffs_only")]
    return found


def economy_of(question: Question) -> Economy:
    """Calibrate the baseline."""
    base = question.base
    lent = None if question.technology is None else question.technology.fitted(base)
    several = len(base.sectors) > 1
    tariffs = base.tariffs if several or base.tariffs is None else base.tariffs[0]
    return calibrate(
        np.asarray(base.flows) if several else np.asarray(base.flows[0]),
        elasticity=question.elasticities[1] if several else float(question.elasticities[1][0]),
        tariffs=None if tariffs is None else np.asarray(tariffs),
        inputs=None if lent is None else lent.inputs,
        value_added=None if lent is None else lent.value_added,
        labels=base.economies,
    )


def tariff_law(question: Question, pair: Pair) -> TariffLaw:
    """How tariffs follow from the law around a pair of worlds."""
    national = {} if question.national is None else question.national.levels
    return TariffLaw(question.base, question.plan.scenario.states, pair.present, national)


def worlds_of(question: Question, pair: Pair, reading: str = "by_sector") -> SectorWorlds:
    """Calibrate the economy around a pair of worlds, an effect read as `reading` says."""
    law = tariff_law(question, pair)
    return SectorWorlds(economy_of(question), law, question.elasticities[1], question.estimates, reading)


def _compare(question: Question, pair: Pair, worlds: SectorWorlds) -> Contrast:
    old, new = worlds.solve(worlds.parts(pair.first)), worlds.solve(worlds.parts(pair.second))
    log_change = new.log_welfare - old.log_welfare
    derivative = new.derivative() - old.derivative()
    covariance, scenario = worlds.covariance, question.plan.scenario
    deviation = np.sqrt(np.einsum("ki,kl,li->i", derivative, covariance, derivative))
    members = np.isin(question.base.economies, scenario.members)
    if derivative.any():
        probability, note = drawn_probability(log_change[members], derivative[:, members], covariance)
    else:
        probability = float((log_change[members] > 0).all())
        note = Text("nothing changes between the two worlds, whatever the coefficients")
    before, after = pair.first.design, pair.second.design
    return Contrast(
        from_world=pair.plan.from_world,
        to_world=pair.plan.to_world,
        otherwise=pair.plan.otherwise,
        formula=FORMULA,
        states=state_results(
            question.base.economies,
            members,
            (log_change, deviation, log_ratio(new.equilibrium.real_wage) - log_ratio(old.equilibrium.real_wage)),
            (new.flows.sum(axis=0), old.flows.sum(axis=0)),
        ),
        mutually_beneficial=bool((log_change[members] > 0).all()),
        probability_mutually_beneficial=probability,
        probability_note=note,
        pairs=tuple(
            moved_pair(scenario.states, before, after, i, j) for i, j in np.argwhere((before != after).any(axis=0))
        ),
        unknown_pairs=tuple((scenario.states[j], scenario.states[i]) for i, j in np.argwhere(pair.unknown)),
    )


def _contrast(
    index: int, question: Question, worlds: SectorWorlds
) -> tuple[Contrast, ContrastChannels, list[SectorChange]]:
    pair = question.plan.pairs[index]
    contrast = _compare(question, pair, worlds)
    first, second = worlds.parts(pair.first), worlds.parts(pair.second)
    mixed = _mixed(worlds, pair, first, second)
    old, new = mixed[frozenset()], mixed[frozenset(CHANNELS)]
    effects = _effects(worlds, mixed)
    pooled, pool = _pooled(question, worlds, pair, (first, second))
    collected = [np.asarray(world.equilibrium.tariff_revenue) for world in (old, new)]
    states = tuple(
        StateChannels(
            state=state,
            member=row.member,
            effects=tuple(ChannelEffect(name, *(float(v[n]) for v in effects[name])) for name in CHANNELS),
            total_percent=row.welfare_percent,
            pooled_percent=None if pooled is None else float(pooled[n]),
            revenue_from=float(collected[0][n]),
            revenue_to=float(collected[1][n]),
        )
        for n, (state, row) in enumerate(zip(question.base.economies, contrast.states, strict=True))
    )
    sectors = _sectors(index, question, old.flows, new.flows)
    tariffs = worlds.tariff_part(pair.first, pair.second)
    whole, error = worlds.whole_effect(pair.first, pair.second)
    note = Text(SIZES, tariffs=tariffs, whole=whole, error=error) if tariffs else ""
    return contrast, ContrastChannels(index, METHOD, pool, states, tariffs, whole, error, note), sectors


def _mixed(worlds: SectorWorlds, pair: Pair, first: Parts, second: Parts) -> dict[Coalition, Solved]:
    pairs = worlds.differ(pair.first, pair.second)
    return {some: worlds.solve(worlds.mix(first, second, pairs, some)) for some in coalitions(CHANNELS)}


def _effects(worlds: SectorWorlds, mixed: Mapping[Coalition, Solved]) -> dict[str, tuple[Array, Array, Array]]:
    """Value, low and high of every channel, per cent."""
    nothing = mixed[frozenset()]
    start, slope = nothing.log_welfare, nothing.derivative()
    ratios = {some: 100 * np.exp(solved.log_welfare - start) for some, solved in mixed.items()}
    slopes = {some: ratios[some] * (solved.derivative() - slope) for some, solved in mixed.items()}
    values, errors = shapley(ratios, CHANNELS), shapley(slopes, CHANNELS)
    result = {}
    for name in CHANNELS:
        reach = QUANTILE * np.sqrt(np.einsum("ki,kl,li->i", errors[name], worlds.covariance, errors[name]))
        result[name] = (values[name], values[name] - reach, values[name] + reach)
    return result


def _pooled(
    question: Question, worlds: SectorWorlds, pair: Pair, parts: tuple[Parts, Parts]
) -> tuple[Array | None, dict[str, dict[str, str]]]:
    """Welfare where duties are pooled, per cent, and the norms of both worlds."""
    pool, on = question.base.detail.pool, question.plan.scenario.on
    states, economies = question.plan.scenario.states, question.base.economies
    if pool is None or not applies(pool, on):
        return None, {}
    shares = [_shares(pool, states, world) for world in (pair.present, pair.first, pair.second)]
    if not any(shares[1:]):
        return None, {}
    deficit = np.asarray(worlds.economy.deficit)
    base_revenue = np.asarray(worlds.solve(worlds.parts(pair.present)).equilibrium.tariff_revenue)
    present = transfers(base_revenue, norms(shares[0], economies))
    scale = float(np.asarray(worlds.economy.output).sum())
    logs = []
    for part, share in zip(parts, shares[1:], strict=True):

        def revenue(deficits: Array, part: Parts = part) -> Array:
            return np.asarray(worlds.solve(part, deficits).equilibrium.tariff_revenue)

        settled = pooled_world(revenue, deficit, present, norms(share, economies), scale)
        logs.append(worlds.solve(part, settled).log_welfare)
    sides = zip(("from", "to"), shares[1:], strict=True)
    said = {side: {state: str(value) for state, value in share.items()} for side, share in sides}
    return 100 * np.expm1(logs[1] - logs[0]), said


def applies(pool: RevenuePool, on: date) -> bool:
    """Say whether the norms of a pool hold on a day."""
    return pool.since <= on < pool.until


def _shares(pool: RevenuePool, states: tuple[str, ...], world: World) -> dict[str, Fraction]:
    """Restate the norms over the states that are in a union in `world`."""
    inside = [state for state, member in zip(states, world.union, strict=True) if member and state in pool.shares]
    return pool.among(inside) if len(inside) > 1 else {}


def _sectors(index: int, question: Question, old: Array, new: Array) -> list[SectorChange]:
    base = question.base
    rows = []
    for state in question.plan.scenario.states:
        n = base.economies.index(state)
        for j, sector in enumerate(base.sectors):
            before, after = (
                (
                    float(flows[j, :, n].sum()),
                    float(flows[j, :, n].sum() - flows[j, n, n]),
                    float(flows[j, n].sum() - flows[j, n, n]),
                )
                for flows in (old, new)
            )
            changes = (None if a <= 0 else 100 * (b / a - 1) for a, b in zip(before, after, strict=True))
            rows.append(SectorChange(index, state, sector, *before, *changes))
    return rows
