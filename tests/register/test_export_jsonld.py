"""Linked data, read by rdflib without a network."""

import json
import warnings
from datetime import date

import pytest
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import ORG, PROV, RDF, XSD

from dostastyq.register import exports
from dostastyq.register.exports.jsonld import EDTF, RELATIONS
from dostastyq.register.exports.names import TERMS

CIS = Namespace("urn:dostastyq:cis:")
DQ = Namespace(TERMS)
ELI = Namespace("http://data.europa.eu/eli/ontology#")
SCHEMA = Namespace("https://schema.org/")


def parse(content):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "ConjunctiveGraph is deprecated")  # rdflib's parser uses it itself
        return Graph().parse(data=content, format="json-ld")


@pytest.fixture(scope="module")
def graph(reg):
    return parse(exports.export(reg, "jsonld"))


def test_every_instrument_is_legislation(reg, graph):
    assert set(graph.subjects(RDF.type, SCHEMA.Legislation)) == {CIS[slug] for slug in reg.instruments}
    assert set(graph.subjects(RDF.type, ELI.LegalResource)) == {CIS[slug] for slug in reg.instruments}


def test_every_act_is_there_under_its_stable_name(reg, graph):
    keys = {CIS[act.key] for item in reg.instruments.values() for act in item.acts}
    assert set(graph.subjects(RDF.type, DQ.Act)) == keys
    assert CIS["fta-2011/KAZ/notification/1"] in keys


def test_days_that_are_known_are_typed_dates(graph):
    act = CIS["fta-2011/KAZ/notification/1"]
    assert graph.value(act, DQ.effective) == Literal("2012-12-08", datatype=XSD.date)
    assert graph.value(act, DQ.effective).toPython() == date(2012, 12, 8)
    assert graph.value(CIS["fta-2011"], ELI.first_date_entry_in_force).toPython() == date(2012, 9, 20)


def test_days_that_are_not_known_are_edtf_with_their_bounds(graph):
    act = CIS["fta-2011/RUS/notification/1"]
    assert graph.value(act, DQ.date) == Literal("..2012-08-21", datatype=URIRef(EDTF))
    assert graph.value(act, DQ.dateLatest).toPython() == date(2012, 8, 21)
    assert graph.value(act, DQ.dateEarliest) is None


def test_titles_carry_their_language(reg, graph):
    for slug, item in reg.instruments.items():
        found = {title.language: str(title) for title in graph.objects(CIS[slug], SCHEMA.name)}
        assert found == {language: title for language, title in item.title.items() if title}


def test_every_source_cited_is_described(graph):
    cited = set(graph.objects(None, PROV.wasDerivedFrom))
    assert cited
    assert cited <= set(graph.subjects(RDF.type, PROV.Entity))
    assert all(graph.value(source, SCHEMA.name) for source in cited)


def test_memberships_and_organs_are_those_of_the_register(reg, graph):
    roles = set(graph.subject_objects(ORG.role))
    assert {
        (CIS[f"{it.state}/membership/{it.standing}"], CIS[f"role/{it.standing}"]) for it in reg.memberships
    } == roles
    assert {CIS[code] for code in reg.institutions.organs} == set(graph.subjects(RDF.type, ORG.Organization))


def test_every_relation_has_a_property_and_both_ends(reg, graph):
    for slug, item in reg.instruments.items():
        for relation in item.relations:
            prefix, _, name = RELATIONS[relation.kind].partition(":")
            predicate = {"eli": ELI, "dq": DQ}[prefix][name]
            assert (CIS[slug], predicate, CIS[relation.target]) in graph


def test_statuses_of_a_day(reg):
    graph = parse(exports.export(reg, "jsonld", on="2005-01-01", instrument="fta-1994"))
    kgz = CIS["fta-1994/KGZ/status/2005-01-01"]
    assert str(graph.value(kgz, DQ.code)) == "UNKNOWN"
    assert graph.value(kgz, DQ.bound) is None
    assert len(set(graph.subjects(RDF.type, DQ.Status))) == len(reg.states)


def test_one_instrument_brings_only_its_sources(reg):
    graph = parse(exports.export(reg, "jsonld", instrument="payments-union-1994"))
    assert set(graph.subjects(RDF.type, SCHEMA.Legislation)) == {CIS["payments-union-1994"]}
    assert (CIS["source/zaki_57943"], RDF.type, PROV.Entity) in graph


def test_the_context_needs_no_network(reg):
    document = json.loads(exports.export(reg, "jsonld", instrument="fta-2011"))
    assert isinstance(document["@context"], dict)
    assert not any(isinstance(value, str) and value.endswith(".jsonld") for value in document["@context"].values())
