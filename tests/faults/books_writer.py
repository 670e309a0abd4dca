"""A prepared process whose workers book until they are killed.

    python books_writer.py PLACE

For each line of standard input, ``SEED``, it forks a worker that posts, reserves, commits, reverses and submits for
ever. Standard output tells ``pid N`` for its birth, ``ack WHAT REFERENCE`` for what returned, and ``dead`` for its end.
"""

import itertools
import os
import random
import sys
from datetime import date

from dostastyq.actor import Actor
from dostastyq.payments import ClearingHouse, Obligation, transfer
from dostastyq.store import open_journal

CLERK, DAY, BANKS = Actor("A. Clerk"), date(2026, 11, 24), ("ARM", "KAZ", "KGZ", "UZB")


def say(line: str) -> None:
    """Write one line at once; a pipe takes a line this short whole or not at all."""
    os.write(1, f"{line}\n".encode())


def work(house: ClearingHouse, seed: str) -> None:
    """Book for ever."""
    chance = random.Random(seed)
    for number in itertools.count():
        one, other = chance.sample(BANKS, 2)
        name, amount = f"{seed}-{number}", chance.randrange(1, 1000)
        batch = [transfer(f"{name}-{part}", one, other, amount + part, "KZT", DAY) for part in range(3)]
        house.ledger.post(batch, by=CLERK)
        say(f"ack post {name}-2")
        house.ledger.reserve([transfer(f"{name}-h", one, other, amount, "KZT", DAY)], by=CLERK)
        house.ledger.commit(f"{name}-h", by=CLERK)
        say(f"ack post commit/{name}-h")
        house.ledger.reverse(f"{name}-1", "killed or not", by=CLERK)
        say(f"ack post reverse/{name}-1")
        house.submit("kills", [Obligation(f"{name}-o{k}", one, other, amount, "KZT", DAY) for k in range(5)], by=CLERK)
        say(f"ack obligation {name}-o4")


def main() -> None:
    """Fork a worker for each line; it inherits warm caches and no connection."""
    journal = open_journal(sys.argv[1])
    house = ClearingHouse(journal)
    house.ledger.balances()
    house.submit("kills", [Obligation("warm", "ARM", "KAZ", 1, "KZT", DAY)], by=CLERK)
    journal.close()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            work(house, line.strip())
            os._exit(0)
        say(f"pid {child}")
        os.waitpid(child, 0)
        say("dead")


if __name__ == "__main__":
    main()
