"""The journal on both databases: order, refusals, many writers."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from dostastyq import store
from dostastyq.errors import DostastyqError
from dostastyq.store import GENESIS, STREAMS, Draft, Head, open_journal


def note(text="agenda", stream="council", **more):
    """A draft to record."""
    return Draft(stream, "note", {"text": text, **more})


def test_importing_the_store_loads_no_database_library():
    probe = (
        "import sys, dostastyq.store as s; dir(s); print([m for m in ('sqlalchemy', 'alembic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there():
    assert all(getattr(store, name) is not None for name in store.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        store.nothing  # noqa: B018 -- the look-up is the test


def test_entries_follow_each_other(journal):
    first, second = journal.append([note("one"), note("two")], author="A. Officer")
    (third,) = journal.append([note("Үшінші")], author="Ә. Қызметкер")
    assert [entry.sequence for entry in (first, second, third)] == [1, 2, 3]
    assert (first.previous_hash, second.previous_hash, third.previous_hash) == (GENESIS, first.hash, second.hash)
    assert first.recorded_at < second.recorded_at < third.recorded_at
    assert journal.read("council") == (first, second, third)
    assert journal.head("council") == third.head
    assert third.content == {"text": "Үшінші"}
    assert abs(third.moment - datetime.now(UTC)) < timedelta(minutes=5)


def test_streams_are_chains_of_their_own(journal):
    journal.append([note(stream=stream) for stream in STREAMS for _ in range(2)], author="all")
    verified = journal.verify()
    assert verified.ok
    assert verified.entries == 8
    assert [(head.stream, head.sequence) for head in verified.heads] == [(stream, 2) for stream in STREAMS]


def test_reading_until_a_moment_and_after_an_entry(journal):
    entries = journal.append([note(str(number)) for number in range(5)], author="A. Officer")
    assert journal.read("council", until=entries[2].moment) == entries[:3]
    assert journal.read("council", until=entries[0].moment - timedelta(microseconds=1)) == ()
    assert journal.read("council", after=3) == entries[3:]
    assert journal.read("council", after=9) == ()
    with pytest.raises(DostastyqError) as caught:
        journal.read("council", until=datetime(2026, 1, 1))  # noqa: DTZ001 -- the refusal is the test
    assert caught.value.code == "ST014"


def test_recorded_time_never_runs_back(journal, monkeypatch):
    (ahead,) = journal.append([note()], author="A. Officer")
    monkeypatch.setattr("dostastyq.store.journal.time.time_ns", lambda: 0)
    (after,) = journal.append([note()], author="A. Officer")
    assert after.recorded_at == ahead.recorded_at + 1
    assert journal.verify().ok


def test_nothing_to_append(journal):
    assert journal.append([], author="A. Officer") == ()
    assert journal.head("register") == Head("register")


@pytest.mark.parametrize(
    ("draft", "author", "code"),
    [
        (note(stream="secret"), "A. Officer", "ST010"),
        (note(share=0.5), "A. Officer", "ST011"),
        (note(nested={"days": [{1: "one"}]}), "A. Officer", "ST011"),
        (note("\udc80"), "A. Officer", "ST011"),
        (note(), "", "ST011"),
        (note(), "A.\nOfficer", "ST011"),
        (note(), "A" * 201, "ST011"),
        (Draft("council", " ", {}), "A. Officer", "ST011"),
        (note(supersedes=3), "A. Officer", "ST012"),
        (note(supersedes=2), "A. Officer", "ST012"),
        (note(supersedes=0), "A. Officer", "ST012"),
        (note(supersedes=True), "A. Officer", "ST011"),
        (note(supersedes="1"), "A. Officer", "ST011"),
    ],
)
def test_what_cannot_be_recorded_leaves_no_trace(journal, draft, author, code):
    journal.append([note()], author="A. Officer")
    with pytest.raises(DostastyqError) as caught:
        journal.append([draft] if code != "ST010" else [note(), draft], author=author)
    assert caught.value.code == code
    assert caught.value.hint
    assert len(journal.read("council")) == 1


def test_a_correction_supersedes_once(journal):
    journal.append([note("agnda")], author="A. Officer")
    (correction,) = journal.append([note("agenda", supersedes=1)], author="A. Officer")
    assert correction.supersedes == 1
    with pytest.raises(DostastyqError, match="superseded by 2") as caught:
        journal.append([note("other", supersedes=1)], author="A. Officer")
    assert caught.value.code == "ST012"
    journal.append([note("agenda of May", supersedes=2)], author="A. Officer")
    journal.append([note(stream="register"), note(stream="register", supersedes=1)], author="A. Officer")
    assert journal.verify().entries == 5


def test_a_transaction_is_kept_whole_or_not_at_all(journal):
    def write():
        with journal.transaction() as connection:
            connection.exec_driver_sql("CREATE TABLE postings (amount INTEGER)")
            connection.exec_driver_sql("INSERT INTO postings VALUES (100)")
            journal.append([note(stream="ledger")], author="bank", connection=connection)
            raise KeyError("the caller fails")

    with pytest.raises(KeyError):
        write()
    assert journal.head("ledger").sequence == 0
    with journal.transaction() as connection:
        connection.exec_driver_sql("CREATE TABLE postings (amount INTEGER)")
        journal.append([note(stream="ledger")], author="bank", connection=connection)
    assert journal.head("ledger").sequence == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET author = 'nobody'",
        "DELETE FROM journal",
        "DELETE FROM journal_head",
        "UPDATE journal_head SET sequence = 1 WHERE stream = 'council'",
        "UPDATE journal_head SET sequence = 9 WHERE stream = 'council'",
        f"UPDATE journal_head SET sequence = 3, hash = '{GENESIS}' WHERE stream = 'council'",
        f"INSERT INTO journal VALUES ('council', 1, 9, 'x', 'x', '', '{GENESIS}', 'h')",
        f"INSERT INTO journal VALUES ('council', 3, 9, 'x', 'x', '', '{GENESIS}', 'h')",
        f"INSERT INTO journal VALUES ('council', 9, 9, 'x', 'x', '', '{GENESIS}', 'h')",
        "INSERT INTO journal SELECT stream, 3, 1, 'x', 'x', '', hash, 'h' FROM journal WHERE sequence = 2",
        f"INSERT INTO journal VALUES ('secret', 1, 9, 'x', 'x', '', '{GENESIS}', 'h')",
    ],
)
def test_the_database_itself_refuses_changes(journal, statement):
    journal.append([note("one"), note("two")], author="A. Officer")
    with pytest.raises(DBAPIError), journal.database.begin() as connection:
        connection.exec_driver_sql(statement)
    assert journal.verify().entries == 2


def test_sqlite_refuses_to_replace(tmp_path):
    with open_journal(tmp_path / "journal.sqlite") as journal:
        journal.append([note("one"), note("two")], author="A. Officer")
        for verb in ("INSERT OR REPLACE", "REPLACE"):
            statement = f"{verb} INTO journal SELECT stream, 2, recorded_at + 9, 'x', kind, '', hash, 'h' FROM journal"
            with pytest.raises(DBAPIError, match="follow"), journal.database.begin() as connection:
                connection.exec_driver_sql(statement + " WHERE sequence = 1")
        assert journal.verify().entries == 2


def test_postgresql_refuses_to_truncate(new_postgres, opened):
    with opened(new_postgres()) as journal:
        for table in ("journal", "journal_head", "journal, journal_head"):
            with pytest.raises(DBAPIError, match="append-only"), journal.database.begin() as connection:
                connection.exec_driver_sql(f"TRUNCATE {table} CASCADE")


def test_a_missing_head_stops_the_writer(journal, without_guards):
    with without_guards(journal) as connection:
        connection.exec_driver_sql("DELETE FROM journal_head WHERE stream = 'council'")
    with pytest.raises(DostastyqError) as caught:
        journal.append([note()], author="A. Officer")
    assert caught.value.code == "ST020"


WRITER = """
import sys
from dostastyq.store import Draft, open_journal
place, author, count = sys.argv[1:]
with open_journal(place) as journal:
    for number in range(int(count)):
        payload = {"text": str(number)}
        journal.append([Draft("council", "note", payload), Draft("ledger", "note", payload)], author=author)
"""


def test_many_processes_never_fork_the_chain(new_place, opened):
    """They also all meet the file first, and make its tables once."""
    place, writers, count = new_place(), 4, 25
    if place.startswith("postgresql"):
        opened(place).close()
    processes = [
        subprocess.Popen([sys.executable, "-c", WRITER, place, f"writer {n}", str(count)]) for n in range(writers)
    ]
    assert [process.wait() for process in processes] == [0] * writers
    with open_journal(place, create=False) as journal:
        assert journal.verify().require().entries == 2 * writers * count
        for stream in ("council", "ledger"):
            by_author = {}
            for entry in journal.read(stream):
                by_author.setdefault(entry.author, []).append(int(entry.content["text"]))
            assert by_author == {f"writer {n}": list(range(count)) for n in range(writers)}
