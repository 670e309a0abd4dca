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
from dostastyq.equilibrium import Economy, Shock
from dostastyq.errors import DostastyqError

ROUNDS = 12
HOLDS = 1e-7
"""Welfare holds when no member misses its least by more than this fraction of the largest payoff involved."""

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
        ``CO003`` for a union of fewer than two states; ``CO009`` when the rounds do not settle; ``CO012`` for an
        economy with sectors where transfers are needed: they are re-solved in one sector.
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
    nothing = np.zeros(len(own))
    if (before >= least - HOLDS * scale).all():
        return Transfers(names, aim, False, True, nothing, before, least)
    union = _Union(worlds, mask, own, expenditure)
    payments, after = nothing, before
    for _ in range(ROUNDS):
        slope = union.slope(payments, scale)
        new, missing = _programme(slope, least - after + slope @ payments)
        if missing > HOLDS * scale:
            return Transfers(names, aim, True, False, nothing, before, least, missing)
        settled = np.abs(new - payments).max() <= HOLDS * scale
        payments, after = new, union.variation(new)
        if settled and (after >= least - HOLDS * scale).all():
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
        self.reference = np.exp(real_income(self.economy, without, np.zeros(len(expenditure))))[self.places]

    def variation(self, payments: FloatArray) -> FloatArray:
        """Equivalent variation of the members at some transfers, shape (members,)."""
        everybody = np.zeros(len(self.economy.labels))
        everybody[self.places] = payments
        real = np.exp(real_income(self.economy, self.shock, everybody))[self.places]
        return np.asarray((real - self.reference) * self.expenditure)

    def slope(self, payments: FloatArray, scale: float) -> FloatArray:
        """Response of each member's variation to each member's receipts, by central differences."""
        step = max(scale, 1e-7 * float(self.expenditure.min()))
        columns = []
        for place in range(len(payments)):
            move = np.zeros(len(payments))
            move[place] = step
            columns.append((self.variation(payments + move) - self.variation(payments - move)) / (2 * step))
        return np.stack(columns, axis=1)


def real_income(economy: Economy, shock: Shock, transfers: FloatArray) -> FloatArray:
    r"""Log real income after a shock when states also receive transfers, shape (N,).

    Transfers are added to the spending net of tariffs that the closure fixes,
    :math:`B'_n = \hat w_nY_n + D_n + t_n` under the additive one; the rest of the model is `dostastyq.equilibrium`.

    Parameters
    ----------
    economy
        An economy with one sector.
    shock
        The shock.
    transfers
        Received by each economy, currency of the base year, summing to zero, shape (N,).

    Raises
    ------
    DostastyqError
        ``CO009`` when a payer cannot pay; ``CO012`` for an economy with sectors.
    """
    from dostastyq.equilibrium.newton import newton  # noqa: PLC0415 -- the engine's own parts
    from dostastyq.equilibrium.one_sector import build, mean_tariff_factor  # noqa: PLC0415

    if np.ndim(economy.flows) == 3:
        raise DostastyqError(
            "CO012",
            f"transfers are re-solved in one sector; this economy has {np.shape(economy.flows)[0]}",
            "sum the flows over sectors to see transfers",
        )
    base, change = economy.base, economy.resolve(shock)
    world = build(base, change.log_factor(base))
    world = replace(world, base_spending=world.base_spending + transfers)
    attempt = newton(world, np.zeros(len(transfers)), 1e-12)
    if not attempt.converged or attempt.point is None:
        attempt = newton(world, np.zeros(len(transfers)), 1e-12, natural=True, most=200)
    point = attempt.point
    if not attempt.converged or point is None:
        raise DostastyqError(
            "CO009", "there is no equilibrium with these transfers: a payer would have to give more than it spends",
            "the union cannot be made beneficial by transfers",
        )  # fmt: skip
    tariffs = base.tariffs if change.tariffs is None else change.tariffs
    factor = np.ones_like(point.income)
    if tariffs is not None:
        factor = mean_tariff_factor(world.flows(point), tariffs, point.spending)
    log_factor = np.log(factor / base.tariff_factor)
    log_access = np.log(point.access / base.spending) + world.log_scale
    return np.asarray(np.log(point.spending / base.spending) + log_factor + (log_access + log_factor) / base.theta)


def _programme(slope: FloatArray, needed: FloatArray) -> tuple[FloatArray, float]:
    """Least transfers t with slope t ≥ needed and sum 0; and what is missing where there are none."""
    from scipy.optimize import linprog  # noqa: PLC0415 -- heavy, and most unions need none

    n = len(needed)
    unit = float(np.abs(needed).max()) or 1.0
    rows = np.hstack([slope, -slope])
    balance = np.concatenate([np.ones(n), -np.ones(n)])[None]
    cost = np.concatenate([np.ones(n), np.zeros(n)])
    found = linprog(cost, -rows, -needed / unit, balance, [0.0], bounds=(0, None), method="highs")
    if found.status == 0:
        return np.asarray((found.x[:n] - found.x[n:]) * unit), 0.0
    slack = np.hstack([rows, np.eye(n)])
    short = linprog(
        np.concatenate([np.zeros(2 * n), np.ones(n)]),
        -slack,
        -needed / unit,
        np.hstack([balance, np.zeros((1, n))]),
        [0.0],
        bounds=(0, None),
        method="highs",
    )
    if short.status != 0:
        raise DostastyqError("CO011", f"the linear programme of transfers failed: {short.message}", "")
    return np.zeros(n), float(short.fun) * unit
