"""The rows of a regression: checked one by one, found in the panel, and spread into the arrays of the engine.

A cell that has no row is missing and stays missing: it is never taken as a zero. What is wrong is said with the column,
the row of the data (from 1), the cell it describes and the remedy.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import polars as pl

from dostastyq.errors import DostastyqError, nearest
from dostastyq.gravity.expressions import Reader, column
from dostastyq.gravity.formula import Effect, Formula, unreadable
from dostastyq.gravity.frame import ROW, encode, labels, where
from dostastyq.gravity.problem import BoolArray, FloatArray, GeneralProblem, IntArray, Problem
from dostastyq.gravity.regressors import Regressor, expand
from dostastyq.gravity.structure import GENERAL, Structure, detect

type_missing = Literal["refuse", "drop"]
MISSING: Final = ("refuse", "drop")
_SPARSE, _LARGE = 20, 5_000_000


@dataclass(frozen=True, eq=False)
class Sample:
    """The rows of a regression, checked.

    Parameters
    ----------
    formula
        The equation.
    structure
        The panel that its effects describe.
    data
        Rows in use, with their number in the user's data in ``__row``.
    regressors
        Columns of the design.
    flows
        Trade, shape (n,).
    offset, weights
        Of every row, shape (n,), or None.
    codes
        Place of every row's exporter, importer and year in `labels`, each of shape (n,); empty when general.
    labels
        Exporters, importers and years, one row a label; empty when general.
    left_out
        Rows of the data that are not in use, by reason.
    rows
        Rows of the user's data.
    first_row
        Number of the first of them in messages.
    offset_name
        Column of the offset, None without one.
    """

    formula: Formula
    structure: Structure
    data: pl.DataFrame
    regressors: tuple[Regressor, ...]
    flows: FloatArray
    offset: FloatArray | None
    weights: FloatArray | None
    codes: tuple[IntArray, ...]
    labels: tuple[pl.DataFrame, ...]
    left_out: Mapping[str, int]
    rows: int
    first_row: int = 1
    offset_name: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the regressors."""
        return tuple(regressor.name for regressor in self.regressors)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of exporters, importers and years."""
        n, m, t = (labels.height for labels in self.labels)
        return n, m, t

    @property
    def cells(self) -> IntArray:
        """Place of every row in the raveled tensor of flows, shape (n,)."""
        i, j, t = self.codes
        _, m, years = self.shape
        return np.asarray((i * m + j) * years + t, dtype=np.int64)

    def values(self, regressor: Regressor) -> FloatArray:
        """Values of one regressor, shape (n,).

        Raises
        ------
        DostastyqError
            ``GR008`` not finite, ``GR009`` not computable, ``GR010`` zero in every row.
        """
        try:
            found = self.data.select(regressor.values.alias("x"))["x"].to_numpy()
        except pl.exceptions.PolarsError as error:
            reason = str(error).partition("\n")[0]
            raise DostastyqError(
                "GR009", f"{regressor.name} cannot be computed: {reason}", "check the types of its columns"
            ) from None
        values = np.asarray(np.broadcast_to(found, self.flows.shape), dtype=np.float64)
        if not np.isfinite(values.sum()):
            refuse_rows("GR008", regressor.name, ~np.isfinite(values), values, self, hint=_FINITE)
        if regressor.written and not values.any():
            message = f"formula, character {regressor.position}: {regressor.name} is 0 in all {len(values):,} rows"
            raise DostastyqError("GR010", message, "leave it out, or check how the column was made")
        return values


_EXPECTED: Final = {
    "GR004": "a finite number",
    "GR006": "a number of at least 0",
    "GR008": "a finite number",
    "GR013": "a finite weight of at least 0, or a finite offset",
}
_FINITE: Final = "correct the value; for the logarithm of 0 use I(...) or another transformation"
_NO_VALUE: Final = "fill the cells, or leave them out and have them counted with missing='drop' (--drop-missing)"


def sample(
    formula: Formula,
    data: pl.DataFrame,
    *,
    offset: str | None = None,
    weights: str | None = None,
    clusters: Iterable[Effect] = (),
    missing: type_missing = "refuse",
    symmetric_pairs: bool = False,
    first_row: int = 1,
) -> Sample:
    """Check the rows of `data` and find their places.

    Parameters
    ----------
    formula
        The equation.
    data
        One row a cell.
    offset, weights
        Columns of the known part of log trade, and of observation weights.
    clusters
        Columns by which standard errors are clustered.
    missing
        ``"refuse"`` rows without a value, or ``"drop"`` them and count them.
    symmetric_pairs
        Whether the effect of a pair is that of the two states in either direction.
    first_row
        Number of the first row in messages.

    Returns
    -------
    Sample

    Raises
    ------
    DostastyqError
        ``GR003`` unknown column, ``GR004`` flow that is no number, ``GR005`` empty flow or label, ``GR006`` negative
        flow, ``GR007`` cell given twice, ``GR008`` regressor that is not finite, ``GR011`` pair effects with one year,
        ``GR013`` weight that is negative, ``GR028`` for `missing` of another name.
    """
    if missing not in MISSING:
        raise DostastyqError("GR028", f"missing is {missing!r}, expected 'refuse' or 'drop'")
    effects = (*formula.effects, *clusters)
    for effect in formula.effects:
        for name in effect.columns:
            column(name, formula, data.schema)
    keys = list(dict.fromkeys(name for effect in effects for name in effect.columns))
    _known({"vcov": keys, "offset": filter(None, [offset]), "weights": filter(None, [weights])}, data)
    regressors = expand(formula, data)
    outcome = Reader(formula, data.schema, formula.outcome.position).read(formula.outcome)
    if not outcome.meta.root_names():
        raise unreadable(formula.text, formula.outcome.position, f"{formula.outcome.text} is no flow")
    structure = _symmetric(detect(formula.effects, data)) if symmetric_pairs else detect(formula.effects, data)
    rows = data.height
    keys += [name for name in structure.year if name not in keys]
    kinds = [name for name in keys if data.schema[name] in (pl.Categorical, pl.Enum)]
    data = data.with_columns(pl.col(kinds).cast(pl.String)).with_row_index(ROW, offset=first_row)
    filled(data, keys)
    extra = [name for name in (offset, weights) if name is not None]
    data, left_out = _complete(data, outcome, regressors, extra, missing)
    if data.is_empty():
        raise DostastyqError("GR005", "every row misses a value", "check the columns of the formula for empty cells")
    structure, sides = _dense_enough(structure, data)
    found = Sample(
        formula,
        structure,
        data,
        regressors,
        _flows(data, outcome, formula),
        None if offset is None else _numbers(data, offset),
        None if weights is None else _numbers(data, weights),
        _codes(data, structure, sides),
        sides,
        left_out,
        rows,
        first_row,
        offset,
    )
    _check(found, weights, offset)
    return found


def _known(asked: Mapping[str, Iterable[str]], data: pl.DataFrame) -> None:
    """Refuse columns that options name and the data do not have."""
    for option, names in asked.items():
        for name in names:
            if name not in data.columns:
                raise DostastyqError(
                    "GR003", f"{option}: the data have no column {name!r}", nearest(name, data.columns)
                )


def _symmetric(structure: Structure) -> Structure:
    """Give the structure one effect for both directions of a pair."""
    if not structure.has_pairs:
        message = "symmetric_pairs is set, and the formula has no pair effects among exporter-year and importer-year"
        raise DostastyqError("GR016", message, "add exporter^importer to the effects, or leave the option out")
    return replace(structure, kind="three_way_symmetric")


def filled(data: pl.DataFrame, keys: list[str]) -> None:
    """Refuse empty labels."""
    for name in keys:
        gap = _gap(data[name])
        if gap is not None:
            row = data.filter(gap)[ROW][0]
            message = f"row {row}, column {name}: found nothing, expected a label"
            raise DostastyqError("GR005", message, "fill it in; every effect and cluster needs every row's label")


def _complete(
    data: pl.DataFrame, outcome: pl.Expr, regressors: tuple[Regressor, ...], extra: list[str], missing: type_missing
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Rows in which every column of the formula has a value, and how many were left out."""
    used = dict.fromkeys(name for r in regressors for name in r.values.meta.root_names())
    flow = outcome.meta.root_names()
    gaps = {name: gap for name in (*flow, *used, *extra) if (gap := _gap(data[name])) is not None}
    if not gaps:
        return data, {}
    if missing == "refuse":
        name, gap = next(iter(gaps.items()))
        place = where(data.filter(gap).head(1))
        count = f"{gap.sum():,} row{'s have' if gap.sum() > 1 else ' has'} no value"
        kind = "a missing flow is not a zero; " if name in flow else ""
        code = "GR005" if name in flow else "GR008"
        raise DostastyqError(code, f"column {name}: {count}, the first is {place}", f"{kind}{_NO_VALUE}")
    out = np.logical_or.reduce([gap.to_numpy() for gap in gaps.values()])
    return data.filter(~out), {"missing": int(out.sum())}


