"""One state in one instrument: the lines of truth that follow from what is recorded.

Recorded days decide. Where only a consent is recorded, its effect follows the instrument's own rule: before entry into
force it takes effect with it, afterwards after the delay for late states (Vienna Convention, Art. 24). Where nothing is
recorded, the answer is unknown unless the record is declared complete.
"""

from dataclasses import dataclass
from datetime import timedelta

from dostastyq.dates import Day
from dostastyq.register.acts import CONSENT, Act
from dostastyq.register.model import Instrument
from dostastyq.register.timeline import NEVER, Line, both, either, negate, since, spells


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


def standing(instrument: Instrument, state: str) -> Standing:
    """Work out the lines of a state in an instrument.

    Parameters
    ----------
    instrument
        The instrument.
    state
        Code of the state.

    Examples
    --------
    >>> from dostastyq import register
    >>> lines = standing(register.load("cis").instrument("eaeu-2014"), "ARM")
    >>> [str(entry.day) for entry in lines.entries]
    ['2015-01-02']
    """
    acts = [act for act in instrument.acts if act.state == state]
    entries = tuple(find_entries(instrument, state, acts))
    exits = [day for act in acts if (day := exit_day(instrument, act)) is not None]
    unknown = NEVER if entries else absence(instrument, state)
    ended = NEVER if instrument.ended is None else since(instrument.ended.day)
    alive = negate(ended)
    bound = both(either(spells((entry.day for entry in entries), exits), unknown), alive)
    provisional = both(
        spells(provisional_days(instrument, state, acts), [*exits, *_days(acts, "provisional_end")]), alive
    )
    suspended = spells(
        _days([act for act in acts if not act.towards], "suspension"),
        _days([act for act in acts if not act.towards], "suspension_end"),
    )
    return Standing(
        entries=entries,
        entered=either(*(since(entry.day) for entry in entries), unknown),
        bound=bound,
        provisional=provisional,
        suspended=suspended,
        exited=either(*(since(day) for day in exits)),
        ended=ended,
        applied=both(either(bound, provisional), negate(suspended)),
    )


def find_entries(instrument: Instrument, state: str, acts: list[Act]) -> list[Entry]:
    """Collect the days on which an instrument entered into force for a state.

    A statement that it was in force by some day closes a consent whose effect is not known. Signatories are bound with
    the instrument where its clause needs all of them, an organ's decision, or nothing but signature.
    """
    entries = []
    for act in acts:
        if act.kind == "entry_into_force" and act.effect is not None:
            entries.append(Entry(act.effect, "act", act))
        elif act.kind in CONSENT:
            entries.append(Entry(act.effective or computed_effect(instrument, act), "act", act))
    stated = instrument.in_force_by
    if stated is not None and state in stated.states and not any(entry.day.latest for entry in entries):
        opened = (instrument.entered or instrument.signed).day.earliest
        known = [day for day in (opened, *(entry.day.earliest for entry in entries)) if day is not None]
        return [Entry(Day.between(max(known, default=None), stated.day.latest), "in_force_by")]
    if not entries and state in instrument.signed.by and instrument.clause.binds_signatories:
        if instrument.entered is not None:
            return [Entry(instrument.entered.day, "signatory")]
        if instrument.clause.rule == "signature":
            return [Entry(instrument.signed.day, "signatory")]
    return entries


def computed_effect(instrument: Instrument, act: Act) -> Day:
    """Derive the effect of a consent from the instrument's own clause; open where a part of it is not known."""
    consent = act.date or Day(None, None)
    if instrument.clause.rule in {"per_state", "signature"}:
        return consent.plus(instrument.late_delay or instrument.clause.delay)
    if instrument.entered is None:
        return Day.between(consent.earliest, None)
    first = instrument.entered.day
    late = Day.between(consent.earliest, None)
    if instrument.late_delay is not None:
        late = consent.plus(instrument.late_delay)
    counted = consent.plus(instrument.clause.delay)
    if counted.latest is not None and first.earliest is not None and counted.latest <= first.earliest:
        return first
    if counted.earliest is not None and first.latest is not None and counted.earliest > first.latest:
        return late
    return first.or_else(first.later_of(late))


def provisional_days(instrument: Instrument, state: str, acts: list[Act]) -> list[Day]:
    """Days from which a state applies an instrument provisionally (Vienna Convention, Art. 25)."""
    days = [*_days(acts, "provisional_start"), *_days(acts, "provisional_application")]
    if instrument.provisional is not None and state in instrument.signed.by:
        delay = instrument.provisional_delay
        days.append(instrument.signed.day.plus(delay) if delay else instrument.provisional.day)
    return days


def exit_day(instrument: Instrument, act: Act) -> Day | None:
    """Give the day on which an act ends the state's participation; None for any other act.

    A notice takes effect after the instrument's period of notice; where the period is not known, some day later.
    """
    if act.kind == "withdrawal_effective":
        return act.effect
    if act.kind != "withdrawal_notice":
        return None
    if act.effective is not None or act.date is None:
        return act.effective
    return act.date.plus(instrument.notice) if instrument.notice else Day.between(act.date.earliest, None)


def absence(instrument: Instrument, state: str) -> Line:
    """Say what no recorded act means: not a party as far as the record is declared complete, unknown beyond."""
    opened = since(Day.between((instrument.entered or instrument.signed).day.earliest, None))
    closed = [
        fact.day
        for fact in (instrument.complete, instrument.not_party)
        if fact is not None and (not fact.states or state in fact.states)
    ]
    after = [_day_after(day) for day in closed]
    return both(opened, *(since(Day.between(day.earliest, None)) for day in after))


def _day_after(day: Day) -> Day:
    return Day.between(None if day.earliest is None else day.earliest + timedelta(days=1), None)


def _days(acts: list[Act], kind: str) -> list[Day]:
    return [act.effect for act in acts if act.kind == kind and act.effect is not None]
