"""From unions to shocks: every set of disjoint unions of the states is one change of the calibrated world."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dostastyq.coalition.effects import Effects, Reference, check_kind
from dostastyq.coalition.external_tariff import ExternalTariff
from dostastyq.coalition.subsets import LARGEST, FloatArray
from dostastyq.equilibrium import Block, Economy, Shock
from dostastyq.errors import DostastyqError, nearest

Unions = tuple[int, ...]
"""Masks of disjoint coalitions; a coalition of one state or none is no union."""


@dataclass(frozen=True, eq=False)
class Worlds:
    """Every world in which some of the n states form unions and the others do not.

    Parameters
    ----------
    economy
        Calibrated base.
    members
        The n states that may form unions, labels of the economy.
    union
        Kind of union.
    effects
        Effects of unions on trade, K of them.
    reference
        What lies between states that are in no union together.
    external
        Common external tariff; None where members keep their own.
    goods
        Share of the effects that applies to each sector, shape (sectors,): 1 for goods, 0 for services; None for all.
    """

    economy: Economy
    members: tuple[str, ...]
    union: str
    effects: Effects
    reference: Reference
    external: ExternalTariff | None = None
    goods: FloatArray | None = None

    def __post_init__(self) -> None:
        check_kind(self.union)
        check_members(self.members, self.economy.labels)

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Where the states stand in the economy."""
        return tuple(self.economy.labels.index(member) for member in self.members)

    @cached_property
    def _at(self) -> NDArray[np.intp]:
        return np.array(self.places)

    @cached_property
    def theta(self) -> FloatArray:
        """Trade elasticity a sector, shape (sectors, 1, 1)."""
        return np.atleast_1d(np.asarray(self.economy.elasticity, dtype=np.float64)).reshape(-1, 1, 1)

    @cached_property
    def tariffs(self) -> FloatArray | None:
        """Tariffs of the base, shape (sectors, N, N); None where it has none."""
        return base_tariffs(self.economy)

    @cached_property
    def designs(self) -> tuple[FloatArray, FloatArray]:
        """Change of what is in place, outside and inside a union, from what the base has; each (K, n, n)."""
        n, k = len(self.members), len(self.effects.values)
        nothing = np.zeros((k, n, n))
        present = nothing if self.reference.present is None else self.reference.present
        outside = nothing if self.reference.outside is None else self.reference.outside
        inside = self.reference.inside
        if inside is None:
            inside = np.maximum(outside, self.effects.layers(self.union)[:, None, None])
        change = np.stack([outside - present, inside - present])
        change[:, :, np.arange(n), np.arange(n)] = 0.0
        return change[0], change[1]

    @cached_property
    def _tariff_changes(self) -> tuple[FloatArray, FloatArray] | None:
        """Tariffs between the states outside and inside a union, shape (sectors, n, n) each; None without tariffs."""
        if self.tariffs is None:
            return None
        own = self.tariffs[np.ix_(np.arange(len(self.tariffs)), self._at, self._at)]
        outside = own if self.reference.tariffs is None else np.broadcast_to(self.reference.tariffs, own.shape)
        home = np.eye(own.shape[1], dtype=np.bool_)
        inside = outside if self.reference.keep_tariffs else np.where(home, own, 0.0)
        return np.asarray(outside), np.asarray(inside)

    def shocks(self, worlds: Iterable[Unions], coefficients: FloatArray) -> Iterator[Shock]:
        """Shocks that lead from the base to some worlds, each confined to the states.

        Parameters
        ----------
        worlds
            The unions of each world.
        coefficients
            Effects in log points, shape (K,).
        """
        outside, inside = (np.exp(self._log_cost(side, coefficients)) for side in (0, 1))
        rates = None
        if self.tariffs is not None and self._tariff_changes is not None:
            rates = self.tariffs[:, self._at, :].copy()
            rates[:, :, self._at] = self._tariff_changes[0]
        for unions in worlds:
            cost = outside.copy()
            new = None if rates is None else rates.copy()
            for mask in unions:
                own = np.array([place for place in range(len(self.members)) if mask >> place & 1])
                if len(own) > 1:
                    within = np.ix_(np.arange(len(cost)), own, own)
                    cost[within] = inside[within]
                    if new is not None:
                        self._lay_tariffs(new, own)
            yield self._shock(cost, new)

    def _log_cost(self, side: int, coefficients: FloatArray) -> FloatArray:
        """Log of the trade cost ratio between the states, outside (0) or inside (1) a union, (sectors or 1, n, n)."""
        effect = np.tensordot(coefficients, self.designs[side], axes=1)
        cost = -effect[None] / self.theta
        if self.goods is not None:
            cost = cost * self.goods[:, None, None]
        if self._tariff_changes is not None and self.effects.contain_tariffs and self.tariffs is not None:
            own = self.tariffs[np.ix_(np.arange(len(self.tariffs)), self._at, self._at)]
            cost = cost - (1 + self.theta) / self.theta * (np.log1p(self._tariff_changes[side]) - np.log1p(own))
        return np.asarray(cost)

    def _lay_tariffs(self, rates: FloatArray, own: NDArray[np.intp]) -> None:
        """Write the tariffs of the union of the states `own` into ``rates[sector, state, exporter]``."""
        places = self._at
        home = rates[:, own, places[own]].copy()
        if self.external is not None:
            rates[:, own, :] = self.external.of(places[own].tolist())[:, None, :]
        assert self._tariff_changes is not None
        block = np.ix_(np.arange(len(rates)), own, own)
        rates[np.ix_(np.arange(len(rates)), own, places[own])] = self._tariff_changes[1][block]
        rates[:, own, places[own]] = home

    def _shock(self, cost: FloatArray, rates: FloatArray | None) -> Shock:
        """Shock with the trade costs between the states and their tariffs on everybody."""
        names, everybody = self.members, tuple(self.economy.labels)
        return Shock(Block(_squeeze(cost), names), None if rates is None else Block(_squeeze(rates), names, everybody))


