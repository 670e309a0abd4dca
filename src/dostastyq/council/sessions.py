"""Sessions and their agendas: convened, opened, held under the edition of their day, ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from dostastyq.council.desk import Desk, Work
from dostastyq.council.model import Draft
from dostastyq.council.policy import seen_session
from dostastyq.council.procedure import procedure_named, procedure_on
from dostastyq.council.session_model import Session
from dostastyq.dates import Day, calendar_day
from dostastyq.errors import DostastyqError, nearest

When = str | date | None


@dataclass(frozen=True, slots=True)
class Sessions:
    """What is done with sessions and their agendas.

    Parameters
    ----------
    desk
        Where steps are taken.
    """

    desk: Desk

    def convene(
        self,
        organ: str,
        day: str | date,
        *,
        place: str,
        by: str,
        chair: str = "",
        rules: str = "",
        on: When = None,
    ) -> Session:
        """Convene a session.

        Parameters
        ----------
        organ, day, place
            Who meets, when and where.
        by
            The secretariat, or the state that is in the chair by the organ's calendar: nobody names themselves.
        chair
            State in the chair; by default the one of the organ's calendar.
        rules
            Edition of the Rules; by default the one in force on the day.
        on
            Day of the step.

        Raises
        ------
        DostastyqError
            ``CN001`` an edition that does not exist, ``CN250`` a day before the step, ``CN251`` a session of other
            content, ``RG026`` an unknown organ, ``RG002`` an unknown chair.
        """
        with self.desk.work(by, on) as work:
            law, when = self.desk.law(), calendar_day(day)
            organs = law.institutions.organs
            if organ not in organs:
                hint = nearest(organ, organs) or "list what there is: dostastyq organ list"
                raise DostastyqError("RG026", f"there is no organ {organ!r}", hint)
            recorded = law.institutions.chair(organ, Day.of(when)) or ""
            presiding = chair or recorded
            if presiding:
                law.state(presiding)
            work.check_act("convene", chair=recorded)
            edition = (
                procedure_named(self.desk.commonwealth, rules) if rules else procedure_on(self.desk.commonwealth, when)
            )
            made = Session(
                code=f"{organ}/{when}",
                organ=organ,
                day=when,
                place=" ".join(place.split()),
                edition=edition.code,
                chair=presiding,
            )
            held = work.chamber.sessions.get(made.code)
            if held is not None:
                if (held.place, held.edition, held.chair) == (made.place, made.edition, made.chair):
                    return seen_session(work.person, held, work.chamber)
                raise DostastyqError("CN251", f"{made.code} is convened already, at {held.place}", "give another day")
            if when < work.on:
                raise DostastyqError(
                    "CN250", f"{made.code} is convened on {work.on}, after its day", "give the day it was convened"
                )
            content = {
                "session": made.code,
                "organ": organ,
                "day": when.isoformat(),
                "place": made.place,
                "edition": made.edition,
                "chair": made.chair,
            }
            work.record(work.entry("convene", content))
        return made

    def open(self, code: str, *, by: str, present: Iterable[str] | None = None, on: When = None) -> Session:
        """Open a session on its day, with the states whose delegations are there, where attendance was taken.

        Raises
        ------
        DostastyqError
            ``CN252`` on another day or when it was opened before, ``RG002`` an unknown state.
        """
        with self.desk.work(by, on) as work:
            session = work.chamber.session(code)
            work.check_act("open_session", chair=session.chair)
            there = None if present is None else tuple(dict.fromkeys(present))
            for state in there or ():
                self.desk.law().state(state)
            if session.state == "open" and session.present == there:
                return seen_session(work.person, session, work.chamber)
            if session.state != "convened" or work.on < session.day:
                found = f"it is {session.state}" if session.state != "convened" else f"it is only {work.on}"
                raise DostastyqError("CN252", f"{code} cannot be opened: {found}", f"open it on {session.day}")
            listed = None if there is None else list(there)
            work.record(work.entry("open_session", {"session": code, "present": listed}))
        return self._shown(work, code)

    def close(self, code: str, *, by: str, on: When = None) -> Session:
        """End a session; ``CN253`` while a vote is open at it."""
        with self.desk.work(by, on) as work:
            session = work.chamber.session(code)
            work.check_act("close_session", chair=session.chair)
            if session.state == "closed":
                return seen_session(work.person, session, work.chamber)
            voting = [draft.slug for draft in work.chamber.drafts.values() if draft.poll and draft.poll.session == code]
            if session.state != "open" or voting:
                found = f"a vote on {voting[0]} is open" if voting else "it was not opened"
                raise DostastyqError("CN253", f"{code} cannot be ended: {found}", "close the vote, or open the session")
            work.record(work.entry("close_session", {"session": code}))
        return self._shown(work, code)

    def place(
        self,
        slug: str,
        code: str,
        *,
        by: str,
        discussion: bool = True,
        narrow: bool = False,
        on: When = None,
    ) -> Session:
        """Put a draft on the agenda of a session of the body that is to decide on it.

        Parameters
        ----------
        slug, code
            Draft and session.
        by
            The secretariat or the chair.
        discussion
            Whether it is discussed.
        narrow
            Whether it is for the narrow format.
        on
            Day of the step.

        Raises
        ------
        DostastyqError
            ``CN227`` what was not agreed beforehand, ``CN228`` a session of another body, ``CN229`` too late for it.
        """
        with self.desk.work(by, on) as work:
            draft = work.draft(slug)
            work.chamber.session(code)
            case = work.check(draft, "place", session=code)
            work.record(work.moved(case, {"session": code, "discussion": discussion, "narrow": narrow}))
        return self._shown(work, code)

    def discuss(self, slug: str, *, by: str, on: When = None) -> Session:
        """Ask that an item without discussion be discussed, which any state at the session may."""
        with self.desk.work(by, on) as work:
            draft = work.draft(slug)
            if not draft.session or draft.stage != "on_agenda":
                raise DostastyqError("CN254", f"{slug} is on no agenda", "place it first")
            session = work.chamber.session(draft.session)
            work.check_act("item_change", chair=session.chair)
            item = session.item(slug)
            if item is not None and not item.discussion:
                content = {"session": session.code, "draft": slug, "discussion": True}
                work.record(work.entry("item_change", content))
        return self._shown(work, session.code)

    def postpone(self, slug: str, *, by: str, reason: str = "", on: When = None) -> Draft:
        """Take a draft off the agenda for a later session."""
        with self.desk.work(by, on) as work:
            case = work.check(work.draft(slug), "postpone")
            work.record(work.moved(case, {"note": reason}))
        return self.desk.shown(work.person, slug)

    def refer(self, slug: str, organ: str, *, by: str, reason: str = "", on: When = None) -> Draft:
        """Refer a draft down to an organ below, which then decides; ``CN230`` for one that is not."""
        with self.desk.work(by, on) as work:
            case = work.check(work.draft(slug), "refer", organ=organ)
            work.record(work.moved(case, {"organ": organ, "note": reason}))
        return self.desk.shown(work.person, slug)

    def _shown(self, work: Work, code: str) -> Session:
        chamber = self.desk.chamber()
        return seen_session(work.person, chamber.session(code), chamber)
