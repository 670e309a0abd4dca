"""An instrument that the shipped files do not have: read from plain data, and put into a register.

The data have the shape of an entry of ``instruments/*.yaml``; every refusal of those files applies and names the field.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dostastyq.errors import DostastyqError
from dostastyq.provenance import Source
from dostastyq.register.clauses import Clause
from dostastyq.register.facts import Ending
from dostastyq.register.model import Instrument
from dostastyq.register.organs import check_organs
from dostastyq.register.reader import Plain, Reader, compose_plain
from dostastyq.register.schema import read_instrument
from dostastyq.register.schema_base import Known

if TYPE_CHECKING:
    from dostastyq.register.law import Register

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Names:
    """What a record may refer to besides what the register holds.

    Parameters
    ----------
    sources
        Keys of sources.
    instruments
        Slugs of instruments; by default those of the register.
    recorded
        Day on which the register began to hold a fact that does not say so itself; None for always.
    """

    sources: frozenset[str] = frozenset()
    instruments: frozenset[str] | None = None
    recorded: date | None = None


def read(register: "Register", slug: str, record: Mapping[str, Any], names: Names | None = None) -> Instrument:
    """Read an instrument from plain data.

    Parameters
    ----------
    register
        The law around it.
    slug
        Its name.
    record
        Mappings with text keys, lists, text, whole numbers, truth values and days.
    names
        What it may refer to besides.

    Raises
    ------
    DostastyqError
        ``RG021`` to ``RG029``, naming the field; ``RG044`` for a name that is no slug.
    """
    also = names or Names()
    if not _SLUG.fullmatch(slug):
        raise DostastyqError(
            "RG044", f"{slug!r} cannot name an instrument", "write it like fta-2011: a-z, 0-9, hyphens"
        )
    known = Known(
        frozenset(register.sources) | also.sources,
        frozenset(register.states),
        (frozenset(register.instruments) if also.instruments is None else also.instruments) | {slug},
        also.recorded,
    )
    at = compose_plain(record, slug)
    check_organs(at, register.institutions.organs)
    item = read_instrument(slug, at, known)
    _check_self(at, item)
    return item


def _check_self(at: Reader, item: Instrument) -> None:
    """Refuse what files get right because people wrote them with care: a treaty about itself, a state there twice."""
    if any(relation.target == item.slug for relation in item.relations) or item.slug in _awaited(item.clause):
        at.refuse("RG026", "it refers to itself as to another instrument", "name the other instrument")
    states = (*item.signed.by, *item.signed.not_by)
    if twice := next((state for state in states if states.count(state) > 1), ""):
        at.refuse("RG021", f"signed: {twice} is there twice", "name each state once, under by or under not_by")


def _awaited(clause: Clause) -> tuple[str, ...]:
    """Instruments on which entry into force waits."""
    return (*clause.instruments, *(slug for part in clause.parts for slug in _awaited(part)))


def plain(slug: str, record: Mapping[str, Any]) -> Plain:
    """Give a record as text, lists and mappings alone: what a journal can keep."""
    return compose_plain(record, slug).plain(lambda *_: None)


def read_sources(slug: str, given: Iterable[Mapping[str, str]], register: "Register") -> dict[str, Source]:
    """Read the sources that come with a record.

    Raises
    ------
    DostastyqError
        ``RG022``, ``RG023`` for a key too many or too few, ``RG021`` for a source that is there twice or stands for
        another one in the register.
    """
    found: dict[str, Source] = {}
    for at in compose_plain({"sources": list(given)}, slug).record(("sources",))["sources"].items():
        record = at.record(("key", "title"), ("url",))
        key, title = record.text("key"), record.text("title")
        held = register.sources.get(key)
        if key in found or (held is not None and held.title != title):
            at.refuse("RG021", f"source {key!r} is there already", "choose another key")
        found[key] = held or Source(key, title, "facts only", record.text("url"))
    return found


def propose(
    register: "Register", slug: str, record: Mapping[str, Any], sources: Iterable[Mapping[str, str]], *, replaces: bool
) -> "Register":
    """Give the law of `Register.propose`."""
    if slug in register.instruments and not replaces:
        raise DostastyqError(
            "RG043", f"{slug!r} is an instrument of the register already", "choose another slug, or replace it"
        )
    cited = read_sources(slug, sources, register)
    item = read(register, slug, record, Names(frozenset(cited)))
    instruments = dict(register.instruments) | {slug: item}
    return register.changed(
        instruments=MappingProxyType(instruments | replaced_by(item, instruments)),
        removed=_but(register.removed, slug),
        superseded=_but(register.superseded, slug),
        detached=_but(register.detached, slug),
        versions=_but(register.versions, slug),
        sources=MappingProxyType(dict(register.sources) | cited),
    )


def replaced_by(item: Instrument, instruments: Mapping[str, Instrument]) -> dict[str, Instrument]:
    """Instruments that one takes the place of between its parties, each saying so where it says nothing itself."""
    older = {}
    for relation in item.relations:
        held = instruments.get(relation.target)
        if relation.kind == "supersedes_between_parties" and held is not None and held.replaced is None:
            said = {name: getattr(relation, name) for name in ("sources", "confidence", "recorded")}
            older[held.slug] = replace(held, replaced=Ending(day=None, by=item.slug, **said))
    return older


def _but(table: Mapping[str, Any], slug: str) -> Mapping[str, Any]:
    return MappingProxyType({name: value for name, value in table.items() if name != slug})
