r"""Games in coalition form: who can claim what of the money a union makes.

A game is an array :math:`v` over the 2^n coalitions of n players, by bit mask, with :math:`v(\varnothing)=0`. An
allocation :math:`x` gives every player a sum; :math:`x(S)=\sum_{i\in S}x_i`.
"""

from dataclasses import dataclass
from math import factorial

import numpy as np

from dostastyq.coalition.subsets import FloatArray, all_masks, membership, players_of, sizes
from dostastyq.errors import DostastyqError

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Core:
    """Whether a game has a core, and the least that would have to be added for it to have one.

    Parameters
    ----------
    empty
        Whether no allocation of v(N) gives every coalition at least its worth.
    least
        Smallest total that would satisfy every coalition; the core is empty when it exceeds v(N).
    allocation
        An allocation of that total, shape (n,).
    """

    empty: bool
    least: float
    allocation: FloatArray


def check_game(worth: object) -> FloatArray:
    """Read a game.

    Raises
    ------
    DostastyqError
        ``CO004`` when the length is no power of two, ``CO010`` when a worth is not finite or the empty coalition has
        one.
    """
    game = np.asarray(worth, dtype=np.float64)
    players_of(game)
    if not np.isfinite(game).all():
        bad = int(np.argmin(np.isfinite(game)))
        raise DostastyqError("CO010", f"the worth of coalition {bad:b} (bit mask) is {game[bad]}", "give finite worths")
    if game[0] != 0:
        raise DostastyqError("CO010", f"the empty coalition is worth {game[0]:g}; expected 0", "subtract it from all")
    return game


def shapley(worth: object) -> FloatArray:
    r"""Shapley value: the mean of what a player adds to those before it, over all orders of arrival.

    .. math:: Sh_i = \sum_{S\not\ni i}\frac{|S|!\,(n-|S|-1)!}{n!}\,\bigl(v(S\cup i)-v(S)\bigr)

    Parameters
    ----------
    worth
        v over all coalitions by bit mask, shape (2^n,).

    Returns
    -------
    numpy.ndarray
        Shape (n,); sums to v(N).

    References
    ----------
    Shapley (1953), A value for n-person games.

    Examples
    --------
    The glove game: one right glove, two left ones.

    >>> shapley([0, 0, 0, 0, 0, 1, 1, 1]).round(4)
    array([0.1667, 0.1667, 0.6667])
    """
    game = check_game(worth)
    n = players_of(game)
    masks, count = all_masks(n), sizes(n)
    weight = np.array([factorial(s) * factorial(n - s - 1) / factorial(n) for s in range(n)])
    value = np.empty(n)
    for i in range(n):
        without = masks[masks >> i & 1 == 0]
        value[i] = weight[count[without]] @ (game[without | 1 << i] - game[without])
    return value


def core(worth: object) -> Core:
    r"""Whether some division of v(N) leaves no coalition better off on its own.

    The linear programme :math:`\min x(N)` subject to :math:`x(S)\ge v(S)` for every S other than N: the core is empty
    exactly when its value exceeds v(N).

    References
    ----------
    Gillies (1959); Bondareva (1963) and Shapley (1967) for the dual: balanced collections.

    Examples
    --------
    >>> core([0, 0, 0, 1, 0, 1, 1, 1]).empty  # majority of three
    True
    """
    game = check_game(worth)
    n = players_of(game)
    if n < 2:
        return Core(empty=False, least=float(game[-1]), allocation=np.array([game[-1]] * n))
    scale = float(np.abs(game).max()) or 1.0
    inside = membership(n)[1:-1].astype(np.float64)
    x = _minimise(np.ones(n), inside, game[1:-1] / scale)
    least = float(x.sum()) * scale
    return Core(empty=bool(least > game[-1] + _TOLERANCE * scale), least=least, allocation=x * scale)


def has_core(worth: FloatArray, guess: FloatArray) -> bool:
    """Whether a game has a core, without a linear programme where a guess or a pair of coalitions settles it.

    Parameters
    ----------
    worth
        v over all coalitions by bit mask, shape (2^n,).
    guess
        An allocation that may lie in the core, shape (n,).
    """
    slack = _TOLERANCE * (float(np.abs(worth).max()) or 1.0)
    if (worth + worth[::-1] > worth[-1] + slack).any():
        return False
    return in_core(worth, guess) or not core(worth).empty


def in_core(worth: object, allocation: object) -> bool:
    """Whether an allocation of v(N) gives every coalition at least its worth.

    Examples
    --------
    >>> in_core([0, 0, 0, 1], [0.5, 0.5]), in_core([0, 0, 0, 1], [1.5, -0.5])
    (True, False)
    """
    game = check_game(worth)
    x = np.asarray(allocation, dtype=np.float64)
    inside = membership(players_of(game))
    slack = _TOLERANCE * (float(np.abs(game).max()) or 1.0)
    return bool(abs(x.sum() - game[-1]) <= slack and (inside @ x >= game - slack).all())


def excess(worth: object, allocation: object) -> FloatArray:
    """Complaint of every coalition against an allocation, v(S) - x(S), shape (2^n,)."""
    game = check_game(worth)
    return np.asarray(game - membership(players_of(game)) @ np.asarray(allocation, dtype=np.float64))


def _minimise(cost: FloatArray, rows: FloatArray, at_least: FloatArray) -> FloatArray:
    """Minimise `cost` x subject to `rows` x ≥ `at_least`, x free; rows are added as they are violated."""
    from scipy.optimize import linprog  # noqa: PLC0415 -- heavy, and tables need none

    n = len(cost)
    active = np.flatnonzero(rows.sum(axis=1) <= 1).tolist()
    while True:
        found = linprog(cost, -rows[active], -at_least[active], bounds=(None, None), method="highs")
        if found.status != 0:
            raise DostastyqError("CO011", f"the linear programme of the core failed: {found.message}", "scale the game")
        x = np.asarray(found.x)
        short = at_least - rows @ x
        worst = np.argsort(-short)[: 4 * n]
        new = [int(row) for row in worst if short[row] > 1e-11 and row not in active]
        if not new:
            return x
        active += new
