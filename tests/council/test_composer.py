"""Compositions: read, built, recorded, amended; what is refused, and that it says where and what would do."""

import json
from dataclasses import replace
from types import MappingProxyType

import pytest
import yaml

from dostastyq import register
from dostastyq.council.composer import EXAMPLE, Amendment, Composition, compose, example, library
from dostastyq.errors import DostastyqError
from dostastyq.i18n import LANGUAGES
from dostastyq.register.loader import COMMONWEALTHS
from dostastyq.register.reader import compose as nodes
from dostastyq.register.schema import read_instrument
from dostastyq.register.schema_base import Known


@pytest.fixture(scope="module")
def reg():
    return register.load("cis")


def plain(**changes):
    return yaml.safe_load(EXAMPLE.read_text("utf-8")) | changes


def instrument(reg, draft, **more):
    known = Known(
        frozenset(reg.sources), frozenset(reg.states), frozenset({*reg.instruments, draft.slug}), reg.published
    )
    text = json.dumps(draft.record(**more), ensure_ascii=False)
    return read_instrument(draft.slug, nodes(text, "draft"), known)


def law_with(reg, item):
    return reg.changed(instruments=MappingProxyType(dict(reg.instruments) | {item.slug: item}))


def refused(code, data):
    with pytest.raises(DostastyqError) as refusal:
        compose(data)
    assert refusal.value.code == code
    assert refusal.value.hint
    return refusal.value.message


def test_a_file_and_its_data_are_the_same():
    assert compose(EXAMPLE) == compose(plain()) == example()


def test_plain_data_goes_there_and_back_without_floats():
    def leaves(value):
        if isinstance(value, dict):
            return [leaf for item in value.values() for leaf in leaves(item)]
        return [leaf for item in value for leaf in leaves(item)] if isinstance(value, list) else [value]

    data = example().to_dict()
    assert Composition.from_dict(json.loads(json.dumps(data))) == example()
    assert {type(leaf) for leaf in leaves(data)} <= {str, int}


def test_what_was_written_down_stays_although_the_library_changes():
    data = example().to_dict()
    data["articles"][1]["paragraphs"][0]["text"]["en"] = "An older wording of the library."
    old = Composition.from_dict(data)
    assert old.articles[1].paragraphs[0].text["en"] == "An older wording of the library."
    assert Composition.from_dict(old.to_dict()) == old


def test_every_text_is_there_and_gaps_are_named():
    assert dict(example().missing()) == {"kk": (), "ru": (), "en": ()}
    data = plain(title={"en": "Treaty"})
    del data["subjects"][6]["paragraphs"][0]["kk"]
    gaps = compose(data).missing()
    assert gaps["kk"] == ("title", "6.1")
    assert gaps["ru"] == ("title",)
    assert gaps["en"] == ()


def test_the_preamble_names_the_parties_and_numbers_follow():
    draft = example()
    assert [article.number for article in draft.articles] == list(range(len(draft.articles)))
    for paragraph in draft.paragraphs():
        assert paragraph.number.startswith(tuple("0123456789"))
    first = draft.paragraphs()[0].text
    assert "Республика Казахстан" in first["ru"]
    assert "Қазақстан Республикасы" in first["kk"]


@pytest.mark.parametrize("code", sorted(library("cis").agreements))
def test_kind_domain_and_preference_come_from_the_kind_of_agreement(reg, code):
    kind = library("cis").agreements[code]
    data = {"slug": "d", "title": {"en": "D", "ru": "Д"}, "parties": ["KAZ", "RUS"], "agreement": code}
    draft = compose(data | {"finals": [{"pattern": "on_signature"}]})
    item = instrument(reg, draft)
    assert (item.kind, item.domain, item.preference.kind or "none") == (kind.kind, kind.domain, kind.preference)
    assert (item.regime.kind or "") == kind.regime


def test_every_clause_stands_in_three_languages_and_names_what_it_presupposes():
    clauses = library("cis").clauses
    assert len(clauses) >= 40
    for clause in clauses.values():
        assert all(set(text) == set(LANGUAGES) for text in (clause.title, *clause.text))
        assert set(clause.presupposes) <= set(clauses)


def test_the_register_answers_on_the_day_of_signature(reg):
    draft = example()
    signed = {"date": "2027-05-14", "place": "Astana", "by": list(draft.parties)}
    acts = [{"state": code, "act": "ratification", "date": "2027-06-01"} for code in draft.parties]
    law = law_with(reg, instrument(reg, draft, signed=signed, source="own"))
    assert law.status(draft.slug, "KAZ", "2027-05-14").code in {"SIGNED", "UNKNOWN"}
    assert law.forecast(draft.slug, on="2027-05-14").missing == 4
    law = law_with(reg, instrument(reg, draft, signed=signed, source="own", acts=acts))
    days = ("2027-06-30", "2027-07-01")
    assert [law.status(draft.slug, "KGZ", day).bound for day in days] == [False, True]
    assert draft.record(source="own")["preference"] == {"kind": "customs_union", "src": ["own"], "conf": "high"}


def test_own_wording_among_the_final_clauses_is_unreadable():
    own = {"title": {"en": "Force"}, "paragraphs": [{"en": "It enters into force when the moon is full."}]}
    assert compose(plain(finals=[own])).unreadable() == ("Art. 8", "eif")
    assert compose(plain(finals=[{"pattern": "withdrawal"}])).unreadable() == ("eif",)


