"""Whether a replayed register says the same as the shipped one: every field of every instrument, and every status.

Remarks of the compilers (``note``, ``title_note``), keys of acts and the moments at which a register began to hold a
fact belong to each register itself and are left out; sources are compared by title and address.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from typing import Any, Final

from dostastyq.council.history_read import Allowed
from dostastyq.council.plain import Plain
from dostastyq.dates import Day
from dostastyq.register import Register
from dostastyq.register.acts import Act

OWN: Final = frozenset(
    {"note", "title_note", "key", "recorded", "recorded_from", "recorded_to", "supersedes", "instrument"}
)
"""What each register says for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Plain):
    """A field in which two registers differ.

    Parameters
    ----------
    slug, field
        Instrument and field, e.g. ``acts.KAZ.ratification.1.date`` or ``status.KAZ.1994-01-01``.
    replayed, shipped
        What each says; empty for nothing.
    why
        The reason, where the difference is known and right.
    """

    slug: str
    field: str
    replayed: str
    shipped: str
    why: str = ""

    def __str__(self) -> str:
        said = f"{self.slug}, {self.field}: {self.replayed or 'nothing'}, and shipped {self.shipped or 'nothing'}"
        return f"{said} ({self.why})" if self.why else said


def compare(
    replayed: Register,
    shipped: Register,
    slugs: Iterable[str],
    *,
    allowed: Iterable[Allowed] = (),
    statuses: bool = True,
    quarters: Iterable[int] = range(1991, 2001),
) -> tuple[Difference, ...]:
    """Say in what two registers differ on some instruments.

    Parameters
    ----------
    replayed, shipped
        The registers.
    slugs
        The instruments.
    allowed
        Differences that are known, with their reasons.
    statuses
        Whether statuses of every state are compared, on the first day of each quarter and around each event.
    quarters
        Years of the quarters.

    Examples
    --------
    >>> from dostastyq import register
    >>> shipped = register.load("cis")
    >>> compare(shipped, shipped, ["fta-1994"], quarters=[1994])
    ()
    """
    known = tuple(allowed)
    first = tuple(date(year, month, 1) for year in quarters for month in (1, 4, 7, 10))
    found: list[Difference] = []
    for slug in slugs:
        one, other = (_stated(register, slug) for register in (replayed, shipped))
        found += [
            _difference(slug, field, one.get(field, ""), other.get(field, ""), known)
            for field in sorted({*one, *other})
            if one.get(field) != other.get(field)
        ]
        if statuses:
            found += _statuses(replayed, shipped, slug, first)
    return tuple(found)


def _difference(slug: str, field: str, replayed: str, shipped: str, allowed: tuple[Allowed, ...]) -> Difference:
    reasons = (item.why for item in allowed if item.covers(slug, field, replayed, shipped))
    reason = next(reasons, "")
    return Difference(slug=slug, field=field, replayed=replayed, shipped=shipped, why=reason)


def _stated(register: Register, slug: str) -> Mapping[str, str]:
    """Every field of an instrument as text; nothing for one that the register does not have."""
    item = register.instruments.get(slug)
    if item is None:
        return {}
    found: dict[str, str] = {}
    for each in fields(item):
        value = getattr(item, each.name)
        if each.name == "acts":
            value = _named(value)
        found |= dict(_flat(each.name, value, register))
    return found


def _named(acts: Iterable[Act]) -> dict[str, Act]:
    """Acts by state and kind, numbered in the order of days."""
    named: dict[str, Act] = {}
    for act in sorted(acts, key=lambda act: act.order):
        number = sum(key.startswith(f"{act.state}.{act.kind}.") for key in named) + 1
        named[f"{act.state}.{act.kind}.{number}"] = act
    return named


def _flat(path: str, value: Any, register: Register) -> Iterator[tuple[str, str]]:  # noqa: ANN401 -- any field
    name = path.rpartition(".")[2]
    if name in OWN or value is None or value == "":
        return
    if isinstance(value, Day):
        yield path, str(value)
    elif name in {"sources", "src"}:
        cited = (register.sources[key] for key in value)
        yield path, "; ".join(f"{source.title} {source.url}".strip() for source in cited)
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from _flat(f"{path}.{each.name}", getattr(value, each.name), register)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(f"{path}.{key}", item, register)
    elif isinstance(value, tuple) and value and not isinstance(value[0], str):
        for number, item in enumerate(sorted(value, key=str), start=1):
            yield from _flat(f"{path}.{number}", item, register)
    elif value != ():
        yield path, ", ".join(value) if isinstance(value, tuple) else str(value)


def _statuses(replayed: Register, shipped: Register, slug: str, first: tuple[date, ...]) -> Iterator[Difference]:
    """Statuses that differ, on the first days and on the days of events and those next to them."""
    around = {day + timedelta(days=step) for day in _events(shipped, slug) for step in (-1, 0, 1)}
    for day in sorted({*first, *around}):
        for state in shipped.codes():
            free = shipped.independent(state)
            if free is not None and not free.at_or_before(day):
                continue
            codes = [
                register.status(slug, state, on=day).code if slug in register.instruments else ""
                for register in (replayed, shipped)
            ]
            if codes[0] != codes[1]:
                yield Difference(slug=slug, field=f"status.{state}.{day}", replayed=codes[0], shipped=codes[1])


def _events(register: Register, slug: str) -> set[date]:
    """Days on which something is known to have happened to an instrument, both ends where a day is not certain."""
    item = register.instrument(slug)
    days = [item.signed.day]
    for fact in (item.entered, item.in_force_by, item.complete, item.not_party, item.provisional):
        days += [fact.day] if fact is not None else []
    for ending in (item.ended, item.replaced):
        days += [ending.day] if ending is not None and ending.day is not None else []
    days += [day for act in item.acts for day in (act.date, act.effective) if day is not None]
    return {bound for day in days for bound in (day.earliest, day.latest) if bound is not None}
