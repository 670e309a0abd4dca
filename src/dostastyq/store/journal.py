"""The append-only journal: streams of entries, one hash chain each."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import DBAPIError

from dostastyq.errors import DostastyqError
from dostastyq.store.books import BOOK_GUARDS
from dostastyq.store.chain import Fault, Verification, check, compare_heads, follow
from dostastyq.store.database import engine, reading, writing
from dostastyq.store.editions import require_latest
from dostastyq.store.entry import STREAMS, Draft, Entry, Head, check_stream, microseconds, seal
from dostastyq.store.place import database_url, journal_exists
from dostastyq.store.rows import STREAM as ROWS_OF
from dostastyq.store.rows import faults as row_faults
from dostastyq.store.tables import heads as head_table
from dostastyq.store.tables import journal as table

PAGE = 5000
"""Rows fetched at once."""

GUARDS = BOOK_GUARDS | {
    "journal_follows",
    "journal_head_forward",
    "journal_head_no_delete",
    "journal_no_delete",
    "journal_no_update",
}
"""Triggers by which the database itself refuses changes."""


class Journal:
    """What was recorded, in the order it was recorded; nothing in it is ever changed.

    Parameters
    ----------
    database
        Engine of a database of the newest edition; `close` disposes of it.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, open_journal(f"{folder}/mine.sqlite") as journal:
    ...     first, = journal.append([Draft("council", "note", {"text": "agenda"})], author="secretariat")
    ...     second, = journal.append(
    ...         [Draft("council", "note", {"text": "agenda, corrected", "supersedes": 1})], author="secretariat"
    ...     )
    ...     second.previous_hash == first.hash, journal.head("council").sequence, len(journal.read("council"))
    (True, 2, 2)
    """

    def __init__(self, database: Engine) -> None:
        self.database = database

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self.database.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open a transaction in which other tables can be written together with the journal.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder, open_journal(f"{folder}/mine.sqlite") as journal:
        ...     with journal.transaction() as connection:
        ...         entries = journal.append([Draft("ledger", "note", {})], author="bank", connection=connection)
        ...     journal.head("ledger").sequence
        1
        """
        with writing(self.database) as connection:
            yield connection

    def append(
        self, drafts: Iterable[Draft], author: str, *, connection: Connection | None = None
    ) -> tuple[Entry, ...]:
        """Record drafts, all of them or none.

        Parameters
        ----------
        drafts
            What to record, in this order; streams may be mixed.
        author
            Who records it.
        connection
            Connection of a `transaction` to take part in; by default one is opened and committed.

        Returns
        -------
        tuple of Entry
            The entries. They are on the disk when this returns, or when the `transaction` ends.

        Raises
        ------
        DostastyqError
            ``ST010`` to ``ST012`` for a draft that cannot be recorded, ``ST013`` where the database cannot be
            written. Nothing is recorded then.
        """
        wanted = list(drafts)
        for draft in wanted:
            check_stream(draft.stream)
        if connection is not None:
            return self._append(wanted, author, connection)
        with self.transaction() as own:
            return self._append(wanted, author, own)

    def _append(self, drafts: list[Draft], author: str, connection: Connection) -> tuple[Entry, ...]:
        """Chain drafts to the heads, whose rows stay locked until the transaction ends: no two writers fork a chain."""
        heads = {stream: locked_head(connection, stream) for stream in sorted({draft.stream for draft in drafts})}
        now = time.time_ns() // 1000
        entries: list[Entry] = []
        for draft in drafts:
            head = heads[draft.stream]
            entry = seal(head, draft, author, max(now, head.recorded_at + 1))
            if draft.supersedes is not None:
                _check_superseded(connection, entry, entries)
            entries.append(entry)
            heads[draft.stream] = entry.head
        write_entries(connection, entries)
        write_heads(connection, heads.values())
        return tuple(entries)

    def head(self, stream: str) -> Head:
        """Give the recorded head of a stream.

        Raises
        ------
        DostastyqError
            ``ST010`` for an unknown stream.
        """
        check_stream(stream)
        with reading(self.database) as connection:
            return read_heads(connection).get(stream, Head(stream))

    def read(self, stream: str, until: datetime | None = None, *, after: int = 0) -> tuple[Entry, ...]:
        """Read entries of a stream in order, checking the chain on the way.

        Parameters
        ----------
        stream
            Name of the stream.
        until
            Leave out what was recorded later than this moment (with its time zone).
        after
            Leave out entries up to this sequence.

        Raises
        ------
        DostastyqError
            ``ST010`` for an unknown stream, ``ST014`` for a moment without a time zone, ``ST020`` for an entry that
            was changed.
        """
        check_stream(stream)
        limit = None if until is None else microseconds(until)
        with reading(self.database) as connection:
            start = _entry(connection, stream, after) if after > 0 else None
            if start is None and after > 0:
                return ()
            begin = Head(stream) if start is None else start.head
            entries = follow(begin, iter_entries(connection, stream, after=after or None))
            return tuple(entry for entry in entries if limit is None or entry.recorded_at <= limit)

    def verify(self, known: Iterable[Head] = ()) -> Verification:
        """Recompute every chain, and the rows of the books that its entries attest.

        Parameters
        ----------
        known
            Heads seen earlier, e.g. those of a backup: each must still be in its chain. Without them, nobody can
            tell a journal whose end, or whose every hash, was rewritten by somebody with full access.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder, open_journal(f"{folder}/mine.sqlite") as journal:
        ...     journal.verify().entries
        0
        """
        seen: dict[str, dict[int, Head]] = {}
        for head in known:
            seen.setdefault(head.stream, {})[head.sequence] = head
        with reading(self.database) as connection:
            recorded = read_heads(connection)
            streams = sorted({*STREAMS, *recorded, *connection.scalars(select(table.c.stream).distinct())})
            checked = [
                _verify_stream(connection, stream, recorded.get(stream), seen.get(stream, {})) for stream in streams
            ]
            faults = [*_missing_guards(connection), *(fault for _, fault in checked if fault is not None)]
            if not any(fault.stream == ROWS_OF for fault in faults):
                faults += row_faults(connection)
        return Verification(tuple(head for head, _ in checked), tuple(faults))


