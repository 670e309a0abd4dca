"""Rules, bodies and instruments of the register as rules that can be voted by, on their own days."""

from dataclasses import replace
from fractions import Fraction

import pytest

from dostastyq import register, voting
from dostastyq.errors import DostastyqError
from dostastyq.register import adopting_body, procedure
from dostastyq.register.loader import read_folder

EAEU = ("ARM", "BLR", "KAZ", "KGZ", "RUS")
OTHERS = {"ARM": 2, "BLR": 8, "KAZ": 8, "KGZ": 2, "MDA": 2, "TJK": 2, "TKM": 4, "UKR": 18, "UZB": 4}


@pytest.mark.parametrize(
    ("name", "rule", "body", "day", "voters"),
    [
        ("mek_qualified", "mek_qualified", "mek", "1994-10-21", 12),
        ("mek", "mek_qualified", "mek", "1994-10-21", 12),
        ("mek-1994", "mek_qualified", "mek", "1994-10-21", 12),
        ("mek-presidium", "mek_qualified", "mek-presidium", "1994-10-21", 12),
        ("mek_simple", "mek_simple", "mek", "1994-10-21", 12),
        ("mek_consensus", "mek_consensus", "mek", "1994-10-21", 12),
        ("eurasec_ic", "eurasec_ic", "eurasec-integration-committee", "2006-01-25", 6),
        ("eurasec-2000", "eurasec_ic", "eurasec-integration-committee", "2006-01-25", 6),
        ("cu-commission-2007", "cu_commission", "cu-commission", "2008-10-10", 3),
        ("chs", "consensus_non_interest", "chs", "2026-03-20", 11),
        ("fta-2011", "consensus_non_interest", "chg", "2026-03-20", 11),
        ("eaeu-2014", "eaeu_consensus", "eaeu-supreme", "2026-03-20", 5),
        ("collective-security-council", "consensus_plain", "collective-security-council", "2012-12-19", 6),
    ],
)
def test_a_name_finds_the_rule_at_its_own_period(reg, name, rule, body, day, voters):  # noqa: PLR0917 -- the case
    found = procedure(reg, name)
    assert (found.rule.code, found.body, str(found.on), len(found.rule.voters)) == (rule, body, day, voters)
    assert found.sources


def test_the_day_chooses_the_votes_and_the_members(reg):
    assert len(procedure(reg, "eurasec_ic", "2002-01-01").rule.voters) == 5
    assert "GEO" in procedure(reg, "chs", "1995-07-01").rule.voters
    assert procedure(reg, "eaeu-supreme", "2015-01-01").rule.voters == ("BLR", "KAZ", "RUS")
    assert "low" in str(procedure(reg, "eurasec_ic", "2008-06-01").notes[-1])  # some day of 2008 ends it


def test_votes_given_fill_what_the_register_does_not_have(reg):
    found = procedure(reg, "interstate-bank", weights={state: Fraction(votes) for state, votes in OTHERS.items()})
    assert [str(quota) for quota in found.rule.majorities[0].quota] == ["2/3", "3/4"]
    assert any("disagree on the quota" in note for note in found.notes)
    assert voting.outcome(found.rule, [voting.Ballot(s, "for") for s in ("RUS", "UKR", "ARM")]).adopted is None
    board = procedure(reg, "eec_board", weights=dict.fromkeys(("BLR", "KAZ", "RUS"), Fraction(3)))
    assert voting.outcome(board.rule, [voting.Ballot(s, "for") for s in ("BLR", "KAZ")]).adopted


def test_consensus_minus_leaves_out_who_leaves(reg):
    found = procedure(reg, "eaeu_consensus_minus", "2023-07-01", leaving="KGZ")
    assert found.rule.voters == tuple(state for state in EAEU if state != "KGZ")
    assert found.rule.excluded == ("KGZ",)


def test_non_interest_binds_only_who_is_for(reg):
    found = procedure(reg, "consensus_non_interest")
    said = voting.outcome(found.rule, [voting.Ballot("KAZ", "for"), voting.Ballot("TKM", "non_interest")])
    assert (said.adopted, said.bound) == (True, ("KAZ",))
    assert any("open question" in note.casefold() for note in found.notes)


