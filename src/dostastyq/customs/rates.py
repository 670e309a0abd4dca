r"""Rates of duty: one syntax tree for the forms of the Eurasian tariff and of TARIC, evaluated in exact fractions.

A rate is a function of a customs value :math:`V`, quantities :math:`q_u` and the day's exchange rates :math:`e_c`,
homogeneous of degree one in :math:`(V, q)` and never falling in any of them:

====================== =========================================== =========================================
node                   amount                                      Eurasian tariff / TARIC
====================== =========================================== =========================================
`AdValorem`            :math:`pV`                                  ``5%`` / ``5.0%``
`Specific`             :math:`e_c s q_u / n`                       ``0.2 EUR за 1 кг`` / ``0.2 EUR / kg``
`Sum`                  :math:`\sum_i r_i`                          ``… плюс …`` / ``… + …``
`AtLeast` (a floor)    :math:`\max(r, f)`                          ``…, но не менее …`` / ``… MIN …``
`AtMost` (a ceiling)   :math:`\min(r, c)`                          ``…, либо …, какая ниже`` / ``… MAX …``
`Component`            from a table that the rate only names       – / ``+ AC``
====================== =========================================== =========================================

TARIC's *MAX x* says "at most x": its names and the Eurasian "не менее" (at least) run crosswise. Nothing is rounded
here: law rounds once, at the end (`dostastyq.customs.facts.Rounding`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

from dostastyq.customs.units import Unit, unit
from dostastyq.errors import DostastyqError


@dataclass(frozen=True, slots=True)
class Basis:
    """What a rate is applied to.

    Parameters
    ----------
    value
        Customs value in `currency`, exact.
    currency
        ISO 4217 code in which amounts come out.
    quantities
        By dimension (`Unit.dimension`) and qualifier, in base units, e.g. ``{("mass", ""): Fraction(10_000)}`` for ten
        tonnes.
    exchange
        Units of `currency` for one unit of another currency, by its code, at the fixing of the day.
    """

    value: Fraction
    currency: str
    quantities: Mapping[tuple[str, str], Fraction] = field(default_factory=lambda: MappingProxyType({}))
    exchange: Mapping[str, Fraction] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Need:
    """A fact without which a rate cannot be evaluated.

    Parameters
    ----------
    kind
        ``"quantity"``, ``"exchange rate"`` or ``"component"``.
    what
        Dimension and qualifier of the quantity, code of the currency, or name of the component.
    """

    kind: str
    what: str


class Rate:
    """A rate of duty: one of the forms of this module.

    Examples
    --------
    >>> from dostastyq.customs.grammar import parse_rate
    >>> rate = parse_rate("20%, но не менее 0.36 EUR за 1 см3")
    >>> rate.amount(Basis(Fraction(9000), "EUR", {("engine displacement", ""): Fraction(1600)}))
    Fraction(1800, 1)
    """

    __slots__ = ()

    def amount(self, basis: Basis) -> Fraction:
        """Duty on `basis`, exact, in its currency.

        Raises
        ------
        DostastyqError
            ``CU011`` when a quantity, an exchange rate or a component is missing; ask `needs` first.
        """
        for need in self.needs(basis):
            raise DostastyqError(
                "CU011",
                f"the duty cannot be worked out: the {need.kind} is missing ({need.what})",
                "give it; where the rate only names another table, the amount stays undetermined",
            )
        return _amount(self, basis)

    def needs(self, basis: Basis) -> Iterator[Need]:
        """Facts that `basis` lacks, in the order of the text."""
        for rate in walk(self):
            if isinstance(rate, Component):
                yield Need("component", rate.name)
            elif isinstance(rate, Specific):
                if rate.quantity not in basis.quantities:
                    yield Need("quantity", " ".join(filter(None, rate.quantity)))
                if rate.currency != basis.currency and rate.currency not in basis.exchange:
                    yield Need("exchange rate", rate.currency)

    @property
    def is_free(self) -> bool:
        """Whether nothing is ever due."""
        match self:
            case AdValorem(percent):
                return percent == 0
            case Specific(money):
                return money == 0
            case Sum(terms):
                return all(term.is_free for term in terms)
            case AtLeast(rate, floor):
                return rate.is_free and floor.is_free
            case AtMost(rate, ceiling):
                return rate.is_free or ceiling.is_free
        return False


@dataclass(frozen=True, slots=True)
class AdValorem(Rate):
    """A share of the customs value.

    Parameters
    ----------
    percent
        Per cent of the value, exact and not negative.
    """

    percent: Fraction

    def __post_init__(self) -> None:
        _not_negative(self.percent, "an ad valorem rate")


@dataclass(frozen=True, slots=True)
class Specific(Rate):
    """An amount of money a quantity of goods.

    Parameters
    ----------
    money
        Amount, exact and not negative.
    currency
        ISO 4217 code of `money`.
    per
        How many of the unit it is charged for, above 0.
    unit_code
        `Unit.code`.
    qualifier
        What kind of quantity, as the tariff writes it, e.g. ``"lactic."`` or ``"100% vol"``; empty for the plain one.
    """

    money: Fraction
    currency: str
    per: Fraction
    unit_code: str
    qualifier: str = ""

    def __post_init__(self) -> None:
        _not_negative(self.money, "a specific rate")
        if self.per <= 0:
            raise DostastyqError(
                "CU012", f"a specific rate is charged for {self.per} units; expected more than none", "write 1"
            )
        unit(self.unit_code)

    @property
    def unit(self) -> Unit:
        """Unit it is charged by."""
        return unit(self.unit_code)

    @property
    def quantity(self) -> tuple[str, str]:
        """Dimension and qualifier: the key of `Basis.quantities`."""
        return self.unit.dimension, self.qualifier


@dataclass(frozen=True, slots=True)
class Sum(Rate):
    """Rates that are charged together.

    Parameters
    ----------
    terms
        Two or more.
    """

    terms: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class AtLeast(Rate):
    """A rate with a floor.

    Parameters
    ----------
    rate, floor
        The higher of the two is due.
    """

    rate: Rate
    floor: Rate


@dataclass(frozen=True, slots=True)
class AtMost(Rate):
    """A rate with a ceiling.

    Parameters
    ----------
    rate, ceiling
        The lower of the two is due.
    """

    rate: Rate
    ceiling: Rate


@dataclass(frozen=True, slots=True)
class Component(Rate):
    """A duty that stands in a table of its own, of which the rate only gives the name.

    Parameters
    ----------
    name
        As TARIC writes it: ``"AC"`` agricultural component, ``"SD"`` sugar, ``"FD"`` flour.
    """

    name: str


def parts(rate: Rate) -> tuple[Rate, ...]:
    """Rates that a rate is put together from.

    Examples
    --------
    >>> parts(Sum((AdValorem(Fraction(5)), Component("AC"))))
    (AdValorem(percent=Fraction(5, 1)), Component(name='AC'))
    """
    match rate:
        case Sum(terms):
            return terms
        case AtLeast(first, second) | AtMost(first, second):
            return first, second
    return ()


def walk(rate: Rate) -> Iterator[Rate]:
    """Give a rate and everything it is put together from, outer first."""
    yield rate
    for part in parts(rate):
        yield from walk(part)


def _amount(rate: Rate, basis: Basis) -> Fraction:
    match rate:
        case AdValorem(percent):
            return basis.value * percent / 100
        case Specific(money, currency, per):
            count = basis.quantities[rate.quantity] / rate.unit.factor / per
            return money * count * (1 if currency == basis.currency else basis.exchange[currency])
        case Sum(terms):
            return sum((_amount(term, basis) for term in terms), Fraction(0))
        case AtLeast(first, second):
            return max(_amount(first, basis), _amount(second, basis))
        case AtMost(first, second):
            return min(_amount(first, basis), _amount(second, basis))
    raise AssertionError(rate)


def _not_negative(number: Fraction, what: str) -> None:
    if number < 0:
        raise DostastyqError("CU012", f"{what} is {number}; expected 0 or more", "write the rate as the act does")
