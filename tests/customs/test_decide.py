"""Rulings: outcome, regime, rate, amounts, proof, and what would change them."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.customs import Consignment, Document, Lawbook, decide, lawbook
from dostastyq.customs.tariff import Edition, Line
from dostastyq.errors import DostastyqError

ST1 = (Document("st-1"),)


def goods(hs: str, origin: str, importer: str, **more: object) -> Consignment:
    settings = {"value": 500_000, "currency": "USD", "quantities": (("kg", Fraction(10_000)),), "documents": ST1}
    return Consignment(hs, origin, importer, **(settings | more))  # type: ignore[arg-type]


def book_of(**rates: str) -> Lawbook:
    """Law with a made-up edition for 2015."""
    lines = {code.removeprefix("c"): Line(code.removeprefix("c"), text) for code, text in rates.items()}
    made_up = Edition(
        "made-up", "made up", "eaeu-2014", date(2015, 1, 1), date(2016, 1, 1), "a lesson", lines, synthetic=True
    )
    return lawbook("cis", among=(made_up,))


def test_sugar_of_moldova_into_russia() -> None:
    found = decide(goods("1701991001", "MDA", "RUS"), "2026-06-30")
    assert (found.outcome, found.regime, found.rate) == ("determined", "mfn", "340 USD за 1 т")
    assert (found.duty, found.total) == (340_000, 424_000)
    assert found.taxes[0].amount == (500_000 + 340_000) // 10


def test_sugar_of_ukraine_into_kazakhstan_keeps_a_duty() -> None:
    found = decide(goods("1701991001", "UKR", "KAZ"), "2013-06-01")
    assert (found.regime, found.rate, found.duty) == ("free_trade", "340 USD за 1 т", 340_000)
    assert any("Annex 1" in leaf.citation for leaf in found.proof.leaves())


def test_free_trade_needs_a_proof() -> None:
    silent = decide(goods("1001990000", "UKR", "RUS", documents=None), "2015-06-30")
    assert (silent.outcome, silent.regime, silent.duty) == ("undetermined", None, None)
    assert [one.what for one in silent.missing] == ["proof"]
    granted = decide(goods("1001990000", "UKR", "RUS"), "2015-06-30")
    assert (granted.outcome, granted.regime, granted.duty, granted.origin) == ("determined", "free_trade", 0, True)


def test_without_a_proof_the_tariff_of_the_day_or_nothing() -> None:
    none = goods("1001990000", "UKR", "RUS", documents=())
    assert [one.what for one in decide(none, "2015-06-30").missing] == ["tariff edition"]
    found = decide(none, "2015-06-30", book=book_of(c1001990000="5%"))
    assert (found.outcome, found.regime, found.duty, found.origin) == ("determined", "mfn", 25_000, False)
    assert any("made up" in leaf.says for leaf in found.unverified)


def test_another_years_rate_is_never_used() -> None:
    found = decide(goods("1701991001", "MDA", "RUS"), "2025-06-30")
    assert (found.outcome, found.duty, found.rate) == ("undetermined", None, "")
    assert [one.what for one in found.missing] == ["tariff edition"]


def test_within_the_union_no_duty() -> None:
    found = decide(goods("1001990000", "KAZ", "RUS", documents=None), "2026-06-30")
    assert (found.outcome, found.regime, found.duty) == ("determined", "customs_union", 0)
    astray = decide(goods("1001990000", "KAZ", "RUS", dispatched_from="CHN"), "2026-06-30")
    assert (astray.regime, astray.duty) == ("mfn", 25_000)


def test_an_agreement_that_nobody_claims_leaves_the_common_rate() -> None:
    claimed = decide(goods("1001990000", "VNM", "RUS", documents=None), "2026-07-01")
    assert (claimed.outcome, claimed.regime) == ("undetermined", "third_country_agreement")
    for papers in ((), (Document("transport"),)):
        found = decide(goods("1001990000", "VNM", "RUS", documents=papers), "2026-07-01")
        assert (found.regime, found.duty, found.origin) == ("mfn", 25_000, False)


def test_a_code_that_a_whole_tariff_lacks_is_refused_under_any_regime() -> None:
    whole = replace(book_of(c1001990000="5%").editions[0], complete=True)
    book = lawbook("cis", among=(whole,))
    for origin in ("KAZ", "UKR", "DEU"):
        with pytest.raises(DostastyqError) as refusal:
            decide(goods("1001999999", origin, "RUS"), "2015-06-30", book=book)
        assert refusal.value.code == "CU021"


def test_a_moment_of_knowledge_needs_its_time_zone() -> None:
    consignment = goods("1701991001", "MDA", "RUS")
    assert decide(consignment, "2026-06-30", "2026-11-22T23:00:00+05:00").known_at is not None
    with pytest.raises(DostastyqError) as refusal:
        decide(consignment, "2026-06-30", "2026-11-22T23:00:00")
    assert refusal.value.code == "RG005"


def test_a_specific_rate_asks_for_its_quantity_and_its_exchange_rate() -> None:
    found = decide(goods("8703239042", "DEU", "RUS", quantities=()), "2026-06-30")
    assert found.outcome == "undetermined"
    assert {one.what for one in found.missing} == {"quantity", "exchange rate", "tax"}
    whole = goods("8703239042", "DEU", "RUS", quantities=(("cm3", Fraction(2000)),))
    found = decide(whole, "2026-06-30", exchange={"EUR": Fraction("1.1")})
    assert found.duty == max(500_000 * 20 // 100, 36 * 2000 * 11 // 10)
    assert found.total is None
    assert [one.what for one in found.missing] == ["tax"]


def test_what_would_change_it() -> None:
    found = decide(goods("1001990000", "UKR", "RUS", documents=None), "2015-06-30")
    said = {str(one.says): one.regime for one in found.what_would_change_it}
    assert said["a certificate ST-1 in order"] == "free_trade"
    assert said["the word that there is no proof of origin"] == "mfn"
    assert said["a declaration on 1 January 2016, after the law changed"] == "mfn"
    routed = goods("1001990000", "UKR", "RUS", route=("POL",))
    assert any("directly" in str(one.says) for one in decide(routed, "2015-06-30").what_would_change_it)


def test_the_notes_name_what_is_unverified() -> None:
    found = decide(goods("1001990000", "UKR", "RUS"), "2015-06-30")
    assert found.unverified
    unverified = [note for note in found.notes if str(note).startswith("Unverified: ")]
    assert len(unverified) == len({leaf.citation for leaf in found.unverified})
    assert list(found.notes[: len(unverified)]) == unverified
    assert "not in the total" in str(found.notes[-1])


def test_changing_only_known_at_changes_nothing_known_before() -> None:
    consignment = goods("1001990000", "UKR", "RUS")
    late, now = (decide(consignment, "2015-06-30", known_at) for known_at in ("2026-11-22", None))
    assert (late.outcome, late.regime, late.duty) == (now.outcome, now.regime, now.duty)
    early = decide(consignment, "2015-06-30", "2020-01-01")
    assert (early.outcome, early.regime) == ("undetermined", None)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"hs": "1701"}, "CU020"),
        ({"hs": "9999999999"}, None),
        ({"value": -1}, "CU052"),
        ({"quantities": (("kg", Fraction(-1)),)}, "CU052"),
        ({"quantities": (("bushel", Fraction(1)),)}, "CU010"),
        ({"currency": "RUR"}, "MN002"),
        ({"currency": "XXZ"}, "MN001"),
        ({"origin": "SUN"}, "CU050"),
        ({"importer": "MDA"}, "CU051"),
        ({"value": 5.5}, "CU052"),
        ({"quantities": (("kg", 1.5),)}, "CU052"),
        ({"dispatched_from": "XYZ"}, "CU050"),
        ({"route": ("UKR", "XYZ")}, "CU050"),
    ],
)
def test_bad_input(change: dict[str, object], code: str | None) -> None:
    consignment = goods(**({"hs": "1701991001", "origin": "MDA", "importer": "RUS"} | change))  # type: ignore[arg-type]
    if code is None:
        assert decide(consignment, "2026-06-30").missing[0].what == "law"
        return
    with pytest.raises(DostastyqError) as refusal:
        decide(consignment, "2026-06-30")
    assert refusal.value.code == code


def test_a_state_that_was_none_yet() -> None:
    with pytest.raises(DostastyqError) as refusal:
        decide(goods("1701991001", "MDA", "RUS"), "1991-01-01")
    assert refusal.value.code == "RG004"


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**6), st.integers(0, 10**6))
def test_duty_never_falls_in_value_or_quantity(value: int, more: int, quantity: int, extra: int) -> None:
    book = book_of(c1701991001="10%, но не менее 0.2 EUR за 1 кг")

    def owed(worth: int, kilograms: int) -> int:
        one = goods("1701991001", "DEU", "RUS", value=worth, quantities=(("kg", Fraction(kilograms)),))
        found = decide(one, "2015-06-30", book=book, exchange={"EUR": Fraction("1.1")}, explain=False)
        assert found.duty is not None
        return found.duty

    assert owed(value, quantity) <= owed(value + more, quantity + extra)


@given(st.integers(0, 10**9))
def test_kilograms_and_tonnes_owe_the_same(grams: int) -> None:
    book = book_of(c1701991001="340 USD за 1 т")
    kilograms = goods("1701991001", "DEU", "RUS", quantities=(("kg", Fraction(grams, 1000)),))
    tonnes = goods("1701991001", "DEU", "RUS", quantities=(("t", Fraction(grams, 1_000_000)),))
    one, other = (decide(item, "2015-06-30", book=book, explain=False).duty for item in (kilograms, tonnes))
    assert one == other
