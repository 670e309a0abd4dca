"""Power indices against their definitions, the axioms, and each other."""

import subprocess
import sys
import tracemalloc
from fractions import Fraction
from itertools import combinations, permutations
from math import factorial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dostastyq import voting
from dostastyq.errors import DostastyqError
from dostastyq.voting import Ballot, Majority, Rule, game, generating, outcome, power

NAMES = "ABCDEFGHIJ"
SMALL = ("ARM", "AZE", "GEO", "KGZ", "MDA", "TJK", "TKM")
MEK = {"RUS": 50, "UKR": 14, "BLR": 5, "KAZ": 5, "UZB": 5} | dict.fromkeys(SMALL, 3)
QUOTAS = st.fractions(min_value=Fraction(1, 20), max_value=1, max_denominator=20)


@st.composite
def majorities(draw, size):
    weights = draw(st.lists(st.fractions(0, 9, max_denominator=3), min_size=size, max_size=size).filter(any))
    return Majority(quota=draw(QUOTAS), weights=dict(zip(NAMES, weights, strict=False)))


@st.composite
def rules(draw, largest=6):
    size = draw(st.integers(1, largest))
    voters = tuple(NAMES[:size])
    count = draw(st.integers(0, 2))
    return Rule(
        code="drawn",
        voters=voters,
        majorities=tuple(draw(majorities(size)) for _ in range(count)),
        vetoes=tuple(draw(st.sets(st.sampled_from(voters), max_size=2))),
        blocking={"against"} if draw(st.integers(0, 5)) == 0 else (),
    )


def carries(rule, coalition):
    """By the vote itself: the coalition for, everybody else against."""
    votes = [Ballot(voter, "for" if voter in coalition else "against") for voter in rule.voters]
    return outcome(rule, votes).adopted


def subsets(voters):
    return [frozenset(some) for size in range(len(voters) + 1) for some in combinations(voters, size)]


def shapley_by_orders(voters, wins):
    """Share of the orders in which a voter's coming turns a losing coalition into a winning one."""
    pivots = dict.fromkeys(voters, 0)
    for order in permutations(voters):
        arrived = frozenset()
        for voter in order:
            arrived |= {voter}
            if wins(arrived):
                pivots[voter] += 1
                break
    return {voter: Fraction(number, factorial(len(voters))) for voter, number in pivots.items()}


@given(rules(5))
def test_indices_are_their_definitions(rule):
    winning = {coalition for coalition in subsets(rule.voters) if carries(rule, coalition)}
    swings = {voter: sum(voter in each and each - {voter} not in winning for each in winning) for voter in rule.voters}
    found = power(rule)
    assert found.winning == len(winning)
    assert found.swings == swings
    assert found.banzhaf == {voter: Fraction(swings[voter], sum(swings.values())) for voter in rule.voters}
    assert found.banzhaf_absolute["A"] == Fraction(swings["A"], 2 ** (len(rule.voters) - 1))
    assert found.shapley_shubik == shapley_by_orders(rule.voters, winning.__contains__)
    assert found.veto == tuple(v for v in rule.voters if frozenset(rule.voters) - {v} not in winning)
    minimal = {each for each in winning if not any(each - {voter} in winning for voter in each)}
    assert set(map(frozenset, found.minimal_winning)) == minimal
    assert found.minimal_winning_count == len(minimal)
    everybody = frozenset(rule.voters)
    blocking = {each for each in subsets(rule.voters) if everybody - each not in winning}
    least = {each for each in blocking if not any(each - {voter} in blocking for voter in each)}
    assert set(map(frozenset, found.minimal_blocking)) == least


@given(rules(10))
def test_axioms(rule):
    found = power(rule)
    for index in (found.shapley_shubik, found.banzhaf):
        assert sum(index.values()) == 1  # efficiency
    for voter in rule.voters:
        if found.swings[voter] == 0:  # null player
            assert found.shapley_shubik[voter] == found.banzhaf[voter] == 0
    tests = game.tests_of(rule)
    for (i, a), (j, b) in combinations(enumerate(rule.voters), 2):
        if all(test.weights[i] == test.weights[j] for test in tests):  # symmetry
            assert found.shapley_shubik[a] == found.shapley_shubik[b]
        if all(test.weights[i] >= test.weights[j] for test in tests):  # monotone in votes
            assert found.shapley_shubik[a] >= found.shapley_shubik[b]


