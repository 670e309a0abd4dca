"""Clauses on entry into force, ends, provisional application and absence: one small treaty a rule."""

import pytest

COUNT = "{count: 3, of: [ratification], delay: P30D}"
COUNT_0 = "{count: 3, of: [ratification], delay: P0D}"
ENTERED = '{date: "2001-06-01", src: [note], conf: high}'
LATE = "{of: [ratification, accession], delay: P30D}"


def bound(register, state, *days):
    return [register.status("t", state, day).bound for day in days]


def ratification(state, day, **more):
    extra = "".join(f', {key}: "{value}"' for key, value in more.items())
    return f'state: {state}, act: ratification, date: "{day}"{extra}'


def test_each_on_its_own_ratification(treaty):
    """Clause 3: the 1991 Agreement."""
    reg = treaty("{per_state: true, of: [ratification], delay: P0D}", [ratification("ARM", "2000-05-01")])
    assert bound(reg, "ARM", "2000-04-30", "2000-05-01") == [False, True]
    assert bound(reg, "BLR", "2000-01-09", "2000-05-01") == [False, None]


def test_counted_consents_take_effect_together_and_late_ones_later(treaty):
    """Clause 5: third deposit and 30 days, later ones 30 days after their own (free trade treaty of 2011)."""
    acts = [ratification("ARM", "2001-03-01"), ratification("BLR", "2001-05-02"), ratification("KAZ", "2001-09-01")]
    reg = treaty(COUNT, acts, entered_into_force=ENTERED, late=LATE)
    assert bound(reg, "ARM", "2001-05-31", "2001-06-01") == [False, True]
    assert bound(reg, "BLR", "2001-05-31", "2001-06-01") == [False, True]
    assert bound(reg, "KAZ", "2001-09-30", "2001-10-01") == [False, True]
    assert [reg.status("t", "KAZ", day).code for day in ("2001-09-15", "2001-10-01")] == ["CONSENTED", "IN_FORCE"]


def test_third_the_same_day_later_after_thirty(treaty):
    """Clause 6: Economic Union, Art. 34. A consent shortly before entry into force counts; it is not late."""
    acts = [ratification("ARM", "2001-05-20"), ratification("KAZ", "2001-06-02")]
    reg = treaty(COUNT_0, acts, entered_into_force=ENTERED, late=LATE)
    assert bound(reg, "ARM", "2001-05-31", "2001-06-01") == [False, True]
    assert bound(reg, "KAZ", "2001-07-01", "2001-07-02") == [False, True]


def test_doubtful_consent_gives_bounds(treaty):
    reg = treaty(COUNT_0, [ratification("ARM", "2001-05/2001-07")], entered_into_force=ENTERED, late=LATE)
    assert bound(reg, "ARM", "2001-05-31", "2001-06-01", "2001-08-29", "2001-08-30") == [False, None, None, True]


@pytest.mark.parametrize(
    "eif",
    [
        "{count: all, of: [ratification], delay: P0D}",
        '{all: [{count: all, of: [ratification], delay: P0D}, {date: "2001-06-01"}]}',
        "{organ_decision: supreme organ}",
    ],
)
def test_entry_into_force_binds_every_signatory_where_all_are_needed(treaty, eif):
    """Clauses 8, 10, 11: customs union of 1995, Eurasian union, customs territory of 2007."""
    reg = treaty(eif, entered_into_force=ENTERED)
    assert bound(reg, "ARM", "2001-05-31", "2001-06-01") == [False, True]
    assert bound(reg, "KAZ", "2001-05-31", "2001-06-01") == [False, None]


def test_on_signature(treaty):
    """Clause 1: rules of procedure of 1992; a later accession to a decision (clause 21) binds from its own day."""
    acts = ['state: KAZ, act: accession, date: "2002-01-01"']
    reg = treaty("{upon: signature}", acts)
    assert bound(reg, "ARM", "2000-01-09", "2000-01-10") == [False, True]
    assert bound(reg, "KAZ", "2001-12-31", "2002-01-01") == [False, True]


def test_effect_recorded_beats_the_rule(treaty):
    acts = [ratification("ARM", "2001-03-01", effective="2001-12-01")]
    reg = treaty(COUNT, acts, entered_into_force=ENTERED, late=LATE)
    assert bound(reg, "ARM", "2001-11-30", "2001-12-01") == [False, True]


