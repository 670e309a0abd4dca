"""Sectors, inputs and tariff revenue: the identities of a correct solver, as properties, and what it refuses."""

import pickle
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import root

from dostastyq.equilibrium import Economy, Shock, calibrate
from dostastyq.equilibrium.sectors.anderson import anderson
from dostastyq.equilibrium.sectors.sweep import compiled, start, sweep
from dostastyq.equilibrium.sectors.system import apply
from dostastyq.errors import DostastyqError

CLOSURES = ("additive", "proportional", "zero", "phase-out")
seeds = st.integers(0, 2**32 - 1)
sizes = st.tuples(st.integers(1, 5), st.integers(2, 6))
closures = st.sampled_from(CLOSURES)
steady = st.sampled_from(CLOSURES[:3])


def refused(call):
    with pytest.raises(DostastyqError) as caught:
        call()
    return caught.value


@given(seeds, sizes, steady)
def test_no_shock_changes_nothing(world, seed, size, closure):
    economy = world(np.random.default_rng(seed), *size, closure)
    shape = economy.base.shares.shape
    said = Shock(np.ones(shape), economy.tariffs, np.ones(shape[:2]), np.ones(shape[1]))
    for shock in (None, said):
        result = economy.solve(shock)
        assert result.certificate.iterations == 0
        np.testing.assert_allclose(result.welfare.values, 0, atol=1e-10)
        np.testing.assert_allclose(result.prices.values, 1, rtol=1e-14)
        np.testing.assert_allclose(result.wages.values, 1, rtol=1e-14)
        np.testing.assert_allclose(result.flows.values, economy.flows.values, rtol=1e-13)


@given(seeds, sizes, closures)
def test_every_equation_holds_when_written_out_by_hand(world, mild, residual, seed, size, closure):  # noqa: PLR0917
    rng = np.random.default_rng(seed)
    economy = world(rng, *size, closure, zeros=0.2)
    shock = mild(rng, economy)
    result = economy.solve(shock)
    assert residual(economy, shock, result) < 2e-10
    assert (result.flows.values[economy.base.shares == 0] == 0).all()


@given(seeds, st.integers(2, 8), steady)
@settings(max_examples=15)
def test_one_sector_without_inputs_is_the_one_sector_economy(seed, states, closure):
    rng = np.random.default_rng(seed)
    flows = rng.lognormal(0, 1, (states, states)) + np.diag(rng.uniform(3, 9, states) * states)
    tariffs = rng.uniform(0, 0.3, (states, states)) * (1 - np.eye(states))
    one = calibrate(flows, 4.0, tariffs, deficits=closure)
    shock = Shock(np.exp(rng.normal(0, 0.2, flows.shape)), 2 * tariffs, rng.uniform(0.8, 1.2, states))
    single = one.solve(shock)
    for twin in (one.with_sectors(), calibrate(flows, 4.0, tariffs, deficits=closure, sectors=["all"])):
        result = twin.solve(shock, tolerance=1e-12)
        np.testing.assert_allclose(result.welfare.values, single.welfare.values, rtol=0, atol=1e-8)
        np.testing.assert_allclose(result.real_wage.values, single.real_wage.values, rtol=0, atol=1e-8)
        np.testing.assert_allclose(result.flows.values[0], single.flows.values, rtol=1e-9)
        np.testing.assert_allclose(
            result.first_order_welfare.values, single.first_order_welfare.values, rtol=0, atol=1e-8
        )
        parts, others = result.decompose(), single.decompose()
        for name in ("terms_of_trade", "volume_of_trade", "trade_costs", "productivity", "deficit"):
            np.testing.assert_allclose(parts[name], others[name], rtol=0, atol=1e-7)


