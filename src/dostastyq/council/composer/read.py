"""Reading and writing compositions: the YAML file of a delegation, and the plain data of a journal.

Refusals: ``CN101`` not YAML, ``CN102`` a key twice, ``CN103`` an unknown key, ``CN104`` a missing key, ``CN105`` a
wrong shape, ``CN106`` an unknown word, ``CN107`` a value that its kind cannot hold, ``CN109`` parts that do not fit
together.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dostastyq import register as law
from dostastyq.council.composer.build import build
from dostastyq.council.composer.form import forms
from dostastyq.council.composer.library import AgreementKind, Library, Template, library
from dostastyq.council.composer.model import Article, Composition, Final, Paragraph, Subject, Texts
from dostastyq.council.composer.values import Value, is_whole, read_value, shortened, stable_name, wording
from dostastyq.council.composer.wording import THIS
from dostastyq.errors import DostastyqError, nearest
from dostastyq.i18n import LANGUAGES
from dostastyq.register import Register
from dostastyq.register.facts import PREFERENCE_KINDS
from dostastyq.register.loader import COMMONWEALTHS
from dostastyq.register.reader import Reader, Record
from dostastyq.register.reader import compose as compose_nodes

OWN_CODES = {
    "RG020": "CN101",
    "RG021": "CN102",
    "RG022": "CN103",
    "RG023": "CN104",
    "RG024": "CN105",
    "RG026": "CN106",
    "RG028": "CN106",
}
"""What the strict reader of YAML refuses, under the codes of this package."""

_KEYS = (
    *("kind", "domain", "preference", "agreement", "subjects", "finals", "depositary", "languages", "reasons"),
    *("scenario", "commonwealth", "articles"),
)
_SUBJECT_KEYS = ("clause", "values", "title", "paragraphs")


def compose(data: Mapping[str, Any] | Path | str) -> Composition:
    """Put an agreement together from plain data, or from a YAML file; see `dostastyq.council.composer.compose`."""
    if isinstance(data, Mapping):
        text, name = _written(data), "composition"
    else:
        text, name = _read_file(Path(data)), Path(data).name
    try:
        return _read(compose_nodes(text, name))
    except DostastyqError as error:
        code = OWN_CODES.get(error.code)
        if code is None:
            raise
        raise DostastyqError(code, error.message, error.hint) from None


def _written(data: Mapping[str, Any]) -> str:
    try:
        return json.dumps(data, ensure_ascii=False, default=_plain)
    except (ValueError, RecursionError):
        raise DostastyqError("CN105", "composition: a part holds itself", "write it out") from None


def _read_file(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise DostastyqError("CN101", f"{path}: cannot be read: {error.strerror}", "name a file that exists") from None
    except UnicodeDecodeError:
        raise DostastyqError("CN101", f"{path}: not UTF-8 text", "save the file as UTF-8") from None


def _plain(value: Value) -> Value:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (tuple, frozenset, set)):
        return list(value)
    raise DostastyqError("CN105", f"{value!r} is not plain data", "write text, whole numbers, lists and mappings")


def from_dict(data: Mapping[str, Any]) -> Composition:
    """Read what `to_dict` gave.

    Examples
    --------
    >>> from dostastyq.council.composer import example
    >>> from_dict(to_dict(example())).slug
    'customs-union-draft'
    """
    return compose(data)


def _read(at: Reader) -> Composition:
    record = at.record(("slug", "title", "parties"), _KEYS)
    commonwealth = record.get("commonwealth", Reader.text, "cis")
    known = _known_library(record, commonwealth)
    register = law.load(commonwealth)
    code = record.get("agreement", lambda it: it.word(known.agreements, "a kind of agreement", "CN106"), "")
    kind = known.agreements.get(code)
    if kind is None and not {"kind", "domain"} <= record.found.keys():
        at.refuse(
            "CN104",
            "missing 'agreement'",
            f"name a kind of agreement ({', '.join(known.agreements)}), or kind and domain",
        )
    draft = Composition(
        slug=stable_name(record["slug"]),
        title=_texts(record["title"], needed=True),
        parties=tuple(read_value("states", record["parties"], register)),
        agreement=code,
        commonwealth=commonwealth,
        subjects=tuple(_subject(item, known, register) for item in record.items("subjects")),
        finals=tuple(_final(item, known, register) for item in record.items("finals")),
        depositary=record.get("depositary", lambda it: _depositary(it, register), ""),
        languages=record.get("languages", _languages, ("ru",)),
        reasons=_reasons(record["reasons"]) if "reasons" in record else "",
        scenario=record.get("scenario", _scenario, None),
        **_from_kind(record, kind),
    )
    _check_fit(draft, at, known)
    kept = _articles(record["articles"]) if "articles" in record else ()
    return replace(draft, kept=kept) if kept and kept != build(draft) else draft


def _known_library(record: Record, commonwealth: str) -> Library:
    try:
        return library(commonwealth)
    except DostastyqError as error:
        record["commonwealth"].refuse("CN100", error.message, error.hint)


def _from_kind(record: Record, kind: AgreementKind | None) -> dict[str, Any]:
    given = "none" if kind is None else kind.preference
    found = {
        "kind": record.get("kind", lambda at: at.word(THIS["ru"], "a kind of instrument that can be drafted"), ""),
        "domain": tuple(item.text() for item in record.items("domain")),
        "preference": record.get("preference", lambda at: at.word((*PREFERENCE_KINDS, "none"), "a preference"), given),
    }
    return (
        found
        if kind is None
        else {**found, "kind": found["kind"] or kind.kind, "domain": found["domain"] or kind.domain}
    )


def _texts(at: Reader, *, needed: bool = False) -> Texts:
    record = at.record((), LANGUAGES)
    found = {language: wording(record[language]).strip() for language in LANGUAGES if language in record}
    if needed and not any(found.values()):
        at.refuse("CN104", "no text in any language", f"write it in {', '.join(LANGUAGES)}")
    return MappingProxyType({language: text for language, text in found.items() if text})


def _reasons(at: Reader) -> Texts | str:
    return wording(at) if at.is_text else _texts(at)


def _languages(at: Reader) -> tuple[str, ...]:
    found = at.words(LANGUAGES, "a language of the system", "CN106")
    if not found or len(set(found)) < len(found):
        at.refuse("CN107", "languages are named once each, and at least one", "write [kk, ru, en]")
    return found


def _depositary(at: Reader, register: Register) -> str:
    known = {*register.institutions.organs, *register.states, ""}
    return at.word(known, "an organ or a state of the register", "CN106")


def _scenario(at: Reader) -> Mapping[str, Any] | None:
    if at.is_text and at.text() in {"null", "~", ""}:
        return None
    found = at.plain(lambda _key, _at: None)
    if not isinstance(found, dict):
        at.refuse("CN105", "expected a mapping", "write {baseline: cis-2023, model: one-sector}")
    return MappingProxyType(found)


def _values(at: Reader | None, owner: Reader, template: Template, register: Register) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    given = {} if at is None else dict(at.entries())
    for name, item in given.items():
        if name not in template.parameters:
            item.refuse("CN103", f"{template.code!r} has no parameter {name!r}", nearest(name, template.parameters))
    for name, blank in template.parameters.items():
        if name in given:
            found[name] = read_value(blank.kind, given[name], register)
        elif blank.default is None:
            hint = f"write values: {{{name}: …}}, {blank.kind}: {blank.label['en']}"
            owner.refuse("CN104", f"{template.code!r} needs {name!r}", hint)
        else:
            found[name] = blank.default
    return MappingProxyType(found)


def _subject(at: Reader, known: Library, register: Register) -> Subject:
    record = at.record((), _SUBJECT_KEYS)
    title: Texts = _texts(record["title"]) if "title" in record else MappingProxyType({})
    texts = tuple(_texts(item) for item in record.items("paragraphs"))
    if "clause" not in record:
        if not texts or not title:
            at.refuse("CN104", "own wording needs title and paragraphs", "add them, or name a clause of the library")
        return Subject(title=title, paragraphs=texts)
    code = record["clause"].word(known.clauses, "a clause of the library", "CN106")
    values = _values(record.found.get("values"), at, known.clauses[code], register)
    return Subject(clause=code, values=values, title=title, paragraphs=texts)


def _final(at: Reader, known: Library, register: Register) -> Final:
    record = at.record((), ("pattern", "values", "title", "paragraphs"))
    if "pattern" in record:
        for key in ("title", "paragraphs"):
            if key in record:
                record[key].refuse(
                    "CN112", "a form makes its own text", "fill the values, or write own wording without a pattern"
                )
        code = record["pattern"].word(known.patterns, "a form of the library", "CN106")
        pattern = known.patterns[code]
        if not pattern.drafting:
            record["pattern"].refuse("CN109", f"{code!r} is not a clause that is drafted", pattern.reason)
        return Final(pattern=code, values=_values(record.found.get("values"), at, pattern, register))
    if not {"title", "paragraphs"} <= record.found.keys():
        at.refuse("CN104", "a final clause needs a pattern, or title and paragraphs", nearest("", known.patterns))
    paragraphs = tuple(_texts(item, needed=True) for item in record.items("paragraphs"))
    if not paragraphs:
        record["paragraphs"].refuse("CN104", "own wording needs a paragraph", "write one in kk, ru or en")
    return Final(pattern="", values=MappingProxyType({"title": _texts(record["title"]), "paragraphs": paragraphs}))


def _check_fit(draft: Composition, at: Reader, known: Library) -> None:
    """Clauses have what they presuppose, forms agree with each other, and provisions named exist."""
    present = {part.clause for part in draft.subjects}
    for part, its in zip(draft.subjects, _listed(at, "subjects"), strict=True):
        for other in known.clauses[part.clause].presupposes if part.clause else ():
            if other not in present:
                its.refuse(
                    "CN109", f"{part.clause!r} presupposes {other!r}", f"add the clause {other!r}, or own wording"
                )
    try:
        forms(draft)
    except DostastyqError as error:
        at.refuse(error.code, error.message, error.hint)
    _check_values(draft, at, known)


def _check_values(draft: Composition, at: Reader, known: Library) -> None:
    numbers: Collection[str] | None = None
    for final, its in zip(draft.finals, _listed(at, "finals"), strict=True):
        blanks = known.patterns[final.pattern].parameters if final.pattern else {}
        for name, value in final.values.items() if blanks else ():
            where = f"form {final.pattern!r}, {name}"
            if blanks[name].kind == "count" and value > len(draft.parties):
                its.refuse(
                    "CN109", f"{where}: {value} of {len(draft.parties)} parties", "ask for fewer, or name more parties"
                )
            if blanks[name].kind == "provisions":
                if numbers is None:
                    numbers = _numbers(draft)
                for text in (text for text in value if text not in numbers):
                    its.refuse("CN109", f"{where}: there is no {text}", "name an article or a paragraph of this text")
            if blanks[name].kind == "instruments" and draft.slug in _slugs(value):
                its.refuse("CN109", f"{where}: {draft.slug} is this text itself", "name another instrument")


def _slugs(value: Value) -> list[str]:
    return [item["slug"] if isinstance(item, Mapping) else item for item in value]


def _listed(at: Reader, key: str) -> list[Reader]:
    found = dict(at.entries())
    return found[key].items() if key in found else []


def _numbers(draft: Composition) -> Collection[str]:
    articles = build(draft)
    return {str(it.number) for it in articles} | {part.number for it in articles for part in it.paragraphs}


def _articles(at: Reader) -> tuple[Article, ...]:
    found = []
    for item in at.items():
        record = item.record(("number", "title", "paragraphs"), ("pattern",))
        paragraphs = [it.record(("number", "text"), ("clause",)) for it in record.items("paragraphs")]
        found.append(
            Article(
                number=read_number(record["number"]),
                title=_texts(record["title"]),
                paragraphs=tuple(
                    Paragraph(number=it.text("number"), text=_texts(it["text"]), clause=it.text("clause"))
                    for it in paragraphs
                ),
                pattern=record.text("pattern"),
            )
        )
    return tuple(found)


def read_number(at: Reader) -> int:
    """Read the number of an article."""
    if not is_whole(at.text()):
        at.refuse("CN107", f"{shortened(at.text())!r} is not the number of an article", "write figures")
    return int(at.text())


def to_dict(draft: Composition) -> dict[str, Any]:
    """Plain data of a composition; see `Composition.to_dict`."""
    found: dict[str, Any] = {
        "slug": draft.slug,
        "commonwealth": draft.commonwealth,
        "kind": draft.kind,
        "domain": list(draft.domain),
        "title": dict(draft.title),
        "parties": list(draft.parties),
        "preference": draft.preference,
        "subjects": [_subject_data(part) for part in draft.subjects],
        "finals": [_final_data(final) for final in draft.finals],
        "depositary": draft.depositary,
        "languages": list(draft.languages),
        "reasons": draft.reasons if isinstance(draft.reasons, str) else dict(draft.reasons),
        "articles": [_article_data(article) for article in draft.articles],
    }
    if draft.agreement:
        found["agreement"] = draft.agreement
    if draft.scenario is not None:
        found["scenario"] = thawed(draft.scenario)
    return found


def _subject_data(part: Subject) -> dict[str, Any]:
    found: dict[str, Any] = {"clause": part.clause, "values": thawed(part.values)} if part.clause else {}
    if part.title:
        found["title"] = dict(part.title)
    if part.paragraphs:
        found["paragraphs"] = [dict(text) for text in part.paragraphs]
    return found


def _final_data(final: Final) -> dict[str, Any]:
    return {"pattern": final.pattern, "values": thawed(final.values)} if final.pattern else thawed(final.values)


def _article_data(article: Article) -> dict[str, Any]:
    return {
        "number": article.number,
        "title": dict(article.title),
        "paragraphs": [{"number": it.number, "text": dict(it.text), "clause": it.clause} for it in article.paragraphs],
        "pattern": article.pattern,
    }


def thawed(value: Value) -> Value:
    """Nested mappings and sequences as dictionaries and lists."""
    if isinstance(value, Mapping):
        return {key: thawed(item) for key, item in value.items()}
    return [thawed(item) for item in value] if isinstance(value, (list, tuple)) else value


def example() -> Composition:
    """Read the shipped example: a customs union of four states, in three languages.

    Examples
    --------
    >>> example().parties
    ('ARM', 'KAZ', 'KGZ', 'RUS')
    """
    return compose(EXAMPLE)


EXAMPLE = COMMONWEALTHS / "cis" / "council" / "examples" / "customs-union-draft.yaml"
"""Path of the shipped example."""
