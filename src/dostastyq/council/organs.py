"""Organs from one template: what each is for, who sits in it, how it decides, who chairs it and who comes next.

Every organ of the register, from the Council of Heads of State to a sector council, has the same fields; what nobody
recorded is a gap that `template_check` names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from dostastyq.council.procedure import procedure_on
from dostastyq.dates import Day, Truth, add_duration, and_, calendar_day
from dostastyq.errors import DostastyqError, nearest
from dostastyq.i18n import Text, message
from dostastyq.register.facts import Sourced
from dostastyq.register.organs import ChairTerm, Organ
from dostastyq.register.procedures import members_on

if TYPE_CHECKING:
    from dostastyq.register import Register

FORECAST = 5
"""Turns of the chair that are forecast."""

STATUTORY = frozenset({"supreme", "statutory", "executive"})
"""Kinds of organ through which a sector body's draft may go."""

GAPS: Mapping[str, str] = {
    "mandate": message("no mandate is recorded"),
    "members": message("it is not recorded who sits in it"),
    "rule": message("it is not recorded how it decides"),
    "chairs": message("no chair is recorded for the day"),
    "parent": message("it is not recorded to which organ it belongs"),
    "through": message("it is not recorded through which statutory organ its drafts go"),
}
"""What a complete organ has, and what is said where it has not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn(Sourced):
    """A state's turn in the chair, recorded or forecast.

    Parameters
    ----------
    state
        Code of the state.
    start, end
        First day, and first day no longer; None while it lasts.
    forecast
        Whether it only follows from the rotation. A forecast is never a fact.
    """

    state: str
    start: Day
    end: Day | None
    forecast: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganView(Sourced):
    """An organ as it was on a day.

    Parameters
    ----------
    code, kind
        Its stable name and what it is.
    on
        The day.
    name, mandate
        By language.
    existed
        Whether it was there on the day; None where it is not known.
    members, doubtful
        States that sit in it, and those of which it is not known.
    rule, exception
        Codes of its rule of decision and of that for exceptional questions; empty where not recorded.
    chair
        State in the chair; None where not recorded.
    calendar
        Turns of the chair after that: the recorded ones, then those that are forecast.
    parent
        Organ it belongs to; empty where none is recorded.
    through
        Statutory organ through which its drafts travelled on the day; empty where it needs none or none is recorded.
    edition
        Code of the map of procedure on the day.
    by_analogy
        Whether that edition was made for other organs and is used by analogy.
    """

    code: str
    kind: str
    on: date
    name: Mapping[str, str]
    mandate: Mapping[str, str]
    existed: Truth
    members: tuple[str, ...]
    doubtful: tuple[str, ...]
    rule: str
    exception: str
    chair: str | None
    calendar: tuple[Turn, ...]
    parent: str
    through: str
    edition: str
    by_analogy: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """What a complete organ would have and this one has not.

    Parameters
    ----------
    what
        One of the keys of ``GAPS``.
    text
        The sentence that says so.
    """

    what: str
    text: Text


def organ(register: "Register", code: str, on: str | date) -> OrganView:
    """Describe an organ on a day.

    Parameters
    ----------
    register
        The register.
    code
        Code of the organ.
    on
        The day.

    Raises
    ------
    DostastyqError
        ``RG026`` for an organ that the register does not know.

    Examples
    --------
    >>> from dostastyq import register
    >>> view = organ(register.load("cis"), "railway-council", "2024-06-01")
    >>> view.name["en"], view.through, view.edition, view.by_analogy
    ('Council for Rail Transport', 'economic-council', 'rules-2009', True)
    """
    held, day = register.institutions, calendar_day(on)
    if code not in held.organs:
        raise DostastyqError("RG026", f"there is no organ {code!r}", nearest(code, held.organs))
    found = held.organs[code]
    members, doubtful = members_on(register, found, day)
    rules = procedure_on(register.name, day)
    return OrganView(
        code=code,
        kind=found.kind,
        on=day,
        name=found.name,
        mandate=found.mandate,
        existed=existed(found, day),
        members=members,
        doubtful=doubtful,
        rule=found.rule,
        exception=found.exception,
        chair=held.chair(code, Day.parse(day.isoformat())),
        calendar=calendar(register, code, day),
        parent=found.parent,
        through=_through(register, found, day),
        edition=rules.code,
        by_analogy=code not in rules.organs,
        sources=found.sources,
        confidence=found.confidence,
        note=found.note,
    )


def existed(found: Organ, on: date) -> Truth:
    """Say whether an organ was there on a day; None where it is not known.

    Examples
    --------
    >>> from dostastyq import register
    >>> organs = register.load("cis").institutions.organs
    >>> existed(organs["mek"], date(1995, 6, 1)), existed(organs["mek"], date(2001, 1, 1))
    (True, False)
    """
    begun = None if found.established is None else found.established.day.at_or_before(on)
    return and_(begun, True if found.dissolved is None else found.dissolved.day.after(on))


def calendar(register: "Register", code: str, on: date, turns: int = FORECAST) -> tuple[Turn, ...]:
    """List who chairs an organ after a day: turns on record, and then as many as asked that are forecast.

    Examples
    --------
    >>> from dostastyq import register
    >>> reg = register.load("cis")
    >>> [(turn.state, str(turn.start), turn.forecast) for turn in calendar(reg, "chs", date(2026, 6, 1), 2)]
    [('UZB', '2027-01-01', True), ('BLR', '2028-01-01', True)]
    """
    found = register.institutions.organs[code]
    recorded = tuple(
        Turn(
            state=term.state,
            start=term.start,
            end=term.end,
            sources=term.sources,
            confidence=term.confidence,
            note=term.note,
        )
        for term in found.chairs
        if term.start.after(on)
    )
    expected = [turn for turn in forecast(register, found, turns) if turn.end is None or turn.end.after(on)]
    return (*recorded, *expected)


def forecast(register: "Register", found: Organ, turns: int = FORECAST) -> tuple[Turn, ...]:
    """Forecast the turns of the chair that follow the last one on record.

    The chair goes on through the states of the last round, in the order of the rotation: a state that let its turn pass
    in that round is not expected to take it in the next. Without a rotation, or without a last turn that ends on a
    known day, nothing is forecast.
    """
    rotation = found.rotation
    if rotation is None:
        return ()
    terms = [term for term in found.chairs if _since(term, rotation.start)]
    if not terms or terms[-1].end is None or terms[-1].end.earliest is None or not terms[-1].end.exact:
        return ()
    last, day = terms[-1], terms[-1].end.earliest
    names = {state: register.states[state].name["ru"].casefold() for state in _last_round(terms)}
    order = sorted((state for state in names if register.membership(state, day)), key=names.__getitem__)
    expected = []
    for number in range(turns if order else 0):
        state = _following(order, names[last.state], names, number)
        end = add_duration(day, rotation.term)
        expected.append(
            Turn(
                state=state,
                start=Day.parse(day.isoformat()),
                end=Day.parse(end.isoformat()),
                forecast=True,
                sources=rotation.sources,
                confidence="low",
            )
        )
        day = end
    return tuple(expected)


def _since(term: ChairTerm, start: date) -> bool:
    return term.start.earliest is not None and term.start.earliest >= start


def _last_round(terms: Sequence[ChairTerm]) -> tuple[str, ...]:
    """States that had the chair since the last one had it before; all of them where it never did."""
    last = terms[-1].state
    states: list[str] = [last]
    for term in reversed(terms[:-1]):
        if term.state == last:
            break
        states.append(term.state)
    return tuple(dict.fromkeys(states))


def _following(order: Sequence[str], name: str, names: Mapping[str, str], number: int) -> str:
    """Find the state that is `number` places after the first one whose name follows `name`."""
    first = next((place for place, state in enumerate(order) if names[state] > name), 0)
    return order[(first + number) % len(order)]


def _through(register: "Register", found: Organ, on: date) -> str:
    """Statutory organ through which drafts went on a day: the one on record, or the one whose place it took."""
    if found.through is None:
        return ""
    organs = register.institutions.organs
    waiting, seen = [found.through.organ], set[str]()
    while waiting:
        code = waiting.pop(0)
        if existed(organs[code], on):
            return code
        seen.add(code)
        waiting.extend(
            other.code
            for other in organs.values()
            if code in other.successors and other.kind in STATUTORY and other.code not in seen
        )
    return ""


def template_check(view: OrganView) -> tuple[Missing, ...]:
    """Name what a complete organ would have and this one has not.

    The supreme organs belong to no other, and only drafts of sector bodies go through a statutory organ.

    Examples
    --------
    >>> from dostastyq import register
    >>> view = organ(register.load("cis"), "railway-council", "2024-06-01")
    >>> [missing.what for missing in template_check(view)]
    ['members', 'rule', 'chairs', 'parent']
    """
    absent = {
        "mandate": not all(view.mandate.values()),
        "members": not view.members,
        "rule": not view.rule,
        "chairs": view.chair is None,
        "parent": not view.parent and view.kind != "supreme",
        "through": not view.through and view.kind == "sectoral",
    }
    return tuple(Missing(what, Text(GAPS[what])) for what, gap in absent.items() if gap)
