r"""Coefficients as effects on trade, in per cent.

A regressor that rises by d raises trade by :math:`100\,(e^{d\beta}-1)` per cent at given output and multilateral
resistance (the partial effect). Its standard error is that of the delta method, :math:`100\,e^{d\beta}\,d\,se(\beta)`;
the interval is that of the coefficient, carried over, so that it never falls below -100.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from dostastyq.errors import DostastyqError
from dostastyq.gravity.hypotheses import quantile
from dostastyq.gravity.labelled import place

if TYPE_CHECKING:
    from dostastyq.gravity.fit import Fit

FEW_PAIRS: Final = 20
"""Below this number of treated pairs clustered standard errors are too small, and randomisation is recommended."""


def trade_effects(
    fit: "Fit", terms: Sequence[str] | None = None, *, total: bool = False, change: float = 1.0, level: float = 0.95
) -> pl.DataFrame:
    """Effects on trade in per cent; see `Fit.trade_effects`.

    Raises
    ------
    DostastyqError
        ``GR020`` no such coefficient, ``GR022`` a level or change that is no number of use.
    """
    names = list(terms) if terms is not None else list(fit.names)
    places = [place(name, fit.names) for name in names]
    if not np.isfinite(change) or change == 0:
        raise DostastyqError("GR022", f"change is {change}, expected a number other than 0", "an agreement is 1")
    chosen = np.eye(len(fit.names))[places]
    if total:
        chosen, names = chosen.sum(axis=0, keepdims=True), [" + ".join(names)]
    chosen = change * chosen
    log = chosen @ fit.beta
    error = np.sqrt(np.einsum("rk,kl,rl->r", chosen, fit.vcov, chosen))
    reach = quantile(level) * error
    return pl.DataFrame(
        {
            "term": names,
            "percent": 100 * np.expm1(log),
            "std_error": 100 * np.exp(log) * error,
            "low": 100 * np.expm1(log - reach),
            "high": 100 * np.expm1(log + reach),
        }
    )


def treated_pairs(fit: "Fit") -> Mapping[str, int]:
    """Count the pairs, in no order, over whose years of the sample each regressor varies; see `Fit.treated_pairs`."""
    found, problem, solution = fit.sample, fit.problem, fit.solution
    if found.structure.kind == "general" or found.shape[2] == 1:
        return {}
    same = found.labels[0].to_series(0).to_list(), found.labels[1].to_series(0).to_list()
    index = {label: k for k, label in enumerate(dict.fromkeys([*same[0], *same[1]]))}
    left, right = (np.array([index[label] for label in side]) for side in same)
    low, high = np.minimum.outer(left, right), np.maximum.outer(left, right)
    counts = {}
    for name, column in zip(solution.names, solution.columns.tolist(), strict=True):
        values = problem.regressors[:, :, column]
        top = np.where(solution.live, values, -np.inf).max(axis=2)
        bottom = np.where(solution.live, values, np.inf).min(axis=2)
        varies = top > bottom
        counts[name] = len(np.unique(low[varies] * len(index) + high[varies]))
    return counts
