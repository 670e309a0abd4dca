"""Backups: one file with the whole journal and the books, which restores into either database.

A backup of SQLite is an SQLite file; one of PostgreSQL is JSON Lines: first a line with format and heads, then one line
an entry, then the rows of the books, some of one entry and table a line. Both are read back entry by entry, every hash
recomputed, and compared with the heads they carry; the rows are compared with what the entries attest.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, select

from dostastyq.errors import DostastyqError
from dostastyq.store.books import BOOKS
from dostastyq.store.chain import Fault, broken, check, compare_heads
from dostastyq.store.database import reading, writing
from dostastyq.store.entry import STREAMS, Entry, Head
from dostastyq.store.journal import PAGE, Journal, iter_entries, read_heads, write_entries, write_heads
from dostastyq.store.rows import CHUNK, STREAM, Group, Row, attested, checked, iter_rows, write
from dostastyq.store.tables import journal as table

FORMAT = "dostastyq-journal"
VERSION = 2
READ = (1, 2)
"""Versions that are read; the first has no rows of the books."""
_SQLITE_MAGIC = b"SQLite format 3\x00"
_FIELDS = tuple(field.name for field in fields(Entry))


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup file.

    Parameters
    ----------
    path
        The file.
    heads
        The head of each stream when it was made, by stream.
    """

    path: Path
    heads: dict[str, Head]

    @property
    def entries(self) -> int:
        """Number of entries that the file says it holds."""
        return sum(head.sequence for head in self.heads.values())


def backup(journal: Journal, path: str | Path) -> Backup:
    """Write a consistent copy of a journal while others go on writing.

    Parameters
    ----------
    journal
        The journal.
    path
        File to make; it appears when it is whole and has been verified.

    Raises
    ------
    DostastyqError
        ``ST020`` where the journal itself does not verify, ``ST030`` where the file is there already or cannot be
        written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from dostastyq.store import Draft, open_journal
    >>> with TemporaryDirectory() as folder, open_journal(f"{folder}/mine.sqlite") as journal:
    ...     _ = journal.append([Draft("council", "note", {"text": "agenda"})], author="secretariat")
    ...     backup(journal, f"{folder}/backup.sqlite").entries
    1
    """
    target = Path(path)
    with _new_file(target) as unfinished:
        if journal.database.dialect.name == "sqlite":
            _copy_sqlite(journal.database, unfinished)
        else:
            _write_lines(journal.database, unfinished)
        made = open_backup(unfinished)
        expected = attested(_ledger(made_entries(made)))
        for _, _, parts in made_rows(made, expected):
            for _ in parts:
                pass
    return Backup(target, made.heads)


def restore(journal: Journal, path: str | Path) -> Backup:
    """Fill an empty journal from a backup, in one transaction.

    Parameters
    ----------
    journal
        The journal to fill, on either database.
    path
        A backup from either database.

    Raises
    ------
    DostastyqError
        ``ST031`` where the journal has entries, ``ST032`` for a file that is no backup, ``ST020`` for one that does
        not verify. The journal stays empty then.
    """
    source = open_backup(Path(path))
    with writing(journal.database) as connection:
        if journal.database.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE journal_head IN EXCLUSIVE MODE")
        if held := connection.scalar(select(func.count()).select_from(table)):
            raise DostastyqError("ST031", f"the journal holds {held} entries", "restore into a new database")
        entries = made_entries(source)
        expected: dict[int, dict[str, Any]] = {}
        while page := list(islice(entries, PAGE)):
            write_entries(connection, page)
            expected |= attested(_ledger(page))
        for entry, kind, parts in made_rows(source, expected):
            for part in parts:
                write(connection, kind, entry, part)
        write_heads(connection, (head for head in source.heads.values() if head.sequence))
    return source


