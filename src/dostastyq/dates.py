"""Days as sources state them, and three-valued truth about them.

A source may give a day, a month, a year, two rival days or only a limit. A `Day` keeps the bounds of what is known, and
a comparison with a calendar day answers True, False or None (unknown). Truth values combine by Kleene's strong logic.

The text is a subset of EDTF (ISO 8601-2:2019):

=========================  ==================================================
``1993-12-24``             that day
``1993-12``, ``1997``      some day of that month, of that year
``1994?``, ``1994~``       as before, and the source itself is in doubt
``[1997-01-06,1997-10-08]``  one of these
``1993/1994``              some day between the two, both included
``..2012-08-21``           that day or earlier
``2011..``                 that day or later
=========================  ==================================================
"""

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import TypeAlias

from dostastyq.errors import DostastyqError

Truth: TypeAlias = bool | None

_PART = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?([?~%]?)")
_DURATION = re.compile(r"P(?=\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")
_FORMS = "write 1993-12-24, 1993-12, 1997, 1994?, [1997-01-06,1997-10-08], 1993/1994, ..2012-08-21 or 2011.."


def not_(value: Truth) -> Truth:
    """Kleene negation: unknown stays unknown.

    Examples
    --------
    >>> not_(True), not_(None)
    (False, None)
    """
    return None if value is None else not value


def and_(left: Truth, right: Truth) -> Truth:
    """Kleene conjunction: one False decides.

    Examples
    --------
    >>> and_(None, False), and_(None, True)
    (False, None)
    """
    return all_of((left, right))


def or_(left: Truth, right: Truth) -> Truth:
    """Kleene disjunction: one True decides.

    Examples
    --------
    >>> or_(None, True), or_(None, False)
    (True, None)
    """
    return any_of((left, right))


def all_of(values: Iterable[Truth]) -> Truth:
    """Kleene conjunction of any number of values; True of none.

    Examples
    --------
    >>> all_of([True, None, True]), all_of([None, False]), all_of([])
    (None, False, True)
    """
    answer: Truth = True
    for value in values:
        if value is False:
            return False
        if value is None:
            answer = None
    return answer


def any_of(values: Iterable[Truth]) -> Truth:
    """Kleene disjunction of any number of values; False of none.

    Examples
    --------
    >>> any_of([False, None]), any_of([None, True]), any_of([])
    (None, True, False)
    """
    return not_(all_of(not_(value) for value in values))


def calendar_day(value: str | date) -> date:
    """Read one calendar day, e.g. the day a question is asked about.

    Parameters
    ----------
    value
        A date, or ISO text such as ``"2013-01-01"``.

    Raises
    ------
    DostastyqError
        ``DT002`` when the text is not one day of the calendar.

    Examples
    --------
    >>> calendar_day("2013-01-01")
    datetime.date(2013, 1, 1)
    """
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise DostastyqError("DT002", f"{value!r} is not a day of the calendar: {error}", "check the day") from None
    raise DostastyqError("DT002", f"{value!r} is not a day", "write the day as YYYY-MM-DD, e.g. 2013-01-01")


def add_duration(day: date, duration: str) -> date:
    """Move a day by an ISO 8601 duration; a month's missing days fall on its last.

    Parameters
    ----------
    day
        First day of the period.
    duration
        Years, months, weeks and days, e.g. ``"P30D"``, ``"P12M"``, ``"P1Y6M"``.

    Raises
    ------
    DostastyqError
        ``DT003`` when the duration cannot be read.

    Examples
    --------
    >>> add_duration(date(2012, 8, 21), "P30D"), add_duration(date(2008, 8, 18), "P12M")
    (datetime.date(2012, 9, 20), datetime.date(2009, 8, 18))
    """
    months, days = _measured(duration)
    if not months:
        return day + timedelta(days=days)
    month = day.year * 12 + day.month - 1 + months
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1])) + timedelta(days=days)


