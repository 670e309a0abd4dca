"""The one-sector solver against slow solvers written from the textbook, without any of its simplifications."""

import numpy as np
import pytest
from scipy.optimize import root

from dostastyq.equilibrium import Shock, calibrate


def textbook(  # noqa: PLR0917 -- the letters of the paper
    flows, tariffs, theta, closure, cost, new_tariffs, productivity
):
    """Solve Caliendo and Parro (2015), eqs 10-14 with one sector, for wages and expenditure at once, pair by pair.

    Unknowns are the logs of N wages and N expenditures; the last market is replaced by the numeraire.
    """
    size = len(flows)
    output = [sum(flows[n][i] for n in range(size)) for i in range(size)]
    spending = [sum(flows[n]) for n in range(size)]
    gross = [[flows[n][i] * (1 + tariffs[n][i]) for i in range(size)] for n in range(size)]
    base_expenditure = [sum(row) for row in gross]

    def shares_and_prices(wages):
        shares, prices = [], []
        for n in range(size):
            terms = []
            for i in range(size):
                wedge = cost[n][i] * (1 + new_tariffs[n][i]) / (1 + tariffs[n][i])
                terms.append(gross[n][i] / base_expenditure[n] * (wedge * wages[i] / productivity[i]) ** -theta)
            prices.append(sum(terms) ** (-1 / theta))
            shares.append([term / sum(terms) for term in terms])
        return shares, prices

    def residuals(unknown):
        wages, expenditure = np.exp(unknown[:size]), np.exp(unknown[size:])
        shares, _ = shares_and_prices(wages)
        income = [wages[n] * output[n] for n in range(size)]
        wanted = [spending[n] / output[n] * income[n] for n in range(size)]
        out = []
        for i in range(size - 1):
            sales = sum(shares[n][i] * expenditure[n] / (1 + new_tariffs[n][i]) for n in range(size))
            out.append(sales / income[i] - 1)
        out.append(sum(income) / sum(output) - 1)
        for n in range(size):
            duties = (new_tariffs[n][i] / (1 + new_tariffs[n][i]) * shares[n][i] for i in range(size))
            revenue = expenditure[n] * sum(duties)
            if closure == "additive":
                deficit = spending[n] - output[n]
            else:
                deficit = wanted[n] * sum(income) / sum(wanted) - income[n]
            out.append((income[n] + revenue + deficit) / expenditure[n] - 1)
        return np.array(out)

    found = root(residuals, np.concatenate([np.zeros(size), np.log(base_expenditure)]), method="hybr", tol=1e-13)
    assert np.abs(residuals(found.x)).max() < 1e-10
    wages, expenditure = np.exp(found.x[:size]), np.exp(found.x[size:])
    _, prices = shares_and_prices(wages)
    return wages, 100 * (expenditure / np.array(base_expenditure) / np.array(prices) - 1)


@pytest.mark.parametrize("closure", ["additive", "proportional"])
@pytest.mark.parametrize("seed", range(6))
def test_textbook_system(closure, seed):
    rng = np.random.default_rng(seed)
    size, theta = int(rng.integers(2, 8)), float(rng.uniform(1, 8))
    flows = rng.lognormal(0, 1, (size, size))
    np.fill_diagonal(flows, flows.sum(axis=0) * rng.uniform(2, 4, size))
    foreign = 1 - np.eye(size)
    old, new = foreign * rng.uniform(0, 0.3, (size, size)), foreign * rng.uniform(0, 0.5, (size, size))
    cost, made = np.exp(rng.normal(0, 0.2, (size, size))), np.exp(rng.normal(0, 0.2, size))
    wages, welfare = textbook(flows, old, theta, closure, cost, new, made)
    result = calibrate(flows, theta, tariffs=old, deficits=closure).solve(Shock(cost, new, made))
    np.testing.assert_allclose(result.wages.values, wages, rtol=1e-8)
    np.testing.assert_allclose(result.welfare.values, welfare, rtol=0, atol=1e-6)


def fixed_point(flows, beta, theta, rounds=20_000):
    """Iterate as ge_gravity does (Baier, Yotov and Zylkin 2019, appendix), additive deficits, to the end."""
    output, spending = flows.sum(axis=0), flows.sum(axis=1)
    deficit = spending - output
    shares = flows / spending[:, None]
    effect = np.exp(beta)
    wages = np.ones(len(flows))
    for _ in range(rounds):
        price = ((shares * effect) @ wages**-theta) ** (-1 / theta)
        expenditure = wages * output + deficit
        sales = (shares * effect * (price**theta * expenditure)[:, None]).sum(axis=0)
        fresh = (sales / output) ** (1 / (1 + theta))
        fresh *= output.sum() / (fresh @ output)
        if np.abs(np.log(fresh / wages)).max() < 1e-14:
            break
        wages = fresh
    return wages, 100 * (expenditure / spending / price - 1)


@pytest.mark.parametrize("size", [2, 10, 44])
def test_fixed_point_of_ge_gravity(size):
    rng = np.random.default_rng(size)
    flows = rng.lognormal(0, 1.5, (size, size))
    np.fill_diagonal(flows, flows.sum(axis=0) * rng.uniform(2, 4, size))
    members = rng.random(size) < 0.6
    beta = 0.5 * np.outer(members, members) * (1 - np.eye(size))
    wages, welfare = fixed_point(flows, beta, 4.0)
    result = calibrate(flows, 4.0).solve(Shock(trade_cost=np.exp(-beta / 4)))
    np.testing.assert_allclose(result.wages.values, wages, rtol=1e-10)
    np.testing.assert_allclose(result.welfare.values, welfare, rtol=0, atol=1e-8)
