"""Amendments: new wording of paragraphs, new articles, and new values of forms.

All amendments of one call speak of the numbers of the version amended; what is added or taken away renumbers the rest.

Refusals: ``CN111`` no such paragraph, ``CN112`` text that a form makes, ``CN113`` an amendment that is not complete,
``CN114`` two amendments of the same place.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, NoReturn

from dostastyq import register as law
from dostastyq.council.composer.build import subject_text
from dostastyq.council.composer.library import library
from dostastyq.council.composer.model import NOTHING, Amendment, Composition, Final, Subject, Texts
from dostastyq.errors import DostastyqError, nearest
from dostastyq.i18n import LANGUAGES

AMENDMENT_KINDS = ("replace", "insert", "delete", "form")


@dataclass(slots=True)
class _Sheet:
    """An article being amended: its parts by their old numbers, and what is added after each."""

    part: Subject | Final
    title: Texts
    texts: list[Texts | None]
    added: dict[int, list[Texts]] = field(default_factory=dict)
    after: list[Subject | Final] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    touched: bool = False
    gone: bool = False

    @property
    def form(self) -> str:
        """Form that makes the text; empty for text of its own."""
        return self.part.pattern if isinstance(self.part, Final) else ""


def amended(draft: Composition, amendments: Iterable[Amendment]) -> Composition:
    """Give a composition with amendments; see `Composition.amended`.

    Examples
    --------
    >>> from dostastyq.council.composer import Amendment, example
    >>> made = amended(example(), [Amendment(paragraph="1.1", kind="replace", text={"en": "A union is established."})])
    >>> made.articles[1].paragraphs[0].text["en"], made.missing()["ru"]
    ('A union is established.', ('1.1',))
    """
    from dostastyq.council.composer.read import from_dict, to_dict  # noqa: PLC0415 -- reads what is written here

    preambles, sheets = _sheets(draft)
    title, seen = draft.title, set()
    for it in amendments:
        if it.kind not in AMENDMENT_KINDS:
            raise DostastyqError("CN113", f"{it.kind!r} is not a kind of amendment", nearest(it.kind, AMENDMENT_KINDS))
        if it.kind != "insert" and (it.paragraph, it.kind == "form") in seen:
            raise DostastyqError("CN114", f"{it.paragraph} is amended twice", "keep one of the two amendments")
        seen.add((it.paragraph, it.kind == "form"))
        if it.paragraph == "title":
            title = _text(it) if it.kind == "replace" else _refuse_made(it, "the title can only be replaced")
        else:
            _amend(sheets, it, draft)
    subjects, finals = _gathered(sheets)
    data = to_dict(
        replace(draft, title=title, subjects=(*preambles, *subjects), finals=finals, kept=()),
    )
    del data["articles"]
    return from_dict(data)


def _sheets(draft: Composition) -> tuple[list[Subject], dict[int, _Sheet]]:
    register, clauses = law.load(draft.commonwealth), library(draft.commonwealth).clauses
    preambles = [part for part in draft.subjects if part.clause in clauses and clauses[part.clause].preamble]
    parts: list[Subject | Final] = [part for part in draft.subjects if part not in preambles]
    parts += draft.finals
    sheets = {0: _Sheet(Subject(), NOTHING, [])}
    for number, part in enumerate(parts, 1):
        if isinstance(part, Subject):
            title, texts = subject_text(draft, part, register)
        elif part.pattern:
            title, texts = NOTHING, ()
        else:
            title, texts = part.values["title"], part.values["paragraphs"]
        sheets[number] = _Sheet(part, title, list(texts))
    return preambles, sheets


def _text(it: Amendment) -> Texts:
    found = {language: it.text[language].strip() for language in LANGUAGES if it.text.get(language, "").strip()}
    if not found or it.text.keys() - set(LANGUAGES):
        raise DostastyqError(
            "CN113", f"{it.paragraph}: the amendment has no text in kk, ru or en", "write text: {kk: …, ru: …, en: …}"
        )
    return MappingProxyType(found)


def _refuse_made(it: Amendment, hint: str) -> NoReturn:
    raise DostastyqError("CN112", f"{it.paragraph}: {it.kind} is not possible there", hint)


def _amend(sheets: Mapping[int, _Sheet], it: Amendment, draft: Composition) -> None:
    article, _, paragraph = it.paragraph.partition(".")
    number, place = (int(part) if part.isdecimal() else -1 for part in (article, paragraph or "0"))
    if number == 0 or (number == len(sheets) and it.kind != "insert"):
        _refuse_made(
            it, "the list of parties, the languages and the depositary make this text: change them in a new version"
        )
    sheet = sheets.get(number)
    if sheet is None or place < 0:
        known = [str(key) for key in sheets if key] if sheet is None else [f"{number}.1 to {number}.{len(sheet.texts)}"]
        raise DostastyqError("CN111", f"there is no paragraph {it.paragraph}", "there are: " + ", ".join(known))
    if it.kind == "form":
        _fill(sheet, it)
    elif not paragraph:
        _amend_article(sheet, it, draft)
    elif sheet.form:
        hint = (
            f"amend the form: kind form, values of {sheet.form!r}; or delete or replace the whole of article {number}"
        )
        raise DostastyqError("CN112", f"{it.paragraph}: the form {sheet.form!r} makes this text", hint)
    else:
        _amend_paragraph(sheet, it, place)


def _fill(sheet: _Sheet, it: Amendment) -> None:
    values = getattr(sheet.part, "values", NOTHING)
    if not it.values or (isinstance(sheet.part, Subject) and (not sheet.part.clause or sheet.part.paragraphs)):
        raise DostastyqError(
            "CN113",
            f"{it.paragraph}: no form is filled there, or no value is given",
            "name an article made by a form, and values",
        )
    if it.text:
        raise DostastyqError(
            "CN112", f"{it.paragraph}: a form makes its own text", "leave out text: the values make it"
        )
    if unknown := it.values.keys() - values.keys():
        raise DostastyqError(
            "CN113", f"{it.paragraph}: the form has no {min(unknown)!r}", nearest(min(unknown), values)
        )
    sheet.values.update(it.values)


def _amend_article(sheet: _Sheet, it: Amendment, draft: Composition) -> None:
    if it.kind == "delete":
        sheet.gone = True
    elif it.kind == "insert":
        sheet.after.append(_new_part(it, draft))
    elif sheet.form:
        raise DostastyqError("CN112", f"{it.paragraph}: a form has its own heading", "amend its values, or delete it")
    else:
        sheet.title, sheet.touched = _text(it), True


def _new_part(it: Amendment, draft: Composition) -> Subject | Final:
    values = dict(it.values or {})
    known = library(draft.commonwealth)
    if "clause" in values and values["clause"] in known.clauses:
        return Subject(clause=values.pop("clause"), values=values)
    if "pattern" in values and values["pattern"] in known.patterns:
        return Final(pattern=values.pop("pattern"), values=values)
    raise DostastyqError(
        "CN113",
        f"{it.paragraph}: a new article needs a clause or a form of the library",
        "write values: {clause: …} or {pattern: …}, with its parameters",
    )


def _amend_paragraph(sheet: _Sheet, it: Amendment, place: int) -> None:
    sheet.touched = True
    if it.kind == "insert" and place <= len(sheet.texts):
        sheet.added.setdefault(place, []).append(_text(it))
    elif 1 <= place <= len(sheet.texts):
        if sheet.texts[place - 1] is None:
            raise DostastyqError("CN114", f"{it.paragraph} is amended twice", "keep one of the two amendments")
        sheet.texts[place - 1] = _text(it) if it.kind == "replace" else None
    else:
        raise DostastyqError("CN111", f"there is no paragraph {it.paragraph}", f"the article has {len(sheet.texts)}")


def _gathered(sheets: Mapping[int, _Sheet]) -> tuple[tuple[Subject, ...], tuple[Final, ...]]:
    parts: list[Subject | Final] = []
    for number, sheet in sheets.items():
        if number and not sheet.gone and (part := _made(sheet)) is not None:
            parts.append(part)
        parts += sheet.after
    subjects = tuple(part for part in parts if isinstance(part, Subject))
    return subjects, tuple(part for part in parts if isinstance(part, Final))


def _made(sheet: _Sheet) -> Subject | Final | None:
    if sheet.values:
        return replace(sheet.part, values={**sheet.part.values, **sheet.values})
    if not sheet.touched:
        return sheet.part
    texts = list(sheet.added.get(0, ()))
    for place, text in enumerate(sheet.texts, 1):
        texts += [] if text is None else [text]
        texts += sheet.added.get(place, ())
    if not texts:
        return None
    if isinstance(sheet.part, Final):
        return Final(pattern="", values={"title": sheet.title, "paragraphs": tuple(texts)})
    return replace(sheet.part, title=sheet.title, paragraphs=tuple(texts))
