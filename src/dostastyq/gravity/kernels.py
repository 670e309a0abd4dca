r"""Passes over the tensor, compiled: one read of the panel each, no array of its size in between.

A group is what shares a pair effect: one row of T cells for directed pairs (``mode`` 1), the rows ij and ji for
symmetric ones (``mode`` 2), or no group at all (``mode`` 0). With :math:`\eta_t = x_t'\beta + a_{it} + b_{jt} + o_t`
and the total :math:`Y` of a group, profiling the pair effect out gives

.. math:: \mu_t = Y e^{\eta_t}/\sum_s e^{\eta_s},\qquad
          \ell = \sum_t y_t\eta_t - Y\ln\sum_t e^{\eta_t},\qquad
          H = \operatorname{diag}\mu - \mu\mu'/Y .

Each kernel handles exporters ``first`` to ``last`` and adds into arrays of its own, so that several threads can share a
pass (``nogil``). Kernels are longer than other functions here: splitting them would read the panel twice. The same
passes in NumPy, for machines without numba and as a check, are in `dostastyq.gravity.passes`.
"""

# ruff: noqa: PLR0912, PLR0915, PLR0917 -- a pass takes plain arrays and reads the panel once

import math

import numba
import numpy as np

from dostastyq.gravity.problem import FloatArray, IntArray

FAST = {"reassoc", "contract", "nsz", "arcp"}
_LARGEST = 700.0
LOST = 1e-7


@numba.njit(nogil=True, cache=True, fastmath=FAST)
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
    """Fitted values, log-likelihood, score and the blocks of the Hessian.

    ``ga``, ``gb`` (N, T), (M, T) and ``gk`` (K,) gather the score; ``ca`` and ``cb`` (N, K, T), (M, K, T) the cross
    blocks D'HX; ``xhx`` (K, K) its lower triangle X'HX; ``xx`` (K,) the raw moments sum mu x^2. ``full`` False leaves
    out everything of X but the fit. A regressor that does not move within a group, as most agreements in most pairs, is
    nothing but its pair effect there and is passed over. Returns the log-likelihood and the number of cells whose fit
    is below LOST times the flow.
    """
    m, years, number = y.shape[1], y.shape[2], len(cols)
    based = base.shape[0] > 0
    eta = np.empty((2, years))
    h = np.empty((number, 2, years))
    moving = np.empty(number, dtype=np.int64)
    ll = 0.0
    lost = 0
    for i in range(first, last):
        for j in range(i if mode == 2 else 0, m):
            rows = 2 if mode == 2 and j > i else 1
            whole = total[i, j]
            if whole <= 0.0:
                for row in range(rows):
                    ii, jj = (i, j) if row == 0 else (j, i)
                    for t in range(years):
                        mu[ii, jj, t] = 0.0
                continue
            top = -1e300
            for row in range(rows):
                ii, jj = (i, j) if row == 0 else (j, i)
                line = eta[row]
                if based:
                    for t in range(years):
                        line[t] = a[ii, t] + b[jj, t] + base[ii, jj, t]
                else:
                    for t in range(years):
                        line[t] = a[ii, t] + b[jj, t]
                for k in range(number):
                    slope, xk = beta[k], x[ii, jj, cols[k]]
                    if slope != 0.0:
                        for t in range(years):
                            line[t] += slope * xk[t]
                for t in range(years):
                    top = max(top, line[t])
            if mode == 0:
                for t in range(years):
                    e = math.exp(min(eta[0, t], _LARGEST))
                    mu[i, j, t] = e
                    ll += y[i, j, t] * eta[0, t] - e
            else:
                mass = 0.0
                for row in range(rows):
                    ii, jj = (i, j) if row == 0 else (j, i)
                    for t in range(years):
                        shifted = eta[row, t] - top
                        ll += y[ii, jj, t] * shifted
                        e = math.exp(shifted)
                        mu[ii, jj, t] = e
                        mass += e
                ll -= whole * math.log(mass)
                scale = whole / mass
                for row in range(rows):
                    ii, jj = (i, j) if row == 0 else (j, i)
                    for t in range(years):
                        mu[ii, jj, t] *= scale
            for row in range(rows):
                ii, jj = (i, j) if row == 0 else (j, i)
                line, fit, flow = eta[row], mu[ii, jj], y[ii, jj]
                for t in range(years):
                    r = flow[t] - fit[t]
                    lost += fit[t] < LOST * flow[t]
                    line[t] = r
                    ga[ii, t] += r
                    gb[jj, t] += r
            if not full:
                continue
            movers = 0
            for k in range(number):
                mean = 0.0
                score = 0.0
                square = 0.0
                differs = 0
                anchor = x[i, j, cols[k], 0]
                for row in range(rows):
                    ii, jj = (i, j) if row == 0 else (j, i)
                    line, fit, xk = eta[row], mu[ii, jj], x[ii, jj, cols[k]]
                    for t in range(years):
                        differs += xk[t] != anchor
                        weighted = fit[t] * xk[t]
                        mean += weighted
                        square += weighted * xk[t]
                        score += line[t] * xk[t]
                xx[k] += square
                if mode != 0 and differs == 0:
                    continue
                gk[k] += score
                mean = mean / whole if mode != 0 else 0.0
                moving[movers] = k
                movers += 1
                for row in range(rows):
                    ii, jj = (i, j) if row == 0 else (j, i)
                    fit, xk, hk = mu[ii, jj], x[ii, jj, cols[k]], h[k, row]
                    ak, bk = ca[ii, k], cb[jj, k]
                    for t in range(years):
                        value = fit[t] * (xk[t] - mean)
                        hk[t] = value
                        ak[t] += value
                        bk[t] += value
                    for at in range(movers):
                        xl = x[ii, jj, cols[moving[at]]]
                        product = 0.0
                        for t in range(years):
                            product += hk[t] * xl[t]
                        xhx[k, moving[at]] += product
    return ll, lost


