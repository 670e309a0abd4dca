"""Newton's method with analytic Jacobian and a safeguarded step: for up to about a hundred countries."""

from dataclasses import dataclass

import numpy as np

from dostastyq.equilibrium.labels import FloatArray
from dostastyq.equilibrium.one_sector import Point, World

AT_REST = 1e-13
EXACT = 2e-14
_ROUNDING = 1e-12
_LONGEST_STEP = 2.0
_HALVINGS = 12
_CHORD = 0.02


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

    While a step cuts the residual fiftyfold the next one reuses its Jacobian. The last steps are then nearly free, so
    that iteration goes on past the tolerance to rounding; a start that already solves the equations is returned
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
    taken = 0
    inverse: FloatArray | None = None
    fresh = False
    while taken < most:
        if point.residual <= (EXACT if taken else AT_REST):
            break
        if inverse is None:
            try:
                inverse, fresh = np.asarray(np.linalg.inv(world.jacobian(point)), dtype=np.float64), True
            except np.linalg.LinAlgError:
                break
        trial = _search(world, point, inverse, natural=natural, halvings=_HALVINGS if fresh else 1)
        if trial is None:
            if fresh or point.residual <= _ROUNDING:
                break
            inverse = None
            continue
        if trial.residual > _CHORD * point.residual:
            inverse = None
        point, fresh = trial, False
        taken += 1
    return Attempt(point, taken, point.residual <= tolerance)


def _search(world: World, point: Point, inverse: FloatArray, *, natural: bool, halvings: int) -> Point | None:
    """One step, halved until it is accepted; None when it never is.

    The natural test (Deuflhard 2004, section 3.3) asks that the next step with the same Jacobian be shorter. It does
    not depend on the scale of an equation, which matters where a state hardly trades: its excess demand is then tiny at
    any wage. The plain test asks that the largest excess demand fall.
    """
    step = -(inverse @ point.excess)
    length = float(np.abs(step).max())
    if not np.isfinite(length):
        return None
    size = float(np.linalg.norm(step)) if natural else point.residual
    share = min(1.0, _LONGEST_STEP / length) if length > 0 else 1.0
    for _ in range(halvings):
        trial = world.evaluate(point.log_income + share * step)
        if trial is not None:
            reached = float(np.linalg.norm(inverse @ trial.excess)) if natural else trial.residual
            if reached < size * (1 - (share / 4 if natural else 1e-4 * share)):
                return trial
        share *= 0.5
    return None
