"""Obligations into a cycle: each reference once, whatever is sent again and by how many at a time.

The rows are written in bulk and the unique key of references decides, inside the transaction that writes. Only when it
refuses are references looked up, one page after another: the same content gets its first answer, other content is
refused, what is new is written. A repeated obligation is answered after the cut-off, too.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Table, and_, func, select
from sqlalchemy.exc import IntegrityError

from dostastyq.actor import Actor
from dostastyq.errors import DostastyqError
from dostastyq.payments.cycle_model import Cycle, Receipt, Submission
from dostastyq.payments.cycle_rules import Rules
from dostastyq.payments.intake import Batch, Intake, Refusal
from dostastyq.payments.ledger import moment_of
from dostastyq.payments.model import UNDATED, ByReference
from dostastyq.store import Draft, Journal
from dostastyq.store.books import cycles, obligations, submissions
from dostastyq.store.journal import locked_head
from dostastyq.store.rows import STREAM, Bulk, Row, attach
from dostastyq.store.tables import journal as entries

_PAGE = 5000
_CONTENT = ("debtor", "creditor", "amount", "currency", "day", "priority", "divisible")


def take_in(  # noqa: PLR0917 -- a transaction, and what is to be written in it
    journal: Journal, connection: Connection, cycle: Cycle, taken: Intake, closed: DostastyqError | None, by: Actor
) -> Submission:
    """Write what is new of an intake; the stream is locked.

    Parameters
    ----------
    journal, connection
        Journal, and the connection of its transaction.
    cycle
        The cycle.
    taken
        What was read.
    closed
        Why nothing new is taken in; None while the cycle is open.
    by
        Who submits.
    """
    batch = taken.batch
    known: dict[str, tuple[Any, ...]] = {}
    if closed is None:
        try:
            with connection.begin_nested():
                entry, at, first = _write(journal, connection, cycle, batch, by)
        except IntegrityError:
            known = _known(connection, batch.references)
    else:
        known = _known(connection, batch.references)
    if closed is None and not known:
        return Submission(
            cycle.name, len(batch), taken.repeated, taken.refused, _receipts(cycle, batch, entry, at, first)
        )
    new, repeated, others = _sorted_out(batch, known)
    if len(new) and closed is not None:
        raise closed
    receipts: dict[str, Receipt] = {name: _first_answer(known[name]) for name in repeated}
    if len(new):
        fresh = batch.take(new)
        entry, at, first = _write(journal, connection, cycle, fresh, by)
        receipts |= dict(_receipts(cycle, fresh, entry, at, first))
    return Submission(cycle.name, len(new), taken.repeated + len(repeated), (*taken.refused, *others), receipts)


def not_blocked(taken: Intake, rules: Rules) -> Intake:
    """Say of refused banks that they are blocked, where that is why they are unknown."""
    refused = []
    for one in taken.refused:
        if one.code == "PY004" and rules.status(one.found) == "blocked":
            reason = rules.standings[one.found].reason
            one = Refusal(  # noqa: PLW2901 -- the same refusal, better explained
                one.row,
                one.reference,
                one.field,
                one.found,
                "a bank that is not blocked",
                f"{one.found} is blocked: {reason}",
                "PY085",
            )
        refused.append(one)
    return Intake(taken.batch, tuple(refused), taken.repeated, taken.notes)


def _receipts(cycle: Cycle, batch: Batch, entry: int, at: datetime, first: int) -> Mapping[str, Receipt]:
    return ByReference(batch.references, lambda row: Receipt(cycle.name, first + row, entry, at))


def _write(
    journal: Journal, connection: Connection, cycle: Cycle, batch: Batch, by: Actor
) -> tuple[int, datetime, int]:
    """Write a batch and its entry; the entry, its moment, and the number of the first obligation."""
    of_cycle = submissions.c.cycle == cycle.number
    query = select(func.coalesce(func.max(submissions.c.submission), 0), func.sum(submissions.c["count"]))
    submission, before = connection.execute(query.where(of_cycle)).one()
    head = locked_head(connection, STREAM)
    entry, first = head.sequence + 1, int(before or 0) + 1
    if not len(batch):
        return head.sequence, moment_of(head.recorded_at), first
    number = int(submission) + 1
    rows: dict[Table, Sequence[Row] | Bulk] = {
        submissions: [(cycle.number, number, first, len(batch))],
        obligations: Bulk(columns(cycle.number, first, number, batch), len(batch)),
    }
    attached = attach(connection, entry, rows)
    payload = {"cycle": cycle.name, "place": by.place, "role": by.role, "attached": attached}
    recorded = journal.append([Draft(STREAM, "obligations", payload)], by.name, connection=connection)[0]
    return entry, recorded.moment, first


def columns(cycle: int, first: int, submission: int, batch: Batch) -> tuple[Any, ...]:
    """Make the columns of the table of obligations; the same value throughout is given once."""
    banks, codes = np.array(batch.banks, object), np.array(batch.currencies, object)
    days: list[int | None] = batch.day.tolist()
    if (batch.day == UNDATED).any():
        days = [None if day == UNDATED else day for day in days]
    return (
        cycle,
        list(range(first, first + len(batch))),
        submission,
        list(batch.references),
        banks[batch.debtor].tolist() if len(batch) else [],
        banks[batch.creditor].tolist() if len(batch) else [],
        batch.amount.tolist(),
        batch.currencies[0] if len(batch.currencies) == 1 else codes[batch.currency].tolist() if len(batch) else [],
        days,
        batch.priority.tolist(),
        batch.divisible.astype(np.int8).tolist(),
    )


def _known(connection: Connection, references: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """First answers and contents of references that were taken in: cycle, number, entry, moment, content."""
    of_entry = and_(entries.c.stream == STREAM, entries.c.sequence == obligations.c.entry)
    query = (
        select(
            obligations.c.reference,
            cycles.c.name,
            obligations.c.number,
            obligations.c.entry,
            entries.c.recorded_at,
            *(obligations.c[name] for name in _CONTENT),
        )
        .join(cycles, cycles.c.cycle == obligations.c.cycle)
        .join(entries, of_entry)
    )
    found = {}
    listed = list(references)
    for begin in range(0, len(listed), _PAGE):
        part = query.where(obligations.c.reference.in_(listed[begin : begin + _PAGE]))
        found.update({row[0]: tuple(row[1:]) for row in connection.execute(part)})
    return found


def _sorted_out(
    batch: Batch, known: Mapping[str, tuple[Any, ...]]
) -> tuple[np.ndarray[Any, np.dtype[np.int64]], list[str], list[Refusal]]:
    """Rows that are new, references that repeat, and refusals of those used with other content."""
    content = list(Bulk(columns(0, 1, 0, batch)[4:], len(batch)))
    new, repeated, others = [], [], []
    for row, reference in enumerate(batch.references):
        earlier = known.get(reference)
        if earlier is None:
            new.append(row)
        elif earlier[4:] == content[row]:
            repeated.append(reference)
        else:
            others.append(_other(row + 1, reference, earlier))
    return np.array(new, np.int64), repeated, others


def _first_answer(earlier: tuple[Any, ...]) -> Receipt:
    cycle, number, entry, recorded_at = earlier[:4]
    return Receipt(cycle, number, entry, moment_of(recorded_at))


def _other(row: int, reference: str, earlier: tuple[Any, ...]) -> Refusal:
    debtor, creditor, amount, code = earlier[4:8]
    return Refusal(
        row,
        reference,
        "reference",
        reference,
        f"the content taken in first: {debtor} owes {creditor} {amount} minor units of {code}, cycle {earlier[0]}",
        "the first obligation of this reference stands; give the other one a reference of its own",
        "PY005",
    )
