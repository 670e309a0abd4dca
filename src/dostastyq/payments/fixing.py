"""Rates of a day: dated tables with their source, one unit of account, exact fractions.

Every rate leads through the unit of account, so cross rates are consistent whatever the way: the rate of A in B times
the rate of B in C is the rate of A in C, exactly. Net positions are computed currency by currency and only then
converted, each rounded once, a half to the even minor unit. What rounding leaves is booked to a named account, so
that converted nets and residue sum to zero.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError, nearest
from dostastyq.money import currency, round_half_even

RESIDUE_ACCOUNT: Final = "rounding-residue"


@dataclass(frozen=True, slots=True)
class Rate:
    """One official rate.

    Parameters
    ----------
    base, quote
        One unit of `base` is worth `value` units of `quote`.
    on
        Day for which it was set.
    value
        Exact fraction above zero.
    source
        Act that set it.

    Raises
    ------
    DostastyqError
        ``PY051`` a value that is no positive fraction, ``MN001``, ``MN002`` the currencies, ``DT002`` the day.

    Examples
    --------
    >>> Rate("KZT", "RUB", "2026-11-20", Fraction("0.1534"), "CBR").value
    Fraction(767, 5000)
    """

    base: str
    quote: str
    on: date
    value: Fraction
    source: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "on", calendar_day(self.on))
        for code in (self.base, self.quote):
            currency(code, self.on)
        if isinstance(self.value, float) or not isinstance(self.value, (int, Fraction)) or self.value <= 0:
            message = f"the rate {self.base}/{self.quote} of {self.on} is {self.value!r}"
            raise DostastyqError("PY051", message, 'give an exact fraction above zero, e.g. Fraction("0.1534")')
        if not self.source.strip() or self.base == self.quote:
            message = f"the rate {self.base}/{self.quote} of {self.on} has no source, or is of one currency"
            raise DostastyqError("PY051", message, "name the act that set it, and two currencies")
        object.__setattr__(self, "value", Fraction(self.value))


@dataclass(frozen=True, slots=True)
class Residue:
    """What rounding leaves, and where it is booked.

    Parameters
    ----------
    account
        Name of the account.
    amount
        Minor units of the unit of account; converted nets and this sum to zero.
    by_currency
        The same by currency of the positions.
    """

    account: str
    amount: int
    by_currency: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {"account": self.account, "amount": self.amount, "by_currency": dict(self.by_currency)}


@dataclass(frozen=True, slots=True)
class Fixing:
    """Rates of all currencies in the unit of account on a day; make one with `fix`.

    Parameters
    ----------
    unit
        Unit of account.
    on
        Day of the fixing.
    rates
        Units of account for one unit of each currency.
    used
        The rates it was made from.
    account
        Account that takes the residue of rounding.
    """

    unit: str
    on: date
    rates: Mapping[str, Fraction]
    used: tuple[Rate, ...]
    account: str = RESIDUE_ACCOUNT

    def cross(self, base: str, quote: str) -> Fraction:
        """Units of `quote` for one unit of `base`, through the unit of account.

        Examples
        --------
        >>> table = [Rate("KZT", "RUB", "2026-11-20", Fraction("0.15"), "act"),
        ...          Rate("KGS", "RUB", "2026-11-20", Fraction("0.9"), "act")]
        >>> fix(table, "RUB", "2026-11-20").cross("KGS", "KZT")
        Fraction(6, 1)
        """
        return self._rate(base) / self._rate(quote)

    def per_minor(self, code: str) -> Fraction:
        """Minor units of account for one minor unit of a currency, exactly."""
        scale = currency(self.unit).exponent - currency(code).exponent
        return self._rate(code) * (Fraction(10) ** scale)

    def converted(self, nets: Mapping[str, Mapping[str, int]]) -> tuple[dict[str, dict[str, int]], Residue]:
        """Convert net positions, each rounded once.

        Parameters
        ----------
        nets
            By currency, the net position of each bank; each currency sums to zero.

        Returns
        -------
        tuple
            The same in minor units of account, and the residue.

        Raises
        ------
        DostastyqError
            ``PY052`` positions of a currency that do not sum to zero, ``PY050`` no rate.

        Examples
        --------
        >>> table = [Rate("KZT", "RUB", "2026-11-20", Fraction("0.15"), "act")]
        >>> nets = {"KZT": {"ARM": 10, "BLR": 10, "KAZ": -20}}
        >>> values, residue = fix(table, "RUB", "2026-11-20").converted(nets)
        >>> values["KZT"], residue.amount
        ({'ARM': 2, 'BLR': 2, 'KAZ': -3}, -1)
        """
        values: dict[str, dict[str, int]] = {}
        for code, positions in nets.items():
            if sum(positions.values()):
                message = f"net positions in {code} sum to {sum(positions.values())}, not to zero"
                raise DostastyqError("PY052", message, "give the position of every bank")
            rate = self.per_minor(code)
            values[code] = {bank: round_half_even(rate * amount) for bank, amount in positions.items()}
        left = {code: -sum(positions.values()) for code, positions in values.items()}
        return values, Residue(self.account, sum(left.values()), left)

    def _rate(self, code: str) -> Fraction:
        if code not in self.rates:
            raise DostastyqError("PY050", f"no rate of {code} on {self.on}", nearest(code, self.rates))
        return self.rates[code]


def fix(
    table: Iterable[Rate],
    unit: str,
    on: date | str,
    *,
    carried_days: int = 0,
    account: str = RESIDUE_ACCOUNT,
) -> Fixing:
    """Make the fixing of a day.

    Parameters
    ----------
    table
        Rates against the unit of account, in either direction.
    unit
        Unit of account, e.g. ``"RUB"``.
    on
        Day of the fixing.
    carried_days
        How old a rate may be where none was set for the day itself, e.g. over a week-end.
    account
        Account that takes the residue of rounding.

    Raises
    ------
    DostastyqError
        ``PY053`` two rates of one pair and day that differ.

    Notes
    -----
    A rate between two other currencies is not used: there is one way from each currency to the unit of account.
    """
    day = calendar_day(on)
    currency(unit, day)
    oldest = day - timedelta(days=carried_days)
    latest: dict[str, tuple[Rate, Fraction]] = {}
    for rate in table:
        if unit not in (rate.base, rate.quote) or not oldest <= rate.on <= day:
            continue
        code, value = (rate.base, rate.value) if rate.quote == unit else (rate.quote, 1 / rate.value)
        known = latest.get(code)
        if known is not None and known[0].on == rate.on and known[1] != value:
            message = f"two rates of {code} in {unit} for {rate.on}: {known[1]} and {value}"
            raise DostastyqError("PY053", message, "keep the one of the act in force")
        if known is None or known[0].on < rate.on:
            latest[code] = (rate, value)
    chosen = dict(sorted(latest.items()))
    rates = {unit: Fraction(1)} | {code: value for code, (_, value) in chosen.items()}
    return Fixing(unit, day, rates, tuple(rate for rate, _ in chosen.values()), account)


def read_rates(path: Path) -> list[Rate]:
    """Read a table of rates: CSV with the columns base, quote, on, value, source.

    Raises
    ------
    DostastyqError
        ``PY010`` no such file, ``PY011`` a column is missing, ``PY051`` a value that is no fraction.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise DostastyqError("PY010", f"{path} cannot be read", "name a CSV file in UTF-8") from None
    rows = csv.DictReader(text.splitlines())
    needed = ("base", "quote", "on", "value", "source")
    missing = [name for name in needed if name not in (rows.fieldnames or ())]
    if missing:
        raise DostastyqError("PY011", f"{path}: no column {missing[0]!r}", "needed: " + ", ".join(needed))
    found = []
    for number, row in enumerate(rows, start=2):
        try:
            value = Fraction((row["value"] or "").strip())
        except (ValueError, ZeroDivisionError):
            message = f"{path}, row {number}: value is {row['value']!r}"
            raise DostastyqError("PY051", message, "write a decimal or a fraction, e.g. 0.1534 or 767/5000") from None
        found.append(Rate(row["base"], row["quote"], calendar_day(row["on"]), value, row["source"] or ""))
    return found
