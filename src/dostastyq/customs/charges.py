"""What is charged, in the order of the law: duty on the customs value, excise, value added tax on all of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from dostastyq.customs.grammar import render_rate
from dostastyq.customs.lawbook import Lawbook, Vat
from dostastyq.customs.model import Charge, Consignment, Missing
from dostastyq.customs.rates import Basis, Rate
from dostastyq.customs.units import unit
from dostastyq.i18n import Text, message

NEEDS = {
    "quantity": message("a quantity for the rate {rate}: {what}"),
    "exchange rate": message("an exchange rate for the rate {rate}: {what}"),
    "component": message("a table that the rate {rate} only names: {what}"),
}


@dataclass(frozen=True, slots=True)
class Charges:
    """What a consignment owes.

    Parameters
    ----------
    duty
        Duty in minor units of the consignment's currency; None where it is not determined.
    taxes
        Charges besides the duty.
    missing
        Facts that are wanted.
    """

    duty: int | None
    taxes: tuple[Charge, ...] = ()
    missing: tuple[Missing, ...] = ()

    @property
    def total(self) -> int | None:
        """Duty and taxes; None while any of them is not determined."""
        amounts = (self.duty, *(tax.amount for tax in self.taxes))
        known = [amount for amount in amounts if amount is not None]
        return sum(known) if len(known) == len(amounts) else None


def basis(goods: Consignment, exponent: int, exchange: Mapping[str, Fraction]) -> Basis:
    """Make what a rate is applied to: value in units of the currency, quantities in base units, the day's rates."""
    quantities: dict[tuple[str, str], Fraction] = {}
    for name, amount in goods.quantities:
        found = unit(name)
        key = (found.dimension, "")
        quantities[key] = quantities.get(key, Fraction(0)) + amount * found.factor
    return Basis(Fraction(goods.value, 10**exponent), goods.currency, quantities, exchange)


def charge(  # noqa: PLR0917 -- the law, the goods and the day's rates
    book: Lawbook, goods: Consignment, rate: Rate, on: date, exponent: int, exchange: Mapping[str, Fraction]
) -> Charges:
    """Work out duty and taxes.

    Parameters
    ----------
    book
        The law.
    goods
        The consignment.
    rate
        Rate of duty.
    on
        Day of the law.
    exponent
        Decimals of the currency.
    exchange
        Units of the consignment's currency for one of another.

    Returns
    -------
    Charges
    """
    against = basis(goods, exponent, exchange)
    missing = tuple(
        Missing(need.kind, Text(NEEDS[need.kind], rate=render_rate(rate), what=need.what))
        for need in rate.needs(against)
    )
    duty = None if missing else book.rounding.round(rate.amount(against) * 10**exponent)
    taxes, wanted = _taxes(book, goods, on, duty)
    return Charges(duty, taxes, (*missing, *wanted))


def _taxes(
    book: Lawbook, goods: Consignment, on: date, duty: int | None
) -> tuple[tuple[Charge, ...], tuple[Missing, ...]]:
    excise = goods.hs.startswith(book.excisable)
    found = vat_rate(book, goods.importer, goods.hs, on)
    missing: list[Missing] = []
    taxes: list[Charge] = []
    if excise:
        taxes.append(Charge("excise", "", None))
        missing.append(
            Missing(
                "tax",
                Text("rate of excise duty of {state:territory} on {code}", state=goods.importer, code=goods.hs[:4]),
            )
        )
    if found is None:
        taxes.append(Charge("vat", "", None))
        missing.append(
            Missing(
                "tax",
                Text(
                    "rate of value added tax of {state:territory} on {day:date}",
                    state=goods.importer,
                    day=on.isoformat(),
                ),
            )
        )
    else:
        known = duty is not None and not excise
        base = goods.value + duty if duty is not None and known else None
        amount = None if base is None else book.rounding.round(base * found.percent / 100)
        taxes.append(Charge("vat", f"{float(found.percent):g}%", amount, base, found.article.citation))
    return tuple(taxes), tuple(missing)


def vat_rate(book: Lawbook, state: str, hs: str, on: date) -> Vat | None:
    """Rate of value added tax of a state on goods: the one that names them most narrowly."""
    rates = [rate for rate in book.vat.get(state, ()) if rate.holds(hs, on)]
    return max(rates, key=lambda rate: max(map(len, rate.codes), default=0), default=None)
