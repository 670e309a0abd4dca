"""The members of an agreement as a coalition: would any leave, would others join, what would hold them together.

The world without is that of the assessment's contrast. A group of members that has the agreement among itself has the
law of the world with it; a state of the register that would join gets what the kind of agreement gives. States in no
group have the law of the world without.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dostastyq.assess.estimates import Estimates
from dostastyq.assess.regime import KINDS, Design, between, design, settle
from dostastyq.assess.scenario import Scenario, Worlds, scenario
from dostastyq.assess.unions import economy_of, effects_of
from dostastyq.coalition import CONCEPTS, Reference, Transfers, core, shapley
from dostastyq.coalition.atlas import expenditure
from dostastyq.coalition.stability import TOLERANCE
from dostastyq.coalition.subsets import membership as inside_of
from dostastyq.coalition.table import solve
from dostastyq.coalition.transfers import least_transfers
from dostastyq.coalition.uncertainty import grid
from dostastyq.coalition.worlds import Worlds as Game
from dostastyq.equilibrium import Economy
from dostastyq.register import Register
from dostastyq.trade import Baseline

MOST = 10
"""Members up to which all their groups are solved within an assessment."""

DRAWS, AT_ONCE = 1000, 250
TESTS = ("mutual_benefit", "internal", "external", "nash", "individual", "core")


@dataclass(frozen=True, slots=True, eq=False)
class Membership:
    """What holds the members of an agreement together; money in million USD of the base year.

    Parameters
    ----------
    otherwise
        Law between states in no group: that of the contrast.
    members
        Members, as the assessment changes them.
    outsiders
        States of the register that could join.
    holds
        Test → whether the membership passes: mutual benefit, internal, external, Nash and individual stability, and the
        core (against groups of members).
    probability
        Test → probability over the estimated effects.
    would_leave, would_join
        States that would be better off on the other side, at the central estimate.
    welcome
        Those of `would_join` whose joining leaves no member worse off.
    variation
        Equivalent variation of each member over the world without, shape (members,).
    outside
        The same when it alone stays out.
    shapley
        Shapley value of each member.
    core_empty
        Whether some group of members could always claim more, however the gain is shared.
    transfers
        Least transfers for mutual benefit, and for the membership to be self-enforcing.
    """

    otherwise: str
    members: tuple[str, ...]
    outsiders: tuple[str, ...]
    holds: Mapping[str, bool]
    probability: Mapping[str, float]
    would_leave: tuple[str, ...]
    would_join: tuple[str, ...]
    welcome: tuple[str, ...]
    variation: NDArray[np.float64]
    outside: NDArray[np.float64]
    shapley: NDArray[np.float64]
    core_empty: bool
    transfers: tuple[Transfers, ...]

    @property
    def worth(self) -> float:
        """Sum of the members' equivalent variation."""
        return float(self.variation.sum())

    def to_dict(self) -> dict[str, Any]:
        """Plain data, transfers apart."""
        columns = {"variation": self.variation, "outside": self.outside, "shapley": self.shapley}
        return {
            "otherwise": self.otherwise,
            "members": list(self.members),
            "outsiders": list(self.outsiders),
            "tests": {
                name: {
                    "holds": self.holds[name],
                    "probability": self.probability[name],
                    "definition": CONCEPTS[name].definition,
                    "source": CONCEPTS[name].source,
                }
                for name in TESTS
            },
            "would_leave": list(self.would_leave),
            "would_join": list(self.would_join),
            "welcome": list(self.welcome),
            "unit": "million USD of the base year",
            "worth": self.worth,
            **{name: dict(zip(self.members, column.tolist(), strict=True)) for name, column in columns.items()},
            "core_empty": self.core_empty,
        }


def memberships(
    plan: Scenario, law: Register, base: Baseline, sizes: Estimates, *, present: date, elasticity: float
) -> tuple[Membership, ...]:
    """Test the membership of an agreement in every world without it that the assessment compares.

    Parameters
    ----------
    plan
        The scenario; where states leave or join, the membership after that is tested.
    law, base, sizes, elasticity
        What the assessment is made from.
    present
        Day of the law under which the baseline's flows were made.

    Returns
    -------
    tuple of Membership
        One a contrast; empty where the members are fewer than two or more than ten.
    """
    members = tuple(state for state in plan.members if state not in plan.leave)
    if not 2 <= len(members) <= MOST or len(base.sectors) > 1:
        return ()
    economy, now = economy_of(base, elasticity)[0], design(law.pairs(present), plan.states)
    found = []
    for compared in plan.worlds:
        worlds = existence(plan, compared, law)
        game = _game(economy, plan, members, settle(now, worlds.before, worlds.after)[:3], sizes)
        found.append(membership_of(game, len(members), compared.otherwise))
    return tuple(found)


def existence(plan: Scenario, compared: Worlds, law: Register) -> Worlds:
    """Lay the law without the agreement beside the law with it, both over all states of the register.

    Where a change of members is assessed, who joins has with the members, while it is outside, what the contrast
    `compared` says it has before.
    """
    if plan.change == "exists":
        return compared
    whole = scenario(plan.agreement, law, plan.on, otherwise=compared.otherwise)
    newcomers = between(whole.states, plan.join, (*whole.members, *plan.join))
    return replace(whole.worlds[0], before=np.where(newcomers, compared.before, whole.worlds[0].before))


