"""What an instrument still needs before it enters into force, read off its final clauses."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from dostastyq.dates import Day, Truth
from dostastyq.i18n import Text, translator
from dostastyq.register.acts import CONSENT, Act
from dostastyq.register.clauses import Clause, count_of, fulfilled
from dostastyq.register.editions import under
from dostastyq.register.evidence import Record
from dostastyq.register.standing import find_entries
from dostastyq.register.timeline import at, onset, since
from dostastyq.register.wording import say_day, say_duration

if TYPE_CHECKING:
    from dostastyq.register.law import Register


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is missing before an instrument enters into force.

    Parameters
    ----------
    instrument, on, state
        What was asked: a slug, the day up to which acts are read, a state or None.
    in_force
        Whether it is in force on that day.
    day
        Day of entry into force where the acts done decide it.
    missing
        How many more acts are needed; None where the rule is not one of counting or is not known.
    candidates
        States whose act would count.
    delay
        ISO 8601 duration from the last act to entry into force.
    complete
        Whether the list of consents is declared complete for that day: otherwise an act may have been done and not
        be recorded.
    text
        All of it in a sentence.
    """

    instrument: str
    on: date
    state: str | None
    in_force: Truth
    day: Day | None
    missing: int | None
    candidates: tuple[str, ...]
    delay: str
    complete: bool
    text: Text

    def render(self, language: str = "en") -> str:
        """Say it in a language."""
        return translator(language).text(self.text)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "instrument": self.instrument,
            "on": self.on.isoformat(),
            "state": self.state,
            "in_force": self.in_force,
            "day": None if self.day is None else str(self.day),
            "missing": self.missing,
            "candidates": list(self.candidates),
            "delay": self.delay,
            "complete": self.complete,
            "text": str(self.text),
        }

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True, slots=True)
class _Need:
    """What one node of a clause waits for."""

    missing: int | None
    candidates: tuple[str, ...]
    delay: str
    text: Text


def forecast(register: "Register", slug: str, on: date | None, state: str | None) -> Forecast:
    """Forecast of `Register.forecast`."""
    day = on or _newest(register, slug)
    record = as_of(under(register.record(slug), day), day)
    if state is None:
        force = record.force
        need = _need(record.instrument.clause, record, day)
        return _made(record, (day, None), at(force, day), onset(force), need)
    entries = find_entries(record, state)
    found = entries[-1].day if entries else None
    bound = None if found is None else at(since(found), day)
    if found is None:
        bound = None if record.instrument.clause.rule == "unknown" and at(record.force, day) is None else False
    return _made(record, (day, state), bound, found, _need_of_state(record, state, day))


def as_of(record: Record, day: date) -> Record:
    """Give a record with nothing but what had certainly happened by a day."""
    item = record.instrument

    def happened(act: Act) -> bool:
        when = act.date or act.effective
        return when is not None and when.at_or_before(day) is True

    entered = item.entered if item.entered is not None and item.entered.day.at_or_before(day) is True else None
    acts = tuple(
        act if entered is not None or act.kind not in CONSENT or act.date is None else replace(act, effective=None)
        for act in item.acts
        if happened(act)
    )
    return Record(replace(item, acts=acts, entered=entered), record.law)


def _made(record: Record, asked: tuple[date, str | None], bound: Truth, day: Day | None, need: _Need) -> Forecast:
    item = record.instrument
    on, state = asked
    known = day if day is not None and day.latest is not None else None
    if bound is True:
        text, need = Text("in force since {when}", when=say_day(day)), replace(need, missing=0, candidates=())
    elif known is not None:
        text, need = Text("in force from {when}", when=say_day(known)), replace(need, missing=0, candidates=())
    elif need.delay == "P0D":
        text = Text("in force when {event}", event=need.text)
    else:
        text = Text("in force {delay} after {event}", delay=say_duration(need.delay), event=need.text)
    return Forecast(
        instrument=item.slug,
        on=on,
        state=state,
        in_force=bound,
        day=known,
        missing=need.missing,
        candidates=need.candidates,
        delay=need.delay,
        complete=item.complete is not None and item.complete.day.at_or_after(on) is True,
        text=text,
    )


