r"""Scores of the coefficients, :math:`s=\tilde x(y-\mu)`, and their sums over the axes of the panel."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dostastyq.gravity.problem import BoolArray, FloatArray, GeneralProblem, IntArray, Problem, Solution
from dostastyq.gravity.tensor import MODES


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Score sums of one fit, in the unit of the weighted flows.

    Parameters
    ----------
    pairs, exporter_years, importer_years
        Sums by pair, (N, M, K), exporter-year, (N, K, T), and importer-year, (M, K, T).
    cells
        Outer products summed over cells, (K, K).
    live
        Live pairs, (N, M), exporter-years, (N, T), importer-years, (M, T), and number of live cells.
    """

    pairs: FloatArray
    exporter_years: FloatArray
    importer_years: FloatArray
    cells: FloatArray
    live: tuple[BoolArray, BoolArray, BoolArray, int]

    def sums(self, axes: str) -> tuple[FloatArray, BoolArray]:
        """Add up by some of the axes e, i, t (or unordered pairs, p), (G, K), and which groups are in the sample."""
        pairs, exports, imports = self.pairs, self.exporter_years, self.importer_years
        live = self.live
        if axes == "p":
            index = np.triu_indices(len(pairs))
            both = pairs + pairs.swapaxes(0, 1)
            both[np.arange(len(pairs)), np.arange(len(pairs))] *= 0.5
            return both[index], (live[0] | live[0].T)[index]
        sums, alive = {
            "e": (exports.sum(axis=2), live[1].any(axis=1)),
            "i": (imports.sum(axis=2), live[2].any(axis=1)),
            "t": (exports.sum(axis=0).T, live[1].any(axis=0)),
            "ei": (pairs, live[0]),
            "et": (exports.transpose(0, 2, 1), live[1]),
            "it": (imports.transpose(0, 2, 1), live[2]),
        }[axes]
        alive = np.asarray(alive).reshape(-1)
        return sums.reshape(len(alive), sums.shape[-1]), alive

    def outer(self, axes: str) -> tuple[FloatArray, int]:
        """Outer products of the sums by some of the axes, (K, K), and the number of groups in the sample."""
        if axes == "eit":
            return self.cells, self.live[3]
        sums, alive = self.sums(axes)
        return sums.T @ sums, int(alive.sum())


def scores(solution: Solution) -> Scores:
    """Take the sums of the scores of a fit over the axes, and what is in the sample.

    Parameters
    ----------
    solution
        The fit of a tensor model.

    Returns
    -------
    Scores

    Examples
    --------
    >>> from dostastyq.gravity.solve import solve
    >>> rng = np.random.default_rng(1)
    >>> trade, rta = rng.lognormal(size=(6, 6, 4)), rng.random((6, 6, 1, 4))
    >>> panel = Problem(trade, rta, np.ones(trade.shape, bool), ("rta",))
    >>> abs(float(scores(solve(panel)).pairs.sum())) < 1e-6
    True
    """
    live = solution.live
    alive = (np.asarray(live.any(axis=2)), np.asarray(live.any(axis=1)), np.asarray(live.any(axis=0)))
    pairs, exports, imports, cells = solution.score_sums
    return Scores(pairs, exports, imports, cells, (*alive, int(live.sum())))


def residualised(problem: Problem, solution: Solution) -> Iterator[FloatArray]:
    """Residualised regressors x~ of one exporter after the other, (M, K, T), 0 outside the sample.

    Parameters
    ----------
    problem, solution
        What was fitted and the fit.

    Yields
    ------
    numpy.ndarray
        x less its projection on the effects with weights mu.
    """
    left, right = solution.projection
    mode = MODES[problem.effects]
    mu = solution.fitted if problem.weights is None else solution.fitted * problem.weights

    def partial(i: int) -> FloatArray:
        return np.asarray(problem.regressors[i][:, solution.columns] - left[i] - right)

    means = np.zeros((*mu.shape[:2], len(solution.beta)))
    if mode:
        total = mu.sum(axis=2)
        for i in range(len(mu)):
            means[i] = np.einsum("jkt,jt->jk", partial(i), mu[i])
        if mode == 2:
            total, means = 0.5 * (total + total.T), 0.5 * (means + means.swapaxes(0, 1))
        means /= np.where(total > 0, total, 1.0)[:, :, None]
    for i in range(len(mu)):
        yield (partial(i) - means[i][:, :, None]) * solution.live[i][:, None]


def cell_scores(problem: Problem | GeneralProblem, solution: Solution) -> FloatArray:
    """Scores of every live cell or row, (n, K), in the order of the mask."""
    weights = 1.0 if problem.weights is None else problem.weights
    rest = np.where(solution.live, weights * (problem.flows - solution.fitted), 0.0)
    if isinstance(problem, GeneralProblem):
        return np.asarray((solution.residualised * rest[:, None])[solution.live])
    blocks = [
        (block * rest[i][:, None]).transpose(0, 2, 1)[solution.live[i]]
        for i, block in enumerate(residualised(problem, solution))
    ]
    return np.concatenate(blocks)


def by_code(code: IntArray, size: int, values: FloatArray) -> FloatArray:
    """Add up the columns of values (n, R) by code, (size, R).

    Examples
    --------
    >>> by_code(np.array([0, 1, 1]), 2, np.array([[1.0], [2.0], [3.0]])).tolist()
    [[1.0], [5.0]]
    """
    out = np.empty((size, values.shape[1]))
    for at, column in enumerate(values.T):
        out[:, at] = np.bincount(code, weights=column, minlength=size)
    return out