@given(st.data(), st.integers(1, 5))
def test_the_shapley_value_is_additive(data, size):
    """Dubey's form for simple games: φ(v∧w) + φ(v∨w) = φ(v) + φ(w)."""
    voters = tuple(NAMES[:size])
    v, w = (Rule(code="drawn", voters=voters, majorities=(data.draw(majorities(size)),)) for _ in range(2))
    both = power(Rule(code="both", voters=voters, majorities=v.majorities + w.majorities)).shapley_shubik
    either = shapley_by_orders(voters, lambda coalition: carries(v, coalition) or carries(w, coalition))
    one, other = power(v).shapley_shubik, power(w).shapley_shubik
    for voter in voters:
        assert both[voter] + either[voter] == one[voter] + other[voter]


@given(rules(10))
def test_generating_functions_equal_enumeration(rule):
    tests = game.tests_of(rule)
    assert generating.count(tests) == game.count(game.wins(tests), len(rule.voters))


def test_enumeration_in_blocks_equals_generating_functions():
    weights = {str(voter): 1 + voter * 37 % 23 for voter in range(18)}
    rule = Rule(
        code="18",
        voters=tuple(weights),
        majorities=(Majority(quota="5/9", weights=weights), Majority(quota="1/2", strict=True)),
        vetoes=("3",),
    )
    tests = game.tests_of(rule)
    assert generating.count(tests) == game.count(game.wins(tests), 18)


@settings(max_examples=10)
@given(st.integers(26, 70), st.integers(1, 40))
def test_beyond_enumeration_the_axioms_hold(size, step):
    weights = {str(voter): 1 + voter * step % 11 for voter in range(size)} | {"null": 0}
    found = power(voting.weighted_majority("many", weights, "2/3"))
    assert sum(found.shapley_shubik.values()) == sum(found.banzhaf.values()) == 1
    assert found.shapley_shubik["null"] == 0
    assert found.shapley_shubik["0"] <= found.shapley_shubik[max(weights, key=weights.get)]
    assert found.minimal_winning is None
    assert found.to_frame().height == size + 1


def test_one_vote_each_has_a_closed_form():
    found = power(voting.qualified_majority("hundred", map(str, range(100)), "2/3"))
    assert set(found.shapley_shubik.values()) == {Fraction(1, 100)}
    assert found.swings["0"] == factorial(99) // (factorial(66) * factorial(33))


def test_unanimity_has_one_winning_coalition():
    found = power(voting.consensus("charter", NAMES, non_interest=True))
    assert (found.winning, found.veto) == (1, tuple(NAMES))
    assert found.minimal_blocking == tuple((voter,) for voter in NAMES)


def test_a_rule_with_two_readings_is_asked_each():
    rule = voting.weighted_majority("bank", {"A": 50, "B": 20, "C": 30}, ["2/3", "3/4"])
    with pytest.raises(DostastyqError, match="disagree on the quota, 2/3 or 3/4") as refusal:
        power(rule)
    assert refusal.value.code == "VT008"
    assert [power(reading).winning for reading in rule.readings()] == [3, 2]


@pytest.mark.parametrize(
    "weights",
    [{str(n): 10**9 + n for n in range(30)}, {str(n): 2**62 + n for n in range(5)}],
    ids=["generating", "enumeration"],
)
def test_weights_too_fine_are_refused(weights):
    with pytest.raises(DostastyqError) as refusal:
        power(voting.weighted_majority("fine", weights, "2/3"))
    assert refusal.value.code == "VT009"
    assert "unit" in refusal.value.hint


def test_twenty_two_voters_stay_within_the_memory():
    weights = {str(voter): 1 + voter for voter in range(22)}
    tracemalloc.start()
    found = power(voting.weighted_majority("22", weights, "2/3"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.minimal_winning is None
    assert found.minimal_winning_count > 10_000
    assert peak < 64 * 2**20  # sums of all coalitions at once would be 32 MiB a test, and lists far more


def test_rules_and_outcomes_need_no_numpy():
    code = "import sys, dostastyq.register; assert 'dostastyq.voting' in sys.modules; assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_as_frame_and_as_plain_data():
    found = power(voting.weighted_majority("mek", MEK, "4/5", total=100))
    frame = found.to_frame()
    assert frame["voter"].to_list() == list(MEK)
    assert abs(frame["banzhaf"].sum() - 1) < 1e-12
    data = found.to_dict()
    assert data["veto"] == ["RUS"]
    assert Fraction(data["exact"]["shapley_shubik"]["RUS"]) == found.shapley_shubik["RUS"]
