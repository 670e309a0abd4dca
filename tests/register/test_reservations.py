"""Reservations by the Vienna Convention, and what three days a withdrawal has."""

import pytest

from dostastyq.dates import Day
from dostastyq.register import Act
from dostastyq.register.reservations import covers, lapsed

RATIFIED = [
    'state: ARM, act: ratification, date: "2001-01-01"',
    'state: BLR, act: ratification, date: "2001-01-01"',
    'state: KAZ, act: accession, date: "2001-01-01"',
]
CLAUSE = "{per_state: true, of: [ratification], delay: P0D}"


@pytest.fixture
def law(treaty):
    """A function from further acts to a register in which three states are bound from 2001-01-01."""

    def build(*acts):
        return treaty(CLAUSE, RATIFIED, late="{of: [accession], delay: P0D}").overlay(acts)

    return build


def reserved(day="2001-01-01", kind="reservation", **more):
    return Act("ARM", kind, "t", date=day, provisions=["Art. 5"], **more)


def objection(day, *, opposes, state="BLR"):
    return Act(state, "objection", "t", date=day, towards=["ARM"], opposes=opposes)


def between(law, on="2005-01-01", other="BLR", provision=None):
    return law.applies("t", "ARM", other, on=on, provision=provision)


def test_a_reservation_removes_its_provisions_between_the_two(law):
    found = law(reserved())
    assert found.status("t", "ARM", "2005-01-01").code == "IN_FORCE_RESERVED"
    assert found.status("t", "BLR", "2005-01-01").code == "IN_FORCE"
    assert [between(found, provision=text) for text in (None, "Art. 5", "Art. 5 para. 2", "Art. 6")] == [
        True,
        False,
        False,
        True,
    ]
    assert found.applies("t", "BLR", "KAZ", on="2005-01-01", provision="Art. 5") is True


def test_made_at_signature_it_lapses_unless_confirmed(law):
    """Art. 23.2."""
    assert law(reserved("2000-01-10")).status("t", "ARM", "2005-01-01").code == "IN_FORCE"
    assert between(law(reserved("2000-01-10")), provision="Art. 5") is True
    assert "not confirmed at consent" in str(law(reserved("2000-01-10")).status("t", "ARM", "2005-01-01"))
    for confirmation in (reserved(kind="reservation_confirmation"), reserved("2001-01-01")):
        confirmed = law(reserved("2000-01-10"), confirmation)
        assert confirmed.status("t", "ARM", "2005-01-01").code == "IN_FORCE_RESERVED"
        assert between(confirmed, provision="Art. 5") is False


def test_where_signature_binds_there_is_nothing_to_confirm(treaty):
    found = treaty("{upon: signature}").overlay([reserved("2000-01-10")])
    assert found.status("t", "ARM", "2005-01-01").code == "IN_FORCE_RESERVED"


def test_made_after_consent_it_has_no_effect(law):
    found = law(reserved("2003-01-01"))
    assert lapsed(found.record("t"), reserved("2003-01-01"))
    assert between(found, provision="Art. 5") is True


def test_a_simple_objection_removes_the_provision_only(law):
    """Art. 21.3."""
    found = law(reserved(), objection("2001-06-01", opposes=False))
    assert (between(found), between(found, provision="Art. 5")) == (True, False)


def test_an_objection_that_opposes_leaves_no_relation_between_the_two(law):
    """Art. 20.4.b."""
    found = law(reserved(), objection("2001-06-01", opposes=True))
    assert [between(found, on=day) for day in ("2001-05-31", "2001-06-01", "2005-01-01")] == [True, False, False]
    assert between(found, other="KAZ") is True
    assert found.status("t", "ARM", "2005-01-01").bound is True


def test_twelve_months_of_silence_accept(law):
    """Art. 20.5: an objection on the last day is in time, one later is not."""
    in_time, late = (law(reserved(), objection(day, opposes=True)) for day in ("2002-01-01", "2002-01-02"))
    assert (between(in_time), between(late)) == (False, True)
    assert "silent until 1 January 2002 have accepted" in str(late.status("t", "ARM", "2005-01-01"))


def test_a_state_that_consents_later_may_object_then(treaty):
    acts = [*RATIFIED[:2], 'state: KAZ, act: accession, date: "2004-01-01"']
    found = treaty(CLAUSE, acts).overlay([reserved(), objection("2004-01-01", opposes=True, state="KAZ")])
    assert between(found, other="KAZ") is False


def test_what_was_accepted_cannot_be_opposed(law):
    accepted = Act("BLR", "reservation_acceptance", "t", date="2001-03-01", towards=["ARM"])
    assert between(law(reserved(), accepted, objection("2001-06-01", opposes=True))) is True


def test_a_declaration_changes_nothing(law):
    """Art. 2.1.d: an interpretive declaration is no reservation."""
    plain, declared = law(), law(reserved(kind="declaration"))
    for state in ("ARM", "BLR"):
        assert plain.status("t", state, "2005-01-01").code == declared.status("t", state, "2005-01-01").code
    assert between(declared, provision="Art. 5") is True


