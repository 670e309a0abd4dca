"""The vote on a scenario: by each state's own gain, under the rule of the body that decides."""

from dataclasses import replace

import pytest

from dostastyq.assess.model import Contrast, StateResult
from dostastyq.assess.scenario import scenario
from dostastyq.assess.voting_check import voting_check
from dostastyq.dates import calendar_day

DAY = calendar_day("2023-07-01")
EAEU = ("ARM", "BLR", "KAZ", "KGZ", "RUS")


def contrast(**effects):
    """Welfare of states as (low, central, high)."""
    results = tuple(
        StateResult(state, centre, low, high, 0.0, 0.0, 0.0, 0.0, True)
        for state, (low, centre, high) in effects.items()
    )
    return Contrast("before", "after", "register", "", results, True, 0.5, "")


GAIN, LOSS, OPEN, MINUS = (0.1, 0.2, 0.3), (-0.3, -0.2, -0.1), (-0.1, 0.1, 0.3), (-0.3, -0.1, 0.1)


@pytest.fixture(scope="session")
def vote(law):
    def run(agreement, effects, **options):
        return voting_check(law, scenario(agreement, law, DAY, **options), [contrast(**effects)])

    return run


def test_all_gain_so_it_is_adopted_and_binds_all(vote):
    check = vote("eaeu-2014", dict.fromkeys(EAEU, GAIN))
    assert (check.body, check.rule, check.kind, check.on) == (
        "eaeu-supreme",
        "eaeu_consensus",
        "consensus",
        "2023-07-01",
    )
    (reading,) = check.contrasts[0].readings
    assert (reading.undecided, reading.adopted, reading.bound) == ("", True, EAEU)


def test_one_loser_stops_a_consensus(vote):
    check = vote("eaeu-2014", dict.fromkeys(EAEU, GAIN) | {"KAZ": LOSS})
    (reading,) = check.contrasts[0].readings
    assert (reading.adopted, reading.bound) == (False, ())
    assert "Kazakhstan" in reading.reasons[0]


def test_an_interval_that_covers_zero_leaves_both_ends(vote):
    check = vote("eaeu-2014", dict.fromkeys(EAEU, GAIN) | {"KAZ": OPEN})
    assert dict(check.contrasts[0].votes)["KAZ"] == "undecided"
    found = {reading.undecided: reading.adopted for reading in check.contrasts[0].readings}
    assert found == {"for": True, "against": False, "central": True}
    check = vote("eaeu-2014", dict.fromkeys(EAEU, GAIN) | {"KAZ": MINUS})
    assert check.contrasts[0].readings[-1].adopted is False


def test_non_interest_is_a_third_possibility_where_the_rule_knows_it(vote):
    effects = {"KAZ": GAIN, "RUS": GAIN, "UZB": OPEN}
    check = vote("fta-2011", effects)
    assert (check.body, check.rule) == ("chg", "consensus_non_interest")
    found = {reading.undecided: reading for reading in check.contrasts[0].readings}
    assert list(found) == ["for", "against", "non_interest"]  # no central estimate of states without a figure
    assert found["non_interest"].adopted
    assert found["non_interest"].bound == ("KAZ", "RUS")
    assert "ARM" in found["for"].bound  # without a figure it is undecided
    assert "No figure, so undecided: Armenia" in check.note


def test_by_the_central_estimate_a_state_untouched_abstains(vote):
    check = vote("eaeu-2014", dict.fromkeys(EAEU, GAIN) | {"KGZ": (0.0, 0.0, 0.0)})
    found = {reading.undecided: reading for reading in check.contrasts[0].readings}
    assert (found["against"].adopted, found["central"].adopted) == (False, True)
    assert "No figure" not in check.note


def test_the_leaving_state_is_not_asked(vote):
    check = vote("eaeu-2014", dict.fromkeys(EAEU, GAIN) | {"KGZ": LOSS}, leave=("KGZ",))
    assert check.rule == "eaeu_consensus_minus"
    assert "KGZ" not in dict(check.contrasts[0].votes)
    assert check.contrasts[0].readings[0].bound == ("ARM", "BLR", "KAZ", "RUS")
    both = vote("eaeu-2014", dict.fromkeys(EAEU, GAIN), leave=("KGZ", "ARM"))
    assert [state for state, _ in both.contrasts[0].votes] == ["BLR", "KAZ", "RUS"]
    assert "ends the membership" in both.note
    everybody = vote("eaeu-2014", dict.fromkeys(EAEU, LOSS), leave=EAEU)
    assert (everybody.known, "nobody has a vote" in everybody.note) == (False, True)


def test_the_joining_state_has_no_vote_yet(vote):
    check = vote("eaeu-2014", dict.fromkeys(EAEU, GAIN), join=("UZB",))
    assert [state for state, _ in check.contrasts[0].votes] == list(EAEU)
    assert "Uzbekistan" in check.note


@pytest.mark.parametrize(
    ("agreement", "options", "why"),
    [
        ("bfta-kaz-uzb-1997", {}, "no body"),
        ("fta-2011", {"leave": ("UZB",)}, "own notice"),
    ],
)
def test_what_the_register_does_not_know_is_said(vote, agreement, options, why):
    check = vote(agreement, {"KAZ": GAIN}, **options)
    assert not check.known
    assert why in check.note
    assert check.to_dict()["contrasts"] == []


def test_an_unknown_membership_is_said_and_not_guessed(law):
    bare = replace(law, memberships=())
    check = voting_check(bare, scenario("fta-2011", law, DAY), [contrast(KAZ=GAIN)])
    assert not check.known
    assert "does not know who votes" in check.note


def test_an_assessment_has_its_vote(judge):
    found = judge("eaeu-2014", free=0.2, union=0.1)
    data = found.to_dict()["voting"]
    assert (data["known"], data["body"], data["rule"]) == (True, "eaeu-supreme", "eaeu_consensus")
    assert [each["otherwise"] for each in data["contrasts"]] == ["register", "none"]
    readings = data["contrasts"][1]["readings"]
    assert {reading["undecided"] for reading in readings} == {"for", "against", "central"}
    assert readings[0]["bound"] == list(EAEU)
