"""Accelerated sweeps: Anderson type II (Walker and Ni 2011) with its safeguards."""

from dataclasses import dataclass

import numpy as np

from dostastyq.equilibrium.labels import FloatArray
from dostastyq.equilibrium.sectors.sweep import State, Sweep, Swept
from dostastyq.equilibrium.sectors.system import System

AT_REST = 1e-13
LONGEST_STEP = 1.0
_SHORTEST_STEP = 0.02
_MEMORY = 15
_RIDGE = 1e-12
_GROWTH = 100.0
_PATIENCE = 1e6
_RESTARTS = 8
_STALLED = 200
_PROGRESS = 0.9
_AIM = 0.02
_POLISH = 12
_FAR = 250.0


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """Where a method stopped.

    Parameters
    ----------
    system
        The equations, with the reference they were last read at.
    state
        The best state met.
    swept
        Prices, output and excess demands at that state.
    residual
        Largest of: move of ln c, excess demand for labour, move of expenditure over the state's total.
    iterations
        Sweeps.
    converged
        Whether the residual is within the tolerance.
    """

    system: System
    state: State
    swept: Swept
    residual: float
    iterations: int
    converged: bool


def residual_of(state: State, swept: Swept) -> float:
    """Largest move of ln c and of expenditure over the state's total, and largest excess demand, of a sweep."""
    total = state.expenditure.sum(axis=0)
    return float(
        max(
            np.abs(swept.state.log_cost - state.log_cost).max(),
            (np.abs(swept.state.expenditure - state.expenditure).max(axis=0) / total).max(),
            np.abs(swept.excess).max(),
        )
    )


def income_steps(system: System, state: State) -> FloatArray:
    r"""Share of the excess demand for labour by which each income moves, shape (N,).

    The inverse of how fast excess demand falls with a state's own costs, at given prices abroad,
    :math:`\sum_j\gamma_{ij}(\theta_j\sum_nT_{nij}(1-\pi'_{nij})+\sum_{n\ne i}T_{nij})/V_i`, between 0.02 and 1: a state
    that hardly trades needs long steps, one that trades homogeneous goods short ones.
    """
    base = system.base
    theta = base.theta[:, None]
    cost = np.exp(-theta * (state.log_cost - system.reference))
    phi = (system.kernel @ cost[:, :, None])[:, :, 0]
    scale = np.where(phi > 0, state.expenditure / np.where(phi > 0, phi, 1.0), 0.0)
    sold = cost * (scale[:, None, :] @ system.sales)[:, 0]
    kept = cost**2 * np.einsum("jni,jni,jn->ji", system.kernel, system.sales, scale / np.where(phi > 0, phi, 1.0))
    own = cost * scale * np.einsum("jnn->jn", system.sales)
    fall = (base.value_added * (theta * (sold - kept) + sold - own)).sum(axis=0)
    earned = (base.value_added * sold).sum(axis=0)
    steps = np.where(fall > 0, earned / np.where(fall > 0, fall, 1.0), LONGEST_STEP)
    return np.asarray(np.clip(np.nan_to_num(steps, nan=_SHORTEST_STEP), _SHORTEST_STEP, LONGEST_STEP))