@numba.njit(nogil=True, cache=True, fastmath=FAST)
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
    """D'HDv for the columns ``cols`` of va (N, R, T) and vb (M, R, T): one read of mu."""
    m, years = mu.shape[1], mu.shape[2]
    u = np.empty((2, years))
    for i in range(first, last):
        for j in range(i if mode == 2 else 0, m):
            whole = total[i, j]
            if whole <= 0.0:
                continue
            rows = 2 if mode == 2 and j > i else 1
            for at in range(len(cols)):
                r = cols[at]
                mean = 0.0
                for row in range(rows):
                    ii, jj = (i, j) if row == 0 else (j, i)
                    fit, left, right, line = mu[ii, jj], va[ii, r], vb[jj, r], u[row]
                    for t in range(years):
                        value = left[t] + right[t]
                        line[t] = value
                        mean += fit[t] * value
                mean = mean / whole if mode != 0 else 0.0
                for row in range(rows):
                    ii, jj = (i, j) if row == 0 else (j, i)
                    fit, left, right, line = mu[ii, jj], oa[ii, r], ob[jj, r], u[row]
                    for t in range(years):
                        value = fit[t] * (line[t] - mean)
                        left[t] += value
                        right[t] += value


@numba.njit(nogil=True, cache=True, fastmath=FAST)
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
    """D'Hz and X'Hz of a variable z (N, M, T); used by the rectifier."""
    m, years, number = mu.shape[1], mu.shape[2], len(cols)
    u = np.empty((2, years))
    for i in range(first, last):
        for j in range(i if mode == 2 else 0, m):
            whole = total[i, j]
            if whole <= 0.0:
                continue
            rows = 2 if mode == 2 and j > i else 1
            mean = 0.0
            for row in range(rows):
                ii, jj = (i, j) if row == 0 else (j, i)
                for t in range(years):
                    mean += mu[ii, jj, t] * z[ii, jj, t]
            mean = mean / whole if mode != 0 else 0.0
            for row in range(rows):
                ii, jj = (i, j) if row == 0 else (j, i)
                fit, value, line = mu[ii, jj], z[ii, jj], u[row]
                for t in range(years):
                    line[t] = fit[t] * (value[t] - mean)
                    ga[ii, t] += line[t]
                    gb[jj, t] += line[t]
                for k in range(number):
                    xk = x[ii, jj, cols[k]]
                    product = 0.0
                    for t in range(years):
                        product += line[t] * xk[t]
                    gk[k] += product


