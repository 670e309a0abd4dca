"""Amended final clauses: the record under the clauses of a day, without undoing what happened under earlier ones."""

from dataclasses import fields, replace
from datetime import date

from dostastyq.dates import Day
from dostastyq.register.acts import CONSENT, Act
from dostastyq.register.evidence import Record, exit_day
from dostastyq.register.facts import Fact
from dostastyq.register.model import Edition, Instrument
from dostastyq.register.standing import Standing, computed_effect, standing
from dostastyq.register.timeline import onset, spliced


def under(record: Record, rules_on: date) -> Record:
    """Give the record under the clauses in force on a day (Vienna Convention, Arts. 28, 39 and 40).

    Parameters
    ----------
    record
        The record under the clauses as first agreed.
    rules_on
        The day whose edition applies.

    Examples
    --------
    >>> from dostastyq import register
    >>> item = register.load("cis").record("eurasec-2000")
    >>> under(item, date(2010, 1, 1)) == item
    True
    """
    for edition in record.instrument.editions:
        if edition.start.at_or_before(rules_on) is not True:
            break
        record = Record(_amended(record, edition), record.law)
    return record


def stitched(record: Record, state: str) -> Standing:
    """Lines of a state, each day under the clauses of that day."""
    starts = [it.start.latest for it in record.instrument.editions if it.start.latest is not None]
    pieces = [(1, standing(record, state))]
    pieces += [(start.toordinal(), standing(under(record, start), state)) for start in starts]
    last = pieces[-1][1]
    lines = {
        item.name: spliced((begin, getattr(found, item.name)) for begin, found in pieces)
        for item in fields(Standing)
        if item.name != "entries"
    }
    return Standing(entries=last.entries, **lines)


def _amended(record: Record, edition: Edition) -> Instrument:
    item, start = record.instrument, edition.start.latest or date.max
    entered = item.entered
    if entered is None:
        day = onset(record.force)
        entered = Fact(day=day, confidence="high") if _settled_before(day, start) and day is not None else None
    return replace(
        item,
        clause=edition.clause or item.clause,
        late_delay=item.late_delay if edition.late_delay is None else edition.late_delay,
        notice=item.notice if edition.notice is None else edition.notice,
        entered=entered,
        acts=tuple(_settled(record, act, start) for act in item.acts),
    )


def _settled(record: Record, act: Act, start: date) -> Act:
    if act.effective is not None:
        return act
    if act.kind in CONSENT:
        day = computed_effect(record, act)
        return replace(act, effective=day, derived=True) if _settled_before(day, start) else act
    if act.kind == "withdrawal_notice" and _settled_before(act.date, start):
        return replace(act, effective=exit_day(record.instrument, act), derived=True)
    return act


def _settled_before(day: Day | None, start: date) -> bool:
    return day is not None and day.latest is not None and day.latest < start
