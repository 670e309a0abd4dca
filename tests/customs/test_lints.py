"""The data of the law keep their own rules: no gap, no overlap, a citation and a source for everything."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from importlib.resources import files
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from dostastyq.customs import Consignment, Document, Lawbook, Measure, decide, lawbook
from dostastyq.customs.facts import Tax
from dostastyq.customs.tariff import Edition, Line

FOLDER = files("dostastyq") / "commonwealths" / "cis" / "customs"
FAR = date(2100, 1, 1)


@pytest.fixture(scope="module")
def book() -> Lawbook:
    return lawbook("cis")


def load(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def facts(node: Any) -> Iterable[dict[str, Any]]:
    """Every mapping that has a source."""
    if isinstance(node, dict):
        if "src" in node:
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from facts(child)


FILES = ("measures.yaml", "treaties.yaml", "shares.yaml", "taxes.yaml", "origin.yaml")
FACTS = [fact for name in FILES for fact in facts(load(name))]


def test_every_source_that_is_used_exists_and_every_one_that_exists_is_used() -> None:
    used = {key for fact in FACTS for key in fact["src"]}
    assert used - {"own"} == set(load("sources.yaml"))
    assert len(FACTS) > 60
    assert all(fact["src"] and fact["conf"] in {"high", "medium", "low"} for fact in FACTS)


def test_recollection_is_never_of_high_confidence_alone() -> None:
    alone = [fact for fact in FACTS if fact["src"] == ["own"] and fact["conf"] == "high"]
    said = {fact.get("cite", fact.get("instrument", "")) for fact in alone}
    assert said == {"Tax Code, Art. 164(3)", "Tax Code", "eaeu-2014"}


def test_every_exemption_cites_an_annex_line_and_names_both_states(book: Lawbook) -> None:
    kept = [one for one in book.measures if one.kind == "exemption"]
    assert len(kept) >= 5
    for one in kept:
        assert re.search(r"Annex \d+: \w+", one.citation)
        assert one.importers
        assert one.origins
        assert one.under


def test_every_treaty_and_state_that_is_named_is_in_the_register(book: Lawbook) -> None:
    slugs = set(book.articles) | {one.instrument for one in book.levies} | {one.under for one in book.measures} - {""}
    assert slugs <= set(book.register.instruments)
    states = {state for one in book.measures for state in (*one.importers, *one.origins)}
    states |= set(book.vat) | set(book.excise) | set(book.fees) | {state for one in book.shares for state in one.parts}
    assert states <= set(book.register.states)


def overlap(one: Any, other: Any) -> bool:
    first = max(one.valid_from, other.valid_from)
    return bool(first < min(one.valid_until or FAR, other.valid_until or FAR))


def meet(one: Measure, other: Measure) -> bool:
    """Whether two measures of a kind speak of the same code, states and days, and differ."""
    parties = all(
        not mine or not theirs or set(mine) & set(theirs)
        for mine, theirs in ((one.importers, other.importers), (one.origins, other.origins))
    )
    same = one.kind == other.kind and one.code == other.code and one.season == other.season
    return same and parties and overlap(one, other) and one.certain == other.certain


def test_no_two_measures_of_a_kind_meet(book: Lawbook) -> None:
    assert [pair for pair in combinations(book.measures, 2) if meet(*pair)] == []
    one = book.measures[2]
    assert meet(one, one)


def test_common_tariffs_and_shares_follow_without_gap_or_overlap(book: Lawbook) -> None:
    levies: list[Any] = sorted(book.levies, key=lambda one: one.valid_from)
    for rows in (levies, list[Any](book.shares)):
        assert all(one.valid_until == other.valid_from for one, other in pairwise(rows))
        assert rows[-1].valid_until is None
    assert all(sum(share.parts.values()) == 1 for share in book.shares)
    assert all(isinstance(part, Fraction) for share in book.shares for part in share.parts.values())


def test_every_member_with_a_share_has_a_clock_and_a_calendar(book: Lawbook) -> None:
    members = set(book.shares[-1].parts)
    assert members == set(book.cutoff.zones) == set(book.cutoff.calendars)


def test_standard_rates_of_tax_follow_without_gap_and_reduced_ones_do_not_overlap(book: Lawbook) -> None:
    for state, rates in book.vat.items():
        standard = [one for one in rates if not one.codes]
        assert all(one.valid_until == other.valid_from for one, other in pairwise(standard)), state
        assert standard[-1].valid_until is None
        reduced = [one for one in rates if one.codes]
        for one, other in combinations(reduced, 2):
            assert not (overlap(one, other) and set(one.codes) & set(other.codes)), state


def test_rules_of_origin_follow_without_gap(book: Lawbook) -> None:
    one, two, three = book.rulebooks
    assert one.valid_until == two.valid_from
    assert two.until_party_of == three.party_of != ""


def test_every_code_of_an_error_is_documented() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "reference" / "customs.md").read_text(encoding="utf-8")
    page = re.sub(r"CU(\d+)–CU(\d+)", lambda m: " ".join(f"CU{n:03d}" for n in range(int(m[1]), int(m[2]) + 1)), page)
    sources = (root / "src" / "dostastyq" / "customs").rglob("*.py")
    used = {code for path in sources for code in re.findall(r"CU\d{3}", path.read_text(encoding="utf-8"))}
    assert used | {"CU023", "CU076"} == set(re.findall(r"CU\d{3}", page))


WEAK = [(state, one) for state, rates in lawbook("cis").vat.items() for one in rates if one.article.confidence == "low"]


@pytest.mark.parametrize(("state", "rate"), WEAK, ids=lambda given: given if isinstance(given, str) else given.rate)
def test_a_rate_of_tax_of_low_confidence_is_told(state: str, rate: Tax) -> None:
    hs = (rate.codes[0] if rate.codes else "0102").ljust(10, "0")
    on = rate.valid_from + timedelta(days=1)
    made_up = Edition("made-up", "", "eaeu-2014", on, on + timedelta(days=1), "", {hs: Line(hs, "5%")}, synthetic=True)
    origin = "RUS" if state != "RUS" else "BLR"
    goods = Consignment(hs, origin, state, 10_000, "USD", (("t", Fraction(1)),), (Document("st-1"),))
    found = decide(goods, on, book=lawbook("cis", among=(made_up,)), explain=False)
    assert found.duty is not None
    assert any(rate.article.citation in str(note) for note in found.notes)


def test_every_step_of_low_confidence_is_told(book: Lawbook) -> None:
    for importer, origin, on in (
        ("RUS", "UKR", "2015-06-01"), ("KAZ", "DEU", "2026-07-01"), ("BLR", "MDA", "2026-07-01"),
        ("MDA", "UKR", "2012-12-20"), ("TJK", "RUS", "2025-01-01"), ("RUS", "AZE", "2000-06-01"),
    ):  # fmt: skip
        goods = Consignment("1701991001", origin, importer, 33_333, "USD", (("kg", Fraction(1)),), (Document("st-1"),))
        found = decide(goods, on, book=book)
        text = " ".join(map(str, found.notes))
        assert found.unverified
        assert all(leaf.citation in text for leaf in found.unverified)
