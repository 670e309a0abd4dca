"""What is tried to solve a counterfactual, in order, and the refusals when there is no equilibrium."""

import numpy as np

from dostastyq.blas import one_thread
from dostastyq.equilibrium.labels import Labels
from dostastyq.equilibrium.one_sector import is_two_way, reached
from dostastyq.equilibrium.sectors.anderson import AT_REST, Attempt, anderson
from dostastyq.equilibrium.sectors.base import Base
from dostastyq.equilibrium.sectors.sweep import State, Sweep, closing_deficit, start
from dostastyq.equilibrium.sectors.system import Change, System, apply, links
from dostastyq.errors import DostastyqError

_RANGE = 300.0
_SHORTEST = 2e-3
_ONE_WAY = 1e-6


def solve_change(
    base: Base,
    change: Change,
    labels: Labels,
    sectors: Labels,
    *,
    proportional: bool,
    tolerance: float,
    sweeper: Sweep,
    warm: State | None = None,
) -> tuple[Attempt, str]:
    """Solve one counterfactual or refuse.

    Anderson from the base (or from `warm`); again with shorter steps and more patience; then a homotopy in the logs of
    all wedges.

    Parameters
    ----------
    base, change
        Calibrated world and shock.
    labels, sectors
        Names, for messages.
    proportional
        Whether deficits follow incomes; see `system.apply`.
    tolerance
        Largest admissible residual, see `Attempt`; at least 1e-13, below which there is rounding only.
    sweeper
        `sweep.sweep` or `sweep.compiled`.
    warm
        A state near the solution.

    Returns
    -------
    attempt : Attempt
    method : str
        What solved it.

    Raises
    ------
    DostastyqError
        ``EQ030`` an exporter or importer is left without any market; ``EQ031`` a part of the world is cut off with a
        deficit that nobody finances; ``EQ032`` no convergence; ``EQ035`` goods can flow only one way; ``EQ036`` fixed
        deficits exceed what a state earns.
    """
    tolerance = max(tolerance, AT_REST)
    with one_thread(), np.errstate(all="ignore"):
        system = apply(base, change, proportional=proportional)
        check_markets(system, labels, sectors)
        taken, least = 0, np.inf
        for name in ("anderson", "anderson, patient", "homotopy in the shock"):
            if name == "anderson":
                found = anderson(system, sweeper, start(system) if warm is None else warm, tolerance)
            elif name == "anderson, patient":
                found = anderson(system, sweeper, start(system), tolerance, patient=True)
            else:
                found = _follow(base, change, sweeper, tolerance, proportional=proportional)
            taken += found.iterations
            if not name.startswith("homotopy") and found.residual < least:
                least = found.residual
            if found.converged:
                _check_range(found, labels, sectors)
                _check_payers(found, labels)
                _check_one_way(found, labels)
                return Attempt(found.system, found.state, found.swept, found.residual, taken, converged=True), name
        raise DostastyqError(
            "EQ032",
            f"no equilibrium was found: the largest residual is still {least:.3g} after {taken} sweeps; expected at"
            f" most {tolerance:.3g}",
            "try a smaller shock, deficits='proportional' or deficits='zero'",
        )


def _follow(base: Base, change: Change, sweeper: Sweep, tolerance: float, *, proportional: bool) -> Attempt:
    """Follow the solution while the shock grows from nothing."""
    system = apply(base, Change(), proportional=proportional)
    begin = start(system)
    last = Attempt(system, begin, sweeper(system, begin, 0.0), np.inf, 0, converged=False)
    arrived, stride, taken = 0.0, 0.25, 0
    while arrived < 1 and stride > _SHORTEST:
        target = min(1.0, arrived + stride)
        system = apply(base, change.part(base, target) if target < 1 else change, proportional=proportional)
        found = anderson(system, sweeper, begin, tolerance)
        taken += found.iterations
        if found.converged:
            arrived, stride, last, begin = target, 2 * stride, found, found.state
        else:
            stride /= 4
    return Attempt(last.system, last.state, last.swept, last.residual, taken, converged=arrived == 1.0)


