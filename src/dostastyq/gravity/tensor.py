"""The panel as the solver holds it: one scaled copy of the flows, the caller's regressors, and the passes over them.

Flows are multiplied by their weights and divided by the mean, so that tolerances mean the same in any currency: the
weighted fit is the plain one of w y with log w in the offset. Effects of exporters and importers are stacked in arrays
of N + M rows, exporters first, with T columns (one column when they are constant over years).
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np

from dostastyq.gravity import passes
from dostastyq.gravity.problem import BoolArray, FloatArray, IntArray, Problem, mean_flow

MODES = {"one_way": 0, "two_way": 0, "three_way": 1, "three_way_symmetric": 2}
_DEAD = -1e4
THREADED_FROM = 500_000


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """What one full pass returns; arrays over exporters and importers are stacked, (N + M, ...).

    Parameters
    ----------
    loglik
        Log-likelihood of the scaled flows, up to a constant.
    lost
        Cells with a flow whose fit is next to nothing.
    score
        Observed less fitted sums of the effects, (N + M, T).
    gk
        X'(y - mu), (K,).
    cross
        D'HX, (N + M, K, T).
    xhx, xx
        X'HX, (K, K), and the raw second moments sum mu x^2, (K,).
    """

    loglik: float
    lost: int
    score: FloatArray
    gk: FloatArray
    cross: FloatArray
    xhx: FloatArray
    xx: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A panel ready for the passes; made by `build`.

    Parameters
    ----------
    y
        Weighted flows over their mean, (N, M, T), 0 in dead cells.
    x
        The caller's regressors, (N, M, K, T).
    cols
        Regressors in use.
    base
        Offset plus log weight, very low in dead cells, (N, M, T); an empty array when it is zero everywhere.
    total
        Observed total of the group of each pair, (N, M), 0 for dead pairs; 1 for live pairs without pair effects.
    mode
        0 no pair effects, 1 directed, 2 symmetric.
    constant
        Whether the effects of exporters and importers are constant over years.
    sums
        Observed sums of exporters and importers, (N + M, T).
    scale
        Mean that the flows were divided by.
    threads
        Threads of the compiled passes.
    compiled
        Whether the compiled passes are used.
    """

    y: FloatArray
    x: FloatArray
    cols: IntArray
    base: FloatArray
    total: FloatArray
    mode: int
    constant: bool
    sums: FloatArray
    scale: float
    threads: int
    compiled: bool
    _calls: list[int] = field(default_factory=lambda: [0])

    @property
    def exporters(self) -> int:
        """N."""
        return int(self.y.shape[0])

    @property
    def applications(self) -> int:
        """How often the operator was applied so far."""
        return int(self._calls[0])

    def with_columns(self, cols: IntArray) -> "Tensor":
        """Take the same panel with fewer regressors in use."""
        return replace(self, cols=cols)

    def newton(self, beta: FloatArray, effects: FloatArray, mu: FloatArray, *, full: bool = True) -> Pass:
        """One pass at (beta, effects); fills `mu`, and the blocks of the Hessian if `full`."""
        n, m, years = self.y.shape
        k = len(self.cols)
        a, b = self._spread(effects)
        shapes = ((n, years), (m, years), (k,), (n, k, years), (m, k, years), (k, k), (k,))
        logliks, sums = self._run(
            "newton_pass",
            (self.y, self.x, self.cols, self.base, beta, a, b, self.total, self.mode, full),
            shapes,
            before=(mu,),
        )
        ga, gb, gk, ca, cb, xhx, xx = sums
        score, cross = self._stack(ga, gb), self._stack(ca, cb)
        loglik, lost = (sum(parts) for parts in zip(*logliks, strict=True))
        return Pass(float(loglik), int(lost), score, gk, cross, _mirror(xhx), xx)

    def apply(self, mu: FloatArray, total: FloatArray, vectors: FloatArray, cols: IntArray) -> FloatArray:
        """D'HD times columns of stacked vectors (N + M, R, T); columns not asked for are zero."""
        n, m, years = self.y.shape
        r = vectors.shape[1]
        va, vb = self._spread(vectors)
        _, (oa, ob) = self._run("apply", (mu, total, self.mode), ((n, r, years), (m, r, years)), middle=(va, vb, cols))
        self._calls[0] += 1
        return self._stack(oa, ob)

    def moments(self, mu: FloatArray, total: FloatArray, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """D'Hz, (N + M, T), and X'Hz, (K,)."""
        n, m, years = self.y.shape
        shapes = ((n, years), (m, years), (len(self.cols),))
        head = (mu, total, self.mode, self.x, self.cols, z)
        _, (ga, gb, gk) = self._run("moments", head, shapes)
        return self._stack(ga, gb), gk

    def project(  # noqa: PLR0917 -- the arguments of the pass
        self, mu: FloatArray, total: FloatArray, z: FloatArray, beta: FloatArray, effects: FloatArray, out: FloatArray
    ) -> None:
        """Fitted values of a variable z into `out`, (N, M, T)."""
        a, b = self._spread(effects)
        self._run("project", (mu, total, self.mode, self.x, self.cols, z, beta, a, b), (), after=(out,))

    def scores(self, mu: FloatArray, projection: FloatArray) -> tuple[FloatArray, ...]:
        """Score sums by pair, exporter-year and importer-year, their outer products over cells, and the Hessian."""
        n, m, years = self.y.shape
        k = len(self.cols)
        pa, pb = self._spread(projection)
        pairs = np.zeros((n, m, k))
        shapes = ((n, k, years), (m, k, years), (k, k), (k, k))
        head = (self.y, mu, self.total, self.mode, self.x, self.cols, pa, pb)
        _, (sa, sb, meat, hessian) = self._run("scores", head, shapes, before=(pairs,))
        return pairs, sa, sb, _mirror(meat), _mirror(hessian)

    def change(self, beta: FloatArray, effects: FloatArray) -> float:
        """Largest change of a log flow for a change of coefficients and effects; its range in a pair with an effect."""
        left, right = self._spread(effects)
        largest = 0.0
        for i in range(self.exporters):
            eta = left[i] + right + np.einsum("jkt,k->jt", self.x[i][:, self.cols], beta)
            live = np.broadcast_to(self.total[i][:, None] > 0, eta.shape)
            if len(self.base):
                live = live & (self.base[i] > 0.5 * _DEAD)
            high = np.where(live, eta, -np.inf).max(axis=1)
            low = np.where(live, eta, np.inf).min(axis=1)
            span = high - low if self.mode else np.maximum(high, -low)
            largest = max(largest, float(span.max(initial=0.0, where=live.any(axis=1))))
        return largest

    def group(self, sums: FloatArray) -> FloatArray:
        """Totals over the cells that share a pair effect from sums by pair, (N, M)."""
        if self.mode == 0:
            return (sums > 0).astype(np.float64)
        return _group(sums, self.mode)

    def _spread(self, stacked: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Take exporters and importers apart, repeated over years where they are constant."""
        years = self.y.shape[2]
        if self.constant:
            stacked = np.repeat(stacked, years, axis=-1)
        return stacked[: self.exporters], stacked[self.exporters :]

    def _stack(self, left: FloatArray, right: FloatArray) -> FloatArray:
        """Stack exporters over importers, summed over years where effects are constant."""
        stacked = np.concatenate((left, right))
        return stacked.sum(axis=-1, keepdims=True) if self.constant else stacked

    def _run(
        self,
        name: str,
        head: tuple[Any, ...],
        shapes: tuple[tuple[int, ...], ...],
        *,
        middle: tuple[Any, ...] = (),
        before: tuple[Any, ...] = (),
        after: tuple[Any, ...] = (),
    ) -> tuple[list[Any], tuple[FloatArray, ...]]:
        """Run a pass over exporters, in threads with accumulators of their own, and add these up in order."""
        call: Callable[..., Any] = getattr(_module(compiled=self.compiled), name)

        def part(first: int, last: int) -> tuple[Any, list[FloatArray]]:
            sums = [np.zeros(shape) for shape in shapes]
            return call(*head, first, last, *middle, *before, *sums, *after), sums

        if not self.compiled or self.threads == 1:
            result, totals = part(0, self.exporters)
            return [result], tuple(totals)
        edges = _edges(self.exporters, self.threads, triangular=self.mode == 2).tolist()
        with ThreadPoolExecutor(self.threads) as pool:
            parts = list(pool.map(part, edges[:-1], edges[1:]))
        pieces = zip(*(sums for _, sums in parts), strict=True)
        return [own for own, _ in parts], tuple(np.sum(piece, axis=0) for piece in pieces)


def build(problem: Problem, live: BoolArray, *, threads: int | None = None, compiled: bool | None = None) -> Tensor:
    """Scale the flows and set up the passes.

    Parameters
    ----------
    problem
        Panel and model.
    live
        Cells of the estimation sample.
    threads
        Threads of the compiled passes; None is one up to half a million cells and two beyond that, if there are two.
    compiled
        Use the compiled passes; None does when numba is installed and DOSTASTYQ_NUMBA is not 0.

    Returns
    -------
    Tensor
    """
    whole = bool(live.all())
    y = problem.flows * problem.weights if problem.weights is not None else problem.flows.astype(np.float64)
    if not whole:
        y[~live] = 0.0
    scale = mean_flow(y, int(live.sum()))
    y /= scale
    base = np.empty((0, 0, 0))
    if not whole or problem.offset is not None or problem.weights is not None:
        base = np.zeros(y.shape) if problem.offset is None else problem.offset.copy()
        if problem.weights is not None:
            base += np.log(np.where(live, problem.weights, 1.0))
        base[~live] = _DEAD
    mode, constant = MODES[problem.effects], problem.effects == "one_way"
    sums = np.concatenate((y.sum(axis=1), y.sum(axis=0)))
    if constant:
        sums = sums.sum(axis=1, keepdims=True)
    compiled = has_numba() if compiled is None else compiled
    if threads is None:
        threads = 1 if y.size < THREADED_FROM else min(2, os.cpu_count() or 1)
    x = np.ascontiguousarray(problem.regressors, dtype=np.float64)
    cols = np.arange(x.shape[2])
    total = _totals(y, live, mode)
    return Tensor(y, x, cols, base, total, mode, constant, sums, scale, min(threads, len(y)), compiled)


def _totals(y: FloatArray, live: BoolArray, mode: int) -> FloatArray:
    """Totals of the pairs, (N, M); 1 for live pairs without pair effects."""
    return np.asarray(live.any(axis=2), dtype=np.float64) if mode == 0 else _group(np.asarray(y.sum(axis=2)), mode)


def _group(sums: FloatArray, mode: int) -> FloatArray:
    """Totals over the cells that share a pair effect from sums by pair, (N, M)."""
    return sums + sums.T - np.diag(np.diag(sums)) if mode == 2 else sums


def has_numba() -> bool:
    """Whether the compiled passes can and may be used."""
    return os.environ.get("DOSTASTYQ_NUMBA", "1") != "0" and find_spec("numba") is not None


def _module(*, compiled: bool) -> ModuleType:
    """Import the compiled passes when first needed, or take those in NumPy."""
    if not compiled:
        return passes
    from dostastyq.gravity import kernels  # noqa: PLC0415 -- numba takes half a second to import

    return kernels


def _edges(n: int, parts: int, *, triangular: bool) -> IntArray:
    """Bounds of the exporters of each thread; with symmetric pairs exporter i has M - i pairs to do."""
    shares = np.arange(parts + 1) / parts
    return np.round(n * (1 - np.sqrt(1 - shares) if triangular else shares)).astype(np.int64)


def _mirror(lower: FloatArray) -> FloatArray:
    """Symmetric matrix from its lower triangle."""
    return lower + np.tril(lower, -1).T
