"""What the register does not know, where sources disagree, and where record and rule differ: each as a frame."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from dostastyq.dates import Day
from dostastyq.register.acts import CONSENT, Act
from dostastyq.register.evidence import Record, exit_day
from dostastyq.register.facts import Sourced
from dostastyq.register.standing import computed_effect
from dostastyq.register.timeline import onset
from dostastyq.register.wording import say_clause

if TYPE_CHECKING:
    from dostastyq.register.law import Register

Row: TypeAlias = tuple[str, str | None, str, str, str, str]

GAP_COLUMNS = ("instrument", "state", "what", "why", "confidence", "sources")
DIFFERENCE_COLUMNS = ("instrument", "state", "what", "recorded", "computed", "rule")
CONFLICT_COLUMNS = ("subject", "instrument", "state", "what", "value", "sources", "preferred", "status", "why")


def gaps(register: "Register") -> pl.DataFrame:
    """Frame of `Register.gaps`."""
    rows = [row for slug in register.instruments for row in _gaps(register, register.record(slug))]
    return pl.DataFrame(rows, schema=dict.fromkeys(GAP_COLUMNS, pl.String), orient="row")


def conflicts(register: "Register") -> pl.DataFrame:
    """Frame of `Register.conflicts`."""
    rows = []
    for item in register.rivals:
        subject = item.subject.split("/")
        state = subject[1] if len(subject) > 2 else None
        for rival in item.values:
            preferred = None if not item.prefer else item.prefer == rival.value
            sources = ", ".join(rival.sources)
            rows.append(
                (item.subject, subject[0], state, subject[-1], rival.value, sources, preferred, item.status, item.why)
            )
    schema = {name: pl.Boolean if name == "preferred" else pl.String for name in CONFLICT_COLUMNS}
    return pl.DataFrame(rows, schema=schema, orient="row")


def differences(register: "Register") -> pl.DataFrame:
    """Frame of `Register.differences`."""
    rows = [row for slug in register.instruments for row in _differences(register.record(slug))]
    return pl.DataFrame(rows, schema=dict.fromkeys(DIFFERENCE_COLUMNS, pl.String), orient="row")


def disjoint(one: Day, other: Day) -> bool:
    """Whether two days cannot be the same.

    Examples
    --------
    >>> disjoint(Day.parse("2012"), Day.parse("2012-09-20")), disjoint(Day.parse("2011"), Day.parse("2012"))
    (False, True)
    """
    return _certainly_before(one, other) or _certainly_before(other, one)


def _certainly_before(one: Day, other: Day) -> bool:
    return one.latest is not None and other.earliest is not None and one.latest < other.earliest


def _gaps(register: "Register", record: Record) -> Iterator[Row]:
    item = record.instrument
    slug = item.slug
    if item.clause.rule == "unknown":
        yield _row(slug, None, "entry_into_force_rule", item.clause_basis or "the clause was not seen", item.signed)
    if not item.signed.by:
        yield _row(slug, None, "signatories", "by whom it was signed is not recorded", item.signed)
    force = onset(record.force)
    if force is None or force.latest is None:
        yield _row(slug, None, "entry_into_force", "the day is neither recorded nor follows from the rule", item.signed)
    if item.complete is None:
        yield _row(slug, None, "consents", "the list of consents is not declared complete", item.signed)
    for act in item.acts:
        yield from _gaps_of_act(slug, act)
    yield from _weak_facts(record)
    yield from _missing_signatories(register, record)


def _gaps_of_act(slug: str, act: Act) -> Iterator[Row]:
    if act.kind in CONSENT and (act.date is None or not act.date.exact):
        said = "not recorded" if act.date is None else f"known only as {act.date}"
        yield _row(slug, act.state, "deposit_date", f"day of {act.kind}: {said}", act)
    if act.kind == "withdrawal_notice" and act.effective is None and act.date is None:
        yield _row(slug, act.state, "withdrawal_effect", "neither day of notice nor effect is recorded", act)
    if act.confidence == "low" or act.sources == ("own",):
        yield _row(slug, act.state, act.kind, _weakness(act), act)


def _weak_facts(record: Record) -> Iterator[Row]:
    item = record.instrument
    named: dict[str, Sourced | None] = {
        "signed": item.signed,
        "entered_into_force": item.entered,
        "in_force_by": item.in_force_by,
        "provisional": item.provisional,
        "terminated": item.ended,
        "replaced_between": item.replaced,
        "complete": item.complete,
        "preference": item.preference,
        "regime": item.regime,
    }
    for name, fact in named.items():
        if fact is not None and fact.sources and (fact.confidence == "low" or fact.sources == ("own",)):
            yield _row(item.slug, None, name, _weakness(fact), fact)


def _missing_signatories(register: "Register", record: Record) -> Iterator[Row]:
    """In force, declared complete, signed, and yet no consent recorded: said by a source, or an oversight."""
    item = record.instrument
    if item.complete is None or onset(record.force) is None:
        return
    for state in item.signed.by:
        if state in register.states and not register.standing(item.slug, state).entries:
            why = f"signed, and no consent in a list declared complete to {item.complete.day}"
            yield _row(item.slug, state, "signatory_without_consent", why, item.complete)


def _differences(record: Record) -> Iterator[Row]:
    item = record.instrument
    rule = str(say_clause(item.clause))
    computed = onset(record.computed)
    if item.entered is not None and computed is not None and disjoint(item.entered.day, computed):
        yield (item.slug, None, "entry_into_force", str(item.entered.day), str(computed), rule)
    for act in item.acts:
        if act.effective is None or act.date is None:
            continue
        bare = replace(act, effective=None)
        if act.kind in CONSENT:
            day = computed_effect(record, bare)
        elif act.kind == "withdrawal_notice":
            day = exit_day(item, bare)
        else:
            continue
        if day is not None and disjoint(act.effective, day):
            yield (item.slug, act.state, act.kind, str(act.effective), str(day), rule)
    if item.ended is not None and item.ended.day is not None and item.ended.by:
        day = onset(record.law.force(item.ended.by))
        if day is not None and disjoint(item.ended.day, day):
            yield (item.slug, None, "terminated", str(item.ended.day), str(day), f"entry into force of {item.ended.by}")


def _weakness(fact: Sourced | Act) -> str:
    return "recollection, not looked up" if fact.sources == ("own",) else "low confidence"


def _row(slug: str, state: str | None, what: str, why: str, fact: Sourced | Act) -> Row:
    return (slug, state, what, why, fact.confidence, ", ".join(fact.sources))
