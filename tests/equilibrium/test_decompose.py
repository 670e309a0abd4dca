"""The decomposition sums to the exact welfare change and each term answers to its own cause."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.equilibrium import Shock, calibrate
from dostastyq.errors import DostastyqError

TERMS = ["terms_of_trade", "volume_of_trade", "trade_costs", "productivity", "labour", "deficit"]


def economy_of(seed, size=5, theta=4.0, closure="additive", tariffs=0.2):
    rng = np.random.default_rng(seed)
    flows = rng.lognormal(0, 1, (size, size))
    np.fill_diagonal(flows, flows.sum(axis=0) * rng.uniform(2, 5, size))
    return calibrate(flows, theta, tariffs=tariffs, deficits=closure)


@given(
    st.integers(0, 2**32 - 1), st.integers(2, 8), st.floats(1, 8), st.sampled_from(["additive", "proportional", "zero"])
)
def test_terms_sum_to_welfare(seed, size, theta, closure):
    rng = np.random.default_rng(seed)
    economy = economy_of(seed, size, theta, closure, rng.uniform(0, 0.3, (size, size)))
    shock = Shock(
        np.exp(rng.normal(0, 0.1, (size, size))),
        rng.uniform(0, 0.4, (size, size)),
        np.exp(rng.normal(0, 0.1, size)),
        np.exp(rng.normal(0, 0.1, size)),
    )
    result = economy.solve(shock)
    parts = result.decompose()
    np.testing.assert_allclose(parts["total"], result.welfare.values, rtol=0, atol=1e-8)
    np.testing.assert_allclose(parts.select(TERMS).to_numpy().sum(axis=1), parts["total"], atol=1e-12)


def test_each_term_has_its_cause():
    economy = economy_of(1)
    costs = economy.solve(Shock(trade_cost=0.9)).decompose()
    tariffs = economy.solve(Shock(tariffs=0.0)).decompose()
    assert (costs["trade_costs"].to_numpy() > 0).all()
    assert (costs["productivity"].to_numpy() == 0).all()
    assert (tariffs["trade_costs"].to_numpy() == 0).all()
    assert (tariffs["volume_of_trade"].to_numpy() > 0).all()
    free = economy_of(1, tariffs=None).solve(Shock(trade_cost=0.9)).decompose()
    np.testing.assert_allclose(free["volume_of_trade"], 0, atol=1e-14)
    np.testing.assert_allclose(free["deficit"], 0, atol=1e-12)


def test_terms_of_trade_are_a_transfer():
    """Weighted by expenditure, terms of trade sum to zero over the world at the first order."""
    economy = economy_of(2)
    parts = economy.solve(Shock(tariffs=0.2001)).decompose()
    weights = economy.to_frame()["expenditure"].to_numpy()
    assert abs(weights @ parts["terms_of_trade"].to_numpy()) < 1e-4 * (
        weights @ np.abs(parts["terms_of_trade"].to_numpy())
    )


@pytest.mark.parametrize(
    ("shock", "steps", "code"),
    [(Shock(trade_cost=np.inf), 16, "EQ038"), (Shock(tariffs=5.0), 1, "EQ037"), (Shock(), 0, "EQ037")],
)
def test_what_cannot_be_integrated_is_refused(shock, steps, code):
    with pytest.raises(DostastyqError) as caught:
        economy_of(3, closure="zero").solve(shock).decompose(steps)
    assert caught.value.code == code
