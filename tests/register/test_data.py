"""The shipped data: what must and must not be in it."""

import re
from datetime import date

import pytest

from dostastyq.register.facts import PREFERENCE_KINDS
from dostastyq.register.loader import COMMONWEALTHS
from dostastyq.register.timeline import at

FOLDER = COMMONWEALTHS / "cis" / "register"
TWELVE = ["ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ", "MDA", "RUS", "TJK", "TKM", "UKR", "UZB"]


def test_the_twelve_and_their_names(reg):
    assert list(reg.states) == TWELVE
    assert reg.state("KAZ").name == {"kk": "Қазақстан", "ru": "Казахстан", "en": "Kazakhstan"}
    assert all(state.independent.day.exact for state in reg.states.values())
    assert len({state.numeric for state in reg.states.values()}) == 12


def test_ukraine_and_turkmenistan_are_never_called_members(reg):
    assert {item.standing for item in reg.memberships if item.state == "UKR"} == {"founding"}
    assert {item.standing for item in reg.memberships if item.state == "TKM"} == {"founding", "associate"}
    for year in range(1992, 2027):
        for state in ("UKR", "TKM"):
            assert reg.membership(state, f"{year}-07-01") in {"founding", "associate"}
    lines = (FOLDER / "memberships.yaml").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if re.search(r"state: (UKR|TKM)", line) and re.search(r"class: \S*member", line)]


def test_membership_follows_the_charter(reg):
    assert reg.membership("GEO", "2009-08-17") == "member"
    assert reg.membership("GEO", "2009-08-18") is None
    assert reg.membership("KAZ", "1993-01-01") == "founding"
    assert reg.membership("UZB", "1992-02-01") is None
    for item in reg.memberships:
        if item.standing == "member":
            assert reg.standing("cis-charter-1993", item.state).entries


def test_preferences(reg):
    held = {
        slug: item.preference.kind
        for slug, item in reg.instruments.items()
        if item.preference.kind and item.kind != "bilateral"
    }
    assert held == {
        "fta-1994": "free_trade_area",
        "fta-2011": "free_trade_area",
        "fta-uzbekistan-2013": "free_trade_area",
        "cu-rus-blr-1995": "customs_union",
        "cu-1995": "customs_union",
        "cu-territory-2007": "customs_union",
        "eaeu-2014": "economic_union",
    }
    assert set(reg.coverage) == set(PREFERENCE_KINDS)
    assert reg.instrument("cu-ses-1999").preference.note


def test_titles(reg):
    for item in reg.instruments.values():
        assert {"en", "ru"} <= set(item.title)
        assert all(item.title.values())
    assert reg.instrument("services-2023").title["en"].endswith("Operations and Investment")


def test_what_rests_on_memory_is_never_high_where_it_decides_trade(reg):
    for slug in ("fta-uzbekistan-2013", "cu-rus-blr-1995", "cu-1995"):
        item = reg.instrument(slug)
        facts = [item.preference, item.in_force_by, item.complete]
        assert all(it.confidence != "high" for it in facts if it is not None and it.sources == ("own",))
    assert reg.instrument("fta-uzbekistan-2013").in_force_by.confidence == "low"


KNOWN_ABSENCES = {
    "payments-union-1994": {"AZE", "GEO", "TKM", "UKR"},
    "production-coop-1993": {"GEO", "TKM"},
    "customs-clearance-2019": {"ARM", "AZE", "KAZ", "TJK"},
    "labour-migration-protocol-2005": {"ARM", "AZE", "RUS", "TJK", "UZB"},
    "services-2023": {"KAZ", "UZB"},
}


def test_a_complete_list_misses_no_signatory_by_oversight(reg):
    """In force, declared complete, signed and yet no consent: only where the status note says so."""
    found = {}
    for slug, item in reg.instruments.items():
        if item.complete is None:
            continue
        absent = {state for state in item.signed.by if not reg.standing(slug, state).entries}
        if absent:
            found[slug] = absent
    assert found == KNOWN_ABSENCES


def test_computed_days_follow_the_rule(reg):
    for item in reg.instruments.values():
        for act in item.acts:
            if act.derived and act.date is not None and item.late_delay:
                assert act.date.plus(item.late_delay) == act.effective


def test_payments_union_dates_are_those_of_its_status_note(reg):
    """Status note of 10 January 2011: third deposit, same day; later ones on deposit."""
    item = reg.instrument("payments-union-1994")
    for act in item.acts:
        if act.effective is not None:
            assert act.effective == act.date.later_of(item.entered.day)


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.yaml")), ids=lambda file: file.name)
def test_files_are_tidy(file):
    text = file.read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert "\t" not in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]


def test_nothing_is_bound_before_it_was_signed(reg):
    for slug, item in reg.instruments.items():
        if item.signed.day.earliest is None or slug == "cis-protocol-1991":
            continue
        eve = date.fromordinal(item.signed.day.earliest.toordinal() - 1)
        assert all(at(reg.standing(slug, state).applied, eve) is False for state in reg.states), slug
