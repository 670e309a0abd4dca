"""The law with one thing changed: an instrument taken out, acts added. The register itself stays as it is."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from dostastyq.errors import DostastyqError, nearest
from dostastyq.register.acts import ACT_KINDS, CONSENT, EFFECTS, ORGAN_ACTS, Act
from dostastyq.register.facts import PART_OF
from dostastyq.register.model import Instrument, Version
from dostastyq.register.views import divided, ordered

if TYPE_CHECKING:
    from dostastyq.register.law import Register


def leave(state: str, instrument: str, on: str | date) -> Act:
    """Make the act by which a state leaves an instrument, for `Register.overlay`.

    Examples
    --------
    >>> print(leave("KGZ", "eaeu-2014", on="2023-01-01"))
    KGZ: withdrawal effective, effect 2023-01-01
    """
    return Act(state, "withdrawal_effective", instrument, effective=on)


def join(state: str, instrument: str, on: str | date) -> Act:
    """Make the act by which a state accedes to an instrument, for `Register.overlay`.

    Examples
    --------
    >>> print(join("UZB", "eaeu-2014", on="2023-01-01"))
    UZB: accession, effect 2023-01-01
    """
    return Act(state, "accession", instrument, effective=on)


def without(register: "Register", slug: str, *, revive: bool) -> "Register":
    """Give the law of `Register.without`."""
    if slug not in register.removed:
        register.instrument(slug)
    gone = {slug}
    while more := {
        name
        for name, item in register.instruments.items()
        if name not in gone and gone.intersection(item.targets(*PART_OF))
    }:
        gone |= more
    removed = dict(register.removed) | {
        name: _whole(item, register.detached.get(name, ()))
        for name, item in register.instruments.items()
        if name in gone
    }
    kept = {
        name: _without_traces(item, gone, revive=revive)
        for name, item in register.instruments.items()
        if name not in gone
    }
    detached = {name: acts for name, acts in register.detached.items() if name not in gone}
    if revive:
        removed = {name: item for name, item in removed.items() if name not in gone}
    else:
        for name in kept:
            if lost := tuple(act for act in register.instruments[name].acts if act.through in gone):
                detached[name] = ordered((*detached.get(name, ()), *lost))
    past = {
        name: tuple(act for act in acts if act.through not in gone)
        for name, acts in register.superseded.items()
        if name not in gone
    }
    return register.changed(
        instruments=MappingProxyType(kept),
        removed=MappingProxyType(removed),
        detached=MappingProxyType(detached),
        superseded=MappingProxyType(past),
        versions=MappingProxyType(_versions_without(register, gone, revive=revive)),
    )


def _versions_without(register: "Register", gone: set[str], *, revive: bool) -> dict[str, tuple[Version, ...]]:
    return {
        name: tuple(
            replace(version, instrument=_without_traces(version.instrument, gone, revive=revive))
            for version in versions
            if not gone.intersection(version.instrument.targets(*PART_OF))
        )
        for name, versions in register.versions.items()
        if name not in gone
    }


def overlay(register: "Register", acts: Iterable[Act]) -> "Register":
    """Give the law of `Register.overlay`."""
    touched: dict[str, list[Act]] = {}
    for act in acts:
        _check(register, act)
        if act.instrument not in touched:
            past = register.superseded.get(act.instrument, ())
            touched[act.instrument] = [*register.instruments[act.instrument].acts, *past]
        if act not in touched[act.instrument]:
            touched[act.instrument].append(act)
    standing, gone = divided(touched)
    changed = {
        slug: replace(item, acts=standing[slug]) if slug in standing else item
        for slug, item in register.instruments.items()
    }
    return register.changed(
        instruments=MappingProxyType(changed), superseded=MappingProxyType(dict(register.superseded) | gone)
    )


def _check(register: "Register", act: Act) -> None:
    register.instrument(act.instrument)
    for code in act.towards if act.kind in ORGAN_ACTS else (act.state, *act.towards):
        register.state(code)
    if act.kind not in ACT_KINDS:
        raise DostastyqError("RG007", f"{act.kind!r} is not an act of a state", nearest(act.kind, ACT_KINDS))
    if act.kind in CONSENT | EFFECTS | ORGAN_ACTS and act.effect is None:
        raise DostastyqError("RG007", f"{act}: an act without a day", "give date or effective")


def _whole(item: Instrument, lost: tuple[Act, ...]) -> Instrument:
    return replace(item, acts=ordered((*item.acts, *lost))) if lost else item


def _without_traces(item: Instrument, gone: set[str], *, revive: bool) -> Instrument:
    ended, replaced = item.ended, item.replaced
    if revive:
        ended = None if ended is not None and ended.by in gone else ended
        replaced = None if replaced is not None and replaced.by in gone else replaced
    return replace(
        item, acts=tuple(act for act in item.acts if act.through not in gone), ended=ended, replaced=replaced
    )
