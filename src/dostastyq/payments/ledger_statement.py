"""Statements of a bank, and the check of the whole books."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, and_, func, select

from dostastyq.dates import calendar_day
from dostastyq.payments.cycle_rules import valid
from dostastyq.payments.ledger import day_of, days, moment_of, require_accounts
from dostastyq.payments.ledger_model import POSTED
from dostastyq.store import Head, Journal
from dostastyq.store.books import cycles, legs, obligations, outcomes, postings, steps
from dostastyq.store.chain import Fault, Verification
from dostastyq.store.database import reading
from dostastyq.store.rows import STREAM
from dostastyq.store.tables import journal as entries

FIELDS: Final = (
    "posting",
    "booked_at",
    "value_date",
    "kind",
    "reference",
    "counterparties",
    "reason",
    "amount",
    "balance",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a statement.

    Parameters
    ----------
    posting, reference, kind, reason
        The posting.
    booked_at, value_date
        When it was booked, and the day from which it counts.
    amount
        What it does to the account in all, minor units.
    counterparties
        Accounts on the other side.
    balance
        What stands on the account after it, in the order of the statement.
    """

    posting: int
    reference: str
    kind: str
    reason: str
    booked_at: datetime
    value_date: date
    amount: int
    counterparties: tuple[str, ...]
    balance: int

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        found = {name: getattr(self, name) for name in FIELDS}
        return found | {
            "booked_at": self.booked_at.isoformat(),
            "value_date": self.value_date.isoformat(),
            "counterparties": list(self.counterparties),
        }


