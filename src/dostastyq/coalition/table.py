"""The table of outcomes: every world solved, in one batch."""

from collections.abc import Sequence

import numpy as np

from dostastyq.coalition.subsets import FloatArray, Masks, all_masks
from dostastyq.coalition.worlds import Unions, Worlds
from dostastyq.parallel import Cache, Progress


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
        As in `Economy.solve_many`: processes, solved chunks kept on disk, and how far it is.

    Returns
    -------
    numpy.ndarray
        Log real income relative to the base, shape (M, W, N).

    Raises
    ------
    DostastyqError
        Codes of `Economy.solve_many`.
    """
    shocks = (shock for one in coefficients for shock in worlds.shocks(unions, one))
    batch = worlds.economy.solve_many(shocks, workers=workers, cache=cache, progress=progress)
    return np.log1p(np.asarray(batch.welfare) / 100).reshape(len(coefficients), len(unions), -1)


def coalitions(n: int) -> tuple[list[Unions], Masks]:
    """Worlds with one union at most, and for each of the 2^n masks the row of its world.

    The empty coalition and single states are one world: that without a union.
    """
    masks = all_masks(n)
    real = masks[(masks & (masks - 1)) != 0]
    row = np.zeros(len(masks), dtype=np.int64)
    row[real] = np.arange(1, len(real) + 1)
    return [(), *((int(mask),) for mask in real)], row
