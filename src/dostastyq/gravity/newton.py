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
from dostastyq.gravity.problem import BoolArray, FloatArray, IntArray, Progress
from dostastyq.gravity.screen import EXACT, INEXACT, Slope, eliminate, project, screen
from dostastyq.gravity.steps import direction, falls, gap, search, separating, size, sweep
from dostastyq.gravity.tensor import Pass, Tensor

_SWEEPS = 3
# Decrement, over the sum of flows, under which systems are solved to _FINER; and under which a fit can have converged.
_CLOSE, _FINER, _SETTLED = 1e-7, 1e-4, 1e-12
# A decrement that keeps more than this share of the last one: the systems are solved too loosely.
_STALLED = 0.3
# Ridge after a shortened step, the largest, the one it is dropped from, and the one for undetermined coefficients.
_STIFF, _STIFFEST, _SOFT, _LEAST = 1e-3, 1.0, 1e-6, 1e-14
# The preconditioner is made at the first steps, and anew when it takes _SLOW more than twice the iterations it took.
_LAG_AFTER, _SLOW = 2, 4
# Steps after which a zero cell that still falls is looked into; a fit that has a finite optimum takes 5 to 7.
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
    separating
        Cells that the last step proved separated, when it was asked to look; see `steps.separating`.
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
    separating: BoolArray | None
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
    return sweep(tensor, np.zeros(len(tensor.cols)), effects, mu, _SWEEPS)


@dataclass(slots=True)
class _Pace:
    """How the systems of the next step are solved: with which preconditioner, how closely, how far held back."""

    laplace: Factor
    fresh: int
    last: int = 0
    exactness: float = INEXACT
    ridge: float = RIDGE
    decrement: float = np.inf

    def operator(self, tensor: Tensor, mu: FloatArray, done: int) -> Operator:
        """S at `mu`; its preconditioner is made anew at the first steps, for another ridge, and when it grows slow."""
        if 0 < done < _LAG_AFTER or self.last > 2 * self.fresh + _SLOW or not self.fresh:
            self.laplace, self.fresh = factor(tensor, mu, tensor.total, tensor.sums, self.ridge), 0
        return Operator(tensor, mu, tensor.total, tensor.sums, self.laplace, self.ridge)

    def project(self, passed: Pass, operator: Operator, slope: Slope) -> Slope:
        """Project the regressors anew unless the last projection was a close one near the optimum."""
        if self.exactness == _FINER:
            return slope
        if self.decrement <= _CLOSE:
            self.exactness = min(self.exactness, _FINER)
        return project(passed, operator, slope.gamma, self.exactness)

    def solved(self, iterations: int) -> None:
        """Note what the systems of this step took."""
        self.last, self.fresh = iterations, max(self.fresh or iterations, 1)

    def taken(self, decrement: float, *, whole: bool) -> None:
        """Closer where steps do not shrink; stiffer after a shortened step, softer after a whole one."""
        if decrement > _STALLED * self.decrement:
            self.exactness = max(EXACT, 1e-3 * self.exactness)
        self.decrement = decrement
        if not whole:
            self._hold(min(max(4 * self.ridge, min(_STIFF, decrement)), _STIFFEST))
        elif self.ridge > RIDGE:
            self._hold(self.ridge / 5 if self.ridge > _SOFT else RIDGE)

    def refused(self) -> bool:
        """Go on after a step of which no part was good; whether there is anything left to try."""
        self._hold(max(100 * self.ridge, _STIFF))
        return self.ridge <= _STIFFEST

    def let_go(self) -> None:
        """Take the ridge away where it is all that slows the end: some coefficient is all but undetermined."""
        self.ridge = _LEAST

    def _hold(self, ridge: float) -> None:
        self.ridge, self.fresh = ridge, 0


