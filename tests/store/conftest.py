"""Both databases, and ways to tamper with them."""

from contextlib import contextmanager

import pytest

from dostastyq.store import engine, open_journal, upgrade


@pytest.fixture(params=["sqlite", "postgresql"])
def new_place(request, tmp_path):
    """Make places of empty databases on one engine: each call gives one."""
    if request.param == "postgresql":
        return request.getfixturevalue("new_postgres")
    numbers = iter(range(1000))
    return lambda: str(tmp_path / f"journal-{next(numbers)}.sqlite")


@pytest.fixture
def opened():
    """Open a journal on a place, upgrading a server's database first."""

    def call(place):
        database = engine(place)
        upgrade(database)
        database.dispose()
        return open_journal(place)

    return call


@pytest.fixture
def journal(new_place, opened):
    """An empty journal."""
    with opened(new_place()) as journal:
        yield journal


@pytest.fixture
def without_guards():
    """Connection of somebody with full access, whom no trigger stops; the triggers come back afterwards."""
    return _without_guards


@contextmanager
def _without_guards(journal):
    dialect = journal.database.dialect.name
    with journal.database.connect().execution_options(writes=True) as connection, connection.begin():
        kept = []
        if dialect == "sqlite":
            kept = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'trigger'").scalars().all()
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
            for name in names:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            for table in ("journal", "journal_head"):
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        yield connection
        for statement in kept:
            connection.exec_driver_sql(statement)
        if dialect == "postgresql":
            for table in ("journal", "journal_head"):
                connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
