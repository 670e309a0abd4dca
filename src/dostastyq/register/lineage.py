"""Which instrument took the place of which, and when one was in force for anybody."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from dostastyq.dates import Day
from dostastyq.register.facts import Preference
from dostastyq.register.timeline import onset

if TYPE_CHECKING:
    from dostastyq.register.law import Register


@dataclass(frozen=True, slots=True)
class Period:
    """When an instrument was in force.

    Parameters
    ----------
    start, end
        First day, and first day no longer; None where not recorded.
    """

    start: Day | None
    end: Day | None


def period(register: "Register", slug: str) -> Period:
    """Days of `Register.in_force_period`."""
    record = register.record(slug)
    found = record.instrument
    start = None if found.entered is None else found.entered.day
    if start is None:
        computed = onset(record.computed)
        if computed is not None and computed.latest is not None:
            start = computed
    if start is None:
        days = [entry.day for code in register.states for entry in register.standing(slug, code).entries]
        known = [day for day in days if day.earliest is not None]
        start = min(known, key=lambda day: day.earliest or date.max, default=None)
    if found.ended is not None and found.ended.day is not None:
        return Period(start, found.ended.day)
    ended = onset(register.standing(slug, next(iter(register.states))).ended)
    return Period(start, ended)


def successor(register: "Register", slug: str) -> str | None:
    """Slug of `Register.successor`."""
    found, instruments = register.instrument(slug), register.instruments
    after = [name for name, item in instruments.items() if slug in item.targets("succeeds")]
    after += found.targets("succeeded_by")
    if found.ended is not None and found.ended.by:
        after.append(found.ended.by)
    after += [
        name for name, item in instruments.items() if slug in item.targets("supersedes_between_parties", "repeals")
    ]
    return next((name for name in after if name in instruments), None)


def predecessor(register: "Register", slug: str) -> str | None:
    """Slug of `Register.predecessor`."""
    register.instrument(slug)
    before = [item for name, item in register.instruments.items() if successor(register, name) == slug]
    newest = max(
        before,
        key=lambda item: (item.preference.kind is not None, item.signed.day.earliest or date.min),
        default=None,
    )
    return None if newest is None else newest.slug


def preference(register: "Register", slug: str) -> Preference:
    """Preference of `Register.preference`: an accession has that of what it joins."""
    found = register.instrument(slug)
    if found.preference.kind is None:
        for target in found.targets("accession_to"):
            if target in register.instruments:
                return preference(register, target)
    return found.preference
