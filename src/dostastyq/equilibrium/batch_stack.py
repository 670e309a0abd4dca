"""The shocks of a chunk as arrays over the rows and columns that any of them touches, and matrices that share the rest.

S scenarios, N states, r rows (importers), c columns (exporters).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dostastyq.equilibrium.batch_read import Chunk, Part
from dostastyq.equilibrium.block import Places
from dostastyq.equilibrium.labels import FloatArray
from dostastyq.equilibrium.one_sector import Base, components, is_two_way

_EXTREME = 50.0


@dataclass(frozen=True, slots=True, eq=False)
class Patched:
    """S matrices that differ in some rows and columns only.

    Parameters
    ----------
    common
        What they share, shape (N, N), zero where they differ.
    rows, columns
        Where they differ.
    block
        Their numbers there, shape (S, r, c).
    """

    common: FloatArray
    rows: Places
    columns: Places
    block: FloatArray

    @classmethod
    def of(cls, shared: FloatArray, rows: Places, columns: Places, block: FloatArray) -> "Patched":
        """Take the patch out of the matrix that is shared elsewhere."""
        common = shared.copy()
        common[np.ix_(rows, columns)] = 0.0
        return cls(common, rows, columns, block)

    def take(self, which: NDArray[np.intp]) -> "Patched":
        """Keep some of the scenarios."""
        return replace(self, block=self.block[which])

    def forward(self, x: FloatArray) -> FloatArray:
        """Each matrix times its own vector, shape (S, N).

        Examples
        --------
        >>> two = Patched.of(np.ones((2, 2)), np.array([0]), np.array([1]), np.array([[[5.0]], [[7.0]]]))
        >>> two.forward(np.ones((2, 2)))
        array([[6., 2.],
               [8., 2.]])
        """
        result = x @ self.common.T
        if self.block.size:
            result[:, self.rows] += np.matvec(self.block, x[:, self.columns])
        return result

    def back(self, y: FloatArray) -> FloatArray:
        """Each matrix, transposed, times its own vector, shape (S, N)."""
        result = y @ self.common
        if self.block.size:
            result[:, self.columns] += np.vecmat(y[:, self.rows], self.block)
        return result


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """The shocks of a chunk.

    Parameters
    ----------
    base
        Calibrated world.
    rows, columns
        What any shock touches.
    log_cost
        Log of iceberg ratios, shape (S, r, c).
    tariffs
        Tariffs after the shock, shape (S, r, c); None where there are none before or after.
    shift
        ln A + ln L, shape (S, N), None when no shock has any.
    labour
        ln L, shape (S, N), None when no shock has any.
    deficit
        Deficits that replace those of the closure, shape (S, N); NaN where a shock leaves them to it, None when all do.
    """

    base: Base
    rows: Places
    columns: Places
    log_cost: FloatArray
    tariffs: FloatArray | None
    shift: FloatArray | None
    labour: FloatArray | None
    deficit: FloatArray | None

    @classmethod
    def of(cls, base: Base, chunk: Chunk) -> "Stack":
        """Lay the shocks of a chunk beside each other."""
        shocks = chunk.shocks
        rows, columns = chunk.frame()
        log_cost = np.zeros((len(shocks), len(rows), len(columns)))
        _lay([shock.log_cost for shock in shocks], log_cost, rows, columns)
        tariffs = None
        levels = [shock.tariffs for shock in shocks]
        if base.tariffs is not None or any(part is not None for part in levels):
            before = 0.0 if base.tariffs is None else base.tariffs[np.ix_(rows, columns)]
            tariffs = np.empty_like(log_cost)
            tariffs[:] = before
            _lay(levels, tariffs, rows, columns)
        size = len(base.output)
        made = _by_state([shock.rest.log_productivity for shock in shocks], 0.0, size)
        labour = _by_state([shock.rest.log_labour for shock in shocks], 0.0, size)
        shift = labour if made is None else made if labour is None else made + labour
        deficit = _by_state([shock.rest.deficit for shock in shocks], np.nan, size)
        if deficit is not None and base.closure == "additive":
            deficit = np.where(np.isnan(deficit), base.deficit, deficit)
        return cls(base, rows, columns, log_cost, tariffs, shift, labour, deficit)

    @property
    def fixed_deficit(self) -> FloatArray | None:
        """Deficits where they do not follow incomes, shape (N,) or (S, N); None where they do."""
        if self.deficit is not None:
            return self.deficit
        return self.base.deficit if self.base.closure == "additive" else None

    @property
    def place(self) -> tuple[NDArray[np.intp], ...]:
        """Index of the touched rows and columns in a full matrix."""
        return np.ix_(self.rows, self.columns)

    def log_factor(self) -> FloatArray:
        """Log of K over its base value, shape (S, r, c); 0 where the base has no flow."""
        base = self.base
        factor = -base.theta * self.log_cost
        if self.tariffs is not None:
            wedge = np.log1p(self.tariffs)
            if base.tariffs is not None:
                wedge -= np.log1p(base.tariffs[self.place])
            factor -= (1 + base.theta) * wedge
        factor[:, base.flows[self.place] == 0] = 0.0
        return factor

    def lift(self) -> FloatArray | float:
        """Factor of productivity and labour on U, shape (S, N), or 1."""
        return 1.0 if self.shift is None else np.exp(self.base.theta * self.shift)

    def ordinary(self, factor: FloatArray) -> NDArray[np.bool_]:
        """Scenarios without extremes, in a world that stays connected both ways, shape (S,).

        Parameters
        ----------
        factor
            Of `log_factor`.
        """
        base = self.base
        if base.parts is not None or not base.two_way:
            return np.zeros(len(factor), dtype=np.bool_)
        lost = np.isneginf(factor)
        result = np.asarray(((np.abs(factor) <= _EXTREME) | lost).all(axis=(1, 2)))
        if self.deficit is not None:
            result &= ~np.isnan(self.deficit).any(axis=1)
        if self.shift is not None:
            result &= (np.abs(base.theta * self.shift) <= _EXTREME).all(axis=1)
        linked = base.flows > 0
        for scenario in np.flatnonzero(lost.any(axis=(1, 2)) & result):
            open_ = linked.copy()
            open_[self.place] &= ~lost[scenario]
            result[scenario] = components(open_) is None and is_two_way(open_, None)
        return result


def _lay(parts: list[Part | None], onto: FloatArray, rows: Places, columns: Places) -> None:
    places: dict[bytes, tuple[NDArray[np.intp], ...]] = {}
    for scenario, part in enumerate(parts):
        if part is None:
            continue
        key = part.rows.tobytes() + b"|" + part.columns.tobytes()
        if key not in places:
            places[key] = np.ix_(np.searchsorted(rows, part.rows), np.searchsorted(columns, part.columns))
        onto[scenario][places[key]] = part.values


def _by_state(values: list[FloatArray | None], rest: float, size: int) -> FloatArray | None:
    if all(value is None for value in values):
        return None
    return np.stack([np.full(size, rest) if value is None else value for value in values])
