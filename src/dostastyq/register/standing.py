"""One state in one instrument: the lines of truth that follow from what is recorded.

Recorded days decide. Where only a consent is recorded, its effect follows the instrument's own clause: before entry
into force it takes effect with it, afterwards after the delay for late states (Vienna Convention on the Law of
Treaties, Art. 24). Where nothing is recorded, the answer is unknown unless the record is declared complete.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dostastyq.dates import Day
from dostastyq.register.acts import CONSENT, Act
from dostastyq.register.clauses import fulfilled
from dostastyq.register.evidence import ALONE, Record, absence
from dostastyq.register.model import Instrument
from dostastyq.register.timeline import NEVER, UNKNOWN, Line, both, either, negate, onset, since, spells

BINDING = CONSENT | {"entry_into_force"}
"""Acts that say how a state came to be bound."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A day on which an instrument entered into force for a state, and what says so.

    Parameters
    ----------
    day
        The day.
    why
        ``"act"``, ``"in_force_by"`` (some day until a statement), or ``"signatory"`` (bound with all who signed).
    act
        The act it rests on.
    """

    day: Day
    why: str
    act: Act | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A state in an instrument over time.

    Parameters
    ----------
    entries
        Days of entry into force for the state.
    entered
        Whether it was ever bound up to a day, whatever happened later.
    bound
        Whether the instrument is in force for the state.
    provisional
        Whether the state applies it provisionally, or did so before it became bound.
    suspended
        Whether the state suspended it towards all.
    exited
        Whether the state left, however often it entered.
    ended
        Whether the instrument itself ended.
    applied
        In force or applied provisionally, not suspended.
    """

    entries: tuple[Entry, ...]
    entered: Line
    bound: Line
    provisional: Line
    suspended: Line
    exited: Line
    ended: Line
    applied: Line


def standing(instrument: Instrument | Record, state: str) -> Standing:
    """Work out the lines of a state in an instrument.

    Parameters
    ----------
    instrument
        The instrument, or its record in the law around it.
    state
        Code of the state.

    Examples
    --------
    >>> from dostastyq import register
    >>> lines = standing(register.load("cis").instrument("eaeu-2014"), "ARM")
    >>> [str(entry.day) for entry in lines.entries]
    ['2015-01-02']
    """
    record = instrument if isinstance(instrument, Record) else Record(instrument, ALONE)
    acts = record.acts_of(state)
    entries = tuple(find_entries(record, state))
    exits = [day for day, _ in record.exits(state)]
    consented = any(act.kind in CONSENT for act in acts)
    exited = either(*(since(day) for day in exits))
    unknown = NEVER if entries or consented else both(absence(record.instrument, state), negate(exited))
    ended = record.ended
    alive = negate(ended)
    bound = both(either(spells((entry.day for entry in entries), exits), unknown), alive, *_package(record, state))
    closing = [*exits, *_days(acts, "provisional_end"), *_days(acts, "refusal")]
    provisional = both(spells(provisional_days(record, state), closing), alive)
    general = [act for act in acts if not act.towards]
    suspended = spells(_days(general, "suspension"), _days(general, "suspension_end"))
    return Standing(
        entries=entries,
        entered=either(*(since(entry.day) for entry in entries), unknown),
        bound=bound,
        provisional=provisional,
        suspended=suspended,
        exited=exited,
        ended=ended,
        applied=both(either(bound, provisional), negate(suspended)),
    )


def find_entries(record: Record, state: str) -> list[Entry]:
    """Collect the days on which an instrument entered into force for a state.

    A statement that it was in force by some day closes a consent whose effect is not known. Signatories are bound with
    the instrument where its clause needs all of them, an organ's decision, or nothing but signature, also when they
    left and came back.
    """
    instrument, acts = record.instrument, record.acts_of(state)
    entries = []
    for act in acts:
        if act.kind == "entry_into_force" and act.effect is not None:
            entries.append(Entry(act.effect, "act", act))
        elif act.kind in CONSENT and not record.withdrawn(act):
            day = act.effective or computed_effect(record, act)
            if day is not None and not _left_before(record, act, day):
                entries.append(Entry(day, "act", act))
    stated = instrument.in_force_by
    if stated is not None and state in stated.states and not any(entry.day.latest for entry in entries):
        opened = (instrument.entered or instrument.signed).day.earliest
        known = [day for day in (opened, *(entry.day.earliest for entry in entries)) if day is not None]
        return [Entry(Day.between(max(known, default=None), stated.day.latest), "in_force_by")]
    if any(act.kind in BINDING and not record.returns(act) for act in acts):
        return entries
    day = _with_all_signatories(record, state)
    return entries if day is None else [Entry(day, "signatory"), *entries]


