"""Import duties shared among the members: parts to the minor unit, carries, transfers, obligations."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq import payments
from dostastyq.customs.lawbook import lawbook
from dostastyq.customs.sharing import distribute, report_due, share_on, split
from dostastyq.errors import DostastyqError

MEMBERS = ("ARM", "BLR", "KAZ", "KGZ", "RUS")
AMOUNT = st.integers(-(10**12), 10**12)


@pytest.mark.parametrize(
    ("on", "parts"),
    [
        ("2010-09-01", {"BLR": 4700, "KAZ": 7330, "RUS": 87970}),
        ("2015-01-01", {"BLR": 4700, "KAZ": 7330, "RUS": 87970}),
        ("2015-01-02", {"ARM": 1130, "BLR": 4650, "KAZ": 7250, "RUS": 86970}),
        ("2015-08-12", {"ARM": 1110, "BLR": 4560, "KAZ": 7110, "KGZ": 1900, "RUS": 85320}),
        ("2019-12-31", {"ARM": 1220, "BLR": 4560, "KAZ": 7055, "KGZ": 1900, "RUS": 85265}),
        ("2020-01-01", {"ARM": 1220, "BLR": 4860, "KAZ": 6955, "KGZ": 1900, "RUS": 85065}),
    ],
)
def test_shares_of_a_day(on: str, parts: dict[str, int]) -> None:
    assert {state: share * 100_000 for state, share in share_on(on).parts.items()} == parts


def test_shares_sum_to_one_and_follow_without_gap() -> None:
    shares = lawbook("cis").shares
    assert all(sum(share.parts.values()) == 1 for share in shares)
    assert all(one.valid_until == other.valid_from for one, other in pairwise(shares))


def test_no_shares_before_the_union() -> None:
    with pytest.raises(DostastyqError) as refusal:
        share_on("2010-08-31")
    assert refusal.value.code == "CU060"
    assert "2010-09-01" in refusal.value.hint


@given(AMOUNT)
def test_parts_sum_to_the_whole(amount: int) -> None:
    found = split(amount, "2026-06-30")
    assert sum(found.parts.values()) == amount
    assert sum(found.carry.values()) == 0
    exact = {state: share * amount for state, share in share_on("2026-06-30").parts.items()}
    assert all(abs(part - exact[state]) < 1 for state, part in found.parts.items())


@given(st.lists(st.integers(0, 10**6), max_size=30))
def test_the_error_never_grows(amounts: list[int]) -> None:
    carry: dict[str, Fraction] = {}
    got = dict.fromkeys(MEMBERS, 0)
    for amount in amounts:
        found = split(amount, "2026-06-30", carry)
        carry = dict(found.carry)
        assert all(abs(rest) < 1 for rest in carry.values())
        for state, part in found.parts.items():
            got[state] += part
    for state, share in share_on("2026-06-30").parts.items():
        assert abs(got[state] - share * sum(amounts)) < 1


def test_a_carry_survives_an_accession() -> None:
    before = split(1, "2015-08-11")
    after = split(1, "2015-08-12", before.carry)
    assert sum(after.parts.values()) == 1
    assert sum(after.carry.values()) == 0


@given(st.fixed_dictionaries(dict.fromkeys(MEMBERS, AMOUNT)))
def test_transfers_are_a_zero_sum(collected: dict[str, int]) -> None:
    day = distribute(collected, "2026-06-30", "RUB")
    assert sum(day.net.values()) == 0
    for payer, row in day.transfers.items():
        assert sum(row.values()) == collected[payer]
    owed = dict.fromkeys(MEMBERS, 0)
    for one in day.obligations():
        owed[one.debtor] -= one.amount
        owed[one.creditor] += one.amount
    assert owed == day.net


def test_a_refund_turns_the_debt_round() -> None:
    day = distribute({"KAZ": -100_000}, "2026-06-30", "KZT")
    assert {one.creditor for one in day.obligations()} == {"KAZ"}


def test_obligations_clear() -> None:
    day = distribute({"BLR": 5_000_00, "KAZ": 7_000_00, "RUS": 9_000_00}, "2026-06-30", "RUB")
    cleared = payments.settle(day.obligations(), dict.fromkeys(MEMBERS, 10**9))
    assert cleared.net == day.net
    assert not cleared.left


def test_who_is_no_member_collects_nothing() -> None:
    with pytest.raises(DostastyqError) as refusal:
        distribute({"KGZ": 5}, "2015-01-02", "KGS")
    assert refusal.value.code == "CU062"
    with pytest.raises(DostastyqError, match="whole number"):
        distribute({"KAZ": 1.5}, "2026-06-30", "KZT")  # type: ignore[dict-item]
    with pytest.raises(DostastyqError, match="RUR"):
        distribute({"KAZ": 1}, "2026-06-30", "RUR")
    with pytest.raises(DostastyqError, match="whole number"):
        split(1.5, "2026-06-30")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "on", "due"),
    [
        ("RUS", "2026-07-02", "2026-07-03T16:00:00+03:00"),
        ("RUS", "2026-07-03", "2026-07-06T16:00:00+03:00"),
        ("BLR", "2026-07-02", "2026-07-06T16:00:00+03:00"),
        ("KAZ", "2023-07-04", "2023-07-05T16:00:00+06:00"),
        ("KGZ", "2026-07-02", "2026-07-03T16:00:00+06:00"),
        ("ARM", "2026-07-02", "2026-07-03T16:00:00+04:00"),
    ],
)
def test_a_report_is_due_at_the_member_s_own_hour_on_its_own_working_day(state: str, on: str, due: str) -> None:
    assert report_due(state, on).isoformat() == due


def test_who_is_no_member_reports_nothing() -> None:
    with pytest.raises(DostastyqError) as refusal:
        report_due("KGZ", "2015-01-02")
    assert refusal.value.code == "CU062"
