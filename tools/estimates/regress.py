"""Reported specifications: three-way PPML by pyfixest, one row a coefficient."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import polars as pl
import pyfixest

from estimates.panels import Panel, treated_pairs

TOLERANCE = 1e-10
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
    """Coefficients of a specification with their covariance, and the rows they ship as."""

    names: tuple[str, ...]
    beta: np.ndarray
    covariance: np.ndarray
    rows: tuple[dict[str, object], ...]

    def of(self, name: str) -> tuple[float, float]:
        """Return coefficient and standard error of `name`."""
        k = self.names.index(name)
        return float(self.beta[k]), float(np.sqrt(self.covariance[k, k]))

    def covariance_of(self, first: str, second: str) -> float:
        """Return the covariance of two coefficients."""
        return float(self.covariance[self.names.index(first), self.names.index(second)])


def run(panel: Panel, spec: Specification) -> Result:
    """Estimate `spec` on `panel` with pair-clustered standard errors."""
    regressors = [*spec.parameters, *spec.controls]
    outside = pl.col("exporter").is_in(spec.without) | pl.col("importer").is_in(spec.without)
    data = panel.frame.filter(~outside).select("exporter", "importer", "year", spec.flow, *regressors).drop_nulls()
    data = data.with_columns((pl.col("exporter") + "-" + pl.col("importer")).alias("pair"))
    formula = f"{spec.flow} ~ {' + '.join(regressors)} | exporter^year + importer^year + pair"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyfixest warns of the singletons and separated cells it drops
        fit = pyfixest.fepois(
            formula,
            pd.DataFrame(data.to_dict(as_series=False)),
            vcov={"CRV1": "pair"},
            iwls_tol=1e-8,
            fixef_tol=TOLERANCE,
            fixef_maxiter=100_000,
        )
    names = tuple(fit._coefnames)
    beta, covariance, p = fit.coef().to_numpy(), np.asarray(fit._vcov), fit.pvalue().to_numpy()
    common = {
        "specification": spec.name,
        "purpose": spec.title,
        "panel": panel.name,
        "flow": spec.flow,
        "window": panel.window,
        "border_year": any(name.startswith("border_") for name in spec.controls),
        "fixed_effects": FIXED_EFFECTS,
        "regressors": _short(regressors),
        "observations": int(fit._N),
    }
    rows = []
    for name in spec.parameters:
        k = names.index(name) if name in names else None
        rows.append(
            {
                **common,
                "parameter": name,
                "coefficient": None if k is None else float(beta[k]),
                "standard_error": None if k is None else float(np.sqrt(covariance[k, k])),
                "standard_error_kind": "clustered by directed pair",
                "p_value": None if k is None else float(p[k]),
                "treated_pairs": treated_pairs(data, spec.flow, name),
                "note": spec.notes.get(name, "") if k is not None else "not identified: absorbed by the fixed effects",
            }
        )
    return Result(names, beta, covariance, tuple(rows))


def _short(names: Sequence[str]) -> str:
    """List regressors, dummies by year collapsed into ``border x year`` and ``cis x year``."""
    out: list[str] = []
    for name in names:
        stem, _, year = name.rpartition("_")
        label = f"{stem} x year" if year.isdigit() and len(year) == 4 else name
        if label not in out:
            out.append(label)
    return "; ".join(out) if len(out) <= 20 else f"{len(out)} dummies, one an agreement or class"
