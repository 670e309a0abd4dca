r"""One step of Newton's method: where it goes, how far, and what it proves.

The direction is that of `dostastyq.gravity.newton`. With a ridge on the diagonal it is Levenberg's: directions in which
the likelihood is all but flat are held back and the others are not.
"""

import numpy as np

from dostastyq.gravity.precondition import Operator
from dostastyq.gravity.problem import BoolArray, FloatArray
from dostastyq.gravity.screen import INEXACT, Slope
from dostastyq.gravity.tensor import Pass, Tensor

Move = tuple[FloatArray, FloatArray]

# Trials of one step, and after how many of them one that loses the fit of a flow is taken nevertheless.
_TRIALS, _CAREFUL = 12, 4
# Rounding: of a likelihood, relative; of a squared residual, relative to the sum of flows.
_NOISE, _ROUNDING = 1e-12, 1e-28
# A separated cell falls by the factor 1/e a step; one that keeps more than this share does not fall.
_FALLING = 0.7
# A separating step lowers some log flow by more than _STEADY and moves no other by more than _PROVED of that; cells
# above _CLEAR of it are taken, the next round finds the others.
_STEADY, _PROVED, _CLEAR = 0.1, 1e-6, 1e-2
# Cells handled together where a whole array would cost memory.
_BLOCK = 1 << 15


def direction(
    passed: Pass, operator: Operator, slope: Slope, tolerance: float, exactness: float
) -> tuple[Move, float, int]:
    """Newton step in (beta, effects), its decrement over the sum of flows, and inner iterations.

    Near the end the sums of small countries, which hardly weigh in the likelihood, are fitted too.
    """
    total = float(operator.sums[: operator.tensor.exporters].sum())
    relative = None if exactness >= INEXACT else max(exactness * gap(passed.score, operator.sums), 1e-2 * tolerance)
    g = passed.gk - np.einsum("nkt,nt->k", slope.gamma, passed.score)
    hessian = slope.hessian + operator.ridge * np.diag(np.diag(passed.xhx))
    move = np.linalg.solve(hessian, g) if len(g) else g
    right = passed.score - np.einsum("nkt,k->nt", passed.cross, move)
    first = -np.einsum("nkt,k->nt", slope.gamma, move)
    floor = np.array([_ROUNDING * total])
    solved, _, iterations = operator.solve(right[:, None], first[:, None], exactness, floor, relative=relative)
    effects = solved[:, 0]
    gained = float(passed.gk @ move + np.einsum("nt,nt->", passed.score, effects))
    return (move, effects), gained / total, iterations


def search(
    tensor: Tensor,
    point: Move,
    move: Move,
    passed: Pass,
    mu: FloatArray,
    *,
    careful: bool,
) -> tuple[FloatArray, FloatArray, Pass, bool] | None:
    """Step, shortened and refitted by two sweeps until the likelihood does not fall; None when it always does.

    The first shorter step is the damped one, at which the likelihood of a sum of exponentials must rise; halves of it
    follow. A step that loses the fit of a flow overshoots where the likelihood is flat: some shorter ones are tried
    before it is taken. Returns coefficients, effects, the pass there, and whether the step was whole.
    """
    least = passed.loglik - _NOISE * (abs(passed.loglik) + float(tensor.sums[: tensor.exporters].sum()))
    share = 1.0
    for trial in range(_TRIALS):
        beta, effects = point[0] + share * move[0], point[1] + share * move[1]
        reached = tensor.newton(beta, effects, mu)
        if trial and not reached.loglik >= least:
            effects = sweep(tensor, beta, effects, mu, 2)
            reached = tensor.newton(beta, effects, mu)
        if reached.loglik >= least and (not careful or reached.lost <= passed.lost or trial >= _CAREFUL):
            return beta, effects, reached, trial == 0
        share *= 0.5 if trial else min(0.5, damping(tensor.change(*move)))
    return None


def damping(change: float) -> float:
    """Share ln(1 + d) / d of a Newton step at which the likelihood rises; d is its largest change of a log flow.

    Along a step the third derivative of the likelihood is at most d times the second: Sun and Tran-Dinh (2019),
    "Generalized self-concordant functions", theorem 2. For one cell fitted far below its flow it is the exact step.
    """
    return float(np.log1p(change) / change) if np.isfinite(change) and change > 0 else 0.5


def separating(tensor: Tensor, move: Move, mu: FloatArray) -> BoolArray | None:
    """Zero cells that a step lowers while it moves no positive flow and raises no zero: it is a separating combination.

    Where the fit falls for ever Newton's steps settle on such a combination, and no tolerance of another method stands
    between: this finds what the rectifier, which converges linearly, could not.
    """
    change = np.zeros_like(mu)
    tensor.project(mu, tensor.total, np.zeros_like(mu), *move, change)
    zero = (tensor.y == 0) & (mu > 0)
    top = -float(change.min(initial=0.0, where=zero))
    moved = float(np.abs(change).max(initial=0.0, where=tensor.y > 0))
    raised = float(change.max(initial=0.0, where=zero))
    if top < _STEADY or max(moved, raised) > _PROVED * top:
        return None
    return np.asarray(zero & (change < -_CLEAR * top))


def falls(tensor: Tensor, before: FloatArray, after: FloatArray) -> bool:
    """Whether any zero cell fell by more than a quarter in the last step.

    Along a separating direction the fitted value is mu = exp(-s) and a Newton step is exactly one in s, at every
    scale: the cells fall by the factor e a step for ever. At a finite optimum the last step changes nothing.
    """
    step = max(1, _BLOCK // before[0].size)
    parts = (slice(first, first + step) for first in range(0, tensor.exporters, step))
    return any(bool(((tensor.y[part] == 0) & (after[part] < _FALLING * before[part])).any()) for part in parts)


def size(move: FloatArray, spread: FloatArray, slope: Slope) -> float:
    """Largest change of a coefficient in units of 1 / spread of its regressor, or in standard errors if less."""
    if not len(move):
        return 0.0
    errors = np.sqrt(np.maximum(np.diag(np.linalg.inv(slope.hessian)), 0.0))
    return float(np.max(np.abs(move) / np.maximum(1 / spread, errors)))


def gap(score: FloatArray, sums: FloatArray) -> float:
    """Largest gap between observed and fitted sums, relative to the observed."""
    return float(np.max(np.abs(score) / np.where(sums > 0, sums, 1.0), initial=0.0))


def sweep(tensor: Tensor, beta: FloatArray, effects: FloatArray, mu: FloatArray, times: int) -> FloatArray:
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
