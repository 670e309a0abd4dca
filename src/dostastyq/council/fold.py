"""From the entries of the stream ``council`` to the state of a council.

An entry's kind is the step that was taken; its payload has the commonwealth, the day (``on``), who took it (``by``) and
what the step needs. Folding checks nothing: whether a step was allowed was decided before it was recorded, and
`dostastyq.council.replay` decides it again.
"""

from collections.abc import Iterable

from dostastyq.council.chamber import Chamber
from dostastyq.council.fold_steps import HANDLERS, Event, Held
from dostastyq.errors import DostastyqError
from dostastyq.store import Entry


def fold(chamber: Chamber, entries: Iterable[Entry], commonwealth: str) -> Chamber:
    """Add entries to what a council knows.

    Raises
    ------
    DostastyqError
        ``CN204`` for an entry that this version cannot read.

    Examples
    --------
    >>> fold(Chamber(), [], "cis").sequence
    0
    """
    held = Held(chamber)
    for entry in entries:
        held.sequence = entry.sequence
        found = entry.content
        if found.get("commonwealth") != commonwealth:
            continue
        handler = HANDLERS.get(entry.kind)
        if handler is None:
            raise _unreadable(entry, f"its kind is {entry.kind!r}")
        try:
            event = Event(entry, found)
            handler(held, event)
            held.last_day = max(held.last_day or event.day, event.day)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _unreadable(entry, f"{type(error).__name__}: {error}") from error
    return held.frozen()


def _unreadable(entry: Entry, why: str) -> DostastyqError:
    return DostastyqError(
        "CN204", f"entry {entry.sequence} of the council's journal cannot be read: {why}", "install a newer dostastyq"
    )
