"""The shocks of a chunk with sectors, beside each other, and the arrays that sweeps and checks read.

J sectors, S scenarios, N states. States are put in an order in which the rows (importers) and the columns (exporters)
that any shock touches are contiguous; r and c are their numbers.
"""

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from dostastyq.equilibrium.batch_read import Chunk, Part
from dostastyq.equilibrium.batch_sweep import Array, Shared, Worlds
from dostastyq.equilibrium.block import Places, cells
from dostastyq.equilibrium.labels import FloatArray
from dostastyq.equilibrium.one_sector import components, is_two_way
from dostastyq.equilibrium.sectors.base import Base

_EXTREME = 50.0

T = TypeVar("T", np.float64, np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """An order of states in which touched rows and columns are contiguous.

    Parameters
    ----------
    order
        Place of each state in the economy, shape (N,).
    where
        The reverse of it.
    rows, columns
        Touched importers and exporters, in the new order.
    """

    order: Places
    where: Places
    rows: slice
    columns: slice

    @classmethod
    def of(cls, rows: Places, columns: Places, states: int) -> "Place":
        """Put rows only, both, columns only, neither, in this order.

        Examples
        --------
        >>> Place.of(np.array([1, 3]), np.array([0, 3]), 4)
        Place(order=array([1, 3, 0, 2]), where=array([2, 0, 3, 1]), rows=slice(0, 2, None), columns=slice(1, 3, None))
        """
        only = np.setdiff1d(rows, columns)
        rest = np.setdiff1d(np.arange(states), np.union1d(rows, columns))
        order = np.concatenate([only, np.intersect1d(rows, columns), np.setdiff1d(columns, rows), rest])
        where = np.argsort(order)
        return cls(order, where, slice(0, len(rows)), slice(len(only), len(only) + len(columns)))

    def by_state(self, values: FloatArray) -> FloatArray:
        """Put the last axis in the new order."""
        return values[..., self.order]

    def by_pair(self, values: NDArray[T]) -> NDArray[T]:
        """Put the last two axes in the new order."""
        return values[cells(self.order, self.order)]

    def lay(self, parts: list[Part | None], onto: FloatArray) -> None:
        """Write the parts of the scenarios into an array of shape (J, S, r, c)."""
        for scenario, part in enumerate(parts):
            if part is not None:
                rows, columns = self.where[part.rows] - self.rows.start, self.where[part.columns] - self.columns.start
                onto[:, scenario][cells(rows, columns)] = part.values


@dataclass(frozen=True, slots=True, eq=False)
class SectorStack:
    """The shocks of a chunk, states in the order of `place`.

    Parameters
    ----------
    base
        Calibrated world, in its own order.
    place
        The order.
    log_cost
        Log of iceberg ratios, shape (J, S, r, c).
    tariffs
        Tariffs after the shock, shape (J, S, r, c); None where there are none before or after.
    shift
        ln A + gamma ln L, shape (J, S, N).
    labour
        ln L, shape (S, N).
    deficit
        Deficits where they do not follow incomes, shape (S, N); None where they do.
    usable
        Scenarios without export taxes or deficits that the closure decides in others, shape (S,).
    """

    base: Base
    place: Place
    log_cost: FloatArray
    tariffs: FloatArray | None
    shift: FloatArray
    labour: FloatArray
    deficit: FloatArray | None
    usable: NDArray[np.bool_]

    @classmethod
    def of(cls, base: Base, chunk: Chunk, *, proportional: bool) -> "SectorStack":
        """Lay the shocks of a chunk beside each other."""
        shocks = chunk.shocks
        sectors, states = base.expenditure.shape
        rows, columns = chunk.frame()
        place = Place.of(rows, columns, states)
        log_cost = np.zeros((sectors, len(shocks), len(rows), len(columns)))
        place.lay([shock.log_cost for shock in shocks], log_cost)
        tariffs = None
        levels = [shock.tariffs for shock in shocks]
        if base.tariffs is not None or any(part is not None for part in levels):
            tariffs = np.zeros_like(log_cost)
            if base.tariffs is not None:
                tariffs[:] = place.by_pair(base.tariffs)[:, None, place.rows, place.columns]
            place.lay(levels, tariffs)
        shift = np.zeros((sectors, len(shocks), states))
        labour = np.zeros((len(shocks), states))
        deficit = np.tile(base.deficit, (len(shocks), 1))
        for scenario, shock in enumerate(shocks):
            moved = shock.rest.shift(base)
            shift[:, scenario] = 0.0 if moved is None else moved
            labour[scenario] = 0.0 if shock.rest.log_labour is None else shock.rest.log_labour
            deficit[scenario] = base.deficit if shock.rest.deficit is None else shock.rest.deficit
        usable = [
            shock.rest.export_taxes is None and not (proportional and shock.rest.deficit is not None)
            for shock in shocks
        ]
        fixed = None if proportional else place.by_state(deficit)
        return cls(
            base, place, log_cost, tariffs, place.by_state(shift), place.by_state(labour), fixed, np.array(usable)
        )

    def wedge(self) -> FloatArray:
        """Log of the iceberg ratio times (1+tau')/(1+tau), shape (J, S, r, c)."""
        if self.tariffs is None:
            return self.log_cost
        wedge = self.log_cost + np.log1p(self.tariffs)
        if self.base.tariffs is not None:
            wedge -= np.log1p(self._block(self.base.tariffs))
        return wedge

    def _block(self, values: FloatArray) -> FloatArray:
        """Touched rows and columns of an array of the base, shape (J, 1, r, c)."""
        return self.place.by_pair(values)[:, None, self.place.rows, self.place.columns]

    def shared(self, base_values: FloatArray, block: FloatArray, to: "Library") -> Shared:
        """Matrices with the base's numbers outside the block, in a library."""
        common = self.place.by_pair(base_values).copy()
        common[:, self.place.rows, self.place.columns] = 0.0
        turned = np.ascontiguousarray(common.transpose(0, 2, 1))
        return Shared(to(common), to(turned), self.place.rows, self.place.columns, to(block))

    def bought(self) -> FloatArray:
        """Give the base shares in the block, shape (J, 1, r, c)."""
        return self._block(self.base.shares)

    def ordinary(self, factor: FloatArray) -> NDArray[np.bool_]:
        """Scenarios without extremes or export taxes, in a world that stays connected both ways, shape (S,).

        Parameters
        ----------
        factor
            Log of the kernel over the base's, shape (J, S, r, c).
        """
        base = self.base
        linked = np.asarray((base.shares > 0) & (base.expenditure > 0)[:, :, None])
        if base.export_taxes is not None or not _both_ways(linked):
            return np.zeros_like(self.usable)
        lost = np.isneginf(factor)
        result = np.asarray(self.usable & ((np.abs(factor) <= _EXTREME) | lost).all(axis=(0, 2, 3)))
        result &= (np.abs(base.theta[:, None, None] * self.shift) <= _EXTREME).all(axis=(0, 2))
        linked = self.place.by_pair(linked)
        for scenario in np.flatnonzero(lost.any(axis=(0, 2, 3)) & result):
            left = linked.copy()
            left[:, self.place.rows, self.place.columns] &= ~lost[:, scenario]
            result[scenario] = _both_ways(left)
        return result

    def worlds(self, factor: FloatArray, to: "Library", *, proportional: bool) -> Worlds:
        """Equations of all scenarios, in a library."""
        base, place = self.base, self.place
        kernel = np.exp(factor) * self.bought()
        after = kernel if self.tariffs is None else kernel / (1 + self.tariffs)
        shares = base.shares if base.tariffs is None else base.shares / (1 + base.tariffs)
        inputs = base.inputs[place.order]
        first = self.shared(base.shares, kernel, to)
        return Worlds(
            xp=to.xp,
            kernel=first,
            border=first if after is kernel else self.shared(shares, after, to),
            theta=to(base.theta[:, None, None]),
            value_added=to(place.by_state(base.value_added)[:, None]),
            final_shares=to(place.by_state(base.final_shares)[:, None]),
            using=to(inputs),
            supplying=to(np.ascontiguousarray(inputs.transpose(0, 2, 1))),
            income=to(place.by_state(base.income)),
            empty=to(np.asarray(~place.by_pair(base.shares).any(axis=2))[:, None]),
            shift=to(self.shift),
            deficit=None if self.deficit is None else to(self.deficit),
            ratio=to(place.by_state(1 + base.deficit / base.income)) if proportional else None,
        )


def _both_ways(sold: NDArray[np.bool_]) -> bool:
    """Whether goods can come back along every link; `sold` has shape (J, N, N)."""
    linked = np.asarray(sold.any(axis=0))
    return components(linked) is None and is_two_way(linked, None)


@dataclass(frozen=True, slots=True)
class Library:
    """An array library and a device of it.

    Parameters
    ----------
    xp
        Namespace, by ``array_api_compat``.
    device
        Device, as the library names it; None for NumPy.
    """

    xp: Any
    device: Any = None

    def __call__(self, values: NDArray[Any]) -> Array:
        """Bring a NumPy array in."""
        return self.xp.asarray(np.ascontiguousarray(values), device=self.device)

    def numpy(self, values: Array) -> NDArray[Any]:
        """Bring an array out, to NumPy in this machine's memory."""
        if isinstance(values, np.ndarray):
            return values
        for fetch in ("get", "cpu"):  # CuPy, PyTorch
            if hasattr(values, fetch):
                return np.asarray(getattr(values, fetch)())
        return np.from_dlpack(values)
