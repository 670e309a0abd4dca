"""The clause patterns of the region, each by its real case: computed from the acts, then held against what is recorded.

`computed` takes the recorded effects out of an instrument, so that nothing but its clauses and the acts of states is
left. Where no list of deposits was found, the acts are supposed here and agree with the recorded entry into force.
"""

from dataclasses import replace
from types import MappingProxyType

import pytest

from dostastyq.dates import Day
from dostastyq.register import Act, Clause
from dostastyq.register.acts import CONSENT
from dostastyq.register.facts import Ending, Fact, Part, Relation
from dostastyq.register.standing import computed_effect
from dostastyq.register.timeline import onset


def with_item(reg, item):
    return reg.changed(instruments=MappingProxyType(dict(reg.instruments) | {item.slug: item}))


def computed(reg, slug, *acts, keep=True, **changes):
    """The law with nothing recorded of an instrument's effects: its clauses decide, on its acts and some more."""
    item = reg.instrument(slug)
    kept = [replace(act, effective=None) if act.kind in CONSENT else act for act in item.acts] if keep else []
    kept = [act for act in kept if act.kind != "entry_into_force" and (act.date or act.kind not in CONSENT)]
    return with_item(reg, replace(item, entered=None, in_force_by=None, acts=(*kept, *acts), **changes))


def act(slug, state, kind, day, **more):
    return Act(state, kind, slug, date=day, confidence="high", **more)


def bound(law, slug, state, *days):
    return [law.status(slug, state, on=day).bound for day in days]


def codes(law, slug, state, *days):
    return [law.status(slug, state, on=day).code for day in days]


def begins(law, slug):
    return str(onset(law.force(slug)))


def effects(law, slug):
    """Computed effect of each consent, by state."""
    record = law.record(slug)
    return {it.state: str(computed_effect(record, it)) for it in record.instrument.acts if it.kind in CONSENT}


def recorded(reg, slug):
    return {it.state: str(it.effective) for it in reg.instrument(slug).acts if it.kind in CONSENT and it.effective}


def test_01_on_signature(reg):
    """Provisional rules of procedure of 1992."""
    law = computed(reg, "rules-provisional-1992")
    assert begins(law, "rules-provisional-1992") == str(reg.instrument("rules-provisional-1992").entered.day)
    assert bound(law, "rules-provisional-1992", "KAZ", "1992-05-14", "1992-05-15") == [False, True]


def test_02_on_signature_but_on_deposit_where_the_law_needs_procedures(reg):
    """Unified register, decision of 2004: signature binds, but Ukraine only with its approval of 2006."""
    signed = replace(reg.instrument("erpa-2004").signed, by=("KAZ", "UKR"), subject_to=("UKR",))
    law = computed(reg, "erpa-2004", signed=signed)
    assert bound(law, "erpa-2004", "KAZ", "2004-09-14", "2004-09-15") == [False, True]
    assert bound(law, "erpa-2004", "UKR", "2006-04-26", "2006-04-27") == [False, True]
    closed = Fact(day=Day.parse("2006-01-01"))
    without = computed(reg, "erpa-2004", signed=signed, complete=closed, keep=False)
    assert codes(without, "erpa-2004", "UKR", "2005-01-01") == ["SIGNED"]


def test_03_own_ratification_state_by_state(reg):
    """Agreement of 1991, in force for each state from its ratification."""
    slug = "cis-agreement-1991"
    law = computed(reg, slug)
    for it in reg.instrument(slug).acts:
        if it.kind in CONSENT and it.date.exact and it.date.earliest.year < 1993:
            eve = it.date.earliest.toordinal() - 1
            assert reg.standing(slug, it.state).entries[0].day == it.date == law.standing(slug, it.state).entries[0].day
            assert law.applies(slug, "RUS", "KAZ", "1991-12-23") is True
            assert eve


def test_04_third_deposit_the_same_day_later_ones_on_deposit(reg):
    """Payments Union (eight dates of the note of 2011), customs protocol of 2019, Kyiv agreement of 1992."""
    law = computed(reg, "payments-union-1994")
    assert begins(law, "payments-union-1994") == "1995-09-25"
    assert effects(law, "payments-union-1994") == recorded(reg, "payments-union-1994")
    law = computed(reg, "customs-clearance-2019")
    assert begins(law, "customs-clearance-2019") == "2020-01-13"
    assert set(effects(law, "customs-clearance-2019").values()) == {"2020-01-13"}
    kyiv = [act("kyiv-disputes-1992", s, "ratification", d) for s, d in (("BLR", "1992-11-24"), ("RUS", "1992-10-09"))]
    law = computed(reg, "kyiv-disputes-1992", *kyiv, act("kyiv-disputes-1992", "UKR", "ratification", "1992-12-19"))
    assert "1992-12-19" in str(law.standing("kyiv-disputes-1992", "RUS").entries[0].day)


