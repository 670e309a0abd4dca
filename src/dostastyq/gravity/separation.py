r"""Separation: zero flows that no finite coefficients can fit.

A maximum of the Poisson likelihood does not exist when some combination of regressors and effects is zero at every
positive flow, at most zero at every zero flow, and negative at some: these cells are separated, their fitted flow falls
for ever, and the other cells' fit is that of the panel without them. The iterative rectifier (Correia, Guimarães and
Zylkin 2019, "Verifying the existence of maximum likelihood estimates for generalized linear models", section 3) finds
them: project u, first 1 at zero flows and 0 elsewhere, on regressors and effects by weighted least squares, with weight
1 at zero flows and a very large weight W at positive ones; replace u by the positive part of the projection; repeat. The
fixed point is a separating combination, or zero when there is none.

The projection is that of `precondition` with the weights in the place of mu, factored once.
"""

from dataclasses import dataclass, replace

import numpy as np

from dostastyq.gravity.precondition import Operator, factor
from dostastyq.gravity.problem import BoolArray, FloatArray, Problem
from dostastyq.gravity.prune import prune
from dostastyq.gravity.screen import Slope, screen
from dostastyq.gravity.tensor import Tensor, build

_WEIGHTS = (1e4, 1e8)
_ZERO = 1e-4
_FIXED = 1e-4
_MOST = 200
_EXACT = 1e-9
_ROUNDING = 1e-30


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
    """One run; a candidate found under the smaller weight must survive the larger one."""
    zero = live & (tensor.y == 0)
    u = zero.astype(np.float64)
    out = np.empty_like(u)
    dropped: tuple[tuple[int, str], ...] = ()
    for weight in _WEIGHTS:
        squares, dropped = _squares(tensor, live, zero, weight)
        for _ in range(_MOST):
            squares.fit(u, out)
            np.maximum(out, 0.0, out=out)
            out[~zero] = 0.0
            top = float(out.max())
            if top <= _ZERO:
                return np.zeros_like(live), dropped
            change = max(float((old - new).max()) for old, new in zip(u, out, strict=True))
            u, out = out, u
            if change <= _FIXED * top:
                break
    return u > _ZERO * u.max(), dropped


@dataclass(frozen=True, slots=True, eq=False)
class _Squares:
    """Weighted least squares on regressors and effects; see `rectify`."""

    operator: Operator
    slope: Slope

    def fit(self, u: FloatArray, out: FloatArray) -> None:
        """Projection of u into `out`."""
        tensor, mu, total = self.operator.tensor, self.operator.mu, self.operator.total
        score, gk = tensor.moments(mu, total, u)
        floor = np.array([_ROUNDING * float(u.sum())])
        v, _, _ = self.operator.solve(score[:, None], None, _EXACT, floor)
        g = gk - np.einsum("nkt,nt->k", self.slope.gamma, score)
        beta = np.linalg.solve(self.slope.hessian, g) if len(g) else g
        tensor.project(mu, total, u, beta, v[:, 0] - np.einsum("nkt,k->nt", self.slope.gamma, beta), out)


def _squares(
    tensor: Tensor, live: BoolArray, zero: BoolArray, weight: float
) -> tuple[_Squares, tuple[tuple[int, str], ...]]:
    """Factor the least squares problem with weight 1 at zero flows and `weight` at positive ones.

    The pass of the solver, started at the logs of the weights, returns exactly them as fitted values.
    """
    weights = np.where(live, np.where(zero, 1.0, weight), 0.0)
    base = np.where(live, np.log(np.where(zero, 1.0, weight)), -1e4)
    sums = np.concatenate((weights.sum(axis=1), weights.sum(axis=0)))
    if tensor.constant:
        sums = sums.sum(axis=1, keepdims=True)
    total = tensor.group(weights.sum(axis=2))
    weighted = replace(tensor, y=weights, base=base, total=total, sums=sums)
    mu = np.empty_like(weights)
    passed = weighted.newton(np.zeros(len(tensor.cols)), np.zeros(sums.shape), mu)
    operator = Operator(weighted, mu, total, sums, factor(weighted, mu, total, sums))
    keep, dropped, slope = screen(passed, operator, exact=True)
    return _Squares(replace(operator, tensor=weighted.with_columns(tensor.cols[keep])), slope), dropped
