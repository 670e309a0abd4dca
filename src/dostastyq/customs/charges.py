"""What is charged, in the order of the law: every charge on its base, each rounded once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from dostastyq.customs.facts import Article, Fee, Tax
from dostastyq.customs.grammar import render_rate
from dostastyq.customs.lawbook import Lawbook
from dostastyq.customs.measures import Measure
from dostastyq.customs.mfn import Portions
from dostastyq.customs.model import Charge, Consignment, Missing, Step
from dostastyq.customs.rates import AdValorem, Basis, Rate, walk
from dostastyq.customs.regime import measure_step
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
    steps
        What the amounts rest on.
    without_fees
        Whether a fee may be due whose amount is not at hand.
    """

    duty: int | None
    taxes: tuple[Charge, ...] = ()
    missing: tuple[Missing, ...] = ()
    steps: tuple[Step, ...] = ()
    without_fees: bool = False

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


@dataclass(slots=True)
class _Desk:
    """One consignment being charged: what is known of it, and what has been worked out so far."""

    book: Lawbook
    goods: Consignment
    on: date
    exponent: int
    against: Basis
    amounts: dict[str, int | None]
    taxes: list[Charge] = field(default_factory=list)
    missing: dict[Missing, None] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    rounded: bool = False

    def base(self, kind: str) -> int | None:
        """Sum that a kind of charge is worked out on; None where a part of it is not known."""
        parts = [self.amounts.get(part, 0) for part in self.book.order.bases[kind]]
        known = [part for part in parts if part is not None]
        return sum(known) if len(known) == len(parts) else None

    def whole(self, exact: Fraction) -> int:
        """Round an exact amount of units into minor ones."""
        minor = exact * 10**self.exponent
        self.rounded = self.rounded or minor.denominator != 1
        return self.book.rounding.round(minor)

    def exact(self, rate: Rate, base: int | None) -> Fraction | None:
        """Amount of a rate, in units; None, with the missing facts noted, where it cannot be worked out."""
        against = self.against
        needs = tuple(rate.needs(against))
        for need in needs:
            self.missing[Missing(need.kind, Text(NEEDS[need.kind], rate=render_rate(rate), what=need.what))] = None
        if needs or (base is None and any(isinstance(part, AdValorem) for part in walk(rate))):
            return None
        value = Fraction(base or 0, 10**self.exponent)
        return rate.amount(Basis(value, against.currency, against.quantities, against.exchange))

    def put(self, kind: str, rate: Rate, article: Article, says: Text) -> None:
        """Charge a rate on its base."""
        base = self.base(kind)
        exact = self.exact(rate, base)
        amount = None if exact is None else self.whole(exact)
        plain = base if isinstance(rate, AdValorem) and amount is not None else None
        self.amounts[kind] = amount
        self.taxes.append(Charge(kind, render_rate(rate), amount, plain, article.citation))
        self.steps.append(Step(says, True, article.citation, article.sources, article.confidence))

    def lack(self, kind: str, says: Text) -> None:
        """Note a tax whose rate is not at hand."""
        self.amounts[kind] = None
        self.taxes.append(Charge(kind, "", None))
        self.missing[Missing("tax", says)] = None


