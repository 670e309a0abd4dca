"""From observed flows to an economy that is an exact equilibrium."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dostastyq.equilibrium.checks import check_tariffs, tariff_remarks
from dostastyq.equilibrium.inputs import (
    check_labels,
    is_frame,
    matrix_from_frame,
    pair_name,
    pairwise,
    read_frame,
    square,
)
from dostastyq.equilibrium.labels import Cube, FloatArray, Labels, Matrix, type_label
from dostastyq.equilibrium.model import Economy
from dostastyq.equilibrium.one_economy import OneSectorEconomy
from dostastyq.equilibrium.one_sector import Base
from dostastyq.equilibrium.sectors.calibrate import from_flows
from dostastyq.equilibrium.sectors.inputs import check_sectors, flows_by_sector, numbers
from dostastyq.equilibrium.solve import solve_world
from dostastyq.errors import DostastyqError, nearest

CLOSURES = ("additive", "proportional", "zero", "phase-out")
_PURGE_TOLERANCE = 1e-10


def calibrate(  # noqa: PLR0917 -- the stable public signature
    flows: object,
    elasticity: object = 4.0,
    tariffs: object = None,
    inputs: object = None,
    value_added: object = None,
    final_shares: object = None,
    deficits: str = "additive",
    labels: Sequence[type_label] | None = None,
    *,
    sectors: Sequence[type_label] | None = None,
    export_taxes: object = None,
    remaining: float = 0.0,
) -> Economy:
    """Calibrate an economy to observed flows.

    Parameters
    ----------
    flows
        Flows at basic prices (tariffs excluded) in million USD of the base year: a square array ``[importer,
        exporter]`` with domestic flows on the diagonal, shape (N, N) or (1, N, N), a labelled `Matrix`, or any long
        data frame with the columns ``exporter``, ``importer``, ``trade`` and, if wished, ``tariff``. A flow that is
        nil is 0; a missing one is an error. With sectors: ``[sector, importer, exporter]``, shape (J, N, N), a labelled
        `Cube`, or a frame with a column ``sector``.
    elasticity
        Trade elasticity theta > 0, dimensionless (in an Armington world the elasticity of substitution less one); with
        sectors also an array of shape (J,) or a mapping by sector.
    tariffs
        Ad valorem tariffs of the base as fractions: a number for every foreign pair, an array ``[importer, exporter]``
        or a long frame with a column ``tariffs``; with sectors also by sector. None means free trade.
    inputs
        Input k per unit of output j, ``[state, input, using sector]``, shape (N, J, J). None means that output is value
        added.
    value_added
        Share of value added in output, shape (J, N) or a number; None leaves it to `inputs`, with which it sums to one.
    final_shares
        Shares of final expenditure, shape (J, N); None leaves them to the accounts.
    deficits
        Closure: ``"additive"`` keeps each deficit at its base value (world nominal output is the numeraire);
        ``"proportional"`` keeps each state's ratio of spending to income up to a factor common to all; ``"zero"`` first
        re-solves the base with balanced trade, which becomes the base, and says so in `Economy.repairs`;
        ``"phase-out"`` keeps the base and lets only the part `remaining` of each deficit stand after any shock, so that
        effects include the rebalancing, which `Equilibrium.rebalancing` tells apart. With sectors also an array of
        deficits in currency, shape (N,), to which the base is re-solved and which stay.
    labels
        Names of the states for an array; integers from zero otherwise.
    sectors
        Names of the sectors, in the order of an array; integers from zero otherwise.
    export_taxes
        Ad valorem export taxes of the base, in the forms of `tariffs`; makes an economy with sectors.
    remaining
        Under ``"phase-out"`` the part of each deficit that is left after a shock, 0 to 1.

    Returns
    -------
    Economy

    Raises
    ------
    DostastyqError
        ``EQ001``-``EQ015``, ``EQ040``-``EQ047``: see ``docs/reference/equilibrium.md``.

    Notes
    -----
    One sector without inputs and export taxes makes the economy that is solved in N unknowns, also from an array of
    shape (1, N, N); anything else makes an economy with sectors.

    References
    ----------
    Dekle, Eaton and Kortum (2007), "Unbalanced trade", American Economic Review 97(2); Caliendo and Parro (2015),
    Review of Economic Studies 82(1), eqs 10-14.

    Examples
    --------
    >>> economy = calibrate([[90.0, 10.0], [10.0, 40.0]], elasticity=4.0, labels=["RUS", "KAZ"])
    >>> economy.domestic_shares["KAZ"]
    0.8
    """
    given = (inputs, value_added, final_shares, sectors, export_taxes)
    if any(value is not None for value in given) or _several(flows) or _several_elasticities(elasticity):
        return _with_sectors(
            flows, elasticity, tariffs, inputs, value_added, final_shares, deficits, labels, sectors, export_taxes,
            remaining,
        )  # fmt: skip
    theta = _elasticity(elasticity)
    if deficits not in CLOSURES:
        raise DostastyqError("EQ011", f"there is no closure {deficits!r}", nearest(str(deficits), CLOSURES))
    if not 0 <= remaining <= 1:
        raise DostastyqError("EQ044", f"the remaining part of deficits is {remaining}; expected 0 to 1", "0 is usual")
    values, names, tariff_column = _flows(flows, labels)
    _check_flows(values, names)
    if tariffs is not None and tariff_column is not None:
        raise DostastyqError(
            "EQ012", "tariffs are given twice: in the flows' column 'tariff' and as an argument", "give one"
        )
    levels = tariff_column
    if tariffs is not None:
        levels = pairwise(tariffs, "tariffs", names, np.zeros_like(values))
    if levels is not None:
        check_tariffs(levels, names)
    if deficits != "zero":
        closure = "additive" if deficits == "phase-out" else deficits
        base = Base.of(values, levels, theta, closure)
        return OneSectorEconomy(base, names, deficits, tariff_remarks(levels, values), remaining)
    base, repair = _purge(values, levels, theta, names)
    return OneSectorEconomy(base, names, deficits, (*tariff_remarks(levels, values), repair))


def _several(flows: object) -> bool:
    """Whether the flows themselves have more than one sector."""
    if isinstance(flows, Cube):
        return True
    if is_frame(flows):
        frame = read_frame(flows, "flows")
        return "sector" in frame.columns and frame["sector"].n_unique() > 1
    shape = np.shape(np.asarray(flows))
    return len(shape) == 3 and shape[0] > 1


def _several_elasticities(elasticity: object) -> bool:
    return isinstance(elasticity, Mapping) or (
        isinstance(elasticity, Sequence | np.ndarray) and np.size(elasticity) > 1
    )


def _with_sectors(  # noqa: PLR0917 -- the arguments of `calibrate`
    flows: object,
    elasticity: object,
    tariffs: object,
    inputs: object,
    value_added: object,
    final_shares: object,
    deficits: object,
    labels: Sequence[type_label] | None,
    sectors: Sequence[type_label] | None,
    export_taxes: object,
    remaining: float,
) -> Economy:
    values, kinds, names = _flows_by_sector(flows, labels, sectors)
    if is_frame(flows) and "tariff" in read_frame(flows, "flows").columns:
        if tariffs is not None:
            raise DostastyqError(
                "EQ012", "tariffs are given twice: in the flows' column 'tariff' and as an argument", "give one"
            )
        renamed = read_frame(flows, "flows")
        chosen = [name for name in ("sector", "exporter", "importer", "tariff") if name in renamed.columns]
        tariffs = renamed.select(chosen).rename({"tariff": "tariffs"}).to_native()
    return from_flows(
        values, elasticity, tariffs, inputs, value_added, final_shares, deficits, names, kinds, export_taxes, remaining
    )


def _flows_by_sector(
    flows: object, labels: Sequence[type_label] | None, sectors: Sequence[type_label] | None
) -> tuple[FloatArray, Labels, Labels]:
    if isinstance(flows, Cube):
        return np.array(flows.values), flows.sectors, flows.labels
    if is_frame(flows) and "sector" in (frame := read_frame(flows, "flows")).columns:
        wanted = None if labels is None else check_labels(labels, len(tuple(labels)))
        kinds = None if sectors is None else check_sectors(sectors, len(tuple(sectors)))
        return flows_by_sector(frame, kinds, wanted)
    if is_frame(flows) or isinstance(flows, Matrix) or np.ndim(flows) < 3:  # type: ignore[arg-type]
        one, names, _ = _flows(flows, labels)
        return one[None], check_sectors(sectors, 1), names
    array = numbers(flows, "flows")
    if array.ndim != 3 or array.shape[1] != array.shape[2] or array.size == 0:
        raise DostastyqError(
            "EQ001", f"flows have shape {array.shape}; expected (J, N, N) [sector, importer, exporter]"
        )
    return array, check_sectors(sectors, len(array)), check_labels(labels, array.shape[1])


def _elasticity(elasticity: object) -> float:
    try:
        values = np.asarray(elasticity, dtype=np.float64)
    except (TypeError, ValueError):
        raise DostastyqError(
            "EQ008", f"the elasticity is {elasticity!r}; expected a number above 0", "a usual value is 4"
        ) from None
    theta = float(values.reshape(-1)[0]) if values.size else float("nan")
    if not (theta > 0 and np.isfinite(theta)):
        raise DostastyqError(
            "EQ008", f"the elasticity is {theta}; expected a finite number above 0", "a usual value is 4"
        )
    return theta


def _flows(flows: object, labels: Sequence[type_label] | None) -> tuple[FloatArray, Labels, FloatArray | None]:
    if isinstance(flows, Matrix):
        return np.array(flows.values), check_labels(labels, len(flows)) if labels is not None else flows.labels, None
    if not is_frame(flows):
        values = square(flows, "flows")
        return values, check_labels(labels, len(values)), None
    frame = read_frame(flows, "flows")
    wanted = None if labels is None else check_labels(labels, len(tuple(labels)))
    values, names = matrix_from_frame(frame, "trade", "flows", wanted)
    if "tariff" not in frame.columns:
        return values, names, None
    return values, names, matrix_from_frame(frame, "tariff", "tariffs", names)[0]


def _check_flows(flows: FloatArray, labels: Labels) -> None:
    bad = ~np.isfinite(flows)
    if bad.any():
        importer, exporter = (int(index) for index in np.argwhere(bad)[0])
        raise DostastyqError(
            "EQ003",
            f"the flow {pair_name(labels, importer, exporter)} is {flows[importer, exporter]}; expected a number"
            f" ({int(bad.sum())} such cells)",
            "fill missing flows before calibrating; a flow known to be nil is 0",
        )
    if (flows < 0).any():
        importer, exporter = (int(index) for index in np.argwhere(flows < 0)[0])
        raise DostastyqError(
            "EQ009",
            f"the flow {pair_name(labels, importer, exporter)} is {flows[importer, exporter]:g}; expected at least 0",
            "check how re-exports were subtracted",
        )
    for axis, role, deed in (
        (0, "exporter", "sells nothing to anybody: its output is 0"),
        (1, "importer", "buys nothing: its spending is 0"),
    ):
        alive = flows.any(axis=axis)
        if not alive.all():
            name = labels[int(np.argmin(alive))]
            raise DostastyqError(
                "EQ013", f"{role} {name!s} {deed}; expected more than 0", "add its domestic flow or drop it"
            )


def _purge(flows: FloatArray, tariffs: FloatArray | None, theta: float, labels: Labels) -> tuple[Base, str]:
    """Re-solve the base with balanced trade; the result is the base."""
    observed = Base.of(flows, tariffs, theta, "zero")
    deficit = observed.deficit
    worst = int(np.argmax(np.abs(deficit) / observed.output))
    share = deficit[worst] / observed.output[worst]
    balanced = replace(observed, spending=observed.output.copy())
    try:
        world, point, _, _ = solve_world(balanced, None, labels, tolerance=_PURGE_TOLERANCE)
    except DostastyqError as error:
        raise DostastyqError(
            "EQ015",
            f"the base cannot be balanced: {error.message} (largest imbalance: {labels[worst]!s}, {share:.1%} of"
            " output)",
            "use deficits='additive' or 'proportional', or check the flows of that state",
        ) from error
    base = Base.of(world.flows(point), tariffs, theta, "zero")
    return base, (
        f"trade was balanced before anything else: the largest deficit removed was {labels[worst]!s},"
        f" {deficit[worst]:.6g} ({share:.2%} of output)"
    )
