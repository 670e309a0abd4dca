r"""Projection on exporter-year and importer-year effects: conjugate gradients with an exact two-way solve a year.

The normal equations of the effects, pair effects profiled out, are :math:`Sv = r` with

.. math:: S = \sum_{ij} D_{ij}'H_{ij}D_{ij},\qquad H_{ij}=\operatorname{diag}\mu_{ij}-\mu_{ij}\mu_{ij}'/Y_{ij}.

Were the years of a pair to share :math:`Y_{ij}` in constant proportions, S would be a two-way Laplacian times
:math:`I-\mathbf 1\mathbf 1'/T`. So one two-way Laplacian a year, with weights
:math:`\omega_{ijt}=\mu_{ijt}(1-\mu_{ijt}/Y_{ij})`, is the preconditioner: with row sums r and column sums s,

.. math:: K_t = I - B'B,\quad B = r^{-1/2}\omega s^{-1/2},\quad
          b = s^{-1/2}K_t^{-1}s^{-1/2}(q-\omega'r^{-1}p),\quad a = r^{-1}(p-\omega b).

It removes exactly what slows alternating projections, the coupling of exporter and importer through large domestic
flows. Without pair effects :math:`\omega=\mu` and it is the exact solve.

A symmetric pair effect leaves one slow direction: effects :math:`a_{it}=\gamma_i/2,\ b_{it}=-\gamma_i/2`, constant over
years, seen only in the difference of the two flows of a pair. Their energy is :math:`\sum h_{ij}(\gamma_i-\gamma_j)^2`
with h the harmonic weight :math:`M_{ij}M_{ji}/(M_{ij}+M_{ji})` of sums over years: one more Laplacian, N by N, whose
solve is added.
"""

from dataclasses import dataclass

import numpy as np

from dostastyq.errors import DostastyqError
from dostastyq.gravity.problem import FloatArray, IntArray
from dostastyq.gravity.tensor import Tensor

# Share of the sums of flows added to S, which is singular: one constant a year moves from importers to exporters. A
# matrix K, of unit diagonal, has the first of its own ridges with which it has a Cholesky factor.
RIDGE = 1e-11
_FACTOR_RIDGES = tuple(1e-9 * 100.0**power for power in range(6))
_MOST = 400
# Curvature, relative to that of the preconditioner, under which a direction is the null space and is not followed.
_FLAT = 1e-7
_BLOCK = 1 << 15


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """The two-way Laplacians of all years, factored; made by `factor`.

    Parameters
    ----------
    omega
        Weights (T, P, Q); Q is the side with fewer countries.
    inverse
        K_t^-1, (T, Q, Q).
    rows, columns
        r^-1, (T, P), and s^-1/2, (T, Q).
    exporters
        N.
    swapped
        Whether P are the importers.
    coarse
        Inverse of the Laplacian of symmetric pairs, (N, N); None in other models.
    """

    omega: FloatArray
    inverse: FloatArray
    rows: FloatArray
    columns: FloatArray
    exporters: int
    swapped: bool
    coarse: FloatArray | None = None

    def solve(self, vectors: FloatArray) -> FloatArray:
        """Apply the preconditioner to stacked vectors (N + M, R, T)."""
        n = self.exporters
        by_year = (2, 0, 1)
        p, q = vectors[:n].transpose(by_year), vectors[n:].transpose(by_year)
        if self.swapped:
            p, q = q, p
        scaled = self.rows[:, :, None] * p
        right = (q - self.omega.transpose(0, 2, 1) @ scaled) * self.columns[:, :, None]
        right = (self.inverse @ right) * self.columns[:, :, None]
        left = scaled - self.rows[:, :, None] * (self.omega @ right)
        if self.swapped:
            left, right = right, left
        out = np.empty(vectors.shape)
        out[:n], out[n:] = left.transpose(1, 2, 0), right.transpose(1, 2, 0)
        if self.coarse is not None:
            half = 0.25 * (vectors[:n] - vectors[n:]).sum(axis=2)
            slow = (self.coarse @ half)[:, :, None]
            out[:n] += slow
            out[n:] -= slow
        return out


