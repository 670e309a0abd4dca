r"""Penalised Poisson regression with fixed effects, for penalties that are given.

.. math:: \min_{\beta}\; -\ell(\beta) + \sum_k p_k|\beta_k|

with the effects concentrated out: each Newton step of the engine gives Hessian and score without them, and the
penalised quadratic is minimised by coordinate descent.
"""

from math import sqrt
from typing import Final

import numpy as np

from dostastyq.errors import DostastyqError
from dostastyq.gravity.newton import start
from dostastyq.gravity.precondition import Operator, factor
from dostastyq.gravity.problem import FloatArray, IntArray
from dostastyq.gravity.screen import Slope, project
from dostastyq.gravity.tensor import Pass, Tensor

TOLERANCE: Final = 1e-8
MOST: Final = 60
_SWEEPS, _HALVINGS = 10_000, 12
_ROUGHLY, _HELD = 1e-2, 1e-2


def operator_at(tensor: Tensor, mu: FloatArray) -> Operator:
    """Set up the normal equations of the effects at fitted flows `mu`, with a fresh preconditioner."""
    return Operator(tensor, mu, tensor.total, tensor.sums, factor(tensor, mu, tensor.total, tensor.sums))


def penalised(
    tensor: Tensor,
    penalties: FloatArray,
    warm: tuple[FloatArray, FloatArray] | None = None,
    gamma: FloatArray | None = None,
) -> tuple[FloatArray, FloatArray]:
    r"""Minimise :math:`-\ell(\beta)+\sum_k p_k|\beta_k|` over coefficients and effects.

    Parameters
    ----------
    tensor
        Panel, its flows scaled to mean 1.
    penalties
        p of every regressor, 0 for none, shape (K,).
    warm
        Coefficients and effects to start from.
    gamma
        Projection of the regressors on the effects to start from; it is refined at each step, and need not be exact:
        the optimum has no score left for it to act on.

    Returns
    -------
    tuple
        Coefficients, (K,), exactly 0 where not selected, and effects, (N + M, T).

    Raises
    ------
    DostastyqError
        ``GR041`` when it does not converge.
    """
    mu, spare = np.empty_like(tensor.y), np.empty_like(tensor.y)
    beta, effects = (np.zeros(len(tensor.cols)), start(tensor, mu)) if warm is None else warm
    passed = tensor.newton(beta, effects, mu)
    spread = np.sqrt(np.diag(passed.xhx) / tensor.sums[: tensor.exporters].sum())
    step = np.inf
    slope: Slope | None = None
    for _ in range(MOST):
        operator = operator_at(tensor, mu)
        if slope is None or step > _HELD:
            slope = project(passed, operator, gamma, _ROUGHLY)
            gamma = slope.gamma
        v, _, _ = operator.solve(passed.score[:, None], None, _ROUGHLY, np.array([1e-28 * tensor.sums.sum()]))
        gradient = passed.gk - np.einsum("nkt,nt->k", slope.gamma, passed.score)
        wanted = descend(slope.hessian, gradient + slope.hessian @ beta, penalties, beta)
        move = wanted - beta
        shift = v[:, 0] - np.einsum("nkt,k->nt", slope.gamma, move)
        found = _accept(tensor, (beta, effects), (move, shift), penalties, passed, spare)
        if found is None:
            break
        step = float(np.max(np.abs(found[0] - beta) * spread, initial=0.0))
        beta, effects, passed = found
        mu, spare = spare, mu
        if step <= TOLERANCE:
            return beta, effects
    raise DostastyqError(
        "GR041", f"the lasso did not converge: the last step was {step:.1e}", "leave out provisions that hardly vary"
    )


def _accept(  # noqa: PLR0917 -- as the line search of `newton`
    tensor: Tensor,
    point: tuple[FloatArray, FloatArray],
    move: tuple[FloatArray, FloatArray],
    penalties: FloatArray,
    passed: Pass,
    mu: FloatArray,
) -> tuple[FloatArray, FloatArray, Pass] | None:
    """Step, halved until the penalised likelihood does not fall; None when it always does."""
    start_value = passed.loglik - float(penalties @ np.abs(point[0]))
    least = start_value - 1e-11 * abs(start_value)
    share = 1.0
    for _ in range(_HALVINGS):
        beta, effects = point[0] + share * move[0], point[1] + share * move[1]
        trial = tensor.newton(beta, effects, mu)
        if trial.loglik - float(penalties @ np.abs(beta)) >= least:
            return beta, effects, trial
        share *= 0.5
    return None


def descend(hessian: FloatArray, linear: FloatArray, penalties: FloatArray, beta: FloatArray) -> FloatArray:
    r"""Minimise :math:`\tfrac12 b'Hb-c'b+\sum_k p_k|b_k|` by coordinate descent.

    Parameters
    ----------
    hessian, linear
        H, (K, K), and c, (K,).
    penalties
        p, (K,).
    beta
        Where to start, (K,).

    Returns
    -------
    numpy.ndarray
        Minimiser, (K,).

    Examples
    --------
    >>> descend(np.eye(2), np.array([3.0, 0.5]), np.array([1.0, 1.0]), np.zeros(2)).tolist()
    [2.0, 0.0]
    """
    b = beta.copy()
    diagonal = np.diag(hessian)
    gradient = linear - hessian @ b
    usable = np.flatnonzero(diagonal > 0)
    active: IntArray = usable
    for _ in range(_SWEEPS):
        largest = 0.0
        for k in active:
            z = gradient[k] + diagonal[k] * b[k]
            new = np.sign(z) * max(abs(z) - penalties[k], 0.0) / diagonal[k]
            change = new - b[k]
            if change:
                gradient -= hessian[:, k] * change
                b[k] = new
                largest = max(largest, abs(change) * sqrt(diagonal[k]))
        settled = largest <= 1e-12 * sqrt(float(np.max(np.abs(linear) / np.sqrt(np.maximum(diagonal, 1e-300)))) + 1.0)
        if settled and len(active) == len(usable):
            break
        active = usable if settled else usable[(b[usable] != 0) | (penalties[usable] == 0)]
        if not len(active):
            active = usable
    return b
