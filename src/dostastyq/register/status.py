"""What holds between a state and an instrument on a day, and the chain of reasons for it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from dostastyq.dates import Day, Truth
from dostastyq.register.acts import CONSENT, EFFECTS, Act
from dostastyq.register.facts import Confidence, Sourced, weakest
from dostastyq.register.model import Instrument
from dostastyq.register.standing import Standing, exit_day, provisional_days
from dostastyq.register.timeline import at

CODES = {
    "NONE": "no tie to the instrument",
    "SIGNED": "signed, not bound",
    "CONSENTED": "consented, not yet in force for it",
    "PROVISIONAL": "applied provisionally",
    "IN_FORCE": "in force for it",
    "LEAVING": "in force, notice of withdrawal running",
    "SUSPENDED": "suspended by it",
    "WITHDRAWN": "left the instrument",
    "TERMINATED": "the instrument ended",
    "UNKNOWN": "not known from what is recorded",
}
"""Status codes and what each of them says."""

_SAID = {True: "yes", False: "no", None: "unknown"}


@dataclass(frozen=True, slots=True)
class Step:
    """One reason.

    Parameters
    ----------
    reason
        What happened, or what follows, in one sentence.
    sources
        Keys of the sources that say so; empty for a rule of reading.
    confidence
        Confidence of the fact.
    decides
        Whether the answer rests on it; False for a statement told for completeness.
    """

    reason: str
    sources: tuple[str, ...] = ()
    confidence: Confidence = "high"
    decides: bool = True

    def __str__(self) -> str:
        if not self.sources:
            return self.reason if self.confidence == "high" else f"{self.reason} [{self.confidence}]"
        return f"{self.reason} [{', '.join(self.sources)}; {self.confidence}]"


@dataclass(frozen=True, slots=True)
class Proof:
    """The chain of reasons for an answer, in the order of events.

    Parameters
    ----------
    steps
        The reasons.
    """

    steps: tuple[Step, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """Each reason as a line of text, with its sources."""
        return tuple(str(step) for step in self.steps)

    @property
    def confidence(self) -> Confidence:
        """The weakest confidence of any reason the answer rests on."""
        return weakest(step.confidence for step in self.steps if step.decides)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __str__(self) -> str:
        return "\n".join(f"  - {line}" for line in self.lines)


@dataclass(frozen=True, slots=True)
class Status:
    """What an instrument is to a state on a day.

    Parameters
    ----------
    instrument, state, on
        What was asked.
    code
        One of ``CODES``.
    bound
        Whether the instrument is in force for the state; None when not known.
    applied
        Whether it is in force or applied provisionally, and not suspended; None when not known.
    since
        Day from which the code holds, as far as it is recorded.
    until
        First day on which it no longer holds, where an end is recorded.
    proof
        Why.
    """

    instrument: str
    state: str
    on: date
    code: str
    bound: Truth
    applied: Truth
    since: Day | None
    until: Day | None
    proof: Proof

    @property
    def confidence(self) -> Confidence:
        """The weakest confidence of the facts used."""
        return self.proof.confidence

    def to_dict(self) -> dict[str, Any]:
        """Plain data: days as EDTF text, the proof as a list of steps."""
        return {
            "instrument": self.instrument,
            "state": self.state,
            "on": self.on.isoformat(),
            "known_at": None,
            "code": self.code,
            "bound": self.bound,
            "applied": self.applied,
            "since": None if self.since is None else str(self.since),
            "until": None if self.until is None else str(self.until),
            "confidence": self.confidence,
            "proof": [
                {"reason": step.reason, "sources": list(step.sources), "confidence": step.confidence}
                for step in self.proof
            ],
        }

    def __str__(self) -> str:
        head = (
            f"{self.instrument}, {self.state}, {self.on}: {self.code}, {CODES[self.code]} "
            f"(bound: {_SAID[self.bound]}, applied: {_SAID[self.applied]}; confidence {self.confidence})"
        )
        return f"{head}\n{self.proof}" if self.proof.steps else head


@dataclass(frozen=True, slots=True)
class Case:
    """A question: a state, an instrument, a day, and the lines of truth that answer it.

    Parameters
    ----------
    instrument, state
        What is asked about.
    lines
        Its lines of truth, from `standing`.
    on
        The day.
    """

    instrument: Instrument
    state: str
    lines: Standing
    on: date

    @property
    def acts(self) -> list[Act]:
        """Acts of the state about the instrument."""
        return [act for act in self.instrument.acts if act.state == self.state]

    @property
    def exits(self) -> list[Day]:
        """Days on which the state left or leaves."""
        return [day for act in self.acts if (day := exit_day(self.instrument, act)) is not None]

    def happened(self, day: Day | None) -> bool:
        """Whether a day has certainly come."""
        return day is not None and day.at_or_before(self.on) is True


def explain(case: Case, horizon: date | None) -> Status:
    """Name the status of a state on a day, with since, until and proof.

    Parameters
    ----------
    case
        The question.
    horizon
        Newest day that any source of the register speaks of; an answer beyond presumes continuity and says so.
    """
    code = _code(case)
    start, end = _period(case, code)
    return Status(
        instrument=case.instrument.slug,
        state=case.state,
        on=case.on,
        code=code,
        bound=at(case.lines.bound, case.on),
        applied=at(case.lines.applied, case.on),
        since=start,
        until=end,
        proof=Proof((*_steps(case), *_horizon_step(case, horizon))),
    )


def _code(case: Case) -> str:
    lines, on, signed = case.lines, case.on, case.instrument.signed
    bound, applied = at(lines.bound, on), at(lines.applied, on)
    in_force = bound is True and applied is True
    noticed = any(act.kind == "withdrawal_notice" and case.happened(act.date) for act in case.acts)
    entered = any(case.happened(entry.day) for entry in lines.entries)
    consented = any(act.kind in CONSENT and case.happened(act.date) for act in case.acts)
    holds = (
        ("TERMINATED", at(lines.ended, on) is True),
        ("SUSPENDED", bound is not False and at(lines.suspended, on) is True),
        ("LEAVING", in_force and noticed and any(not case.happened(day) for day in case.exits)),
        ("IN_FORCE", in_force),
        ("PROVISIONAL", applied is True),
        ("UNKNOWN", bound is None or applied is None),
        ("WITHDRAWN", entered and at(lines.exited, on) is True),
        ("CONSENTED", consented),
        ("SIGNED", case.state in signed.by and case.happened(signed.day)),
    )
    return next((code for code, held in holds if held), "NONE")


def _period(case: Case, code: str) -> tuple[Day | None, Day | None]:
    """Day since which a code holds and first day without it, where recorded."""
    instrument, acts = case.instrument, case.acts
    entries = [entry.day for entry in case.lines.entries]
    endings = [*case.exits, *([] if instrument.ended is None else [instrument.ended.day])]
    begun: dict[str, list[Day]] = {
        "IN_FORCE": entries,
        "LEAVING": [act.date for act in acts if act.kind == "withdrawal_notice" and act.date is not None],
        "SUSPENDED": [act.effect for act in acts if act.kind == "suspension" and act.effect is not None],
        "PROVISIONAL": provisional_days(instrument, case.state, acts),
        "CONSENTED": [act.date for act in acts if act.kind in CONSENT and act.date is not None],
        "SIGNED": [instrument.signed.day],
        "WITHDRAWN": case.exits,
        "TERMINATED": endings[len(case.exits) :],
    }
    ahead = endings if code in {"IN_FORCE", "LEAVING", "SUSPENDED"} else []
    if code in {"PROVISIONAL", "CONSENTED", "SIGNED"}:
        ahead = [*endings, *entries]
    return (
        max((day for day in begun.get(code, []) if case.happened(day)), key=_sortable, default=None),
        min((day for day in ahead if not case.happened(day)), key=_sortable, default=None),
    )


def _steps(case: Case) -> Iterator[Step]:
    instrument, state, signed = case.instrument, case.state, case.instrument.signed
    if not case.happened(signed.day):
        yield _step(f"not yet signed: signed on {signed.day} at {signed.place}", signed)
        return
    yield _signing_step(case)
    if instrument.clause_basis:
        yield Step(f"entry into force: {instrument.clause_basis}")
    if instrument.entered is not None:
        yield _step(f"the instrument entered into force on {instrument.entered.day}", instrument.entered)
    if instrument.provisional is not None and state in signed.by:
        basis = f" ({instrument.provisional.basis})" if instrument.provisional.basis else ""
        start = provisional_days(instrument, state, [])[0]
        yield _step(f"applied provisionally by those who signed from {start}{basis}", instrument.provisional)
    for act in case.acts:
        began = act.date or act.effective
        if began is None or began.at_or_before(case.on) is not False:
            text = f" ({act.text})" if act.text else ""
            yield replace(_step(f"{act}{text}", act), decides=act.kind in CONSENT | EFFECTS)
    yield from _entry_steps(case)
    if instrument.ended is not None and instrument.ended.day.at_or_before(case.on) is not False:
        by = instrument.ended.by or instrument.ended.text
        yield _step(f"the instrument ended on {instrument.ended.day}{', by ' if by else ''}{by}", instrument.ended)


def _signing_step(case: Case) -> Step:
    signed = case.instrument.signed
    place = f"on {signed.day} at {signed.place}"
    if case.state in signed.by:
        return _step(f"{case.state} signed {place}", signed)
    if signed.by or case.state in signed.not_by:
        return _step(f"{case.state} is not among those who signed {place}", signed)
    return _step(f"signed {place}; by whom is not recorded", signed)


def _entry_steps(case: Case) -> Iterator[Step]:
    """Reasons for the days of entry into force, or for there being none."""
    instrument, state = case.instrument, case.state
    for entry in case.lines.entries:
        if entry.why == "in_force_by" and instrument.in_force_by is not None:
            by = instrument.in_force_by
            yield _step(f"stated to be in force for {state} by {by.day}; since when is not known", by)
        elif entry.why == "signatory":
            yield Step(f"entry into force binds every state that signed: {state} from {entry.day}")
        elif entry.act is not None and entry.act.effective is None and entry.act.kind in CONSENT:
            yield Step(f"by the instrument's rule this takes effect on {entry.day}")
    if case.lines.entries:
        return
    stated, listed = instrument.not_party, instrument.complete
    if at(case.lines.bound, case.on) is None:
        yield Step(f"no consent of {state} is recorded, and the list is not known to be complete: unknown")
    elif stated is not None and state in stated.states:
        yield _step(f"stated not to be a party as of {stated.day}", stated)
    elif listed is not None:
        yield _step(f"the list of consents is complete to {listed.day} and has none of {state}", listed)


def _horizon_step(case: Case, horizon: date | None) -> Iterator[Step]:
    if horizon is not None and case.on > horizon and at(case.lines.applied, case.on) is True:
        yield Step(f"nothing newer than {horizon} is recorded: presumed to continue", (), "low")


def _step(reason: str, fact: Sourced | Act) -> Step:
    return Step(f"{reason} ({fact.note})" if fact.note else reason, fact.sources, fact.confidence)


def _sortable(day: Day) -> tuple[date, date]:
    return day.earliest or day.latest or date.min, day.latest or date.max
