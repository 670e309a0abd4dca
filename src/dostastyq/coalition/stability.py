r"""Which unions hold: tests over the table of every state's payoff in every coalition.

``payoff[S, i]`` is what player i has when coalition S (bit mask) forms and all others stay as they are. The game has
one union at a time; every concept below is its textbook form for that game. A gain or a loss counts when it exceeds
`TOLERANCE` of the player's scale, so that rounding neither tempts nor deters anybody.
"""

import numpy as np

from dostastyq.coalition.subsets import Bools, FloatArray, Masks, all_masks, membership, players_of

TOLERANCE = 1e-9
"""Changes of a payoff within this fraction of its largest absolute value count as none."""


def margins(payoff: FloatArray) -> FloatArray:
    """Smallest change that counts for each player, shape (n,)."""
    return np.asarray(TOLERANCE * np.abs(payoff).max(axis=0, initial=0.0))


def beneficial(payoff: FloatArray) -> Bools:
    """Mutual benefit: every member of S is better off than with no union at all, shape (2^n,).

    Coalitions of fewer than two states are no unions and count as False.
    """
    inside = membership(players_of(payoff))
    gains = payoff > payoff[0] + margins(payoff)
    return np.asarray((gains | ~inside).all(axis=1) & (inside.sum(axis=1) > 1))


def pareto(payoff: FloatArray) -> Bools:
    """Pareto optimality: no other coalition makes some player better off and none worse off, shape (2^n,).

    A rival has the larger sum, so each coalition meets only those before it that nothing dominates.
    """
    step = margins(payoff)
    result = np.zeros(len(payoff), dtype=np.bool_)
    front = np.empty_like(payoff)
    size = 0
    for coalition in np.argsort(-payoff.sum(axis=1), kind="stable").tolist():
        own = payoff[coalition]
        rivals = front[:size]
        no_worse = rivals[(rivals >= own - step).all(axis=1)]
        if not (no_worse > own + step).any():
            front[size] = own
            size += 1
            result[coalition] = True
    return result


def internal(payoff: FloatArray) -> Bools:
    """Say where no member would be better off outside, the others staying in (internal stability), shape (2^n,).

    References
    ----------
    d'Aspremont, Jacquemin, Gabszewicz and Weymark (1983).
    """
    masks, step = all_masks(players_of(payoff)), margins(payoff)
    result = np.ones(len(payoff), dtype=np.bool_)
    for i in range(payoff.shape[1]):
        result &= (masks >> i & 1 == 0) | (payoff[masks & ~(1 << i), i] <= payoff[masks, i] + step[i])
    return result


def external(payoff: FloatArray) -> Bools:
    """Say where no outsider would be better off inside (external stability), shape (2^n,).

    References
    ----------
    d'Aspremont, Jacquemin, Gabszewicz and Weymark (1983).
    """
    masks, step = all_masks(players_of(payoff)), margins(payoff)
    result = np.ones(len(payoff), dtype=np.bool_)
    for i in range(payoff.shape[1]):
        result &= (masks >> i & 1 == 1) | (payoff[masks | 1 << i, i] <= payoff[masks, i] + step[i])
    return result


def individual(payoff: FloatArray) -> Bools:
    """Individual stability: internally stable, and no outsider who wants in is welcome to all members, shape (2^n,).

    Entry needs every member's consent (exclusive membership).

    References
    ----------
    Drèze and Greenberg (1980); Bogomolnaia and Jackson (2002).
    """
    n = players_of(payoff)
    masks, step, inside = all_masks(n), margins(payoff), membership(n)
    result = internal(payoff)
    for i in range(n):
        larger = payoff[masks | 1 << i]
        wants = ~inside[:, i] & (larger[:, i] > payoff[:, i] + step[i])
        welcome = ((larger >= payoff - step) | ~inside).all(axis=1)
        result &= ~(wants & welcome)
    return result


def core_stable(payoff: FloatArray) -> Bools:
    """Core of the game of one union: no group would have all its members better off as the union, shape (2^n,).

    When a group forms its union the others are in none, and a single state that walks out ends the union: the strictest
    reading, in which every group may bring about the union of its own.

    References
    ----------
    Gillies (1959); for what the others do Hart and Kurz (1983), model gamma.
    """
    n = players_of(payoff)
    inside, step = membership(n), margins(payoff)
    result = np.ones(len(payoff), dtype=np.bool_)
    alive = np.arange(len(payoff))
    for group in [*(1 << np.arange(n)).tolist(), *np.argsort(-payoff.sum(axis=1), kind="stable").tolist()]:
        members = inside[group]
        if not members.any():
            continue
        outcome = payoff[group] if group & (group - 1) else payoff[0]
        blocked = (outcome[members] > payoff[alive][:, members] + step[members]).all(axis=1)
        result[alive[blocked]] = False
        alive = alive[~blocked]
        if not len(alive):
            break
    return result


def coalition_proof(payoff: FloatArray) -> Bools:
    """Coalition-proof Nash equilibria: no self-enforcing deviation of any group of states pays, shape (2^n,).

    Every state says in or out. A deviation pays when all who move gain; it is self-enforcing when no smaller group of
    those who moved would move again, by the same test. Singles who stay put need not be counted among the deviators:
    with them there are only more ways to fall out.

    References
    ----------
    Bernheim, Peleg and Whinston (1987), Coalition-proof Nash equilibria I.
    """
    n = players_of(payoff)
    masks, inside, step = all_masks(n), membership(n), margins(payoff)
    count = inside.sum(axis=1)
    pays: dict[int, Masks] = {}

    def paying(state: int) -> Masks:
        """Find the groups whose moving from `state` makes each of them better off, small ones first."""
        if state not in pays:
            gains = payoff[masks ^ state] > payoff[state] + step
            movers = masks[(gains | ~inside).all(axis=1) & (masks > 0)]
            pays[state] = movers[np.argsort(count[movers], kind="stable")]
        return pays[state]

    def enforces_itself(state: int, moved: int) -> bool:
        """Whether no smaller group of those who moved to `state` would move on, by the same test."""
        groups = paying(state)
        parts = groups[(groups & ~moved == 0) & (groups != moved)].tolist()
        return not any(enforces_itself(state ^ part, part) for part in parts)

    nash = internal(payoff) & external(payoff)
    return np.array(
        [
            bool(nash[state]) and not any(enforces_itself(state ^ group, group) for group in paying(state).tolist())
            for state in masks.tolist()
        ]
    )
