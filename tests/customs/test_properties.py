"""What holds of every ruling: the clock of knowledge, determinism, and a manifest that equals single rulings."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from dostastyq import register
from dostastyq.customs import Consignment, Document, Lawbook, Ruling, decide, lawbook
from dostastyq.customs.entry import read_line
from dostastyq.customs.manifest import rule_lines
from dostastyq.customs.tariff import edition
from dostastyq.register import Act

BEFORE, AFTER = datetime(2026, 11, 22, 23, 59, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)
CODES = sorted(edition("ett-2026-06-18").lines)
STATES = sorted(register.load("cis").states)
MADE_UP = Act("MDA", "withdrawal_effective", "fta-2011", effective="2016-01-01", recorded_from=AFTER)
"""A withdrawal made up for these tests, which the register learns of years after its effect."""

DAYS = st.one_of(
    st.dates(date(1993, 1, 1), date(2026, 9, 30)),
    st.dates(date(2026, 6, 18), date(2026, 9, 30)),
)
PAPERS = st.sampled_from([None, (), (Document("st-1"),), (Document("st-1", issued=date(2026, 1, 15)),)])
QUANTITIES = tuple((unit, Fraction(120)) for unit in ("kg", "l", "pair", "piece", "cm3", "m2"))


@st.composite
def consignments(draw: st.DrawFn) -> Consignment:
    importer = draw(st.sampled_from(STATES))
    origin = draw(st.sampled_from([state for state in (*STATES, "DEU", "VNM", "CHN") if state != importer]))
    released = draw(st.sampled_from(["", *(state for state in STATES if state != importer)]))
    sent = draw(st.sampled_from(["", origin, "POL"]))
    return Consignment(
        draw(st.sampled_from(CODES)), origin, importer, draw(st.integers(0, 10**9)), "USD", QUANTITIES, draw(PAPERS),
        dispatched_from=sent, free_circulation=released,
    )  # fmt: skip


@cache
def learned() -> Lawbook:
    return lawbook("cis", register=register.load("cis").overlay([MADE_UP]))


@cache
def shipped() -> Lawbook:
    return lawbook("cis")


def told(found: Ruling) -> tuple[object, ...]:
    return found.outcome, found.regime, found.origin, found.rate, found.duty, found.taxes, found.total, found.missing


def ruled(goods: Consignment, on: date, known_at: datetime | None, book: Lawbook) -> Ruling:
    return decide(goods, on, known_at, book=book, exchange={"EUR": Fraction("1.1")}, explain=False)


@given(consignments(), DAYS, st.integers(0, 99 * 24))
def test_what_is_learned_later_alters_no_ruling_about_what_was_known(goods: Consignment, on: date, hours: int) -> None:
    moment = BEFORE + timedelta(hours=hours * (AFTER - BEFORE) / timedelta(hours=99 * 24 + 1))
    assert moment < AFTER
    assert told(ruled(goods, on, moment, learned())) == told(ruled(goods, on, None, shipped()))


@given(consignments(), DAYS, st.integers(0, 1000))
def test_once_learned_it_counts_whenever_one_asks(goods: Consignment, on: date, days: int) -> None:
    then = ruled(goods, on, AFTER + timedelta(days=days), learned())
    assert told(then) == told(ruled(goods, on, None, learned()))


def test_the_made_up_withdrawal_is_told_apart() -> None:
    goods = Consignment("1001990000", "MDA", "KAZ", 1000, "USD", QUANTITIES, (Document("st-1"),))
    on = date(2020, 6, 1)
    assert [ruled(goods, on, moment, learned()).regime for moment in (BEFORE, AFTER)] == ["free_trade", "mfn"]


@given(consignments(), DAYS, st.integers(0, 25 * 365))
def test_who_knew_less_decides_less_but_nothing_else(goods: Consignment, on: date, days: int) -> None:
    early, now = (ruled(goods, on, at, shipped()) for at in (BEFORE - timedelta(days=days), None))
    if early.outcome == "determined":
        assert told(early) == told(now)
    else:
        assert early.missing or early.outcome == "conflicting"


@given(consignments(), DAYS)
def test_a_ruling_is_the_same_from_a_book_opened_anew(goods: Consignment, on: date) -> None:
    anew = replace(shipped(), memory={})
    one, other = (decide(goods, on, book=book, exchange={"EUR": Fraction("1.1")}) for book in (shipped(), anew))
    assert one == other
    assert one.proof.to_dict() == other.proof.to_dict()
    assert one.unverified == () or one.notes


@given(st.lists(st.tuples(consignments(), DAYS), min_size=1, max_size=6))
def test_a_manifest_is_its_single_rulings(drawn: list[tuple[Consignment, date]]) -> None:
    lines = [
        {
            "hs": goods.hs, "origin": goods.origin, "to": goods.importer, "currency": "USD", "on": on.isoformat(),
            "value": f"{goods.value // 100}.{goods.value % 100:02d}", "from": goods.dispatched_from,
            "quantity": " ".join("120" for _ in QUANTITIES), "unit": " ".join(name for name, _ in QUANTITIES),
            "proof": "" if goods.documents is None else "st-1" if goods.documents else "none",
            "released_in": goods.free_circulation,
        }
        for goods, on in drawn
    ]  # fmt: skip
    for row, line in zip(rule_lines(lines, book=shipped()), lines, strict=True):
        goods, on = read_line(line)
        found = decide(goods, on, book=shipped(), explain=False)
        assert (row["error"], row["outcome"], row["regime"]) == (None, found.outcome, found.regime)
        assert (row["duty"], row["total"], row["rate"]) == (found.duty, found.total, found.rate)
