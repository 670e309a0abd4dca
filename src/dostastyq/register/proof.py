"""The reasons for a status, in the order of events, each with its sources."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from dostastyq.i18n import Text
from dostastyq.register.acts import CONSENT, EFFECTS, Act
from dostastyq.register.clauses import Clause, count_of
from dostastyq.register.codes import Case
from dostastyq.register.facts import Sourced
from dostastyq.register.reservations import accepted_by, lapsed, reservations
from dostastyq.register.standing import provisional_day
from dostastyq.register.status import Step
from dostastyq.register.timeline import at, onset
from dostastyq.register.wording import say_act, say_clause, say_day, say_duration


def reasons(case: Case, horizon: date | None) -> Iterator[Step]:
    """Give the chain of reasons for the status of a state on a day.

    Parameters
    ----------
    case
        The question.
    horizon
        Newest day that any source of the register speaks of; an answer beyond presumes continuity and says so.
    """
    signed = case.instrument.signed
    if not case.happened(signed.day) and signed.day.at_or_before(case.on) is False:
        yield fact(Text("not yet signed: signature on {when}", when=say_day(signed.day)), signed)
        return
    yield _signing(case)
    yield from _entry_into_force(case)
    yield from _provisional(case)
    for act in case.acts:
        began = act.date or act.effective
        if began is None or began.at_or_before(case.on) is not False:
            yield replace(fact(say_act(act), act), decides=act.kind in CONSENT | EFFECTS)
    yield from _entries(case)
    yield from _reservations(case)
    yield from _end(case)
    yield from _horizon(case, horizon)


def fact(reason: Text, stated: Sourced | Act) -> Step:
    """Make a step from something stated."""
    text = stated.text if isinstance(stated, Act) else ""
    remark = "; ".join(part for part in (text, stated.note) if part)
    return Step(reason, stated.sources, stated.confidence, remark=remark)


def _signing(case: Case) -> Step:
    signed, when = case.instrument.signed, say_day(case.instrument.signed.day)
    if case.state in signed.by:
        return fact(Text("{state:territory} signed on {when}", state=case.state, when=when), signed)
    if signed.by or case.state in signed.not_by:
        said = Text("{state:territory} is not among those who signed on {when}", state=case.state, when=when)
        return fact(said, signed)
    return fact(Text("signed on {when}; by whom is not recorded", when=when), signed)


def _entry_into_force(case: Case) -> Iterator[Step]:
    item, record = case.instrument, case.record
    clause = item.clause
    if clause.rule != "unknown":
        said = Text("rule of entry into force: {rule}", rule=say_clause(clause))
        if item.late_delay == "P0D" and clause.rule not in {"per_state", "signature"}:
            said = Text("{rule}; for a state that consents later, from its own act", rule=said)
        elif item.late_delay and clause.rule not in {"per_state", "signature"}:
            late = say_duration(item.late_delay)
            said = Text("{rule}; a state that consents later, {delay} after its own act", rule=said, delay=late)
        yield Step(said, remark=item.clause_basis)
    elif item.clause_basis:
        yield Step(Text("rule of entry into force: {rule}", rule=say_clause(clause)), remark=item.clause_basis)
    yield from _counted(case, clause)
    computed = onset(record.computed)
    if item.entered is not None:
        yield fact(Text("the instrument: in force from {when}", when=say_day(item.entered.day)), item.entered)
        if computed is not None and computed.exact and item.entered.day.exact and computed != item.entered.day:
            yield Step(Text("by its rule it would be {when}; the recorded day prevails", when=say_day(computed)))
    elif clause.rule not in {"per_state", "unknown"} and computed is not None and computed.latest is not None:
        yield Step(Text("so, by its rule, the instrument: in force from {when}", when=say_day(computed)))


def _counted(case: Case, clause: Clause) -> Iterator[Step]:
    """Whose acts completed the count, and when."""
    for part in (clause, *clause.parts):
        if part.rule != "count" or not isinstance(part.count, int):
            continue
        states, needed = count_of(part, case.record)
        days = {code: onset(case.record.consent(code, part.acts)) for code in states}
        known = sorted(
            (code for code, day in days.items() if day is not None and day.latest is not None),
            key=lambda code: (days[code].latest, code),  # type: ignore[union-attr]
        )
        if needed is not None and 0 < needed <= len(known):
            last = days[known[needed - 1]]
            yield Step(
                Text(
                    "consent no. {number} received: {when} ({states:territories})",
                    number=needed,
                    when=say_day(last),
                    states=sorted(known[:needed]),
                )
            )


def _provisional(case: Case) -> Iterator[Step]:
    stated, item = case.instrument.provisional, case.instrument
    if stated is not None and case.state in (stated.states or item.signed.by):
        start = say_day(provisional_day(item, stated.day))
        step = fact(Text("applied provisionally by those who signed, from {when}", when=start), stated)
        yield replace(step, remark="; ".join(part for part in (stated.basis, step.remark) if part))


def _entries(case: Case) -> Iterator[Step]:
    """Reasons for the days of entry into force, or for there being none."""
    for entry in case.lines.entries:
        when = say_day(entry.day)
        if entry.why == "in_force_by" and case.instrument.in_force_by is not None:
            stated = case.instrument.in_force_by
            said = Text(
                "stated to be in force for {state:territory} by {when}", state=case.state, when=say_day(stated.day)
            )
            yield fact(Text("{said}; since when is not known", said=said), stated)
        elif entry.why == "signatory":
            said = Text(
                "entry into force binds every state that signed: {state:territory} from {when}",
                state=case.state,
                when=when,
            )
            yield Step(said)
        elif entry.act is not None and entry.act.effective is None and entry.act.kind in CONSENT:
            yield Step(Text("by the instrument's rule this takes effect on {when}", when=when))
    if not case.lines.entries:
        yield from _absence(case)


def _absence(case: Case) -> Iterator[Step]:
    stated, listed = case.instrument.not_party, case.instrument.complete
    if any(act.kind in CONSENT for act in case.acts):
        yield Step(Text("the instrument's conditions for entry into force are not met by what is recorded"))
    elif case.bound is None:
        said = Text(
            "no consent of {state:territory} is recorded, and the list is not known to be complete", state=case.state
        )
        yield Step(said)
    elif stated is not None and case.state in stated.states:
        yield fact(Text("stated not to be a party as of {when}", when=say_day(stated.day)), stated)
    elif listed is not None:
        said = Text(
            "the list of consents is complete to {when} and has none of {state:territory}",
            when=say_day(listed.day),
            state=case.state,
        )
        yield fact(said, listed)


def _reservations(case: Case) -> Iterator[Step]:
    for act in case.acts:
        if act.kind == "reservation" and act.date is not None and case.happened(act.date) and lapsed(case.record, act):
            yield Step(Text("that reservation has no effect: it was not confirmed at consent, or came after it"))
    for item in reservations(case.record, case.state):
        day = accepted_by(case.record, item, "")
        if day is not None and item.start.at_or_before(case.on) is not False:
            yield Step(Text("states silent until {day:date} have accepted the reservation", day=day.isoformat()))


def _end(case: Case) -> Iterator[Step]:
    ending, ended = case.instrument.ended, onset(case.lines.ended)
    if ended is not None and ended.at_or_before(case.on) is not False:
        said = Text("the instrument ended on {when}", when=say_day(ended))
        slugs = [ending.by] if ending is not None and ending.by else []
        slugs = slugs or list(case.record.law.terminators(case.instrument.slug))
        if slugs:
            said = Text("{said}, by {slugs}", said=said, slugs=", ".join(slugs))
        step = Step(said) if ending is None else fact(said, ending)
        yield replace(step, remark="; ".join(part for part in (ending.text if ending else "", step.remark) if part))
    if case.replaced and case.instrument.replaced is not None:
        stated = case.instrument.replaced
        yield fact(Text("replaced between the parties of {slug}", slug=stated.by), stated)
    for slug in case.instrument.targets("package_with"):
        if at(case.record.law.exited(slug, case.state), case.on) is not False:
            yield Step(Text("{state:territory} left {slug} of the same package", state=case.state, slug=slug))


def _horizon(case: Case, horizon: date | None) -> Iterator[Step]:
    """Continuity beyond what is known of exits is presumed, and said to be (closed world of exits)."""
    if case.applied is not True:
        return
    declared = case.instrument.exits_complete
    limit = horizon if declared is None else declared.day.latest
    if declared is not None and declared.states and case.state not in declared.states:
        limit = horizon
    if limit is not None and case.on > limit:
        said = Text("nothing newer than {day:date} is known of exits: presumed to continue", day=limit.isoformat())
        yield Step(said, (), "low")
