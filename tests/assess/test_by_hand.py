"""Assessments by sectors, done again by hand: the law read off by eye, the equations solved by a library's root finder.

Nothing of the engine or of the assessment is used but the data of the baseline. Without input-output links spending is
one equation a state: what it earns, borrows and collects, a fixed share on each good.
"""

import numpy as np
import pytest
from scipy.optimize import root

UNION, EFFECTS = ("BLR", "KAZ", "RUS"), {"free": 0.12, "union": 0.05}
WHOLE = sum(EFFECTS.values())


def log_welfare(base, theta, tariffs, log_cost):
    """Log of real income over the baseline's after new tariffs and trade costs, deficits kept."""
    flows, old = np.asarray(base.flows), np.asarray(base.tariffs)
    gross = flows * (1 + old)
    spent = gross.sum(axis=2)
    shares, final = gross / np.where(spent > 0, spent, 1.0)[:, :, None], spent / spent.sum(axis=0)
    earned = flows.sum(axis=(0, 1))
    owed = flows.sum(axis=(0, 2)) - earned
    pull = shares * (np.exp(log_cost) * (1 + tariffs) / (1 + old)) ** -theta[:, None, None]

    def world(free):
        log_wage = np.append(free, 0.0)
        log_wage -= np.log(np.exp(log_wage) @ earned / earned.sum())
        income = np.exp(log_wage) * earned
        weight = pull * np.exp(-theta[:, None, None] * log_wage)
        total = weight.sum(axis=2)
        border = final[:, :, None] * weight / np.where(total > 0, total, 1.0)[:, :, None] / (1 + tariffs)
        spending = (income + owed) / (1 - (tariffs * border).sum(axis=(0, 2)))
        prices = np.where(total > 0, -np.log(np.where(total > 0, total, 1.0)) / theta[:, None], 0.0)
        sold = (border.sum(axis=0) * spending[:, None]).sum(axis=0)
        return sold / income - 1, np.log(spending / gross.sum(axis=(0, 2))) - (final * prices).sum(axis=0)

    answer = root(lambda free: world(free)[0][:-1], np.zeros(len(earned) - 1), tol=1e-13)
    assert np.abs(answer.fun).max() < 1e-11
    return world(answer.x)[1]


def by_hand(base, theta, levels, effects):
    """Log welfare of a world: tariffs by (importer, exporter), effects in log points by pair, goods only."""
    places = {code: index for index, code in enumerate(base.economies)}
    goods = np.array([sector not in base.detail.services for sector in base.sectors])
    tariffs = np.array(base.tariffs)
    log_cost = np.zeros_like(tariffs)
    for (importer, exporter), level in levels.items():
        tariffs[goods, places[importer], places[exporter]] = level[goods]
    for (importer, exporter), effect in effects.items():
        cell = goods, places[importer], places[exporter]
        wedge = np.log1p(tariffs[cell]) - np.log1p(np.asarray(base.tariffs)[cell])
        log_cost[cell] = -effect / theta[goods] - (1 + theta[goods]) / theta[goods] * wedge
    return log_welfare(base, theta, tariffs, log_cost)


def check(base, contrast, before, after):
    """Hold a contrast against two worlds solved here; None is the law of the day."""
    first, second = (np.zeros(len(base.economies)) if world is None else world for world in (before, after))
    expected = 100 * np.expm1(second - first)
    found = {row.state: row.welfare_percent for row in contrast.states}
    np.testing.assert_allclose([found[code] for code in base.economies], expected, rtol=0, atol=1e-8)
    assert np.abs(expected).max() > 0.01


@pytest.mark.parametrize("name", ["uniform_4", "caliendo_parro_2015"])
def test_the_union_over_no_preference_at_all(judge_sectors, sectors, name):
    pairs = [(a, b) for a in UNION for b in UNION if a != b]
    full = sectors.detail.external[:, sectors.economies.index("RUS")]
    theta = np.asarray(sectors.detail.elasticity_set(name))
    without = by_hand(sectors, theta, dict.fromkeys(pairs, full), dict.fromkeys(pairs, -WHOLE))
    found = judge_sectors("eaeu-2014", otherwise="none", elasticities=name, **EFFECTS)
    check(sectors, found.contrasts[0], without, None)


def test_ukraine_joins_the_union(judge_sectors, sectors):
    """Russia's suspended free trade comes back, the others' deepens, and everybody outside meets the union's tariff."""
    nothing = np.zeros(len(sectors.sectors))
    full = sectors.detail.external[:, sectors.economies.index("RUS")]
    outside = [code for code in sectors.economies if code not in {*UNION, "UKR"}]
    levels = {("UKR", code): full for code in outside} | {("UKR", "RUS"): nothing, ("RUS", "UKR"): nothing}
    effects = {}
    for member in UNION:
        effect = WHOLE if member == "RUS" else EFFECTS["union"]
        effects |= {(member, "UKR"): effect, ("UKR", member): effect}
    theta = np.full(len(sectors.sectors), 4.0)
    found = judge_sectors("eaeu-2014", join=["UKR"], otherwise="register", **EFFECTS)
    check(sectors, found.contrasts[0], None, by_hand(sectors, theta, levels, effects))


def test_belarus_leaves_and_keeps_free_trade(judge_sectors, sectors):
    effects = {pair: -EFFECTS["union"] for other in ("KAZ", "RUS") for pair in (("BLR", other), (other, "BLR"))}
    theta = np.full(len(sectors.sectors), 4.0)
    found = judge_sectors("eaeu-2014", leave=["BLR"], otherwise="register", **EFFECTS)
    check(sectors, found.contrasts[0], None, by_hand(sectors, theta, {}, effects))
