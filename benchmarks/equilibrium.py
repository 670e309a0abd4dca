"""One counterfactual with sectors: CPU time, the ratio to a dense exact Newton method, and to the memory's limit.

    python benchmarks/equilibrium.py [--dense-77]

CPU time of the process, best of nine after a warm-up, BLAS held to one thread, tolerance 1e-10 on every equation of the
certificate. 31 x 40 is NAFTA 1993 (Caliendo and Parro 2015; DOSTASTYQ_DATA names the folder of the data), 77 x 45 a
synthetic world. The limit is the time in which one core reads the kernels and input shares as often as the solver
sweeps over them, at the speed of dot products measured in the same run: of long vectors, from memory, and of vectors
as large as the problem, which caches hold. The dense Newton method
is exact: analytic Jacobian in N wages, prices and expenditure by LU factors of NJ x NJ matrices, solved to 1e-10 too;
for 77 x 45 it takes minutes and is asked for with ``--dense-77``.
"""

import os

os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dostastyq.equilibrium import Economy, Shock, calibrate
from dostastyq.equilibrium.sectors.system import Change, System, apply

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("DOSTASTYQ_DATA", ROOT.parent / "shared" / "data"))
GOALS = {"31x40": 15.0, "77x45": 25.0}
Array = NDArray[np.float64]


def cpu(call: Callable[[], object], repeats: int = 9) -> float:
    """Least CPU time of `repeats` calls after one warm-up, seconds."""
    call()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


def nafta() -> tuple[Economy, Array]:
    """Balanced base of 1993 and NAFTA's tariffs of 2005."""
    data = np.load(DATA / "cp2015" / "nafta_1993.npz")
    shares, before, after = (data[name].transpose(2, 0, 1) for name in ("pi_nij", "tau_nij_bln", "tau_nij_cfl"))
    economy = Economy.from_shares(
        shares, data["X_nj"].T, before, data["theta_j"], data["gamma_nj"].T, data["gamma_nkj"], data["alpha_nj"].T,
        deficits="zero",
    )  # fmt: skip
    return economy, after


def synthetic(states: int, sectors: int) -> Economy:
    """Make a world of gravity: lognormal sizes, random places, tariffs to 20 %, half of output made of inputs."""
    rng = np.random.default_rng(states)
    mass, place = rng.lognormal(0, 1.5, states), rng.uniform(0, 1, (states, 2))
    distance = np.hypot(*(place[:, None] - place[None]).T) + 0.05
    flows = 0.02 * np.outer(mass, mass) / distance / mass.sum() * rng.lognormal(0, 1, (sectors, states, states))
    home = np.eye(states, dtype=bool)
    flows[:, home] = mass * rng.lognormal(0, 0.3, (sectors, states))
    tariffs = rng.uniform(0, 0.2, flows.shape) * ~home
    inputs = 0.5 * rng.dirichlet(np.ones(sectors), (states, sectors)).transpose(0, 2, 1)
    return calibrate(flows, rng.uniform(2, 12, sectors), tariffs, inputs)


class DenseNewton:
    """Exact Newton on N log wages; NJ x NJ systems by LU. A peer to compare with, no part of the product."""

    def __init__(self, system: System) -> None:
        base = system.base
        self.system, self.base = system, base
        self.keep = 1 / (1 + (0.0 if system.tariffs is None else system.tariffs)) * np.ones_like(base.shares)
        self.theta = base.theta[:, None, None]
        self.price = np.zeros(base.output.size)

    def prices(self, wage: Array) -> tuple[Array, Array, Array]:
        """Shares, log costs, and the matrix of the price system, at the root in log prices."""
        base, shape = self.base, self.base.output.shape
        while True:
            price = self.price.reshape(shape)
            cost = base.value_added * wage + np.einsum("nkj,kn->jn", base.inputs, price)
            weight = self.system.kernel * np.exp(-base.theta[:, None] * cost)[:, None, :]
            phi = weight.sum(axis=2)
            shares = weight / phi[:, :, None]
            gap = (price + np.log(phi) / base.theta[:, None]).ravel()
            matrix = -np.einsum("jni,ikj->jnki", shares, base.inputs).reshape(gap.size, gap.size)
            matrix.flat[:: gap.size + 1] += 1
            if np.abs(gap).max() < 1e-12:
                return shares, cost, matrix
            self.price = self.price - np.linalg.solve(matrix, gap)

    def step(self, wage: Array) -> tuple[Array, float]:
        """Newton step in log wages and the largest excess demand before it."""
        base, (sectors, states) = self.base, self.base.output.shape
        shares, _, matrix = self.prices(wage)
        moved = np.einsum("jni,ji->jni", shares, base.value_added).reshape(-1, states)
        price = np.linalg.solve(matrix, moved).reshape(sectors, states, states)
        cost = np.einsum("nkj,knd->jnd", base.inputs, price)
        cost[:, np.arange(states), np.arange(states)] += base.value_added
        kept = shares * self.keep
        duty = (shares - kept).sum(axis=2)
        demand = np.einsum("njk,kmn->jnkm", base.inputs, kept)
        demand[:, np.arange(states), :, np.arange(states)] += np.einsum("jn,kn->njk", base.final_shares, duty)
        demand = -demand.reshape(sectors * states, -1)
        demand.flat[:: len(demand) + 1] += 1
        income = np.exp(wage) * base.income
        spent = np.linalg.solve(demand, (base.final_shares * (income + self.system.deficit)).ravel())
        flows = kept * spent.reshape(sectors, states, 1)
        sold, duties = flows.sum(axis=1), (shares - kept) * spent.reshape(sectors, states, 1)
        right = np.zeros((sectors, states, states))
        turn = np.zeros((sectors, states, states))
        for d in range(states):
            change = -self.theta * (cost[:, None, :, d] - price[:, :, None, d])
            turn[:, :, d] = (flows * change).sum(axis=1)
            right[:, :, d] = np.einsum("njk,kn->jn", base.inputs, turn[:, :, d])
            right[:, :, d] += base.final_shares * (duties * change).sum(axis=(0, 2))
            right[:, d, d] += base.final_shares[:, d] * income[d]
        more = np.linalg.solve(demand, right.reshape(-1, states)).reshape(sectors, states, states)
        output = turn + np.einsum("jni,jnd->jid", kept, more)
        earned = (base.value_added * sold).sum(axis=0)
        slope = np.einsum("jn,jnm->nm", base.value_added, output) / earned[:, None] - np.eye(states)
        slope += income / income.sum()
        excess = np.log(earned / income)
        return np.linalg.solve(slope, -excess), float(np.abs(excess).max())

    def solve(self) -> tuple[Array, int]:
        """Log wages at the root, and the steps taken."""
        wage, self.price = np.zeros(len(self.base.income)), np.zeros(self.base.output.size)
        for taken in range(30):
            move, excess = self.step(wage)
            if excess < 1e-10:
                return wage, taken
            wage = wage + move
            wage -= np.log((np.exp(wage) * self.base.income).sum() / self.base.income.sum())
        raise RuntimeError("the dense Newton method did not converge")


