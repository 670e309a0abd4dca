"""Poisson with any list of fixed effects, over rows: for the structures that are not a tensor.

The same Newton steps as `dostastyq.gravity.newton`, with every effect among the unknowns and the projections of
`dostastyq.gravity.absorb`. Plain and slow beside the tensor, and the same answer.
"""

from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from dostastyq.errors import DostastyqError
from dostastyq.gravity.absorb import Normal, Rows, add, residualise
from dostastyq.gravity.certify import log_factorial
from dostastyq.gravity.problem import (
    BoolArray,
    Certificate,
    Dropped,
    FloatArray,
    GeneralProblem,
    IntArray,
    Progress,
    Solution,
    check_settings,
    mean_flow,
)
from dostastyq.gravity.separation import LEAST, WEIGHT, fixed_point
from dostastyq.gravity.steps import damping

_SWEEPS = 6
# Tolerances of the projections: at the end, and while a step still changes a coefficient by more than _FAR deviations.
_EXACT, _INEXACT, _FAR = 1e-11, 1e-6, 1e-4
# Largest exponent that is not infinite, in round numbers.
_LARGEST = 700.0
# Trials of a step, and the rounding of a likelihood, relative.
_TRIALS, _NOISE = 12, 1e-12


def _rows(problem: GeneralProblem, live: BoolArray) -> Rows:
    """Rows of the sample with their codes renumbered."""
    weights = np.ones(int(live.sum())) if problem.weights is None else problem.weights[live]
    y = problem.flows[live] * weights
    scale = mean_flow(y, len(y))
    codes = [np.unique(code[live], return_inverse=True)[1] for code in problem.factors] or [np.zeros(len(y), np.int64)]
    base = np.log(weights)
    if problem.offset is not None:
        base = base + problem.offset[live]
    levels = tuple(int(code.max()) + 1 for code in codes)
    return Rows(y / scale, problem.regressors[live], tuple(codes), levels, base, scale)


def solve(
    problem: GeneralProblem,
    *,
    tolerance: float = 1e-9,
    separation: str = "rectifier",
    most: int = 60,
    progress: Progress | None = None,
) -> Solution:
    """Fit a Poisson model with any fixed effects.

    Parameters
    ----------
    problem
        Rows and factors; without factors there is a constant.
    tolerance
        Largest change of a coefficient in the last step, in standard deviations of its regressor, and largest relative
        gap between fitted and observed sums by level.
    separation
        ``"rectifier"``, which ``"auto"`` is here too, or ``"none"``.
    most
        Most Newton steps.
    progress
        Called with ``"steps"`` or ``"separation"``; see `dostastyq.gravity.solve`.

    Returns
    -------
    Solution
        With ``effects`` and ``residualised``; arrays over rows instead of cells.

    Raises
    ------
    DostastyqError
        ``GR104`` for settings that mean nothing; ``GR105`` when no positive flow is left; ``GR110`` when the fit did
        not converge.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, firm, year = rng.random((60, 1)), np.arange(60) % 6, np.arange(60) // 12
    >>> panel = GeneralProblem(rng.poisson(5.0, 60) + 0.0, x, (firm, year), ("x",), ("firm", "year"))
    >>> solve(panel).certificate.adding_up < 1e-9
    True
    """
    check_settings(tolerance, separation)
    live, pruned = _prune(problem)
    separated, explained = np.zeros_like(live), None
    if separation != "none":
        separated[live], explained = _rectify(_rows(problem, live), progress)
        live &= ~separated
    rows = _rows(problem, live)
    found = _maximise(rows, tolerance, most, progress)
    pruned["separated"], looked = int(separated.sum()), "none" if separation == "none" else "rectifier"
    dropped = tuple(
        Dropped(problem.names[k], reason if explained is None or k in explained else "separated")
        for k, reason in found.dropped
    )
    return _solution(problem, (live, separated), rows, found, (dropped, pruned, looked, tolerance))


def _prune(problem: GeneralProblem) -> tuple[BoolArray, dict[str, int]]:
    """Rows with weight, in levels with a positive flow."""
    live = np.ones(len(problem.flows), dtype=bool)
    pruned = {}
    if problem.weights is not None:
        live = problem.weights > 0
        pruned["weight"] = int((~live).sum())
    positive = live & (problem.flows > 0)
    if not positive.any():
        raise DostastyqError("GR105", "no positive flow is left in the sample", "look at the filter and the weights")
    for name, code in zip(problem.factor_names, problem.factors, strict=True):
        keep = np.isin(code, code[positive])
        pruned[name] = int((live & ~keep).sum())
        live = live & keep
    return live, pruned


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """A converged fit of the scaled flows."""

    cols: IntArray
    beta: FloatArray
    effects: tuple[FloatArray, ...]
    mu: FloatArray
    dropped: tuple[tuple[int, str], ...]
    iterations: tuple[int, int]
    step: float


