"""What a stream ``council`` says, kept as plainly as it can be: claims are taken down, and judged elsewhere."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, cast

from dostastyq.actor import Actor
from dostastyq.council.composer import Composition
from dostastyq.register import Register
from dostastyq.register.journal import extended
from dostastyq.store import Entry, Journal


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of the stream.

    Parameters
    ----------
    entry
        As recorded.
    found
        Its payload.
    day
        Day of the step.
    person
        Who it says took the step.
    """

    entry: Entry
    found: Mapping[str, Any]
    day: date
    person: Actor

    @classmethod
    def of(cls, entry: Entry, found: Mapping[str, Any]) -> "Line":
        """Read an entry."""
        by = found["by"]
        return cls(entry, found, date.fromisoformat(found["on"]), Actor(by["name"], by["place"], by["role"]))

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 -- JSON
        return self.found[key]

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 -- JSON
        """Give a part of the payload."""
        return self.found.get(key, default)

    def date(self, key: str) -> date | None:
        """Give a day of the payload."""
        return date.fromisoformat(self.found[key]) if self.found.get(key) else None


@dataclass(slots=True)
class Span:
    """Something that somebody holds for a time: an admission, or full powers.

    Parameters
    ----------
    person
        Who.
    since, until
        First day, and first day no longer.
    draft
        Of full powers, the draft they are for; empty for every one.
    """

    person: Actor
    since: date
    until: date | None
    draft: str = ""

    def holds(self, on: date) -> bool:
        """Whether it is held on a day."""
        return self.since <= on and (self.until is None or on < self.until)


@dataclass(slots=True)
class Meeting:
    """A session."""

    organ: str
    day: date
    chair: str
    state: str = "convened"
    present: tuple[str, ...] | None = None
    agenda: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Poll:
    """A vote: who may cast one, and what was cast."""

    rule: Mapping[str, Any]
    session: str
    day: date
    votes: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Signing:
    """A signature round: day, place, what each state did, the register's entry, and statements not yet in it."""

    day: date
    place: str
    answers: dict[str, bool] = field(default_factory=dict)
    entry: int | None = None
    unsaid: list[tuple[str, str]] = field(default_factory=list)

    @property
    def signatories(self) -> list[str]:
        """Who signed."""
        return [state for state, signed in self.answers.items() if signed]


@dataclass(slots=True)
class File:
    """A draft."""

    slug: str
    organ: str
    origin: str
    through: str
    author: str
    rules: str
    stage: str = ""
    texts: list[tuple[Mapping[str, Any], date]] = field(default_factory=list)
    steps: list[tuple[str, date]] = field(default_factory=list)
    circulated: int = 0
    deadline: date | None = None
    stances: dict[tuple[int, str], str] = field(default_factory=dict)
    impacts: set[int] = field(default_factory=set)
    ruled: list[bool | None] = field(default_factory=list)
    session: str = ""
    poll: Poll | None = None
    sealed: tuple[bool | None, Poll | None] | None = None
    bound: tuple[str, ...] = ()
    signing: Signing | None = None
    tasks: list[str] = field(default_factory=list)

    @property
    def text(self) -> Mapping[str, Any]:
        """The text as it stands, as plain data."""
        return self.texts[-1][0]

    @property
    def composition(self) -> Composition:
        """The text as it stands."""
        return composed(self.text)

    def last(self, step: str) -> date | None:
        """Day on which it last took a step."""
        return next((day for code, day in reversed(self.steps) if code == step), None)

    def seen_by(self, person: Actor) -> bool:
        """Whether somebody knew of it: what was not circulated is its author's and the secretariat's."""
        if person.role in {"secretary", "auditor"} or (person.place == self.author and person.role != "observer"):
            return True
        placed = self.last("place") is not None
        return placed if person.role == "observer" else placed or self.circulated > 0


def composed(text: Mapping[str, Any]) -> Composition:
    """Read a text from plain data."""
    return _composed(json.dumps(text, sort_keys=True))


@lru_cache(maxsize=256)
def _composed(text: str) -> Composition:
    return Composition.from_dict(json.loads(text))


@dataclass(slots=True)
class Book:
    """Everything that was read so far.

    Parameters
    ----------
    commonwealth
        Whose council it is.
    base
        The register without anything recorded.
    recorded
        Entries of the stream ``register``.
    """

    commonwealth: str
    base: Register
    recorded: tuple[Entry, ...]
    rehearsal: bool = False
    admissions: list[Span] = field(default_factory=list)
    powers: list[Span] = field(default_factory=list)
    meetings: dict[str, Meeting] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    tasks: dict[str, tuple[tuple[str, ...], int]] = field(default_factory=dict)
    _laws: dict[int, Register] = field(default_factory=dict)

    def laws(self, line: Line) -> tuple[Register, ...]:
        """Give the law as recorded when a line was, and the newest.

        Two, because streams keep their own time: where a clock went back, what came first in one may look later than
        what followed it in the other.
        """
        then = sum(entry.recorded_at <= line.entry.recorded_at for entry in self.recorded)
        return tuple(self._law(count) for count in dict.fromkeys((then, len(self.recorded))))

    def _law(self, count: int) -> Register:
        if count not in self._laws:
            only = _Reader(self.recorded[:count])
            self._laws[count] = extended(self.base, cast("Journal", only)) if count else self.base
        return self._laws[count]

    def registered(self, sequence: object) -> Entry | None:
        """Give an entry of the register by its sequence."""
        return next((entry for entry in self.recorded if entry.sequence == sequence), None)

    def admitted(self, person: Actor, on: date) -> Actor | None:
        """Give somebody as admitted on a day."""
        held = (span.person for span in reversed(self.admissions) if span.person.key == person.key and span.holds(on))
        return next(held, None)


@dataclass(frozen=True, slots=True)
class _Reader:
    """The part of a journal that the register asks for, cut off at some entry."""

    entries: tuple[Entry, ...]

    def read(self, stream: str) -> tuple[Entry, ...]:  # noqa: ARG002 -- the journal's own form
        """Give the entries."""
        return self.entries
