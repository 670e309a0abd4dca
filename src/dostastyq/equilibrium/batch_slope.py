"""How excess demand for labour falls with incomes when prices and expenditure have settled."""

import numpy as np

from dostastyq.equilibrium.batch_read import Chunk, Local
from dostastyq.equilibrium.batch_sectors_stack import SectorStack, numpy_library
from dostastyq.equilibrium.batch_sweep import States, advance, markets
from dostastyq.equilibrium.labels import FloatArray
from dostastyq.equilibrium.sectors.base import Base
from dostastyq.equilibrium.sectors.system import Change

_NUDGE = 1e-4
_SETTLED = 1e-9
_MOST = 100
_PLAIN = 0.3


def income_slope(base: Base, *, proportional: bool) -> FloatArray:
    """Correction of incomes for excess demand, ``[state, excess demand]``, shape (N, N).

    One chunk of N scenarios, in each of which the income of one state is nudged and everything else settles; minus the
    inverse of the slope, with the numeraire imposed. It only speeds sweeps up: where it cannot be had, three tenths of
    excess demand are the correction.

    Parameters
    ----------
    base
        Calibrated world.
    proportional
        Whether deficits follow incomes.

    Returns
    -------
    numpy.ndarray
    """
    states = len(base.income)
    plain = _PLAIN * np.eye(states)
    shocks = tuple(Local(None, None, Change()) for _ in range(states))
    stack = SectorStack.of(base, Chunk(0, shocks), proportional=proportional)
    with np.errstate(all="ignore"):
        worlds = stack.worlds(stack.log_cost, numpy_library(), plain, proportional=proportional)
        nudged = _NUDGE * np.eye(states)
        spent = np.repeat(base.expenditure[:, None], states, axis=1)
        state = States(worlds.value_added * nudged, nudged, spent)
        for _ in range(_MOST):
            found = markets(worlds, state)
            after = advance(worlds, state, found, nudged)
            moved = max(
                float(np.abs(after.log_cost - state.log_cost).max()),
                float((np.abs(after.expenditure - state.expenditure) / spent.sum(axis=0)).max()),
            )
            state = after
            if moved <= _SETTLED:
                break
        slope = markets(worlds, state).excess.T / _NUDGE
        weights = base.income / base.income.sum()
        try:
            correction = -np.linalg.inv(slope - weights)
        except np.linalg.LinAlgError:
            return plain
    return correction if moved <= _SETTLED and np.isfinite(correction).all() else plain
