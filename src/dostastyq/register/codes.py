"""Which status code holds on a day, since when and until when."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from dostastyq.dates import Day, Truth
from dostastyq.register.acts import CONSENT, Act
from dostastyq.register.evidence import Record
from dostastyq.register.model import Instrument
from dostastyq.register.reservations import effective_reservations
from dostastyq.register.standing import Standing, provisional_days
from dostastyq.register.status import Withdrawal
from dostastyq.register.timeline import at, onset


@dataclass(frozen=True)
class Case:
    """A question: a state, an instrument, a day, and the lines of truth that answer it.

    Parameters
    ----------
    record, state
        What is asked about.
    lines
        Its lines of truth, from `standing`.
    on
        The day.
    replaced
        Whether a later instrument replaced it towards every other party.
    disputed
        Whether sources contradict each other about it on that day.
    """

    record: Record
    state: str
    lines: Standing
    on: date
    replaced: bool = False
    disputed: bool = False

    @property
    def instrument(self) -> Instrument:
        """The instrument."""
        return self.record.instrument

    @property
    def acts(self) -> tuple[Act, ...]:
        """Acts of the state about the instrument."""
        return self.record.acts_of(self.state)

    @cached_property
    def exits(self) -> list[tuple[Day, Act]]:
        """Days on which the state left or leaves, with the acts."""
        return list(self.record.exits(self.state))

    @cached_property
    def bound(self) -> Truth:
        """Whether the instrument is in force for the state."""
        return at(self.lines.bound, self.on)

    @cached_property
    def applied(self) -> Truth:
        """Whether the state applies it."""
        return False if self.replaced else at(self.lines.applied, self.on)

    def happened(self, day: Day | None) -> bool:
        """Whether a day has certainly come."""
        return day is not None and day.latest is not None and day.latest <= self.on

    def did(self, *kinds: str) -> bool:
        """Whether the state certainly did an act of one of these kinds by the day."""
        return any(act.kind in kinds and self.happened(act.date or act.effective) for act in self.acts)

    @property
    def signed(self) -> bool:
        """Whether the state had signed."""
        return self.state in self.instrument.signed.by and self.happened(self.instrument.signed.day)


def code_of(case: Case) -> str:  # noqa: PLR0911 -- in the order of precedence
    """Name the status of a state on a day."""
    lines, on, bound, applied = case.lines, case.on, case.bound, case.applied
    if at(lines.ended, on) is True:
        return "TERMINATED"
    if case.replaced and bound is True:
        return "REPLACED"
    if bound is not False and at(lines.suspended, on) is True:
        return "SUSPENDED"
    if bound is True and applied is True:
        return _in_force(case)
    if applied is True:
        return "PROVISIONAL"
    if bound is None or applied is None:
        return "CONFLICT" if case.disputed else "UNKNOWN"
    return _outside(case)


def _in_force(case: Case) -> str:
    if not case.acts and not case.instrument.parts:
        return "IN_FORCE"
    noticed = any(act.kind == "withdrawal_notice" and case.happened(act.date) for _, act in case.exits)
    if noticed and any(not case.happened(day) for day, _ in case.exits):
        return "LEAVING"
    if effective_reservations(case.record, case.state, case.on):
        return "IN_FORCE_RESERVED"
    if any(part.day.after(case.on) for part in case.instrument.parts):
        return "IN_FORCE_PARTIAL"
    entries = [entry for entry in case.lines.entries if case.happened(entry.day)]
    by_succession = entries and all(entry.act is not None and entry.act.kind == "succession" for entry in entries)
    return "SUCCEEDED" if by_succession else "IN_FORCE"


def _outside(case: Case) -> str:
    entered = any(case.happened(entry.day) for entry in case.lines.entries)
    if entered and at(case.lines.exited, case.on) is True:
        return "WITHDRAWN"
    if case.acts:
        if case.did("refusal"):
            return "DECLINED"
        if any(act.kind in CONSENT and case.happened(act.date) and not case.record.withdrawn(act) for act in case.acts):
            return "CONSENTED"
    if case.signed:
        return "SIGNED"
    for fact, code in ((case.instrument.adopted, "ADOPTED"), (case.instrument.negotiated, "NEGOTIATING")):
        takes_part = fact is not None and case.state in (fact.states or case.instrument.signed.by)
        if fact is not None and takes_part and case.happened(fact.day):
            return code
    return "NONE"


def period_of(case: Case, code: str) -> tuple[Day | None, Day | None]:
    """Day since which a code holds and first day without it, where recorded."""
    instrument, acts = case.instrument, case.acts
    entries = [entry.day for entry in case.lines.entries]
    exits = [day for day, _ in case.exits]
    ended = onset(case.lines.ended)
    endings = [*exits, *([] if ended is None else [ended])]
    begun: dict[str, list[Day]] = {
        "LEAVING": [act.date for _, act in case.exits if act.kind == "withdrawal_notice" and act.date is not None],
        "SUSPENDED": [act.effect for act in acts if act.kind == "suspension" and act.effect is not None],
        "PROVISIONAL": provisional_days(case.record, case.state),
        "CONSENTED": [act.date for act in acts if act.kind in CONSENT and act.date is not None],
        "DECLINED": [act.effect for act in acts if act.kind == "refusal" and act.effect is not None],
        "SIGNED": [instrument.signed.day],
        "ADOPTED": [instrument.adopted.day] if instrument.adopted else [],
        "NEGOTIATING": [instrument.negotiated.day] if instrument.negotiated else [],
        "WITHDRAWN": exits,
        "TERMINATED": [] if ended is None else [ended],
    }
    ahead = endings
    if code in {"PROVISIONAL", "CONSENTED", "SIGNED"}:
        ahead = [*endings, *entries]
    elif code == "IN_FORCE_PARTIAL":
        ahead = [*endings, *(part.day for part in instrument.parts)]
    elif code in {"ADOPTED", "NEGOTIATING"}:
        ahead = [instrument.signed.day]
    elif code in {"NONE", "UNKNOWN", "CONFLICT", "WITHDRAWN", "TERMINATED", "DECLINED", "REPLACED"}:
        ahead = []
    starts = begun.get(code, entries if code not in {"NONE", "UNKNOWN", "CONFLICT", "REPLACED"} else [])
    return (
        max((day for day in starts if case.happened(day)), key=_sortable, default=None),
        min((day for day in ahead if not case.happened(day)), key=_sortable, default=None),
    )


def must_not_defeat(case: Case) -> Truth:
    """Say whether Art. 18 of the Vienna Convention holds a state that is not bound yet."""
    tied = case.signed or any(act.kind in CONSENT and case.happened(act.date) for act in case.acts)
    over = at(case.lines.ended, case.on) is True or at(case.lines.exited, case.on) is True
    if not tied or case.bound is True or over or case.did("refusal"):
        return False
    return None if case.bound is None else True


def withdrawal_of(case: Case) -> Withdrawal | None:
    """Collect the days of a withdrawal, as far as any step towards it was taken by the day asked about."""

    def first(*kinds: str) -> Day | None:
        days = [act.date or act.effective for act in case.acts if act.kind in kinds]
        return next((day for day in days if day is not None and day.at_or_before(case.on) is not False), None)

    announced = first("withdrawal_announcement", "withdrawal_decision", "domestic_withdrawal")
    notice = first("withdrawal_notice")
    known = notice is not None or any(case.happened(day) for day, _ in case.exits)
    effect = min((day for day, _ in case.exits), key=_sortable, default=None) if known else None
    return Withdrawal(announced, notice, effect) if announced or notice or effect else None


def association_of(case: Case) -> Truth:
    """Say whether a state is associated with an instrument by an agreement of its own."""
    found = [act for act in case.acts if act.kind == "association"]
    if not found:
        return False
    act = found[-1]
    if act.through:
        line = case.record.law.force(act.through)
        return at(line, case.on)
    return act.effect is not None and case.happened(act.effect)


def _sortable(day: Day) -> tuple[date, date]:
    return day.earliest or day.latest or date.min, day.latest or date.max
