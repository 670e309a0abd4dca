"""Declared lines and manifests: one answer a line, errors included."""

import csv
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from dostastyq.customs.entry import read_line, read_money
from dostastyq.customs.exchange import rates_into
from dostastyq.customs.manifest import COLUMNS, rule_file, rule_lines
from dostastyq.errors import DostastyqError
from dostastyq.payments import Rate

LINE = {
    "hs": "1701991001", "origin": "MDA", "to": "RUS", "value": "5000", "currency": "USD", "quantity": "10000",
    "unit": "kg", "on": "2026-06-30", "proof": "st-1", "reference": "A1",
}  # fmt: skip


def test_a_line_is_read() -> None:
    goods, on = read_line(LINE | {"via": "ukr blr", "from": "mda", "issued": "2026-01-01", "box9": "П"})
    assert (goods.value, goods.route, goods.dispatched_from, on) == (500_000, ("UKR", "BLR"), "MDA", date(2026, 6, 30))
    assert goods.documents is not None
    assert (goods.documents[0].box("9"), goods.documents[0].issued) == ("П", date(2026, 1, 1))
    assert read_line(LINE | {"proof": "none"})[0].documents == ()
    assert read_line(LINE | {"proof": ""})[0].documents is None
    both = read_line(LINE | {"quantity": "10 4", "unit": "t pair"})[0]
    assert both.quantities == (("t", Fraction(10)), ("pair", Fraction(4)))


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"hs": ""}, "CU070", "'hs'"),
        ({"colour": "white"}, "CU070", "'colour'"),
        ({"value": "much"}, "CU071", "'much'"),
        ({"value": "NaN"}, "CU071", "'NaN'"),
        ({"value": "5000.001"}, "CU071", "minor unit of USD"),
        ({"quantity": "10", "unit": ""}, "CU073", "1 quantities and 0 units"),
        ({"proof": "st-2"}, "CU072", "'st-2'"),
        ({"proof": "none st-1"}, "CU072", "none st-1"),
        ({"currency": "RURX"}, "MN001", "RURX"),
        ({"on": "30.06.2026"}, "DT002", "30.06.2026"),
    ],
)
def test_a_line_that_cannot_be_read(change: dict[str, str], code: str, says: str) -> None:
    with pytest.raises(DostastyqError) as refusal:
        read_line(LINE | change)
    assert refusal.value.code == code
    assert says in refusal.value.message


def test_money_has_the_decimals_of_its_currency() -> None:
    assert [read_money("12", code) for code in ("USD", "BYR")] == [1200, 12]
    with pytest.raises(DostastyqError, match="minor unit of BYR"):
        read_money("12.5", "BYR")


def test_errors_stand_in_their_line_and_the_others_go_on() -> None:
    rows = list(rule_lines([LINE, LINE | {"hs": "17"}, LINE | {"on": "2025-01-01"}, LINE]))
    assert [row["outcome"] for row in rows] == ["determined", None, "undetermined", "determined"]
    assert [row["line"] for row in rows] == [2, 3, 4, 5]
    assert rows[1]["error"].startswith("CU020")
    assert rows[1]["hint"]
    assert rows[0]["total"] == rows[0]["duty"] + rows[0]["taxes"] == 424_000
    assert "edition" in rows[2]["missing"]


def test_exchange_rates_of_the_line_s_own_day() -> None:
    def rate(base: str, quote: str, on: str, value: str) -> Rate:
        return Rate(base, quote, date.fromisoformat(on), Fraction(value), "a central bank")

    table = [rate("EUR", "RUB", "2026-06-30", "100"), rate("USD", "RUB", "2026-06-30", "80")]
    assert rates_into(table, "USD", date(2026, 6, 30)) == {"RUB": Fraction(1, 80), "EUR": Fraction(100, 80)}
    assert rates_into(table, "USD", date(2026, 7, 1)) == {}
    with pytest.raises(DostastyqError) as refusal:
        rates_into([*table, rate("EUR", "RUB", "2026-06-30", "101")], "RUB", date(2026, 6, 30))
    assert refusal.value.code == "CU080"
    car = LINE | {"hs": "8703239042", "origin": "DEU", "quantity": "2000", "unit": "cm3", "proof": "none"}
    known, unknown = rule_lines([car, car | {"on": "2026-07-01"}], rates=table)
    assert known["duty"] == max(100_000, 36 * 2000 * 100 // 80)
    assert (unknown["outcome"], unknown["duty"]) == ("undetermined", None)


def write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(LINE))
        writer.writeheader()
        writer.writerows(rows)


def write_parquet(path: Path, rows: list[dict[str, str]]) -> None:
    pl.DataFrame(rows).write_parquet(path)


@pytest.mark.parametrize(("ending", "write"), [("csv", write_csv), ("parquet", write_parquet)])
def test_a_manifest_becomes_a_result(
    tmp_path: Path, ending: str, write: Callable[[Path, list[dict[str, str]]], None]
) -> None:
    source, target = tmp_path / f"m.{ending}", tmp_path / f"out.{ending}"
    write(source, [LINE, LINE | {"hs": "17"}] * 1500)
    told: list[int] = []
    counts = rule_file(source, target, progress=told.append)
    assert counts == {"determined": 1500, "undetermined": 0, "conflicting": 0, "refused": 1500}
    assert told == [1000, 2000, 3000]
    result = pl.read_csv(target) if ending == "csv" else pl.read_parquet(target)
    assert result.columns == list(COLUMNS)
    assert result["duty"].sum() == 1500 * 340_000
    assert {entry.name for entry in tmp_path.iterdir()} == {source.name, target.name}


@pytest.mark.parametrize("content", ["hs,origin\n1,2\n", "hs,origin,to,value,currency,on,colour\n", "\xff"])
def test_a_manifest_that_cannot_be_read_writes_nothing(tmp_path: Path, content: str) -> None:
    source = tmp_path / "m.csv"
    source.write_bytes(content.encode("latin-1"))
    with pytest.raises(DostastyqError) as refusal:
        rule_file(source, tmp_path / "out.csv")
    assert refusal.value.code == "CU074"
    assert [entry.name for entry in tmp_path.iterdir()] == ["m.csv"]


def test_a_cell_beyond_the_last_column_is_refused_not_dropped(tmp_path: Path) -> None:
    source, target = tmp_path / "m.csv", tmp_path / "out.csv"
    source.write_text("hs,origin,to,value,currency,on\n1001990000,DEU,RUS,5,000,USD,2026-06-30\n", encoding="utf-8")
    assert rule_file(source, target)["refused"] == 1
    assert "beyond the last column" in target.read_text(encoding="utf-8")


def test_a_result_never_takes_the_manifest_s_place(tmp_path: Path) -> None:
    source = tmp_path / "m.csv"
    write_csv(source, [LINE])
    before = source.read_bytes()
    with pytest.raises(DostastyqError) as refusal:
        rule_file(source, source)
    assert refusal.value.code == "CU074"
    assert source.read_bytes() == before
