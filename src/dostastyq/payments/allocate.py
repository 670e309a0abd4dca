"""From arcs back to obligations: who gets what of the amount settled between two banks.

``first_come`` serves by value date, then by arrival; at most one obligation of a pair and class is settled in part.
``pro_rata`` gives each its exact share rounded by cumulative sums, in the order of value date and reference, so each
is within one minor unit of its share and the shares add up. Indivisible obligations are served first, whole or not at
all, and the divisible ones take what is left.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dostastyq.payments.circulation import Indices, Integers
from dostastyq.payments.intake import Batch

_FEW = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """What obligations get, shape (m,), and what of each arc's flow none could take, shape (E,)."""

    settled: Integers
    short: Integers


def service(batch: Batch) -> Integers:
    """Rows by value date and then by arrival, shape (m,)."""
    if len(batch) < 2 or (batch.day[1:] >= batch.day[:-1]).all():
        return np.arange(len(batch), dtype=np.int64)
    return np.argsort(batch.day, kind="stable").astype(np.int64)


def items(batch: Batch, arc: Indices, level: Indices) -> tuple[Indices, Integers]:
    """Arcs and amounts in the order of service: class, value date, arrival."""
    order = service(batch)
    if len(level) and level[-1] != level[0]:
        order = order[np.argsort(level[arc[order]], kind="stable")]
    return arc[order], batch.amount[order]


def allocate(
    batch: Batch, arc: Indices, flow: Integers, rule: str, active: npt.NDArray[np.bool_] | None = None
) -> Allocation:
    """Share the flow of every arc among its obligations.

    Parameters
    ----------
    batch
        Obligations.
    arc
        Arc of each, shape (m,).
    flow
        Settled on each arc, shape (E,).
    rule
        ``"pro_rata"`` or ``"first_come"``.
    active
        Which obligations take part; all where None, shape (m,).
    """
    amount = batch.amount if active is None else np.where(active, batch.amount, 0)
    due = np.zeros(len(flow), np.int64)
    np.add.at(due, arc, amount)
    settled = np.where((flow == due)[arc], amount, 0)
    rows = np.flatnonzero(((flow < due) & (flow > 0))[arc] & (amount > 0))
    rest = np.where(flow < due, flow, 0)
    if not len(rows):
        return Allocation(settled, rest)
    whole = rows[~batch.divisible[rows]]
    if len(whole):
        order = np.empty(len(batch), np.int64)
        order[service(batch)] = np.arange(len(batch))
        for row in whole[np.argsort(order[whole])].tolist():
            if amount[row] <= rest[arc[row]]:
                settled[row] = amount[row]
                rest[arc[row]] -= amount[row]
        rows = rows[batch.divisible[rows]]
    rows = rows[_order(batch, arc, rows, rule)]
    part, cumulative, before, sums = _running(arc[rows], amount[rows], len(flow))
    given = np.minimum(rest, sums)
    if rule == "first_come":
        settled[rows] = np.clip(given[part] - before, 0, amount[rows])
    else:
        settled[rows] = _shares(given[part], cumulative, before, sums[part])
    return Allocation(settled, rest - given)


def _running(arc: Indices, amount: Integers, arcs: int) -> tuple[Indices, Integers, Integers, Integers]:
    """Sum up within each arc, to and before each row, for rows sorted by arc."""
    sums = np.zeros(arcs, np.int64)
    np.add.at(sums, arc, amount)
    cumulative = np.cumsum(amount)
    first = np.flatnonzero(np.diff(arc, prepend=-1))
    start = np.repeat(cumulative[first] - amount[first], np.diff(np.append(first, len(arc))))
    cumulative -= start
    return arc, cumulative, cumulative - amount, sums


def _shares(given: Integers, cumulative: Integers, before: Integers, sums: Integers) -> Integers:
    """floor(given * cumulative / sums) less the same before; in Python integers where 64 bits are too few."""
    if not len(given):
        return given
    if int(given.max()) * int(cumulative.max()) < 2**63:
        return np.asarray(given * cumulative // sums - given * before // sums, np.int64)
    g, c, b, s = (part.astype(object) for part in (given, cumulative, before, sums))
    return np.asarray(g * c // s - g * b // s).astype(np.int64)


def _order(batch: Batch, arc: Indices, rows: Integers, rule: str) -> Integers:
    """Places of rows sorted by arc and then as the rule serves them."""
    if rule == "first_come":
        return np.lexsort((rows, batch.day[rows], arc[rows]))
    if len(rows) <= _FEW:
        columns = zip(arc[rows].tolist(), batch.day[rows].tolist(), rows.tolist(), strict=True)
        keys = [(place, day, batch.references[row]) for place, day, row in columns]
        return np.array(sorted(range(len(rows)), key=keys.__getitem__), np.int64)
    import polars as pl  # noqa: PLC0415 -- for many rows only

    names = pl.Series(batch.references, dtype=pl.String).gather(rows)
    frame = pl.DataFrame({"arc": arc[rows], "day": batch.day[rows], "reference": names}).with_row_index("place")
    return frame.sort("arc", "day", "reference")["place"].to_numpy().astype(np.int64)
