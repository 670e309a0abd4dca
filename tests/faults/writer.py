"""A prepared process that lives through many deaths: it forks a writer, and a new one when the writer is killed.

    python writer.py URL

Each line on standard input asks for a writer. Standard output tells ``pid N`` for its birth, ``ack SEQUENCE HASH`` for
each append that returned, and ``dead`` for its end.
"""

import itertools
import os
import sys

from dostastyq.store import Draft, engine
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


def main() -> None:
    """Fork a writer for each line; it inherits warm caches and no connection."""
    journal = Journal(engine(sys.argv[1]))
    append(journal, 0)
    journal.close()
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            for number in itertools.count():
                append(journal, number)
        say(f"pid {child}")
        os.waitpid(child, 0)
        say("dead")


if __name__ == "__main__":
    main()