def test_05_third_deposit_and_thirty_days_later_ones_thirty_days_after_their_own(reg):
    """Free trade treaty of 2011, services agreement of 2023."""
    law = computed(reg, "fta-2011")
    assert begins(law, "fta-2011").endswith("2012-09-20")
    late = {"ARM": "2012-10-17", "KAZ": "2012-12-08", "MDA": "2012-12-09", "KGZ": "2013-12-13", "TJK": "2015-12-24"}
    fixed = with_item(law, replace(law.instrument("fta-2011"), entered=reg.instrument("fta-2011").entered))
    assert {state: effects(fixed, "fta-2011")[state] for state in late} == late
    assert codes(reg, "fta-2011", "KAZ", "2012-12-07", "2012-12-08") == ["CONSENTED", "IN_FORCE"]
    services = reg.instrument("services-2023")
    law = with_item(
        computed(reg, "services-2023"),
        replace(services, acts=computed(reg, "services-2023").instrument("services-2023").acts),
    )
    assert effects(law, "services-2023")["RUS"] == "2024-07-24"
    assert effects(law, "services-2023")["ARM"] == "2024-11-13"


def test_06_third_the_same_day_later_ones_after_thirty_days(reg):
    """Economic Union, Art. 34; deposits supposed."""
    slug = "economic-union-1993"
    days = {"BLR": "1993-11-01", "KAZ": "1993-12-01", "RUS": "1994-01-14", "UZB": "1994-01-20"}
    acts = [act(slug, state, "ratification", day) for state, day in days.items()]
    law = computed(reg, slug, *acts, keep=False, complete=Fact(day=Day.parse("2020-01-01")))
    assert begins(law, slug) == "1994-01-14"
    assert effects(law, slug) == {"BLR": "1994-01-14", "KAZ": "1994-01-14", "RUS": "1994-01-14", "UZB": "1994-02-19"}


def test_07_an_accession_does_not_count_but_takes_effect_with_the_three(reg):
    """Copyright agreement of 1993: Georgia acceded before the third ratification."""
    slug = "copyright-1993"
    closed = Fact(day=Day.parse("2000-01-01"))
    law = computed(reg, slug, complete=closed)
    assert begins(law, slug) == "1995-05-06"
    assert effects(law, slug) == recorded(reg, slug)
    counted = replace(law.instrument(slug).clause, acts=("ratification", "accession"))
    assert begins(computed(reg, slug, complete=closed, clause=counted), slug) == "1995-04-03"


@pytest.mark.parametrize(("slug", "last"), [("cu-1995", "1997-12-03"), ("eurasec-2000", "2001-05-30")])
def test_08_last_of_all_signatories(reg, slug, last):
    """Customs Union of 1995, Eurasian Economic Community; the first deposits supposed."""
    by = reg.instrument(slug).signed.by
    first = [act(slug, state, "ratification", "1995-06-01" if slug == "cu-1995" else "2001-01-15") for state in by[1:]]
    closed = Fact(day=Day.parse("2014-01-01"))
    pending = computed(reg, slug, *first, keep=False, complete=closed)
    assert pending.force(slug)[0] == (1, False)
    assert codes(pending, slug, by[1], "2002-01-01") == ["PROVISIONAL" if slug == "cu-1995" else "CONSENTED"]
    law = computed(reg, slug, *first, act(slug, by[0], "ratification", last), keep=False, complete=closed)
    assert begins(law, slug) == last == str(reg.instrument(slug).entered.day)
    assert set(effects(law, slug).values()) == {last}


def test_09_all_founders_or_a_year_after_adoption_for_those_who_ratified(reg):
    """Charter: Ukraine and Turkmenistan founded the commonwealth and never ratified it, so the year decided."""
    slug = "cis-charter-1993"
    law = computed(reg, slug)
    assert {"UKR", "TKM"} <= set(law.group("all_founding_states", Day.parse("1993-01-22")))
    assert begins(law, slug) == "1994-01-22" == str(reg.instrument(slug).entered.day)
    assert effects(law, slug)["BLR"] == "1994-01-22"
    assert {effects(law, slug)[state] for state in ("UZB", "KAZ")} == {"1994-02-09", "1994-04-20"}
    founders = [
        act(slug, state, "ratification", "1993-06-01")
        for state in law.group("all_founding_states", Day.parse("1993-01-22"))
    ]
    assert (
        begins(computed(reg, slug, *founders, keep=False, complete=reg.instrument(slug).complete), slug) == "1993-06-01"
    )


