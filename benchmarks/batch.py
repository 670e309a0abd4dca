"""Many counterfactuals at a time: against single solves, and against the arithmetic limit measured in the same run.

    python benchmarks/batch.py [--scenarios 4096] [--device cuda]

One sector: every free trade area of the twelve states on ``cis-2023``, and of twelve states in a world of 230. Sectors:
free trade among every group of twelve regions, 31 regions by 40 sectors (Caliendo and Parro 2015), tolerance 1e-8. CPU
time of this process, BLAS held to one thread; reading the shocks, certificates and tables are in it. The limit is the
time that the matrix products of the sweeps taken would need at the rate of a large product here and now. ``--device``
runs the sectors once more on that device of PyTorch or CuPy, whichever is there. DOSTASTYQ_DATA names the folder of the
data.
"""

import os

os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import argparse
import importlib
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from dostastyq import trade
from dostastyq.blas import one_thread
from dostastyq.equilibrium import Block, Economy, Shock, calibrate
from dostastyq.equilibrium.batch_read import Job, chunks
from dostastyq.equilibrium.batch_results import Equilibria
from dostastyq.equilibrium.batch_sectors import solve_chunk
from dostastyq.equilibrium.batch_sectors_stack import Library

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("DOSTASTYQ_DATA", ROOT.parent / "shared" / "data"))
MEMBERS = ("ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ", "MDA", "RUS", "TJK", "TKM", "UKR", "UZB")
CUT = float(np.exp(-0.5 / 4))
GOAL_CIS, GOAL_SECTORS, GOAL_MEMORY = 2.0, 25.0, 2.0
SINGLES = 24
ON_DEVICE = 1024


def rate() -> float:
    """Floating-point operations a second of a large matrix product on one thread, CPU time, best of five."""
    square = np.random.default_rng(0).random((768, 768))
    best = 0.0
    with one_thread():
        for _ in range(5):
            start = time.process_time()
            for _ in range(4):
                square @ square
            best = max(best, 4 * 2 * 768**3 / (time.process_time() - start))
    return best


