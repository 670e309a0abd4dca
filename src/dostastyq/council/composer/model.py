"""A composition: a new agreement as its parts, its text in every language, and its machine-readable form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dostastyq.i18n import LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path

Texts = Mapping[str, str]
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph of the text.

    Parameters
    ----------
    number
        Article and paragraph: ``"2.1"``; those of the preamble are ``"0.1"``, ``"0.2"``, …
    text
        Text by language; a language may be missing.
    clause
        Code of the subject clause or of the form it comes from; empty for own wording.
    """

    number: str
    text: Texts
    clause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article, or the preamble (number 0, without a title).

    Parameters
    ----------
    number, title, paragraphs
        As printed.
    pattern
        Form it is made by; such text changes only with the form.
    """

    number: int
    title: Texts
    paragraphs: tuple[Paragraph, ...]
    pattern: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An article of the subject part: a clause of the library, or own wording.

    Parameters
    ----------
    clause, values
        Code of the clause and values of its parameters; empty for own wording.
    title, paragraphs
        Heading and paragraphs where they are not, or no longer, those of the library.
    """

    clause: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    title: Texts = field(default_factory=dict)
    paragraphs: tuple[Texts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """A final clause: a filled form, or own wording that has no machine-readable form.

    Parameters
    ----------
    pattern
        Code of the form, e.g. ``"third_deposit_30_days"``; empty for own wording.
    values
        Parameters as plain data; of own wording, ``title`` and ``paragraphs``.
    """

    pattern: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A proposal to change the text.

    Parameters
    ----------
    paragraph
        Number in the version amended: ``"2.1"``; ``"2"`` for the article (its heading, or the whole of it);
        ``"title"`` for the title.
    kind
        ``"replace"``; ``"insert"``: after the paragraph or the article (``"2.0"``: at the beginning of article 2);
        ``"delete"``; ``"form"``: new values of a final clause.
    text
        New text by language; a language left out is then without text.
    values
        Under ``form`` the parameters that change; under ``insert`` after an article ``{"clause": …}`` or
        ``{"pattern": …}`` with the parameters.
    proposer
        Who proposes it.
    """

    paragraph: str
    kind: str
    text: Texts = field(default_factory=dict)
    values: Mapping[str, Any] | None = None
    proposer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """A new agreement in the making. Make one with `compose`.

    Parameters
    ----------
    slug
        Stable name, e.g. ``"customs-union-2027"``.
    kind, domain
        Kind of instrument and what it is about, as the register writes them.
    title
        Title by language.
    parties
        States meant to sign.
    preference
        Trade preference in goods that it establishes, or ``"none"``.
    agreement
        Kind of agreement of the library; empty for none.
    subjects, finals
        Articles of substance, and final clauses.
    depositary
        Code of an organ or of a state; empty where it is not named.
    languages
        Languages in which the text is meant to be authentic.
    reasons
        Explanatory note, in one language or by language.
    scenario
        What to assess, e.g. ``{"baseline": "cis-2023", "model": "one-sector"}``; None for nothing.
    commonwealth
        Whose library and register it uses.
    kept
        Text as it was written down, where the library of today would make another one.

    Examples
    --------
    >>> from dostastyq.council.composer import example
    >>> draft = example()
    >>> draft.articles[1].title["en"]
    'Single customs territory'
    >>> draft.record()["eif"]
    {'count': 'all', 'of': ['ratification', 'notification'], 'delay': 'P30D'}
    """

    slug: str
    kind: str
    domain: tuple[str, ...]
    title: Texts
    parties: tuple[str, ...]
    preference: str = "none"
    agreement: str = ""
    subjects: tuple[Subject, ...] = ()
    finals: tuple[Final, ...] = ()
    depositary: str = ""
    languages: tuple[str, ...] = ("ru",)
    reasons: Texts | str = ""
    scenario: Mapping[str, Any] | None = None
    commonwealth: str = "cis"
    kept: tuple[Article, ...] = ()

    @property
    def articles(self) -> tuple[Article, ...]:
        """The text, article by article; the preamble is number 0."""
        from dostastyq.council.composer.build import build  # noqa: PLC0415 -- builds what this module describes

        return self.kept or build(self)

    def paragraphs(self) -> tuple[Paragraph, ...]:
        """All paragraphs in order."""
        return tuple(paragraph for article in self.articles for paragraph in article.paragraphs)

    def missing(self) -> Mapping[str, tuple[str, ...]]:
        """Language to what has no text in it: ``"title"``, numbers of articles without heading, of paragraphs.

        Every language in which the text is meant to be authentic is there, with an empty tuple where it is whole.

        Examples
        --------
        >>> from dostastyq.council.composer import example
        >>> dict(example().missing())
        {'kk': (), 'ru': (), 'en': ()}
        """
        parts: list[tuple[str, Texts]] = [("title", self.title)]
        for article in self.articles:
            parts += [(str(article.number), article.title)] * (article.number > 0)
            parts += [(paragraph.number, paragraph.text) for paragraph in article.paragraphs]
        found = {
            language: tuple(number for number, text in parts if not text.get(language, "").strip())
            for language in LANGUAGES
        }
        return MappingProxyType({code: gaps for code, gaps in found.items() if code in self.languages})

    def unreadable(self) -> tuple[str, ...]:
        """Find final clauses without a machine-readable form, by article; ``"eif"`` where none is on entry into force.

        Examples
        --------
        >>> from dataclasses import replace
        >>> from dostastyq.council.composer import example
        >>> example().unreadable(), replace(example(), finals=()).unreadable()
        ((), ('eif',))
        """
        from dostastyq.council.composer.form import unreadable  # noqa: PLC0415

        return unreadable(self)

    def record(
        self,
        *,
        signed: Mapping[str, Any] | None = None,
        source: str = "",
        adopted_by: str = "",
        acts: Iterable[Mapping[str, Any]] = (),
    ) -> dict[str, Any]:
        """Give the machine-readable form: plain data in the shape of an instrument of the register's files.

        Parameters
        ----------
        signed
            Day, place and signatories of the signature (``date``, ``place``, ``by``); by default a day not known and
            the parties.
        source
            Source that the facts rest on, with confidence high; by default ``own`` with confidence low.
        adopted_by
            Organ that adopted it.
        acts
            Acts of states, in the shape of the register's files.

        Raises
        ------
        DostastyqError
            ``CN110`` where two forms say the same thing twice.
        """
        from dostastyq.council.composer.form import record  # noqa: PLC0415

        return record(self, signed=signed, source=source, adopted_by=adopted_by, acts=acts)

    def amended(self, amendments: Iterable[Amendment]) -> Composition:
        """Give the text with amendments; their numbers are those of this version.

        Raises
        ------
        DostastyqError
            ``CN111`` to ``CN114`` for an amendment that cannot be made.
        """
        from dostastyq.council.composer.amend import amended  # noqa: PLC0415

        return amended(self, tuple(amendments))

    def to_dict(self) -> dict[str, Any]:
        """Plain data: the parts, and the text as it stands.

        Examples
        --------
        >>> from dostastyq.council.composer import example
        >>> Composition.from_dict(example().to_dict()) == example()
        True
        """
        from dostastyq.council.composer.read import to_dict  # noqa: PLC0415

        return to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Composition:
        """Read what `to_dict` gave."""
        from dostastyq.council.composer.read import from_dict  # noqa: PLC0415

        return from_dict(data)


def compose(data: Mapping[str, Any] | Path | str) -> Composition:
    """Put an agreement together from plain data, or from a YAML file.

    Raises
    ------
    DostastyqError
        ``CN101`` to ``CN110``: file, line or field, what was found, what is expected.

    Examples
    --------
    >>> draft = compose({
    ...     "slug": "meeting-2027", "agreement": "decision", "parties": ["KAZ", "KGZ"], "languages": ["en"],
    ...     "title": {"en": "Decision on a meeting"},
    ...     "subjects": [{"title": {"en": "Meeting"}, "paragraphs": [{"en": "The ministers meet every year."}]}],
    ...     "finals": [{"pattern": "on_signature"}],
    ... })
    >>> print(draft.paragraphs()[-2].text["en"])
    This Decision enters into force on the date of its signature.
    """
    from dostastyq.council.composer.read import compose as read  # noqa: PLC0415

    return read(data)