def test_10_all_and_a_fixed_day(reg):
    """Eurasian Economic Union: the last notification, and not before 2015; deposits supposed."""
    slug = "eaeu-2014"
    for last, day in (("2014-12-15", "2015-01-01"), ("2015-02-01", "2015-02-01")):
        acts = [
            act(slug, s, "notification", d) for s, d in (("RUS", "2014-10-10"), ("BLR", "2014-10-20"), ("KAZ", last))
        ]
        law = computed(reg, slug, *acts, keep=False)
        assert begins(law, slug) == day
        assert effects(law, slug) == dict.fromkeys(("RUS", "BLR", "KAZ"), day)


def test_11_decision_of_an_organ(reg):
    """Customs union of 2007: its supreme organ decides on the depositary's information."""
    slug = "cu-territory-2007"
    law = computed(reg, slug, complete=None)
    assert bound(law, slug, "BLR", "2008-10-09", "2008-10-10") == [None, None]
    decided = law.overlay([Act("supreme-organ", "organ_decision", slug, date="2008-10-10")])
    assert bound(decided, slug, "BLR", "2008-10-09", "2008-10-10") == [False, True]
    assert (
        "decision of the organ" in str(law.forecast(slug, on="2008-01-01").text)
        or law.forecast(slug, on="2008-01-01").missing is None
    )


def test_12_an_extra_condition_for_one_state(reg):
    """Treaty of 1999, Art. 70: for Tajikistan also the completion of its accession to the customs agreements."""
    slug = "cu-ses-1999"
    days = {"BLR": "1999-06-01", "TJK": "1999-12-01", "KAZ": "1999-12-23", "RUS": "2001-07-02"}
    acts = [act(slug, state, "ratification", day) for state, day in days.items()]
    law = computed(reg, slug, *acts, keep=False)
    assert law.instrument(slug).overrides["TJK"].parts[1].rule == "accession_completed"
    assert begins(law, slug) == "1999-12-23"
    joined = law.overlay([Act("TJK", "accession", it, effective="2000-03-01") for it in ("cu-1995", "cu-rus-blr-1995")])
    for found, expected in ((law, False), (joined, True)):
        assert (bound(found, slug, "TJK", "2000-03-01") == [True]) is expected
    assert bound(joined, slug, "KAZ", "1999-12-22", "1999-12-23") == [False, True]


def test_13_provisional_application_four_ways(reg):
    """From signature (1995, 2011), by a decision (1993), sixty days after signature (2014), some early (2010)."""
    assert codes(reg, "cu-1995", "KAZ", "1995-01-19", "1995-01-20") == ["NONE", "PROVISIONAL"]
    assert codes(reg, "eec-treaty-2011", "BLR", "2011-11-18") == ["PROVISIONAL"]
    assert codes(reg, "economic-union-1993", "KAZ", "1993-12-23", "1993-12-24") != codes(
        reg, "economic-union-1993", "KAZ", "1993-12-23", "1993-12-23"
    )
    sixty = reg.standing("protocol-ashgabat-2014", "KAZ").provisional
    assert str(onset(sixty)) == "2015-01-20"
    assert codes(reg, "customs-code-2009", "KAZ", "2010-07-01") == ["PROVISIONAL"]
    assert reg.status("customs-code-2009", "BLR", "2010-07-05").applied is not True
    refused = reg.overlay([Act("KAZ", "refusal", "cu-1995", date="1996-01-01")])
    assert refused.status("cu-1995", "KAZ", "1996-01-01").code == "DECLINED"
    assert refused.status("cu-1995", "KAZ", "1996-01-01").must_not_defeat is False


def test_14_some_provisions_a_year_later(reg):
    """Macroeconomic policy of 2010."""
    assert codes(reg, "macro-policy-2010", "KAZ", "2012-01-01", "2012-12-31", "2013-01-01") == [
        "IN_FORCE_PARTIAL",
        "IN_FORCE_PARTIAL",
        "IN_FORCE",
    ]
    later = replace(
        reg.instrument("macro-policy-2010"), parts=(Part(day=Day.parse("2013-01-01"), provisions=("Art. 5",)),)
    )
    law = with_item(reg, later)
    asked = [
        ("2012-06-01", "Art. 5"),
        ("2012-06-01", "Art. 5 para. 2"),
        ("2012-06-01", "Art. 4"),
        ("2013-01-01", "Art. 5"),
    ]
    answers = [law.applies("macro-policy-2010", "KAZ", "RUS", on=day, provision=text) for day, text in asked]
    assert answers == [False, False, True, True]


