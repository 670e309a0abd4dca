"""Facts of the law beside the register and the tariff: their nouns, and their reading from YAML.

Each fact has its source and its confidence, and a file that breaks a rule is refused with file, line and key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from fractions import Fraction
from math import floor
from types import MappingProxyType
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from dostastyq.customs.grammar import parse_rate
from dostastyq.customs.measures import KINDS, Exclusion, Measure, Quota, Season
from dostastyq.customs.rates import AdValorem, Rate
from dostastyq.customs.units import unit
from dostastyq.register.reader import Reader, Record

T = TypeVar("T")
FACT: Final = ("src", "conf")
CONFIDENCES: Final = ("high", "medium", "low")
CHARGES: Final = ("duty", "anti_dumping", "fee", "excise", "vat")


@dataclass(frozen=True, slots=True)
class Article:
    """Place where law says something, and how sure that is."""

    citation: str
    sources: tuple[str, ...]
    confidence: str


@dataclass(frozen=True, slots=True)
class Levy:
    """Treaty whose members levy a common tariff, for a period."""

    instrument: str
    valid_from: date
    valid_until: date | None

    def holds(self, on: date) -> bool:
        """Whether the tariff is levied on a day."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)


@dataclass(frozen=True, slots=True)
class Tax:
    """A rate of value added tax or excise duty on imports: of all goods where `codes` is empty."""

    rate: Rate
    valid_from: date
    valid_until: date | None
    codes: tuple[str, ...]
    article: Article

    def holds(self, hs: str, on: date) -> bool:
        """Whether it is the rate of goods on a day, unless another speaks of them more narrowly."""
        within = self.valid_from <= on and (self.valid_until is None or on < self.valid_until)
        return within and (not self.codes or hs.startswith(self.codes))


