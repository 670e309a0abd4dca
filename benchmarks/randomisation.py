"""Randomisation and lasso of gravity: CPU time a draw against a fit from nothing, and of a selection of provisions.

    python benchmarks/randomisation.py

One thread of the process, CPU time after a warm-up. A draw puts the years of treatment of three pairs on three others
and estimates again: warm, from what `dostastyq.gravity.refits` shares between draws, and cold, by the engine alone.
The panel is that of ``benchmarks/gravity.py``; the provisions are random, a fifth of them copies of one another.
"""

import os

os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import sys
import time
from dataclasses import replace

import numpy as np
import polars as pl

from dostastyq.gravity import lasso
from dostastyq.gravity.problem import FloatArray, Problem
from dostastyq.gravity.refits import Refits
from dostastyq.gravity.solve import solve
from gravity import workload

SIZES = ((50, 5), (50, 10), (80, 11), (100, 20))
DRAWS, COLD = 20, 3
PROVISIONS = 100


def treatment(n: int, years: int, draw: np.random.Generator) -> FloatArray:
    """Three pairs treated in the second half of the years, (N, N, T)."""
    x = np.zeros((n, n, years))
    for one, other in draw.choice(n, size=(3, 2), replace=False):
        x[one, other, years // 2 :] = x[other, one, years // 2 :] = 1.0
    return x


def with_treatment(problem: Problem, x: FloatArray) -> Problem:
    """Put the treatment before the regressors of a problem."""
    regressors = np.concatenate((x[:, :, None], problem.regressors), axis=2)
    return replace(problem, regressors=regressors, names=("treated", *problem.names))


def draws(n: int, years: int) -> str:
    """Time warm and cold draws of one size; a line of the table."""
    problem, draw = workload(n, years), np.random.default_rng(1)
    fit = solve(problem)
    start = time.process_time()
    base = Refits.of(replace(problem, regressors=problem.regressors[:, :, fit.columns], names=fit.names), fit.live)
    shared = time.process_time() - start
    columns = [treatment(n, years, draw) for _ in range(DRAWS)]
    base.coefficients(columns[0][None])
    start = time.process_time()
    warm = [base.coefficients(x[None])[0] for x in columns]
    each = (time.process_time() - start) / DRAWS
    start = time.process_time()
    cold = [solve(with_treatment(problem, x), separation="none") for x in columns[:COLD]]
    alone = (time.process_time() - start) / COLD
    apart = max(abs(value - other.beta[0]) for value, other in zip(warm, cold, strict=False) if other.columns[0] == 0)
    times = f"{shared:>8.3f} {1e3 * each:>10.1f} {1e3 * alone:>10.1f}"
    return f"{n:>4} x {years:<3} {times} {alone / each:>7.1f} {apart:>10.1e}"


def selection() -> str:
    """Time one selection of provisions, a fifth of them copies."""
    n, years = 40, 8
    draw = np.random.default_rng(2)
    e, m, t = np.indices((n, n, years)).reshape(3, -1)
    agreed = np.triu(draw.random((n, n)) < 0.4, 1)
    agreed, since = agreed | agreed.T, draw.integers(1, years, (n, n))
    since = np.minimum(since, since.T)
    columns = {
        f"p{k}": ((agreed & (draw.random((n, n)) < 0.5))[e, m] & (t >= since[e, m])).astype(float)
        for k in range(4 * PROVISIONS // 5)
    }
    columns |= {f"copy{k}": columns[f"p{k}"] for k in range(PROVISIONS - len(columns))}
    level = draw.normal(size=(n, years))[e, t] + draw.normal(size=(n, years))[m, t] + draw.normal(size=(n, n))[e, m]
    trade = np.exp(0.6 * columns["p0"] - 0.5 * columns["p1"] + level) * draw.gamma(10.0, 0.1, size=e.size)
    data = pl.DataFrame({"exporter": e, "importer": m, "year": t, "trade": trade, **columns})
    start = time.process_time()
    found = lasso("trade ~ 1 | exporter^year + importer^year + exporter^importer", data, list(columns))
    took = time.process_time() - start
    copies = sum(reason.startswith("same") for _, reason in found.dropped)
    return (
        f"lasso, {PROVISIONS} provisions, {n} x {n} x {years}: {took:.2f} s, {found.rounds.height} rounds, "
        f"{copies} copies set aside, selected {', '.join(found.selected)}"
    )


def main() -> int:
    """Print the tables."""
    solve(workload(20, 4))
    sys.stdout.write("    panel shared s  ms a draw  ms cold  ratio  apart\n")
    for n, years in SIZES:
        sys.stdout.write(draws(n, years) + "\n")
    sys.stdout.write(selection() + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
