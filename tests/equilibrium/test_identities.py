"""Identities that hold without any data: section 5 of the equilibrium notes, as properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.equilibrium import Shock, calibrate

CLOSURES = ("additive", "proportional", "zero")
worlds = st.builds(
    lambda seed, size, theta, closure: (np.random.default_rng(seed), size, theta, closure),
    st.integers(0, 2**32 - 1),
    st.integers(2, 12),
    st.floats(0.5, 12),
    st.sampled_from(CLOSURES),
)


def flows_of(rng, size, spread=1.0):
    flows = rng.lognormal(0, spread, (size, size))
    np.fill_diagonal(flows, flows.sum(axis=0) * rng.uniform(2, 6, size))
    return flows


def tariffs_of(rng, size, top=0.3):
    tariffs = rng.uniform(0, top, (size, size))
    np.fill_diagonal(tariffs, 0)
    return tariffs


def mild_shock(rng, size):
    return Shock(
        trade_cost=np.exp(rng.normal(0, 0.1, (size, size))),
        tariffs=tariffs_of(rng, size, 0.4),
        productivity=np.exp(rng.normal(0, 0.1, size)),
        labour=np.exp(rng.normal(0, 0.1, size)),
    )


@given(worlds)
def test_no_shock_changes_nothing_at_all(world):
    rng, size, theta, closure = world
    flows, tariffs = flows_of(rng, size, 2.0), tariffs_of(rng, size)
    economy = calibrate(flows, theta, tariffs=tariffs, deficits=closure)
    said = Shock(np.ones((size, size)), tariffs, np.ones(size), np.ones(size))
    for shock in (None, Shock(), said):
        result = economy.solve(shock)
        assert result.certificate.iterations == 0
        for percent in (result.welfare, result.real_wage, result.exports_percent, result.imports_percent):
            assert (np.asarray(percent) == 0).all()
        for ratio in (result.prices, result.wages):
            assert (np.asarray(ratio) == 1).all()
        assert np.array_equal(result.flows.values, economy.flows.values)


@given(worlds, st.floats(1e-6, 1e6))
def test_nominal_units_do_not_matter(world, unit):
    rng, size, theta, closure = world
    flows, tariffs, shock = flows_of(rng, size), tariffs_of(rng, size), mild_shock(rng, size)
    one = calibrate(flows, theta, tariffs=tariffs, deficits=closure).solve(shock)
    other = calibrate(unit * flows, theta, tariffs=tariffs, deficits=closure).solve(shock)
    np.testing.assert_allclose(other.welfare.values, one.welfare.values, rtol=0, atol=1e-9)
    np.testing.assert_allclose(other.flows.values, unit * one.flows.values, rtol=1e-10)


@given(worlds)
def test_permuting_states_permutes_results(world):
    rng, size, theta, closure = world
    flows, tariffs, shock = flows_of(rng, size), tariffs_of(rng, size), mild_shock(rng, size)
    order = rng.permutation(size)
    pairs = np.ix_(order, order)
    moved = Shock(shock.trade_cost[pairs], shock.tariffs[pairs], shock.productivity[order], shock.labour[order])
    one = calibrate(flows, theta, tariffs=tariffs, deficits=closure).solve(shock)
    other = calibrate(flows[pairs], theta, tariffs=tariffs[pairs], deficits=closure).solve(moved)
    np.testing.assert_allclose(other.welfare.values, one.welfare.values[order], rtol=0, atol=1e-9)


@given(worlds)
def test_real_wage_is_the_domestic_share_to_the_power_of_minus_one_over_theta(world):
    """Arkolakis, Costinot and Rodriguez-Clare (2012), proposition 1; welfare equals it only with balanced trade."""
    rng, size, theta, closure = world
    economy = calibrate(flows_of(rng, size), theta, deficits=closure)
    cost = np.exp(rng.normal(0, 0.2, (size, size)))
    np.fill_diagonal(cost, 1)
    result = economy.solve(Shock(trade_cost=cost))
    share = result.flows.values.diagonal() / result.flows.values.sum(axis=1)
    real_wage = (share / economy.domestic_shares.values) ** (-1 / theta)
    np.testing.assert_allclose(result.wages.values / result.prices.values, real_wage, rtol=1e-12)
    if closure == "zero":
        np.testing.assert_allclose(1 + result.welfare.values / 100, real_wage, rtol=1e-12)


@given(worlds)
def test_autarky_costs_the_domestic_share_to_the_power_of_one_over_theta(world):
    rng, size, theta, _ = world
    economy = calibrate(flows_of(rng, size), theta, deficits="zero")
    result = economy.solve(Shock(trade_cost=np.inf))
    expected = 100 * (economy.domestic_shares.values ** (1 / theta) - 1)
    np.testing.assert_allclose(result.welfare.values, expected, rtol=1e-11)
    assert (result.exports_percent.values == -100).all()
    assert np.count_nonzero(result.flows.values) == size


@given(worlds)
def test_markets_clear_and_budgets_balance(world):
    """Walras: with N-1 markets and every budget, the last market clears too; here all are checked from the outputs."""
    rng, size, theta, closure = world
    economy = calibrate(flows_of(rng, size), theta, tariffs=tariffs_of(rng, size), deficits=closure)
    result = economy.solve(mild_shock(rng, size))
    flows, tariffs = result.flows.values, result.tariffs.values
    np.testing.assert_allclose(flows.sum(axis=0), result.output.values, rtol=1e-10)
    np.testing.assert_allclose(((1 + tariffs) * flows).sum(axis=1), result.expenditure.values, rtol=1e-10)
    np.testing.assert_allclose((tariffs * flows).sum(axis=1), result.tariff_revenue.values, rtol=1e-10)
    np.testing.assert_allclose(result.output.values.sum(), economy.output.values.sum(), rtol=1e-10)
    deficit = flows.sum(axis=1) - flows.sum(axis=0)
    if closure == "additive":
        scale = economy.output.values.sum()
        np.testing.assert_allclose(deficit / scale, economy.deficit.values / scale, rtol=0, atol=1e-10)
    elif closure == "zero":
        np.testing.assert_allclose(deficit / result.output.values, 0, atol=1e-10)
    else:
        ratio = (flows.sum(axis=1) / flows.sum(axis=0)) / (1 + economy.deficit.values / economy.output.values)
        np.testing.assert_allclose(ratio, ratio[0], rtol=1e-9)


@pytest.mark.parametrize("theta", [0.5, 4.0, 15.0])
@pytest.mark.parametrize("tariff", [0.0, 0.1, 10.0])
def test_two_equal_states_in_closed_form(theta, tariff):
    """Wages stay; with share m of imports, tau to tau' and d: W = Phi^(1/theta) (1 + R/Y)' / (1 + R/Y)."""
    imports, old, cost = 0.2, 0.05, 1.3
    economy = calibrate([[1 - imports, imports], [imports, 1 - imports]], theta, tariffs=old)
    result = economy.solve(Shock(trade_cost=cost, tariffs=tariff))
    gross = imports * (1 + old) / (1 - imports + imports * (1 + old))
    weight = gross * (cost * (1 + tariff) / (1 + old)) ** -theta
    phi = 1 - gross + weight
    share = weight / phi
    expenditure = 1 / (1 - share * tariff / (1 + tariff))
    before = 1 + imports * old
    expected = 100 * (expenditure / before * phi ** (1 / theta) - 1)
    np.testing.assert_allclose(result.welfare.values, expected, rtol=1e-11)
    np.testing.assert_allclose(result.wages.values, 1, rtol=1e-14)


@given(worlds, st.floats(-0.5, 0.5))
def test_the_same_tariff_is_never_counted_twice(world, effect):
    """An effect on tariff-exclusive flows reaches one world, whole or with the tariff cut split off."""
    rng, size, theta, closure = world
    old, new = tariffs_of(rng, size), tariffs_of(rng, size)
    economy = calibrate(flows_of(rng, size), theta, tariffs=old, deficits=closure)
    pairs = rng.random((size, size)) < 0.5
    np.fill_diagonal(pairs, val=False)
    beta = effect * pairs
    change = np.log1p(new) - np.log1p(old)
    whole = economy.solve(Shock(trade_cost=np.exp(-beta / theta)))
    split = economy.solve(Shock(trade_cost=np.exp(-beta / theta - (1 + theta) / theta * change), tariffs=new))
    np.testing.assert_allclose(split.wages.values, whole.wages.values, rtol=1e-12)
    np.testing.assert_allclose(split.flows.values, whole.flows.values, rtol=1e-11)


@given(worlds)
def test_productivity_everywhere_raises_real_income_by_as_much(world):
    rng, size, theta, closure = world
    economy = calibrate(flows_of(rng, size), theta, tariffs=tariffs_of(rng, size), deficits=closure)
    result = economy.solve(Shock(productivity=1.1))
    np.testing.assert_allclose(result.welfare.values, 10, rtol=1e-10)
    more_people = economy.solve(Shock(labour=1.1))
    np.testing.assert_allclose(more_people.welfare.values, 10, rtol=1e-10)
    np.testing.assert_allclose(more_people.wages.values, 1 / 1.1, rtol=1e-12)


@given(worlds)
def test_zero_flows_stay_zero(world):
    rng, size, theta, closure = world
    flows = flows_of(rng, size)
    gone = rng.random((size, size)) < 0.2
    np.fill_diagonal(gone, val=False)
    gone[np.arange(size), (np.arange(size) + 1) % size] = False
    flows[gone] = 0
    result = calibrate(flows, theta, deficits=closure).solve(Shock(productivity=rng.uniform(0.9, 1.1, size)))
    assert np.array_equal(result.flows.values == 0, gone)
