r"""The least money that must change hands for a union to be worth it for every member, and to hold.

Members of S pay one another :math:`t_i` (million USD a year, positive received), :math:`\sum_{i\in S}t_i=0`. Find

.. math:: \min\sum_i\max(t_i,0)\;:\; m_i(t)\ge m_i^\ast\quad(i\in S)

where :math:`m_i(t)` is i's equivalent variation in the union with transfers t and :math:`m_i^\ast` what it must at
least have: nothing less than with no union, and, to be self-enforcing, nothing less than outside with the others
staying in.

A transfer moves prices (the transfer problem), so :math:`m_i` is not what i has without transfers plus :math:`t_i`.
The programme is therefore solved in rounds: a linear programme in the response of :math:`m` to t at the transfers
found so far, then the equilibrium again with these transfers added to the trade deficits, until the programme asks
for nothing new and the re-solved welfare holds.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from dostastyq.coalition.subsets import FloatArray, members_of
from dostastyq.coalition.worlds import Worlds
from dostastyq.equilibrium import Equilibrium
from dostastyq.errors import DostastyqError

ROUNDS = 12
HOLDS, NOISE = 1e-7, 1e-9
"""Welfare holds when no member misses its least by more than this fraction of the largest payoff involved, and of the
largest expenditure, which is what a solved equilibrium is good for."""

STEP = 1e-4
"""Step of the differences, as a fraction of the smallest member's expenditure."""

MOST_PAID = 0.5
"""Share of its expenditure that a member pays at most."""

Aim = Literal["mutual_benefit", "self_enforcing"]


@dataclass(frozen=True, slots=True, eq=False)
class Transfers:
    """Least transfers between the members of a union; million USD of the base year, a year.

    Parameters
    ----------
    members
        Members of the union.
    aim
        ``"mutual_benefit"``: nobody worse off than with no union; ``"self_enforcing"``: nor than outside it.
    needed
        Whether the union falls short of the aim without transfers.
    possible
        Whether transfers between the members reach it.
    payments
        What each receives (positive) or pays, shape (members,); zeros when none is needed or possible.
    variation
        Equivalent variation of each over the reference world, transfers included, re-solved, shape (members,).
    least
        What each must have at least, shape (members,).
    missing
        When transfers cannot do it: what is missing among the members together.
    """

    members: tuple[str, ...]
    aim: Aim
    needed: bool
    possible: bool
    payments: FloatArray
    variation: FloatArray
    least: FloatArray
    missing: float = 0.0

    @property
    def total(self) -> float:
        """Money that changes hands."""
        return float(np.maximum(self.payments, 0.0).sum())

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        columns = {"payments": self.payments, "variation": self.variation, "least": self.least}
        return {
            "members": list(self.members),
            "aim": self.aim,
            "needed": self.needed,
            "possible": self.possible,
            "total": self.total,
            "missing": self.missing,
            **{name: dict(zip(self.members, column.tolist(), strict=True)) for name, column in columns.items()},
        }


def least_transfers(
    worlds: Worlds, mask: int, payoff: FloatArray, expenditure: FloatArray, *, self_enforcing: bool = False
) -> Transfers:
    """Find the least transfers for one union.

    Parameters
    ----------
    worlds
        The worlds.
    mask
        The union.
    payoff
        Equivalent variation of the n states in every coalition, shape (2^n, n); rows that matter are `mask`, the empty
        one and those without one member.
    expenditure
        Expenditure of every economy in the base, shape (N,).
    self_enforcing
        Whether no member may gain by leaving.

    Raises
    ------
    DostastyqError
        ``CO003`` for a union of fewer than two states; ``CO009`` when the rounds do not settle; codes of
        `Economy.solve` where a payer cannot pay.
    """
    own = [place for place in range(len(worlds.members)) if mask >> place & 1]
    if len(own) < 2:
        raise DostastyqError("CO003", "transfers need a union of two states at least", "name more members")
    least = np.zeros(len(own))
    if self_enforcing:
        least = np.maximum(least, [payoff[mask & ~(1 << place), place] for place in own])
    names = members_of(mask, worlds.members)
    aim: Aim = "self_enforcing" if self_enforcing else "mutual_benefit"
    before = payoff[mask, own]
    scale = max(float(np.abs(payoff[mask, own]).max()), float(np.abs(least).max()), 1e-300)
    slack = HOLDS * scale + NOISE * float(expenditure[[worlds.places[place] for place in own]].max())
    nothing = np.zeros(len(own))
    if (before >= least - slack).all():
        return Transfers(names, aim, False, True, nothing, before, least)
    union = _Union(worlds, mask, own, expenditure)
    payments, after = nothing, before
    for _ in range(ROUNDS):
        slope = union.slope(payments)
        new, missing = _programme(slope, least - after + slope @ payments, MOST_PAID * union.expenditure)
        if missing > slack:
            return Transfers(names, aim, True, False, nothing, before, least, missing)
        cheaper = float(np.maximum(payments, 0).sum() - np.maximum(new, 0).sum())
        payments, after = new, union.variation(new)
        if abs(cheaper) <= slack and (after >= least - slack).all():
            return Transfers(names, aim, True, True, payments, after, least)
    raise DostastyqError(
        "CO009",
        f"the transfers of {'+'.join(names)} did not settle in {ROUNDS} rounds",
        "the union is close to where no transfer is enough; name fewer members",
    )