def anderson(
    system: System, sweeper: Sweep, begin: State, tolerance: float, *, patient: bool = False, most: int = 4000
) -> Attempt:
    """Solve by accelerated sweeps.

    Parameters
    ----------
    system
        The equations.
    sweeper
        `sweep.sweep` or `sweep.compiled`.
    begin
        Where to start.
    tolerance
        Largest admissible residual, see `Attempt`; once it is met, up to twelve more sweeps aim at a fiftieth of it.
    patient
        Steps of incomes a quarter as long (see `income_steps`), and residuals may grow a millionfold on the way.
    most
        Most sweeps; 200 in which the best residual does not fall by a tenth end the attempt too.

    Returns
    -------
    Attempt

    Notes
    -----
    A residual a hundred times the best, or one that is not a number, drops the history, halves the steps and goes on
    from the best state, eight times at most. The least-squares problem is solved through its Gram matrix with a
    relative ridge of 1e-12.
    """
    step = (0.25 if patient else 1.0) * income_steps(system, begin)
    growth = _PATIENCE if patient else _GROWTH
    total = begin.expenditure.sum(axis=0)
    state, swept = begin, sweeper(system, begin, step)
    residual = mark = residual_of(state, swept)
    best = Attempt(system, state, swept, residual, 0, converged=False)
    image = _pack(swept.state, total)
    move = image - _pack(begin, total)
    history = _History.empty(len(move))
    taken = restarts = better = 0
    aim, last = max(_AIM * tolerance, AT_REST), most
    while taken < min(last, better + _STALLED) and not residual <= aim:
        trial = _unpack(history.target(image, move), total, state)
        if (trial.expenditure < 0).any():
            trial, history.kept = swept.state, 0
        if np.abs(system.base.theta[:, None] * (trial.log_cost - system.reference)).max() > _FAR:
            system = system.at(trial.log_cost)
        found = sweeper(system, trial, step)
        taken += 1
        size = residual_of(trial, found)
        if not size <= growth * best.residual:
            step, restarts, history.kept = step / 2, restarts + 1, 0
            if restarts > _RESTARTS:
                break
            system, state, residual = best.system, best.state, best.residual
            swept = sweeper(system, state, step)
            image = _pack(swept.state, total)
            move = image - _pack(state, total)
            continue
        fresh = _pack(found.state, total)
        turned = fresh - _pack(trial, total)
        history.learn(fresh - image, turned - move)
        state, swept, image, move, residual = trial, found, fresh, turned, size
        if residual < best.residual:
            if residual < _PROGRESS * mark:
                better, mark = taken, residual
            best = Attempt(system, state, swept, residual, taken, converged=False)
            if residual <= tolerance and last == most:
                last = taken + _POLISH
    return Attempt(best.system, best.state, best.swept, best.residual, taken, best.residual <= tolerance)


@dataclass(slots=True, eq=False)
class _History:
    """The last images of the sweep and how its moves turned, with their Gram matrix."""

    images: FloatArray
    turns: FloatArray
    gram: FloatArray
    kept: int = 0

    @classmethod
    def empty(cls, size: int) -> "_History":
        return cls(np.empty((_MEMORY, size)), np.empty((_MEMORY, size)), np.zeros((_MEMORY, _MEMORY)))

    def target(self, image: FloatArray, move: FloatArray) -> FloatArray:
        """Combine images so that their moves are shortest."""
        depth = min(self.kept, _MEMORY)
        if not depth:
            return image
        gram = self.gram[:depth, :depth].copy()
        gram.flat[:: depth + 1] += _RIDGE * gram.trace()
        try:
            weights = np.linalg.solve(gram, self.turns[:depth] @ move)
        except np.linalg.LinAlgError:
            return image
        return np.asarray(image - weights @ self.images[:depth])

    def learn(self, image: FloatArray, turn: FloatArray) -> None:
        """Remember a change of the image and of the move in the place of the oldest."""
        slot = self.kept % _MEMORY
        self.images[slot], self.turns[slot] = image, turn
        self.kept += 1
        depth = min(self.kept, _MEMORY)
        self.gram[slot, :depth] = self.gram[:depth, slot] = self.turns[:depth] @ turn


def _pack(state: State, total: FloatArray) -> FloatArray:
    return np.concatenate([state.log_cost.ravel(), state.log_income, (state.expenditure / total).ravel()])


def _unpack(flat: FloatArray, total: FloatArray, like: State) -> State:
    size, states = like.log_cost.size, len(like.log_income)
    return State(
        flat[:size].reshape(like.log_cost.shape),
        flat[size : size + states],
        flat[size + states :].reshape(like.log_cost.shape) * total,
    )
