"""The ledger: double entry in two phases, append-only, each batch one entry of the journal.

The database refuses at commit what does not sum to zero in every currency, so no program can book it, this one
included. A balance is never stored: it is the sum of legs, by value date and as known at a moment. A repeated reference
replays the posting that was made first; this is looked up inside the transaction that writes, behind the lock of the
stream, and a unique key stands behind that.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, case, func, select

from dostastyq.actor import Actor
from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError, nearest
from dostastyq.payments.ledger_model import POSTED, Balance, Kind, Leg, Posting, same
from dostastyq.store import Draft, Journal
from dostastyq.store.books import accounts, legs, postings
from dostastyq.store.database import reading
from dostastyq.store.entry import microseconds
from dostastyq.store.journal import locked_head
from dostastyq.store.rows import STREAM, attach
from dostastyq.store.tables import journal as entries

EPOCH: Final = date(1970, 1, 1)
OWN: Final = ("commit/", "cycle/", "reverse/", "void/")
"""How references begin that the ledger makes itself."""
_PAGE: Final = 5000


def days(day: date | str) -> int:
    """Days since 1970-01-01.

    Examples
    --------
    >>> days("1970-01-03")
    2
    """
    return (calendar_day(day) - EPOCH).days


def day_of(number: int) -> date:
    """Day of a number of days since 1970-01-01."""
    return EPOCH + timedelta(days=number)


def moment_of(recorded_at: int) -> datetime:
    """Moment of microseconds since 1970-01-01 UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=recorded_at)