def test_withdrawn_it_is_gone(law):
    """Art. 22."""
    found = law(reserved(), reserved("2004-01-01", kind="reservation_withdrawal"))
    assert [between(found, on=day, provision="Art. 5") for day in ("2003-12-31", "2004-01-01")] == [False, True]
    assert found.status("t", "ARM", "2004-01-01").code == "IN_FORCE"


def test_belarus_and_the_treaty_of_four(reg):
    asked = {"on": "2000-01-01", "provision": "Art. 13"}
    assert reg.applies("treaty-of-four-1996", "BLR", "KAZ", **asked) is False
    assert reg.applies("treaty-of-four-1996", "KAZ", "RUS", **asked) is not False
    assert covers("Art. 2", "Art. 2 para. 8")
    assert not covers("Art. 2", "Art. 24")


def test_announcement_notice_and_effect_are_three_days(law):
    announced = Act("ARM", "withdrawal_announcement", "t", date="2004-01-01")
    notice = Act("ARM", "withdrawal_notice", "t", date="2004-06-01", effective="2005-06-01")
    found = law(announced, notice)
    codes = [found.status("t", "ARM", day).code for day in ("2004-01-01", "2004-06-01", "2005-06-01")]
    assert codes == ["IN_FORCE", "LEAVING", "WITHDRAWN"]
    early, whole = (found.status("t", "ARM", day).withdrawal for day in ("2004-03-01", "2005-01-01"))
    assert (str(early.announced), early.notice, early.effect) == ("2004-01-01", None, None)
    assert [str(it) for it in (whole.announced, whole.notice, whole.effect)] == [
        "2004-01-01",
        "2004-06-01",
        "2005-06-01",
    ]
    assert found.status("t", "BLR", "2005-01-01").withdrawal is None


def test_a_notice_or_a_consent_taken_back(law, treaty):
    notice = Act("ARM", "withdrawal_notice", "t", date="2004-06-01", effective="2005-06-01")
    for day, bound in (("2005-05-31", True), ("2005-06-01", False)):
        back = law(notice, Act("ARM", "withdrawal_revoked", "t", date=day))
        assert back.status("t", "ARM", "2006-01-01").bound is bound
    acts = [
        'state: ARM, act: ratification, date: "2001-01-01"',
        'state: ARM, act: consent_withdrawal, date: "2001-02-01"',
    ]
    found = treaty(
        "{count: 2, of: [ratification], delay: P0D}", [*acts, 'state: BLR, act: ratification, date: "2001-03-01"']
    )
    assert found.status("t", "ARM", "2001-06-01").bound is not True


def test_art_18_holds_who_signed_until_it_declines(treaty):
    complete = '{date: "2010-01-01", src: [note], conf: high}'
    found = treaty("{count: 2, of: [ratification], delay: P0D}", [RATIFIED[0]], complete=complete)
    held = [found.status("t", state, "2005-01-01").must_not_defeat for state in ("ARM", "BLR", "KAZ")]
    assert held == [True, True, False]
    declined = found.overlay([Act("BLR", "refusal", "t", date="2004-01-01")])
    status = declined.status("t", "BLR", "2005-01-01")
    assert (status.code, status.must_not_defeat, str(status.since)) == ("DECLINED", False, "2004-01-01")
    bound = found.overlay([Act("BLR", "ratification", "t", date="2004-01-01")])
    assert bound.status("t", "ARM", "2005-01-01").must_not_defeat is False


def test_exits_are_closed_separately(treaty):
    acts = ['state: ARM, act: entry_into_force, date: "2001-01-01"']
    found = treaty(acts=acts, exits_complete='{date: "2005-12-31", src: [note], conf: high}')
    assert "presumed to continue" not in str(found.status("t", "ARM", "2005-12-31"))
    assert "nothing newer than 31 December 2005 is known of exits" in str(found.status("t", "ARM", "2006-01-01"))
    assert found.status("t", "ARM", "2006-01-01").confidence == "low"


def test_negotiated_and_adopted(treaty):
    fact = '{{date: "{}", states: [ARM, BLR], src: [note], conf: high}}'
    found = treaty("{upon: signature}", negotiated=fact.format("1999-01-01"), adopted=fact.format("1999-12-01"))
    codes = [found.status("t", "ARM", day).code for day in ("1998-12-31", "1999-01-01", "1999-12-01", "2000-01-10")]
    assert codes == ["NONE", "NEGOTIATING", "ADOPTED", "IN_FORCE"]
    assert found.status("t", "KAZ", "1999-06-01").code == "NONE"


def test_duration(treaty):
    term = "{{period: P5Y{}, src: [note], conf: high}}"
    ends = treaty("{upon: signature}", duration=term.format(""))
    assert [ends.status("t", "ARM", day).code for day in ("2005-01-09", "2005-01-10")] == ["IN_FORCE", "TERMINATED"]
    goes_on = treaty("{upon: signature}", duration=term.format(", prolonged: true"))
    assert goes_on.status("t", "ARM", "2006-01-01").code == "IN_FORCE"
    assert ends.in_force_period("t").end == Day.parse("2005-01-10")
