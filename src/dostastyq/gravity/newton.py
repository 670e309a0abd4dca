r"""Poisson with fixed effects by Newton's method on (beta, exporter-year, importer-year), pair effects in closed form.

At each step, with r = y - mu, the effects part of the score :math:`g_D=D'r` and the cross block :math:`C=D'HX`,

.. math:: S\Gamma = C,\quad
          \Delta\beta=(\tilde X'\operatorname{diag}(\mu)\tilde X)^{-1}(X'r - \Gamma'g_D),\quad
          S\,\Delta(a,b)=g_D-C\,\Delta\beta .

:math:`\Gamma` projects the regressors on the effects (`screen`). Both systems are solved only to a hundredth
(`precondition`), each from the last projection; once the decrement :math:`\Delta\theta'g` is small, to a
ten-thousandth, and :math:`\Gamma` is kept. Where steps do not shrink, as with regressors that are all but collinear,
the systems are solved more closely. Three sweeps of iterative proportional fitting come first: Newton's method from a
poor start overshoots.
"""

from dataclasses import dataclass, replace

import numpy as np

from dostastyq.gravity.precondition import RIDGE, Factor, Operator, factor
from dostastyq.gravity.problem import FloatArray
from dostastyq.gravity.screen import EXACT, INEXACT, Slope, eliminate, project, screen
from dostastyq.gravity.tensor import Pass, Tensor

_SWEEPS = 3
_CLOSE = 1e-7
_FINER = 1e-4
_SETTLED = 1e-12
_HALVINGS, _CAREFUL = 12, 4
_NOISE, _ROUNDING = 1e-12, 1e-28
_STALLED = 0.3
_STIFF = (1e-2, 1.0)
_LAG_AFTER = 2
_SLOW = 4
_FALLING = 0.7
PATIENCE = 9


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """Where Newton's method stopped.

    Parameters
    ----------
    tensor
        Panel, with the regressors that have a coefficient.
    beta, effects
        Coefficients, (K,), and stacked effects, (N + M, T).
    mu
        Fitted scaled flows, (N, M, T).
    passed
        The last pass.
    laplace
        The last preconditioner.
    slope
        Projection of the regressors; exact at the optimum when converged.
    dropped
        (column, reason) of regressors without a coefficient.
    iterations
        Steps.
    step
        Largest change of a coefficient in the last step, times the spread of its regressor.
    falling
        Whether a zero cell was still falling at the end: the mark of separation.
    converged
        Whether everything asked for holds.
    """

    tensor: Tensor
    beta: FloatArray
    effects: FloatArray
    mu: FloatArray
    passed: Pass
    laplace: Factor
    slope: Slope
    dropped: tuple[tuple[int, str], ...]
    iterations: int
    step: float
    falling: bool
    converged: bool


def start(tensor: Tensor, mu: FloatArray) -> FloatArray:
    """Effects to start from: halves of the centred log sums, then sweeps of iterative proportional fitting.

    Parameters
    ----------
    tensor
        Panel.
    mu
        Work space, (N, M, T).

    Returns
    -------
    numpy.ndarray
        Stacked effects, (N + M, T).
    """
    live = tensor.sums > 0
    logs = np.log(np.where(live, tensor.sums, 1.0))
    mean = logs.sum(axis=1, keepdims=True) / np.maximum(live.sum(axis=1, keepdims=True), 1)
    effects = np.where(live, 0.5 * (logs - mean), 0.0)
    return _sweep(tensor, np.zeros(len(tensor.cols)), effects, mu, _SWEEPS)


def _sweep(tensor: Tensor, beta: FloatArray, effects: FloatArray, mu: FloatArray, times: int) -> FloatArray:
    """Fit exporters, then importers, `times` times; pairs are fitted within every pass."""
    n = tensor.exporters
    for _ in range(times):
        for side in (slice(None, n), slice(n, None)):
            score = tensor.newton(beta, effects, mu, full=False).score[side]
            observed = tensor.sums[side]
            usable = (observed > 0) & (observed > score)
            effects = effects.copy()
            effects[side] += np.log(np.where(usable, observed, 1.0) / np.where(usable, observed - score, 1.0))
    return effects


