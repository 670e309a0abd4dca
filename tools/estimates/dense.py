r"""Three-way PPML on a dense (exporter, importer, year) array, for the many regressions of the placebo groups.

Every reported specification is pyfixest's; this one is held against it on the same panel (`build_estimates`).

.. math:: E[y_{ijt}] = \exp(x_{ijt}'\beta + a_{it} + b_{jt} + c_{ij})

With :math:`Y_{ij} = \sum_t y_{ijt}` the pair effect leaves
:math:`\mu_{ijt} = Y_{ij}\,e^{\eta_{ijt}} / \sum_s e^{\eta_{ijs}}`, and the Hessian of a pair over its years is
:math:`D_{ij} = \mathrm{diag}(\mu_{ij}) - \mu_{ij}\mu_{ij}'/Y_{ij}`. Newton steps in (β, a, b);
the fixed effects are solved by eliminating the importers, whose blocks are T by T.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

RIDGE = 1e-9


@dataclass(frozen=True, eq=False)
class State:
    """Fixed effects of a fit: `a` and `b` are countries by years; `beta` has one entry a regressor."""

    beta: np.ndarray
    a: np.ndarray
    b: np.ndarray


class Panel:
    """A panel of flows `y` (N exporters, M importers, T years); `live` marks the recorded cells."""

    def __init__(self, y: np.ndarray, live: np.ndarray) -> None:
        live = live.copy()
        while True:
            flow = np.where(live, y, 0.0)
            kept = live & (flow.sum(2) > 0)[:, :, None] & (flow.sum(1) > 0)[:, None, :] & (flow.sum(0) > 0)[None]
            kept &= (kept.sum(2) > 1)[:, :, None]
            if (kept == live).all():
                break
            live = kept
        self.live = live
        self.y = flow / flow.sum() * live.sum()
        self.Y = self.y.sum(2, keepdims=True)
        self.shape = y.shape

    def mu(self, eta: np.ndarray) -> np.ndarray:
        """Fitted flows at `eta`, the pair effect profiled out."""
        eta = np.where(self.live, eta, -1e4)
        e = np.exp(eta - eta.max(2, keepdims=True)) * self.live
        total = e.sum(2, keepdims=True)
        return self.Y * e / np.where(total > 0, total, 1.0)

    def start(self, K: int, sweeps: int = 10) -> State:
        """Proportional fitting of the margins, the start of Newton's method."""
        N, M, T = self.shape
        a, b = np.zeros((N, T)), np.zeros((M, T))
        for _ in range(sweeps):
            a += _log_ratio(self.y.sum(1), self.mu(a[:, None] + b[None]).sum(1))
            b += _log_ratio(self.y.sum(0), self.mu(a[:, None] + b[None]).sum(0))
        return State(np.zeros(K), a, b)

    def fit(self, X: np.ndarray, start: State, factor: "Factor | None" = None, tol: float = 1e-8) -> State:
        """Maximise the likelihood over (β, a, b).

        Parameters
        ----------
        X
            Regressors, K by N by M by T.
        start
            Where to start; its `beta` is padded with zeros.
        factor
            Factor of the fixed effects' Hessian to keep; made anew at every step when None.
        tol
            Largest step in β and in the fixed effects at which to stop.
        """
        K = len(X)
        beta = np.concatenate([start.beta, np.zeros(K - len(start.beta))])
        a, b = start.a.copy(), start.b.copy()
        for _ in range(60):
            mu = self.mu(np.tensordot(beta, X, 1) + a[:, None] + b[None])
            solver = factor or Factor(mu, self.Y)
            step = self._step(mu, X, solver)
            if solver is not factor:
                step = _shorten(step)
            beta, a, b = beta + step.beta, a + step.a, b + step.b
            if max(np.abs(step.beta).max(initial=0.0), _spread(step)) < tol:
                return State(beta, a, b)
        message = "the dense Poisson regression did not converge"
        raise RuntimeError(message)

    def _step(self, mu: np.ndarray, X: np.ndarray, solver: "Factor") -> State:
        residual = self.y - mu
        xbar = (mu * X).sum(3, keepdims=True) / np.where(self.Y > 0, self.Y, 1.0)
        h = mu * (X - xbar)
        columns_a = np.concatenate([residual.sum(1)[None], h.sum(2)])
        columns_b = np.concatenate([residual.sum(0)[None], h.sum(1)])
        gamma_a, gamma_b = solver.solve(columns_a, columns_b)
        K = len(X)
        flat = X.reshape(K, -1)
        cross = gamma_a[1:].reshape(K, -1) @ columns_a[1:].reshape(K, -1).T
        cross += gamma_b[1:].reshape(K, -1) @ columns_b[1:].reshape(K, -1).T
        H = h.reshape(K, -1) @ flat.T - cross
        g = flat @ residual.ravel()
        g -= gamma_a[1:].reshape(K, -1) @ columns_a[0].ravel() + gamma_b[1:].reshape(K, -1) @ columns_b[0].ravel()
        step = np.linalg.lstsq(H, g, rcond=1e-9)[0]
        return State(
            step,
            gamma_a[0] - np.tensordot(step, gamma_a[1:], 1),
            gamma_b[0] - np.tensordot(step, gamma_b[1:], 1),
        )


