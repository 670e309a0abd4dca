r"""Separation: zero flows that no finite coefficients can fit.

A maximum of the Poisson likelihood does not exist when some combination of regressors and effects is zero at every
positive flow, at most zero at every zero flow, and negative at some: these cells are separated, their fitted flow falls
for ever, and the other cells' fit is that of the panel without them. The iterative rectifier (Correia, Guimarães and
Zylkin 2019, "Verifying the existence of maximum likelihood estimates for generalized linear models", section 3) finds
them: project u, first 1 at zero flows and 0 elsewhere, on regressors and effects by weighted least squares, with weight
1 at zero flows and a very large weight W at positive ones; replace u by the positive part of the projection; repeat.
The fixed point is a separating combination, or zero when there is none.

The projection is that of `precondition` with the weights in the place of mu, factored once.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from dostastyq.blas import one_thread
from dostastyq.gravity.precondition import Operator, factor
from dostastyq.gravity.problem import BoolArray, FloatArray, Problem
from dostastyq.gravity.prune import prune
from dostastyq.gravity.screen import Slope, screen
from dostastyq.gravity.tensor import Tensor, build

_WEIGHT = 1e4
_ZERO = 1e-4
_FIXED = 1e-6
_CLEAR, _VIOLATED = 1e-2, 1e-3
_JUMP = 20
_MOST = 1000
_EXACT = 1e-10
_ROUNDING, _LEAST = 1e-30, 1e-12


@one_thread()
def separated(problem: Problem) -> BoolArray:
    """Cells that have no finite fit, after groups without a positive flow have left the sample.

    Parameters
    ----------
    problem
        Panel and model.

    Returns
    -------
    numpy.ndarray
        Mask of the shape of the flows.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> trade, ban = rng.lognormal(size=(6, 6, 4)), np.zeros((6, 6, 1, 4))
    >>> ban[1, 2, 0, 3], trade[1, 2, 3] = 1, 0
    >>> np.argwhere(separated(Problem(trade, ban, np.ones(trade.shape, bool), ("ban",)))).tolist()
    [[1, 2, 3]]
    """
    live = prune(problem).live
    return rectify(build(problem, live), live)[0]


def rectify(tensor: Tensor, live: BoolArray) -> tuple[BoolArray, tuple[tuple[int, str], ...]]:
    """Run the rectifier until what is left has no separated cell.

    Parameters
    ----------
    tensor
        Panel with all its regressors in use.
    live
        Its cells.

    Returns
    -------
    tuple
        Mask of separated cells, and (place, reason) of the regressors that were already explained by the effects or by
        other regressors before any cell left.
    """
    gone = np.zeros_like(live)
    explained: tuple[tuple[int, str], ...] | None = None
    while True:
        fresh, dropped = _round(tensor, live & ~gone)
        explained = dropped if explained is None else explained
        if not fresh.any():
            return gone, explained
        gone |= fresh


def _round(tensor: Tensor, live: BoolArray) -> tuple[BoolArray, tuple[tuple[int, str], ...]]:
    """One run of the rectifier."""
    zero = live & (tensor.y == 0)
    squares, dropped = _squares(tensor, live, zero)
    return fixed_point(squares.fit, zero), dropped


def fixed_point(project: Callable[[FloatArray], FloatArray], zero: BoolArray) -> BoolArray:
    """Iterate the rectifier.

    A combination that positive flows pin down, however weakly, shrinks at each projection, so what no longer changes is
    separating. Convergence is linear, with a jump along the last direction now and then, and at most to half; only
    cells that stand clear of the error left are taken, and the next run finds the others.

    Parameters
    ----------
    project
        Weighted projection on regressors and effects.
    zero
        Cells with a zero flow.

    Returns
    -------
    numpy.ndarray
        Separated cells; none when the last projection is too negative somewhere to be a separating combination.
    """
    u, before, least, top = zero.astype(np.float64), np.empty(0), 0.0, 1.0
    for count in range(1, _MOST + 1):
        fitted = project(u)
        least = float(fitted[zero].min(initial=0.0))
        fresh = np.where(zero, np.maximum(fitted, 0.0), 0.0)
        top = float(fresh.max(initial=0.0))
        if top <= _ZERO:
            return np.zeros_like(zero)
        move = fresh - u
        u = fresh
        if float(np.abs(move).max()) <= _FIXED * top:
            break
        if count % _JUMP == 0:
            u = _jump(u, move, before)
        before = move
    return u > _CLEAR * top if least > -_VIOLATED * top else np.zeros_like(zero)


def _jump(u: FloatArray, move: FloatArray, before: FloatArray) -> FloatArray:
    """Extrapolate a geometric sequence to its limit, or to where the largest value is halved."""
    ratio = float(np.vdot(move, before) / np.vdot(before, before))
    parallel = float(np.vdot(move, before)) ** 2 > 0.99 * float(np.vdot(move, move) * np.vdot(before, before))
    if not parallel or not 0 < ratio < 1:
        return u
    falling = (move < 0) & (u > 0.5 * u.max())
    reach = float((0.5 * u.max() - u[falling]).max(initial=-np.inf) / move[falling].min()) if falling.any() else np.inf
    return np.maximum(u + min(ratio / (1 - ratio), max(reach, 0.0)) * move, 0.0)


class _Squares:
    """Weighted least squares on regressors and effects; each fit starts from the effects of the last."""

    def __init__(self, operator: Operator, slope: Slope) -> None:
        self.operator, self.slope = operator, slope
        self.effects: FloatArray | None = None

    def fit(self, u: FloatArray) -> FloatArray:
        """Projection of u."""
        tensor, mu, total = self.operator.tensor, self.operator.mu, self.operator.total
        score, gk = tensor.moments(mu, total, u)
        floor = np.array([_ROUNDING * float(u.sum())])
        self.effects, _, _ = self.operator.solve(score[:, None], self.effects, _EXACT, floor)
        g = gk - np.einsum("nkt,nt->k", self.slope.gamma, score)
        beta = np.linalg.solve(self.slope.hessian, g) if len(g) else g
        out = np.empty_like(u)
        effects = self.effects[:, 0] - np.einsum("nkt,k->nt", self.slope.gamma, beta)
        tensor.project(mu, total, u, beta, effects, out)
        return out


def _squares(tensor: Tensor, live: BoolArray, zero: BoolArray) -> tuple[_Squares, tuple[tuple[int, str], ...]]:
    """Factor the least squares problem with weight 1 at zero flows and _WEIGHT at positive ones.

    The pass of the solver, started at the logs of the weights, returns exactly them as fitted values. The ridge of the
    operator is set by counts of cells: set by the weights it would shrink a separating combination.
    """
    weights = np.where(live, np.where(zero, 1.0, _WEIGHT), 0.0)
    base = np.where(live, np.log(np.where(zero, 1.0, _WEIGHT)), -1e4)
    sums = np.concatenate((live.sum(axis=1), live.sum(axis=0))).astype(np.float64)
    if tensor.constant:
        sums = sums.sum(axis=1, keepdims=True)
    total = tensor.group(weights.sum(axis=2))
    weighted = replace(tensor, y=weights, base=base, total=total, sums=sums)
    mu = np.empty_like(weights)
    passed = weighted.newton(np.zeros(len(tensor.cols)), np.zeros(sums.shape), mu)
    operator = Operator(weighted, mu, total, sums, factor(weighted, mu, total, sums))
    keep, dropped, slope = screen(passed, operator, exact=_EXACT, least=_LEAST)
    return _Squares(replace(operator, tensor=weighted.with_columns(tensor.cols[keep])), slope), dropped
