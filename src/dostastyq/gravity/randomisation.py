"""Randomisation inference: what the estimate would be, had the same treatment fallen on other, comparable pairs.

With few treated pairs clustered standard errors are too small, because the treated clusters' residuals are fitted by
the coefficient itself (MacKinnon and Webb 2020). Here the years of treatment of each treated pair are given, both
directions together, to a pair drawn from the comparable ones; the model is estimated again; and the estimate is held
against the distribution so made. Under the null that the treatment does nothing to any pair, and that each choice of
comparable pairs was as likely, the p-value is exact whatever the errors are. Pairs are drawn one by one: that treated
pairs share a state is not preserved.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dostastyq.errors import DostastyqError
from dostastyq.gravity.labelled import place
from dostastyq.gravity.problem import FloatArray, GeneralProblem

if TYPE_CHECKING:
    from dostastyq.gravity.fit import Fit

type_pair = tuple[str, str]
type_places = list[tuple[int, int]]
_RANGE, _SAME = 2.0, 1e-9


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
        Coefficients under reassignment, those that have one.
    unidentified
        Draws whose treatment the effects explain; they are not counted.
    p_value
        Share of the draws, the estimate itself among them, at least as far from zero.
    treated, comparable
        Pairs treated, and pairs that treatment was drawn among (treated ones included). With pair effects a pair that
        is treated in all its years tells nothing: it is neither.
    seed
        Of the draws.
    """

    term: str
    estimate: float
    draws: FloatArray
    unidentified: int
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
        ``GR020`` no such coefficient, ``GR024`` no panel, fewer than twice as many comparable as treated pairs, or a
        treatment that no draw identifies.

    Notes
    -----
    Draws start from the fit without the treatment and share what does not change (`dostastyq.gravity.refits`).

    References
    ----------
    MacKinnon and Webb (2020), "Randomization inference for difference-in-differences with few treated clusters".
    """
    from dostastyq.gravity.refits import Refits  # noqa: PLC0415 -- rarely needed

    if draws < 1:
        raise DostastyqError("GR024", f"draws is {draws}, expected at least 1", "499 are usual")
    column = int(fit.solution.columns[place(term, fit.names)])
    if isinstance(fit.problem, GeneralProblem):
        raise DostastyqError("GR024", "the effects describe no panel of pairs", "randomise by hand")
    if fit.sample.structure.exporter[1:] or fit.sample.structure.importer[1:]:
        raise DostastyqError("GR024", "the panel has several sectors a pair", "randomise sector by sector")
    exporters, importers = (list(map(str, side.to_series(0))) for side in fit.sample.labels[:2])
    pairs = _pairs(fit, exporters, importers)
    x = fit.problem.regressors[:, :, column]
    treated = _treated(fit, x, pairs)
    always = {pair for pair in pairs if any(x[i, j].any() for i, j in pairs[pair])} - set(treated)
    pool = [pair for pair in _pool(fit, pairs, treated, comparable) if pair not in always]
    if len(pool) < 2 * len(treated) or not treated:
        message = f"{term} falls on {len(treated)} pairs and {len(pool)} are comparable, treated ones included"
        raise DostastyqError("GR024", message, "widen comparable=, or use clustered standard errors")
    others = [k for k in fit.solution.columns.tolist() if k != column]
    names = tuple(fit.problem.names[k] for k in others)
    bare = replace(fit.problem, regressors=fit.problem.regressors[:, :, others], names=names)
    base = Refits.of(bare, fit.solution.live)
    profiles = [{exporters[i]: x[i, j] for i, j in pairs[pair]} for pair in treated]
    rng = np.random.default_rng(seed)
    every = [rng.choice(len(pool), size=len(treated), replace=False).tolist() for _ in range(draws)]
    found = [
        base.coefficients(_reassigned(x.shape, treated, profiles, [pool[k] for k in drawn], pairs, exporters)[None])[0]
        for drawn in every
    ]
    known = np.array([value for value in found if np.isfinite(value)])
    if not len(known):
        raise DostastyqError("GR024", f"no draw identifies {term}", "give comparable pairs with several years")
    estimate = float(fit.solution.beta[place(term, fit.names)])
    far = int((np.abs(known) >= abs(estimate) - _SAME).sum())
    p_value = (1 + far) / (1 + len(known))
    return Randomisation(term, estimate, known, draws - len(known), p_value, len(treated), len(pool), seed)


def _reassigned(  # noqa: PLR0917 -- one step of `randomise`
    shape: tuple[int, ...],
    treated: list[type_pair],
    profiles: list[dict[str, FloatArray]],
    drawn: list[type_pair],
    pairs: dict[type_pair, type_places],
    exporters: list[str],
) -> FloatArray:
    """Treatment of the treated pairs put on the drawn ones, first state for first and second for second."""
    fresh = np.zeros(shape)
    for one, profile, other in zip(treated, profiles, drawn, strict=True):
        some = next(iter(profile.values()))
        for i, j in pairs[other]:
            fresh[i, j] = profile.get(one[other.index(exporters[i])], some)
    return fresh


def _pairs(fit: "Fit", exporters: list[str], importers: list[str]) -> dict[type_pair, type_places]:
    """Foreign pairs of the sample in no order, with the places of their directions."""
    found: dict[type_pair, type_places] = {}
    for i, j in np.argwhere(fit.solution.live.any(axis=2)).tolist():
        one, other = exporters[i], importers[j]
        if one != other:
            found.setdefault((min(one, other), max(one, other)), []).append((i, j))
    return found


def _treated(fit: "Fit", x: FloatArray, pairs: dict[type_pair, type_places]) -> list[type_pair]:
    """List pairs whose treatment counts: it varies over their years, or is anything at all without pair effects."""
    live = fit.solution.live
    if not fit.sample.structure.has_pairs:
        return [pair for pair in pairs if any(x[i, j][live[i, j]].any() for i, j in pairs[pair])]
    return [pair for pair in pairs if any(np.ptp(x[i, j][live[i, j]]) > 0 for i, j in pairs[pair])]


def _pool(
    fit: "Fit",
    pairs: dict[type_pair, type_places],
    treated: list[type_pair],
    comparable: Callable[[str, str], bool] | None,
) -> list[type_pair]:
    """List comparable pairs, the treated ones among them."""
    if comparable is not None:
        return [pair for pair in pairs if pair in set(treated) or comparable(*pair)]
    flows, live = fit.problem.flows, fit.solution.live
    mean = {pair: float(np.mean([flows[i, j][live[i, j]].mean() for i, j in places])) for pair, places in pairs.items()}
    sizes = [mean[pair] for pair in treated] or [0.0]
    return [pair for pair in pairs if min(sizes) / _RANGE <= mean[pair] <= max(sizes) * _RANGE]
