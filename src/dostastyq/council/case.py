"""A step that somebody wants to take, and what may stand against it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from dostastyq import register as registers
from dostastyq.actor import Actor
from dostastyq.council.chamber import Chamber
from dostastyq.council.composer import Composition
from dostastyq.council.model import Draft
from dostastyq.council.procedure import ProcedureMap, Step
from dostastyq.council.session_model import Session
from dostastyq.errors import DostastyqError
from dostastyq.register import Procedure, Register
from dostastyq.voting import consensus


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A step that somebody wants to take.

    Parameters
    ----------
    chamber, law
        What the council knows, and the register with everything recorded.
    draft
        The draft, as it stands before the step.
    map, step
        Edition of the Rules, and the step in it.
    person, on
        Who, and on which day.
    today
        The day by the clock.
    facts
        What was said with the step, e.g. the rule of decision or the session.
    """

    chamber: Chamber
    law: Register
    draft: Draft
    map: ProcedureMap
    step: Step
    person: Actor
    on: date
    today: date
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def composition(self) -> Composition:
        """The text that the step is about."""
        return self.facts.get("composition") or self.draft.composition

    @property
    def session(self) -> Session | None:
        """The session that the step is about."""
        code = self.facts.get("session") or self.draft.session
        return self.chamber.sessions.get(code)


@dataclass(frozen=True, slots=True)
class Shut:
    """Why a gate is shut.

    Parameters
    ----------
    code
        Code of the refusal.
    wrong
        What is wrong.
    remedy
        What would satisfy it.
    """

    code: str
    wrong: str
    remedy: str


Look = Callable[[Case], Shut | None]


def rule_of_decision(case: Case) -> Procedure:
    """Find how the body decides on the day, with the weights that are in force then.

    The refusals are those of `dostastyq.register.procedure`.
    """
    if case.map.rule and not case.facts.get("rule"):
        return _of_conference(case)
    name = str(case.facts.get("rule") or case.draft.organ)
    found = registers.procedure(
        case.law,
        name,
        case.on,
        weights=case.facts.get("weights"),
        leaving=str(case.facts.get("leaving") or ""),
    )
    if found.body and found.body != case.draft.organ and not _belongs(case.law, found.body, case.draft.organ):
        raise DostastyqError(
            "RG065", f"{name} is the rule of {found.body}, not of {case.draft.organ}", "name a rule of the body itself"
        )
    return found


def _of_conference(case: Case) -> Procedure:
    """Before there were Rules: by the consent of the states that take part (Vienna Convention, Art. 9(1))."""
    session = case.session
    present = session.present if session is not None else None
    rule = case.law.institutions.rules[case.map.rule]
    return Procedure(
        rule=consensus(rule.code, present or case.composition.parties),
        on=case.on,
        kind=rule.kind,
        body=case.draft.organ,
        weights=None,
        sources=rule.sources,
        confidence=rule.confidence,
        notes=(),
    )


def _belongs(law: Register, body: str, organ: str) -> bool:
    """Whether two bodies share their seats, as councils of one Charter do, or one is part of the other."""
    organs = law.institutions.organs
    one, other = organs.get(body), organs.get(organ)
    if one is None or other is None:
        return False
    same_seats = bool(one.seats and other.seats and one.seats.who == other.seats.who)
    return organ in {one.parent, *one.successors} or one.code == other.parent or same_seats


def asked_states(law: Register, draft: Draft, on: date) -> tuple[str, ...]:
    """States that are asked for an opinion: those that are meant to sign, and the members of the deciding body."""
    try:
        voters = registers.procedure(law, draft.organ, on).rule.voters
    except DostastyqError:
        voters = ()
    return tuple(dict.fromkeys((*draft.composition.parties, *voters)))


_RANK: Final = {"supreme": 0, "statutory": 1, "executive": 1, "secretariat": 2}


def below(law: Register, organ: str, target: str) -> bool:
    """Whether an organ stands below another: it belongs to it, is of a lower kind, or is named after it by the Charter.

    Examples
    --------
    >>> from dostastyq import register
    >>> reg = register.load("cis")
    >>> below(reg, "chs", "chg"), below(reg, "chg", "chs"), below(reg, "chg", "economic-council")
    (True, False, True)
    """
    organs = law.institutions.organs
    if target not in organs or organ not in organs or target == organ:
        return False
    parent = organs[target].parent
    while parent:
        if parent == organ:
            return True
        parent = organs[parent].parent
    upper, lower = _RANK.get(organs[organ].kind, 3), _RANK.get(organs[target].kind, 3)
    if upper == lower == 0:
        order = list(organs)
        return order.index(organ) < order.index(target) and organs[organ].seats == organs[target].seats
    return upper < lower
