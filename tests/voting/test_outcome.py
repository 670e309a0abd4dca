"""Outcomes: what each kind of vote does under each kind of rule, and what is refused."""

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq import voting
from dostastyq.errors import DostastyqError
from dostastyq.voting import Ballot, Majority, Rule, Vote, outcome

NINE = tuple("ABCDEFGHI")
SMALL = ("ARM", "AZE", "GEO", "KGZ", "MDA", "TJK", "TKM")
MEK = {"RUS": 50, "UKR": 14, "BLR": 5, "KAZ": 5, "UZB": 5} | dict.fromkeys(SMALL, 3)


def cast(**votes):
    return [Ballot(voter, vote.rstrip("_")) for vote, voters in votes.items() for voter in voters]


@pytest.mark.parametrize(("voters", "adopted"), [(5, False), (6, True)])
def test_two_thirds_of_nine_is_six(voters, adopted):
    rule = voting.qualified_majority("nine", NINE, "2/3")
    assert outcome(rule, cast(for_=NINE[:voters])).adopted is adopted


@given(st.integers(1, 60), st.fractions(min_value=Fraction(1, 100), max_value=1))
def test_a_quota_is_reached_exactly(size, quota):
    rule = voting.qualified_majority("heads", map(str, range(size)), quota)
    needed = ceil(quota * size)
    assert outcome(rule, cast(for_=map(str, range(needed)))).adopted
    assert not outcome(rule, cast(for_=map(str, range(needed - 1)))).adopted


def test_the_reason_counts_votes():
    rule = voting.weighted_majority("mek", MEK, "4/5", total=100)
    (reason,) = outcome(rule, cast(for_=["RUS", "UKR", "BLR", "KAZ", "UZB", "ARM"])).reasons
    assert reason == "For: 82 of 100 votes counted; 4/5 of them is needed."
    (reason,) = outcome(voting.simple_majority("simple", "ABCD"), cast(for_="AB")).reasons
    assert reason == "For: 2 of 4 votes counted; more than 1/2 of them is needed."


def test_half_is_no_simple_majority():
    rule = voting.simple_majority("simple", "ABCD")
    assert not outcome(rule, cast(for_="AB")).adopted
    assert outcome(rule, cast(for_="ABC")).adopted


def test_a_weighted_majority_binds_everybody():
    rule = voting.weighted_majority("mek", MEK, "4/5", total=100)
    passed = outcome(rule, cast(for_=["RUS", "UKR", "BLR", "KAZ", "UZB", "ARM"], against=["GEO"]))
    assert (passed.adopted, passed.share) == (True, Fraction(82, 100))
    assert set(passed.bound) == set(MEK)
    assert not outcome(rule, cast(for_=set(MEK) - {"RUS"})).adopted
    assert not outcome(rule, cast(for_=set(MEK) - {"UKR", "BLR", "ARM"})).adopted


def test_non_interest_is_neither_counted_nor_bound_and_no_obstacle():
    rule = voting.consensus("charter", NINE, non_interest=True, bound=["for"])
    said = outcome(rule, cast(for_="ABCDEFG", non_interest="H"))
    assert said.adopted
    assert said.bound == tuple("ABCDEFG")
    assert said.share == Fraction(7, 8)  # I is absent and counted, H is not counted
    stopped = outcome(rule, cast(for_="ABCDEFG", non_interest="H", against="I"))
    assert (stopped.adopted, stopped.bound) == (False, ())
    assert "one vote against is enough" in stopped.reasons[0]


def test_nobody_for_is_no_consensus():
    rule = voting.consensus("charter", "AB", non_interest=True)
    said = outcome(rule, cast(non_interest="AB"))
    assert (said.adopted, said.share) == (False, None)
    assert outcome(rule, []).adopted is False


@pytest.mark.parametrize(
    ("vote", "denominator", "adopted"),
    [("abstain", 4, False), ("absent", 4, False), ("against", 4, False), ("non_interest", 3, True)],
)
def test_each_vote_is_its_own_value(vote, denominator, adopted):
    rule = Rule(code="own", voters=tuple("ABCD"), majorities=(Majority(quota="2/3"),), bound={"for", "absent"})
    said = outcome(rule, [*cast(for_="AB", against="C"), Ballot("D", vote)])
    assert said.share == Fraction(2, denominator)
    assert said.adopted is adopted
    if adopted:
        assert said.bound == ("A", "B")


def test_a_rule_may_leave_absence_out_of_the_denominator_and_let_it_block():
    majority = (Majority(quota="2/3"),)
    lenient = Rule(code="present", voters=tuple("ABC"), majorities=majority, counted={"for", "against", "abstain"})
    assert outcome(lenient, cast(for_="AB")).share == 1
    strict = Rule(code="all", voters=tuple("ABC"), blocking={"against", "absent"})
    assert "one absence is enough" in outcome(strict, cast(for_="AB")).reasons[0]


def test_a_veto_stops_what_the_majority_wants_and_absence_is_no_veto():
    rule = Rule(code="five", voters=tuple("ABCDE"), majorities=(Majority(quota="3/5"),), vetoes=("A",))
    assert not outcome(rule, cast(for_="BCDE", against="A")).adopted
    assert outcome(rule, cast(for_="BCDE", abstain="A")).adopted
    assert outcome(rule, cast(for_="BCDE")).adopted


