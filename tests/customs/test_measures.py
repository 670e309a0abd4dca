"""Measures besides the rates of an edition. All of them are made up, but for those that the last tests name."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.customs import Consignment, Document, Lawbook, Ruling, decide, lawbook
from dostastyq.customs.facts import read_measures
from dostastyq.customs.manifest import rule_lines
from dostastyq.customs.measures import Measure, prevailing
from dostastyq.customs.tariff import Edition, Line
from dostastyq.errors import DostastyqError
from dostastyq.register.reader import compose

TOMATO = "0702000001"
ON = date(2015, 7, 1)
MADE_UP = Edition(
    "made-up", "made up", "eaeu-2014", date(2015, 1, 1), date(2016, 1, 1), "a lesson",
    {TOMATO: Line(TOMATO, "10%", footnote="a note to the line"), "8703231940": Line("8703231940", "15%")},
    synthetic=True,
)  # fmt: skip
COMMON = 'from: "2015-01-01", act: "made-up act", cite: "line 1", src: [own], conf: low'


def read(*entries: str) -> tuple[Measure, ...]:
    if not entries:
        return ()
    text = "measures:\n" + "".join(f"  - {{{entry}, {COMMON}}}\n" for entry in entries)
    return read_measures(compose(text, "made-up.yaml"), frozenset({"own"}))


def book(*entries: str) -> Lawbook:
    shipped = lawbook("cis", among=(MADE_UP,))
    return replace(shipped, measures=(*shipped.measures, *read(*entries)), memory={})


def tomatoes(**more: object) -> Consignment:
    given: dict[str, object] = {
        "origin": "TUR", "importer": "RUS", "value": 100_000, "currency": "USD", "documents": (),
        "quantities": (("kg", Fraction(20_000)),),
    }  # fmt: skip
    return Consignment(TOMATO, **(given | more))  # type: ignore[arg-type]


def ruled(law: Lawbook, on: date = ON, balances: dict[str, Fraction] | None = None, **more: object) -> Ruling:
    return decide(tomatoes(**more), on, book=law, balances=balances or {})


SEASON = 'kind: seasonal, codes: ["0702"], rate: "20%", season: {first: "06-01", last: "08-31"}'
OWN_RATE = 'kind: transitional, importers: [RUS], codes: ["07"], rate: "5%"'
QUOTA = 'kind: quota, codes: ["0702"], rate: "2%", quota: {name: tomatoes, amount: "100", unit: t}'
DUMPED = 'kind: anti_dumping, origins: [TUR], codes: ["0702"], rate: "30%"'


def test_the_edition_stands_where_no_measure_comes_before_it() -> None:
    found = ruled(book())
    assert (found.rate, found.duty) == ("10%", 10_000)
    assert any("a note to the line" in str(note) for note in found.notes)


@pytest.mark.parametrize(
    ("on", "rate"), [("2015-05-31", "10%"), ("2015-06-01", "20%"), ("2015-08-31", "20%"), ("2015-09-01", "10%")]
)
def test_a_season_holds_from_its_first_to_its_last_day(on: str, rate: str) -> None:
    assert ruled(book(SEASON), date.fromisoformat(on)).rate == rate


def test_a_season_may_run_over_the_new_year() -> None:
    law = book(SEASON.replace("06-01", "11-15").replace("08-31", "02-29"))
    days = ("2015-01-01", "2015-02-28", "2015-03-01", "2015-11-14", "2015-11-15")
    assert [ruled(law, date.fromisoformat(day)).rate for day in days] == ["20%", "20%", "10%", "10%", "20%"]


def test_a_season_s_edge_would_change_the_ruling() -> None:
    said = [str(one.says) for one in ruled(book(SEASON)).what_would_change_it]
    assert any("31 May 2015" in text for text in said)
    assert any("1 September 2015" in text for text in said)


def test_a_state_s_own_rate_is_its_own() -> None:
    law = book(OWN_RATE)
    assert ruled(law).rate == "5%"
    assert ruled(law, importer="BLR").rate == "10%"
    assert "made-up act: line 1" in {leaf.citation for leaf in ruled(law).unverified}


def test_goods_released_at_a_member_s_own_rate_do_not_surely_move_freely() -> None:
    law = book(OWN_RATE.replace("RUS", "BLR"))
    found = ruled(law, free_circulation="BLR")
    assert (found.outcome, found.regime, [one.what for one in found.missing]) == ("undetermined", None, ["law"])
    assert ruled(book(), free_circulation="BLR").duty == 0


def test_precedence_quota_season_own_rate_edition() -> None:
    law = book(SEASON, OWN_RATE, QUOTA)
    assert ruled(law, balances={"tomatoes": Fraction(100)}).rate == "2%"
    assert ruled(law, balances={"tomatoes": Fraction(0)}).rate == "20%"
    assert ruled(law, date(2015, 9, 1), balances={"tomatoes": Fraction(0)}).rate == "5%"


def test_the_narrower_measure_prevails_and_equal_ones_conflict() -> None:
    narrow = OWN_RATE.replace('"07"', '"0702"').replace("5%", "6%")
    assert ruled(book(OWN_RATE, narrow)).rate == "6%"
    named = narrow.replace("6%", "7%") + ", origins: [TUR]"
    assert ruled(book(OWN_RATE, narrow, named)).rate == "7%"
    found = ruled(book(OWN_RATE, OWN_RATE.replace("5%", "6%")))
    assert (found.outcome, found.duty, found.rate) == ("conflicting", None, "")
    assert ruled(book(OWN_RATE, OWN_RATE)).outcome == "determined"
    assert prevailing(()) == ()


def test_exclusions_have_days_of_their_own() -> None:
    law = book(OWN_RATE + ', excluded: [{code: "0702", from: "2015-03-01", until: "2015-04-01"}, {origin: EGY}]')
    assert [ruled(law, date(2015, month, 1)).rate for month in (2, 3, 4)] == ["5%", "10%", "5%"]
    assert ruled(law, origin="EGY").rate == "10%"


def test_a_footnote_is_shown() -> None:
    found = ruled(book(OWN_RATE + ', footnote: "fresh ones only"'))
    assert any("fresh ones only" in str(note) for note in found.notes)
    assert any("fresh ones only" in str(leaf.says) for leaf in found.proof.leaves())


def test_goods_partly_within_a_quota() -> None:
    found = ruled(book(QUOTA), balances={"tomatoes": Fraction(5)})
    assert found.duty == 100_000 * 2 // 100 * 5 // 20 + 100_000 * 10 // 100 * 15 // 20
    assert found.drawn == (("tomatoes", Fraction(5)),)
    assert found.rate == "2% (5 t); 10%"
    assert ruled(book(QUOTA), balances={"tomatoes": Fraction(100)}).drawn == (("tomatoes", Fraction(20)),)
    assert ruled(book(QUOTA), balances={"tomatoes": Fraction(0)}).drawn == ()


def test_a_balance_that_nobody_gave_is_not_a_full_one() -> None:
    found = ruled(book(QUOTA))
    assert (found.outcome, [one.what for one in found.missing]) == ("undetermined", ["fact"])
    said = {str(one.says): one.total for one in found.what_would_change_it}
    assert "no balance left in the quota tomatoes" in said
    assert "the whole balance of the quota tomatoes" in said
    unweighed = ruled(book(QUOTA), balances={"tomatoes": Fraction(5)}, quantities=())
    assert [one.what for one in unweighed.missing] == ["quantity"]
    with pytest.raises(DostastyqError) as refusal:
        ruled(book(QUOTA), balances={"tomatoes": Fraction(101)})
    assert refusal.value.code == "CU054"


@given(st.lists(st.integers(0, 60_000), max_size=8), st.integers(0, 100))
def test_a_quota_never_gives_more_than_its_balance(weights: list[int], tonnes: int) -> None:
    law, left, taken = book(QUOTA), Fraction(tonnes), Fraction(0)
    for weight in weights:
        goods = tomatoes(quantities=(("kg", Fraction(weight)),))
        found = decide(goods, ON, book=law, balances={"tomatoes": left}, explain=False)
        for _, amount in found.drawn:
            left, taken = left - amount, taken + amount
    assert taken == min(Fraction(tonnes), Fraction(sum(weights), 1000))


def test_a_manifest_carries_the_balance_from_line_to_line() -> None:
    line = {
        "hs": TOMATO, "origin": "TUR", "to": "RUS", "value": "1000", "currency": "USD", "quantity": "60", "unit": "t",
        "on": "2015-07-01", "proof": "none",
    }  # fmt: skip
    balances = {"tomatoes": Fraction(100)}
    rows = list(rule_lines([line] * 3, book=book(QUOTA), balances=balances))
    assert [row["rate"] for row in rows] == ["2%", "2% (40 t); 10%", "10%"]
    assert [row["drawn"] for row in rows] == ["tomatoes: 60", "tomatoes: 40", ""]
    assert balances == {"tomatoes": Fraction(100)}


def test_anti_dumping_comes_on_top_by_its_own_origins() -> None:
    law = book(DUMPED)
    found = ruled(law)
    extra = found.taxes[0]
    assert (extra.kind, extra.rate, extra.amount, extra.base) == ("anti_dumping", "30%", 30_000, 100_000)
    assert found.duty == 10_000
    vat = next(tax for tax in found.taxes if tax.kind == "vat")
    assert vat.base == 110_000
    assert found.total == 10_000 + 30_000 + (vat.amount or 0)
    assert all(tax.kind != "anti_dumping" for tax in ruled(law, origin="EGY").taxes)


def test_anti_dumping_does_not_spare_free_trade_but_the_union() -> None:
    law = book(DUMPED.replace("TUR", "UKR, KAZ"))
    st1 = (Document("st-1"),)
    free = ruled(law, origin="UKR", documents=st1)
    assert (free.regime, free.duty, free.taxes[0].amount) == ("free_trade", 0, 30_000)
    inside = ruled(law, origin="KAZ")
    assert (inside.regime, [tax.kind for tax in inside.taxes]) == ("customs_union", ["vat"])
    twice = ruled(book(DUMPED, DUMPED.replace("30%", "40%")))
    assert (twice.outcome, twice.total) == ("conflicting", None)
    assert any("equal rank" in str(step.says) for step in twice.proof.because)
    assert ruled(book(DUMPED, DUMPED)).taxes[0].amount == 30_000


def test_a_list_that_was_not_read_leaves_the_common_rate_and_says_so() -> None:
    found = ruled(book(), importer="KAZ")
    assert (found.outcome, found.rate) == ("determined", "10%")
    assert any("Kazakhstan's own rates" in str(note) for note in found.notes)
    assert not any("own rates" in str(note) for note in ruled(book()).notes)
    assert any("Kyrgyzstan's own rates" in str(note) for note in ruled(book(), date(2015, 9, 1), importer="KGZ").notes)
    for kind in ("seasonal", "anti_dumping"):
        unread = f'kind: {kind}, codes: ["0702"], certain: "false"'
        assert "made-up act: line 1" in {leaf.citation for leaf in ruled(book(unread)).unverified}


def test_under_a_treaty_that_the_importer_does_not_apply_a_measure_is_none() -> None:
    assert ruled(book(OWN_RATE + ", under: eaeu-2014")).rate == "5%"
    assert ruled(book(OWN_RATE + ", under: fta-uzbekistan-2013"), importer="BLR").rate == "10%"


def test_under_a_treaty_of_which_nothing_is_known_yet_a_measure_is_not_certain() -> None:
    law = book(OWN_RATE + ", under: eaeu-2014").known(date(2020, 1, 1))
    found = law.levied("transitional", "RUS", "TUR", TOMATO, ON)
    assert [one.certain for one in found] == [False]


@pytest.mark.parametrize(
    "entry",
    [
        'kind: duty, codes: ["07"], rate: "5%"',
        'kind: seasonal, codes: ["07"]',
        'kind: quota, codes: ["07"], rate: "5%"',
        QUOTA.replace("quota, codes", "seasonal, codes"),
        QUOTA.replace('"100"', '"many"'),
        SEASON.replace("06-01", "06-31"),
        OWN_RATE + ', excluded: [{from: "2015-03-01"}]',
    ],
)
def test_an_entry_that_breaks_a_rule_is_refused_with_its_place(entry: str) -> None:
    with pytest.raises(DostastyqError, match=r"made-up\.yaml:2") as refusal:
        read(entry)
    assert refusal.value.code == "CU040"
