"""Derivatives with sectors equal central differences; the delta method agrees with draws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dostastyq.equilibrium import Economy, Shock, calibrate
from dostastyq.errors import DostastyqError

CLOSURES = ["additive", "proportional", "zero"]


def central(log_income, step=5e-4):
    """Fourth-order central difference."""
    near = (log_income(step) - log_income(-step)) / (2 * step)
    far = (log_income(2 * step) - log_income(-2 * step)) / (4 * step)
    return (4 * near - far) / 3


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(2, 5), st.sampled_from(CLOSURES))
@settings(max_examples=20)
def test_derivative_equals_a_central_difference(world, mild, seed, sectors, states, closure):  # noqa: PLR0917
    rng = np.random.default_rng(seed)
    economy = world(rng, sectors, states, closure)
    shape = economy.base.shares.shape
    shock = mild(rng, economy)
    cost, wedge = rng.normal(size=(2, *shape))
    made, people = rng.normal(size=shape[:2]), rng.normal(size=states)

    def log_income(step):
        moved = Shock(
            shock.trade_cost * np.exp(step * cost),
            (1 + shock.tariffs) * np.exp(step * wedge) - 1,
            shock.productivity * np.exp(step * made),
            shock.labour * np.exp(step * people),
            shock.export_taxes,
        )
        return np.log1p(economy.solve(moved, tolerance=1e-12).welfare.values / 100)

    result = economy.solve(shock, tolerance=1e-12)
    slope = result.derivative(cost[None], tariffs=wedge[None], productivity=made[None], labour=people[None])
    np.testing.assert_allclose(slope[0], central(log_income), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("inputs", [0, 0.6])
def test_derivative_by_elasticity(world, mild, closure, inputs):
    rng = np.random.default_rng(1)
    economy = world(rng, 3, 4, closure, inputs=inputs)
    shock, base = mild(rng, economy), economy.base
    slope = economy.solve(shock, tolerance=1e-12).derivative(elasticity=np.eye(3))
    for j in range(3):

        def log_income(step, j=j):
            theta = base.theta + step * np.eye(3)[j]
            other = Economy.from_shares(
                base.shares, base.expenditure, base.tariffs, theta, base.value_added, base.inputs, base.final_shares,
                closure,
            )  # fmt: skip
            return np.log1p(other.solve(shock, tolerance=1e-12).welfare.values / 100)

        np.testing.assert_allclose(slope[j], central(log_income, 1e-3), rtol=0, atol=1e-9)


@pytest.mark.parametrize("closure", CLOSURES)
def test_one_sector_agrees_with_its_twin(closure):
    rng = np.random.default_rng(2)
    flows = rng.lognormal(0, 1, (5, 5)) + np.diag(rng.uniform(20, 30, 5))
    one = calibrate(flows, 4.0, 0.1, deficits=closure)
    shock = Shock(np.exp(rng.normal(0, 0.1, (5, 5))), 0.3, rng.uniform(0.9, 1.1, 5), rng.uniform(0.9, 1.1, 5))
    single, twin = one.solve(shock), one.with_sectors().solve(shock, tolerance=1e-12)
    for kind in ({"elasticity": [1.0]}, {"trade_cost": 1 - np.eye(5)}, {"labour": np.arange(5.0)}):
        np.testing.assert_allclose(twin.derivative(**kind), single.derivative(**kind), rtol=0, atol=1e-10)
    assert single.interval(0.25).standard_error.values == pytest.approx(
        twin.interval(0.25).standard_error.values, abs=1e-9
    )


def test_interval_of_elasticities_agrees_with_draws(world):
    """A covariance alone is that of the elasticities; s.e. of welfare within 5 % of 400 antithetic draws."""
    rng = np.random.default_rng(3)
    economy = world(rng, 3, 5, "zero", theta=(3, 8))
    base, shock = economy.base, Shock(tariffs=0.0, trade_cost=0.95)
    root = np.diag([0.2, 0.1, 0.3]) @ np.linalg.cholesky(np.full((3, 3), 0.3) + 0.7 * np.eye(3))
    draws = rng.normal(size=(200, 3))
    draws = np.concatenate([draws, -draws])
    draws = draws @ np.linalg.inv(np.linalg.cholesky(np.cov(draws.T))).T @ root.T
    spread = []
    for draw in draws:
        other = Economy.from_shares(
            base.shares, base.expenditure, base.tariffs, base.theta + draw, base.value_added, base.inputs,
            base.final_shares, "zero",
        )  # fmt: skip
        spread.append(other.solve(shock).welfare.values)
    result = economy.solve(shock)
    interval = result.interval(root @ root.T)
    np.testing.assert_allclose(interval.standard_error.values, np.std(spread, axis=0, ddof=1), rtol=0.05)
    named = result.interval(covariance=root @ root.T)
    assert np.array_equal(named.low.values, interval.low.values)


def test_many_directions_are_the_single_ones(world, mild):
    rng = np.random.default_rng(4)
    economy = world(rng, 2, 4)
    result = economy.solve(mild(rng, economy))
    directions = rng.normal(size=(37, 2, 4, 4))
    together = result.derivative(directions)
    for k in (0, 17, 36):
        np.testing.assert_allclose(result.derivative(directions[k])[0], together[k], rtol=0, atol=1e-11)
    everywhere = result.derivative(1 - np.eye(4))
    np.testing.assert_allclose(everywhere, result.derivative(np.stack([1 - np.eye(4)] * 2)), atol=1e-12)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda r: r.derivative(), "EQ024"),
        (lambda r: r.derivative(np.ones((2, 3, 4))), "EQ001"),
        (lambda r: r.derivative(elasticity=[1.0]), "EQ001"),
        (lambda r: r.interval(np.eye(2)), "EQ025"),
        (lambda r: r.interval(), "EQ025"),
        (lambda r: r.decompose(by="continent"), "EQ039"),
        (lambda r: r.decompose(0), "EQ037"),
    ],
)
def test_what_does_not_fit_is_refused(world, call, code):
    result = world(np.random.default_rng(5)).solve()
    with pytest.raises(DostastyqError) as caught:
        call(result)
    assert caught.value.code == code
