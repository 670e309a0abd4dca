"""The nouns of a draft: its texts, what states say of it, the steps it took, and the tasks that follow.

All nouns are frozen. What happened is in the journal (`dostastyq.council.fold`), and each noun is what the journal
says of it at a moment.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias

from dostastyq.actor import Actor
from dostastyq.council.composer import Amendment, Composition
from dostastyq.council.plain import Plain, plain
from dostastyq.council.session_model import Decision, Poll, SignatureRound
from dostastyq.dates import Truth
from dostastyq.i18n import message

Stance: TypeAlias = Literal["agree", "remarks", "object", "not_interested"]


STANCES: Final = {
    "agree": message("agrees"),
    "remarks": message("agrees with remarks"),
    "object": message("objects"),
    "not_interested": message("not interested"),
}
"""What a state says of a draft that was circulated to it; silence is no opinion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(Plain):
    """A version of a draft's text.

    Parameters
    ----------
    number
        From 1.
    written
        Text and machine-readable form as the journal has them, in JSON; read when they are asked for.
    day, person
        When, and who made it.
    note
        Why it differs from the one before.
    """

    number: int
    written: str
    day: date
    person: Actor
    note: str = ""

    @property
    def composition(self) -> Composition:
        """Text and machine-readable form."""
        return _composition(self.written)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        found = {name: plain(getattr(self, name)) for name in ("number", "day", "person", "note")}
        return {**found, "composition": json.loads(self.written)}


@lru_cache(maxsize=256)
def _composition(written: str) -> Composition:
    return Composition.from_dict(json.loads(written))


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
