"""Worked rulings from ``rulings.yaml``: regimes of 1993 to 2026 by the goods that the notes speak of."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from dostastyq.customs import Consignment, Document, Lawbook, decide, lawbook

TABLE: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("rulings.yaml").read_text(encoding="utf-8"))
EXCHANGE = {"EUR": Fraction("1.10")}
VALUE = 10_000_00


def cases() -> Iterator[Any]:
    for situation in TABLE["situations"]:
        for (importer, origin), day, name in product(situation["pairs"], situation["days"], situation["goods"]):
            yield pytest.param(
                situation, importer, origin, day, TABLE["goods"][name],
                id=f"{situation['id']}-{importer}-{origin}-{day}-{name}",
            )  # fmt: skip


ALL = list(cases())


@pytest.fixture(scope="module")
def book() -> Lawbook:
    return lawbook("cis")


def consignment(situation: dict[str, Any], importer: str, origin: str, goods: dict[str, Any]) -> Consignment:
    said = situation.get("proof")
    papers = None if said is None else tuple(Document(kind) for kind in said if kind != "none")
    quantities = tuple((unit, Fraction(amount)) for unit, amount in goods["quantities"].items())
    return Consignment(goods["hs"], origin, importer, VALUE, "USD", quantities, papers)


@pytest.mark.parametrize(("situation", "importer", "origin", "day", "goods"), ALL)
def test_ruling(  # noqa: PLR0917 -- a table
    book: Lawbook, situation: dict[str, Any], importer: str, origin: str, day: str, goods: dict[str, Any]
) -> None:  # fmt: skip
    found = decide(consignment(situation, importer, origin, goods), day, book=book, exchange=EXCHANGE, explain=False)
    expect = situation["expect"]
    assert found.outcome == expect["outcome"]
    if "regime" in expect:
        assert found.regime == expect["regime"]
    if "duty" in expect:
        assert found.duty == (goods["mfn"] if expect["duty"] == "mfn" else expect["duty"])
    if "missing" in expect:
        assert expect["missing"] in {one.what for one in found.missing}
    assert found.on == date.fromisoformat(day)
    assert any(leaf.citation for leaf in found.proof.leaves())


def test_the_table_is_large_enough() -> None:
    determined = [case for case in ALL if case.values[0]["expect"]["outcome"] == "determined"]
    assert len(ALL) >= 200
    assert len(determined) >= 80
    assert all(situation["law"] for situation in TABLE["situations"])
