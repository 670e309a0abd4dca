"""From the parts of a composition to its articles: preamble, subjects, final clauses, and the closing article."""

from collections.abc import Iterable
from types import MappingProxyType

from dostastyq import register as law
from dostastyq.council.composer.library import library
from dostastyq.council.composer.model import Article, Composition, Paragraph, Subject, Texts
from dostastyq.council.composer.wording import Speaker, this
from dostastyq.i18n import LANGUAGES, translator
from dostastyq.register import Register

CLOSING = "testimonium"
"""Code of the closing article, made of the depositary and the languages."""

PREAMBLE = "parties"
"""Code of the first and the last paragraph of the preamble, made of the list of parties."""

OPENING = {
    "kk": "{states}, бұдан әрі Тараптар деп аталатындар,",
    "ru": "{states}, далее именуемые Сторонами,",
    "en": "{states.Nom}, hereinafter referred to as the Parties,",
}
AGREED = {"kk": "төмендегілер туралы келісті:", "ru": "согласились о нижеследующем:", "en": "have agreed as follows:"}
DECIDED = {"kk": "мынадай шешім қабылдады:", "ru": "решили:", "en": "have decided as follows:"}
CLOSING_TITLE = {"kk": "Тіл және депозитарий", "ru": "Языки и депозитарий", "en": "Languages and depositary"}
CLOSING_TITLE_UNKEPT = {"kk": "Тіл", "ru": "Языки", "en": "Languages"}
"""Heading of the closing article where no depositary is named."""
TONGUES = {
    "kk": {"kk": "қазақ", "ru": "орыс", "en": "ағылшын"},
    "ru": {"kk": "казахском", "ru": "русском", "en": "английском"},
    "en": {"kk": "Kazakh", "ru": "Russian", "en": "English"},
}
DONE_IN_ONE = {
    "kk": "{this} {tongues} тілінде бір түпнұсқа данада жасалды.",
    "ru": "{this} составлено в одном подлинном экземпляре на {tongues} языке.",
    "en": "{this} is done in a single original in the {tongues} language.",
}
DONE_IN_MANY = {
    "kk": "{this} {tongues} тілдерінде бір түпнұсқа данада жасалды, барлық мәтіндердің күші бірдей.",
    "ru": "{this} составлено в одном подлинном экземпляре на {tongues} языках, все тексты имеют одинаковую силу.",
    "en": "{this} is done in a single original in the {tongues} languages, all texts being equally authentic.",
}
KEEPER = {
    "kk": "{this} депозитарийі – {keeper}. Депозитарий Тараптарға куәландырылған көшірмелерді жібереді.",
    "ru": "Депозитарием {this} является {keeper}. Депозитарий направляет Сторонам заверенные копии.",
    "en": "The depositary of {this} is the following: {keeper}. The depositary sends certified copies to the Parties.",
}
_DONE = dict.fromkeys(("treaty", "protocol", "constitutive", "rules_of_procedure"), "составлен") | dict.fromkeys(
    ("convention", "declaration"), "составлена"
)
"""Russian short participles where the kind of instrument is not neuter."""


def build(draft: Composition) -> tuple[Article, ...]:
    """Build the articles of a composition from its parts.

    Examples
    --------
    >>> from dostastyq.council.composer import example
    >>> [article.number for article in build(example())][:3], build(example())[-1].pattern
    ([0, 1, 2], 'testimonium')
    """
    register = law.load(draft.commonwealth)
    clauses = library(draft.commonwealth).clauses
    preambles = [part for part in draft.subjects if part.clause in clauses and clauses[part.clause].preamble]
    articles = [_preamble(draft, preambles, register)]
    for part in draft.subjects:
        if part not in preambles:
            title, texts = subject_text(draft, part, register)
            articles.append(_article(len(articles), title, texts, part.clause))
    articles += _finals(draft, len(articles), register)
    title = CLOSING_TITLE if draft.depositary else CLOSING_TITLE_UNKEPT
    articles.append(_article(len(articles), title, closing(draft, register), CLOSING, CLOSING))
    return tuple(articles)


def subject_text(draft: Composition, part: Subject, register: Register) -> tuple[Texts, tuple[Texts, ...]]:
    """Heading and paragraphs of an article of substance."""
    if not part.clause:
        return part.title, part.paragraphs
    clause = library(draft.commonwealth).clauses[part.clause]
    return part.title or clause.title, part.paragraphs or clause.render(draft.kind, part.values, register)


def first_final(draft: Composition) -> int:
    """Give the number of the first final clause."""
    clauses = library(draft.commonwealth).clauses
    return 1 + sum(not (part.clause in clauses and clauses[part.clause].preamble) for part in draft.subjects)


def _preamble(draft: Composition, parts: Iterable[Subject], register: Register) -> Article:
    opening, ending = {}, DECIDED if draft.kind == "decision" else AGREED
    for language in LANGUAGES:
        opening[language] = OPENING[language].format(states=Speaker(register, language).states(draft.parties))
    found: list[tuple[Texts, str]] = [(opening, PREAMBLE)]
    for part in parts:
        found += [(text, part.clause) for text in subject_text(draft, part, register)[1]]
    found.append((ending, PREAMBLE))
    paragraphs = tuple(
        Paragraph(number=f"0.{at}", text=MappingProxyType(dict(text)), clause=code)
        for at, (text, code) in enumerate(found, 1)
    )
    return Article(number=0, title=MappingProxyType({}), paragraphs=paragraphs)


def _article(number: int, title: Texts, texts: Iterable[Texts], code: str, pattern: str = "") -> Article:
    paragraphs = tuple(
        Paragraph(number=f"{number}.{at}", text=MappingProxyType(dict(text)), clause=code)
        for at, text in enumerate(texts, 1)
    )
    return Article(number=number, title=MappingProxyType(dict(title)), paragraphs=paragraphs, pattern=pattern)


def _finals(draft: Composition, start: int, register: Register) -> list[Article]:
    patterns, articles = library(draft.commonwealth).patterns, []
    for number, final in enumerate(draft.finals, start):
        if final.pattern:
            pattern = patterns[final.pattern]
            texts = pattern.render(draft.kind, final.values, register)
            articles.append(_article(number, pattern.title, texts, final.pattern, final.pattern))
        else:
            articles.append(_article(number, final.values["title"], final.values["paragraphs"], ""))
    return articles


def closing(draft: Composition, register: Register) -> tuple[Texts, ...]:
    """Say in which languages the text is authentic, and who keeps it."""
    done, keeper = {}, {}
    for language in LANGUAGES:
        name = this(draft.kind, language)
        tongues = translator(language).join(TONGUES[language].get(code, code) for code in draft.languages)
        said = (DONE_IN_ONE if len(draft.languages) == 1 else DONE_IN_MANY)[language]
        if language == "ru":
            said = said.replace("составлено", _DONE.get(draft.kind, "составлено"))
        done[language] = said.format(this=name.Nom, tongues=tongues)
        if draft.depositary:
            holder = Speaker(register, language).holder(draft.depositary)
            case = {"kk": name.Gen, "ru": name.gen, "en": name.gen}[language]
            keeper[language] = KEEPER[language].format(this=case, keeper=holder)
    return (done, keeper) if draft.depositary else (done,)
