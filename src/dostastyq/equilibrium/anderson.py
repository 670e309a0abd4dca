"""Anderson-accelerated iteration (type II; Walker and Ni 2011): for many countries, and where Newton fails."""

import numpy as np

from dostastyq.equilibrium.labels import FloatArray
from dostastyq.equilibrium.newton import AT_REST, Attempt
from dostastyq.equilibrium.one_sector import World

_MEMORY = 8
_RIDGE = 1e-12
_GROWTH = 10.0


def anderson(
    world: World,
    start: FloatArray,
    tolerance: float,
    inverse: FloatArray | None = None,
    most: int = 200,
) -> Attempt:
    """Solve the excess demands by accelerated fixed-point steps.

    Without `inverse` a step raises each log income by F/(1+theta); for balanced trade this map is monotone and does not
    expand. With the inverse of the base's Jacobian the step is a chord step, which needs a handful of iterations for
    ordinary shocks.

    Parameters
    ----------
    world
        Equations.
    start
        Log incomes to start from, shape (N,).
    tolerance
        Largest admissible absolute excess demand.
    inverse
        Inverse of a Jacobian near the solution, shape (N, N), or None.
    most
        Most steps.

    Returns
    -------
    Attempt

    Examples
    --------
    >>> from dostastyq.equilibrium.one_sector import Base, build
    >>> base = Base.of(np.array([[9.0, 1.0], [1.0, 9.0]]), np.zeros((2, 2)), 4.0, "additive")
    >>> world = build(base, np.array([[0.0, -0.4], [0.0, 0.0]]))
    >>> anderson(world, np.zeros(2), 1e-10).converged
    True
    """
    point = world.evaluate(start)
    if point is None:
        return Attempt(None, 0, converged=False)
    best = point
    size = len(start)
    moves = np.empty((_MEMORY, size))
    turns = np.empty((_MEMORY, size))
    gram = np.zeros((_MEMORY, _MEMORY))
    kept, taken, damping = 0, 0, 1.0
    step = _step(world, point.excess, inverse)
    ratio = 0.0
    while taken < most:
        if point.residual <= AT_REST or (
            point.residual <= tolerance and (ratio > 0.5 or point.residual <= 1e-3 * tolerance)
        ):
            break
        depth = min(kept, _MEMORY)
        move = damping * step
        if depth:
            block = gram[:depth, :depth]
            ridge = _RIDGE * block.trace()
            weights = _weights(block, ridge, turns[:depth] @ step)
            move -= weights @ (moves[:depth] + damping * turns[:depth])
        trial = world.evaluate(point.log_income + move)
        taken += 1
        if trial is None or trial.residual > _GROWTH * best.residual:
            if damping < 1e-3:
                break
            kept, damping, point = 0, damping / 2, best
            step = _step(world, point.excess, inverse)
            ratio = 0.0
            continue
        fresh = _step(world, trial.excess, inverse)
        slot = kept % _MEMORY
        moves[slot] = trial.log_income - point.log_income
        turns[slot] = fresh - step
        kept += 1
        depth = min(kept, _MEMORY)
        gram[slot, :depth] = gram[:depth, slot] = turns[:depth] @ turns[slot]
        ratio = trial.residual / point.residual
        point, step = trial, fresh
        if point.residual < best.residual:
            best = point
    return Attempt(best, taken, best.residual <= tolerance)


def _weights(gram: FloatArray, ridge: float, target: FloatArray) -> FloatArray:
    matrix = gram.copy()
    matrix.flat[:: len(gram) + 1] += ridge
    try:
        return np.asarray(np.linalg.solve(matrix, target))
    except np.linalg.LinAlgError:
        return np.zeros_like(target)


def _step(world: World, excess: FloatArray, inverse: FloatArray | None) -> FloatArray:
    return excess / (1 + world.theta) if inverse is None else -(inverse @ excess)
