"""From observed flows to an economy that is an exact equilibrium."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dostastyq.equilibrium.inputs import (
    check_labels,
    check_tariffs,
    is_frame,
    matrix_from_frame,
    pair_name,
    pairwise,
    read_frame,
    square,
)
from dostastyq.equilibrium.labels import FloatArray, Labels, Matrix, type_label
from dostastyq.equilibrium.model import Economy
from dostastyq.equilibrium.one_sector import Base
from dostastyq.equilibrium.solve import solve_world
from dostastyq.errors import DostastyqError, nearest

CLOSURES = ("additive", "proportional", "zero")
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
) -> Economy:
    """Calibrate an economy to observed flows.

    Parameters
    ----------
    flows
        Flows at basic prices (tariffs excluded) in million USD of the base year: a square array ``[importer,
        exporter]`` with domestic flows on the diagonal, shape (N, N) or (1, N, N), a labelled `Matrix`, or any long
        data frame with the columns ``exporter``, ``importer``, ``trade`` and, if wished, ``tariff``. A flow that is
        nil is 0; a missing one is an error.
    elasticity
        Trade elasticity theta > 0, dimensionless (in an Armington world the elasticity of substitution less one).
    tariffs
        Ad valorem tariffs of the base as fractions: a number for every foreign pair, an array ``[importer, exporter]``
        or a long frame with a column ``tariffs``. None means free trade.
    inputs, value_added, final_shares
        Input-output structure; not available in this version and refused.
    deficits
        Closure: ``"additive"`` keeps each deficit at its base value (world nominal output is the numeraire);
        ``"proportional"`` keeps each state's ratio of spending to income up to a factor common to all; ``"zero"`` first
        re-solves the base with balanced trade, which becomes the base, and says so in `Economy.repairs`.
    labels
        Names of the states for an array; integers from zero otherwise.

    Returns
    -------
    Economy

    Raises
    ------
    DostastyqError
        ``EQ001``-``EQ014``: see ``docs/reference/equilibrium.md``.

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
    theta = _elasticity(elasticity)
    for name, given in (("inputs", inputs), ("value_added", value_added), ("final_shares", final_shares)):
        if given is not None:
            raise DostastyqError(
                "EQ010",
                f"{name} were given, but economies with input-output links are not available in this version",
                f"leave {name} out",
            )
    if deficits not in CLOSURES:
        raise DostastyqError("EQ011", f"there is no closure {deficits!r}", nearest(str(deficits), CLOSURES))
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
        return Economy(Base.of(values, levels, theta, deficits), names, deficits)
    base, repair = _purge(values, levels, theta, names)
    return Economy(base, names, deficits, (repair,))


def _elasticity(elasticity: object) -> float:
    try:
        values = np.asarray(elasticity, dtype=np.float64)
    except (TypeError, ValueError):
        raise DostastyqError(
            "EQ008", f"the elasticity is {elasticity!r}; expected a number above 0", "a usual value is 4"
        ) from None
    if values.size > 1:
        raise DostastyqError(
            "EQ010",
            f"{values.size} elasticities were given; this engine solves economies with one sector",
            "give one number",
        )
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
    if "sector" in frame.columns and frame["sector"].n_unique() > 1:
        raise DostastyqError("EQ010", "the flows have several sectors; this engine solves one", "sum over sectors")
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
