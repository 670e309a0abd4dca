"""The cycle of a clearing house: open, frozen, proposed, approved by a second person, settled, final.

Every step is a row that the database lets in only after the one before it; who approves is not who proposed. What is
approved is reserved in the ledger, settling commits the reservation, and a recast voids it and says why. The optimiser
works outside the transaction: its crash or time-out leaves the cycle as it was.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import Connection, Table, func, select

from dostastyq.actor import Actor
from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError, nearest
from dostastyq.money import currency
from dostastyq.payments.calendars import business_day, calendars, cut_off
from dostastyq.payments.cycle_intake import not_blocked, take_in
from dostastyq.payments.cycle_model import Cycle, Limit, Standing, Standpoint, State, Submission
from dostastyq.payments.cycle_propose import (
    case_of,
    conversion_of,
    exceptions_of,
    legs_of,
    numbered,
    pairs_of,
    proposal,
    room,
)
from dostastyq.payments.cycle_read import (
    at_state,
    changed_since,
    content_of,
    find_cycle,
    last_entry,
    recast_already,
    standpoints,
    unsettled,
    wrong_state,
)
from dostastyq.payments.cycle_rules import Rules, record, valid
from dostastyq.payments.fixing import Fixing
from dostastyq.payments.intake import Intake, from_frame, from_obligations, read
from dostastyq.payments.ledger import Ledger, attach_accounts, book, days, moment_of, resolution
from dostastyq.payments.ledger_model import Leg, Posting, netted
from dostastyq.payments.model import Obligation, Rule
from dostastyq.payments.worker import TIMEOUT
from dostastyq.store import Draft, Journal
from dostastyq.store.books import cycles, exceptions, outcomes, steps
from dostastyq.store.database import reading
from dostastyq.store.entry import microseconds
from dostastyq.store.journal import locked_head
from dostastyq.store.rows import STREAM, Bulk, Row, attach

CALENDAR: Final = "calendar"
CutOff: TypeAlias = datetime | Literal["calendar"] | None


def utc_now() -> datetime:
    """Now, with its time zone."""
    return datetime.now(UTC)


class ClearingHouse:
    """Cycles in a journal.

    Parameters
    ----------
    journal
        An open journal.
    clock
        What tells the time; it never runs back behind what was recorded.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from dostastyq.payments import Obligation
    >>> from dostastyq.store import open_journal
    >>> maker, checker = Actor("A. Maker"), Actor("B. Checker")
    >>> owed = [Obligation("r1", "KAZ", "KGZ", 100, "KZT"), Obligation("r2", "KGZ", "KAZ", 70, "KZT")]
    >>> with TemporaryDirectory() as folder, open_journal(f"{folder}/mine.sqlite") as journal:
    ...     house = ClearingHouse(journal)
    ...     house.set_limits([Limit(b, "KZT", 20, "Protocol 1", "2026-01-01") for b in ("KAZ", "KGZ")], by=maker)
    ...     cycle = house.open("week 48", "KZT", "2026-11-24", by=maker, cut_off=None)
    ...     _ = house.submit("week 48", owed, by=maker)
    ...     _ = house.freeze("week 48", by=maker), house.propose("week 48", by=maker)
    ...     _ = house.approve("week 48", by=checker), house.settle("week 48", by=checker)
    ...     house.finish("week 48", by=checker).state, house.ledger.balance("KAZ", "KZT").posted
    ('final', -20)
    """

    def __init__(self, journal: Journal, clock: Callable[[], datetime] = utc_now) -> None:
        self.journal = journal
        self.ledger = Ledger(journal)
        self._clock = clock

    def set_limits(self, limits: Iterable[Limit], *, by: Actor) -> None:
        """Record limits that an act sets; each bank gets an account."""
        record(self.journal, limits, by)

    def set_standings(self, standings: Iterable[Standing], *, by: Actor) -> None:
        """Record that banks are blocked, under a legal hold, or active again."""
        record(self.journal, standings, by)

    def rules(self, code: str, on: date | str) -> Rules:
        """Limits and standings valid on a day."""
        with reading(self.journal.database) as connection:
            return valid(connection, code, calendar_day(on))

    def open(
        self,
        name: str,
        code: str,
        value_date: date | str,
        *,
        by: Actor,
        rule: Rule = "pro_rata",
        cut_off: CutOff = CALENDAR,
    ) -> Cycle:
        """Open a cycle.

        Parameters
        ----------
        name
            Under which it is known.
        code
            Currency of the caps.
        value_date
            Day for which it settles.
        by
            Who opens it.
        rule
            How ties are broken.
        cut_off
            Until when obligations are taken in: a moment with a time zone, ``"calendar"`` (the last local cut-off of
            the banks that are states; all must be open on the day), or None.

        Raises
        ------
        DostastyqError
            ``PY080`` a name in use, ``PY084`` no business day, ``PY087`` no limits on the day, ``MN001``, ``MN002`` the
            currency, ``PY060`` to ``PY062`` the calendars.
        """
        on = calendar_day(value_date)
        currency(code, on)
        if not name.strip() or len(name) > 100:
            raise DostastyqError("PY080", f"the name of the cycle is {name!r}", "give 1 to 100 characters")
        with self.journal.transaction() as connection:
            head = locked_head(connection, STREAM)
            rules = valid(connection, code, on)
            until = _until(cut_off, on, rules)
            fields = (name, code, days(on), rule, until)
            held = connection.execute(select(cycles).where(cycles.c.name == name)).one_or_none()
            if held is not None:
                if tuple(held)[1:6] != fields:
                    raise DostastyqError("PY080", f"there is a cycle {name!r} of other content", "name it otherwise")
                return find_cycle(connection, name)
            if not rules.limits:
                message = f"no bank has a limit in {code} on {on}"
                raise DostastyqError("PY087", message, "record the act first: dostastyq cycle limits FILE --act TEXT")
            number = int(connection.scalar(select(func.coalesce(func.max(cycles.c.cycle), 0))) or 0) + 1
            first = (number, 1, *_who("open", by, ""), None)
            attached = attach(connection, head.sequence + 1, {cycles: [(number, *fields)], steps: [first]})
            self._append(connection, "open", name, by, "", attached)
            return find_cycle(connection, name)

    def submit(
        self,
        name: str,
        owed: Iterable[Obligation] | Intake | Path | Any,  # noqa: ANN401 -- or a data frame
        *,
        by: Actor,
    ) -> Submission:
        """Take obligations in; what was taken in before gets its first answer.

        Parameters
        ----------
        name
            Cycle.
        owed
            `Obligation` objects, an `Intake`, a path of a CSV or Parquet file, or a data frame.
        by
            Who submits.

        Raises
        ------
        DostastyqError
            ``PY081``, ``PY083`` new obligations for a cycle that is not open, or after its cut-off; ``PY010``,
            ``PY011`` the file. Nothing is taken in then.
        """
        with reading(self.journal.database) as connection:
            cycle = find_cycle(connection, name)
            rules = valid(connection, cycle.currency, cycle.value_date)
        if not isinstance(owed, Intake):
            owed = _taken(owed, rules.active)
        taken = not_blocked(owed, rules)
        with self.journal.transaction() as connection:
            locked_head(connection, STREAM)
            cycle = find_cycle(connection, name)
            return take_in(self.journal, connection, cycle, taken, self._closed(connection, cycle), by)

    def freeze(self, name: str, *, by: Actor, reason: str = "") -> Cycle:
        """Close the cycle to new obligations.

        Raises
        ------
        DostastyqError
            ``PY083`` before the cut-off without a reason, ``PY081`` not open.
        """
        with self.journal.transaction() as connection:
            cycle = self._at(connection, name, "frozen", by, reason)
            if cycle.state == "frozen":
                return cycle
            now = self._now(connection)
            if cycle.cut_off is not None and now < cycle.cut_off and not reason.strip():
                message = f"cycle {name!r} takes obligations in until {cycle.cut_off.isoformat()}"
                raise DostastyqError("PY083", message, "wait for the cut-off, or say why not: --reason TEXT")
            return self._step(connection, cycle, "frozen", by, reason)

    def propose(self, name: str, *, by: Actor, fixing: Fixing | None = None, timeout: float = TIMEOUT) -> Cycle:
        """Compute the settlement and record it with its certificate.

        Parameters
        ----------
        name
            Cycle.
        by
            Who proposes, the maker.
        fixing
            Rates, where obligations are in several currencies; without them those in other currencies are left over.
        timeout
            Seconds to wait for the optimiser.

        Raises
        ------
        DostastyqError
            ``PY081`` not frozen, ``PY088`` the cycle or its rules changed meanwhile; the codes of clearing. The cycle
            stays frozen then.
        """
        with reading(self.journal.database) as connection:
            cycle = at_state(connection, name, "proposed", by, "")
            if cycle.state == "proposed":
                return cycle
            case = case_of(connection, cycle, fixing)
            seen = last_entry(connection)
        if fixing is not None and fixing.unit != cycle.currency:
            message = f"the fixing is in {fixing.unit}, the caps of {name!r} in {cycle.currency}"
            raise DostastyqError("PY020", message, "make the fixing in the currency of the caps")
        found, results = proposal(case, cycle, fixing, timeout)
        more: dict[str, Any] = {
            "method": found.certificate.method,
            "certificate": found.certificate.to_dict(),
            "net": dict(found.net),
            "caps": dict(case.caps),
            "quotas": dict(case.quotas),
            "pairs": [list(pair) for pair in pairs_of(case.batch, results[0])],
            "conversion": None if fixing is None else conversion_of(case, results, fixing),
        }
        with self.journal.transaction() as connection:
            head = locked_head(connection, STREAM)
            if changed_since(connection, seen, cycle):
                raise DostastyqError("PY088", f"cycle {name!r} or its rules changed meanwhile", "propose again")
            step = cycle.steps[-1].number + 1
            rows: dict[Table, Sequence[Row] | Bulk] = {
                steps: [(cycle.number, step, *_who("proposed", by, ""), None)],
                outcomes: numbered(cycle.number, step, results),
            }
            attached = attach(connection, head.sequence + 1, rows)
            self._append(connection, "proposed", name, by, "", attached, **more)
            return find_cycle(connection, name)

    def approve(self, name: str, *, by: Actor) -> Cycle:
        """Approve the proposal, as another person than the one who made it; what it settles is reserved in the ledger.

        Raises
        ------
        DostastyqError
            ``PY082`` the maker is the checker, ``PY081`` nothing is proposed, ``PY089`` a bank has less room than
            when it was proposed.
        """
        with self.journal.transaction() as connection:
            cycle = self._at(connection, name, "approved", by, "")
            if cycle.state == "approved":
                return cycle
            proposed = cycle.steps[-1]
            if proposed.by.key == by.key:
                message = f"{by.name} proposed the settlement of {name!r}"
                raise DostastyqError("PY082", message, "another person approves it: --as PERSON")
            content = content_of(connection, proposed.entry)
            conversion = content["conversion"]
            legs = legs_of(map(tuple, content["pairs"]), conversion)
            if not legs:
                return self._step(connection, cycle, "approved", by, "")
            _check_room(connection, cycle, legs)
            owners: dict[str, str | None] = {} if not conversion else {conversion["account"]: None}
            entry = locked_head(connection, STREAM).sequence + 1
            if attached := attach_accounts(connection, entry, owners):
                self.journal.append([Draft(STREAM, "accounts", {"attached": attached})], by.name, connection=connection)
            reference = f"cycle/{name}/{proposed.number}"
            reserved = Posting(reference, legs, cycle.value_date, f"cycle {name}", "reserve")
            posting = book(self.journal, connection, [reserved], by)[0]
            return self._step(connection, cycle, "approved", by, "", posting.number)

    def settle(self, name: str, *, by: Actor) -> Cycle:
        """Commit what was reserved: every net debtor has funded its position.

        Raises
        ------
        DostastyqError
            ``PY081`` not approved.
        """
        with self.journal.transaction() as connection:
            cycle = self._at(connection, name, "settled", by, "")
            if cycle.state == "settled":
                return cycle
            posting = self._resolve(connection, cycle, "commit", "", by)
            return self._step(connection, cycle, "settled", by, "", posting)

    def finish(self, name: str, *, by: Actor) -> Cycle:
        """Make the settlement final; the moment is that of the step.

        Raises
        ------
        DostastyqError
            ``PY081`` not settled.
        """
        with self.journal.transaction() as connection:
            cycle = self._at(connection, name, "final", by, "")
            return cycle if cycle.state == "final" else self._step(connection, cycle, "final", by, "")

    def recast(
        self,
        name: str,
        reason: str,
        *,
        by: Actor,
        without: Iterable[str] = (),
        caps: Mapping[str, int] | None = None,
    ) -> Cycle:
        """Unwind a proposal or an approval: back to frozen, with banks left out or their caps reduced.

        Parameters
        ----------
        name
            Cycle.
        reason
            Why, e.g. that a bank failed to fund its position.
        by
            Who does it.
        without
            Banks whose obligations stay out of the next proposals of this cycle.
        caps
            Lower caps for the next proposals.

        Raises
        ------
        DostastyqError
            ``PY086`` no reason, unknown bank, a cap that is not lower; ``PY081`` nothing to recast.
        """
        out, lower = sorted(set(without)), dict(sorted((caps or {}).items()))
        if not reason.strip():
            raise DostastyqError("PY086", f"cycle {name!r} is to be recast without a reason", "say why: --reason TEXT")
        with self.journal.transaction() as connection:
            locked_head(connection, STREAM)
            cycle = find_cycle(connection, name)
            if cycle.state not in ("proposed", "approved"):
                if recast_already(connection, cycle, reason, by, out, lower):
                    return cycle
                raise wrong_state(cycle, "recast")
            rules = valid(connection, cycle.currency, cycle.value_date)
            reduced = exceptions_of(connection, cycle)[1]
            for bank in (*out, *lower):
                if bank not in rules.limits or (bank in out and bank in lower):
                    raise DostastyqError("PY086", f"{bank!r} cannot be recast", nearest(bank, rules.limits))
            for bank, cap in lower.items():
                now = min(rules.limits[bank].cap, reduced.get(bank, rules.limits[bank].cap))
                if isinstance(cap, bool) or not isinstance(cap, int) or not 0 <= cap < now:
                    raise DostastyqError("PY086", f"the cap of {bank} is to be {cap}, now {now}", "give a lower one")
            if cycle.state == "approved":
                self._resolve(connection, cycle, "void", reason, by)
            step = cycle.steps[-1].number + 1
            rows = [(cycle.number, step, bank, lower.get(bank)) for bank in sorted((*out, *lower))]
            return self._step(connection, cycle, "frozen", by, reason, None, rows)

    def cycle(self, name: str) -> Cycle:
        """Find a cycle.

        Raises
        ------
        DostastyqError
            ``PY080`` there is none.
        """
        with reading(self.journal.database) as connection:
            return find_cycle(connection, name)

    def cycles(self) -> tuple[Cycle, ...]:
        """Every cycle, in the order of opening."""
        with reading(self.journal.database) as connection:
            names = connection.scalars(select(cycles.c.name).order_by(cycles.c.cycle)).all()
            return tuple(find_cycle(connection, name) for name in names)

    def positions(self, name: str) -> tuple[Standpoint, ...]:
        """Where every bank stands: before a proposal as if all were settled, after it as proposed.

        Obligations in other currencies than that of the caps count only in what the proposal's fixing made of them.
        """
        with reading(self.journal.database) as connection:
            return standpoints(connection, find_cycle(connection, name))

    def certificate(self, name: str) -> dict[str, Any]:
        """Read the certificate of the latest proposal, with the limits that it kept.

        Raises
        ------
        DostastyqError
            ``PY081`` nothing was proposed.
        """
        with reading(self.journal.database) as connection:
            cycle = find_cycle(connection, name)
            if all(step.state != "proposed" for step in cycle.steps):
                raise wrong_state(cycle, "proposed")
            content = content_of(connection, cycle.last("proposed").entry)
        return {key: value for key, value in content.items() if key not in ("attached", "place", "role", "pairs")}

    def left_over(self, name: str) -> list[dict[str, Any]]:
        """List what the latest proposal leaves over, and why: reference, amount, left, currency, reason, bank."""
        with reading(self.journal.database) as connection:
            cycle = find_cycle(connection, name)
            if all(step.state != "proposed" for step in cycle.steps):
                return []
            return unsettled(connection, cycle)

    def _now(self, connection: Connection) -> datetime:
        """Tell the time, not before what was recorded last."""
        return max(self._clock(), moment_of(locked_head(connection, STREAM).recorded_at))

    def _closed(self, connection: Connection, cycle: Cycle) -> DostastyqError | None:
        if cycle.state != "open":
            return wrong_state(cycle, "open")
        if cycle.cut_off is not None and self._now(connection) >= cycle.cut_off:
            message = f"the cut-off of cycle {cycle.name!r} was {cycle.cut_off.isoformat()}"
            return DostastyqError("PY083", message, "submit it to the next cycle")
        return None

    def _at(self, connection: Connection, name: str, wanted: State, by: Actor, reason: str) -> Cycle:
        """Lock, and find a cycle in the state before the wanted one, or in that one by the same person."""
        locked_head(connection, STREAM)
        return at_state(connection, name, wanted, by, reason)

    def _resolve(
        self, connection: Connection, cycle: Cycle, kind: Literal["commit", "void"], reason: str, by: Actor
    ) -> int | None:
        approved = cycle.steps[-1]
        if approved.posting is None:
            return None
        reference = f"cycle/{cycle.name}/{cycle.last('proposed').number}"
        return book(self.journal, connection, [resolution(connection, reference, kind, reason)], by)[0].number

    def _step(  # noqa: PLR0917 -- columns of a step
        self,
        connection: Connection,
        cycle: Cycle,
        state: State,
        by: Actor,
        reason: str,
        posting: int | None = None,
        exempt: list[tuple[Any, ...]] | None = None,
    ) -> Cycle:
        entry = locked_head(connection, STREAM).sequence + 1
        row = (cycle.number, cycle.steps[-1].number + 1, *_who(state, by, reason), posting)
        attached = attach(connection, entry, {steps: [row], exceptions: exempt or []})
        self._append(connection, state, cycle.name, by, reason, attached)
        return find_cycle(connection, cycle.name)

    def _append(  # noqa: PLR0917 -- parts of the payload
        self,
        connection: Connection,
        state: str,
        name: str,
        by: Actor,
        reason: str,
        attached: dict[str, Any],
        **more: Any,  # noqa: ANN401 -- plain data
    ) -> None:
        payload = {"cycle": name, "place": by.place, "role": by.role, "reason": reason, "attached": attached, **more}
        self.journal.append([Draft(STREAM, f"cycle {state}", payload)], by.name, connection=connection)


def _who(state: str, by: Actor, reason: str) -> tuple[str, ...]:
    return (state, by.name, by.key, by.place, by.role, reason)


def _taken(owed: Any, banks: Iterable[str]) -> Intake:  # noqa: ANN401 -- whatever `submit` takes
    if isinstance(owed, Path):
        return read(owed, banks)
    return from_frame(owed, banks) if hasattr(owed, "columns") else from_obligations(owed, banks)


def _check_room(connection: Connection, cycle: Cycle, legs: tuple[Leg, ...]) -> None:
    """Refuse an approval that a limit set since, or another cycle, leaves no room for."""
    rules = valid(connection, cycle.currency, cycle.value_date)
    caps, _ = room(connection, cycle.currency, rules, exceptions_of(connection, cycle)[1])
    for (bank, code), net in sorted(netted(legs).items()):
        if code == cycle.currency and bank in caps and -net > caps[bank]:
            message = f"{bank} is to run a net debit of {-net} and may run {caps[bank]}"
            raise DostastyqError("PY089", message, "recast the cycle and propose again: dostastyq cycle recast")


def _until(wanted: CutOff, on: date, rules: Rules) -> int | None:
    """Moment of the cut-off in microseconds."""
    if wanted is None:
        return None
    if isinstance(wanted, datetime):
        return microseconds(wanted)
    states = sorted(rules.limits.keys() & calendars().keys())
    if not states:
        raise DostastyqError("PY084", "no bank has a calendar", "give the cut-off: --cut-off MOMENT, or none")
    if (fit := business_day(on, states)) != on:
        message = f"not all of {', '.join(states)} are open on {on}"
        raise DostastyqError("PY084", message, f"take {fit}, or give the cut-off yourself")
    return microseconds(cut_off(on, states))