def test_15_replaced_between_parties_of_the_new_treaty_only(reg):
    """Free trade area of 1994 and treaty of 2011."""
    asked = [("KAZ", "RUS", "2012-12-08"), ("AZE", "RUS", "2023-07-01"), ("AZE", "KAZ", "2023-07-01")]
    assert [reg.applies("fta-1994", a, b, on=day) for a, b, day in asked] == [False, True, True]
    gone = reg.overlay(
        [
            Act(state, "withdrawal_effective", "fta-1994", effective="2023-01-01")
            for state in ("AZE", "GEO", "TKM", "UZB")
        ]
    )
    status = gone.status("fta-1994", "KAZ", "2023-07-01")
    assert (status.code, status.bound, status.applied) == ("REPLACED", True, False)
    assert gone.parties("fta-1994", "2023-07-01") == ()


def test_16_applied_to_a_state_that_did_not_sign(reg):
    """Protocol of 2013 with Uzbekistan."""
    assert reg.status("fta-2011", "UZB", "2023-07-01").bound is False
    assert reg.applies("fta-uzbekistan-2013", "KAZ", "UZB", on="2023-07-01") is True
    assert reg.applies("fta-uzbekistan-2013", "KAZ", "RUS", on="2023-07-01") is False


def test_17_suspended_towards_one_party(reg):
    """Russia and Ukraine from 2016."""
    assert [reg.applies("fta-2011", "RUS", "UKR", on=day) for day in ("2015-12-31", "2016-01-01")] == [True, False]
    assert reg.applies("fta-2011", "MDA", "UKR", on="2016-01-01") is True
    assert codes(reg, "fta-2011", "RUS", "2016-01-01") == ["IN_FORCE"]


def test_18_ended_by_the_entry_into_force_of_another(reg):
    """Interstate Economic Committee, ended by the protocol on the Executive Committee."""
    by = "exec-committee-2000"
    item = replace(reg.instrument("mek-1994"), ended=Ending(day=None, by=by))
    signed = replace(reg.instrument("mek-1994").signed, by=("KAZ", "RUS"))
    item = replace(item, signed=signed, clause=Clause("signature"))
    open_law = with_item(reg, item)
    assert codes(open_law, "mek-1994", "KAZ", "1999-01-01") == ["IN_FORCE"]
    fixed = with_item(open_law, replace(reg.instrument(by), entered=Fact(day=Day.parse("2000-12-01"))))
    assert codes(fixed, "mek-1994", "KAZ", "2000-11-30", "2000-12-01") == ["IN_FORCE", "TERMINATED"]
    relation = with_item(fixed, replace(item, ended=None))
    assert codes(relation, "mek-1994", "KAZ", "2000-11-30", "2000-12-01") == ["IN_FORCE", "TERMINATED"]
    assert "by exec-committee-2000" in str(relation.status("mek-1994", "KAZ", "2000-12-01"))


def test_19_leaving_one_treaty_of_a_package_touches_all(reg):
    """Customs union of 2007, protocol, Art. 3: consequences for all treaties, which ones was not seen."""
    slug, other = "cu-territory-2007", "cu-commission-2007"
    item = replace(reg.instrument(slug), relations=(Relation(kind="package_with", target=other),), package_ends=False)
    left = [
        Act("KAZ", "accession", other, effective="2009-01-01"),
        Act("KAZ", "withdrawal_effective", other, effective="2012-01-01"),
    ]
    law = with_item(reg, item).overlay(left)
    assert bound(law, slug, "KAZ", "2011-12-31", "2012-01-01") == [True, None]
    ends = with_item(law, replace(item, package_ends=True))
    assert bound(ends, slug, "KAZ", "2011-12-31", "2012-01-01") == [True, False]
    assert bound(ends, slug, "RUS", "2012-01-01") == [True]
    assert "of the same package" in str(ends.status(slug, "KAZ", "2012-01-01"))


