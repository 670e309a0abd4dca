"""The nouns of a council: who takes part, drafts and what states say of them, sessions, decisions, signatures, tasks.

All are frozen. What happened is in the journal (`dostastyq.council.fold`), and each noun is what the journal says of it
at a moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from typing import Any, Final, Literal, TypeAlias

from dostastyq.actor import Actor
from dostastyq.council.composer import Amendment, Composition
from dostastyq.dates import Truth
from dostastyq.i18n import message

Capacity: TypeAlias = Literal[
    "head_of_state",
    "head_of_government",
    "foreign_minister",
    "delegate",
    "expert",
    "observer",
    "secretary",
    "auditor",
]
CAPACITIES: Final = {
    "head_of_state": message("head of state"),
    "head_of_government": message("head of government"),
    "foreign_minister": message("minister of foreign affairs"),
    "delegate": message("delegate"),
    "expert": message("expert"),
    "observer": message("observer"),
    "secretary": message("officer of the secretariat"),
    "auditor": message("auditor"),
}
"""In what capacity somebody takes part; the first three need no full powers (Vienna Convention, Art. 7(2)(a))."""

Stance: TypeAlias = Literal["agree", "remarks", "object", "not_interested"]
STANCES: Final = {
    "agree": message("agrees"),
    "remarks": message("agrees with remarks"),
    "object": message("objects"),
    "not_interested": message("not interested"),
}
"""What a state says of a draft that was circulated to it; silence is no opinion."""

SessionState: TypeAlias = Literal["convened", "open", "closed"]
SESSION_STATES: Final = {
    "convened": message("convened"),
    "open": message("in session"),
    "closed": message("ended"),
}


def plain(value: object) -> Any:  # noqa: ANN401 -- JSON
    """Turn a noun into plain data for JSON."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [plain(item) for item in value]
    return value


