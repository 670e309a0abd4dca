"""Books: obligations of 12 banks end to end, durably in SQLite, against a bare ``executemany`` of the same rows.

    python benchmarks/ledger.py [OBLIGATIONS]

End to end is submit (idempotency key, digest into the chain), freeze, propose (read back, optimum, verifier, outcomes),
approve (bounds checked by the database, reservation) and settle. Bare is ``executemany`` of the rows of both large
tables as tuples made beforehand, in one transaction each, with the same columns, primary keys and unique key,
write-ahead log and full synchronisation, but no checks, no foreign keys, no digest and no reading. Both are given as
wall time and as CPU time of this process, which others on the machine disturb less; the optimiser's worker is warm.
"""

import os

os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from dostastyq.actor import Actor
from dostastyq.payments import ClearingHouse, Limit
from dostastyq.payments.intake import Batch, Intake
from dostastyq.store import open_journal
from dostastyq.store.books import obligations, outcomes
from payments import workload

GOAL = 2.0
MAKER, CHECKER = Actor("A. Maker"), Actor("B. Checker")


def timed(call: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of a call."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu


def booked(batch: Batch, caps: dict[str, int], path: Path) -> dict[str, tuple[float, float]]:
    """Seconds of every step of a cycle, wall and CPU."""
    with open_journal(path) as journal:
        house = ClearingHouse(journal)
        house.set_limits([Limit(bank, "KZT", cap, "Protocol", "2020-01-01") for bank, cap in caps.items()], by=MAKER)
        house.open("bench", "KZT", "2026-11-24", by=MAKER, cut_off=None)
        return {
            "submit": timed(lambda: house.submit("bench", Intake(batch, ()), by=MAKER)),
            "freeze": timed(lambda: house.freeze("bench", by=MAKER)),
            "propose": timed(lambda: house.propose("bench", by=MAKER)),
            "approve": timed(lambda: house.approve("bench", by=CHECKER)),
            "settle": timed(lambda: house.settle("bench", by=CHECKER)),
        }


def bare(source: Path, path: Path) -> tuple[float, float]:
    """Seconds of a bare insert of the same rows."""
    wall = cpu = 0.0
    with closing(sqlite3.connect(source)) as kept, closing(sqlite3.connect(path, isolation_level=None)) as target:
        target.execute("PRAGMA journal_mode = WAL")
        target.execute("PRAGMA synchronous = FULL")
        for table in (obligations, outcomes):
            names = [column.name for column in table.columns]
            rows = kept.execute(f"SELECT {', '.join(names)} FROM {table.name}").fetchall()
            columns = ", ".join("reference TEXT UNIQUE" if name == "reference" else name for name in names)
            keys = ", ".join(column.name for column in table.primary_key)
            target.execute(f"CREATE TABLE {table.name} ({columns}, PRIMARY KEY ({keys})) WITHOUT ROWID")
            statement = f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(names))})"

            def insert(statement: str = statement, rows: list[tuple[object, ...]] = rows) -> None:
                target.execute("BEGIN")
                target.executemany(statement, rows)
                target.execute("COMMIT")

            one, other = timed(insert)
            wall, cpu = wall + one, cpu + other
    return wall, cpu


def main() -> None:
    """Print the steps, the bare insert, and the ratio."""
    count = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
    with TemporaryDirectory() as folder:
        batch, debit, _ = workload(12, 5_000)
        booked(batch, dict(zip(batch.banks, debit.tolist(), strict=True)), Path(folder, "warm.sqlite"))
        batch, debit, _ = workload(12, count)
        seconds = booked(batch, dict(zip(batch.banks, debit.tolist(), strict=True)), Path(folder, "books.sqlite"))
        rival = bare(Path(folder, "books.sqlite"), Path(folder, "bare.sqlite"))
    for name, (wall, cpu) in {**seconds, "bare": rival}.items():
        print(f"{name:8} {wall:7.2f} s wall {cpu:7.2f} s CPU")
    for place, name in enumerate(("wall", "CPU")):
        total = sum(one[place] for one in seconds.values())
        said = f"{count:,} obligations: {total:.2f} s {name}"
        print(f"{said}, {total / rival[place]:.2f} times the bare insert (goal {GOAL:g})")


if __name__ == "__main__":
    main()