def _gap(values: pl.Series) -> pl.Series | None:
    """Rows without a value, None when there are none."""
    gap = values.is_null()
    if values.dtype.is_float():
        gap = gap | values.is_nan().fill_null(value=True)
    return gap if gap.any() else None


def _flows(data: pl.DataFrame, outcome: pl.Expr, formula: Formula) -> FloatArray:
    """Trade as numbers of at least 0."""
    found = data.select(outcome.alias("y"))["y"]
    if not (found.dtype.is_numeric() or found.dtype == pl.Boolean):
        wrong = found.cast(pl.Float64, strict=False).is_null()
        if wrong.any():
            place = where(data.filter(wrong).head(1))
            message = f"{place}, column {formula.outcome.text}: found {found.filter(wrong)[0]!r}, expected a number"
            raise DostastyqError("GR004", message, "remove spaces, units and thousands separators")
    return np.array(found.cast(pl.Float64).to_numpy())


def _numbers(data: pl.DataFrame, name: str) -> FloatArray:
    if not data.schema[name].is_numeric():
        raise DostastyqError("GR009", f"column {name!r} is {data.schema[name]}, expected numbers", "convert the column")
    return np.array(data[name].cast(pl.Float64).to_numpy())


def _dense_enough(structure: Structure, data: pl.DataFrame) -> tuple[Structure, tuple[pl.DataFrame, ...]]:
    """Labels of the panel; the general structure where the tensor would be nearly empty."""
    sides = labels(structure, data)
    cells = float(np.prod([float(side.height) for side in sides]))
    return (GENERAL, ()) if cells > max(_SPARSE * data.height, _LARGE) else (structure, sides)


