"""Many shocks at a time with sectors: equal to single solves, certified, in any array library."""

import importlib.util
from contextlib import contextmanager

import array_api_strict
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dostastyq.equilibrium import Block, Shock, calibrate
from dostastyq.equilibrium.batch_read import Job, chunks
from dostastyq.equilibrium.batch_sectors import solve_chunk
from dostastyq.equilibrium.batch_sectors_stack import Library, Place, SectorStack, numpy_library
from dostastyq.errors import DostastyqError
from dostastyq.parallel import Cache

worlds = st.builds(
    lambda seed, sectors, states, closure: (np.random.default_rng(seed), sectors, states, closure),
    st.integers(0, 2**32 - 1),
    st.integers(1, 4),
    st.integers(2, 6),
    st.sampled_from(["additive", "proportional", "zero", "phase-out"]),
)


def world_of(rng, sectors=3, states=5, closure="additive", *, duties=True):
    """An economy with inputs, tariffs and a few flows that are nil."""
    trade = rng.random((sectors, states, states)) > 0.1
    trade |= np.eye(states, dtype=bool)
    trade[0] = True
    flows = trade * rng.lognormal(0, 1, trade.shape)
    own = np.eye(states, dtype=bool)
    flows[:, own] = (flows.sum(axis=1) + flows.sum(axis=2) + 0.1) * rng.uniform(2, 5, (sectors, states))
    part = rng.uniform(0.1, 0.4, (states, 1, sectors))
    inputs = part * rng.dirichlet(np.ones(sectors), (states, sectors)).transpose(0, 2, 1)
    tariffs = rng.uniform(0, 0.3, flows.shape) * ~own if duties else None
    names = [f"S{i}" for i in range(states)]
    return calibrate(
        flows, rng.uniform(1, 8, sectors), tariffs, inputs, deficits=closure, labels=names, sectors=range(sectors)
    )


def any_shock(rng, economy):
    """One shock of many kinds: blocks and arrays, with and without sectors, states."""
    sectors, states, _ = economy.shape
    group = [economy.labels[i] for i in rng.permutation(states)[: rng.integers(1, states + 1)]]
    other = [economy.labels[i] for i in rng.permutation(states)[: rng.integers(1, states + 1)]]
    full = np.exp(rng.normal(0, 0.2, economy.shape) * (rng.random(economy.shape) < rng.choice([0.05, 1.0])))
    cost = [
        None, Block(rng.uniform(0.8, 1.3), group), Block(rng.uniform(0.8, 1.3, (len(group), len(other))), group, other),
        Block(rng.uniform(0.8, 1.3, (sectors, len(group), len(other))), group, other), full,
    ]  # fmt: skip
    tariffs = [
        None, Block(0.0, group), Block(rng.uniform(0, 0.5, (sectors, len(group), len(other))), group, other),
        rng.uniform(0, 0.5, economy.shape),
    ]  # fmt: skip
    made = [None, rng.uniform(0.8, 1.2, (sectors, states))]
    people = [None, rng.uniform(0.8, 1.2, states)]
    pick = [options[rng.integers(0, len(options))] for options in (cost, tariffs, made, people)]
    return Shock(*pick)


@contextmanager
def solvable():
    """Set aside a world that is rightly refused: no final demand left, or deficits that nobody can pay."""
    try:
        yield
    except DostastyqError as refusal:
        assume(refusal.code not in {"EQ036", "EQ047"})
        raise


@given(worlds)
def test_a_batch_equals_single_solves(world):
    rng, sectors, states, closure = world
    with solvable():
        economy = world_of(rng, sectors, states, closure, duties=bool(rng.random() < 0.6))
        shocks = [any_shock(rng, economy) for _ in range(5)]
        many, tight = economy.solve_many(shocks), economy.solve_many(shocks, tolerance=1e-12)
    assert (many.residual <= 1e-10).all()
    for scenario, shock in enumerate(shocks):
        single = economy.solve(shock, tolerance=1e-12)
        for batch, near in ((many, 2e-8), (tight, 1e-9)):
            np.testing.assert_allclose(batch.welfare[scenario], single.welfare.values, rtol=0, atol=near)
            np.testing.assert_allclose(batch.real_wage[scenario], single.real_wage.values, rtol=0, atol=near)
        opened = many[scenario]
        assert opened.certificate.residual <= 1.1e-10
        np.testing.assert_allclose(opened.welfare.values, many.welfare[scenario], rtol=0, atol=1e-9)
        near = 1e-8 * economy.flows.values.max()
        np.testing.assert_allclose(opened.flows.values, single.flows.values, rtol=0, atol=near)


