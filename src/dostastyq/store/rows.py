"""Rows of other tables that belong to entries of the journal: written with them, and covered by their hashes.

The payload of such an entry has ``attached``: for each table the number of its rows and a SHA-256 over their canonical
text, ``[[…],[…]]`` without spaces in the order of the primary key, ``entry`` left out. As the payload is hashed into
the chain, no row can be changed, added or removed unseen.
"""

import heapq
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby, islice, repeat
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

from dostastyq.store.books import BOOKS
from dostastyq.store.chain import Fault

Row: TypeAlias = tuple[Any, ...]
Group: TypeAlias = tuple[int, Table, Iterator[list[Row]]]
STREAM = "ledger"
CHUNK = 10_000
PART = 20_000
"""Rows whose text is made at a time: few enough to stay near the processor."""
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class Digest:
    """Number and hash of rows, a part at a time.

    Examples
    --------
    >>> found = Digest()
    >>> found.add([(1, "KAZ"), (2, None)])
    >>> found.value["count"], found.value["sha256"][:8]
    (2, '2fa923a1')
    """

    def __init__(self) -> None:
        self._hash, self._count = sha256(b"["), 0

    def add(self, rows: Sequence[Row]) -> None:
        """Take in rows that follow those before."""
        self.add_text(_ENCODE(rows)[1:-1], len(rows))

    def add_text(self, text: str, count: int) -> None:
        """Take in the canonical text of rows."""
        if count:
            self._hash.update((b"," if self._count else b"") + text.encode())
            self._count += count

    @property
    def value(self) -> dict[str, Any]:
        """What the payload of the entry says."""
        ended = self._hash.copy()
        ended.update(b"]")
        return {"count": self._count, "sha256": ended.hexdigest()}


@dataclass(frozen=True, slots=True)
class Bulk:
    """Many rows, as columns of the same length; one value that stands for a whole column is that value.

    Parameters
    ----------
    columns
        In the order of the columns of the table, without ``entry``.
    count
        Number of rows.
    """

    columns: tuple[Any, ...]
    count: int

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Row]:
        every = (column if isinstance(column, list) else repeat(column, self.count) for column in self.columns)
        return zip(*every, strict=True)

    def texts(self) -> Iterator[tuple[str, int]]:
        """Yield the canonical text of the rows a part at a time, without the outer brackets, and the rows of each."""
        for begin in range(0, self.count, PART):
            end = min(begin + PART, self.count)
            yield _text([one[begin:end] if isinstance(one, list) else one for one in self.columns]), end - begin


def _text(columns: Sequence[Any]) -> str:
    """Canonical text of rows, by polars, as the plain form would be."""
    import polars as pl  # noqa: PLC0415 -- for many rows only

    parts: list[Any] = []
    fixed = "["
    for place, column in enumerate(columns):
        fixed += "," if place else ""
        if not isinstance(column, list):
            fixed += _ENCODE(column)
            continue
        values = pl.Series(column)
        if values.dtype == pl.Null:
            fixed += "null"
            continue
        quote, encoded = _encoded(values)
        parts += [pl.lit(fixed + quote), encoded]
        fixed = quote
    joined = pl.select(pl.concat_str([*parts, pl.lit(fixed + "]")]).alias("row"))["row"]
    return str(joined.str.join(",").item())


def _encoded(values: Any) -> tuple[str, Any]:  # noqa: ANN401 -- series of polars, which is imported late
    """JSON text of a column, and the quote that is still to stand on both sides of it."""
    import polars as pl  # noqa: PLC0415

    if values.dtype.is_integer():
        return "", values.cast(pl.String).fill_null("null") if values.null_count() else values
    if values.dtype != pl.String:
        raise TypeError(values.dtype)
    if values.str.contains(r'["\\\x00-\x1f]').any():
        return "", pl.Series([_ENCODE(value) for value in values])
    if values.null_count():
        quoted = pl.concat_str(pl.lit('"'), values, pl.lit('"')).fill_null("null")
        return "", pl.select(quoted.alias("text"))["text"]
    return '"', values


