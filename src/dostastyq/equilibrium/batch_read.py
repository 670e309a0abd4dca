"""Shocks of a batch: what each changes and where, gathered chunk by chunk.

A coalition touches the pairs of its members only. Its shock is kept as a small array with the places of its rows and
columns, whether it was given as a `Block` or as a full array in which nothing else moves.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from dostastyq.equilibrium.block import Block, Places
from dostastyq.equilibrium.labels import FloatArray, Labels
from dostastyq.equilibrium.one_sector import Base, Change
from dostastyq.errors import DostastyqError

if TYPE_CHECKING:
    from dostastyq.equilibrium.model import Economy, Shock

CHUNK = 512
_MOST_CELLS = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Pairwise numbers of a few rows and columns.

    Parameters
    ----------
    rows, columns
        Places of the importers and exporters.
    values
        Shape (rows, columns).
    """

    rows: Places
    columns: Places
    values: FloatArray

    @classmethod
    def of(cls, values: FloatArray, unchanged: FloatArray | float) -> "Part":
        """Rows and columns of a full array in which anything differs from `unchanged`.

        Examples
        --------
        >>> Part.of(np.array([[0.0, 0.0], [0.5, 0.0]]), 0.0)
        Part(rows=array([1]), columns=array([0]), values=array([[0.5]]))
        """
        touched = values != unchanged
        rows, columns = np.flatnonzero(touched.any(axis=1)), np.flatnonzero(touched.any(axis=0))
        if len(rows) == len(columns) == len(values):
            return cls(rows, columns, values)
        return cls(rows, columns, values[np.ix_(rows, columns)])

    def lay(self, onto: FloatArray) -> FloatArray:
        """Write the numbers into a full array, which is returned."""
        onto[np.ix_(self.rows, self.columns)] = self.values
        return onto


@dataclass(frozen=True, slots=True, eq=False)
class Local:
    """A resolved shock, kept where it acts; None means unchanged.

    Parameters
    ----------
    log_cost
        Log of the iceberg ratio.
    tariffs
        New ad valorem tariffs.
    log_productivity, log_labour
        Logs of ratios, shape (N,).
    """

    log_cost: Part | None = None
    tariffs: Part | None = None
    log_productivity: FloatArray | None = None
    log_labour: FloatArray | None = None

    @classmethod
    def of(cls, economy: "Economy", shock: "Shock") -> "Local":
        """Check a shock and confine it.

        Raises
        ------
        DostastyqError
            Codes of `Economy.resolve`.
        """
        base = economy.base
        before = 0.0 if base.tariffs is None else base.tariffs
        if isinstance(shock.trade_cost, Block | None) and isinstance(shock.tariffs, Block | None):
            cost = _placed(shock.trade_cost, "trade_cost", economy.labels, None)
            tariffs = _placed(shock.tariffs, "tariffs", economy.labels, base.tariffs)
            if _admissible(cost, tariffs):
                log_cost = None if cost is None else Part(cost.rows, cost.columns, np.log(cost.values))
                states = economy.resolve(replace(shock, trade_cost=None, tariffs=None))
                return cls(log_cost, tariffs, states.log_productivity, states.log_labour)
        change = economy.resolve(shock)
        return cls(
            None if change.log_cost is None else Part.of(change.log_cost, 0.0),
            None if change.tariffs is None else Part.of(change.tariffs, before),
            change.log_productivity,
            change.log_labour,
        )

    def change(self, base: Base) -> Change:
        """Give the same shock as full arrays."""
        cost = tariffs = None
        if self.log_cost is not None:
            cost = self.log_cost.lay(np.zeros_like(base.flows))
        if self.tariffs is not None:
            tariffs = self.tariffs.lay(np.zeros_like(base.flows) if base.tariffs is None else base.tariffs.copy())
        return Change(cost, tariffs, self.log_productivity, self.log_labour)


def _placed(block: Block | None, name: str, labels: Labels, default: FloatArray | None) -> Part | None:
    if block is None:
        return None
    if default is None and name == "tariffs":
        default = np.zeros((len(labels), len(labels)))
    return Part(*block.place(name, labels, default))


def _admissible(cost: Part | None, tariffs: Part | None) -> bool:
    """Whether no number has to be refused; `Economy.resolve` names the one that has."""
    return (cost is None or not cost.values.size or bool(cost.values.min() > 0)) and (
        tariffs is None or not tariffs.values.size or bool(tariffs.values.min() > -1 and tariffs.values.max() < np.inf)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Some scenarios that are solved together.

    Parameters
    ----------
    first
        Place of the first among all scenarios.
    shocks
        Their shocks.
    """

    first: int
    shocks: tuple[Local, ...]

    def frame(self) -> tuple[Places, Places]:
        """Rows and columns that any of the shocks touches."""
        parts = [part for shock in self.shocks for part in (shock.log_cost, shock.tariffs) if part is not None]
        empty = np.empty(0, dtype=np.intp)
        rows = reduce(np.union1d, {part.rows.tobytes(): part.rows for part in parts}.values(), empty)
        columns = reduce(np.union1d, {part.columns.tobytes(): part.columns for part in parts}.values(), empty)
        return rows, columns


def chunks(economy: "Economy", shocks: "Iterable[Shock]") -> Iterator[Chunk]:
    """Read shocks, 512 at a time, fewer where they touch so much that the arrays would grow beyond some 100 MB.

    Raises
    ------
    DostastyqError
        As `Local.of`, with the place of the shock that is refused.
    """
    first = 0
    held: list[Local] = []
    rows, columns = set[int](), set[int]()
    for index, shock in enumerate(shocks):
        try:
            local = Local.of(economy, shock)
        except DostastyqError as error:
            raise of_shock(index, error) from error
        parts = [part for part in (local.log_cost, local.tariffs) if part is not None]
        wider = rows.union(*(part.rows.tolist() for part in parts))
        longer = columns.union(*(part.columns.tolist() for part in parts))
        if held and (len(held) == CHUNK or (len(held) + 1) * len(wider) * len(longer) > _MOST_CELLS):
            yield Chunk(first, tuple(held))
            first, held = index, []
            wider = set().union(*(part.rows.tolist() for part in parts))
            longer = set().union(*(part.columns.tolist() for part in parts))
        held.append(local)
        rows, columns = wider, longer
    if held:
        yield Chunk(first, tuple(held))


def of_shock(index: int, error: DostastyqError) -> DostastyqError:
    """Name the shock that an error is about."""
    return DostastyqError(error.code, f"shock {index} (counted from 0): {error.message}", error.hint)
