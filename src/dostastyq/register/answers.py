"""From a register and a question to the case and its status."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from dostastyq.dates import calendar_day
from dostastyq.i18n import Text
from dostastyq.register.codes import Case, association_of, code_of, must_not_defeat, period_of, withdrawal_of
from dostastyq.register.editions import under
from dostastyq.register.pairwise import replaced_for
from dostastyq.register.proof import reasons
from dostastyq.register.standing import standing
from dostastyq.register.status import Proof, Status, Step, conclusion

if TYPE_CHECKING:
    from dostastyq.register.law import Register


@dataclass(frozen=True, slots=True)
class Question:
    """What `Register.status` was asked."""

    slug: str
    state: str
    on: date
    known_at: str | date | datetime | None = None
    rules_on: str | date | None = None


def status(register: "Register", question: Question) -> Status:
    """Status of `Register.status`."""
    slug, state, day = question.slug, question.state, question.on
    law = register.known(question.known_at)
    asked = _moment(question.known_at)
    rules = None if question.rules_on is None else calendar_day(question.rules_on)
    if slug in law.unseen:
        step = Step(Text("nothing about {slug} was recorded by {day:date}", slug=slug, day=_day(asked)))
        return Status(slug, state, day, "UNKNOWN", None, None, None, None, Proof((step,)), asked, rules, None)
    found = case(law, slug, state, day, rules)
    code = code_of(found)
    start, end = period_of(found, code)
    return Status(
        instrument=slug,
        state=state,
        on=day,
        code=code,
        bound=found.bound,
        applied=found.applied,
        since=start,
        until=end,
        proof=Proof((*reasons(found, law.horizon), *_disputes(law, found, code), conclusion(day, code, start, end))),
        known_at=asked,
        rules_on=rules,
        must_not_defeat=must_not_defeat(found),
        withdrawal=withdrawal_of(found),
        associated=association_of(found),
    )


def case(register: "Register", slug: str, state: str, day: date, rules_on: date | None = None) -> Case:
    """Put together what decides a question."""
    record = register.record(slug)
    if record.instrument.editions:
        record = under(record, rules_on or day)
        lines = standing(record, state)
    else:
        lines = register.standing(slug, state)
    return Case(
        record,
        state,
        lines,
        day,
        record.instrument.replaced is not None and replaced_for(register, slug, state, day),
        bool(register.rivals) and disputed(register, slug, state, day),
    )


def disputed(register: "Register", slug: str, state: str, day: date) -> bool:
    """Whether open rival days of an instrument, or of a state in it, leave a day in doubt."""
    return any(_touches(subject, slug, state, day, span) for subject, span in _open_spans(register))


def _open_spans(register: "Register") -> list[tuple[list[str], tuple[date, date]]]:
    found = []
    for item in register.rivals:
        span = item.span if item.status == "open" and not item.prefer else None
        if span is not None and span.earliest is not None and span.latest is not None:
            found.append((item.subject.split("/"), (span.earliest, span.latest)))
    return found


def _touches(subject: list[str], slug: str, state: str, day: date, span: tuple[date, date]) -> bool:
    about = subject[0] == slug and (len(subject) < 3 or subject[1] == state)
    return about and span[0] <= day < span[1]


def _disputes(register: "Register", found: Case, code: str) -> tuple[Step, ...]:
    if code != "CONFLICT":
        return ()
    slug, state = found.instrument.slug, found.state
    steps = []
    for item in register.rivals:
        subject = item.subject.split("/")
        if item.status == "open" and subject[0] == slug and (len(subject) < 3 or subject[1] == state):
            values = "; ".join(f"{rival.value} [{', '.join(rival.sources)}]" for rival in item.values)
            steps.append(
                Step(Text("sources contradict each other: {values}", values=values), (), "low", remark=item.why)
            )
    return tuple(steps)


def _moment(known_at: str | date | datetime | None) -> date | datetime | None:
    if not isinstance(known_at, str):
        return known_at
    return datetime.fromisoformat(known_at) if "T" in known_at else calendar_day(known_at)


def _day(moment: date | datetime | None) -> str:
    return "" if moment is None else moment.isoformat()[:10]