@pytest.mark.parametrize("closure", ["additive", "proportional"])
def test_most_scenarios_stay_in_the_batch(closure):
    rng = np.random.default_rng(1)
    economy = world_of(rng, 4, 8, closure)
    groups = [[f"S{i}" for i in range(6) if mask >> i & 1] for mask in range(64)]
    many = economy.solve_many(Shock(tariffs=Block(0.0, group)) for group in groups)
    assert set(many.method) == {"batch"}
    assert np.abs(many.welfare[0]).max() <= 1e-9
    single = economy.solve(Shock(tariffs=Block(0.0, groups[-1])))
    np.testing.assert_allclose(many.welfare[-1], single.welfare.values, rtol=0, atol=1e-8)


def test_one_sector_without_inputs_is_the_batch_of_one_sector():
    rng = np.random.default_rng(2)
    flows = rng.lognormal(0, 1, (6, 6)) + 20 * np.eye(6)
    economy = calibrate(flows, 4.0, tariffs=0.1)
    shocks = [Shock(tariffs=Block(0.0, [0, 1, 2])), Shock(trade_cost=1.1), Shock(Block(0.8, [3, 4]))]
    one, twin = economy.solve_many(shocks), economy.with_sectors().solve_many(shocks)
    np.testing.assert_allclose(twin.welfare, one.welfare, rtol=0, atol=1e-8)
    np.testing.assert_allclose(twin.real_wage, one.real_wage, rtol=0, atol=1e-8)


def test_what_the_batch_does_not_solve_is_solved_alone():
    rng = np.random.default_rng(3)
    economy = world_of(rng, closure="zero")
    cut = np.ones(economy.shape)
    cut[:, 0, 1:] = cut[:, 1:, 0] = np.inf
    shocks = [Shock(Block(0.9, ["S0", "S1"])), Shock(export_taxes=0.1), Shock(cut), Shock(trade_cost=1e12)]
    many = economy.solve_many(shocks)
    assert many.method.tolist()[0] == "batch"
    assert "batch" not in many.method.tolist()[1:]
    for scenario, shock in enumerate(shocks):
        np.testing.assert_allclose(many.welfare[scenario], economy.solve(shock).welfare.values, rtol=0, atol=1e-7)
        assert many[scenario].certificate.residual <= 1e-10


def test_a_link_that_closes_leaves_nothing_behind():
    economy = world_of(np.random.default_rng(4))
    many = economy.solve_many([Shock(Block([[np.inf]], ["S1"], ["S2"]))])
    assert many.method[0] == "batch"
    assert (many[0].flows.values[:, 1, 2] == 0).all()


def test_deficits_of_a_shock():
    economy = world_of(np.random.default_rng(5))
    many = economy.solve_many([Shock(deficits=0.0), Shock(deficits=0.5, tariffs=0.0), Shock()])
    assert set(many.method) == {"batch"}
    for scenario, shock in enumerate([Shock(deficits=0.0), Shock(deficits=0.5, tariffs=0.0), Shock()]):
        np.testing.assert_allclose(many.welfare[scenario], economy.solve(shock).welfare.values, rtol=0, atol=1e-8)


def test_refusals_name_the_shock():
    economy = world_of(np.random.default_rng(6))
    with pytest.raises(DostastyqError, match="shock 1 ") as refusal:
        economy.solve_many([Shock(), Shock(trade_cost=np.inf)])
    assert refusal.value.code == "EQ031"
    with pytest.raises(DostastyqError, match=r"by sector") as refusal:
        economy.solve_many([Shock(Block(np.ones((2, 1, 1)), ["S0"]))])
    assert refusal.value.code == "EQ001"