def check_markets(system: System, labels: Labels, sectors: Labels) -> None:
    """Refuse a world in which a good that is wanted has no supplier, or a cut-off part owes what it cannot pay."""
    base = system.base
    bought = (base.expenditure > 0).astype(np.float64)
    lost = (system.kernel.sum(axis=2) == 0) & (bought > 0)
    if lost.any():
        sector, importer = (int(index) for index in np.argwhere(lost)[0])
        raise DostastyqError(
            "EQ030",
            f"after the shock importer {labels[importer]!s} buys {sectors[sector]!s} from nobody, itself included, but"
            " cannot do without it; expected at least one finite trade cost",
            "keep the domestic trade cost finite, or drop the sector there",
        )
    sold = (bought[:, None, :] @ system.kernel)[:, 0] * base.value_added
    alive = sold.any(axis=0)
    if not alive.all():
        raise DostastyqError(
            "EQ030",
            f"after the shock exporter {labels[int(np.argmin(alive))]!s} sells nothing to anybody, itself included;"
            " expected at least one finite trade cost",
            "keep the domestic trade cost finite: autarky sets only the foreign ones to infinity",
        )
    if system.ratio is not None:
        return
    count = int(system.parts.max()) + 1
    gap, size = (np.bincount(system.parts, values, count) for values in (system.deficit, base.income))
    worst = int(np.argmax(np.abs(gap) / size))
    if count > 1 and abs(gap[worst]) > 1e-9 * size[worst]:
        members = ", ".join(str(label) for label, part in zip(labels, system.parts, strict=True) if part == worst)
        raise DostastyqError(
            "EQ031",
            f"the shock cuts {members} off from the rest of the world, but the closure fixes a deficit of"
            f" {gap[worst]:.6g} there ({gap[worst] / size[worst]:.2%} of value added); expected none",
            "calibrate with deficits='zero' or deficits='proportional'",
        )


def _check_range(found: Attempt, labels: Labels, sectors: Labels) -> None:
    """Refuse prices that no number can tell: a near-singular base multiplies a shock without measure."""
    size = np.abs(found.swept.log_price)
    if size.max() < _RANGE:
        return
    sector, state = (int(index) for index in np.unravel_index(int(size.argmax()), size.shape))
    raise DostastyqError(
        "EQ032",
        f"no equilibrium within the range of numbers: the log of the price of {sectors[sector]!s} in {labels[state]!s}"
        f" moves by {found.swept.log_price[sector, state]:.3g}; expected less than {_RANGE:g}",
        "check value-added shares near zero",
    )


def _check_payers(found: Attempt, labels: Labels) -> None:
    """Refuse a root of the equations at which a state would spend less than nothing: its deficit cannot be paid."""
    base, output = found.system.base, found.swept.output
    final = found.state.expenditure.sum(axis=0) - ((1 - base.value_added) * output).sum(axis=0)
    if (final > 0).all():
        return
    worst = int(np.argmin(final / base.income))
    deficit = closing_deficit(found.system, found.state.log_income)[worst]
    earned = float((base.value_added * output).sum(axis=0)[worst])
    raise DostastyqError(
        "EQ036",
        f"there is no equilibrium with the deficits that the closure fixes: {labels[worst]!s} would have to give away"
        f" {-deficit:.6g}, but its value added falls to {earned:.6g}; expected less",
        "calibrate with deficits='proportional' or deficits='zero', or try a smaller shock",
    )


def _check_one_way(found: Attempt, labels: Labels) -> None:
    """Refuse a limit that is no equilibrium: a group that sells but cannot buy prices itself out of all trade."""
    system = found.system
    linked = links(system.kernel, system.base)
    count = int(system.parts.max()) + 1
    if linked.all() or is_two_way(linked, np.eye(count)[system.parts] if count > 1 else None):
        return
    cost = np.exp(-system.base.theta[:, None] * (found.state.log_cost - system.reference))
    weight = system.border * cost[:, None, :]
    sums = (system.kernel * cost[:, None, :]).sum(axis=2)
    flows = (weight * (found.state.expenditure / np.where(sums > 0, sums, 1))[:, :, None]).sum(axis=0)
    surplus = -closing_deficit(system, found.state.log_income)
    left = np.ones(len(labels), dtype=np.bool_)
    while left.any():
        first = int(left.argmax())
        group = reached(linked, first) & reached(linked.T, first)
        left &= ~group
        exports, imports = flows[np.ix_(~group, group)].sum(), flows[np.ix_(group, ~group)].sum()
        if abs(exports - imports - surplus[group].sum()) > _ONE_WAY * max(exports, imports):
            names = ", ".join(str(label) for label, inside in zip(labels, group, strict=True) if inside)
            deed, lack = ("sell to", "buy from") if exports > imports else ("buy from", "sell to")
            raise DostastyqError(
                "EQ035",
                f"there is no equilibrium: {names} can {deed} the rest of the world but not {lack} it, so that trade"
                f" cannot pay for itself; expected trade both ways (at the limit: exports {exports:.3g}, imports"
                f" {imports:.3g})",
                "record a flow in the other direction, or close both",
            )
