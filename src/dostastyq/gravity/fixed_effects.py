r"""The fixed effects under a stated normalisation.

Fitted flows fix only sums of effects. With pair effects any :math:`\delta_t` can move from importer-years to
exporter-years, and any constant of an exporter or an importer into its pairs; the solver's numbers are one choice among
many. Here

1. the effect of the reference importer is zero in every year: :math:`a_{it}+b_{rt},\ b_{jt}-b_{rt}`;
2. with directed pairs, the mean over years of every exporter and importer is zero and sits in the pairs:
   :math:`c_{ij}+\bar a_i+\bar b_j`;
3. with symmetric pairs, which can take only what is common to both directions, the mean over years of every importer is
   zero: :math:`b_{it}-\bar b_i,\ a_{it}-\bar b_i,\ c_{ij}+\bar b_i+\bar b_j`; so is the mean of all exporter-years.

In a sample that falls into pieces without trade between them, levels compare within a piece only.
"""

from dataclasses import dataclass

import numpy as np

from dostastyq.errors import DostastyqError
from dostastyq.gravity.problem import FloatArray, Problem, Solution


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """Fixed effects, log points; nan outside the sample.

    Parameters
    ----------
    exporter_year, importer_year
        Shapes (N, T) and (M, T), or (N, 1) and (M, 1) if constant over years.
    pair
        Shape (N, M), None without pair effects.
    reference
        The reference importer.
    normalisation
        What was set to zero, in words.
    """

    exporter_year: FloatArray
    importer_year: FloatArray
    pair: FloatArray | None
    reference: int
    normalisation: str


def recover(problem: Problem, solution: Solution, reference: int | None = None) -> Effects:
    """Normalise the effects of a fit; their sum in every cell stays.

    Parameters
    ----------
    problem, solution
        What was fitted and the fit.
    reference
        Importer whose effect is zero in every year; None takes the one that imports most among those in the sample in
        every year.

    Returns
    -------
    Effects

    Raises
    ------
    DostastyqError
        ``GR140`` when the reference is not in the sample in every year.

    Examples
    --------
    >>> from dostastyq.gravity.solve import solve
    >>> rng = np.random.default_rng(1)
    >>> trade, rta = rng.lognormal(size=(6, 6, 4)), rng.random((6, 6, 1, 4))
    >>> panel = Problem(trade, rta, np.ones(trade.shape, bool), ("rta",))
    >>> effects = recover(panel, solve(panel), reference=2)
    >>> effects.importer_year[2].tolist(), effects.normalisation
    ([0.0, 0.0, 0.0, 0.0], 'zero: the reference importer in every year; the mean over years of exporters and importers')
    """
    if solution.exporter_year is None or solution.importer_year is None:
        raise DostastyqError("GR140", "a general model has no exporters and importers to normalise")
    a, b = solution.exporter_year.copy(), solution.importer_year.copy()
    r = _reference(solution, b, reference)
    level = np.where(np.isfinite(b).any(axis=0), b[r], 0.0)
    a, b = a + level, b - level
    if solution.pair is None:
        return Effects(a, b, None, r, "zero: the reference importer in every year")
    exporters, importers = _means(a), _means(b)
    if problem.effects == "three_way_symmetric":
        pair = solution.pair + importers[:, None] + importers
        a, b = a - importers[:, None], b - importers[:, None]
        common = float(np.nanmean(a))
        a, pair = a - common, pair + common
        words = (
            "zero: the reference importer in every year; the mean over years of importers; the mean of exporter-years"
        )
    else:
        pair = solution.pair + exporters[:, None] + importers
        a, b = a - exporters[:, None], b - importers[:, None]
        words = "zero: the reference importer in every year; the mean over years of exporters and importers"
    return Effects(a, b, pair, r, words)


def _means(effects: FloatArray) -> FloatArray:
    """Means over the years of the sample; 0 for countries outside it."""
    live = np.isfinite(effects)
    return np.asarray(np.where(live, effects, 0.0).sum(axis=1) / np.maximum(live.sum(axis=1), 1))


def _reference(solution: Solution, b: FloatArray, reference: int | None) -> int:
    """Check the reference importer, or choose one."""
    years = np.isfinite(b).any(axis=0)
    whole = np.asarray(np.isfinite(b[:, years]).all(axis=1))
    if reference is None:
        if not whole.any():
            raise DostastyqError("GR140", "no importer is in the sample in every year", "fit fewer years")
        return int(np.argmax(np.where(whole, solution.fitted.sum(axis=(0, 2)), -1.0)))
    if not 0 <= reference < len(b) or not whole[reference]:
        raise DostastyqError(
            "GR140",
            f"importer {reference} is not in the sample in every year and cannot be the reference",
            f"importers in the sample in every year: {np.flatnonzero(whole)[:10].tolist()}",
        )
    return reference