def _squeeze(values: FloatArray) -> FloatArray:
    return values[0] if len(values) == 1 else values


def check_members(members: Sequence[str], economies: Sequence[str | int]) -> None:
    """Refuse states that cannot form a union in this economy.

    Raises
    ------
    DostastyqError
        ``CO001`` unknown, or inside the rest of the world; ``CO002`` named twice; ``CO003`` fewer than two; ``CO004``
        too many.
    """
    known = [str(label) for label in economies]
    for member in members:
        if member in ("ROW",):
            raise DostastyqError(
                "CO001", "ROW is the rest of the world, no state that could join a union", "name states one by one"
            )
        if member not in known:
            if "ROW" in known:
                raise DostastyqError(
                    "CO001",
                    f"{member} is no economy of its own in this baseline: it is unknown or inside ROW, the rest of the"
                    " world, and what is inside ROW cannot be told apart",
                    nearest(member, known) or "choose a baseline in which it stands alone",
                )
            raise DostastyqError("CO001", f"{member} is no state of this economy", nearest(member, known))
    for member in members:
        if list(members).count(member) > 1:
            raise DostastyqError("CO002", f"{member} is named twice; expected each state once", "name it once")
    if len(members) < 2:
        raise DostastyqError("CO003", f"{len(members)} state named; a union needs two at least", "name more states")
    if len(members) > LARGEST:
        raise DostastyqError("CO004", f"{len(members)} states named; {LARGEST} at most", "name fewer states")


def base_tariffs(economy: Economy) -> FloatArray | None:
    """Tariffs of the base, shape (sectors, N, N); None where there are none at all."""
    rates = np.asarray(economy.tariffs)
    if not rates.any():
        return None
    return np.asarray(rates if rates.ndim == 3 else rates[None])


def base_flows(economy: Economy) -> FloatArray:
    """Flows of the base, shape (sectors, N, N), million USD of the base year where the baseline has them in it."""
    flows = np.asarray(economy.flows)
    return np.asarray(flows if flows.ndim == 3 else flows[None])