def _left_before(record: Record, consent: Act, effect: Day) -> bool:
    """Whether a state left after it consented and before the consent had effect."""
    given = consent.date
    if given is None or given.latest is None or effect.earliest is None:
        return False
    days = (day for day, _ in record.exits(consent.state))
    return any(
        day.earliest is not None
        and day.latest is not None
        and given.latest <= day.earliest
        and day.latest < effect.earliest
        for day in days
    )


def _with_all_signatories(record: Record, state: str) -> Day | None:
    instrument = record.instrument
    clause, signed = instrument.clause, instrument.signed
    if state not in signed.by or state in signed.subject_to or not clause.binds_signatories:
        return None
    if instrument.entered is not None:
        return instrument.entered.day
    if clause.rule == "signature" or any(act.kind == "organ_decision" for act in instrument.acts):
        return record.begun
    return None


def computed_effect(record: Record, act: Act) -> Day | None:
    """Derive the effect of a consent from the instrument's own clause.

    Returns
    -------
    Day or None
        Open where a part of it is not known; None while the instrument has not entered into force.
    """
    instrument, clause = record.instrument, record.instrument.clause
    consent = act.date or Day(None, None)
    if act.kind == "succession":
        born = record.law.independent(act.state)
        return consent if born is None else _not_before(record, born)
    if act.through and act.kind == "accession":
        day = onset(record.law.force(act.through))
        return None if day is None else day.not_before(consent.earliest)
    if act.state in instrument.overrides:
        own = fulfilled(instrument.overrides[act.state], record, act.state)
        return onset(both(record.force, own))
    if clause.rule in {"per_state", "signature"}:
        return consent.plus(instrument.late_delay or clause.delay)
    first = record.begun
    return None if first is None else _with_or_after(record, consent, first)


def _with_or_after(record: Record, consent: Day, first: Day) -> Day:
    """With the entry into force where the consent came in time for it, afterwards by the delay for late states."""
    instrument = record.instrument
    late = Day.between(consent.earliest, None) if instrument.late_delay is None else consent.plus(instrument.late_delay)
    counted = consent.plus(instrument.clause.counting_delay)
    if counted.latest is not None and first.earliest is not None and counted.latest <= first.earliest:
        return first
    if counted.earliest is not None and first.latest is not None and counted.earliest > first.latest:
        return late.not_before(first.earliest)
    return first.or_else(first.later_of(late)).not_before(consent.earliest)


def _not_before(record: Record, day: Day) -> Day:
    first = record.begun if record.instrument.entered is not None else None
    return day if first is None else day.later_of(first)


def provisional_days(record: Record, state: str) -> list[Day]:
    """Days from which a state applies an instrument provisionally (Vienna Convention, Art. 25)."""
    instrument, acts = record.instrument, record.acts_of(state)
    days = [*_days(acts, "provisional_start"), *_days(acts, "provisional_application")]
    stated = instrument.provisional
    if stated is not None and state in (stated.states or instrument.signed.by):
        days.append(provisional_day(instrument, stated.day))
    return days


def provisional_day(instrument: Instrument, stated: Day) -> Day:
    """Give the day from which an instrument is applied provisionally as such."""
    return instrument.signed.day.plus(instrument.provisional_delay) if instrument.provisional_delay else stated


def _package(record: Record, state: str) -> Iterator[Line]:
    """Say what leaving another treaty of the same package does: ends this one too, or leaves it open."""
    for slug in record.instrument.targets("package_with"):
        left = record.law.exited(slug, state)
        if left != NEVER:
            yield negate(left if record.instrument.package_ends else both(left, UNKNOWN))


def _days(acts: Iterable[Act], kind: str) -> list[Day]:
    return [act.effect for act in acts if act.kind == kind and act.effect is not None]