@dataclass(frozen=True, slots=True)
class Fee:
    """Fee for customs operations, an amount by bands of the customs value.

    Parameters
    ----------
    bands
        Pairs of the value up to which a band reaches (None for any) and the fee, exact, in `currency`; lowest first.
    currency
        ISO 4217 code of both.
    valid_from, valid_until
        Half-open period.
    article
        Where it stands.
    """

    bands: tuple[tuple[Fraction | None, Fraction], ...]
    currency: str
    valid_from: date
    valid_until: date | None
    article: Article

    def holds(self, on: date) -> bool:
        """Whether it is the fee of a day."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)

    def of(self, value: Fraction) -> Fraction:
        """Fee for goods of a customs value, both in units of `currency`."""
        return next(fee for limit, fee in self.bands if limit is None or value <= limit)


@dataclass(frozen=True, slots=True)
class Order:
    """In which order charges are worked out, and what each of them is charged on."""

    kinds: tuple[str, ...]
    bases: Mapping[str, tuple[str, ...]]
    article: Article


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
class Cutoff:
    """Hour by which the members report the duties of a day, and where each has its clock and its calendar.

    Parameters
    ----------
    at
        Local time.
    zones
        By member: time zone.
    calendars
        By member: ISO 3166 alpha-2 code of its calendar of public holidays.
    article
        Where it stands.
    """

    at: time
    zones: Mapping[str, ZoneInfo]
    calendars: Mapping[str, str]
    article: Article


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


def read_table(at: Reader, read: Callable[[Reader], T]) -> Mapping[str, T]:
    """Read a mapping of free keys."""
    return MappingProxyType({key: read(child) for key, child in at.entries()})


def read_article(record: Record, known: frozenset[str], key: str = "cite") -> Article:
    """Read a citation with sources and confidence; ``CU040`` on a source or a word that is not known."""
    sources = record["src"].words(known, "a source of customs/sources.yaml", "CU040")
    return Article(record.text(key), sources, record["conf"].word(CONFIDENCES, "a confidence", "CU040"))


def read_duty(at: Reader) -> Record:
    """Read what a treaty says of duties in mutual trade."""
    return at.record(("duty",), ("tariff",))["duty"].record(("cite", *FACT))


def read_rounding(at: Reader, known: frozenset[str]) -> Rounding:
    """Read the rule of rounding."""
    record = at.record(("mode", "cite", *FACT))
    mode = record["mode"].word(("half_up", "half_even", "down"), "a way to round", "CU040")
    return Rounding(mode, read_article(record, known))


def read_levy(at: Reader) -> Levy:
    """Read who levies a common tariff."""
    record = at.record(("instrument", "from", *FACT), ("until",))
    return Levy(record.text("instrument"), *_period(record))


def _period(record: Record) -> tuple[date, date | None]:
    return _day(record["from"]), record.get("until", _day, None)


def _day(at: Reader) -> date:
    day = at.day()
    if day.earliest is None or day.earliest != day.latest:
        at.refuse("CU040", f"{at.text()} is no single day", "write year, month and day")
    return day.earliest


def read_measures(at: Reader, known: frozenset[str]) -> tuple[Measure, ...]:
    """Read the measures of a file, one for each of the codes that an entry names.

    Parameters
    ----------
    at
        Root of the file, with the key ``measures``.
    known
        Keys of the sources.

    Raises
    ------
    DostastyqError
        ``CU040`` and the codes of `dostastyq.register.reader` when an entry breaks a rule.
    """
    return tuple(one for item in at.record(("measures",)).items("measures") for one in _measures(item, known))


def _measures(at: Reader, known: frozenset[str]) -> tuple[Measure, ...]:
    record = at.record(
        ("kind", "codes", "from", "act", "cite", *FACT),
        ("importers", "origins", "until", "rate", "under", "certain", "excluded", "season", "quota", "footnote"),
    )
    article = read_article(record, known)
    first, end = _period(record)
    kind = record["kind"].word(KINDS, "a kind of measure", "CU040")
    rate = record.get("rate", lambda text: parse_rate(text.text()), None)
    certain = record.get("certain", Reader.flag, default=True)
    quota = record.get("quota", _quota, None)
    if (quota is not None) != (kind == "quota"):
        at.refuse("CU040", f"a measure of kind {kind!r} with the quota {quota}", "a quota, and only one, has an amount")
    if certain and kind != "return_to_mfn" and rate is None:
        at.refuse("CU040", f"a measure of kind {kind!r} without a rate", "write its rate, or certain: false")
    return tuple(
        Measure(
            code=code.text(),
            kind=kind,
            rate=rate,
            importers=tuple(word.text() for word in record.items("importers")),
            origins=tuple(word.text() for word in record.items("origins")),
            valid_from=first,
            valid_until=end,
            act=record.text("act"),
            citation=article.citation,
            excluded=tuple(_exclusion(item) for item in record.items("excluded")),
            season=record.get("season", _season, None),
            quota=quota,
            footnote=record.text("footnote"),
            under=record.text("under"),
            certain=certain,
            sources=article.sources,
            confidence=article.confidence,
        )
        for code in record.items("codes")
    )


def _exclusion(at: Reader) -> Exclusion:
    record = at.record((), ("code", "origin", "from", "until"))
    code, origin = record.text("code"), record.text("origin")
    if not code and not origin:
        at.refuse("CU040", "an exclusion of nothing", "name the code or the origin that is left out")
    return Exclusion(code, origin, record.get("from", _day, None), record.get("until", _day, None))


def _season(at: Reader) -> Season:
    record = at.record(("first", "last"))
    return _month_and_day(record["first"]), _month_and_day(record["last"])


def _month_and_day(at: Reader) -> tuple[int, int]:
    try:
        day = date.fromisoformat(f"2000-{at.text()}")
    except ValueError:
        at.refuse("CU040", f"{at.text()!r} is no day of a year", "write month and day, e.g. 06-01")
    return day.month, day.day


def _quota(at: Reader) -> Quota:
    record = at.record(("name", "amount", "unit"))
    return Quota(record.text("name"), _number(record["amount"]), unit(record.text("unit")).code)


def _number(at: Reader) -> Fraction:
    try:
        return Fraction(at.text())
    except (ValueError, ZeroDivisionError):
        at.refuse("CU040", f"{at.text()!r} is no number", "write it like 10000 or 12.5")


def read_order(at: Reader, known: frozenset[str]) -> Order:
    """Read the order of the charges; ``CU040`` when one is charged on what comes after it, or is left out."""
    record = at.record(("order", "bases", "cite", *FACT))
    kinds = record["order"].words(CHARGES, "a charge", "CU040")
    bases = {}
    for kind, base in record["bases"].entries():
        before = ("value", *kinds[: kinds.index(kind)]) if kind in kinds else ()
        bases[kind] = base.words(before, f"worked out before {kind}", "CU040")
    if set(kinds) != set(CHARGES) or set(bases) != set(CHARGES):
        at.refuse("CU040", "order and bases do not name every charge once", f"charges are {', '.join(CHARGES)}")
    return Order(kinds, MappingProxyType(bases), read_article(record, known))


def read_tax(at: Reader, known: frozenset[str], *, percent: bool = False) -> Tax:
    """Read a rate of tax: a number of per cent, or a rate as a tariff writes it."""
    record = at.record(("rate", "from", "cite", *FACT), ("until", "codes"))
    codes = tuple(word.text() for word in record.items("codes"))
    rate = AdValorem(_number(record["rate"])) if percent else parse_rate(record.text("rate"))
    return Tax(rate, *_period(record), codes, read_article(record, known))


def read_fee(at: Reader, known: frozenset[str]) -> Fee:
    """Read the bands of a fee; ``CU040`` when they do not rise to one without a limit."""
    record = at.record(("bands", "currency", "from", "cite", *FACT), ("until",))
    bands = tuple(_band(item) for item in record.items("bands"))
    limits = [limit for limit, _ in bands[:-1]]
    known_limits = [limit for limit in limits if limit is not None]
    if not bands or bands[-1][0] is not None or limits != sorted(set(known_limits)):
        at.refuse("CU040", "the bands do not rise to one without a limit", "leave up_to out of the last band only")
    return Fee(bands, record.text("currency"), *_period(record), read_article(record, known))


def _band(at: Reader) -> tuple[Fraction | None, Fraction]:
    record = at.record(("fee",), ("up_to",))
    return record.get("up_to", _number, None), _number(record["fee"])


def read_share(at: Reader, known: frozenset[str]) -> Share:
    """Read a set of shares; ``CU040`` when they do not sum to one."""
    record = at.record(("from", "act", "parts", *FACT), ("until", "note"))
    parts = {state: Fraction(int(part.text()), 100_000) for state, part in record["parts"].entries()}
    if sum(parts.values()) != 1:
        record["parts"].refuse(
            "CU040", f"the shares sum to {sum(parts.values()) * 100_000} of 100000", "correct the parts"
        )
    act = record.text("act")
    return Share(
        *_period(record), MappingProxyType(parts), act, record.text("note"), read_article(record, known, key="act")
    )


def read_cutoff(at: Reader, known: frozenset[str]) -> Cutoff:
    """Read the hour of reporting, with zone and calendar of each member."""
    record = at.record(("time", "members", "cite", *FACT))
    members = {state: child.record(("zone", "calendar")) for state, child in record["members"].entries()}
    return Cutoff(
        at=time.fromisoformat(record.text("time")),
        zones=MappingProxyType({state: ZoneInfo(row.text("zone")) for state, row in members.items()}),
        calendars=MappingProxyType({state: row.text("calendar") for state, row in members.items()}),
        article=read_article(record, known),
    )
