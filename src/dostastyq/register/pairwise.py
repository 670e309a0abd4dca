"""Between two states: where an instrument applies, and which preference in goods results, over all days."""

from datetime import date
from typing import TYPE_CHECKING

from dostastyq.dates import Truth
from dostastyq.register.facts import PREFERENCE_KINDS
from dostastyq.register.model import Instrument
from dostastyq.register.reservations import covers, opposed_line, removed_line
from dostastyq.register.timeline import ALWAYS, NEVER, UNKNOWN, Line, at, both, either, negate, since, spells

if TYPE_CHECKING:
    from dostastyq.register.holdings import Holdings

BILATERAL = "bilateral"
"""Kind of an instrument that has two parties and no third."""


def instrument_line(register: "Holdings", slug: str, first: str, second: str) -> Line:
    """Say when an instrument applies between two states.

    Both apply it, neither suspended it towards the other, no objection to a reservation keeps it from applying between
    them, and no later treaty replaced it between them (Vienna Convention, Arts. 20, 30 and 59). A protocol that extends
    a treaty to a state applies between that state and each party of the treaty only, a bilateral agreement between its
    two signatories.
    """
    found = register.instrument(slug)
    if first == second or (found.kind == BILATERAL and not _is_between(found, first, second)):
        return NEVER
    applied = both(register.standing(slug, first).applied, register.standing(slug, second).applied)
    if applied == NEVER:
        return NEVER
    parts = [applied]
    if any(act.towards for act in found.acts):
        parts += [negate(_suspended(found, first, second)), negate(opposed_line(register.record(slug), first, second))]
    if found.replaced is not None:
        parts.append(negate(_replaced(register, found, first, second)))
    if found.extends_to:
        parts.append(_extension(register, found, first, second))
    return both(*parts)


def provision_line(register: "Holdings", slug: str, first: str, second: str, provision: str) -> Line:
    """Say when one provision applies between two states.

    It does not where a reservation removes it between them (Vienna Convention, Art. 21), nor before its own day where
    provisions of an instrument enter into force one after another (Art. 24.4).
    """
    found = register.instrument(slug)
    parts = [
        register.line(slug, first, second),
        negate(removed_line(register.record(slug), min(first, second), max(first, second), provision)),
    ]
    parts += [since(part.day) for part in found.parts if any(covers(text, provision) for text in part.provisions)]
    return both(*parts)


def applied_on(register: "Holdings", slug: str, state: str, day: date) -> Truth:
    """Whether a state applies an instrument on a day, towards anybody that is left."""
    if register.instrument(slug).replaced is not None and replaced_for(register, slug, state, day):
        return False
    return at(register.standing(slug, state).applied, day)


def replaced_for(register: "Holdings", slug: str, state: str, day: date) -> bool:
    """Whether a later treaty has certainly replaced an instrument between a state and every other that applies it."""
    found = register.instrument(slug)
    others = {code: at(register.standing(slug, code).applied, day) for code in register.states if code != state}
    third = found.kind == BILATERAL
    left = [code for code, it in others.items() if it is not False and not (third and code not in found.signed.by)]
    return bool(left) and all(
        others[code] is True and at(_replaced(register, found, state, code), day) is True for code in left
    )


def regime_line(register: "Holdings", slug: str, first: str, second: str) -> Line:
    """Say when the arrangement of an instrument, other than a preference in goods, held between two states."""
    regime = register.instrument(slug).regime
    if regime.kind is None:
        return NEVER
    return both(
        register.line(slug, first, second),
        ALWAYS if regime.start is None else since(regime.start),
        ALWAYS if regime.end is None else negate(since(regime.end)),
    )


def preference_line(register: "Holdings", slug: str, first: str, second: str) -> Line:
    """Say when an instrument by itself gave a preference in goods between two states."""
    preference = register.instrument(slug).preference
    if preference.kind is None:
        return NEVER
    return both(
        register.line(slug, first, second),
        ALWAYS if preference.start is None else since(preference.start),
        ALWAYS if preference.end is None else negate(since(preference.end)),
    )


def of_kind(register: "Holdings", kind: str) -> tuple[str, ...]:
    """Slugs of the instruments that establish a kind of preference or arrangement."""
    return tuple(
        slug for slug, item in register.instruments.items() if kind in {item.preference.kind, item.regime.kind}
    )


def kind_line(register: "Holdings", kind: str, first: str, second: str) -> Line:
    """Say when a kind of agreement held between two states; unknown where the register is not complete.

    Where it is complete only between parties of one treaty, it is also complete between two states whose bilateral
    agreement of that kind is recorded.
    """
    one_line = preference_line if kind in PREFERENCE_KINDS else regime_line
    found = either(*(one_line(register, slug, first, second) for slug in of_kind(register, kind)))
    coverage = register.coverage.get(kind)
    if coverage is None:
        return either(found, UNKNOWN)
    if not coverage.between or _bilateral_known(register, kind, first, second):
        return found
    covered = _both_entered(register, coverage.between, first, second)
    return either(found, both(UNKNOWN, negate(covered)))


def _bilateral_known(register: "Holdings", kind: str, first: str, second: str) -> bool:
    return any(
        item.kind == BILATERAL and item.preference.kind == kind and _is_between(item, first, second)
        for table in (register.instruments, register.removed)
        for item in table.values()
    )


def _is_between(found: Instrument, first: str, second: str) -> bool:
    return set(found.signed.by) == {first, second}


def _replaced(register: "Holdings", found: Instrument, first: str, second: str) -> Line:
    ending = found.replaced
    if ending is None:
        return NEVER
    begun = register.force(ending.by) if ending.day is None else since(ending.day)
    return both(_both_entered(register, ending.by, first, second), begun)


def _both_entered(register: "Holdings", slug: str, first: str, second: str) -> Line:
    """Say since when both were bound once; true also of an instrument that was taken out, false of a revived past."""
    if slug not in register.instruments and slug not in register.removed:
        return NEVER
    return both(register.standing(slug, first).entered, register.standing(slug, second).entered)


def _extension(register: "Holdings", found: Instrument, first: str, second: str) -> Line:
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
