"""Accelerated sweeps (Anderson type II; Walker and Ni 2011), their safeguards, and what is tried when they fail."""

from dataclasses import dataclass

import numpy as np

from dostastyq.equilibrium.labels import FloatArray, Labels
from dostastyq.equilibrium.one_sector import is_two_way, reached
from dostastyq.equilibrium.sectors.base import Base
from dostastyq.equilibrium.sectors.sweep import State, Sweep, Swept, closing_deficit, start
from dostastyq.equilibrium.sectors.system import Change, System, apply, links
from dostastyq.errors import DostastyqError

AT_REST = 1e-13
LONGEST_STEP = 1.0
_MEMORY = 15
_RIDGE = 1e-12
_GROWTH = 100.0
_RESTARTS = 8
_FAR = 250.0
_SHORTEST = 2e-3
_ONE_WAY = 1e-6
_SHORTEST_STEP = 0.02


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
    system: System, sweeper: Sweep, begin: State, tolerance: float, *, shorter: float = 1.0, most: int = 600
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
        Largest admissible residual, see `Attempt`.
    shorter
        Factor on the steps of incomes, see `income_steps`.
    most
        Most sweeps.

    Returns
    -------
    Attempt

    Notes
    -----
    A residual a hundred times the best, or one that is not a number, drops the history, halves the steps and goes on
    from the best state, eight times at most. The least-squares problem is solved through its Gram matrix with a
    relative ridge of 1e-12.
    """
    step = shorter * income_steps(system, begin)
    total = begin.expenditure.sum(axis=0)
    flat = _pack(begin, total)
    state, swept = begin, sweeper(system, begin, step)
    residual = residual_of(state, swept)
    best = Attempt(system, state, swept, residual, 0, converged=False)
    image = _pack(swept.state, total)
    move = image - flat
    moves, turns = np.empty((_MEMORY, len(flat))), np.empty((_MEMORY, len(flat)))
    gram = np.zeros((_MEMORY, _MEMORY))
    kept = taken = restarts = 0
    while taken < most and not residual <= AT_REST and (residual > tolerance or not np.isfinite(residual)):
        depth = min(kept, _MEMORY)
        target = image
        if depth:
            weights = _weights(gram[:depth, :depth], turns[:depth] @ move)
            target = image - weights @ moves[:depth]
        trial = _unpack(target, total, state)
        if (trial.expenditure < 0).any():
            trial, kept, depth = swept.state, 0, 0
        if np.abs(system.base.theta[:, None] * (trial.log_cost - system.reference)).max() > _FAR:
            system = system.at(trial.log_cost)
        found = sweeper(system, trial, step)
        taken += 1
        size = residual_of(trial, found)
        if not size <= _GROWTH * best.residual:
            step, restarts = step / 2, restarts + 1
            if restarts > _RESTARTS:
                break
            kept, state, residual = 0, best.state, best.residual
            swept = sweeper(system, state, step)
            flat, image = _pack(state, total), _pack(swept.state, total)
            move = image - flat
            continue
        fresh = _pack(found.state, total)
        flat, old = _pack(trial, total), move
        move = fresh - flat
        slot = kept % _MEMORY
        np.subtract(fresh, image, out=moves[slot])
        np.subtract(move, old, out=turns[slot])
        kept += 1
        depth = min(kept, _MEMORY)
        gram[slot, :depth] = gram[:depth, slot] = turns[:depth] @ turns[slot]
        state, swept, image, residual = trial, found, fresh, size
        if residual < best.residual:
            best = Attempt(system, state, swept, residual, taken, converged=False)
    return Attempt(best.system, best.state, best.swept, best.residual, taken, best.residual <= tolerance)


def _pack(state: State, total: FloatArray) -> FloatArray:
    return np.concatenate([state.log_cost.ravel(), state.log_income, (state.expenditure / total).ravel()])


def _unpack(flat: FloatArray, total: FloatArray, like: State) -> State:
    size, states = like.log_cost.size, len(like.log_income)
    return State(
        flat[:size].reshape(like.log_cost.shape),
        flat[size : size + states],
        flat[size + states :].reshape(like.log_cost.shape) * total,
    )


def _weights(gram: FloatArray, target: FloatArray) -> FloatArray:
    matrix = gram.copy()
    matrix.flat[:: len(gram) + 1] += _RIDGE * gram.trace()
    try:
        return np.asarray(np.linalg.solve(matrix, target))
    except np.linalg.LinAlgError:
        return np.zeros_like(target)


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

    Anderson from the base (or from `warm`); again with a shorter step; then a homotopy in the logs of all wedges.

    Parameters
    ----------
    base, change
        Calibrated world and shock.
    labels, sectors
        Names, for messages.
    proportional
        Whether deficits follow incomes; see `system.apply`.
    tolerance
        Largest admissible residual, see `Attempt`.
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
    with np.errstate(all="ignore"):
        system = apply(base, change, proportional=proportional)
        check_markets(system, labels, sectors)
        taken, least = 0, np.inf
        for name in ("anderson", "anderson, short steps", "homotopy in the shock"):
            if name == "anderson":
                found = anderson(system, sweeper, start(system) if warm is None else warm, tolerance)
            elif name == "anderson, short steps":
                found = anderson(system, sweeper, start(system), tolerance, shorter=0.25, most=1500)
            else:
                found = _follow(base, change, sweeper, tolerance, proportional=proportional)
            taken += found.iterations
            if not name.startswith("homotopy") and found.residual < least:
                least = found.residual
            if found.converged:
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
        found = anderson(system, sweeper, begin, tolerance, most=300)
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
