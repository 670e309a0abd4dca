"""Everything a decision reads besides the tariff: articles of treaties, measures, taxes, shares, rules of origin.

The files stand in ``commonwealths/<name>/customs``; each fact has its source and its confidence, and a file that breaks
a rule is refused with file, line and key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from math import floor
from types import MappingProxyType
from typing import Any, Final, TypeVar

from dostastyq import register as registers
from dostastyq.customs.grammar import parse_rate
from dostastyq.customs.model import Measure
from dostastyq.customs.origin.rulebook import Rulebook, read_rulebooks
from dostastyq.customs.tariff import Edition, editions
from dostastyq.dates import Truth
from dostastyq.errors import DostastyqError
from dostastyq.register import Register
from dostastyq.register.reader import Reader, Record, compose
from dostastyq.register.timeline import at as truth_at

T = TypeVar("T")
FACT: Final = ("src", "conf")
CONFIDENCES: Final = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Article:
    """Place where law says something, and how sure that is."""

    citation: str
    sources: tuple[str, ...]
    confidence: str


@dataclass(frozen=True, slots=True)
class Levy:
    """Treaty whose members levy a common tariff, for a period; `also` are the accessions to it."""

    instrument: str
    valid_from: date
    valid_until: date | None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vat:
    """A rate of value added tax on imports: standard where `codes` is empty."""

    percent: Fraction
    valid_from: date
    valid_until: date | None
    codes: tuple[str, ...]
    article: Article

    def holds(self, hs: str, on: date) -> bool:
        """Whether it is the rate of goods on a day, unless another speaks of them more narrowly."""
        within = self.valid_from <= on and (self.valid_until is None or on < self.valid_until)
        return within and (not self.codes or hs.startswith(self.codes))


@dataclass(frozen=True, slots=True)
class Share:
    """Shares of the members in the import duties of a union, for a period: exact, summing to one."""

    valid_from: date
    valid_until: date | None
    parts: Mapping[str, Fraction]
    act: str
    note: str
    article: Article

    def holds(self, on: date) -> bool:
        """Whether they are the shares of a day."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)


@dataclass(frozen=True, slots=True)
class Rounding:
    """How an exact amount becomes whole minor units: once, at the end."""

    mode: str
    article: Article

    def round(self, amount: Fraction) -> int:
        """Round an amount that is not negative.

        Examples
        --------
        >>> article = Article("an act", ("own",), "low")
        >>> [Rounding(mode, article).round(Fraction(5, 2)) for mode in ("half_up", "half_even", "down")]
        [3, 2, 2]
        """
        if self.mode == "half_up":
            return floor(amount + Fraction(1, 2))
        return round(amount) if self.mode == "half_even" else floor(amount)


@dataclass(frozen=True, slots=True, eq=False)
class Lawbook:
    """What a customs desk has open: the register, editions of tariffs, and the rest of the law.

    Parameters
    ----------
    register
        Who is bound by what on a day.
    editions
        Tariffs at hand.
    articles
        By slug of the treaty: where it speaks of duties in mutual trade.
    bilateral
        The same of bilateral agreements on free trade, which have that clause in common.
    rounding
        How an amount becomes one of minor units.
    levies
        Who levies a common tariff.
    measures
        Exemptions, returns to most-favoured-nation rates and the like; see `Measure`.
    vat
        By state.
    excisable
        Beginnings of codes of goods that bear excise duty.
    shares
        Shares of the members in import duties, and the article about the daily cut-off.
    rulebooks
        Rules of origin.
    hidden
        Kinds of preference of which the register knew nothing at the moment that is asked about.
    memory
        What was found before: the law never changes.
    """

    register: Register = field(repr=False)
    editions: tuple[Edition, ...]
    articles: Mapping[str, Article]
    bilateral: Article
    rounding: Rounding
    levies: tuple[Levy, ...]
    measures: tuple[Measure, ...]
    vat: Mapping[str, tuple[Vat, ...]]
    excisable: tuple[str, ...]
    shares: tuple[Share, ...]
    rulebooks: tuple[Rulebook, ...]
    hidden: frozenset[str] = frozenset()
    memory: dict[Any, Any] = field(default_factory=dict, repr=False)

    def known(self, at: date | None) -> "Lawbook":
        """Give the law as the register knew it at the end of a day; itself for None."""
        if at is None:
            return self
        if ("known", at) not in self.memory:
            law = self.register.known(at)
            kinds = (self.register.instruments[slug].preference.kind for slug in law.unseen)
            hidden = frozenset(kind for kind in kinds if kind is not None)
            self.memory["known", at] = replace(self, register=law, hidden=hidden, memory={})
        found: Lawbook = self.memory["known", at]
        return found

    def applied(self, instrument: str, state: str, on: date) -> Truth:
        """Whether a state applies a treaty on a day."""
        if instrument not in self.register.instruments:
            return None
        return truth_at(self.register.standing(instrument, state).applied, on)

    def article(self, instrument: str) -> Article:
        """Where a treaty says what it does to a duty."""
        return self.articles.get(instrument, self.bilateral)


