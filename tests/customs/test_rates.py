"""Rates of duty: reading, writing, and the properties that every form of them has."""

import csv
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.customs.grammar import parse_rate, render_rate
from dostastyq.customs.rates import AdValorem, AtLeast, AtMost, Basis, Component, Need, Rate, Specific, Sum, walk
from dostastyq.customs.units import UNITS, unit
from dostastyq.errors import DostastyqError

DECIMAL = st.integers(0, 99_999).map(lambda n: Fraction(n, 1000))
RUSSIAN = [known.code for known in UNITS if known.russian]
PERCENT = DECIMAL.map(AdValorem)
SPECIFIC = st.builds(
    Specific, DECIMAL, st.sampled_from(["EUR", "USD"]), st.sampled_from([1, 100, 1000]).map(Fraction),
    st.sampled_from(RUSSIAN),
)  # fmt: skip
FLOORED = st.builds(AtLeast, PERCENT, SPECIFIC)
EURASIAN = st.one_of(
    PERCENT, SPECIFIC, FLOORED, st.builds(AtMost, FLOORED, PERCENT),
    st.builds(lambda first, second: Sum((first, second)), PERCENT, SPECIFIC),
)  # fmt: skip
TERM = st.one_of(PERCENT, SPECIFIC, st.sampled_from(["AC", "SD", "FD"]).map(Component))
PLUS = st.one_of(TERM, st.lists(TERM, min_size=2, max_size=3).map(lambda terms: Sum(tuple(terms))))
TARIC = st.one_of(
    PLUS, st.builds(AtLeast, PLUS, PLUS), st.builds(AtMost, PLUS, PLUS),
    st.builds(AtMost, st.builds(AtLeast, PLUS, PLUS), PLUS),
)  # fmt: skip


def basis(value: Fraction, quantity: Fraction, currency: str = "EUR") -> Basis:
    exchange = {"EUR": Fraction(11, 10), "USD": Fraction(9, 10)}
    quantities = {(known.dimension, ""): quantity for known in UNITS}
    return Basis(value, currency, quantities, {code: rate for code, rate in exchange.items() if code != currency})


@given(EURASIAN)
def test_eurasian_text_says_the_rate(rate: Rate) -> None:
    assert parse_rate(render_rate(rate)) == rate


@given(TARIC)
def test_taric_text_says_the_rate(rate: Rate) -> None:
    assert parse_rate(render_rate(rate, "taric"), "taric") == rate


@given(EURASIAN)
def test_both_styles_say_the_same(rate: Rate) -> None:
    assert parse_rate(render_rate(rate, "taric"), "taric") == rate


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("5%", AdValorem(Fraction(5))),
        ("12.5", AdValorem(Fraction(25, 2))),
        ("10, но не менее 0,2 евро за 1 кг",
         AtLeast(AdValorem(Fraction(10)), Specific(Fraction(1, 5), "EUR", Fraction(1), "kg"))),
        ("250 долларов США за 1000 кг", Specific(Fraction(250), "USD", Fraction(1000), "kg")),
        ("0.5 евро за 1 пару", Specific(Fraction(1, 2), "EUR", Fraction(1), "pair")),
        ("2 EUR за 1 1000 шт", Specific(Fraction(2), "EUR", Fraction(1000), "piece")),
        ("1,6 евро за 1 см³ объёма двигателя", Specific(Fraction(8, 5), "EUR", Fraction(1), "cm3")),
        ("15 %, либо 10 %, но не менее 0.2 EUR за 1 кг, какая ниже",
         AtMost(AtLeast(AdValorem(Fraction(10)), Specific(Fraction(1, 5), "EUR", Fraction(1), "kg")),
                AdValorem(Fraction(15)))),
    ],
)  # fmt: skip
def test_forms_of_the_eurasian_tariff(text: str, rate: Rate) -> None:
    assert parse_rate(text) == rate


def test_taric_chain_splits_at_the_last_limit() -> None:
    rate = parse_rate("9% MIN 0.5 EUR / kg MAX 12%", "taric")
    assert isinstance(rate, AtMost)
    assert isinstance(rate.rate, AtLeast)


