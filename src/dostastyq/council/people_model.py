"""Who takes part in a council, in what capacity, and with what powers to sign."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

from dostastyq.actor import Actor
from dostastyq.council.plain import Plain
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
