"""From the register's data to a rule that can be voted by: who decides, on what day, with which votes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from dostastyq import voting
from dostastyq.dates import Truth, and_, calendar_day
from dostastyq.errors import DostastyqError, nearest
from dostastyq.i18n import Text
from dostastyq.register.facts import Confidence, weakest
from dostastyq.register.organs import COMMONWEALTH, Organ
from dostastyq.register.rules import DecisionRule, VoteWeights
from dostastyq.register.status import GRADES
from dostastyq.register.wording import say_day
from dostastyq.voting import Majority, Rule, Vote

if TYPE_CHECKING:
    from dostastyq.register.law import Register

WEIGHED = frozenset({"weighted_majority", "qualified_majority"})
"""Kinds of rule under which voters may have several votes."""

WEIGHTS_HINT = "give the votes: --weights STATE=VOTES,STATE=VOTES"


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """How a body of the commonwealth decides on a day.

    Parameters
    ----------
    rule
        The rule, ready to be voted by: see `dostastyq.voting`.
    on
        Day whose members and votes it has.
    kind
        Kind of rule, one of ``RULE_KINDS``.
    body
        Code of the organ.
    weights
        The dated weights it uses; None for one vote each or for votes that were given.
    sources, confidence
        Who says so, and the weakest confidence of what is said.
    notes
        What to know before relying on it, one sentence each.
    """

    rule: Rule
    on: date
    kind: str
    body: str
    weights: VoteWeights | None
    sources: tuple[str, ...]
    confidence: Confidence
    notes: tuple[Text, ...]


def procedure(
    register: "Register",
    name: str,
    on: str | date | None = None,
    *,
    weights: Mapping[str, Fraction] | None = None,
    leaving: str = "",
) -> Procedure:
    """Find how a body decides.

    Parameters
    ----------
    register
        The register.
    name
        Code of a rule, code of an organ, or slug of the instrument that creates the organ, whose parties sit in it, or
        that it adopted.
    on
        The day. By default the first day of the rule's own (latest) period of weights; for a rule without one, the
        newest day of which the register knows, or the last one of a body that is no more.
    weights
        Votes by state that stand in for the recorded ones, or fill what is not recorded.
    leaving
        State that leaves, for consensus minus the leaving state.

    Raises
    ------
    DostastyqError
        ``RG060`` for an unknown name, ``RG061`` on a day outside the period of the weights or the life of the body,
        ``RG062`` where nothing is recorded on how it decides, ``RG063`` where it is not known who votes with how many
        votes, ``RG064`` for a missing or wrong leaving state, ``RG065`` for a rule of several bodies, ``RG066`` for
        weights where every state has one vote; codes ``VT…`` of `dostastyq.voting` for given weights that do not add
        up.

    Examples
    --------
    >>> from dostastyq import register
    >>> mek = register.procedure(register.load("cis"), "mek")
    >>> mek.rule.code, str(mek.on), str(mek.rule.majorities[0].quota[0]), str(mek.weights.end)
    ('mek_qualified', '1994-10-21', '4/5', '1998-01-01')
    """
    given, organ = _find(register, name)
    if weights is not None and given.kind not in WEIGHED:
        raise DostastyqError("RG066", f"{given.code} gives every state one vote", "leave out the weights")
    asked = None if on is None else calendar_day(on)
    dated, day = _dated(register, given, organ, asked)
    voters, notes = _voters(register, given, organ, dated, day, given=weights)
    _check_leaving(register, given, voters, leaving)
    facts = [given, *([dated] if dated and given.weights else []), *([organ.seats] if organ and organ.seats else [])]
    if dated is not None and given.weights:
        notes += _on_weights(dated)
    if len(given.quota) > 1:
        quotas = " | ".join(map(str, given.quota))
        notes.append(Text("Sources disagree on the quota: {quotas}.", quotas=quotas))
    if "open_question" in given.texts:
        notes.append(Text("Open question: {question}", question=given.texts["open_question"]))
    return Procedure(
        rule=_rule(given, dated, voters, weights, leaving),
        on=day,
        kind=given.kind,
        body=organ.code if organ else "",
        weights=dated if given.weights else None,
        sources=tuple(dict.fromkeys(source for fact in facts for source in fact.sources)),
        confidence=weakest(fact.confidence for fact in facts),
        notes=tuple(notes),
    )


def adopting_body(register: "Register", slug: str) -> str:
    """Name the organ that adopts an instrument or decides on its membership; empty where it is not known.

    It is the organ that adopted it, the one at whose session it was signed, or the supreme organ in which its parties
    sit.

    Examples
    --------
    >>> from dostastyq import register
    >>> reg = register.load("cis")
    >>> [adopting_body(reg, slug) for slug in ("fta-2011", "eaeu-2014", "bfta-arm-rus-1992")]
    ['chg', 'eaeu-supreme', '']
    """
    more = register.instrument(slug).more
    if "adopted_by" in more:
        return str(more["adopted_by"])
    if "session" in more:
        return str(more["session"]["organ"])
    seated = (organ for organ in _seated(register, slug) if organ.kind == "supreme")
    return next((organ.code for organ in seated), "")


def _find(register: "Register", name: str) -> tuple[DecisionRule, Organ | None]:
    """Rule and organ that a name stands for."""
    held = register.institutions
    if name in held.rules:
        return held.rules[name], _carrier(register, held.rules[name])
    if name in held.organs:
        return _rule_of(register, held.organs[name]), held.organs[name]
    if name in register.instruments:
        more = register.instruments[name].more
        created = [held.organs[code] for code in more.get("creates", ())]
        seated = sorted(_seated(register, name), key=lambda organ: organ.kind != "supreme")
        for organ in (*created, *seated):
            if organ.rule:
                return _rule_of(register, organ), organ
        code = adopting_body(register, name)
        if code:
            return _rule_of(register, held.organs[code]), held.organs[code]
        raise DostastyqError(
            "RG062",
            f"the register knows no body of {name} that decides by a rule",
            "known rules: " + _listed(held.rules),
        )
    known = [*held.rules, *(code for code, organ in held.organs.items() if organ.rule), *register.instruments]
    hint = nearest(name, known) or "known rules: " + _listed(held.rules)
    raise DostastyqError("RG060", f"there is no rule, body or instrument {name!r}", hint)


def _seated(register: "Register", slug: str) -> list[Organ]:
    return [organ for organ in register.institutions.organs.values() if organ.seats and organ.seats.who == slug]


def _rule_of(register: "Register", organ: Organ) -> DecisionRule:
    if organ.rule:
        return register.institutions.rules[organ.rule]
    known = [code for code, other in register.institutions.organs.items() if other.rule]
    raise DostastyqError(
        "RG062", f"the register does not know how {organ.code} decides", "bodies whose rule is known: " + _listed(known)
    )


def _carrier(register: "Register", rule: DecisionRule) -> Organ | None:
    """Find the organ that decides by a rule; of several with the same seats the first."""
    held = register.institutions
    if rule.organ:
        return held.organs[rule.organ]
    if rule.weights:
        return held.organs[held.weights[rule.weights[-1]].organ]
    carriers = [organ for organ in held.organs.values() if organ.rule == rule.code]
    if len({organ.seats.who if organ.seats else "" for organ in carriers}) > 1:
        names = _listed(organ.code for organ in carriers)
        raise DostastyqError("RG065", f"{rule.code} is the rule of several bodies: {names}", "name the body instead")
    return carriers[0] if carriers else None


def _dated(
    register: "Register", rule: DecisionRule, organ: Organ | None, asked: date | None
) -> tuple[VoteWeights | None, date]:
    """Find the weights in force and the day; weights of the organ also say who sits in it."""
    held = register.institutions.weights
    own = [held[code] for code in rule.weights]
    sets = own or [item for item in held.values() if organ is not None and item.organ == organ.code]
    if not sets:
        return None, _day_of(register, organ, asked)
    if asked is None:
        return sets[-1], sets[-1].start.earliest or sets[-1].start.latest or date.min
    for wanted in (True, None):
        for item in sets:
            if _covers(item, asked) is wanted:
                return item, asked
    periods = "; ".join(f"{item.code}: {_period(item)}" for item in sets)
    first = sets[-1].start
    raise DostastyqError(
        "RG061",
        f"the votes of {rule.code} are not in force on {asked} ({periods})",
        f"ask for a day of the period, e.g. --on {first.earliest or first.latest}",
    )


def _covers(item: VoteWeights, day: date) -> Truth:
    return and_(item.start.at_or_before(day), True if item.end is None else item.end.after(day))


def _period(item: VoteWeights) -> str:
    return f"from {item.start}" + (f" until {item.end}" if item.end else "")


def _day_of(register: "Register", organ: Organ | None, asked: date | None) -> date:
    """Take the day asked about, if the body was there; by default the newest that is known."""
    begun = organ.established.day if organ and organ.established else None
    ended = organ.dissolved.day if organ and organ.dissolved else None
    if asked is None:
        if ended is not None and ended.earliest is not None:
            return date.fromordinal(ended.earliest.toordinal() - 1)
        complete = _complete(register, organ)
        return min(complete or date.max, register.horizon or date.max)
    if organ and ((begun and begun.after(asked)) or (ended and ended.at_or_before(asked))):
        life = " ".join(f"{word} {day}" for word, day in (("from", begun), ("until", ended)) if day)
        raise DostastyqError("RG061", f"{organ.code} did not decide on {asked} ({life})", "ask for a day of its life")
    return asked


def _complete(register: "Register", organ: Organ | None) -> date | None:
    """Day up to which it is known whose instrument's parties sit in an organ; None where it says nothing."""
    if organ is None or organ.seats is None or organ.seats.who == COMMONWEALTH:
        return None
    complete = register.instruments[organ.seats.who].complete
    return complete.day.earliest if complete else None


