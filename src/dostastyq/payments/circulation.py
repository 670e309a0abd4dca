r"""What can be settled at most: the optimum of a circulation of money under limits.

Bank :math:`i` may run a net debit of :math:`D_i` and accept a net credit of :math:`C_i`. Arc :math:`e` merges what
debtor :math:`d` owes creditor :math:`c` in one class of priority, :math:`a_e` in all, of which :math:`x_e` is settled:

.. math:: \max \sum_e w_e x_e \quad\text{s.t.}\quad 0\le x_e\le a_e,\qquad
          -D_i \le \sum_{c_e=i} x_e-\sum_{d_e=i} x_e \le C_i .

With a node :math:`S` that lends each bank :math:`z_i\in[-C_i,D_i]` this is a circulation, so whole amounts have a whole
optimum (Ahuja, Magnanti and Orlin 1993, theorem 9.10). One unit pushed round a cycle of the residual graph touches at
most :math:`n` arcs, therefore weights :math:`w=B^{K-1-k}` of class :math:`k` (0 is served first), with
:math:`B>n`, give the lexicographic optimum: no unit of a class is given up for any number of units of a later one.
Here :math:`B=4(n+2)`, so that dual prices can be read off class by class. Classes that do not fit 64 bits are solved
in groups, each on the optimal face of the one before.

The optimum need not be unique. The face of all optima is: an arc whose reduced profit is not zero is full or empty on
all of it. `dostastyq.payments.fill` picks one point of the face by a published rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from dostastyq.errors import DostastyqError

Integers: TypeAlias = npt.NDArray[np.int64]
Indices: TypeAlias = npt.NDArray[np.int32]

TOTAL = 2**61
"""What one network may hold in all, minor units: every sum of the solver then fits 64 bits."""


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Merged obligations and the limits of the banks.

    Parameters
    ----------
    debtor, creditor
        Bank at each end of every arc, shape (E,).
    capacity
        What is due on the arc, minor units above zero, shape (E,).
    level
        Class of the arc; 0 is served first, shape (E,).
    debit, credit
        Largest net debit and net credit of each bank, minor units, shape (n,).
    """

    debtor: Indices
    creditor: Indices
    capacity: Integers
    level: Indices
    debit: Integers
    credit: Integers

    @property
    def banks(self) -> int:
        """Number of banks, n."""
        return len(self.debit)

    @property
    def levels(self) -> int:
        """Number of classes, K."""
        return int(self.level.max()) + 1 if len(self.level) else 1

    @property
    def base(self) -> int:
        """Base B of the weights."""
        return 4 * (self.banks + 2)

    def net(self, flow: Integers) -> Integers:
        """Received less paid by each bank, shape (n,)."""
        net = np.zeros(self.banks, np.int64)
        np.add.at(net, self.creditor, flow)
        np.subtract.at(net, self.debtor, flow)
        return net


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """A point of the optimal face, and the proof that it is one.

    Parameters
    ----------
    flow
        Settled on each arc, shape (E,).
    groups
        Classes that were solved together, as (first, last + 1), in the order in which they are served.
    potentials
        Worth of one more unit of liquidity at each bank in the weights of the group, one array (n,) a group.
    """

    flow: Integers
    groups: tuple[tuple[int, int], ...]
    potentials: tuple[Integers, ...]


def network(  # noqa: PLR0917 -- the fields of `Network`
    debtor: Indices, creditor: Indices, capacity: Integers, level: Indices, debit: Integers, credit: Integers
) -> Network:
    """Build a network whose limits are no larger than what can ever bind.

    Raises
    ------
    DostastyqError
        ``PY030`` when the arcs are not sound or hold more than `TOTAL`: the solver would crash on them.
    """
    n, arcs = len(debit), len(capacity)
    if not len(debtor) == len(creditor) == len(level) == arcs or len(credit) != n:
        raise DostastyqError("PY030", "arrays of the network differ in length", "give one entry an arc, one a bank")
    if arcs and (min(int(debtor.min()), int(creditor.min())) < 0 or max(int(debtor.max()), int(creditor.max())) >= n):
        raise DostastyqError("PY030", "an arc ends at a bank that is not there", "number banks from 0 to n - 1")
    if (debtor == creditor).any() or (capacity <= 0).any() or (debit < 0).any() or (credit < 0).any():
        raise DostastyqError("PY030", "a loop, an empty arc or a limit below zero", "give positive amounts and limits")
    total = sum(int(part.sum(dtype=object)) for part in np.array_split(capacity, 64)) if arcs else 0
    if total > TOTAL:
        message = f"obligations of {total} minor units in all are above {TOTAL}"
        raise DostastyqError("PY030", message, "clear them in several cycles")
    paid, received = np.zeros(n, np.int64), np.zeros(n, np.int64)
    np.add.at(paid, debtor, capacity)
    np.add.at(received, creditor, capacity)
    return Network(debtor, creditor, capacity, level, np.minimum(debit, paid + 1), np.minimum(credit, received + 1))