class Ledger:
    """Books of a clearing house.

    Parameters
    ----------
    journal
        An open journal; the ledger writes to its stream ``ledger``.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from dostastyq.payments.ledger_model import transfer
    >>> from dostastyq.store import open_journal
    >>> clerk = Actor("A. Officer")
    >>> with TemporaryDirectory() as folder, open_journal(f"{folder}/mine.sqlite") as journal:
    ...     ledger = Ledger(journal)
    ...     ledger.open_accounts({"KAZ": "KAZ", "KGZ": "KGZ"}, by=clerk)
    ...     posted, = ledger.post([transfer("r1", "KAZ", "KGZ", 100, "KZT", "2026-11-23")], by=clerk)
    ...     again, = ledger.post([transfer("r1", "KAZ", "KGZ", 100, "KZT", "2026-11-23")], by=clerk)
    ...     print(posted == again, ledger.balance("KAZ", "KZT").posted)
    ...     undone = ledger.reverse("r1", "paid twice", by=clerk)
    ...     print(undone.reverses, ledger.balance("KAZ", "KZT").posted)
    True -100
    1 0
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def open_accounts(self, owners: dict[str, str | None], *, by: Actor) -> None:
        """Open accounts; those that are open already stay as they are.

        Parameters
        ----------
        owners
            By account, the bank that owns it; None for the house itself.
        by
            Who opens them.

        Raises
        ------
        DostastyqError
            ``PY074`` an account that another bank owns.
        """
        with self.journal.transaction() as connection:
            entry = locked_head(connection, STREAM).sequence + 1
            if attached := attach_accounts(connection, entry, owners):
                self.journal.append([Draft(STREAM, "accounts", {"attached": attached})], by.name, connection=connection)

    def accounts(self) -> dict[str, str | None]:
        """Every account with the bank that owns it."""
        with reading(self.journal.database) as connection:
            rows = connection.execute(select(accounts.c.account, accounts.c.bank).order_by(accounts.c.account))
            return {row.account: row.bank for row in rows}

    def require(self, account: str) -> None:
        """Refuse an account that is not open.

        Raises
        ------
        DostastyqError
            ``PY074`` unknown account.
        """
        with reading(self.journal.database) as connection:
            require_accounts(connection, {account})

    def post(self, wanted: Iterable[Posting], *, by: Actor) -> tuple[Posting, ...]:
        """Book postings in one transaction: all of them or none.

        Returns
        -------
        tuple of Posting
            As booked, in the order asked; a repeated one is the posting that was made first.

        Raises
        ------
        DostastyqError
            ``PY070`` a reference with other content, ``PY074`` unknown account, ``ST013`` what the database refuses.
        """
        return self._book([replace(one, kind="post") for one in wanted], by)

    def reserve(self, wanted: Iterable[Posting], *, by: Actor) -> tuple[Posting, ...]:
        """Hold postings until each is committed or voided; they count in no balance, but in what is available."""
        return self._book([replace(one, kind="reserve") for one in wanted], by)

    def commit(self, reference: str, *, by: Actor) -> Posting:
        """Post what was reserved under a reference.

        Raises
        ------
        DostastyqError
            ``PY072`` no such reservation, or one that was voided.
        """
        return self._book_one(lambda connection: resolution(connection, reference, "commit", ""), by)

    def void(self, reference: str, reason: str, *, by: Actor) -> Posting:
        """Let go what was reserved under a reference.

        Raises
        ------
        DostastyqError
            ``PY072`` no such reservation, one that was committed, or no reason.
        """
        return self._book_one(lambda connection: resolution(connection, reference, "void", reason), by)

    def reverse(self, reference: str, reason: str, *, by: Actor, value_date: date | str | None = None) -> Posting:
        """Take a posting back by a new one with opposite legs; exactly once.

        Parameters
        ----------
        reference
            Of what was posted, or of the reservation that was committed.
        reason
            Why.
        by
            Who does it.
        value_date
            Day from which it counts; by default that of the posting, as if it had never been.

        Raises
        ------
        DostastyqError
            ``PY073`` nothing to reverse, reversed already, or no reason.
        """
        return self._book_one(lambda connection: reversal(connection, reference, reason, value_date), by)

    def _book(self, wanted: Sequence[Posting], by: Actor) -> tuple[Posting, ...]:
        for one in wanted:
            if one.reference.startswith(OWN):
                message = f"reference {one.reference!r} begins like one of the ledger's own"
                raise DostastyqError("PY070", message, f"do not begin with {', '.join(OWN)}")
        with self.journal.transaction() as connection:
            locked_head(connection, STREAM)
            return book(self.journal, connection, wanted, by)

    def _book_one(self, make: Any, by: Actor) -> Posting:  # noqa: ANN401 -- a function of the connection
        with self.journal.transaction() as connection:
            locked_head(connection, STREAM)
            return book(self.journal, connection, [make(connection)], by)[0]

    def find(self, reference: str) -> Posting:
        """Find the posting of a reference.

        Raises
        ------
        DostastyqError
            ``PY072`` there is none.
        """
        with reading(self.journal.database) as connection:
            return existing(connection, reference)

    def balance(
        self, account: str, code: str, *, on: date | str | None = None, known_at: datetime | None = None
    ) -> Balance:
        """Compute the balance of an account.

        Parameters
        ----------
        account, code
            Account and currency.
        on
            Count what has a value date up to this day; everything where None.
        known_at
            As the books stood at this moment; now where None.

        Raises
        ------
        DostastyqError
            ``PY074`` unknown account, ``ST014`` a moment without a time zone.
        """
        with reading(self.journal.database) as connection:
            require_accounts(connection, {account})
            query = _sums(on, known_at).where(legs.c.account == account, legs.c.currency == code)
            row = connection.execute(query).one_or_none()
        return Balance(account, code, 0) if row is None else Balance(*_integers(row))

    def balances(self, *, on: date | str | None = None, known_at: datetime | None = None) -> tuple[Balance, ...]:
        """Compute every balance; in every currency they sum to zero."""
        with reading(self.journal.database) as connection:
            return tuple(Balance(*_integers(row)) for row in connection.execute(_sums(on, known_at)))


def _integers(row: Any) -> tuple[str, str, int, int, int]:  # noqa: ANN401 -- PostgreSQL sums to Decimal
    return row[0], row[1], int(row[2]), int(row[3]), int(row[4])


def _sums(on: date | str | None, known_at: datetime | None) -> Select[Any]:
    """Sum legs by account and currency: what is posted, and reserved but neither committed nor voided."""
    ended = postings.alias("ended")
    known = [] if known_at is None else [_known(known_at)]
    late = [] if known_at is None else [ended.c.entry <= _last(known_at)]
    pending = and_(
        postings.c.kind == "reserve", ~select(1).where(ended.c.resolves == postings.c.posting, *late).exists()
    )
    dated = [] if on is None else [postings.c.value_day <= days(on)]
    counted = postings.c.kind.in_(POSTED)

    def total(*tests: Any) -> Any:  # noqa: ANN401 -- expressions
        return func.coalesce(func.sum(case((and_(*tests), func.abs(legs.c.amount)), else_=0)), 0)

    return (
        select(
            legs.c.account,
            legs.c.currency,
            func.coalesce(func.sum(case((counted, legs.c.amount), else_=0)), 0),
            total(pending, legs.c.amount > 0),
            total(pending, legs.c.amount < 0),
        )
        .join(postings, postings.c.posting == legs.c.posting)
        .where(*dated, *known)
        .group_by(legs.c.account, legs.c.currency)
        .order_by(legs.c.account, legs.c.currency)
    )


def available(connection: Connection, code: str) -> dict[str, int]:
    """Compute what stands on every account of a currency, less what is reserved against it."""
    rows = connection.execute(_sums(None, None).where(legs.c.currency == code))
    return {account: posted - outgoing for account, _, posted, _, outgoing in map(_integers, rows)}


def _last(known_at: datetime) -> Any:  # noqa: ANN401 -- a scalar subquery
    """Sequence of the last entry that was recorded by a moment."""
    wanted = (entries.c.stream == STREAM, entries.c.recorded_at <= microseconds(known_at))
    return select(func.coalesce(func.max(entries.c.sequence), 0)).where(*wanted).scalar_subquery()


def _known(known_at: datetime) -> Any:  # noqa: ANN401 -- a condition
    return postings.c.entry <= _last(known_at)


def attach_accounts(connection: Connection, entry: int, owners: dict[str, str | None]) -> dict[str, Any]:
    """Write the accounts that are not open yet; what the entry must attest."""
    query = select(accounts.c.account, accounts.c.bank).where(accounts.c.account.in_(list(owners)))
    held = {row.account: row.bank for row in connection.execute(query)}
    for account, bank in held.items():
        if owners[account] != bank:
            owner = "the house" if bank is None else bank
            raise DostastyqError("PY074", f"account {account!r} belongs to {owner}", "open one of another name")
    new = sorted((account, bank) for account, bank in owners.items() if account not in held)
    return attach(connection, entry, {accounts: new}) if new else {}


def require_accounts(connection: Connection, names: set[str]) -> None:
    """Refuse accounts that are not open."""
    known = set(connection.scalars(select(accounts.c.account)))
    if missing := sorted(names - known):
        raise DostastyqError("PY074", f"there is no account {missing[0]!r}", nearest(missing[0], known))


def book(journal: Journal, connection: Connection, wanted: Sequence[Posting], by: Actor) -> tuple[Posting, ...]:
    """Book postings in a transaction whose stream is locked; what repeats an earlier one replays it.

    The reservations and postings that they resolve or reverse must have been found in the same transaction.
    """
    rows, leg_rows, made = prepared(connection, wanted)
    if rows:
        entry = locked_head(connection, STREAM).sequence + 1
        attached = attach(connection, entry, {legs: leg_rows, postings: rows})
        payload = {"attached": attached, "place": by.place, "role": by.role}
        recorded = journal.append([Draft(STREAM, "postings", payload)], by.name, connection=connection)[0]
        made = [replace(one, entry=entry, booked_at=recorded.moment) if one.entry is None else one for one in made]
    return tuple(made)


def prepared(
    connection: Connection, wanted: Sequence[Posting]
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], list[Posting]]:
    """Make numbers and rows of new postings; give repeated ones back as they were booked."""
    require_accounts(connection, {leg.account for one in wanted for leg in one.legs})
    known = _existing(connection, [one.reference for one in wanted])
    number = int(connection.scalar(select(func.coalesce(func.max(postings.c.posting), 0))) or 0)
    rows: list[tuple[Any, ...]] = []
    leg_rows: list[tuple[Any, ...]] = []
    made: list[Posting] = []
    for one in wanted:
        earlier = known.get(one.reference)
        if earlier is not None:
            if not same(one, earlier):
                message = f"reference {one.reference!r} was used with other content"
                raise DostastyqError("PY070", message, "give the posting a reference of its own")
            made.append(earlier)
            continue
        number += 1
        booked = replace(one, number=number)
        fields = (one.reference, one.kind, days(one.value_date), len(one.legs), one.resolves, one.reverses, one.reason)
        rows.append((number, *fields))
        leg_rows += [(number, line, leg.account, leg.currency, leg.amount) for line, leg in enumerate(one.legs, 1)]
        known[one.reference] = booked
        made.append(booked)
    return rows, leg_rows, made


def existing(connection: Connection, reference: str) -> Posting:
    """Find a posting."""
    found = _existing(connection, [reference])
    if not found:
        raise DostastyqError("PY072", f"there is no posting {reference!r}", "look at: dostastyq ledger statement")
    return found[reference]


def resolution(connection: Connection, reference: str, kind: Kind, reason: str) -> Posting:
    """Make the posting that ends a reservation."""
    held = existing(connection, reference)
    if held.kind != "reserve":
        raise DostastyqError("PY072", f"{reference!r} is no reservation", "only a reservation is committed or voided")
    if kind == "void" and not reason.strip():
        raise DostastyqError("PY072", f"{reference!r} is to be voided without a reason", "say why")
    ended = connection.scalar(select(postings.c.kind).where(postings.c.resolves == held.number))
    if ended not in (None, kind):
        message = f"{reference!r} was {'voided' if ended == 'void' else 'committed'} already"
        raise DostastyqError("PY072", message, "reserve anew, or reverse what was posted")
    kept = () if kind == "void" else held.legs
    return Posting(f"{kind}/{reference}", kept, held.value_date, reason, kind, resolves=held.number)


def reversal(connection: Connection, reference: str, reason: str, value_date: date | str | None) -> Posting:
    """Make the posting that takes another back."""
    with suppress(DostastyqError):
        reference = existing(connection, f"commit/{reference}").reference
    target = existing(connection, reference)
    if target.kind not in ("post", "commit") or not reason.strip():
        cause = f"{reference!r} is a {target.kind}" if reason.strip() else f"{reference!r} is to go without a reason"
        raise DostastyqError("PY073", cause, "only what was posted is reversed, and the reversal says why")
    opposite = tuple(replace(leg, amount=-leg.amount) for leg in target.legs)
    on = target.value_date if value_date is None else calendar_day(value_date)
    asked = Posting(f"reverse/{reference}", opposite, on, reason, "reverse", reverses=target.number)
    earlier = _existing(connection, [asked.reference]).get(asked.reference)
    if earlier is not None and not same(asked, earlier):
        message = f"{reference!r} was reversed already, as posting {earlier.number}"
        raise DostastyqError("PY073", message, "a posting is reversed once; book a new one")
    return asked


def _existing(connection: Connection, references: Sequence[str]) -> dict[str, Posting]:
    """Find postings that have some references, with their legs."""
    found: dict[str, Posting] = {}
    for begin in range(0, len(references), _PAGE):
        part = references[begin : begin + _PAGE]
        found |= {one.reference: one for one in load(connection, postings.c.reference.in_(part))}
    return found


def load(connection: Connection, *conditions: Any) -> list[Posting]:  # noqa: ANN401 -- expressions
    """Read postings with their legs, in the order of booking."""
    of_entry = and_(entries.c.stream == STREAM, entries.c.sequence == postings.c.entry)
    heads = connection.execute(
        select(postings, entries.c.recorded_at).join(entries, of_entry).where(*conditions).order_by(postings.c.posting)
    ).all()
    lines: dict[int, list[Leg]] = {}
    query = select(legs.c.posting, legs.c.account, legs.c.currency, legs.c.amount).order_by(legs.c.posting, legs.c.line)
    wanted = query.where(legs.c.posting.in_(select(postings.c.posting).where(*conditions)))
    for number, account, code, amount in connection.execute(wanted) if heads else ():
        lines.setdefault(number, []).append(Leg(account, code, amount))
    return [
        Posting(
            row.reference,
            tuple(lines.get(row.posting, ())),
            day_of(row.value_day),
            row.reason,
            row.kind,
            row.posting,
            row.entry,
            moment_of(row.recorded_at),
            row.resolves,
            row.reverses,
        )
        for row in heads
    ]
