"""Published power indices."""

import pytest

from dostastyq import voting
from dostastyq.voting import Majority, Rule, power

SMALL = ("ARM", "AZE", "GEO", "KGZ", "MDA", "TJK", "TKM")
MEK = {"RUS": 50, "UKR": 14, "BLR": 5, "KAZ": 5, "UZB": 5} | dict.fromkeys(SMALL, 3)


def test_interstate_economic_committee_of_1994():
    found = power(voting.weighted_majority("mek", MEK, "4/5", total=100))
    assert (found.winning, found.coalitions, found.veto) == (719, 4096, ("RUS",))
    assert [round(float(found.shapley_shubik[state]), 2) for state in ("RUS", "UKR")] == [0.43, 0.20]
    assert [round(float(found.banzhaf[state]), 2) for state in ("RUS", "UKR")] == [0.27, 0.24]


def test_security_council_of_the_united_nations():
    """Shapley and Shubik's value of the Council of 15: 421/2145 each permanent member, 4/2145 each elected one."""
    voters = tuple(f"P{n}" for n in range(5)) + tuple(f"E{n}" for n in range(10))
    rule = Rule(code="unsc", voters=voters, majorities=(Majority(quota="9/15"),), vetoes=voters[:5])
    found = power(rule)
    assert [str(found.shapley_shubik[voter]) for voter in ("P0", "E0")] == ["421/2145", "4/2145"]
    assert (found.winning, found.minimal_winning_count) == (848, 210)


@pytest.mark.parametrize(
    ("weights", "quota", "swings"),
    [
        # Council of the European Economic Community, 1958 to 1972: 12 of 17; Luxembourg decides nothing.
        ({"DEU": 4, "FRA": 4, "ITA": 4, "BEL": 2, "NLD": 2, "LUX": 1}, "12/17", [10, 10, 10, 6, 6, 0]),
        # Nassau County Board of Supervisors, 1964 (Banzhaf 1965): three of six members have no power at all.
        ({"H1": 31, "H2": 31, "OB": 28, "NH": 21, "LB": 2, "GC": 2}, "58/115", [16, 16, 16, 0, 0, 0]),
    ],
    ids=["eec-1958", "nassau-1964"],
)
def test_boards_of_the_literature(weights, quota, swings):
    found = power(voting.weighted_majority("board", weights, quota))
    assert list(found.swings.values()) == swings