@dataclass(frozen=True, slots=True)
class Statement:
    """Statement of an account in a currency, by value date.

    Parameters
    ----------
    account, currency
        Whose, and in what.
    first, last
        Days that it covers, both included.
    opening, closing
        Balance before the first day, and after the last; opening and entries sum to closing.
    lines
        Entries by value date, then by booking.
    cap
        Net debit that the bank may run on the last day; None without a limit.
    """

    account: str
    currency: str
    first: date
    last: date
    opening: int
    lines: tuple[Line, ...]
    closing: int
    cap: int | None

    @property
    def used(self) -> int:
        """How much of the cap the closing balance uses."""
        return max(-self.closing, 0)

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "account": self.account,
            "currency": self.currency,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "opening": self.opening,
            "entries": [line.to_dict() for line in self.lines],
            "closing": self.closing,
            "cap": self.cap,
            "cap_used": self.used,
        }

    def write_csv(self, path: Path) -> None:
        """Write opening, entries and closing, one row each."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ("row", "account", "currency", *FIELDS), lineterminator="\n", restval="")
            writer.writeheader()
            head = {"account": self.account, "currency": self.currency}
            writer.writerow({**head, "row": "opening", "value_date": self.first.isoformat(), "balance": self.opening})
            for line in self.lines:
                others = " ".join(line.counterparties)
                writer.writerow({**head, "row": "entry", **line.to_dict(), "counterparties": others})
            writer.writerow({**head, "row": "closing", "value_date": self.last.isoformat(), "balance": self.closing})


def statement(journal: Journal, account: str, code: str, first: date | str, last: date | str) -> Statement:
    """Make the statement of an account.

    Parameters
    ----------
    journal
        An open journal.
    account, code
        Account and currency.
    first, last
        Value dates that it covers, both included.

    Raises
    ------
    DostastyqError
        ``PY074`` unknown account, ``DT002`` days.
    """
    begin, end = calendar_day(first), calendar_day(last)
    with reading(journal.database) as connection:
        require_accounts(connection, {account})
        of_account = (legs.c.account == account, legs.c.currency == code, postings.c.kind.in_(POSTED))
        joined = legs.join(postings, postings.c.posting == legs.c.posting)
        before = select(func.coalesce(func.sum(legs.c.amount), 0)).select_from(joined)
        opening = int(connection.scalar(before.where(*of_account, postings.c.value_day < days(begin))) or 0)
        within = postings.c.value_day.between(days(begin), days(end))
        of_entry = and_(entries.c.stream == STREAM, entries.c.sequence == postings.c.entry)
        rows = connection.execute(
            select(postings, entries.c.recorded_at, func.sum(legs.c.amount).label("amount"))
            .select_from(joined.join(entries, of_entry))
            .where(*of_account, within)
            .group_by(postings.c.posting, entries.c.recorded_at)
            .order_by(postings.c.value_day, postings.c.posting)
        ).all()
        others = _counterparties(connection, account, code, [row.posting for row in rows])
        limit = valid(connection, code, end).limits.get(account)
    lines, balance = [], opening
    for row in rows:
        balance += int(row.amount)
        lines.append(
            Line(
                row.posting,
                row.reference,
                row.kind,
                row.reason,
                moment_of(row.recorded_at),
                day_of(row.value_day),
                int(row.amount),
                others.get(row.posting, ()),
                balance,
            )
        )
    cap = None if limit is None else limit.cap
    return Statement(account, code, begin, end, opening, tuple(lines), balance, cap)


def _counterparties(
    connection: Connection, account: str, code: str, wanted: list[int]
) -> Mapping[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    for start in range(0, len(wanted), 5000):
        query = (
            select(legs.c.posting, legs.c.account)
            .where(legs.c.posting.in_(wanted[start : start + 5000]), legs.c.currency == code, legs.c.account != account)
            .distinct()
            .order_by(legs.c.posting, legs.c.account)
        )
        for number, other in connection.execute(query):
            found.setdefault(number, []).append(other)
    return {number: tuple(names) for number, names in found.items()}


def verify_books(journal: Journal, known: Iterable[Head] = ()) -> Verification:
    """Check the whole books: chains and rows, every sum, and settlements against the obligations they settle.

    Parameters
    ----------
    journal
        An open journal.
    known
        Heads seen earlier, as of `Journal.verify`.

    Returns
    -------
    Verification
        Its ``faults`` are empty when everything holds; ``require()`` raises otherwise.
    """
    found = journal.verify(known)
    if found.faults:
        return found
    with reading(journal.database) as connection:
        faults = (*_sums(connection), *_settlements(connection))
    return Verification(found.heads, faults)


def _sums(connection: Connection) -> list[Fault]:
    """Find postings whose legs do not sum to zero in a currency, and legs without a posting."""
    joined = legs.outerjoin(postings, postings.c.posting == legs.c.posting)
    query = (
        select(legs.c.entry, legs.c.posting, legs.c.currency, func.sum(legs.c.amount), func.max(postings.c.lines))
        .select_from(joined)
        .group_by(legs.c.entry, legs.c.posting, legs.c.currency)
    )
    return [
        Fault(STREAM, entry, f"the sum of posting {number} in {code}", "0", str(total))
        for entry, number, code, total, lines in connection.execute(query)
        if total or lines is None
    ]


def _settlements(connection: Connection) -> list[Fault]:
    """Find approvals whose reservation is not what their outcomes settle, pair by pair."""
    from dostastyq.payments.cycle_propose import legs_of, pairs_kept  # noqa: PLC0415 -- only for a check
    from dostastyq.payments.cycle_read import content_of  # noqa: PLC0415
    from dostastyq.payments.ledger import load  # noqa: PLC0415

    proposed = steps.alias("proposed")
    before = and_(proposed.c.cycle == steps.c.cycle, proposed.c.step == steps.c.step - 1)
    query = (
        select(steps, cycles.c.name, proposed.c.step.label("basis"), proposed.c.entry.label("basis_entry"))
        .join(cycles, cycles.c.cycle == steps.c.cycle)
        .join(proposed, before)
        .where(steps.c.state == "approved")
    )
    faults = []
    for row in connection.execute(query).all():
        conversion = content_of(connection, row.basis_entry)["conversion"]
        wanted = legs_of(pairs_kept(connection, row.cycle, row.basis), conversion)
        kept = load(connection, postings.c.posting == row.posting) if row.posting is not None else []
        if wanted != (kept[0].legs if kept else ()):
            faults.append(
                Fault(STREAM, row.entry, f"posting {row.posting}", f"what cycle {row.name} settles", "another")
            )
    over = (
        select(outcomes.c.entry, outcomes.c.cycle, outcomes.c.number)
        .join(
            obligations,
            and_(obligations.c.cycle == outcomes.c.cycle, obligations.c.number == outcomes.c.number),
            isouter=True,
        )
        .where(func.coalesce(obligations.c.amount, -1) < outcomes.c.settled)
        .limit(1)
    )
    for entry, cycle, number in connection.execute(over):
        faults.append(
            Fault(STREAM, entry, f"obligation {number} of cycle {cycle}", "settled within its amount", "more")
        )
    return faults
