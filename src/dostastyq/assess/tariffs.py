"""Tariffs of a world: what the law between states makes of the baseline's tariffs.

A pair with a preference has no tariff. A pair that loses its preference pays the importer's external tariff. A state
that joins a customs union takes the union's external tariff on everybody outside; one that leaves goes back to its own
national tariff where a file gives it, and keeps the union's where none does, which the result says.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dostastyq.assess.regime import Design
from dostastyq.trade import Baseline

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """The law between the states that are economies of the baseline.

    Parameters
    ----------
    design
        Shape ``(parameter, importer, exporter)``, no unknowns.
    union
        Whether each state is in a customs or economic union with any state of the register.
    """

    design: Design
    union: NDArray[np.bool_]

    @classmethod
    def of(cls, design: Design, rows: list[int]) -> "World":
        """Restrict a design over the register to the states at `rows`; unions are read before."""
        return cls(design[:, rows][:, :, rows], (design[1] == 1).any(axis=1)[rows])


@dataclass(frozen=True, slots=True, eq=False)
class TariffLaw:
    """How tariffs follow from the law.

    Parameters
    ----------
    base
        The baseline.
    states
        States of the register that are economies of it, in the order of every design.
    present
        Law at the baseline's date.
    national
        National tariffs by state and sector, for states that leave a union.
    """

    base: Baseline
    states: tuple[str, ...]
    present: World
    national: Mapping[str, Array]

    @property
    def now(self) -> Array:
        """Tariffs of the baseline, ``(sector, importer, exporter)``; zeros where it has none."""
        return np.zeros_like(self.base.flows) if self.base.tariffs is None else np.asarray(self.base.tariffs)

    def levels(self, world: World) -> Array:
        """Tariffs under `world`, ``(sector, importer, exporter)``."""
        result = self.now.copy()
        places = [self.base.economies.index(state) for state in self.states]
        outside = [i for i in range(len(self.base.economies)) if i not in places]
        for a, n in enumerate(places):
            external, changed = self.external(a, world)
            known = np.isfinite(external)
            if changed:
                result[np.ix_(known, np.array([n]), np.array(outside, dtype=np.intp))] = external[known][:, None, None]
            for b, i in enumerate(places):
                free, was = world.design[0, a, b] == 1, self.present.design[0, a, b] == 1
                if a == b or (free and was):
                    continue
                if free:
                    result[:, n, i] = 0.0
                elif was or changed:
                    result[known, n, i] = external[known]
        return result

    def external(self, state: int, world: World) -> tuple[Array, bool]:
        """Tariff by sector of a state on exporters without preference, and whether it is not the baseline's."""
        published = self.base.detail.external
        columns = [self.base.economies.index(code) for code in self.states]
        own = np.full(len(self.base.sectors), np.nan) if published is None else published[:, columns[state]]
        joins = world.union[state] and not self.present.union[state]
        leaves = self.present.union[state] and not world.union[state]
        if joins and published is not None and self.present.union.any():
            member = columns[int(np.argmax(self.present.union))]
            return np.asarray(published[:, member]), True
        if leaves and self.states[state] in self.national:
            return np.asarray(self.national[self.states[state]]), True
        return np.asarray(own), False

    def leavers(self, world: World) -> tuple[str, ...]:
        """States that are in a union at the baseline's date and in none in `world`."""
        leaves = self.present.union & ~world.union
        return tuple(state for state, gone in zip(self.states, leaves, strict=True) if gone)

    def unknown(self, world: World) -> tuple[str, ...]:
        """States that lose a preference in `world` but whose external tariff nobody gives: no tariff is put on."""
        result = []
        for a, state in enumerate(self.states):
            lost = (self.present.design[0, a] == 1) & (world.design[0, a] != 1)
            external, _ = self.external(a, world)
            goods = [j for j, sector in enumerate(self.base.sectors) if sector not in self.base.detail.services]
            if lost.any() and np.isnan(external[goods]).any():
                result.append(state)
        return tuple(result)
