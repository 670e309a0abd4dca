"""The gates of the maps, said a second time: each looks at what was read, and says in words what was not so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from dostastyq import register as registers
from dostastyq.council.composer import Composition
from dostastyq.council.procedure import Gate, ProcedureMap, Step
from dostastyq.council.replay.book import Book, File, Line, Meeting
from dostastyq.dates import add_duration
from dostastyq.errors import DostastyqError

STATUTORY: Final = ("supreme", "statutory", "executive")
HEADS: Final = ("head_of_state", "head_of_government", "foreign_minister")


@dataclass(frozen=True, slots=True)
class Look:
    """A step about to be judged.

    Parameters
    ----------
    book, file, line
        What was read before, and the step.
    map, step
        What the edition says of it.
    composition
        The text that it is about.
    """

    book: Book
    file: File
    line: Line
    map: ProcedureMap
    step: Step
    composition: Composition

    @property
    def meeting(self) -> Meeting | None:
        """The session it is about."""
        return self.book.meetings.get(self.line.get("session") or self.file.session)

    @property
    def asked(self) -> tuple[frozenset[str], ...]:
        """Who is asked for an opinion, by each reading of the law."""
        found = []
        for law in self.book.laws(self.line):
            try:
                seats = registers.procedure(law, self.file.organ, self.line.day).rule.voters
            except DostastyqError:
                seats = ()
            found.append(frozenset((*self.composition.parties, *seats)))
        return tuple(found)


def shut(gate: Gate, at: Look) -> str:
    """Say why a tree of gates was shut; empty where it was open."""
    if gate.kind == "gate":
        return LOOKS[gate.name](at)
    found = [shut(part, at) for part in gate.parts]
    if gate.kind == "all":
        return next(filter(None, found), "")
    if gate.kind == "any":
        return "" if not all(found) else "; ".join(found) or "no way through"
    return "" if any(found) else "what it excludes held"


def _reasons(at: Look) -> str:
    return "" if at.composition.reasons else "no reasons"


def _through_statutory_organ(at: Look) -> str:
    organs = at.book.base.institutions.organs
    origin, through = at.file.origin, at.line.get("through") or at.file.through
    if not origin or organs[origin].kind in STATUTORY or (through in organs and organs[through].kind in STATUTORY):
        return ""
    return f"a draft of {origin} through {through or 'nobody'}"


def _languages(at: Look) -> str:
    gaps = at.composition.missing()
    wanted = (*at.map.languages, *at.composition.languages)
    lacking = [language for language in wanted if gaps.get(language, ("all",))]
    return f"text lacking in {', '.join(lacking)}" if lacking else ""


def _impact_attached(at: Look) -> str:
    if at.composition.scenario is None or len(at.file.texts) in at.file.impacts:
        return ""
    return f"version {len(at.file.texts)} was not assessed"


def _before_deadline(at: Look) -> str:
    deadline = at.file.deadline
    return "" if deadline is None or at.line.day <= deadline else f"{at.line.day}, after {deadline}"


def _entitled(at: Look) -> str:
    state, poll = at.line["state"], at.file.poll
    if poll is None:
        return "" if any(state in asked for asked in at.asked) else f"{state}, who is not asked"
    if state not in poll.rule["voters"]:
        return f"{state}, who has no vote"
    there = at.meeting.present if at.meeting else None
    return "" if there is None or state in there else f"{state}, who is not there"


def _opinions_in(at: Look) -> str:
    file = at.file
    if file.deadline is not None and at.line.day > file.deadline:
        return ""
    said = {state for version, state in file.stances if version == file.circulated}
    silent = [sorted(asked - said) for asked in at.asked]
    return "" if not all(silent) else "silent: " + ", ".join(silent[0])


def _no_objection(at: Look) -> str:
    file = at.file
    if file.circulated != len(file.texts):
        return f"version {len(file.texts)} was not circulated"
    said = {state: stance for (version, state), stance in file.stances.items() if version == file.circulated}
    against = [state for state, stance in said.items() if stance == "object"]
    return "objection of " + ", ".join(against) if against else ""


def _agreed_beforehand(at: Look) -> str:
    order = [step for step, _ in at.file.steps]
    changed = max((place for place, step in enumerate(order) if step in {"propose", "revise"}), default=0)
    return "" if "agree" in order[changed:] else "never agreed as it stands"


def _referred_by_session(at: Look) -> str:
    return "" if at.file.stage in {"referred", "postponed"} else "no session referred or postponed it"


def _session_of_organ(at: Look) -> str:
    meeting = at.meeting
    if meeting is None or meeting.organ != at.file.organ or meeting.state == "closed":
        return f"{at.line.get('session')} is no session to come of {at.file.organ}"
    return ""


def _in_time(at: Look) -> str:
    meeting, deadline = at.meeting, at.step.deadline
    late = meeting is not None and deadline and add_duration(at.line.day, deadline) > meeting.day
    return f"less than {deadline} before the session" if late else ""


def _organ_below(at: Look) -> str:
    organs = at.book.base.institutions.organs
    upper, lower = organs[at.file.organ], organs.get(at.line["organ"])
    if lower is None or lower.code == upper.code:
        return f"{at.line['organ']} is not below {upper.code}"
    above = lower.parent
    while above and above != upper.code:
        above = organs[above].parent
    rank = {"supreme": 0, "statutory": 1, "executive": 1, "secretariat": 2}
    first, second = rank.get(upper.kind, 3), rank.get(lower.kind, 3)
    listed = list(organs)
    heads = first == second == 0 and upper.seats == lower.seats and listed.index(upper.code) < listed.index(lower.code)
    return "" if above or first < second or heads else f"{lower.code} is not below {upper.code}"


def _session_open(at: Look) -> str:
    meeting = at.meeting
    if meeting is None or meeting.state != "open":
        return "no open session"
    return f"the session is on {meeting.day}" if at.line.day < meeting.day else ""


def _vote_open(at: Look) -> str:
    return "" if at.file.poll is not None else "no vote is open"


def _past_session(at: Look) -> str:
    past = at.meeting is not None and at.meeting.day < at.line.entry.moment.date() and at.meeting.day <= at.line.day
    return "" if past and str(at.line.get("source", "")).strip() else "no source, or no session of the past"


def _decision_of_organ(at: Look) -> str:
    return "" if at.composition.kind in {"decision", "rules_of_procedure"} else f"a {at.composition.kind}"


def _final_clauses_readable(at: Look) -> str:
    unreadable = [*at.composition.unreadable()]
    if at.file.sealed is not None and at.file.sealed[1] is not None:
        unreadable += [final.pattern for final in at.composition.finals if final.pattern == "clause_not_seen"]
    return "unreadable: " + ", ".join(unreadable) if unreadable else ""


def _depositary_named(at: Look) -> str:
    named, law = at.composition.depositary, at.book.base
    return "" if named and (named in law.institutions.organs or named in law.states) else f"depositary {named!r}"


def _full_powers(at: Look) -> str:
    person, line = at.line.person, at.line
    if not line["signed"] or person.role in HEADS:
        return ""
    held = [
        span
        for span in at.book.powers
        if span.person.key == person.key and span.person.place == person.place and span.draft in {"", at.file.slug}
    ]
    return "" if any(span.holds(line.day) for span in held) else f"no full powers of {person.place}"


def _entitled_to_sign(at: Look) -> str:
    state = at.line["state"]
    if state not in at.composition.parties:
        return f"{state} is no party"
    poll = at.file.sealed[1] if at.file.sealed else None
    declared = poll is not None and poll.votes.get(state) == "non_interest"
    return f"{state} is not interested" if declared and at.line["signed"] else ""


def _somebody_signed(at: Look) -> str:
    if at.file.signing is not None and at.file.signing.signatories:
        return ""
    reported = at.file.sealed is not None and at.file.sealed[1] is None
    return "" if reported and str(at.line.get("source", "")).strip() else "nobody signed"


def _in_force_by_register(at: Look) -> str:
    slug, day = at.file.slug, at.line.day
    laws = [law for law in at.book.laws(at.line) if slug in law.instruments]
    return "" if any(law.forecast(slug, day).in_force for law in laws) else "not in force"


def _tasks_done(at: Look) -> str:
    undone = [code for code in at.file.tasks if at.book.tasks[code][1] != 100]
    return "not done: " + ", ".join(undone) if undone else ""


def _with_rule(_: Look) -> str:
    return ""


LOOKS: Final[Mapping[str, Callable[[Look], str]]] = {
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
    # The rule that was frozen is compared with the register's, weights and all, where the vote is opened.
    "rule_known": _with_rule,
    "weights_in_force": _with_rule,
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
