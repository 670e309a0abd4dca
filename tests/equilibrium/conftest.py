"""Random worlds with sectors, and the equations of the model written out once more, by hand, to judge solutions."""

from collections.abc import Callable

import numpy as np
import pytest

from dostastyq.equilibrium import Economy, Equilibrium, Shock, calibrate


def random_world(rng, sectors=3, states=4, closure="additive", *, tariffs=0.3, inputs=0.6, zeros=0.0, theta=(1, 9)):
    """An economy of random flows with a strong home market; `zeros` of the foreign flows are nil, but not a ring."""
    flows = rng.lognormal(0, 1, (sectors, states, states))
    diagonal = np.eye(states, dtype=bool)
    flows[:, diagonal] = flows.sum(axis=1) * rng.uniform(1, 4, (sectors, states))
    ring = np.roll(diagonal, 1, axis=1)
    flows[(rng.random(flows.shape) < zeros) & ~diagonal & ~ring] = 0
    links = final = None
    if inputs:
        final = rng.dirichlet(np.full(sectors, 3.0), states).T
        part = rng.uniform(0.1, inputs, (states, 1, sectors))
        links = part * rng.dirichlet(np.ones(sectors), (states, sectors)).transpose(0, 2, 1)
    levels = rng.uniform(0, tariffs, flows.shape) * ~diagonal if tariffs else None
    theta = rng.uniform(*theta, sectors)
    return calibrate(flows, theta, levels, links, None, final, closure, sectors=range(sectors))


def mild_shock(rng, economy):
    """A shock of every kind but deficits, a tenth or so each."""
    shape = economy.base.shares.shape
    foreign = ~np.eye(shape[1], dtype=bool)
    return Shock(
        trade_cost=np.exp(rng.normal(0, 0.1, shape)),
        tariffs=rng.uniform(0, 0.4, shape) * foreign,
        productivity=np.exp(rng.normal(0, 0.1, shape[:2])),
        labour=np.exp(rng.normal(0, 0.1, shape[1])),
        export_taxes=rng.uniform(0, 0.2, shape) * foreign,
    )


def _or(value, default):
    return default if value is None else np.asarray(value)


def written_out(economy: Economy, shock: Shock, result: Equilibrium) -> float:
    """Largest relative error of any equation, from public arrays and loops over states; every shock part an array.

    Nothing of the solver, its kernels or its certificate is used; deficits are read from the closure.
    """
    base = economy.base
    sectors, states, _ = base.shares.shape
    ones, nil = np.ones_like(base.shares), np.zeros_like(base.shares)
    old, new = _or(base.tariffs, nil), _or(shock.tariffs, _or(base.tariffs, nil))
    levied, levy = _or(base.export_taxes, nil), _or(shock.export_taxes, _or(base.export_taxes, nil))
    cost = np.broadcast_to(_or(shock.trade_cost, ones), base.shares.shape)
    made = np.broadcast_to(_or(shock.productivity, np.ones((sectors, states))), (sectors, states))
    people = _or(shock.labour, np.ones(states))
    wage, price = np.asarray(result.wages), np.asarray(result.sector_prices)
    flows, spent = np.asarray(result.flows), np.asarray(result.sector_expenditure)
    income, worst = wage * people * base.income, [0.0]
    log_wage, log_price = np.log(wage), np.log(price)
    for j in range(sectors):
        unit = [
            base.value_added[j, i] * log_wage[i] + base.inputs[i, :, j] @ log_price[:, i] - np.log(made[j, i])
            for i in range(states)
        ]
        for n in range(states):
            wedge = cost[j, n] * (1 + new[j, n]) * (1 + levy[j, n]) / ((1 + old[j, n]) * (1 + levied[j, n]))
            bought = (base.shares[j, n] > 0) & (wedge < np.inf)
            if not bought.any():
                worst += [abs(spent[j, n]), abs(price[j, n] - 1)]
                continue
            power = -base.theta[j] * (np.log(wedge[bought]) + np.array(unit)[bought])
            weight = np.zeros(states)
            weight[bought] = base.shares[j, n, bought] * np.exp(power - power.max())
            worst.append(log_price[j, n] + (np.log(weight.sum()) + power.max()) / base.theta[j])
            wanted = weight / weight.sum() * spent[j, n] / (1 + new[j, n])
            worst.append(np.abs(wanted - flows[j, n]).max() / spent[:, n].sum())
    output = (flows / (1 + levy)).sum(axis=1)
    revenue = (new * flows).sum(axis=(0, 2)) + (levy / (1 + levy) * flows).sum(axis=(0, 1))
    deficit = flows.sum(axis=(0, 2)) - flows.sum(axis=(0, 1))
    final = income + revenue + deficit
    for n in range(states):
        worst.append((base.value_added[:, n] @ output[:, n]) / income[n] - 1)
        needed = base.final_shares[:, n] * final[n] + base.inputs[n] @ output[:, n]
        worst.append(np.abs(needed - spent[:, n]).max() / spent[:, n].sum())
        index = np.exp(base.final_shares[:, n] @ log_price[:, n])
        start = base.income[n] + base.revenue[n] + base.deficit[n]
        gain = final[n] / start / index
        worst.append((gain - 1 - result.welfare.values[n] / 100) / max(1.0, gain))
        worst.append(0.0 if final[n] > 0 and spent[:, n].min() >= 0 else np.inf)
    worst.append((deficit - _closure(economy, shock, income)) / final)
    return max(float(np.abs(error).max()) for error in worst)


def _closure(economy, shock, income):
    base = economy.base
    if shock.deficits is not None:
        return np.asarray(shock.deficits) * (base.deficit if np.ndim(shock.deficits) == 0 else 1.0)
    if economy.deficits == "phase-out":
        return economy.remaining * base.deficit
    if economy.deficits == "zero":
        return np.zeros_like(income)
    if economy.deficits == "additive":
        return base.deficit
    wanted = (1 + base.deficit / base.income) * income
    linked = (base.shares[:, :, :] * np.isfinite(_or(shock.trade_cost, np.ones(1)))).any(axis=0)
    linked = np.linalg.matrix_power((linked | linked.T | np.eye(len(income), dtype=bool)).astype(float), 64) > 0
    return wanted * (linked @ income) / (linked @ wanted) - income


@pytest.fixture(scope="session")
def world() -> Callable[..., Economy]:
    """Maker of random economies with sectors."""
    return random_world


@pytest.fixture(scope="session")
def mild() -> Callable[..., Shock]:
    """Maker of shocks of every kind."""
    return mild_shock


@pytest.fixture(scope="session")
def residual() -> Callable[..., float]:
    """Judge of solutions: the equations written out by hand."""
    return written_out
