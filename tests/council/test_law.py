"""What a draft would do in law, against the register itself: pairs, statuses, what it meets, what is missing."""

from datetime import date
from itertools import permutations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dostastyq import register
from dostastyq.council.composer import example
from dostastyq.council.law import legal_effect
from dostastyq.council.taken import law_before, taken_as_signed, taken_in_force
from dostastyq.errors import DostastyqError
from dostastyq.i18n import translator
from dostastyq.register import Act
from dostastyq.register.facts import PREFERENCE_KINDS
from dostastyq.register.loader import COMMONWEALTHS

LAW = register.load("cis")
RECORDS = {
    slug: found
    for file in sorted((COMMONWEALTHS / "cis" / "register" / "instruments").glob("*.yaml"))
    for slug, found in yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader).items()
}
DAY = date(2023, 7, 1)
SLUG = "draft-2027"
FACT = {"src": ["own"], "conf": "low"}
LEAVES = {kind: {None: "unknown", True: kind, False: "none"} for kind in PREFERENCE_KINDS}

subsets = st.lists(st.sampled_from(sorted(LAW.states)), min_size=2, max_size=5, unique=True)


def draft(kind="customs_union", parties=("KAZ", "KGZ", "TJK", "UZB"), relations=(), **more):
    """A draft as plain data."""
    return {
        "kind": "treaty",
        "domain": ["trade"],
        "title": {"en": "Draft", "ru": "Проект"},
        "preference": "none" if kind == "none" else {"kind": kind, **FACT},
        "signed": {"date": "../..", "place": "", "by": list(parties), **FACT},
        "eif": {"count": "all", "of": ["ratification"], "delay": "P30D"},
        "relations": [{"type": kind_, "target": target, **FACT} for kind_, target in relations],
        "acts": [],
    } | more


def effect(record=None, parties=("KAZ", "KGZ", "TJK", "UZB"), law=LAW, on=DAY):
    """The effect of a draft."""
    return legal_effect(law, SLUG, record or draft(parties=parties), parties=parties, on=on)


def deepest(law, on):
    """Deepest preference of every pair, from the register's own frame."""
    found = {}
    for row in law.pairs(on).to_dicts():
        word = "none"
        for kind in PREFERENCE_KINDS:
            if row[kind] is not False:
                word = LEAVES[kind][row[kind]]
        found[row["exporter"], row["importer"]] = word
    return found


@given(st.sampled_from(PREFERENCE_KINDS), subsets, st.dates(date(1993, 1, 1), date(2026, 12, 31)))
def test_the_pairs_that_change_are_those_of_the_register(kind, parties, on):
    """Entered into force by acts and not by assumption, the same draft gives the same pairs."""
    record = draft(kind, parties, eif={"upon": "signature"}, complete={"date": on.isoformat(), **FACT})
    record["signed"] |= {"date": on.isoformat()}
    after = LAW.propose(SLUG, record)
    old, new = deepest(LAW, on), deepest(after, on)
    found = {
        (item.exporter, item.importer): (item.before, item.after)
        for item in effect(draft(kind, parties), parties, on=on).changes
    }
    assert found == {pair: (old[pair], new[pair]) for pair in old if old[pair] != new[pair]}
    assert set(found) <= set(permutations(parties, 2))


@pytest.mark.parametrize(
    ("slug", "on"),
    [
        ("eaeu-2014", DAY),
        ("fta-2011", date(2012, 12, 1)),
        ("cu-1995", date(1998, 1, 1)),
    ],
)
def test_a_shipped_instrument_taken_as_a_draft_gives_the_pairs_that_it_gave(slug, on):
    parties = LAW.parties(slug, on)
    bare = LAW.without(slug)
    law = taken_in_force(taken_as_signed(bare, slug, RECORDS[slug], parties, on), slug, on)
    assert law.parties(slug, on) == parties
    changed = {(item.exporter, item.importer): item.after for item in effect_of(slug, bare, parties, on)}
    held = deepest(LAW, on)
    assert changed
    assert all(held[pair] == kind for pair, kind in changed.items())


