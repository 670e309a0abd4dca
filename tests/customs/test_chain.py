"""The whole chain: consignment, ruling, share, clearing, books, statement; and the tutorial that tells it."""

import doctest
from datetime import date
from fractions import Fraction
from pathlib import Path

from dostastyq import payments
from dostastyq.actor import Actor
from dostastyq.customs import Consignment, Document, decide
from dostastyq.customs.sharing import Distribution, distribute
from dostastyq.payments import ClearingHouse, Limit
from dostastyq.store import engine, open_journal, upgrade

PROOF = (Document("st-1"),)


def duties_of_a_day() -> Distribution:
    """Rule on four consignments and hand on what they owe."""
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
    return distribute(collected, "2026-06-30", "USD")


def test_from_consignments_to_settled_debts() -> None:
    day = duties_of_a_day()
    cleared = payments.settle(day.obligations(), dict.fromkeys(day.share.parts, 400_000))
    assert cleared.net == day.net
    assert sum(cleared.net.values()) == 0
    assert day.net["RUS"] == 380_000 * 85_065 // 100_000 - 340_000
    tight = payments.settle(day.obligations(), dict.fromkeys(day.share.parts, 0))
    assert tight.settled_total < sum(one.amount for one in day.obligations())
    assert tight.left


def test_from_consignments_to_statements(tmp_path: Path) -> None:
    day, due = duties_of_a_day(), date(2026, 7, 1)
    maker, checker = Actor("A. Maker", "KAZ"), Actor("B. Checker")
    database = engine(str(tmp_path / "books.sqlite"))
    upgrade(database)
    database.dispose()
    with open_journal(str(tmp_path / "books.sqlite")) as journal:
        house = ClearingHouse(journal)
        caps = [Limit(state, "USD", 400_000, "Protocol 1", date(2026, 1, 1)) for state in day.share.parts]
        house.set_limits(caps, by=maker)
        house.open("duties", "USD", due, by=maker, cut_off=None)
        house.submit("duties", day.obligations(due), by=maker)
        house.freeze("duties", by=maker)
        house.propose("duties", by=maker)
        house.approve("duties", by=checker)
        house.settle("duties", by=checker)
        assert house.finish("duties", by=checker).state == "final"
        for state, net in day.net.items():
            account = payments.statement(journal, state, "USD", due, due)
            assert (account.opening, account.closing) == (0, net)
            assert account.opening + sum(line.amount for line in account.lines) == account.closing
        assert payments.verify_books(journal).ok


def test_the_tutorial_is_true() -> None:
    page = Path(__file__).parents[2] / "docs" / "tutorials" / "from-treaty-to-transfer.md"
    failed, tried = doctest.testfile(str(page), module_relative=False)
    assert (failed, tried > 8) == (0, True)