@pytest.mark.parametrize(
    ("text", "place"),
    [("563С)", "character 4"), ("5 63С)", "character 3"), ("10% или 5%", "character 5"), ("", "the end of the text"),
     ("5%, но не менее", "the end of the text"), ("свободно", "character 1"), ("5 EUR за 1 бочку", "character 12")],
)  # fmt: skip
def test_unknown_text_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(DostastyqError) as refusal:
        parse_rate(text)
    assert refusal.value.code == "CU001"
    assert place in refusal.value.message


def test_unknown_style_and_inexpressible_rate() -> None:
    with pytest.raises(DostastyqError, match="style"):
        parse_rate("5%", "gatt")
    with pytest.raises(DostastyqError) as refusal:
        render_rate(AtLeast(AdValorem(Fraction(5)), Component("AC")))
    assert refusal.value.code == "CU002"
    with pytest.raises(DostastyqError, match="no decimal"):
        render_rate(AdValorem(Fraction(1, 3)))


@given(EURASIAN, st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**6), st.integers(0, 10**6))
def test_never_falls_in_value_or_quantity(rate: Rate, value: int, more: int, quantity: int, extra: int) -> None:
    low = rate.amount(basis(Fraction(value), Fraction(quantity)))
    assert low <= rate.amount(basis(Fraction(value + more), Fraction(quantity + extra)))


@given(EURASIAN, st.integers(0, 10**9), st.integers(0, 10**6), st.fractions(0, 100))
def test_homogeneous_of_degree_one(rate: Rate, value: int, quantity: int, scale: Fraction) -> None:
    once = rate.amount(basis(Fraction(value), Fraction(quantity)))
    assert rate.amount(basis(value * scale, quantity * scale)) == once * scale


@given(FLOORED, PERCENT, st.integers(0, 10**9), st.integers(0, 10**6))
def test_limits_bind(floored: AtLeast, ceiling: AdValorem, value: int, quantity: int) -> None:
    on = basis(Fraction(value), Fraction(quantity))
    assert floored.amount(on) >= max(floored.rate.amount(on), floored.floor.amount(on))
    assert AtMost(floored, ceiling).amount(on) <= min(floored.amount(on), ceiling.amount(on))


@given(DECIMAL, st.integers(0, 10**9))
def test_kilograms_and_tonnes_agree(money: Fraction, grams: int) -> None:
    on = Basis(Fraction(0), "EUR", {("mass", ""): Fraction(grams, 1000)})
    by_kg = Specific(money, "EUR", Fraction(1000), "kg")
    by_tonne = Specific(money, "EUR", Fraction(1), "t")
    assert by_kg.amount(on) == by_tonne.amount(on)


def test_missing_facts_are_named_before_anything_is_worked_out() -> None:
    rate = parse_rate("20%, но не менее 0.36 EUR за 1 см3")
    bare = Basis(Fraction(100), "RUB")
    assert list(rate.needs(bare)) == [Need("quantity", "engine displacement"), Need("exchange rate", "EUR")]
    with pytest.raises(DostastyqError) as refusal:
        rate.amount(bare)
    assert refusal.value.code == "CU011"
    assert list(Component("AC").needs(bare)) == [Need("component", "AC")]


def test_negative_rates_and_unknown_units_are_refused() -> None:
    with pytest.raises(DostastyqError, match="-5"):
        AdValorem(Fraction(-5))
    with pytest.raises(DostastyqError, match="more than none"):
        Specific(Fraction(1), "EUR", Fraction(0), "kg")
    with pytest.raises(DostastyqError, match="no unit 'bushel'"):
        unit("bushel")


def test_no_unit_has_two_meanings() -> None:
    names = [name.casefold() for known in UNITS for name in {known.code, known.russian, *known.aliases} if name]
    assert len(names) == len(set(names))


def test_whole_tariff_reads_and_round_trips(data_folder: Path) -> None:
    with (data_folder / "ett" / "eaeu_ett_2026.csv").open(encoding="utf-8") as file:
        texts = {row["raw"] for row in csv.DictReader(file)}
    assert len(texts) == 263
    write: Callable[[Rate], str] = render_rate
    for text in texts:
        rate = parse_rate(text)
        assert parse_rate(write(rate)) == rate
        assert write(parse_rate(write(rate))) == write(rate)
        assert any(isinstance(part, AdValorem | Specific) for part in walk(rate))