def effect_of(slug, law, parties, on):
    """Pairs that a shipped instrument changes, over another law."""
    return legal_effect(law, slug, RECORDS[slug], parties=parties, on=on).changes


def test_what_became_of_a_draft_is_not_counted_as_the_law_before_it():
    """Once signed and in force, the draft still shows what it changed, and what it ended lives on in the comparison."""
    record = draft(relations=[("terminates", "fta-2011")])
    first = effect(record)
    signed = record | {"signed": {"date": DAY.isoformat(), "place": "Astana", "by": ["KAZ", "KGZ"], **FACT}}
    law = LAW.propose(SLUG, signed | {"eif": {"upon": "signature"}})
    assert law.status("fta-2011", "KAZ", on="2023-08-01").code == "TERMINATED"
    assert effect(record, law=law) == first
    assert law_before(LAW, SLUG) is LAW


def test_the_register_stays_as_it_is():
    before = LAW.matrix(DAY)
    effect(draft(relations=[("supersedes_between_parties", "fta-2011")]))
    assert SLUG not in LAW.instruments
    assert LAW.instrument("fta-2011").replaced is None
    assert LAW.matrix(DAY).equals(before)


def test_statuses_and_what_is_missing():
    found = effect()
    assert {item.state: (item.signed, item.in_force) for item in found.standings} == dict.fromkeys(
        ("KAZ", "KGZ", "TJK", "UZB"), ("SIGNED", "IN_FORCE")
    )
    assert (found.forecast.missing, found.forecast.candidates) == (4, ("KAZ", "KGZ", "TJK", "UZB"))
    some = effect(draft(eif={"count": 3, "of": ["ratification"]}))
    assert some.forecast.missing == 3


def test_the_forecast_is_kept_by_the_acts_it_asks_for():
    """Whoever is asked does what is asked on one day: then the register has it in force when the clause says."""
    signed = taken_as_signed(LAW, SLUG, draft(), ["KAZ", "KGZ", "TJK", "UZB"], date(2027, 1, 15))
    asked = signed.forecast(SLUG, date(2027, 1, 15))
    law = signed.overlay(Act(state, "ratification", SLUG, date="2027-03-01") for state in asked.candidates)
    assert str(law.in_force_period(SLUG).start) == "2027-03-31"
    assert str(signed.in_force_period(SLUG).start) != "2027-03-31"


def test_a_shallower_draft_changes_nothing_where_a_deeper_law_holds():
    found = effect(draft("free_trade_area", ["KAZ", "RUS"]), ["KAZ", "RUS"])
    assert found.changes == ()
    assert found.to_frame().height == 0
    assert found.to_frame().columns == ["exporter", "importer", "before", "after"]


def test_what_it_replaces_is_gone_between_those_bound_by_both():
    """A free trade area that takes the place of the union leaves a free trade area, and only between its parties."""
    record = draft("free_trade_area", ["KAZ", "RUS"], [("supersedes_between_parties", "eaeu-2014")])
    found = {
        (item.exporter, item.importer): (item.before, item.after) for item in effect(record, ["KAZ", "RUS"]).changes
    }
    assert found == dict.fromkeys([("KAZ", "RUS"), ("RUS", "KAZ")], ("economic_union", "free_trade_area"))


def test_what_it_ends_is_ended():
    record = draft("none", ["ARM", "BLR", "KAZ", "KGZ", "RUS"], [("terminates", "eaeu-2014")])
    found = effect(record, ["ARM", "BLR", "KAZ", "KGZ", "RUS"])
    assert len(found.changes) == 20
    assert {item.before for item in found.changes} == {"economic_union"}
    assert "economic_union" not in {item.after for item in found.changes}