def groups(banks: int, levels: int) -> tuple[tuple[int, int], ...]:
    """Classes that can be solved together: the solver multiplies a weight by the square of the number of nodes.

    Examples
    --------
    >>> groups(12, 3), groups(10_000, 5)
    (((0, 3),), ((0, 3), (3, 5)))
    """
    base, largest = 4 * (banks + 2), 2**62 // (banks + 2) ** 2
    together = 1
    while together < levels and base**together <= largest:
        together += 1
    return tuple((first, min(first + together, levels)) for first in range(0, levels, together))


def weights(net: Network, group: tuple[int, int]) -> Integers:
    """Weight of every arc while a group of classes is solved; zero for arcs of other groups."""
    first, last = group
    inside = (net.level >= first) & (net.level < last)
    powers = np.array([net.base ** (last - 1 - k) for k in range(first, last)], np.int64)
    return np.where(inside, powers[np.clip(net.level - first, 0, last - first - 1)], 0)


Items: TypeAlias = tuple[Indices, Integers]


def solve(net: Network, rule: str, items: Items | Callable[[], Items] | None = None) -> Optimum:
    """Find the optimum and, on its face, the point that the rule picks.

    Parameters
    ----------
    net
        Merged obligations and limits.
    rule
        ``"pro_rata"`` or ``"first_come"``.
    items
        For ``first_come``: arc and amount of every obligation, served in this order; or what gives them when the
        solver, which needs most of the memory, is done.

    Raises
    ------
    DostastyqError
        ``PY031`` when OR-Tools finds no optimum, ``PY032`` when what it found is none.
    """
    from dostastyq.payments import fill  # noqa: PLC0415 -- compiled kernels, in the worker only

    open_arc, open_bank = np.ones(len(net.capacity), bool), np.ones(net.banks, bool)
    flow = np.zeros(len(net.capacity), np.int64)
    lent = np.zeros(net.banks, np.int64)
    found: list[Integers] = []
    together = groups(net.banks, net.levels)
    for group in together:
        weight = weights(net, group)
        flow, lent = _maximise(net, weight, flow, lent, open_arc, open_bank)
        potential = fill.potentials(net, flow, weight, open_arc, open_bank)
        if potential is None:
            raise DostastyqError("PY032", "the optimiser's answer is not an optimum", "report the input as a fault")
        open_arc &= weight + potential[net.creditor] == potential[net.debtor]
        open_bank &= potential == 0
        found.append(potential)
    served = items() if callable(items) else items
    return Optimum(fill.canonical(net, flow, open_arc, open_bank, rule, served), together, tuple(found))


def _maximise(  # noqa: PLR0917 -- plain arrays
    net: Network,
    weight: Integers,
    flow: Integers,
    lent: Integers,
    open_arc: npt.NDArray[np.bool_],
    open_bank: npt.NDArray[np.bool_],
) -> tuple[Integers, Integers]:
    """Flow and loans of a largest weighted circulation on the open arcs; closed ones keep what they have.

    The solver is used once and thrown away: solving again after a failure, or a negative capacity, ends the process.
    """
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # noqa: PLC0415 -- in the worker only

    arcs: npt.NDArray[np.intp] | slice = slice(None) if open_arc.all() else np.flatnonzero(open_arc)
    banks, source, count = np.flatnonzero(open_bank), net.banks, int(open_arc.sum())
    supply = net.net(np.where(open_arc, 0, flow)) + np.where(open_bank, 0, lent)
    solver = SimpleMinCostFlow()
    node, hub = banks.astype(np.int32), np.full(len(banks), source, np.int32)
    free = np.zeros(len(banks), np.int64)
    solver.add_arcs_with_capacity_and_unit_cost(net.debtor[arcs], net.creditor[arcs], net.capacity[arcs], -weight[arcs])
    solver.add_arcs_with_capacity_and_unit_cost(hub, node, net.debit[banks], free)
    solver.add_arcs_with_capacity_and_unit_cost(node, hub, net.credit[banks], free)
    if supply.any():
        solver.set_nodes_supplies(np.arange(source + 1, dtype=np.int32), np.append(supply, -supply.sum()))
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise DostastyqError("PY031", f"the optimiser stopped: {status}", "report the input as a fault")
    every = np.asarray(solver.flows(np.arange(count + 2 * len(banks), dtype=np.int32)), np.int64)
    flow, lent = flow.copy(), np.where(open_bank, 0, lent)
    flow[arcs] = every[:count]
    lent[banks] = every[count : count + len(banks)] - every[count + len(banks) :]
    return flow, lent
