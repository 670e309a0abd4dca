"""The order in which methods are tried, and the refusal when all of them fail."""

import numpy as np

from dostastyq.equilibrium.anderson import anderson
from dostastyq.equilibrium.labels import FloatArray, Labels
from dostastyq.equilibrium.newton import Attempt, newton
from dostastyq.equilibrium.one_sector import Base, Point, World, build
from dostastyq.errors import DostastyqError

NEWTON_UP_TO = 100
_SHORTEST = 1e-3


def solve_world(
    base: Base,
    factor: FloatArray | None,
    labels: Labels,
    tolerance: float,
    method: str,
    inverse: FloatArray | None,
) -> tuple[World, Point, int, str]:
    """Solve one counterfactual or refuse.

    Newton up to a hundred countries, Anderson above; then the other one; then a homotopy in the log shock.

    Parameters
    ----------
    base
        Calibrated world.
    factor
        Log factor on the kernel, see `Change.log_factor`.
    labels
        Names of the states, for messages.
    tolerance
        Largest admissible absolute excess demand.
    method
        ``"auto"``, ``"newton"`` or ``"anderson"``: which is tried first.
    inverse
        Inverse of the base's Jacobian, a help for Anderson; may be None.

    Returns
    -------
    world : World
    point : Point
    iterations : int
        Steps of all methods tried.
    method : str
        What solved it, e.g. ``"newton"`` or ``"homotopy (newton)"``.

    Raises
    ------
    DostastyqError
        ``EQ030`` (an exporter or importer is left without any market), ``EQ031`` (a part of the world is cut off with a
        deficit that nobody can finance), ``EQ032`` (no convergence).
    """
    with np.errstate(all="ignore"):
        world = build(base, factor)
        check_markets(world, labels)
        start = np.zeros(len(base.output))
        attempts = _methods(world, start, tolerance, method, inverse)
        iterations = 0
        least = np.inf
        for name, attempt in attempts:
            iterations += attempt.iterations
            if attempt.converged and attempt.point is not None:
                return world, attempt.point, iterations, name
            least = min(least, np.inf if attempt.point is None else attempt.point.residual)
        if factor is not None:
            attempt = _homotopy(base, factor, tolerance)
            iterations += attempt.iterations
            if attempt.converged and attempt.point is not None:
                return world, attempt.point, iterations, "homotopy (newton)"
    raise DostastyqError(
        "EQ032",
        f"no equilibrium was found: after {iterations} steps the largest excess demand is still {least:.3g} of a state's"
        f" output; expected at most {tolerance:.3g}",
        "the shock may leave a state unable to pay a deficit that the additive closure fixes: try deficits='proportional' or"
        " a smaller shock",
    )


def _methods(world: World, start: FloatArray, tolerance: float, method: str, inverse: FloatArray | None):  # type: ignore[no-untyped-def]  # noqa: ANN202
    first = method if method != "auto" else ("newton" if len(start) <= NEWTON_UP_TO else "anderson")
    if first == "anderson":
        attempt = anderson(world, start, tolerance, inverse, most=60 if inverse is not None else 200)
        yield "anderson", attempt
        if inverse is not None:
            yield "anderson", anderson(world, start, tolerance)
        yield "newton", newton(world, start, tolerance)
    else:
        yield "newton", newton(world, start, tolerance)
        attempt = anderson(world, start, tolerance)
        yield "anderson", attempt
        if attempt.point is not None:
            yield "anderson, newton", newton(world, attempt.point.log_income, tolerance)


def _homotopy(base: Base, factor: FloatArray, tolerance: float) -> Attempt:
    """Follow the solution while the log shock grows from nothing; links that vanish do so linearly."""
    gone = np.isneginf(factor)
    finite = np.where(gone, 0.0, factor)
    reached, stride, iterations = 0.0, 0.25, 0
    income = np.zeros(len(base.output))
    while True:
        target = min(1.0, reached + stride)
        partial = target * finite
        if gone.any():
            partial = np.where(gone, np.log1p(-target), partial)
        attempt = newton(build(base, partial), income, tolerance)
        iterations += attempt.iterations
        if attempt.converged and attempt.point is not None:
            if target == 1.0:
                return Attempt(attempt.point, iterations, converged=True)
            reached, stride, income = target, 2 * stride, attempt.point.log_income
        elif stride < _SHORTEST:
            return Attempt(attempt.point, iterations, converged=False)
        else:
            stride /= 4


def check_markets(world: World, labels: Labels) -> None:
    """Refuse a world in which a state sells or buys nothing, or a part of it owes what it cannot pay."""
    for axis, role, deed in ((0, "exporter", "sells"), (1, "importer", "buys")):
        alive = world.kernel.any(axis=axis)
        if not alive.all():
            name = labels[int(np.argmin(alive))]
            raise DostastyqError(
                "EQ030",
                f"after the shock {role} {name!r} {deed} nothing to anybody, itself included; expected at least one trade"
                " cost that is finite",
                "keep the domestic trade cost finite: autarky sets only the foreign ones to infinity",
            )
    if world.parts is None or world.proportional:
        return
    gap = (world.base_spending - world.output) @ world.parts
    size = world.output @ world.parts
    worst = int(np.argmax(np.abs(gap) / size))
    if abs(gap[worst]) > 1e-9 * size[worst]:
        members = [str(label) for label, inside in zip(labels, world.parts[:, worst], strict=True) if inside]
        raise DostastyqError(
            "EQ031",
            f"the shock cuts {', '.join(members)} off from the rest of the world, but the additive closure fixes a deficit of"
            f" {gap[worst]:.6g} there ({gap[worst] / size[worst]:.2%} of output); expected none",
            "calibrate with deficits='zero' or deficits='proportional'",
        )
