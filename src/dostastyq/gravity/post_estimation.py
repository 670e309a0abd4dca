"""What is asked of the engine after, or around, an estimation."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dostastyq.errors import DostastyqError, nearest
from dostastyq.gravity import general, inference, prediction
from dostastyq.gravity import solve as engine
from dostastyq.gravity.fixed_effects import recover
from dostastyq.gravity.formula import parse
from dostastyq.gravity.frame import read
from dostastyq.gravity.problem import (
    Covariance,
    FloatArray,
    GeneralProblem,
    Problem,
    Progress,
    Solution,
    check_settings,
)
from dostastyq.gravity.sample import Sample, arrays, filled, sample
from dostastyq.gravity.uncertainty import clusters_of, dimensions, type_vcov
from dostastyq.i18n import Text
from dostastyq.trade.panel import Panel

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from dostastyq.gravity.bootstrap import Bootstrap
    from dostastyq.gravity.fit import Fit


def solve(
    problem: Problem | GeneralProblem,
    *,
    tolerance: float,
    separation: str,
    threads: int | None,
    progress: Progress | None = None,
) -> Solution:
    """Solve a panel, or a general model."""
    if isinstance(problem, GeneralProblem):
        check_settings(tolerance, separation, threads)
        return general.solve(problem, tolerance=tolerance, separation=separation, progress=progress)
    return engine.solve(problem, tolerance=tolerance, separation=separation, threads=threads, progress=progress)


def covariance(
    rows: Sample, problem: Problem | GeneralProblem, solution: Solution, vcov: type_vcov, small_sample: str
) -> Covariance:
    """Covariance of the coefficients as `vcov` asks for it."""
    if not len(solution.beta):
        return Covariance(np.zeros((0, 0)), "none", {}, small_sample)
    return inference.covariance(problem, solution, dimensions(clusters_of(vcov), rows), small_sample)


def index_of_regressors(fit: "Fit") -> FloatArray:
    """Regressors times coefficients plus offset of every cell, of the shape of the flows."""
    problem, solution = fit.problem, fit.solution
    x = problem.regressors.take(solution.columns, axis=min(2, problem.flows.ndim - 1))
    subscripts = "nk,k->n" if problem.flows.ndim == 1 else "ijkt,k->ijt"
    found = np.einsum(subscripts, x, solution.beta)
    return np.asarray(found if problem.offset is None else found + problem.offset)


def with_powers(fit: "Fit", index: FloatArray, powers: int) -> tuple[tuple[str, ...], FloatArray, FloatArray] | None:
    """Refit with powers of an index: their names, coefficients and covariance; None where they have no coefficient.

    The index is centred and scaled first, which changes nothing in the test and much in its conditioning.
    """
    problem, solution = fit.problem, fit.solution
    live = solution.live
    spread = float(index[live].std())
    if spread == 0.0:
        return None
    index = np.where(live, (index - index[live].mean()) / spread, 0.0)
    axis = min(2, live.ndim)
    extra = np.stack([index**power for power in range(2, powers + 1)], axis=axis)
    names = tuple(f"index^{power}" for power in range(2, powers + 1))
    regressors = np.concatenate([problem.regressors, extra], axis=axis)
    wider = replace(problem, regressors=regressors, names=(*problem.names, *names))
    found = solve(wider, tolerance=fit.certificate.tolerance, separation="auto", threads=None)
    kept = tuple(name for name in names if name in found.names)
    if not kept:
        return None
    matrix = covariance(fit.sample, wider, found, fit.vcov_asked, fit.uncertainty.small_sample).matrix
    order = [found.names.index(name) for name in kept]
    return kept, found.beta[order], matrix[np.ix_(order, order)]


def recluster(fit: "Fit", vcov: type_vcov, small_sample: str) -> Covariance:
    """Covariance of the same coefficients under other clusters; their columns must be in the data."""
    keys = [name for effect in clusters_of(vcov) or () for name in effect.columns]
    for name in keys:
        if name not in fit.sample.data.columns:
            remedy = "of a wide table a fit keeps the columns that it was asked for with: give this vcov to ppml"
            raise DostastyqError("GR003", f"vcov: the fit has no column {name!r}", remedy)
    filled(fit.sample.data, keys)
    return covariance(fit.sample, fit.problem, fit.solution, vcov, small_sample)


def prepared(formula: str, data: "IntoDataFrame | Panel") -> Problem | GeneralProblem:
    """Arrays of a formula and its data, with nothing estimated."""
    native = data.frame if isinstance(data, Panel) else data
    return arrays(sample(parse(formula), read(native, formula)))


def bias_corrected(fit: "Fit", progress: Progress | None = None) -> "Fit":
    """Fit with corrected coefficients and standard errors; see `Fit.bias_corrected`.

    Raises
    ------
    DostastyqError
        ``GR015`` when the fit is corrected already, or its standard errors are not clustered by pair; ``GR130``,
        ``GR131`` when there is no correction for the model, or it does not fit in memory.
    """
    if fit.corrected:
        raise DostastyqError("GR015", "the fit is corrected already", "correct the first one")
    if isinstance(fit.problem, GeneralProblem):
        raise DostastyqError("GR130", "there is no bias correction for general effects", "use a panel of pairs")
    asked = dimensions(clusters_of(fit.vcov_asked), fit.sample)
    if asked is not None and asked != ["pair"]:
        message = f"the correction exists for clusters by pair; asked for is {fit.uncertainty.kind}"
        raise DostastyqError("GR015", message, "leave vcov out, or cluster by exporter^importer")
    from dostastyq.gravity.bias import correct  # noqa: PLC0415 -- rarely needed

    found = correct(fit.problem, fit.solution, progress=progress)
    moved = fit.sample.structure.has_pairs
    return replace(
        fit,
        beta=found.beta,
        uncertainty=found.covariance,
        corrected=Text("coefficients and standard errors, scores independent between pairs")
        if moved
        else Text("standard errors only, scores independent between pairs"),
    )


def score_bootstrap(  # noqa: PLR0917 -- the arguments of `Fit.score_bootstrap`
    fit: "Fit",
    term: str,
    cluster: str | Sequence[str],
    null: float,
    draws: int,
    seed: int,
    progress: Progress | None = None,
) -> "Bootstrap":
    """Bootstrap one coefficient; see `Fit.score_bootstrap`."""
    if isinstance(fit.problem, GeneralProblem):
        raise DostastyqError("GR160", "the score bootstrap needs a panel of pairs", "name the effects of a panel")
    from dostastyq.gravity.bootstrap import score_bootstrap as bootstrap  # noqa: PLC0415 -- rarely needed

    symmetric = cluster == "pair" and fit.sample.structure.kind == "three_way_symmetric"
    dimension = "pair_symmetric" if symmetric else cluster
    return bootstrap(
        fit.problem, fit.solution, term, cluster=dimension, null=null, draws=draws, seed=seed, progress=progress
    )


def fixef(fit: "Fit", reference: str | None) -> dict[str, pl.DataFrame]:
    """Recover fixed effects by the names of the formula; see `Fit.fixef`."""
    effects, rows = fit.sample.formula.effects, fit.sample
    if isinstance(fit.problem, GeneralProblem):
        return prediction.effects(fit)
    found = recover(fit.problem, fit.solution, _importer(fit, reference))
    panel, (e, m, t) = rows.structure, rows.labels
    by_columns = {
        frozenset(panel.exporter + panel.year): (e, t, found.exporter_year),
        frozenset(panel.importer + panel.year): (m, t, found.importer_year),
        frozenset(panel.exporter): (e, t, found.exporter_year),
        frozenset(panel.importer): (m, t, found.importer_year),
    }
    made = {}
    for effect in effects:
        side, other, values = by_columns.get(frozenset(effect.columns), (e, m, found.pair))
        if values is not None:
            made[effect.name] = _spread(side, other if values.shape[1] > 1 else None, values)
    return made


def _importer(fit: "Fit", reference: str | None) -> int | None:
    if reference is None:
        return None
    known = [str(label) for label in fit.sample.labels[1].to_series(0).to_list()]
    if reference not in known:
        raise DostastyqError("GR025", f"there is no importer {reference!r}", nearest(reference, known))
    return known.index(reference)


def _spread(side: pl.DataFrame, other: pl.DataFrame | None, values: FloatArray) -> pl.DataFrame:
    """One row a level that is in the sample: its labels and its effect."""
    labels = side if other is None else side.join(other, how="cross", maintain_order="left_right")
    return labels.with_columns(effect=pl.Series(values.ravel())).filter(pl.col("effect").is_not_nan())
