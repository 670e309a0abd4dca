"""Three-way PPML: CPU time by size, growth, memory, and the ratio to pyfixest (and to R's fixest where R is present).

    python benchmarks/gravity.py

One thread of the process, BLAS held to one thread, CPU time after one warm-up, best of as many runs as take two
seconds and of at least three, the rival likewise: other work on a machine only adds to a time. The compilation is paid
by the first call of a machine, is kept on disk, and is reported. The panel: all pairs of N countries over T years with
domestic flows, eight regressors (agreements with a lag and depth, a membership, sanctions, borders by period), a third
of the flows zero, errors serially correlated; standard errors clustered by pair. Flows span more than ten orders of
magnitude. Needs the ``oracle`` dependencies for the ratio.
"""

import os

os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from dostastyq.gravity.inference import covariance
from dostastyq.gravity.problem import Problem, Solution
from dostastyq.gravity.solve import solve

SIZES = ((50, 5), (50, 10), (50, 20), (100, 5), (100, 10), (100, 20), (200, 5), (200, 10), (200, 20))
GOALS = {(100, 20): 0.3, (200, 20): 1.0}
AGAINST = ((50, 5), (50, 10), (50, 20), (100, 5))
GOAL_RATIO, GOAL_RATIO_R, GOAL_BYTES = 150, 10, 80
ENOUGH = 2.0
NAMES = ("rta", "rta_lag", "deep", "members", "sanctions", "border_2", "border_3", "border_4")


def workload(n: int, years: int, seed: int = 0) -> Problem:
    """Random panel of n countries."""
    draw = np.random.default_rng(seed)
    t = np.arange(years)
    home = np.eye(n, dtype=bool)
    mass = [draw.normal(0, 2, (n, 1)) + draw.normal(0, 0.1, (n, years)).cumsum(axis=1) for _ in range(2)]
    place = draw.uniform(0, 1, (n, 2))
    distance = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1)) + 0.05
    pair = -1.5 * np.log(distance) + draw.normal(0, 0.7, (n, n)) + 4 * home
    x = np.zeros((n, n, len(NAMES), years))
    agreed = np.triu(draw.random((n, n)) < 0.4, 1)
    since = np.triu(draw.integers(1, years + 3, (n, n)), 1)
    agreed, since = agreed | agreed.T, since + since.T
    x[:, :, 0] = agreed[..., None] & (t >= since[..., None])
    x[:, :, 1, 1:] = x[:, :, 0, :-1]
    deep = np.triu(agreed & (draw.random((n, n)) < 0.4), 1)
    x[:, :, 2] = (deep | deep.T)[..., None] & (t >= since[..., None] + 1)
    entry = draw.integers(0, 2 * years, n)
    x[:, :, 3] = (t >= np.maximum(entry[:, None], entry)[..., None]) & ~home[..., None]
    begun = draw.integers(0, years, (n, n, 1))
    x[:, :, 4] = ((draw.random((n, n)) < 0.02) & ~home)[..., None] & (t >= begun) & (t < begun + 4)
    for period in range(3):
        x[:, :, 5 + period] = ~home[..., None] & (t >= (period + 1) * years // 4) & (t < (period + 2) * years // 4)
    noise = draw.normal(0, 0.5, (n, n, years))
    for year in range(1, years):
        noise[..., year] = 0.6 * noise[..., year - 1] + 0.8 * noise[..., year]
    beta = np.array([0.3, 0.1, 0.2, 0.15, -0.5, 0.05, 0.1, 0.12])
    flows = np.exp(mass[0][:, None] + mass[1] + pair[..., None] + np.einsum("ijkt,k->ijt", x, beta) + noise)
    chance = 0.15 + 0.35 * (flows < np.quantile(flows, 0.4))
    flows[(draw.random(flows.shape) < chance) & ~home[..., None]] = 0.0
    flows[(draw.random((n, n)) < 0.08) & ~home] = 0.0
    return Problem(flows, x, np.ones(flows.shape, dtype=bool), NAMES)


def estimate(problem: Problem) -> tuple[Solution, np.ndarray]:
    """Fit and standard errors, as measured."""
    solution = solve(problem, threads=1)
    return solution, covariance(problem, solution, ["pair"]).standard_errors


def cpu(run: Callable[[], object], least: int = 3) -> float:
    """Least CPU time of a run after a warm-up, seconds."""
    run()
    times: list[float] = []
    while len(times) < least or sum(times) < ENOUGH:
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def compilation() -> tuple[float, float]:
    """CPU seconds of the first fit with nothing compiled, and of the first fit of a process with kernels on disk."""
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[1]); from gravity import estimate, workload\n"
        "problem = workload(10, 3); start = time.process_time(); estimate(problem)\n"
        "print(time.process_time() - start)"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NUMBA_CACHE_DIR": folder}
        command = [sys.executable, "-c", code, str(Path(__file__).parent)]
        times = [
            float(subprocess.run(command, env=environment, check=True, capture_output=True).stdout) for _ in range(2)
        ]
    return times[0], times[1]


def memory(problem: Problem) -> float:
    """Peak bytes a cell above the panel that goes in."""
    estimate(problem)
    tracemalloc.start()
    estimate(problem)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / problem.flows.size


