"""The optimum against networkx and SciPy, and the point of its face that a rule picks."""

import numpy as np
import pytest

from dostastyq.errors import DostastyqError
from dostastyq.payments import circulation, fill
from dostastyq.payments.circulation import Network, groups, network
from dostastyq.payments.verifier import by_level, verify

from .conftest import FULL, by_networkx, by_scipy, in_turn, random_network, weights

INSTANCES = 500 if FULL else 40
RULES = ("pro_rata", "first_come")


@pytest.mark.parametrize("seed", range(INSTANCES))
def test_optimum_is_that_of_networkx_and_scipy(worker, seed):
    net, items = random_network(np.random.default_rng(seed), banks=50)
    found = worker.optimum(net, RULES[seed % 2], items)
    verify(net, found.flow)
    other = by_networkx(net)
    assert by_level(net, found.flow.tolist()) == by_level(net, other.tolist())
    assert list(by_level(net, found.flow.tolist())) == by_scipy(net)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(60 if FULL else 15))
def test_the_settlement_does_not_depend_on_the_solver(worker, rule, seed):
    net, items = random_network(np.random.default_rng(1000 + seed), banks=30)
    found = worker.optimum(net, rule, items)
    other = by_networkx(net)
    weight = np.array(weights(net), np.int64)[net.level]
    every, all_banks = np.ones(len(net.capacity), bool), np.ones(net.banks, bool)
    worth = fill.potentials(net, other, weight, every, all_banks)
    arcs = weight + worth[net.creditor] == worth[net.debtor]
    again = fill.canonical(net, other, arcs, worth == 0, rule, items)
    assert again.tolist() == found.flow.tolist()
    assert worth.tolist() == found.potentials[0].tolist()


def test_solvers_do_differ_before_the_rule(worker):
    """Otherwise the test above would prove nothing."""
    differ = 0
    for seed in range(5):
        net, items = random_network(np.random.default_rng(1000 + seed), banks=30)
        differ += (by_networkx(net) != worker.optimum(net, "pro_rata", items).flow).any()
    assert differ >= 3


@pytest.mark.parametrize("seed", range(100 if FULL else 12))
def test_first_come_is_the_lexicographic_maximum(worker, seed):
    net, items = random_network(np.random.default_rng(2000 + seed), banks=9, most=60)
    assert worker.optimum(net, "first_come", items).flow.tolist() == in_turn(net, items).tolist()


@pytest.mark.parametrize("seed", range(60 if FULL else 8))
def test_pro_rata_raises_all_pairs_step_by_step(worker, seed):
    net, _ = random_network(np.random.default_rng(3000 + seed), banks=6, most=20, largest=12, classes=2)
    found = worker.optimum(net, "pro_rata").flow
    steps = []
    for level in range(net.levels):
        arcs = np.flatnonzero(net.level == level)
        bits = int(net.capacity[arcs].max()).bit_length()
        for step in range(1, 2**bits + 1):
            for arc in arcs:
                due = int(net.capacity[arc])
                slice_ = (due * step >> bits) - (due * (step - 1) >> bits)
                if slice_:
                    steps.append((arc, slice_))
    assert found.tolist() == in_turn(net, tuple(zip(*steps, strict=True))).tolist()


@pytest.mark.parametrize("seed", range(10))
def test_many_classes_are_solved_in_groups(worker, seed, monkeypatch):
    net, _ = random_network(np.random.default_rng(4000 + seed), banks=12, classes=6)
    whole = worker.optimum(net, "pro_rata")
    assert len(whole.groups) == 1
    monkeypatch.setattr(circulation, "groups", lambda _banks, levels: tuple((k, k + 1) for k in range(levels)))
    apart = circulation.solve(net, "pro_rata")
    assert apart.flow.tolist() == whole.flow.tolist()


def test_forty_classes_are_served_strictly():
    assert len(groups(12, 40)) > 1
    flow = circulation.solve(ladder(40), "pro_rata").flow
    assert flow.tolist() == [1] * 5 + [0] * 35


def ladder(classes):
    """Two banks, one obligation of 1 in each class, five can be paid."""
    zero = np.zeros(classes, np.int32)
    every = np.arange(classes, dtype=np.int32)
    return network(zero, zero + 1, np.ones(classes, np.int64), every, np.array([5, 0]), np.array([99, 99]))


@pytest.mark.parametrize(
    ("bits", "due"), [(62, (2**60, 2**59, 7)), (40, (10**12, 3 * 10**11, 1)), (3, (5, 5, 5))], ids=str
)
def test_shares_are_exact_in_large_numbers(bits, due):
    assert bits
    net = network(
        np.zeros(3, np.int32),
        np.array([1, 2, 3], np.int32),
        np.array(due),
        np.zeros(3, np.int32),
        np.array([sum(due) // 3, 0, 0, 0]),
        np.full(4, 2**61),
    )
    flow = circulation.solve(net, "pro_rata").flow.tolist()
    assert sum(flow) == sum(due) // 3
    for got, owed in zip(flow, due, strict=True):
        assert abs(got * sum(due) - owed * (sum(due) // 3)) <= 2 * sum(due)


@pytest.mark.parametrize("field", ["debtor", "capacity", "debit", "level"])
def test_unsound_networks_never_reach_the_solver(field):
    zero, one = np.zeros(1, np.int32), np.ones(1, np.int32)
    good = {
        "debtor": zero, "creditor": one, "capacity": np.array([5]), "level": zero,
        "debit": np.array([1, 1]), "credit": np.array([9, 9]),
    }  # fmt: skip
    bad = {"debtor": one, "capacity": np.array([-5]), "debit": np.array([-1, 1]), "level": np.zeros(2, np.int32)}
    network(**good)
    with pytest.raises(DostastyqError) as refusal:
        network(**good | {field: bad[field]})
    assert refusal.value.code == "PY030"


def test_sums_that_do_not_fit_are_refused():
    big = np.full(3, 2**60)
    arcs = np.arange(3, dtype=np.int32)
    with pytest.raises(DostastyqError, match="above 2305843009213693952"):
        network(arcs, (arcs + 1) % 3, big, np.zeros(3, np.int32), big, big)
    assert isinstance(ladder(2), Network)