OVERLAPS = [
    ("customs_union", ["KAZ", "RUS"], (), "eaeu-2014", "external tariff of their own"),
    ("customs_union", ["KAZ", "RUS"], (), "fta-2011", "deeper preference is used, that of draft-2027"),
    ("free_trade_area", ["KAZ", "RUS"], (), "eaeu-2014", "deeper preference is used, that of eaeu-2014"),
    ("free_trade_area", ["KAZ", "TJK"], (), "fta-2011", "Art. 30(3)"),
    (
        "customs_union",
        ["ARM", "BLR", "KAZ", "KGZ", "RUS"],
        [("terminates", "eaeu-2014")],
        "eaeu-2014",
        "draft-2027 ends eaeu-2014",
    ),
    ("customs_union", ["KAZ", "RUS"], [("terminates", "eaeu-2014")], "eaeu-2014", "Armenia, Belarus and Kyrgyzstan"),
    (
        "free_trade_area",
        ["KAZ", "RUS"],
        [("supersedes_between_parties", "fta-2011")],
        "fta-2011",
        "takes the place of fta-2011",
    ),
    ("none", ["KAZ", "RUS"], [("amends", "fta-2011")], "fta-2011", "belongs with fta-2011"),
]


@pytest.mark.parametrize(("kind", "parties", "relations", "other", "says"), OVERLAPS)
def test_what_it_meets_and_which_prevails(kind, parties, relations, other, says):
    found = {item.instrument: item for item in effect(draft(kind, parties, relations), parties).overlaps}
    assert says in found[other].rule
    assert found[other].states == tuple(parties)
    assert found[other].relation == (relations[0][0] if relations else "")
    for language in ("kk", "ru"):
        assert translator(language).text(found[other].rule) != found[other].rule


def test_a_union_with_a_member_outside_the_draft_is_met():
    """One party of the draft alone is in the other union: it still cannot have two external tariffs."""
    found = {item.instrument: item for item in effect(parties=("KAZ", "UZB")).overlaps}
    assert found["eaeu-2014"].states == ("KAZ",)


@given(st.sampled_from(("none", *PREFERENCE_KINDS)), subsets, st.dates(date(1993, 1, 1), date(2026, 12, 31)))
def test_what_is_not_known_is_not_called_certain(kind, parties, on):
    for item in effect(draft(kind, parties), parties, on=on).overlaps:
        assert set(item.states) <= set(parties)
        for state in item.states:
            answers = {LAW.applies(item.instrument, state, other, on=on) for other in parties if other != state}
            if state in item.unsure:
                assert True not in answers
                assert None in answers
            elif True not in answers:
                assert "tariff of their own" in item.rule
                assert state in LAW.parties(item.instrument, on)
        assert ("not known" in item.rule) is bool(item.unsure)


def test_an_end_in_the_past_is_no_overlap():
    assert "payments-union-1994" in {item.instrument for item in effect(draft("none", domain=["payments"])).overlaps}
    assert "fta-1994" not in {item.instrument for item in effect(parties=("KAZ", "RUS"), on=date(2026, 1, 1)).overlaps}


@pytest.mark.parametrize(
    ("parties", "changes", "code", "says"),
    [
        (["KAZ"], {}, "CN301", "KAZ"),
        (["KAZ", "KAZ"], {}, "CN301", "two"),
        ([], {}, "CN301", "nobody"),
        (["KAZ", "UZX"], {}, "RG002", "UZX"),
        (["KAZ", "UZB"], {"eif": {"upon": "moonrise"}}, "RG028", "eif.upon"),
        (["KAZ", "UZB"], {"preference": "customs_union"}, "RG027", "preference"),
    ],
)
def test_what_cannot_be_is_refused(parties, changes, code, says):
    with pytest.raises(DostastyqError, match=says) as caught:
        effect(draft() | changes, parties)
    assert caught.value.code == code


def test_plain_data_and_a_frame():
    made = example()
    found = legal_effect(LAW, made.slug, made.record(), parties=("KAZ", "KGZ", "TJK", "UZB"), on="2026-01-20")
    plain = found.to_dict()
    assert plain["changes"][0] == {
        "exporter": "KAZ",
        "importer": "TJK",
        "before": "free_trade_area",
        "after": "customs_union",
    }
    assert found.to_frame().height == len(found.changes) == 10
    assert yaml.safe_dump(plain["changes"])
