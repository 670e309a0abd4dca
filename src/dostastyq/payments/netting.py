"""Net positions, exact in 64 bits: what every bank would owe or receive if everything were settled."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dostastyq.errors import DostastyqError, nearest
from dostastyq.payments.circulation import TOTAL, Indices, Integers, Network, network
from dostastyq.payments.intake import Batch
from dostastyq.payments.model import Obligation

_DENSE = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """Obligations merged by debtor, creditor, class and kind.

    Parameters
    ----------
    network
        The merged network; arcs are in the order of class, debtor, creditor, kind.
    arc
        Arc of every obligation, shape (m,).
    kind
        Kind of every arc, e.g. its currency, shape (E,).
    priorities
        Priority of each class, the first served first.
    """

    network: Network
    arc: Indices
    kind: Indices
    priorities: tuple[int, ...]


def total(amount: Integers) -> int:
    """Exact sum, whatever its size.

    Examples
    --------
    >>> total(np.array([2**62, 2**62, 2**62])) == 3 * 2**62
    True
    """
    return (int((amount >> 31).sum()) << 31) + int((amount & 0x7FFFFFFF).sum())


def merge(batch: Batch, debit: Integers, credit: Integers) -> Merged:
    """Merge the obligations of one currency.

    Raises
    ------
    DostastyqError
        ``PY030`` when they are too much for 64 bits in all.
    """
    if total(batch.amount) > TOTAL:
        message = f"obligations of {total(batch.amount)} minor units in all are above {TOTAL}"
        raise DostastyqError("PY030", message, "clear them in several cycles")
    keys, arc, priorities = keyed(batch, np.zeros(len(batch), np.int32), 1)
    n = len(batch.banks)
    sums = np.zeros(len(keys), np.int64)
    np.add.at(sums, arc, batch.amount)
    pair = keys % (n * n)
    debtor, creditor = (pair // n).astype(np.int32), (pair % n).astype(np.int32)
    built = network(debtor, creditor, sums, (keys // (n * n)).astype(np.int32), debit, credit)
    return Merged(built, arc, np.zeros(len(keys), np.int32), priorities)


def keyed(batch: Batch, kind: Indices, kinds: int) -> tuple[Integers, Indices, tuple[int, ...]]:
    """Give every obligation the place of its key among all keys: class, debtor, creditor, kind.

    Returns
    -------
    tuple
        Keys that occur in increasing order, place of each obligation's key, and the priorities of the classes.
    """
    n = max(len(batch.banks), 1)
    first, last = (int(batch.priority.min()), int(batch.priority.max())) if len(batch) else (0, 0)
    if first == last:
        priorities, key = (first,) if len(batch) else (), np.zeros(len(batch), np.int64)
    else:
        found = np.unique(batch.priority)
        priorities = tuple(found[::-1].tolist())
        key = len(found) - 1 - np.searchsorted(found, batch.priority).astype(np.int64, copy=False)
    for part, count in ((batch.debtor, n), (batch.creditor, n), (kind, kinds)):
        key *= count
        key += part
    size = max(len(priorities), 1) * n * n * kinds
    if size <= _DENSE:
        present = np.zeros(size, bool)
        present[key] = True
        keys = np.flatnonzero(present).astype(np.int64)
        place = np.zeros(size, np.int32)
        place[keys] = np.arange(len(keys), dtype=np.int32)
        return keys, place[key], priorities
    order = np.argsort(key)  # by hand, in half the memory of np.unique with its inverse
    key = key[order]
    first = np.diff(key, prepend=-1) != 0
    place = np.empty(len(key), np.int32)
    place[order] = np.cumsum(first, dtype=np.int32) - 1
    return key[first], place, priorities


class Position:
    """Running position of a cycle, updated as obligations arrive, to be seen before the cut-off.

    Parameters
    ----------
    caps
        Net debit that each bank may run, minor units.

    Examples
    --------
    >>> position = Position({"KAZ": 50, "KGZ": 0})
    >>> position.add(Obligation("r1", "KAZ", "KGZ", 80, "KZT"))
    >>> position.net, position.over
    ({'KAZ': -80, 'KGZ': 80}, {'KAZ': 30})
    """

    __slots__ = ("_caps", "_net", "_seen")

    def __init__(self, caps: Mapping[str, int]) -> None:
        self._caps = dict(sorted(caps.items()))
        self._net = dict.fromkeys(self._caps, 0)
        self._seen: dict[str, Obligation] = {}

    def add(self, obligation: Obligation) -> None:
        """Count an obligation; the same one again changes nothing.

        Raises
        ------
        DostastyqError
            ``PY004`` unknown bank, ``PY005`` the reference has other content, ``PY020`` another currency.
        """
        for bank in (obligation.debtor, obligation.creditor):
            if bank not in self._net:
                raise DostastyqError("PY004", f"{bank!r} has no cap", nearest(bank, self._net))
        earlier = self._seen.get(obligation.reference)
        if earlier is not None:
            if earlier != obligation:
                message = f"reference {obligation.reference!r} was used with other content"
                raise DostastyqError("PY005", message, "give it a reference of its own")
            return
        if self._seen and obligation.currency != next(iter(self._seen.values())).currency:
            message = f"a position has one currency, and {obligation.reference!r} is in {obligation.currency}"
            raise DostastyqError("PY020", message, "keep one position a currency")
        self._seen[obligation.reference] = obligation
        self._net[obligation.debtor] -= obligation.amount
        self._net[obligation.creditor] += obligation.amount

    @property
    def net(self) -> dict[str, int]:
        """Received less paid, by bank."""
        return dict(self._net)

    @property
    def over(self) -> dict[str, int]:
        """By how much banks are below their caps; empty when plain netting would do."""
        return {bank: -net - self._caps[bank] for bank, net in self._net.items() if -net > self._caps[bank]}
