"""Many counterfactuals of an economy with sectors at a time: accelerated sweeps, certified, the rest one at a time.

What `dostastyq.equilibrium.batch` is for one sector. The unknowns of a chunk of scenarios go through the sweeps of
`dostastyq.equilibrium.batch_sweep`; scenarios at rest are dropped. Scenarios that do not come to rest, that are
extreme, that change export taxes, or in a world that is not connected both ways, go to the single solver.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from dostastyq.blas import one_thread
from dostastyq.equilibrium.batch_read import Job, solve_rest
from dostastyq.equilibrium.batch_sectors_read import read
from dostastyq.equilibrium.batch_sectors_stack import Library, SectorStack, numpy_library
from dostastyq.equilibrium.batch_sweep import Array, Memory, States, Worlds, markets, pack, sweep, unpack
from dostastyq.equilibrium.labels import FloatArray

if TYPE_CHECKING:
    from dostastyq.equilibrium.sectors.economy import SectorEconomy

CHUNK = 32
_MOST = 250
_GROWTH = 100.0
_TIGHTER = 8.0


def solve_chunk(job: Job, to: Library | None = None) -> dict[str, NDArray[Any]]:
    """Solve a chunk of scenarios and certify each.

    Parameters
    ----------
    job
        Economy, shocks and tolerance.
    to
        Array library and device; NumPy unless given.

    Returns
    -------
    dict
        ``solved`` (ln c, v and X', shape (S, 2JN + N)), ``welfare`` and ``real_wage`` (per cent), shape (S, N);
        ``residual``, ``iterations`` and ``method``, shape (S,).

    Raises
    ------
    DostastyqError
        ``EQ030``-``EQ035`` of the first scenario that has no solution, naming it.
    """
    economy = cast("SectorEconomy", job.economy)
    base, proportional = economy.base, economy.deficits == "proportional"
    to = to or numpy_library()
    with one_thread(), np.errstate(all="ignore"):
        stack = SectorStack.of(base, job.chunk, proportional=proportional)
        factor = np.where(stack.bought() > 0, -base.theta[:, None, None, None] * stack.wedge(), 0.0)
        plain = stack.ordinary(factor)
        factor[:, ~plain] = 0.0
        worlds = stack.worlds(factor, to, economy.income_slope, proportional=proportional)
        states, iterations = _iterate(worlds, to, stack, job.tolerance / _TIGHTER)
        reading = read(stack, worlds, states, markets(worlds, states), to)
        tables = {
            "solved": _rows(stack, to, states),
            "welfare": to.numpy(reading.welfare)[:, stack.place.where],
            "real_wage": to.numpy(reading.real_wage)[:, stack.place.where],
            "residual": to.numpy(reading.residual).copy(),
            "iterations": iterations,
        }
    return solve_rest(job, plain & (tables["residual"] <= job.tolerance / 2), tables)


def _rows(stack: SectorStack, to: Library, states: States) -> FloatArray:
    """Solved unknowns in the economy's own order, one row a scenario, shape (S, 2JN + N)."""
    cost, expenditure = (np.moveaxis(to.numpy(part), 0, 1) for part in (states.log_cost, states.expenditure))
    income = to.numpy(states.log_income)[:, None]
    stacked = np.concatenate([cost, income, expenditure], axis=1)[..., stack.place.where]
    return stacked.reshape(len(stacked), -1)


@dataclass(slots=True, eq=False)
class _Pending:
    """Scenarios whose sweeps go on.

    Parameters
    ----------
    to
        Array library.
    worlds
        Their equations.
    total
        Base expenditure of each state, shape (N,).
    memory
        What was learned of them.
    point, image, move
        Where they are, what a sweep makes of it, and the difference; shape (S, M).
    held
        Their places in the chunk.
    residual, best
        The last and the least, shape (S,).
    resting
        Whether they are at rest, shape (S,).
    """

    to: Library
    worlds: Worlds
    total: Array
    memory: Memory
    point: Array
    image: Array
    move: Array
    held: NDArray[np.intp]
    residual: FloatArray
    best: FloatArray
    resting: NDArray[np.bool_]

    @classmethod
    def begin(cls, worlds: Worlds, to: Library, stack: SectorStack) -> "_Pending":
        """Sweep once from the base, with unit costs moved by productivity."""
        expenditure = stack.place.by_state(stack.base.expenditure)
        scenarios = len(stack.labour)
        total = to(expenditure.sum(axis=0))
        states = States(
            -worlds.shift, to(np.zeros_like(stack.labour)), to(np.repeat(expenditure[:, None], scenarios, axis=1))
        )
        point = pack(to.xp, states, total)
        after, moved = sweep(worlds, states)
        image, residual = pack(to.xp, after, total), to.numpy(moved)
        resting = np.zeros(scenarios, dtype=np.bool_)
        memory = Memory.like(to.xp, point)
        return cls(
            to, worlds, total, memory, point, image, image - point, np.arange(scenarios), residual, residual, resting
        )

    def drop(self) -> None:
        """Let go of scenarios at rest once they are a quarter of those still held."""
        if 4 * self.resting.sum() < len(self.resting):
            return
        which = np.flatnonzero(~self.resting)
        xp, stay = self.to.xp, self.to(which)
        self.worlds, self.memory = self.worlds.take(stay), self.memory.take(xp, stay)
        for name in ("point", "image", "move"):
            setattr(self, name, xp.take(getattr(self, name), stay, axis=0))
        for name in ("held", "residual", "best", "resting"):
            setattr(self, name, getattr(self, name)[which])

    def advance(self) -> None:
        """Sweep once from the accelerated point; what was learned is dropped where the residual grew a hundredfold."""
        xp = self.to.xp
        point = self.memory.target(xp, self.image, self.move)
        states = unpack(xp, point, self.total)
        negative = xp.any(xp.any(states.expenditure < 0, axis=2), axis=0)
        if bool(xp.any(negative)):
            point = xp.where(negative[:, None], self.image, point)
            states = unpack(xp, point, self.total)
        after, moved = sweep(self.worlds, states)
        image = pack(xp, after, self.total)
        move = image - point
        self.memory.learn(xp, image - self.image, move - self.move)
        self.point, self.image, self.move = point, image, move
        self.residual = self.to.numpy(moved)
        grown = self.residual > _GROWTH * self.best
        if grown.any():
            self.memory.forget(self.to((~grown).astype(np.float64)))
        self.best = np.fmin(self.best, self.residual)


def _iterate(worlds: Worlds, to: Library, stack: SectorStack, tolerance: float) -> tuple[States, NDArray[np.int64]]:
    """Accelerated sweeps until each scenario is at rest, or is not defined, or most are taken."""
    pending = _Pending.begin(worlds, to, stack)
    result = pending.point + 0.0
    taken = np.zeros(len(stack.labour), dtype=np.int64)
    for iteration in range(_MOST + 1):
        settled = ~pending.resting & ~(pending.residual > tolerance)
        for place in np.flatnonzero(settled).tolist():
            result[pending.held[place], :] = pending.point[place, :]
        pending.resting |= settled
        if pending.resting.all() or iteration == _MOST:
            break
        pending.drop()
        pending.advance()
        taken[pending.held[~pending.resting]] = iteration + 1
    return unpack(to.xp, result, pending.total), taken
