"""The gates of the maps: what must hold before a step may be taken, and what would satisfy it.

Each gate looks at a `Case` and gives None where it is open, or what is wrong and what to do. The map of the edition
says which step asks for which gates; a refusal names the step, the edition and its rule.
"""

from collections.abc import Callable, Mapping
from typing import Final

from dostastyq.council.case import Case, Look, Shut, asked_states, below, rule_of_decision
from dostastyq.council.policy import NEEDS_NO_FULL_POWERS
from dostastyq.council.procedure import Gate
from dostastyq.dates import add_duration
from dostastyq.errors import DostastyqError

ENACTED: Final = frozenset({"decision", "rules_of_procedure"})
"""Kinds of instrument that an organ adopts by itself: no state consents to them apart."""


NOT_SEEN: Final = "clause_not_seen"
"""Form of a clause that no source shows: only a text of the past, whose adoption was reported, may have it."""


STATUTORY: Final = frozenset({"supreme", "statutory", "executive"})
"""Kinds of organ through which the drafts of other bodies come (Rules, rule 2)."""


def check(case: Case) -> None:
    """Refuse a step whose gates are shut, naming the rule and what would satisfy it.

    Raises
    ------
    DostastyqError
        Codes ``CN220`` to ``CN249``, one a gate.
    """
    shut = look(case.step.gates, case)
    if shut is not None:
        rule = f"{case.map.code}, {case.step.basis}" if case.step.basis else case.map.code
        raise DostastyqError(
            shut.code, f"{case.draft.slug}: {case.step.code} is refused: {shut.wrong} [{rule}]", shut.remedy
        )


def look(gate: Gate, case: Case) -> Shut | None:
    """Look at a tree of gates: of several ways through (``any``), the first one's remedy is given with the others'."""
    if gate.kind == "gate":
        return GATES[gate.name](case)
    found = [look(part, case) for part in gate.parts]
    shut = [item for item in found if item is not None]
    if gate.kind == "all":
        return shut[0] if shut else None
    if gate.kind == "any":
        if len(shut) < len(found) or not found:
            return None
        remedy = "; or ".join(dict.fromkeys(item.remedy for item in shut))
        return Shut(shut[0].code, "; and ".join(dict.fromkeys(item.wrong for item in shut)), remedy)
    return None if shut else Shut("CN249", "what it excludes holds", "take the other way of the map")


def _reasons(case: Case) -> Shut | None:
    if case.composition.reasons:
        return None
    return Shut("CN220", "it has no reasons", "say in `reasons` why the states should agree to it")


def _through_statutory_organ(case: Case) -> Shut | None:
    organs = case.law.institutions.organs
    origin, through = case.draft.origin, case.facts.get("through") or case.draft.through
    if not origin or organs[origin].kind in STATUTORY:
        return None
    known = [code for code, organ in organs.items() if organ.kind in STATUTORY]
    if through and organs[through].kind in STATUTORY:
        return None
    found = f"it came through {through}, which is none" if through else "it names none"
    return Shut(
        "CN221",
        f"the draft of {origin} comes through a statutory organ, and {found}",
        "name one: --through " + "|".join(known[:6]),
    )


def _languages(case: Case) -> Shut | None:
    wanted = dict.fromkeys((*case.map.languages, *case.composition.languages))
    missing = case.composition.missing()
    lacking = {language: missing.get(language, ("all",)) for language in wanted if missing.get(language, ("all",))}
    if not lacking:
        return None
    language, numbers = next(iter(lacking.items()))
    return Shut(
        "CN222",
        f"the text in {language} lacks " + ", ".join(numbers[:8]) + (" …" if len(numbers) > 8 else ""),
        f"write them, in {', '.join(wanted)}: dostastyq draft revise {case.draft.slug} FILE",
    )


def _impact_attached(case: Case) -> Shut | None:
    if case.composition.scenario is None or case.draft.impact is not None:
        return None
    return Shut(
        "CN223",
        f"its scenario has not been assessed for version {case.draft.version.number}",
        f"assess it, so that the delegations see what it does to them: dostastyq draft impact {case.draft.slug}",
    )


def _before_deadline(case: Case) -> Shut | None:
    deadline = case.draft.deadline
    if deadline is None or case.on <= deadline:
        return None
    return Shut(
        "CN224",
        f"opinions were due by {deadline}, and it is {case.on}",
        "ask the secretariat to circulate it once more with another deadline",
    )


def _entitled(case: Case) -> Shut | None:
    state = case.facts.get("state") or case.person.place
    poll = case.draft.poll
    if poll is None:
        asked = asked_states(case.law, case.draft, case.on)
        if state in asked:
            return None
        return Shut("CN231", f"{state} is not asked about it", "states that are: " + ", ".join(asked))
    if state not in poll.voters:
        return Shut(
            "CN231",
            f"{state} has no vote here: entitlement was frozen on {poll.day} under {poll.rule['code']}",
            "who votes: " + ", ".join(poll.voters),
        )
    session = case.session
    if session is not None and session.present is not None and state not in session.present:
        return Shut("CN231", f"{state} is not at the session {session.code}", "present: " + ", ".join(session.present))
    return None


