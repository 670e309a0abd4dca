"""Shocks of a batch: what each changes and where, gathered chunk by chunk.

A coalition touches the pairs of its members only. Its shock is kept as a small array with the places of its rows and
columns, whether it was given as a `Block` or as a full array in which nothing else moves.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dostastyq.equilibrium.block import Block, Places, cells
from dostastyq.equilibrium.labels import FloatArray
from dostastyq.equilibrium.model import check_shock
from dostastyq.errors import DostastyqError

if TYPE_CHECKING:
    from dostastyq.equilibrium.model import Economy, Shock

_MOST_CELLS = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Pairwise numbers of a few rows and columns.

    Parameters
    ----------
    rows, columns
        Places of the importers and exporters.
    values
        Shape (rows, columns), or (J, rows, columns).
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
        if touched.ndim == 3:
            touched = touched.any(axis=0)
        rows, columns = np.flatnonzero(touched.any(axis=1)), np.flatnonzero(touched.any(axis=0))
        if len(rows) == len(columns) == len(touched):
            return cls(rows, columns, values)
        return cls(rows, columns, values[cells(rows, columns)])

    def lay(self, onto: FloatArray) -> FloatArray:
        """Write the numbers into a full array, which is returned."""
        onto[cells(self.rows, self.columns)] = self.values
        return onto


@dataclass(frozen=True, slots=True, eq=False)
class Local:
    """A resolved shock, its pairs kept where they act; None means unchanged.

    Parameters
    ----------
    log_cost
        Log of the iceberg ratio.
    tariffs
        New ad valorem tariffs.
    rest
        The resolved shock without these two.
    """

    log_cost: Part | None
    tariffs: Part | None
    rest: Any

    @classmethod
    def of(cls, economy: "Economy", shock: "Shock") -> "Local":
        """Check a shock and confine it.

        Raises
        ------
        DostastyqError
            Codes of `Economy.resolve`.
        """
        check_shock(shock)
        before = economy.base.tariffs
        if isinstance(shock.trade_cost, Block | None) and isinstance(shock.tariffs, Block | None):
            cost = _placed(shock.trade_cost, "trade_cost", economy, 1.0)
            tariffs = _placed(shock.tariffs, "tariffs", economy, 0.0 if before is None else before)
            if _admissible(cost, tariffs):
                log_cost = None if cost is None else Part(cost.rows, cost.columns, np.log(cost.values))
                return cls(log_cost, tariffs, economy.resolve(replace(shock, trade_cost=None, tariffs=None)))
        change = economy.resolve(shock)
        return cls(
            None if change.log_cost is None else Part.of(change.log_cost, 0.0),
            None if change.tariffs is None else Part.of(change.tariffs, 0.0 if before is None else before),
            replace(change, log_cost=None, tariffs=None),
        )

    def change(self, economy: "Economy") -> Any:  # noqa: ANN401 -- each economy has its own
        """Give the same shock as full arrays."""
        cost = tariffs = None
        if self.log_cost is not None:
            cost = self.log_cost.lay(np.zeros(economy.shape))
        if self.tariffs is not None:
            before = economy.base.tariffs
            tariffs = self.tariffs.lay(np.zeros(economy.shape) if before is None else before.copy())
        return replace(self.rest, log_cost=cost, tariffs=tariffs)


def _placed(block: Block | None, name: str, economy: "Economy", default: FloatArray | float) -> Part | None:
    if block is None:
        return None
    return Part(*block.place(name, economy.labels, np.broadcast_to(default, economy.shape)))


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
        rows = np.unique(np.concatenate([empty, *(part.rows for part in parts)]))
        columns = np.unique(np.concatenate([empty, *(part.columns for part in parts)]))
        return rows, columns


BatchSolver = tuple[Callable[["Job"], dict[str, NDArray[Any]]], int]
"""What solves a chunk, and how many shocks make one."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """What a worker needs to solve a chunk.

    Parameters
    ----------
    economy
        Calibrated world.
    chunk
        The scenarios.
    tolerance
        Largest admissible residual of any equation.
    """

    economy: "Economy"
    chunk: Chunk
    tolerance: float


def chunks(economy: "Economy", shocks: "Iterable[Shock]", most: int) -> Iterator[Chunk]:
    """Read shocks, `most` at a time, fewer where they touch so much that the arrays would grow beyond some 100 MB.

    Raises
    ------
    DostastyqError
        As `Local.of`, with the place of the shock that is refused.
    """
    first = 0
    held: list[Local] = []
    rows, columns = set[int](), set[int]()
    sectors = economy.shape[0] if len(economy.shape) == 3 else 1
    for index, shock in enumerate(shocks):
        try:
            local = Local.of(economy, shock)
        except DostastyqError as error:
            raise of_shock(index, error) from error
        parts = [part for part in (local.log_cost, local.tariffs) if part is not None]
        wider = rows.union(*(part.rows.tolist() for part in parts))
        longer = columns.union(*(part.columns.tolist() for part in parts))
        if held and (len(held) == most or (len(held) + 1) * sectors * len(wider) * len(longer) > _MOST_CELLS):
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


def solve_rest(job: Job, done: NDArray[np.bool_], tables: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Solve one at a time what a batch left over.

    Parameters
    ----------
    job
        The chunk.
    done
        Scenarios that the batch solved, shape (S,).
    tables
        What the batch found; the rows of the others are written.

    Returns
    -------
    dict
        The tables, with ``method``.

    Raises
    ------
    DostastyqError
        Of the first scenario that has no solution, naming it.
    """
    method = np.where(done, "batch", " " * 40)
    for place in np.flatnonzero(~done).tolist():
        change = job.chunk.shocks[place].change(job.economy)
        try:
            alone = job.economy.solve_change(change, tolerance=job.tolerance)
        except DostastyqError as error:
            raise of_shock(job.chunk.first + place, error) from error
        mark = alone.certificate
        tables["solved"][place] = alone.unknowns
        tables["welfare"][place], tables["real_wage"][place] = alone.welfare.values, alone.real_wage.values
        tables["residual"][place], method[place] = mark.residual, mark.method
        tables["iterations"][place] += mark.iterations
    return {**tables, "method": method}
