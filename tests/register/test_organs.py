"""Organs, chairs, rules of decision, weights of votes: what is held, and what is refused."""

from fractions import Fraction
from itertools import pairwise

import pytest

from dostastyq.dates import Day
from dostastyq.errors import DostastyqError
from dostastyq.register.loader import read_folder
from dostastyq.register.organs import ORGAN_KINDS, Institutions


@pytest.fixture(scope="module")
def held(request):
    return request.getfixturevalue("reg").institutions


NAMED = {
    "political": {"cmfa"},
    "security": {"cmd", "ccbt", "interior-ministers", "anti-terrorism-centre", "jaf-command"},
    "trade": {"foreign-economic-heads"},
    "customs": {"customs-heads-council"},
    "energy": {"oil-gas-council", "electric-power-council", "nuclear-commission"},
    "transport": {"railway-council", "iac"},
    "statistics": {"statcommittee"},
    "legal": {"justice-ministers", "prosecutors-council"},
    "agriculture": {"agro-council"},
    "health": {"health-council"},
    "education": {"education-council"},
    "labour": {"labour-council"},
    "communications": {"rcc"},
    "standards": {"easc"},
    "competition": {"antimonopoly-council"},
    "tourism": {"tourism-council"},
    "youth": {"youth-council"},
    "sport": {"sport-council"},
    "culture": {"culture-council"},
    "science": {"science-council"},
    "environment": {"ecology-council", "hydrometeorology-council"},
    "space": {"space-council"},
    "geodesy": {"geodesy-council"},
    "intellectual_property": {"ip-council"},
    "civil_protection": {"emergency-council"},
    "industry": {"chemistry-council"},
    "payments": {"interstate-bank", "currency-committee"},
}


def test_every_organ_says_who_it_is_in_three_languages(held):
    assert len(held.organs) > 60
    for organ in held.organs.values():
        assert set(organ.name) == set(organ.mandate) == {"kk", "ru", "en"}
        assert all(text.strip() for text in (*organ.name.values(), *organ.mandate.values()))
        assert all(text.endswith(".") and text.count(".") <= 2 for text in organ.mandate.values())
        assert organ.kind in ORGAN_KINDS
        assert organ.sources
        assert organ.domain
    for language in ("kk", "ru", "en"):
        assert len({organ.name[language] for organ in held.organs.values()}) == len(held.organs)


def test_sector_bodies_are_found_by_domain(held):
    for domain, codes in NAMED.items():
        found = {code for code, organ in held.organs.items() if domain in organ.domain}
        assert codes <= found, domain


def test_what_rests_on_memory_alone_is_never_high(held):
    facts = [
        fact for organ in held.organs.values() for fact in (organ, organ.established, organ.dissolved, *organ.chairs)
    ]
    assert not [fact for fact in facts if fact is not None and fact.sources == ("own",) and fact.confidence == "high"]


def test_the_line_of_secretariats(held):
    chain, code = [], "working-group-1992"
    while code:
        chain.append(code)
        code = next(iter(held.organs[code].successors), "")
    assert chain == ["working-group-1992", "exec-secretariat", "exec-committee"]
    assert held.organs["kkk"].successors == ("mek",)
    assert set(held.organs["mek"].successors) == {"exec-committee", "economic-council"}
    assert held.organs["mek-board"].parent == "mek"


def test_nothing_is_dissolved_before_it_was_established(held):
    for organ in held.organs.values():
        if organ.established is not None and organ.dissolved is not None and organ.dissolved.day.latest is not None:
            assert organ.established.day.earliest <= organ.dissolved.day.latest, organ.code


@pytest.mark.parametrize(
    ("day", "state"),
    [
        ("1994-03-01", "RUS"),
        ("1997-01-01", None),
        ("2004-09-15", "UKR"),
        ("2004-09-16", "RUS"),
        ("2014-06-01", "BLR"),
        ("2017-12-31", "RUS"),
        ("2023-01-01", "KGZ"),
        ("2025-06-01", "TJK"),
    ],
)
def test_the_chair_is_data(held, day, state):
    assert held.chair("chs", Day.parse(day)) == state


