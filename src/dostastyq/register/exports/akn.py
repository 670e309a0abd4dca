"""Akoma Ntoso 3.0: what is known about one instrument, as the metadata of a document whose text is not held.

``identification`` names work, expression and manifestation by their IRIs. ``lifecycle`` has one event a day,
``temporalData`` one group a state: intervals in which the instrument was in force for it (``#in-force``), applied
provisionally (``#provisional``), or in which that is not known (``#unknown``). ``analysis`` holds what it does to other
instruments and, for a day asked about, the status of every state. Acts stand in ``proprietary`` with days as EDTF and
with their sources; ``notes`` list the days that are not exactly known.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from dostastyq.errors import DostastyqError
from dostastyq.register.exports.events import of_instrument, sentence
from dostastyq.register.exports.names import TERMS, act_key, expression_iri, namespace, work_iri
from dostastyq.register.timeline import Line, at

if TYPE_CHECKING:
    from dostastyq.register.exports import Request
    from dostastyq.register.law import Register
    from dostastyq.register.model import Instrument

AKN = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ORIGINAL = "rus"
"""Language of the expression: the working language of the commonwealths' depositaries."""

SELF = "#dostastyq"
CONCEPTS = {
    "in-force": "in force",
    "provisional": "applied provisionally",
    "unknown": "not known",
    "entryIntoForce": "entry into force",
}
"""Concepts referred to by events and intervals."""

ENDS = ("terminates", "repeals", "succeeds")
WIDENS = ("extends", "extends_application_of")


@dataclass
class Document:
    """One document in the making.

    Parameters
    ----------
    register, item
        The register and the instrument.
    on
        Day whose statuses are wanted.
    days
        Type, concept of the events by day.
    """

    register: "Register"
    item: "Instrument"
    on: date | None
    days: dict[date, tuple[str, str]] = field(default_factory=dict)

    def event(self, day: date, kind: str = "", concept: str = "") -> str:
        """Give the reference of a day's event; the first one to name a kind or a concept decides."""
        had = self.days.get(day, ("", ""))
        self.days[day] = (had[0] or kind, had[1] or concept)
        return f"#{_event_id(day)}"


def to_akn(request: "Request") -> bytes:
    """Write one instrument as Akoma Ntoso.

    Raises
    ------
    DostastyqError
        ``RG051`` where no instrument is named: a document is about one.
    """
    if not request.instrument:
        raise DostastyqError("RG051", "Akoma Ntoso describes one instrument", "name it with --instrument SLUG")
    ET.register_namespace("", AKN)
    ET.register_namespace("dq", TERMS)
    document = Document(request.register, request.register.instruments[request.instrument], request.on)
    root = ET.Element(_akn("akomaNtoso"))
    act = _add(root, "act", name=document.item.kind, contains="originalVersion")
    _meta(_add(act, "meta"), document)
    preface = _add(act, "preface")
    for language, title in document.item.title.items():
        _add(_add(preface, "p", **{XML_LANG: language}), "docTitle").text = title
    content = _add(_add(_add(act, "body"), "hcontainer", eId="hcontainer_1", name="notice"), "content", eId="content_1")
    _add(content, "p").text = "The register holds facts about this instrument, not its text."
    ET.indent(root, " ")
    return DECLARATION + ET.tostring(root, encoding="unicode").encode() + b"\n"


def _meta(meta: ET.Element, document: Document) -> None:
    _identification(_add(meta, "identification", source=SELF), document)
    item = document.item
    if item.signed.day.exact and item.signed.day.earliest is not None:
        document.event(item.signed.day.earliest, "generation")
    if item.entered is not None and item.entered.day.exact and item.entered.day.earliest is not None:
        document.event(item.entered.day.earliest, concept="entryIntoForce")
    if item.ended is not None and item.ended.day is not None and item.ended.day.earliest == item.ended.day.latest:
        document.event(item.ended.day.earliest or date.min, "repeal")
    groups = _groups(document)
    analysis = _analysis(document)
    if document.days:
        lifecycle = _add(meta, "lifecycle", source=SELF)
        for day, (kind, concept) in sorted(document.days.items()):
            given = {"type": kind, "refersTo": concept and f"#{concept}"}
            _add(lifecycle, "eventRef", eId=_event_id(day), date=str(day), source="#work", **_given(given))
    if len(analysis):
        meta.append(analysis)
    if len(groups):
        meta.append(groups)
    _references(_add(meta, "references", source=SELF), document)
    _notes(meta, document)
    _proprietary(_add(meta, "proprietary", source=SELF), document)