def groups(members: tuple[object, ...], scenarios: int) -> Iterator[list[object]]:
    """Every group of the members, or as many as asked for, spread evenly."""
    for mask in range(0, 2 ** len(members), max(1, 2 ** len(members) // scenarios)):
        yield [member for place, member in enumerate(members) if mask >> place & 1]


def synthetic(size: int) -> Economy:
    """Make a world of gravity with lognormal sizes and distances."""
    rng = np.random.default_rng(size)
    mass, place = rng.lognormal(0, 2, size), rng.uniform(0, 1, (size, 2))
    distance = np.hypot(*(place[:, None] - place[None]).T) + 0.05
    flows = 0.02 * np.outer(mass, mass) / distance / mass.sum() * rng.lognormal(0, 1, (size, size))
    np.fill_diagonal(flows, mass)
    return calibrate(flows, 4.0)


def nafta() -> Economy:
    """Read the world of 1993 of Caliendo and Parro, trade balanced."""
    data = np.load(DATA / "cp2015" / "nafta_1993.npz")
    shares, tariffs = (data[name].transpose(2, 0, 1) for name in ("pi_nij", "tau_nij_bln"))
    return Economy.from_shares(
        shares, data["X_nj"].T, tariffs, data["theta_j"], data["gamma_nj"].T, data["gamma_nkj"], data["alpha_nj"].T,
        deficits="zero", labels=data["regions"].tolist(), sectors=data["sectors"].tolist(),
    )  # fmt: skip


def timed(
    name: str, economy: Economy, shocks: Callable[[], Iterator[Shock]], tolerance: float, limit: float
) -> tuple[Equilibria, float]:
    """Solve all shocks together and some alone; print both, and the limit, given as seconds an iteration."""
    economy.solve_many([Shock()])
    start = time.process_time()
    many = economy.solve_many(shocks(), tolerance=tolerance)
    taken = time.process_time() - start
    every = max(1, len(many) // SINGLES)
    some = [(place, shock) for place, shock in enumerate(shocks()) if place % every == every // 2]
    economy.solve(some[0][1], tolerance=tolerance)
    start = time.process_time()
    alone = [economy.solve(shock, tolerance=tolerance) for _, shock in some]
    single = (time.process_time() - start) / len(some)
    least = float(many.iterations.sum()) * limit
    print(
        f"{name}: {len(many)} in {taken:.2f} s, {1e6 * taken / len(many):.0f} us each; alone {1e6 * single:.0f} us,"
        f" ratio {single * len(many) / taken:.1f}x; matrix products alone {least:.2f} s, {taken / least:.1f}x the limit"
    )
    places = [place for place, _ in some]
    tight = economy.solve_many((shock for _, shock in some), tolerance=1e-11).welfare
    exact = np.array([economy.solve(shock, tolerance=1e-11).welfare.values for _, shock in some])
    near = np.array([result.welfare.values for result in alone])
    print(
        f"  {many.iterations.mean():.1f} iterations, residual at most {many.residual.max():.1e},"
        f" {(many.method != 'batch').sum()} solved alone; welfare apart from single solves by"
        f" {np.abs(many.welfare[places] - near).max():.0e} points, both tightened to 1e-11 by"
        f" {np.abs(tight - exact).max():.0e}"
    )
    return many, taken


def sector_flops(economy: Economy) -> float:
    """Operations of a sweep: three products over pairs and two, of double width, over inputs."""
    sectors, states, _ = economy.shape
    return 2.0 * (3 * states**2 * sectors + 2 * states * 2 * sectors**2)


def on_device(device: str, economy: Economy, shocks: Callable[[], Iterator[Shock]]) -> None:
    """Run the sectors on a device of PyTorch or CuPy."""
    for name in ("torch", "cupy"):
        try:
            library = importlib.import_module(name)
            xp = importlib.import_module(f"array_api_compat.{name}")
        except ImportError:
            continue
        to = Library(xp, device if name == "torch" else library.cuda.Device())
        jobs = [Job(economy, chunk, 1e-8) for chunk in chunks(economy, shocks(), ON_DEVICE)]
        economy.batch()
        solve_chunk(Job(economy, next(chunks(economy, shocks(), 8)), 1e-8), to)
        start = time.perf_counter()
        answers = [solve_chunk(job, to) for job in jobs]
        taken = time.perf_counter() - start
        count = sum(len(answer["residual"]) for answer in answers)
        worst = max(float(answer["residual"].max()) for answer in answers)
        print(
            f"on {device} with {name}: {count} in {taken:.2f} s wall, {1e6 * taken / count:.0f} us each, residual at"
            f" most {worst:.1e}, {sum(int((answer['method'] != 'batch').sum()) for answer in answers)} solved alone"
        )
        return
    print(f"neither PyTorch nor CuPy is installed; nothing ran on {device}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenarios", type=int, default=4096)
    parser.add_argument("--device")
    asked = parser.parse_args()
    speed = rate()
    print(f"one thread, large matrix product {speed / 1e9:.1f} GF/s; CPU seconds")
    baseline = trade.baseline("cis-2023")
    cis = calibrate(baseline.flows, 4.0, labels=baseline.economies)

    def areas(members: tuple[object, ...]) -> Callable[[], Iterator[Shock]]:
        return lambda: (Shock(Block(CUT, group)) for group in groups(members, asked.scenarios))

    size = len(cis.labels)
    _, taken = timed(f"cis-2023, N={size}", cis, areas(MEMBERS), 1e-10, 6.0 * size**2 / speed)
    scaled = 4096 / asked.scenarios
    print(f"  {'meets' if taken * scaled <= GOAL_CIS else 'MISSES'} the goal of {GOAL_CIS} s for 4096")
    large = synthetic(230)
    timed("synthetic, N=230", large, areas(tuple(range(12))), 1e-10, 6.0 * 230**2 / speed)
    if not (DATA / "cp2015" / "nafta_1993.npz").exists():
        print(f"sectors: data missing in {DATA} (set DOSTASTYQ_DATA)")
        return
    world = nafta()

    def unions() -> Iterator[Shock]:
        return (Shock(tariffs=Block(0.0, group)) for group in groups(world.labels[:12], asked.scenarios))

    _, taken = timed("sectors, 31 x 40", world, unions, 1e-8, sector_flops(world) / speed)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"  {'meets' if taken * scaled <= GOAL_SECTORS else 'MISSES'} the goal of {GOAL_SECTORS} s for 4096")
    print(
        f"largest memory {memory:.2f} GB, {'meets' if memory <= GOAL_MEMORY else 'MISSES'} the goal of {GOAL_MEMORY} GB"
    )
    if asked.device:
        on_device(asked.device, world, unions)


if __name__ == "__main__":
    main()