def test_terms_in_the_chair_do_not_overlap(held):
    terms = held.organs["chs"].chairs
    for one, other in pairwise(terms):
        assert one.end is not None
        assert one.end.latest <= other.start.earliest


def test_weights_add_up_and_name_their_organ(held):
    assert held.weights["mek_1994"].weights["RUS"] == 50
    assert held.weights["cu_commission_2007"].weights["BLR"] == Fraction(43, 2)
    for code in ("mek_1994", "eurasec_ic_2000", "eurasec_ic_2006", "cu_commission_2007"):
        assert sum(held.weights[code].weights.values()) == 100
    assert held.weights["interstate_bank_1993"].remainder
    assert held.rules["mek_qualified"].quota == (Fraction(4, 5),)
    assert held.rules["interstate_bank"].quota == (Fraction(2, 3), Fraction(3, 4))
    assert held.rules["consensus_non_interest"].blocks == ("against",)
    assert held.rules["eaeu_consensus_minus"].texts["minus"]


def test_every_rule_of_an_organ_is_known(held):
    assert {organ.rule for organ in held.organs.values()} - {""} <= set(held.rules)
    assert held.organs["eaeu-supreme"].exception == "eaeu_consensus_minus"


SPOILED = [
    ("RG026", "organs.yaml", "parent: mek\n", "parent: mec\n"),
    ("RG026", "organs.yaml", "rule: mek_qualified", "rule: mek_unanimous"),
    ("RG026", "organs.yaml", "{state: UKR, from:", "{state: UKA, from:"),
    ("RG026", "organs.yaml", "src: [brief, own]", "src: [essay]"),
    (
        "RG027",
        "organs.yaml",
        'established: {date: "1992-02-14", src: [own], conf: medium}',
        'established: {date: "1992"}',
    ),
    ("RG028", "organs.yaml", "kind: supreme", "kind: highest"),
    ("RG022", "organs.yaml", "  seat: Minsk\n", "  place: Minsk\n"),
    ("RG021", "organs.yaml", "\nchg:\n", "\nchs:\n"),
    ("RG026", "rules.yaml", "organ: mek\n", "organ: mec\n"),
    ("RG024", "rules.yaml", 'RUS: "50", UKR: "14"', 'RUS: "50", UKR: "15"'),
    ("RG024", "rules.yaml", 'quota: ["4/5"]', 'quota: ["four fifths"]'),
    ("RG024", "rules.yaml", 'quota: ["4/5"]', 'quota: ["5/4"]'),
    ("RG024", "rules.yaml", 'quota: ["4/5"]', 'quota: ["0"]'),
    ("RG024", "rules.yaml", 'RUS: "50", UKR: "14"', 'RUS: "67", UKR: "-3"'),
    ("RG028", "rules.yaml", "blocks: [against]", "blocks: [no]"),
    ("RG022", "vocabulary.yaml", "meaning: not signed", "means: not signed"),
    ("RG027", "counts.yaml", ", src: [james_1996], conf: medium", ""),
    ("RG026", "instruments/commonwealth.yaml", "creates: [kkk]", "creates: [kk]"),
    ("RG026", "instruments/commonwealth.yaml", "adopted_by: chs", "adopted_by: csh"),
]


@pytest.mark.parametrize("case", SPOILED, ids=lambda case: f"{case[0]}-{case[3][:24].strip()}")
def test_refusals_name_the_file(shipped_copy, case):
    code, file, old, new = case
    path = shipped_copy / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DostastyqError) as caught:
        read_folder(shipped_copy, "copy")
    assert caught.value.code == code
    assert caught.value.message.startswith(f"{file}:")


def test_a_folder_without_organs_has_none(treaty):
    assert treaty().institutions == Institutions()
