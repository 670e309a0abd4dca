"""What the database says of cycles: their steps, positions and left-overs, and whether a step may follow."""

from collections.abc import Mapping
from json import loads
from typing import Any, Final, cast

from sqlalchemy import Connection, and_, func, select

from dostastyq.actor import Actor
from dostastyq.errors import DostastyqError, nearest
from dostastyq.payments.cycle_model import Cycle, Standpoint, State, Step
from dostastyq.payments.cycle_propose import room
from dostastyq.payments.cycle_rules import valid
from dostastyq.payments.ledger import day_of, moment_of
from dostastyq.payments.model import Rule
from dostastyq.store.books import cycles, exceptions, obligations, outcomes, steps
from dostastyq.store.rows import STREAM
from dostastyq.store.tables import journal as entries


def find_cycle(connection: Connection, name: str) -> Cycle:
    """Find a cycle with its steps."""
    row = connection.execute(select(cycles).where(cycles.c.name == name)).one_or_none()
    if row is None:
        known = connection.scalars(select(cycles.c.name)).all()
        raise DostastyqError("PY080", f"there is no cycle {name!r}", nearest(name, known) if known else "open one")
    of_entry = and_(entries.c.stream == STREAM, entries.c.sequence == steps.c.entry)
    taken = connection.execute(
        select(steps, entries.c.recorded_at)
        .join(entries, of_entry)
        .where(steps.c.cycle == row.cycle)
        .order_by(steps.c.step)
    )
    return Cycle(
        row.cycle,
        row.name,
        row.currency,
        day_of(row.value_day),
        cast("Rule", row.rule),
        None if row.cut_off is None else moment_of(row.cut_off),
        tuple(
            Step(
                one.step,
                one.state,
                Actor(one.person, one.place, one.role),
                moment_of(one.recorded_at),
                one.reason,
                one.posting,
                one.entry,
            )
            for one in taken
        ),
    )


_BEFORE: Final[dict[State, State]] = {
    "frozen": "open",
    "proposed": "frozen",
    "approved": "proposed",
    "settled": "approved",
    "final": "settled",
}


def at_state(connection: Connection, name: str, wanted: State, by: Actor, reason: str) -> Cycle:
    """Find a cycle in the state before the wanted one, or in that one by the same person already."""
    cycle = find_cycle(connection, name)
    last = cycle.steps[-1]
    again = last.state == wanted and last.by.key == by.key and last.reason == reason
    if cycle.state != _BEFORE[wanted] and not again:
        raise wrong_state(cycle, wanted)
    return cycle


def wrong_state(cycle: Cycle, wanted: str) -> DostastyqError:
    """Make the refusal of a step that does not follow."""
    last = cycle.steps[-1]
    message = f"cycle {cycle.name!r} is {cycle.state} since {last.at.isoformat()}, by {last.by.name}"
    needed = {"open": "it must be open", "recast": "only what is proposed or approved is recast"}
    hint = needed.get(wanted) or f"before it is {wanted} it must be {_BEFORE[cast('State', wanted)]}"
    return DostastyqError("PY081", message, hint)


def recast_already(  # noqa: PLR0917 -- parts of a recast
    connection: Connection, cycle: Cycle, reason: str, by: Actor, out: list[str], lower: Mapping[str, int]
) -> bool:
    """Whether the latest step is this very recast."""
    last = cycle.steps[-1]
    query = select(exceptions.c.bank, exceptions.c.cap).where(
        exceptions.c.cycle == cycle.number, exceptions.c.step == last.number
    )
    kept = {row.bank: row.cap for row in connection.execute(query)}
    recast = last.state == "frozen" and last.number > 2
    return recast and (last.reason, last.by.key, kept) == (reason, by.key, {**dict.fromkeys(out), **lower})


def content_of(connection: Connection, entry: int) -> dict[str, Any]:
    """Read the payload of an entry."""
    wanted = (entries.c.stream == STREAM, entries.c.sequence == entry)
    content: dict[str, Any] = loads(connection.execute(select(entries.c.payload).where(*wanted)).scalar_one())
    return content


def last_entry(connection: Connection) -> int:
    """Give the sequence of the last entry of the books."""
    last = select(func.coalesce(func.max(entries.c.sequence), 0)).where(entries.c.stream == STREAM)
    return int(connection.scalar(last) or 0)


def changed_since(connection: Connection, seen: int, cycle: Cycle) -> bool:
    """Whether rules, or this cycle, changed after an entry."""
    if find_cycle(connection, cycle.name).steps != cycle.steps:
        return True
    late = (entries.c.stream == STREAM, entries.c.sequence > seen, entries.c.kind == "limits")
    return connection.scalar(select(entries.c.sequence).where(*late).limit(1)) is not None


def standpoints(connection: Connection, cycle: Cycle) -> tuple[Standpoint, ...]:
    """Compute where every bank stands."""
    rules = valid(connection, cycle.currency, cycle.value_date)
    done = cycle.state not in ("open", "frozen")
    due: dict[str, int] = {}
    settled: dict[str, int] = {}
    net: dict[str, int] = {}
    proposed = cycle.last("proposed").number if done else 0
    result = outcomes.alias("result")
    joined = and_(
        result.c.cycle == obligations.c.cycle, result.c.number == obligations.c.number, result.c.step == proposed
    )
    query = (
        select(
            obligations.c.debtor,
            obligations.c.creditor,
            func.sum(obligations.c.amount),
            func.coalesce(func.sum(result.c.settled), 0),
        )
        .select_from(obligations.outerjoin(result, joined))
        .where(obligations.c.cycle == cycle.number, obligations.c.currency == cycle.currency)
        .group_by(obligations.c.debtor, obligations.c.creditor)
    )
    for debtor, creditor, owed, paid in connection.execute(query):
        moved = int(paid if done else owed)
        due[debtor] = due.get(debtor, 0) + int(owed)
        settled[debtor] = settled.get(debtor, 0) + int(paid)
        net[debtor] = net.get(debtor, 0) - moved
        net[creditor] = net.get(creditor, 0) + moved
    caps, _ = room(connection, cycle.currency, rules, {})
    if done:
        content = content_of(connection, cycle.last("proposed").entry)
        net, caps = {**net, **content["net"]}, content["caps"]
    return tuple(
        Standpoint(bank, due.get(bank, 0), settled.get(bank, 0), net.get(bank, 0), caps.get(bank))
        for bank in sorted({*net, *caps})
    )


def unsettled(connection: Connection, cycle: Cycle) -> list[dict[str, Any]]:
    """Rows that the latest proposal leaves over: reference, amount, left, currency, reason, bank."""
    joined = and_(obligations.c.cycle == outcomes.c.cycle, obligations.c.number == outcomes.c.number)
    left = (obligations.c.amount - outcomes.c.settled).label("left")
    query = (
        select(obligations.c.reference, obligations.c.amount, left, obligations.c.currency)
        .add_columns(outcomes.c.reason, outcomes.c.bank)
        .select_from(outcomes.join(obligations, joined))
        .where(outcomes.c.cycle == cycle.number, outcomes.c.step == cycle.last("proposed").number)
        .where(outcomes.c.settled < obligations.c.amount)
        .order_by(outcomes.c.number)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
