"""Fitted flows of the sample, and of new rows by the effects recovered for their levels."""

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import polars as pl

from dostastyq.errors import DostastyqError, nearest
from dostastyq.gravity.expressions import column
from dostastyq.gravity.frame import ROW, read, where
from dostastyq.gravity.problem import BoolArray, FloatArray, GeneralProblem
from dostastyq.trade.panel import Panel

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from dostastyq.gravity.fit import Fit

type_unseen = Literal["refuse", "missing"]
UNSEEN: Final = ("refuse", "missing")
_LISTED = 3


def in_sample(fit: "Fit") -> FloatArray:
    """Fitted flows, one a row of the data: NaN where it is not in the sample, 0 where it is separated."""
    places = fit.sample.cells if fit.sample.codes else np.arange(fit.sample.data.height)
    values = np.full(fit.sample.rows, np.nan)
    gone = fit.solution.separated.ravel()[places]
    fitted = fit.solution.fitted.ravel()[places]
    rows = fit.sample.data[ROW].to_numpy().astype(np.int64) - fit.sample.first_row
    values[rows] = np.where(fit.in_sample | gone, np.where(gone, 0.0, fitted), np.nan)
    return values


def of_rows(fit: "Fit", newdata: "IntoDataFrame | Panel", unseen: type_unseen) -> FloatArray:
    """Flows of new rows; see `Fit.predict`.

    Raises
    ------
    DostastyqError
        ``GR003`` a missing column, ``GR008`` a regressor or offset that is not finite, ``GR009`` one that cannot be
        computed, ``GR026`` levels without an effect, ``GR027`` for `unseen` of another name.
    """
    if unseen not in UNSEEN:
        raise DostastyqError("GR027", f"unseen is {unseen!r}, expected 'refuse' or 'missing'", nearest(unseen, UNSEEN))
    data = _rows(fit, newdata)
    zero = _separated(fit, data)
    index, lacking = _index(fit, data)
    for name, frame in effects(fit).items():
        keys = [key for key in frame.columns if key != "effect"]
        values = _joined(data, frame, keys)["effect"].to_numpy()
        lacking[name] = ~np.isfinite(values)
        index = index + values
    lacking = {name: gone & ~zero for name, gone in lacking.items() if (gone & ~zero).any()}
    if lacking and unseen == "refuse":
        raise _without_effect(fit, data, lacking)
    with np.errstate(over="ignore"):
        flows = np.exp(index)
    for gone in lacking.values():
        flows[gone] = np.nan
    return np.asarray(np.where(zero, 0.0, flows))


def effects(fit: "Fit") -> dict[str, pl.DataFrame]:
    """Effects as the solver left them, by name: the columns of a level and ``effect``, NaN outside the sample.

    A formula without effects has a constant, under the name ``1``.
    """
    found, rows = fit.solution, fit.sample
    if isinstance(fit.problem, GeneralProblem):
        named = rows.formula.effects
        if not named:
            return {"1": pl.DataFrame({"effect": found.effects[0]})}
        levels = [rows.data.select(effect.columns).unique().sort(*effect.columns) for effect in named]
        parts = zip(named, levels, found.effects, strict=True)
        return {effect.name: level.with_columns(effect=pl.Series(values)) for effect, level, values in parts}
    e, m, t = rows.labels
    sides = {"exporter": (e, found.exporter_year), "importer": (m, found.importer_year)}
    made = {}
    for side, values in sides.values():
        if values is not None:
            yearly = values.shape[1] > 1 or (bool(rows.structure.year) and rows.structure.kind != "one_way")
            levels_ = side.join(t, how="cross", maintain_order="left_right") if yearly else side
            made["^".join(levels_.columns)] = levels_.with_columns(effect=pl.Series(values.ravel()))
    if found.pair is not None:
        pairs = e.join(m, how="cross", maintain_order="left_right")
        made["^".join(pairs.columns)] = pairs.with_columns(effect=pl.Series(found.pair.ravel()))
    return made


def _rows(fit: "Fit", newdata: "IntoDataFrame | Panel") -> pl.DataFrame:
    """Check that new rows have every column that the fit needs, and give labels the types they have there."""
    native = newdata.frame if isinstance(newdata, Panel) else newdata
    sample = fit.sample
    offset = sample.offset_name
    keys = dict.fromkeys(key for frame in effects(fit).values() for key in frame.columns if key != "effect")
    used = dict.fromkeys(name for regressor in sample.regressors for name in regressor.values.meta.root_names())
    data = read(native, " ".join([sample.formula.text, *keys, offset or ""]))
    for name in (*keys, *used, *filter(None, [offset])):
        column(name, sample.formula, data.schema)
    data = data.with_row_index(ROW, offset=1)
    for name in keys:
        wanted = sample.data.schema[name]
        label = pl.col(name)
        if data.schema[name].is_float() and wanted.is_integer():
            label = pl.when(label == label.floor()).then(label)  # 2003.5 is no year of the fit
        try:
            data = data.with_columns(label.cast(wanted))
        except pl.exceptions.PolarsError:
            message = f"column {name!r} is {data.schema[name]}, the fit has {wanted}"
            raise DostastyqError("GR009", message, "give labels of the type that the fit was made from") from None
    return data