def reading_speed(size: int) -> float:
    """Bytes per second that one core reads in dot products of vectors of `size` bytes together."""
    one, other = np.ones((2, size // 16))
    rounds = max(1, 200_000_000 // size)
    return size * rounds / cpu(lambda: [one @ other for _ in range(rounds)], 5)


def report(name: str, economy: Economy, shock: Shock, *, dense: bool) -> None:
    """Print the figures of one world."""
    seconds = cpu(lambda: economy.solve(shock).welfare)
    result = economy.solve(shock)
    mark = result.certificate
    verdict = "meets" if 1e3 * seconds <= GOALS[name] else "MISSES"
    numpy_path = cpu(lambda: economy.solve(shock, method="numpy").welfare, 3)
    print(
        f"{name}  {1e3 * seconds:6.1f} ms  {mark.iterations} sweeps, residual {mark.residual:.1e}, {verdict} the goal"
        f" of {GOALS[name]:g} ms;  NumPy path {1e3 * numpy_path:.1f} ms"
    )
    base = economy.base
    size = 8 * (2 * base.shares.size + base.inputs.size)
    for place, vectors in (("memory", 256_000_000), ("cache", size)):
        speed = reading_speed(vectors)
        limit = mark.iterations * size / speed
        print(
            f"       {size / 1e6:.2f} MB a sweep from {place} at {speed / 1e9:.0f} GB/s: limit {1e3 * limit:.1f} ms,"
            f" ratio {seconds / limit:.1f}"
        )
    weights = np.eye(base.theta.size)
    start = time.process_time()
    result.derivative(elasticity=weights)
    print(f"       {len(weights)} derivatives by elasticity {1e3 * (time.process_time() - start):.0f} ms", end="")
    start = time.process_time()
    result.decompose()
    print(f";  exact decomposition, 16 solves, {1e3 * (time.process_time() - start):.0f} ms")
    if dense:
        change: Change = economy.resolve(shock)
        newton = DenseNewton(apply(base, change))
        start = time.process_time()
        wage, taken = newton.solve()
        slow = time.process_time() - start
        gap = np.abs(wage - result.solution.log_income).max()
        print(
            f"       dense Newton {slow:.2f} s in {taken} steps: {slow / seconds:,.0f}x; log wages agree to {gap:.1e}"
        )


def large(economy: Economy) -> None:
    """Print how shocks far from the base are solved from cold."""
    foreign = ~np.eye(len(economy.labels), dtype=bool)
    levels = np.asarray(economy.tariffs)
    one = levels.copy()
    one[:, 3, :] = 10.0 * foreign[3]
    shocks = {
        "tariffs 0": Shock(tariffs=0.0),
        "+100 points": Shock(tariffs=levels + foreign),
        "iceberg x1.5": Shock(trade_cost=1.5),
        "x3": Shock(trade_cost=3.0),
        "x0.7": Shock(trade_cost=0.7),
        "one state 1000 %": Shock(tariffs=one),
    }
    for name, shock in shocks.items():
        seconds = cpu(lambda shock=shock: economy.solve(shock).welfare, 3)
        mark = economy.solve(shock).certificate
        print(f"       {name:<17} {1e3 * seconds:6.1f} ms  {mark.iterations:>4} sweeps  {mark.method}")


def main() -> None:
    print("sectors, one counterfactual from cold; CPU, best of 9 after a warm-up, one thread, tolerance 1e-10")
    world = synthetic(77, 45)
    if (DATA / "cp2015" / "nafta_1993.npz").exists():
        economy, after = nafta()
        report("31x40", economy, Shock(tariffs=after), dense=True)
        large(economy)
    else:
        print(f"31x40  data missing: {DATA / 'cp2015'} (set DOSTASTYQ_DATA)")
    report("77x45", world, Shock(trade_cost=0.97), dense="--dense-77" in sys.argv)
    large(world)


if __name__ == "__main__":
    main()