def open_journal(place: str | Path | None = None, *, create: bool = True) -> Journal:
    """Open a journal.

    Parameters
    ----------
    place
        A PostgreSQL URL, or the path of an SQLite file; by default the user's own.
    create
        Whether to make an SQLite file that is not there.

    Raises
    ------
    DostastyqError
        ``ST021`` where there is none and none is to be made, ``ST001`` to ``ST006`` for a database that cannot be used.
    """
    if not create and not journal_exists(place):
        path = database_url(place).removeprefix("sqlite:///")
        raise DostastyqError("ST021", f"{path}: there is no journal", "record an act first, or name another file")
    database = engine(place)
    try:
        require_latest(database)
    except BaseException:
        database.dispose()
        raise
    return Journal(database)


def iter_entries(connection: Connection, stream: str, *, after: int | None = None) -> Iterator[Entry]:
    """Yield the entries of a stream in order, as they are, a page at a time."""
    query = select(table).where(table.c.stream == stream).order_by(table.c.sequence).limit(PAGE)
    while True:
        page = connection.execute(query if after is None else query.where(table.c.sequence > after)).all()
        yield from (Entry(*row) for row in page)
        if len(page) < PAGE:
            return
        after = page[-1].sequence


def read_heads(connection: Connection) -> dict[str, Head]:
    """Give the recorded heads by stream."""
    return {row.stream: Head(*row) for row in connection.execute(select(head_table).order_by(head_table.c.stream))}


def write_entries(connection: Connection, entries: Iterable[Entry]) -> None:
    """Write sealed entries."""
    rows = [{column.name: getattr(entry, column.name) for column in table.columns} for entry in entries]
    if rows:
        connection.execute(insert(table), rows)


def write_heads(connection: Connection, heads: Iterable[Head]) -> None:
    """Move recorded heads forward to entries that are written."""
    for head in heads:
        connection.execute(
            update(head_table)
            .where(head_table.c.stream == head.stream)
            .values(sequence=head.sequence, recorded_at=head.recorded_at, hash=head.hash)
        )


def _entry(connection: Connection, stream: str, sequence: int) -> Entry | None:
    row = connection.execute(select(table).where(table.c.stream == stream, table.c.sequence == sequence)).one_or_none()
    return None if row is None else Entry(*row)


def locked_head(connection: Connection, stream: str) -> Head:
    """Give the head of a stream, whose next writer waits until the transaction of the connection ends."""
    query = select(head_table).where(head_table.c.stream == stream).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise DostastyqError("ST020", f"the recorded head of {stream} is missing", "run: dostastyq db verify")
    return Head(*row)


def _check_superseded(connection: Connection, entry: Entry, unwritten: list[Entry]) -> None:
    """Refuse a correction of what is not there, or of what has been corrected already."""
    target = entry.supersedes
    if target is None or not 1 <= target < entry.sequence:
        raise DostastyqError(
            "ST012",
            f"{entry.stream} has no entry {target} to supersede",
            f"its last entry is {entry.sequence - 1}",
        )
    query = select(table).where(table.c.stream == entry.stream, table.c.payload.contains('"supersedes":'))
    corrections = [*(Entry(*row) for row in connection.execute(query)), *unwritten]
    for other in corrections:
        if other.stream == entry.stream and other.supersedes == target:
            raise DostastyqError(
                "ST012", f"{entry.stream} {target} was superseded by {other.sequence}", f"supersede {other.sequence}"
            )


def _verify_stream(
    connection: Connection, stream: str, recorded: Head | None, seen: dict[int, Head]
) -> tuple[Head, Fault | None]:
    """Follow one chain to its end or first fault."""
    reached = Head(stream)
    try:
        for entry in iter_entries(connection, stream):
            fault = check(reached, entry)
            if fault is not None:
                return reached, fault
            reached = entry.head
            if reached.sequence in seen and (fault := compare_heads(reached, seen[reached.sequence])):
                return reached, fault
    except DBAPIError as error:
        return reached, Fault(stream, reached.sequence, "what follows", "readable", str(error.orig))
    missing = [head for sequence, head in sorted(seen.items()) if sequence > reached.sequence]
    return reached, compare_heads(reached, missing[0] if missing else recorded)


def _missing_guards(connection: Connection) -> list[Fault]:
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D' AND NOT tgisinternal"
    present = set(connection.exec_driver_sql(query).scalars())
    return [Fault("", 0, f"trigger {name}", "present", "missing") for name in sorted(GUARDS - present)]
