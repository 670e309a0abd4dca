"""Booking under kills, crowds, floods and a full disk: nothing lost, nothing doubled, books balance, chain verifies."""

import os
import random
import subprocess
import threading
from datetime import date

import pytest
from sqlalchemy import Engine, event, text

from dostastyq.actor import Actor
from dostastyq.errors import DostastyqError
from dostastyq.payments import ClearingHouse, Limit, Obligation, transfer, verify_books
from dostastyq.store import engine, open_journal, upgrade

FULL = bool(os.environ.get("DOSTASTYQ_FULL"))
KILLS = 200 if FULL else 20
LONGEST = 0.1
"""Seconds that a worker lives after its first answer."""
CROWD = 8
EACH = 200 if FULL else 25
"""Submissions of every one of the crowd."""
CLERK, DAY, BANKS = Actor("A. Clerk"), date(2026, 11, 24), ("ARM", "KAZ", "KGZ", "UZB")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """Books with an open cycle."""
    place = str(tmp_path / "books.sqlite")
    if request.param == "postgresql":
        place = request.getfixturevalue("new_postgres")()
    begin(place)
    return place


def begin(place):
    database = engine(place)
    upgrade(database)
    database.dispose()
    with open_journal(place) as journal:
        house = ClearingHouse(journal)
        house.set_limits([Limit(bank, "KZT", 10**9, "Protocol", DAY) for bank in BANKS], by=CLERK)
        house.open("kills", "KZT", DAY, by=CLERK, cut_off=None)


def rows(journal, query):
    with journal.database.connect() as connection:
        return connection.execute(text(query)).all()


def sound(journal):
    """Whatever happened: chain, rows, sums, references once."""
    assert verify_books(journal).require().ok
    assert not sum(one.posted for one in ClearingHouse(journal).ledger.balances())
    kept = {}
    for table in ("ledger_posting", "cycle_obligation"):
        names = [row[0] for row in rows(journal, f"SELECT reference FROM {table}")]
        assert len(names) == len(set(names))
        kept[table] = set(names)
    return kept


def test_kills_while_booking(place, prepare):
    chance, told = random.Random(1994), []
    with prepare("books_writer.py", place) as prepared:
        for number in range(KILLS):
            told += [
                line.split()[1:]
                for line in prepared.kill_one(f"w{number}", chance.uniform(0, LONGEST), awaits="ack ")
                if "ack" in line
            ]
    with open_journal(place, create=False) as journal:
        kept = sound(journal)
        assert {reference for what, reference in told if what == "post"} <= kept["ledger_posting"]
        assert {reference for what, reference in told if what == "obligation"} <= kept["cycle_obligation"]
        batches = rows(journal, "SELECT count(*) FROM ledger_posting WHERE kind = 'post' GROUP BY entry")
        assert {row[0] for row in batches} == {3}, "a batch is whole or not there"
        sizes = rows(journal, "SELECT count(*) FROM cycle_obligation WHERE number > 1 GROUP BY submission")
        assert {row[0] for row in sizes} <= {5}
    print(f"{KILLS} kills, {len(told)} acknowledged, {len(kept['ledger_posting'])} postings kept, 0 lost, 0 doubled")


