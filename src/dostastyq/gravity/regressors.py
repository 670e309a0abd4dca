"""Terms of a formula as columns of the design: products, dummies of categories, and ``i(category, variable, ref=)``.

Categories are coded as formulaic and pyfixest do: a category loses its first level where the term without it is in
the formula too (the constant always is: the effects contain it), and keeps all levels otherwise. Columns are
expressions, evaluated one at a time, so that a design of many dummies never stands in memory as a long table.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import polars as pl

from dostastyq.errors import DostastyqError, nearest
from dostastyq.gravity.expressions import Reader, locate, tree
from dostastyq.gravity.formula import Factor, Formula, Term, unreadable

MOST_LEVELS: Final = 2000
"""Categories with more levels are refused: they are meant to be effects."""


@dataclass(frozen=True, slots=True, eq=False)
class Category:
    """A category whose levels have dummies.

    Parameters
    ----------
    name
        As it stands in the formula.
    values
        Its values, as a polars expression of the data.
    levels
        Its levels in the data of the fit, those without a dummy too.
    """

    name: str
    values: pl.Expr
    levels: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Regressor:
    """One column of the design.

    Parameters
    ----------
    name
        As the table prints it: ``rta``, ``log(dist)``, ``year::1990:border``.
    values
        Its values, as a polars expression of the data.
    position
        Where its term begins in the formula.
    categories
        Categories of which it is a dummy; empty where the term stands in the formula as it is.
    """

    name: str
    values: pl.Expr
    position: int
    categories: tuple[Category, ...] = ()

    @property
    def written(self) -> bool:
        """Whether the term stands in the formula as it is, and is no dummy made from a category."""
        return not self.categories


@dataclass(frozen=True, slots=True)
class _Column:
    label: str
    values: pl.Expr
    categories: tuple[Category, ...] = ()


def expand(formula: Formula, data: pl.DataFrame) -> tuple[Regressor, ...]:
    """Columns of the design that `formula` asks for.

    Parameters
    ----------
    formula
        The equation.
    data
        The data, for the levels of categories.

    Returns
    -------
    tuple of Regressor
        In the order of the formula, each name once.

    Raises
    ------
    DostastyqError
        ``GR002`` an expression that is not understood, ``GR003`` an unknown column, ``GR009`` a column that is
        neither number nor category, ``GR012`` an unknown level of reference.

    Examples
    --------
    >>> from dostastyq.gravity.formula import parse
    >>> data = pl.DataFrame({"trade": [1.0, 2.0], "year": [1990, 1994], "border": [1, 0], "area": ["u", "v"]})
    >>> [column.name for column in expand(parse("trade ~ border*area + i(year, border, ref=1990)"), data)]
    ['border', 'area[T.v]', 'border:area[T.v]', 'year::1994:border']
    """
    keys: set[frozenset[str]] = {term.key for term in formula.terms} | {frozenset()}
    found: dict[str, Regressor] = {}
    for term in formula.terms:
        parts = [_factor(factor, formula, data, reduced=(term.key - {factor.text}) in keys) for factor in term.factors]
        for columns in product(*parts):
            regressor = _product(term, columns)
            found.setdefault(regressor.name, regressor)
    return tuple(found.values())


def _product(term: Term, columns: tuple[_Column, ...]) -> Regressor:
    values = columns[0].values
    for other in columns[1:]:
        values = values * other.values
    name = ":".join(column.label for column in columns)
    categories = tuple(category for column in columns for category in column.categories)
    return Regressor(name, values, term.factors[0].position, categories)


def _factor(factor: Factor, formula: Formula, data: pl.DataFrame, *, reduced: bool) -> list[_Column]:
    """Columns of one factor: itself, or the dummies of its levels."""
    reader = Reader(formula, data.schema, factor.position)
    if factor.is_column:
        values = reader.read(factor)
        if not _is_category(factor.text, data, formula):
            return [_Column(factor.text, values.cast(pl.Float64))]
        category = Category(factor.text, values, tuple(_levels(values, data, factor.text)))
        return _dummies(factor.text, category, category.levels, first=not reduced)
    node = tree(factor, formula)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("C", "i"):
        return _call(factor, node, reader, data, reduced=reduced)
    return [_Column(factor.text, reader.read(factor).cast(pl.Float64))]


def _call(factor: Factor, node: ast.Call, reader: Reader, data: pl.DataFrame, *, reduced: bool) -> list[_Column]:
    """Columns of ``C(category)`` or ``i(category, variable, ref=)``."""
    most = 1 if ast.unparse(node.func) == "C" else 2
    options = {keyword.arg: keyword.value for keyword in node.keywords}
    if not 1 <= len(node.args) <= most or set(options) - ({"ref"} if most == 1 else {"ref", "ref2"}):
        form = "C(category)" if most == 1 else "i(category, variable, ref=level)"
        raise unreadable(reader.formula.text, factor.position, f"{factor.text} is not understood", f"write {form}")
    values = reader.visit(node.args[0])
    name = ast.unparse(node.args[0])
    category = Category(name, values, tuple(_levels(values, data, name)))
    reference = _reference(options.get("ref"), category.levels, factor, reader)
    if most == 1:
        first = () if reference is None else (reference,)
        kept = (*first, *(level for level in category.levels if level not in first))
        return _dummies(factor.text, category, kept, first=not reduced)
    return _interacted(factor, node, reader, data, _Indicators(category, reference), reduced=reduced)


@dataclass(frozen=True, slots=True)
class _Indicators:
    """An argument of ``i``: the category and the level that is left out."""

    category: Category
    reference: object

    def columns(self) -> list[_Column]:
        """Dummies of the levels that stay."""
        name, values = self.category.name, self.category.values
        kept = [level for level in self.category.levels if self.reference is None or level != self.reference]
        return [_Column(f"{name}::{_shown(level)}", _indicator(values, level), (self.category,)) for level in kept]


def _interacted(
    factor: Factor, node: ast.Call, reader: Reader, data: pl.DataFrame, first: _Indicators, *, reduced: bool
) -> list[_Column]:
    """Columns of ``i``: alone, times a number, or times another category."""
    columns = first.columns()
    if len(node.args) == 1:
        return columns[1:] if reduced and first.reference is None else columns
    second = node.args[1]
    name = ast.unparse(second)
    if isinstance(second, ast.Name) and second.id in data.columns and _is_category(second.id, data, reader.formula):
        category = Category(name, pl.col(name), tuple(_levels(pl.col(name), data, name)))
        asked = next((keyword.value for keyword in node.keywords if keyword.arg == "ref2"), None)
        reference = _reference(asked, category.levels, factor, reader)
        others = _Indicators(category, reference).columns()
        pairs = [
            _Column(f"{a.label}:{b.label}", a.values * b.values, a.categories + b.categories)
            for a, b in product(columns, others)
        ]
        return pairs[1:] if reduced and first.reference is None and reference is None else pairs
    values = reader.visit(second).cast(pl.Float64)
    return [_Column(f"{column.label}:{name}", column.values * values, column.categories) for column in columns]


def _dummies(name: str, category: Category, levels: Sequence[Any], *, first: bool) -> list[_Column]:
    """Dummies of a category, with or without its first level."""
    form = "{}[{}]" if first else "{}[T.{}]"
    return [
        _Column(form.format(name, _shown(level)), _indicator(category.values, level), (category,))
        for level in (levels if first else levels[1:])
    ]


def _indicator(values: pl.Expr, level: object) -> pl.Expr:
    return (values == pl.lit(level)).cast(pl.Float64)


def _levels(values: pl.Expr, data: pl.DataFrame, name: str) -> list[Any]:
    found = data.select(values.alias("level"))["level"]
    found = found.cast(pl.String) if found.dtype in (pl.Categorical, pl.Enum) else found
    levels = [level for level in found.unique().sort().to_list() if level is not None and level == level]  # noqa: PLR0124 -- NaN is not
    if len(levels) > MOST_LEVELS:
        raise DostastyqError(
            "GR009", f"{name!r} has {len(levels):,} levels, at most {MOST_LEVELS:,} can be dummies", "make it an effect"
        )
    return levels


def _is_category(name: str, data: pl.DataFrame, formula: Formula) -> bool:
    """Whether a column is one of categories; texts that are numbers are refused."""
    dtype = data.schema[name]
    if dtype.is_numeric() or dtype in (pl.Boolean, pl.Null):
        return False
    if dtype not in (pl.String, pl.Categorical, pl.Enum):
        raise DostastyqError(
            "GR009", f"column {name!r} is {dtype}, expected numbers or categories", "convert the column"
        )
    texts = data[name].cast(pl.String).unique().drop_nulls()
    if texts.len() and texts.cast(pl.Float64, strict=False).null_count() == 0:
        place = locate(name, formula)
        message = f"formula, character {place}: column {name!r} holds numbers as text, such as {texts[0]!r}"
        raise DostastyqError("GR009", message, f"convert the column to numbers, or write C({name}) for categories")
    return True


def _reference(node: ast.expr | None, levels: Sequence[Any], factor: Factor, reader: Reader) -> object:
    """Level that is left out, or None."""
    if node is None:
        return None
    try:
        wanted = ast.literal_eval(node)
    except ValueError:
        wanted = ast.unparse(node)
    for level in levels:
        if level == wanted or _shown(level) == str(wanted):
            return level
    mark = f"    {reader.formula.text}\n    {' ' * (factor.position - 1)}^"
    message = f"formula, character {factor.position}: {factor.text} has no level {wanted!r}\n{mark}"
    raise DostastyqError("GR012", message, nearest(str(wanted), map(_shown, levels)))


def _shown(level: object) -> str:
    return str(int(level)) if isinstance(level, float) and level.is_integer() else str(level)