def _identification(parent: ET.Element, document: Document) -> None:
    register, item = document.register, document.item
    work, expression = work_iri(register, item), expression_iri(register, item, ORIGINAL)
    signed = item.signed.day
    first = str(signed.earliest or signed.latest or date.min)
    dated = (first, "signature" if signed.exact else "earliest signature")
    found = _core(_add(parent, "FRBRWork"), work, dated, document)
    for language, title in item.title.items():
        alias = ET.Element(_akn("FRBRalias"), {"name": f"title-{language}", "value": title})
        found.insert(2, alias)
    found.insert(2, ET.Element(_akn("FRBRalias"), {"name": "slug", "value": f"{register.name}:{item.slug}"}))
    _add(found, "FRBRcountry", value=f"xc-{register.name}")
    _add(found, "FRBRsubtype", value=work.split("/")[4])
    _add(found, "FRBRnumber", value=work.rsplit("/", 1)[1])
    _add(found, "FRBRname", value=item.title["en"])
    found = _core(_add(parent, "FRBRExpression"), expression, dated, document)
    _add(found, "FRBRlanguage", language=ORIGINAL)
    found = _core(_add(parent, "FRBRManifestation"), f"{expression}.xml", dated, document)
    _add(found, "FRBRformat", value="application/akn+xml")


def _core(found: ET.Element, iri: str, dated: tuple[str, str], document: Document) -> ET.Element:
    stem, dot, form = iri.partition(".")
    _add(found, "FRBRthis", value=f"{stem}/!main{dot}{form}")
    _add(found, "FRBRuri", value=iri)
    _add(found, "FRBRdate", date=dated[0], name=dated[1])
    for code in document.item.signed.by or (document.register.name,):
        _add(found, "FRBRauthor", href=f"#{code}")
    return found


def _groups(document: Document) -> ET.Element:
    """One temporal group a state: what held, from event to event."""
    groups = ET.Element(_akn("temporalData"), {"source": SELF})
    for state in document.register.states:
        lines = document.register.standing(document.item.slug, state)
        spans = list(_spans(lines.bound, lines.applied))
        if spans:
            group = _add(groups, "temporalGroup", eId=f"tmpg_{state}")
            for number, (concept, start, end) in enumerate(spans, 1):
                last = {} if end is None else {"end": document.event(end)}
                begun = document.event(start)
                name = f"tmpg_{state}__int_{number}"
                _add(group, "timeInterval", eId=name, start=begun, refersTo=f"#{concept}", **last)
    return groups


def _spans(bound: Line, applied: Line) -> Iterable[tuple[str, date, date | None]]:
    """Concept, first day, and first day no longer, in order; nothing where the state stood outside."""
    firsts = sorted({first for line in (bound, applied) for first, _ in line})
    spans: list[tuple[str, date, date | None]] = []
    for first in firsts:
        concept = _concept(bound, applied, first)
        day = date.fromordinal(first)
        if spans and spans[-1][2] is None:
            if spans[-1][0] == concept:
                continue
            spans[-1] = (*spans[-1][:2], day)
        if concept:
            spans.append((concept, day, None))
    return spans


def _concept(bound: Line, applied: Line, day: int) -> str:
    if at(bound, day) is True:
        return "in-force"
    if at(applied, day) is True:
        return "provisional"
    return "unknown" if at(bound, day) is None or at(applied, day) is None else ""