class _Union:
    """The union's equilibrium as a function of the transfers between its members."""

    def __init__(self, worlds: Worlds, mask: int, own: list[int], expenditure: FloatArray) -> None:
        self.places = [worlds.places[place] for place in own]
        self.economy = worlds.economy
        self.expenditure = expenditure[self.places]
        without, self.shock = worlds.shocks([(), (mask,)], worlds.effects.values)
        self.reference = _real_income(self.economy.solve(without))[self.places]
        self.deficit = _deficit(self.economy.solve(self.shock))

    def variation(self, payments: FloatArray) -> FloatArray:
        """Equivalent variation of the members at some transfers, shape (members,)."""
        deficit = self.deficit.copy()
        deficit[self.places] += payments
        real = _real_income(self.economy.solve(replace(self.shock, deficits=deficit)))[self.places]
        return np.asarray((real - self.reference) * self.expenditure)

    def slope(self, payments: FloatArray) -> FloatArray:
        """Response of each member's variation to each member's receipts, by central differences.

        Of a unit received by one, every other member pays an equal part, so that deficits sum to zero.
        """
        step = STEP * float(self.expenditure.min())
        n = len(payments)
        columns = []
        for place in range(n):
            move = np.full(n, -step / (n - 1))
            move[place] = step
            columns.append((self.variation(payments + move) - self.variation(payments - move)) / (2 * step))
        return np.stack(columns, axis=1) * (n - 1) / n


def _real_income(solved: Equilibrium) -> FloatArray:
    return np.asarray(1 + np.asarray(solved.welfare) / 100)


def _deficit(solved: Equilibrium) -> FloatArray:
    """Trade deficits of an equilibrium, units of the numeraire, shape (N,); whatever the closure made of them."""
    flows = np.asarray(solved.flows)
    flows = flows if flows.ndim == 2 else flows.sum(axis=0)
    deficit = flows.sum(axis=1) - flows.sum(axis=0)
    return np.asarray(deficit - deficit.mean())


def _programme(slope: FloatArray, needed: FloatArray, most: FloatArray) -> tuple[FloatArray, float]:
    """Least transfers t ≥ -most with slope t ≥ needed and sum 0; and what is missing where there are none."""
    from scipy.optimize import linprog  # noqa: PLC0415 -- heavy, and most unions need none

    n = len(needed)
    unit = float(np.abs(needed).max()) or 1.0
    rows = np.hstack([slope, -slope])
    balance = np.concatenate([np.ones(n), -np.ones(n)])[None]
    cost = np.concatenate([np.ones(n), np.zeros(n)])
    bounds = [*[(0.0, None)] * n, *((0.0, paid) for paid in most / unit)]
    found = linprog(cost, -rows, -needed / unit, balance, [0.0], bounds=bounds, method="highs")
    if found.status == 0:
        return np.asarray((found.x[:n] - found.x[n:]) * unit), 0.0
    slack = np.hstack([rows, np.eye(n)])
    short = linprog(
        np.concatenate([np.zeros(2 * n), np.ones(n)]),
        -slack,
        -needed / unit,
        np.hstack([balance, np.zeros((1, n))]),
        [0.0],
        bounds=[*bounds, *[(0.0, None)] * n],
        method="highs",
    )
    if short.status != 0:
        raise DostastyqError("CO011", f"the linear programme of transfers failed: {short.message}", "")
    return np.zeros(n), float(short.fun) * unit
