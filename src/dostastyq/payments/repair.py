"""Obligations that may not be settled in part: the optimum repaired to whole ones, with the gap that this costs.

The relaxation, in which everything may be split, bounds what any settlement can reach. Where its flow between two banks
cannot be made up of whole obligations and divisible ones, the largest obligation that does not fit is left out and the
rest solved again, until everything fits. What was left out is then tried once more in the order of service, and the
divisible obligations take what room remains. The result respects every limit; it need not be the best whole settlement,
and the certificate states by how much it can be off.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from dostastyq.errors import DostastyqError
from dostastyq.payments.allocate import allocate, items, service
from dostastyq.payments.circulation import Indices, Integers, Network, network
from dostastyq.payments.intake import Batch
from dostastyq.payments.netting import Merged

ROUNDS = 200
"""Solutions after which all obligations that do not fit are left out at once."""

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

    Raises
    ------
    DostastyqError
        ``PY035`` when no whole settlement was found.
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
    raise DostastyqError("PY035", "no settlement of whole obligations was found", "let some be settled in part")


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