@pytest.mark.parametrize("part", ["log_cost", "tariffs", "shift"])
def test_a_solver_that_misreads_a_shock_is_found_out(monkeypatch, part):
    economy = world_of(np.random.default_rng(7))
    shock = Shock(Block(0.8, ["S0", "S1"]), Block(0.0, ["S2", "S3"]), productivity=1.0 + 0.1 * np.arange(5))
    honest = SectorStack.worlds

    def forgetful(stack, factor, *rest, **options):
        from dataclasses import replace  # noqa: PLC0415

        made = honest(stack, factor * (0.9 if part == "log_cost" else 1.0), *rest, **options)
        if part == "tariffs":
            return replace(made, border=made.kernel)
        return replace(made, value_added=made.value_added * 1.001) if part == "shift" else made

    true = economy.solve(shock).welfare.values
    monkeypatch.setattr(SectorStack, "worlds", forgetful)
    if part == "shift":
        monkeypatch.setattr("dostastyq.equilibrium.batch_sectors._MOST", 1)
    many = economy.solve_many([shock])
    assert many.method[0] != "batch"
    np.testing.assert_allclose(many.welfare[0], true, rtol=0, atol=1e-8)


def test_the_same_kernels_run_in_any_library_of_the_standard():
    rng = np.random.default_rng(8)
    economy = world_of(rng, 3, 6)
    shocks = [any_shock(rng, economy) for _ in range(8)] + [Shock(Block(0.9, ["S0", "S1"]))]
    chunk = next(chunks(economy, shocks, 64))
    plain = solve_chunk(Job(economy, chunk, 1e-10), numpy_library())
    strict = solve_chunk(Job(economy, chunk, 1e-10), Library(array_api_strict))
    assert (strict["method"] == plain["method"]).all()
    assert (strict["method"] == "batch").all()
    np.testing.assert_allclose(strict["welfare"], plain["welfare"], rtol=0, atol=1e-9)


def test_touched_states_come_first():
    rng = np.random.default_rng(9)
    for _ in range(50):
        states = int(rng.integers(1, 9))
        rows, columns = (np.flatnonzero(rng.random(states) < 0.5) for _ in range(2))
        place = Place.of(rows, columns, states)
        assert sorted(place.order[place.rows].tolist()) == rows.tolist()
        assert sorted(place.order[place.columns].tolist()) == columns.tolist()
        assert (place.order[place.where] == np.arange(states)).all()


def test_workers_and_chunks_change_nothing(monkeypatch):
    economy = world_of(np.random.default_rng(10))
    shocks = [Shock(tariffs=Block(level / 10, ["S0", "S3"])) for level in range(6)]
    whole = economy.solve_many(shocks)
    monkeypatch.setattr("dostastyq.equilibrium.batch_sectors.CHUNK", 2)
    parts, away = economy.solve_many(shocks), economy.solve_many(shocks, workers=2)
    np.testing.assert_allclose(parts.welfare, whole.welfare, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(away.welfare, parts.welfare)


def test_solved_chunks_are_kept(tmp_path, monkeypatch):
    economy, kept = world_of(np.random.default_rng(11)), Cache("test", tmp_path)
    shocks = [Shock(tariffs=Block(0.0, ["S0", "S3"]))]
    first = economy.solve_many(shocks, cache=kept)
    monkeypatch.setattr("dostastyq.equilibrium.batch_sectors._iterate", None)
    again = economy.solve_many(shocks, cache=kept)
    np.testing.assert_array_equal(first.welfare, again.welfare)
    np.testing.assert_array_equal(first[0].flows.values, again[0].flows.values)
    np.testing.assert_allclose(
        again.equivalent_variation[0], again.welfare[0] / 100 * economy.base.final_income, rtol=1e-12
    )


@pytest.mark.gpu
def test_a_gpu_gives_the_same():
    for name in ("torch", "cupy"):
        if importlib.util.find_spec(name) is not None:
            library = importlib.import_module(name)
            if library.cuda.is_available():
                break
    else:
        pytest.skip("GPU missing: PyTorch or CuPy with a device (pip install torch)")
    to = Library(
        importlib.import_module(f"array_api_compat.{name}"), "cuda" if name == "torch" else library.cuda.Device()
    )
    rng = np.random.default_rng(12)
    economy = world_of(rng, 3, 6)
    chunk = next(chunks(economy, [any_shock(rng, economy) for _ in range(8)], 64))
    here, there = (solve_chunk(Job(economy, chunk, 1e-10), library) for library in (numpy_library(), to))
    assert (there["method"] == "batch").all()
    np.testing.assert_allclose(there["welfare"], here["welfare"], rtol=0, atol=1e-9)
