"""From treaty to duty: what a consignment owes on a day, with a proof for every step.

Examples
--------
>>> from fractions import Fraction
>>> sugar = Consignment("1701991001", "UKR", "KAZ", 500_000, "USD", (("t", Fraction(10)),), (Document("st-1"),))
>>> ruling = decide(sugar, on="2013-06-01")
>>> ruling.regime, ruling.rate, ruling.duty
('free_trade', '340 USD за 1 т', 340000)
"""

from dostastyq.customs.decide import decide
from dostastyq.customs.grammar import parse_rate, render_rate
from dostastyq.customs.lawbook import Lawbook, lawbook
from dostastyq.customs.measures import Measure
from dostastyq.customs.model import Consignment, Document, Material, Production, Ruling
from dostastyq.customs.origin.rulebook import OriginRule, Rulebook
from dostastyq.customs.rates import Rate

__all__ = [
    "Consignment", "Document", "Lawbook", "Material", "Measure", "OriginRule", "Production", "Rate", "Rulebook",
    "Ruling", "decide", "lawbook", "parse_rate", "render_rate",
]  # fmt: skip
