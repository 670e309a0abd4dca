"""A writer killed at random moments: nothing that was acknowledged is lost, and the chain holds."""

import os
import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dostastyq.store import engine, open_journal, upgrade

KILLS = 200 if os.environ.get("DOSTASTYQ_FULL") else 20
LONGEST = 0.06
"""Seconds a writer lives at most: enough for a connection and some tens of appends."""


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


def lines_until(process, end):
    """Give the lines of the prepared process up to the one that begins with `end`."""
    lines = []
    while not lines or not lines[-1].startswith(end):
        ready, _, _ = select.select([process.stdout], [], [], 60)
        assert ready, f"nothing said for a minute after {lines[-3:]}"
        lines.append(process.stdout.readline().decode().rstrip("\n"))
        assert lines[-1], "the prepared process ended"
    return lines


def kill_one(process, moment):
    """Let a writer live for `moment` seconds; give what it acknowledged."""
    process.stdin.write(b"go\n")
    process.stdin.flush()
    *early, born = lines_until(process, "pid ")
    time.sleep(moment)
    os.kill(int(born.split()[1]), signal.SIGKILL)
    *late, _ = lines_until(process, "dead")
    return [line.split()[1:] for line in [*early, *late]]


def test_nothing_acknowledged_is_lost(place):
    chance = random.Random(2011)
    command = [sys.executable, Path(__file__).with_name("writer.py"), place]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        told = [kill_one(process, chance.uniform(0, LONGEST)) for _ in range(KILLS)]
        process.stdin.close()
        assert process.wait(60) == 0
    acknowledged = {int(sequence): digest for life in told for sequence, digest in life}
    assert len(acknowledged) == sum(map(len, told)), "a sequence was given twice"
    assert sum(1 for life in told if life) > KILLS / 4, "most writers died before their first append"
    with open_journal(place, create=False) as journal:
        verified = journal.verify().require()
        kept = {entry.sequence: entry.hash for entry in journal.read("register")}
    assert acknowledged.items() <= kept.items()
    assert len(kept) - len(acknowledged) <= KILLS, "more than one unacknowledged append a kill"
    print(f"{KILLS} kills, {len(acknowledged)} acknowledged, {len(kept)} kept, {verified.entries} entries")
