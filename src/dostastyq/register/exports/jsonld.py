"""Linked data: one JSON-LD 1.1 document with an inline context, so that nothing needs the network to read it.

Instruments are schema.org ``Legislation`` and ELI ``LegalResource``, organs and memberships W3C ORG, sources PROV-O.
What none of these says, who did what in an instrument, uses terms of our own (prefix ``dq``): ``dq:Act`` with
``dq:actKind``, ``dq:actOf``, ``dq:about``, ``dq:date``, ``dq:effective``, ``dq:towards``, ``dq:confidence``, and
``dq:Status`` on a day. A day that is known is ``xsd:date``; any other is an EDTF literal with its bounds beside it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from dostastyq.dates import Day
from dostastyq.register.exports.names import TERMS, act_key, namespace

if TYPE_CHECKING:
    from dostastyq.register.exports import Request
    from dostastyq.register.facts import Sourced
    from dostastyq.register.law import Register
    from dostastyq.register.model import Instrument
    from dostastyq.register.organs import Organ

EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"

RELATIONS = {
    "amends": "eli:amends",
    "repeals": "eli:repeals",
    "terminates": "eli:repeals",
    "implements": "eli:applies",
    "supplements": "dq:supplements",
    "extends": "dq:extends",
    "extends_application_of": "dq:extendsApplicationOf",
    "accession_to": "dq:accessionTo",
    "supersedes_between_parties": "dq:supersedesBetweenParties",
    "package_with": "dq:packageWith",
    "succeeds": "dq:succeeds",
    "succeeded_by": "dq:succeededBy",
}
"""Relations between instruments as properties."""


def to_jsonld(request: "Request") -> bytes:
    """Write the register, or one instrument of it, as JSON-LD."""
    document = {"@context": context(request.register.name), "@graph": list(_graph(request))}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def context(commonwealth: str) -> dict[str, Any]:
    """Make the inline context."""
    return {
        "@version": 1.1,
        "schema": "https://schema.org/",
        "eli": "http://data.europa.eu/eli/ontology#",
        "org": "http://www.w3.org/ns/org#",
        "prov": "http://www.w3.org/ns/prov#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "dct": "http://purl.org/dc/terms/",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "dq": TERMS,
        commonwealth: namespace(commonwealth),
    }


def _graph(request: "Request") -> Iterator[dict[str, Any]]:
    register = request.register
    items = [register.instruments[slug] for slug in request.slugs]
    for item in items:
        yield _instrument(register, item)
        yield from _acts(register, item)
        if request.on is not None:
            yield from _statuses(register, item, request.on)
    yield from _states(register)
    yield from _memberships(register)
    yield from (_organ(register, code, organ) for code, organ in register.institutions.organs.items())
    cited = _cited(register, items)
    for key, source in register.sources.items():
        if not request.instrument or key in cited:
            yield _bare(
                {
                    "@id": f"{register.name}:source/{key}",
                    "@type": ["prov:Entity", "schema:CreativeWork"],
                    "schema:name": source.title,
                    "schema:url": _link(source.url),
                    "dq:asOf": source.as_of,
                    "schema:description": source.note,
                }
            )


def _instrument(register: "Register", item: "Instrument") -> dict[str, Any]:
    name, signed = register.name, item.signed
    node: dict[str, Any] = {
        "@id": f"{name}:{item.slug}",
        "@type": ["schema:Legislation", "eli:LegalResource", "prov:Entity"],
        "schema:legislationIdentifier": item.slug,
        "schema:legislationType": item.kind,
        "schema:about": list(item.domain),
        "schema:name": _tagged(item.title),
        "eli:title": _tagged(item.title),
        "schema:legislationDate": _literal(signed.day),
        "eli:date_document": _literal(signed.day),
        "schema:locationCreated": signed.place,
        "dq:signedBy": [_ref(name, state) for state in signed.by],
        "schema:legislationPassedBy": [_ref(name, organ) for organ in _words(item.more.get("adopted_by"))],
        "schema:description": item.note,
        **_fact(register, signed),
    }
    if item.entered is not None:
        node["eli:first_date_entry_in_force"] = _literal(item.entered.day)
    if item.ended is not None:
        node["eli:date_no_longer_in_force"] = _literal(item.ended.day)
    for relation in item.relations:
        node.setdefault(RELATIONS[relation.kind], []).append(_ref(name, relation.target))
    return _bare(node)


def _acts(register: "Register", item: "Instrument") -> Iterator[dict[str, Any]]:
    name = register.name
    for number, act in enumerate(item.acts):
        yield _bare(
            {
                "@id": f"{name}:{act_key(register, item.slug, number)}",
                "@type": ["dq:Act", "prov:Entity"],
                "dq:actKind": act.kind,
                "dq:actOf": _ref(name, act.state),
                "prov:wasAttributedTo": _ref(name, act.state),
                "dq:about": _ref(name, item.slug),
                **_day("dq:date", act.date),
                **_day("dq:effective", act.effective),
                "dq:towards": [_ref(name, state) for state in act.towards],
                "dq:provision": list(act.provisions),
                "dq:through": _ref(name, act.through) if act.through else None,
                "schema:text": act.text,
                "schema:description": act.note,
                "dq:confidence": act.confidence,
                "prov:wasDerivedFrom": [_ref(name, f"source/{key}") for key in act.sources],
            }
        )


def _statuses(register: "Register", item: "Instrument", on: date) -> Iterator[dict[str, Any]]:
    for state, found in register.states.items():
        if found.independent.day.after(on):
            continue
        status = register.status(item.slug, state, on)
        yield _bare(
            {
                "@id": f"{register.name}:{item.slug}/{state}/status/{on}",
                "@type": "dq:Status",
                "dq:about": _ref(register.name, item.slug),
                "dq:statusOf": _ref(register.name, state),
                "dq:on": {"@value": on.isoformat(), "@type": "xsd:date"},
                "dq:code": status.code,
                "dq:bound": status.bound,
                "dq:applied": status.applied,
                **_day("dq:since", status.since),
                **_day("dq:until", status.until),
                "dq:confidence": status.confidence,
            }
        )


def _states(register: "Register") -> Iterator[dict[str, Any]]:
    for code, state in register.states.items():
        yield _bare(
            {
                "@id": f"{register.name}:{code}",
                "@type": ["schema:Country", "org:FormalOrganization", "prov:Agent"],
                "dct:identifier": [code, state.iso2],
                "schema:name": _tagged(state.name),
                **_day("dq:independent", state.independent.day),
            }
        )


def _memberships(register: "Register") -> Iterator[dict[str, Any]]:
    name = register.name
    yield {"@id": f"{name}:commonwealth", "@type": "org:OrganizationalCollaboration", "dct:identifier": name}
    for item in register.memberships:
        yield _bare(
            {
                "@id": f"{name}:{item.state}/membership/{item.standing}",
                "@type": "org:Membership",
                "org:member": _ref(name, item.state),
                "org:organization": _ref(name, "commonwealth"),
                "org:role": _ref(name, f"role/{item.standing}"),
                **_day("dq:from", item.start),
                **_day("dq:until", item.end),
                **_fact(register, item),
            }
        )
    for standing in dict.fromkeys(item.standing for item in register.memberships):
        yield {"@id": f"{name}:role/{standing}", "@type": "org:Role", "skos:notation": standing}


def _organ(register: "Register", code: str, organ: "Organ") -> dict[str, Any]:
    name = register.name
    return _bare(
        {
            "@id": f"{name}:{code}",
            "@type": ["org:Organization", "prov:Agent"],
            "dct:identifier": code,
            "skos:prefLabel": _tagged(organ.name),
            "org:purpose": _tagged(organ.mandate),
            "org:classification": _ref(name, f"organ-kind/{organ.kind}"),
            "org:subOrganizationOf": _ref(name, organ.parent) if organ.parent else None,
            "dq:succeededBy": [_ref(name, other) for other in organ.successors],
            "schema:location": organ.seat,
            **_day("dq:established", organ.established.day if organ.established else None),
            **_day("dq:dissolved", organ.dissolved.day if organ.dissolved else None),
            **_fact(register, organ),
        }
    )


def _fact(register: "Register", fact: "Sourced") -> dict[str, Any]:
    return {
        "dq:confidence": fact.confidence,
        "prov:wasDerivedFrom": [_ref(register.name, f"source/{key}") for key in fact.sources],
    }


def _cited(register: "Register", items: Iterable["Instrument"]) -> set[str]:
    facts: list[Any] = [*register.memberships, *register.institutions.organs.values()]
    for item in items:
        facts += [item.signed, *item.acts]
    return {key for fact in facts for key in fact.sources}


def _ref(name: str, local: str) -> dict[str, str]:
    return {"@id": f"{name}:{local}"}


def _link(url: str) -> dict[str, str] | None:
    return {"@id": url} if url else None


def _words(value: object) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]


def _tagged(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@value": text, "@language": language} for language, text in texts.items() if text]


def _literal(day: Day | None) -> dict[str, str] | None:
    if day is None:
        return None
    if day.exact and not day.uncertain:
        return {"@value": str(day.earliest), "@type": "xsd:date"}
    return {"@value": str(day), "@type": EDTF}


def _day(name: str, day: Day | None) -> dict[str, Any]:
    """Put a day under a property; where it is not exactly known, its bounds under ``…Earliest`` and ``…Latest`` too."""
    if day is None:
        return {}
    bounds = {} if day.exact else {f"{name}Earliest": day.earliest, f"{name}Latest": day.latest}
    return {
        name: _literal(day),
        **{key: {"@value": bound.isoformat(), "@type": "xsd:date"} for key, bound in bounds.items() if bound},
    }


def _bare(node: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is empty."""
    return {key: value for key, value in node.items() if value not in (None, "", [], ())}
