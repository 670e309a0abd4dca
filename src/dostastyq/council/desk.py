"""Where steps are taken: one transaction a step, the map's gates before it, the policy before these.

A step locks the head of the stream ``council``, so that of two writers one sees what the other did; it is checked
against what is recorded, written, and answered when it is on the disk. A step that is repeated word for word is
answered with what was recorded, so that a writer who was cut off may ask again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Connection

from dostastyq import register as registers
from dostastyq.actor import Actor
from dostastyq.council import gates
from dostastyq.council.case import Case
from dostastyq.council.chamber import Chamber
from dostastyq.council.fold import fold
from dostastyq.council.model import Draft
from dostastyq.council.policy import (
    ACTS,
    admitted,
    check_part,
    is_of_secretariat,
    parts,
    seen,
    seen_draft,
    sees_draft,
)
from dostastyq.council.procedure import ProcedureMap, Step, procedure_named, procedure_on
from dostastyq.council.session_model import Session
from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError
from dostastyq.register import Register
from dostastyq.register.journal import extended
from dostastyq.store import Draft as Record
from dostastyq.store import Entry, Journal
from dostastyq.store.journal import locked_head

STREAM: Final = "council"


def utc_now() -> datetime:
    """Now, with its time zone."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Desk:
    """The one place that reads and writes the journal of a council.

    Parameters
    ----------
    journal
        An open journal.
    commonwealth
        Whose council it is.
    base
        Register to which the journal's acts are added; the shipped one by default.
    clock
        What tells the time.
    """

    journal: Journal
    commonwealth: str = "cis"
    base: Register | None = None
    clock: Callable[[], datetime] = utc_now
    _chamber: Chamber = field(default_factory=Chamber)
    _law: tuple[str, Register] | None = None

    def chamber(self) -> Chamber:
        """Give what the council knows now."""
        entries = self.journal.read(STREAM, after=self._chamber.sequence)
        if entries:
            self._chamber = fold(self._chamber, entries, self.commonwealth)
        return self._chamber

    def view(self, name: str, on: str | date | None = None) -> Chamber:
        """Give what somebody may see (`dostastyq.council.policy.seen`) who is admitted now, and on the day.

        What is shown is what is known now: nobody sees it by a day on which they were still admitted.
        """
        chamber = self.chamber()
        now = self._today()
        day = now if on is None else calendar_day(on)
        return seen(admitted(chamber, name, max(day, now)), chamber)

    def shown(self, person: Actor, slug: str) -> Draft:
        """Give a draft as somebody may see it."""
        return seen_draft(person, self.chamber().draft(slug))

    def law(self) -> Register:
        """Give the register with everything recorded."""
        head = self.journal.head("register")
        if self._law is None or self._law[0] != head.hash:
            base = self.base or registers.load(self.commonwealth)
            self._law = (head.hash, extended(base, self.journal))
        return self._law[1]

    def today(self) -> date:
        """Give the day by the clock."""
        return self.clock().date()

    @contextmanager
    def work(self, name: str, on: str | date | None) -> Iterator["Work"]:
        """Open the transaction of a step that a person takes.

        Parameters
        ----------
        name
            Who, as admitted. Who founds a council is its first officer of the secretariat.
        on
            Day of the step; today by default.

        Raises
        ------
        DostastyqError
            ``CN205`` a day to come, ``CN208`` a day gone by that somebody else than the secretariat gives (neither in
            a rehearsal), ``CN211`` somebody who is not admitted.
        """
        day = self._today() if on is None else calendar_day(on)
        with self.journal.transaction() as connection:
            for stream in (STREAM, "register"):
                locked_head(connection, stream)
            chamber = self.chamber()
            founding = not chamber.admissions
            person = Actor(name, role="secretary") if founding else admitted(chamber, name, day)
            if not (founding or chamber.rehearsal):
                self._check_day(person, day)
            yield Work(desk=self, connection=connection, chamber=chamber, person=person, on=day)

    def _today(self) -> date:
        """Give the day of a step that names none: today, and in a rehearsal the day of the last step."""
        chamber = self.chamber()
        return (chamber.last_day if chamber.rehearsal else None) or self.today()

    def _check_day(self, person: Actor, day: date) -> None:
        today = self.today()
        if day > today:
            raise DostastyqError("CN205", f"{day} has not come", f"today is {today}: leave out the day")
        if day < today and not is_of_secretariat(person):
            raise DostastyqError(
                "CN208",
                f"{person.name} acts on {today}, not on {day}",
                "leave out the day; only the secretariat records what was done earlier",
            )


