"""The members of an agreement as a coalition, on a baseline with sectors: tariffs follow the law of every group.

A group of members has the law of the world with the agreement among itself; tariffs between states, external tariffs of
who joins a union and costs of trade are those that `dostastyq.assess.sector_worlds` makes of that law.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from dostastyq.assess import by_sector
from dostastyq.assess.estimates import Estimates
from dostastyq.assess.membership import MOST, Membership, existence, membership_of
from dostastyq.assess.regime import KINDS, PARAMETERS, design
from dostastyq.assess.restrict import Pair, pair_of
from dostastyq.assess.scenario import UNIONS, Scenario
from dostastyq.assess.sector_worlds import SectorWorlds
from dostastyq.assess.tariffs import World
from dostastyq.assess.unions import effects_of
from dostastyq.coalition import Reference
from dostastyq.coalition.worlds import Unions, Worlds
from dostastyq.equilibrium import Shock
from dostastyq.register import Register

Array = NDArray[np.float64]


def sector_memberships(question: by_sector.Question, law: Register, present: date) -> tuple[Membership, ...]:
    """Test the membership of an agreement in every world without it that is compared.

    Parameters
    ----------
    question
        What is assessed; where states leave or join, the membership after that is tested.
    law
        The register.
    present
        Day of the law under which the baseline's flows were made.

    Returns
    -------
    tuple of Membership
        One a contrast; empty where fewer than two members, or more than ten, are economies of the baseline.
    """
    plan = question.plan.scenario
    members = tuple(state for state in plan.members if state not in plan.leave)
    if not 2 <= len(members) <= MOST:
        return ()
    pool = (*members, *(state for state in plan.states if state not in members))
    order = np.array([plan.states.index(state) for state in pool])
    bound = np.isin(pool, [state for state in plan.members if state not in plan.join])
    found = []
    for compared in question.plan.pairs:
        pair = compared if plan.change == "exists" else _existence(plan, compared, law, present)
        first, second, now = (
            world.design[:, order[:, None], order] for world in (pair.first, pair.second, pair.present)
        )
        deeper = np.maximum(first, np.array(KINDS[plan.preference])[:, None, None])
        inside = np.where(np.outer(bound, bound), second, deeper)
        worlds = by_sector.worlds_of(question, pair)
        game = _LawWorlds(
            worlds.economy,
            pool,
            plan.preference,
            effects_of(question.estimates),
            Reference(pair.plan.otherwise, now, first, inside),
            law=worlds,
            order=order,
            without=pair.first,
        )
        found.append(membership_of(game, len(members), pair.plan.otherwise))
    return tuple(found)


def _existence(plan: Scenario, compared: Pair, law: Register, present: date) -> Pair:
    """Compare the law without the agreement and with it, where a change of its members is assessed."""
    pairs = law.pairs(present)
    whole = tuple(sorted(pairs["exporter"].unique()))
    rows = [whole.index(state) for state in plan.states]
    return pair_of(existence(plan, compared.plan, law), design(pairs, whole), rows)


@dataclass(frozen=True, eq=False)
class _LawWorlds(Worlds):
    """Worlds whose tariffs and costs follow from the law of every group.

    Parameters
    ----------
    law
        What a law makes of tariffs and costs.
    order
        Places of the states in its designs.
    without
        The world in which nobody has the agreement.
    """

    law: SectorWorlds | None = None
    order: NDArray[np.intp] | None = None
    without: World | None = None

    def shocks(self, worlds: Iterable[Unions], coefficients: Array) -> Iterator[Shock]:
        """Shocks that lead from the base to some worlds."""
        assert self.law is not None
        assert self.order is not None
        assert self.without is not None
        law = replace(self.law, estimates=_at(self.law.estimates, coefficients), solved={})
        inside = self.reference.inside
        assert inside is not None
        for unions in worlds:
            design, union = self.without.design.copy(), self.without.union.copy()
            for mask in unions:
                own = np.array([place for place in range(len(self.members)) if mask >> place & 1])
                if len(own) > 1:
                    block = self.order[own]
                    design[:, block[:, None], block] = inside[:, own[:, None], own]
                    union[block] |= self.union in UNIONS
            design[:, np.arange(len(union)), np.arange(len(union))] = 0.0
            parts = law.parts(World(design, union))
            cost, tariffs = (part[0] if len(part) == 1 else part for part in (parts.cost, parts.tariffs))
            yield Shock(trade_cost=cost, tariffs=tariffs)


def _at(estimates: Estimates, coefficients: Array) -> Estimates:
    for name, value in zip(PARAMETERS, coefficients.tolist(), strict=True):
        estimates = estimates.replace(name, value=value)
    return estimates
