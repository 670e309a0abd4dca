r"""Worlds of an economy with sectors: tariffs and non-tariff costs of each law, mixed channel by channel, and solved.

A coefficient :math:`\beta` speaks of goods as a whole and contains the tariff cut. Sector j of goods between states
whose law differs from the baseline's therefore moves by

.. math:: \ln\hat d_{nij}=-\frac{\beta}{\theta_j}-\frac{1+\theta_j}{\theta_j}\,\Delta\ln(1+\tau_{nij}),

so that trade of every sector moves by :math:`\beta` in all, tariffs and the rest together. Two other readings of an
effect serve as sensitivity: ``"by_pair"`` takes the tariff part of a pair at its mean over sectors weighted by
trade, so that sectors with high tariffs move by more than :math:`\beta` and others by less; ``"tariffs_only"`` leaves
:math:`\beta` aside and lets the tariffs act alone. Services are moved by none.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dostastyq.assess.channels import Coalition
from dostastyq.assess.contrast import log_ratio
from dostastyq.assess.estimates import Estimates
from dostastyq.assess.regime import PARAMETERS, Design
from dostastyq.assess.shock import embed, trade_cost
from dostastyq.assess.tariffs import TariffLaw, World
from dostastyq.equilibrium import Economy, Equilibrium, Shock

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What a world changes in the baseline.

    Parameters
    ----------
    tariffs
        Levels, ``(sector, importer, exporter)``.
    cost
        Ratio new/old of the iceberg factor, same shape.
    slope
        Derivative of its log with respect to the effects, ``(parameter, sector, importer, exporter)``.
    """

    tariffs: Array
    cost: Array
    slope: Array


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """A solved world with what is asked of it.

    Parameters
    ----------
    equilibrium
        The equilibrium.
    slope
        See `Parts`.
    """

    equilibrium: Equilibrium
    slope: Array

    @property
    def log_welfare(self) -> Array:
        """Log of real income over the baseline's."""
        return log_ratio(self.equilibrium.welfare)

    @property
    def flows(self) -> Array:
        """Trade, ``(sector, importer, exporter)``."""
        flows = np.asarray(self.equilibrium.flows)
        return flows if flows.ndim == 3 else flows[None]

    def derivative(self) -> Array:
        """Differentiate `log_welfare` with respect to the effects, ``(parameter, economy)``."""
        if not self.slope.any():
            return np.zeros((len(self.slope), self.slope.shape[-1]))
        one_sector = np.asarray(self.equilibrium.flows).ndim == 2
        return np.asarray(self.equilibrium.derivative(self.slope[:, 0] if one_sector else self.slope))


