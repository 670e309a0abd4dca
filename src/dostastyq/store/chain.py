"""Whether a chain holds: each entry against the one before, and the chain against its recorded head."""

from collections.abc import Iterable
from dataclasses import dataclass

from dostastyq.errors import DostastyqError
from dostastyq.store.entry import Entry, Head

_TEXTS = ("author", "kind", "payload", "previous_hash", "hash")


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing wrong with a chain.

    Parameters
    ----------
    stream, sequence
        Where; an empty stream for the database as a whole.
    what
        Field or part that is wrong.
    expected, found
        What the rest of the chain says, and what is there.

    Examples
    --------
    >>> print(Fault("register", 12, "author", "A. Officer", "nobody"))
    register 12: author is nobody, expected A. Officer
    """

    stream: str
    sequence: int
    what: str
    expected: str
    found: str

    def __str__(self) -> str:
        place = f"{self.stream} {self.sequence}" if self.stream else "database"
        return f"{place}: {self.what} is {self.found}, expected {self.expected}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of every chain found.

    Parameters
    ----------
    heads
        The last entry up to which each chain holds.
    faults
        The first fault of each chain that does not hold.

    Examples
    --------
    >>> Verification((Head("register"),), ()).ok
    True
    """

    heads: tuple[Head, ...]
    faults: tuple[Fault, ...]

    @property
    def ok(self) -> bool:
        """Whether every chain holds."""
        return not self.faults

    @property
    def entries(self) -> int:
        """Number of entries that hold."""
        return sum(head.sequence for head in self.heads)

    def require(self) -> "Verification":
        """Give itself back when every chain holds.

        Raises
        ------
        DostastyqError
            ``ST020`` with the first fault of each chain.
        """
        if self.faults:
            raise broken(*self.faults)
        return self


def broken(*faults: Fault) -> DostastyqError:
    """Make the refusal of a journal that does not verify."""
    found = "; ".join(str(fault) for fault in faults)
    return DostastyqError(
        "ST020", f"the journal does not verify: {found}", "keep the file as evidence and restore the last good backup"
    )


def check(head: Head, entry: Entry) -> Fault | None:
    """Compare an entry with the one before it; None when it follows.

    Examples
    --------
    >>> from dostastyq.store.entry import Draft, seal
    >>> entry = seal(Head("register"), Draft("register", "act", {}), "A. Officer", 1)
    >>> check(Head("register"), entry) is None, check(entry.head, entry).what
    (True, 'sequence')
    """
    for name, expected in (("stream", head.stream), ("sequence", head.sequence + 1), ("previous_hash", head.hash)):
        if getattr(entry, name) != expected:
            return _fault(head, name, expected, getattr(entry, name))
    for name in _TEXTS:
        if not isinstance(getattr(entry, name), str):
            return _fault(head, name, "text", getattr(entry, name))
    if not isinstance(entry.recorded_at, int) or entry.recorded_at <= head.recorded_at:
        return _fault(head, "recorded_at", f"later than {head.recorded_at}", entry.recorded_at)
    digest = entry.digest()
    return None if digest == entry.hash else _fault(head, "hash", f"{digest} (of what is there)", entry.hash)


def follow(head: Head, entries: Iterable[Entry]) -> Iterable[Entry]:
    """Pass entries on as long as each follows the one before.

    Raises
    ------
    DostastyqError
        ``ST020`` at the first that does not.
    """
    for entry in entries:
        fault = check(head, entry)
        if fault is not None:
            raise broken(fault)
        head = entry.head
        yield entry


def compare_heads(reached: Head, recorded: Head | None) -> Fault | None:
    """Compare the end of a chain that holds with the head recorded for it."""
    if recorded is None:
        return Fault(reached.stream, reached.sequence, "the recorded head", str(reached), "missing")
    if reached == recorded:
        return None
    return Fault(reached.stream, reached.sequence, "the end of the chain", str(recorded), str(reached))


def _fault(head: Head, what: str, expected: object, found: object) -> Fault:
    return Fault(head.stream, head.sequence + 1, what, str(expected), str(found))