@numba.njit(nogil=True, cache=True, fastmath=FAST)
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
    """Fitted values x'beta + a + b + c of a variable z, c being the weighted mean of what is left over a group."""
    m, years, number = mu.shape[1], mu.shape[2], len(cols)
    u = np.empty((2, years))
    for i in range(first, last):
        for j in range(i if mode == 2 else 0, m):
            whole = total[i, j]
            rows = 2 if mode == 2 and j > i else 1
            mean = 0.0
            for row in range(rows):
                ii, jj = (i, j) if row == 0 else (j, i)
                line, fit, value = u[row], mu[ii, jj], z[ii, jj]
                for t in range(years):
                    line[t] = a[ii, t] + b[jj, t]
                for k in range(number):
                    slope, xk = beta[k], x[ii, jj, cols[k]]
                    for t in range(years):
                        line[t] += slope * xk[t]
                for t in range(years):
                    mean += fit[t] * (value[t] - line[t])
            mean = mean / whole if mode != 0 and whole > 0.0 else 0.0
            for row in range(rows):
                ii, jj = (i, j) if row == 0 else (j, i)
                for t in range(years):
                    out[ii, jj, t] = u[row, t] + mean if mu[ii, jj, t] > 0.0 else 0.0


@numba.njit(nogil=True, cache=True, fastmath=FAST)
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
    """Add up the scores x~ (y - mu) by pair (N, M, K), exporter-year (N, K, T) and importer-year (M, K, T).

    Also, in lower triangles, their outer products over cells, (K, K), and the Hessian sum mu x~ x~', (K, K).
    """
    m, years, number = mu.shape[1], mu.shape[2], len(cols)
    xt = np.empty((number, 2, years))
    for i in range(first, last):
        for j in range(i if mode == 2 else 0, m):
            whole = total[i, j]
            if whole <= 0.0:
                continue
            rows = 2 if mode == 2 and j > i else 1
            for k in range(number):
                mean = 0.0
                for row in range(rows):
                    ii, jj = (i, j) if row == 0 else (j, i)
                    fit, xk, line, left, right = mu[ii, jj], x[ii, jj, cols[k]], xt[k, row], pa[ii, k], pb[jj, k]
                    for t in range(years):
                        value = xk[t] - left[t] - right[t]
                        line[t] = value
                        mean += fit[t] * value
                mean = mean / whole if mode != 0 else 0.0
                for row in range(rows):
                    line = xt[k, row]
                    for t in range(years):
                        line[t] -= mean
            for row in range(rows):
                ii, jj = (i, j) if row == 0 else (j, i)
                fit, flow = mu[ii, jj], y[ii, jj]
                for k in range(number):
                    line, left, right = xt[k, row], sa[ii, k], sb[jj, k]
                    whole_score = 0.0
                    for t in range(years):
                        value = line[t] * (flow[t] - fit[t])
                        whole_score += value
                        left[t] += value
                        right[t] += value
                    pairs[ii, jj, k] = whole_score
                    for el in range(k + 1):
                        other = xt[el, row]
                        product = 0.0
                        square = 0.0
                        for t in range(years):
                            r = flow[t] - fit[t]
                            both = line[t] * other[t]
                            product += fit[t] * both
                            square += r * r * both
                        hessian[k, el] += product
                        meat[k, el] += square
