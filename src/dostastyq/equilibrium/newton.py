"""Newton's method with analytic Jacobian and a safeguarded step: for up to about a hundred countries."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dostastyq.equilibrium.labels import FloatArray
from dostastyq.equilibrium.one_sector import Point, World

EXACT = 1e-13
_SURE_STEP = 1e-7
_LONGEST_STEP = 2.0
_HALVINGS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """Where a method stopped.

    Parameters
    ----------
    point
        The last accepted point, None when the start was not admissible.
    iterations
        Steps taken.
    converged
        Whether the residual is within the tolerance.
    """

    point: Point | None
    iterations: int
    converged: bool


def newton(world: World, start: FloatArray, tolerance: float, *, natural: bool = False, most: int = 60) -> Attempt:
    """Solve the excess demands by Newton steps, halved until the residual falls.

    Quadratic convergence makes the last step nearly free, so iteration goes on past the tolerance until the step taken
    was so short that the next one would be below rounding; a start that already solves the equations is returned
    untouched.

    Parameters
    ----------
    world
        Equations.
    start
        Log incomes to start from, shape (N,).
    tolerance
        Largest admissible absolute excess demand.
    natural
        Judge a step by the length of the next one instead of by the residual.
    most
        Most steps.

    Returns
    -------
    Attempt

    Examples
    --------
    >>> from dostastyq.equilibrium.one_sector import Base, build
    >>> base = Base.of(np.array([[9.0, 1.0], [1.0, 9.0]]), np.zeros((2, 2)), 4.0, "additive")
    >>> newton(build(base, None), np.zeros(2), 1e-10).iterations
    0
    """
    point = world.evaluate(start)
    if point is None:
        return Attempt(None, 0, converged=False)
    length = np.inf
    taken = 0
    while taken < most:
        if point.residual <= EXACT or (point.residual <= tolerance and length <= _SURE_STEP):
            break
        try:
            found = _natural(world, point) if natural else _plain(world, point)
        except np.linalg.LinAlgError:
            break
        if found is None:
            break
        point, length = found
        taken += 1
    return Attempt(point, taken, point.residual <= tolerance)


def _plain(world: World, point: Point) -> tuple[Point, float] | None:
    """One step, halved until the largest excess demand falls."""
    step = np.asarray(np.linalg.solve(world.jacobian(point), -point.excess))
    for share, length in _shares(step):
        trial = world.evaluate(point.log_income + share * step)
        if trial is not None and trial.residual < point.residual * (1 - 1e-4 * share):
            return trial, length
    return None


def _natural(world: World, point: Point) -> tuple[Point, float] | None:
    """One step, halved until the next step with the same Jacobian is shorter (Deuflhard 2004, section 3.3).

    The test does not depend on the scale of an equation, which matters where a state hardly trades: its excess demand
    is then tiny at any wage.
    """
    inverse = np.linalg.inv(world.jacobian(point))
    step = -(inverse @ point.excess)
    size = float(np.linalg.norm(step))
    for share, length in _shares(step):
        trial = world.evaluate(point.log_income + share * step)
        if trial is not None and np.linalg.norm(inverse @ trial.excess) < size * (1 - share / 4):
            return trial, length
    return None


def _shares(step: FloatArray) -> Iterator[tuple[float, float]]:
    length = float(np.abs(step).max())
    if not np.isfinite(length):
        return
    share = min(1.0, _LONGEST_STEP / length) if length > 0 else 1.0
    for _ in range(_HALVINGS):
        yield share, share * length
        share *= 0.5
