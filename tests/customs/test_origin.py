"""Rules of origin over bills of materials and papers: yes, no, not known, each with its place in the rules."""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.customs import Consignment, Document, Material, Production, Rulebook, lawbook
from dostastyq.customs.origin.check import both_sides, verify
from dostastyq.customs.origin.entry import goods_from, read_goods
from dostastyq.dates import Truth
from dostastyq.errors import DostastyqError

ON = date(2013, 6, 1)
PARTIES = ("BLR", "KAZ", "MDA", "RUS", "UKR")


def rules(name: str) -> Rulebook:
    return next(book for book in lawbook("cis").rulebooks if book.id == name)


def goods(hs: str = "8418102001", *, origin: str = "UKR", documents: tuple[Document, ...] | None = None,
          production: Production | None = None, **more: object) -> Consignment:  # fmt: skip
    papers = (Document("st-1"),) if documents is None else documents
    return Consignment(
        hs,
        origin,
        "RUS",
        500_000,
        "USD",
        documents=papers,
        production=production,
        **more,  # type: ignore[arg-type]
    )


def made_of(*materials: Material, price: int | None = 100_000, **more: object) -> Production:
    return Production(materials=materials, ex_works_price=price, **more)  # type: ignore[arg-type]


FOREIGN = Material("8414308906", "CHN", 40_000)
SAME_HEADING = Material("8418910000", "CHN", 40_000)
LITTLE = Material("8418910000", "CHN", 5_000)
OWN = Material("8418910000", "UKR", 40_000)


@pytest.mark.parametrize(
    ("production", "holds"),
    [
        (Production(wholly_obtained=True), True),
        (Production(wholly_obtained=False), None),
        (made_of(), True),
        (made_of(FOREIGN), True),
        (made_of(SAME_HEADING), False),
        (made_of(LITTLE), True),
        (made_of(LITTLE, price=99_999), False),
        (made_of(LITTLE, price=None), False),
        (made_of(OWN), True),
        (made_of(Material("8418910000", "", 40_000)), False),
        (made_of(Material("8418910000", "KAZ", 40_000, "st-1")), True),
        (made_of(Material("8418910000", "KAZ", 40_000)), None),
        (made_of(FOREIGN, operations=("washing", "sorting")), False),
        (made_of(FOREIGN, operations=("washing", "assembly")), True),
    ],
)
def test_criteria_of_2009(production: Production, holds: Truth) -> None:
    found = verify(rules("rules-2009"), goods(production=production), ON, PARTIES)
    assert found.because[0].holds is holds


def test_the_share_of_1993() -> None:
    half = made_of(Material("8418910000", "CHN", 50_000))
    more = made_of(Material("8418910000", "CHN", 50_001))
    assert verify(rules("rules-1993"), goods(production=half), date(1996, 1, 1), PARTIES).because[0].holds is True
    assert verify(rules("rules-1993"), goods(production=more), date(1996, 1, 1), PARTIES).because[0].holds is False


def test_the_annex_overrides_and_a_reservation_overrides_the_annex() -> None:
    book = rules("rules-2009")
    carpet = goods("5704100000", production=made_of(FOREIGN))
    assert verify(book, carpet, ON, PARTIES).because[0].holds is None
    attested = made_of(FOREIGN, attested=("condition of Annex 1, not read in full",))
    assert verify(book, goods("5704100000", production=attested), ON, PARTIES).because[0].holds is True
    assert {rule.state for rule in book.rules_for("1701991001", "KGZ")} == {"", "KGZ"}
    assert {rule.state for rule in book.rules_for("1701991001", "RUS")} == {""}


@pytest.mark.parametrize(
    ("documents", "more", "holds"),
    [
        ((Document("st-1"),), {}, True),
        ((), {}, False),
        ((Document("contract"),), {}, False),
        ((Document("st-1", (("origin", "POL"),)),), {}, False),
        ((Document("st-1", (("original", "no"),)),), {}, False),
        ((Document("st-1", (), date(2012, 6, 1)),), {}, True),
        ((Document("st-1", (), date(2012, 5, 31)),), {}, False),
        ((Document("st-1", (), date(2013, 6, 2)),), {}, False),
        ((Document("declaration"),), {}, True),
        ((Document("st-1", (("9", "Д8418"),)),), {}, True),
        ((Document("st-1", (("9", "Д1701"),)),), {}, False),
        ((Document("st-1", (("9", "П"),)),), {}, True),
        ((Document("st-1", (("9", "Z"),)),), {}, False),
        ((Document("st-1"),), {"route": ("POL",)}, None),
        ((Document("st-1"), Document("transport")), {"route": ("POL",)}, True),
        ((Document("st-1"),), {"dispatched_from": "POL"}, False),
        ((Document("st-1"),), {"dispatched_from": "UKR", "route": ("UKR", "RUS")}, True),
    ],
)
def test_papers_and_route(documents: tuple[Document, ...], more: dict[str, object], holds: Truth) -> None:
    found = verify(rules("rules-2009"), goods(documents=documents, **more), ON, PARTIES)  # type: ignore[arg-type]
    assert found.holds is holds
    assert all(leaf.citation for leaf in found.leaves())