def charge(  # noqa: PLR0917 -- the law, the goods and the day's rates
    book: Lawbook,
    goods: Consignment,
    portions: Portions,
    extra: tuple[Measure, ...],
    on: date,
    exponent: int,
    exchange: Mapping[str, Fraction],
    *,
    border: bool = True,
) -> Charges:
    """Work out duty and taxes.

    Parameters
    ----------
    book
        The law.
    goods
        The consignment.
    portions
        Rates of duty, each with the share of the goods it is for.
    extra
        Anti-dumping measures, charged on top.
    on
        Day of the law.
    exponent
        Decimals of the currency.
    exchange
        Units of the consignment's currency for one of another.
    border
        Whether the goods pass a customs border, so that a fee may be due.

    Returns
    -------
    Charges
    """
    against = basis(goods, exponent, exchange)
    desk = _Desk(book, goods, on, exponent, against, {"value": goods.value})
    fees = book.fees.get(goods.importer, ()) if border else ()
    for kind in book.order.kinds:
        match kind:
            case "duty":
                _duty(desk, portions)
            case "anti_dumping":
                _anti_dumping(desk, extra)
            case "fee":
                _fee(desk, fees)
            case "excise":
                _excise(desk)
            case "vat":
                _vat(desk)
    if desk.rounded:
        rule = book.rounding.article
        says = Text("each amount is rounded once, to the minor unit")
        desk.steps.append(Step(says, True, rule.citation, rule.sources, rule.confidence))
    lacking = border and not any(fee.holds(on) for fee in fees)
    return Charges(desk.amounts["duty"], tuple(desk.taxes), tuple(desk.missing), tuple(desk.steps), lacking)


def _duty(desk: _Desk, portions: Portions) -> None:
    base = desk.base("duty")
    exact = [(share, desk.exact(rate, base)) for share, rate in portions]
    known = [share * amount for share, amount in exact if amount is not None]
    desk.amounts["duty"] = desk.whole(sum(known, Fraction(0))) if len(known) == len(exact) else None


def _anti_dumping(desk: _Desk, extra: tuple[Measure, ...]) -> None:
    for one in extra:
        if one.rate is not None:
            says = Text("an anti-dumping duty on goods of {state:territory}", state=desk.goods.origin)
            desk.put("anti_dumping", one.rate, Article(f"{one.act}: {one.citation}", one.sources, one.confidence), says)
            desk.steps[-1] = Step(says, because=(measure_step(one),))


def _fee(desk: _Desk, fees: tuple[Fee, ...]) -> None:
    for fee in fees:
        if not fee.holds(desk.on):
            continue
        goods, article = desk.goods, fee.article
        rate = Fraction(1) if fee.currency == goods.currency else desk.against.exchange.get(fee.currency)
        amount = None
        if rate is None:
            says = Text("an exchange rate for the customs fee: {currency}", currency=fee.currency)
            desk.missing[Missing("exchange rate", says)] = None
        else:
            amount = desk.whole(fee.of(desk.against.value / rate) * rate)
        desk.amounts["fee"] = amount
        desk.taxes.append(Charge("fee", "", amount, goods.value, article.citation))
        says = Text("a fee for customs operations of {state:territory}", state=goods.importer)
        desk.steps.append(Step(says, True, article.citation, article.sources, article.confidence))


def _excise(desk: _Desk) -> None:
    goods = desk.goods
    found = narrowest(desk.book.excise.get(goods.importer, ()), goods.hs, desk.on)
    if found is not None:
        desk.put("excise", found.rate, found.article, Text("excise duty of {state:territory}", state=goods.importer))
    elif goods.hs.startswith(desk.book.excisable):
        says = Text("rate of excise duty of {state:territory} on {code}", state=goods.importer, code=goods.hs[:4])
        desk.lack("excise", says)


def _vat(desk: _Desk) -> None:
    state = desk.goods.importer
    found = narrowest(desk.book.vat.get(state, ()), desk.goods.hs, desk.on)
    if found is None:
        says = Text("rate of value added tax of {state:territory} on {day:date}", state=state, day=desk.on.isoformat())
        desk.lack("vat", says)
    else:
        says = Text("value added tax of {state:territory}: {rate}", state=state, rate=render_rate(found.rate))
        desk.put("vat", found.rate, found.article, says)


def narrowest(rates: tuple[Tax, ...], hs: str, on: date) -> Tax | None:
    """Give the rate of tax that names goods most narrowly on a day."""
    holding = [rate for rate in rates if rate.holds(hs, on)]
    return max(holding, key=lambda rate: max((len(code) for code in rate.codes if hs.startswith(code)), default=0),
               default=None)  # fmt: skip
