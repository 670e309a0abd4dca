"""Coalitions as bit masks: bit k of a mask says whether player k is in. Tables over them have 2^n entries."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from dostastyq.errors import DostastyqError, nearest

LARGEST = 20
"""Players up to which a table over all coalitions is made: a million entries."""

Masks = NDArray[np.int64]
Bools = NDArray[np.bool_]
FloatArray = NDArray[np.float64]


def all_masks(n: int) -> Masks:
    """Every coalition of `n` players, the empty one first.

    Raises
    ------
    DostastyqError
        ``CO004`` for more players than a table holds.
    """
    if not 0 <= n <= LARGEST:
        raise DostastyqError(
            "CO004", f"{n} players have 2^{n} coalitions; a table holds those of {LARGEST} at most", "name fewer states"
        )
    return np.arange(1 << n, dtype=np.int64)


def membership(n: int) -> Bools:
    """Who is in which coalition, shape (2^n, n).

    Examples
    --------
    >>> membership(2).astype(int).tolist()
    [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    return (all_masks(n)[:, None] >> np.arange(n) & 1).astype(np.bool_)


def sizes(n: int) -> NDArray[np.int64]:
    """Count the players of every coalition, shape (2^n,)."""
    return np.asarray(membership(n).sum(axis=1), dtype=np.int64)


def mask_of(members: Iterable[str], players: Sequence[str]) -> int:
    """Mask of the coalition of `members`.

    Raises
    ------
    DostastyqError
        ``CO001`` for a member that is no player, ``CO002`` for one named twice.

    Examples
    --------
    >>> mask_of(["KAZ", "ARM"], ["ARM", "BLR", "KAZ"])
    5
    """
    mask = 0
    for member in members:
        if member not in players:
            raise DostastyqError("CO001", f"coalition: {member} is none of the states here", nearest(member, players))
        bit = 1 << list(players).index(member)
        if mask & bit:
            raise DostastyqError("CO002", f"coalition: {member} is named twice; expected each state once", "name once")
        mask |= bit
    return mask


def members_of(mask: int, players: Sequence[str]) -> tuple[str, ...]:
    """Names of the players of a mask, in order.

    Examples
    --------
    >>> members_of(5, ["ARM", "BLR", "KAZ"])
    ('ARM', 'KAZ')
    """
    return tuple(player for place, player in enumerate(players) if mask >> place & 1)


def submasks(mask: int) -> Masks:
    """Every coalition inside `mask`, itself and the empty one included, ascending.

    Examples
    --------
    >>> submasks(5).tolist()
    [0, 1, 4, 5]
    """
    found = np.zeros(1, dtype=np.int64)
    for place in range(int(mask).bit_length()):
        if mask >> place & 1:
            found = np.concatenate([found, found | 1 << place])
    return found


def players_of(table: FloatArray) -> int:
    """Count the players of a table over all coalitions.

    Raises
    ------
    DostastyqError
        ``CO004`` when its length is no power of two.
    """
    n = len(table).bit_length() - 1
    if len(table) != 1 << n:
        raise DostastyqError(
            "CO004", f"the table has {len(table)} entries; expected 2^n, one a coalition", "order them by bit mask"
        )
    return n
