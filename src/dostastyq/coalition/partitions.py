"""Set partitions: which states are in a union with which, when several unions may stand side by side.

A partition of n players is a row of n labels; the label of a player is the first player of its block. Rows of one table
are compared through a code, the labels read as digits.
"""

from collections.abc import Iterable
from math import comb

import numpy as np
from numpy.typing import NDArray

from dostastyq.errors import DostastyqError

MOST = 12
"""Players up to which partitions are enumerated: Bell(12) = 4,213,597."""

Labels = NDArray[np.int64]


def bell(n: int) -> int:
    """Count the partitions of n things.

    Examples
    --------
    >>> [bell(n) for n in range(9)]
    [1, 1, 2, 5, 15, 52, 203, 877, 4140]
    """
    numbers = [1]
    for size in range(n):
        numbers.append(sum(comb(size, k) * numbers[k] for k in range(size + 1)))
    return numbers[n]


def partitions(n: int) -> Labels:
    """Every partition of n players, shape (Bell(n), n).

    Raises
    ------
    DostastyqError
        ``CO004`` for more than twelve players.

    Examples
    --------
    >>> partitions(3).tolist()
    [[0, 0, 0], [0, 0, 2], [0, 1, 0], [0, 1, 1], [0, 1, 2]]
    """
    if not 1 <= n <= MOST:
        raise DostastyqError("CO004", f"{n} players are too many to partition; {MOST} at most", "name fewer states")
    table = np.zeros((1, 1), dtype=np.int64)
    for player in range(1, n):
        grown = []
        for block in range(player + 1):
            rows = table if block == player else table[table[:, block] == block]
            grown.append(np.column_stack([rows, np.full(len(rows), block)]))
        table = np.concatenate(grown)
    return np.asarray(table[np.lexsort(table.T[::-1])])


def canonical(labels: Labels) -> Labels:
    """Rename the blocks of each row by their first player.

    Examples
    --------
    >>> canonical(np.array([[7, 3, 7]])).tolist()
    [[0, 1, 0]]
    """
    return np.asarray((labels[:, :, None] == labels[:, None, :]).argmax(axis=2))


def code(labels: Labels) -> NDArray[np.int64]:
    """One number a row, different for different partitions in canonical form."""
    n = labels.shape[1]
    return np.asarray(labels @ n ** np.arange(n - 1, -1, -1, dtype=np.int64))


def unions(row: Labels) -> tuple[int, ...]:
    """Masks of the blocks with at least two players.

    Examples
    --------
    >>> unions(np.array([0, 1, 0, 3, 1]))
    (5, 18)
    """
    masks = [sum(1 << int(player) for player in np.flatnonzero(row == block)) for block in np.unique(row)]
    return tuple(mask for mask in masks if mask & (mask - 1))


def with_unions(n: int, masks: Iterable[int]) -> Labels:
    """Row in which the disjoint `masks` are blocks and everybody else is alone.

    Examples
    --------
    >>> with_unions(4, [0b0101]).tolist()
    [0, 1, 0, 3]
    """
    row = np.arange(n)
    for mask in masks:
        inside = np.flatnonzero(mask >> np.arange(n) & 1)
        row[inside] = inside[0]
    return row
