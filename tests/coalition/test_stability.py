"""Stability against slow definitions, word for word; partitions against Bell numbers."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.coalition import stability
from dostastyq.coalition.externalities import Table, core_stable, efficient, individually_stable, nash_stable
from dostastyq.coalition.partitions import bell, canonical, code, partitions, unions, with_unions
from dostastyq.errors import DostastyqError

payoffs = st.integers(2, 4).flatmap(
    lambda n: st.lists(st.integers(-3, 3), min_size=n * 2**n, max_size=n * 2**n).map(
        lambda values: np.array(values, dtype=float).reshape(2**n, n)
    )
)


def groups(n):
    return [set(one) for size in range(1, n + 1) for one in combinations(range(n), size)]


def mask(states):
    return sum(1 << state for state in states)


def members(row, n):
    return {i for i in range(n) if row >> i & 1}


@given(payoffs)
def test_tests_are_their_definitions(u):
    n = u.shape[1]
    for row in range(1 << n):
        ins, outs = members(row, n), members(~row, n)
        leave = [i for i in ins if u[row & ~(1 << i), i] > u[row, i]]
        join = [j for j in outs if u[row | 1 << j, j] > u[row, j]]
        welcome = [j for j in join if all(u[row | 1 << j, i] >= u[row, i] for i in ins)]
        assert stability.internal(u)[row] == (not leave)
        assert stability.external(u)[row] == (not join)
        assert stability.individual(u)[row] == (not leave and not welcome)
        assert stability.beneficial(u)[row] == (len(ins) > 1 and all(u[row, i] > u[0, i] for i in ins))
        dominated = any((u[other] >= u[row]).all() and (u[other] > u[row]).any() for other in range(1 << n))
        assert stability.pareto(u)[row] == (not dominated)
        blocked = any(all(u[mask(g) if len(g) > 1 else 0, i] > u[row, i] for i in g) for g in groups(n))
        assert stability.core_stable(u)[row] == (not blocked)


def self_enforcing(u, row, movers):
    """Bernheim, Peleg and Whinston: no proper part of the movers has a self-enforcing deviation that pays."""
    return not any(
        pays(u, row, part) and self_enforcing(u, row ^ mask(part), part)
        for size in range(1, len(movers))
        for part in combinations(sorted(movers), size)
    )


def pays(u, row, movers):
    return all(u[row ^ mask(movers), i] > u[row, i] for i in movers)


@given(payoffs)
def test_coalition_proof_is_its_definition(u):
    n = u.shape[1]
    found = stability.coalition_proof(u)
    for row in range(1 << n):
        deviation = any(pays(u, row, g) and self_enforcing(u, row ^ mask(g), g) for g in groups(n))
        assert found[row] == (not deviation)


def test_a_prisoners_dilemma_has_one_stable_state():
    """Everybody gains from the union of two, each more from being outside it."""
    u = np.array([[0, 0], [-1, 3], [3, -1], [2, 2]], dtype=float)
    assert stability.beneficial(u).tolist() == [False, False, False, True]
    assert (stability.internal(u) & stability.external(u)).tolist() == [True, False, False, False]
    assert stability.coalition_proof(u).tolist() == [True, False, False, False]


def test_rounding_neither_tempts_nor_deters():
    u = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 1.0], [1.0 + 1e-12, 1.0 + 1e-12]])
    assert not stability.beneficial(u).any()
    assert stability.core_stable(u).all()


@pytest.mark.parametrize("n", range(1, 10))
def test_partitions_are_counted_by_bell(n):
    table = partitions(n)
    assert len(table) == bell(n) == len(np.unique(code(table)))
    assert (canonical(table) == table).all()


def test_bell_numbers():
    """OEIS A000110."""
    assert [bell(n) for n in (0, 1, 5, 8, 12)] == [1, 1, 52, 4140, 4213597]


def test_unions_and_back():
    for row in partitions(5):
        assert (with_unions(5, unions(row)) == row).all()


def test_too_many_to_partition():
    with pytest.raises(DostastyqError) as refusal:
        partitions(13)
    assert refusal.value.code == "CO004"


structures = st.integers(2, 4).flatmap(
    lambda n: st.lists(st.integers(-3, 3), min_size=n * bell(n), max_size=n * bell(n)).map(
        lambda values: Table(partitions(n), np.array(values, dtype=float).reshape(-1, n))
    )
)


@given(structures)
def test_structures_are_stable_by_definition(table):
    n = table.labels.shape[1]
    rows = {tuple(map(tuple, blocks(labels))): k for k, labels in enumerate(table.labels)}
    u = table.payoff

    def at(split):
        return rows[tuple(sorted(tuple(sorted(block)) for block in split if block))]

    for row, labels in enumerate(table.labels):
        split = [set(block) for block in blocks(labels)]
        nash = individual = gamma = delta = True
        for i in range(n):
            for host in [set(), *(block for block in split if i not in block)]:
                target = at([block - {i} for block in split if block != host] + [host | {i}])
                better = u[target, i] > u[row, i]
                nash &= not better
                individual &= not (better and all(u[target, j] >= u[row, j] for j in host))
        for group in groups(n):
            apart = [block for block in split if not block & group] + [group]
            left = [{j} for block in split if block & group for j in block - group]
            stay = [block - group for block in split if block & group]
            gamma &= not all(u[at(apart + left), i] > u[row, i] for i in group)
            delta &= not all(u[at(apart + stay), i] > u[row, i] for i in group)
        assert nash_stable(table)[row] == nash
        assert individually_stable(table)[row] == individual
        assert core_stable(table)[row] == gamma
        assert core_stable(table, others="delta")[row] == delta
    assert efficient(table).any()


def blocks(labels):
    return sorted([tuple(np.flatnonzero(labels == block).tolist()) for block in np.unique(labels)])
