"""Many lines at once: one answer a line, errors included, in constant memory."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final

from dostastyq.customs.decide import NOTHING, clock, decide, default_lawbook
from dostastyq.customs.entry import OPTIONAL, REQUIRED, read_line
from dostastyq.customs.exchange import rates_into
from dostastyq.customs.lawbook import Lawbook
from dostastyq.errors import DostastyqError, nearest
from dostastyq.payments import Rate

COLUMNS: Final = (
    "line", "reference", "outcome", "regime", "rate", "duty", "taxes", "total", "currency", "missing", "drawn", "error",
    "hint",
)  # fmt: skip
BEYOND: Final = "beyond the last column"
Progress = Callable[[int], None]


def rule_lines(
    lines: Iterable[Mapping[str, str]],
    *,
    book: Lawbook | None = None,
    rates: Iterable[Rate] = (),
    balances: Mapping[str, Fraction] = NOTHING,
    known_at: str | date | datetime | None = None,
    start: int = 2,
) -> Iterator[dict[str, Any]]:
    """Rule on line after line.

    Parameters
    ----------
    lines
        Fields by name, see `dostastyq.customs.entry.read_line`.
    book
        Stand-in for the shipped law.
    rates
        Fixings of exchange rates, used on their own day.
    balances
        What is left of each quota before the first line; what a line draws, those below it no longer have.
    known_at
        As known at the end of a day or at a moment; by default, as known today.
    start
        Number of the first line.

    Yields
    ------
    dict
        The columns of `COLUMNS`, amounts in minor units; a line that is refused has ``error`` and ``hint``, and the
        others go on.

    Examples
    --------
    >>> good = {"hs": "1001990000", "origin": "KAZ", "to": "RUS", "value": "100", "currency": "USD", "on": "2026-07-01"}
    >>> [row["outcome"] or row["error"] for row in rule_lines([good, {**good, "hs": "1001"}])]
    ['determined', "CU020: commodity code '1001' has 4 signs; expected 10 digits"]
    """
    law = default_lawbook() if book is None else book
    table = tuple(rates)
    exchange = cache(lambda currency, on: rates_into(table, currency, on))
    left, moment = dict(balances), clock(known_at)
    for number, fields in enumerate(lines, start):
        row: dict[str, Any] = dict.fromkeys(COLUMNS)
        row.update(line=number, reference=fields.get("reference", ""))
        try:
            goods, on = read_line(fields)
            fixing = exchange(goods.currency, on)
            found = decide(goods, on, moment, book=law, exchange=fixing, balances=left, explain=False)
        except DostastyqError as refusal:
            row.update(error=f"{refusal.code}: {refusal.message}", hint=refusal.hint)
        else:
            for name, amount in found.drawn:
                left[name] -= amount
            amounts = [tax.amount for tax in found.taxes]
            taxes = None if None in amounts else sum(amount for amount in amounts if amount is not None)
            row.update(
                outcome=found.outcome, regime=found.regime, rate=found.rate, duty=found.duty, taxes=taxes,
                total=found.total, currency=found.currency, missing="; ".join(one.says for one in found.missing),
                drawn="; ".join(f"{name}: {float(amount):.12g}" for name, amount in found.drawn),
            )  # fmt: skip
        yield row


def rule_file(
    source: Path,
    target: Path,
    *,
    book: Lawbook | None = None,
    rates: Iterable[Rate] = (),
    balances: Mapping[str, Fraction] = NOTHING,
    known_at: str | date | datetime | None = None,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Rule on a manifest and write one row a line beside it; the result appears whole or not at all.

    Parameters
    ----------
    source
        Manifest, CSV or Parquet.
    target
        Result, CSV or Parquet.
    book, rates, balances, known_at
        As in `rule_lines`.
    progress
        Called with the number of lines done, every thousand of them.

    Returns
    -------
    dict
        How many lines had each outcome; refused ones under ``"refused"``.

    Raises
    ------
    DostastyqError
        ``CU074`` when the manifest cannot be read or lacks a column, the result cannot be written, or would take the
        manifest's place.
    """
    counts = dict.fromkeys(("determined", "undetermined", "conflicting", "refused"), 0)
    working = target.with_name(f".writing-{target.name}.csv")
    if target.exists() and target.samefile(source):
        raise DostastyqError("CU074", f"the result would take the place of the manifest {source}", "name another file")
    rows = rule_lines(_lines(source), book=book, rates=rates, balances=balances, known_at=known_at)
    try:
        with working.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            for done, row in enumerate(rows, 1):
                counts[row["outcome"] or "refused"] += 1
                writer.writerow(row)
                if progress is not None and done % 1000 == 0:
                    progress(done)
        _hand_over(working, target)
    except OSError as problem:
        raise DostastyqError("CU074", f"cannot write {target}: {problem.strerror}", "name another file") from problem
    finally:
        working.unlink(missing_ok=True)
    return counts


def _hand_over(working: Path, target: Path) -> None:
    if target.suffix.casefold() != ".parquet":
        working.replace(target)
        return
    import polars as pl  # noqa: PLC0415 -- only for Parquet

    texts = {name: pl.String for name in COLUMNS if name not in {"line", "duty", "taxes", "total"}}
    beside = target.with_name(f".writing-{target.name}")
    pl.scan_csv(working, schema_overrides=texts).sink_parquet(beside)
    beside.replace(target)


def _lines(source: Path) -> Iterator[Mapping[str, str]]:
    if source.suffix.casefold() == ".parquet":
        yield from _parquet(source)
        return
    try:
        with source.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, restkey=BEYOND, restval="")
            _check_columns(source, table.fieldnames or ())
            for row in table:
                yield {name: text if isinstance(text, str) else ",".join(text) for name, text in row.items()}
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise DostastyqError("CU074", f"cannot read {source}: {problem}", "expected a CSV file in UTF-8") from problem


def _parquet(source: Path) -> Iterator[Mapping[str, str]]:
    import polars as pl  # noqa: PLC0415 -- only for Parquet

    try:
        lazy = pl.scan_parquet(source)
        names = lazy.collect_schema().names()
    except (OSError, pl.exceptions.PolarsError) as problem:
        raise DostastyqError("CU074", f"cannot read {source}: {problem}", "expected a Parquet file") from problem
    _check_columns(source, names)
    for first in range(0, lazy.select(pl.len()).collect().item(), 10_000):
        part = lazy.slice(first, 10_000).select(pl.all().cast(pl.String).fill_null("")).collect()
        yield from part.iter_rows(named=True)


def _check_columns(source: Path, names: Iterable[str]) -> None:
    found = list(names)
    known = (*REQUIRED, *OPTIONAL)
    for name in REQUIRED:
        if name not in found:
            raise DostastyqError(
                "CU074", f"{source} has no column {name!r}; found {', '.join(islice(found, 12))}",
                f"columns are {', '.join(known)}",
            )  # fmt: skip
    for name in found:
        if name not in known:
            raise DostastyqError("CU074", f"{source} has the unknown column {name!r}", nearest(name, known))