def _need(clause: Clause, record: Record, on: date) -> _Need:  # noqa: PLR0911 -- one a kind of node
    """Say what a clause of the instrument still waits for on a day."""
    match clause.rule:
        case "count":
            return _need_of_count(clause, record, on)
        case "any" | "all":
            return _need_of_parts(clause, record, on)
        case "date":
            return _Need(0, (), clause.delay, Text("{when} has come", when=say_day(Day.parse(clause.text))))
        case "organ":
            return _Need(None, (), clause.delay, Text("the organ decides so"))
        case "requires":
            waited = [slug for slug in clause.instruments if at(record.in_force(slug), on) is not True]
            return _Need(None, (), clause.delay, Text("{slugs} enters into force", slugs=", ".join(waited)))
        case "signature":
            return _Need(None, (), clause.delay, Text("it is signed"))
        case "per_state":
            left = _without_consent(record, record.counted(clause.acts), clause.acts, on)
            return _Need(1, left, clause.delay, _completes(1, left))
    return _Need(None, (), clause.delay, Text("conditions are met that are not known"))


def _need_of_count(clause: Clause, record: Record, on: date) -> _Need:
    states, needed = count_of(clause, record)
    left = _without_consent(record, states, clause.acts, on)
    if needed is None:
        return _Need(None, left, clause.delay, Text("conditions are met that are not known"))
    missing = max(needed - (len(states) - len(left)), 0)
    return _Need(missing, left, clause.delay, _completes(missing, left))


def _need_of_parts(clause: Clause, record: Record, on: date) -> _Need:
    waited = [part for part in clause.parts if at(fulfilled(part, record), on) is not True]
    needs = [_need(part, record, on) for part in waited or clause.parts]
    whole = needs[0]
    for need in needs[1:]:
        texts = {"one": whole.text, "other": need.text}
        joined = Text("{one}, or {other}", **texts) if clause.rule == "any" else Text("{one}, and {other}", **texts)
        whole = replace(whole, text=joined, candidates=whole.candidates or need.candidates)
    counts = [need.missing for need in needs if need.candidates or need.missing is None]
    known = None if None in counts else max((count for count in counts if count is not None), default=0)
    return replace(whole, missing=known)


def _need_of_state(record: Record, state: str, on: date) -> _Need:
    item = record.instrument
    clause = item.clause
    own = (state,) if _without_consent(record, (state,), (), on) else ()
    if at(record.force, on) is True or clause.rule in {"per_state", "signature"}:
        delay = item.late_delay or clause.delay
        need = _Need(len(own), own, delay, _completes(1, (state,)))
    else:
        need = _need(clause, record, on)
        if own and state not in need.candidates:
            joined = Text("{one}, and {other}", one=need.text, other=_completes(1, own))
            need = replace(need, candidates=(*need.candidates, *own), text=joined)
    override = item.overrides.get(state)
    if override is not None and at(fulfilled(override, record, state), on) is not True:
        said = Text("{one}, and {other}", one=need.text, other=Text("its further conditions are met"))
        need = replace(need, text=said)
    return need


def _completes(count: int, states: tuple[str, ...]) -> Text:
    if len(states) == 1:
        return Text("{state:territory} completes its procedures", state=states[0])
    if count == len(states):
        return Text("{states:territories} complete their procedures", states=states)
    return Text.counted(
        "{n} more of {states:territories} completes its procedures",
        "{n} more of {states:territories} complete their procedures",
        count,
        states=states,
    )


def _without_consent(record: Record, states: tuple[str, ...], acts: tuple[str, ...], on: date) -> tuple[str, ...]:
    return tuple(code for code in states if at(record.consent(code, acts), on) is not True)


def _newest(register: "Register", slug: str) -> date:
    """Newest day known: the horizon of the register, or a later act about the instrument."""
    days = [act.date or act.effective for act in register.instrument(slug).acts]
    known = [day.latest for day in days if day is not None and day.latest is not None]
    return max([*known, register.horizon or date.min])
