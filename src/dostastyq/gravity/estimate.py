"""The verb of this package: from a formula and a data frame to a `Fit`."""

from typing import TYPE_CHECKING

from dostastyq.gravity.fit import Fit
from dostastyq.gravity.formula import parse
from dostastyq.gravity.frame import read
from dostastyq.gravity.post_estimation import covariance, solve
from dostastyq.gravity.problem import Progress
from dostastyq.gravity.sample import arrays, sample, type_missing
from dostastyq.gravity.uncertainty import clusters_of, type_vcov
from dostastyq.trade.panel import Panel

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame


def ppml(
    formula: str,
    data: "IntoDataFrame | Panel",
    vcov: type_vcov = None,
    *,
    weights: str | None = None,
    offset: str | None = None,
    symmetric_pairs: bool = False,
    bias_correction: bool = False,
    small_sample: str = "ppmlhdfe",
    missing: type_missing = "refuse",
    separation: str = "auto",
    tolerance: float = 1e-9,
    threads: int | None = None,
    first_row: int = 1,
    progress: Progress | None = None,
) -> Fit:
    r"""Estimate a gravity equation by Poisson pseudo-maximum likelihood.

    Parameters
    ----------
    formula
        ``"flow ~ regressors | effects"``, as in fixest and pyfixest: ``a:b``, ``a*b``, ``log(x)``, ``I(...)``,
        ``i(category, variable, ref=level)``; effects are columns joined by ``^``.
    data
        One row a cell, in any data frame, or a `dostastyq.trade.Panel`. A cell without a row is missing, not zero.
    vcov
        ``"HC1"``, ``{"CRV1": "exporter^importer"}``, ``{"CRV1": "exporter + importer + year"}``. None clusters by pair,
        and is heteroskedastic where there is one year or the effects describe no panel.
    weights, offset
        Columns of observation weights and of the known part of log trade.
    symmetric_pairs
        Whether a pair is the two states in either direction, in the effects and in the clusters. The default is
        directed: exporter to importer.
    bias_correction
        Whether to correct for the bias of many effects; see `Fit.bias_corrected`.
    small_sample
        ``"ppmlhdfe"`` (V × G/(G-1)), ``"fixest"`` (as fixest and pyfixest), ``"conventional"`` or ``"none"``.
    missing
        ``"refuse"`` rows in which a column of the formula has no value, or ``"drop"`` and count them.
    separation
        ``"auto"``, ``"rectifier"`` or ``"none"``; see `dostastyq.gravity.solve`.
    tolerance
        Largest change of a coefficient in the last step, in standard deviations of its regressor.
    threads
        Threads; None chooses by size.
    first_row
        Number of the first row of the data in messages: 2 for a CSV file with a header.
    progress
        Called with what is being done (``"steps"``, ``"separation"``, ``"bias"``), how much of it is done, and how much
        there is, 0 where that is not known.

    Returns
    -------
    Fit

    Raises
    ------
    DostastyqError
        ``GR001`` to ``GR016`` and ``GR028``: what is wrong with formula or data, where, and the remedy; ``GR102``
        flows in a unit far from 1, ``GR104`` settings that mean nothing; ``GR110`` when the fit did not converge, with
        the score norm.

    Notes
    -----
    .. math:: E[y_{ijt}] = \exp(x_{ijt}'\beta + a_{it} + b_{jt} + c_{ij} + o_{ijt})

    One-, two- and three-way panels of exporter, importer and year are recognised from the effects, whatever their
    columns are called, and solved as dense tensors; any other effects are absorbed in general.

    References
    ----------
    Santos Silva and Tenreyro (2006); Correia, Guimarães and Zylkin (2020); Weidner and Zylkin (2021).

    Examples
    --------
    >>> import numpy as np, polars as pl
    >>> draw = np.random.default_rng(1)
    >>> e, m, t = np.indices((6, 6, 4)).reshape(3, -1)
    >>> rta = ((e % 2 == m % 2) & (t > 1) & (e != m)).astype(float)
    >>> trade = np.exp(0.5 * rta + 0.1 * draw.normal(size=e.size))
    >>> data = pl.DataFrame({"exporter": e, "importer": m, "year": 2000 + t, "trade": trade, "rta": rta})
    >>> fit = ppml("trade ~ rta | exporter^year + importer^year + exporter^importer", data)
    >>> abs(fit.coef()["rta"] - 0.5) < 3 * fit.se()["rta"], fit.nobs
    (True, 144)
    """
    equation = parse(formula)
    clusters = clusters_of(vcov)
    source = data.provenance if isinstance(data, Panel) else None
    native = data.frame if isinstance(data, Panel) else data
    mentioned = " ".join([formula, *(effect.name for effect in clusters or ()), weights or "", offset or ""])
    rows = sample(
        equation,
        read(native, mentioned),
        offset=offset,
        weights=weights,
        clusters=clusters or (),
        missing=missing,
        symmetric_pairs=symmetric_pairs,
        first_row=first_row,
    )
    problem = arrays(rows)
    solution = solve(problem, tolerance=tolerance, separation=separation, threads=threads, progress=progress)
    uncertainty = covariance(rows, problem, solution, vcov, small_sample)
    fit = Fit(rows, problem, solution, solution.beta, uncertainty, vcov, source=source)
    return fit.bias_corrected(progress) if bias_correction else fit
