"""Gravity fill of cells nobody reported, and its error out of sample.

    E[X_ni] = exp(a_i + b_n + z_ni · β)        n importer, i exporter

Poisson pseudo-maximum likelihood with exporter and importer effects (Santos Silva and Tenreyro, 2006), fitted on the
observed positive cells by Newton's method on all parameters at once. Out-of-sample errors are honest: the model is
refitted without both directions of the pair it then predicts.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

REGRESSORS: Final = (
    "log distance",
    "contiguity",
    "common language",
    "colonial tie",
    "both of the former Soviet Union",
    "both in the European Union",
    "sanctions of 2022",
)
GEODIST_CODES: Final = {"COD": "ZAR", "ROU": "ROM", "SRB": "YUG", "TLS": "TMP"}
"""Economies that GeoDist lists under an older code."""

TOLERANCE: Final = 1e-11
MAX_ITERATIONS: Final = 60


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted gravity equation.

    Parameters
    ----------
    exporter, importer
        Effects, one an economy; the first importer effect is zero.
    beta
        Coefficients of `REGRESSORS`.
    """

    exporter: Array
    importer: Array
    beta: Array

    def predict(self, covariates: Array) -> Array:
        """Fitted flow for every cell, importer by exporter."""
        effects = self.importer[:, None] + self.exporter[None, :]
        return np.asarray(np.exp(effects + covariates @ self.beta), dtype=np.float64)


def covered(folder: Path, economies: list[str]) -> list[str]:
    """Those of `economies` for which GeoDist has distances."""
    known = set(pl.read_parquet(folder / "geodist/dist.parquet", columns=["iso_o"])["iso_o"])
    return [code for code in economies if GEODIST_CODES.get(code, code) in known]


def covariates(folder: Path, economies: list[str], groups: dict[str, list[str]]) -> Array:
    """Regressors of every cell, importer by exporter by regressor.

    Parameters
    ----------
    folder
        The data folder.
    economies
        Economies that GeoDist covers.
    groups
        Members of ``former_soviet_union``, ``european_union``, ``sanctioned`` and ``sanctioning``.
    """
    soviet, union, sanctioned, sanctioning = (
        groups[name] for name in ("former_soviet_union", "european_union", "sanctioned", "sanctioning")
    )
    codes = pl.DataFrame(
        {"code": economies, "geodist": [GEODIST_CODES.get(code, code) for code in economies]},
    ).with_row_index("position")
    table = (
        pl.read_parquet(folder / "geodist/dist.parquet")
        .join(codes.select(iso_o="geodist", exporter="position", o="code"), on="iso_o")
        .join(codes.select(iso_d="geodist", importer="position", d="code"), on="iso_d")
        .select(
            pl.coalesce(pl.col("distw").cast(pl.Float64, strict=False), "dist").log(),
            pl.col("contig"),
            pl.max_horizontal("comlang_off", "comlang_ethno"),
            pl.max_horizontal("colony", "smctry"),
            _both(soviet, soviet),
            _both(union, union).alias("union"),
            pl.max_horizontal(_both(sanctioned, sanctioning), _both(sanctioning, sanctioned)).alias("sanctions"),
            "importer",
            "exporter",
        )
        .sort("importer", "exporter")
    )
    size = len(economies)
    if table.height != size * size:
        raise ValueError(f"GeoDist gives {table.height} of {size * size} cells")
    return table.drop("importer", "exporter").to_numpy().astype(np.float64).reshape(size, size, len(REGRESSORS))


def _both(exporters: list[str], importers: list[str]) -> pl.Expr:
    return (pl.col("o").is_in(exporters) & pl.col("d").is_in(importers)).cast(pl.Float64)


