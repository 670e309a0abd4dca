r"""The bias of three-way PPML and of clustered standard errors (Weidner and Zylkin 2021).

With pair effects profiled out, a pair is a multinomial of T years with score :math:`S_{ij}=y_{ij}-\mu_{ij}` and Hessian
:math:`H_{ij}=\operatorname{diag}\mu_{ij}-\mu_{ij}\mu_{ij}'/Y_{ij}`. Exporter-year and importer-year effects are as many
as N grows, and leave in beta a bias of the order of its standard error. With :math:`H_i=\sum_jH_{ij}`, + the
Moore-Penrose inverse, :math:`\tilde x` fully residualised, :math:`n_p` live pairs and
:math:`W=\sum\mu\tilde x\tilde x'/n_p`,

.. math:: B_k = -\frac1N\sum_i\operatorname{tr}\Bigl[H_i^+\sum_jH_{ij}\tilde x_kS_{ij}'\Bigr]
                +\frac1{2N}\sum_i\operatorname{tr}\Bigl[H_i^+G_{ik}H_i^+\sum_jS_{ij}S_{ij}'\Bigr],\quad
          G_{ik}=-\sum_j(\operatorname{diag}(\tilde x_k)H_{ij}+H_{ij}\operatorname{diag}(\tilde x_k)),

D likewise over importers, and :math:`\text{bias}=W^{-1}[\tfrac N{N-1}\tfrac N{n_p}B+\tfrac M{M-1}\tfrac M{n_p}D]`.

Scores at fitted effects are too small. The corrected covariance, clustered by pair, multiplies one of the two scores of
each pair by :math:`(I-H_{ij}Q_{ij})^{-1}`, where :math:`Q_{ij}=\tilde xW^{-1}\tilde x'/n_p+D_{ij}S^+D_{ij}'` is its
exact leverage: exporters are eliminated from S year block by year block and one dense matrix of all importer-years is
inverted. In the two-way model beta has no bias of this order (Fernández-Val and Weidner 2016); S falls apart into years
and only the covariance is corrected.
"""

from dataclasses import dataclass

import numpy as np

from dostastyq.errors import DostastyqError
from dostastyq.gravity.inference import nearest_semidefinite
from dostastyq.gravity.problem import Covariance, FloatArray, Problem, Progress, Solution
from dostastyq.gravity.scores import residualised

_RANK = 1e-12
_REGULAR = 1e-10
_BLOWN_UP = 1e6
LARGEST = 4e9


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """Corrected coefficients and covariance.

    Parameters
    ----------
    beta
        Coefficients less their bias, (K,).
    bias
        Estimated bias, (K,); zero in the two-way model.
    covariance
        Clustered by directed pair, with exact leverage, times n_p/(n_p - 1).
    """

    beta: FloatArray
    bias: FloatArray
    covariance: Covariance


def correct(
    problem: Problem, solution: Solution, *, largest: float = LARGEST, progress: Progress | None = None
) -> Correction:
    """Correct a fit for the bias that its effects leave.

    Parameters
    ----------
    problem, solution
        What was fitted and the fit; three-way with directed pairs, or two-way; without weights.
    largest
        Most memory for the dense matrix of importer-years, bytes.
    progress
        Called with ``"bias"``, the exporters done and their number: the covariance takes nearly all the time.

    Returns
    -------
    Correction
        Errors are taken to be independent between pairs and free within a pair.

    Raises
    ------
    DostastyqError
        ``GR130`` for a model without a correction; ``GR131`` when the matrix would not fit in memory.

    Examples
    --------
    >>> from dostastyq.gravity.solve import solve
    >>> rng = np.random.default_rng(1)
    >>> trade, rta = rng.lognormal(size=(8, 8, 3)), rng.random((8, 8, 1, 3))
    >>> panel = Problem(trade, rta, np.ones(trade.shape, bool), ("rta",))
    >>> fixed = correct(panel, solve(panel))
    >>> fixed.bias.shape, fixed.covariance.kind
    ((1,), 'clustered by pair, corrected for leverage')
    """
    _check(problem, solution, largest)
    pairs = int(solution.live.any(axis=2).sum())
    bread = np.linalg.inv(solution.hessian)
    bias = np.zeros(len(solution.beta))
    leverage: _ThreeWay | _TwoWay
    if problem.effects == "three_way":
        bias = bread @ _score_bias(problem, solution)
        leverage = _ThreeWay.of(solution)
    else:
        leverage = _TwoWay.of(solution)
    meat = np.zeros_like(bread)
    for i, block in enumerate(residualised(problem, solution)):
        if progress:
            progress("bias", i, len(solution.live))
        x = block.transpose(0, 2, 1)
        rest = np.where(solution.live[i], problem.flows[i] - solution.fitted[i], 0.0)
        hessians, explained = leverage.blocks(i)
        inside = explained + np.einsum("jtk,kl,jsl->jts", x, bread, x)
        swollen = _solve(np.eye(x.shape[1]) - hessians @ inside, rest)
        meat += np.einsum("jtk,jt->jk", x, swollen).T @ np.einsum("jtk,jt->jk", x, rest)
    factor = pairs / (pairs - 1)
    matrix, repaired = nearest_semidefinite(factor * bread @ (0.5 * (meat + meat.T)) @ bread)
    words = "clustered by pair, corrected for leverage"
    return Correction(solution.beta - bias, bias, Covariance(matrix, words, {"pair": pairs}, "ppmlhdfe", repaired))


