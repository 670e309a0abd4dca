"""Backups from either database into either: whole, verified, or refused without a trace."""

import itertools
import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from dostastyq.errors import DostastyqError
from dostastyq.store import STREAMS, Draft, backup, open_journal, restore


def fill(journal, count=5):
    """Record some entries in three streams."""
    for number, stream in itertools.product(range(count), STREAMS[:3]):
        journal.append([Draft(stream, "note", {"text": f"Келісім {number}\u2028\x00"})], author="Ә. Officer")


def everything(journal):
    """All entries of a journal."""
    return [entry for stream in STREAMS for entry in journal.read(stream)]


@pytest.fixture
def new_place_of(tmp_path, request):
    """Make an empty place on a named engine."""
    numbers = itertools.count()

    def call(engine):
        if engine == "postgresql":
            return request.getfixturevalue("new_postgres")()
        return str(tmp_path / f"other-{next(numbers)}.sqlite")

    return call


@pytest.mark.parametrize(("source", "target"), list(itertools.product(["sqlite", "postgresql"], repeat=2)))
def test_a_backup_of_either_database_restores_into_either(source, target, new_place_of, opened, tmp_path):
    file = tmp_path / "copy"
    with opened(new_place_of(source)) as journal, opened(new_place_of(target)) as other:
        fill(journal)
        made = backup(journal, file)
        assert (made.path, made.entries) == (file, 15)
        fill(journal, count=1)
        assert restore(other, file).heads == made.heads
        assert everything(other) == [entry for entry in everything(journal) if entry.sequence <= 5]
        assert journal.verify(known=made.heads.values()).ok
        fill(other, count=1)
        assert other.verify(known=made.heads.values()).require().entries == 18
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith((".copy", "copy"))) == ["copy"]


def test_an_empty_journal_is_backed_up_too(journal, new_place, opened, tmp_path):
    assert backup(journal, tmp_path / "copy").entries == 0
    with opened(new_place()) as other:
        restore(other, tmp_path / "copy")
        assert other.verify().require().entries == 0


def test_a_backup_never_replaces_a_file(journal, tmp_path):
    (tmp_path / "copy").write_text("precious", encoding="utf-8")
    for path in (tmp_path / "copy", tmp_path / "missing" / "copy"):
        with pytest.raises(DostastyqError) as caught:
            backup(journal, path)
        assert caught.value.code == "ST030"
    assert (tmp_path / "copy").read_text(encoding="utf-8") == "precious"


def test_a_journal_that_does_not_verify_is_not_backed_up(journal, without_guards, tmp_path):
    fill(journal)
    with without_guards(journal) as connection:
        connection.exec_driver_sql("UPDATE journal SET author = 'nobody' WHERE sequence = 3")
    with pytest.raises(DostastyqError) as caught:
        backup(journal, tmp_path / "copy")
    assert caught.value.code == "ST020"
    assert not [path for path in tmp_path.iterdir() if "copy" in path.name]


def test_a_journal_with_entries_is_not_overwritten(journal, tmp_path):
    fill(journal)
    backup(journal, tmp_path / "copy")
    with pytest.raises(DostastyqError, match="15 entries") as caught:
        restore(journal, tmp_path / "copy")
    assert caught.value.code == "ST031"


@pytest.fixture
def lines(new_postgres, opened, tmp_path):
    """Lines of a backup from PostgreSQL."""
    with opened(new_postgres()) as journal:
        fill(journal)
        backup(journal, tmp_path / "lines.jsonl")
    return (tmp_path / "lines.jsonl").read_text(encoding="utf-8").split("\n")[:-1]


