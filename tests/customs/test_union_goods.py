"""Goods of third countries in free circulation, and what is asked of the place they come from."""

from dataclasses import replace
from fractions import Fraction

import pytest

from dostastyq.customs import Consignment, Document, decide
from dostastyq.errors import DostastyqError

WHEAT = Consignment("1001990000", "DEU", "RUS", 500_000, "USD", (("t", Fraction(10)),), ())


def test_goods_released_in_a_member_owe_no_duty_more() -> None:
    assert decide(WHEAT, "2026-07-01").duty == 25_000
    found = decide(replace(WHEAT, free_circulation="BLR"), "2026-07-01")
    assert (found.outcome, found.regime, found.duty) == ("determined", "customs_union", 0)
    assert "field: free_circulation" in {leaf.citation for leaf in found.proof.leaves()}
    assert any("not released" in str(one.says) for one in found.what_would_change_it)


def test_a_member_with_rates_of_its_own_is_named() -> None:
    found = decide(replace(WHEAT, free_circulation="KAZ"), "2026-07-01")
    assert found.regime == "customs_union"
    assert any("Kazakhstan's own rates" in str(note) for note in found.notes)


def test_release_outside_the_union_counts_for_nothing() -> None:
    for state in ("MDA", "UZB"):
        found = decide(replace(WHEAT, free_circulation=state), "2026-07-01")
        assert (found.regime, found.duty) == ("mfn", 25_000)
        assert any("counts for nothing" in str(step.says) for step in found.proof.because[0].because)


def test_union_goods_that_left_the_union_are_union_goods_no_more() -> None:
    found = decide(replace(WHEAT, free_circulation="BLR", dispatched_from="UKR"), "2026-07-01")
    assert (found.regime, found.duty) == ("mfn", 25_000)
    assert decide(replace(WHEAT, free_circulation="BLR", dispatched_from="KAZ"), "2026-07-01").duty == 0


def test_goods_of_a_member_sent_from_outside() -> None:
    for place, regime in (("UKR", "mfn"), ("CHN", "mfn"), ("BLR", "customs_union"), ("KAZ", "customs_union")):
        goods = replace(WHEAT, origin="KAZ", documents=None, dispatched_from=place)
        assert decide(goods, "2026-07-01").regime == regime


def test_before_a_common_tariff_it_is_not_known() -> None:
    found = decide(replace(WHEAT, free_circulation="BLR"), "2008-07-01")
    assert (found.outcome, found.regime) == ("undetermined", None)
    assert [one.what for one in found.missing] == ["law"]


def test_goods_released_where_they_arrive() -> None:
    with pytest.raises(DostastyqError) as refusal:
        decide(replace(WHEAT, free_circulation="RUS"), "2026-07-01")
    assert refusal.value.code == "CU053"
    with pytest.raises(DostastyqError) as refusal:
        decide(replace(WHEAT, free_circulation="XYZ"), "2026-07-01")
    assert refusal.value.code == "CU050"


def test_goods_that_may_be_on_an_unread_list_owe_the_same_without_origin() -> None:
    goods = replace(WHEAT, origin="MDA", documents=(Document("st-1"),))
    assert decide(goods, "2026-07-01").regime is None
    found = decide(replace(goods, documents=()), "2026-07-01")
    assert (found.outcome, found.regime, found.duty, found.origin) == ("determined", "mfn", 25_000, False)
