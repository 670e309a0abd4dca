"""The independent check of a settlement, in Python integers: no solver, no array arithmetic, no rounding.

A flow is optimal when some potentials p make every residual arc unprofitable (Ahuja, Magnanti and Orlin 1993,
theorem 9.3): where an arc has room, w + p(creditor) <= p(debtor); where it carries something, the reverse; where the
limit of a bank has room, p <= 0 (more could be lent to it), and p >= 0 where it could hand back. Reading the
arcs once therefore proves the optimum, whoever computed p. Where no potentials are given they are recomputed here.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import gt
from typing import Any

import numpy.typing as npt

from dostastyq.errors import DostastyqError
from dostastyq.payments.circulation import Indices, Integers, Network

_CHUNK = 16384


@dataclass(frozen=True, slots=True)
class Certificate:
    """Proof of how much can be settled.

    Parameters
    ----------
    method
        ``"netting"``: everything fits the limits; ``"optimum"``: the largest that fits; ``"repair"``: indivisible
        obligations were left out after the optimum; ``"converted"``: the optimum of the values in the unit of account.
    due, settled
        Sum of obligations and of what is settled.
    priorities
        Priorities that occur, served from the first to the last.
    settled_by_priority, upper_bound
        What is settled of each priority, and what the relaxation with divisible obligations settles: no settlement
        is better, the first priority decides before the next is looked at.
    gap
        Upper bound less settled, priority by priority; all zero when the settlement is optimal.
    prices
        By bank, how much more of each priority is settled if it may run one minor unit more of net debit.
    potentials
        By bank, the dual prices that prove the optimum.
    checks
        What was checked, all of it in integers.
    search
        How the search among indivisible obligations ended: ``"complete"`` when branch and bound, in floating point,
        found that no choice is better, ``"nodes"`` or ``"time"`` when its limit came first, ``"none"`` without an
        answer; empty where none was needed.
    """

    method: str
    due: int
    settled: int
    priorities: tuple[int, ...]
    settled_by_priority: tuple[int, ...]
    upper_bound: tuple[int, ...]
    prices: dict[str, tuple[int, ...]]
    potentials: dict[str, int]
    checks: tuple[str, ...]
    search: str = ""

    @property
    def gap(self) -> tuple[int, ...]:
        """Upper bound less settled, priority by priority."""
        return tuple(bound - got for bound, got in zip(self.upper_bound, self.settled_by_priority, strict=True))

    @property
    def optimal(self) -> bool:
        """Whether nothing better is possible."""
        return not any(self.gap)

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "method": self.method,
            "optimal": self.optimal,
            "due": self.due,
            "settled": self.settled,
            "priorities": list(self.priorities),
            "settled_by_priority": list(self.settled_by_priority),
            "upper_bound": list(self.upper_bound),
            "gap": list(self.gap),
            "prices": {bank: list(price) for bank, price in self.prices.items()},
            "potentials": self.potentials,
            "checks": list(self.checks),
            "search": self.search,
        }


CHECKS = ("bounds", "conservation", "limits", "potentials")
"""0 <= x <= a on every arc; nets sum to zero and are those of the flow; every limit holds; no profitable cycle."""


def read(*arrays: npt.NDArray[Any]) -> Iterator[tuple[int, ...]]:
    """Rows of several arrays as Python integers, a part at a time: memory stays small."""
    for begin in range(0, len(arrays[0]), _CHUNK):
        yield from zip(*(part[begin : begin + _CHUNK].tolist() for part in arrays), strict=True)


def verify(network: Network, flow: Integers, potentials: Sequence[int] | None = None) -> tuple[int, ...]:
    """Check a flow, and that it is optimal.

    Parameters
    ----------
    network
        Merged obligations and limits.
    flow
        Settled on each arc, shape (E,).
    potentials
        Worth of liquidity at each bank in the weights B**(K-1-k); recomputed where None.

    Returns
    -------
    tuple of int
        The potentials that prove it.

    Raises
    ------
    DostastyqError
        ``PY040`` length or bounds, ``PY041`` a limit, ``PY042`` not optimal.
    """
    admissible(network, flow)
    weights = [network.base ** (network.levels - 1 - level) for level in range(network.levels)]
    if potentials is None:
        potentials = recomputed(network, flow, weights)
    _unprofitable(network, flow, weights, potentials)
    return tuple(potentials)


def admissible(network: Network, flow: Integers) -> list[int]:
    """Check bounds, conservation and limits; return the net position of each bank."""
    if len(flow) != len(network.capacity):
        raise _refuse("PY040", f"{len(flow)} arcs are settled of {len(network.capacity)}")
    net = [0] * network.banks
    for debtor, creditor, due, settled in read(network.debtor, network.creditor, network.capacity, flow):
        if not 0 <= settled <= due:
            raise _refuse("PY040", f"{settled} of {due} settled between banks {debtor} and {creditor}")
        net[debtor] -= settled
        net[creditor] += settled
    if sum(net):
        raise _refuse("PY040", f"net positions sum to {sum(net)}")
    for bank, (position, debit, credit) in enumerate(zip(net, *_limits(network), strict=True)):
        if not -debit <= position <= credit:
            raise _refuse("PY041", f"bank {bank} has {position}, outside -{debit} to {credit}")
    return net


def _limits(net: Network) -> tuple[list[int], list[int]]:
    return net.debit.tolist(), net.credit.tolist()


def recomputed(network: Network, flow: Integers, weights: Sequence[int]) -> tuple[int, ...]:
    """Potentials by Bellman and Ford: the most profitable residual path from each bank to S.

    Raises
    ------
    DostastyqError
        ``PY042`` when a profitable cycle is left.
    """
    n = network.banks
    arcs: list[tuple[int, int, int]] = []
    net = [0] * n
    rows = read(network.debtor, network.creditor, network.capacity, flow, network.level)
    for debtor, creditor, due, settled, level in rows:
        net[debtor] -= settled
        net[creditor] += settled
        if settled < due:
            arcs.append((debtor, creditor, weights[level]))
        if settled > 0:
            arcs.append((creditor, debtor, -weights[level]))
    for bank, (position, debit, credit) in enumerate(zip(net, *_limits(network), strict=True)):
        if position > -debit:
            arcs.append((n, bank, 0))
        if position < credit:
            arcs.append((bank, n, 0))
    worth = [-(n + 1) * max(weights)] * n + [0]
    for _ in range(n + 2):
        changed = False
        for tail, head, profit in arcs:
            if profit + worth[head] > worth[tail]:
                worth[tail] = profit + worth[head]
                changed = True
        if worth[n] > 0:
            break
        if not changed:
            return tuple(worth[:n])
    raise _refuse("PY042", "more could be settled: a profitable cycle is left")


def _unprofitable(network: Network, flow: Integers, weights: Sequence[int], worth: Sequence[int]) -> None:
    if len(worth) != network.banks:
        raise _refuse("PY042", f"{len(worth)} potentials for {network.banks} banks")
    net = [0] * network.banks
    rows = read(network.debtor, network.creditor, network.capacity, flow, network.level)
    for debtor, creditor, due, settled, level in rows:
        net[debtor] -= settled
        net[creditor] += settled
        profit = weights[level] + worth[creditor] - worth[debtor]
        if (profit > 0 and settled < due) or (profit < 0 and settled > 0):
            raise _refuse("PY042", f"the potentials do not prove arc {debtor} to {creditor} of class {level}")
    for bank, (position, debit, credit) in enumerate(zip(net, *_limits(network), strict=True)):
        if (worth[bank] > 0 and position > -debit) or (worth[bank] < 0 and position < credit):
            raise _refuse("PY042", f"the potentials do not prove the position of bank {bank}")


def verify_rows(flow: Integers, arc: Indices, amount: Integers, settled: Integers) -> None:
    """Check that what obligations get is within their amounts and sums to the flow of their arcs.

    Raises
    ------
    DostastyqError
        ``PY043`` when it does not.
    """
    if not len(arc) == len(amount) == len(settled):
        raise _refuse("PY043", f"{len(settled)} obligations are settled of {len(amount)}")
    sums = array("q", bytes(8 * len(flow)))  # Python integers again when read, eight bytes each when not
    for begin in range(0, len(arc), _CHUNK):
        places, dues, parts = (one[begin : begin + _CHUNK].tolist() for one in (arc, amount, settled))
        if min(parts) < 0 or any(map(gt, parts, dues)):
            row = next(row for row, got in enumerate(parts) if not 0 <= got <= dues[row])
            raise _refuse("PY043", f"obligation {begin + row} gets {parts[row]} of {dues[row]}")
        for place, got in zip(places, parts, strict=True):
            sums[place] += got
    if any(expected != found for (expected,), found in zip(read(flow), sums, strict=True)):
        raise _refuse("PY043", "obligations do not sum to what is settled between their banks")


def digits(value: int, base: int, count: int) -> tuple[int, ...]:
    """Read a potential as settled minor units of each class, the first class first.

    Examples
    --------
    >>> digits(2 * 56 ** 2 - 3, 56, 3)
    (2, 0, -3)
    """
    found = []
    for _ in range(count):
        digit = (value + base // 2) % base - base // 2
        found.append(digit)
        value = (value - digit) // base
    return tuple(reversed(found))


def by_level(network: Network, flow: Integers) -> tuple[int, ...]:
    """Sum of what is settled in each class."""
    sums = [0] * network.levels
    for level, settled in read(network.level, flow):
        sums[level] += settled
    return tuple(sums)


def _refuse(code: str, message: str) -> DostastyqError:
    return DostastyqError(code, f"the settlement does not stand: {message}", "nothing was changed; report the input")