def _game(
    economy: Economy, plan: Scenario, members: tuple[str, ...], laws: tuple[Design, Design, Design], sizes: Estimates
) -> Game:
    """Lay the law of the two worlds over the members, then the other states of the register."""
    pool = (*members, *(s for s in plan.states if s not in members and s in economy.labels))
    places = np.array([plan.states.index(state) for state in pool])
    order = np.ix_(np.arange(len(laws[0])), places, places)
    present, before, after = (one[order] for one in laws)
    bound = np.isin(pool, [state for state in plan.members if state not in plan.join])
    deeper = np.maximum(before, np.array(KINDS[plan.preference])[:, None, None])
    inside = np.where(np.outer(bound, bound), after, deeper)
    reference = Reference(plan.worlds[0].otherwise, present, before, inside, keep_tariffs=True)
    return Game(economy, pool, plan.preference, effects_of(sizes), reference)


def membership_of(game: Game, m: int, otherwise: str) -> Membership:
    """Test the coalition of the first `m` states of a game, the others being those that could join.

    Parameters
    ----------
    game
        Worlds in which some of the states have the agreement among themselves.
    m
        Number of members.
    otherwise
        Name of the world without.
    """
    everybody, n = (1 << m) - 1, len(game.members)
    masks = [*range(1 << m), *(everybody | 1 << j for j in range(m, n))]
    nodes = grid(game, uncertain=True)
    found = solve(game, [(mask,) for mask in masks], nodes.coefficients)
    money = expenditure(game.economy)
    places = list(game.places)
    tables = found[:, :, places]
    central = _payoff(tables[0], money[places])
    now = _Tests.of(central[None], m)
    counts = dict.fromkeys(TESTS, 0)
    flat = tables.reshape(len(tables), -1)
    for weights in np.split(nodes.weights(DRAWS), DRAWS // AT_ONCE):
        drawn = _payoff((weights @ flat).reshape(-1, *tables.shape[1:]), money[places])
        for name, passed in _Tests.of(drawn, m).passed().items():
            counts[name] += int(passed.sum())
    own = central[: 1 << m, :m]
    worth = (own * inside_of(m)).sum(axis=1) * (inside_of(m).sum(axis=1) > 1)
    return Membership(
        otherwise=otherwise,
        members=game.members[:m],
        outsiders=game.members[m:],
        holds={name: bool(passed[0]) for name, passed in now.passed().items()},
        probability={name: count / DRAWS for name, count in counts.items()},
        would_leave=tuple(game.members[i] for i in np.flatnonzero(now.leaves[0])),
        would_join=tuple(game.members[m + j] for j in np.flatnonzero(now.joins[0])),
        welcome=tuple(game.members[m + j] for j in np.flatnonzero(now.welcome[0])),
        variation=own[everybody],
        outside=np.array([own[everybody & ~(1 << i), i] for i in range(m)]),
        shapley=shapley(worth),
        core_empty=core(worth).empty,
        transfers=tuple(
            least_transfers(game, everybody, central[: 1 << m], money, self_enforcing=firm) for firm in (False, True)
        ),
    )


def _payoff(log_welfare: NDArray[np.float64], money: NDArray[np.float64]) -> NDArray[np.float64]:
    """Equivalent variation over the first row, shape (..., rows, n)."""
    real = np.exp(log_welfare)
    return np.asarray((real - real[..., :1, :]) * money)


@dataclass(frozen=True, slots=True, eq=False)
class _Tests:
    """What each of D tables of payoffs says of the membership; first axis D.

    A table has a row a group of members, by mask, then one a state that joins all of them.
    """

    gains: NDArray[np.bool_]
    leaves: NDArray[np.bool_]
    joins: NDArray[np.bool_]
    welcome: NDArray[np.bool_]
    blocked: NDArray[np.bool_]

    @classmethod
    def of(cls, payoff: NDArray[np.float64], m: int) -> "_Tests":
        everybody, n = (1 << m) - 1, payoff.shape[2]
        step = TOLERANCE * np.abs(payoff).max(axis=1)
        full, own, joined = payoff[:, everybody], np.arange(m), np.arange(n - m)
        apart = payoff[:, everybody & ~(1 << own), own]
        with_one = payoff[:, (1 << m) + joined]
        joins = with_one[:, joined, m + joined] > full[:, m:] + step[:, m:]
        unharmed = (with_one[:, :, :m] >= (full - step)[:, None, :m]).all(axis=2)
        better = (payoff[:, 1 : 1 << m, :m] > (full + step)[:, None, :m]) | ~inside_of(m)[1:]
        return cls(
            gains=(full[:, :m] > step[:, :m]).all(axis=1),
            leaves=apart > full[:, :m] + step[:, :m],
            joins=joins,
            welcome=joins & unharmed,
            blocked=better.all(axis=2).any(axis=1),
        )

    def passed(self) -> dict[str, NDArray[np.bool_]]:
        """Whether the membership passes each test, shape (D,)."""
        stays, shut = np.asarray(~self.leaves.any(axis=1)), np.asarray(~self.joins.any(axis=1))
        return {
            "mutual_benefit": self.gains,
            "internal": stays,
            "external": shut,
            "nash": np.asarray(stays & shut),
            "individual": np.asarray(stays & ~self.welcome.any(axis=1)),
            "core": ~self.blocked,
        }
