"""Who takes part: admissions to the work of the council, and full powers to sign."""

from dataclasses import dataclass
from datetime import date

from dostastyq.actor import SECRETARIAT, Actor
from dostastyq.council.chamber import Chamber
from dostastyq.council.desk import Desk
from dostastyq.council.people_model import CAPACITIES, Admission, FullPowers
from dostastyq.council.policy import PARTS, is_of_secretariat
from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError, nearest

WITHOUT_STATE = frozenset({"secretary", "auditor"})
"""Capacities in which somebody acts for no state."""


@dataclass(frozen=True, slots=True)
class People:
    """Admissions and full powers.

    Parameters
    ----------
    desk
        Where steps are taken.
    """

    desk: Desk

    def admit(
        self,
        name: str,
        place: str,
        capacity: str,
        *,
        by: str,
        since: str | date | None = None,
        until: str | date | None = None,
        rehearsal: bool = False,
        on: str | date | None = None,
    ) -> Admission:
        """Admit somebody to the work of the council. The first admission founds it: by themselves, as a secretary.

        Parameters
        ----------
        name, place, capacity
            Who, the code of their state or ``"secretariat"``, and one of ``CAPACITIES``.
        by
            Name of who admits.
        since, until
            First day, the day of the step by default, and first day no longer.
        rehearsal
            With the first admission only: days are as they are said, for a rehearsal or a replay of history.
        on
            Day of the step.

        Raises
        ------
        DostastyqError
            ``CN210``, ``CN211`` who may not, ``CN213`` a capacity that is none or does not fit the place, ``CN214`` a
            council founded otherwise, ``RG002`` an unknown state, ``AC001``, ``AC002`` a name or place that is none.
        """
        person = Actor(name, place, _capacity(capacity, place))
        if place != SECRETARIAT:
            self.desk.law().state(place)
        with self.desk.work(by, on) as work:
            if work.chamber.admissions:
                work.check_act("admit")
                if rehearsal:
                    raise DostastyqError(
                        "CN214",
                        "the council was founded already",
                        "a rehearsal has its own journal: set DOSTASTYQ_HOME",
                    )
            elif person.key != work.person.key or not is_of_secretariat(person):
                raise DostastyqError(
                    "CN214",
                    "nobody is admitted yet; the first is an officer of the secretariat, admitted by themselves",
                    f"dostastyq organ admit {by!r} --capacity secretary --as {by!r}",
                )
            held = work.chamber.admission(person.name, work.on)
            if held is not None and held.person == person and since is None and until is None:
                return held
            start = calendar_day(since) if since is not None else work.on
            end = None if until is None else calendar_day(until)
            _check_span(start, end)
            other = _overlapping(work.chamber, person, start, end)
            if other is not None:
                raise DostastyqError(
                    "CN213",
                    f"{person.name} is admitted as {other.person.role} of {other.person.place} from {other.since}",
                    "dismiss them first: dostastyq organ dismiss NAME",
                )
            content = {
                "person": {"name": person.name, "place": person.place, "role": person.role},
                "since": start.isoformat(),
                "until": None if end is None else end.isoformat(),
                "rehearsal": rehearsal or None,
            }
            work.record(work.entry("admit", content))
        return Admission(person=person, since=start, until=end)

    def dismiss(self, name: str, *, by: str, on: str | date | None = None) -> None:
        """End somebody's admission with the day.

        Raises
        ------
        DostastyqError
            ``CN211`` somebody who is not admitted, ``CN214`` the last officer of the secretariat.
        """
        with self.desk.work(by, on) as work:
            work.check_act("dismiss")
            if work.chamber.admission(name, work.on) is None:
                raise DostastyqError("CN211", f"{name!r} is not admitted on {work.on}", "nothing is to be done")
            key = Actor(name).key
            officers = [item.person for item in work.chamber.admissions if item.holds(work.on)]
            if not any(is_of_secretariat(person) and person.key != key for person in officers):
                raise DostastyqError(
                    "CN214", f"{name} is the last officer of the secretariat", "admit another officer first"
                )
            work.record(work.entry("dismiss", {"name": Actor(name).name}))

    def empower(
        self,
        name: str,
        *,
        basis: str,
        by: str,
        draft: str = "",
        since: str | date | None = None,
        until: str | date | None = None,
        on: str | date | None = None,
    ) -> FullPowers:
        """Record the full powers of somebody to sign for their state.

        Parameters
        ----------
        name
            Who; admitted for a state.
        basis
            The document, as a reader would cite it.
        by
            The secretariat, or somebody of the state who needs no full powers.
        draft
            Draft that they are for; every one by default.
        since, until
            First day, the day of the step by default, and first day no longer.
        on
            Day of the step.

        Raises
        ------
        DostastyqError
            ``CN211`` somebody who is not admitted, ``CN215`` full powers without a document or issued by somebody who
            may not, ``CN201`` an unknown draft.
        """
        with self.desk.work(by, on) as work:
            work.check_act("empower")
            admission = work.chamber.admission(name, work.on)
            if admission is None or admission.person.place == SECRETARIAT:
                raise DostastyqError(
                    "CN211", f"{name!r} is not admitted for a state on {work.on}", "admit them first, for their state"
                )
            state = admission.person.place
            issuer = work.person
            heads = {"head_of_state", "head_of_government", "foreign_minister"}
            if not is_of_secretariat(issuer) and (issuer.place != state or issuer.role not in heads):
                raise DostastyqError(
                    "CN215",
                    f"{issuer.name} ({issuer.place}, {issuer.role}) issues no full powers of {state}",
                    "its head of state or government or its foreign minister does, or the secretariat records them",
                )
            if not basis.strip():
                raise DostastyqError("CN215", "full powers without a document", "cite it: --basis TEXT")
            if draft:
                work.draft(draft)
            start = calendar_day(since) if since is not None else work.on
            end = None if until is None else calendar_day(until)
            _check_span(start, end)
            powers = FullPowers(
                state=state, person=admission.person.name, draft=draft, since=start, until=end, basis=basis.strip()
            )
            if powers in work.chamber.powers:
                return powers
            content = {
                "state": state,
                "name": powers.person,
                "draft": draft,
                "since": start.isoformat(),
                "until": None if end is None else end.isoformat(),
                "basis": powers.basis,
            }
            work.record(work.entry("empower", content))
        return powers


def _capacity(capacity: str, place: str) -> str:
    if capacity not in PARTS:
        raise DostastyqError("CN213", f"{capacity!r} is no capacity", nearest(capacity, CAPACITIES))
    if (place == SECRETARIAT) != (capacity in WITHOUT_STATE):
        fits = [word for word in CAPACITIES if (word in WITHOUT_STATE) == (place == SECRETARIAT)]
        raise DostastyqError(
            "CN213", f"nobody acts for {place} as {capacity}", "capacities that fit: " + ", ".join(fits)
        )
    return capacity


def _overlapping(chamber: Chamber, person: Actor, start: date, end: date | None) -> Admission | None:
    """Find an admission of somebody that shares a day with a period."""
    for item in chamber.admissions:
        before = item.until is not None and item.until <= start
        after = end is not None and end <= item.since
        if item.person.key == person.key and not (before or after):
            return item
    return None


def _check_span(start: date, end: date | None) -> None:
    if end is not None and end <= start:
        raise DostastyqError("CN216", f"it ends on {end} and begins on {start}", "give a later end")
