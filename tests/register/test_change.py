"""The law with one thing changed: overlays, the law without an instrument, successors."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dostastyq import register
from dostastyq.errors import DostastyqError
from dostastyq.register import Act, join, leave

UNION = ("ARM", "BLR", "KAZ", "KGZ", "RUS")
SLUGS = sorted(register.load("cis").instruments)
STATES = sorted(register.load("cis").states)
YEARS = [1995, 2005, 2012, 2015, 2023]


def test_without_the_union_the_free_trade_treaty_stays_and_the_customs_union_stays_ended(reg):
    law = reg.without("eaeu-2014")
    for one in UNION:
        for other in UNION:
            if one != other:
                assert law.applies("fta-2011", one, other, on="2023-07-01") is True
    assert law.parties("cu-territory-2007", on="2023-07-01") == ()
    assert law.status("cu-territory-2007", "RUS", on="2023-07-01").code == "TERMINATED"
    third_states = {slug for slug, item in reg.instruments.items() if "third_states" in item.domain}
    gone = set(reg.instruments) - set(law.instruments)
    assert gone - third_states == {"eaeu-2014", "eaeu-arm-2014", "eaeu-kgz-2014"}
    assert "eaeu-2014" in repr(law)


def test_without_the_union_revived(reg):
    law = reg.without("eaeu-2014", revive=True)
    assert law.parties("cu-territory-2007", on="2023-07-01") == ("BLR", "KAZ", "RUS")
    frame = law.pairs("2023-07-01")
    assert frame.filter(frame["customs_union"] == True).height == 6  # noqa: E712 -- a column, not a truth


def test_what_was_replaced_between_parties_stays_replaced_unless_revived(reg):
    gone, revived = reg.without("fta-2011"), reg.without("fta-2011", revive=True)
    assert "fta-uzbekistan-2013" not in gone.instruments
    assert gone.applies("fta-1994", "KAZ", "MDA", on="2023-07-01") is False
    assert revived.applies("fta-1994", "KAZ", "MDA", on="2023-07-01") is True
    assert gone.applies("fta-1994", "AZE", "MDA", on="2023-07-01") is True


def test_without_an_accession_only_that_state_is_out(reg):
    law = reg.without("eaeu-arm-2014")
    assert law.parties("eaeu-2014", on="2023-07-01") == ("BLR", "KAZ", "KGZ", "RUS")


def test_an_instrument_taken_out_is_refused_by_name(reg):
    with pytest.raises(DostastyqError, match="taken out") as caught:
        reg.without("eaeu-2014").status("eaeu-2014", "KAZ", on="2023-07-01")
    assert caught.value.code == "RG001"


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(SLUGS), st.booleans())
def test_without_is_idempotent(slug, revive):
    law = register.load("cis").without(slug, revive=revive)
    if not revive:
        assert law.without(slug) == law
    assert slug not in law.instruments


def test_the_unions_agreements_with_third_states_go_with_it(reg):
    third_states = {slug for slug, item in reg.instruments.items() if "third_states" in item.domain}
    assert len(third_states) == 9
    assert third_states <= set(reg.without("eaeu-2014").removed)
    assert not third_states & set(reg.without("eaeu-kgz-2014").removed)
    rest = reg
    for slug in third_states:
        rest = rest if slug in rest.removed else rest.without(slug)
    assert rest.panel(range(1992, 2026), by="instrument").equals(reg.panel(range(1992, 2026), by="instrument"))


def taken_out(*slugs):
    law = register.load("cis")
    for slug in slugs:
        law = law if slug in law.removed else law.without(slug)
    return law


LINKED = sorted(
    {
        (item.slug, other)
        for item in register.load("cis").instruments.values()
        for other in (*(link.target for link in item.relations), *(act.through for act in item.acts if act.through))
    }
)


def test_pairs_joined_by_acts_done_through_one_of_them():
    assert set(LINKED) >= {
        ("cis-agreement-1991", "cis-protocol-1991"),
        ("cu-1995", "cu-kgz-1996"),
        ("eaeu-2014", "eaeu-arm-2014"),
        ("eaeu-2014", "eaeu-kgz-2014"),
        ("economic-union-1993", "economic-union-ukraine-1994"),
    }


@pytest.mark.parametrize("pair", LINKED, ids="/".join)
def test_the_order_of_taking_out_does_not_matter(pair):
    """Every two instruments that have to do with each other, by a relation or by an act done through one."""
    assert taken_out(*pair) == taken_out(*pair[::-1])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(SLUGS), min_size=2, max_size=4, unique=True), st.randoms())
def test_no_order_of_taking_out_matters(slugs, random):
    shuffled = list(slugs)
    random.shuffle(shuffled)
    assert taken_out(*slugs) == taken_out(*shuffled)


def test_what_a_removed_union_ended_between_those_who_acceded_stays_ended(reg):
    """The accession went first: the union that goes next is remembered with the state that had acceded."""
    law = taken_out("cu-kgz-1996", "cu-1995")
    assert law.detached == {}
    assert law.standing("cu-1995", "KGZ").entries == reg.standing("cu-1995", "KGZ").entries
    assert not taken_out("cu-kgz-1996").standing("cu-1995", "KGZ").entries


def test_overlay_of_nothing_is_the_same_law(reg):
    assert reg.overlay([]) == reg


def test_leaving_ends_it_for_the_one_and_changes_nothing_before(reg):
    law = reg.overlay([leave("KGZ", "eaeu-2014", on="2023-01-01")])
    assert reg.parties("eaeu-2014", on="2023-07-01") == UNION
    assert law.parties("eaeu-2014", on="2023-07-01") == ("ARM", "BLR", "KAZ", "RUS")
    assert law.parties("eaeu-2014", on="2022-12-31") == UNION
    assert law.applies("fta-2011", "KGZ", "RUS", on="2023-07-01") is True
    status = law.status("eaeu-2014", "KGZ", on="2023-07-01")
    assert (status.code, status.confidence) == ("WITHDRAWN", "assumed")


def test_leaving_the_later_treaty_does_not_revive_the_earlier(reg):
    law = reg.overlay([leave("MDA", "fta-2011", on="2023-01-01")])
    assert law.applies("fta-2011", "KAZ", "MDA", on="2023-07-01") is False
    assert law.applies("fta-1994", "KAZ", "MDA", on="2023-07-01") is False


def test_joining(reg):
    law = reg.overlay([join("UZB", "eaeu-2014", on="2023-01-01")])
    assert law.parties("eaeu-2014", on="2023-07-01") == (*UNION, "UZB")
    assert law.applies("eaeu-2014", "KAZ", "UZB", on="2022-12-31") is False
    assert law.applies("eaeu-2014", "KAZ", "UZB", on="2023-01-01") is True


def test_acts_add_up(reg):
    acts = [leave("KGZ", "eaeu-2014", on="2023-01-01"), join("UZB", "eaeu-2014", on="2023-01-01")]
    together = reg.overlay(acts)
    apart = reg.overlay(acts[:1]).overlay(acts[1:])
    assert together == apart
    assert together.parties("eaeu-2014", on="2023-07-01") == reg.overlay(acts[::-1]).parties("eaeu-2014", "2023-07-01")


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(SLUGS), st.sampled_from(STATES), st.sampled_from(STATES), st.sampled_from(YEARS))
def test_a_state_that_joins_never_unbinds_another(slug, state, other, year):
    reg = register.load("cis")
    law = reg.overlay([join(state, slug, on="2000-01-01")])
    if other != state:
        before, after = (it.status(slug, other, on=f"{year}-07-01") for it in (reg, law))
        assert before.bound == after.bound
        if before.code != "REPLACED":
            assert (before.applied, before.code) == (after.applied, after.code)
    elif law.instrument(slug).ended is None and year >= 2000 and not law.standing(slug, state).exited[0][1]:
        assert law.status(slug, state, on=f"{year}-07-01").bound in {True, False}


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (Act("KGS", "accession", "eaeu-2014", effective="2023-01-01"), "RG002"),
        (Act("KGZ", "accession", "eaeu-2015", effective="2023-01-01"), "RG001"),
        (Act("KGZ", "suspension", "eaeu-2014", effective="2023-01-01", towards=["RUSS"]), "RG002"),
        (Act("KGZ", "withdraw", "eaeu-2014", effective="2023-01-01"), "RG007"),
        (Act("KGZ", "accession", "eaeu-2014"), "RG007"),
    ],
)
def test_acts_that_cannot_be_are_refused(reg, act, code):
    with pytest.raises(DostastyqError) as caught:
        reg.overlay([act])
    assert caught.value.code == code
    assert caught.value.hint


def test_an_act_reads_days_in_any_form():
    assert Act("KGZ", "accession", "eaeu-2014", effective="2023") == join("KGZ", "eaeu-2014", on="2023")
    with pytest.raises(DostastyqError) as caught:
        leave("KGZ", "eaeu-2014", on="tomorrow")
    assert caught.value.code == "DT001"


def test_suspension_towards_one_and_its_end(reg):
    acts = [
        Act("MDA", "suspension", "fta-2011", effective="2023-01-01", towards=["RUS"]),
        Act("MDA", "suspension_end", "fta-2011", effective="2024-01-01", towards=["RUS"]),
    ]
    law = reg.overlay(acts)
    assert [law.applies("fta-2011", "RUS", "MDA", on=f"{year}-07-01") for year in (2022, 2023, 2024)] == [
        True,
        False,
        True,
    ]
    assert law.applies("fta-2011", "KAZ", "MDA", on="2023-07-01") is True


def test_successors_predecessors_and_periods(reg):
    assert reg.successor("cu-territory-2007") == "eaeu-2014"
    assert reg.predecessor("eaeu-2014") == "cu-territory-2007"
    assert reg.successor("rules-1996") == "rules-2002"
    assert reg.predecessor("eurasec-2000") is None
    period = reg.in_force_period("cu-territory-2007")
    assert (str(period.start), str(period.end)) == ("2008-10-10?", "2015-01-01")
    assert str(reg.in_force_period("rules-2002").start) == "2002-10-07"
    assert str(reg.in_force_period("cis-agreement-1991").start) == "1991-12-10"
