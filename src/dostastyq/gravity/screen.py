r"""Regressors with the effects taken out, and those of which nothing is left.

With :math:`\Gamma` from :math:`S\Gamma=C`, what is left of the regressors is :math:`\tilde x=x-D\Gamma` less pair means,
and :math:`\tilde X'\operatorname{diag}(\mu)\tilde X=X'HX-C'\Gamma-\Gamma'(C-S\Gamma)`. The elimination of that matrix in
the order of the regressors leaves the pivots: the part of each that neither the effects nor the regressors before it
explain.
"""

from dataclasses import dataclass

import numpy as np

from dostastyq.gravity.precondition import Operator
from dostastyq.gravity.problem import FloatArray, IntArray
from dostastyq.gravity.tensor import Pass

INEXACT, EXACT = 1e-2, 1e-9
_ABSORBED, _COLLINEAR, _SUSPECT, _CONSTANT = 1e-8, 1e-9, 1e-3, 1e-20
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
    passed: Pass, operator: Operator, *, exact: bool = False
) -> tuple[IntArray, tuple[tuple[int, str], ...], Slope]:
    """Find regressors that the effects, or the regressors before them, explain.

    Parameters
    ----------
    passed, operator
        Blocks of the Hessian at any point with positive weights, and S there.
    exact
        Project to rounding; otherwise only when a regressor is in doubt.

    Returns
    -------
    tuple
        Places that stay, (place, reason) of those that go, and the projection of those that stay.
    """
    slope = project(passed, operator, None, INEXACT)
    gone = _gone(slope.hessian, passed, _SUSPECT, _SUSPECT)
    if gone or exact:
        slope = project(passed, operator, slope.gamma, EXACT)
        gone = _gone(slope.hessian, passed, _ABSORBED, _COLLINEAR)
    places = {place for place, _ in gone}
    keep = np.array([k for k in range(len(passed.gk)) if k not in places], dtype=np.int64)
    slope = Slope(slope.gamma[:, keep], slope.hessian[np.ix_(keep, keep)], slope.iterations)
    return keep, tuple(gone), slope


def _gone(hessian: FloatArray, passed: Pass, absorbed: float, collinear: float) -> list[tuple[int, str]]:
    """Eliminate in order; a regressor goes when its diagonal, or what elimination leaves of it, is next to nothing."""
    work, diagonal, gone = hessian.copy(), np.diag(hessian).copy(), []
    for k in range(len(work)):
        own = passed.xhx[k, k]
        if own <= _CONSTANT * passed.xx[k] or diagonal[k] <= absorbed * own:
            gone.append((k, "absorbed"))
        elif work[k, k] <= collinear * diagonal[k]:
            gone.append((k, "collinear"))
        else:
            work[k + 1 :, k + 1 :] -= np.outer(work[k + 1 :, k], work[k, k + 1 :]) / work[k, k]
    return gone
