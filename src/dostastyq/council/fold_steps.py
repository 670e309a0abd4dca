"""What each kind of entry of the stream ``council`` does to what a council knows."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

from dostastyq.actor import Actor
from dostastyq.council.chamber import Chamber
from dostastyq.council.composer import Amendment
from dostastyq.council.model import Draft, Impact, Move, Opinion, ProposedAmendment, Task, Version
from dostastyq.council.people_model import Admission, FullPowers
from dostastyq.council.session_model import AgendaItem, Decision, Poll, Session, Signature, SignatureRound, Vote
from dostastyq.store import Entry
from dostastyq.store.entry import canonical

Content = Mapping[str, Any]


class Held:
    """The parts of a chamber while entries are added."""

    def __init__(self, chamber: Chamber) -> None:
        self.admissions = list(chamber.admissions)
        self.powers = list(chamber.powers)
        self.drafts = dict(chamber.drafts)
        self.sessions = dict(chamber.sessions)
        self.tasks = dict(chamber.tasks)
        self.rehearsal = chamber.rehearsal
        self.last_day = chamber.last_day
        self.sequence = chamber.sequence

    def frozen(self) -> Chamber:
        """Give what the council knows now."""
        return Chamber(
            admissions=tuple(self.admissions),
            powers=tuple(self.powers),
            drafts=MappingProxyType(self.drafts),
            sessions=MappingProxyType(self.sessions),
            tasks=MappingProxyType(self.tasks),
            rehearsal=self.rehearsal,
            last_day=self.last_day,
            sequence=self.sequence,
        )


class Event:
    """One entry while it is read."""

    def __init__(self, entry: Entry, found: Content) -> None:
        self.entry = entry
        self.found = found
        self.day = date.fromisoformat(found["on"])
        self.person = person_of(found["by"])

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 -- JSON
        return self.found[key]

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 -- JSON
        """Give what the payload says under a key, or the default."""
        return self.found.get(key, default)

    def date(self, key: str) -> date | None:
        """Give a day of the payload; None where it has none."""
        found = self.found.get(key)
        return None if found is None else date.fromisoformat(found)

    @property
    def move(self) -> Move:
        """The step that a draft took."""
        return Move(
            step=self.entry.kind,
            day=self.day,
            person=self.person,
            stage=self["stage"],
            edition=self["edition"],
            entry=self.entry.sequence,
            hash=self.entry.hash,
        )


def person_of(found: Content) -> Actor:
    """Read who acted from a payload."""
    return Actor(found["name"], found["place"], found["role"])


def _moved(held: Held, event: Event, **changed: Any) -> Draft:  # noqa: ANN401 -- fields of Draft
    """Note a step of a draft, with what it changed."""
    draft = held.drafts[event["draft"]]
    moved = replace(draft, stage=event["stage"], moves=(*draft.moves, event.move), **changed)
    held.drafts[draft.slug] = moved
    return moved


def _admit(held: Held, event: Event) -> None:
    held.rehearsal = held.rehearsal or event.get("rehearsal", False)
    held.admissions.append(
        Admission(person=person_of(event["person"]), since=event.date("since") or event.day, until=event.date("until"))
    )


def _dismiss(held: Held, event: Event) -> None:
    key = Actor(event["name"]).key
    for place, item in enumerate(held.admissions):
        if item.person.key == key and item.holds(event.day):
            held.admissions[place] = replace(item, until=event.day)


def _empower(held: Held, event: Event) -> None:
    held.powers.append(
        FullPowers(
            state=event["state"],
            person=event["name"],
            draft=event.get("draft", ""),
            since=event.date("since") or event.day,
            until=event.date("until"),
            basis=event["basis"],
        )
    )


def _shown(draft: Draft) -> tuple[int, ...]:
    """Versions that every delegation was shown, with the one that stands."""
    return tuple(dict.fromkeys((*draft.shown, draft.version.number)))


def _propose(held: Held, event: Event) -> None:
    version = Version(number=1, written=canonical(event["composition"]), day=event.day, person=event.person)
    draft = Draft(
        slug=event["draft"],
        organ=event["organ"],
        origin=event.get("origin", ""),
        through=event.get("through", ""),
        author=event.person.place,
        rules=event.get("rules", ""),
        stage=event["stage"],
        versions=(version,),
        moves=(event.move,),
    )
    held.drafts[draft.slug] = draft


def _revise(held: Held, event: Event) -> None:
    draft = held.drafts[event["draft"]]
    version = Version(
        number=draft.version.number + 1,
        written=canonical(event["composition"]),
        day=event.day,
        person=event.person,
        note=event.get("note", ""),
    )
    ruled = {int(number): accepted for number, accepted in event.get("ruled", {}).items()}
    amendments = tuple(replace(item, accepted=ruled.get(item.number, item.accepted)) for item in draft.amendments)
    _moved(held, event, versions=(*draft.versions, version), amendments=amendments)


def _register(held: Held, event: Event) -> None:
    draft = held.drafts[event["draft"]]
    _moved(held, event, through=event.get("through") or draft.through)


def _circulate(held: Held, event: Event) -> None:
    draft = held.drafts[event["draft"]]
    circulated = draft.version.number
    _moved(held, event, circulated=circulated, shown=_shown(draft), deadline=event.date("deadline"), tabled=False)


def _opine(held: Held, event: Event) -> None:
    draft = held.drafts[event["draft"]]
    opinion = Opinion(
        state=event["state"],
        stance=event["stance"],
        version=draft.circulated,
        remarks=MappingProxyType(dict(event.get("remarks", {}))),
        day=event.day,
        person=event.person,
    )
    _moved(held, event, opinions=(*draft.opinions, opinion))


def _amend(held: Held, event: Event) -> None:
    draft = held.drafts[event["draft"]]
    put = ProposedAmendment(
        number=len(draft.amendments) + 1,
        version=draft.version.number,
        amendment=Amendment(**event["amendment"]),
        day=event.day,
        person=event.person,
    )
    _moved(held, event, amendments=(*draft.amendments, put))


def _table(held: Held, event: Event) -> None:
    _moved(held, event, tabled=True, shown=_shown(held.drafts[event["draft"]]))


def _agree(held: Held, event: Event) -> None:
    _moved(held, event, shown=_shown(held.drafts[event["draft"]]))


def _attach_impact(held: Held, event: Event) -> None:
    draft = held.drafts[event["draft"]]
    impact = Impact(version=event["version"], digest=MappingProxyType(dict(event["digest"])), day=event.day)
    held.drafts[draft.slug] = replace(draft, impacts=(*draft.impacts, impact))


def _simple(held: Held, event: Event) -> None:
    _moved(held, event)


def _convene(held: Held, event: Event) -> None:
    session = Session(
        code=event["session"],
        organ=event["organ"],
        day=date.fromisoformat(event["day"]),
        place=event["place"],
        edition=event["edition"],
        chair=event.get("chair", ""),
    )
    held.sessions[session.code] = session


def _open_session(held: Held, event: Event) -> None:
    session = held.sessions[event["session"]]
    present = event.get("present")
    held.sessions[session.code] = replace(session, state="open", present=None if present is None else tuple(present))


def _close_session(held: Held, event: Event) -> None:
    session = held.sessions[event["session"]]
    held.sessions[session.code] = replace(session, state="closed")


def _place(held: Held, event: Event) -> None:
    session = held.sessions[event["session"]]
    item = AgendaItem(
        number=len(session.items) + 1,
        draft=event["draft"],
        discussion=event["discussion"],
        narrow=event["narrow"],
    )
    held.sessions[session.code] = replace(session, items=(*session.items, item))
    _moved(held, event, session=session.code, shown=_shown(held.drafts[event["draft"]]))


def _item_change(held: Held, event: Event) -> None:
    session = held.sessions[event["session"]]
    items = tuple(
        replace(item, discussion=event["discussion"]) if item.draft == event["draft"] else item
        for item in session.items
    )
    held.sessions[session.code] = replace(session, items=items)


def _settled(held: Held, session: str, draft: str, outcome: str, *, note: str = "", referred: str = "") -> None:
    """Note what became of the last item of a draft, why, and to which organ it went."""
    found = held.sessions[session]
    last = found.item(draft)
    made = None if last is None else replace(last, outcome=outcome, note=note, referred=referred)
    items = tuple(made if made and item is last else item for item in found.items)
    held.sessions[session] = replace(found, items=items)


def _postpone(held: Held, event: Event) -> None:
    _settled(held, held.drafts[event["draft"]].session, event["draft"], "postponed", note=event.get("note", ""))
    _moved(held, event, session="")


def _refer(held: Held, event: Event) -> None:
    session, note = held.drafts[event["draft"]].session, event.get("note", "")
    _settled(held, session, event["draft"], "referred", note=note, referred=event["organ"])
    _moved(held, event, session="", organ=event["organ"])


def _open_vote(held: Held, event: Event) -> None:
    session = held.drafts[event["draft"]].session
    _moved(held, event, poll=Poll(session=session, rule=MappingProxyType(event["rule"]), day=event.day))


def _vote(held: Held, event: Event) -> None:
    draft = held.drafts[event["draft"]]
    if draft.poll is None:
        raise ValueError(f"no vote on {draft.slug} is open")
    cast = Vote(
        state=event["state"],
        vote=event["vote"],
        special_opinion=event.get("special_opinion", ""),
        day=event.day,
        person=event.person,
    )
    _moved(held, event, poll=replace(draft.poll, votes=(*draft.poll.votes, cast)))


def _close_vote(held: Held, event: Event) -> None:
    draft = held.drafts[event["draft"]]
    if draft.poll is None:
        raise ValueError(f"no vote on {draft.slug} is open")
    decision = Decision(
        draft=draft.slug,
        session=draft.poll.session,
        organ=draft.organ,
        day=event.day,
        adopted=event["adopted"],
        bound=tuple(event["bound"]),
        share=event["share"],
        reasons=tuple(event["reasons"]),
        votes=draft.poll.votes,
        rule=draft.poll.rule,
    )
    outcome = {True: "adopted", False: "rejected", None: ""}[decision.adopted]
    _settled(held, decision.session, draft.slug, outcome)
    _moved(held, event, poll=None, decisions=(*draft.decisions, decision))


def _report(held: Held, event: Event) -> None:
    draft = held.drafts[event["draft"]]
    decision = Decision(
        draft=draft.slug,
        session=draft.session,
        organ=draft.organ,
        day=event.day,
        adopted=True,
        bound=tuple(event["bound"]),
        share="",
        reasons=(),
        reported=event["source"],
    )
    _settled(held, draft.session, draft.slug, "adopted")
    _moved(held, event, decisions=(*draft.decisions, decision))


def _open_signature(held: Held, event: Event) -> None:
    _moved(held, event, round=SignatureRound(day=event.day, place=event["place"]))


def _sign(held: Held, event: Event) -> None:
    draft = held.drafts[event["draft"]]
    if draft.round is None:
        raise ValueError(f"no signature round of {draft.slug} is open")
    signature = Signature(
        state=event["state"],
        signed=event["signed"],
        statement=event.get("statement", ""),
        reservations=MappingProxyType(dict(event.get("reservations", {}))),
        subject_to_procedures=event.get("subject_to_procedures", False),
        day=event.day,
        person=event.person,
    )
    entry = event.get("instrument", draft.round.entry)
    signatures = (*draft.round.signatures, signature)
    _moved(held, event, round=replace(draft.round, signatures=signatures, entry=entry))


def _close_signature(held: Held, event: Event) -> None:
    draft = held.drafts[event["draft"]]
    if draft.round is None:
        raise ValueError(f"no signature round of {draft.slug} is open")
    entry = event.get("instrument", draft.round.entry)
    _moved(held, event, round=replace(draft.round, closed=True, entry=entry))


def _inform(held: Held, event: Event) -> None:
    draft = held.drafts[event["draft"]]
    if draft.round is not None:
        held.drafts[draft.slug] = replace(draft, round=replace(draft.round, entry=event["instrument"]))


def _certify(held: Held, event: Event) -> None:
    _moved(held, event, copies=MappingProxyType(dict(event["copies"])))


def _assign(held: Held, event: Event) -> None:
    draft = held.drafts[event["draft"]]
    task = Task(
        code=event["task"],
        draft=draft.slug,
        title=event["title"],
        assigned=tuple(event["assigned"]),
        due=event.date("due"),
    )
    held.tasks[task.code] = task
    held.drafts[draft.slug] = replace(draft, tasks=(*draft.tasks, task.code))


def _progress(held: Held, event: Event) -> None:
    task = held.tasks[event["task"]]
    note = (event.day, event.person.name, event.get("note", ""))
    held.tasks[task.code] = replace(task, progress=event["progress"], notes=(*task.notes, note))


HANDLERS: dict[str, Callable[[Held, Event], None]] = {
    "admit": _admit,
    "dismiss": _dismiss,
    "empower": _empower,
    "propose": _propose,
    "revise": _revise,
    "register": _register,
    "circulate": _circulate,
    "opine": _opine,
    "amend": _amend,
    "table": _table,
    "agree": _agree,
    "attach_impact": _attach_impact,
    "convene": _convene,
    "open_session": _open_session,
    "close_session": _close_session,
    "place": _place,
    "item_change": _item_change,
    "postpone": _postpone,
    "refer": _refer,
    "open_vote": _open_vote,
    "vote": _vote,
    "close_vote": _close_vote,
    "report": _report,
    "open_signature": _open_signature,
    "sign": _sign,
    "close_signature": _close_signature,
    "inform": _inform,
    "certify": _certify,
    "assign": _assign,
    "progress": _progress,
    **dict.fromkeys(
        (
            "return",
            "convene_experts",
            "withdraw",
            "enact",
            "deposit",
            "enter_into_force",
            "close",
        ),
        _simple,
    ),
}
"""What each kind of entry does."""
