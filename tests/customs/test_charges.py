"""Order and bases of the charges; every rate of excise and every fee here is made up."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from dostastyq.customs import Consignment, Lawbook, decide, lawbook
from dostastyq.customs.facts import Order, read_fee, read_measures, read_order, read_tax
from dostastyq.customs.tariff import Edition, Line
from dostastyq.errors import DostastyqError
from dostastyq.register.reader import Reader, compose

KNOWN = frozenset({"own"})
END = 'from: "2000-01-01", cite: "made-up act", src: [own], conf: low}'
CAR = "8703231940"
MADE_UP = Edition(
    "made-up", "", "eaeu-2014", date(2015, 1, 1), date(2016, 1, 1), "a lesson",
    {CAR: Line(CAR, "15%"), "1001990000": Line("1001990000", "5%")}, synthetic=True,
)  # fmt: skip
ON = date(2015, 7, 1)


def at(text: str) -> Reader:
    return compose(text, "made-up.yaml")


def car(value: int = 1_000_000, hs: str = CAR) -> Consignment:
    return Consignment(hs, "DEU", "RUS", value, "USD", (("cm3", Fraction(1800)),), ())


def book(**more: object) -> Lawbook:
    return replace(lawbook("cis", among=(MADE_UP,)), memory={}, **more)  # type: ignore[arg-type]


EXCISE = {"RUS": (read_tax(at(f'{{rate: "10%", codes: ["8703"], {END}'), KNOWN),)}
BANDS = '{bands: [{up_to: "200", fee: "5"}, {up_to: "20000", fee: "33.335"}, {fee: "90"}], currency: USD, '
FEES = {"RUS": (read_fee(at(BANDS + END), KNOWN),)}


def test_value_duty_excise_and_the_tax_on_all_of_them() -> None:
    found = decide(car(), ON, book=book(excise=EXCISE))
    excise, vat = found.taxes
    assert (found.duty, excise.amount, excise.base) == (150_000, 115_000, 1_150_000)
    assert (vat.base, vat.amount) == (1_265_000, 227_700)
    assert found.total == 150_000 + 115_000 + 227_700
    assert any("made-up act" in str(note) for note in found.notes)


def test_a_fee_comes_before_the_excise_and_stays_out_of_the_base() -> None:
    found = decide(car(), ON, book=book(excise=EXCISE, fees=FEES))
    assert [tax.kind for tax in found.taxes] == ["fee", "excise", "vat"]
    assert found.taxes[0].amount == 3334
    assert found.taxes[2].base == 1_265_000
    assert not any("not in the total" in str(note) for note in found.notes)


@pytest.mark.parametrize(("value", "fee"), [(0, 500), (20_000, 500), (20_001, 3334), (2_000_001, 9000)])
def test_a_fee_goes_by_bands_of_the_value(value: int, fee: int) -> None:
    found = decide(car(value, "1001990000"), ON, book=book(fees=FEES))
    assert found.taxes[0].amount == fee


def test_a_fee_in_another_currency_needs_the_fixing() -> None:
    fees = {"RUS": (read_fee(at(BANDS.replace("USD", "EUR") + END), KNOWN),)}
    lacking = decide(car(), ON, book=book(fees=fees))
    assert lacking.total is None
    assert "exchange rate" in {one.what for one in lacking.missing}
    found = decide(car(440, "1001990000"), ON, book=book(fees=fees), exchange={"EUR": Fraction("1.1")})
    assert found.taxes[0].amount == 550


def test_an_excise_with_a_quantity_alone_needs_no_base() -> None:
    specific = {"RUS": (read_tax(at(f'{{rate: "1 USD за 1 см3", codes: ["8703"], {END}'), KNOWN),)}
    excise = decide(car(), ON, book=book(excise=specific)).taxes[0]
    assert (excise.amount, excise.base) == (180_000, None)


def test_rounding_is_told_where_something_was_rounded() -> None:
    said = [[str(note) for note in decide(car(value, "1001990000"), ON, book=book()).notes] for value in (2000, 2001)]
    assert [any("a half upwards" in note for note in notes) for notes in said] == [False, True]


def test_an_anti_dumping_duty_may_enter_the_base_where_the_data_say_so() -> None:
    shipped = lawbook("cis").order
    wide = Order(shipped.kinds, {**shipped.bases, "vat": ("value", "duty", "anti_dumping", "excise")}, shipped.article)
    dumped = read_measures(
        at('measures: [{kind: anti_dumping, codes: ["8703"], rate: "30%", act: "made-up act", ' + END + "]"), KNOWN
    )
    bases = [
        decide(car(), ON, book=book(excise=EXCISE, order=order, measures=dumped)).taxes[-1].base
        for order in (shipped, wide)
    ]
    assert bases == [1_265_000, 1_565_000]


@pytest.mark.parametrize(
    "text",
    [
        "{order: [duty, vat], bases: {duty: [value], vat: [value]}",
        "{order: [vat, duty, anti_dumping, fee, excise], bases: {vat: [duty]}",
        "{order: [duty, tithe], bases: {duty: [value]}",
    ],
)
def test_an_order_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(DostastyqError) as refusal:
        read_order(at(text + ', cite: "an act", src: [own], conf: low}'), KNOWN)
    assert refusal.value.code == "CU040"


@pytest.mark.parametrize(
    "bands",
    ["[]", '[{up_to: "5", fee: "1"}]', '[{fee: "1"}, {fee: "2"}]',
     '[{up_to: "9", fee: "1"}, {up_to: "5", fee: "2"}, {fee: "3"}]'],
)  # fmt: skip
def test_bands_that_do_not_rise_are_refused(bands: str) -> None:
    with pytest.raises(DostastyqError) as refusal:
        read_fee(at(f"{{bands: {bands}, currency: USD, {END}"), KNOWN)
    assert refusal.value.code == "CU040"