def _codes(data: pl.DataFrame, structure: Structure, sides: tuple[pl.DataFrame, ...]) -> tuple[IntArray, ...]:
    """Places of every row's exporter, importer and year."""
    if not sides:
        return ()
    year = encode(data, sides[2]) if structure.year else np.zeros(data.height, dtype=np.int64)
    return encode(data, sides[0]), encode(data, sides[1]), year


def _check(found: Sample, weights: str | None, offset: str | None) -> None:
    """Refuse flows below 0 or not finite, negative weights, cells given twice, pair effects with one year."""
    name = found.formula.outcome.text
    refuse_rows("GR004", name, ~np.isfinite(found.flows), found.flows, found, hint="correct the value")
    refuse_rows("GR006", name, found.flows < 0, found.flows, found, hint="correct the sign; trade is never negative")
    for column_name, values in ((weights, found.weights), (offset, found.offset)):
        if values is not None and column_name is not None:
            wrong = ~np.isfinite(values) | ((values < 0) & (column_name == weights))
            refuse_rows("GR013", column_name, wrong, values, found, hint="correct the value")
    if found.structure.kind == "general":
        return
    if found.structure.has_pairs and found.shape[2] == 1:
        year = ", ".join(map(str, found.labels[2].row(0)))
        message = f"the data have one year ({year}): the pair effects explain every flow and nothing is left"
        raise DostastyqError("GR011", message, "give several years, or drop the pair effect from the formula")
    _once(found)


