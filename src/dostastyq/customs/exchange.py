"""The day's exchange rates for duties: from a dated table, straight or through one third currency, never guessed."""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction

from dostastyq.errors import DostastyqError
from dostastyq.payments import Rate


def rates_into(rates: Iterable[Rate], currency: str, on: date) -> Mapping[str, Fraction]:
    """Units of a currency for one unit of every other that the table reaches on a day.

    Parameters
    ----------
    rates
        Table of fixings.
    currency
        ISO 4217 code of the amounts wanted.
    on
        Day of the fixing; a rate of another day is not used.

    Returns
    -------
    Mapping
        By code; a currency that third currencies reach at different rates is left out.

    Raises
    ------
    DostastyqError
        ``CU080`` when two rates of the day contradict each other.
    """
    direct: dict[tuple[str, str], Fraction] = {}
    for rate in rates:
        if rate.on == on:
            for pair, value in (((rate.base, rate.quote), rate.value), ((rate.quote, rate.base), 1 / rate.value)):
                if direct.setdefault(pair, value) != value:
                    raise DostastyqError(
                        "CU080", f"two rates of {rate.base} in {rate.quote} on {on}", "keep the one of the act"
                    )
    found = {base: value for (base, quote), value in direct.items() if quote == currency}
    crossed: dict[str, set[Fraction]] = {}
    for (base, quote), value in direct.items():
        if base != currency and base not in found and quote in found:
            crossed.setdefault(base, set()).add(value * found[quote])
    return found | {base: values.pop() for base, values in crossed.items() if len(values) == 1}
