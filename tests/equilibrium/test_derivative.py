"""Derivatives equal central differences; the delta method agrees with draws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.equilibrium import Shock, calibrate
from dostastyq.errors import DostastyqError


def economy_of(rng, size, theta, closure, *, tariffs=True):
    flows = rng.lognormal(0, 1, (size, size))
    np.fill_diagonal(flows, flows.sum(axis=0) * rng.uniform(2, 5, size))
    return calibrate(flows, theta, tariffs=rng.uniform(0, 0.3, (size, size)) if tariffs else None, deficits=closure)


@given(
    st.integers(0, 2**32 - 1),
    st.integers(2, 10),
    st.floats(1, 8),
    st.sampled_from(["additive", "proportional", "zero"]),
)
def test_derivative_equals_a_central_difference(seed, size, theta, closure):
    """Fourth-order central differences of ln real income in every kind of direction, with tariffs."""
    rng = np.random.default_rng(seed)
    economy = economy_of(rng, size, theta, closure)
    cost, wedge = np.exp(rng.normal(0, 0.1, (size, size))), rng.uniform(0, 0.4, (size, size))
    made, people = np.exp(rng.normal(0, 0.1, (2, size)))
    directions = rng.normal(size=(2, 2, size, size))
    moves = rng.normal(size=(2, 2, size))

    def log_income(k, step):
        shock = Shock(
            cost * np.exp(step * directions[0, k]),
            (1 + wedge) * np.exp(step * directions[1, k]) - 1,
            made * np.exp(step * moves[0, k]),
            people * np.exp(step * moves[1, k]),
        )
        return np.log1p(economy.solve(shock).welfare.values / 100)

    slope = economy.solve(Shock(cost, wedge, made, people)).derivative(
        directions[0], tariffs=directions[1], productivity=moves[0], labour=moves[1]
    )
    for k in range(2):
        step = 2e-4
        near = (log_income(k, step) - log_income(k, -step)) / (2 * step)
        far = (log_income(k, 2 * step) - log_income(k, -2 * step)) / (4 * step)
        np.testing.assert_allclose(slope[k], (4 * near - far) / 3, rtol=0, atol=1e-9)


def test_base_with_tariffs_feels_revenue_at_the_first_order():
    """Around free trade a tariff has no first-order world loss; around a tariff its cut has a gain."""
    flows = [[80.0, 20.0], [20.0, 80.0]]
    cut = -np.array([[0.0, 1.0], [1.0, 0.0]])
    free = calibrate(flows).solve().derivative(tariffs=cut)
    taxed = calibrate(flows, tariffs=0.2).solve().derivative(tariffs=cut)
    np.testing.assert_allclose(free, 0, atol=1e-15)
    assert (taxed > 0).all()


def test_one_direction_may_lack_its_axis():
    economy = economy_of(np.random.default_rng(0), 4, 4.0, "additive")
    direction = np.ones((4, 4)) - np.eye(4)
    result = economy.solve(Shock(trade_cost=1.1))
    assert np.array_equal(result.derivative(direction), result.derivative(direction[None]))
    assert result.derivative(direction).shape == (1, 4)


@pytest.mark.parametrize("closure", ["additive", "proportional"])
def test_delta_method_agrees_with_two_thousand_draws(closure):
    """Two correlated coefficients of agreements; s.e. of welfare within 3 % for every state."""
    rng = np.random.default_rng(20260901)
    size, theta = 12, 4.0
    economy = economy_of(rng, size, theta, closure)
    inner, outer = np.zeros((2, size, size))
    inner[:4, :4] = 1
    outer[:9, :9] = 1
    for member in (inner, outer):
        np.fill_diagonal(member, 0)
    beta = np.array([0.25, 0.15])
    covariance = np.array([[0.06**2, 0.3 * 0.06 * 0.05], [0.3 * 0.06 * 0.05, 0.05**2]])
    directions = np.stack([inner, outer]) / -theta

    def shock(values):
        return Shock(trade_cost=np.exp(np.tensordot(values, directions, 1)))

    draws = rng.multivariate_normal(beta, covariance, 2000)
    draws = np.concatenate([draws, 2 * beta - draws])[::2]
    draws = (draws - draws.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(draws.T))).T
    draws = beta + draws @ np.linalg.cholesky(covariance).T
    spread = np.array([result.welfare.values for result in economy.solve_many(map(shock, draws))]).std(axis=0, ddof=1)
    interval = economy.solve(shock(beta)).interval(directions, covariance)
    assert len(draws) == 2000
    np.testing.assert_allclose(interval.standard_error.values, spread, rtol=0.03)


def test_interval_is_centred_in_logs_and_widens_with_its_level():
    economy = economy_of(np.random.default_rng(1), 5, 4.0, "additive")
    direction = np.ones((5, 5)) - np.eye(5)
    result = economy.solve(Shock(trade_cost=0.9))
    narrow, wide = (result.interval(direction, 0.01, level) for level in (0.5, 0.99))
    middle = np.sqrt((1 + narrow.low.values / 100) * (1 + narrow.high.values / 100))
    np.testing.assert_allclose(middle, 1 + result.welfare.values / 100, rtol=1e-12)
    assert (wide.low.values < narrow.low.values).all()
    assert (result.interval(direction, 0.0).standard_error.values == 0).all()
    assert wide.to_frame().columns == ["state", "low", "high", "standard_error"]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda r: r.derivative(), "EQ024"),
        (lambda r: r.derivative(np.ones((2, 3, 4))), "EQ001"),
        (lambda r: r.derivative("north"), "EQ002"),
        (lambda r: r.derivative(np.full((3, 3), np.nan)), "EQ003"),
        (lambda r: r.derivative(np.ones((2, 3, 3)), productivity=np.ones((1, 3))), "EQ001"),
        (lambda r: r.interval(np.ones((3, 3))), "EQ025"),
        (lambda r: r.interval(np.ones((3, 3)), np.eye(2)), "EQ025"),
        (lambda r: r.interval(np.ones((3, 3)), -1.0), "EQ025"),
        (lambda r: r.interval(np.ones((2, 3, 3)), [[1.0, 0.5], [0.4, 1.0]]), "EQ025"),
        (lambda r: r.interval(np.ones((3, 3)), 1.0, 95), "EQ025"),
    ],
)
def test_what_does_not_fit_is_refused(call, code):
    result = economy_of(np.random.default_rng(2), 3, 4.0, "additive").solve()
    with pytest.raises(DostastyqError) as caught:
        call(result)
    assert caught.value.code == code
