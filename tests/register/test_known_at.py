"""Recorded time: what was known when; corrections; editions of the clauses; a register travels between processes."""

import pickle
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq import register
from dostastyq.dates import Day
from dostastyq.errors import DostastyqError
from dostastyq.register import Act, Clause
from dostastyq.register.model import Edition
from dostastyq.register.views import moment_of

REG = register.load("cis")
FIRST = datetime(2027, 1, 1, tzinfo=UTC)
SLUGS = ["fta-2011", "eaeu-2014", "payments-union-1994", "services-2023", "cis-charter-1993"]


def moments():
    return st.integers(0, 40).map(lambda number: FIRST + timedelta(hours=6 * number))


@st.composite
def recorded(draw):
    kind = draw(st.sampled_from(["accession", "withdrawal_notice", "suspension", "reservation", "note", "refusal"]))
    number = draw(st.integers(0, 10**6))
    return Act(
        draw(st.sampled_from(["AZE", "GEO", "KAZ", "UZB"])),
        kind,
        draw(st.sampled_from(SLUGS)),
        date=date(1996, 1, 1) + timedelta(days=draw(st.integers(0, 11000))),
        recorded_from=draw(moments()),
        key=f"journal/{number}",
    )


QUESTIONS = st.tuples(
    st.sampled_from(SLUGS),
    st.sampled_from(["AZE", "GEO", "KAZ", "UZB"]),
    st.integers(1995, 2026).map(lambda year: date(year, 7, 1)),
)


def answer(law, question, known_at=None):
    return law.status(*question, known_at=known_at).to_dict()


@given(st.lists(recorded(), max_size=4), recorded(), QUESTIONS)
def test_what_is_recorded_later_never_changes_what_was_known_before(acts, later, question):
    known_at = later.recorded_from - timedelta(minutes=1)
    before = REG.overlay(acts)
    assert answer(before, question, known_at) == answer(before.overlay([later]), question, known_at)


@given(st.lists(recorded(), max_size=4, unique_by=lambda act: act.key), st.randoms(use_true_random=False), QUESTIONS)
def test_the_order_of_recording_does_not_matter(acts, shuffle, question):
    mixed = list(acts)
    shuffle.shuffle(mixed)
    assert REG.overlay(acts) == REG.overlay(mixed)
    apart = REG
    for act in mixed:
        apart = apart.overlay([act])
    assert answer(apart, question) == answer(REG.overlay(acts), question)


@given(st.lists(recorded(), max_size=4), QUESTIONS)
def test_known_at_the_end_is_known_today(acts, question):
    law = REG.overlay(acts)
    now, then = answer(law, question), answer(law, question, FIRST + timedelta(days=100))
    assert {**now, "known_at": None} == {**then, "known_at": None}


@given(recorded(), moments(), QUESTIONS)
def test_a_correction_closes_what_it_corrects(act, moment, question):
    corrected = replace(
        act,
        kind="note",
        key=f"{act.key}/corrected",
        supersedes=act.key,
        recorded_from=act.recorded_from + timedelta(days=1),
    )
    note = REG.overlay([replace(corrected, supersedes="")])
    for law in (REG.overlay([act, corrected]), REG.overlay([corrected, act]), REG.overlay([corrected]).overlay([act])):
        assert answer(law, question)["code"] == answer(note, question)["code"]
        between = act.recorded_from + timedelta(hours=1)
        assert answer(law, question, between) == answer(REG.overlay([act]), question, between)
    assert moment


def test_a_shipped_act_can_be_corrected():
    shipped = next(act for act in REG.instrument("fta-2011").acts if act.state == "KAZ" and act.kind == "notification")
    assert shipped.key == "fta-2011/KAZ/notification/1"
    better = replace(shipped, effective=Day.parse("2012-12-10"), key="j/1", supersedes=shipped.key, recorded_from=FIRST)
    law = REG.overlay([better])
    assert [law.status("fta-2011", "KAZ", day).bound for day in ("2012-12-09", "2012-12-10")] == [False, True]
    assert law.status("fta-2011", "KAZ", "2012-12-09", known_at="2026-12-31").bound is True
    assert law.known("2026-12-31").instrument("fta-2011") == REG.instrument("fta-2011")