@lru_cache(maxsize=256)
def _measured(duration: str) -> tuple[int, int]:
    """Months and days of a duration."""
    match = _DURATION.fullmatch(duration)
    if match is None:
        raise DostastyqError("DT003", f"{duration!r} is not a duration", "write P30D, P12M, P1Y or P1Y6M")
    years, months, weeks, days = (int(group or 0) for group in match.groups())
    return years * 12 + months, weeks * 7 + days


@dataclass(frozen=True, slots=True)
class Day:
    """A day known only within bounds.

    Parameters
    ----------
    earliest, latest
        First and last day it can be; None where nothing is known on that side.
    uncertain
        Whether the source doubts it (``?``, ``~``). The bounds do not move: doubt belongs to the confidence.
    text
        The source's own writing, kept for print and export.

    Examples
    --------
    >>> force = Day.parse("[1997-01-06,1997-10-08]")
    >>> force.at_or_before(date(1997, 5, 1)), force.at_or_before(date(1998, 1, 1))
    (None, True)
    """

    earliest: date | None
    latest: date | None
    uncertain: bool = False
    text: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.earliest is not None and self.latest is not None and self.earliest > self.latest:
            raise DostastyqError(
                "DT001", f"{self.text or 'the day'} ends before it begins: {self.earliest} > {self.latest}", _FORMS
            )

    @classmethod
    def parse(cls, text: str) -> "Day":
        """Read EDTF text.

        Raises
        ------
        DostastyqError
            ``DT001`` with the forms that can be read.

        Examples
        --------
        >>> Day.parse("1993-12").latest
        datetime.date(1993, 12, 31)
        """
        written = text.strip()
        if written.startswith("[") and written.endswith("]"):
            parts = [_bounds(part, text) for part in written[1:-1].split(",")]
        elif "/" in written:
            begin, _, end = written.partition("/")
            parts = [_bounds(begin, text, open_as="..", begin=True), _bounds(end, text, open_as="..", begin=False)]
        elif written.startswith(".."):
            parts = [(None, _bounds(written[2:], text)[1], False)]
        elif written.endswith(".."):
            parts = [(_bounds(written[:-2], text)[0], None, False)]
        else:
            parts = [_bounds(written, text)]
        earliest = [low for low, _, _ in parts]
        latest = [high for _, high, _ in parts]
        if "/" in written and None not in (earliest[0], latest[-1]):
            earliest, latest = earliest[:1], latest[-1:]
        return cls(
            None if None in earliest else min(low for low in earliest if low is not None),
            None if None in latest else max(high for high in latest if high is not None),
            any(doubt for _, _, doubt in parts),
            written,
        )

    @classmethod
    def of(cls, value: "Day | str | date") -> "Day":
        """Make a `Day` from itself, from EDTF text or from a date.

        Examples
        --------
        >>> Day.of(date(2015, 1, 1)) == Day.of("2015-01-01")
        True
        """
        if isinstance(value, Day):
            return value
        return cls.parse(value if isinstance(value, str) else calendar_day(value).isoformat())

    @classmethod
    def between(cls, earliest: date | None, latest: date | None, *, uncertain: bool = False) -> "Day":
        """Make a `Day` from its bounds, with the text that says them.

        Examples
        --------
        >>> print(Day.between(date(1994, 12, 30), None))
        1994-12-30..
        """
        if earliest == latest and earliest is not None:
            text = earliest.isoformat()
        elif earliest is None and latest is None:
            text = "../.."
        elif earliest is None:
            text = f"..{latest}"
        else:
            text = f"{earliest}.." if latest is None else f"{earliest}/{latest}"
        return cls(earliest, latest, uncertain, text)

    @property
    def exact(self) -> bool:
        """Whether it is one known day."""
        return self.earliest is not None and self.earliest == self.latest

    def before(self, day: date) -> Truth:
        """Whether it lies before `day`.

        Examples
        --------
        >>> Day.parse("1997").before(date(1997, 1, 1)), Day.parse("1997").before(date(1997, 6, 1))
        (False, None)
        """
        if self.latest is not None and self.latest < day:
            return True
        return False if self.earliest is not None and self.earliest >= day else None

    def at_or_before(self, day: date) -> Truth:
        """Whether it lies on `day` or before.

        Examples
        --------
        >>> Day.parse("2015-01-01").at_or_before(date(2015, 1, 1))
        True
        """
        if self.latest is not None and self.latest <= day:
            return True
        return False if self.earliest is not None and self.earliest > day else None

    def after(self, day: date) -> Truth:
        """Whether it lies after `day`.

        Examples
        --------
        >>> Day.parse("..2012-08-21").after(date(2012, 9, 1))
        False
        """
        return not_(self.at_or_before(day))

    def at_or_after(self, day: date) -> Truth:
        """Whether it lies on `day` or after.

        Examples
        --------
        >>> Day.parse("2011..").at_or_after(date(2010, 1, 1))
        True
        """
        return not_(self.before(day))

    def plus(self, duration: str) -> "Day":
        """Move both bounds by an ISO 8601 duration.

        Examples
        --------
        >>> print(Day.parse("..2012-08-21").plus("P30D"))
        ..2012-09-20
        """
        return Day.between(
            None if self.earliest is None else add_duration(self.earliest, duration),
            None if self.latest is None else add_duration(self.latest, duration),
            uncertain=self.uncertain,
        )

    def later_of(self, other: "Day") -> "Day":
        """Take the later of two days, as far as it is known.

        Examples
        --------
        >>> print(Day.parse("1997").later_of(Day.parse("1997-06-01..")))
        1997-06-01..
        """
        lows = [day.earliest for day in (self, other) if day.earliest is not None]
        highs = [self.latest, other.latest]
        latest = None if None in highs else max(high for high in highs if high is not None)
        return Day.between(max(lows, default=None), latest, uncertain=self.uncertain or other.uncertain)

    def not_before(self, limit: date | None) -> "Day":
        """Raise the earliest day it can be to a limit; a latest day before the limit moves with it.

        Examples
        --------
        >>> print(Day.parse("1997").not_before(date(1997, 6, 1)))
        1997-06-01/1997-12-31
        """
        if limit is None or (self.earliest is not None and self.earliest >= limit):
            return self
        latest = None if self.latest is None else max(self.latest, limit)
        return Day.between(limit, latest, uncertain=self.uncertain)

    def or_else(self, other: "Day") -> "Day":
        """Join the bounds of two days: it is one of them, nobody knows which.

        Examples
        --------
        >>> print(Day.parse("1997-01-06").or_else(Day.parse("1997-10-08")))
        1997-01-06/1997-10-08
        """
        lows, highs = (self.earliest, other.earliest), (self.latest, other.latest)
        return Day.between(
            None if None in lows else min(low for low in lows if low is not None),
            None if None in highs else max(high for high in highs if high is not None),
            uncertain=self.uncertain or other.uncertain,
        )

    def __str__(self) -> str:
        return self.text or Day.between(self.earliest, self.latest).text


DayLike: TypeAlias = Day | str | date
"""Anything `Day.of` reads."""

_Bounds: TypeAlias = tuple[date | None, date | None, bool]


def _bounds(part: str, text: str, *, open_as: str = "", begin: bool = False) -> _Bounds:
    """First and last day of one EDTF part of `text`, and whether it is in doubt."""
    part = part.strip()
    if open_as and part == open_as:
        return (None, date.min, False) if begin else (date.max, None, False)
    match = _PART.fullmatch(part)
    if match is None:
        raise DostastyqError("DT001", f"{text!r} is not a day of the register", _FORMS)
    year, month, day = (int(group) if group else None for group in match.groups()[:3])
    try:
        low = date(year or 0, month or 1, day or 1)
        high = low if day else date(low.year, month or 12, monthrange(low.year, month or 12)[1])
    except ValueError as error:
        raise DostastyqError("DT001", f"{text!r} is not a day of the calendar: {error}", _FORMS) from None
    return low, high, bool(match.group(4))