def test_a_crowd_of_submitters(place):
    """Eight connections send overlapping batches, duplicates and replays at once."""
    barrier, answers, failed = threading.Barrier(CROWD), [], []

    def submit(number):
        chance = random.Random(number)
        with open_journal(place) as journal:
            house = ClearingHouse(journal)
            barrier.wait()
            for _ in range(EACH):
                first = chance.randrange(EACH * 4)
                owed = [Obligation(f"o{first + k}", "ARM", "KAZ", 1 + (first + k) % 97, "KZT", DAY) for k in range(6)]
                paid = [transfer(f"p{first + k}", "ARM", "KAZ", 1 + (first + k) % 97, "KZT", DAY) for k in range(3)]
                try:
                    answers.extend(house.submit("kills", owed, by=CLERK).receipts.items())
                    house.ledger.post(paid, by=CLERK)
                except DostastyqError as error:
                    failed.append(error)

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(CROWD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    first = dict(answers)
    assert all(first[reference] == answer for reference, answer in answers), "every repetition got the first answer"
    with open_journal(place, create=False) as journal:
        kept = sound(journal)
        assert kept["cycle_obligation"] == set(first)
        posted = -ClearingHouse(journal).ledger.balance("ARM", "KZT").posted
        assert posted == sum(1 + int(name[1:]) % 97 for name in kept["ledger_posting"])
    print(f"{CROWD} submitters, {len(answers)} answers, {len(first)} obligations, 0 lost, 0 doubled")


def test_a_flood_of_duplicates(place):
    owed = [Obligation(f"o{number}", "ARM", "KAZ", number + 1, "KZT", DAY) for number in range(100)]
    paid = [transfer(f"p{number}", "ARM", "KAZ", number + 1, "KZT", DAY) for number in range(100)]
    times = 200 if FULL else 10
    with open_journal(place) as journal:
        house = ClearingHouse(journal)
        for number in range(times):
            assert house.submit("kills", owed, by=CLERK).accepted == (100 if not number else 0)
            house.ledger.post(paid, by=CLERK)
        assert len(sound(journal)["cycle_obligation"]) == 100
        assert house.ledger.balance("ARM", "KZT").posted == -5050
        entries = journal.head("ledger").sequence
    assert entries < 10, "a repetition leaves no entry"
    print(f"{times} times the same 200: 200 kept, {entries} entries")


class Disk:
    """A folder that holds little, and can be given more room.

    A file system of three megabytes where one may be mounted; elsewhere the database's own limit of pages, which SQLite
    reports as it reports a full disk.
    """

    PAGES = 500

    def __init__(self, folder, *, mounted):
        self.folder, self.mounted, self.pages = folder, mounted, self.PAGES
        if mounted:
            (folder / "ballast").write_bytes(bytes(1_000_000))

    def limit(self, connection, _):
        """Hold a new connection to the pages allowed now."""
        if not self.mounted:
            connection.execute(f"PRAGMA max_page_count={self.pages}")

    def make_room(self):
        """Free a megabyte."""
        if self.mounted:
            (self.folder / "ballast").unlink()
        self.pages *= 4


@pytest.fixture
def small_disk(tmp_path):
    """A place that is soon full."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    made = subprocess.run(command, capture_output=True, check=False) if os.geteuid() == 0 else None
    disk = Disk(folder, mounted=made is not None and made.returncode == 0)
    event.listen(Engine, "connect", disk.limit)
    yield disk
    event.remove(Engine, "connect", disk.limit)
    if disk.mounted:
        subprocess.run(["umount", str(folder)], check=True)


def fill(ledger, told):
    """Book until it is refused, and tell what was booked."""
    for number in range(10_000):
        batch = [transfer(f"p{number}-{part}", "ARM", "KAZ", 7, "KZT", DAY) for part in range(20)]
        told += [one.reference for one in ledger.post(batch, by=CLERK)]


def test_a_full_disk(small_disk):
    """Booking stops with a refusal; what was acknowledged is there, and work goes on when there is room again."""
    place, told = str(small_disk.folder / "books.sqlite"), []
    begin(place)
    with open_journal(place) as journal:
        house = ClearingHouse(journal)
        with pytest.raises(DostastyqError, match="full") as caught:
            fill(house.ledger, told)
        assert caught.value.code == "ST013"
    small_disk.make_room()
    with open_journal(place) as journal:
        house = ClearingHouse(journal)
        assert sound(journal)["ledger_posting"] == set(told)
        house.ledger.post([transfer("after", "ARM", "KAZ", 7, "KZT", DAY)], by=CLERK)
        house.ledger.post([transfer(told[0], "ARM", "KAZ", 7, "KZT", DAY)], by=CLERK)
    with open_journal(place) as journal:
        assert sound(journal)["ledger_posting"] == {*told, "after"}
    print(f"{len(told)} postings, then the disk was full; 0 lost, 0 doubled")
