"""Unions side by side: games in partition function form, in which what one union does changes what others are worth.

The table has one row a structure (a partition of the states into unions, those alone included) and one column a state.
A deviation leads to another row of the table; where that row was not solved, because the table is pruned, the deviation
counts as not tested, and the result says that it is pruned.
"""

import numpy as np

from dostastyq.coalition.partitions import Labels, canonical, code
from dostastyq.coalition.stability import margins
from dostastyq.coalition.subsets import Bools, FloatArray


class Table:
    """Payoffs of structures, with a quick way from a structure to its row.

    Parameters
    ----------
    labels
        Structures in canonical form, shape (P, n).
    payoff
        Payoff of every player, shape (P, n).
    """

    def __init__(self, labels: Labels, payoff: FloatArray) -> None:
        self.labels, self.payoff = labels, payoff
        self.step = margins(payoff)
        codes = code(labels)
        self._order = np.argsort(codes, kind="stable")
        self._sorted = codes[self._order]

    def after(self, labels: Labels) -> tuple[FloatArray, Bools]:
        """Payoffs of other structures, one a row, and whether each was solved."""
        wanted = code(canonical(labels))
        place = np.minimum(np.searchsorted(self._sorted, wanted), len(self._sorted) - 1)
        return self.payoff[self._order[place]], self._sorted[place] == wanted


def nash_stable(table: Table) -> Bools:
    """Whether no state would rather be alone or in another union, whose consent it needs not, shape (P,).

    References
    ----------
    Bogomolnaia and Jackson (2002), The stability of hedonic coalition structures.
    """
    return _no_move(table, consent=False)


def individually_stable(table: Table) -> Bools:
    """Whether no state would rather be alone or in a union all of whose members would have it, shape (P,).

    References
    ----------
    Bogomolnaia and Jackson (2002).
    """
    return _no_move(table, consent=True)


def core_stable(table: Table, *, others: str = "gamma") -> Bools:
    """Whether no group of states would all be better off as a union of their own, shape (P,).

    Parameters
    ----------
    table
        The game.
    others
        What the partners do whom the group leaves behind: ``"gamma"``: their union falls apart; ``"delta"``: it goes on
        without them.

    References
    ----------
    Hart and Kurz (1983), Endogenous formation of coalitions.
    """
    n = table.labels.shape[1]
    same = table.labels[:, :, None] == table.labels[:, None, :]
    result = np.ones(len(table.labels), dtype=np.bool_)
    for group in range(1, 1 << n):
        inside = (group >> np.arange(n) & 1).astype(np.bool_)
        touched = same[:, :, inside].any(axis=2)
        left = np.arange(n, 2 * n) if others == "gamma" else table.labels
        labels = np.where(touched, left, table.labels)
        labels = np.where(inside, 3 * n, labels)
        payoff, solved = table.after(labels)
        better = payoff[:, inside] > table.payoff[:, inside] + table.step[inside]
        result &= ~(solved & better.all(axis=1))
    return result


def efficient(table: Table) -> Bools:
    """Whether no other structure gives the states more together, shape (P,)."""
    total = table.payoff.sum(axis=1)
    return np.asarray(total >= total.max() - table.step.sum())


def _no_move(table: Table, *, consent: bool) -> Bools:
    n = table.labels.shape[1]
    result = np.ones(len(table.labels), dtype=np.bool_)
    for mover in range(n):
        for host in range(n):
            labels = table.labels.copy()
            labels[:, mover] = 2 * n if host == mover else labels[:, host]
            payoff, solved = table.after(labels)
            moves = payoff[:, mover] > table.payoff[:, mover] + table.step[mover]
            if consent and host != mover:
                hosts = (table.labels == table.labels[:, [host]]) & (np.arange(n) != mover)
                moves &= ((payoff >= table.payoff - table.step) | ~hosts).all(axis=1)
            result &= ~(solved & moves)
    return result