def _voters(
    register: "Register",
    rule: DecisionRule,
    organ: Organ | None,
    dated: VoteWeights | None,
    day: date,
    *,
    given: Mapping[str, Fraction] | None,
) -> tuple[tuple[str, ...], list[Text]]:
    """List who votes, and what is not known about it."""
    for state in given or {}:
        register.state(state)
    members, doubtful = members_on(register, organ, day)
    notes: list[Text] = []
    if given is not None:
        notes.append(Text("The votes are those that were given, not those of the register."))
        held = dict(dated.weights) if dated else {}
        voters = tuple({**held, **given})
        outside = [state for state in voters if (members or doubtful) and state not in (*members, *doubtful)]
        if outside:
            body = organ.code if organ else rule.code
            raise DostastyqError(
                "RG063", f"{outside[0]} has no seat in {body} on {day}", "who has: " + _listed((*members, *doubtful))
            )
        return voters, notes
    if dated is not None:
        if dated.remainder and rule.weights:
            recorded = ", ".join(f"{state} {voting.plain(weight)}" for state, weight in dated.weights.items())
            raise DostastyqError(
                "RG063",
                f"the votes of {rule.code} are recorded for {recorded} only; {dated.remainder}",
                f"{WEIGHTS_HINT}, with {recorded} adding up to 100",
            )
        return tuple(dated.weights), notes
    if doubtful:
        notes.append(Text("Left out, since it is not known whether they sit in it: {who:territories}.", who=doubtful))
    if not members:
        body = organ.code if organ else rule.code
        raise DostastyqError("RG063", f"the register does not know who votes in {body} on {day}", WEIGHTS_HINT)
    return members, notes