def edited(lines, position, **change):
    """Lines of a backup with one record changed."""
    record = json.loads(lines[position]) | change
    return [*lines[:position], json.dumps(record, ensure_ascii=False), *lines[position + 1 :]]


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda lines: lines[:-1], "ST020"),
        (lambda lines: [*lines[:3], *lines[4:]], "ST020"),
        (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], "ST020"),
        (lambda lines: edited(lines, 4, author="nobody"), "ST020"),
        (lambda lines: edited(lines, 4, stream="secret"), "ST020"),
        (lambda lines: [*lines[:-1], lines[-1][:40]], "ST032"),
        (lambda lines: edited(lines, 4, sequence="four"), "ST032"),
        (lambda lines: edited(lines, 4, more=1), "ST032"),
        (lambda lines: [*lines[:4], "[]", *lines[4:]], "ST032"),
        (lambda lines: edited(lines, 0, version=3), "ST032"),
        (lambda lines: edited(lines, 0, heads=[{"stream": "council"}]), "ST032"),
        (lambda lines: edited(lines, 0, heads=None), "ST032"),
        (lambda lines: [line.replace('"council"', '"secret"') for line in lines], "ST032"),
        (lambda lines: lines[1:], "ST032"),
        (lambda _: [], "ST032"),
        (lambda _: ["\udcff"], "ST032"),
    ],
)
def test_damaged_lines_leave_the_journal_empty(damage, code, lines, journal, tmp_path):
    file = tmp_path / "damaged.jsonl"
    file.write_text("\n".join(damage(lines)), encoding="utf-8", errors="surrogateescape")
    with pytest.raises(DostastyqError) as caught:
        restore(journal, file)
    assert caught.value.code == code
    assert journal.verify().require().entries == 0


def test_damaged_sqlite_files_leave_the_journal_empty(opened, new_place, tmp_path):
    good, bad = tmp_path / "good.sqlite", tmp_path / "bad.sqlite"
    with open_journal(tmp_path / "mine.sqlite") as journal:
        fill(journal, count=40)
        backup(journal, good)
    content = good.read_bytes()
    position = content.index("Келісім 7".encode())
    damages = {
        "cut": content[: len(content) // 2],
        "text": content[:position] + "Келісім 8".encode() + content[position + len("Келісім 7".encode()) :],
        "empty": b"",
        "other": content[:16] + bytes(len(content) - 16),
    }
    with opened(new_place()) as other:
        for damage in damages.values():
            bad.write_bytes(damage)
            with pytest.raises(DostastyqError) as caught:
                restore(other, bad)
            assert caught.value.code in {"ST020", "ST032"}
            assert other.verify().require().entries == 0
        with closing(sqlite3.connect(tmp_path / "no-journal.sqlite")) as connection:
            connection.execute("CREATE TABLE other (id INTEGER)")
        for name in ("no-journal.sqlite", "missing.sqlite"):
            with pytest.raises(DostastyqError) as caught:
                restore(other, tmp_path / name)
            assert caught.value.code == "ST032"


def test_a_full_disk_leaves_no_backup(monkeypatch, tmp_path):
    def full(*_):
        raise OSError(28, "No space left on device")

    with open_journal(tmp_path / "mine.sqlite") as journal:
        fill(journal)
        monkeypatch.setattr("dostastyq.store.backups.os.fsync", full)
        with pytest.raises(DostastyqError, match="No space left") as caught:
            backup(journal, tmp_path / "copy")
    assert caught.value.code == "ST030"
    assert not [path for path in tmp_path.iterdir() if "copy" in path.name]


def test_a_backup_taken_while_others_write_is_whole(tmp_path):
    place = tmp_path / "mine.sqlite"
    writer = """
import sys
from dostastyq.store import Draft, open_journal
with open_journal(sys.argv[1]) as journal:
    for number in range(200):
        journal.append([Draft("council", "note", {"text": str(number)})], author="writer")
        print(number, flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", writer, place], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        with open_journal(place) as journal:
            sizes = [backup(journal, tmp_path / f"copy-{number}").entries for number in range(5)]
        process.stdout.read()
    assert sizes == sorted(sizes)
    with open_journal(tmp_path / "other.sqlite") as other:
        assert restore(other, tmp_path / "copy-4").entries == sizes[-1]