def test_refusals_name_line_field_and_remedy(tmp_path):
    file = tmp_path / "draft.yaml"
    file.write_text("slug: a\ntitle: {en: T}\nparties: [KAZ]\nagreement: custom_union\n", "utf-8")
    assert "draft.yaml:4 (agreement)" in refused("CN106", file)
    file.write_text("slug: [", "utf-8")
    refused("CN101", file)
    refused("CN101", tmp_path / "none.yaml")
    file.write_text("slug: a\nslug: b\n", "utf-8")
    refused("CN102", file)
    assert "headline" in refused("CN103", plain(headline="x"))
    data = plain()
    del data["parties"]
    assert "parties" in refused("CN104", data)
    refused("CN105", plain(parties="KAZ"))
    refused("CN106", plain(parties=["KAZ", "DEU"]))
    refused("CN107", plain(slug="Not a slug"))
    assert "finals.[0].values.delay" in refused(
        "CN107", plain(finals=[{"pattern": "all_deposits", "values": {"delay": "30"}}])
    )
    refused("CN104", plain(finals=[{"pattern": "all_deposits_and_day"}]))
    refused("CN105", plain(slug=1.5j))


def test_parts_that_do_not_fit_are_refused():
    refused("CN109", plain(subjects=[{"clause": "common_customs_tariff", "values": {"date": "2028-01-01"}}]))
    refused("CN109", plain(finals=[{"pattern": "third_deposit", "values": {"count": 5}}]))
    late = {"pattern": "provisions_later", "values": {"provisions": ["77"], "date": "2029-01-01"}}
    assert "there is no 77" in refused("CN109", plain(finals=[late]))
    refused("CN110", plain(finals=[{"pattern": "on_signature"}, {"pattern": "all_deposits"}]))
    refused("CN110", plain(finals=[{"pattern": "third_deposit_30_days"}, {"pattern": "accession"}]))
    refused("CN112", plain(finals=[{"pattern": "on_signature", "title": {"en": "Other"}}]))
    assert not (COMMONWEALTHS / "nowhere").exists()
    refused("CN100", plain(commonwealth="nowhere"))


def test_amendments_speak_of_the_numbers_of_the_version_amended():
    words = {"kk": "Қосымша.", "ru": "Дополнение.", "en": "Addition."}
    made = example().amended(
        [
            Amendment(paragraph="2.1", kind="delete", proposer="ARM"),
            Amendment(paragraph="2.2", kind="insert", text=words, proposer="KGZ"),
            Amendment(paragraph="1", kind="replace", text={"en": "Union"}),
            Amendment(paragraph="8", kind="form", values={"delay": "P60D"}),
            Amendment(paragraph="9", kind="form", values={"delay": "P60D"}),
            Amendment(paragraph="3", kind="delete"),
        ]
    )
    assert [text.text["en"] for text in made.articles[2].paragraphs][1:] == ["Addition."]
    assert made.articles[1].title == {"en": "Union"}
    assert made.record()["eif"]["delay"] == made.record()["late"]["delay"] == "P60D"
    assert "60 days" in made.articles[7].paragraphs[0].text["en"]
    assert len(made.articles) == len(example().articles) - 1
    assert Composition.from_dict(made.to_dict()) == made


def test_new_articles_come_from_the_library():
    made = example().amended(
        [
            Amendment(paragraph="5", kind="insert", values={"clause": "freedom_of_transit"}),
            Amendment(paragraph="10", kind="insert", values={"pattern": "term", "period": "P10Y"}),
            Amendment(paragraph="title", kind="replace", text={"en": "Treaty"}),
        ]
    )
    assert made.articles[6].paragraphs[0].clause == "freedom_of_transit"
    assert made.record()["duration"]["period"] == "P10Y"
    assert made.title == {"en": "Treaty"}


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("CN112", {"paragraph": "8.1", "kind": "replace", "text": {"en": "At once."}}),
        ("CN112", {"paragraph": "8.1", "kind": "delete"}),
        ("CN112", {"paragraph": "8.1", "kind": "insert", "text": {"en": "And so on."}}),
        ("CN112", {"paragraph": "8", "kind": "form", "text": {"en": "At once."}, "values": {"delay": "P1D"}}),
        ("CN112", {"paragraph": "0.1", "kind": "replace", "text": {"en": "We,"}}),
        ("CN112", {"paragraph": "11.1", "kind": "replace", "text": {"en": "In Latin."}}),
        ("CN111", {"paragraph": "2.9", "kind": "delete"}),
        ("CN111", {"paragraph": "99.1", "kind": "delete"}),
        ("CN113", {"paragraph": "2.1", "kind": "replace"}),
        ("CN113", {"paragraph": "2.1", "kind": "repeal"}),
        ("CN113", {"paragraph": "8", "kind": "form", "values": {"colour": "red"}}),
        ("CN113", {"paragraph": "6", "kind": "form", "values": {"period": "P1D"}}),
        ("CN113", {"paragraph": "6", "kind": "insert", "text": {"en": "?"}}),
        ("CN107", {"paragraph": "8", "kind": "form", "values": {"delay": "soon"}}),
    ],
)
def test_amendments_that_cannot_be_made(code, given):
    with pytest.raises(DostastyqError) as refusal:
        example().amended([Amendment(**given)])
    assert refusal.value.code == code
    assert refusal.value.hint


def test_two_amendments_of_one_place_are_refused():
    twice = [Amendment(paragraph="2.1", kind="replace", text={"en": text}) for text in ("One.", "Other.")]
    for pair in (twice, [twice[0], Amendment(paragraph="2.1", kind="delete")]):
        with pytest.raises(DostastyqError) as refusal:
            example().amended(pair)
        assert refusal.value.code == "CN114"


def test_a_draft_without_titles_in_english_and_russian_is_still_readable(reg):
    draft = replace(example(), title=MappingProxyType({"kk": "Шарт"}))
    assert instrument(reg, draft).title == {"kk": "Шарт", "ru": "Шарт", "en": "Шарт"}
    assert "another language" in draft.record()["title_note"]
