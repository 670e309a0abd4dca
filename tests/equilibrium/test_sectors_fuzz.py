"""Worlds nobody would calibrate: each is solved, as the equations written out by hand confirm, or refused by a code."""

import os

import numpy as np
import pytest

from dostastyq.equilibrium import Economy, Shock
from dostastyq.errors import DostastyqError

COUNT = 500 if os.environ.get("DOSTASTYQ_FULL") else 60


def odd_economy(rng):
    """Shares with holes, missing sectors, tiny value added, near-singular inputs, any closure, unbalanced accounts."""
    sectors, states = int(rng.integers(1, 6)), int(rng.integers(2, 7))
    home = np.eye(states, dtype=bool)
    shares = rng.lognormal(0, rng.choice([0.5, 2.0, 4.0]), (sectors, states, states))
    shares[:, home] *= rng.choice([1.0, 30.0, 300.0])
    shares[(rng.random(shares.shape) < rng.choice([0.0, 0.3, 0.8])) & ~home] = 0
    spending = rng.lognormal(0, 1, (sectors, states))
    gamma = rng.choice([1e-6, 1e-3, 0.3, 0.7, 1.0], (sectors, states), p=[0.05, 0.1, 0.35, 0.4, 0.1])
    mix = rng.dirichlet(np.full(sectors, rng.choice([0.05, 1.0])), (states, sectors)).transpose(0, 2, 1)
    final = rng.dirichlet(np.full(sectors, 0.5), states).T
    missing = (rng.random((sectors, states)) < rng.choice([0.0, 0.2])) & (np.arange(sectors)[:, None] > 0)
    if missing.any():
        spending[missing], shares[missing] = 0, 0
        final[missing] = 0
        mix[missing.T] = 0
        final[0] += 1e-9
        final /= final.sum(axis=0)
        mix[:, 0] += 1e-9
        mix /= mix.sum(axis=1, keepdims=True)
    shares /= np.where(spending > 0, shares.sum(axis=2), 1.0)[:, :, None]
    levels = rng.choice([0.0, 0.1, 1.0, 10.0]) * rng.random(shares.shape) * ~home
    closure = rng.choice(["additive", "proportional", "zero", "phase-out"])
    return Economy.from_shares(
        shares,
        spending,
        levels,
        rng.choice([0.5, 2.0, 8.0, 40.0], sectors),
        gamma,
        mix * (1 - gamma).T[:, None, :],
        final,
        str(closure),
        export_taxes=rng.choice([0.0, 0.5]) * rng.random(shares.shape) * ~home,
        remaining=0.5,
    )


def odd_shock(rng, economy):
    """Any combination of shocks, each from nothing to enormous."""
    shape = economy.base.shares.shape
    foreign = ~np.eye(shape[1], dtype=bool)

    def maybe(value):
        return value if rng.random() < 0.5 else None

    return Shock(
        trade_cost=maybe(np.where(foreign, rng.choice([0.5, 0.9, 1.5, 10.0], shape), 1.0)),
        tariffs=maybe(rng.choice([0.0, 0.2, 10.0]) * rng.random(shape) * foreign),
        productivity=maybe(rng.choice([0.2, 1.0, 5.0], shape[:2])),
        labour=maybe(rng.choice([0.5, 2.0], shape[1])),
        export_taxes=maybe(rng.choice([0.0, 0.3, 3.0]) * rng.random(shape) * foreign),
    )


@pytest.mark.full
def test_no_silent_wrong_answer(residual):
    solved, refused = 0, {}
    for seed in range(COUNT):
        rng = np.random.default_rng(seed)
        code = ""
        try:
            economy = odd_economy(rng)
            nothing = economy.solve()
            shock = odd_shock(rng, economy)
            result = economy.solve(shock)
        except DostastyqError as error:
            code = error.code
        if code:
            assert code.startswith("EQ"), code
            refused[code] = refused.get(code, 0) + 1
            continue
        solved += 1
        assert residual(economy, Shock(), nothing) < 1e-9, seed
        assert residual(economy, shock, result) < 1e-8, seed
        if economy.deficits != "phase-out":
            assert np.abs(nothing.welfare.values).max() < 1e-9, seed
    assert solved > 0.4 * COUNT, refused
