"""Between two states: where an instrument applies, and which preference in goods results, over all days."""

from typing import TYPE_CHECKING

from dostastyq.register.facts import PreferenceKind
from dostastyq.register.model import Instrument
from dostastyq.register.timeline import ALWAYS, NEVER, UNKNOWN, Line, both, either, negate, since, spells

if TYPE_CHECKING:
    from dostastyq.register.law import Register

BILATERAL = "bilateral"
"""Kind of an instrument that has two parties and no third."""


def instrument_line(register: "Register", slug: str, first: str, second: str) -> Line:
    """Say when an instrument applies between two states.

    Both apply it, neither suspended it towards the other, and no later treaty replaced it between them (Vienna
    Convention, Arts. 30 and 59). A protocol that extends a treaty to a state applies between that state and each party
    of the treaty only, a bilateral agreement between its two signatories.
    """
    found = register.instrument(slug)
    if first == second or (found.kind == BILATERAL and not _is_between(found, first, second)):
        return NEVER
    parts = [
        register.standing(slug, first).applied,
        register.standing(slug, second).applied,
        negate(_suspended(found, first, second)),
    ]
    if found.replaced is not None:
        replaced = both(_both_entered(register, found.replaced.by, first, second), since(found.replaced.day))
        parts.append(negate(replaced))
    if found.extends_to:
        parts.append(_extension(register, found, first, second))
    return both(*parts)


def preference_line(register: "Register", slug: str, first: str, second: str) -> Line:
    """Say when an instrument by itself gave a preference in goods between two states."""
    preference = register.instrument(slug).preference
    if preference.kind is None:
        return NEVER
    return both(
        register.line(slug, first, second),
        ALWAYS if preference.start is None else since(preference.start),
        ALWAYS if preference.end is None else negate(since(preference.end)),
    )


def kind_line(register: "Register", kind: PreferenceKind, first: str, second: str) -> Line:
    """Say when a kind of preference held between two states; unknown where the register is not complete.

    Where it is complete only between parties of one treaty, it is also complete between two states whose bilateral
    agreement of that kind is recorded.
    """
    found = either(
        *(
            preference_line(register, slug, first, second)
            for slug, item in register.instruments.items()
            if item.preference.kind == kind
        )
    )
    coverage = register.coverage.get(kind)
    if coverage is None:
        return either(found, UNKNOWN)
    if not coverage.between or _bilateral_known(register, kind, first, second):
        return found
    covered = _both_entered(register, coverage.between, first, second)
    return either(found, both(UNKNOWN, negate(covered)))


def _bilateral_known(register: "Register", kind: PreferenceKind, first: str, second: str) -> bool:
    return any(
        item.kind == BILATERAL and item.preference.kind == kind and _is_between(item, first, second)
        for table in (register.instruments, register.removed)
        for item in table.values()
    )


def _is_between(found: Instrument, first: str, second: str) -> bool:
    return set(found.signed.by) == {first, second}


def _both_entered(register: "Register", slug: str, first: str, second: str) -> Line:
    """Say since when both were bound once; true also of an instrument that was taken out, false of a revived past."""
    if slug not in register.instruments and slug not in register.removed:
        return NEVER
    return both(register.standing(slug, first).entered, register.standing(slug, second).entered)


def _extension(register: "Register", found: Instrument, first: str, second: str) -> Line:
    return either(
        *(
            register.standing(target, party).applied
            for target in found.targets("extends_application_of")
            for other, party in ((first, second), (second, first))
            if other in found.extends_to and party not in found.extends_to
        )
    )


def _suspended(found: Instrument, first: str, second: str) -> Line:
    lines = []
    for one, other in ((first, second), (second, first)):
        aimed = [(act.kind, act.effect) for act in found.acts if act.state == one and other in act.towards]
        starts = [day for kind, day in aimed if kind == "suspension" and day is not None]
        ends = [day for kind, day in aimed if kind == "suspension_end" and day is not None]
        lines.append(spells(starts, ends))
    return either(*lines)