def _analysis(document: Document) -> ET.Element:
    register, item = document.register, document.item
    analysis = ET.Element(_akn("analysis"), {"source": SELF})
    active = [
        (number, relation)
        for number, relation in enumerate(item.relations, 1)
        if relation.kind in ENDS + WIDENS and relation.target in register.instruments
    ]
    if active:
        parent = _add(analysis, "activeModifications")
        for number, relation in active:
            name, kind = ("forceMod", "endOfEnactment") if relation.kind in ENDS else ("scopeMod", "extensionOfScope")
            made = _add(parent, name, eId=f"am_{number}", type=kind)
            _add(made, "source", eId=f"am_{number}__src", href=work_iri(register, item))
            target = work_iri(register, register.instruments[relation.target])
            _add(made, "destination", eId=f"am_{number}__dst", href=target)
    by = item.ended.by if item.ended is not None else ""
    if by in register.instruments:
        made = _add(_add(analysis, "passiveModifications"), "forceMod", eId="pm_1", type="endOfEnactment")
        _add(made, "source", eId="pm_1__src", href=work_iri(register, register.instruments[by]))
        _add(made, "destination", eId="pm_1__dst", href=work_iri(register, item))
    if document.on is not None:
        _status_table(_add(analysis, "otherAnalysis", source=SELF), document, document.on)
    return analysis


def _status_table(parent: ET.Element, document: Document, on: date) -> None:
    for code, state in document.register.states.items():
        if state.independent.day.after(on):
            continue
        status = document.register.status(document.item.slug, code, on)
        since = {} if status.since is None else {"since": str(status.since)}
        given = {"state": f"#{code}", "on": str(on), "code": status.code, "confidence": status.confidence}
        ET.SubElement(parent, _own("status"), {**given, **since})


def _references(parent: ET.Element, document: Document) -> None:
    register, item = document.register, document.item
    _add(parent, "original", eId="work", href=work_iri(register, item), showAs=item.title["en"])
    for number, relation in enumerate(item.relations, 1):
        other = register.instruments.get(relation.target)
        if other is not None:
            _add(parent, "activeRef", eId=f"ar_{number}", href=work_iri(register, other), showAs=other.title["en"])
    _add(parent, "TLCOrganization", eId=SELF[1:], href="/akn/ontology/organization/dostastyq", showAs="Dostastyq")
    _add(parent, "TLCOrganization", eId=register.name, href=f"{namespace(register.name)}commonwealth",
         showAs=register.name.upper())  # fmt: skip
    for code, state in register.states.items():
        _add(parent, "TLCOrganization", eId=code, href=f"{namespace(register.name)}{code}", showAs=state.name["en"])
    for code in _organs(item):
        organ = register.institutions.organs.get(code)
        if organ is not None:
            href = f"{namespace(register.name)}{code}"
            _add(parent, "TLCOrganization", eId=f"organ_{code}", href=href, showAs=organ.name["en"])
    for name, said in CONCEPTS.items():
        _add(parent, "TLCConcept", eId=name, href=f"/akn/ontology/concept/{name}", showAs=said)


def _organs(item: "Instrument") -> list[str]:
    values = [item.more.get(key, ()) for key in ("adopted_by", "creates")]
    return [code for value in values for code in ((value,) if isinstance(value, str) else value)]


def _notes(meta: ET.Element, document: Document) -> None:
    rough = [event for event in of_instrument(document.register, document.item.slug) if not event.day.exact]
    if rough:
        notes = _add(meta, "notes", source=SELF)
        for number, event in enumerate(rough, 1):
            note = _add(notes, "note", eId=f"note_{number}")
            _add(note, "p").text = f"{event.day}: {sentence(event)}"


def _proprietary(parent: ET.Element, document: Document) -> None:
    register, item = document.register, document.item
    name = register.name
    for number, act in enumerate(item.acts):
        given = {
            "id": f"{name}:{act_key(register, item.slug, number)}",
            "state": act.state,
            "kind": act.kind,
            "date": "" if act.date is None else str(act.date),
            "effective": "" if act.effective is None else str(act.effective),
            "towards": " ".join(act.towards),
            "confidence": act.confidence,
            "sources": " ".join(f"{name}:source/{key}" for key in act.sources),
        }
        made = ET.SubElement(parent, _own("act"), _given(given))
        for provision in act.provisions:
            ET.SubElement(made, _own("provision")).text = provision


def _event_id(day: date) -> str:
    return f"evt_{day:%Y%m%d}"


def _given(attributes: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in attributes.items() if value}


def _akn(name: str) -> str:
    return f"{{{AKN}}}{name}"


def _own(name: str) -> str:
    return f"{{{TERMS}}}{name}"


def _add(parent: ET.Element, name: str, /, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, _akn(name), attributes)