class Plain:
    """A noun that turns into plain data."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {item.name: plain(getattr(self, item.name)) for item in fields(self)}  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission(Plain):
    """Somebody who was admitted to the work of the council.

    Parameters
    ----------
    person
        Name, place and capacity (the actor's role).
    since, until
        First day, and first day no longer; None while it lasts.
    """

    person: Actor
    since: date
    until: date | None = None

    def holds(self, on: date) -> bool:
        """Whether it is valid on a day."""
        return self.since <= on and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class FullPowers(Plain):
    """A document by which a state names who may sign for it (Vienna Convention on the Law of Treaties, Art. 2(1)(c)).

    Parameters
    ----------
    state, person
        Code of the state, and the name of the person.
    draft
        Slug of the draft; empty for every draft.
    since, until
        First day, and first day no longer; None while they last.
    basis
        The document, as a reader would cite it.
    """

    state: str
    person: str
    draft: str
    since: date
    until: date | None
    basis: str

    def cover(self, person: Actor, draft: str) -> bool:
        """Whether they are for a person and a draft, on whatever day."""
        named = Actor(self.person, self.state).key == person.key and self.state == person.place
        return named and self.draft in {"", draft}

    def hold(self, on: date) -> bool:
        """Whether they are valid on a day."""
        return self.since <= on and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(Plain):
    """A version of a draft's text.

    Parameters
    ----------
    number
        From 1.
    composition
        Text and machine-readable form.
    day, person
        When, and who made it.
    note
        Why it differs from the one before.
    """

    number: int
    composition: Composition
    day: date
    person: Actor
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion(Plain):
    """What a state says of a version of a draft.

    Parameters
    ----------
    state, stance
        Who says what.
    version
        The version that was circulated to it.
    remarks
        Remarks by number of paragraph; the empty number is the whole.
    day, person
        When, and who said it for the state.
    """

    state: str
    stance: Stance
    version: int
    remarks: Mapping[str, str]
    day: date
    person: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedAmendment(Plain):
    """An amendment of a paragraph that somebody put to the experts.

    Parameters
    ----------
    number
        From 1, over all rounds.
    version
        The version that it would amend.
    amendment
        The amendment.
    day, person
        When, and who proposed it.
    accepted
        None until the secretariat recorded what the experts made of it.
    """

    number: int
    version: int
    amendment: Amendment
    day: date
    person: Actor
    accepted: Truth = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact(Plain):
    """What an assessment says of a version of a draft, for the delegations to see before they answer.

    Parameters
    ----------
    version
        The version that was assessed.
    digest
        Gains and losses by member, as `dostastyq.council.impact.digest` gives them.
    day
        When it was attached.
    """

    version: int
    digest: Mapping[str, Any]
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Plain):
    """A step that a draft took.

    Parameters
    ----------
    step, day, person
        Code of the step, when, and who took it.
    stage
        Stage it led to.
    edition
        Code of the edition of the Rules under which it was taken.
    entry, hash
        Sequence and hash of its entry in the stream ``council``.
    """

    step: str
    day: date
    person: Actor
    stage: str
    edition: str
    entry: int
    hash: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote(Plain):
    """A ballot as it was cast.

    Parameters
    ----------
    state, vote
        Who, and the word of a `dostastyq.voting.Vote`.
    special_opinion
        What the state had put into the minutes with it.
    day, person
        When, and who cast it.
    """

    state: str
    vote: str
    special_opinion: str
    day: date
    person: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll(Plain):
    """A vote that was opened: the rule, the voters and their votes are frozen with it.

    Parameters
    ----------
    session
        Session at which it is held.
    rule
        The rule as plain data (see `dostastyq.council.ballots`), as it was when the vote opened.
    day
        When it opened.
    votes
        Ballots cast so far.
    """

    session: str
    rule: Mapping[str, Any]
    day: date
    votes: tuple[Vote, ...] = ()

    @property
    def voters(self) -> tuple[str, ...]:
        """Who may vote."""
        return tuple(self.rule["voters"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Plain):
    """What a body decided on a draft.

    Parameters
    ----------
    draft, session, organ
        What, where and who.
    day
        When.
    adopted
        Whether it was adopted; None where sources disagree on the rule and it matters.
    bound
        Who is bound by the decision.
    share
        Share of the counted votes that was for it, as a fraction; empty where none counted.
    reasons
        Why, one sentence each.
    votes
        The ballots; empty for a reported result.
    rule
        The frozen rule; empty for a reported result.
    reported
        Source of a result whose ballots were not seen; empty for a vote that was held here.
    """

    draft: str
    session: str
    organ: str
    day: date
    adopted: Truth
    bound: tuple[str, ...]
    share: str
    reasons: tuple[str, ...]
    votes: tuple[Vote, ...] = ()
    rule: Mapping[str, Any] = field(default_factory=dict)
    reported: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature(Plain):
    """What a state did in a signature round.

    Parameters
    ----------
    state
        Code.
    signed
        Whether it signed; a state that declined is in the round too.
    statement
        What it had put on record: a special opinion, or why it did not sign.
    reservations
        Text of reservations by provision, e.g. ``{"Art. 4": "…"}``.
    subject_to_procedures
        Whether it signed subject to its internal procedures.
    day, person
        When, and who signed.
    """

    state: str
    signed: bool
    statement: str
    reservations: Mapping[str, str]
    subject_to_procedures: bool
    day: date
    person: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRound(Plain):
    """A round in which states sign a text that was adopted.

    Parameters
    ----------
    day, place
        When and where it is held.
    signatures
        What each state did.
    entry
        Sequence of the instrument's entry in the stream ``register``; 0 before the first signature.
    closed
        Whether it is over.
    """

    day: date
    place: str
    signatures: tuple[Signature, ...] = ()
    entry: int = 0
    closed: bool = False

    @property
    def signatories(self) -> tuple[str, ...]:
        """States that signed, in order."""
        return tuple(each.state for each in self.signatures if each.signed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(Plain):
    """A draft on its way through the council.

    Parameters
    ----------
    slug
        Stable name; that of the instrument it becomes.
    organ
        Body that is to decide.
    origin, through
        Body whose draft it is, empty for that of a state; and the statutory organ through which it came.
    author
        State whose draft it is, or ``"secretariat"``.
    rules
        Edition of the Rules that was asked for; empty for the one in force on the day of each step.
    stage
        Where it stands.
    versions
        Its texts.
    moves
        Every step it took.
    deadline
        Day until which states answer; None before it is circulated.
    circulated
        Version that was circulated last; 0 for none.
    shown
        Versions that every delegation was shown: circulated, tabled, agreed on or placed on an agenda.
    tabled
        Whether the table of differences of that version was circulated.
    opinions
        Of every version.
    amendments, impacts
        As put and attached.
    session
        Session on whose agenda it is; empty for none.
    poll, decisions
        The open vote, and every decision taken on it.
    round
        Its signature round.
    tasks
        Codes of the tasks that follow from it.
    copies
        SHA-256 of its certified text, by language.
    """

    slug: str
    organ: str
    origin: str
    through: str
    author: str
    rules: str
    stage: str
    versions: tuple[Version, ...]
    moves: tuple[Move, ...] = ()
    deadline: date | None = None
    circulated: int = 0
    shown: tuple[int, ...] = ()
    tabled: bool = False
    opinions: tuple[Opinion, ...] = ()
    amendments: tuple[ProposedAmendment, ...] = ()
    impacts: tuple[Impact, ...] = ()
    session: str = ""
    poll: Poll | None = None
    decisions: tuple[Decision, ...] = ()
    round: SignatureRound | None = None
    tasks: tuple[str, ...] = ()
    copies: Mapping[str, str] = field(default_factory=dict)

    @property
    def version(self) -> Version:
        """The text as it stands."""
        return self.versions[-1]

    @property
    def composition(self) -> Composition:
        """Text and form as they stand."""
        return self.version.composition

    @property
    def impact(self) -> Impact | None:
        """What was assessed of the text as it stands; None for nothing."""
        return next((item for item in reversed(self.impacts) if item.version == self.version.number), None)

    @property
    def decision(self) -> Decision | None:
        """The last decision on it."""
        return self.decisions[-1] if self.decisions else None

    @property
    def current_opinions(self) -> Mapping[str, Opinion]:
        """Opinions on the version that was circulated last, by state; the later one of a state stands."""
        return {item.state: item for item in self.opinions if item.version == self.circulated}

    def took(self, step: str) -> Move | None:
        """Give the last time it took a step."""
        return next((move for move in reversed(self.moves) if move.step == step), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaItem(Plain):
    """An item on the agenda of a session.

    Parameters
    ----------
    number
        From 1, in the order of the agenda.
    draft
        Slug of the draft.
    discussion
        Whether it is discussed; items without discussion are voted on as they are.
    narrow
        Whether it is for the narrow format, in which only heads of delegation and the secretariat sit.
    outcome
        Empty until ``"adopted"``, ``"rejected"``, ``"postponed"`` or ``"referred"``.
    note, referred
        Why it was postponed or referred, and the organ to which it was referred.
    """

    number: int
    draft: str
    discussion: bool
    narrow: bool
    outcome: str = ""
    note: str = ""
    referred: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session(Plain):
    """A session of a body.

    Parameters
    ----------
    code
        ``organ/day``, e.g. ``"chs/1997-10-23"``.
    organ, day, place
        Who meets, when and where.
    edition
        Code of the edition of the Rules under which it is held.
    chair
        State in the chair; empty where not known.
    state
        Convened, open or closed.
    items
        Its agenda.
    present
        States whose delegations are there; None where attendance was not taken.
    """

    code: str
    organ: str
    day: date
    place: str
    edition: str
    chair: str
    state: SessionState = "convened"
    items: tuple[AgendaItem, ...] = ()
    present: tuple[str, ...] | None = None

    def item(self, draft: str) -> AgendaItem | None:
        """Give the item of a draft."""
        return next((item for item in reversed(self.items) if item.draft == draft), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Plain):
    """What somebody has to do after a decision.

    Parameters
    ----------
    code
        ``draft#number``.
    draft, title
        What it follows from, and what is to be done.
    assigned
        States, or ``"secretariat"``.
    due
        Day by which it is due; None for none.
    progress
        Per cent done.
    notes
        What was reported, with the day and who reported it.
    """

    code: str
    draft: str
    title: str
    assigned: tuple[str, ...]
    due: date | None
    progress: int = 0
    notes: tuple[tuple[date, str, str], ...] = ()

    @property
    def done(self) -> bool:
        """Whether it is done."""
        return self.progress == 100