def open_backup(path: Path) -> Backup:
    """Read what a backup says it holds.

    Raises
    ------
    DostastyqError
        ``ST032`` for a file that is no backup.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(_SQLITE_MAGIC))
    except OSError as error:
        raise DostastyqError("ST032", f"{path}: cannot be read: {error.strerror}", "name a backup file") from None
    found = _sqlite_heads(path) if start == _SQLITE_MAGIC else _line_heads(path)
    if unknown := sorted(found.keys() - set(STREAMS)):
        raise _no_backup(path, f"unknown streams {', '.join(unknown)}")
    return Backup(path, found)


def made_entries(source: Backup) -> Iterator[Entry]:
    """Yield the entries of a backup, stream by stream, each checked.

    Raises
    ------
    DostastyqError
        ``ST020`` at an entry that was changed, or where the entries do not end at the heads.
    """
    with source.path.open("rb") as file:
        binary = file.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC
    reached: dict[str, Head] = {}
    for entry in _sqlite_entries(source.path) if binary else _line_entries(source.path):
        fault = check(reached.get(entry.stream, Head(entry.stream)), entry)
        if fault is not None:
            raise broken(fault)
        reached[entry.stream] = entry.head
        yield entry
    for stream in sorted({*source.heads, *reached}):
        fault = compare_heads(reached.get(stream, Head(stream)), source.heads.get(stream))
        if fault is not None:
            raise broken(fault)


def made_rows(source: Backup, expected: Mapping[int, Mapping[str, Any]]) -> Iterator[Group]:
    """Yield the rows of the books in a backup, as `iter_rows` does, each entry's checked when they were read.

    Raises
    ------
    DostastyqError
        ``ST020`` at rows that are not those of their entry.
    """
    with source.path.open("rb") as file:
        binary = file.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC
    for found in checked(_sqlite_groups(source.path) if binary else _line_groups(source.path), expected):
        if isinstance(found, Fault):
            raise broken(found)
        yield found


def _ledger(entries: Iterable[Entry]) -> Iterator[tuple[int, str]]:
    return ((entry.sequence, entry.payload) for entry in entries if entry.stream == STREAM)


@contextmanager
def _new_file(target: Path) -> Iterator[Path]:
    """Write beside a target that must not be there, and give it its name when whole and on the disk."""
    if target.exists():
        raise DostastyqError("ST030", f"{target}: there is a file of this name", "name a new file")
    try:
        with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as made:
            unfinished = Path(made.name)
    except OSError as error:
        raise DostastyqError("ST030", f"{target}: cannot be written: {error.strerror}", "name another place") from None
    try:
        yield unfinished
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise DostastyqError("ST030", f"{target}: cannot be written: {error}", "name another place") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _copy_sqlite(database: Engine, target: Path) -> None:
    with closing(sqlite3.connect(target)) as copy:
        with database.connect() as connection:
            source = connection.connection.driver_connection
            if not isinstance(source, sqlite3.Connection):
                raise TypeError(type(source))
            source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def _write_lines(database: Engine, target: Path) -> None:
    with reading(database) as connection, target.open("w", encoding="utf-8", newline="\n") as file:
        heads = read_heads(connection)
        first = {"format": FORMAT, "version": VERSION, "heads": [_values(head) for head in heads.values()]}
        file.write(_line(first))
        for stream in heads:
            file.writelines(_line(_values(entry)) for entry in iter_entries(connection, stream))
        for entry, kind, parts in iter_rows(lambda query: _execute(connection, query)):
            file.writelines(_line({"table": kind.name, "entry": entry, "rows": part}) for part in parts)
        file.flush()
        os.fsync(file.fileno())


def _execute(connection: Connection, query: str) -> Iterable[Row]:
    rows = connection.exec_driver_sql(query, execution_options={"yield_per": CHUNK})
    return (tuple(row) for row in rows)


def _values(record: Entry | Head) -> dict[str, object]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


def _line(record: dict[str, object]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def _sqlite_rows(path: Path, query: str) -> Iterator[tuple[Any, ...]]:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            yield from connection.execute(query)
    except sqlite3.Error as error:
        raise _no_backup(path, str(error)) from error


def _sqlite_heads(path: Path) -> dict[str, Head]:
    rows = _sqlite_rows(path, "SELECT stream, sequence, recorded_at, hash FROM journal_head ORDER BY stream")
    return {row[0]: Head(*row) for row in rows}


def _sqlite_entries(path: Path) -> Iterator[Entry]:
    rows = _sqlite_rows(path, f"SELECT {', '.join(_FIELDS)} FROM journal ORDER BY stream, sequence")
    return (Entry(*row) for row in rows)


def _sqlite_groups(path: Path) -> Iterator[Group]:
    present = {row[0] for row in _sqlite_rows(path, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    kinds = [kind for kind in BOOKS if kind.name in present]
    return iter_rows(lambda query: _sqlite_rows(path, query), kinds)


def _line_records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            for number, line in enumerate(file, start=1):
                record = json.loads(line)
                if not isinstance(record, dict):
                    raise _no_backup(path, f"line {number} is no record")
                yield number, record
    except ValueError as error:
        raise _no_backup(path, f"line {number or 1}: {error}") from None


def _line_heads(path: Path) -> dict[str, Head]:
    _, first = next(_line_records(path), (0, {}))
    if first.get("format") != FORMAT or first.get("version") not in READ:
        raise _no_backup(path, f"the first line does not say {FORMAT} version {VERSION}")
    try:
        return {record["stream"]: Head(**_typed(path, 1, record, Head)) for record in first["heads"]}
    except (KeyError, TypeError):
        raise _no_backup(path, "line 1: the heads cannot be read") from None


def _line_entries(path: Path) -> Iterator[Entry]:
    for number, record in islice(_line_records(path), 1, None):
        if "table" in record:
            return
        yield Entry(**_typed(path, number, record, Entry))


def _line_groups(path: Path) -> Iterator[Group]:
    """Rows of the books; lines of one entry and table that follow each other are one group."""
    kinds = {kind.name: kind for kind in BOOKS}

    def lines() -> Iterator[tuple[int, str, list[Row]]]:
        begun = False
        for number, record in islice(_line_records(path), 1, None):
            begun = begun or "table" in record
            if begun:
                yield _rows_of(path, number, record, kinds)

    for (entry, name), group in groupby(lines(), key=itemgetter(0, 1)):
        yield entry, kinds[name], (rows for _, _, rows in group)


def _rows_of(path: Path, number: int, record: dict[str, Any], kinds: Mapping[str, Table]) -> tuple[int, str, list[Row]]:
    """Give the rows of a line back when they have the columns of their table."""
    entry, name, rows = record.get("entry"), record.get("table"), record.get("rows")
    if record.keys() != {"table", "entry", "rows"} or type(entry) is not int or not isinstance(name, str):
        raise _no_backup(path, f"line {number} has no rows of the books")
    if name not in kinds:
        raise _no_backup(path, f"line {number}: {name} is no table of the books")
    width = len(kinds[name].columns) - 1
    if not isinstance(rows, list) or any(not isinstance(row, list) or len(row) != width for row in rows):
        raise _no_backup(path, f"line {number}: {name} wants rows of {width} columns")
    return entry, name, [tuple(row) for row in rows]


def _typed(path: Path, number: int, record: dict[str, Any], kind: type[Entry | Head]) -> dict[str, Any]:
    """Give a record back when it has the fields of its kind, with their types."""
    wanted = {field.name: field.type for field in fields(kind)}
    if record.keys() != wanted.keys() or any(type(record[name]) is not wanted[name] for name in wanted):
        raise _no_backup(path, f"line {number}: {kind.__name__.lower()} wants {', '.join(wanted)}")
    return record


def _no_backup(path: Path, why: str) -> DostastyqError:
    return DostastyqError("ST032", f"{path} is not a whole backup of a journal: {why}", "name a backup file")