def _check(problem: Problem, solution: Solution, largest: float) -> None:
    """Refuse what has no correction, and what does not fit."""
    if problem.effects not in {"three_way", "two_way"}:
        raise DostastyqError(
            "GR130",
            f"there is no bias correction for {problem.effects.replace('_', ' ')} effects",
            "use directed pair effects, or exporter-year and importer-year effects alone",
        )
    if problem.weights is not None:
        raise DostastyqError("GR130", "there is no bias correction for weighted fits", "leave the weights out")
    size = 8.0 * solution.live.any(axis=0).sum() ** 2 if problem.effects == "three_way" else 0.0
    if 3 * size > largest:
        raise DostastyqError(
            "GR131",
            f"exact leverage needs {3 * size / 1e9:.1f} GB for {int(solution.live.any(axis=0).sum())} importer-years;"
            f" the limit is {largest / 1e9:.1f} GB",
            "raise `largest`, or take fewer years",
        )


def _score_bias(problem: Problem, solution: Solution) -> FloatArray:
    """W times bias times n_p: what the effects add to the score of beta, (K,)."""
    live, mu = solution.live, solution.fitted
    (n, m, years), k = mu.shape, len(solution.beta)
    total = mu.sum(axis=2)
    inverse = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    own = [_Sums.zero(size, k, years) for size in (n, m)]
    for i, x in enumerate(residualised(problem, solution)):
        rest = np.where(live[i], problem.flows[i] - mu[i], 0.0)
        weighted = x * mu[i][:, None]
        shares = mu[i] * inverse[i][:, None]
        own[0].hessian[i] = np.diag(mu[i].sum(axis=0)) - np.einsum("jt,js->ts", mu[i], shares)
        own[0].outer[i] = rest.T @ rest
        own[0].cross[i] = np.einsum("jkt,js->kts", weighted, rest)
        third = np.einsum("jkt,js->kts", weighted, shares)
        own[0].third[i] = third + third.swapaxes(1, 2)
        own[1].hessian[:] += np.einsum("jt,ts->jts", mu[i], np.eye(years)) - mu[i][:, :, None] * shares[:, None]
        own[1].outer[:] += rest[:, :, None] * rest[:, None]
        own[1].cross[:] += weighted[..., None] * rest[:, None, None]
        third = weighted[..., None] * shares[:, None, None]
        own[1].third[:] += third + third.swapaxes(2, 3)
    sides = (int(live.any(axis=(1, 2)).sum()), int(live.any(axis=(0, 2)).sum()))
    return np.asarray(sum(size / (size - 1) * sums.bias() for size, sums in zip(sides, own, strict=True)))


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Sums over the partners of each country: H_i, S S', H x S' and G; see the module's letters."""

    hessian: FloatArray
    outer: FloatArray
    cross: FloatArray
    third: FloatArray

    @classmethod
    def zero(cls, size: int, k: int, years: int) -> "_Sums":
        small, large = (size, years, years), (size, k, years, years)
        return cls(np.zeros(small), np.zeros(small), np.zeros(large), np.zeros(large))

    def bias(self) -> FloatArray:
        """N B_k: the diagonal part of G sums to zero over partners, x~ being free of exporter-year means."""
        inverse = np.linalg.pinv(self.hessian, rcond=_RANK, hermitian=True)
        first = np.einsum("its,ikst->k", inverse, self.cross)
        middle = inverse @ self.outer @ inverse
        return np.asarray(0.5 * np.einsum("its,ikst->k", middle, self.third) - first)


