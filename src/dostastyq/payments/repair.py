"""Obligations that may not be settled in part: the optimum repaired to whole ones, with the gap that this costs.

The relaxation, in which everything may be split, bounds what any settlement can reach. Where its flow between two banks
cannot be made up of whole obligations and divisible ones, the largest obligation that does not fit is left out and the
rest solved again, until everything fits. What was left out is then tried once more in the order of service, and the
divisible obligations take what room remains. Then branch and bound looks for a better choice: among all of them, or in
large cases among those where an exchange is likeliest, the rest kept; its choice is settled in integers and kept only
if it is better. The result respects every limit; it need not be the best whole settlement, and the certificate states
by how much it can be off.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from dostastyq.payments.allocate import allocate, items, service
from dostastyq.payments.circulation import Indices, Integers, Network, network
from dostastyq.payments.intake import Batch
from dostastyq.payments.netting import Merged

ROUNDS = 200
"""Solutions after which all obligations that do not fit are left out at once."""

SEARCHED = 10_000
"""Indivisible obligations up to which the search has them all; above, `CORE` left out and `CORE` settled ones."""
BANKS = 200
"""Banks up to which it has them all."""
CORE = 1_500
EXCHANGES = 3
"""Searches in a large case, each from what the one before settled."""
MENDS = 50
"""Obligations of a choice that may be left out again before it is rejected."""

Chooser = Callable[..., "tuple[npt.NDArray[np.bool_], str]"]
Solver = Callable[[Network, "tuple[Indices, Integers] | None"], Integers]


def repair(batch: Batch, merged: Merged, flow: Integers, rule: str, solver: Solver) -> Integers:
    """Settle indivisible obligations whole or not at all.

    Parameters
    ----------
    batch, merged
        Obligations and their network.
    flow
        Optimum of the relaxation, shape (E,).
    rule
        How ties are broken.
    solver
        Finds the optimum of a network, with the items of ``first_come``.

    Returns
    -------
    array (m,)
        Settled of each obligation.
    """
    active = np.ones(len(batch), bool)
    for turn in range(2 * ROUNDS):
        found = allocate(batch, merged.arc, flow, rule, active)
        if not found.short.any():
            return _top_up(batch, merged, found.settled, rule, solver)
        unfit = np.flatnonzero(active & ~batch.divisible & (found.settled == 0) & (found.short[merged.arc] > 0))
        if turn < ROUNDS:
            unfit = unfit[np.lexsort((-unfit, batch.amount[unfit], merged.arc[unfit]))]
            unfit = unfit[np.append(np.diff(merged.arc[unfit]) != 0, True)]
        active[unfit] = False
        flow = _solve(batch, merged, np.where(active, batch.amount, 0), None, rule, solver)
    flow = _solve(batch, merged, np.where(batch.divisible, batch.amount, 0), None, rule, solver)
    found = allocate(batch, merged.arc, flow, rule, batch.divisible)
    return _top_up(batch, merged, found.settled, rule, solver)


def improve(  # noqa: PLR0917 -- what `repair` has, and its answer
    batch: Batch, merged: Merged, settled: Integers, rule: str, solver: Solver, chooser: Chooser
) -> tuple[Integers, str]:
    """Look for a better choice of indivisible obligations.

    Parameters
    ----------
    batch, merged, rule, solver
        As for `repair`.
    settled
        What `repair` settles, shape (m,).
    chooser
        Branch and bound, see `dostastyq.payments.search.search`.

    Returns
    -------
    tuple
        Settled of each obligation, shape (m,), never worse than what came in, and how the search ended; only a search
        among all indivisible obligations can be ``"complete"``.
    """
    whole = np.flatnonzero(~batch.divisible)
    proves = everything = len(whole) <= SEARCHED and len(batch.banks) <= BANKS
    ended = "none"
    for _ in range(1 if everything else EXCHANGES):
        free = whole if everything else _core(batch, merged, settled)
        chosen, ended = _choice(batch, merged, settled, free, chooser)
        if chosen is None:
            break
        found = _settle_chosen(batch, merged, chosen, rule, solver)
        if found is None:
            return settled, "none"
        if not found[chosen].all():  # what was chosen in floating point did not quite fit
            proves = False
        found = _top_up(batch, merged, found, rule, solver)
        if _by_level(merged, found) <= _by_level(merged, settled):
            break
        settled = found
    return settled, ended if proves or ended != "complete" else "nodes"


def _by_level(merged: Merged, settled: Integers) -> list[int]:
    sums = np.zeros(merged.network.levels, np.int64)
    np.add.at(sums, merged.network.level[merged.arc], settled)
    return [int(value) for value in sums.tolist()]


def _core(batch: Batch, merged: Merged, settled: Integers) -> Integers:
    """Rows likeliest to be exchanged: large ones left out, first classes first, and small ones settled."""
    out = np.flatnonzero(~batch.divisible & (settled == 0))
    inside = np.flatnonzero(~batch.divisible & (settled > 0))
    out = out[np.lexsort((out, -batch.amount[out], merged.network.level[merged.arc[out]]))]
    inside = inside[np.lexsort((inside, batch.amount[inside]))]
    return np.sort(np.concatenate((out[:CORE], inside[:CORE])))


def _choice(
    batch: Batch, merged: Merged, settled: Integers, free: Integers, chooser: Chooser
) -> tuple[Integers | None, str]:
    """Rows to settle whole: those kept, and those of `free` that the search chose; None where it found nothing."""
    net = merged.network
    kept = (settled > 0) & ~batch.divisible
    kept[free] = False
    due = np.zeros(len(net.capacity), np.int64)
    np.add.at(due, merged.arc[batch.divisible], batch.amount[batch.divisible])
    arcs = np.flatnonzero(due)
    fixed = np.where(kept, batch.amount, 0)
    if len(arcs) > SEARCHED:
        arcs, fixed = arcs[:0], np.where(batch.divisible, settled, fixed)
    position = np.array(_positions(batch, fixed), np.int64)
    chosen, ended = chooser(
        np.concatenate((batch.debtor[free], net.debtor[arcs])),
        np.concatenate((batch.creditor[free], net.creditor[arcs])),
        np.concatenate((batch.amount[free], due[arcs])),
        np.concatenate((net.level[merged.arc[free]], net.level[arcs])),
        np.arange(len(free) + len(arcs)) < len(free),
        -net.debit - position,
        net.credit - position,
    )
    if ended == "none":
        return None, ended
    return np.concatenate((np.flatnonzero(kept), free[chosen[: len(free)]])), ended


def _settle_chosen(batch: Batch, merged: Merged, chosen: Integers, rule: str, solver: Solver) -> Integers | None:
    """Settle the chosen obligations before all classes, the divisible ones after; None when they do not fit."""
    net, arcs = merged.network, len(merged.network.capacity)
    twice = replace(
        net, debtor=np.tile(net.debtor, 2), creditor=np.tile(net.creditor, 2), capacity=np.tile(net.capacity, 2),
        level=np.concatenate((np.zeros(arcs, np.int32), net.level + 1)).astype(np.int32),
    )  # fmt: skip
    place = np.where(batch.divisible, merged.arc + arcs, merged.arc).astype(np.int32)
    both = replace(merged, network=twice, arc=place)
    taken = batch.divisible.copy()
    taken[chosen] = True
    for _ in range(MENDS):
        flow = _solve(batch, both, np.where(taken, batch.amount, 0), None, rule, solver)
        due = np.zeros(arcs, np.int64)
        np.add.at(due, merged.arc[chosen], batch.amount[chosen])
        short = due - flow[:arcs]
        if not short.any():
            settled = allocate(batch, place, flow, rule, batch.divisible).settled
            settled[chosen] = batch.amount[chosen]
            return settled
        arc = int(short.argmax())
        rows = chosen[merged.arc[chosen] == arc]
        covers = rows[batch.amount[rows] >= short[arc]]
        row = covers[batch.amount[covers].argmin()] if len(covers) else rows[batch.amount[rows].argmax()]
        taken[row] = False
        chosen = chosen[chosen != row]
    return None


def _top_up(batch: Batch, merged: Merged, settled: Integers, rule: str, solver: Solver) -> Integers:
    """Give what room is left to whole obligations one by one, then to divisible ones."""
    net = merged.network
    position = _positions(batch, settled)
    debit, credit = net.debit.tolist(), net.credit.tolist()
    for row in service(batch)[np.argsort(net.level[merged.arc[service(batch)]], kind="stable")].tolist():
        if batch.divisible[row] or settled[row]:
            continue
        debtor, creditor, amount = int(batch.debtor[row]), int(batch.creditor[row]), int(batch.amount[row])
        if position[debtor] - amount >= -debit[debtor] and position[creditor] + amount <= credit[creditor]:
            settled[row] = amount
            position[debtor] -= amount
            position[creditor] += amount
    room = np.where(batch.divisible, batch.amount - settled, 0)
    if not room.any():
        return settled
    flow = _solve(batch, merged, room, np.array(position, np.int64), rule, solver)
    added = allocate(replace(batch, amount=np.maximum(room, 0)), merged.arc, flow, rule, room > 0)
    return settled + added.settled


def _positions(batch: Batch, settled: Integers) -> list[int]:
    net = np.zeros(len(batch.banks), np.int64)
    np.add.at(net, batch.creditor, settled)
    np.subtract.at(net, batch.debtor, settled)
    return [int(value) for value in net.tolist()]


def _solve(  # noqa: PLR0917 -- plain arrays
    batch: Batch, merged: Merged, amount: Integers, position: Integers | None, rule: str, solver: Solver
) -> Integers:
    """Flow of the network of these amounts, on the arcs of `merged`; limits counted from `position`."""
    net = merged.network
    due = np.zeros(len(net.capacity), np.int64)
    np.add.at(due, merged.arc, amount)
    which = np.flatnonzero(due)
    flow = np.zeros(len(due), np.int64)
    if not len(which):
        return flow
    shift = np.zeros(net.banks, np.int64) if position is None else position
    part = network(
        net.debtor[which],
        net.creditor[which],
        due[which],
        net.level[which],
        net.debit + shift,
        net.credit - shift,
    )
    flow[which] = solver(part, _items(batch, merged, amount, which, rule))
    return flow


def _items(
    batch: Batch, merged: Merged, amount: Integers, which: npt.NDArray[np.intp], rule: str
) -> "tuple[Indices, Integers] | None":
    if rule != "first_come":
        return None
    place = np.full(len(merged.network.capacity), -1, np.int32)
    place[which] = np.arange(len(which), dtype=np.int32)
    arc, size = items(replace(batch, amount=amount), merged.arc, merged.network.level)
    return place[arc][size > 0], size[size > 0]
