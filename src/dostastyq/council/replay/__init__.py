"""A second reading of a council's journal, entry by entry, that trusts nothing it says.

The steps were checked before they were recorded (`dostastyq.council.gates`); this reading was written apart from that
one and shares no judgement with it. Whoever forges an entry, and every hash after it, is named here: a step that the
map of the edition does not know, a gate that was shut, a vote of somebody without one, an outcome that the votes do not
come to, a signature that the register does not have.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from dostastyq import register as registers
from dostastyq.actor import SECRETARIAT
from dostastyq.council.procedure import STEPS
from dostastyq.council.replay.book import Book, Line
from dostastyq.council.replay.house import HOUSE
from dostastyq.council.replay.steps import Wrong, draft_step
from dostastyq.errors import DostastyqError
from dostastyq.register import Register
from dostastyq.store import Entry, Fault, Journal

STREAM: Final = "council"
_MALFORMED: Final = (DostastyqError, KeyError, TypeError, ValueError, AttributeError)

__all__ = ["require", "verify"]


def verify(journal: Journal, commonwealth: str = "cis", *, base: Register | None = None) -> tuple[Fault, ...]:
    """Read the stream ``council`` and say what in it cannot have been.

    Parameters
    ----------
    journal
        An open journal whose chains hold.
    commonwealth
        Whose council is read.
    base
        Register to which the journal's acts are added; the shipped one by default.

    Returns
    -------
    tuple of Fault
        What is wrong with which entry; nothing where every step could be taken as it was.

    Raises
    ------
    DostastyqError
        ``ST020`` for a chain that does not hold.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from dostastyq.council import Council
    >>> from dostastyq.store import Draft, open_journal
    >>> with TemporaryDirectory() as folder, open_journal(f"{folder}/mine.sqlite") as journal:
    ...     _ = Council(journal).people.admit("A. Secretary", "secretariat", "secretary", by="A. Secretary")
    ...     by, on = {"name": "B. Delegate", "place": "KAZ", "role": "delegate"}, "1994-04-15"
    ...     forged = {"commonwealth": "cis", "on": on, "by": by, "session": "chs/1994-04-15", "present": None}
    ...     _ = journal.append([Draft("council", "open_session", forged)], author="B. Delegate")
    ...     [fault.what for fault in verify(journal)]
    ['by', 'on', 'what it says']
    """
    book = Book(commonwealth, base or registers.load(commonwealth), journal.read("register"))
    return tuple(
        Fault(STREAM, entry.sequence, wrong.what, str(wrong.expected), str(wrong.found))
        for entry in journal.read(STREAM)
        for wrong in _judged(book, entry)
    )


def require(journal: Journal, commonwealth: str = "cis") -> None:
    """Refuse a journal with a step that cannot have been.

    Raises
    ------
    DostastyqError
        ``CN209`` with what is wrong with each entry.
    """
    faults = verify(journal, commonwealth)
    if faults:
        more = f"; and {len(faults) - 10} more" if len(faults) > 10 else ""
        raise DostastyqError(
            "CN209",
            f"the council of {commonwealth} has steps that cannot have been: "
            + "; ".join(map(str, faults[:10]))
            + more,
            "keep the file as evidence and restore the last good backup",
        )


def _judged(book: Book, entry: Entry) -> Iterator[Wrong]:
    """Judge an entry; one that cannot be read to its end is named for that."""
    try:
        yield from _read(book, entry)
    except _MALFORMED as error:
        yield Wrong("what it says", "a step that can be read", f"{type(error).__name__}: {error}")


def _read(book: Book, entry: Entry) -> Iterator[Wrong]:
    """Judge an entry, then take down what it claims."""
    found = entry.content
    if found.get("commonwealth") != book.commonwealth:
        return
    line = Line.of(entry, found)
    yield from _person(book, line)
    yield from _day(book, line)
    if entry.kind in HOUSE:
        yield from HOUSE[entry.kind](book, line)
    elif entry.kind in STEPS:
        yield from draft_step(book, line)
    else:
        yield Wrong("kind", "a step", entry.kind)


def _person(book: Book, line: Line) -> Iterator[Wrong]:
    person = line.person
    if line.entry.author != person.name:
        yield Wrong("author", person.name, line.entry.author)
    if not book.admissions:
        if line.entry.kind != "admit":
            yield Wrong("kind", "the founding of the council", line.entry.kind)
        return
    held = book.admitted(person, line.day)
    if held is None or (held.place, held.role) != (person.place, person.role):
        there = "nobody of that name" if held is None else f"{held.name} ({held.place}, {held.role})"
        yield Wrong("by", f"as admitted on {line.day}: {there}", f"{person.name} ({person.place}, {person.role})")


def _day(book: Book, line: Line) -> Iterator[Wrong]:
    """Judge the day against the journal's own time; a step may have waited over midnight to be written."""
    if book.rehearsal or (line.entry.kind == "admit" and line.get("rehearsal") is True):
        return
    recorded = line.entry.moment.date()
    if line.day > recorded:
        yield Wrong("on", f"{recorded} or earlier", line.day)
    of_secretariat = (line.person.place, line.person.role) == (SECRETARIAT, "secretary")
    if line.day < recorded - timedelta(days=1) and not of_secretariat:
        yield Wrong("on", f"{recorded}, when it was recorded", line.day)
