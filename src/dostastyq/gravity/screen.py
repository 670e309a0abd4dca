r"""Regressors with the effects taken out, and those of which nothing is left.

With :math:`\Gamma` from :math:`S\Gamma=C`, what is left of the regressors is :math:`\tilde x=x-D\Gamma` less pair
means, and :math:`\tilde X'\operatorname{diag}(\mu)\tilde X=X'HX-C'\Gamma-\Gamma'(C-S\Gamma)`. The elimination of that
matrix in the order of the regressors leaves the pivots: the part of each that neither the effects nor the regressors
before it explain.
"""

from dataclasses import dataclass

import numpy as np

from dostastyq.gravity.precondition import Operator
from dostastyq.gravity.problem import FloatArray, IntArray
from dostastyq.gravity.tensor import Pass

# Tolerances of a projection during the search and for what is reported.
INEXACT, EXACT = 1e-2, 1e-9
# Least shares of the moment of a regressor that the effects, and the regressors before it, must leave. A projection to
# EXACT errs by its square, rounding by more.
ABSORBED, COLLINEAR = 1e-8, 1e-9
# Share under which an inexact projection, which errs by its square, 1e-4, leaves a regressor in doubt.
_SUSPECT = 1e-3
# A regressor whose moment about pair means is this share of its raw moment is constant in pairs but for rounding.
_CONSTANT = 1e-13
_ROUNDING = 1e-28


@dataclass(frozen=True, slots=True, eq=False)
class Slope:
    """The regressors with the effects taken out.

    Parameters
    ----------
    gamma
        Projection, (N + M, K, T).
    hessian
        X~'HX~ for x~ = x - D gamma, (K, K): exact for this gamma, and second order in its error for the true one.
    iterations
        Of the conjugate gradients.
    """

    gamma: FloatArray
    hessian: FloatArray
    iterations: int


def project(passed: Pass, operator: Operator, gamma: FloatArray | None, tolerance: float) -> Slope:
    """Project the regressors on the effects, from an earlier projection if there is one."""
    gamma, rest, iterations = operator.solve(passed.cross, gamma, tolerance, _ROUNDING * passed.xx)
    both = np.einsum("nkt,nlt->kl", gamma, passed.cross + rest)
    return Slope(gamma, passed.xhx - 0.5 * (both + both.T), iterations)


def screen(
    passed: Pass, operator: Operator, *, exact: float | None = None, least: float | None = None
) -> tuple[IntArray, tuple[tuple[int, str], ...], Slope]:
    """Find regressors that the effects, or the regressors before them, explain.

    Parameters
    ----------
    passed, operator
        Blocks of the Hessian at any point with positive weights, and S there.
    exact
        Project to this tolerance; None projects closely only when a regressor is in doubt.
    least
        Share that must be left of a regressor, where it is not the usual one.

    Returns
    -------
    tuple
        Places that stay, (place, reason) of those that go, and the projection of those that stay.
    """
    slope = project(passed, operator, None, INEXACT)
    own = np.diag(passed.xhx)
    gone: list[tuple[int, str]] = []
    if exact is not None or _in_doubt(slope.hessian, own):
        slope = project(passed, operator, slope.gamma, EXACT if exact is None else exact)
        gone = eliminate(slope.hessian, own, passed.xx, least or ABSORBED, least or COLLINEAR)
    places = {place for place, _ in gone}
    keep = np.array([k for k in range(len(passed.gk)) if k not in places], dtype=np.int64)
    slope = Slope(slope.gamma[:, keep], slope.hessian[np.ix_(keep, keep)], slope.iterations)
    return keep, tuple(gone), slope


def _in_doubt(hessian: FloatArray, own: FloatArray) -> bool:
    """Whether elimination leaves little of some regressor, as far as an inexact projection can tell."""
    work = hessian.copy()
    for k in range(len(work)):
        if work[k, k] <= _SUSPECT * own[k]:
            return True
        work[k + 1 :, k + 1 :] -= np.outer(work[k + 1 :, k], work[k, k + 1 :]) / work[k, k]
    return False


def eliminate(
    hessian: FloatArray, own: FloatArray, raw: FloatArray, absorbed: float = ABSORBED, collinear: float = COLLINEAR
) -> list[tuple[int, str]]:
    """Eliminate regressors in order and name those of which next to nothing is left.

    Parameters
    ----------
    hessian
        Moments of the regressors less their projection, (K, K).
    own, raw
        Their moments less pair means and their raw moments, (K,).
    absorbed, collinear
        Least share of its own moment that the effects, and of its diagonal that the other regressors, must leave.

    Returns
    -------
    list
        (place, reason) of those that go.

    Examples
    --------
    >>> eliminate(np.array([[1.0, 2.0], [2.0, 4.0]]), np.ones(2), np.ones(2))
    [(1, 'collinear')]
    """
    work, diagonal, gone = hessian.copy(), np.diag(hessian).copy(), []
    for k in range(len(work)):
        if own[k] <= _CONSTANT * raw[k] or diagonal[k] <= absorbed * own[k]:
            gone.append((k, "absorbed"))
        elif work[k, k] <= collinear * diagonal[k]:
            gone.append((k, "collinear"))
        else:
            work[k + 1 :, k + 1 :] -= np.outer(work[k + 1 :, k], work[k, k + 1 :]) / work[k, k]
    return gone
