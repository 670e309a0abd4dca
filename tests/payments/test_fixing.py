"""Rates, exact triangulation, converted nets and their residue; clearing in several currencies."""

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.errors import DostastyqError
from dostastyq.payments import Obligation, Rate, fix, read_rates, settle

DAY = "2026-11-20"
CODES = ("AMD", "BYN", "JPY", "KGS", "KZT", "RUB")
RATES = {"AMD": "0.2051", "BYN": "26.8817", "JPY": "0.51", "KGS": "0.9021", "KZT": "0.1534"}


@pytest.fixture(scope="module")
def fixing():
    return fix([Rate(code, "RUB", DAY, Fraction(value), "CBR") for code, value in RATES.items()], "RUB", DAY)


def test_every_way_through_the_table_gives_one_rate(fixing):
    for a in CODES:
        for b in CODES:
            assert fixing.cross(a, b) * fixing.cross(b, a) == 1
            for c in CODES:
                assert fixing.cross(a, b) * fixing.cross(b, c) == fixing.cross(a, c)


def test_a_rate_may_be_given_in_either_direction():
    one = fix([Rate("BYN", "RUB", DAY, Fraction(25), "act")], "RUB", DAY)
    other = fix([Rate("RUB", "BYN", DAY, Fraction(1, 25), "act")], "RUB", DAY)
    assert one.rates == other.rates


def test_exponents_are_in_the_rate_of_minor_units(fixing):
    assert fixing.per_minor("JPY") == 51  # one yen is 0.51 rouble, that is 51 kopecks
    assert fixing.per_minor("KZT") == Fraction("0.1534")


nets = st.lists(st.integers(-(2**50), 2**50), min_size=1, max_size=11).map(lambda some: [*some, -sum(some)])


@given(st.dictionaries(st.sampled_from(CODES), nets, min_size=1))
def test_converted_nets_and_residue_sum_to_zero(positions):
    made = fix([Rate(code, "RUB", DAY, Fraction(value), "CBR") for code, value in RATES.items()], "RUB", DAY)
    given_nets = {code: {f"B{k}": net for k, net in enumerate(values)} for code, values in positions.items()}
    values, residue = made.converted(given_nets)
    assert sum(sum(of.values()) for of in values.values()) + residue.amount == 0
    assert residue.amount == sum(residue.by_currency.values())
    for code, of in values.items():
        for bank, value in of.items():
            assert abs(value - given_nets[code][bank] * made.per_minor(code)) <= Fraction(1, 2)
        assert 2 * abs(residue.by_currency[code]) <= len(of)


def test_the_latest_rate_is_carried_only_as_far_as_said():
    table = [Rate("KZT", "RUB", day, Fraction(k, 7), "act") for k, day in ((1, "2026-11-19"), (2, "2026-11-20"))]
    assert fix(table, "RUB", "2026-11-22", carried_days=2).rates["KZT"] == Fraction(2, 7)
    stale = fix(table, "RUB", "2026-11-22", carried_days=1)
    with pytest.raises(DostastyqError, match="no rate of KZT on 2026-11-22"):
        stale.per_minor("KZT")


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"value": 0.15}, "PY051"), ({"value": Fraction(0)}, "PY051"), ({"value": -1}, "PY051"),
     ({"source": " "}, "PY051"), ({"base": "RUB"}, "PY051"), ({"base": "RUR"}, "MN002"), ({"base": "XXX"}, "MN001"),
     ({"on": "20.11.2026"}, "DT002")],
)  # fmt: skip
def test_what_is_no_rate_is_refused(fields, code):
    good = {"base": "KZT", "quote": "RUB", "on": DAY, "value": Fraction("0.15"), "source": "act"}
    Rate(**good)
    with pytest.raises(DostastyqError) as refusal:
        Rate(**good | fields)
    assert refusal.value.code == code


def test_two_rates_of_one_day_and_nets_that_do_not_close_are_refused(fixing):
    table = [Rate("KZT", "RUB", DAY, Fraction(value), "act") for value in ("0.15", "0.16")]
    with pytest.raises(DostastyqError) as refusal:
        fix(table, "RUB", DAY)
    assert refusal.value.code == "PY053"
    with pytest.raises(DostastyqError) as refusal:
        fixing.converted({"KZT": {"A": 1}})
    assert refusal.value.code == "PY052"


def test_rates_are_read_exactly(tmp_path):
    path = tmp_path / "rates.csv"
    path.write_text("base,quote,on,value,source\nKZT,RUB,2026-11-20,0.1534,CBR\nKGS,RUB,2026-11-20,9/10,CBR\n")
    assert [rate.value for rate in read_rates(path)] == [Fraction("0.1534"), Fraction(9, 10)]
    path.write_text("base,quote,on,value,source\nKZT,RUB,2026-11-20,soon,CBR\n")
    with pytest.raises(DostastyqError, match="row 2: value is 'soon'"):
        read_rates(path)


def owed(count=200, seed=1):
    draw = random.Random(seed)
    return [
        Obligation(f"r{k}", *draw.sample("ABCDEF", 2), int(draw.lognormvariate(9, 1.5)) + 1, draw.choice(CODES))
        for k in range(count)
    ]


@pytest.mark.parametrize("cap", [10**12, 10**6, 20_000])
@pytest.mark.parametrize("rule", ["pro_rata", "first_come"])
def test_several_currencies_are_settled_within_limits_of_the_unit(fixing, cap, rule):
    rows = owed()
    found = settle(rows, dict.fromkeys("ABCDEF", cap), fixing=fixing, rule=rule)
    assert found.currency == "RUB"
    assert sum(found.net.values()) + found.residue.amount == 0
    assert all(net >= -cap for net in found.net.values())
    exact = sum(found.settled[row.reference] * fixing.per_minor(row.currency) for row in rows)
    assert abs(found.settled_total - exact) <= Fraction(1, 2)
    assert all(gap >= 0 for gap in found.certificate.gap)
    assert sum(found.certificate.gap) <= found.certificate.due // 100
    assert (found.certificate.method == "netting") == (cap == 10**12) == (not found.left)
    for row in rows:
        assert 0 <= found.settled[row.reference] <= row.amount


def test_several_currencies_in_another_order_are_the_same(fixing):
    rows = owed()
    first = settle(rows, dict.fromkeys("ABCDEF", 10**5), fixing=fixing)
    random.Random(2).shuffle(rows)
    again = settle(rows, dict.fromkeys("ABCDEF", 10**5), fixing=fixing)
    assert dict(first.settled) == dict(again.settled)
    assert first.net == again.net


def test_what_a_fixing_cannot_do_is_refused(fixing):
    with pytest.raises(DostastyqError) as refusal:
        settle([Obligation("a", "A", "B", 5, "GEL")], {"A": 0, "B": 0}, fixing=fixing)
    assert refusal.value.code == "PY050"
    rows = [Obligation("a", "A", "B", 500, "KZT", divisible=False)]
    with pytest.raises(DostastyqError) as refusal:
        settle(rows, {"A": 0, "B": 0}, fixing=fixing)
    assert refusal.value.code == "PY054"
