"""The order in which methods are tried, and the refusal when all of them fail."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from dostastyq.equilibrium.anderson import anderson
from dostastyq.equilibrium.labels import FloatArray, Labels
from dostastyq.equilibrium.newton import Attempt, newton
from dostastyq.equilibrium.one_sector import Base, Point, World, build, reached
from dostastyq.errors import DostastyqError

NEWTON_UP_TO = 100
_SHORTEST = 1e-4
_ONE_WAY = 1e-6


def solve_world(
    base: Base,
    factor: FloatArray | None,
    labels: Labels,
    *,
    tolerance: float,
    method: str = "auto",
    inverse: FloatArray | None = None,
    deficit: FloatArray | None = None,
) -> tuple[World, Point, int, str]:
    """Solve one counterfactual or refuse.

    Newton up to a hundred countries, Anderson above; then the other one; then a homotopy: in the deficits under the
    additive closure, where they are what an equilibrium can fail on, in the log shock otherwise.

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
    deficit
        Deficits that replace those of the closure, shape (N,), or None.

    Returns
    -------
    world : World
    point : Point
    iterations : int
        Steps of all methods tried.
    method : str
        What solved it, e.g. ``"newton"`` or ``"homotopy in the shock"``.

    Raises
    ------
    DostastyqError
        ``EQ030`` an exporter or importer is left without any market; ``EQ031`` a part of the world is cut off with a
        deficit that nobody finances; ``EQ032`` no convergence; ``EQ035`` goods can flow only one way; ``EQ036`` the
        deficits that the additive closure fixes exceed what a state earns.
    """
    with np.errstate(all="ignore"):
        world = build(base, factor, deficit)
        check_markets(world, labels)
        iterations, least = 0, np.inf
        for name, attempt in _attempts(base, factor, world, tolerance, method, inverse):
            iterations += attempt.iterations
            if attempt.point is not None:
                if attempt.converged:
                    _check_one_way(world, attempt.point, labels)
                    return world, attempt.point, iterations, name
                if not name.startswith("homotopy"):
                    least = min(least, attempt.point.residual)
        raise _refusal(base, world, labels, f"{least:.3g} after {iterations} steps", tolerance)


def _attempts(  # noqa: PLR0917 -- one call, the arguments of solve_world
    base: Base, factor: FloatArray | None, world: World, tolerance: float, method: str, inverse: FloatArray | None
) -> Iterator[tuple[str, Attempt]]:
    start = np.zeros(len(world.output))
    many = len(start) > NEWTON_UP_TO
    if method == "anderson" or (many and method == "auto"):
        if inverse is not None:
            yield "anderson", anderson(world, start, tolerance, inverse, most=60)
        yield "anderson", anderson(world, start, tolerance)
    yield "newton", newton(world, start, tolerance)
    yield "newton (natural)", newton(world, start, tolerance, natural=True, most=200)
    rough = anderson(world, start, tolerance)
    yield "anderson", rough
    if rough.point is not None:
        yield "anderson, newton", newton(world, rough.point.log_income, tolerance)
    if not world.proportional:
        yield "homotopy in the deficits", _follow_deficits(world, tolerance)[0]
    elif factor is not None:
        yield "homotopy in the shock", _follow_shock(base, factor, tolerance)


def _follow_shock(base: Base, factor: FloatArray, tolerance: float) -> Attempt:
    """Follow the solution while the log shock grows from nothing; links that vanish do so linearly."""
    gone = np.isneginf(factor)
    finite = np.where(gone, 0.0, factor)

    def part(share: float) -> World:
        return build(base, np.where(gone, np.log1p(-share), share * finite) if gone.any() else share * finite)

    return _follow(part, np.zeros(len(base.output)), tolerance)[0]


def _follow_deficits(world: World, tolerance: float) -> tuple[Attempt, float]:
    """Follow the solution while the deficits grow from nothing to what the closure fixes."""
    deficit = world.base_spending - world.output

    def part(share: float) -> World:
        return replace(world, base_spending=world.base_spending - (1 - share) * deficit)

    balanced = replace(world, base_spending=world.output, proportional=True)
    start = newton(balanced, np.zeros(len(deficit)), tolerance, natural=True, most=200)
    attempt, share = _follow(part, np.zeros_like(deficit) if start.point is None else start.point.log_income, tolerance)
    return (attempt if attempt.point is not None else replace(start, converged=False)), share


def _follow(part: Callable[[float], World], log_income: FloatArray, tolerance: float) -> tuple[Attempt, float]:
    arrived, stride, iterations = 0.0, 1.0, 0
    last: Point | None = None
    while arrived < 1 and stride > _SHORTEST:
        target = min(1.0, arrived + stride)
        attempt = newton(part(target), log_income, tolerance, natural=True, most=200)
        iterations += attempt.iterations
        if attempt.converged and attempt.point is not None:
            arrived, stride, last, log_income = target, 2 * stride, attempt.point, attempt.point.log_income
        else:
            stride /= 4
    return Attempt(last, iterations, converged=arrived == 1.0), arrived


def _refusal(base: Base, world: World, labels: Labels, found: str, tolerance: float) -> DostastyqError:
    if not world.proportional:
        attempt, share = _follow_deficits(world, tolerance)
        if attempt.point is not None and share < 1:
            deficits = world.base_spending - world.output
            giver = deficits < 0
            worst = int(np.argmin(np.where(giver, attempt.point.spending / attempt.point.income, np.inf)))
            deficit = deficits[worst]
            return DostastyqError(
                "EQ036",
                f"there is no equilibrium with the deficits that the closure fixes: {labels[worst]!s} would have to"
                f" give away {-deficit:.6g} ({-deficit / base.output[worst]:.1%} of its base output) and can finance"
                f" {share:.2%} of that; expected all (largest excess demand {found})",
                "calibrate with deficits='proportional' or deficits='zero', or try a smaller shock",
            )
    return DostastyqError(
        "EQ032",
        f"no equilibrium was found: the largest excess demand is still {found}; expected at most {tolerance:.3g} of a"
        " state's output",
        "try deficits='proportional' or a smaller shock"
        if world.two_way
        else "after the shock some states can only sell or only buy: keep a way back for their money",
    )


def _check_one_way(world: World, point: Point, labels: Labels) -> None:
    """Refuse a limit that is no equilibrium: a group that sells but cannot buy prices itself out of all trade.

    Its excess demand then vanishes together with its trade; its external imbalance over that trade does not.
    """
    if world.two_way:
        return
    flows, surplus = world.flows(point), point.income - point.spending
    left = np.ones(len(labels), dtype=np.bool_)
    while left.any():
        first = int(left.argmax())
        group = reached(world.kernel > 0, first) & reached(world.kernel.T > 0, first)
        left &= ~group
        exports, imports = flows[np.ix_(~group, group)].sum(), flows[np.ix_(group, ~group)].sum()
        if abs(exports - imports - surplus[group].sum()) > _ONE_WAY * max(exports, imports):
            names = ", ".join(str(label) for label, inside in zip(labels, group, strict=True) if inside)
            deed, lack = ("sell to", "buy from") if exports > imports else ("buy from", "sell to")
            raise DostastyqError(
                "EQ035",
                f"there is no equilibrium: {names} can {deed} the rest of the world but not {lack} it, so that"
                f" trade cannot pay for itself; expected trade both ways (at the limit: exports {exports:.3g},"
                f" imports {imports:.3g})",
                "record a flow in the other direction, or close both",
            )


def check_markets(world: World, labels: Labels) -> None:
    """Refuse a world in which a state sells or buys nothing, or a part of it owes what it cannot pay."""
    for axis, role, deed in ((0, "exporter", "sells"), (1, "importer", "buys")):
        alive = world.kernel.any(axis=axis)
        if not alive.all():
            name = labels[int(np.argmin(alive))]
            raise DostastyqError(
                "EQ030",
                f"after the shock {role} {name!r} {deed} nothing to anybody, itself included; expected at least one"
                " finite trade cost",
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
            f"the shock cuts {', '.join(members)} off from the rest of the world, but the additive closure fixes a"
            f" deficit of {gap[worst]:.6g} there ({gap[worst] / size[worst]:.2%} of output); expected none",
            "calibrate with deficits='zero' or deficits='proportional'",
        )