def _maximise(rows: Rows, tolerance: float, most: int, progress: Progress | None) -> _Found:
    """Newton's method; see `dostastyq.gravity.newton`."""
    sums = rows.sums(rows.y[:, None])
    effects = _start(rows, sums)
    mu = _fitted(rows, rows.x, np.zeros(rows.x.shape[1]), effects)
    first = residualise(Normal(rows, mu), rows.x, _EXACT)
    gone = {k for k, _ in first.gone}
    cols = np.array([k for k in range(rows.x.shape[1]) if k not in gone], dtype=np.int64)
    x, beta = rows.x[:, cols], np.zeros(len(cols))
    spread = np.sqrt(np.diag(first.hessian)[cols] / rows.y.sum())
    loglik, inner, step = _loglik(rows, x, beta, effects, mu), 0, np.inf
    for done in range(1, most + 1):
        if progress:
            progress("steps", done - 1, most)
        normal = Normal(rows, mu)
        rest = rows.y - mu
        left = residualise(normal, x, _INEXACT if step > _FAR else _EXACT)
        move = np.asarray(np.linalg.solve(left.hessian, left.x.T @ rest)) if len(cols) else beta
        aside = normal.solve(rows.sums((rest - mu * (x @ move))[:, None]), _INEXACT)
        inner += normal.iterations
        taken = _search(rows, x, (beta, effects, loglik), (move, aside))
        if taken is None:
            break
        beta, effects, mu, loglik, share = taken
        step = float(np.max(np.abs(move) * spread, initial=0.0)) if share == 1.0 else np.inf
        if step <= tolerance and _gap(rows, sums, mu) <= tolerance:
            return _Found(cols, beta, effects, mu, first.gone, (done, inner), step)
    raise DostastyqError(
        "GR110",
        f"the fit did not converge in {most} steps: sums of flows are off by {_gap(rows, sums, mu):.1e},"
        f" the last step was {step:.1e}",
        "look for flows of very different size in one panel, or for regressors that are nearly collinear",
    )


def _search(
    rows: Rows,
    x: FloatArray,
    at: tuple[FloatArray, tuple[FloatArray, ...], float],
    move: tuple[FloatArray, tuple[FloatArray, ...]],
) -> tuple[FloatArray, tuple[FloatArray, ...], FloatArray, float, float] | None:
    """Step, shortened until the likelihood does not fall; see `dostastyq.gravity.steps.search`."""
    share, (beta, effects, loglik) = 1.0, at
    for trial in range(_TRIALS):
        there = beta + share * move[0], add(effects, np.array([share]), move[1])
        fit = _fitted(rows, x, *there)
        reached = _loglik(rows, x, *there, fit)
        if reached >= loglik - _NOISE * (abs(loglik) + len(rows.y)):
            return *there, fit, reached, share
        change = float(np.abs(x @ move[0] + rows.spread(move[1])[:, 0]).max())
        share *= 0.5 if trial else min(0.5, damping(change))
    return None


