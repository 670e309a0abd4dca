"""How a body decides: rules as data with exact fractions, outcomes of a vote, and what a vote is worth.

Examples
--------
>>> from dostastyq import voting
>>> rule = voting.weighted_majority("board", {"A": 50, "B": 30, "C": 20}, "2/3")
>>> voting.outcome(rule, [voting.Ballot("A", "for"), voting.Ballot("C", "for")]).adopted
True
>>> voting.power(rule).veto
('A',)
"""

from dostastyq.voting.model import Ballot, Exact, Majority, Outcome, Rule, Vote, plain
from dostastyq.voting.outcome import outcome
from dostastyq.voting.power import Power, power
from dostastyq.voting.rules import (
    consensus,
    double_majority,
    qualified_majority,
    simple_majority,
    weighted_majority,
)

__all__ = [
    "Ballot",
    "Exact",
    "Majority",
    "Outcome",
    "Power",
    "Rule",
    "Vote",
    "consensus",
    "double_majority",
    "outcome",
    "plain",
    "power",
    "qualified_majority",
    "simple_majority",
    "weighted_majority",
]