@given(seeds, sizes, closures)
def test_the_numpy_path_gives_the_answer_of_the_compiled_one(world, mild, seed, size, closure):
    rng = np.random.default_rng(seed)
    economy = world(rng, *size, closure)
    shock = mild(rng, economy)
    one, other = (economy.solve(shock, method=method) for method in ("compiled", "numpy"))
    np.testing.assert_allclose(other.welfare.values, one.welfare.values, rtol=0, atol=1e-8)
    system = apply(economy.base, economy.resolve(shock), proportional=closure == "proportional")
    first, second = (path(system, start(system), 0.3) for path in (sweep, compiled))
    np.testing.assert_allclose(second.state.expenditure, first.state.expenditure, rtol=1e-12)
    np.testing.assert_allclose(second.state.log_cost, first.state.log_cost, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(second.excess, first.excess, rtol=1e-12, atol=1e-13)


@contextmanager
def solvable():
    """Set aside a world that is rightly refused: no final demand left, or deficits that nobody can pay."""
    try:
        yield
    except DostastyqError as refusal:
        assume(refusal.code not in {"EQ036", "EQ047"})
        raise


@given(seeds, sizes, closures, st.floats(1e-6, 1e6))
def test_units_and_order_do_not_matter(mild, seed, size, closure, unit):
    rng = np.random.default_rng(seed)
    sectors, states = size
    flows = rng.lognormal(0, 1, (sectors, states, states)) + 9 * np.eye(states)
    theta = rng.uniform(1, 9, sectors)
    links = rng.dirichlet(np.ones(sectors), (states, sectors)).transpose(0, 2, 1) * 0.5
    with solvable():
        economy = calibrate(flows, theta, 0.1, links, deficits=closure, sectors=range(sectors))
        shock = mild(rng, economy)
        result = economy.solve(shock).welfare.values
    scaled = calibrate(unit * flows, theta, 0.1, links, deficits=closure, sectors=range(sectors)).solve(shock)
    np.testing.assert_allclose(scaled.welfare.values, result, rtol=0, atol=1e-8)
    j, n = rng.permutation(sectors), rng.permutation(states)
    pairs = np.ix_(j, n, n)
    moved = calibrate(flows[pairs], theta[j], 0.1, links[np.ix_(n, j, j)], deficits=closure, sectors=range(sectors))
    again = moved.solve(
        Shock(
            shock.trade_cost[pairs],
            shock.tariffs[pairs],
            shock.productivity[np.ix_(j, n)],
            shock.labour[n],
            shock.export_taxes[pairs],
        )
    )
    np.testing.assert_allclose(again.welfare.values, result[n], rtol=0, atol=1e-8)


@given(seeds, sizes)
def test_gains_from_trade_follow_domestic_shares(world, seed, size):
    """Real wage in closed form: w/P = prod_jk lambda_k^(-alpha_j L_kj/theta_k), L the Leontief inverse (CP eq. 13)."""
    rng = np.random.default_rng(seed)
    economy = world(rng, *size, tariffs=0)
    base = economy.base
    cost = np.exp(rng.normal(0, 0.2, base.shares.shape))
    cost[:, np.eye(size[1], dtype=bool)] = 1
    result = economy.solve(Shock(trade_cost=cost))
    new = np.einsum("jnn->jn", np.asarray(result.trade_shares)) / economy.domestic_shares.values
    for n in range(size[1]):
        leontief = np.linalg.inv(np.eye(size[0]) - base.inputs[n])
        weight = leontief @ base.final_shares[:, n]
        expected = -(weight / base.theta) @ np.log(new[:, n])
        assert np.log1p(result.real_wage.values[n] / 100) == pytest.approx(expected, abs=1e-9)


@given(seeds, sizes)
def test_autarky(world, seed, size):
    economy = world(np.random.default_rng(seed), *size, closure="zero", tariffs=0)
    base = economy.base
    result = economy.solve(Shock(trade_cost=np.inf))
    own = economy.domestic_shares.values
    for n in range(size[1]):
        weight = np.linalg.inv(np.eye(size[0]) - base.inputs[n]) @ base.final_shares[:, n]
        expected = 100 * np.expm1((weight / base.theta) @ np.log(own[:, n]))
        assert result.welfare.values[n] == pytest.approx(expected, abs=1e-8)
    assert (result.exports_percent.values == -100).all()
    assert np.count_nonzero(result.flows.values) == size[0] * size[1]


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_two_equal_states_in_closed_form(share):
    """Wages stay; with inputs of the same bundle, P = (Phi)^(-1/(theta gamma)) for one symmetric good."""
    theta, imports, tariff, cost = 4.0, 0.2, 0.1, 1.2
    shares = np.array([[[1 - imports, imports], [imports, 1 - imports]]])
    economy = Economy.from_shares(shares, [[1.0, 1.0]], None, theta, 1 - share, np.full((2, 1, 1), share), [[1.0, 1.0]])
    result = economy.solve(Shock(trade_cost=cost, tariffs=tariff))
    weight = imports * (cost * (1 + tariff)) ** -theta
    phi = 1 - imports + weight
    duty = weight / phi * tariff / (1 + tariff)
    # X = V + R + share Y, Y = (1 - duty) X, V = (1 - share) Y: income rises by R = duty X.
    gain = 1 + duty / (1 - duty) / (1 - share)
    expected = 100 * (gain * phi ** (1 / (theta * (1 - share))) - 1)
    np.testing.assert_allclose(result.welfare.values, expected, rtol=1e-10)


@given(seeds, sizes)
def test_lerner_symmetry(world, seed, size):
    """A uniform export tax does what the uniform tariff of the same state does, to everyone (Lerner 1936)."""
    rng = np.random.default_rng(seed)
    economy = world(rng, *size, closure="zero", tariffs=0)
    foreign = ~np.eye(size[1], dtype=bool)
    duty, tax = np.zeros((2, *economy.base.shares.shape))
    duty[:, 0, :], tax[:, :, 0] = 0.2, 0.2
    tariff = economy.solve(Shock(tariffs=duty * foreign))
    export = economy.solve(Shock(export_taxes=tax * foreign))
    np.testing.assert_allclose(export.welfare.values, tariff.welfare.values, rtol=0, atol=1e-8)
    assert export.export_tax_revenue.values[0] > 0
    assert (export.tariff_revenue.values == 0).all()


@given(seeds, sizes, closures)
@settings(max_examples=10)
def test_terms_sum_to_welfare_by_partner_and_sector(world, mild, seed, size, closure):
    rng = np.random.default_rng(seed)
    economy = world(rng, *size, closure)
    result = economy.solve(mild(rng, economy))
    plain = result.decompose()
    np.testing.assert_allclose(plain["total"], result.welfare.values, rtol=0, atol=1e-6)
    for by in ("partner", "sector", ("partner", "sector")):
        summed = result.decompose(by=by).group_by("state", maintain_order=True).sum().sort("state")
        for name in plain.columns[1:]:
            np.testing.assert_allclose(summed[name], plain[name], rtol=0, atol=1e-10)


def test_the_first_order_formula_is_the_limit_of_small_changes(world):
    rng = np.random.default_rng(3)
    economy = world(rng)
    shape = economy.base.shares.shape
    direction = rng.normal(size=shape)
    step = 1e-5
    result = economy.solve(Shock(np.exp(step * direction), (1 + economy.tariffs.values) * np.exp(step * direction) - 1))
    np.testing.assert_allclose(result.first_order_welfare.values, result.welfare.values, rtol=0, atol=1e-6)
    assert np.abs(result.welfare.values).max() > 1e-4


def test_phase_out_tells_rebalancing_apart(world):
    rng = np.random.default_rng(4)
    flows = np.asarray(world(rng).flows)
    kinds = {"sectors": range(3)}
    half = calibrate(flows, 4.0, 0.1, deficits="phase-out", remaining=0.5, **kinds)
    base = calibrate(flows, 4.0, 0.1, **kinds)
    shock = Shock(trade_cost=1.1)
    result = half.solve(shock)
    np.testing.assert_allclose(result.deficit.values, base.deficit.values / 2, rtol=1e-12)
    same = base.solve(Shock(trade_cost=1.1, deficits=0.5))
    np.testing.assert_allclose(result.welfare.values, same.welfare.values, atol=1e-8)
    np.testing.assert_allclose(result.rebalancing.values, base.solve(Shock(deficits=0.5)).welfare.values, atol=1e-8)
    assert (base.solve(shock).rebalancing.values == 0).all()
    one = calibrate(flows[0], 4.0, 0.1, deficits="phase-out", remaining=0.5)
    twin = one.with_sectors().solve(shock)
    np.testing.assert_allclose(one.solve(shock).welfare.values, twin.welfare.values, atol=1e-8)
    np.testing.assert_allclose(one.solve(shock).rebalancing.values, twin.rebalancing.values, atol=1e-8)
    many = one.solve_many([shock, Shock()])
    np.testing.assert_allclose(many[0].welfare.values, twin.welfare.values, atol=1e-8)


def huge_shocks(economy):
    foreign = ~np.eye(len(economy.labels), dtype=bool)
    levels = np.asarray(economy.tariffs)
    one = levels.copy()
    one[:, 1, :] = 10 * foreign[1]
    return {
        "tariffs gone": Shock(tariffs=0.0),
        "a hundred points": Shock(tariffs=levels + foreign),
        "half as costly again": Shock(trade_cost=1.5),
        "three times as costly": Shock(trade_cost=3.0),
        "a third cheaper": Shock(trade_cost=0.7),
        "one state 1000 %": Shock(tariffs=one),
    }


@pytest.mark.parametrize("closure", ["zero", "proportional"])
def test_large_shocks_converge_from_cold(world, residual, closure):
    economy = world(np.random.default_rng(5), 8, 12, closure, tariffs=0.4, theta=(1.5, 20))
    for name, shock in huge_shocks(economy).items():
        result = economy.solve(shock)
        assert result.certificate.residual <= 1e-10, name
        foreign = ~np.eye(12, dtype=bool)
        cost = None if shock.trade_cost is None else np.where(foreign, shock.trade_cost, 1.0) * np.ones((8, 1, 1))
        tariffs = (
            np.asarray(economy.tariffs) if shock.tariffs is None else shock.tariffs * np.ones((8, 12, 12)) * foreign
        )
        assert residual(economy, Shock(cost, tariffs), result) < 1e-9, name


@pytest.mark.parametrize("closure", ["additive", "proportional"])
def test_an_exact_newton_on_all_unknowns_agrees(world, mild, closure):
    """MINPACK on the NJ price and expenditure equations and N wages, finite differences: slow, and not ours."""
    rng = np.random.default_rng(6)
    economy = world(rng, 3, 3, closure)
    shock = mild(rng, economy)
    system = apply(economy.base, economy.resolve(shock), proportional=closure == "proportional")
    first = start(system)
    shape, total = first.log_cost.shape, first.expenditure.sum()

    def unpack(flat):
        cost, income, spent = flat[:9].reshape(shape), flat[9:12], flat[12:].reshape(shape) * total
        return type(first)(cost, income, spent)

    def gap(flat):
        after = sweep(system, unpack(flat), 0.3).state
        return flat - np.concatenate([after.log_cost.ravel(), after.log_income, after.expenditure.ravel() / total])

    flat = np.concatenate([first.log_cost.ravel(), first.log_income, first.expenditure.ravel() / total])
    found = root(gap, flat, method="hybr", tol=1e-13)
    assert np.abs(gap(found.x)).max() < 1e-11
    result = economy.solve(shock)
    np.testing.assert_allclose(result.solution.log_income, unpack(found.x).log_income, rtol=0, atol=1e-9)


def test_results_survive_pickling_and_two_runs_give_the_same_bytes(world, mild):
    rng = np.random.default_rng(11)
    economy = world(rng)
    shock = mild(rng, economy)
    one, two = economy.solve(shock), pickle.loads(pickle.dumps(economy.solve(shock)))
    assert one.welfare.values.tobytes() == two.welfare.values.tobytes()
    assert one.provenance == two.provenance
    assert one.to_frame().equals(two.to_frame())
    assert "3 sectors" in economy.summary()
    assert f"elasticities {economy.elasticity.min():g} to" in one.summary()


def test_a_solver_that_stops_early_gives_no_number(world, monkeypatch):
    economy = world(np.random.default_rng(7))
    short = lambda *arguments, **options: anderson(*arguments, **{**options, "most": 3})  # noqa: E731
    monkeypatch.setattr("dostastyq.equilibrium.sectors.solve.anderson", short)
    error = refused(lambda: economy.solve(Shock(trade_cost=2.0)))
    assert error.code == "EQ032"
    assert "sweeps; expected at most" in error.message


def test_a_tolerance_below_rounding_gives_no_number(world):
    economy = world(np.random.default_rng(8), 4, 5)
    assert refused(lambda: economy.solve(Shock(trade_cost=1.2), tolerance=1e-17)).code in {"EQ032", "EQ033"}


def test_a_transfer_that_cannot_be_paid_is_refused():
    flows = np.array([[[10.0, 8.0], [1.0, 10.0]]])
    economy = calibrate(flows, 4.0, sectors=["all"], labels=["BUY", "PAY"])
    error = refused(lambda: economy.solve(Shock(labour=[1.0, 0.01], productivity=[1.0, 0.01])))
    assert error.code in {"EQ036", "EQ032"}


@pytest.mark.parametrize(
    ("shock", "code"),
    [
        (Shock(deficits=[1.0, 0.0, 0.0, 0.0]), "EQ044"),
        (Shock(deficits=[1.0, np.nan, 0.0, 0.0]), "EQ003"),
        (Shock(export_taxes=-1.0), "EQ014"),
        (Shock(trade_cost=np.inf), "EQ031"),
    ],
)
def test_inconsistent_shocks_are_refused(world, shock, code):
    assert refused(lambda: world(np.random.default_rng(9)).solve(shock)).code == code


def test_a_closure_that_decides_deficits_takes_no_others(world):
    economy = world(np.random.default_rng(9), closure="proportional")
    assert refused(lambda: economy.solve(Shock(deficits=0.0))).code == "EQ044"


def test_a_good_without_supplier_is_refused(world):
    cost = np.ones((3, 4, 4))
    cost[1, 2, :] = np.inf
    error = refused(lambda: world(np.random.default_rng(10), closure="zero").solve(Shock(trade_cost=cost)))
    assert (error.code, "importer 2 buys 1 from nobody" in error.message) == ("EQ030", True)


def test_one_way_trade_is_refused(world):
    cost = np.ones((3, 4, 4))
    cost[:, 0, 1:] = np.inf
    assert refused(lambda: world(np.random.default_rng(10), closure="zero").solve(Shock(trade_cost=cost))).code in {
        "EQ035",
        "EQ032",
    }


def test_export_taxes_need_the_economy_with_sectors():
    one = calibrate([[9.0, 1.0], [1.0, 9.0]])
    assert refused(lambda: one.solve(Shock(export_taxes=0.1))).code == "EQ048"
    assert one.with_sectors().solve(Shock(export_taxes=0.1)).export_tax_revenue.values.min() > 0


def test_a_state_without_final_demand_is_refused():
    """One sector whose state buys exactly, or a rounding less than, what its own output takes in."""
    flows = np.array([[[5.0, 0.0], [5.0, 10.0]]])
    with pytest.raises(DostastyqError) as refusal:
        calibrate(flows, 4.0, None, np.array([[[0.5]], [[0.999]]]), sectors=["all"], labels=["A", "B"])
    assert refusal.value.code == "EQ047"