@dataclass(frozen=True, slots=True, eq=False)
class _ThreeWay:
    """Blocks of D S^+ D' with pair effects profiled out.

    ``hessian`` is H_ij as (mu, mu/Y); ``exporters`` H_i^+, (N, T, T); ``importers`` the inverse of what elimination of
    the exporters leaves, (M, T, M, T). S is singular, and any generalised inverse serves: scores lie in its range.
    """

    mu: FloatArray
    shares: FloatArray
    exporters: FloatArray
    importers: FloatArray

    @classmethod
    def of(cls, solution: Solution) -> "_ThreeWay":
        mu = solution.fitted
        n, m, years = mu.shape
        total = mu.sum(axis=2, keepdims=True)
        shares = mu * np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
        left = np.zeros((m, years, m, years))
        index = np.arange(m)
        exporters = np.empty((n, years, years))
        for i in range(n):
            blocks = _hessians(mu[i], shares[i])
            exporters[i] = np.linalg.pinv(blocks.sum(axis=0), rcond=_RANK, hermitian=True)
            left[index, :, index] += blocks
            flat = blocks.transpose(1, 0, 2).reshape(years, m * years)
            left -= (flat.T @ (exporters[i] @ flat)).reshape(m, years, m, years)
        inverse = _generalised_inverse(left, mu.sum(axis=0))
        return cls(mu, shares, exporters, inverse)

    def blocks(self, i: int) -> tuple[FloatArray, FloatArray]:
        """H_ij and D_ij S^+ D_ij' for all partners of exporter i, (M, T, T) each."""
        m, years = self.mu.shape[1:]
        blocks = _hessians(self.mu[i], self.shares[i])
        flat = blocks.transpose(1, 0, 2).reshape(years, m * years)
        inverse, dense = self.exporters[i], self.importers.reshape(m * years, m * years)
        half = inverse @ flat @ dense
        own = inverse + half @ flat.T @ inverse
        cross = -half.reshape(years, m, years).transpose(1, 0, 2)
        index = np.arange(m)
        return blocks, own + cross + cross.swapaxes(1, 2) + self.importers[index, :, index]


def _generalised_inverse(left: FloatArray, scale: FloatArray) -> FloatArray:
    """Inverse of what elimination of the exporters leaves, (M, T, M, T), on its range.

    Constants over the years of an importer and over the importers of a year are its null space; their projector is
    added. A sample in several pieces has more of it and takes the slow way, by eigenvalues.
    """
    m, years = scale.shape
    size = m * years
    live = scale.reshape(size) > 0
    root = np.where(live, 1 / np.sqrt(np.where(live, scale.reshape(size), 1.0)), 0.0)
    dense = root[:, None] * left.reshape(size, size) * root
    dense[~live, ~live] = 1.0
    null = np.concatenate((np.kron(np.eye(m), np.ones((years, 1))), np.kron(np.ones((m, 1)), np.eye(years))), axis=1)
    null *= np.sqrt(np.where(live, scale.reshape(size), 0.0))[:, None]
    basis, values, _ = np.linalg.svd(null, full_matrices=False)
    basis = basis[:, values > 1e-9 * values[0]]
    whole = dense + basis @ basis.T
    try:
        regular = float(np.diag(np.linalg.cholesky(whole)).min()) ** 2 > _REGULAR
    except np.linalg.LinAlgError:
        regular = False
    inverse = np.linalg.inv(whole) if regular else np.linalg.pinv(dense, rcond=_REGULAR, hermitian=True)
    inverse = 0.5 * root[:, None] * (inverse + inverse.T) * root
    return np.asarray(inverse.reshape(m, years, m, years))


def _hessians(mu: FloatArray, shares: FloatArray) -> FloatArray:
    """H_ij of all partners of one exporter, (M, T, T)."""
    return np.asarray(mu[:, :, None] * np.eye(mu.shape[1]) - mu[:, :, None] * shares[:, None])


@dataclass(frozen=True, slots=True, eq=False)
class _TwoWay:
    """Leverage of exporter-year and importer-year effects alone: diagonal within a pair, (N, M, T)."""

    mu: FloatArray
    explained: FloatArray

    @classmethod
    def of(cls, solution: Solution) -> "_TwoWay":
        mu = solution.fitted
        explained = np.empty_like(mu)
        for t in range(mu.shape[2]):
            weights = mu[:, :, t]
            rows, columns = weights.sum(axis=1), weights.sum(axis=0)
            across = np.divide(1.0, rows, out=np.zeros_like(rows), where=rows > 0)
            left = np.diag(columns) - weights.T @ (across[:, None] * weights)
            root = np.divide(1.0, np.sqrt(columns), out=np.zeros_like(columns), where=columns > 0)
            inverse = np.linalg.pinv(root[:, None] * left * root, rcond=_REGULAR, hermitian=True)
            inverse = root[:, None] * inverse * root
            half = across[:, None] * weights @ inverse
            own = across + np.einsum("ij,ij->i", half, weights) * across
            explained[:, :, t] = own[:, None] - 2 * half + np.diag(inverse)
        return cls(mu, explained)

    def blocks(self, i: int) -> tuple[FloatArray, FloatArray]:
        """diag(mu) and the leverage block for all partners of exporter i, (M, T, T) each."""
        unit = np.eye(self.mu.shape[2])
        return self.mu[i][:, :, None] * unit, self.explained[i][:, :, None] * unit


def _solve(matrices: FloatArray, right: FloatArray) -> FloatArray:
    """Solve for each pair; a cell that its own effects fit perfectly has no score to swell."""
    try:
        out = np.linalg.solve(matrices, right[..., None])[..., 0]
    except np.linalg.LinAlgError:
        out = np.full_like(right, np.inf)
    lost = ~(np.abs(out).max(axis=1) <= _BLOWN_UP * np.abs(right).max(axis=1))
    if lost.any():
        out[lost] = (np.linalg.pinv(matrices[lost], rcond=1e-8) @ right[lost][..., None])[..., 0]
    return np.asarray(out)
