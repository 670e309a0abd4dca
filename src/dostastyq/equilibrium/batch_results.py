"""Many equilibria: tables of what is asked most, and each scenario in full when it is opened."""

from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from dostastyq.equilibrium.batch_read import Job, Local, chunks
from dostastyq.equilibrium.checks import check_tolerance
from dostastyq.equilibrium.labels import FloatArray, Labels, frame

if TYPE_CHECKING:
    import polars as pl

    from dostastyq.equilibrium.model import Economy, Shock
    from dostastyq.equilibrium.results import Equilibrium
    from dostastyq.parallel import Cache, Progress


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """What is kept of S solved scenarios.

    Parameters
    ----------
    solved
        What each is rebuilt from, shape (S, M): log incomes of the N states.
    welfare, real_wage
        Per cent, shape (S, N).
    residual, iterations, method
        Record of the solver, shape (S,).
    """

    solved: FloatArray
    welfare: FloatArray
    real_wage: FloatArray
    residual: FloatArray
    iterations: NDArray[np.int64]
    method: NDArray[np.str_]

    @classmethod
    def join(cls, answers: list[dict[str, NDArray[Any]]], states: int) -> "Tables":
        """Put the answers of all chunks one after another."""
        if not answers:
            none = np.empty((0, states))
            return cls(none, none, none, np.empty(0), np.empty(0, dtype=np.int64), np.empty(0, dtype="U40"))
        return cls(*(np.concatenate([answer[item.name] for answer in answers]) for item in fields(cls)))

    def take(self, which: slice) -> "Tables":
        """Keep some of the scenarios."""
        return Tables(*(getattr(self, item.name)[which] for item in fields(self)))


@dataclass(frozen=True, eq=False)
class Equilibria(Sequence["Equilibrium"]):
    """S counterfactuals of one economy, in the order of their shocks. Made by `Economy.solve_many`.

    ``equilibria[s]`` is the `Equilibrium` of one of them, built from what was solved, with a certificate of its own;
    nothing is solved again.

    Parameters
    ----------
    economy
        The base.
    tolerance
        What was asked for.
    tables, shocks
        What was solved, and what it was solved for.
    """

    economy: "Economy" = field(repr=False)
    tolerance: float
    tables: Tables = field(repr=False)
    shocks: tuple[Local, ...] = field(repr=False)

    def __post_init__(self) -> None:
        for item in fields(self.tables):
            getattr(self.tables, item.name).setflags(write=False)

    @property
    def welfare(self) -> FloatArray:
        """Equivalent variation in per cent of base real income, shape (S, N)."""
        return self.tables.welfare

    @property
    def real_wage(self) -> FloatArray:
        """Change of the wage over the consumer price index, per cent, shape (S, N)."""
        return self.tables.real_wage

    @property
    def equivalent_variation(self) -> FloatArray:
        """The same as money of the base year: `welfare` of base final expenditure, shape (S, N)."""
        return self.welfare / 100 * self.economy.expenditure.values

    @property
    def residual(self) -> FloatArray:
        """Largest relative error of any equation of each scenario, shape (S,)."""
        return self.tables.residual

    @property
    def iterations(self) -> NDArray[np.int64]:
        """Steps taken for each scenario, shape (S,)."""
        return self.tables.iterations

    @property
    def method(self) -> NDArray[np.str_]:
        """What solved each scenario: ``"batch"``, or the method of the solver of one; shape (S,)."""
        return self.tables.method

    @property
    def labels(self) -> Labels:
        """States, the second axis of the tables."""
        return self.economy.labels

    def __len__(self) -> int:
        return len(self.welfare)

    @overload
    def __getitem__(self, which: int) -> "Equilibrium": ...
    @overload
    def __getitem__(self, which: slice) -> "Equilibria": ...
    def __getitem__(self, which: int | slice) -> "Equilibrium | Equilibria":
        if isinstance(which, slice):
            return Equilibria(self.economy, self.tolerance, self.tables.take(which), self.shocks[which])
        if not -len(self) <= which < len(self):
            raise IndexError(f"there are {len(self)} scenarios, numbered from 0; asked for {which}")
        return self.economy.rebuild(
            self.shocks[which].change(self.economy),
            self.tables.solved[which],
            iterations=int(self.iterations[which]),
            method=str(self.method[which]),
            tolerance=self.tolerance,
        )

    def __iter__(self) -> Iterator["Equilibrium"]:
        return (self[scenario] for scenario in range(len(self)))

    def to_frame(self) -> "pl.DataFrame":
        """Give a long polars frame: scenario (from 0), state, welfare_percent, real_wage_percent."""
        scenarios, states = self.welfare.shape
        return frame(
            {
                "scenario": np.repeat(np.arange(scenarios), states),
                "state": list(self.labels) * scenarios,
                "welfare_percent": self.welfare.ravel(),
                "real_wage_percent": self.real_wage.ravel(),
            }
        )

    def summary(self) -> str:
        """Say in two lines what was solved and how well."""
        if not len(self):
            return "no scenarios"
        alone = int((self.method != "batch").sum())
        first = (
            f"{len(self)} scenarios, {len(self.labels)} states; largest residual {self.residual.max():.1e}, at most"
            f" {self.iterations.max()} iterations"
        )
        return f"{first}\n{alone} solved one at a time" if alone else first

    def __str__(self) -> str:
        return self.summary()


def solve_many(
    economy: "Economy",
    shocks: "Iterable[Shock]",
    *,
    tolerance: float,
    workers: int,
    progress: "Progress | None",
    cache: "Cache | None",
) -> Equilibria:
    """Solve shocks chunk by chunk; see `Economy.solve_many`."""
    from dostastyq.parallel import run  # noqa: PLC0415 -- results are read without it

    check_tolerance(tolerance)
    kept: list[Local] = []
    total = len(shocks) if isinstance(shocks, Sized) else None
    solve_chunk, most = economy.batch()

    def jobs() -> Iterator[Job]:
        for chunk in chunks(economy, shocks, most):
            kept.extend(chunk.shocks)
            yield Job(economy, chunk, tolerance)

    answers, done = [], 0
    for answer in run(solve_chunk, jobs(), workers=workers, cache=cache):
        answers.append(answer)
        done += len(answer["residual"])
        if progress is not None:
            progress("shocks", done, total)
    return Equilibria(economy, tolerance, Tables.join(answers, len(economy.labels)), tuple(kept))
