"""A worker killed at random moments: nothing that was acknowledged is lost, and the chain holds."""

import os
import random

import pytest

from dostastyq.store import STREAMS, Draft, backup, engine, open_journal, upgrade

FULL = bool(os.environ.get("DOSTASTYQ_FULL"))
KILLS = 200 if FULL else 20
LONGEST = 0.06
"""Seconds a worker lives at most: enough for a connection and some tens of appends."""


def acknowledged(lives):
    """Hash by sequence of every append that was acknowledged; no sequence twice."""
    pairs = [line.split()[1:] for life in lives for line in life if line.startswith("ack ")]
    found = {int(sequence): digest for sequence, digest in pairs}
    assert len(found) == len(pairs)
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """An empty journal."""
    place = str(tmp_path / "journal.sqlite")
    if request.param == "postgresql":
        place = request.getfixturevalue("new_postgres")()
    database = engine(place)
    upgrade(database)
    database.dispose()
    return place


def test_nothing_acknowledged_is_lost(place, prepare):
    chance = random.Random(2011)
    with prepare("writer.py", place) as prepared:
        lives = [
            prepared.kill_one("append", chance.uniform(0, LONGEST), awaits="ack " if number % 2 else "")
            for number in range(KILLS)
        ]
    told = acknowledged(lives)
    assert len(told) >= KILLS / 2
    with open_journal(place, create=False) as journal:
        journal.verify().require()
        kept = {entry.sequence: entry.hash for entry in journal.read("register")}
    assert told.items() <= kept.items()
    assert len(kept) - len(told) <= KILLS, "more than one unacknowledged append a kill"
    print(f"{KILLS} kills, {len(told)} acknowledged, {len(kept)} kept")


def test_a_journal_is_made_whole_or_can_be_made_again(tmp_path, prepare):
    chance = random.Random(1991)
    with prepare("writer.py", str(tmp_path / "warm.sqlite")) as prepared:
        prepared.kill_one("append", 0)
        for number in range(KILLS):
            file = tmp_path / f"new-{number}.sqlite"
            told = acknowledged([prepared.kill_one(f"create {file}", chance.uniform(0, 2 * LONGEST))])
            with open_journal(file) as journal:
                journal.verify().require()
                kept = {entry.sequence: entry.hash for entry in journal.read("register")}
                assert told.items() <= kept.items()
                journal.append([Draft("register", "note", {})], author="after")


def test_a_restored_journal_is_whole_or_empty(tmp_path, prepare):
    chance, count = random.Random(2014), 1000
    with open_journal(tmp_path / "journal.sqlite") as journal:
        journal.append([Draft(stream, "note", {"text": "x" * 200}) for stream in STREAMS] * count, author="A. Officer")
        whole = backup(journal, tmp_path / "backup").entries
    sizes = []
    with prepare("writer.py", str(tmp_path / "warm.sqlite")) as prepared:
        for number in range(KILLS // 4):
            file = tmp_path / f"restored-{number}.sqlite"
            life = prepared.kill_one(f"restore {tmp_path / 'backup'} {file}", chance.uniform(0, 6 * LONGEST))
            with open_journal(file) as journal:
                sizes.append(journal.verify().require().entries)
            assert "done" not in life or sizes[-1] == whole
    assert set(sizes) <= {0, whole}
    print(f"{len(sizes)} kills, {sizes.count(whole)} restored before")
