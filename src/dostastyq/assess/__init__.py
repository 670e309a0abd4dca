"""The main job: a scenario over the register becomes a shock, an equilibrium, and an assessment of every state.

>>> from dostastyq.assess import assess
>>> a = assess("eaeu-2014")  # doctest: +SKIP
>>> a.to_frame()  # doctest: +SKIP
"""

from dostastyq.assess.assessment import assess
from dostastyq.assess.estimates import Estimates
from dostastyq.assess.membership import Membership
from dostastyq.assess.model import Assessment, Contrast, ImputedCell, Parameter, SensitivityRow, StateResult
from dostastyq.assess.scenario import Scenario, Worlds, scenario
from dostastyq.assess.unions import Unions, unions
from dostastyq.assess.voting_check import ContrastVote, VotingCheck, VotingReading

__all__ = [
    "Assessment",
    "Contrast",
    "ContrastVote",
    "Estimates",
    "ImputedCell",
    "Membership",
    "Parameter",
    "Scenario",
    "SensitivityRow",
    "StateResult",
    "Unions",
    "VotingCheck",
    "VotingReading",
    "Worlds",
    "assess",
    "scenario",
    "unions",
]
