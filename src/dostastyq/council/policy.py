"""Who may do what, and who sees what: stated once, for the command, the pages and the API.

Somebody acts in the parts that a capacity gives (`parts`), a step asks for one of its parts (the map of the edition
says which, `ACTS` for what no map governs), and what is private is shown by `sees_…` alone.
"""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

from dostastyq.actor import SECRETARIAT, Actor
from dostastyq.council.model import Draft, Move, Opinion
from dostastyq.council.people_model import CAPACITIES
from dostastyq.council.session_model import Session
from dostastyq.errors import DostastyqError

if TYPE_CHECKING:
    from dostastyq.council.chamber import Chamber

PARTS: Final = {
    "head_of_state": frozenset({"state"}),
    "head_of_government": frozenset({"state"}),
    "foreign_minister": frozenset({"state"}),
    "delegate": frozenset({"state"}),
    "expert": frozenset({"expert"}),
    "observer": frozenset[str](),
    "secretary": frozenset({"secretariat"}),
    "auditor": frozenset[str](),
}
"""What each capacity lets somebody do. An observer and an auditor only look."""

NEEDS_NO_FULL_POWERS: Final = frozenset({"head_of_state", "head_of_government", "foreign_minister"})
"""Vienna Convention on the Law of Treaties, Art. 7(2)(a)."""

ACTS: Final = {
    "admit": frozenset({"secretariat"}),
    "dismiss": frozenset({"secretariat"}),
    "empower": frozenset({"secretariat", "state"}),
    "convene": frozenset({"secretariat", "chair"}),
    "open_session": frozenset({"secretariat", "chair"}),
    "close_session": frozenset({"secretariat", "chair"}),
    "item_change": frozenset({"secretariat", "chair", "state"}),
    "attach_impact": frozenset({"secretariat", "state", "expert"}),
    "assign": frozenset({"secretariat", "chair"}),
    "progress": frozenset({"secretariat", "state"}),
    "inform": frozenset({"secretariat", "depositary"}),
}
"""Who may take a step that the Rules leave to the house."""

INSIDE: Final = frozenset({"secretary", "auditor"})
"""Capacities that see everything."""

BEFORE_CIRCULATION: Final = frozenset({"proposed", "registered"})


def parts(person: Actor, *, chair: str = "", depositary: str = "") -> frozenset[str]:
    """Say in which parts somebody acts.

    Parameters
    ----------
    person
        Who, with the capacity as role.
    chair, depositary
        State in the chair, and depositary (a state, an organ, or empty), where the step has them.

    Examples
    --------
    >>> sorted(parts(Actor("A", "KAZ", "delegate"), chair="KAZ"))
    ['chair', 'state']
    >>> sorted(parts(Actor("B", "BLR", "observer"), chair="BLR", depositary="BLR"))
    []
    """
    found = set(PARTS.get(person.role, ()))
    if "state" in found and person.place == chair:
        found.add("chair")
    kept_by_state = len(depositary) == 3 and depositary.isupper()
    of_depositary = "state" in found and person.place == depositary if kept_by_state else "secretariat" in found
    if depositary and of_depositary:
        found.add("depositary")
    return frozenset(found)


def check_part(person: Actor, needed: frozenset[str], held: frozenset[str], what: str) -> None:
    """Refuse what none of somebody's parts may do (``CN210``).

    Examples
    --------
    >>> check_part(Actor("A", "KAZ", "observer"), frozenset({"state"}), frozenset(), "vote")
    Traceback (most recent call last):
    ...
    dostastyq.errors.DostastyqError: A (KAZ, observer) may not vote (who may: state)
    """
    if not needed & held:
        capacity = CAPACITIES.get(person.role, person.role)
        raise DostastyqError(
            "CN210",
            f"{person.name} ({person.place}, {capacity}) may not {what}",
            "who may: " + ", ".join(sorted(needed)),
        )


def admitted(chamber: "Chamber", name: str, on: date) -> Actor:
    """Give somebody as admitted on a day; ``CN211`` for anybody else."""
    admission = chamber.admission(name, on)
    if admission is not None:
        return admission.person
    key = Actor(name).key
    past = [item for item in chamber.admissions if item.person.key == key]
    if past:
        span = "; ".join(f"{item.since} – {item.until or '…'}" for item in past)
        raise DostastyqError(
            "CN211", f"{name} is not admitted on {on} (admitted: {span})", "let the secretariat admit them for the day"
        )
    raise DostastyqError(
        "CN211",
        f"{name!r} is not admitted to the work of the council",
        "the secretariat admits people: dostastyq organ admit NAME --of STATE --capacity delegate",
    )