def test_nothing_said_is_not_nothing() -> None:
    silent = Consignment("8418102001", "UKR", "RUS", 500_000, "USD")
    assert verify(rules("rules-2009"), silent, ON, PARTIES).holds is None


def test_a_declaration_proves_small_consignments() -> None:
    papers = (Document("declaration"),)
    large = Consignment("8418102001", "UKR", "RUS", 500_001, "USD", documents=papers)
    other = Consignment("8418102001", "UKR", "RUS", 100, "EUR", documents=papers)
    assert verify(rules("rules-2009"), large, ON, PARTIES).holds is False
    assert verify(rules("rules-2009"), other, ON, PARTIES).holds is None


def test_each_state_has_its_own_edition() -> None:
    book = lawbook("cis")
    register = book.register
    held = {name: rules(name).holds_for(register, "RUS", date(2011, 7, 22)) for name in ("rules-2000", "rules-2009")}
    assert held == {"rules-2000": True, "rules-2009": False}
    assert rules("rules-2009").holds_for(register, "RUS", date(2011, 7, 23)) is True
    assert rules("rules-2009").holds_for(register, "BLR", date(2012, 3, 7)) is False
    assert rules("rules-2009").holds_for(register, "KAZ", date(2012, 3, 8)) is None


def test_two_editions_may_disagree() -> None:
    """Bottling never sufficed under the rules of 2000 and 2009; peeling not under those of 2009 only."""
    peeled = made_of(Material("0810100000", "CHN", 10_000), operations=("peeling",))
    one = Consignment("2008000000", "BLR", "RUS", 500_000, "USD", documents=(Document("st-1"),), production=peeled)
    steps, holds = both_sides(lawbook("cis").rulebooks, lawbook("cis").register, one, date(2011, 9, 1), PARTIES)
    assert holds == "conflict"
    assert len(steps) == 2


@given(st.integers(0, 200_000), st.integers(1, 200_000))
def test_more_foreign_material_never_helps(value: int, price: int) -> None:
    def holds(worth: int) -> Truth:
        made = made_of(Material("8418910000", "CHN", worth), price=price)
        return verify(rules("rules-2009"), goods(production=made), ON, PARTIES).because[0].holds

    assert not (holds(value) is False and holds(value + 1) is True)


def test_goods_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "goods.json"
    plain = {
        "hs": "8418 10 200 1", "origin": "ukr", "to": "RUS", "value": "5000", "currency": "USD",
        "quantities": {"piece": "10"}, "documents": [{"kind": "st-1", "issued": "2013-01-01", "boxes": {"9": "П"}}],
        "production": {"materials": [{"hs": "8414", "value": "12.50"}], "ex_works_price": "450"}, "via": ["pol"],
    }  # fmt: skip
    file.write_text(json.dumps(plain), encoding="utf-8")
    found = read_goods(file)
    assert (found.hs, found.origin, found.route) == ("8418102001", "UKR", ("POL",))
    assert found.quantities == (("piece", Fraction(10)),)
    assert found.production is not None
    assert found.production.materials == (Material("8414", "", 1250),)


@pytest.mark.parametrize(
    "change",
    [
        {"sort": "white"}, {"value": 1.5}, {"production": []}, {"production": {"wholly_obtained": "yes"}},
        {"production": {"materials": [{"hs": "84", "value": "1"}]}}, {"documents": [{"issued": "2013-01-01"}]},
        {"production": {"wholly_obtained": [1]}}, {"production": {"wholly_obtained": 1}}, {"quantities": ["kg"]},
        {"via": "POL"}, {"from": []}, {"documents": {}}, {"production": {"operations": "sorting"}},
        {"production": {"materials": [{"hs": "8414", "value": "-1"}]}}, {"reference": None},
        {"documents": [{"kind": "st-1", "boxes": ["9"]}]},
    ],
)  # fmt: skip
def test_goods_that_cannot_be_read(change: dict[str, object]) -> None:
    plain = {"hs": "8418102001", "origin": "UKR", "to": "RUS", "value": "5000", "currency": "USD"}
    with pytest.raises(DostastyqError) as refusal:
        goods_from(plain | change)
    assert refusal.value.code == "CU075"
    with pytest.raises(DostastyqError, match="no field 'hs'"):
        goods_from({})
    for other, code in (({"quantities": {"kg": "abc"}}, "CU071"), ({"documents": [{"kind": "paper"}]}, "CU072")):
        with pytest.raises(DostastyqError) as refusal:
            goods_from(plain | other)
        assert refusal.value.code == code