@dataclass(slots=True)
class Work:
    """One step while it is taken.

    Parameters
    ----------
    desk, connection
        Where, and the transaction.
    chamber
        What the council knows before it.
    person, on
        Who takes it, and on which day.
    """

    desk: Desk
    connection: Connection
    chamber: Chamber
    person: Actor
    on: date

    def draft(self, slug: str) -> Draft:
        """Give a draft that the person may see; what they may not see does not exist for them (``CN201``)."""
        found = self.chamber.drafts.get(slug)
        if found is None or not sees_draft(self.person, found):
            return seen(self.person, self.chamber).draft(slug)
        return found

    def edition(self, draft: Draft) -> ProcedureMap:
        """Give the edition of the Rules for a draft: the one it asked for, or the one in force on the day."""
        if draft.rules:
            return procedure_named(self.desk.commonwealth, draft.rules)
        return procedure_on(self.desk.commonwealth, self.on)

    def step(self, draft: Draft, code: str) -> Step:
        """Find a step that a draft may take from where it stands.

        Raises
        ------
        DostastyqError
            ``CN206`` for a step that the edition does not know or does not allow at this stage, ``CN227`` where that is
            because nobody agreed with the states beforehand, ``CN207`` for a day before the draft's last step.
        """
        edition = self.edition(draft)
        step = edition.steps.get(code)
        allowed = [item.code for item in edition.at(draft.stage)] if draft.moves else ["propose"]
        if step is None or code not in allowed:
            if step is not None and "agreed_beforehand" in step.gates.names and draft.took("agree") is None:
                raise DostastyqError(
                    "CN227",
                    f"{draft.slug}: {code} is refused: it was not agreed with the states beforehand, and what is not "
                    f"agreed is not submitted [{edition.code}, {step.basis}]",
                    f"it is {draft.stage}; next: " + (", ".join(allowed) or "none"),
                )
            why = f"{edition.code} knows no step {code}" if step is None else f"it is {draft.stage}"
            basis = f", {step.basis}" if step is not None and step.basis else ""
            raise DostastyqError(
                "CN206",
                f"{draft.slug}: {code} is refused: {why} [{edition.code}{basis}]",
                "steps it may take now: " + (", ".join(allowed) or "none"),
            )
        if draft.moves and self.on < draft.moves[-1].day:
            last = draft.moves[-1]
            raise DostastyqError(
                "CN207", f"{draft.slug}: {code} on {self.on}, and {last.step} was on {last.day}", "give a later day"
            )
        return step

    def check(self, draft: Draft, code: str, **facts: Any) -> Case:  # noqa: ANN401 -- what the gates look at
        """Refuse a step that the map, the policy or a gate does not allow; give the case otherwise."""
        step = self.step(draft, code)
        session = self._session(draft, facts)
        held = parts(
            self.person,
            chair=session.chair if session else "",
            depositary=draft.composition.depositary if draft.versions else "",
        )
        check_part(self.person, step.who, held, f"take the step {code}")
        case = Case(
            chamber=self.chamber,
            law=self.desk.law(),
            draft=draft,
            map=self.edition(draft),
            step=step,
            person=self.person,
            on=self.on,
            today=self.desk.today(),
            facts=facts,
        )
        gates.check(case)
        return case

    def _session(self, draft: Draft, facts: Mapping[str, Any]) -> Session | None:
        return self.chamber.sessions.get(str(facts.get("session") or draft.session))

    def check_act(self, act: str, *, chair: str = "") -> None:
        """Refuse an act that the policy does not allow."""
        check_part(self.person, ACTS[act], parts(self.person, chair=chair), act.replace("_", " "))

    def moved(self, case: Case, more: Mapping[str, Any], *, to: str | None = None) -> Record:
        """Make the entry of a draft's step."""
        stage = to if to is not None else case.step.to or case.draft.stage
        return self.entry(case.step.code, {"draft": case.draft.slug, "stage": stage, "edition": case.map.code, **more})

    def entry(self, kind: str, content: Mapping[str, Any]) -> Record:
        """Make an entry of the council's stream."""
        by = {"name": self.person.name, "place": self.person.place, "role": self.person.role}
        given = {key: value for key, value in content.items() if value is not None or key in _KEPT}
        return Record(
            STREAM, kind, {"commonwealth": self.desk.commonwealth, "on": self.on.isoformat(), "by": by, **given}
        )

    def record(self, *records: Record) -> Sequence[Entry]:
        """Write entries, all of them or none."""
        return self.desk.journal.append(records, self.person.name, connection=self.connection)


_KEPT = frozenset({"adopted", "present"})
"""Keys whose None says something."""


def own_state(person: Actor, state: str | None) -> str:
    """Give the state for which somebody speaks; ``CN212`` for another state than their own."""
    if state is not None and state != person.place:
        raise DostastyqError(
            "CN212", f"{person.name} acts for {person.place}, not for {state}", f"let somebody of {state} do it"
        )
    return person.place
