"""The past played as a rehearsal: each session under its Rules, every step through the gates that live use has.

The register it starts from is the shipped one without the instruments that the history makes; what others say of these
stays, and finds them again as they come. Where a source is silent the history is silent too: see ``history.yaml``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from dostastyq.actor import SECRETARIAT
from dostastyq.council.history_read import History, Item, Later, Meeting, history
from dostastyq.council.house import Council
from dostastyq.council.procedure import procedure_named
from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError
from dostastyq.register import Register
from dostastyq.register.loader import load
from dostastyq.store import Journal

SECRETARY: Final = "Secretary of the replay"
"""Who takes the steps of the secretariat; before there was one, those of the host."""


def head_of(state: str) -> str:
    """Name of the person who signs for a state in a replay: its head, whoever that was.

    Examples
    --------
    >>> head_of("KAZ")
    'Head of state, KAZ'
    """
    return f"Head of state, {state}"


def before(register: Register, slugs: Iterable[str]) -> Register:
    """Give a register without some instruments; what the others say of them stays.

    Unlike `Register.without` nothing else goes with them: a treaty that will replace one of them is still there.

    Examples
    --------
    >>> from dostastyq import register
    >>> law = before(register.load("cis"), ["fta-1994"])
    >>> "fta-1994" in law.instruments, "fta-2011" in law.instruments
    (False, True)
    """
    gone = frozenset(slugs)
    kept = {slug: item for slug, item in register.instruments.items() if slug not in gone}
    return register.changed(instruments=MappingProxyType(kept))


def replay(
    journal: Journal,
    past: History | str = "cis",
    *,
    until: str | date | None = None,
    base: Register | None = None,
) -> Council:
    """Play a history into a journal.

    Parameters
    ----------
    journal
        An open journal in which no council was founded.
    past
        The history, or the commonwealth whose shipped one is played.
    until
        Last day that is played; by default everything.
    base
        Register with the instruments of the history, which are taken out; the shipped one by default.

    Returns
    -------
    Council
        The council as it stands on that day. Its `law` is the register.

    Raises
    ------
    DostastyqError
        ``CN292`` a journal with a council in it; the codes of the steps for a history that the Rules do not allow.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from dostastyq.store import open_journal
    >>> with TemporaryDirectory() as folder, open_journal(f"{folder}/past.sqlite") as journal:
    ...     council = replay(journal, until="1991-12-10")
    ...     law = council.law()
    ...     [law.status("cis-agreement-1991", state, on="1991-12-10").code for state in ("BLR", "UKR")]
    ['IN_FORCE', 'IN_FORCE']
    """
    told = history(past) if isinstance(past, str) else past
    law = before(base or load(told.commonwealth), told.slugs)
    council = Council(journal, told.commonwealth, law)
    if council.chamber().admissions or journal.head("register").sequence:
        raise DostastyqError(
            "CN292", "the journal holds entries already", "a replay has its own journal: set DOSTASTYQ_HOME"
        )
    last = None if until is None else calendar_day(until)
    player = _Player(council, told, law)
    for event in sorted(player.events(), key=lambda event: (event.day, event.phase)):
        if last is None or event.day <= last:
            event.play()
    return council


@dataclass(frozen=True, slots=True)
class _Event:
    """Something that is played on a day: first the session of the day, then what came after it."""

    day: date
    phase: int
    play: Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Player:
    """Takes the steps of a history."""

    council: Council
    told: History
    law: Register

    def events(self) -> list[_Event]:
        """Everything that is played."""
        first = min(
            meeting.day if self.short(meeting) else self.told.before(meeting, "proposed")
            for meeting in self.told.meetings
        )
        found = [_Event(first, -1, lambda: self.found(first))]
        for meeting in self.told.meetings:
            if not self.short(meeting):
                found += [
                    _Event(self.told.before(meeting, step), 0, self._bound(self.prepare, meeting, step))
                    for step in ("proposed", "agreed", "placed")
                ]
            found.append(_Event(meeting.day, 1, self._bound(self.hold, meeting)))
            for item in meeting.items:
                found += [_Event(later.day, 2, self._bound(self.later, item, later)) for later in item.then]
        return found

    @staticmethod
    def _bound(play: Callable[..., None], *given: object) -> Callable[[], None]:
        return lambda: play(*given)

    def short(self, meeting: Meeting) -> bool:
        """Whether the edition has no steps before the session."""
        return "circulate" not in procedure_named(self.told.commonwealth, meeting.rules).steps

    def found(self, day: date) -> None:
        """Found the council, and admit the head of every state that signs anything."""
        admit = self.council.people.admit
        admit(SECRETARY, SECRETARIAT, "secretary", by=SECRETARY, rehearsal=True, on=day)
        items = [item for meeting in self.told.meetings for item in meeting.items]
        for state in sorted({state for item in items for state in item.composition.parties}):
            admit(head_of(state), state, "head_of_state", by=SECRETARY, on=day)

    def prepare(self, meeting: Meeting, step: str) -> None:
        """Take the steps before a session; on which days nobody knows."""
        drafts, day = self.council.drafts, self.told.before(meeting, step)
        for item in meeting.items:
            if step == "proposed":
                self.propose(meeting, item, day)
                drafts.register(item.slug, by=SECRETARY, on=day)
                answers = self.told.before(meeting, "opinions_until")
                drafts.circulate(item.slug, by=SECRETARY, until=answers, on=day)
            elif step == "agreed":
                drafts.agree(item.slug, by=SECRETARY, on=day)
        if step == "placed":
            self.place(meeting, day)

    def propose(self, meeting: Meeting, item: Item, day: date) -> None:
        """Propose a text of a meeting."""
        self.council.drafts.propose(item.composition, organ=meeting.organ, by=SECRETARY, rules=meeting.rules, on=day)

    def place(self, meeting: Meeting, day: date) -> None:
        """Convene a meeting and make its agenda."""
        sessions = self.council.sessions
        session = sessions.convene(
            meeting.organ, meeting.day, place=meeting.place, by=SECRETARY, rules=meeting.rules, on=day
        )
        for item in meeting.items:
            sessions.place(item.slug, session.code, by=SECRETARY, on=day)

    def hold(self, meeting: Meeting) -> None:
        """Hold a meeting: what it adopted is reported, and signed."""
        day, sessions = meeting.day, self.council.sessions
        if self.short(meeting):
            for item in meeting.items:
                self.propose(meeting, item, day)
            self.place(meeting, day)
        code = f"{meeting.organ}/{day}"
        sessions.open(code, by=SECRETARY, present=meeting.present, on=day)
        for item in meeting.items:
            sources = "; ".join(self.cited(item.evidence.sources))
            self.council.decisions.report(item.slug, sources, by=SECRETARY, bound=item.signed or (), on=day)
            if item.signed is None:
                self.council.signatures.enact(item.slug, by=SECRETARY, on=day)
            else:
                self.sign(item, sources, day)
            self.council.signatures.inform(item.slug, item.stated, by=SECRETARY, on=day)
            self.enter(item, day)
        sessions.close(code, by=SECRETARY, on=day)

    def sign(self, item: Item, sources: str, day: date) -> None:
        """Hold the signature round."""
        signatures = self.council.signatures
        signatures.open(item.slug, by=SECRETARY, on=day)
        for state in item.signed or ():
            text, cited = item.statements.get(state, ("", ()))
            signatures.sign(item.slug, by=head_of(state), statement=text, source=self.cited(cited), on=day)
        for state in item.declined:
            signatures.decline(item.slug, by=head_of(state), on=day)
        signatures.close(item.slug, by=SECRETARY, source=sources, on=day)
        signatures.certify(item.slug, by=SECRETARY, on=day)

    def later(self, item: Item, later: Later) -> None:
        """Play what came after a session."""
        signatures = self.council.signatures
        if later.evidence is None:
            signatures.inform(item.slug, later.facts, by=SECRETARY, on=later.day)
        else:
            signatures.deposit(
                item.slug,
                later.state,
                later.act,
                by=SECRETARY,
                source=self.cited(later.evidence.sources),
                confidence=later.evidence.confidence,
                on=later.day,
                **later.given,
            )
        self.enter(item, later.day)

    def enter(self, item: Item, day: date) -> None:
        """Note that an instrument is in force, once the register says so."""
        waiting = self.council.chamber().draft(item.slug).stage in {"signed", "certified", "recorded"}
        if waiting and self.council.law().forecast(item.slug, day).in_force:
            self.council.signatures.enter_into_force(item.slug, by=SECRETARY, on=day)

    def cited(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Cite sources of the register as a reader would."""
        sources = self.law.sources
        return tuple(f"{sources[key].title} {sources[key].url}".strip() for key in keys)
