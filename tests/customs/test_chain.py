"""The whole chain: consignment, ruling, share, clearing; and the tutorial that tells it."""

import doctest
from fractions import Fraction
from pathlib import Path

from dostastyq import payments
from dostastyq.customs import Consignment, Document, decide
from dostastyq.customs.sharing import distribute

PROOF = (Document("st-1"),)


def test_from_consignments_to_settled_debts() -> None:
    declared = [
        Consignment("1701991001", "MDA", "RUS", 500_000, "USD", (("t", Fraction(10)),), PROOF),
        Consignment("1001990000", "DEU", "KAZ", 800_000, "USD", (("t", Fraction(40)),), ()),
        Consignment("1001990000", "RUS", "KAZ", 800_000, "USD", (("t", Fraction(40)),)),
        Consignment("8479100000", "CHN", "BLR", 900_000, "USD", (("piece", Fraction(1)),), ()),
    ]
    rulings = [decide(goods, "2026-06-30") for goods in declared]
    assert [ruling.duty for ruling in rulings] == [340_000, 40_000, 0, 0]
    collected: dict[str, int] = {}
    for ruling in rulings:
        assert ruling.duty is not None
        state = ruling.consignment.importer
        collected[state] = collected.get(state, 0) + ruling.duty
    day = distribute(collected, "2026-06-30", "USD")
    caps = dict.fromkeys(day.share.parts, 400_000)
    cleared = payments.settle(day.obligations(), caps)
    assert cleared.net == day.net
    assert sum(cleared.net.values()) == 0
    assert day.net["RUS"] == 380_000 * 85_065 // 100_000 - 340_000
    tight = payments.settle(day.obligations(), dict.fromkeys(day.share.parts, 0))
    assert tight.settled_total < sum(one.amount for one in day.obligations())
    assert tight.left


def test_the_tutorial_is_true() -> None:
    page = Path(__file__).parents[2] / "docs" / "tutorials" / "from-treaty-to-transfer.md"
    failed, tried = doctest.testfile(str(page), module_relative=False)
    assert (failed, tried > 8) == (0, True)
