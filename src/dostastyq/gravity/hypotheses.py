"""Hypotheses on the coefficients: intervals, joint tests that state their null in words, RESET."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dostastyq.errors import DostastyqError
from dostastyq.gravity.labelled import place
from dostastyq.gravity.problem import FloatArray

if TYPE_CHECKING:
    from dostastyq.gravity.fit import Fit


@dataclass(frozen=True, slots=True)
class Test:
    """A test of one or more restrictions.

    Parameters
    ----------
    null
        What is tested, in words.
    statistic
        Wald statistic, chi-squared under the null.
    degrees
        Number of restrictions.
    p_value
        Probability of a statistic at least as large under the null.
    """

    __test__ = False  # not a test of pytest

    null: str
    statistic: float
    degrees: int
    p_value: float

    def __str__(self) -> str:
        return f"H0: {self.null}; chi2({self.degrees}) = {self.statistic:.4g}, p = {self.p_value:.4g}"

    def to_frame(self) -> pl.DataFrame:
        """One row: null, statistic, degrees, p_value."""
        return pl.DataFrame([{name: getattr(self, name) for name in ("null", "statistic", "degrees", "p_value")}])


def tidy(names: Sequence[str], beta: FloatArray, errors: FloatArray, level: float) -> pl.DataFrame:
    """Give estimates with statistics and intervals by the normal distribution.

    Parameters
    ----------
    names
        Regressors.
    beta, errors
        Estimates and standard errors, shape (K,).
    level
        Coverage, between 0 and 1.

    Returns
    -------
    polars.DataFrame
        term, estimate, std_error, statistic, p_value, low, high.

    Examples
    --------
    >>> row = tidy(["rta"], np.array([0.5]), np.array([0.25]), 0.95).row(0, named=True)
    >>> row["statistic"], round(row["p_value"], 6)
    (2.0, 0.0455)
    """
    reach = quantile(level) * errors
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = beta / errors
    return pl.DataFrame(
        {
            "term": list(names),
            "estimate": np.array(beta),
            "std_error": np.array(errors),
            "statistic": statistic,
            "p_value": [erfc(abs(value) / sqrt(2)) for value in statistic.tolist()],
            "low": beta - reach,
            "high": beta + reach,
        },
        schema_overrides={"p_value": pl.Float64, "term": pl.String},
    )


def quantile(level: float) -> float:
    """Half width, in standard errors, of a two-sided interval of coverage `level`.

    Raises
    ------
    DostastyqError
        ``GR022`` when `level` is no share.
    """
    if not 0 < level < 1:
        raise DostastyqError("GR022", f"level is {level}, expected a share between 0 and 1", "95 per cent is 0.95")
    return NormalDist().inv_cdf(0.5 + level / 2)


def wald(names: tuple[str, ...], beta: FloatArray, matrix: FloatArray, restrictions: Sequence[str]) -> Test:
    r"""Test linear restrictions :math:`R\beta=q` jointly, :math:`d'(RVR')^{-1}d` with :math:`d=R\beta-q`.

    Parameters
    ----------
    names
        Regressors.
    beta, matrix
        Coefficients, shape (K,), and their covariance, shape (K, K).
    restrictions
        Names or equations; all coefficients when empty.

    Returns
    -------
    Test

    Examples
    --------
    >>> names, beta, V = ("rta", "lag"), np.array([0.3, 0.2]), np.diag([0.01, 0.04])
    >>> print(wald(names, beta, V, ["rta + lag = 0"]))
    H0: rta + lag = 0; chi2(1) = 5, p = 0.02535
    >>> print(wald(names, beta, V, []))
    H0: the coefficients of rta and lag are all zero; chi2(2) = 10, p = 0.006738
    """
    wanted = [text.strip() for text in restrictions] or list(names)
    if not wanted:
        raise DostastyqError("GR021", "the fit has no coefficients to test", "put regressors into the formula")
    equations = [_equation(text, names) for text in wanted]
    R, q = np.array([row for row, _ in equations]), np.array([value for _, value in equations])
    gap, spread = R @ beta - q, R @ matrix @ R.T
    if np.linalg.matrix_rank(R) < len(R) or np.linalg.matrix_rank(spread) < len(R):
        message = f"the {len(R)} restrictions are not independent, or have no variance"
        raise DostastyqError("GR021", message, "leave out restrictions that follow from the others")
    statistic = float(gap @ np.linalg.solve(spread, gap))
    return Test(_null(wanted, names), statistic, len(R), chi_squared_tail(statistic, len(R)))


def _null(wanted: list[str], names: tuple[str, ...]) -> str:
    """Say the null in words."""
    zeros = [text for text in wanted if text in names]
    if len(zeros) == len(wanted):
        if len(zeros) == 1:
            return f"the coefficient of {zeros[0]} is zero"
        return f"the coefficients of {', '.join(zeros[:-1])} and {zeros[-1]} are all zero"
    return ", ".join(f"{text} = 0" if text in names or "=" not in text else text for text in wanted)


def _equation(text: str, names: tuple[str, ...]) -> tuple[FloatArray, float]:
    """Row of R and entry of q of one restriction."""
    if text in names:
        return np.eye(len(names))[place(text, names)], 0.0
    left, found, right = text.partition("=")
    one, other = _linear(left, text, names), _linear(right if found else "0", text, names)
    return one[:-1] - other[:-1], float(other[-1] - one[-1])


def _linear(side: str, text: str, names: tuple[str, ...]) -> FloatArray:
    """Coefficients of a linear expression in the names, and its constant last."""
    symbols = {f"b{k}_": k for k in range(len(names))}
    for k in sorted(range(len(names)), key=lambda k: -len(names[k])):
        side = side.replace(f"`{names[k]}`", f" b{k}_ ")
    try:
        return _value(ast.parse(side.strip(), mode="eval").body, symbols, names)
    except (SyntaxError, _NotLinearError):
        remedy = "write sums such as 2*rta - rta_lag4 = 1; put names with signs of their own in backticks"
        raise DostastyqError("GR021", f"{text!r} is no linear equation of coefficients", remedy) from None


class _NotLinearError(Exception):
    """An expression that is not linear."""


def _value(node: ast.expr, symbols: dict[str, int], names: tuple[str, ...]) -> FloatArray:
    """Evaluate a linear expression as a vector of coefficients and a constant."""
    out = np.zeros(len(names) + 1)
    match node:
        case ast.Constant(value=int() | float() as number):
            out[-1] = float(number)
        case ast.Name(id=name):
            out[symbols[name] if name in symbols else place(name, names)] = 1.0
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            out = -_value(inner, symbols, names)
        case ast.BinOp(left=a, op=ast.Add(), right=b):
            out = _value(a, symbols, names) + _value(b, symbols, names)
        case ast.BinOp(left=a, op=ast.Sub(), right=b):
            out = _value(a, symbols, names) - _value(b, symbols, names)
        case ast.BinOp(left=a, op=ast.Mult() | ast.Div() as op, right=b):
            one, other = _value(a, symbols, names), _value(b, symbols, names)
            if isinstance(op, ast.Mult) and not one[:-1].any():
                one, other = other, one
            if other[:-1].any() or (isinstance(op, ast.Div) and other[-1] == 0):
                raise _NotLinearError
            out = one * other[-1] if isinstance(op, ast.Mult) else one / other[-1]
        case _:
            raise _NotLinearError
    return out


def chi_squared_tail(statistic: float, degrees: int) -> float:
    """Probability that a chi-squared variable exceeds `statistic`.

    Examples
    --------
    >>> round(chi_squared_tail(3.841459, 1), 6)
    0.05
    """
    from scipy.special import chdtrc  # noqa: PLC0415 -- a slow import for one number

    return float(chdtrc(degrees, statistic))


def reset(fit: "Fit", powers: int, effects: bool | None) -> Test:
    """Refit with powers of the index and test them jointly; see `Fit.reset`."""
    from dostastyq.gravity.post_estimation import index_of_regressors, with_powers  # noqa: PLC0415 -- it refits

    if powers < 2:
        raise DostastyqError("GR023", f"powers is {powers}, expected at least 2", "the square alone is powers=2")
    refit, whole = None, effects is True
    if not whole:
        refit = with_powers(fit, index_of_regressors(fit), powers)
        whole = refit is None and effects is None
    if whole:
        refit = with_powers(fit, np.log(np.where(fit.solution.live, fit.solution.fitted, 1.0)), powers)
    if refit is None:
        message = "the powers of the index are explained by the regressors and the effects"
        raise DostastyqError("GR023", message, "dummies alone have no functional form to test")
    names, beta, matrix = refit
    found = wald(names, beta, matrix, names)
    said = "the square" if powers == 2 else f"powers 2 to {powers}"
    has = "has" if powers == 2 else "have"
    index = "the fitted index, effects included," if whole else "the index of the regressors"
    caution = "; with many effects this is rejected far too often" if whole and fit.sample.formula.effects else ""
    return Test(
        f"{said} of {index} {has} no effect (the functional form is right{caution})",
        found.statistic,
        found.degrees,
        found.p_value,
    )
