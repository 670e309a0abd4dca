"""Measures besides the rates of an edition: whom they bind, on which goods and days, and which of several prevails."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from dostastyq.customs.rates import Rate
from dostastyq.customs.units import Unit, unit

KINDS: Final = ("exemption", "return_to_mfn", "transitional", "seasonal", "quota", "anti_dumping")
Season = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Goods, or goods of one country, that a measure does not hold for, during a period.

    Parameters
    ----------
    code
        Beginning of the codes left out; empty for all goods of the measure.
    origin
        Country left out; empty for every country.
    valid_from, valid_until
        Half-open period; None for as long as the measure.
    """

    code: str = ""
    origin: str = ""
    valid_from: date | None = None
    valid_until: date | None = None

    def holds(self, hs: str, origin: str, on: date) -> bool:
        """Whether goods are left out on a day."""
        begun = self.valid_from is None or self.valid_from <= on
        over = self.valid_until is not None and self.valid_until <= on
        return begun and not over and hs.startswith(self.code) and self.origin in {"", origin}


@dataclass(frozen=True, slots=True)
class Quota:
    """A quantity admitted at a rate of its own: who comes first is served first.

    Parameters
    ----------
    name
        Short name, under which balances are kept.
    amount
        Quantity at the start, in `unit_code`.
    unit_code
        `Unit.code`.
    """

    name: str
    amount: Fraction
    unit_code: str

    @property
    def unit(self) -> Unit:
        """Unit of the amount and of every balance."""
        return unit(self.unit_code)


@dataclass(frozen=True, slots=True)
class Measure:
    """A rule beside the rates of an edition: what goods owe under what conditions, and the act that says so.

    Parameters
    ----------
    code
        Commodity code or the beginning of one: the measure holds for everything that begins with it, unless a longer
        one of its kind says otherwise.
    kind
        ``"exemption"`` (a duty kept within a free trade area); ``"return_to_mfn"`` (goods taken out of free trade);
        ``"transitional"`` (a state's own rate within a union); ``"seasonal"``; ``"quota"`` (a rate while a balance
        lasts); ``"anti_dumping"`` (a charge on top of the duty).
    rate
        Rate of duty; None where the kind says all (``"return_to_mfn"``), or where `certain` is False.
    importers, origins
        States it is levied by and countries it is levied on; empty for all.
    valid_from, valid_until
        Half-open period, None for no known end.
    act, citation
        Legal act, and the place in it.
    excluded
        What it does not hold for.
    season
        Pairs ``(month, day)`` of the first and the last day within a year; None for all the year.
    quota
        Quantity admitted at this rate; None for no limit.
    footnote
        Text of the act's note, empty for none.
    under
        Slug of the treaty within which it holds: not once that treaty no longer applies; empty for none.
    certain
        False where the act's list of goods was not read, so that goods may or may not be on it.
    sources, confidence
        Where the fact is from and how sure it is.

    Examples
    --------
    >>> from datetime import date
    >>> first, season = date(2020, 1, 1), ((6, 1), (8, 31))
    >>> summer = Measure("0702", "seasonal", None, (), (), first, None, "an act", "", season=season)
    >>> [summer.holds("RUS", "TUR", "0702000000", date(2020, month, 1)) for month in (5, 6, 9)]
    [False, True, False]
    """

    code: str
    kind: str
    rate: Rate | None
    importers: tuple[str, ...]
    origins: tuple[str, ...]
    valid_from: date
    valid_until: date | None
    act: str
    citation: str
    excluded: tuple[Exclusion, ...] = ()
    season: Season | None = None
    quota: Quota | None = None
    footnote: str = ""
    under: str = ""
    certain: bool = True
    sources: tuple[str, ...] = ()
    confidence: str = "medium"

    def concerns(self, importer: str, origin: str, hs: str) -> bool:
        """Whether it ever speaks of these states and goods."""
        parties = importer in (self.importers or (importer,)) and origin in (self.origins or (origin,))
        return parties and hs.startswith(self.code)

    def in_force(self, on: date) -> bool:
        """Whether it holds on a day, its season included."""
        if on < self.valid_from or (self.valid_until is not None and on >= self.valid_until):
            return False
        if self.season is None:
            return True
        first, last = self.season
        today = (on.month, on.day)
        return first <= today <= last if first <= last else today >= first or today <= last

    def holds(self, importer: str, origin: str, hs: str, on: date) -> bool:
        """Whether it holds for goods on a day: parties, code, period, season, and nothing that leaves them out."""
        within = self.concerns(importer, origin, hs) and self.in_force(on)
        return within and not any(one.holds(hs, origin, on) for one in self.excluded)

    def days(self, around: date) -> Iterator[date]:
        """Give the days near one on which it begins or ceases to hold."""
        ends = [self.valid_from, self.valid_until]
        ends += [day for one in self.excluded for day in (one.valid_from, one.valid_until)]
        yield from (day for day in ends if day is not None)
        for year in (around.year - 1, around.year, around.year + 1) if self.season else ():
            for edge in self._season_edges(year):
                if self.valid_from <= edge and (self.valid_until is None or edge < self.valid_until):
                    yield edge

    def _season_edges(self, year: int) -> Iterator[date]:
        for (month, day), after in zip(self.season or (), (0, 1), strict=False):
            leap = (month, day) == (2, 29)
            yield date(year, 3, 1) if leap else date(year, month, day) + timedelta(days=after)


def prevailing(found: Iterable[Measure]) -> tuple[Measure, ...]:
    """Give the measures that speak most narrowly: of a longer code, then of named countries, then of named states.

    Examples
    --------
    >>> from datetime import date
    >>> day = date(2020, 1, 1)
    >>> wide, narrow = (Measure(code, "seasonal", None, (), (), day, None, "an act", "") for code in ("07", "0702"))
    >>> prevailing((wide, narrow)) == (narrow,)
    True
    """
    measures = tuple(found)
    rank = max(map(_narrowness, measures), default=())
    return tuple(one for one in measures if _narrowness(one) == rank)


def _narrowness(one: Measure) -> tuple[int, bool, bool]:
    return len(one.code), bool(one.origins), bool(one.importers)