def test_accession_without_a_rule_stays_open(treaty):
    acts = ['state: KAZ, act: accession, date: "2002-01-01"']
    reg = treaty("{count: all, of: [ratification], delay: P0D}", acts, entered_into_force=ENTERED)
    assert bound(reg, "KAZ", "2001-12-31", "2002-01-01", "2019-01-01") == [False, None, None]


def test_statement_that_it_was_in_force_by_a_day(treaty):
    stated = '{date: "2005", states: [ARM], src: [note], conf: medium}'
    reg = treaty(entered_into_force=ENTERED, in_force_by=stated)
    assert bound(reg, "ARM", "2001-05-31", "2001-06-01", "2005-12-30", "2005-12-31") == [False, None, None, True]


def test_closed_world_must_be_declared(treaty):
    complete = '{date: "2010-12-31", src: [note], conf: high}'
    reg = treaty(COUNT, entered_into_force=ENTERED, complete=complete)
    assert bound(reg, "ARM", "2005-01-01", "2010-12-31", "2011-01-01") == [False, False, None]
    assert reg.status("t", "ARM", "2005-01-01").code == "SIGNED"
    assert reg.status("t", "KAZ", "2005-01-01").code == "NONE"
    assert reg.status("t", "KAZ", "2011-01-01").code == "UNKNOWN"


def test_closed_world_for_named_states(treaty):
    stated = '{date: "2009-11-01", states: [KAZ], src: [note], conf: high}'
    reg = treaty(COUNT, entered_into_force=ENTERED, not_party_as_of=stated)
    assert bound(reg, "KAZ", "2009-11-01", "2009-11-02") == [False, None]
    assert bound(reg, "ARM", "2009-11-01") == [None]


def test_notice_runs_for_the_period_of_the_treaty(treaty):
    """Clause 20: twelve months (Charter, Art. 9)."""
    acts = [
        'state: ARM, act: entry_into_force, date: "2001-01-01"',
        'state: ARM, act: withdrawal_notice, date: "2008-08-18"',
    ]
    reg = treaty(acts=acts, withdrawal="{notice: P12M, src: [note], conf: high}")
    assert bound(reg, "ARM", "2009-08-17", "2009-08-18") == [True, False]
    codes = [reg.status("t", "ARM", day).code for day in ("2008-08-17", "2008-08-18", "2009-08-18")]
    assert codes == ["IN_FORCE", "LEAVING", "WITHDRAWN"]
    leaving = reg.status("t", "ARM", "2009-01-01")
    assert (str(leaving.since), str(leaving.until)) == ("2008-08-18", "2009-08-18")


def test_notice_without_a_known_period_leaves_the_end_open(treaty):
    acts = [
        'state: ARM, act: entry_into_force, date: "2001-01-01"',
        'state: ARM, act: withdrawal_notice, date: "2008-08-18"',
    ]
    assert bound(treaty(acts=acts), "ARM", "2008-08-17", "2008-08-18", "2015-01-01") == [True, None, None]