def _index(fit: "Fit", data: pl.DataFrame) -> tuple[FloatArray, dict[str, BoolArray]]:
    """Coefficients times regressors plus offset, and rows that the regressors say nothing about, by reason."""
    index = np.zeros(data.height)
    lacking: dict[str, BoolArray] = {}
    coefficients = dict(zip(fit.solution.names, fit.solution.beta.tolist(), strict=True))
    lost = {gone.name for gone in fit.dropped if gone.reason == "separated"}
    for regressor in fit.sample.regressors:
        for category in regressor.categories:
            if category.name not in lacking:
                known = data.select(category.values.is_in(list(category.levels)).fill_null(value=False).alias("known"))
                lacking[category.name] = ~known["known"].to_numpy()
        if regressor.name in coefficients:
            index += coefficients[regressor.name] * _values(data, regressor.values, regressor.name)
        elif regressor.name in lost and not fit.sample.values(regressor)[fit.in_sample].any():
            lacking[regressor.name] = _values(data, regressor.values, regressor.name) != 0
    if fit.sample.offset_name is not None:
        index += _values(data, pl.col(fit.sample.offset_name), fit.sample.offset_name)
    return index, lacking


def _values(data: pl.DataFrame, values: pl.Expr, name: str) -> FloatArray:
    """Values of a regressor or offset, all finite."""
    try:
        series = data.select(values.cast(pl.Float64).alias("x"))["x"]
    except pl.exceptions.PolarsError as error:
        reason = str(error).partition("\n")[0]
        raise DostastyqError(
            "GR009", f"{name} cannot be computed: {reason}", "check the types of its columns"
        ) from None
    found = np.broadcast_to(series.to_numpy(), data.height)
    wrong = ~np.isfinite(found)
    if wrong.any():
        place = where(data[int(np.argmax(wrong))])
        message = (
            f"{place}, column {name}: found {found[wrong][0]:g}, expected a finite number; {int(wrong.sum())} such"
        )
        raise DostastyqError("GR008", message, "a flow is predicted where every regressor has a value")
    return np.asarray(found)


def _joined(data: pl.DataFrame, frame: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Rows of `frame` for the labels of every row, empty where there is none."""
    if not keys:
        return data.select(effect=pl.repeat(frame["effect"].item(), data.height))
    joined = data.select(keys).join(frame, on=keys, how="left", maintain_order="left")
    return joined.with_columns(pl.col("effect").fill_null(np.nan))


def _separated(fit: "Fit", data: pl.DataFrame) -> BoolArray:
    """Rows whose cell was left out of the fit because its expected flow is 0."""
    panel = fit.sample.structure
    keys = [*panel.exporter, *panel.importer, *panel.year]
    if panel.kind == "general" or fit.separated.is_empty():
        return np.zeros(data.height, dtype=bool)
    found = _joined(data, fit.separated.select(*keys, effect=pl.lit(0.0)), keys)
    return np.asarray(found["effect"].is_not_nan().to_numpy())


def _without_effect(fit: "Fit", data: pl.DataFrame, lacking: dict[str, BoolArray]) -> DostastyqError:
    """Refusal that names the levels."""
    categories = {c.name: c for regressor in fit.sample.regressors for c in regressor.categories}
    name, gone = next(iter(lacking.items()))
    rows = data.filter(pl.Series(gone))
    if name in categories:
        levels = rows.select(categories[name].values.alias("level")).unique(maintain_order=True)
    else:
        keys = [key for key in name.split("^") if key in data.columns]
        levels = rows.select(keys).unique(maintain_order=True) if keys else rows.select(ROW)
    listed = "; ".join(" ".join(map(str, level)) for level in levels.head(_LISTED).rows())
    more = f" and {levels.height - _LISTED:,} more" if levels.height > _LISTED else ""
    are, rows_ = "is" if levels.height == 1 else "are", int(np.logical_or.reduce(list(lacking.values())).sum())
    message = (
        f"{where(rows[0], fit.sample.structure)}: {name} {listed}{more} {are} not in the sample of the fit;"
        f" {rows_:,} row{'s have' if rows_ > 1 else ' has'} no prediction"
    )
    return DostastyqError("GR026", message, "leave these rows out, or ask for unseen='missing' to have NaN for them")