def attach(connection: Connection, entry: int, rows: Mapping[Table, Sequence[Row] | Bulk]) -> dict[str, Any]:
    """Write rows that belong to an entry that is to follow in the same transaction.

    Parameters
    ----------
    connection
        Connection of `Journal.transaction`, with the head of the stream locked.
    entry
        Sequence that the entry will have.
    rows
        By table, rows in the order of the primary key and of its columns, without ``entry``.

    Returns
    -------
    dict
        What the payload of the entry must have as ``attached``.
    """
    made = {}
    for table in BOOKS:
        if not (wanted := rows.get(table, ())):
            continue
        digest = Digest()
        if isinstance(wanted, Bulk):
            for text, count in wanted.texts():
                digest.add_text(text, count)
        else:
            digest.add(wanted)
        write(connection, table, entry, wanted)
        made[table.name] = digest.value
    return made


def write(connection: Connection, table: Table, entry: int, rows: Iterable[Row]) -> None:
    """Write rows in bulk, by the fastest way that the driver has."""
    names = ", ".join(column.name for column in table.columns if column.name != "entry")
    driver: Any = connection.connection.driver_connection
    dbapi: Any = connection.dialect.dbapi
    sqlite = connection.dialect.name == "sqlite"
    marks = ", ".join("?" * (len(table.columns) - 1))
    statement = f"INSERT INTO {table.name} ({names}, entry) VALUES ({marks}, {entry:d})"
    if not sqlite:
        statement = f"COPY {table.name} ({names}, entry) FROM STDIN"
    try:
        if sqlite:
            driver.executemany(statement, rows)
            return
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row((*row, entry))
    except dbapi.Error as error:
        raise DBAPIError.instance(statement, None, error, dbapi.Error, dialect=connection.dialect) from error


def iter_rows(execute: Callable[[str], Iterable[Row]], tables: Iterable[Table] = BOOKS) -> Iterator[Group]:
    """Yield the rows of every entry: its sequence, table, and rows a part at a time; in the order of writing."""

    def of(place: int, table: Table) -> Iterator[tuple[int, int, Row]]:
        names = [column.name for column in table.columns if column.name != "entry"]
        keys = [column.name for column in table.primary_key]
        query = f"SELECT entry, {', '.join(names)} FROM {table.name} ORDER BY entry, {', '.join(keys)}"
        return ((row[0], place, tuple(row[1:])) for row in execute(query))

    listed = list(tables)
    merged = heapq.merge(*(of(place, table) for place, table in enumerate(listed)), key=itemgetter(0, 1))
    for (entry, place), group in groupby(merged, itemgetter(0, 1)):
        yield entry, listed[place], _parts(row for _, _, row in group)


def _parts(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while part := list(islice(rows, CHUNK)):
        yield part


def checked(groups: Iterable[Group], expected: Mapping[int, Mapping[str, Any]]) -> Iterator[Group | Fault]:
    """Pass the rows of entries on, and say where they are not those that the entries attest.

    Parameters
    ----------
    groups
        What `iter_rows` yields.
    expected
        By sequence of the entry, its ``attached``.
    """
    missing = {(entry, name) for entry, attached in expected.items() for name in attached}
    for entry, table, parts in groups:
        digest = Digest()
        yield entry, table, _counted(parts, digest)  # whoever reads counts; the rest is counted here
        for part in parts:
            digest.add(part)
        wanted = expected.get(entry, {}).get(table.name)
        missing.discard((entry, table.name))
        if digest.value != wanted:
            yield Fault(STREAM, entry, f"rows of {table.name}", str(wanted), str(digest.value))
    for entry, name in sorted(missing):
        yield Fault(STREAM, entry, f"rows of {name}", str(expected[entry][name]), "missing")


def _counted(parts: Iterator[list[Row]], digest: Digest) -> Iterator[list[Row]]:
    for part in parts:
        digest.add(part)
        yield part


def attested(entries: Iterable[tuple[int, str]]) -> dict[int, dict[str, Any]]:
    """Read what the payloads of entries say of their rows, by sequence."""
    found = {}
    for sequence, payload in entries:
        if '"attached"' in payload and isinstance(attached := json.loads(payload).get("attached"), dict):
            found[sequence] = attached
    return found


def faults(connection: Connection) -> list[Fault]:
    """First row or entry of the books that does not agree with the journal."""
    query = "SELECT sequence, payload FROM journal WHERE stream = 'ledger' ORDER BY sequence"
    expected = attested(iter(connection.exec_driver_sql(query)))

    with ExitStack() as open_results:

        def execute(query: str) -> Iterable[Row]:
            result = connection.exec_driver_sql(query, execution_options={"yield_per": CHUNK})
            open_results.callback(result.close)
            return (tuple(row) for row in result)

        for found in checked(iter_rows(execute), expected):
            if isinstance(found, Fault):
                return [found]
    return []
