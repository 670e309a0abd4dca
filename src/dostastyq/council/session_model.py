"""The nouns of a session: its agenda, votes and decisions, and the signature round that may follow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, TypeAlias

from dostastyq.actor import Actor
from dostastyq.council.plain import Plain
from dostastyq.dates import Truth
from dostastyq.i18n import message

SessionState: TypeAlias = Literal["convened", "open", "closed"]


SESSION_STATES: Final = {
    "convened": message("convened"),
    "open": message("in session"),
    "closed": message("ended"),
}


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