def _opinions_in(case: Case) -> Shut | None:
    draft = case.draft
    deadline = draft.deadline
    silent = [state for state in asked_states(case.law, draft, case.on) if state not in draft.current_opinions]
    if not silent or (deadline is not None and case.on > deadline):
        return None
    return Shut(
        "CN225",
        f"no opinion yet of {', '.join(silent)}, and they may answer until {deadline}",
        "wait for them or for the deadline",
    )


def _no_objection(case: Case) -> Shut | None:
    objecting = [state for state, item in case.draft.current_opinions.items() if item.stance == "object"]
    if case.draft.circulated != case.draft.version.number:
        return Shut(
            "CN226",
            f"version {case.draft.version.number} was not circulated (the last one was {case.draft.circulated})",
            f"circulate it: dostastyq draft circulate {case.draft.slug}",
        )
    if not objecting:
        return None
    return Shut(
        "CN226",
        f"{', '.join(objecting)} object" + ("s" if len(objecting) == 1 else ""),
        "let experts work on it: dostastyq draft experts, amend, circulate; or let them take the objection back",
    )


def _agreed_beforehand(case: Case) -> Shut | None:
    agreed = case.draft.took("agree")
    if agreed is not None and case.draft.version.day <= agreed.day:
        return None
    return Shut(
        "CN227",
        "it was not agreed with the states beforehand, and what is not agreed is not submitted",
        f"collect opinions first: dostastyq draft circulate {case.draft.slug}",
    )


def _referred_by_session(case: Case) -> Shut | None:
    if case.draft.stage in {"referred", "postponed"}:
        return None
    return Shut("CN227", "no session referred or postponed it", "let a session refer it")


def _session_of_organ(case: Case) -> Shut | None:
    session = case.session
    if session is None:
        return Shut("CN228", "no session is named", "convene one: dostastyq session convene ORGAN DAY")
    if session.organ != case.draft.organ:
        return Shut("CN228", f"{session.code} is a session of {session.organ}", f"name a session of {case.draft.organ}")
    if session.state == "closed":
        return Shut("CN228", f"{session.code} has ended", "name one to come")
    return None


def _in_time(case: Case) -> Shut | None:
    session, deadline = case.session, case.step.deadline
    if session is None or not deadline:
        return None
    first = add_duration(case.on, deadline)
    if first <= session.day:
        return None
    return Shut(
        "CN229",
        f"{case.on} is less than {deadline} before the session of {session.day}",
        f"place it on the agenda of a session on {first} or later",
    )


def _organ_below(case: Case) -> Shut | None:
    target = str(case.facts.get("organ") or "")
    if below(case.law, case.draft.organ, target):
        return None
    lower = [code for code in case.law.institutions.organs if below(case.law, case.draft.organ, code)]
    return Shut(
        "CN230", f"{target or 'no organ'} is not below {case.draft.organ}", "organs below: " + ", ".join(lower[:8])
    )


def _session_open(case: Case) -> Shut | None:
    session = case.session
    if session is None or session.state != "open":
        found = "no session" if session is None else f"the session {session.code} is {session.state}"
        return Shut("CN232", f"{found}, and a vote is held in an open one", "open it: dostastyq session open CODE")
    if case.on < session.day:
        return Shut("CN232", f"the session {session.code} is on {session.day}, not on {case.on}", "give a later day")
    return None


def _rule_known(case: Case) -> Shut | None:
    return _procedure(case, "CN233", lambda code: code not in _OF_WEIGHTS)


def _weights_in_force(case: Case) -> Shut | None:
    return _procedure(case, "CN234", lambda code: code in _OF_WEIGHTS)


_OF_WEIGHTS: Final = frozenset({"RG061", "RG063", "VT006", "VT010"})


def _procedure(case: Case, code: str, mine: Callable[[str], bool]) -> Shut | None:
    try:
        rule_of_decision(case)
    except DostastyqError as error:
        return Shut(code, error.message, error.hint) if mine(error.code) else None
    return None


def _vote_open(case: Case) -> Shut | None:
    if case.draft.poll is not None:
        return None
    decided = case.draft.decision
    when = f"the vote was closed on {decided.day}" if decided else "no vote was opened"
    return Shut("CN235", when, "a session votes again when the item is placed again")


def _past_session(case: Case) -> Shut | None:
    session = case.session
    if session is not None and session.day < case.today and session.day <= case.on and case.facts.get("source"):
        return None
    return Shut(
        "CN236",
        "a result is reported, with its source, for a session of the past whose ballots were not seen",
        "hold the vote: dostastyq decide open; or name the source of the report, and the session's day or a later one",
    )


def _decision_of_organ(case: Case) -> Shut | None:
    if case.composition.kind in ENACTED:
        return None
    return Shut(
        "CN237",
        f"its kind is {case.composition.kind.replace('_', ' ')}, to which states consent each for itself",
        f"open a signature round: dostastyq sign open {case.draft.slug}",
    )


