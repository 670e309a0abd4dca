"""The passes of `dostastyq.gravity.kernels` in plain NumPy: the same sums, more memory, no compiler.

Names and arguments are those of the kernels. Exporters ``first`` to ``last`` are all exporters here: threads are for
the compiled kernels only. See there for the equations.
"""

# ruff: noqa: ARG001, PLR0917 -- the signatures are those of the kernels

import numpy as np

from dostastyq.gravity.problem import FloatArray, IntArray

_LARGEST = 700.0
_LOST = 1e-7


def _group(sums: FloatArray, mode: int) -> FloatArray:
    """Add sums by pair (N, M, ...) up over the cells that share a pair effect."""
    if mode != 2:
        return sums
    both = sums + sums.swapaxes(0, 1)
    index = np.arange(len(sums))
    both[index, index] = sums[index, index]
    return both


def _mean(sums: FloatArray, total: FloatArray, mode: int) -> FloatArray:
    """Weighted means over groups from sums by pair, 0 where there is no group."""
    if mode == 0:
        return np.zeros_like(sums)
    shape = total.shape + (1,) * (sums.ndim - 2)
    return _group(sums, mode) / np.where(total > 0, total, 1.0).reshape(shape)


def newton_pass(
    y: FloatArray,
    x: FloatArray,
    cols: IntArray,
    base: FloatArray,
    beta: FloatArray,
    a: FloatArray,
    b: FloatArray,
    total: FloatArray,
    mode: int,
    full: bool,
    first: int,
    last: int,
    mu: FloatArray,
    ga: FloatArray,
    gb: FloatArray,
    gk: FloatArray,
    ca: FloatArray,
    cb: FloatArray,
    xhx: FloatArray,
    xx: FloatArray,
) -> tuple[float, int]:
    """Fitted values, log-likelihood, score and the blocks of the Hessian."""
    eta = a[:, None] + b[None]
    if len(base):
        eta = eta + base
    for k, col in enumerate(cols):
        eta += beta[k] * x[:, :, col]
    live = (total > 0)[:, :, None]
    if mode == 0:
        mu[:] = np.where(live, np.exp(np.minimum(eta, _LARGEST)), 0.0)
        ll = float((y * eta * live).sum() - mu.sum())
    else:
        top = eta.max(axis=2)
        eta -= (np.maximum(top, top.T) if mode == 2 else top)[:, :, None]
        np.exp(eta, out=mu)
        mass = _group(mu.sum(axis=2), mode)
        shares = np.where(total > 0, _half(total, mode) * np.log(mass), 0.0)
        ll = float((y * eta).sum() - shares.sum())
        mu *= np.where(total > 0, total / mass, 0.0)[:, :, None]
    lost = int((mu < _LOST * y).sum())
    rest = y - mu
    ga += rest.sum(axis=1)
    gb += rest.sum(axis=0)
    if not full:
        return ll, lost
    h = np.empty((len(cols), *mu.shape))
    for k, col in enumerate(cols):
        xk = x[:, :, col]
        weighted = mu * xk
        gk[k] += (rest * xk).sum()
        xx[k] += (weighted * xk).sum()
        h[k] = weighted - mu * _mean(weighted.sum(axis=2), total, mode)[:, :, None]
        ca[:, k] += h[k].sum(axis=1)
        cb[:, k] += h[k].sum(axis=0)
        for el in range(k + 1):
            xhx[k, el] += (h[k] * x[:, :, cols[el]]).sum()
    return ll, lost


def _half(total: FloatArray, mode: int) -> FloatArray:
    """Totals such that a sum over all (i, j) counts each group once."""
    return total * (0.5 + 0.5 * np.eye(len(total))) if mode == 2 else total


def apply(
    mu: FloatArray,
    total: FloatArray,
    mode: int,
    first: int,
    last: int,
    va: FloatArray,
    vb: FloatArray,
    cols: IntArray,
    oa: FloatArray,
    ob: FloatArray,
) -> None:
    """D'HDv for the columns ``cols`` of va (N, R, T) and vb (M, R, T)."""
    for r in cols:
        h = mu * (va[:, r][:, None] + vb[:, r][None])
        h -= mu * _mean(h.sum(axis=2), total, mode)[:, :, None]
        oa[:, r] += h.sum(axis=1)
        ob[:, r] += h.sum(axis=0)


def moments(
    mu: FloatArray,
    total: FloatArray,
    mode: int,
    x: FloatArray,
    cols: IntArray,
    z: FloatArray,
    first: int,
    last: int,
    ga: FloatArray,
    gb: FloatArray,
    gk: FloatArray,
) -> None:
    """D'Hz and X'Hz of a variable z (N, M, T)."""
    h = mu * z
    h -= mu * _mean(h.sum(axis=2), total, mode)[:, :, None]
    ga += h.sum(axis=1)
    gb += h.sum(axis=0)
    for k, col in enumerate(cols):
        gk[k] += (h * x[:, :, col]).sum()


def project(
    mu: FloatArray,
    total: FloatArray,
    mode: int,
    x: FloatArray,
    cols: IntArray,
    z: FloatArray,
    beta: FloatArray,
    a: FloatArray,
    b: FloatArray,
    first: int,
    last: int,
    out: FloatArray,
) -> None:
    """Fitted values x'beta + a + b + c of a variable z."""
    np.add(a[:, None], b[None], out=out)
    for k, col in enumerate(cols):
        out += beta[k] * x[:, :, col]
    out += _mean((mu * (z - out)).sum(axis=2), total, mode)[:, :, None]
    out[mu <= 0] = 0.0


def scores(
    y: FloatArray,
    mu: FloatArray,
    total: FloatArray,
    mode: int,
    x: FloatArray,
    cols: IntArray,
    pa: FloatArray,
    pb: FloatArray,
    first: int,
    last: int,
    pairs: FloatArray,
    sa: FloatArray,
    sb: FloatArray,
    meat: FloatArray,
    hessian: FloatArray,
) -> None:
    """Add up the scores x~ (y - mu), their outer products over cells, and the Hessian."""
    xt = np.empty((len(cols), *mu.shape))
    rest = y - mu
    for k, col in enumerate(cols):
        xt[k] = x[:, :, col] - pa[:, k][:, None] - pb[:, k][None]
        xt[k] -= _mean((mu * xt[k]).sum(axis=2), total, mode)[:, :, None]
        xt[k] *= (total > 0)[:, :, None]
        score = xt[k] * rest
        pairs[:, :, k] = score.sum(axis=2)
        sa[:, k] += score.sum(axis=1)
        sb[:, k] += score.sum(axis=0)
        for el in range(k + 1):
            hessian[k, el] += (mu * xt[k] * xt[el]).sum()
            meat[k, el] += (score * rest * xt[el]).sum()
