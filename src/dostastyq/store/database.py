"""Engines: SQLite set up to lose nothing, PostgreSQL through psycopg."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from dostastyq.errors import DostastyqError
from dostastyq.store.place import database_url

BUSY_SECONDS = 60
"""How long a writer waits for another one on SQLite."""

CACHE_KIBIBYTES = 65_536
"""Pages that a connection to SQLite may keep: a large batch is not written twice to the log."""

_PRAGMAS = (
    "foreign_keys = ON",
    "synchronous = FULL",
    f"cache_size = -{CACHE_KIBIBYTES}",
    "recursive_triggers = ON",  # INSERT OR REPLACE then fires the triggers that refuse DELETE
)


def engine(place: str | Path | None = None) -> Engine:
    """Make the engine of a database.

    Parameters
    ----------
    place
        A PostgreSQL URL, or the path of an SQLite file; by default what ``DOSTASTYQ_DATABASE_URL`` names, else the file
        in the user's data folder.

    Returns
    -------
    Engine
        On SQLite with write-ahead log, foreign keys, full synchronisation and a busy timeout. No connection is made
        yet; the folder of an SQLite file is made.

    Raises
    ------
    DostastyqError
        ``ST001`` for another kind of database, ``ST002`` without the PostgreSQL driver, ``ST003`` where the folder
        cannot be made.

    Examples
    --------
    >>> engine("postgresql://localhost/house").dialect.name
    'postgresql'
    """
    url = database_url(place)
    if url.startswith("sqlite:///") and url != "sqlite:///:memory:":
        return _sqlite(Path(url.removeprefix("sqlite:///")))
    if url.startswith("postgresql+psycopg://"):
        return _postgresql(url)
    scheme = url.partition("://")[0]
    raise DostastyqError(
        "ST001", f"{scheme!r} is not a database of the journal", "name an SQLite file or postgresql://…"
    )


def _sqlite(path: Path) -> Engine:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DostastyqError(
            "ST003", f"{path.parent}: the folder cannot be made: {error.strerror}", "set DOSTASTYQ_HOME to another one"
        ) from None
    made = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS})
    event.listen(made, "connect", _prepare_sqlite)
    event.listen(made, "begin", _begin_sqlite)
    return made


def _prepare_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        _turn_on_wal(connection)


def _turn_on_wal(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; the busy timeout does not cover this, and others may be doing the same."""
    patience = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > patience:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    """Begin a transaction; a writer takes the lock at once, so that what it reads stays true until it commits."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: str) -> Engine:
    try:
        return create_engine(make_url(url), pool_pre_ping=True)
    except ModuleNotFoundError:
        raise DostastyqError(
            "ST002", "the PostgreSQL driver is not installed", "pip install 'dostastyq[postgres]'"
        ) from None
    except (ArgumentError, ValueError):
        raise DostastyqError(
            "ST001", "the URL of the database cannot be read", "write postgresql://user@host:5432/name"
        ) from None


@contextmanager
def reading(database: Engine) -> Iterator[Connection]:
    """Read one state of the database: what others commit meanwhile stays out."""
    with _refusals(database, "ST003", "read", "check that the server runs, or the file and its folder"):
        connection = database.connect()
        if database.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection, connection.begin():
            yield connection


@contextmanager
def writing(database: Engine) -> Iterator[Connection]:
    """Write in one transaction: all of it is kept, or nothing."""
    with (
        _refusals(database, "ST013", "written; nothing of this was kept", "mend the cause and repeat"),
        database.connect().execution_options(writes=True) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def _refusals(database: Engine, code: str, verb: str, hint: str) -> Iterator[None]:
    """Turn what the driver raises into a refusal that names the database without its password."""
    try:
        yield
    except DBAPIError as error:
        cause = " ".join(str(error.orig).split())
        place = database.url.database if database.dialect.name == "sqlite" else database.url.render_as_string()
        raise DostastyqError(code, f"{place} cannot be {verb}: {cause}", hint) from error
