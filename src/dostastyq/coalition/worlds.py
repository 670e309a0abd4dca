"""From unions to shocks: every set of disjoint unions of the states is one change of the calibrated world."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dostastyq.coalition.effects import Effects, Reference, check_kind
from dostastyq.coalition.external_tariff import ExternalTariff
from dostastyq.coalition.subsets import LARGEST, FloatArray
from dostastyq.equilibrium import Economy, Shock
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
    """

    economy: Economy
    members: tuple[str, ...]
    union: str
    effects: Effects
    reference: Reference
    external: ExternalTariff | None = None

    def __post_init__(self) -> None:
        check_kind(self.union)
        check_members(self.members, self.economy.labels)

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Where the states stand in the economy."""
        return tuple(self.economy.labels.index(member) for member in self.members)

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
        own = self.tariffs[np.ix_(range(len(self.tariffs)), self.places, self.places)]
        outside = own if self.reference.tariffs is None else np.broadcast_to(self.reference.tariffs, own.shape)
        return np.asarray(outside), np.zeros_like(own)

    def shocks(self, worlds: Sequence[Unions], coefficients: FloatArray) -> list[Shock]:
        """Shocks that lead from the base to some worlds.

        Parameters
        ----------
        worlds
            The unions of each world.
        coefficients
            Effects in log points, shape (K,).
        """
        outside, inside = (self._log_cost(side, coefficients) for side in (0, 1))
        size = len(self.economy.labels)
        start = np.zeros((len(outside), size, size))
        start[np.ix_(range(len(outside)), self.places, self.places)] = outside
        tariffs = None if self.tariffs is None or self._tariff_changes is None else self.tariffs.copy()
        if tariffs is not None and self._tariff_changes is not None:
            tariffs[np.ix_(range(len(tariffs)), self.places, self.places)] = self._tariff_changes[0]
        return [self._shock(unions, start, inside, tariffs) for unions in worlds]

    def _log_cost(self, side: int, coefficients: FloatArray) -> FloatArray:
        """Log of the trade cost ratio between the states, outside (0) or inside (1) a union, (sectors or 1, n, n)."""
        effect = np.tensordot(coefficients, self.designs[side], axes=1)
        cost = -effect[None] / self.theta
        if self._tariff_changes is not None and self.effects.contain_tariffs and self.tariffs is not None:
            own = self.tariffs[np.ix_(range(len(self.tariffs)), self.places, self.places)]
            cost = cost - (1 + self.theta) / self.theta * (np.log1p(self._tariff_changes[side]) - np.log1p(own))
        return np.asarray(cost)

    def _shock(self, unions: Unions, start: FloatArray, inside: FloatArray, tariffs: FloatArray | None) -> Shock:
        cost = start.copy()
        rates = None if tariffs is None else tariffs.copy()
        for mask in unions:
            own = [place for place in range(len(self.members)) if mask >> place & 1]
            if len(own) < 2:
                continue
            block = [self.places[place] for place in own]
            within = np.ix_(range(len(cost)), block, block)
            cost[within] = inside[np.ix_(range(len(cost)), own, own)]
            if rates is not None:
                if self.external is not None:
                    rates[:, block, :] = self.external.of(block)[:, None, :]
                    home = np.array(self.places)
                    assert self.tariffs is not None
                    rates[:, home, home] = self.tariffs[:, home, home]
                sectors = range(len(rates))
                diagonal = rates[:, block, block].copy()
                rates[np.ix_(sectors, block, block)] = 0.0
                rates[:, block, block] = diagonal
        return Shock(trade_cost=_squeeze(np.exp(cost)), tariffs=None if rates is None else _squeeze(rates))


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


def _squeeze(array: FloatArray) -> FloatArray:
    return array[0] if len(array) == 1 else array
