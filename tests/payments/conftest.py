"""Random networks and obligations, and optima by other programs."""

import os

import numpy as np
import pytest

from dostastyq.payments.circulation import network
from dostastyq.payments.worker import shared

FULL = bool(os.environ.get("DOSTASTYQ_FULL"))


def random_network(rng, banks, most=300, largest=1000, classes=3):
    """A network, and its obligations in the order of service."""
    n, m, levels = int(rng.integers(2, banks + 1)), int(rng.integers(1, most)), int(rng.integers(1, classes + 1))
    debtor = rng.integers(0, n, m)
    creditor = (debtor + rng.integers(1, n, m)) % n
    _, level = np.unique(rng.integers(0, levels, m), return_inverse=True)
    amount = rng.integers(1, largest, m)
    keys, arc = np.unique((level * n + debtor) * n + creditor, return_inverse=True)
    due = np.zeros(len(keys), np.int64)
    np.add.at(due, arc, amount)
    debit = rng.integers(0, 2 * largest, n) * (rng.random(n) < 0.6)
    credit = np.where(rng.random(n) < 0.3, rng.integers(0, 2 * largest, n), 2**61)
    order = np.argsort(level, kind="stable")
    pair = keys % (n * n)
    made = network(
        (pair // n).astype(np.int32),
        (pair % n).astype(np.int32),
        due,
        (keys // (n * n)).astype(np.int32),
        debit.astype(np.int64),
        credit.astype(np.int64),
    )
    return made, (arc[order].astype(np.int32), amount[order].astype(np.int64))


def weights(net):
    return [net.base ** (net.levels - 1 - level) for level in range(net.levels)]


def by_networkx(net):
    """An optimal flow by networkx, any of them."""
    import networkx as nx  # noqa: PLC0415

    graph, worth = nx.MultiDiGraph(), weights(net)
    source = net.banks
    for key, row in enumerate(zip(net.debtor, net.creditor, net.capacity, net.level, strict=True)):
        debtor, creditor, due, level = map(int, row)
        graph.add_edge(debtor, creditor, key=key, capacity=due, weight=-worth[level])
    for bank in range(source):
        graph.add_edge(source, bank, key="lend", capacity=int(net.debit[bank]), weight=0)
        graph.add_edge(bank, source, key="return", capacity=int(net.credit[bank]), weight=0)
    _, flows = nx.network_simplex(graph)
    return np.array(
        [flows[int(d)][int(c)][key] for key, (d, c) in enumerate(zip(net.debtor, net.creditor, strict=True))], np.int64
    )


def by_scipy(net):
    """Largest settled total of each class in turn, by linear programming."""
    from scipy.optimize import linprog  # noqa: PLC0415
    from scipy.sparse import coo_array, vstack  # noqa: PLC0415

    arcs = np.arange(len(net.capacity))
    one = np.ones(len(arcs))
    ends = np.concatenate((net.creditor, net.debtor)), np.concatenate((arcs, arcs))
    received = coo_array((np.concatenate((one, -one)), ends), shape=(net.banks, len(arcs))).tocsr()
    limits, bounds = vstack([received, -received]), np.concatenate((net.credit, net.debit)).astype(float)
    ranges = np.column_stack((np.zeros(len(arcs)), net.capacity))
    found, kept = [], []
    for level in range(net.levels):
        want = (net.level == level).astype(float)
        equal = {"A_eq": np.array(kept), "b_eq": np.array(found, float)} if kept else {}
        answer = linprog(-want, limits, bounds, bounds=ranges, method="highs", **equal)
        assert answer.status == 0
        found.append(round(-answer.fun))
        kept.append(want)
    return found


def in_turn(net, items):
    """Serve items one by one, each as much as linear programming finds: slow, plain and certain."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415

    arcs = len(net.capacity)
    received = np.zeros((net.banks, arcs))
    received[net.creditor, np.arange(arcs)] += 1
    received[net.debtor, np.arange(arcs)] -= 1
    rules = [LinearConstraint(received, -net.debit.astype(float), net.credit.astype(float))]
    low = np.zeros(arcs)

    def most(want):
        bounds = Bounds(low, net.capacity.astype(float))
        return round(-milp(-want, constraints=rules, bounds=bounds, integrality=np.ones(arcs)).fun)

    for level in range(net.levels):
        want = (net.level == level).astype(float)
        total = most(want)
        rules.append(LinearConstraint(want[None], total, total))
    closed = set()
    for arc, amount in zip(*items, strict=True):
        if arc in closed:
            continue
        want = np.zeros(arcs)
        want[arc] = 1
        reached = most(want)
        if reached < low[arc] + amount:
            closed.add(arc)
        low[arc] = min(low[arc] + amount, reached)
    return low.astype(np.int64)


@pytest.fixture(scope="session")
def worker():
    return shared()
