"""The verifier lets nothing pass that was tampered with."""

from dataclasses import replace

import numpy as np
import pytest

from dostastyq.errors import DostastyqError
from dostastyq.payments.verifier import admissible, recomputed, verify, verify_rows

from .conftest import FULL, random_network, weights


def take_one(net, flow, rng):
    arc = rng.choice(np.flatnonzero(flow))
    flow[arc] -= 1
    return net, flow


def add_one(net, flow, rng):
    arc = rng.choice(np.flatnonzero(flow < net.capacity))
    flow[arc] += 1
    return net, flow


def overfill(net, flow, rng):
    arc = rng.integers(len(flow))
    flow[arc] = net.capacity[arc] + 1
    return net, flow


def negative(net, flow, rng):
    flow[rng.integers(len(flow))] = -1
    return net, flow


def nothing(net, flow, _rng):
    return net, np.zeros_like(flow)


def everything(net, _flow, _rng):
    return net, net.capacity.copy()


def forget_an_arc(net, flow, _rng):
    return net, flow[:-1]


def half(net, flow, _rng):
    return net, flow // 2


def swap(net, flow, rng):
    """Give what one arc has to another."""
    source, target = rng.choice(np.flatnonzero(flow)), rng.choice(np.flatnonzero(flow < net.capacity))
    amount = min(flow[source], net.capacity[target] - flow[target])
    flow[source] -= amount
    flow[target] += amount
    return net, flow


def lower_a_cap(net, flow, rng):
    bank = rng.choice(np.flatnonzero(net.net(flow) < 0))
    debit = net.debit.copy()
    debit[bank] = -net.net(flow)[bank] - 1
    return replace(net, debit=debit), flow


def lower_a_quota(net, flow, rng):
    bank = rng.choice(np.flatnonzero(net.net(flow) > 0))
    credit = net.credit.copy()
    credit[bank] = net.net(flow)[bank] - 1
    return replace(net, credit=credit), flow


def cancel_a_cycle(net, flow, _rng):
    """Settle less round a cycle: nets stay, the total falls."""
    ends = zip(net.debtor, net.creditor, strict=True)
    pairs = {pair: arc for arc, pair in enumerate(ends) if flow[arc]}
    cycle = next(((pairs[d, c], pairs[c, d]) for d, c in pairs if (c, d) in pairs), None)
    if cycle is None:
        return nothing(net, flow, None)
    flow[list(cycle)] -= 1
    return net, flow


TAMPERS = (
    take_one, add_one, overfill, negative, nothing, everything, forget_an_arc, half, swap,
    lower_a_cap, lower_a_quota, cancel_a_cycle,
)  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda tamper: tamper.__name__)
def test_every_tampered_solution_is_rejected(worker, tamper):
    rejected = tried = 0
    for seed in range(200 if FULL else 25):
        rng = np.random.default_rng(5000 + seed)
        net, _ = random_network(rng, banks=12, classes=2)
        found = worker.optimum(net, "pro_rata")
        worth = verify(net, found.flow)
        if not found.flow.any() or (found.flow == net.capacity).all() or not net.net(found.flow).any():
            continue
        changed, flow = tamper(net, found.flow.copy(), rng)
        if len(flow) == len(found.flow) and changed is net:
            value = (np.array(weights(net))[net.level] * (flow - found.flow)).sum()
            if value == 0 and _holds(net, flow):  # another optimum is no fault
                continue
        tried += 1
        for given in (None, worth):
            with pytest.raises(DostastyqError) as refusal:
                verify(changed, flow, given)
            rejected += refusal.value.code in {"PY040", "PY041", "PY042"}
    assert tried >= 5
    assert rejected == 2 * tried


def _holds(net, flow):
    try:
        admissible(net, flow)
    except DostastyqError:
        return False
    return True


def test_false_potentials_are_rejected(worker):
    for seed in range(25):
        rng = np.random.default_rng(6000 + seed)
        net, _ = random_network(rng, banks=10, classes=2)
        found = worker.optimum(net, "pro_rata")
        worth = list(verify(net, found.flow))
        with pytest.raises(DostastyqError, match="potentials"):
            verify(net, found.flow, worth[:-1])
        at_limit = net.net(found.flow) == -net.debit
        worth[int(np.argmin(at_limit))] += 10**9
        if not at_limit.all():
            with pytest.raises(DostastyqError, match="potentials"):
                verify(net, found.flow, worth)


def test_the_price_of_liquidity_is_what_one_unit_more_settles(worker):
    rng = np.random.default_rng(7)
    for _ in range(10):
        net, _ = random_network(rng, banks=8, classes=2)
        flow = worker.optimum(net, "pro_rata").flow
        worth = recomputed(net, flow, weights(net))
        value = int((np.array(weights(net))[net.level] * flow).sum())
        for bank in range(net.banks):
            if net.net(flow)[bank] > -net.debit[bank]:
                continue
            debit = net.debit.copy()
            debit[bank] += 1
            more = worker.optimum(replace(net, debit=debit), "pro_rata").flow
            gained = int((np.array(weights(net))[net.level] * more).sum()) - value
            assert gained == max(worth[bank], 0)


@pytest.mark.parametrize("change", [(0, 1), (1, -1), (0, -100)])
def test_obligations_that_do_not_add_up_are_rejected(change):
    arc, amount, settled = np.array([0, 0, 1], np.int32), np.array([5, 5, 9]), np.array([5, 2, 9])
    verify_rows(np.array([7, 9]), arc, amount, settled)
    settled[change[0]] += change[1]
    with pytest.raises(DostastyqError) as refusal:
        verify_rows(np.array([7, 9]), arc, amount, settled)
    assert refusal.value.code == "PY043"
