r"""One model estimated many times, each time with other values of a few regressors.

Randomisation and placebo groups put the same treatment on other pairs, hundreds of times. What does not change is made
once: the panel, the fit without the treatment, the projection of the other regressors on the effects, and the factored
preconditioner. A refit starts there and takes Newton steps in all coefficients and effects at once,

.. math:: \Delta\beta = H^{-1}(g_\beta-\Gamma'g_D),\qquad S\,\Delta\delta = g_D - C\,\Delta\beta,

with :math:`H=X'HX-C'\Gamma`, in the notation of `dostastyq.gravity.newton`. A few treated pairs hardly move the fitted
flows of the others, so the old projection and the old factor serve every draw; the optimum is the same.
"""

from dataclasses import dataclass

import numpy as np

from dostastyq.blas import one_thread
from dostastyq.gravity.newton import Optimum, maximise
from dostastyq.gravity.precondition import Operator
from dostastyq.gravity.problem import BoolArray, FloatArray, Problem
from dostastyq.gravity.screen import INEXACT, eliminate, project
from dostastyq.gravity.tensor import Tensor, build

TOLERANCE = 1e-7
_STEPS, _MOST = 25, 60
_ROUNDING, _NOISE = 1e-28, 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Refits:
    """A fitted panel with places for `extra` further regressors; made by `Refits.of`.

    Parameters
    ----------
    tensor
        Panel; its last regressors are the places, and are overwritten by every refit.
    null
        Fit without them.
    gamma
        Projection of all regressors on the effects there, zero for the places, (N + M, K, T).
    live
        Cells of the sample, (N, M, T).
    extra
        Number of places P.
    """

    tensor: Tensor
    null: Optimum
    gamma: FloatArray
    live: BoolArray
    extra: int

    @classmethod
    @one_thread()
    def of(cls, problem: Problem, live: BoolArray, extra: int = 1, *, threads: int | None = None) -> "Refits":
        """Fit `problem` on the cells `live` and make room for `extra` regressors.

        Parameters
        ----------
        problem
            Panel with the regressors that stay, (N, M, K, T); those that the effects explain are left out.
        live
            Cells of the sample, without separated ones, (N, M, T).
        extra
            Number of further regressors.
        threads
            Threads of the passes.

        Returns
        -------
        Refits
        """
        bare = build(problem, live, threads=threads)
        null = maximise(bare, TOLERANCE, _MOST)
        n, m, k, years = problem.shape
        kept = np.concatenate((null.tensor.cols, np.arange(k, k + extra)))
        x = np.zeros((n, m, len(kept), years))
        x[:, :, : len(kept) - extra] = problem.regressors[:, :, null.tensor.cols]
        gamma = np.concatenate((null.slope.gamma, np.zeros((n + m, extra, null.slope.gamma.shape[2]))), axis=1)
        wide = Problem(problem.flows, x, live, tuple(map(str, kept)), problem.effects, problem.offset, problem.weights)
        return cls(build(wide, live, threads=threads), null, gamma, live, extra)

    @one_thread()
    def coefficients(self, columns: FloatArray) -> FloatArray:
        """Coefficients of further regressors.

        Parameters
        ----------
        columns
            Their values, (P, N, M, T).

        Returns
        -------
        numpy.ndarray
            Shape (P,); all nan where the effects and the other regressors explain one of them, or where the fit does
            not converge.

        Examples
        --------
        >>> rng = np.random.default_rng(1)
        >>> trade, rta = rng.lognormal(size=(6, 6, 4)), rng.random((6, 6, 4))
        >>> panel = Problem(trade, np.zeros((6, 6, 0, 4)), np.ones(trade.shape, bool), ())
        >>> from dostastyq.gravity.solve import solve
        >>> whole = solve(Problem(trade, rta[:, :, None], panel.live, ("rta",)))
        >>> np.allclose(Refits.of(panel, panel.live).coefficients(rta[None]), whole.beta, atol=1e-7)
        True
        """
        first = len(self.gamma[0]) - self.extra
        for place, values in enumerate(columns):
            self.tensor.x[:, :, first + place] = np.where(self.live, values, 0.0)
        beta = np.concatenate((self.null.beta, np.zeros(self.extra)))
        found = self._newton(beta, self.null.effects)
        if found is None:
            again = maximise(self.tensor, TOLERANCE, _MOST, warm=(beta, self.null.effects.copy()))
            found = again.beta if again.converged and not again.dropped else np.full(len(beta), np.nan)
        return found[first:]

    def _newton(self, beta: FloatArray, effects: FloatArray) -> FloatArray | None:
        """Coefficients from a warm start; None when a step does not go up or the last one is not small."""
        tensor, gamma = self.tensor, self.gamma
        mu = np.empty_like(tensor.y)
        total = float(tensor.sums[: tensor.exporters].sum())
        floor = np.array([_ROUNDING * total])
        best = -np.inf
        for step in range(_STEPS):
            passed = tensor.newton(beta, effects, mu)
            if not passed.loglik >= best - _NOISE * (abs(best) + total):
                return None
            best = max(best, passed.loglik)
            operator = Operator(tensor, mu, tensor.total, tensor.sums, self.null.laplace)
            slope = project(passed, operator, gamma, INEXACT)
            gamma = slope.gamma
            if step == 0 and eliminate(slope.hessian, np.diag(passed.xhx), passed.xx):
                return np.full(len(beta), np.nan)
            move = np.linalg.solve(slope.hessian, passed.gk - np.einsum("nkt,nt->k", gamma, passed.score))
            right = passed.score - np.einsum("nkt,k->nt", passed.cross, move)
            start = -np.einsum("nkt,k->nt", gamma, move)
            solved, _, _ = operator.solve(right[:, None], start[:, None], INEXACT, floor)
            beta, effects = beta + move, effects + solved[:, 0]
            spread = np.sqrt(np.diag(passed.xhx) / total)
            if np.max(np.abs(move) * spread, initial=0.0) <= TOLERANCE:
                return beta
        return None
