"""What follows from a decision: tasks with a day, and how far they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from dostastyq.actor import SECRETARIAT
from dostastyq.council.desk import Desk
from dostastyq.council.model import Task
from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError

When = str | date | None


@dataclass(frozen=True, slots=True)
class Tasks:
    """Tasks that follow from decisions.

    Parameters
    ----------
    desk
        Where steps are taken.
    """

    desk: Desk

    def assign(
        self,
        slug: str,
        title: str,
        *,
        to: Iterable[str],
        by: str,
        due: When = None,
        on: When = None,
    ) -> Task:
        """Assign a task that follows from an adopted draft.

        Parameters
        ----------
        slug, title
            The draft, and what is to be done.
        to
            Codes of states, or ``"secretariat"``.
        by
            The secretariat or the chair.
        due
            Day by which it is due.
        on
            Day of the step.

        Raises
        ------
        DostastyqError
            ``CN270`` a draft that was not adopted, a task without a title or without somebody to do it, or one due in
            the past.
        """
        with self.desk.work(by, on) as work:
            draft = work.draft(slug)
            decision = draft.decision
            session = work.chamber.sessions.get(decision.session) if decision else None
            work.check_act("assign", chair=session.chair if session else "")
            assigned = tuple(dict.fromkeys(to))
            for place in assigned:
                if place != SECRETARIAT:
                    self.desk.law().state(place)
            last = None if due is None else calendar_day(due)
            wrong = _wrong(title, assigned, last, work.on, adopted=decision is not None and decision.adopted is True)
            if wrong:
                raise DostastyqError("CN270", f"{slug}: {wrong[0]}", wrong[1])
            made = Task(
                code=f"{slug}#{len(draft.tasks) + 1}",
                draft=slug,
                title=" ".join(title.split()),
                assigned=assigned,
                due=last,
            )
            for code in draft.tasks:
                held = work.chamber.tasks[code]
                if (held.title, held.assigned, held.due) == (made.title, made.assigned, made.due):
                    return held
            content = {
                "draft": slug,
                "task": made.code,
                "title": made.title,
                "assigned": list(assigned),
                "due": None if last is None else last.isoformat(),
            }
            work.record(work.entry("assign", content))
        return made

    def progress(self, code: str, percent: int, *, by: str, note: str = "", on: When = None) -> Task:
        """Report how far a task is.

        Parameters
        ----------
        code, percent
            The task, and per cent done.
        by
            Somebody to whom it is assigned, or the secretariat.
        note
            What was done.
        on
            Day of the step.

        Raises
        ------
        DostastyqError
            ``CN271`` a share that is none or somebody to whom it is not assigned, ``CN203`` an unknown task.
        """
        with self.desk.work(by, on) as work:
            task = work.chamber.task(code)
            work.draft(task.draft)
            work.check_act("progress")
            if work.person.place not in {*task.assigned, SECRETARIAT}:
                raise DostastyqError(
                    "CN271", f"{code} is not a task of {work.person.place}", "it is of " + ", ".join(task.assigned)
                )
            if not isinstance(percent, int) or isinstance(percent, bool) or not 0 <= percent <= 100:
                raise DostastyqError("CN271", f"{code}: {percent} per cent is no share", "give 0 to 100")
            if task.progress != percent or note:
                work.record(work.entry("progress", {"task": code, "progress": percent, "note": note}))
        return self.desk.chamber().task(code)


def _wrong(
    title: str, assigned: tuple[str, ...], due: date | None, on: date, *, adopted: bool
) -> tuple[str, str] | None:
    if not adopted:
        return "no body has adopted it", "tasks follow from a decision"
    if not title.strip():
        return "a task without words", "say what is to be done"
    if not assigned:
        return "a task of nobody", "name states or secretariat: --to KAZ"
    if due is not None and due < on:
        return f"due on {due}, before {on}", "give a later day"
    return None
