"""A council and its secretariat: everything it does, in a journal."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from dostastyq.council.chamber import Chamber
from dostastyq.council.decisions import Decisions
from dostastyq.council.desk import Desk, utc_now
from dostastyq.council.drafts import Drafts
from dostastyq.council.people import People
from dostastyq.council.sessions import Sessions
from dostastyq.council.signatures import Signatures
from dostastyq.council.tasks import Tasks
from dostastyq.register import Register
from dostastyq.store import Journal


@dataclass(slots=True)
class Council:
    """A council in a journal.

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

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from dostastyq.store import open_journal
    >>> with TemporaryDirectory() as folder, open_journal(f"{folder}/mine.sqlite") as journal:
    ...     council = Council(journal)
    ...     _ = council.people.admit("A. Secretary", "secretariat", "secretary", by="A. Secretary")
    ...     _ = council.people.admit("B. Delegate", "KAZ", "delegate", by="A. Secretary")
    ...     [item.person.place for item in council.view("B. Delegate").admissions]
    ['secretariat', 'KAZ']
    """

    journal: Journal
    commonwealth: str = "cis"
    base: Register | None = None
    clock: Callable[[], datetime] = utc_now
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.desk = Desk(self.journal, self.commonwealth, self.base, self.clock)

    @property
    def people(self) -> People:
        """Who takes part."""
        return People(self.desk)

    @property
    def drafts(self) -> Drafts:
        """Drafts on their way to a session."""
        return Drafts(self.desk)

    @property
    def sessions(self) -> Sessions:
        """Sessions and their agendas."""
        return Sessions(self.desk)

    @property
    def decisions(self) -> Decisions:
        """Votes and decisions."""
        return Decisions(self.desk)

    @property
    def signatures(self) -> Signatures:
        """Signature rounds, and the acts that follow."""
        return Signatures(self.desk)

    @property
    def tasks(self) -> Tasks:
        """What follows from decisions."""
        return Tasks(self.desk)

    def chamber(self) -> Chamber:
        """Give everything that is known, private or not: for whoever has the journal itself."""
        return self.desk.chamber()

    def view(self, name: str, on: str | date | None = None) -> Chamber:
        """Give what somebody may see.

        Raises
        ------
        DostastyqError
            ``CN211`` somebody who is not admitted on the day.
        """
        return self.desk.view(name, on)

    def law(self) -> Register:
        """Give the register with everything recorded."""
        return self.desk.law()