REFUSED = [
    ("RG060", "mekk", {}, "mek"),
    ("RG061", "mek", {"on": "1998-01-01"}, "1994-10-21"),
    ("RG061", "eurasec_ic", {"on": "2012-06-01"}, "2006-01-25"),
    ("RG061", "eaeu-supreme", {"on": "2002-01-01"}, "day"),
    ("RG062", "economic-court", {}, "chs"),
    ("RG062", "bfta-arm-rus-1992", {}, "mek_qualified"),
    ("RG063", "interstate_bank", {}, "--weights"),
    ("RG063", "eec", {}, "--weights"),
    ("RG063", "eaeu-supreme", {"on": "2012-01-01"}, "--weights"),
    ("RG066", "chs", {"weights": {"KAZ": Fraction(1)}}, "leave out"),
    ("RG066", "mek_simple", {"weights": {"KAZ": Fraction(1)}}, "leave out"),
    ("RG064", "eaeu_consensus_minus", {}, "--leaving"),
    ("RG064", "eaeu_consensus_minus", {"leaving": "UKR"}, "KGZ"),
    ("RG064", "eaeu_consensus", {"leaving": "KGZ"}, "leave out"),
    ("RG065", "consensus_plain", {}, "body"),
    ("RG002", "mek", {"weights": {"XXX": Fraction(1)}}, "UKR"),
    ("VT006", "mek", {"weights": {"UKR": Fraction(15)}}, "UKR 15"),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_what_is_not_known_is_refused_with_a_remedy(reg, case):
    code, name, options, remedy = case
    with pytest.raises(DostastyqError) as refusal:
        procedure(reg, name, **options)
    assert refusal.value.code == code
    assert remedy in refusal.value.hint


def test_votes_of_a_state_without_a_seat_are_refused(reg):
    held = reg.institutions
    seats = replace(held.organs["interstate-bank"].seats, who="eaeu-2014")
    bank = replace(held.organs["interstate-bank"], seats=seats)
    moved = replace(reg, institutions=replace(held, organs={**held.organs, "interstate-bank": bank}))
    with pytest.raises(DostastyqError, match="UKR has no seat in interstate-bank") as refusal:
        procedure(moved, "interstate-bank", "2023-07-01", weights={"UKR": Fraction(50)})
    assert refusal.value.code == "RG063"
    assert "ARM, BLR" in refusal.value.hint


def test_expired_votes_are_refused_with_their_period(reg):
    with pytest.raises(DostastyqError, match="from 1994-10-21 until 1998-01-01"):
        procedure(reg, "mek", "2000-01-01")
    assert procedure(reg, "mek", "1997-12-31").rule.code == "mek_qualified"


def test_who_adopts(reg):
    slugs = ("fta-2011", "fta-1994", "eaeu-2014", "bfta-arm-rus-1992")
    assert [adopting_body(reg, slug) for slug in slugs] == ["chg", "chs", "eaeu-supreme", ""]


def test_every_rule_of_the_register_can_be_voted_by_or_says_why_not(reg):
    refused = {}
    for code in reg.institutions.rules:
        try:
            assert procedure(reg, code).rule.code == code
        except DostastyqError as refusal:
            refused[code] = refusal.code
    assert refused == {
        "interstate_bank": "RG063",
        "consensus_plain": "RG065",
        "eaeu_consensus_minus": "RG064",
        "eec_board": "RG063",
    }


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("organs.yaml", "members: {who: commonwealth, note", "members: {who: everybody, note"),
        ("rules.yaml", "kind: consensus, organ: mek", "kind: consensus, organ: mec"),
        ("instruments/trade.yaml", "session: {organ: chg", "session: {organ: cgh"),
    ],
)
def test_names_in_the_data_must_be_known(shipped_copy, file, old, new):
    path = shipped_copy / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DostastyqError, match=file) as refusal:
        read_folder(shipped_copy, "copy")
    assert refusal.value.code == "RG026"


def test_the_verbs_are_public():
    assert {"procedure", "adopting_body", "Procedure"} <= set(register.__all__)