def maximise(
    tensor: Tensor,
    tolerance: float,
    most: int,
    *,
    warm: tuple[FloatArray, FloatArray] | None = None,
    patience: int = PATIENCE,
) -> Optimum:
    """Maximise the pseudo-likelihood.

    Parameters
    ----------
    tensor
        Panel.
    tolerance
        Largest change of a coefficient times the spread of its regressor, and largest relative gap between fitted and
        observed sums of exporters and importers, at the end.
    most
        Most steps.
    warm
        Coefficients and stacked effects to start from.
    patience
        Steps after which the fall of a zero cell is taken for separation and ends the search.

    Returns
    -------
    Optimum
        Converged or not: the caller decides.
    """
    mu, spare = np.empty(tensor.y.shape), np.empty(tensor.y.shape)
    beta = np.zeros(len(tensor.cols)) if warm is None else warm[0]
    effects = start(tensor, mu) if warm is None else warm[1]
    passed = tensor.newton(beta, effects, mu)
    laplace = factor(tensor, mu, tensor.total, tensor.sums)
    keep, gone, slope = screen(passed, _operator(tensor, mu, laplace))
    dropped = tuple((int(tensor.cols[k]), reason) for k, reason in gone)
    if dropped:
        tensor, beta = tensor.with_columns(tensor.cols[keep]), beta[keep]
        passed = tensor.newton(beta, effects, mu)
    spread = np.sqrt(np.diag(passed.xhx) / tensor.sums[: tensor.exporters].sum())
    decrement, step, done, falling, converged = np.inf, np.inf, 0, False, False
    fresh, last, exactness, ridge = slope.iterations, 0, INEXACT, RIDGE
    while done < most and not converged and not falling:
        if 0 < done < _LAG_AFTER or last > 2 * fresh + _SLOW or fresh == 0:
            laplace, fresh = factor(tensor, mu, tensor.total, tensor.sums, ridge), 0
        operator = _operator(tensor, mu, laplace, ridge)
        if done and exactness != _FINER:
            exactness = min(exactness, _FINER) if decrement <= _CLOSE else exactness
            slope = project(passed, operator, slope.gamma, exactness)
        move, gained, last = _direction(passed, operator, slope, tolerance, exactness)
        last = max(last, slope.iterations)
        fresh = max(fresh or last, 1)
        trial = _search(tensor, (beta, effects), move, passed, spare)
        done += 1
        if trial is None:
            if ridge == _STIFF[-1]:
                break
            ridge, fresh = _STIFF[int(ridge > RIDGE)], 0
            continue
        if gained > _STALLED * decrement:
            exactness = max(EXACT, 1e-3 * exactness)
        if ridge > RIDGE:
            ridge, fresh = RIDGE, 0
        decrement = gained
        beta, effects, passed, whole = trial
        mu, spare = spare, mu
        step = _size(move[0], spread, slope)
        settled = whole and step <= tolerance and decrement <= _SETTLED
        converged = settled and gap(passed.score, tensor.sums) <= tolerance
        falling = (converged or done == patience) and _falls(tensor, spare, mu)
    if converged:
        slope = project(passed, _operator(tensor, mu, laplace), slope.gamma, EXACT)
        late = eliminate(slope.hessian, np.diag(passed.xhx), passed.xx)
        if late:
            stay = np.array([k for k in range(len(beta)) if k not in dict(late)], dtype=np.int64)
            more = tuple((int(tensor.cols[k]), reason) for k, reason in late)
            again = maximise(tensor.with_columns(tensor.cols[stay]), tolerance, most, warm=(beta[stay], effects))
            return replace(again, dropped=(*dropped, *more, *again.dropped))
    return Optimum(tensor, beta, effects, mu, passed, laplace, slope, dropped, done, step, falling, converged)