def test_before_publication_nothing_was_known():
    status = REG.status("fta-2011", "KAZ", on="2013-01-01", known_at="2026-11-21")
    assert (status.code, status.bound, status.applied) == ("UNKNOWN", None, None)
    assert "nothing about fta-2011 was recorded by 21 November 2026" in str(status)
    assert REG.status("fta-2011", "KAZ", on="2013-01-01", known_at="2026-11-22").code == "IN_FORCE"
    assert REG.applies("fta-2011", "KAZ", "RUS", on="2013-01-01", known_at="2020-01-01") is None
    assert REG.applies("fta-2011", "KAZ", "RUS", on="2013-01-01", known_at="2026-11-22") is True
    assert len(REG.known("2020-01-01").memberships) == 0


def test_every_shipped_fact_has_its_day_of_recording():
    for item in REG.instruments.values():
        assert item.signed.recorded is not None
        assert all(act.recorded_from is not None and act.key for act in item.acts)
    keys = [act.key for item in REG.instruments.values() for act in item.acts]
    assert len(keys) == len(set(keys))


def test_a_fact_of_its_own_day_of_recording(treaty):
    reg = treaty(
        "{upon: signature}",
        ['state: KAZ, act: accession, date: "2001-01-01", recorded: "2026-12-01"'],
        entered_into_force='{date: "2000-03-01", recorded: "2026-12-05", src: [note], conf: high}',
        complete='{date: "2010-01-01", src: [note], conf: high}',
    )
    assert [reg.status("t", "KAZ", "2002-01-01", known_at=day).bound for day in ("2026-11-30", "2026-12-01")] == [
        False,
        True,
    ]
    assert [reg.status("t", "ARM", "2000-02-01", known_at=day).bound for day in ("2026-12-04", "2026-12-05")] == [
        True,
        False,
    ]


def test_moments():
    assert moment_of("2026-11-22") == datetime(2026, 11, 22, 23, 59, 59, 999999, tzinfo=UTC)
    for text in ("2026-11-22T25:00", "22.11.2026"):
        with pytest.raises(DostastyqError) as caught:
            moment_of(text)
        assert caught.value.code == "DT002"


def amended(**changes):
    item = REG.instrument("cis-charter-1993")
    acts = (*item.acts, Act("KAZ", "withdrawal_notice", item.slug, date="2010-01-15"))
    edition = Edition(start=Day.parse("2010-01-01"), **changes)
    return REG.changed(
        instruments=MappingProxyType(dict(REG.instruments) | {item.slug: replace(item, acts=acts, editions=(edition,))})
    )


def test_rules_on_chooses_the_edition_of_the_clauses():
    law = amended(notice="P6M")
    asked = {"on": "2010-08-01"}
    assert law.status("cis-charter-1993", "KAZ", **asked).bound is False
    assert law.status("cis-charter-1993", "KAZ", **asked, rules_on="2010-08-01").bound is False
    old = law.status("cis-charter-1993", "KAZ", **asked, rules_on="2009-12-31")
    assert (old.bound, old.code, old.to_dict()["rules_on"]) == (True, "LEAVING", "2009-12-31")
    assert law.status("cis-charter-1993", "GEO", on="2009-08-17").bound is True
    assert law.status("cis-charter-1993", "GEO", on="2012-01-01").bound is False


def test_an_amended_clause_does_not_undo_what_had_entered_into_force():
    law = amended(clause=Clause("count", 12, ("ratification",)), late_delay="P90D")
    for state in ("RUS", "UZB", "MDA"):
        assert law.status("cis-charter-1993", state, on="2012-01-01").bound is True
        assert law.status("cis-charter-1993", state, on="1994-12-01").bound is True
    joined = law.overlay([Act("UKR", "accession", "cis-charter-1993", date="2011-01-01")])
    assert [joined.status("cis-charter-1993", "UKR", day).bound for day in ("2011-03-31", "2011-04-01")] == [
        False,
        True,
    ]


def test_a_register_travels_between_processes():
    law = REG.overlay([Act("KGZ", "withdrawal_effective", "eaeu-2014", effective="2023-01-01")])
    copy = pickle.loads(pickle.dumps(law))
    assert copy == law
    assert str(copy.status("eaeu-2014", "KGZ", "2023-07-01")) == str(law.status("eaeu-2014", "KGZ", "2023-07-01"))