def maximise(
    tensor: Tensor,
    tolerance: float,
    most: int,
    *,
    warm: tuple[FloatArray, FloatArray] | None = None,
    watch: bool = False,
    progress: Progress | None = None,
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
    watch
        Whether cells that the rectifier left may still be separated: a step that proves it ends the search. Otherwise
        a zero cell that still falls after a few steps ends it.
    progress
        Called with ``"steps"``, the steps done and `most`.

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
    keep, gone, slope = screen(passed, Operator(tensor, mu, tensor.total, tensor.sums, laplace))
    dropped = tuple((int(tensor.cols[k]), reason) for k, reason in gone)
    if dropped:
        tensor, beta = tensor.with_columns(tensor.cols[keep]), beta[keep]
        passed = tensor.newton(beta, effects, mu)
    spread = np.sqrt(np.diag(passed.xhx) / tensor.sums[: tensor.exporters].sum())
    pace, proved, step = _Pace(laplace, slope.iterations), None, np.inf
    converged = falling = False
    for done in range(1, most + 1):
        if progress:
            progress("steps", done - 1, most)
        operator = pace.operator(tensor, mu, done - 1)
        if done > 1:
            slope = pace.project(passed, operator, slope)
        move, decrement, iterations = direction(passed, operator, slope, tolerance, pace.exactness)
        pace.solved(max(iterations, slope.iterations))
        trial = search(tensor, (beta, effects), move, passed, spare, careful=operator.ridge <= RIDGE)
        if trial is None:
            if pace.refused():
                continue
            break
        beta, effects, passed, whole = trial
        mu, spare = spare, mu
        pace.taken(decrement, whole=whole)
        step = size(move[0], spread, slope)
        settled = whole and decrement <= _SETTLED and operator.ridge <= RIDGE
        converged = settled and step <= tolerance and gap(passed.score, tensor.sums) <= tolerance
        falling = not watch and (converged or done == PATIENCE) and falls(tensor, spare, mu)
        proved = separating(tensor, move, mu) if watch and done >= PATIENCE and whole and not converged else None
        if converged or falling or proved is not None:
            break
        if settled and done > PATIENCE:
            pace.let_go()
    found = Optimum(
        tensor, beta, effects, mu, passed, pace.laplace, slope, dropped, done, step, proved, falling, converged
    )
    return _closed(found, (tolerance, most), watch=watch, progress=progress) if converged else found


def _closed(found: Optimum, limits: tuple[float, int], *, watch: bool, progress: Progress | None) -> Optimum:
    """Project closely at the optimum; fit again without regressors of which nothing is left there."""
    tensor, passed = found.tensor, found.passed
    operator = Operator(tensor, found.mu, tensor.total, tensor.sums, found.laplace)
    slope = project(passed, operator, found.slope.gamma, EXACT)
    late = dict(eliminate(slope.hessian, np.diag(passed.xhx), passed.xx))
    if not late:
        return replace(found, slope=slope)
    stay = np.array([k for k in range(len(found.beta)) if k not in late], dtype=np.int64)
    more = tuple((int(tensor.cols[k]), reason) for k, reason in late.items())
    warm = _without(stay, found.beta, found.effects, slope)
    again = maximise(tensor.with_columns(tensor.cols[stay]), *limits, warm=warm, watch=watch, progress=progress)
    return replace(again, dropped=(*found.dropped, *more, *again.dropped))


def _without(stay: IntArray, beta: FloatArray, effects: FloatArray, slope: Slope) -> tuple[FloatArray, FloatArray]:
    """Coefficients and effects of the same fit without regressors that the others and the effects explain."""
    gone = np.setdiff1d(np.arange(len(beta)), stay)
    share = np.linalg.lstsq(slope.hessian[np.ix_(stay, stay)], slope.hessian[np.ix_(stay, gone)], rcond=None)[0]
    moved = slope.gamma[:, gone] - np.einsum("nkt,kl->nlt", slope.gamma[:, stay], share)
    return beta[stay] + share @ beta[gone], effects + np.einsum("nlt,l->nt", moved, beta[gone])
