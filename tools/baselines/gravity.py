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

TOLERANCE: Final = 1e-6
"""Largest last step; Newton's method converges quadratically, so the error left is about its square."""
SMALLEST_STEP: Final = 1e-6
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
        return np.asarray(np.exp(effects + np.tensordot(self.beta, covariates, 1)), dtype=np.float64)


def covered(folder: Path, economies: list[str]) -> list[str]:
    """Those of `economies` for which GeoDist has distances."""
    known = set(pl.read_parquet(folder / "geodist/dist.parquet", columns=["iso_o"])["iso_o"])
    return [code for code in economies if GEODIST_CODES.get(code, code) in known]


def covariates(folder: Path, economies: list[str], groups: dict[str, list[str]]) -> Array:
    """Regressors of every cell, regressor by importer by exporter.

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
    values = np.ascontiguousarray(table.drop("importer", "exporter").to_numpy().T, dtype=np.float64)
    return values.reshape(len(REGRESSORS), size, size)


def _both(exporters: list[str], importers: list[str]) -> pl.Expr:
    return (pl.col("o").is_in(exporters) & pl.col("d").is_in(importers)).cast(pl.Float64)


@dataclass(frozen=True, slots=True)
class _Point:
    """The Poisson likelihood at a fit: its value, the gap to the data and the fitted flows."""

    fit: Fit
    likelihood: float
    gap: Array
    mu: Array


def _point(fit: Fit, flows: Array, observed: Mask, z: Array) -> _Point:
    """Evaluate the likelihood; `flows` are zero and `mu` is zero where nothing is observed."""
    eta = fit.importer[:, None] + fit.exporter[None, :] + np.tensordot(fit.beta, z, 1)
    mu = np.where(observed, np.exp(eta), 0.0)
    return _Point(fit, float(np.vdot(flows, eta) - mu.sum()), flows - mu, mu)


def _newton_step(point: _Point, z: Array) -> tuple[Array, Array, Array]:
    """Solve for the step of (a, b, β): exporter effects are eliminated, the first importer effect stays put."""
    k, n = z.shape[:2]
    flat, gap, mu = z.reshape(k, -1), point.gap, point.mu
    weighted = mu * z
    cross = np.concatenate([mu[1:], weighted.sum(1)])
    rest = np.zeros((n - 1 + k, n - 1 + k))
    rest[: n - 1, : n - 1] = np.diag(mu[1:].sum(1))
    rest[: n - 1, n - 1 :] = weighted[:, 1:].sum(2).T
    rest[n - 1 :, : n - 1] = rest[: n - 1, n - 1 :].T
    rest[n - 1 :, n - 1 :] = weighted.reshape(k, -1) @ flat.T
    score = np.concatenate([gap[1:].sum(1), flat @ gap.ravel()])
    exporter_score, sold = gap.sum(0), mu.sum(0)
    share = cross / sold
    step = np.linalg.solve(rest - share @ cross.T, score - share @ exporter_score)
    exporter_step = (exporter_score - step @ cross) / sold
    return exporter_step, np.concatenate([[0.0], step[: n - 1]]), step[n - 1 :]


def _start(flows: Array, observed: Mask, z: Array) -> Fit:
    """Start from log means of exporters and importers."""
    exporter = np.log(flows.sum(0) / observed.sum(0))
    importer = np.log(flows.sum(1) / observed.sum(1))
    level = importer[0] - np.log(flows.sum() / observed.sum())
    return Fit(exporter + level, importer - importer[0], np.zeros(z.shape[0]))


def fit_ppml(flows: Array, observed: Mask, z: Array, start: Fit | None = None) -> Fit:
    """Fit the gravity equation on the observed cells.

    Parameters
    ----------
    flows
        Trade, importer by exporter; cells that are not observed are ignored.
    observed
        Cells that enter; every economy must export and import in at least one.
    z
        Regressors, regressor by importer by exporter.
    start
        Where to start, e.g. the fit with one pair more.

    Returns
    -------
    Fit
        The maximum of the likelihood.

    Raises
    ------
    ArithmeticError
        Where Newton's method with step halving does not reach it.
    """
    known = np.where(observed, flows, 0.0)
    point = _point(start or _start(known, observed, z), known, observed, z)
    for _ in range(MAX_ITERATIONS):
        step = _newton_step(point, z)
        size = 1.0
        while True:
            old = point.fit
            moves = (size * part for part in step)
            trial = Fit(*(at + move for at, move in zip((old.exporter, old.importer, old.beta), moves, strict=True)))
            with np.errstate(over="ignore", invalid="ignore"):
                tried = _point(trial, known, observed, z)
            if tried.likelihood >= point.likelihood - 1e-10 * abs(point.likelihood) or size < SMALLEST_STEP:
                break
            size /= 2
        point = tried
        if size == 1.0 and max(np.abs(part).max() for part in step) < TOLERANCE:
            return point.fit
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