def factor(tensor: Tensor, mu: FloatArray, total: FloatArray, sums: FloatArray, ridge: float = RIDGE) -> Factor:
    """Factor the Laplacian of every year.

    Parameters
    ----------
    tensor
        Panel.
    mu
        Weights of the cells, (N, M, T).
    total
        Sums of the weights by pair, (N, M).
    sums
        Sums of the weights by exporter and importer, (N + M, T).
    ridge
        Share of `sums` that is added to the diagonal.

    Returns
    -------
    Factor
        The inverse is dense: T matrices of the smaller number of countries.
    """
    n, m, _ = mu.shape
    swapped = m > n
    weights = _weights(tensor, mu, total)
    omega = weights.transpose(0, 2, 1) if swapped else weights
    added = ridge * sums.T
    left, right = (added[:, n:], added[:, :n]) if swapped else (added[:, :n], added[:, n:])
    r, s = omega.sum(axis=2) + left, omega.sum(axis=1) + right
    rows = np.divide(1.0, r, out=np.zeros_like(r), where=r > 0)
    columns = np.divide(1.0, np.sqrt(s), out=np.zeros_like(s), where=s > 0)
    inverse = np.empty((len(omega), min(n, m), min(n, m)))
    together = max(1, _BLOCK // (n * m))
    for first in range(0, len(omega), together):
        part = slice(first, first + together)
        b = np.sqrt(rows[part])[:, :, None] * omega[part] * columns[part][:, None]
        inverse[part] = _inverse(_without_null(s[part]) - b.transpose(0, 2, 1) @ b)
    coarse = _coarse(mu.sum(axis=2)) if tensor.mode == 2 else None
    return Factor(omega, inverse, rows, columns, n, swapped, coarse)


def _coarse(sums: FloatArray) -> FloatArray:
    """Inverse of the Laplacian with harmonic weights of the two directions of each pair, (N, N)."""
    both = sums + sums.T
    weights = np.divide(sums * sums.T, both, out=np.zeros_like(both), where=both > 0)
    np.fill_diagonal(weights, 0.0)
    degree = weights.sum(axis=1)
    degree += RIDGE * sums.sum(axis=1)
    root = np.divide(1.0, np.sqrt(degree), out=np.zeros_like(degree), where=degree > 0)
    laplacian = _without_null(degree[None]) - (root[:, None] * weights * root)[None]
    return np.asarray(root[:, None] * _inverse(laplacian)[0] * root)


def _without_null(sums: FloatArray) -> FloatArray:
    """Projectors on the null space of scaled Laplacians with these sums, the roots of the sums, (T, N, N)."""
    null = np.sqrt(sums)
    length = np.linalg.norm(null, axis=1, keepdims=True)
    null /= np.where(length > 0, length, 1.0)
    return np.asarray(null[:, :, None] * null[:, None])


def _weights(tensor: Tensor, mu: FloatArray, total: FloatArray) -> FloatArray:
    """Make omega by year, (T, N, M); one matrix when effects are constant over years.

    Clipped at zero: in a pair seen in one year mu(1 - mu/Y) is rounding of either sign.
    """
    n, m, years = mu.shape
    weights = np.zeros((1 if tensor.constant else years, n, m))
    inverse = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    for i in range(n):
        block = mu[i] if tensor.mode == 0 else np.maximum(mu[i] * (1 - mu[i] * inverse[i][:, None]), 0.0)
        weights[:, i] = block.sum(axis=1) if tensor.constant else block.T
    return weights


def _inverse(matrices: FloatArray) -> FloatArray:
    """Inverses of I + matrices, (T, N, N); the ridge of all grows until each has a Cholesky factor."""
    index = np.arange(matrices.shape[-1])
    matrices[:, index, index] += 1.0
    for ridge in _FACTOR_RIDGES:
        matrices[:, index, index] += ridge
        try:
            np.linalg.cholesky(matrices)
        except np.linalg.LinAlgError:
            continue
        inverse = np.linalg.inv(matrices)
        return np.asarray(0.5 * (inverse + inverse.transpose(0, 2, 1)))
    raise DostastyqError(
        "GR110",
        "the fit left the range of numbers",
        "look for flows of very different size, and for a very large offset",
    )


@dataclass(frozen=True, slots=True, eq=False)
class Operator:
    """S at given weights, with its preconditioner.

    Parameters
    ----------
    tensor
        Panel.
    mu, total, sums
        Weights of the cells, (N, M, T), and their sums by pair, (N, M), and by exporter and importer, (N + M, T).
    factor
        Preconditioner, of these weights or of earlier ones.
    ridge
        Share of `sums` that is added to the diagonal.
    """

    tensor: Tensor
    mu: FloatArray
    total: FloatArray
    sums: FloatArray
    factor: Factor
    ridge: float = RIDGE

    def __call__(self, vectors: FloatArray, cols: IntArray) -> FloatArray:
        """S times the columns ``cols`` of stacked vectors (N + M, R, T)."""
        return self.tensor.apply(self.mu, self.total, vectors, cols) + self.ridge * self.sums[:, None] * vectors

    def solve(
        self,
        right: FloatArray,
        start: FloatArray | None,
        tolerance: float,
        floor: FloatArray,
        *,
        relative: float | None = None,
        most: int = _MOST,
    ) -> tuple[FloatArray, FloatArray, int]:
        """Solve S v = right for several columns at once by conjugate gradients.

        Parameters
        ----------
        right
            Right-hand sides, (N + M, R, T).
        start
            Where to start, same shape; None is zero.
        tolerance
            Largest residual in the norm of the preconditioner, relative to the right-hand side.
        floor
            Squared norm under which a residual is rounding, (R,).
        relative
            When given, the first column must also have residuals below this share of ``sums`` everywhere.
        most
            Most iterations; reaching them is not an error here, the caller measures what it needs.

        Returns
        -------
        tuple
            Solution, what is left of the right-hand sides, and iterations. A column is left alone once it has
            converged, or goes where S is flat: along its null space a residual of rounding would grow without end.
        """
        solution = np.zeros_like(right) if start is None else start.copy()
        every = np.arange(right.shape[1])
        rest = right.copy() if start is None else right - self(solution, every)
        z = self.factor.solve(rest)
        energy = _dot(rest, z)
        wanted = energy if start is None else _dot(right, self.factor.solve(right))
        target = np.maximum(tolerance**2 * wanted, floor)
        direction = z
        cols, done = every, 0
        while True:
            going = energy[cols] > target[cols]
            if relative is not None and cols.size and cols[0] == 0 and energy[0] > 0:
                going[0] |= bool((np.abs(rest[:, 0]) > relative * self.sums).any())
            if not going.all():
                cols = cols[going]
            if not cols.size or done == most:
                return solution, rest, done
            image = self(direction, cols)
            curvature = _dot(direction, image)
            cols = cols[_FLAT * energy[cols] < curvature[cols]]
            step = np.zeros(len(every))
            step[cols] = energy[cols] / curvature[cols]
            solution += step[:, None] * direction
            rest -= step[:, None] * image
            z = self.factor.solve(rest)
            fresh = _dot(rest, z)
            ratio = np.zeros(len(every))
            ratio[cols] = fresh[cols] / energy[cols]
            energy = fresh
            direction = z + ratio[:, None] * direction
            done += 1


def _dot(left: FloatArray, right: FloatArray) -> FloatArray:
    """Inner products of columns, (R,)."""
    return np.asarray(np.einsum("nrt,nrt->r", left, right))
