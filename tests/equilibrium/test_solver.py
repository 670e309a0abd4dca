"""The solver: two methods agree, huge shocks converge, and what has no equilibrium is refused with a reason."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.equilibrium import Shock, calibrate
from dostastyq.equilibrium.one_sector import components
from dostastyq.errors import DostastyqError


def economy_of(seed, size, theta=4.0, *, closure="additive", tariffs=None):
    rng = np.random.default_rng(seed)
    flows = rng.lognormal(0, 1, (size, size))
    np.fill_diagonal(flows, flows.sum(axis=0) * rng.uniform(2, 5, size))
    return calibrate(flows, theta, tariffs=tariffs, deficits=closure)


@pytest.mark.parametrize("closure", ["additive", "proportional", "zero"])
@pytest.mark.parametrize("size", [3, 30, 120])
def test_newton_and_anderson_agree(closure, size):
    economy = economy_of(1, size, closure=closure)
    cost = np.exp(np.random.default_rng(2).normal(0, 0.1, (size, size)))
    newton, anderson = (economy.solve(Shock(cost, tariffs=0.1), method=method) for method in ("newton", "anderson"))
    assert (newton.certificate.method, anderson.certificate.method) == ("newton", "anderson")
    np.testing.assert_allclose(anderson.welfare.values, newton.welfare.values, rtol=0, atol=1e-8)


def test_the_method_follows_the_size():
    assert economy_of(0, 100).solve(Shock(trade_cost=1.1)).certificate.method == "newton"
    assert economy_of(0, 101).solve(Shock(trade_cost=1.1)).certificate.method == "anderson"


huge = st.builds(
    lambda seed, size, theta, closure: (np.random.default_rng(seed), size, theta, closure),
    st.integers(0, 2**32 - 1),
    st.integers(2, 15),
    st.floats(0.5, 15),
    st.sampled_from(["proportional", "zero"]),
)


@given(huge, st.sampled_from(["auto", "anderson"]))
def test_huge_and_tiny_shocks_converge(world, method):
    """Tariffs to 1000 %, iceberg costs halved to fivefold, productivity a fifth to fivefold: solved to 1e-10."""
    rng, size, theta, closure = world
    foreign = ~np.eye(size, dtype=bool)
    flows = rng.lognormal(0, 2, (size, size))
    np.fill_diagonal(flows, flows.sum(axis=0) * rng.uniform(0.1, 3, size))

    def tariffs():
        return foreign * np.where(
            rng.random((size, size)) < 0.3, rng.choice([0.0, 10.0]), rng.uniform(0, 10, (size, size))
        )

    economy = calibrate(flows, theta, tariffs=tariffs(), deficits=closure)
    shock = Shock(rng.uniform(0.5, 5, (size, size)), tariffs(), rng.choice([0.2, 1.0, 5.0], size))
    result = economy.solve(shock, method=method)
    assert result.certificate.residual <= 1e-10
    assert np.isfinite(result.welfare.values).all()


@given(st.integers(0, 2**32 - 1), st.integers(2, 15), st.floats(0.5, 15))
def test_fixed_deficits_converge_or_are_refused_with_the_payer_named(seed, size, theta):
    rng = np.random.default_rng(seed)
    flows = rng.lognormal(0, 2, (size, size))
    np.fill_diagonal(flows, flows.sum(axis=0) * rng.uniform(0.1, 3, size))
    economy = calibrate(flows, theta)
    shock = Shock(rng.uniform(0.5, 5, (size, size)), rng.uniform(0, 10, (size, size)))
    refusal = None
    try:
        assert economy.solve(shock).certificate.residual <= 1e-10
    except DostastyqError as error:
        refusal = error
    if refusal is not None:
        assert refusal.code == "EQ036"
        assert "give away" in refusal.message
        assert "largest excess demand" in refusal.message


def test_extreme_but_open_worlds_are_solved_without_overflow():
    economy = economy_of(3, 8, theta=12.0, closure="zero")
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        almost = economy.solve(Shock(trade_cost=1e30))
        closed = economy.solve(Shock(trade_cost=np.inf))
        rich = economy.solve(Shock(productivity=1e20))
    np.testing.assert_allclose(almost.welfare.values, closed.welfare.values, rtol=1e-12)
    np.testing.assert_allclose(1 + rich.welfare.values / 100, 1e20, rtol=1e-9)


def test_a_world_that_falls_in_two_keeps_two_numeraires():
    economy = economy_of(4, 6, closure="zero", tariffs=0.1)
    union = np.array([True, True, True, False, False, False])
    cost = np.where(union[:, None] == union, 1.0, np.inf)
    result = economy.solve(Shock(trade_cost=cost))
    assert result.certificate.residual <= 1e-10
    np.testing.assert_allclose(result.output.values[union].sum(), economy.output.values[union].sum(), rtol=1e-12)
    inside = result.flows.values[:3, :3]
    np.testing.assert_allclose(inside.sum(axis=0), inside.sum(axis=1), rtol=1e-10)
    assert (result.flows.values[:3, 3:] == 0).all()


def test_proportional_deficits_vanish_in_autarky():
    result = economy_of(5, 5, closure="proportional").solve(Shock(trade_cost=np.inf))
    np.testing.assert_allclose(result.expenditure.values, result.output.values, rtol=1e-12)


def refused(call):
    with pytest.raises(DostastyqError) as caught:
        call()
    return caught.value


def test_autarky_with_a_fixed_deficit_is_refused():
    error = refused(lambda: economy_of(6, 4).solve(Shock(trade_cost=np.inf)))
    assert error.code == "EQ031"
    assert "additive closure fixes a deficit" in error.message
    assert "deficits='zero'" in error.hint


def test_a_state_without_any_market_is_refused():
    cost = np.ones((4, 4))
    cost[:, 2] = np.inf
    error = refused(lambda: economy_of(6, 4, closure="zero").solve(Shock(trade_cost=cost)))
    assert (error.code, "exporter 2 sells nothing" in error.message) == ("EQ030", True)


@pytest.mark.parametrize("closure", ["additive", "proportional", "zero"])
def test_one_way_trade_is_refused(closure):
    cost = np.ones((4, 4))
    cost[0, 1:] = np.inf
    error = refused(lambda: economy_of(6, 4, closure=closure).solve(Shock(trade_cost=cost)))
    assert error.code == {"additive": "EQ036", "proportional": "EQ032", "zero": "EQ035"}[closure]
    if closure == "zero":
        assert "0 can sell to the rest of the world but not buy from it" in error.message
    if closure == "proportional":
        assert "only sell or only buy" in error.hint


def test_a_transfer_that_cannot_be_paid_is_refused_with_numbers():
    economy = calibrate([[100.0, 60.0], [10.0, 100.0]], 8.0, labels=["BUY", "PAY"])
    error = refused(lambda: economy.solve(Shock(trade_cost=50.0)))
    assert error.code == "EQ036"
    assert "PAY would have to give away 50" in error.message


def test_a_solve_that_stops_short_is_an_error_and_never_a_number():
    error = refused(lambda: economy_of(7, 10).solve(Shock(trade_cost=1.2), tolerance=1e-18))
    assert error.code in {"EQ032", "EQ033", "EQ036"}


@pytest.mark.parametrize(
    ("kwargs", "word"), [({"method": "brent"}, "method 'brent'"), ({"tolerance": 0.0}, "tolerance")]
)
def test_settings_of_the_solver_are_checked(kwargs, word):
    error = refused(lambda: economy_of(7, 3).solve(Shock(), **kwargs))
    assert error.code == "EQ016"
    assert word in error.message


def test_certificate_names_every_equation():
    mark = economy_of(9, 5, tariffs=0.1).solve(Shock(tariffs=0.0)).certificate
    assert set(mark.residuals) == {"goods_market", "budget", "price_index", "flows", "world_deficit", "numeraire"}
    assert mark.residual == max(mark.residuals.values()) <= mark.tolerance
    assert mark.converged
    assert mark.to_dict()["method"] == "newton"


def test_results_survive_pickling_and_two_runs_give_the_same_bytes():
    economy = economy_of(10, 12, tariffs=0.1)
    shock = Shock(trade_cost=1.2, tariffs=0.0)
    one, two = economy.solve(shock), pickle.loads(pickle.dumps(economy.solve(shock)))
    assert one.welfare.values.tobytes() == two.welfare.values.tobytes()
    assert one.provenance == two.provenance


def test_components_of_a_graph():
    linked = np.zeros((5, 5), dtype=bool)
    linked[0, 3] = linked[3, 4] = True
    found = components(linked)
    assert found is not None
    assert found.T.astype(int).tolist() == [[1, 0, 0, 1, 1], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0]]
