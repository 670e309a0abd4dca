r"""Any list of fixed effects over rows: their sums, and the projection on them.

For effects stacked over factors, :math:`S=D'\operatorname{diag}(\mu)D` and
:math:`S\Gamma=D'\operatorname{diag}(\mu)X` is solved by conjugate gradients preconditioned with one symmetric sweep of
alternating projections, :math:`M=(L+\Delta)\Delta^{-1}(L+\Delta)'` for :math:`S=L+\Delta+L'` with :math:`\Delta` its
diagonal: block Gauss-Seidel, forwards and back.
"""

from dataclasses import dataclass

import numpy as np

from dostastyq.gravity.problem import FloatArray, IntArray
from dostastyq.gravity.scores import by_code
from dostastyq.gravity.screen import ABSORBED, COLLINEAR, eliminate

_MOST = 5000
# Squared residual that is rounding, relative to the sum of the weights.
_ROUNDING = 1e-30


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of the sample: weighted flows over their mean, regressors, codes without gaps, offset with log weight."""

    y: FloatArray
    x: FloatArray
    codes: tuple[IntArray, ...]
    levels: tuple[int, ...]
    base: FloatArray
    scale: float

    def sums(self, values: FloatArray) -> tuple[FloatArray, ...]:
        """Add up values (n, R) by the levels of every factor."""
        return tuple(by_code(code, size, values) for code, size in zip(self.codes, self.levels, strict=True))

    def spread(self, effects: tuple[FloatArray, ...]) -> FloatArray:
        """D times effects: their sum at every row, (n, R)."""
        return np.asarray(sum(effect[code] for effect, code in zip(effects, self.codes, strict=True)))


class Normal:
    """S = D'diag(mu)D at given weights, and its solution."""

    def __init__(self, rows: Rows, mu: FloatArray) -> None:
        self.rows, self.mu = rows, mu
        self.diagonal = tuple(part[:, 0] for part in rows.sums(mu[:, None]))
        self.iterations = 0

    def _across(self, to: int, of: int, effect: FloatArray) -> FloatArray:
        """Off-diagonal block of factors `to` and `of` times an effect, (levels, R)."""
        weighted = self.mu[:, None] * effect[self.rows.codes[of]]
        return by_code(self.rows.codes[to], self.rows.levels[to], weighted)

    def _precondition(self, right: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        """One sweep of Gauss-Seidel forwards and one back."""
        factors = len(right)
        out: list[FloatArray] = []
        for f in range(factors):
            rest = right[f]
            for g in range(f):
                rest = rest - self._across(f, g, out[g])
            out.append(rest / self.diagonal[f][:, None])
        for f in range(factors - 2, -1, -1):
            correction = sum(self._across(f, g, out[g]) for g in range(f + 1, factors))
            out[f] = out[f] - correction / self.diagonal[f][:, None]
        return tuple(out)

    def solve(self, right: tuple[FloatArray, ...], tolerance: float) -> tuple[FloatArray, ...]:
        """Conjugate gradients on all columns, each stopped on its own."""
        solution = tuple(np.zeros_like(part) for part in right)
        rest, z = right, self._precondition(right)
        energy = _dot(rest, z)
        target = np.maximum(tolerance**2 * energy, _ROUNDING * float(self.mu.sum()))
        direction = z
        for _ in range(_MOST):
            going = energy > target
            if not going.any():
                break
            image = self.rows.sums(self.mu[:, None] * self.rows.spread(direction))
            curvature = _dot(direction, image)
            step = np.where(going & (curvature > 0), energy / np.where(curvature > 0, curvature, 1.0), 0.0)
            solution = add(solution, step, direction)
            rest = add(rest, -step, image)
            z = self._precondition(rest)
            fresh = _dot(rest, z)
            ratio = np.where(going, fresh / np.where(going, energy, 1.0), 0.0)
            direction, energy = add(z, ratio, direction), np.where(going & (curvature > 0), fresh, 0.0)
            self.iterations += 1
        return solution


def _dot(left: tuple[FloatArray, ...], right: tuple[FloatArray, ...]) -> FloatArray:
    return np.asarray(sum(np.einsum("nr,nr->r", a, b) for a, b in zip(left, right, strict=True)))


def add(left: tuple[FloatArray, ...], step: FloatArray, right: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
    """Left plus step times right, factor by factor."""
    return tuple(a + step * b for a, b in zip(left, right, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Residual:
    """Regressors less their projection on the effects with weights mu, (n, K), and what is left of their moments."""

    x: FloatArray
    hessian: FloatArray
    gone: tuple[tuple[int, str], ...]


def residualise(normal: Normal, x: FloatArray, tolerance: float, least: float | None = None) -> Residual:
    """Project, and find regressors of which nothing is left."""
    rows, mu = normal.rows, normal.mu
    gamma = normal.solve(rows.sums(mu[:, None] * x), tolerance)
    left = x - rows.spread(gamma)
    hessian = left.T @ (mu[:, None] * left)
    raw = np.einsum("n,nk,nk->k", mu, x, x)
    return Residual(left, hessian, tuple(eliminate(hessian, raw, raw, least or ABSORBED, least or COLLINEAR)))
