"""Reported specifications: three-way PPML by `dostastyq.gravity`, one row a coefficient; pyfixest is the referee."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from dostastyq import gravity
from estimates.panels import Panel, treated_pairs

EFFECTS = "exporter^year + importer^year + exporter^importer"
CLUSTERS = {"CRV1": "exporter^importer"}
FIXED_EFFECTS = "exporter-year, importer-year, directed pair"


@dataclass(frozen=True)
class Specification:
    """One regression.

    Parameters
    ----------
    name
        Short stable name.
    flow
        Column of the panel to explain.
    parameters
        Regressors whose coefficients are reported.
    controls
        Regressors that are kept and not reported.
    title
        What this specification is for.
    notes
        What to know about a coefficient, by parameter.
    without
        Economies left out.
    """

    name: str
    flow: str
    parameters: tuple[str, ...]
    controls: tuple[str, ...] = ()
    title: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Result:
    """Coefficients of a specification with their covariance, the rows they ship as, and the fit itself."""

    names: tuple[str, ...]
    beta: np.ndarray
    covariance: np.ndarray
    rows: tuple[dict[str, object], ...]
    fit: gravity.Fit

    def of(self, name: str) -> tuple[float, float]:
        """Return coefficient and standard error of `name`."""
        k = self.names.index(name)
        return float(self.beta[k]), float(np.sqrt(self.covariance[k, k]))

    def covariance_of(self, first: str, second: str) -> float:
        """Return the covariance of two coefficients."""
        return float(self.covariance[self.names.index(first), self.names.index(second)])


def run(panel: Panel, spec: Specification) -> Result:
    """Estimate `spec` on `panel` with pair-clustered standard errors."""
    data, regressors = _data(panel, spec)
    used = [name for name in regressors if (data[name] != 0).any()]
    fit = gravity.ppml(f"{spec.flow} ~ {' + '.join(used)} | {EFFECTS}", data, CLUSTERS, small_sample="fixest")
    names, beta, covariance = fit.names, np.asarray(fit.coef()), fit.vcov
    p = fit.tidy()["p_value"].to_list()
    common = {
        "specification": spec.name,
        "purpose": spec.title,
        "panel": panel.name,
        "flow": spec.flow,
        "window": panel.window,
        "border_year": any(name.startswith("border_") for name in spec.controls),
        "fixed_effects": FIXED_EFFECTS,
        "regressors": _short(regressors),
        "observations": fit.nobs,
    }
    rows = []
    for name in spec.parameters:
        absent = "absorbed by the fixed effects" if name in used else "zero in every cell in use"
        k = names.index(name) if name in names else None
        rows.append(
            {
                **common,
                "parameter": name,
                "coefficient": None if k is None else float(beta[k]),
                "standard_error": None if k is None else float(np.sqrt(covariance[k, k])),
                "standard_error_kind": "clustered by directed pair",
                "p_value": None if k is None else p[k],
                "treated_pairs": treated_pairs(data, spec.flow, name),
                "note": spec.notes.get(name, "") if k is not None else f"not identified: {absent}",
            }
        )
    return Result(names, beta, covariance, tuple(rows), fit)


def referee(panel: Panel, spec: Specification) -> tuple[dict[str, tuple[float, float]], int]:
    """Coefficients with standard errors by regressor, and observations, as pyfixest finds them."""
    import pandas as pd  # noqa: PLC0415 -- of the oracle group
    import pyfixest  # noqa: PLC0415

    data, regressors = _data(panel, spec)
    data = data.with_columns((pl.col("exporter") + "-" + pl.col("importer")).alias("pair"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyfixest warns of the singletons and separated cells it drops
        fit = pyfixest.fepois(
            f"{spec.flow} ~ {' + '.join(regressors)} | exporter^year + importer^year + pair",
            pd.DataFrame(data.to_dict(as_series=False)),
            vcov={"CRV1": "pair"},
            iwls_tol=1e-8,
            fixef_tol=1e-10,
            fixef_maxiter=100_000,
        )
    values = zip(fit.coef().to_numpy(), fit.se().to_numpy(), strict=True)
    return {name: (float(b), float(s)) for name, (b, s) in zip(fit._coefnames, values, strict=True)}, int(fit._N)


def _data(panel: Panel, spec: Specification) -> tuple[pl.DataFrame, list[str]]:
    """Rows of a specification with a value everywhere, and its regressors."""
    regressors = [*spec.parameters, *spec.controls]
    outside = pl.col("exporter").is_in(spec.without) | pl.col("importer").is_in(spec.without)
    data = panel.frame.filter(~outside).select("exporter", "importer", "year", spec.flow, *regressors)
    return data.drop_nulls(), regressors


def _short(names: Sequence[str]) -> str:
    """List regressors, dummies by year collapsed into ``border x year`` and ``cis x year``."""
    out: list[str] = []
    for name in names:
        stem, _, year = name.rpartition("_")
        label = f"{stem} x year" if year.isdigit() and len(year) == 4 else name
        if label not in out:
            out.append(label)
    return "; ".join(out) if len(out) <= 20 else f"{len(out)} dummies, one an agreement or class"
