"""Expressions inside a formula, such as ``log(dist)`` or ``I(exporter != importer)``, as polars expressions.

Only names of columns, numbers, texts, arithmetic, comparisons and the functions of `FUNCTIONS` are understood: a
formula that comes from a file or over the network computes columns and runs nothing else.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from dostastyq.errors import DostastyqError, nearest
from dostastyq.gravity.formula import Factor, Formula, unreadable

FUNCTIONS: Final[Mapping[str, Callable[[pl.Expr], pl.Expr]]] = MappingProxyType(
    {
        "I": lambda x: x,
        "log": pl.Expr.log,
        "log1p": pl.Expr.log1p,
        "exp": pl.Expr.exp,
        "sqrt": pl.Expr.sqrt,
        "abs": pl.Expr.abs,
        "sign": pl.Expr.sign,
        "asinh": pl.Expr.arcsinh,
    }
)
"""Functions of one column; ``np.log`` is understood as ``log``."""

_BINARY: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.Pow: operator.pow,
        ast.Mod: operator.mod,
        ast.BitAnd: operator.and_,
        ast.BitOr: operator.or_,
    }
)
_COMPARE: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], Any]]] = MappingProxyType(
    {
        ast.Eq: operator.eq,
        ast.NotEq: operator.ne,
        ast.Lt: operator.lt,
        ast.LtE: operator.le,
        ast.Gt: operator.gt,
        ast.GtE: operator.ge,
    }
)
_UNARY: Final[Mapping[type[ast.unaryop], Callable[[Any], Any]]] = MappingProxyType(
    {ast.USub: operator.neg, ast.UAdd: lambda x: x, ast.Invert: operator.invert}
)


def tree(factor: Factor, formula: Formula) -> ast.expr:
    """Syntax tree of a factor that is an expression.

    Raises
    ------
    DostastyqError
        ``GR002`` when it is none.
    """
    try:
        return ast.parse(factor.text.strip(), mode="eval").body
    except SyntaxError:
        raise unreadable(formula.text, factor.position, f"{factor.text!r} is no expression") from None


def column(name: str, formula: Formula, columns: Mapping[str, pl.DataType], position: int | None = None) -> pl.Expr:
    """Give the column `name` of the data.

    Raises
    ------
    DostastyqError
        ``GR003`` when the data have no such column: where it stands in the formula, and the nearest one.
    """
    if name in columns:
        return pl.col(name)
    place = locate(name, formula) if position is None else position
    mark = f"    {formula.text}\n    {' ' * (place - 1)}^"
    message = f"formula, character {place}: the data have no column {name!r}\n{mark}"
    raise DostastyqError("GR003", message, nearest(name, columns))


def locate(name: str, formula: Formula) -> int:
    """Character of `formula`, from 1, at which `name` first stands as a word; 1 where it does not.

    Examples
    --------
    >>> from dostastyq.gravity.formula import parse
    >>> locate("dist", parse("trade ~ distant + log(dist)"))
    23
    """
    found = re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", formula.text)
    return found.start() + 1 if found else 1


class Reader(ast.NodeVisitor):
    """Turns a syntax tree into a polars expression.

    Parameters
    ----------
    formula
        The formula, for messages.
    columns
        Columns of the data with their types.
    position
        Where the expression begins in the formula.
    """

    def __init__(self, formula: Formula, columns: Mapping[str, pl.DataType], position: int) -> None:
        self.formula = formula
        self.columns = columns
        self.position = position

    def read(self, factor: Factor) -> pl.Expr:
        """Expression of `factor`."""
        if factor.is_column:
            return column(factor.text, self.formula, self.columns, factor.position)
        found = self.visit(tree(factor, self.formula))
        return found if isinstance(found, pl.Expr) else pl.lit(found)

    def generic_visit(self, node: ast.AST) -> Any:  # noqa: ANN401 -- as in the base class
        """Refuse everything that is not understood."""
        known = ", ".join(FUNCTIONS)
        raise unreadable(
            self.formula.text,
            self.position + getattr(node, "col_offset", 0),
            f"{ast.unparse(node)} is not understood",
            f"use columns, numbers, arithmetic, comparisons and {known}; compute anything else as a column of the data",
        )

    def visit_Name(self, node: ast.Name) -> pl.Expr:
        """Read a column."""
        return column(node.id, self.formula, self.columns)

    def visit_Attribute(self, node: ast.Attribute) -> pl.Expr:
        """Read a column whose name has a dot."""
        return column(ast.unparse(node), self.formula, self.columns)

    def visit_Constant(self, node: ast.Constant) -> object:
        """Read a number or a text."""
        if isinstance(node.value, int | float | str):
            return node.value
        return self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> object:
        """Read a sign."""
        apply = _UNARY.get(type(node.op))
        if apply is None:
            return self.generic_visit(node)
        return apply(self.visit(node.operand) if isinstance(node.op, ast.Invert) else self.number(node.operand))

    def visit_BinOp(self, node: ast.BinOp) -> object:
        """Read arithmetic."""
        apply = _BINARY.get(type(node.op))
        if apply is None:
            return self.generic_visit(node)
        read = self.visit if isinstance(node.op, ast.BitAnd | ast.BitOr) else self.number
        return apply(read(node.left), read(node.right))

    def number(self, node: ast.expr) -> object:
        """Read an operand as a float: products and squares of narrow integers would wrap around."""
        found = self.visit(node)
        kind = self.columns[node.id] if isinstance(node, ast.Name) else pl.Float64()
        if not (kind.is_numeric() or kind == pl.Boolean):
            message = f"column {ast.unparse(node)!r} is {kind} and cannot be computed with"
            raise DostastyqError("GR009", message, "convert the column to numbers")
        return found.cast(pl.Float64) if isinstance(found, pl.Expr) else found

    def visit_Compare(self, node: ast.Compare) -> object:
        """Read one comparison."""
        apply = _COMPARE.get(type(node.ops[0]))
        if apply is None or len(node.ops) > 1:
            return self.generic_visit(node)
        return apply(self.visit(node.left), _operand(self.visit(node.comparators[0])))

    def visit_Call(self, node: ast.Call) -> object:
        """Read a function of one column."""
        name = ast.unparse(node.func).removeprefix("np.").removeprefix("numpy.")
        if name not in FUNCTIONS or len(node.args) != 1 or node.keywords:
            return self.generic_visit(node)
        inner = self.visit(node.args[0]) if name == "I" else self.number(node.args[0])
        return FUNCTIONS[name](inner if isinstance(inner, pl.Expr) else pl.lit(inner))


def _operand(value: object) -> object:
    return pl.lit(value) if isinstance(value, str) else value
