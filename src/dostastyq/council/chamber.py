"""What a council knows at a moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from dostastyq.actor import Actor
from dostastyq.council.model import Draft, Task
from dostastyq.council.people_model import Admission, FullPowers
from dostastyq.council.session_model import Session
from dostastyq.errors import DostastyqError, nearest

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
