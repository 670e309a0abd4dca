"""Randomisation inference: what the estimate would be, had the same treatment fallen on other, comparable pairs.

With few treated pairs clustered standard errors are too small, because the treated clusters' residuals are fitted by
the coefficient itself (MacKinnon and Webb 2020). Here the years of treatment of each treated pair are given, both
directions together, to a pair drawn from the comparable ones; the model is estimated again; and the estimate is held
against the distribution so made. Pairs are drawn one by one: that treated pairs share a state is not preserved.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dostastyq.errors import DostastyqError
from dostastyq.gravity.labelled import place
from dostastyq.gravity.problem import FloatArray

if TYPE_CHECKING:
    from dostastyq.gravity.fit import Fit

_TOLERANCE = 1e-6
_RANGE = 2.0


@dataclass(frozen=True, eq=False)
class Randomisation:
    """The distribution of an estimate under reassignment.

    Parameters
    ----------
    term
        The regressor.
    estimate
        Its coefficient.
    draws
        Coefficients under reassignment.
    p_value
        Share of the draws, the estimate itself among them, at least as far from zero.
    treated, comparable
        Pairs treated, and pairs that treatment was drawn among (treated ones included).
    seed
        Of the draws.
    """

    term: str
    estimate: float
    draws: FloatArray
    p_value: float
    treated: int
    comparable: int
    seed: int

    @property
    def null(self) -> str:
        """What is tested, in words."""
        return f"{self.term} has no effect on any pair, and which of the comparable pairs it fell on is random"

    def __str__(self) -> str:
        return (
            f"H0: {self.null}; estimate {self.estimate:.4g}, p = {self.p_value:.4g} "
            f"({len(self.draws)} draws of {self.treated} among {self.comparable} pairs)"
        )

    def to_frame(self) -> pl.DataFrame:
        """One row a draw: draw, estimate."""
        return pl.DataFrame({"draw": np.arange(1, len(self.draws) + 1), "estimate": self.draws})


def randomise(
    fit: "Fit",
    term: str,
    *,
    draws: int = 499,
    seed: int = 1,
    comparable: Callable[[str, str], bool] | None = None,
) -> Randomisation:
    """Reassign the treatment `term` among comparable pairs and estimate again, `draws` times.

    Parameters
    ----------
    fit
        Fit of a panel of exporters, importers and years.
    term
        Regressor that is zero for most pairs.
    draws
        Number of reassignments.
    seed
        Of the draws.
    comparable
        Says of two states whether their pair is comparable. By default pairs are whose mean flow lies between half the
        smallest and twice the largest of the treated pairs'.

    Returns
    -------
    Randomisation

    Raises
    ------
    DostastyqError
        ``GR020`` no such coefficient, ``GR024`` no panel, or fewer than twice as many comparable as treated pairs.
    """
    from dostastyq.gravity.post_estimation import solve  # noqa: PLC0415 -- it imports fits

    column = int(fit.solution.columns[place(term, fit.names)])
    if fit.sample.structure.kind == "general":
        raise DostastyqError("GR024", "the effects describe no panel of pairs", "randomise by hand")
    exporters, importers = (side.to_series(0).to_list() for side in fit.sample.labels[:2])
    pairs = _pairs(fit, exporters, importers)
    x = fit.problem.regressors[:, :, column]
    treated = [pair for pair in pairs if any(np.any(x[i, j]) for i, j in pairs[pair])]
    pool = _pool(fit, pairs, treated, comparable)
    if len(pool) < 2 * len(treated) or not treated:
        message = f"{term} falls on {len(treated)} pairs and {len(pool)} are comparable, treated ones included"
        raise DostastyqError("GR024", message, "widen comparable=, or use clustered standard errors")
    profiles = [{_side(i, j, pair, exporters): x[i, j].copy() for i, j in pairs[pair]} for pair in treated]
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        fresh = np.array(fit.problem.regressors)
        fresh[:, :, column] = 0.0
        for profile, at in zip(profiles, rng.choice(len(pool), size=len(treated), replace=False), strict=True):
            for i, j in pairs[pool[at]]:
                fresh[i, j, column] = profile.get(_side(i, j, pool[at], exporters), next(iter(profile.values())))
        solution = solve(replace(fit.problem, regressors=fresh), tolerance=_TOLERANCE, separation="none", threads=None)
        if term in solution.names:
            found.append(float(solution.beta[solution.names.index(term)]))
    estimate = float(fit.solution.beta[place(term, fit.names)])
    far = sum(abs(value) >= abs(estimate) for value in found)
    p_value = (1 + far) / (1 + len(found))
    return Randomisation(term, estimate, np.array(found), p_value, len(treated), len(pool), seed)


def _pairs(fit: "Fit", exporters: list[str], importers: list[str]) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Foreign pairs of the sample in no order, with the places of their directions."""
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for i, j in np.argwhere(fit.solution.live.any(axis=2)).tolist():
        one, other = str(exporters[i]), str(importers[j])
        if one != other:
            found.setdefault((min(one, other), max(one, other)), []).append((i, j))
    return found


def _side(i: int, _j: int, pair: tuple[str, str], exporters: list[str]) -> bool:
    """Whether the first state of the pair exports."""
    return str(exporters[i]) == pair[0]


def _pool(
    fit: "Fit",
    pairs: dict[tuple[str, str], list[tuple[int, int]]],
    treated: list[tuple[str, str]],
    comparable: Callable[[str, str], bool] | None,
) -> list[tuple[str, str]]:
    """List comparable pairs, the treated ones among them."""
    if comparable is not None:
        return [pair for pair in pairs if pair in set(treated) or comparable(*pair)]
    flows, live = fit.problem.flows, fit.solution.live
    mean = {pair: float(np.mean([flows[i, j][live[i, j]].mean() for i, j in places])) for pair, places in pairs.items()}
    sizes = [mean[pair] for pair in treated] or [0.0]
    return [pair for pair in pairs if min(sizes) / _RANGE <= mean[pair] <= max(sizes) * _RANGE]
