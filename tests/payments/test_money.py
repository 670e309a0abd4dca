"""Money and its currencies."""

from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest
from babel.core import get_global
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.errors import DostastyqError
from dostastyq.money import LARGEST, currencies, currency, minor_units, round_half_even, shown
from dostastyq.payments import Obligation

TERRITORIES = dict(
    zip(
        ["ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ", "MDA", "RUS", "TJK", "TKM", "UKR", "UZB"],
        ["AM", "AZ", "BY", "GE", "KZ", "KG", "MD", "RU", "TJ", "TM", "UA", "UZ"],
        strict=True,
    )
)
APART = {"BYB", "UAK", "AZM", "RUR", "RUB", "KZT", "GEK", "GEL", "SUR", "TJR"}
"""Currencies whose note says where another source is followed than CLDR, or where states left the rouble apart."""


def test_every_currency_has_a_source_a_confidence_and_an_order():
    for code, found in currencies().items():
        assert len(code) == 3
        assert len(found.numeric) == 3
        assert found.source
        assert found.confidence in {"high", "medium", "low"}
        assert found.exponent in {0, 2}
        if found.valid_from and found.valid_to:
            assert found.valid_from < found.valid_to
        if found.successor:
            assert found.successor in currencies()
            assert found.per_successor >= 1
            assert found.valid_to >= currencies()[found.successor].valid_from


@pytest.mark.parametrize("code", sorted(code for code, found in currencies().items() if found.states))
def test_dates_are_those_of_cldr_or_say_why_not(code):
    found = currencies()[code]
    spans = [
        span
        for state in found.states
        for span in get_global("territory_currencies")[TERRITORIES[state]]
        if span[0] == code
    ]
    assert spans or code == "SUR"
    starts, ends = {date(*span[1]) for span in spans}, {date(*span[2]) if span[2] else None for span in spans}
    last = found.valid_to and found.valid_to - timedelta(days=1)
    same = found.valid_from in starts and bool({last, found.valid_to} & ends)
    assert same or code in APART
    assert same or found.note or code == "RUB"


def test_the_twelve_have_a_currency_on_every_day_since_1992():
    for state in TERRITORIES:
        for day in (date(1992, 1, 1) + timedelta(days=30 * k) for k in range(420)):
            assert any(state in c.states and c.valid(day) for c in currencies().values()), (state, day)


@pytest.mark.parametrize(
    ("code", "on", "instead"),
    [("RUR", "2015-01-01", "RUB"), ("BYB", "2010-06-01", "BYR"), ("BYR", "2020-01-01", "BYN"),
     ("RUB", "1995-01-01", "RUR"), ("TMM", "2009-01-01", "TMT"), ("AZM", "2010-01-01", "AZN"),
     ("UAK", "2000-01-01", "UAH"), ("GEK", "2000-01-01", "GEL"), ("TJR", "2001-01-01", "TJS"), ("SUR", "2000-01-01", "RUB"), ("EUR", "1998-12-31", "a currency of that day")],
)  # fmt: skip
def test_a_currency_out_of_date_names_the_one_in_use(code, on, instead):
    with pytest.raises(DostastyqError) as refusal:
        currency(code, on)
    assert refusal.value.code == "MN002"
    assert refusal.value.hint == f"use {instead}"


@pytest.mark.parametrize(
    ("value", "code"),
    [(0, "MN004"), (-5, "MN004"), (LARGEST + 1, "MN005"), (1.0, "MN003"), (True, "MN003"), ("5", "MN003"),
     (Fraction(5), "MN003"), (None, "MN003"), (np.float64(3), "MN003")],
)  # fmt: skip
def test_what_is_no_amount_is_refused(value, code):
    with pytest.raises(DostastyqError) as refusal:
        minor_units(value)
    assert refusal.value.code == code
    with pytest.raises(DostastyqError):
        Obligation("r", "KAZ", "KGZ", value, "KZT")


def test_amounts_at_the_edge_and_of_numpy():
    assert minor_units(LARGEST) == LARGEST
    assert type(minor_units(np.int64(7))) is int


@given(st.fractions())
def test_rounding_is_to_the_nearest_and_half_to_even(value):
    rounded = round_half_even(value)
    assert abs(rounded - value) <= Fraction(1, 2)
    if abs(rounded - value) == Fraction(1, 2):
        assert rounded % 2 == 0


def test_amounts_are_written_whole():
    assert shown(5, "RUB") == "0.05 RUB"
    assert shown(2**62, "KZT") == "46116860184273879.04 KZT"
    assert shown(-7, "JPY") == "-7 JPY"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("reference", " ", "PY001"), ("creditor", "KAZ", "PY001"), ("debtor", 5, "PY001"), ("currency", "KZ", "MN001"),
     ("value_date", "2026-02-30", "DT002"), ("priority", 1.5, "PY002"), ("divisible", 1, "PY002"),
     ("value_date", "1990-01-01", "MN002")],
)  # fmt: skip
def test_an_obligation_is_sound_or_is_not_made(field, value, code):
    good = {"reference": "r", "debtor": "KAZ", "creditor": "KGZ", "amount": 1, "currency": "KZT"}
    Obligation(**good)
    with pytest.raises(DostastyqError) as refusal:
        Obligation(**good | {field: value})
    assert refusal.value.code == code
