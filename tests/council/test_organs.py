"""Organs on a day: who sits in them, who chairs and comes next, where their drafts go, and what is not recorded."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq import register
from dostastyq.council.organs import GAPS, calendar, existed, forecast, organ, template_check
from dostastyq.council.procedure import procedure_on
from dostastyq.dates import Day
from dostastyq.errors import DostastyqError
from dostastyq.i18n import LANGUAGES, translator
from dostastyq.register.loader import COMMONWEALTHS, read_folder

LAW = register.load("cis")
ORGANS = LAW.institutions.organs
SECTORAL = [code for code, found in ORGANS.items() if found.kind == "sectoral"]
DAYS = st.dates(date(1991, 12, 8), date(2030, 1, 1))


def test_at_least_twenty_sector_councils_have_a_source_other_than_recollection():
    recalled = [code for code in SECTORAL if set(ORGANS[code].sources) == {"own"}]
    assert len(SECTORAL) - len(recalled) >= 20
    assert recalled == ["customs-heads-council", "chemistry-council", "space-council"]


def test_every_sector_council_sends_its_drafts_through_a_statutory_organ():
    for code in SECTORAL:
        route = ORGANS[code].through
        assert route.organ in {"chs", "chg", "cmfa", "economic-council"}
        assert "cntd_rules" in route.sources
        assert route.confidence != "high"
    assert not [code for code, found in ORGANS.items() if found.through and found.kind != "sectoral"]


@given(st.sampled_from(list(ORGANS)), DAYS)
def test_an_organ_is_described_on_any_day(code, day):
    view = organ(LAW, code, day)
    assert view.existed is existed(ORGANS[code], day)
    assert view.edition == procedure_on("cis", day).code
    assert view.by_analogy == (code not in procedure_on("cis", day).organs)
    assert set(view.members) <= set(LAW.states)
    assert not set(view.members) & set(view.doubtful)
    assert view.through == "" or existed(ORGANS[view.through], day)
    missing = {gap.what for gap in template_check(view)}
    assert missing <= set(GAPS)
    assert ("members" in missing) == (not view.members)
    assert ("rule" in missing) == (not view.rule)
    assert ("chairs" in missing) == (view.chair is None)
    assert "mandate" not in missing


@given(DAYS)
def test_the_calendar_joins_without_a_hole_and_says_what_is_forecast(day):
    turns = calendar(LAW, "chs", day)
    recorded = [turn for turn in turns if not turn.forecast]
    expected = [turn for turn in turns if turn.forecast]
    assert turns == (*recorded, *expected)
    assert all(turn.start.after(day) for turn in recorded)
    assert all(turn.end.after(day) for turn in expected)
    assert all(turn.confidence == "low" for turn in expected)
    assert all(one.end == two.start for one, two in pairwise(expected))
    if recorded and expected:
        assert recorded[-1].end == expected[0].start


def test_the_forecast_goes_on_through_the_states_of_the_last_round():
    turns = forecast(LAW, ORGANS["chs"], 9)
    assert [turn.state for turn in turns] == ["UZB", "BLR", "KAZ", "KGZ", "RUS", "TJK", "TKM", "UZB", "BLR"]
    assert [str(turn.start) for turn in turns[:2]] == ["2027-01-01", "2028-01-01"]
    assert {"MDA", "UKR", "ARM", "AZE", "GEO"}.isdisjoint(turn.state for turn in turns)
    assert forecast(LAW, ORGANS["chg"]) == ()
    assert forecast(LAW, ORGANS["chs"], 0) == ()


def foretold(year, turns):
    """Turns that the rotation foretells from the terms that had begun by a year."""
    known = tuple(term for term in ORGANS["chs"].chairs if term.start.at_or_before(date(year, 6, 1)))
    return [turn.state for turn in forecast(LAW, replace(ORGANS["chs"], chairs=known), turns)]


def test_the_rotation_would_have_foretold_turns_that_were_taken():
    assert foretold(2017, 2) == ["TJK", "TKM"]
    assert foretold(2021, 5) == ["KAZ", "KGZ", "RUS", "TJK", "TKM"]


def test_a_state_that_comes_back_is_not_foretold():
    assert foretold(2019, 1) == ["BLR"]
    assert LAW.institutions.chair("chs", Day.parse("2020-06-01")) == "UZB"


def test_a_route_is_that_of_the_day():
    days = {"1992-09-01": "", "1994-01-01": "kkk", "1995-06-01": "mek", "2005-01-01": "economic-council"}
    assert {day: organ(LAW, "railway-council", day).through for day in days} == days
    assert organ(LAW, "interior-ministers", "1997-01-01").through == "chs"
    assert organ(LAW, "chs", "1997-01-01").through == ""


def test_life_of_an_organ():
    assert existed(ORGANS["kkk"], date(1993, 5, 13)) is False
    assert existed(ORGANS["kkk"], date(1993, 5, 14)) is True
    assert existed(ORGANS["kkk"], date(1994, 10, 15)) is None
    assert existed(ORGANS["customs-heads-council"], date(2000, 1, 1)) is None


def test_gaps_are_said_in_three_languages():
    view = organ(LAW, "chemistry-council", "2024-06-01")
    gaps = template_check(view)
    assert [gap.what for gap in gaps] == ["members", "rule", "chairs", "parent"]
    for language in LANGUAGES:
        said = [translator(language).text(gap.text) for gap in gaps]
        assert len(set(said)) == len(said)
        assert language == "en" or said != [str(gap.text) for gap in gaps]
    assert template_check(organ(LAW, "chs", "2026-06-01")) == ()


def test_the_editions_were_made_for_some_organs_and_serve_others_by_analogy():
    assert [organ(LAW, "cmfa", day).by_analogy for day in ("1997-01-01", "2003-01-01")] == [True, False]


def test_an_unknown_organ_is_refused():
    with pytest.raises(DostastyqError, match="'cgs'") as caught:
        organ(LAW, "cgs", "2020-01-01")
    assert caught.value.code == "RG026"
    assert "chs" in caught.value.hint


BROKEN = [
    ("RG026", "senate", "through: {organ: economic-council", "through: {organ: senate"),
    ("RG027", "unsourced", "through: {organ: chs, basis", "through: {organ: chs, note"),
    ("RG028", "lottery", "order: alphabet_ru", "order: lottery"),
    ("RG025", "a year", "term: P1Y", "term: a year"),
]


@pytest.mark.parametrize(("code", "named", "old", "new"), BROKEN, ids=[case[1] for case in BROKEN])
def test_a_route_or_rotation_that_does_not_fit_is_refused(code, named, old, new, tmp_path):
    folder = tmp_path / "register"
    source = COMMONWEALTHS / "cis" / "register"
    for file in source.rglob("*.yaml"):
        copied = folder / file.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text(encoding="utf-8")
        if file.name == "organs.yaml":
            assert old in text
            text = text.replace(old, new)
            if code == "RG027":
                text = text.replace(", src: [cntd_rules, own], conf: low}", "}")
        copied.write_text(text, encoding="utf-8")
    with pytest.raises(DostastyqError, match=named) as caught:
        read_folder(folder, "cis")
    assert caught.value.code == code
    assert "organs.yaml" in caught.value.message


def test_a_calendar_begins_the_day_after():
    first = calendar(LAW, "chs", date(2024, 12, 31))[0]
    assert (first.state, str(first.start)) == ("TJK", "2025-01-01")
    assert calendar(LAW, "chs", date(2025, 1, 1))[0].state == "TKM"
    assert calendar(LAW, "chs", date(2026, 12, 31) + timedelta(days=1))[0].forecast
