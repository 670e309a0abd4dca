"""Regimes: directed, from the register, on their day."""

from datetime import date

import pytest

from dostastyq.customs.lawbook import Lawbook, lawbook
from dostastyq.customs.regime import breaks, regime
from dostastyq.errors import DostastyqError

SUGAR, WHEAT = "1701991001", "1001990000"


@pytest.fixture(scope="module")
def book() -> Lawbook:
    return lawbook("cis")


@pytest.mark.parametrize(
    ("importer", "origin", "hs", "on", "kind", "instrument"),
    [
        ("RUS", "UKR", WHEAT, "2015-12-31", "free_trade", "fta-2011"),
        ("RUS", "UKR", WHEAT, "2016-01-01", "mfn", ""),
        ("UKR", "RUS", WHEAT, "2016-06-01", "mfn", ""),
        ("KAZ", "UKR", WHEAT, "2016-06-01", "free_trade", "fta-2011"),
        ("RUS", "MDA", SUGAR, "2014-08-30", "free_trade", "fta-2011"),
        ("RUS", "MDA", SUGAR, "2014-08-31", "mfn", "fta-2011"),
        ("MDA", "RUS", SUGAR, "2014-09-30", "free_trade", "fta-2011"),
        ("RUS", "KAZ", WHEAT, "2009-12-31", None, ""),
        ("RUS", "KAZ", WHEAT, "2012-06-01", "customs_union", "cu-territory-2007"),
        ("RUS", "KAZ", WHEAT, "2015-01-01", "customs_union", "eaeu-2014"),
        ("ARM", "RUS", WHEAT, "2015-01-02", "customs_union", "eaeu-2014"),
        ("KGZ", "RUS", WHEAT, "2015-08-12", "customs_union", "eaeu-2014"),
        ("KGZ", "RUS", WHEAT, "2015-08-11", "free_trade", "fta-2011"),
        ("RUS", "DEU", WHEAT, "2026-07-01", "mfn", ""),
        ("RUS", "VNM", WHEAT, "2026-07-01", "third_country_agreement", "eaeu-vnm-2015"),
        ("RUS", "VNM", WHEAT, "2016-10-04", "mfn", ""),
    ],
)
def test_regimes(  # noqa: PLR0917 -- a table
    book: Lawbook, importer: str, origin: str, hs: str, on: str, kind: str | None, instrument: str
) -> None:
    found = regime(book, importer, origin, hs, date.fromisoformat(on))
    if kind is not None:
        assert (found.kind, found.instrument) == (kind, instrument)
    assert found.kind is not None or found.missing


def test_the_list_that_was_not_read_is_not_guessed(book: Lawbook) -> None:
    found = regime(book, "RUS", "MDA", WHEAT, date(2015, 6, 1))
    assert found.kind is None
    assert [one.what for one in found.missing] == ["law"]
    assert "1001" in found.missing[0].says


def test_a_kept_duty_names_both_states(book: Lawbook) -> None:
    on = date(2013, 6, 1)
    assert regime(book, "KAZ", "UKR", SUGAR, on).kept is not None
    assert regime(book, "UKR", "KAZ", SUGAR, on).kept is None
    assert regime(book, "MDA", "UKR", SUGAR, on).kept is None
    vodka = "2208601100"
    assert regime(book, "KAZ", "UKR", vodka, date(2014, 12, 31)).kept is not None
    assert regime(book, "KAZ", "UKR", vodka, date(2015, 1, 1)).kept is None


def test_every_regime_has_a_proof_that_ends_in_citations(book: Lawbook) -> None:
    for importer, origin, on in (
        ("RUS", "UKR", "2015-06-01"),
        ("RUS", "KAZ", "2020-06-01"),
        ("KAZ", "UZB", "2005-06-01"),
    ):
        found = regime(book, importer, origin, WHEAT, date.fromisoformat(on))
        assert all(leaf.citation for leaf in found.step.leaves())


def test_what_the_register_did_not_know_yet_is_unknown(book: Lawbook) -> None:
    on = date(2015, 6, 1)
    early = book.known(date(2020, 1, 1))
    assert regime(early, "RUS", "KAZ", WHEAT, on).kind is None
    assert regime(book.known(date(2026, 11, 22)), "RUS", "KAZ", WHEAT, on).kind == "customs_union"
    assert book.known(None) is book
    assert book.known(date(2020, 1, 1)) is early


@pytest.mark.parametrize(
    ("importer", "origin", "on", "code"),
    [
        ("RUS", "XYZ", "2020-01-01", "CU050"),
        ("RUS", "ROW", "2020-01-01", "CU050"),
        ("RUS", "RUS", "2020-01-01", "CU051"),
        ("DEU", "RUS", "2020-01-01", "RG002"),
        ("RUS", "KAZ", "1991-01-01", "RG004"),
    ],
)
def test_parties_that_are_none(book: Lawbook, importer: str, origin: str, on: str, code: str) -> None:
    with pytest.raises(DostastyqError) as refusal:
        regime(book, importer, origin, WHEAT, date.fromisoformat(on))
    assert refusal.value.code == code


def test_breaks_lie_around_the_day(book: Lawbook) -> None:
    earlier, later = breaks(book, "RUS", "UKR", WHEAT, date(2015, 6, 1))
    assert later[0] == date(2016, 1, 1)
    assert all(day < date(2015, 6, 1) for day in earlier)
    assert list(earlier) == sorted(earlier, reverse=True)