def test_20_twelve_months_after_notice_membership_ends_and_other_treaties_stay(reg):
    """Georgia: announced 14, notified 18 August 2008, effect a year later; free trade stayed."""
    slug = "cis-charter-1993"
    acts = tuple(
        replace(it, effective=None) if it.kind == "withdrawal_notice" else it for it in reg.instrument(slug).acts
    )
    law = with_item(reg, replace(reg.instrument(slug), acts=acts))
    assert codes(law, slug, "GEO", "2008-08-17", "2008-08-18", "2009-08-17", "2009-08-18") == [
        "IN_FORCE",
        "LEAVING",
        "LEAVING",
        "WITHDRAWN",
    ]
    left = reg.status("cis-agreement-1991", "GEO", "2009-01-01").withdrawal
    assert [str(day) for day in (left.announced, left.notice, left.effect)] == [
        "2008-08-14",
        "2008-08-18",
        "2009-08-18",
    ]
    assert reg.membership("GEO", "2009-08-18") is None
    assert reg.status("fta-1994", "GEO", "2023-07-01").bound is True
    revoked = law.overlay([Act("GEO", "withdrawal_revoked", slug, date="2009-01-01")])
    assert codes(revoked, slug, "GEO", "2010-01-01") == ["IN_FORCE"]


def test_21_later_accession_to_a_decision(reg):
    """Ukraine and the rules of procedure of 2009, joined in 2010."""
    days = ("2009-10-09", "2010-11-18", "2010-11-19")
    assert bound(reg, "rules-2009", "UKR", *days) == [False, False, True]
    assert bound(reg, "rules-2009", "KAZ", "2009-10-09") == [True]


def test_22_membership_suspended_without_a_clause(reg):
    """Uzbekistan in the Eurasian Economic Community, 2008: suspended, not withdrawn."""
    status = reg.status("eurasec-2000", "UZB", "2009-06-01")
    assert (status.code, status.applied) == ("SUSPENDED", False)
    assert status.withdrawal is None
    assert status.bound is not False


def test_23_association(reg):
    """Ukraine and the Economic Union, 1994: associate by an agreement of its own, not a party."""
    slug = "economic-union-ukraine-1994"
    status = reg.status("economic-union-1993", "UKR", "1995-01-01")
    assert status.bound is not True
    assert status.associated is not False
    law = with_item(reg, replace(reg.instrument(slug), entered=Fact(day=Day.parse("1994-04-15"))))
    assert law.status("economic-union-1993", "UKR", "1994-04-15").associated is True
    assert law.status("economic-union-1993", "KAZ", "1995-01-01").associated is False


def test_24_succession_from_independence(reg):
    """Treaties of the predecessor: Kyrgyzstan declared in 1994 that they bind it, with effect from independence."""
    slug = "copyright-1993"
    item = replace(
        reg.instrument(slug),
        signed=replace(reg.instrument(slug).signed, day=Day.parse("1967-07-14"), by=()),
        entered=Fact(day=Day.parse("1970-04-26")),
        acts=(act(slug, "KGZ", "succession", "1994-02-14"),),
    )
    law = with_item(reg, item)
    assert effects(law, slug) == {"KGZ": "1991-08-31"}
    assert codes(law, slug, "KGZ", "1992-01-01") == ["SUCCEEDED"]
    assert law.status(slug, "KGZ", "1992-01-01").bound is True


def test_an_accession_has_the_kind_of_what_it_joins(reg):
    assert reg.instrument("eaeu-kgz-2014").preference.kind is None
    assert reg.preference("eaeu-kgz-2014").kind == reg.preference("eaeu-2014").kind == "economic_union"
    assert reg.preference("fta-protocol-1999").kind is None


def test_an_accession_by_treaty_takes_effect_with_that_treaty(reg):
    item = reg.instrument("eaeu-2014")
    acts = tuple(
        replace(it, effective=None, date=Day.parse("2014-10-10")) if it.state == "ARM" else it for it in item.acts
    )
    law = with_item(reg, replace(item, acts=acts))
    assert effects(law, "eaeu-2014")["ARM"] == "2015-01-02"


def test_what_is_recorded_decides_and_a_difference_is_reported(reg):
    assert reg.differences().is_empty(), reg.differences()
    item = reg.instrument("payments-union-1994")
    acts = tuple(replace(it, effective=Day.parse("1996-02-01")) if it.state == "KAZ" else it for it in item.acts)
    law = with_item(reg, replace(item, acts=acts, entered=Fact(day=Day.parse("1995-10-01"))))
    assert bound(law, "payments-union-1994", "KAZ", "1996-01-31", "1996-02-01") == [False, True]
    found = {(row["state"], row["what"]): (row["recorded"], row["computed"]) for row in law.differences().to_dicts()}
    assert found[None, "entry_into_force"] == ("1995-10-01", "1995-09-25")
    assert found["KAZ", "notification"] == ("1996-02-01", "1995-10-30")
    assert "the recorded day prevails" in str(law.status("payments-union-1994", "KAZ", "1996-01-31"))
