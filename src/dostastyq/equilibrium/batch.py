r"""Many counterfactuals of one sector at a time, over one base.

The letters and equations are those of `dostastyq.equilibrium.one_sector`. Scenario s has the kernel :math:`K^s`, which
differs from the base's only in the rows and columns that some scenario of the chunk touches. With these entries taken
out of the common part :math:`K^0`, the sums of all scenarios are one matrix product and a small correction,

.. math:: \Psi = U K^{0\top} + \text{block}_s U_s, \qquad S = U \odot (B'/\Psi\; K^0 + B'_s/\Psi_s\; \text{block}_s),

and nothing is subtracted, so that a link that a scenario closes leaves no rounding behind. A change of productivity or
labour is a factor on U. The iteration is the chord method with the inverse of the base's Jacobian, accelerated a
scenario at a time (Anderson type II). Scenarios that it does not bring to rest, that are extreme, or in a world that is
not connected both ways, go to the single solver; what comes out is certified the same either way.
"""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from dostastyq.blas import one_thread
from dostastyq.equilibrium.batch_certificate import read
from dostastyq.equilibrium.batch_read import Job, of_shock
from dostastyq.equilibrium.batch_stack import Patched, Stack
from dostastyq.equilibrium.labels import FloatArray
from dostastyq.equilibrium.newton import EXACT
from dostastyq.equilibrium.one_sector import Base
from dostastyq.errors import DostastyqError

if TYPE_CHECKING:
    from dostastyq.equilibrium.one_economy import OneSectorEconomy

CHUNK = 512
_MEMORY = 5
_RIDGE = 1e-12
_MOST = 40
_SHORT = 1e-12
_TINY = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class Worlds:
    """The equations of S scenarios; see the module's letters.

    Parameters
    ----------
    base
        Calibrated world.
    kernel
        K times B of every scenario.
    lift
        Factor of productivity and labour on U, shape (S, N) or 1.
    deficit
        Deficits where they do not follow incomes, shape (N,) or (S, N); None where they do.
    """

    base: Base
    kernel: Patched
    lift: FloatArray | float
    deficit: FloatArray | None

    def take(self, which: NDArray[np.intp]) -> "Worlds":
        """Keep some of the scenarios."""
        lift = self.lift if isinstance(self.lift, float) else self.lift[which]
        deficit = self.deficit if self.deficit is None or self.deficit.ndim == 1 else self.deficit[which]
        return Worlds(self.base, self.kernel.take(which), lift, deficit)

    def evaluate(self, log_income: FloatArray) -> "Points":
        """Evaluate the excess demands of every scenario; NaN where they are not defined."""
        base = self.base
        growth = np.exp(log_income)
        income = growth * base.output
        drift = np.log(income.sum(axis=1) / base.output.sum())[:, None]
        if self.deficit is not None:
            spending = self.deficit + income
            spending[spending <= 0] = np.nan
        else:
            log_income = log_income - drift
            growth *= np.exp(-drift)
            income = growth * base.output
            wanted = growth * base.spending
            common = income.sum(axis=1) / wanted.sum(axis=1) / (base.output.sum() / base.spending.sum())
            spending = wanted * common[:, None]
        attraction = np.exp(-base.theta * log_income)
        attraction *= self.lift
        access = self.kernel.forward(attraction)
        sales = attraction * self.kernel.back(spending / access)
        excess = np.log(sales / income)
        if self.deficit is not None:
            excess -= drift
        return Points(log_income, income, spending, attraction, access, excess, np.abs(excess).max(axis=1))


@dataclass(slots=True, eq=False)
class Points:
    """The equations evaluated at one vector of log incomes a scenario, shape (S, N) each; `residual` (S,)."""

    log_income: FloatArray
    income: FloatArray
    spending: FloatArray
    attraction: FloatArray
    access: FloatArray
    excess: FloatArray
    residual: FloatArray

    def take(self, which: NDArray[np.intp]) -> "Points":
        """Keep some of the scenarios."""
        return Points(*(getattr(self, field.name)[which] for field in fields(self)))