def table(problem: Problem) -> dict[str, np.ndarray]:
    """Columns of the panel, as other packages take it."""
    i, j, t = (index.ravel() for index in np.indices(problem.flows.shape))
    years, m = problem.flows.shape[2], problem.flows.shape[1]
    columns = {"y": problem.flows.ravel(), "it": i * years + t, "jt": j * years + t, "ij": i * m + j}
    return columns | {name: problem.regressors[:, :, k].ravel() for k, name in enumerate(problem.names)}


def pyfixest(problem: Problem) -> tuple[float, np.ndarray, np.ndarray]:
    """CPU seconds, coefficients and standard errors of pyfixest at tolerance 1e-8, best of three."""
    import pandas as pd  # noqa: PLC0415 -- the rival is optional
    import pyfixest as pf  # noqa: PLC0415

    frame = pd.DataFrame(table(problem))
    times = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(3):
            start = time.process_time()
            fit = pf.fepois(
                f"y ~ {' + '.join(problem.names)} | it + jt + ij",
                data=frame,
                vcov={"CRV1": "ij"},
                ssc=pf.ssc(k_adj=False),
                iwls_tol=1e-8,
                fixef_tol=1e-8,
                fixef_maxiter=100_000,
                separation_check=["fe"],
            )
            times.append(time.process_time() - start)
    return min(times), fit.coef().to_numpy(), fit.se().to_numpy()


def fixest(problem: Problem) -> float | None:
    """CPU seconds of R's fixest on one thread, None where R or fixest is missing."""
    if shutil.which("Rscript") is None:
        return None
    script = (
        "a <- commandArgs(TRUE); suppressMessages(library(fixest)); setFixest_nthreads(1); d <- read.csv(a[1])\n"
        "s <- proc.time(); f <- fepois(as.formula(a[2]), d, vcov = ~ij, glm.tol = 1e-8, fixef.tol = 1e-8)\n"
        "e <- proc.time() - s; cat(e[['user.self']] + e[['sys.self']])"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "panel.csv"
        columns = table(problem)
        np.savetxt(path, np.stack(list(columns.values()), axis=1), delimiter=",", header=",".join(columns), comments="")
        formula = f"y ~ {' + '.join(problem.names)} | it + jt + ij"
        done = subprocess.run(
            ["Rscript", "-e", script, str(path), formula], check=False, capture_output=True, text=True
        )
    return float(done.stdout) if done.returncode == 0 else None


def verdict(*, met: bool) -> str:
    return "meets" if met else "MISSES"


def main() -> None:
    first, later = compilation()
    print(f"first fit with nothing compiled {first:.1f} s, first fit of a later process {later:.2f} s")
    times, cells = {}, {}
    for size in SIZES:
        problem = workload(*size)
        times[size], cells[size] = cpu(partial(estimate, problem)), problem.flows.size
        solution, _ = estimate(problem)
        mark = solution.certificate
        goal = f"  {verdict(met=times[size] <= GOALS[size])} the goal of {GOALS[size]} s" if size in GOALS else ""
        print(
            f"{size[0]:>4} x {size[1]:<3} {mark.observations:>7} rows  {times[size]:7.3f} s  {mark.iterations} steps,"
            f" {mark.inner_iterations} operator calls, sums to {mark.adding_up:.0e}{goal}"
        )
    for fixed, axis in ((20, "N"), (200, "T")):
        used = [size for size in SIZES if size[1 if axis == "N" else 0] == fixed]
        along = np.log([size[0 if axis == "N" else 1] for size in used])
        print(
            f"growth in {axis} at {fixed}: {np.polyfit(along, np.log([times[size] for size in used]), 1)[0]:.2f}",
            end="; ",
        )
    slope = np.polyfit(np.log([cells[size] for size in SIZES]), np.log([times[size] for size in SIZES]), 1)[0]
    print(f"in cells: {slope:.2f}")
    bytes_a_cell = memory(workload(200, 20))
    met = verdict(met=bytes_a_cell <= GOAL_BYTES)
    print(f"peak memory above the panel {bytes_a_cell:.0f} bytes a cell, {met} {GOAL_BYTES}")
    against_pyfixest(times)
    taken = fixest(workload(50, 10))
    if taken is None:
        print("R or its package fixest is not here; no ratio to it")
    else:
        ratio = taken / times[50, 10]
        print(f"50 x 10: fixest {taken:.2f} s, {ratio:.0f}x, {verdict(met=ratio >= GOAL_RATIO_R)} {GOAL_RATIO_R}x")


def against_pyfixest(times: dict[tuple[int, int], float]) -> None:
    """Print the ratio to pyfixest, warmed up, and how far the estimates are apart."""
    try:
        pyfixest(workload(10, 3))
    except ImportError as error:
        print(f"pyfixest is not installed ({error}); no ratio")
        return
    for size in AGAINST:
        problem = workload(*size)
        solution, errors = estimate(problem)
        theirs, beta, their_errors = pyfixest(problem)
        ratio = theirs / min(times[size], cpu(partial(estimate, problem)))
        apart = (np.abs(beta - solution.beta).max(), np.abs(their_errors / errors - 1).max())
        print(
            f"{size[0]} x {size[1]}: pyfixest {theirs:.2f} s, {ratio:,.0f}x,"
            f" {verdict(met=ratio >= GOAL_RATIO)} {GOAL_RATIO}x;"
            f" coefficients differ by {apart[0]:.0e}, standard errors by {apart[1]:.0e}"
        )


if __name__ == "__main__":
    main()
