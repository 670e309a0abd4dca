"""Never the same tariff twice: the two ways from an effect to a shock reach one world."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.assess.shock import embed, trade_cost
from dostastyq.equilibrium import Shock, calibrate

effects = st.floats(-0.8, 0.8)
tariffs = st.floats(0.0, 0.5)


@given(effect=effects, old=tariffs, new=tariffs, theta=st.floats(1.5, 9), seed=st.integers(0, 2**20))
def test_one_world_is_reached_with_the_tariff_modelled_apart_or_not(effect, old, new, theta, seed):
    flows = np.random.default_rng(seed).lognormal(0, 1.5, (4, 4)) + 50 * np.eye(4)
    pair = np.zeros((4, 4))
    pair[0, 1] = pair[1, 0] = 1.0
    economy = calibrate(flows, elasticity=theta, tariffs=old * pair)
    whole = economy.solve(Shock(trade_cost=trade_cost(effect * pair, theta), tariffs=old * pair))
    change = (np.log1p(new) - np.log1p(old)) * pair
    split = economy.solve(Shock(trade_cost=trade_cost(effect * pair, theta, change), tariffs=new * pair))
    np.testing.assert_allclose(np.asarray(split.flows), np.asarray(whole.flows), rtol=1e-9)
    np.testing.assert_allclose(np.asarray(split.wages), np.asarray(whole.wages), rtol=1e-9)


@given(effect=effects, theta=st.floats(1, 10))
def test_the_shock_moves_trade_by_the_effect(effect, theta):
    """In partial equilibrium: ln X changes by -θ ln d."""
    np.testing.assert_allclose(-theta * np.log(trade_cost(np.array(effect), theta)), effect, atol=1e-12)


def test_embedding_keeps_labels_apart():
    change = np.arange(4.0).reshape(1, 2, 2)
    placed = embed(change, ("KAZ", "UZB"), ("CHN", "UZB", "KAZ"))
    assert placed[0, 2, 1] == 1.0
    assert placed[0, 1, 2] == 2.0
    assert placed[0, 0].sum() == placed[0, :, 0].sum() == 0.0
