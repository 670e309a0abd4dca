"""Units that duties are charged by: nine of the Eurasian tariff and those of TARIC, with exact factors."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from dostastyq.errors import DostastyqError, nearest


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of quantity.

    Parameters
    ----------
    code
        Short name, e.g. ``"kg"``; unique.
    dimension
        What it measures. The displacement of an engine is not a volume of goods, pairs are not pieces.
    factor
        How many base units of the dimension one of it is, exact.
    russian
        How the Eurasian tariff writes it; empty where it does not.
    aliases
        Other spellings, folded to lower case.
    """

    code: str
    dimension: str
    factor: Fraction
    russian: str = ""
    aliases: tuple[str, ...] = ()


UNITS: Final = tuple(
    Unit(code, dimension, Fraction(factor), russian, aliases)
    for code, dimension, factor, russian, aliases in (
        ("g", "mass", "1/1000", "г", ("gram", "grams", "gr")),
        ("kg", "mass", "1", "кг", ("kgs", "kilogram", "kilograms", "kgm")),
        ("dtn", "mass", "100", "", ("100 kg", "100kg", "quintal")),
        ("t", "mass", "1000", "т", ("tonne", "tonnes", "ton", "tne", "1000 kg")),
        ("ml", "volume", "1/1000", "", ("millilitre", "millilitres")),
        ("l", "volume", "1", "л", ("litre", "litres", "liter", "liters", "ltr")),
        ("hl", "volume", "100", "", ("hectolitre", "hectolitres", "100 l")),
        ("m3", "volume", "1000", "м3", ("m³", "м³", "mtq")),
        ("cm3", "engine displacement", "1", "см3", ("cm³", "см³", "cc", "см3, мл")),
        ("piece", "pieces", "1", "шт", ("pcs", "pc", "pieces", "p/st", "item", "items", "unit", "шт.")),
        ("pair", "pairs", "1", "пар", ("pairs", "pa", "пара", "пару", "пары")),
        ("m", "length", "1", "м", ("metre", "metres", "meter")),
        ("m2", "area", "1", "м2", ("m²", "м²", "mtk")),
        ("MWh", "energy", "1", "", ("1000 kwh",)),
        ("carat", "carats", "1", "кар", ("ct", "carats")),
    )
)
"""All units known. A litre of pure alcohol is a litre with a qualifier, see `dostastyq.customs.rates.Specific`."""

_BY_NAME: Final = {name.casefold(): unit for unit in UNITS for name in (unit.code, unit.russian, *unit.aliases) if name}


def unit(name: str) -> Unit:
    """Find a unit by its code or any of its spellings.

    Parameters
    ----------
    name
        E.g. ``"kg"``, ``"tonnes"``, ``"пар"``.

    Returns
    -------
    Unit

    Raises
    ------
    DostastyqError
        ``CU010`` when there is no such unit.

    Examples
    --------
    >>> unit("tonnes").code, unit("пар").dimension
    ('t', 'pairs')
    """
    found = _BY_NAME.get(" ".join(name.split()).casefold())
    if found is None:
        raise DostastyqError("CU010", f"there is no unit {name!r}", nearest(name, [known.code for known in UNITS]))
    return found
