r"""Which panel a set of effects describes: exporters, importers and years, found in the formula and the data.

Three effects that share their columns two by two are a three-way panel: from

.. math:: \{E \cup T,\; M \cup T,\; E \cup M\}

the sets E (exporter), M (importer) and T (year) follow; a column in all three, such as a sector, is part of both E
and M. Two effects :math:`\{E \cup T, M \cup T\}` are a two-way panel, and ``exporter + importer`` is one when there
is one year and a one-way panel when there are several. Everything else has no such structure.
"""

import re
from dataclasses import dataclass
from typing import Final

import polars as pl

from dostastyq.gravity.formula import Effect

YEARS: Final = frozenset({"year", "years", "yr", "time", "period", "date", "t"})
_EXPORTER = re.compile(r"(?:exp|orig|source|from|iso\d?_?o\b|i$|o$).*|.*_(?:o|i|exp|orig)", re.IGNORECASE)
_IMPORTER = re.compile(r"(?:imp|dest|target|to_|iso\d?_?d\b|j$|d$).*|.*_(?:d|j|imp|dest)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Structure:
    """The panel that some effects describe.

    Parameters
    ----------
    kind
        As in `dostastyq.gravity.problem`: ``"three_way"``, ``"three_way_symmetric"``, ``"two_way"``, ``"one_way"``;
        ``"general"`` when the effects describe none.
    exporter, importer, year
        Columns that make up each side; `year` is empty in a cross-section, all are empty when general.
    """

    kind: str
    exporter: tuple[str, ...] = ()
    importer: tuple[str, ...] = ()
    year: tuple[str, ...] = ()

    @property
    def has_pairs(self) -> bool:
        """Whether pairs have an effect."""
        return self.kind.startswith("three_way")


GENERAL: Final = Structure("general")


def detect(effects: tuple[Effect, ...], data: pl.DataFrame) -> Structure:
    """Find the panel that `effects` describe.

    Parameters
    ----------
    effects
        Effects of the formula, whose columns are in the data.
    data
        The data.

    Returns
    -------
    Structure

    Examples
    --------
    >>> from dostastyq.gravity.formula import parse
    >>> data = pl.DataFrame({"iso_o": ["A"], "iso_d": ["B"], "t": [1990], "trade": [1.0]})
    >>> detect(parse("trade ~ 1 | iso_o^t + iso_d^t + iso_o^iso_d").effects, data)
    Structure(kind='three_way', exporter=('iso_o',), importer=('iso_d',), year=('t',))
    """
    sets = [frozenset(effect.columns) for effect in effects]
    order = tuple(dict.fromkeys(column for effect in effects for column in effect.columns))
    if len(sets) == 3:
        return _three(sets, order, data) or _by_identifier(sets, order, data) or GENERAL
    if len(sets) == 2:
        return _two(sets, order, data) or GENERAL
    return GENERAL


def _three(sets: list[frozenset[str]], order: tuple[str, ...], data: pl.DataFrame) -> Structure | None:
    """Three effects on three sets of columns."""
    shared = sets[0] & sets[1] & sets[2]
    bare = [columns - shared for columns in sets]
    meets = [bare[1] & bare[2], bare[0] & bare[2], bare[0] & bare[1]]
    if not all(meets) or any(bare[k] != meets[k - 1] | meets[k - 2] for k in range(3)):
        return None
    year = max(range(3), key=lambda k: _looks_like_years(meets[k], data))
    sides = [_ordered(meets[k], order) + _ordered(shared, order) for k in range(3) if k != year]
    exporter, importer = _sides(*sorted(sides, key=lambda side: order.index(side[0])))
    return Structure("three_way", exporter, importer, _ordered(meets[year], order))


def _by_identifier(sets: list[frozenset[str]], order: tuple[str, ...], data: pl.DataFrame) -> Structure | None:
    """Exporter-year, importer-year, and an identifier of the pair, directed or not."""
    for k in range(3):
        if len(sets[k]) != 1:
            continue
        panel = _two([columns for other, columns in enumerate(sets) if other != k], order, data)
        if panel is not None and panel.kind == "two_way" and panel.year:
            kind = pair_identifier(next(iter(sets[k])), panel, data)
            return Structure(kind, panel.exporter, panel.importer, panel.year) if kind else None
    return None


def pair_identifier(name: str, panel: Structure, data: pl.DataFrame) -> str | None:
    """Whether column `name` numbers the pairs of `panel`: the kind of three-way panel, or None."""
    if len(panel.exporter) != 1 or len(panel.importer) != 1:
        return None
    e, m = panel.exporter[0], panel.importer[0]
    pairs = data.select(pl.col(e).cast(pl.String).alias("e"), pl.col(m).cast(pl.String).alias("m"), id=name).unique()
    if pairs.select(pl.struct("e", "m").n_unique()).item() != pairs.height:
        return None
    directed = pairs["id"].n_unique()
    if directed == pairs.height:
        return "three_way"
    both = pairs.select("id", pl.min_horizontal("e", "m").alias("e"), pl.max_horizontal("e", "m").alias("m")).unique()
    one_to_one = both.height == directed == both.select(pl.struct("e", "m").n_unique()).item()
    return "three_way_symmetric" if one_to_one else None


def _two(sets: list[frozenset[str]], order: tuple[str, ...], data: pl.DataFrame) -> Structure | None:
    """Exporter-year and importer-year, or exporter and importer."""
    years = sets[0] & sets[1]
    sides = [_ordered(columns - years, order) for columns in sets]
    if not all(sides):
        return None
    if any(_looks_like_years(frozenset(side), data) > 1 for side in sides):
        return None
    exporter, importer = _sides(*sides)
    if years:
        return Structure("two_way", exporter, importer, _ordered(years, order))
    column = next((name for name in data.columns if name.casefold() in YEARS and name not in order), None)
    if column is not None and data[column].n_unique() > 1:
        return Structure("one_way", exporter, importer, (column,))
    repeated = data.select(pl.struct(*exporter, *importer).n_unique()).item() != data.height
    return None if repeated else Structure("two_way", exporter, importer)


def _looks_like_years(columns: frozenset[str], data: pl.DataFrame) -> int:
    """How much some columns look like years: by name, by type, or not."""
    if any(name.casefold() in YEARS for name in columns):
        return 2
    return int(any(data.schema[name].is_numeric() or data.schema[name].is_temporal() for name in columns))


def _sides(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell exporter from importer: by name where the names say so, else in the order written."""
    swapped = _IMPORTER.fullmatch(one[0]) and _EXPORTER.fullmatch(other[0])
    return (other, one) if swapped and not _EXPORTER.fullmatch(one[0]) else (one, other)


def _ordered(columns: frozenset[str], order: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in order if name in columns)
