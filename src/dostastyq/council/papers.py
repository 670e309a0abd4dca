"""The papers of a council as plain records: what an agenda, a table of differences, minutes and a copy say.

`dostastyq.council.records` makes them from what somebody may see; `dostastyq.report.council` prints them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dostastyq.council.plain import Plain
from dostastyq.dates import Truth

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body(Plain):
    """An organ as a paper names it.

    Parameters
    ----------
    code, name
        Code, and name by language; the code stands for a name that the register does not have.
    """

    code: str
    name: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting(Plain):
    """A session as the head of a paper names it.

    Parameters
    ----------
    code, organ, day, place
        Which, whose, when and where.
    edition, rules
        Code of the edition of the Rules, and its name by language.
    chair
        State in the chair; empty where not known.
    state
        Convened, open or closed.
    present, absent
        States whose delegations are there, and members of the body whose are not; None where attendance was not taken.
    """

    code: str
    organ: Body
    day: date
    place: str
    edition: str
    rules: Texts
    chair: str
    state: str
    present: tuple[str, ...] | None
    absent: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaLine(Plain):
    """An item of an agenda.

    Parameters
    ----------
    number, draft, title
        Place on the agenda, slug, and title by language.
    author, origin, through
        Whose draft it is: a state or the secretariat, a sector council, and the organ through which it came.
    stage
        What the stage where it stands is called, by language.
    discussion, narrow
        Whether it is discussed, and whether in the narrow format.
    version, deadline
        Version on the table, and day until which states could answer.
    opinions
        How many states said what, of those asked; None where the reader may not see it.
    asked
        How many states were asked.
    impact
        Whether an assessment is attached.
    outcome
        Empty until it is settled.
    """

    number: int
    draft: str
    title: Texts
    author: str
    origin: Body | None
    through: Body | None
    stage: Texts
    discussion: bool
    narrow: bool
    version: int
    deadline: date | None
    opinions: Mapping[str, int] | None
    asked: int
    impact: bool
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaPaper(Plain):
    """The agenda of a session.

    Parameters
    ----------
    session, items
        The session, and what is on its agenda.
    """

    session: Sitting
    items: tuple[AgendaLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Plain):
    """What a state answered to a draft that was circulated.

    Parameters
    ----------
    state
        Who.
    stance
        Its opinion; None for no reply, or where it is not shown.
    shown
        Whether the reader may see it.
    day, person
        When, and who said it.
    remark
        Its remark on the whole.
    """

    state: str
    stance: str | None
    shown: bool
    day: date | None = None
    person: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentLine(Plain):
    """An amendment in a table of differences.

    Parameters
    ----------
    number, proposer, version
        Its number, who proposed it, and the version that it would amend.
    kind, text, values
        As of `dostastyq.council.Amendment`.
    accepted
        None until the experts ruled.
    """

    number: int
    proposer: str
    version: int
    kind: str
    text: Texts
    values: Mapping[str, Any]
    accepted: Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceLine(Plain):
    """What is said of one paragraph.

    Parameters
    ----------
    paragraph
        Its number; ``"title"`` for the title, a number without a point for an article.
    heading
        Heading of its article by language.
    text
        Text of the circulated version by language; empty for a paragraph that is not in it.
    remarks
        State and what it remarked.
    amendments
        Amendments put on it.
    """

    paragraph: str
    heading: Texts
    text: Texts
    remarks: tuple[tuple[str, str], ...]
    amendments: tuple[AmendmentLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferencesPaper(Plain):
    """The table of differences of a draft.

    Parameters
    ----------
    draft, title, organ, author
        Which draft, of whom, and who is to decide.
    version, day, deadline
        The version that was circulated, when, and until when states answer.
    tabled
        Whether the table went round: until then a delegation sees its own opinion alone.
    answers
        What each state that was asked answered.
    rows
        Paragraphs of which something is said.
    untouched
        How many paragraphs nobody said anything of, as far as shown.
    """

    draft: str
    title: Texts
    organ: Body
    author: str
    version: int
    day: date
    deadline: date | None
    tabled: bool
    answers: tuple[Answer, ...]
    rows: tuple[DifferenceLine, ...]
    untouched: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotLine(Plain):
    """The vote of a voter.

    Parameters
    ----------
    state, vote
        Who, and what the vote counted as.
    cast
        Whether it was cast; otherwise it is what the edition makes of silence.
    weight
        Its votes where votes are weighed; empty otherwise.
    bound
        Whether the decision binds it.
    person, special_opinion
        Who voted, and what went into the minutes.
    """

    state: str
    vote: str
    cast: bool
    weight: str
    bound: bool
    person: str
    special_opinion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPaper(Plain):
    """A decision: rule, votes, result.

    Parameters
    ----------
    draft, title, organ, session
        What was decided, by whom and where; the session is None for one that the reader may not see.
    day
        When.
    adopted, bound, share
        The result as it was sealed.
    reasons
        Why, recomputed from the frozen rule, so that each can be said in the reader's language.
    rule
        The frozen rule (see `dostastyq.council.ballots`); empty for a reported result.
    ballots
        Every voter; empty for a reported result.
    reported
        Source of a result whose ballots were not seen.
    entry, hash
        Its entry in the journal of the council.
    """

    draft: str
    title: Texts
    organ: Body
    session: Sitting | None
    day: date
    adopted: Truth
    bound: tuple[str, ...]
    share: str
    reasons: tuple[str, ...]
    rule: Mapping[str, Any]
    ballots: tuple[BallotLine, ...]
    reported: str
    entry: int
    hash: str

    def voted(self, vote: str) -> tuple[str, ...]:
        """Who voted so."""
        return tuple(item.state for item in self.ballots if item.vote == vote)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine(Plain):
    """What a state did in a signature round; fields as of `dostastyq.council.Signature`."""

    state: str
    signed: bool
    day: date
    person: str
    statement: str
    reservations: Mapping[str, str]
    subject_to_procedures: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesLine(Plain):
    """An item of the minutes.

    Parameters
    ----------
    number, draft, title, discussion, narrow, outcome
        As of the agenda.
    note, referred
        Why it was postponed or referred, and to which organ.
    voting
        Whether a vote on it is open: its votes are not shown.
    decisions
        What was decided on it at this session.
    signatures
        What states did in a signature round held on the day of the session.
    """

    number: int
    draft: str
    title: Texts
    discussion: bool
    narrow: bool
    outcome: str
    note: str
    referred: Body | None
    voting: bool
    decisions: tuple[DecisionPaper, ...]
    signatures: tuple[SignatureLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesPaper(Plain):
    """The minutes of a session.

    Parameters
    ----------
    session, items
        The session, and what became of each item.
    """

    session: Sitting
    items: tuple[MinutesLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyArticle(Plain):
    """An article of a certified copy: number (0 is the preamble), heading, and paragraphs as number and text."""

    number: int
    heading: str
    paragraphs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedCopy(Plain):
    """A certified copy of a text that was signed.

    Parameters
    ----------
    draft, title, organ, language
        Which text, and in which of its languages.
    articles
        The text.
    signed, place, signatures
        When and where it was signed, and what each state did; None and empty without a signature round.
    depositary
        An organ, or None for a state or for nobody.
    depositary_state
        Code of the state that keeps it; empty otherwise.
    certified, certifier, certifier_place
        When and by whom it was certified.
    sha256
        Of its Akoma Ntoso form, as it was sealed.
    agrees
        Whether the text printed here still gives that figure.
    entry, hash
        Entry of the journal of the council that sealed it.
    """

    draft: str
    title: Texts
    organ: Body
    language: str
    articles: tuple[CopyArticle, ...]
    signed: date | None
    place: str
    signatures: tuple[SignatureLine, ...]
    depositary: Body | None
    depositary_state: str
    certified: date
    certifier: str
    certifier_place: str
    sha256: str
    agrees: bool
    entry: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLine(Plain):
    """A task.

    Parameters
    ----------
    code, draft, draft_title, title
        Which, what it follows from, and what is to be done.
    assigned, due, progress
        Who does it, until when, and per cent done.
    late
        Whether the day has passed and it is not done; None where no day is asked or set.
    notes
        Day, person and what was reported.
    """

    code: str
    draft: str
    draft_title: Texts
    title: str
    assigned: tuple[str, ...]
    due: date | None
    progress: int
    late: Truth
    notes: tuple[tuple[date, str, str], ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPaper(Plain):
    """A table of tasks.

    Parameters
    ----------
    on
        Day for which lateness is said; None for no day.
    draft_title
        Title of the draft that it is confined to; empty for all.
    tasks
        In the order of the days they are due.
    """

    on: date | None
    draft_title: Texts
    tasks: tuple[TaskLine, ...]


Paper = AgendaPaper | DifferencesPaper | DecisionPaper | MinutesPaper | CertifiedCopy | TaskPaper
"""Anything that can be printed."""
