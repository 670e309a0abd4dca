"""Where the database is, how it is set up, and which databases are refused."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

import dostastyq.store
from dostastyq.errors import DostastyqError
from dostastyq.store import database_url, engine, journal_exists, open_journal, upgrade
from dostastyq.store.editions import LATEST, edition
from dostastyq.store.entry import STREAMS
from dostastyq.store.tables import metadata


def refused(call, *arguments):
    """Code of the refusal of a call; its message must not betray a password."""
    with pytest.raises(DostastyqError) as caught:
        call(*arguments)
    assert "secret" not in str(caught.value)
    assert caught.value.hint
    return caught.value.code


@pytest.mark.parametrize(
    ("variables", "platform", "expected"),
    [
        ({"DOSTASTYQ_HOME": "/moved"}, "linux", "/moved"),
        ({"XDG_DATA_HOME": "/data"}, "linux", "/data/dostastyq"),
        ({}, "linux", "/home/officer/.local/share/dostastyq"),
        ({"DOSTASTYQ_HOME": ""}, "darwin", "/home/officer/Library/Application Support/dostastyq"),
        ({"LOCALAPPDATA": "/local"}, "win32", "/local/dostastyq"),
        ({}, "win32", "/home/officer/AppData/Local/dostastyq"),
    ],
)
def test_the_users_folder(monkeypatch, variables, platform, expected):
    for name in ("DOSTASTYQ_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/officer")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("dostastyq.files.sys.platform", platform)
    assert database_url() == f"sqlite:///{expected}/dostastyq.sqlite"


def test_the_variable_names_a_server(monkeypatch):
    monkeypatch.setenv("DOSTASTYQ_DATABASE_URL", "postgres://officer@server/house")
    assert database_url() == "postgresql+psycopg://officer@server/house"
    assert database_url(Path("mine.sqlite")) == f"sqlite:///{Path.cwd()}/mine.sqlite"
    assert journal_exists()


def test_a_new_file_is_made_with_its_folders(tmp_path):
    place = tmp_path / "new" / "Қазақ %20 ?x=1" / "mine.sqlite"
    assert not journal_exists(place)
    assert refused(lambda: open_journal(place, create=False)) == "ST021"
    assert not place.exists()
    open_journal(place).close()
    assert journal_exists(place)
    open_journal(place, create=False).close()


def test_sqlite_loses_nothing(tmp_path):
    with open_journal(tmp_path / "mine.sqlite") as journal, journal.database.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 60_000}


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("mysql://officer:secret@server/house", "ST001"),
        ("sqlite:///:memory:", "ST001"),
        ("postgresql://officer:secret@server:port/house", "ST001"),
        ("/proc/nowhere/mine.sqlite", "ST003"),
    ],
)
def test_other_databases_are_refused(place, code):
    assert refused(engine, place) == code


def test_a_server_that_does_not_answer():
    assert refused(open_journal, "postgresql://officer:secret@/house?host=/nowhere") == "ST003"


def test_without_the_driver_of_postgresql(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert refused(engine, "postgresql://officer:secret@server/house") == "ST002"


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "mine.sqlite").write_text("not a database " * 100, encoding="utf-8")
    assert refused(open_journal, tmp_path / "mine.sqlite") == "ST003"


def test_a_server_wants_an_upgrade_first(new_postgres):
    place = new_postgres()
    assert refused(open_journal, place) == "ST004"
    database = engine(place)
    assert upgrade(database) is None
    assert upgrade(database) == LATEST
    database.dispose()
    with open_journal(place) as journal:
        assert journal.verify().ok


def test_upgrading_twice_changes_nothing(journal):
    journal.append([dostastyq.store.Draft("council", "note", {})], author="A. Officer")
    assert upgrade(journal.database) == LATEST
    assert journal.verify().require().entries == 1


def test_a_newer_database_is_left_alone(new_place, opened):
    place = new_place()
    with opened(place) as journal:
        with journal.transaction() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        assert refused(upgrade, journal.database) == "ST005"
    assert refused(open_journal, place) == "ST005"


def test_a_database_in_another_encoding_is_refused(postgres):
    import psycopg  # noqa: PLC0415 -- with the server only

    with psycopg.connect(postgres.format(name="postgres"), autocommit=True) as server:
        server.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    database = engine(postgres.format(name="latin"))
    assert refused(upgrade, database) == "ST006"
    database.dispose()


def test_an_old_server_is_refused(new_postgres, monkeypatch):
    monkeypatch.setattr("dostastyq.store.editions.OLDEST_POSTGRESQL", 1000)
    database = engine(new_postgres())
    assert refused(upgrade, database) == "ST006"
    database.dispose()


def test_migrations_and_tables_agree(journal):
    with journal.database.connect() as connection:
        assert edition(connection) == LATEST
        inspector = inspect(connection)
        for name, table in metadata.tables.items():
            assert [column["name"] for column in inspector.get_columns(name)] == table.columns.keys()
            assert inspector.get_pk_constraint(name)["constrained_columns"] == table.primary_key.columns.keys()
        streams = connection.exec_driver_sql("SELECT stream FROM journal_head ORDER BY stream").scalars().all()
    assert tuple(streams) == STREAMS


def test_the_newest_edition_is_the_last_migration():
    config = Config()
    config.set_main_option("script_location", str(Path(dostastyq.store.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == LATEST


def test_a_locked_database_is_reported(tmp_path, monkeypatch):
    monkeypatch.setattr("dostastyq.store.database.BUSY_SECONDS", 0.1)
    with open_journal(tmp_path / "mine.sqlite") as journal, closing(sqlite3.connect(tmp_path / "mine.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DostastyqError, match="locked") as caught:
            journal.append([dostastyq.store.Draft("council", "note", {})], author="A. Officer")
        assert caught.value.code == "ST013"
        other.rollback()
        assert journal.append([dostastyq.store.Draft("council", "note", {})], author="A. Officer")