def members_on(register: "Register", organ: Organ | None, day: date) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """List the states with a seat in an organ or in the one above it, and those of which it is not known.

    Examples
    --------
    >>> from dostastyq import register
    >>> reg = register.load("cis")
    >>> members, unknown = members_on(reg, reg.institutions.organs["eaeu-supreme"], date(2020, 1, 1))
    >>> members, unknown
    (('ARM', 'BLR', 'KAZ', 'KGZ', 'RUS'), ())
    """
    held = register.institutions.organs
    while organ is not None and organ.seats is None:
        organ = held.get(organ.parent)
    if organ is None or organ.seats is None:
        return (), ()
    if organ.seats.who == COMMONWEALTH:
        return tuple(state for state in sorted(register.states) if register.membership(state, day)), ()
    return register.parties(organ.seats.who, day), register.unknown_parties(organ.seats.who, day)


def _check_leaving(register: "Register", rule: DecisionRule, voters: Iterable[str], leaving: str) -> None:
    minus = rule.kind == "consensus_minus"
    if minus and not leaving:
        raise DostastyqError(
            "RG064", f"{rule.code}: the state that leaves is not asked, and none is named", "--leaving STATE"
        )
    if leaving and not minus:
        raise DostastyqError("RG064", f"{rule.code} is no rule on leaving", f"leave out --leaving {leaving}")
    if leaving and register.state(leaving).code not in voters:
        raise DostastyqError("RG064", f"{leaving} is no member and cannot leave", "members: " + _listed(voters))


def _on_weights(dated: VoteWeights) -> list[Text]:
    notes = []
    if dated.end is not None:
        notes.append(Text("Votes in force: {start} – {end}", start=say_day(dated.start), end=say_day(dated.end)))
    grade = Text(GRADES[dated.confidence])
    if dated.sure:
        notes.append(
            Text(
                "Well established: the votes of {states:territories}; confidence of the others: {grade}.",
                states=dated.sure,
                grade=grade,
            )
        )
    elif dated.confidence != "high":
        notes.append(Text("Confidence of the votes: {grade}.", grade=grade))
    return notes


def _rule(
    given: DecisionRule,
    dated: VoteWeights | None,
    voters: tuple[str, ...],
    weights: Mapping[str, Fraction] | None,
    leaving: str,
) -> Rule:
    """Make the rule: the kind says what the data leave out."""
    every = (Vote.FOR, Vote.AGAINST, Vote.ABSTAIN, Vote.ABSENT)
    if given.kind in {"consensus", "consensus_minus"}:
        return voting.consensus(
            given.code,
            voters,
            non_interest="non_interest" in given.votes,
            leaving=leaving,
            bound=[*given.bound] or every,
        )
    if given.kind == "simple_majority":
        return voting.simple_majority(given.code, voters)
    recorded = dated.weights if dated and given.weights else {}
    votes = {**recorded, **(weights or {})}
    if not votes:
        return voting.qualified_majority(given.code, voters, given.quota)
    per_cent = bool(given.weights)
    majority = Majority(quota=given.quota, weights=votes, total=Fraction(100) if per_cent else None)
    return Rule(code=given.code, voters=tuple(votes), majorities=(majority,), allowed=frozenset(every))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