def test_a_quorum_counts_heads_that_are_present():
    rule = Rule(
        code="quorum",
        voters=tuple("ABCD"),
        majorities=(Majority(quota="1/2", strict=True),),
        counted={"for", "against"},
        quorum="3/4",
    )
    assert not outcome(rule, cast(for_="AB")).adopted
    assert "quorum" in outcome(rule, cast(for_="AB")).reasons[0]
    assert outcome(rule, cast(for_="AB", abstain="C")).adopted


def test_both_majorities_of_a_double_one_are_needed():
    rule = voting.double_majority(
        "council",
        "ABCD",
        Majority(quota="1/2", strict=True),
        Majority(quota="3/5", weights={"A": 70, "B": 10, "C": 10, "D": 10}),
    )
    assert outcome(rule, cast(for_="ABC")).adopted
    assert not outcome(rule, cast(for_="AB")).adopted
    assert not outcome(rule, cast(for_="BCD")).adopted


def test_consensus_minus_does_not_ask_the_one_that_leaves():
    rule = voting.consensus("minus", ["ARM", "BLR", "KAZ"], leaving="ARM")
    assert outcome(rule, cast(for_=["BLR", "KAZ"])).bound == ("BLR", "KAZ")
    with pytest.raises(DostastyqError, match="no vote on its own leaving") as refusal:
        outcome(rule, cast(for_=["ARM", "BLR"]))
    assert refusal.value.code == "VT007"


BANK = voting.weighted_majority("bank", {"A": 50, "B": 20, "C": 30}, ["2/3", "3/4"])


def test_sources_that_disagree_leave_the_outcome_open_only_where_it_matters():
    between = outcome(BANK, cast(for_="AB"))
    assert (between.adopted, between.bound) == (None, ())
    assert [reading.adopted for reading in between.readings] == [True, False]
    assert "2/3 | 3/4" in between.reasons[0]
    assert outcome(BANK, cast(for_="AC")).adopted is True
    assert outcome(BANK, cast(for_="BC")).adopted is False


REFUSED = [
    ("VT001", lambda: outcome(BANK, cast(for_="AX"))),
    ("VT003", lambda: outcome(BANK, cast(for_="A", against="A"))),
    ("VT003", lambda: outcome(BANK, cast(for_="AA"))),
    ("VT004", lambda: outcome(BANK, cast(non_interest="A"))),
    ("VT004", lambda: Ballot("A", "perhaps")),
    ("VT005", lambda: Majority(quota="5/4")),
    ("VT005", lambda: Majority(quota=0)),
    ("VT005", lambda: Majority(quota=1, strict=True)),
    ("VT005", lambda: Majority(quota=())),
    ("VT005", lambda: Rule(code="q", voters=("A",), quorum=2)),
    ("VT006", lambda: voting.weighted_majority("w", {"A": 50, "B": 40}, "4/5", total=100)),
    ("VT006", lambda: voting.weighted_majority("w", {"A": -1, "B": 2}, "4/5")),
    ("VT006", lambda: voting.weighted_majority("w", {"A": 0}, "4/5")),
    ("VT006", lambda: Rule(code="w", voters=("A", "B"), majorities=(Majority(quota="1/2", weights={"A": 1}),))),
    ("VT006", lambda: Rule(code="w", voters=())),
    ("VT001", lambda: Rule(code="w", voters=("A",), majorities=(Majority(quota="1/2", weights={"A": 1, "B": 1}),))),
    ("VT001", lambda: Rule(code="w", voters=("A",), vetoes=("B",))),
    ("VT002", lambda: voting.simple_majority("s", "ABA")),
    ("VT002", lambda: Rule(code="s", voters=("A",), excluded=("A",))),
    ("VT010", lambda: Majority(quota=2 / 3)),
    ("VT010", lambda: voting.weighted_majority("w", {"A": 21.5}, "2/3")),
    ("VT010", lambda: Majority(quota="two thirds")),
]


@pytest.mark.parametrize(("code", "call"), REFUSED, ids=range(len(REFUSED)))
def test_bad_input_is_refused_with_a_remedy(code, call):
    with pytest.raises(DostastyqError) as refusal:
        call()
    assert refusal.value.code == code
    assert refusal.value.hint


def test_no_float_enters_a_comparison(monkeypatch):
    def refuse(_):
        raise AssertionError("a fraction became a float")

    monkeypatch.setattr(Fraction, "__float__", refuse, raising=False)
    rule = voting.weighted_majority("mek", MEK, "4/5", total=100)
    assert outcome(rule, cast(for_=MEK)).adopted
    assert voting.power(rule).winning == 719


def test_the_nouns_are_frozen():
    for noun, field in ((BANK, "code"), (Ballot("A", "for"), "vote"), (outcome(BANK, []), "adopted")):
        with pytest.raises(AttributeError):
            setattr(noun, field, None)
    with pytest.raises(TypeError):
        BANK.majorities[0].weights["A"] = 1
    assert Ballot("A", "for").vote is Vote.FOR