def _final_clauses_readable(case: Case) -> Shut | None:
    unreadable = case.composition.unreadable()
    decision = case.draft.decision
    past = case.on < case.today if decision is None else bool(decision.reported)
    if not unreadable and not past:
        unreadable = tuple(final.pattern for final in case.composition.finals if final.pattern == NOT_SEEN)
    if not unreadable:
        return _ends_for_others(case)
    return Shut(
        "CN238",
        f"final clauses without a machine-readable form: {', '.join(unreadable)}; "
        "nobody could compute from when it is in force",
        "give each the form of a pattern: dostastyq draft patterns",
    )


def _ends_for_others(case: Case) -> Shut | None:
    """Refuse a treaty that would end another one for states that are not its parties."""
    composition = case.composition
    if composition.kind in ENACTED:
        return None
    for relation in composition.record().get("relations", ()):
        other = relation["target"]
        if relation["type"] not in {"terminates", "repeals"} or other not in case.law.instruments:
            continue
        outside = [state for state in case.law.parties(other, case.on) if state not in composition.parties]
        if outside:
            return Shut(
                "CN269",
                f"it ends {other}, to which {', '.join(outside)} are parties and not to it "
                "(Vienna Convention on the Law of Treaties, Art. 59(1))",
                "make them parties too, or let it replace the other between its parties only: "
                "dostastyq draft patterns replaces_between_parties",
            )
    return None


def _depositary_named(case: Case) -> Shut | None:
    named = case.composition.depositary
    if named in case.law.institutions.organs or named in case.law.states:
        return None
    found = f"{named!r} is neither an organ nor a state" if named else "no depositary is named"
    return Shut("CN239", found, "name one in `depositary`: an organ of the register or the code of a state")


def _full_powers(case: Case) -> Shut | None:
    person, slug = case.person, case.draft.slug
    if not case.facts.get("signed", True) or person.role in NEEDS_NO_FULL_POWERS:
        return None
    held = [item for item in case.chamber.powers if item.cover(person, slug)]
    if any(item.hold(case.on) for item in held):
        return None
    span = "; ".join(f"{item.since} – {item.until or '…'}" for item in held)
    found = (
        f"the full powers of {person.name} are valid {span}, not on {case.on}"
        if held
        else (f"{person.name} has no full powers of {person.place}")
    )
    return Shut(
        "CN240",
        f"{found} (Vienna Convention on the Law of Treaties, Art. 7)",
        f"record them: dostastyq organ empower {person.name!r} --draft {slug} --basis TEXT",
    )


def _entitled_to_sign(case: Case) -> Shut | None:
    state = case.facts.get("state") or case.person.place
    parties, decision = case.composition.parties, case.draft.decision
    if state not in parties:
        return Shut("CN241", f"{state} is not among the states that may sign", "they are: " + ", ".join(parties))
    uninterested = [] if decision is None else [vote.state for vote in decision.votes if vote.vote == "non_interest"]
    if case.facts.get("signed", True) and state in uninterested:
        return Shut(
            "CN241", f"{state} declared that it is not interested", "it may accede later: dostastyq sign deposit"
        )
    return None


def _somebody_signed(case: Case) -> Shut | None:
    held, decision = case.draft.round, case.draft.decision
    if held is not None and held.signatories:
        return None
    if decision is not None and decision.reported and case.facts.get("source"):
        return None
    return Shut("CN242", "nobody has signed", f"sign first: dostastyq sign give {case.draft.slug}")


def _in_force_by_register(case: Case) -> Shut | None:
    forecast = case.law.forecast(case.draft.slug, case.on)
    if forecast.in_force:
        return None
    return Shut("CN243", str(forecast), "record the acts that are missing: dostastyq sign deposit")


def _tasks_done(case: Case) -> Shut | None:
    undone = [code for code in case.draft.tasks if not case.chamber.tasks[code].done]
    if not undone:
        return None
    return Shut("CN244", f"not done yet: {', '.join(undone)}", "report them done: dostastyq task progress CODE 100")


GATES: Final[Mapping[str, Look]] = {
    "reasons": _reasons,
    "through_statutory_organ": _through_statutory_organ,
    "languages": _languages,
    "impact_attached": _impact_attached,
    "before_deadline": _before_deadline,
    "entitled": _entitled,
    "opinions_in": _opinions_in,
    "no_objection": _no_objection,
    "agreed_beforehand": _agreed_beforehand,
    "referred_by_session": _referred_by_session,
    "session_of_organ": _session_of_organ,
    "in_time": _in_time,
    "organ_below": _organ_below,
    "session_open": _session_open,
    "rule_known": _rule_known,
    "weights_in_force": _weights_in_force,
    "vote_open": _vote_open,
    "past_session": _past_session,
    "decision_of_organ": _decision_of_organ,
    "final_clauses_readable": _final_clauses_readable,
    "depositary_named": _depositary_named,
    "full_powers": _full_powers,
    "entitled_to_sign": _entitled_to_sign,
    "somebody_signed": _somebody_signed,
    "in_force_by_register": _in_force_by_register,
    "tasks_done": _tasks_done,
}
"""Every gate that a map may name."""
