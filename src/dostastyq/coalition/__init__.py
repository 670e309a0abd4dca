"""Which unions hold: every coalition of some states solved, and tests of stability and fairness over the table.

Examples
--------
>>> from dostastyq.coalition import shapley
>>> shapley([0, 0, 0, 10]).tolist()  # two states that make ten together and nothing apart
[5.0, 5.0]
"""

from dostastyq.coalition.atlas import atlas
from dostastyq.coalition.concepts import CONCEPTS, Concept
from dostastyq.coalition.effects import KINDS, Effects, Reference, assumed, check_kind, tariffs_alone
from dostastyq.coalition.games import Core, core, excess, in_core, shapley
from dostastyq.coalition.model import Atlas, Sharing
from dostastyq.coalition.nucleolus import nucleolus
from dostastyq.coalition.structures import STRUCTURE_CONCEPTS, Structures, structures
from dostastyq.coalition.transfers import Transfers
from dostastyq.coalition.worlds import check_members

__all__ = [
    "CONCEPTS",
    "KINDS",
    "STRUCTURE_CONCEPTS",
    "Atlas",
    "Concept",
    "Core",
    "Effects",
    "Reference",
    "Sharing",
    "Structures",
    "Transfers",
    "assumed",
    "atlas",
    "check_kind",
    "check_members",
    "core",
    "excess",
    "in_core",
    "nucleolus",
    "shapley",
    "structures",
    "tariffs_alone",
]