def solve_chunk(job: Job) -> dict[str, NDArray[np.generic]]:
    """Solve a chunk of scenarios and certify each.

    Parameters
    ----------
    job
        Base, shocks and tolerance.

    Returns
    -------
    dict
        ``solved`` (log incomes), ``welfare`` and ``real_wage`` (per cent), shape (S, N); ``residual``, ``iterations``
        and ``method``, shape (S,).

    Raises
    ------
    DostastyqError
        ``EQ030``-``EQ036`` of the first scenario that has no solution, naming it.
    """
    economy, shocks = cast("OneSectorEconomy", job.economy), job.chunk.shocks
    base, inverse = economy.base, economy.base_inverse
    log_income = np.zeros((len(shocks), len(base.output)))
    iterations = np.zeros(len(shocks), dtype=np.int64)
    with one_thread(), np.errstate(all="ignore"):
        stack = Stack.of(base, job.chunk)
        factor = stack.log_factor()
        kernel = Patched.of(base.flows, stack.rows, stack.columns, np.exp(factor) * base.flows[stack.place])
        worlds = Worlds(base, kernel, stack.lift(), stack.fixed_deficit)
        tried = np.flatnonzero(stack.ordinary(factor)) if inverse is not None else np.empty(0, dtype=np.intp)
        if inverse is not None and len(tried):
            log_income[tried], iterations[tried] = _iterate(worlds.take(tried), inverse)
        reading = read(stack, kernel, worlds.evaluate(log_income))
    solved = np.isin(np.arange(len(shocks)), tried) & (reading.residual <= job.tolerance / 2)
    method = np.where(solved, "batch", " " * 40)
    for place in np.flatnonzero(~solved).tolist():
        try:
            alone = economy.solve_change(shocks[place].change(economy), tolerance=job.tolerance)
        except DostastyqError as error:
            raise of_shock(job.chunk.first + place, error) from error
        log_income[place] = alone.point.log_income
        reading.welfare[place], reading.real_wage[place] = alone.welfare.values, alone.real_wage.values
        mark = alone.certificate
        reading.residual[place], iterations[place], method[place] = mark.residual, mark.iterations, mark.method
    return {
        "solved": log_income,
        "welfare": reading.welfare,
        "real_wage": reading.real_wage,
        "residual": reading.residual,
        "iterations": iterations,
        "method": method,
    }


def _iterate(worlds: Worlds, inverse: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
    """Accelerated chord steps until a step is shorter than rounding, or most steps are taken.

    Scenarios at rest keep their values; when a third of those still held are at rest, they are dropped.
    """
    scenarios, size = len(worlds.kernel.block), len(inverse)
    result = np.zeros((scenarios, size))
    taken = np.zeros(scenarios, dtype=np.int64)
    held = np.arange(scenarios)
    points = worlds.evaluate(result)
    step = -(points.excess @ inverse.T)
    memory = Memory.empty(scenarios, size)
    resting = _at_rest(points, step)
    for iteration in range(1, _MOST + 1):
        if resting.all():
            break
        if 3 * resting.sum() > len(resting):
            stay = np.flatnonzero(~resting)
            held, worlds, memory, resting = held[stay], worlds.take(stay), memory.take(stay), resting[stay]
            points, step = points.take(stay), step[stay]
        new = worlds.evaluate(points.log_income + memory.move(step))
        fresh = -(new.excess @ inverse.T)
        memory.learn(new.log_income - points.log_income, fresh - step)
        moving = ~resting
        result[held[moving]], taken[held[moving]] = new.log_income[moving], iteration
        points, step = new, fresh
        resting |= _at_rest(points, step)
        resting |= ~np.isfinite(points.residual)
    return result, taken


def _at_rest(points: Points, step: FloatArray) -> NDArray[np.bool_]:
    return np.asarray((points.residual <= EXACT) | (np.abs(step).max(axis=1) <= _SHORT))


@dataclass(slots=True, eq=False)
class Memory:
    """The last moves of every scenario and how its chord step turned, for Anderson's acceleration (type II).

    Parameters
    ----------
    moves, turns
        Shape (S, depth, N).
    gram
        Products of the turns, shape (S, depth, depth).
    kept
        How many were learned.
    """

    moves: FloatArray
    turns: FloatArray
    gram: FloatArray
    kept: int

    @classmethod
    def empty(cls, scenarios: int, size: int) -> "Memory":
        """Nothing learned yet."""
        shape = (scenarios, _MEMORY, size)
        return cls(np.zeros(shape), np.zeros(shape), np.zeros((scenarios, _MEMORY, _MEMORY)), 0)

    def take(self, which: NDArray[np.intp]) -> "Memory":
        """Keep some of the scenarios."""
        return Memory(self.moves[which], self.turns[which], self.gram[which], self.kept)

    def move(self, step: FloatArray) -> FloatArray:
        """Give the accelerated move for a chord step, shape (S, N)."""
        depth = min(self.kept, _MEMORY)
        if not depth:
            return step
        turns = self.turns[:, :depth]
        gram = self.gram[:, :depth, :depth].copy()
        diagonal = np.einsum("smm->sm", gram)
        diagonal += np.maximum(_RIDGE * diagonal.sum(axis=1), _TINY)[:, None]
        weights = np.linalg.solve(gram, np.matvec(turns, step)[:, :, None])[:, :, 0]
        return np.asarray(step - np.vecmat(weights, self.moves[:, :depth] + turns))

    def learn(self, move: FloatArray, turn: FloatArray) -> None:
        """Remember a move in the place of the oldest."""
        slot = self.kept % _MEMORY
        self.moves[:, slot], self.turns[:, slot] = move, turn
        self.gram[:, slot] = self.gram[:, :, slot] = np.matvec(self.turns, turn)
        self.kept += 1
