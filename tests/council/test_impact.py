"""What a draft does to its members: over the law without it, said to be assumed, and kept without floating-point."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq import assess, register
from dostastyq.cli.draft_impact import show_impact
from dostastyq.council import Council
from dostastyq.council.composer import example
from dostastyq.council.impact import digest, impact, options_of
from dostastyq.council.model import Impact
from dostastyq.council.said import kept, said
from dostastyq.errors import DostastyqError
from dostastyq.i18n import LANGUAGES, Text, translator
from dostastyq.store import open_journal
from dostastyq.store.entry import canonical

LAW = register.load("cis")
SLUG = "draft-2027"
FACT = {"src": ["own"], "conf": "low"}
FOUR = ("KAZ", "KGZ", "TJK", "UZB")
SIX = ("ARM", "BLR", "KAZ", "KGZ", "RUS", "UZB")
FIVE = SIX[:-1]


def draft(kind="customs_union", parties=FOUR, relations=(), **more):
    """A draft as plain data."""
    return {
        "kind": "treaty",
        "domain": ["trade"],
        "title": {"en": "Draft", "ru": "Проект", "kk": "Жоба"},
        "preference": "none" if kind == "none" else {"kind": kind, **FACT},
        "signed": {"date": "../..", "place": "", "by": list(parties), **FACT},
        "eif": {"count": "all", "of": ["ratification"], "delay": "P30D"},
        "relations": [{"type": kind_, "target": target, **FACT} for kind_, target in relations],
        "acts": [],
    } | more


def assessed(record=None, parties=FOUR, law=LAW, **options):
    """The impact of a draft."""
    return impact(law, SLUG, record or draft(parties=parties), parties=parties, **options)


def figures(contrast):
    """Numbers of a contrast by state."""
    return {each.state: (each.welfare_percent, each.low, each.high, each.exports_percent) for each in contrast.states}


@pytest.fixture(scope="module")
def four():
    """The impact of a customs union of four."""
    return assessed()


@pytest.fixture(scope="module")
def found(four):
    """Its digest."""
    return digest(four)


def test_a_union_enlarged_by_a_draft_is_what_an_accession_does():
    """The same worlds by another way: a state joins the union, or all six sign a new one over it."""
    joined = assess.assess("eaeu-2014", join=["UZB"])
    drafted = assessed(draft("economic_union", SIX), SIX)
    assert drafted.contrasts[0].otherwise == joined.contrasts[0].otherwise == "register"
    for state, row in figures(joined.contrasts[0]).items():
        assert figures(drafted.contrasts[0])[state] == pytest.approx(row, rel=1e-9, abs=1e-12)


def test_an_agreement_undone_and_drafted_again_is_the_shipped_one_read_backwards():
    """From the law without it to the law with it, and back, the same pairs of states change as in its assessment."""
    shipped = assess.assess("eaeu-2014").contrasts[0]
    record = draft("economic_union", FIVE)
    drafted = impact(LAW.without("eaeu-2014"), SLUG, record, parties=FIVE).contrasts[0]
    assert {pair[:2] for pair in drafted.pairs} == {pair[:2] for pair in shipped.pairs}
    for mine, theirs in zip(drafted.states, shipped.states, strict=True):
        assert (mine.state, mine.member) == (theirs.state, theirs.member)
        assert not mine.member or mine.welfare_percent * theirs.welfare_percent > 0


def test_flows_were_made_under_the_law_without_the_draft(four):
    """A shallower draft than the law in force is no change, and nobody gains or loses anything."""
    nothing = assessed(draft("free_trade_area", FIVE), FIVE)
    assert nothing.contrasts[0].pairs == ()
    assert all(each.welfare_percent == pytest.approx(0, abs=1e-9) for each in nothing.contrasts[0].states)
    assert any("changes nothing" in note for note in nothing.notes)
    assert not any("changes nothing" in note for note in four.notes)
    assert {state for pair in four.contrasts[0].pairs for state in pair[:2]} == set(FOUR)


def test_what_became_of_it_changes_nothing_of_what_it_does(four):
    signed = {"date": "2023-01-15", "place": "Astana", "by": list(FOUR), **FACT}
    law = LAW.propose(SLUG, draft() | {"signed": signed, "eif": {"upon": "signature"}})
    assert law.parties(SLUG, "2023-07-01") == FOUR
    assert assessed(law=law).contrasts == four.contrasts


def test_what_it_replaces_does_not_hold_beside_it():
    """A free trade area in the place of the union takes the union away between its parties."""
    record = draft("free_trade_area", ("KAZ", "RUS"), [("supersedes_between_parties", "eaeu-2014")])
    contrast = assessed(record, ("KAZ", "RUS")).contrasts[0]
    assert {pair[:2] for pair in contrast.pairs} == {("KAZ", "RUS"), ("RUS", "KAZ")}
    assert all(each.welfare_percent < 0 for each in contrast.states if each.member)


def test_the_register_and_the_record_stay_as_they_are():
    record = draft()
    before = json.dumps(record)
    assessed(record)
    assert json.dumps(record) == before
    assert SLUG not in LAW.instruments


def test_it_says_what_was_assumed_in_every_language(four):
    assert "as if" in four.notes[0] or "taken as in force" in four.notes[0]
    assert "2023" in four.notes[0]
    assert any("eaeu-2014" in note for note in four.notes)
    for language in ("kk", "ru"):
        tr = translator(language)
        for note in (*four.notes, *(contrast.from_world for contrast in four.contrasts)):
            assert tr.text(note) != note


def test_by_sectors():
    drafted = assessed(parties=("ARM", "BLR", "KAZ"), model="sectors")
    assert (drafted.baseline, drafted.model) == ("eaeu-2019", "sectors")
    assert "taken as in force" in drafted.notes[0]
    assert canonical(digest(drafted))


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ({"leave": ["KAZ"]}, "CN248", "leave"),
        ({"join": ["MDA"]}, "CN248", "join"),
        ({"base": "cis-2023"}, "CN248", "base"),
        ({"national_tariffs": "a.csv"}, "CN248", "national_tariffs"),
        ({"elasticity": "four"}, "CN248", "four"),
        ({"elasticity": "400"}, "AS006", "400"),
        ({"elasticities": {"a": "4"}}, "AS011", "sectors"),
        ({"model": "cge"}, "AS012", "cge"),
        ({"on": "2023-13-01"}, "DT", "2023-13-01"),
        ({"on": "1980-01-01"}, "RG004", "1980"),
        ({"otherwise": "cis-charter-1993"}, "AS", "cis-charter-1993"),
    ],
)
def test_a_scenario_that_cannot_be_is_refused(options, code, says):
    with pytest.raises(DostastyqError, match=says) as caught:
        assessed(**options)
    assert caught.value.code.startswith(code)


@pytest.mark.parametrize("name", ["parties", "register", "record", "slug", "leave"])
def test_a_scenario_does_not_say_what_the_draft_says(name):
    with pytest.raises(DostastyqError, match=name) as caught:
        options_of(SLUG, {name: "KAZ"})
    assert caught.value.code == "CN248"


@pytest.mark.parametrize(
    ("record", "parties", "code"),
    [
        (draft("none"), FOUR, "AS002"),
        (draft(), ("KAZ",), "CN301"),
        (draft(), ("KAZ", "USA"), "RG002"),
        ({key: value for key, value in draft().items() if key != "preference"}, FOUR, "RG023"),
    ],
)
def test_a_draft_that_cannot_be_assessed_is_refused(record, parties, code):
    with pytest.raises(DostastyqError) as caught:
        assessed(record, parties)
    assert caught.value.code == code


def test_states_do_not_leave_a_draft():
    law = LAW.propose(SLUG, draft(eif={"upon": "signature"}, signed={"date": "2023-01-01", "place": "", **BY}))
    with pytest.raises(DostastyqError, match="draft") as caught:
        assess.assess(SLUG, register=law, without=LAW, leave=["KAZ"])
    assert caught.value.code == "AS014"


BY = {"by": list(FOUR), **FACT}


def test_a_digest_is_kept_by_a_journal_and_holds_the_figures(four, found):
    assert json.loads(canonical(found)) == found
    for row, contrast in zip(found["contrasts"], four.contrasts, strict=True):
        assert set(row["members"]) == set(FOUR)
        assert row["mutually_beneficial"] is contrast.mutually_beneficial
        for state, texts in row["members"].items():
            numbers = figures(contrast)[state]
            for name, number in zip(("welfare_percent", "low", "high", "exports_percent"), numbers, strict=True):
                assert float(texts[name]) == pytest.approx(number, abs=5e-5)
    assert digest(assessed()) == found
    assert float(found["residual"]) < 1e-8


def test_sentences_of_a_digest_are_said_in_every_language(four, found):
    read = [said(note) for note in json.loads(canonical(found))["said"]]
    for language in LANGUAGES:
        tr = translator(language)
        assert [tr.text(note) for note in read] == [tr.text(note) for note in four.notes]
    worlds = [said(world) for world in found["contrasts"][0]["worlds"]]
    assert worlds == [four.contrasts[0].from_world, four.contrasts[0].to_world]


words = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), max_size=9)
values = st.recursive(
    words | st.integers() | st.floats(-1e6, 1e6) | st.builds(Text, words),
    lambda inner: st.builds(lambda value: Text("about {it}", it=value), inner),
    max_leaves=4,
)


@given(values, st.dates(date(1992, 1, 1)), st.integers(0, 9), st.sampled_from(LANGUAGES))
def test_any_sentence_is_kept_and_said(value, day, n, language):
    tr = translator(language)
    titles = {"en": "a", "ru": "б", "kk": "ә"}
    texts = [
        Text("{value}: {day:date}, {titles}, {codes:territories}", value=value, day=day, titles=titles, codes=FOUR),
        Text.counted("{n} pair of {value}", "{n} pairs of {value}", n, value=value),
        "as it is {",
    ]
    for text in texts:
        back = said(json.loads(canonical({"it": kept(text)}))["it"])
        assert back == text
        assert tr.text(back) == tr.text(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_for_delegations(found, capsys, language):
    tr = translator(language)
    show_impact(Impact(version=2, digest=found, day=date(2026, 1, 5)), tr)
    shown = " ".join(capsys.readouterr().out.split())
    for state in FOUR:
        assert tr.territory(state) in shown
    assert tr.number(float(found["contrasts"][0]["members"]["KAZ"]["high"]), 2, signed=True) in shown
    for note in found["said"]:
        assert " ".join(tr.text(said(note)).split()) in shown
    if language != "en":
        assert "draft" not in shown.replace(SLUG, "").lower()


def test_the_table_of_an_older_digest_and_of_another_law(capsys):
    made = digest(assessed(otherwise="fta-2011"))
    older = {name: value for name, value in made.items() if name != "said"}
    older["contrasts"] = [{n: v for n, v in row.items() if n != "worlds"} for row in made["contrasts"]]
    show_impact(Impact(version=1, digest=older, day=date(2026, 1, 5)), translator("ru"))
    assert "fta-2011" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("scenario", "code"), [({"parties": ["KAZ"]}, "CN248"), ({"register": "x"}, "CN248"), ({"model": "cge"}, "AS012")]
)
def test_a_council_keeps_nothing_of_a_scenario_that_cannot_be(tmp_path, scenario, code):
    made = replace(example(), scenario=scenario)
    with open_journal(tmp_path / "council.sqlite") as journal:
        house = Council(journal)
        house.people.admit(
            "S. Secretary", "secretariat", "secretary", by="S. Secretary", rehearsal=True, on="2026-01-05"
        )
        house.drafts.propose(made, organ="chs", by="S. Secretary")
        before = journal.head("council")
        with pytest.raises(DostastyqError) as caught:
            house.drafts.attach_impact(made.slug, by="S. Secretary")
        assert caught.value.code == code
        assert journal.head("council") == before


def test_the_shipped_example_is_assessed():
    made = example()
    assert impact(LAW, made.slug, made.record(), parties=made.parties, **options_of(made.slug, made.scenario)).converged
