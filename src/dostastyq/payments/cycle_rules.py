"""Limits and standings: what acts set, and what is valid on a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, func, or_, select

from dostastyq.actor import Actor
from dostastyq.payments.cycle_model import Limit, Standing
from dostastyq.payments.ledger import attach_accounts, day_of, days
from dostastyq.store import Draft, Journal
from dostastyq.store.books import limits, standings
from dostastyq.store.journal import locked_head
from dostastyq.store.rows import STREAM, attach


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits and standings valid on a day, by bank."""

    limits: Mapping[str, Limit]
    standings: Mapping[str, Standing]

    @property
    def active(self) -> list[str]:
        """Banks from which obligations are taken in."""
        return [bank for bank in self.limits if self.status(bank) != "blocked"]

    def status(self, bank: str) -> str:
        """Status of a bank; active where nothing else was said."""
        return self.standings[bank].status if bank in self.standings else "active"


def record(journal: Journal, items: Iterable[Limit | Standing], by: Actor) -> None:
    """Record limits and standings; the bank of a limit gets an account."""
    wanted = list(items)
    with journal.transaction() as connection:
        entry = locked_head(connection, STREAM).sequence + 1
        owners: dict[str, str | None] = {item.bank: item.bank for item in wanted if isinstance(item, Limit)}
        attached = attach_accounts(connection, entry, owners)
        attached |= attach(
            connection,
            entry,
            {
                limits: _numbered(connection, limits, [_limit(item) for item in wanted if isinstance(item, Limit)]),
                standings: _numbered(
                    connection, standings, [_standing(item) for item in wanted if isinstance(item, Standing)]
                ),
            },
        )
        payload = {"attached": attached, "place": by.place, "role": by.role}
        journal.append([Draft(STREAM, "limits", payload)], by.name, connection=connection)


def valid(connection: Connection, code: str, on: date) -> Rules:
    """Read what is valid on a day: of several, what was recorded last."""
    found = {
        row.bank: Limit(row.bank, row.currency, row.cap, row.act, day_of(row.from_day), _day(row.to_day), row.quota)
        for row in _covering(connection, limits, on, limits.c.currency == code)
    }
    said = {
        row.bank: Standing(row.bank, row.status, row.reason, day_of(row.from_day), _day(row.to_day))
        for row in _covering(connection, standings, on)
    }
    return Rules(dict(sorted(found.items())), dict(sorted(said.items())))


def _covering(connection: Connection, table: Table, on: date, *conditions: Any) -> Iterable[Any]:  # noqa: ANN401
    day, until = days(on), table.c.to_day
    query = select(table).where(table.c.from_day <= day, or_(until.is_(None), until > day), *conditions)
    return connection.execute(query.order_by(table.c.number)).all()


def _numbered(connection: Connection, table: Table, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    last = connection.scalar(select(func.coalesce(func.max(table.c.number), 0))) or 0
    return [(number, *row) for number, row in enumerate(rows, int(last) + 1)]


def _limit(item: Limit) -> tuple[Any, ...]:
    until = None if item.valid_to is None else days(item.valid_to)
    return (item.bank, item.currency, item.cap, item.quota, days(item.valid_from), until, item.act)


def _standing(item: Standing) -> tuple[Any, ...]:
    until = None if item.valid_to is None else days(item.valid_to)
    return (item.bank, item.status, days(item.valid_from), until, item.reason)


def _day(number: int | None) -> date | None:
    return None if number is None else day_of(number)