def sees_draft(person: Actor, draft: Draft) -> bool:
    """Whether somebody sees a draft: its author's people from the start, the others once it was circulated.

    An observer sees it once it stands on an agenda.
    """
    if person.role in INSIDE or (person.place == draft.author and person.role != "observer"):
        return True
    if person.role == "observer":
        return draft.took("place") is not None
    return draft.circulated > 0 or draft.took("place") is not None


def sees_opinion(person: Actor, draft: Draft, opinion: Opinion) -> bool:
    """Whether somebody sees an opinion: its own state, and the others once the table of differences went round."""
    if person.role in INSIDE or (person.place == opinion.state and person.role != "observer"):
        return True
    if person.role == "observer":
        return False
    return opinion.version < draft.circulated or draft.tabled or draft.took("agree") is not None


def sees_item(person: Actor, *, narrow: bool) -> bool:
    """Whether somebody sees an item of an agenda: those of the narrow format are for heads of delegation."""
    return not narrow or person.role not in {"observer", "expert"}


def seen_draft(person: Actor, draft: Draft) -> Draft:
    """Give a draft as somebody may see it: without what others said in confidence."""
    own_text = person.role in INSIDE or (person.place == draft.author and person.role != "observer")
    versions = tuple(version for version in draft.versions if own_text or version.number in draft.shown)
    opinions = tuple(item for item in draft.opinions if sees_opinion(person, draft, item))
    working = person.role != "observer"
    poll = draft.poll
    if poll is not None and person.role not in INSIDE:
        poll = replace(poll, votes=tuple(vote for vote in poll.votes if vote.state == person.place and working))
    return replace(
        draft,
        versions=versions,
        opinions=opinions,
        amendments=draft.amendments if working else (),
        impacts=tuple(item for item in draft.impacts if working and (own_text or item.version in draft.shown)),
        poll=poll,
        moves=tuple(_seen_move(person, move) for move in draft.moves),
    )


_GUESSED = frozenset({"opine", "vote"})
"""Steps that say one of a few words: whoever has the hash of the entry finds the word by trying them."""


def _seen_move(person: Actor, move: Move) -> Move:
    hidden = move.step in _GUESSED and person.role not in INSIDE and move.person.place != person.place
    return replace(move, hash="") if hidden else move


def seen_session(person: Actor, session: Session, chamber: "Chamber") -> Session:
    """Give a session as somebody may see it."""
    items = tuple(
        item
        for item in session.items
        if sees_item(person, narrow=item.narrow)
        and (item.draft not in chamber.drafts or sees_draft(person, chamber.drafts[item.draft]))
    )
    return replace(session, items=items)


def seen(person: Actor, chamber: "Chamber") -> "Chamber":
    """Give what somebody may see of everything.

    Drafts and opinions are private until they are circulated, votes until the vote is closed, and the text of a draft
    that was revised until it goes round again. Full powers are seen by the secretariat and their own state.
    """
    hidden = {slug for slug, draft in chamber.drafts.items() if not sees_draft(person, draft)}
    items = [item for session in chamber.sessions.values() for item in session.items]
    open_ = {item.draft for item in items if sees_item(person, narrow=item.narrow)}
    narrow = {item.draft for item in items} - open_
    drafts = {
        slug: seen_draft(person, draft)
        for slug, draft in chamber.drafts.items()
        if slug not in hidden and (slug not in narrow or person.role == "expert")
    }
    return replace(
        chamber,
        powers=tuple(
            item
            for item in chamber.powers
            if person.role in INSIDE or (item.state == person.place and item.draft in {"", *drafts})
        ),
        drafts=drafts,
        sessions={code: seen_session(person, session, chamber) for code, session in chamber.sessions.items()},
        tasks={code: task for code, task in chamber.tasks.items() if task.draft in drafts},
        viewer=person,
    )


def is_of_secretariat(person: Actor) -> bool:
    """Whether somebody belongs to the secretariat."""
    return person.place == SECRETARIAT and person.role == "secretary"
