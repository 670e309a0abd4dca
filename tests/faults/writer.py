"""A prepared process that lives through many deaths: it forks a worker for each line, and another after its death.

    python writer.py PLACE

Standard input asks for a worker: ``append`` (to the journal at PLACE, for ever), ``create FILE`` (a new journal, with
one entry), or ``restore BACKUP FILE``. Standard output tells ``pid N`` for its birth, ``ack SEQUENCE HASH`` for each
append that returned, ``done`` for work that ended by itself, and ``dead`` for its end.
"""

import itertools
import os
import sys

from dostastyq.store import Draft, open_journal, restore
from dostastyq.store.journal import Journal


def say(line: str) -> None:
    """Write one line at once; a pipe takes a line this short whole or not at all."""
    os.write(1, f"{line}\n".encode())


def append(journal: Journal, number: int) -> None:
    """Append and acknowledge, with two streams in every third transaction."""
    payload = {"number": number, "text": "Тараптар келісті " * (number % 7)}
    drafts = [Draft("register", "act", payload)] + [Draft("ledger", "note", payload)] * (number % 3 == 0)
    entry = journal.append(drafts, author=f"writer {os.getpid()}")[0]
    say(f"ack {entry.sequence} {entry.hash}")


def work(journal: Journal, task: str, *files: str) -> None:
    """Do one task."""
    if task == "append":
        for number in itertools.count():
            append(journal, number)
    with open_journal(files[-1]) as other:
        if task == "create":
            append(other, 0)
        else:
            restore(other, files[0])
    say("done")


def main() -> None:
    """Fork a worker for each line; it inherits warm caches and no connection."""
    journal = open_journal(sys.argv[1])
    append(journal, 0)
    journal.close()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            work(journal, *line.split())
            os._exit(0)
        say(f"pid {child}")
        os.waitpid(child, 0)
        say("dead")


if __name__ == "__main__":
    main()
