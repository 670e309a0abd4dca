"""What is still needed, what is not known, where sources disagree."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from dostastyq.dates import Day
from dostastyq.errors import DostastyqError
from dostastyq.register import Act
from dostastyq.register.model import Conflict, Rival

COUNT = "{count: 2, of: [ratification], delay: P30D}"
COMPLETE = '{date: "2010-01-01", src: [note], conf: high}'
ARM = 'state: ARM, act: ratification, date: "2001-01-01"'


def test_one_more_and_thirty_days(treaty):
    found = treaty(COUNT, [ARM], complete=COMPLETE).forecast("t", on="2001-02-01")
    assert str(found) == "in force 30 days after Belarus completes its procedures"
    assert (found.missing, found.candidates, found.delay, found.in_force) == (1, ("BLR",), "P30D", False)
    assert (found.complete, found.day) == (True, None)


def test_what_happens_later_is_not_used(treaty):
    law = treaty(COUNT, [ARM, 'state: BLR, act: ratification, date: "2001-03-01"'], complete=COMPLETE)
    days = ("2000-06-01", "2001-02-01", "2001-03-10", "2001-03-31")
    texts = [str(law.forecast("t", on=day)) for day in days]
    assert texts == [
        "in force 30 days after Armenia and Belarus complete their procedures",
        "in force 30 days after Belarus completes its procedures",
        "in force from 31 March 2001",
        "in force since 31 March 2001",
    ]


def test_a_recorded_entry_into_force_ahead_is_not_used(reg):
    found = reg.forecast("customs-clearance-2019", on="2020-01-12")
    assert found.missing == 1
    assert "KGZ" in found.candidates
    assert reg.forecast("customs-clearance-2019", on="2020-01-13").in_force is True


def test_for_one_state(reg, treaty):
    late = reg.forecast("fta-2011", on="2012-10-01", state="KAZ")
    assert str(late) == "in force 30 days after Kazakhstan completes its procedures"
    assert (late.state, late.missing, late.candidates) == ("KAZ", 1, ("KAZ",))
    assert str(reg.forecast("fta-2011", on="2012-11-20", state="KAZ")) == "in force from 8 December 2012"
    assert str(reg.forecast("fta-2011", on="2013-01-01", state="KAZ")) == "in force since 8 December 2012"
    law = treaty(COUNT, [ARM], complete=COMPLETE)
    assert (
        str(law.forecast("t", on="2001-02-01", state="ARM"))
        == "in force 30 days after Belarus completes its procedures"
    )
    both = law.forecast("t", on="2001-02-01", state="KAZ")
    assert str(both).endswith("Belarus completes its procedures, and Kazakhstan completes its procedures")


@pytest.mark.parametrize(
    ("eif", "says"),
    [
        ("{unknown: true}", "conditions are met that are not known"),
        ("{organ_decision: supreme organ}", "in force when the organ decides so"),
        (
            '{all: [{count: all, of: [ratification]}, {date: "2005-01-01"}]}',
            "Belarus completes its procedures, and 1 January",
        ),
        (
            '{any: [{count: all, of: [ratification]}, {date: "2005-01-01"}]}',
            "in force from 1 January 2005",
        ),
        ("{per_state: true, of: [ratification]}", "in force since 1 January 2001"),
        ("{requires: {in_force: [t]}}", "t enters into force"),
    ],
)
def test_every_kind_of_clause_says_what_it_waits_for(treaty, eif, says):
    found = treaty(eif, [ARM], complete=COMPLETE).forecast("t", on="2001-02-01")
    assert says in str(found)
    assert found.to_dict()["text"] == str(found)


def test_it_can_be_said_in_other_languages(reg):
    found = reg.forecast("customs-clearance-2019", on="2019-12-31")
    assert "Қазақстан" in found.render("kk")
    assert "Казахстан" in found.render("ru")
    assert "Казахстан" in reg.status("fta-2011", "KAZ", "2012-12-08").render("ru")
    assert "желтоқсан" in reg.status("fta-2011", "KAZ", "2012-12-08").proof.render("kk")


def test_an_unknown_instrument_or_state(reg):
    for arguments in (("fta-2012",), ("fta-2011", "2012-01-01", "KZA")):
        with pytest.raises(DostastyqError):
            reg.forecast(*arguments)


def test_gaps_name_what_is_missing(reg):
    frame = reg.gaps()
    found = set(zip(frame["instrument"], frame["state"], frame["what"], strict=True))
    assert ("fta-1994", None, "entry_into_force_rule") in found
    assert ("fta-2011", "RUS", "deposit_date") in found
    assert ("payments-union-1994", "UKR", "signatory_without_consent") in found
    assert ("currency-committee-1995", None, "signatories") in found
    assert ("payments-union-1994", None, "consents") not in found
    weak = frame.filter(frame["what"] == "entered_into_force")
    assert set(weak["confidence"]) <= {"low", "medium", "high"}
    assert "economic-union-1993" in weak["instrument"].to_list()


def test_conflicts_keep_every_rival(reg):
    frame = reg.conflicts()
    rows = frame.filter(frame["subject"] == "treaty-of-four-1996/entered_into_force").to_dicts()
    assert {row["value"] for row in rows} == {"1997-01-06", "1997-10-08"}
    assert {row["preferred"] for row in rows} == {None}
    union = frame.filter(frame["subject"] == "eaeu-2014/KGZ/effective").to_dicts()
    assert {row["value"]: row["preferred"] for row in union} == {"2015-08-12": True, "2015-08-06": False}
    assert {row["state"] for row in union} == {"KGZ"}


def test_an_open_conflict_is_a_status_of_its_own(reg):
    days = ("1997-01-05", "1997-05-01", "1997-10-08")
    codes = [reg.status("treaty-of-four-1996", "RUS", day).code for day in days]
    assert codes[1] == "CONFLICT"
    assert "CONFLICT" not in (codes[0], codes[2])
    status = reg.status("treaty-of-four-1996", "RUS", "1997-05-01")
    assert (status.bound, status.applied) == (None, None)
    assert "sources contradict each other: 1997-01-06 [evrazes_148]; 1997-10-08 [huggo, gptad]" in str(status)
    settled = tuple(replace(item, status="resolved") for item in reg.rivals)
    assert reg.changed(rivals=settled).status("treaty-of-four-1996", "RUS", "1997-05-01").code == "UNKNOWN"


def test_rivals_that_are_not_days_have_no_span():
    rivals = (Rival(value="yes"), Rival(value="no"))
    assert Conflict(subject="t/KAZ/end", values=rivals).span is None
    days = (Rival(value="1997-01-06"), Rival(value="1997-10-08"))
    assert Conflict(subject="t/x", values=days).span == Day.parse("1997-01-06/1997-10-08")


def test_no_recorded_day_is_at_odds_with_its_own_rule(reg):
    assert reg.differences().is_empty()
    item = reg.instrument("eurasec-2000")
    other = replace(item, ended=replace(item.ended, day=Day.parse("2014-06-01")))
    law = reg.changed(instruments=MappingProxyType(dict(reg.instruments) | {item.slug: other}))
    assert law.differences()["what"].to_list() == ["terminated"]


def test_an_act_that_is_added_shows_in_the_forecast(reg):
    law = reg.overlay([Act("KAZ", "notification", "services-2023", date="2025-01-10")])
    assert str(law.forecast("services-2023", on="2025-01-15", state="KAZ")) == "in force from 9 February 2025"
