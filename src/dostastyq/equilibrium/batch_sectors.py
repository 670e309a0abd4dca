"""Many counterfactuals of an economy with sectors at a time: accelerated sweeps, certified, the rest one at a time.

What `dostastyq.equilibrium.batch` is for one sector. The unknowns of a chunk of scenarios go through the sweeps of
`dostastyq.equilibrium.batch_sweep`; scenarios at rest are dropped. Scenarios that do not come to rest, that are
extreme, that change export taxes, or in a world that is not connected both ways, go to the single solver.
"""

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from dostastyq.blas import one_thread
from dostastyq.equilibrium.batch_read import Job, of_shock
from dostastyq.equilibrium.batch_sectors_read import read
from dostastyq.equilibrium.batch_sectors_stack import Library, SectorStack
from dostastyq.equilibrium.batch_sweep import Memory, States, Worlds, pack, sweep, unpack
from dostastyq.errors import DostastyqError

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
    economy, shocks = cast("SectorEconomy", job.economy), job.chunk.shocks
    base, proportional = economy.base, economy.deficits == "proportional"
    to = to or numpy_library()
    with one_thread(), np.errstate(all="ignore"):
        stack = SectorStack.of(base, job.chunk, proportional=proportional)
        factor = -base.theta[:, None, None, None] * stack.wedge()
        factor = np.where(stack.bought() > 0, factor, 0.0)
        plain = stack.ordinary(factor)
        factor[:, ~plain] = 0.0
        worlds = stack.worlds(factor, to, proportional=proportional)
        states, iterations = _iterate(worlds, to, stack, job.tolerance / _TIGHTER)
        reading = read(stack, worlds, states, sweep(worlds, states), to)
        back = stack.place.where
        welfare, real_wage = (to.numpy(values)[:, back] for values in (reading.welfare, reading.real_wage))
        residual = to.numpy(reading.residual).copy()
        unknowns = (np.moveaxis(to.numpy(states.log_cost), 0, 1), np.moveaxis(to.numpy(states.expenditure), 0, 1))
        rows = [values[..., back].reshape(len(shocks), -1) for values in unknowns]
        solved = np.concatenate([rows[0], to.numpy(states.log_income)[:, back], rows[1]], axis=1)
    done = plain & (residual <= job.tolerance / 2)
    method = np.where(done, "batch", " " * 40)
    for place in np.flatnonzero(~done).tolist():
        try:
            alone = economy.solve_change(shocks[place].change(economy), tolerance=job.tolerance)
        except DostastyqError as error:
            raise of_shock(job.chunk.first + place, error) from error
        state, mark = alone.state, alone.certificate
        solved[place] = np.concatenate([state.log_cost.ravel(), state.log_income, state.expenditure.ravel()])
        welfare[place], real_wage[place] = alone.welfare.values, alone.real_wage.values
        residual[place], method[place] = mark.residual, mark.method
        iterations[place] += mark.iterations
    return {
        "solved": solved,
        "welfare": welfare,
        "real_wage": real_wage,
        "residual": residual,
        "iterations": iterations,
        "method": method,
    }


def numpy_library() -> Library:
    """NumPy in the words of the standard."""
    import array_api_compat.numpy as xp  # noqa: PLC0415 -- only a batch needs it

    return Library(xp)


def _iterate(worlds: Worlds, to: Library, stack: SectorStack, tolerance: float) -> tuple[States, NDArray[np.int64]]:
    """Accelerated sweeps until each scenario is at rest or most are taken.

    Scenarios at rest keep their values; when a quarter of those still held are at rest, they are dropped. A residual
    that grows a hundredfold drops what was learned of that scenario.
    """
    xp = to.xp
    expenditure = stack.place.by_state(stack.base.expenditure)
    total = to(expenditure.sum(axis=0))
    scenarios = stack.shift.shape[1]
    begin = States(
        -worlds.shift, to(np.zeros_like(stack.labour)), to(np.repeat(expenditure[:, None], scenarios, axis=1))
    )
    flat = pack(xp, begin, total)
    result = flat + 0.0
    taken = np.zeros(scenarios, dtype=np.int64)
    held = np.arange(scenarios)
    passed = sweep(worlds, begin)
    image = pack(xp, passed.states, total)
    move = image - flat
    memory = Memory.like(xp, flat)
    residual = to.numpy(passed.residual)
    best, resting = residual.copy(), ~(residual > tolerance)
    for iteration in range(1, _MOST + 1):
        if resting.all():
            break
        if 4 * resting.sum() >= len(resting):
            which = np.flatnonzero(~resting)
            stay = to(which)
            held, best, resting = held[which], best[which], resting[which]
            worlds, memory = worlds.take(stay), memory.take(xp, stay)
            image, move = (xp.take(values, stay, axis=0) for values in (image, move))
        trial = memory.target(xp, image, move)
        states = unpack(xp, trial, total)
        negative = xp.any(xp.any(states.expenditure < 0, axis=2), axis=0)
        if bool(xp.any(negative)):
            trial = xp.where(negative[:, None], image, trial)
            states = unpack(xp, trial, total)
        passed = sweep(worlds, states)
        fresh = pack(xp, passed.states, total)
        turned = fresh - trial
        residual = to.numpy(passed.residual)
        memory.learn(xp, fresh - image, turned - move)
        grown = residual > _GROWTH * best
        if grown.any():
            memory.forget(to((~grown).astype(np.float64)))
        image, move = fresh, turned
        best = np.fmin(best, residual)
        moving = ~resting
        resting |= ~(residual > tolerance)
        settled = moving & resting
        if settled.any():
            places = np.flatnonzero(settled)
            for place, scenario in zip(places.tolist(), held[places].tolist(), strict=True):
                result[scenario, :] = trial[place, :]
        taken[held[moving]] = iteration
    return unpack(xp, result, total), taken