def lawbook(
    commonwealth: str = "cis", register: Register | None = None, among: tuple[Edition, ...] | None = None
) -> Lawbook:
    """Open the law of a commonwealth.

    Parameters
    ----------
    commonwealth
        Name of the commonwealth.
    register
        Stand-in for the shipped register, e.g. with the user's own acts.
    among
        Editions of tariffs; all at hand by default.

    Raises
    ------
    DostastyqError
        ``CU040`` and the codes of `dostastyq.register.reader` when a file breaks a rule.
    """
    law = register if register is not None else registers.load(commonwealth)
    return Lawbook(register=law, editions=editions() if among is None else among, **_facts(commonwealth))


@cache
def _facts(commonwealth: str) -> Mapping[str, Any]:
    folder = files("dostastyq") / "commonwealths" / commonwealth / "customs"

    def open_file(name: str) -> Reader:
        return compose((folder / name).read_text(encoding="utf-8"), f"customs/{name}")

    known = frozenset(key for key, _ in open_file("sources.yaml").entries()) | {"own"}
    treaties = open_file("treaties.yaml").record(("articles", "bilateral", "tariffs", "rounding"))
    taxes = open_file("taxes.yaml").record(("vat", "excisable"))
    shares = open_file("shares.yaml").record(("shares", "cutoff"))
    return MappingProxyType(
        {
            "articles": _table(treaties["articles"], lambda at: _article(_duty(at), known)),
            "bilateral": _article(treaties["bilateral"].record(("cite", *FACT)), known),
            "rounding": _rounding(treaties["rounding"], known),
            "levies": tuple(_levy(at) for at in treaties.items("tariffs")),
            "measures": tuple(
                one
                for at in open_file("measures.yaml").record(("measures",)).items("measures")
                for one in _measures(at, known)
            ),
            "vat": _table(taxes["vat"], lambda at: tuple(_vat(one, known) for one in at.items())),
            "excisable": tuple(at.text() for at in taxes.items("excisable")),
            "shares": tuple(_share(at, known) for at in shares.items("shares")),
            "rulebooks": read_rulebooks(open_file("origin.yaml"), known),
        }
    )


def _table(at: Reader, read: Callable[[Reader], T]) -> Mapping[str, T]:
    return MappingProxyType({key: read(child) for key, child in at.entries()})


def _article(record: Record, known: frozenset[str], key: str = "cite") -> Article:
    sources = record["src"].words(known, "a source of customs/sources.yaml", "CU040")
    return Article(record.text(key), sources, record["conf"].word(CONFIDENCES, "a confidence", "CU040"))


def _duty(at: Reader) -> Record:
    return at.record(("duty",), ("tariff",))["duty"].record(("cite", *FACT))


def _rounding(at: Reader, known: frozenset[str]) -> Rounding:
    record = at.record(("mode", "cite", *FACT))
    mode = record["mode"].word(("half_up", "half_even", "down"), "a way to round", "CU040")
    return Rounding(mode, _article(record, known))


def _levy(at: Reader) -> Levy:
    record = at.record(("instrument", "from", *FACT), ("until", "also"))
    also = tuple(word.text() for word in record.items("also"))
    return Levy(record.text("instrument"), *_period(record), also)


def _period(record: Record) -> tuple[date, date | None]:
    return _day(record["from"]), record.get("until", _day, None)


def _day(at: Reader) -> date:
    day = at.day()
    if day.earliest is None or day.earliest != day.latest:
        at.refuse("CU040", f"{at.text()} is no single day", "write year, month and day")
    return day.earliest


def _measures(at: Reader, known: frozenset[str]) -> tuple[Measure, ...]:
    record = at.record(
        ("kind", "importers", "origins", "codes", "from", "act", "cite", "under", *FACT), ("until", "rate", "certain")
    )
    article = _article(record, known)
    first, end = _period(record)
    return tuple(
        Measure(
            code=code.text(),
            kind=record.text("kind"),
            rate=record.get("rate", lambda text: parse_rate(text.text()), None),
            importers=tuple(word.text() for word in record.items("importers")),
            origins=tuple(word.text() for word in record.items("origins")),
            valid_from=first,
            valid_until=end,
            act=record.text("act"),
            citation=article.citation,
            under=record.text("under"),
            certain=record.get("certain", Reader.flag, default=True),
            sources=article.sources,
            confidence=article.confidence,
        )
        for code in record.items("codes")
    )


def _vat(at: Reader, known: frozenset[str]) -> Vat:
    record = at.record(("rate", "from", "cite", *FACT), ("until", "codes"))
    codes = tuple(word.text() for word in record.items("codes"))
    return Vat(Fraction(record.text("rate")), *_period(record), codes, _article(record, known))


def _share(at: Reader, known: frozenset[str]) -> Share:
    record = at.record(("from", "act", "parts", *FACT), ("until", "note"))
    parts = {state: Fraction(int(part.text()), 100_000) for state, part in record["parts"].entries()}
    if sum(parts.values()) != 1:
        record["parts"].refuse(
            "CU040", f"the shares sum to {sum(parts.values()) * 100_000} of 100000", "correct the parts"
        )
    act = record.text("act")
    return Share(
        *_period(record), MappingProxyType(parts), act, record.text("note"), _article(record, known, key="act")
    )


def single(found: list[T], what: str) -> T | None:
    """Give the only one found, None for none; two are a contradiction in the data.

    Raises
    ------
    DostastyqError
        ``CU040`` on two.
    """
    if len(found) > 1:
        raise DostastyqError("CU040", f"the data hold {len(found)} {what} for one day", "give each a period of its own")
    return found[0] if found else None