def _size(move: FloatArray, spread: FloatArray, slope: Slope) -> float:
    """Largest change of a coefficient in units of 1 / spread of its regressor, or in standard errors if less."""
    if not len(move):
        return 0.0
    errors = np.sqrt(np.maximum(np.diag(np.linalg.inv(slope.hessian)), 0.0))
    return float(np.max(np.abs(move) / np.maximum(1 / spread, errors)))


def gap(score: FloatArray, sums: FloatArray) -> float:
    """Largest gap between observed and fitted sums, relative to the observed."""
    return float(np.max(np.abs(score) / np.where(sums > 0, sums, 1.0), initial=0.0))


def _operator(tensor: Tensor, mu: FloatArray, laplace: Factor, ridge: float = RIDGE) -> Operator:
    """S at fitted values `mu`."""
    return Operator(tensor, mu, tensor.total, tensor.sums, laplace, ridge)


def _direction(
    passed: Pass, operator: Operator, slope: Slope, tolerance: float, exactness: float
) -> tuple[tuple[FloatArray, FloatArray], float, int]:
    """Newton step in (beta, effects), its decrement over the sum of flows, and inner iterations.

    Near the end the sums of small countries, which hardly weigh in the likelihood, are fitted too.
    """
    total = float(operator.sums[: operator.tensor.exporters].sum())
    relative = None if exactness >= INEXACT else max(exactness * gap(passed.score, operator.sums), 1e-2 * tolerance)
    g = passed.gk - np.einsum("nkt,nt->k", slope.gamma, passed.score)
    move = np.linalg.solve(slope.hessian, g) if len(g) else g
    right = passed.score - np.einsum("nkt,k->nt", passed.cross, move)
    first = -np.einsum("nkt,k->nt", slope.gamma, move)
    floor = np.array([_ROUNDING * total])
    solved, _, iterations = operator.solve(right[:, None], first[:, None], exactness, floor, relative=relative)
    effects = solved[:, 0]
    gained = float(passed.gk @ move + np.einsum("nt,nt->", passed.score, effects))
    return (move, effects), gained / total, iterations


def _search(
    tensor: Tensor,
    point: tuple[FloatArray, FloatArray],
    move: tuple[FloatArray, FloatArray],
    passed: Pass,
    mu: FloatArray,
) -> tuple[FloatArray, FloatArray, Pass, bool] | None:
    """Step, halved and refitted by two sweeps until the likelihood does not fall; None when it always does.

    A step that loses the fit of a flow overshoots where the likelihood is flat and Newton's method cannot come back: a
    shorter one is taken, to a sixteenth. Returns coefficients, effects, the pass there, and whether the step was whole.
    """
    least = passed.loglik - _NOISE * (abs(passed.loglik) + float(tensor.sums[: tensor.exporters].sum()))
    share = 1.0
    for halving in range(_HALVINGS):
        beta, effects = point[0] + share * move[0], point[1] + share * move[1]
        trial = tensor.newton(beta, effects, mu)
        if halving and not trial.loglik >= least:
            effects = _sweep(tensor, beta, effects, mu, 2)
            trial = tensor.newton(beta, effects, mu)
        if trial.loglik >= least and (trial.lost <= passed.lost or halving >= _CAREFUL):
            return beta, effects, trial, halving == 0
        share *= 0.5
    return None


def _falls(tensor: Tensor, before: FloatArray, after: FloatArray) -> bool:
    """Whether any zero cell fell by more than a quarter in the last step.

    Along a separating direction the fitted value is mu = exp(-s) and a Newton step is exactly one in s, at every
    scale: the cells fall by the factor e a step for ever. At a finite optimum the last step changes nothing.
    """
    return any(
        bool(((flow == 0) & (new < _FALLING * old)).any())
        for flow, old, new in zip(tensor.y, before, after, strict=True)
    )
