"""What a fit claims, recomputed from its fitted flows: sums, likelihood, pair effects."""

import numpy as np

from dostastyq.gravity.newton import Optimum
from dostastyq.gravity.problem import BoolArray, FloatArray, Problem
from dostastyq.gravity.tensor import Tensor

_STIRLING_FROM = 16.0
_BLOCK = 1 << 15


def adding_up(tensor: Tensor, mu: FloatArray) -> float:
    """Largest relative gap between fitted and observed sums by exporter, importer and pair.

    Parameters
    ----------
    tensor
        Panel.
    mu
        Fitted scaled flows, (N, M, T).

    Returns
    -------
    float
    """
    pieces = [np.concatenate((array.sum(axis=1), array.sum(axis=0))) for array in (tensor.y, mu)]
    if tensor.constant:
        pieces = [piece.sum(axis=1, keepdims=True) for piece in pieces]
    worst = _gap(*pieces)
    if tensor.mode:
        worst = max(worst, _gap(*(tensor.group(array.sum(axis=2)) for array in (tensor.y, mu))))
    return worst


def _gap(observed: FloatArray, fitted: FloatArray) -> float:
    return float(np.max(np.abs(fitted - observed) / np.where(observed > 0, observed, 1.0), initial=0.0))


def clusters(problem: Problem, live: BoolArray) -> dict[str, int]:
    """Live groups of each effect of the model."""
    if problem.effects == "one_way":
        return {"exporter": int(live.any(axis=(1, 2)).sum()), "importer": int(live.any(axis=(0, 2)).sum())}
    counts = {"exporter_year": int(live.any(axis=1).sum()), "importer_year": int(live.any(axis=0).sum())}
    if problem.effects != "two_way":
        pairs = live.any(axis=2)
        counts["pair"] = int((np.triu(pairs | pairs.T) if problem.effects == "three_way_symmetric" else pairs).sum())
    return counts


def pair_effects(found: Optimum, live: BoolArray) -> FloatArray:
    """Find c = ln mu - x'beta - a - b - o at the largest fitted flow of each pair, (N, M); nan outside the sample."""
    tensor, n = found.tensor, found.tensor.exporters
    i, j = np.nonzero(live.any(axis=2))
    t = found.mu.argmax(axis=2)[i, j]
    column = np.zeros_like(t) if tensor.constant else t
    eta = found.effects[i, column] + found.effects[n + j, column]
    for slope, col in zip(found.beta, tensor.cols, strict=True):
        eta += slope * tensor.x[i, j, col, t]
    if len(tensor.base):
        eta += tensor.base[i, j, t]
    pair = np.full(tensor.total.shape, np.nan)
    pair[i, j] = np.log(found.mu[i, j, t]) - eta + np.log(tensor.scale)
    return pair


def likelihood(problem: Problem, tensor: Tensor, mu: FloatArray) -> tuple[float, float]:
    """Weighted log pseudo-likelihood and deviance in the unit of the flows; a zero has no factorial term."""
    loglik = deviance = 0.0
    shift = np.log(tensor.scale)
    step = max(1, _BLOCK // mu[0].size)
    for first in range(0, tensor.exporters, step):
        part = slice(first, first + step)
        y, fit = tensor.y[part], mu[part]
        positive = y > 0
        flow = y[positive]
        log_fit = np.log(fit[positive])
        rest = float(flow.sum() - fit.sum())
        deviance += 2 * (float(flow @ (np.log(flow) - log_fit)) - rest)
        factorial = log_factorial(problem.flows[part][positive])
        if problem.weights is not None:
            log_fit -= np.log(problem.weights[part][positive])
            factorial *= problem.weights[part][positive]
        loglik += tensor.scale * float(flow @ (log_fit + shift) - fit.sum()) - float(factorial.sum())
    return loglik, deviance * tensor.scale


def log_factorial(values: FloatArray) -> FloatArray:
    """Take ln Gamma(y + 1) by Stirling's series (Abramowitz and Stegun 6.1.41) after a shift to 16 or above.

    Examples
    --------
    >>> log_factorial(np.array([0.0, 5.0, 20.0])).round(10) + 0.0
    array([ 0.        ,  4.78749174, 42.33561646])
    """
    z = values + 1.0
    small = z < _STIRLING_FROM
    rising = np.ones(int(small.sum()))
    for step in range(int(_STIRLING_FROM)):
        rising *= z[small] + step
    z[small] += _STIRLING_FROM
    inverse = 1 / z
    square = inverse * inverse
    out = (z - 0.5) * np.log(z) - z + 0.5 * np.log(2 * np.pi)
    out += inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))
    out[small] -= np.log(rising)
    return np.asarray(out)
