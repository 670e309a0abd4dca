"""Customs at full size: the whole tariff read, one ruling warm, a manifest of 100,000 lines.

Goals: the tariff of 13,290 codes read in under 3 s, a ruling in under 2 ms warm, a manifest of 100,000 lines in under
60 s on one core. The named limit of the manifest is its own reading and writing as CSV, with no ruling in between.
"""

import csv
import os
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from itertools import cycle, islice, product
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from dostastyq.customs import Consignment, Document, decide, parse_rate
from dostastyq.customs.imports import read_tariff
from dostastyq.customs.manifest import COLUMNS, rule_file
from dostastyq.customs.tariff import edition

LINES = 100_000
FIELDS = ("hs", "origin", "to", "value", "currency", "quantity", "unit", "on", "proof")


def timed(work: Callable[[], object]) -> float:
    """Seconds of processor time."""
    start = process_time()
    work()
    return process_time() - start


def tariff() -> None:
    """Read the whole tariff where it is at hand, the shipped sample otherwise."""
    data = Path(os.environ.get("DOSTASTYQ_DATA", Path(__file__).parents[1].parent / "shared" / "data"))
    file = data / "ett" / "eaeu_ett_2026.csv"
    if file.exists():
        text = file.read_text(encoding="utf-8")
        seconds = timed(lambda: read_tariff(text))
        print(f"whole tariff, {read_tariff(text).codes} codes: {seconds:.2f} s (goal 3 s)")
    texts = {line.text for line in edition("ett-2026-06-18").lines.values()}
    parse = parse_rate.__wrapped__
    seconds = timed(lambda: [parse(text) for text in texts])
    print(f"one rate, nothing remembered: {1e6 * seconds / len(texts):.0f} µs")


def ruling() -> None:
    """One ruling, warm, with and without what would change it."""
    goods = Consignment("1001990000", "UKR", "RUS", 500_000, "USD", (("kg", Fraction(10_000)),), (Document("st-1"),))
    on = date(2015, 6, 30)
    decide(goods, on)
    for explain in (False, True):
        seconds = timed(lambda explain=explain: [decide(goods, on, explain=explain) for _ in range(200)]) / 200
        extent = "with" if explain else "without"
        print(f"one ruling, warm, {extent} what would change it: {1e3 * seconds:.2f} ms (goal 2)")


def manifest() -> None:
    """Rule on many lines of many situations."""
    situations = product(
        ("1701991001", "1001990000", "6402991000", "8479100000"),
        ("MDA", "UKR", "KAZ", "DEU"),
        ("2026-06-30", "2015-06-30", "2026-07-01"),
    )
    with TemporaryDirectory() as folder:
        source, target = Path(folder, "manifest.csv"), Path(folder, "ruled.csv")
        with source.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(FIELDS)
            for number, (hs, origin, on) in enumerate(islice(cycle(situations), LINES)):
                writer.writerow((hs, origin, "RUS", number + 1, "USD", "1000", "kg", on, "st-1"))
        seconds = timed(lambda: rule_file(source, target))
        limit = timed(lambda: copy(source, Path(folder, "copy.csv")))
        print(f"{LINES} lines: {seconds:.1f} s (goal 60 s), {seconds / limit:.0f} × reading and writing them")


def copy(source: Path, target: Path) -> None:
    """Read a manifest and write as many columns as a result has."""
    with source.open(encoding="utf-8", newline="") as file, target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        for row in csv.DictReader(file):
            writer.writerow(dict.fromkeys(COLUMNS, row["hs"]))


if __name__ == "__main__":
    tariff()
    ruling()
    manifest()
