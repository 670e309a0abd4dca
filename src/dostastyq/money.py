"""Money: integer minor units of a currency, with the dated exponent and validity of ISO 4217.

An amount is a whole number of minor units; the exponent of the currency says how many of them make one unit. Rates are
exact fractions. No float is accepted anywhere. The table `currencies.csv` beside this module has a source and a
confidence (high, medium, low) for every currency; periods are half-open, and where a currency and its successor
circulated together both are valid.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from operator import index
from types import MappingProxyType
from typing import SupportsIndex, cast

from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError, nearest

LARGEST = 2**62
"""Largest amount of one record, in minor units: sums and differences of two still fit 64 bits."""


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency of ISO 4217.

    Parameters
    ----------
    code, numeric
        Alphabetic and numeric code, e.g. ``"BYN"`` and ``"933"``.
    name
        English name.
    exponent
        Decimal places of the minor unit: one unit is ``10 ** exponent`` minor units.
    valid_from, valid_to
        First day on which a value date may fall, and the day after the last; None where there is no limit.
    successor, per_successor
        Currency that replaced it, and how many units of this one made one of that; None where there is none.
    states
        ISO 3166 alpha-3 codes of the states of the commonwealth that used it.
    source, confidence, note
        Where the facts are from, how sure they are (``high``, ``medium``, ``low``), and what to know.

    Examples
    --------
    >>> currency("BYR").valid("2015-06-01"), currency("BYR").valid("2020-06-01")
    (True, False)
    """

    code: str
    numeric: str
    name: str
    exponent: int
    valid_from: date | None
    valid_to: date | None
    successor: str | None
    per_successor: int | None
    states: tuple[str, ...]
    source: str
    confidence: str
    note: str

    def valid(self, on: date | str) -> bool:
        """Whether `on` lies in the period of the currency."""
        day = calendar_day(on)
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day < self.valid_to)

    @property
    def period(self) -> str:
        """Period in words, for messages.

        Examples
        --------
        >>> currency("BYR").period, currency("USD").period
        ('2000-01-01 to 2016-12-31', 'any day')
        """
        if self.valid_from is None and self.valid_to is None:
            return "any day"
        last = None if self.valid_to is None else date.fromordinal(self.valid_to.toordinal() - 1)
        return f"from {self.valid_from}" if last is None else f"{self.valid_from} to {last}"


@cache
def currencies() -> Mapping[str, Currency]:
    """Every currency of the table by its code, read-only.

    Examples
    --------
    >>> [code for code, found in currencies().items() if found.exponent == 0]
    ['BYB', 'BYR', 'JPY']
    """
    import csv  # noqa: PLC0415 -- only when a currency is asked for
    from importlib.resources import files  # noqa: PLC0415

    text = files("dostastyq").joinpath("currencies.csv").read_text("utf-8")
    return MappingProxyType({row["code"]: _currency(row) for row in csv.DictReader(text.splitlines())})


def _currency(row: Mapping[str, str]) -> Currency:
    def day(name: str) -> date | None:
        return date.fromisoformat(row[name]) if row[name] else None

    return Currency(
        code=row["code"],
        numeric=row["numeric"],
        name=row["name"],
        exponent=int(row["exponent"]),
        valid_from=day("valid_from"),
        valid_to=day("valid_to"),
        successor=row["successor"] or None,
        per_successor=int(row["per_successor"]) if row["per_successor"] else None,
        states=tuple(row["states"].split()),
        source=row["source"],
        confidence=row["confidence"],
        note=row["note"],
    )


def currency(code: str, on: date | str | None = None) -> Currency:
    """Find a currency, valid on a day where one is given.

    Parameters
    ----------
    code
        Alphabetic code, e.g. ``"KZT"``.
    on
        Value date; None does not ask.

    Raises
    ------
    DostastyqError
        ``MN001`` no such currency, ``MN002`` not valid on that day.

    Examples
    --------
    >>> currency("KZT", on="2015-01-01").exponent
    2
    >>> currency("RUR", on="2015-01-01")
    Traceback (most recent call last):
    ...
    dostastyq.errors.DostastyqError: RUR is not valid on 2015-01-01, only 1991-12-26 to 1998-12-31 (use RUB)
    """
    table = currencies()
    if code not in table:
        raise DostastyqError("MN001", f"there is no currency {code!r}", nearest(str(code), table))
    found = table[code]
    if on is not None and not found.valid(on):
        hint = f"use {valid_instead(found, calendar_day(on))}"
        raise DostastyqError("MN002", f"{code} is not valid on {calendar_day(on)}, only {found.period}", hint)
    return found


def valid_instead(found: Currency, day: date) -> str:
    """Currency of the same states that is valid on `day`, or what else to do.

    Examples
    --------
    >>> valid_instead(currency("BYB"), date(2020, 1, 1))
    'BYN'
    """
    later: Currency | None = found
    while later is not None and not later.valid(day):
        later = currencies().get(later.successor or "")
    if later is not None:
        return later.code
    before = [other.code for other in currencies().values() if other.successor == found.code and other.valid(day)]
    return before[0] if before else "a currency of that day"


def minor_units(value: object, largest: int = LARGEST) -> int:
    """Check an amount: a whole number of minor units above zero.

    Parameters
    ----------
    value
        What was given; a boolean or a float is refused, even a whole one.
    largest
        Largest amount accepted.

    Raises
    ------
    DostastyqError
        ``MN003`` not an integer, ``MN004`` zero or negative, ``MN005`` too large.

    Examples
    --------
    >>> minor_units(1250)
    1250
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise DostastyqError(
            "MN003",
            f"{value!r} is not a whole number of minor units",
            "write kopecks, tiyn or cents as an integer: 12.50 is 1250",
        )
    amount: int = index(cast("SupportsIndex", value))
    if amount <= 0:
        raise DostastyqError(
            "MN004", f"the amount {value} is not above zero", "the debtor pays the creditor: swap them"
        )
    if amount > largest:
        raise DostastyqError("MN005", f"the amount {amount} is above {largest}", "split it into several")
    return amount


def round_half_even(value: Fraction | int) -> int:
    """Round to the nearest integer, a half to the even one, exactly.

    Examples
    --------
    >>> [round_half_even(Fraction(n, 2)) for n in (1, 3, -1, -3, 4)]
    [0, 2, 0, -2, 2]
    """
    return round(Fraction(value))


def shown(amount: int, code: str) -> str:
    """Write an amount in units of its currency, with all its decimals and no rounding.

    Examples
    --------
    >>> shown(-1234567, "KZT"), shown(1250, "BYR")
    ('-12345.67 KZT', '1250 BYR')
    """
    exponent = currency(code).exponent
    whole, part = divmod(abs(amount), 10**exponent)
    sign = "-" if amount < 0 else ""
    return f"{sign}{whole}.{part:0{exponent}d} {code}" if exponent else f"{sign}{whole} {code}"