def _start(rows: Rows, sums: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
    """Sweeps of iterative proportional fitting from nothing."""
    effects = [np.zeros((size, 1)) for size in rows.levels]
    for _ in range(_SWEEPS):
        for f, code in enumerate(rows.codes):
            fit = np.exp(np.minimum(rows.base + rows.spread(tuple(effects))[:, 0], _LARGEST))
            effects[f] += np.log(sums[f] / np.bincount(code, weights=fit, minlength=rows.levels[f])[:, None])
    return tuple(effects)


def _fitted(rows: Rows, x: FloatArray, beta: FloatArray, effects: tuple[FloatArray, ...]) -> FloatArray:
    return np.asarray(np.exp(np.minimum(rows.base + x @ beta + rows.spread(effects)[:, 0], _LARGEST)))


def _loglik(rows: Rows, x: FloatArray, beta: FloatArray, effects: tuple[FloatArray, ...], mu: FloatArray) -> float:
    return float(rows.y @ (rows.base + x @ beta + rows.spread(effects)[:, 0]) - mu.sum())


def _gap(rows: Rows, sums: tuple[FloatArray, ...], mu: FloatArray) -> float:
    """Largest relative gap between fitted and observed sums by level."""
    fitted = rows.sums(mu[:, None])
    return max(float(np.max(np.abs(a - b) / b)) for a, b in zip(fitted, sums, strict=True))


def _rectify(rows: Rows, progress: Progress | None) -> tuple[BoolArray, set[int]]:
    """Separated rows; see `dostastyq.gravity.separation`. Also the regressors explained before any row left."""
    gone, explained = np.zeros(len(rows.y), dtype=bool), None
    for done in count():
        if progress:
            progress("separation", done, 0)
        keep = ~gone
        codes = [np.unique(code[keep], return_inverse=True)[1] for code in rows.codes]
        levels = tuple(int(code.max()) + 1 for code in codes)
        part = replace(rows, y=rows.y[keep], x=rows.x[keep], codes=tuple(codes), levels=levels, base=rows.base[keep])
        fresh, dropped = _rectify_once(part)
        explained = dropped if explained is None else explained
        if not fresh.any():
            break
        gone[np.flatnonzero(keep)[fresh]] = True
    return gone, explained or set()


def _rectify_once(rows: Rows) -> tuple[BoolArray, set[int]]:
    zero = rows.y == 0
    normal = Normal(rows, np.where(zero, 1.0, WEIGHT))
    left = residualise(normal, rows.x, _EXACT, LEAST)
    explained = {k for k, _ in left.gone}
    cols = [k for k in range(rows.x.shape[1]) if k not in explained]
    x, hessian = left.x[:, cols], left.hessian[np.ix_(cols, cols)]

    def project(u: FloatArray) -> FloatArray:
        weighted = normal.mu * u
        beta = np.linalg.solve(hessian, x.T @ weighted) if cols else np.zeros(0)
        return np.asarray(rows.spread(normal.solve(rows.sums(weighted[:, None]), _EXACT))[:, 0] + x @ beta)

    return fixed_point(project, zero), explained


def _solution(
    problem: GeneralProblem,
    masks: tuple[BoolArray, BoolArray],
    rows: Rows,
    found: _Found,
    record: tuple[tuple[Dropped, ...], dict[str, int], str, float],
) -> Solution:
    """Undo the scaling and certify."""
    live, separated = masks
    x = rows.x[:, found.cols]
    left = residualise(Normal(rows, found.mu), x, _EXACT)
    score = left.x.T @ (rows.y - found.mu)
    deviation = np.sqrt(np.maximum(np.diag(left.hessian), np.finfo(np.float64).tiny))
    weights = 1.0 if problem.weights is None else problem.weights[live]
    fitted = np.zeros(live.shape)
    fitted[live] = found.mu * rows.scale / weights
    residual = np.zeros((len(live), len(found.cols)))
    residual[live] = left.x
    flows, positive = problem.flows[live], rows.y > 0
    logs = rows.y[positive] * rows.scale
    rest = float((rows.y - found.mu).sum()) * rows.scale
    effects = list(found.effects)
    effects[0] = effects[0] + np.log(rows.scale)
    certificate = Certificate(
        converged=True,
        iterations=found.iterations[0],
        inner_iterations=found.iterations[1],
        score=float(np.max(np.abs(score) / deviation, initial=0.0)),
        adding_up=_gap(rows, rows.sums(rows.y[:, None]), found.mu),
        step=found.step,
        observations=int(live.sum()),
        zeros=int((flows == 0).sum()),
        clusters=dict(zip(problem.factor_names, rows.levels, strict=False)),
        singletons=0,
        pruned=record[1],
        separation=record[2],
        tolerance=record[3],
        numba=False,
    )
    return Solution(
        names=tuple(problem.names[k] for k in found.cols),
        columns=found.cols,
        beta=found.beta,
        dropped=record[0],
        live=live,
        separated=separated,
        fitted=fitted,
        exporter_year=None,
        importer_year=None,
        pair=None,
        effects=tuple(_unpacked(code, live, effect) for code, effect in zip(problem.factors, effects, strict=False))
        or (effects[0][:, 0],),
        projection=(),
        residualised=residual,
        hessian=left.hessian * rows.scale,
        loglik=float(logs @ np.log(fitted[live][positive]))
        - float((weights * (fitted[live] + log_factorial(flows))).sum()),
        deviance=2 * (float(logs @ np.log(rows.y[positive] / found.mu[positive])) - rest),
        certificate=certificate,
    )


def _unpacked(code: IntArray, live: BoolArray, effect: FloatArray) -> FloatArray:
    """Effects by the caller's codes; nan for levels outside the sample."""
    out = np.full(int(code.max()) + 1, np.nan)
    out[np.unique(code[live])] = effect[:, 0]
    return out
