"""Pairs and panels: exact days, unknown never zero, and the three errors of the data sets that code years."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dostastyq import register
from dostastyq.dates import and_
from dostastyq.errors import DostastyqError
from dostastyq.register.facts import PANEL_KINDS, PREFERENCE_KINDS

UNION = ("ARM", "BLR", "KAZ", "KGZ", "RUS")
TREATY_2011 = ("ARM", "BLR", "KAZ", "KGZ", "MDA", "RUS", "TJK", "UKR")


@pytest.fixture(scope="module")
def by_instrument():
    return register.load("cis").panel(range(1992, 2025), by="instrument")


@pytest.fixture(scope="module")
def by_kind():
    return register.load("cis").panel(range(1992, 2025))


def cell(panel, exporter, importer, year, column):
    found = panel.filter((pl.col("exporter") == exporter) & (pl.col("importer") == importer) & (pl.col("year") == year))
    return found[column].item()


def test_shape_and_order(by_kind):
    assert by_kind.columns == ["exporter", "importer", "year", *PANEL_KINDS]
    assert by_kind.height == 12 * 11 * 33
    assert by_kind.equals(by_kind.sort("exporter", "importer", "year"))
    assert by_kind.schema["economic_union"] == pl.Float64
    assert by_kind.filter(pl.any_horizontal(pl.col(PANEL_KINDS).is_between(0, 1).not_())).is_empty()


def test_outsiders_are_never_in_the_treaty_of_2011(by_instrument):
    outside = by_instrument.filter(
        pl.col("exporter").is_in(["AZE", "TKM", "GEO", "UZB"]) | pl.col("importer").is_in(["AZE", "TKM", "GEO", "UZB"])
    )
    assert outside["fta-2011"].to_list() == [0.0] * outside.height


def test_russia_and_ukraine_are_off_from_2016(by_instrument, by_kind):
    for one, other in (("RUS", "UKR"), ("UKR", "RUS")):
        assert cell(by_instrument, one, other, 2015, "fta-2011") == 1.0
        for year in range(2016, 2025):
            assert cell(by_instrument, one, other, year, "fta-2011") == 0.0
            assert cell(by_kind, one, other, year, "free_trade_area") == 0.0


def test_shares_of_2015_in_the_union(by_instrument):
    for one in UNION:
        for other in UNION:
            if one == other:
                continue
            expected = 142 / 365 if "KGZ" in (one, other) else 364 / 365 if "ARM" in (one, other) else 1.0
            assert cell(by_instrument, one, other, 2015, "eaeu-2014") == expected
    assert cell(by_instrument, "ARM", "TJK", 2015, "eaeu-2014") == 0.0


def test_shares_of_2012_in_the_treaty_of_2011(by_instrument):
    first = (date(2013, 1, 1) - date(2012, 9, 20)).days
    armenia = (date(2013, 1, 1) - date(2012, 10, 17)).days
    for one, other, days in (("BLR", "RUS", first), ("UKR", "BLR", first), ("ARM", "RUS", armenia), ("KAZ", "MDA", 23)):
        assert cell(by_instrument, one, other, 2012, "fta-2011") == days / 366
    assert cell(by_instrument, "KGZ", "RUS", 2012, "fta-2011") == 0.0


def test_the_customs_union_begins_with_the_common_tariff(by_instrument):
    assert [cell(by_instrument, "KAZ", "RUS", year, "cu-territory-2007") for year in (2009, 2010, 2014, 2015)] == [
        0,
        1,
        1,
        0,
    ]


def test_uzbekistan_trades_freely_with_parties_only(by_instrument):
    partners = by_instrument.filter((pl.col("exporter") == "UZB") & (pl.col("year") == 2023))
    on = partners.filter(pl.col("fta-uzbekistan-2013") == 1.0)["importer"].to_list()
    assert tuple(on) == TREATY_2011
    between = by_instrument.filter((pl.col("exporter") != "UZB") & (pl.col("importer") != "UZB"))
    assert between["fta-uzbekistan-2013"].to_list() == [0.0] * between.height


def test_unknown_is_null_not_zero(by_kind):
    """Where no bilateral agreement is recorded, no free trade is known to be absent before the treaty of 2011."""
    for one, other in (("ARM", "AZE"), ("KGZ", "TKM"), ("MDA", "TJK")):
        assert [cell(by_kind, one, other, year, "free_trade_area") for year in (1992, 2005, 2011)] == [None] * 3
    assert by_kind["economic_union"].null_count() == 0
    assert cell(by_kind, "RUS", "TJK", 2005, "customs_union") is None
    assert cell(by_kind, "KAZ", "RUS", 2005, "customs_union") == 1.0


def test_bilateral_agreements_make_free_trade_known(by_kind, by_instrument):
    """Armenia and Russia from 1993-03-25 on; Belarus and Ukraine signed in 1992, in force in 2006."""
    assert [cell(by_kind, "ARM", "RUS", year, "free_trade_area") for year in (1992, 1993, 1994)] == [0, 282 / 365, 1]
    assert cell(by_kind, "BLR", "UKR", 1993, "free_trade_area") == 0.0
    assert cell(by_kind, "BLR", "UKR", 2005, "free_trade_area") is None
    assert cell(by_kind, "BLR", "UKR", 2007, "free_trade_area") == 1.0
    others = by_instrument.filter(
        ~((pl.col("exporter").is_in(["ARM", "RUS"])) & (pl.col("importer").is_in(["ARM", "RUS"])))
    )
    assert others["bfta-arm-rus-1992"].to_list() == [0.0] * others.height


def test_pairs_of_a_day(reg):
    frame = reg.pairs("2023-07-01")
    assert frame.columns == ["exporter", "importer", *PREFERENCE_KINDS]
    assert frame.height == 132
    assert frame["economic_union"].sum() == 20
    assert frame["customs_union"].sum() == 0
    row = frame.row(by_predicate=(pl.col("exporter") == "RUS") & (pl.col("importer") == "UKR"), named=True)
    assert row["free_trade_area"] is False


def test_every_pair_is_the_same_both_ways(by_kind, by_instrument):
    for panel in (by_kind, by_instrument):
        mirrored = panel.rename({"exporter": "importer", "importer": "exporter"}).select(panel.columns)
        assert mirrored.sort("exporter", "importer", "year").equals(panel)


@settings(max_examples=20, deadline=None)
@given(
    st.sampled_from(["fta-2011", "eaeu-2014", "cu-1995", "fta-1994", "fta-uzbekistan-2013"]),
    st.sampled_from([("RUS", "UKR"), ("KGZ", "RUS"), ("AZE", "GEO"), ("KAZ", "UZB"), ("ARM", "BLR")]),
    st.sampled_from([1995, 1997, 2012, 2013, 2014, 2015, 2016]),
)
def test_shares_are_the_count_of_days(slug, pair, year):
    """The panel against the slow oracle: ask every day of the year."""
    reg = register.load("cis")
    year_days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    end = reg.instrument(slug).preference.end
    truths = [
        and_(reg.applies(slug, *pair, on=day), True if end is None else end.after(day))
        for day in year_days
        if day.year == year
    ]
    expected = None if None in truths else truths.count(True) / len(truths)
    assert cell(reg.panel([year], by="instrument"), *pair, year, slug) == expected


def test_refusals(reg):
    for arguments, code in ((([1990],), "RG008"), (([2015], "organ"), "RG009")):
        with pytest.raises(DostastyqError) as caught:
            reg.panel(*arguments)
        assert caught.value.code == code
    with pytest.raises(DostastyqError) as caught:
        reg.pairs("1991-12-01")
    assert caught.value.code == "RG004"
    assert reg.panel([]).height == 0


def test_matrix(reg):
    frame = reg.matrix("1996-01-01")
    assert frame["state"].to_list() == list(reg.states)
    assert frame.columns[1:] == list(reg.instruments)
    codes = dict(zip(frame["state"], frame["payments-union-1994"], strict=True))
    assert codes["KGZ"] == "IN_FORCE"
    assert codes["RUS"] == codes["UKR"] == "SIGNED"
