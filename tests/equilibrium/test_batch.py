"""Many shocks at a time: equal to single solves, certified, refused by place; the same whatever the workers."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.equilibrium import Block, Shock, batch_read, calibrate
from dostastyq.equilibrium.batch_read import Local, chunks
from dostastyq.equilibrium.batch_stack import Stack
from dostastyq.errors import DostastyqError
from dostastyq.parallel import Cache

CLOSURES = ("additive", "proportional", "zero")
worlds = st.builds(
    lambda seed, size, theta, closure: (np.random.default_rng(seed), size, theta, closure),
    st.integers(0, 2**32 - 1),
    st.integers(2, 12),
    st.floats(0.5, 12),
    st.sampled_from(CLOSURES),
)


def economy_of(rng, size, theta=4.0, closure="additive", *, duties=True):
    trade = rng.random((size, size)) > 0.1
    trade &= trade.T
    trade[0] = trade[:, 0] = True
    flows = trade * rng.lognormal(0, 1, (size, size))
    np.fill_diagonal(flows, (flows.sum(axis=0) + 1) * rng.uniform(2, 6, size))
    tariffs = rng.uniform(0, 0.3, (size, size)) if duties else None
    if tariffs is not None:
        np.fill_diagonal(tariffs, 0)
    return calibrate(flows, theta, tariffs=tariffs, deficits=closure, labels=[f"S{i}" for i in range(size)])


def any_shock(rng, labels):
    """One shock of many kinds: blocks and arrays, mild and harsh, closed links, states."""
    size = len(labels)
    rows = [labels[i] for i in rng.permutation(size)[: rng.integers(1, size + 1)]]
    columns = [labels[i] for i in rng.permutation(size)[: rng.integers(1, size + 1)]]
    dense = np.exp(rng.normal(0, 0.3, (size, size)) * (rng.random((size, size)) < rng.choice([0.05, 1.0])))
    if rng.random() < 0.3:
        link = tuple(rng.integers(0, size, 2))
        dense[link] = dense[link] if link[0] == link[1] else np.inf
    cost = [
        None,
        Block(rng.uniform(0.7, 1.5), rows),
        Block(rng.uniform(0.5, 3, (len(rows), len(columns))), rows, columns),
        dense,
    ]
    tariffs = [None, Block(0.0, rows), Block(rng.uniform(0, 1, (len(rows), len(columns))), rows, columns), 0.1]
    states = [None, None, rng.uniform(0.5, 2, size)]
    pick = [rng.integers(0, len(options)) for options in (cost, tariffs, states, states)]
    return Shock(cost[pick[0]], tariffs[pick[1]], states[pick[2]], states[pick[3]])


def alone(economy, shock):
    try:
        return economy.solve(shock)
    except DostastyqError as error:
        return error.code


@given(worlds)
def test_a_batch_equals_single_solves(world):
    rng, size, theta, closure = world
    economy = economy_of(rng, size, theta, closure)
    shocks = [any_shock(rng, economy.labels) for _ in range(6)]
    singles = [alone(economy, shock) for shock in shocks]
    solvable = [shock for shock, single in zip(shocks, singles, strict=True) if not isinstance(single, str)]
    many = economy.solve_many(solvable)
    assert (many.residual <= 1e-10).all()
    for scenario, single in enumerate(single for single in singles if not isinstance(single, str)):
        np.testing.assert_allclose(many.welfare[scenario], single.welfare.values, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(many.real_wage[scenario], single.real_wage.values, rtol=1e-9, atol=1e-9)
        opened = many[scenario]
        assert opened.certificate.residual <= 1e-10
        np.testing.assert_allclose(opened.welfare.values, many.welfare[scenario], rtol=0, atol=1e-10)
        np.testing.assert_allclose(opened.flows.values, single.flows.values, rtol=1e-8, atol=1e-9)
    for place, single in enumerate(singles):
        if isinstance(single, str):
            with pytest.raises(DostastyqError, match=rf"shock {place} \(counted from 0\)") as refusal:
                economy.solve_many([*[Shock()] * place, shocks[place]])
            assert refusal.value.code == single


def test_every_coalition_of_twelve_in_blocks_and_in_full_arrays():
    economy = economy_of(np.random.default_rng(1), 30, duties=False)
    groups = [[i for i in range(12) if mask >> i & 1] for mask in range(0, 4096, 7)]
    full = []
    for group in groups:
        cost = np.ones((30, 30))
        cost[np.ix_(group, group)] = 0.9
        cost[group, group] = 1.0
        full.append(Shock(cost))
    blocks = economy.solve_many(Shock(Block(0.9, [f"S{i}" for i in group])) for group in groups)
    arrays = economy.solve_many(full)
    assert set(blocks.method) == {"batch"}
    np.testing.assert_array_equal(blocks.welfare, arrays.welfare)
    for scenario in (1, 100, 500):
        single = economy.solve(full[scenario])
        np.testing.assert_allclose(blocks.welfare[scenario], single.welfare.values, rtol=0, atol=1e-9)
    assert np.abs(blocks[0].welfare.values).max() <= 1e-12


def test_a_common_external_tariff_touches_the_rows_of_its_members():
    economy = economy_of(np.random.default_rng(2), 20)
    members = ["S1", "S4", "S7"]
    outside = np.where(np.isin(economy.labels, members), 0.0, 0.05)
    shock = Shock(tariffs=Block(np.tile(outside, (3, 1)), members, economy.labels))
    local = Local.of(economy, shock)
    assert local.tariffs.values.shape == (3, 20)
    levels = economy.tariffs.values.copy()
    levels[[1, 4, 7]] = outside
    single = economy.solve(Shock(tariffs=levels))
    np.testing.assert_allclose(economy.solve_many([shock]).welfare[0], single.welfare.values, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(economy.solve(shock).welfare.values, single.welfare.values)


def test_an_array_is_confined_to_what_it_changes():
    cost = np.ones((9, 9))
    cost[2, 5] = 1.5
    local = Local.of(economy_of(np.random.default_rng(3), 9), Shock(cost))
    assert (local.log_cost.rows.tolist(), local.log_cost.columns.tolist()) == ([2], [5])
    assert local.tariffs is None


def test_a_state_that_closes_its_borders_is_solved_alone():
    economy = economy_of(np.random.default_rng(4), 6, closure="zero", duties=False)
    cost = np.ones((6, 6))
    cost[0, 1:] = cost[1:, 0] = np.inf
    many = economy.solve_many([Shock(trade_cost=1.1), Shock(cost), Shock(trade_cost=1e40), Shock(productivity=1e9)])
    assert many.method.tolist()[0] == "batch"
    assert "batch" not in many.method.tolist()[1:]
    share = economy.domestic_shares["S0"]
    np.testing.assert_allclose(many.welfare[1, 0], 100 * (share ** (1 / 4) - 1), rtol=1e-9)
    np.testing.assert_array_equal(many[1].flows.values[0, 1:], 0.0)


def test_what_has_no_equilibrium_is_refused_with_its_place():
    rng = np.random.default_rng(5)
    economy = economy_of(rng, 5)
    with pytest.raises(DostastyqError, match=r"shock 3 \(counted from 0\): the shock cuts") as refusal:
        economy.solve_many([Shock(trade_cost=1.1)] * 3 + [Shock(trade_cost=np.inf)])
    assert refusal.value.code == "EQ031"


@pytest.mark.parametrize(
    ("shock", "code"),
    [
        (Shock(Block(0.0, ["S0", "S1"])), "EQ023"),
        (Shock(Block(0.9, ["S0", "XX"])), "EQ020"),
        (Shock(Block(0.9, ["S0", "S0"])), "EQ007"),
        (Shock(Block([[0.9]], ["S0", "S1"])), "EQ001"),
        (Shock(Block([[np.nan]], ["S0"])), "EQ003"),
        (Shock(Block("dear", ["S0"])), "EQ002"),
        (Shock(tariffs=Block(-1.5, ["S0", "S1"])), "EQ014"),
        (Shock(trade_cost=-1.0), "EQ023"),
    ],
)
def test_a_bad_shock_is_refused_with_its_place(shock, code):
    economy = economy_of(np.random.default_rng(6), 4)
    with pytest.raises(DostastyqError, match="shock 1 ") as refusal:
        economy.solve_many([Shock(), shock])
    assert refusal.value.code == code
    with pytest.raises(DostastyqError) as single:
        economy.solve(shock)
    assert single.value.code == code


def test_a_wrong_solution_does_not_pass(monkeypatch):
    """The certificate of a batch is its own: incomes that are a little off are found and solved again."""
    economy = economy_of(np.random.default_rng(7), 8)
    right = economy.solve_many([Shock(trade_cost=1.1)] * 2)

    def off(*_):
        return np.full((2, 8), 1e-6) * np.arange(8), np.ones(2, dtype=np.int64)

    monkeypatch.setattr("dostastyq.equilibrium.batch._iterate", off)
    again = economy.solve_many([Shock(trade_cost=1.1)] * 2)
    assert "batch" not in again.method
    np.testing.assert_allclose(again.welfare, right.welfare, rtol=0, atol=1e-9)


@pytest.mark.parametrize("field", ["log_cost", "tariffs"])
def test_the_check_does_not_use_the_solvers_kernel(monkeypatch, field):
    """A solver that misreads a shock is found out by the certificate, which reads it again."""
    economy = economy_of(np.random.default_rng(8), 6)
    shock = Shock(trade_cost=Block(0.8, ["S0", "S1"]), tariffs=Block(0.0, ["S2", "S3"]))
    true = economy.solve(shock).welfare.values
    honest = Stack.log_factor

    def forgetful(stack):
        factor = honest(stack)
        return factor / 2 if field == "log_cost" else factor - 0.01

    monkeypatch.setattr(Stack, "log_factor", forgetful)
    many = economy.solve_many([shock])
    assert many.method[0] != "batch"
    np.testing.assert_allclose(many.welfare[0], true, rtol=0, atol=1e-9)


def test_a_generator_is_read_chunk_by_chunk(monkeypatch):
    monkeypatch.setattr("dostastyq.equilibrium.batch.CHUNK", 4)
    economy = economy_of(np.random.default_rng(9), 6)
    read, seen = [], []

    def shocks():
        for scenario in range(10):
            read.append(scenario)
            yield Shock(trade_cost=Block(0.9 + scenario / 50, ["S0", "S1"]))

    many = economy.solve_many(shocks(), progress=lambda what, done, total: seen.append((what, done, total, len(read))))
    assert seen == [("chunks", 1, None, 5), ("chunks", 2, None, 9), ("chunks", 3, None, 10)]
    assert len(many) == 10
    single = economy.solve(Shock(trade_cost=Block(0.9 + 9 / 50, ["S0", "S1"])))
    np.testing.assert_allclose(many.welfare[9], single.welfare.values, rtol=0, atol=1e-9)


def test_wide_shocks_make_small_chunks(monkeypatch):
    monkeypatch.setattr(batch_read, "_MOST_CELLS", 100)
    economy = economy_of(np.random.default_rng(10), 6)
    wide, narrow = Shock(trade_cost=1.1), Shock(trade_cost=Block(0.9, ["S0", "S1"]))
    sizes = [len(chunk.shocks) for chunk in chunks(economy, [narrow] * 30 + [wide] * 5, 512)]
    assert sizes == [25, 5, 2, 2, 1]


def test_the_number_of_workers_changes_nothing(monkeypatch):
    monkeypatch.setattr("dostastyq.equilibrium.batch.CHUNK", 8)
    economy = economy_of(np.random.default_rng(11), 10)
    shocks = [Shock(Block(0.9, list(pair))) for pair in itertools.combinations(economy.labels, 2)]
    one, two = economy.solve_many(shocks), economy.solve_many(shocks, workers=2)
    for name in ("welfare", "real_wage", "residual", "iterations", "method"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_solved_chunks_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("dostastyq.equilibrium.batch.CHUNK", 8)
    economy, kept = economy_of(np.random.default_rng(12), 6), Cache("test", tmp_path)
    shocks = [Shock(Block(0.9, list(pair))) for pair in itertools.combinations(economy.labels, 2)]
    first = economy.solve_many(shocks, cache=kept)
    monkeypatch.setattr("dostastyq.equilibrium.batch._iterate", None)
    second = economy.solve_many(shocks, cache=kept)
    np.testing.assert_array_equal(first.welfare, second.welfare)
    np.testing.assert_array_equal(first[3].flows.values, second[3].flows.values)


def test_reading_a_batch():
    economy = economy_of(np.random.default_rng(13), 4)
    many = economy.solve_many([Shock(trade_cost=1.1), Shock(trade_cost=1.2), Shock()])
    assert many.labels == economy.labels
    assert many.welfare.shape == many.real_wage.shape == (3, 4)
    assert len(many[1:]) == 2
    np.testing.assert_array_equal(many[1:][0].welfare.values, many[1].welfare.values)
    assert [round(result.welfare["S0"], 9) for result in many] == many.welfare[:, 0].round(9).tolist()
    table = many.to_frame()
    assert table.columns == ["scenario", "state", "welfare_percent", "real_wage_percent"]
    assert table.row(5)[:2] == (1, "S1")
    assert "3 scenarios, 4 states" in str(many)
    with pytest.raises(IndexError, match="3 scenarios"):
        many[3]
    with pytest.raises(ValueError, match="read-only"):
        many.welfare[0, 0] = 1.0
    nothing = economy.solve_many([])
    assert len(nothing) == 0
    assert nothing.to_frame().height == 0
    assert str(nothing) == "no scenarios"


def test_a_bad_tolerance_is_refused():
    with pytest.raises(DostastyqError, match="tolerance") as refusal:
        economy_of(np.random.default_rng(14), 3).solve_many([], tolerance=0)
    assert refusal.value.code == "EQ016"