def _once(found: Sample) -> None:
    """Refuse a cell that has two rows."""
    cells = found.cells
    taken = np.zeros(int(np.prod(found.shape)), dtype=bool)
    taken[cells] = True
    if int(taken.sum()) == len(cells):
        return
    order = np.argsort(cells, kind="stable")
    again = np.sort(order[1:][cells[order][1:] == cells[order][:-1]])
    rows = found.data[ROW].to_numpy()
    first = int(np.flatnonzero(cells == cells[again[0]])[0])
    message = (
        f"{where(found.data[int(again[0])], found.structure)} describes the same cell as row {rows[first]};"
        f" {len(again):,} such row{'s' if len(again) > 1 else ''}"
    )
    remedy = "add the rows up or delete one; rows of several sectors need the sector in the effects"
    raise DostastyqError("GR007", message, f"{remedy}, e.g. exporter^year^sector")


def refuse_rows(code: str, name: str, wrong: BoolArray, values: FloatArray, found: Sample, *, hint: str) -> None:
    """Refuse rows by their number, their cell and what was found in column `name`; nothing happens without any."""
    expected = _EXPECTED[code]
    if not wrong.any():
        return
    first = int(np.argmax(wrong))
    more = f", and {int(wrong.sum()) - 1:,} more rows" if wrong.sum() > 1 else ""
    place = where(found.data[first], found.structure)
    raise DostastyqError(code, f"{place}, column {name}: found {values[first]:g}, expected {expected}{more}", hint)


def arrays(found: Sample) -> Problem | GeneralProblem:
    """Arrays of the engine: a cell without a row is not live; rows and factors where there is no panel.

    Parameters
    ----------
    found
        Rows of a regression.

    Returns
    -------
    Problem or GeneralProblem
    """
    return _general(found) if found.structure.kind == "general" else tensor(found)


def _general(found: Sample) -> GeneralProblem:
    """Rows and factors."""
    effects = found.formula.effects
    columns = [found.values(regressor) for regressor in found.regressors]
    return GeneralProblem(
        found.flows,
        np.stack(columns, axis=1) if columns else np.zeros((len(found.flows), 0)),
        tuple(groups(effect, found.data) for effect in effects),
        found.names,
        tuple(effect.name for effect in effects),
        found.offset,
        found.weights,
    )


def groups(effect: Effect, data: pl.DataFrame) -> IntArray:
    """Give every row the number of its group of `effect`, shape (n,)."""
    keys = data.select(effect.columns)
    return encode(keys, keys.unique().sort(*effect.columns))


def tensor(found: Sample) -> Problem:
    """Dense arrays of a panel."""
    n, m, t = found.shape
    number, cells = len(found.regressors), found.cells
    size = n * m * t
    flows, live = np.zeros(size), np.zeros(size, dtype=bool)
    flows[cells], live[cells] = found.flows, True
    x = np.zeros(size * number)
    places = cells // t * (number * t) + cells % t
    for k, regressor in enumerate(found.regressors):
        x[places + k * t] = found.values(regressor)
    return Problem(
        flows.reshape(n, m, t),
        x.reshape(n, m, number, t),
        live.reshape(n, m, t),
        found.names,
        found.structure.kind,
        spread(found.offset, found),
        spread(found.weights, found),
    )


def spread(values: FloatArray | None, found: Sample) -> FloatArray | None:
    """Values of the rows as a tensor, 0 where there is no row."""
    if values is None:
        return None
    array = np.zeros(int(np.prod(found.shape)))
    array[found.cells] = values
    return array.reshape(found.shape)