def test_a_state_that_left_can_come_back(treaty):
    acts = [
        'state: ARM, act: entry_into_force, date: "2001-01-01"',
        'state: ARM, act: withdrawal_effective, date: "2005-01-01"',
        'state: ARM, act: accession, date: "2006-01-01", effective: "2007-01-01"',
    ]
    assert bound(treaty(acts=acts), "ARM", "2004-12-31", "2005-01-01", "2006-12-31", "2007-01-01") == [
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("eif", ["{count: all, of: [ratification], delay: P0D}", "{upon: signature}"])
def test_a_signatory_that_left_and_came_back_was_bound_before(treaty, eif):
    """Uzbekistan in the collective security treaty: bound with all who signed, out in 1999, back in 2006."""
    acts = [
        'state: ARM, act: withdrawal_effective, date: "2005-01-01"',
        'state: ARM, act: accession, date: "2006-01-01", effective: "2007-01-01"',
    ]
    reg = treaty(eif, acts, entered_into_force=ENTERED)
    days = ("2001-06-01", "2004-12-31", "2005-01-01", "2006-12-31", "2007-01-01")
    assert bound(reg, "ARM", *days) == [True, True, False, False, True]
    assert [entry.why for entry in reg.standing("t", "ARM").entries] == ["signatory", "act"]
    assert reg.differences().filter(what="entry into force").is_empty()


def test_a_consent_before_leaving_is_the_only_entry(treaty):
    acts = [ratification("ARM", "2001-05-20"), 'state: ARM, act: withdrawal_effective, date: "2005-01-01"']
    reg = treaty("{count: all, of: [ratification], delay: P0D}", acts, entered_into_force=ENTERED)
    assert [entry.why for entry in reg.standing("t", "ARM").entries] == ["act"]


def test_domestic_acts_bind_nobody(treaty):
    acts = [
        'state: ARM, act: domestic_ratification, date: "2001-01-01"',
        'state: BLR, act: withdrawal_decision, date: "2001-01-01"',
        'state: BLR, act: entry_into_force, date: "2000-06-01"',
    ]
    complete = '{date: "2010-12-31", src: [note], conf: high}'
    reg = treaty(acts=acts, complete=complete)
    assert bound(reg, "ARM", "2002-01-01") == [False]
    assert bound(reg, "BLR", "2002-01-01") == [True]


def test_provisional_application_is_applied_not_bound(treaty):
    """Clause 13: from signature, by a later decision, so long after signature."""
    complete = '{date: "2010-12-31", src: [note], conf: high}'
    for provisional, first in (
        ('{from: "2000-01-10", src: [note], conf: high}', "2000-01-10"),
        ('{from: "2000-04-15", src: [note], conf: high}', "2000-04-15"),
        ("{after_signature: P60D, src: [note], conf: high}", "2000-03-10"),
    ):
        reg = treaty(COUNT, provisional=provisional, complete=complete)
        status = reg.status("t", "ARM", first)
        assert (status.code, status.bound, status.applied) == ("PROVISIONAL", False, True)
        assert reg.parties("t", first) == ("ARM", "BLR")
        assert str(status.since) == first


def test_provisional_application_ends_with_its_end_or_becomes_force(treaty):
    acts = [
        'state: KAZ, act: provisional_start, date: "2000-02-01"',
        'state: KAZ, act: provisional_end, date: "2000-03-01"',
        'state: BLR, act: provisional_start, date: "2000-02-01"',
        'state: BLR, act: entry_into_force, date: "2000-03-01"',
    ]
    reg = treaty(acts=acts, complete='{date: "2010-12-31", src: [note], conf: high}')
    codes = {
        state: [reg.status("t", state, day).code for day in ("2000-02-01", "2000-03-01")] for state in ("KAZ", "BLR")
    }
    assert codes == {"KAZ": ["PROVISIONAL", "NONE"], "BLR": ["PROVISIONAL", "IN_FORCE"]}


def test_suspension_towards_all(treaty):
    """Clause 22: bound, not applied."""
    acts = [
        'state: ARM, act: entry_into_force, date: "2001-01-01"',
        'state: ARM, act: suspension, date: "2008-11-12"',
        'state: ARM, act: suspension_end, date: "2010-01-01"',
    ]
    reg = treaty(acts=acts)
    found = [reg.status("t", "ARM", day) for day in ("2008-11-11", "2008-11-12", "2010-01-01")]
    assert [(it.code, it.bound, it.applied) for it in found] == [
        ("IN_FORCE", True, True),
        ("SUSPENDED", True, False),
        ("IN_FORCE", True, True),
    ]


def test_suspension_on_a_day_in_doubt_is_unknown(treaty):
    """Bound for certain; whether applied is not known until the last day on which it may have been suspended."""
    acts = [
        'state: ARM, act: entry_into_force, date: "2001-01-01"',
        'state: ARM, act: suspension, date: "2008-11/2008-12"',
    ]
    reg = treaty(acts=acts)
    found = [reg.status("t", "ARM", day) for day in ("2008-10-31", "2008-11-12", "2008-12-31")]
    assert [(it.code, it.bound, it.applied) for it in found] == [
        ("IN_FORCE", True, True),
        ("UNKNOWN", True, None),
        ("SUSPENDED", True, False),
    ]
    assert any("suspension" in line for line in found[1].proof.lines)


def test_the_end_of_the_instrument_ends_everything(treaty):
    acts = ['state: ARM, act: entry_into_force, date: "2001-01-01"']
    reg = treaty(acts=acts, terminated='{date: "2015-01-01", text: a protocol, src: [note], conf: high}')
    status = reg.status("t", "ARM", "2015-01-01")
    assert (status.code, status.bound, status.applied, str(status.since)) == ("TERMINATED", False, False, "2015-01-01")
    assert reg.status("t", "KAZ", "2015-01-01").bound is False
    assert str(reg.status("t", "ARM", "2014-12-31").until) == "2015-01-01"
