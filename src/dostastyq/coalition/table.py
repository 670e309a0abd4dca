"""The table of outcomes: every world solved, chunk by chunk, in processes and from the cache where asked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dostastyq.coalition.subsets import FloatArray, Masks, all_masks
from dostastyq.coalition.worlds import Unions, Worlds
from dostastyq.parallel import Cache, Progress, run

CHUNK = 512
TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Some worlds to solve at one set of coefficients: all that decides the outcome, so that it is the cache's key."""

    worlds: Worlds
    unions: tuple[Unions, ...]
    coefficients: FloatArray
    tolerance: float


def solve_chunk(chunk: Chunk) -> dict[str, FloatArray]:
    """Log real income of every economy in every world of a chunk, relative to the base, shape (worlds, N)."""
    shocks = chunk.worlds.shocks(chunk.unions, chunk.coefficients)
    batch = chunk.worlds.economy.solve_many(shocks, tolerance=chunk.tolerance)
    return {"log_welfare": np.log1p(np.array([one.welfare.values for one in batch]) / 100)}


def solve(
    worlds: Worlds,
    unions: Sequence[Unions],
    coefficients: FloatArray,
    *,
    workers: int = 1,
    cache: Cache | None = None,
    progress: Progress | None = None,
) -> FloatArray:
    """Solve some worlds at some sets of coefficients.

    Parameters
    ----------
    worlds
        What may form unions, and how.
    unions
        The unions of each world, W of them.
    coefficients
        Sets of effects, shape (M, K).
    workers, cache, progress
        As in `dostastyq.parallel.run`.

    Returns
    -------
    numpy.ndarray
        Log real income relative to the base, shape (M, W, N).

    Raises
    ------
    DostastyqError
        Codes of `Economy.solve_many` and of `dostastyq.parallel.run`.
    """
    chunks = [
        Chunk(worlds, tuple(unions[start : start + CHUNK]), one, TOLERANCE)
        for one in coefficients
        for start in range(0, len(unions), CHUNK)
    ]
    parts = run(solve_chunk, chunks, workers=workers, cache=cache, progress=progress, what="chunks of coalitions")
    found = np.concatenate([part["log_welfare"] for part in parts])
    return found.reshape(len(coefficients), len(unions), -1)


def coalitions(n: int) -> tuple[list[Unions], Masks]:
    """Worlds with one union at most, and for each of the 2^n masks the row of its world.

    The empty coalition and single states are one world: that without a union.
    """
    masks = all_masks(n)
    real = masks[(masks & (masks - 1)) != 0]
    row = np.zeros(len(masks), dtype=np.int64)
    row[real] = np.arange(1, len(real) + 1)
    return [(), *((int(mask),) for mask in real)], row
