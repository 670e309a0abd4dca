"""A draft taken as signed, or as in force: the law as it would be, while the register stays as it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

from dostastyq.dates import Day
from dostastyq.errors import DostastyqError
from dostastyq.register import Act, Register
from dostastyq.register.acts import CONSENT, EFFECTS
from dostastyq.register.facts import Fact
from dostastyq.register.model import Instrument

UNIONS = frozenset({"customs_union", "economic_union"})
Sources = Iterable[Mapping[str, str]]


def law_before(register: Register, slug: str) -> Register:
    """Give the law without a draft: the register itself, or without the instrument that the draft became.

    Examples
    --------
    >>> from dostastyq import register
    >>> reg = register.load("cis")
    >>> law_before(reg, "treaty-2041") is reg, "eaeu-2014" in law_before(reg, "eaeu-2014").instruments
    (True, False)
    """
    return register.without(slug, revive=True) if slug in register.instruments else register


def taken_as_signed(
    law: Register, slug: str, record: Mapping[str, Any], signed_by: Sequence[str], on: date, *, sources: Sources = ()
) -> Register:
    """Give the law in which some states sign a draft on a day and nobody does anything else.

    Parameters
    ----------
    law
        The law without the draft.
    slug, record, sources
        The draft, as for `Register.propose`.
    signed_by, on
        Who signs, and when.

    Raises
    ------
    DostastyqError
        ``CN301`` for fewer than two states, ``RG002`` for an unknown one, the refusals of `Register.propose`.
    """
    if len(set(signed_by)) < 2:
        raise DostastyqError(
            "CN301", f"{slug}: signed by {', '.join(signed_by) or 'nobody'}", "name two states or more that sign it"
        )
    for state in signed_by:
        law.independent_on(state, on)
    proposed = law.propose(slug, {**record, "acts": []}, sources=sources)
    item = proposed.instrument(slug)
    signing = replace(item.signed, day=Day.of(on), by=tuple(dict.fromkeys(signed_by)), not_by=())
    return _with(proposed, replace(item, signed=signing, complete=_assumed(on), not_party=None))


def taken_in_force(signed: Register, slug: str, on: date) -> Register:
    """Give the law in which a draft, taken as signed, is in force for all who signed it from a day on.

    Its preference holds from that day, conditions for single states are taken as met, and what it replaces between its
    parties is replaced.
    """
    item = signed.instrument(slug)
    parties = item.signed.by
    said = [act for act in item.acts if act.kind not in CONSENT | EFFECTS]
    entered = [Act(state, "entry_into_force", slug, effective=on) for state in parties]
    whole = replace(
        item,
        signed=replace(item.signed, subject_to=()),
        preference=replace(item.preference, start=None),
        regime=replace(item.regime, start=None),
        entered=_assumed(on),
        complete=_assumed(on),
        in_force_by=None,
        provisional=None,
        provisional_delay="",
        overrides={},
        editions=(),
        acts=(*said, *entered),
    )
    return _with(signed, whole)


def other_unions(law: Register, slug: str, on: date) -> tuple[str, ...]:
    """Slugs of other customs or economic unions that a union's parties are in on a day: two external tariffs."""
    item = law.instrument(slug)
    if item.preference.kind not in UNIONS:
        return ()
    return tuple(
        other
        for other, held in law.instruments.items()
        if other != slug
        and held.preference.kind in UNIONS
        and (held.preference.end is None or held.preference.end.at_or_before(on) is not True)
        and set(law.parties(other, on)) & set(item.signed.by)
    )


def _assumed(on: date) -> Fact:
    return Fact(day=Day.of(on))


def _with(law: Register, item: Instrument) -> Register:
    return law.changed(instruments=MappingProxyType(dict(law.instruments) | {item.slug: item}))