class Factor:
    """Factorised Hessian of the exporter-year and importer-year effects at fitted flows `mu`, pair totals `Y`."""

    def __init__(self, mu: np.ndarray, Y: np.ndarray) -> None:
        N, M, T = mu.shape
        scaled = mu / np.sqrt(np.where(Y > 0, Y, 1.0))
        exporter = _blocks(mu.sum(1), np.einsum("ijt,ijs->its", scaled, scaled))
        importer = _blocks(mu.sum(0), np.einsum("ijt,ijs->jts", scaled, scaled))
        cross = -np.einsum("ijt,ijs->itjs", scaled, scaled)
        years = np.arange(T)
        cross[:, years, :, years] += mu.transpose(2, 0, 1)
        self.cross = cross.reshape(N * T, M * T)
        self.importer_inverse = np.linalg.inv(importer)
        self.shape = (N, M, T)
        half = np.einsum("njs,jst->njt", self.cross.reshape(N * T, M, T), self.importer_inverse)
        schur = -half.reshape(N * T, M * T) @ self.cross.T
        view = schur.reshape(N, T, N, T)
        view[np.arange(N), :, np.arange(N), :] += exporter
        np.fill_diagonal(schur, schur.diagonal() + RIDGE * exporter.diagonal(axis1=1, axis2=2).ravel())
        self.schur = cho_factor(schur, overwrite_a=True, check_finite=False)

    def solve(self, p: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Solve for right-hand sides `p` (R, N, T) and `q` (R, M, T)."""
        N, M, T = self.shape
        R = len(p)
        inner = np.einsum("jst,rjt->rjs", self.importer_inverse, q)
        right = p.reshape(R, N * T) - inner.reshape(R, M * T) @ self.cross.T
        a = cho_solve(self.schur, right.T, check_finite=False).T
        rest = (q.reshape(R, M * T) - a @ self.cross).reshape(R, M, T)
        return a.reshape(R, N, T), np.einsum("jst,rjt->rjs", self.importer_inverse, rest)


def _blocks(margin: np.ndarray, outer: np.ndarray) -> np.ndarray:
    """Return T by T blocks ``diag(margin) - outer``, made regular in the directions that no flow depends on.

    A constant over the years of a country is absorbed by the pair effects: its direction gets the mean margin. Unused
    years get one.
    """
    used = (margin > 0).astype(float)
    blocks = -outer + used[:, :, None] * used[:, None, :] * margin.mean(1)[:, None, None]
    years = np.arange(margin.shape[1])
    blocks[:, years, years] += margin * (1 + RIDGE) + (margin == 0)
    return blocks


def _log_ratio(observed: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    usable = (observed > 0) & (fitted > 0)
    return np.log(np.where(usable, observed, 1.0) / np.where(usable, fitted, 1.0))


def _spread(step: State) -> float:
    """Return the largest change of a fixed effect net of its mean over the years, which no flow depends on."""
    change = max(np.ptp(step.a - step.a.mean(1, keepdims=True), axis=0).max(), 0.0)
    return float(change)


def _shorten(step: State) -> State:
    longest = max(np.abs(step.beta).max(initial=0.0), np.abs(step.a).max(), np.abs(step.b).max())
    scale = min(1.0, 2.0 / longest) if longest > 0 else 1.0
    return State(step.beta * scale, step.a * scale, step.b * scale)
