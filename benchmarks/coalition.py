"""Every coalition of twelve states, and the games over them: CPU time, and the ratio to solving one by one.

    python benchmarks/coalition.py

CPU time of the process, best of five after one warm-up, BLAS held to one thread. The rival of the atlas is this
engine's own single solve, 4,096 times (timed on 256 of them); the limit is what was promised: 2 s on one core.
"""

import os

os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from dostastyq import trade
from dostastyq.assess.unions import unions
from dostastyq.coalition import CONCEPTS, atlas, core, nucleolus, shapley, structures
from dostastyq.coalition.subsets import membership
from dostastyq.coalition.table import coalitions
from dostastyq.equilibrium import calibrate

GOAL = 2.0
LARGE = 16


def cpu(call: Callable[[], object], repeats: int = 5) -> float:
    """Least CPU time of `repeats` calls after one warm-up, seconds."""
    call()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    base = trade.baseline("cis-2023")
    economy = calibrate(np.asarray(base.flows[0]), labels=base.economies)
    twelve = base.economies[:12]
    found = atlas(economy, twelve, effects=0.2)
    batch = cpu(lambda: atlas(economy, twelve, effects=0.2))
    rows = [unions_ for k, unions_ in enumerate(coalitions(12)[0]) if k % 16 == 0]
    one = cpu(lambda: [economy.solve(s) for s in found.worlds.shocks(rows, found.worlds.effects.values)], 3)
    single = one / len(rows) * len(found)
    worst = max(
        float(np.abs(np.asarray(economy.solve(shock).welfare) - np.expm1(row) * 100).max())
        for shock, row in zip(
            found.worlds.shocks([(mask,) for mask in (3, 1365, 4095)], found.worlds.effects.values),
            found.log_welfare[[3, 1365, 4095]],
            strict=True,
        )
    )
    print(f"atlas of {len(found):,} coalitions, {len(base.economies)} economies: {batch:.3f} s (promised {GOAL:g} s)")
    print(f"  one by one: {single:.2f} s, {single / batch:.1f} times as long; largest difference {worst:.1e} per cent")
    tests = {name: cpu(lambda test=concept.test: test(found.payoff)) for name, concept in CONCEPTS.items()}
    print("tests of all 4,096:", ", ".join(f"{name} {1000 * spent:.1f} ms" for name, spent in tests.items()))
    print(
        f"sharing among twelve: Shapley {1000 * cpu(lambda: shapley(found.worth)):.1f} ms,"
        f" core {1000 * cpu(lambda: core(found.worth)):.1f} ms,"
        f" nucleolus {1000 * cpu(lambda: nucleolus(found.worth)):.1f} ms"
    )
    large = membership(LARGE).sum(axis=1) ** 1.5 * np.random.default_rng(1).uniform(0.9, 1.1, 1 << LARGE)
    print(
        f"a game of {LARGE} players: Shapley {1000 * cpu(lambda: shapley(large), 2):.0f} ms,"
        f" core {1000 * cpu(lambda: core(large), 2):.0f} ms, nucleolus {1000 * cpu(lambda: nucleolus(large), 2):.0f} ms"
    )
    eight = atlas(economy, twelve[:8], effects=0.2)
    print(f"4,140 structures of eight states: {cpu(lambda: structures(eight), 2):.2f} s to solve")
    table = structures(eight)
    again = cpu(lambda: replace(table).to_dict(), 2)
    print(f"  their five tests: {again:.2f} s")
    study = cpu(lambda: unions(["eaeu-2014"]).to_dict(), 2)
    print(f"the five of the Eurasian union with 400 draws, everything in the JSON: {study:.2f} s")
    sectors = cpu(lambda: unions(["BLR", "KAZ", "RUS", "UKR"], baseline="eaeu-2019", draws=0), 2)
    print(f"16 coalitions of eaeu-2019, 25 economies by 28 sectors: {sectors:.2f} s")


if __name__ == "__main__":
    main()
