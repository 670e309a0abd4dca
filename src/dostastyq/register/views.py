"""The register as it was known: recorded time cuts every fact, whatever its own day."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError
from dostastyq.register.acts import Act
from dostastyq.register.facts import Preference, Regime, Sourced
from dostastyq.register.model import Instrument
from dostastyq.register.proposal import replaced_by

if TYPE_CHECKING:
    from dostastyq.register.law import Register


def moment_of(known_at: str | date | datetime) -> datetime:
    """Read a moment of recorded time: a day means its end, in universal time.

    Raises
    ------
    DostastyqError
        ``DT002`` for text that is neither a day nor a moment, ``RG005`` for a moment without time zone.

    Examples
    --------
    >>> moment_of("2026-11-22").isoformat()
    '2026-11-22T23:59:59.999999+00:00'
    >>> moment_of("2026-11-22T09:00:00+05:00").astimezone(UTC).hour
    4
    """
    if isinstance(known_at, str) and "T" in known_at:
        try:
            known_at = datetime.fromisoformat(known_at)
        except ValueError:
            raise DostastyqError("DT002", f"{known_at!r} is not a moment", "write 2026-11-22T09:00:00+05:00") from None
    if isinstance(known_at, datetime):
        if known_at.tzinfo is None:
            raise DostastyqError("RG005", f"{known_at.isoformat()} has no time zone", "add it, e.g. +05:00 or Z")
        return known_at
    end = datetime.combine(calendar_day(known_at), time(), UTC) + timedelta(days=1)
    return end - timedelta(microseconds=1)


def known(register: "Register", moment: datetime) -> "Register":
    """Give the register as it was known at a moment.

    What was recorded later is not there, what was corrected later stands as it stood. An instrument whose signature was
    not recorded yet is not there at all.
    """
    cut = moment.astimezone(UTC).date()
    instruments = {}
    for slug in dict.fromkeys((*register.instruments, *register.versions)):
        item = _version(register, slug, moment) if slug in register.versions else register.instruments[slug]
        if item is None:
            continue
        past = () if slug in register.versions else register.superseded.get(slug, ())
        gone = (replace(act, recorded_to=None) for act in past if act.held(moment))
        held = [*(act for act in item.acts if act.held(moment)), *gone]
        seen = cut_off(replace(item, acts=ordered(held)), cut)
        if seen is not None:
            instruments[slug] = seen
    for slug, item in instruments.items():
        if item.replaced is not None and item.replaced.day is None and item.replaced.by not in instruments:
            instruments[slug] = replace(item, replaced=None)
    for slug, versions in register.versions.items():
        if slug in instruments and any(version.entry and version.held(moment) for version in versions):
            instruments |= replaced_by(instruments[slug], instruments)
    return register.changed(
        instruments=MappingProxyType(instruments),
        superseded=MappingProxyType({}),
        versions=MappingProxyType({}),
        memberships=tuple(item for item in register.memberships if seen_by(item, cut)),
        coverage=MappingProxyType({kind: item for kind, item in register.coverage.items() if seen_by(item, cut)}),
        rivals=tuple(item for item in register.rivals if item.recorded is None or item.recorded <= cut),
        unseen=(frozenset(register.instruments) | frozenset(register.versions)) - frozenset(instruments)
        | register.unseen,
    )


def _version(register: "Register", slug: str, moment: datetime) -> Instrument | None:
    """Give the version held at a moment, with the acts recorded about it apart from its own record."""
    versions = register.versions[slug]
    held = next((version for version in versions if version.held(moment)), None)
    if held is None:
        return None
    own = {act.key for version in versions for act in version.instrument.acts}
    current = register.instruments.get(slug)
    others = (*(() if current is None else current.acts), *register.superseded.get(slug, ()))
    acts = closed([*held.instrument.acts, *(act for act in others if act.key not in own)])
    return replace(held.instrument, acts=ordered(replace(act, recorded_to=None) for act in acts if act.held(moment)))


def seen_by(fact: Sourced, cut: date) -> bool:
    """Whether a fact was recorded by a day."""
    return fact.recorded is None or fact.recorded <= cut


def cut_off(item: Instrument, cut: date) -> Instrument | None:
    """Take out of an instrument what was recorded after a day; None where nothing is left."""
    if not seen_by(item.signed, cut):
        return None
    changes: dict[str, Any] = {}
    for field in fields(item):
        value = getattr(item, field.name)
        if isinstance(value, Preference | Regime):
            changes[field.name] = value if seen_by(value, cut) else type(value)()
        elif isinstance(value, Sourced):
            changes[field.name] = value if seen_by(value, cut) else None
        elif isinstance(value, tuple) and value and is_dataclass(value[0]) and isinstance(value[0], Sourced):
            changes[field.name] = tuple(it for it in value if seen_by(it, cut))
    changes = {name: value for name, value in changes.items() if value != getattr(item, name)}
    return replace(item, **changes) if changes else item


def ordered(acts: Iterable[Act]) -> tuple[Act, ...]:
    """Acts in the order of events, whatever the order in which they were recorded."""
    return tuple(sorted(acts, key=lambda act: act.order))


def closed(acts: Iterable[Act]) -> list[Act]:
    """Close every act that another one supersedes, from the moment the other was recorded."""
    found = list(acts)
    ends: dict[str, datetime] = {}
    for act in found:
        if act.supersedes:
            begun = act.recorded_from or datetime.min.replace(tzinfo=UTC)
            ends[act.supersedes] = min(begun, ends.get(act.supersedes, begun))
    result = []
    for act in found:
        end = ends.get(act.key) if act.key else None
        if end is not None and (act.recorded_to is None or end < act.recorded_to):
            act = replace(act, recorded_to=end)  # noqa: PLW2901 -- the same act, closed
        result.append(act)
    return result


def divided(acts: Mapping[str, list[Act]]) -> tuple[dict[str, tuple[Act, ...]], dict[str, tuple[Act, ...]]]:
    """Divide acts by instrument into those that stand and those that were corrected."""
    standing, gone = {}, {}
    for slug, items in acts.items():
        settled = closed(items)
        standing[slug] = ordered(act for act in settled if act.recorded_to is None)
        past = ordered(act for act in settled if act.recorded_to is not None)
        if past:
            gone[slug] = past
    return standing, gone
