r"""The nucleolus: the division of v(N) whose largest complaint is least, then the next largest, and so on.

Schmeidler's (1969) definition as a sequence of linear programmes (Maschler, Peleg and Shapley 1979). At level k

.. math:: \max\varepsilon\;:\; x(S)-v(S)\ge\varepsilon\ (S\text{ open}),\quad
          x(S)=v(S)+\varepsilon_S\ (S\text{ settled}),\quad x(N)=v(N).

Ties are where published codes go wrong (Guajardo and Jörnsten 2015): a coalition may be settled only when its
constraint holds with equality in *every* optimum. A positive dual value proves that; at least one open coalition
outside the span of the settled ones has one, so that every level raises the rank and at most n - 1 levels are needed
(Reijnierse and Potters 1998). Coalitions in the span are settled with them: their complaint can no longer move. The
result is read off the linear system of the settled coalitions, not off the last programme.
"""

import numpy as np
from numpy.typing import NDArray

from dostastyq.coalition.games import check_game
from dostastyq.coalition.subsets import FloatArray, membership, players_of
from dostastyq.errors import DostastyqError

_DUAL = 1e-7
_RANK = 1e-9


def nucleolus(worth: object) -> FloatArray:
    """Nucleolus of a game.

    Divisions are imputations: nobody gets less than it is worth alone. Where v(N) does not suffice for that, all
    divisions of v(N) count (the prenucleolus).

    Parameters
    ----------
    worth
        v over all coalitions by bit mask, shape (2^n,).

    Returns
    -------
    numpy.ndarray
        Shape (n,); sums to v(N). It is in the core whenever there is one.

    Raises
    ------
    DostastyqError
        ``CO004``, ``CO010`` for what is no game; ``CO011`` when a linear programme fails.

    References
    ----------
    Schmeidler (1969); Maschler, Peleg and Shapley (1979); Guajardo and Jörnsten (2015).

    Examples
    --------
    Bankruptcy with estate 200 and debts 100, 200, 300 (Aumann and Maschler 1985): 50, 75, 75.

    >>> nucleolus([0, 0, 0, 0, 0, 0, 100, 200]).round(6)
    array([50., 75., 75.])
    """
    game = check_game(worth)
    n = players_of(game)
    if n < 2:
        return np.array([game[-1]] * n)
    scale = float(np.abs(game).max()) or 1.0
    worths = game / scale
    inside = membership(n).astype(np.float64)
    alone = worths[1 << np.arange(n)]
    floor = alone if alone.sum() <= worths[-1] else np.full(n, -np.inf)
    settled, values = [np.ones(n)], [worths[-1]]
    open_ = np.ones(len(worths), dtype=np.bool_)
    open_[[0, -1]] = False
    while len(settled) < n:
        epsilon, tight = _level(inside, worths, open_, floor, (np.array(settled), np.array(values)))
        rank = len(settled)
        for coalition in tight:
            row = inside[coalition]
            if not _spanned(np.array(settled), row[None])[0]:
                settled.append(row)
                values.append(worths[coalition] + epsilon)
        if len(settled) == rank:
            raise DostastyqError(
                "CO011", "the nucleolus' linear programme proved no coalition tight", "round the worths and try again"
            )
        open_ &= ~_spanned(np.array(settled), inside)
    return np.asarray(np.linalg.solve(np.array(settled), np.array(values)) * scale)


def _spanned(basis: FloatArray, rows: FloatArray) -> NDArray[np.bool_]:
    """Which rows are combinations of the basis, shape (rows,)."""
    q, _ = np.linalg.qr(basis.T)
    return np.asarray(np.abs(rows - rows @ q @ q.T).max(axis=1) < _RANK)


def _level(
    inside: FloatArray,
    worths: FloatArray,
    open_: NDArray[np.bool_],
    floor: FloatArray,
    settled: tuple[FloatArray, FloatArray],
) -> tuple[float, list[int]]:
    """Solve one level: the least surplus over the open coalitions, and those proved tight, surest first.

    Rows are added as they are violated, so that a thousand coalitions cost as much as a few dozen.
    """
    from scipy.optimize import linprog  # noqa: PLC0415 -- heavy, and tables need none

    n = inside.shape[1]
    candidates = np.flatnonzero(open_)
    equal = np.hstack([settled[0], np.zeros((len(settled[0]), 1))])
    active = candidates[np.argsort(-worths[candidates], kind="stable")][: 6 * n].tolist()
    active = sorted({*active, *candidates[inside[candidates].sum(axis=1) == 1].tolist()})
    while True:
        rows = np.hstack([-inside[active], np.ones((len(active), 1))])
        found = linprog(
            np.append(np.zeros(n), -1.0),
            rows,
            -worths[active],
            equal,
            settled[1],
            bounds=[*((low, None) for low in floor), (None, 10.0 * n)],
            method="highs",
        )
        if found.status != 0:
            raise DostastyqError(
                "CO011", f"a linear programme of the nucleolus failed: {found.message}", "scale the game"
            )
        x, epsilon = np.asarray(found.x[:n]), float(found.x[n])
        surplus = inside[candidates] @ x - worths[candidates]
        worst = candidates[np.argsort(surplus, kind="stable")[: 6 * n]]
        new = [int(c) for c in worst if inside[c] @ x - worths[c] < epsilon - 1e-10 and c not in active]
        if not new:
            break
        active += new
    duals = -np.asarray(found.ineqlin.marginals)
    order = np.argsort(-duals, kind="stable")
    return epsilon, [active[place] for place in order if duals[place] > _DUAL]