def _score_and_hessian(fit: Fit, flows: Array, observed: Mask, z: Array) -> tuple[Array, Array, float]:
    """Gradient and information of the Poisson likelihood, and its value, in the order (a, b, β)."""
    n, k = flows.shape[0], z.shape[2]
    eta = fit.importer[:, None] + fit.exporter[None, :] + z @ fit.beta
    mu = np.where(observed, np.exp(eta), 0.0)
    gap = np.where(observed, flows, 0.0) - mu
    weighted = mu[:, :, None] * z
    score = np.concatenate([gap.sum(0), gap.sum(1), np.einsum("ni,nik->k", gap, z)])
    information = np.zeros((2 * n + k, 2 * n + k))
    information[:n, :n] = np.diag(mu.sum(0))
    information[n : 2 * n, n : 2 * n] = np.diag(mu.sum(1))
    information[n : 2 * n, :n] = mu
    information[:n, n : 2 * n] = mu.T
    information[2 * n :, :n] = weighted.sum(0).T
    information[:n, 2 * n :] = weighted.sum(0)
    information[2 * n :, n : 2 * n] = weighted.sum(1).T
    information[n : 2 * n, 2 * n :] = weighted.sum(1)
    information[2 * n :, 2 * n :] = np.einsum("nik,nil->kl", weighted, z)
    likelihood = float(np.sum(np.where(observed, flows * eta, 0.0)) - mu.sum())
    return score, information, likelihood


def _start(flows: Array, observed: Mask, z: Array) -> Fit:
    """Start from log means of exporters and importers."""
    known = np.where(observed, flows, 0.0)
    exporter = np.log(known.sum(0) / observed.sum(0))
    importer = np.log(known.sum(1) / observed.sum(1))
    return Fit(exporter + importer[0], importer - importer[0] - np.log(known.mean()), np.zeros(z.shape[2]))


def fit_ppml(flows: Array, observed: Mask, z: Array, start: Fit | None = None) -> Fit:
    """Fit the gravity equation on the observed cells.

    Parameters
    ----------
    flows
        Trade, importer by exporter; cells that are not observed are ignored.
    observed
        Cells that enter; every economy must export and import in at least one.
    z
        Regressors, importer by exporter by regressor.
    start
        Where to start, e.g. the fit with one pair more.

    Returns
    -------
    Fit
        The maximum of the likelihood; raises ``ArithmeticError`` where Newton's method does not reach it.
    """
    n = flows.shape[0]
    fit = start or _start(flows, observed, z)
    free = np.delete(np.arange(2 * n + z.shape[2]), n)
    score, information, likelihood = _score_and_hessian(fit, flows, observed, z)
    for _ in range(MAX_ITERATIONS):
        step = np.zeros(2 * n + z.shape[2])
        step[free] = np.linalg.solve(information[np.ix_(free, free)], score[free])
        size = 1.0
        while True:
            move = size * step
            trial = Fit(fit.exporter + move[:n], fit.importer + move[n : 2 * n], fit.beta + move[2 * n :])
            with np.errstate(over="ignore", invalid="ignore"):
                result = _score_and_hessian(trial, flows, observed, z)
            if result[2] >= likelihood - 1e-10 * abs(likelihood) or size < 1e-6:
                break
            size /= 2
        fit, (score, information, likelihood) = trial, result
        if np.abs(step).max() < TOLERANCE**0.5 and size == 1.0:
            return fit
    raise ArithmeticError("the gravity equation did not converge")


def leave_one_pair_out(flows: Array, observed: Mask, z: Array, pairs: list[tuple[int, int]]) -> Array:
    """Predict both directions of each pair from a fit that has seen neither.

    Parameters
    ----------
    flows, observed, z
        As in `fit_ppml`.
    pairs
        Pairs of positions.

    Returns
    -------
    Array
        Predictions, one row a pair: flow from the second to the first, and from the first to the second.
    """
    full = fit_ppml(flows, observed, z)
    predictions = np.empty((len(pairs), 2))
    for row, (first, second) in enumerate(pairs):
        kept = observed.copy()
        kept[first, second] = kept[second, first] = False
        fitted = fit_ppml(flows, kept, z, full).predict(z)
        predictions[row] = fitted[first, second], fitted[second, first]
    return predictions
