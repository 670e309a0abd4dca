"""From the entries of the stream ``council`` to the state of a council.

An entry's kind is the step that was taken; its payload has the commonwealth, the day (``on``), who took it (``by``) and
what the step needs. Folding checks nothing: whether a step was allowed was decided before it was recorded, and
`dostastyq.council.replay` decides it again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any, TypeVar

from dostastyq.actor import Actor
from dostastyq.council.composer import Amendment, Composition
from dostastyq.council.model import (
    Admission,
    AgendaItem,
    Decision,
    Draft,
    FullPowers,
    Impact,
    Move,
    Opinion,
    Poll,
    ProposedAmendment,
    Session,
    Signature,
    SignatureRound,
    Task,
    Version,
    Vote,
)
from dostastyq.errors import DostastyqError, nearest
from dostastyq.store import Entry

Content = Mapping[str, Any]
Noun = TypeVar("Noun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chamber:
    """What a council knows at a moment.

    Parameters
    ----------
    admissions, powers
        Who was admitted, and full powers, in the order of recording.
    drafts, sessions, tasks
        By slug or code.
    rehearsal
        Whether it was founded as a rehearsal or a replay of history: the days of steps are then those that are said,
        not those of the clock.
    last_day
        Latest day on which anything was done.
    sequence
        Last entry of the stream that it has seen.
    viewer
        Who sees it so; None for everything.
    """

    admissions: tuple[Admission, ...] = ()
    powers: tuple[FullPowers, ...] = ()
    drafts: Mapping[str, Draft] = field(default_factory=dict)
    sessions: Mapping[str, Session] = field(default_factory=dict)
    tasks: Mapping[str, Task] = field(default_factory=dict)
    rehearsal: bool = False
    last_day: date | None = None
    sequence: int = 0
    viewer: Actor | None = None

    def draft(self, slug: str) -> Draft:
        """Give a draft; ``CN201`` where there is none."""
        return _named(self.drafts, slug, "CN201", "draft")

    def session(self, code: str) -> Session:
        """Give a session; ``CN202`` where there is none."""
        return _named(self.sessions, code, "CN202", "session")

    def task(self, code: str) -> Task:
        """Give a task; ``CN203`` where there is none."""
        return _named(self.tasks, code, "CN203", "task")

    def admission(self, name: str, on: date) -> Admission | None:
        """Give the admission of a person that is valid on a day."""
        key = Actor(name).key
        held = (item for item in reversed(self.admissions) if item.person.key == key and item.holds(on))
        return next(held, None)


def _named(known: Mapping[str, Noun], name: str, code: str, what: str) -> Noun:
    if name not in known:
        hint = (nearest(name, known) if known else "") or f"list what there is: dostastyq {what} list"
        raise DostastyqError(code, f"there is no {what} {name!r}", hint)
    return known[name]


def fold(chamber: Chamber, entries: Iterable[Entry], commonwealth: str) -> Chamber:
    """Add entries to what a council knows.

    Raises
    ------
    DostastyqError
        ``CN204`` for an entry that this version cannot read.

    Examples
    --------
    >>> fold(Chamber(), [], "cis").sequence
    0
    """
    held = _Held(chamber)
    for entry in entries:
        held.sequence = entry.sequence
        found = entry.content
        if found.get("commonwealth") != commonwealth:
            continue
        handler = _HANDLERS.get(entry.kind)
        if handler is None:
            raise _unreadable(entry, f"its kind is {entry.kind!r}")
        try:
            event = _Event(entry, found)
            handler(held, event)
            held.last_day = max(held.last_day or event.day, event.day)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _unreadable(entry, f"{type(error).__name__}: {error}") from error
    return held.frozen()


def _unreadable(entry: Entry, why: str) -> DostastyqError:
    return DostastyqError(
        "CN204", f"entry {entry.sequence} of the council's journal cannot be read: {why}", "install a newer dostastyq"
    )


class _Held:
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


class _Event:
    """One entry while it is read."""

    def __init__(self, entry: Entry, found: Content) -> None:
        self.entry = entry
        self.found = found
        self.day = date.fromisoformat(found["on"])
        self.person = person_of(found["by"])

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 -- JSON
        return self.found[key]

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 -- JSON
        return self.found.get(key, default)

    def date(self, key: str) -> date | None:
        found = self.found.get(key)
        return None if found is None else date.fromisoformat(found)

    @property
    def move(self) -> Move:
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


def _moved(held: _Held, event: _Event, **changed: Any) -> Draft:  # noqa: ANN401 -- fields of Draft
    """Note a step of a draft, with what it changed."""
    draft = held.drafts[event["draft"]]
    moved = replace(draft, stage=event["stage"], moves=(*draft.moves, event.move), **changed)
    held.drafts[draft.slug] = moved
    return moved


def _admit(held: _Held, event: _Event) -> None:
    held.rehearsal = held.rehearsal or event.get("rehearsal", False)
    held.admissions.append(
        Admission(person=person_of(event["person"]), since=event.date("since") or event.day, until=event.date("until"))
    )


def _dismiss(held: _Held, event: _Event) -> None:
    key = Actor(event["name"]).key
    for place, item in enumerate(held.admissions):
        if item.person.key == key and item.holds(event.day):
            held.admissions[place] = replace(item, until=event.day)


def _empower(held: _Held, event: _Event) -> None:
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


def _propose(held: _Held, event: _Event) -> None:
    version = Version(
        number=1, composition=Composition.from_dict(event["composition"]), day=event.day, person=event.person
    )
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


def _revise(held: _Held, event: _Event) -> None:
    draft = held.drafts[event["draft"]]
    version = Version(
        number=draft.version.number + 1,
        composition=Composition.from_dict(event["composition"]),
        day=event.day,
        person=event.person,
        note=event.get("note", ""),
    )
    ruled = {int(number): accepted for number, accepted in event.get("ruled", {}).items()}
    amendments = tuple(replace(item, accepted=ruled.get(item.number, item.accepted)) for item in draft.amendments)
    _moved(held, event, versions=(*draft.versions, version), amendments=amendments)


def _register(held: _Held, event: _Event) -> None:
    draft = held.drafts[event["draft"]]
    _moved(held, event, through=event.get("through") or draft.through)


def _circulate(held: _Held, event: _Event) -> None:
    draft = held.drafts[event["draft"]]
    circulated = draft.version.number
    _moved(held, event, circulated=circulated, shown=_shown(draft), deadline=event.date("deadline"), tabled=False)


def _opine(held: _Held, event: _Event) -> None:
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


def _amend(held: _Held, event: _Event) -> None:
    draft = held.drafts[event["draft"]]
    put = ProposedAmendment(
        number=len(draft.amendments) + 1,
        version=draft.version.number,
        amendment=Amendment(**event["amendment"]),
        day=event.day,
        person=event.person,
    )
    _moved(held, event, amendments=(*draft.amendments, put))


def _table(held: _Held, event: _Event) -> None:
    _moved(held, event, tabled=True, shown=_shown(held.drafts[event["draft"]]))


def _agree(held: _Held, event: _Event) -> None:
    _moved(held, event, shown=_shown(held.drafts[event["draft"]]))


def _attach_impact(held: _Held, event: _Event) -> None:
    draft = held.drafts[event["draft"]]
    impact = Impact(version=event["version"], digest=MappingProxyType(dict(event["digest"])), day=event.day)
    held.drafts[draft.slug] = replace(draft, impacts=(*draft.impacts, impact))


def _simple(held: _Held, event: _Event) -> None:
    _moved(held, event)


def _convene(held: _Held, event: _Event) -> None:
    session = Session(
        code=event["session"],
        organ=event["organ"],
        day=date.fromisoformat(event["day"]),
        place=event["place"],
        edition=event["edition"],
        chair=event.get("chair", ""),
    )
    held.sessions[session.code] = session


def _open_session(held: _Held, event: _Event) -> None:
    session = held.sessions[event["session"]]
    present = event.get("present")
    held.sessions[session.code] = replace(session, state="open", present=None if present is None else tuple(present))


def _close_session(held: _Held, event: _Event) -> None:
    session = held.sessions[event["session"]]
    held.sessions[session.code] = replace(session, state="closed")


def _place(held: _Held, event: _Event) -> None:
    session = held.sessions[event["session"]]
    item = AgendaItem(
        number=len(session.items) + 1,
        draft=event["draft"],
        discussion=event["discussion"],
        narrow=event["narrow"],
    )
    held.sessions[session.code] = replace(session, items=(*session.items, item))
    _moved(held, event, session=session.code, shown=_shown(held.drafts[event["draft"]]))


def _item_change(held: _Held, event: _Event) -> None:
    session = held.sessions[event["session"]]
    items = tuple(
        replace(item, discussion=event["discussion"]) if item.draft == event["draft"] else item
        for item in session.items
    )
    held.sessions[session.code] = replace(session, items=items)


def _settled(held: _Held, session: str, draft: str, outcome: str, *, note: str = "", referred: str = "") -> None:
    """Note what became of the last item of a draft, why, and to which organ it went."""
    found = held.sessions[session]
    last = found.item(draft)
    made = None if last is None else replace(last, outcome=outcome, note=note, referred=referred)
    items = tuple(made if made and item is last else item for item in found.items)
    held.sessions[session] = replace(found, items=items)


def _postpone(held: _Held, event: _Event) -> None:
    _settled(held, held.drafts[event["draft"]].session, event["draft"], "postponed", note=event.get("note", ""))
    _moved(held, event, session="")


def _refer(held: _Held, event: _Event) -> None:
    session, note = held.drafts[event["draft"]].session, event.get("note", "")
    _settled(held, session, event["draft"], "referred", note=note, referred=event["organ"])
    _moved(held, event, session="", organ=event["organ"])


def _open_vote(held: _Held, event: _Event) -> None:
    session = held.drafts[event["draft"]].session
    _moved(held, event, poll=Poll(session=session, rule=MappingProxyType(event["rule"]), day=event.day))


def _vote(held: _Held, event: _Event) -> None:
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


def _close_vote(held: _Held, event: _Event) -> None:
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


def _report(held: _Held, event: _Event) -> None:
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


def _open_signature(held: _Held, event: _Event) -> None:
    _moved(held, event, round=SignatureRound(day=event.day, place=event["place"]))


def _sign(held: _Held, event: _Event) -> None:
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


def _close_signature(held: _Held, event: _Event) -> None:
    draft = held.drafts[event["draft"]]
    if draft.round is None:
        raise ValueError(f"no signature round of {draft.slug} is open")
    _moved(held, event, round=replace(draft.round, closed=True))


def _certify(held: _Held, event: _Event) -> None:
    _moved(held, event, copies=MappingProxyType(dict(event["copies"])))


def _assign(held: _Held, event: _Event) -> None:
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


def _progress(held: _Held, event: _Event) -> None:
    task = held.tasks[event["task"]]
    note = (event.day, event.person.name, event.get("note", ""))
    held.tasks[task.code] = replace(task, progress=event["progress"], notes=(*task.notes, note))


_HANDLERS: dict[str, Callable[[_Held, _Event], None]] = {
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