@dataclass
class SectorWorlds:
    """The economy of a baseline by sectors under any law between the states of the register.

    Parameters
    ----------
    economy
        Calibrated baseline.
    law
        Its tariffs, and the law at its date.
    theta
        Trade elasticity of every sector.
    estimates
        Effects of the layers of a design.
    reading
        How an estimated effect is read: ``"by_sector"``, ``"by_pair"`` or ``"tariffs_only"``.
    """

    economy: Economy
    law: TariffLaw
    theta: Array
    estimates: Estimates
    reading: str = "by_sector"
    solved: dict[bytes, Solved] = field(default_factory=dict)

    @property
    def coefficients(self) -> Array:
        """Effects of the layers of a design, log points."""
        return np.array([self.estimates.parameter(name).value for name in PARAMETERS])

    @property
    def covariance(self) -> Array:
        """Their joint covariance, in the same order."""
        order = [self.estimates.names.index(name) for name in PARAMETERS]
        return np.asarray(self.estimates.covariance)[np.ix_(order, order)]

    @cached_property
    def goods(self) -> NDArray[np.bool_]:
        """Sectors of goods."""
        return np.array([sector not in self.law.base.detail.services for sector in self.law.base.sectors])

    def parts(self, world: World) -> Parts:
        """Lay out what `world` changes in the baseline."""
        change = self._lay_out(world.design - self.law.present.design)
        effect = np.tensordot(self.coefficients, change, axes=1)
        tariffs = self.law.levels(world)
        moved = np.log1p(tariffs) - np.log1p(self.law.now)
        moved[:, ~change.any(axis=0)] = 0.0
        theta = self.theta[:, None, None]
        if self.reading == "by_pair":
            moved = self.pair_mean((1 + theta) * moved) / (1 + theta)
        cost = trade_cost(effect, theta, moved)
        slope = -change[:, None] / theta * self.goods[:, None, None]
        if self.reading == "tariffs_only":
            cost, slope = np.ones_like(cost), np.zeros_like(slope)
        cost[~self.goods] = 1.0
        return Parts(tariffs, cost, slope)

    def tariff_part(self, first: World, second: World) -> float:
        """Log points by which the tariffs between states whose law differs would move their trade, on average."""
        pairs = self.differ(first, second)
        theta = self.theta[:, None, None]
        moved = -(1 + theta) * (np.log1p(self.law.levels(second)) - np.log1p(self.law.levels(first)))
        weight = self.law.base.flows * self.goods[:, None, None] * pairs
        return float((moved * weight).sum() / weight.sum()) if weight.any() else 0.0

    def whole_effect(self, first: World, second: World) -> tuple[float, float]:
        """Mean of the estimated effect over the pairs whose law differs, log points, and its standard error."""
        weight = (self.law.base.flows * self.goods[:, None, None]).sum(axis=0) * self.differ(first, second)
        change = self._lay_out(second.design - first.design)
        mean = (change * weight).sum(axis=(1, 2)) / (weight.sum() or 1.0)
        return float(mean @ self.coefficients), float(np.sqrt(mean @ self.covariance @ mean))

    def differ(self, first: World, second: World) -> NDArray[np.bool_]:
        """Pairs (importer, exporter) of the baseline whose law differs between two worlds."""
        return np.asarray(self._lay_out(second.design - first.design).any(axis=0))

    @staticmethod
    def mix(first: Parts, second: Parts, pairs: NDArray[np.bool_], switched: Coalition) -> Parts:
        """Take the channels of `switched` from the second world and the others from the first."""
        inside = second if "internal_tariffs" in switched else first
        outside = second if "external_tariff" in switched else first
        rest = second if "non_tariff_costs" in switched else first
        return Parts(np.where(pairs, inside.tariffs, outside.tariffs), rest.cost, rest.slope)

    def solve(self, parts: Parts, deficits: Array | None = None) -> Solved:
        """Solve a world; equal worlds are solved once.

        Parameters
        ----------
        parts
            What it changes.
        deficits
            Trade deficit of every economy, in place of the baseline's.
        """
        key = b"".join(part.tobytes() for part in (parts.tariffs, parts.cost, parts.slope))
        key += b"" if deficits is None else deficits.tobytes()
        if key not in self.solved:
            shock = Shock(trade_cost=self._shaped(parts.cost), tariffs=self._shaped(parts.tariffs), **_given(deficits))
            self.solved[key] = Solved(self.economy.solve(shock), parts.slope)
        return self.solved[key]

    def _lay_out(self, change: Design) -> Array:
        return embed(change, self.law.states, self.law.base.economies)

    def pair_mean(self, part: Array) -> Array:
        """Mean over the sectors of goods of each pair, weighted by trade."""
        weight = self.law.base.flows * self.goods[:, None, None]
        total = weight.sum(axis=0)
        return np.asarray((part * weight).sum(axis=0) / np.where(total > 0, total, 1.0))

    def _shaped(self, array: Array) -> Array:
        return array[0] if len(self.theta) == 1 else array


def _given(deficits: Array | None) -> dict[str, Array]:
    return {} if deficits is None else {"deficits": deficits}
