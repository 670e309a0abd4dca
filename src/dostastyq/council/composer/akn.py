"""Akoma Ntoso 3.0: a composition as a document with its text, in one language.

A draft is a ``bill``, an adopted text an ``act``. Articles and paragraphs carry the identifiers of the standard's
naming convention (``art_2__para_1``); the filled forms stand in ``proprietary``.
"""

import json
import re
from datetime import date
from xml.etree import ElementTree as ET

from dostastyq.council.composer.model import Article, Composition
from dostastyq.council.composer.read import thawed
from dostastyq.errors import DostastyqError
from dostastyq.i18n import LANGUAGES
from dostastyq.register.exports.names import TERMS, namespace

AKN = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
CODES = {"kk": "kaz", "ru": "rus", "en": "eng"}
SELF = "#dostastyq"


def iri(draft: Composition, on: date | None, *, adopted: bool = False) -> str:
    """Akoma Ntoso IRI of a composition as a work, dated by its adoption or proposal; year 0000 where it has no day.

    Examples
    --------
    >>> from dostastyq.council.composer import example
    >>> iri(example(), date(2027, 5, 14), adopted=True)
    '/akn/xc-cis/act/treaty/2027-05-14/customs-union-draft'
    """
    kind = "decision" if draft.kind == "decision" else "treaty"
    day = "0000" if on is None else on.isoformat()
    slug = re.sub(r"-\d{4}$", "", draft.slug)
    return f"/akn/xc-{draft.commonwealth}/{'act' if adopted else 'bill'}/{kind}/{day}/{slug}"


def to_akn(
    draft: Composition, language: str, *, on: date | None = None, version: date | None = None, adopted: bool = False
) -> bytes:
    """Write a composition as Akoma Ntoso.

    Parameters
    ----------
    draft, language
        What, and the language of the text.
    on
        Day of proposal, or of adoption.
    version
        Day of the version; by default that of the work.
    adopted
        Whether it was adopted: an act, and no longer a bill.

    Raises
    ------
    DostastyqError
        ``CN120`` where a paragraph has no text in the language, or no such language exists.

    Examples
    --------
    >>> from dostastyq.council.composer import example
    >>> b'<article eId="art_1">' in to_akn(example(), "kk")
    True
    """
    if language not in LANGUAGES:
        raise DostastyqError("CN120", f"there is no language {language!r}", f"write one of {', '.join(LANGUAGES)}")
    parts = [("title", draft.title), *((it.number, it.text) for it in draft.paragraphs())]
    if gaps := [number for number, text in parts if not text.get(language)]:
        raise DostastyqError(
            "CN120", f"no text in {language!r}: {', '.join(gaps)}", "write the text before it is published"
        )
    ET.register_namespace("", AKN)
    ET.register_namespace("dq", TERMS)
    root = ET.Element(_akn("akomaNtoso"))
    document = _add(root, "act" if adopted else "bill", name=draft.kind, contains="originalVersion")
    work = iri(draft, on, adopted=adopted)
    _meta(_add(document, "meta"), draft, language, (work, on, version or on))
    _add(_add(_add(document, "preface"), "p", **{XML_LANG: language}), "docTitle").text = draft.title[language]
    preamble, *articles = draft.articles
    opening = _add(document, "preamble")
    for number, paragraph in enumerate(preamble.paragraphs, 1):
        _add(opening, "p", eId=f"preamble__p_{number}").text = paragraph.text[language]
    body = _add(document, "body")
    for article in articles:
        _article(body, article, language)
    ET.indent(root, " ")
    return DECLARATION + ET.tostring(root, encoding="unicode").encode() + b"\n"


def _article(body: ET.Element, article: Article, language: str) -> None:
    name = f"art_{article.number}"
    found = _add(body, "article", eId=name)
    _add(found, "num").text = str(article.number)
    if heading := article.title.get(language):
        _add(found, "heading").text = heading
    for number, paragraph in enumerate(article.paragraphs, 1):
        part = _add(found, "paragraph", eId=f"{name}__para_{number}")
        _add(part, "num").text = paragraph.number
        content = _add(part, "content", eId=f"{name}__para_{number}__content")
        _add(content, "p").text = paragraph.text[language]


def _meta(meta: ET.Element, draft: Composition, language: str, dated: tuple[str, date | None, date | None]) -> None:
    work, on, version = dated
    expression = f"{work}/{CODES[language]}@{'' if version is None else version.isoformat()}"
    identification = _add(meta, "identification", source=SELF)
    found = _core(_add(identification, "FRBRWork"), work, on, draft)
    for at, code in enumerate(sorted(draft.title), 2):
        found.insert(at, ET.Element(_akn("FRBRalias"), {"name": f"title-{code}", "value": draft.title[code]}))
    _add(found, "FRBRcountry", value=f"xc-{draft.commonwealth}")
    _add(found, "FRBRsubtype", value=work.split("/")[4])
    _add(found, "FRBRnumber", value=work.rsplit("/", 1)[1])
    found = _core(_add(identification, "FRBRExpression"), expression, version, draft)
    _add(found, "FRBRlanguage", language=CODES[language])
    found = _core(_add(identification, "FRBRManifestation"), f"{expression}.xml", version, draft)
    _add(found, "FRBRformat", value="application/akn+xml")
    references = _add(meta, "references", source=SELF)
    _add(references, "TLCOrganization", eId=SELF[1:], href="/akn/ontology/organization/dostastyq", showAs="Dostastyq")
    for code in draft.parties:
        _add(references, "TLCOrganization", eId=code, href=f"{namespace(draft.commonwealth)}{code}", showAs=code)
    forms = [article for article in draft.articles if article.pattern and article.pattern != "testimonium"]
    proprietary = _add(meta, "proprietary", source=SELF)
    own = (it for it in draft.finals if it.pattern)
    for article, final in zip(forms, own, strict=True):
        given = {"pattern": final.pattern, "article": f"#art_{article.number}"}
        made = ET.SubElement(proprietary, f"{{{TERMS}}}form", given)
        for name, value in final.values.items():
            text = value if isinstance(value, str) else json.dumps(thawed(value), ensure_ascii=False)
            ET.SubElement(made, f"{{{TERMS}}}value", {"name": name}).text = text


def _core(found: ET.Element, name: str, on: date | None, draft: Composition) -> ET.Element:
    stem, dot, form = name.partition(".")
    _add(found, "FRBRthis", value=f"{stem}/!main{dot}{form}")
    _add(found, "FRBRuri", value=name)
    _add(found, "FRBRdate", date=(on or date.min).isoformat(), name="adoption" if "/act/" in name else "proposal")
    for code in draft.parties:
        _add(found, "FRBRauthor", href=f"#{code}")
    return found


def _akn(name: str) -> str:
    return f"{{{AKN}}}{name}"


def _add(parent: ET.Element, name: str, /, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, _akn(name), attributes)
