"""What an estimation returns: coefficients with their uncertainty, the fitted flows, and how good they are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dostastyq import __version__
from dostastyq.errors import DostastyqError
from dostastyq.gravity import effects, hypotheses, post_estimation, prediction, tables
from dostastyq.gravity.frame import ROW
from dostastyq.gravity.labelled import NamedMatrix, NamedVector
from dostastyq.gravity.problem import (
    Certificate,
    Covariance,
    Dropped,
    FloatArray,
    GeneralProblem,
    Problem,
    Progress,
    Solution,
)
from dostastyq.gravity.sample import Sample
from dostastyq.gravity.uncertainty import type_vcov
from dostastyq.i18n import Text
from dostastyq.provenance import Provenance, fingerprint

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from dostastyq.gravity.bootstrap import Bootstrap
    from dostastyq.gravity.randomisation import Randomisation
    from dostastyq.trade.panel import Panel


@dataclass(frozen=True, eq=False)
class Fit:
    """An estimated gravity equation. Made by `dostastyq.gravity.ppml`.

    Parameters
    ----------
    sample
        The rows it was estimated from, with the formula and the panel it describes.
    problem
        The same as arrays.
    solution
        What the engine found.
    beta
        Coefficients, shape (K,): those of `solution`, or corrected ones.
    uncertainty
        Covariance of the coefficients and how it was made.
    vcov
        Standard errors as they were asked for.
    corrected
        What was corrected and under which assumption; empty when nothing was.
    source
        Provenance of the data, when they carry one.

    Notes
    -----
    Poisson pseudo-maximum likelihood with the effects of the formula (Santos Silva and Tenreyro 2006). Statistics are
    standard normal, as in ppmlhdfe.

    Examples
    --------
    >>> draw = np.random.default_rng(2)
    >>> e, m, t = np.indices((6, 6, 4)).reshape(3, -1)
    >>> rta = ((e % 2 == m % 2) & (t > 1) & (e != m)).astype(float)
    >>> trade = np.exp(0.5 * rta + 0.1 * draw.normal(size=e.size))
    >>> data = pl.DataFrame({"exporter": e, "importer": m, "year": t, "trade": trade, "rta": rta})
    >>> from dostastyq.gravity import ppml
    >>> fit = ppml("trade ~ rta | exporter^year + importer^year + exporter^importer", data)
    >>> fit.wald("rta = 0.5").degrees, fit.treated_pairs["rta"]
    (1, 6)
    >>> fit.trade_effects(["rta"])["percent"].round(0).to_list()
    [59.0]
    >>> fit.randomisation("rta", draws=19, comparable=lambda one, other: True).treated
    6
    """

    sample: Sample
    problem: Problem | GeneralProblem
    solution: Solution = field(repr=False)
    beta: FloatArray = field(repr=False)
    uncertainty: Covariance = field(repr=False)
    vcov_asked: type_vcov = None
    corrected: str = ""
    source: Provenance | None = None

    def coef(self) -> NamedVector:
        """List coefficients by name of the regressor."""
        return NamedVector(self.beta, self.names, "estimate")

    def se(self) -> NamedVector:
        """List standard errors by name of the regressor."""
        return NamedVector(self.uncertainty.standard_errors, self.names, "std_error")

    @property
    def names(self) -> tuple[str, ...]:
        """Regressors that have a coefficient."""
        return self.solution.names

    @property
    def vcov(self) -> FloatArray:
        """Covariance of the coefficients, shape (K, K)."""
        return self.covariance.values

    @cached_property
    def covariance(self) -> NamedMatrix:
        """Covariance of the coefficients, by name."""
        return NamedMatrix(self.uncertainty.matrix, self.names)

    @property
    def nobs(self) -> int:
        """Cells of the estimation sample."""
        return self.certificate.observations

    @property
    def certificate(self) -> Certificate:
        """How good the solution is."""
        return self.solution.certificate

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        """Regressors without a coefficient, with the reason."""
        return self.solution.dropped

    @cached_property
    def separated(self) -> pl.DataFrame:
        """Cells left out because no finite fit exists for them: the columns of the panel and the flow."""
        gone = self.solution.separated.ravel()[self._places]
        return self._cells().filter(gone)

    @property
    def has_domestic(self) -> bool | None:
        """Whether domestic flows are in the sample; None where the effects do not tell exporters from importers."""
        panel = self.sample.structure
        if panel.kind == "general":
            return None
        return bool(self.domestic_economies)

    @cached_property
    def domestic_economies(self) -> tuple[str, ...]:
        """Economies whose domestic flow is in the sample."""
        panel = self.sample.structure
        if panel.kind == "general":
            return ()
        e, m = pl.col(panel.exporter[0]), pl.col(panel.importer[0])
        rows = self.sample.data.filter(pl.Series(self.in_sample)).filter(e == m)
        return tuple(rows[panel.exporter[0]].cast(pl.String).unique().sort().to_list())

    @cached_property
    def clusters(self) -> Mapping[str, int]:
        """Number of clusters of each dimension."""
        return dict(self.uncertainty.clusters)

    @cached_property
    def left_out(self) -> Mapping[str, int]:
        """Cells that have a row and are not in the sample, by reason."""
        counts = {reason: n for reason, n in self.certificate.pruned.items() if n and reason != "missing"}
        return {**self.sample.left_out, **counts}

    def tidy(self, level: float = 0.95) -> pl.DataFrame:
        """Give the coefficients as a frame.

        Parameters
        ----------
        level
            Coverage of the interval.

        Returns
        -------
        polars.DataFrame
            term, estimate, std_error, statistic, p_value, low, high.
        """
        return hypotheses.tidy(self.names, self.beta, self.uncertainty.standard_errors, level)

    def confint(self, level: float = 0.95) -> pl.DataFrame:
        """Intervals of the coefficients: term, low, high."""
        return self.tidy(level).select("term", "low", "high")

    def wald(self, *restrictions: str) -> "hypotheses.Test":
        """Test restrictions jointly.

        Parameters
        ----------
        *restrictions
            Names of regressors, whose coefficients are zero under the null, or equations such as
            ``"rta + rta_lag4 = 0"`` (names with signs of their own in backticks). None tests all coefficients.

        Returns
        -------
        Test
            With the null in words.

        Raises
        ------
        DostastyqError
            ``GR020`` no such coefficient, ``GR021`` an equation that is not linear.
        """
        return hypotheses.wald(self.names, self.beta, self.uncertainty.matrix, restrictions)

    def reset(self, powers: int = 2, effects: bool | None = None) -> "hypotheses.Test":
        """Test the functional form: powers of the index from 2 up have no effect (Ramsey's RESET).

        Parameters
        ----------
        powers
            Highest power.
        effects
            Whether the index is that of the whole fit or of the regressors and the offset alone. None takes the second
            where its powers have a coefficient: those of a single dummy have none.

        Returns
        -------
        Test
            Its null says which index it is.

        Raises
        ------
        DostastyqError
            ``GR023`` for powers below 2, or powers without a coefficient.

        Notes
        -----
        Estimated effects contain the errors of the few flows they are estimated from, so a power of the whole index is
        correlated with the errors and a right form is rejected: always, in three-way panels of 10 and 30 countries, in
        three of ten cross-sections of 60 countries, at a nominal 5 %. It is there for comparison with other programs.
        """
        return hypotheses.reset(self, powers, effects)

    def trade_effects(
        self, terms: Sequence[str] | None = None, *, total: bool = False, change: float = 1.0, level: float = 0.95
    ) -> pl.DataFrame:
        """Effects on trade in per cent, by the delta method; see `dostastyq.gravity.effects`.

        Parameters
        ----------
        terms
            Regressors, all by default.
        total
            One row for the sum of the terms, such as an agreement and its lags, in place of one a term.
        change
            Change of the regressor.
        level
            Coverage of the interval.

        Returns
        -------
        polars.DataFrame
            term, percent, std_error, low, high.
        """
        return effects.trade_effects(self, terms, total=total, change=change, level=level)

    def bias_corrected(self, progress: Progress | None = None) -> "Fit":
        """Correct for the bias of many fixed effects (Weidner and Zylkin 2021).

        Three-way models: coefficients and standard errors. Two-way models: standard errors only, the coefficients have
        no such bias. The correction assumes scores that are independent between pairs: standard errors are clustered
        by pair.

        Parameters
        ----------
        progress
            Called with ``"bias"``, the exporters done and their number.

        Returns
        -------
        Fit

        Raises
        ------
        DostastyqError
            For models and clusters the correction does not exist for.
        """
        return post_estimation.bias_corrected(self, progress)

    def score_bootstrap(
        self,
        term: str,
        *,
        cluster: str | Sequence[str] = "pair",
        null: float = 0.0,
        draws: int = 9999,
        seed: int = 1,
        progress: Progress | None = None,
    ) -> "Bootstrap":
        """Test one coefficient by random signs of cluster scores, for few clusters.

        Parameters
        ----------
        term
            The regressor.
        cluster
            ``"pair"``, ``"exporter"``, ``"importer"``, ``"year"``, ``"exporter_year"`` or ``"importer_year"``; or
            two of exporter, importer and year.
        null
            Coefficient under the null.
        draws
            Patterns of signs; all of them when there are fewer.
        seed
            Of the draws.
        progress
            Called with ``"draws"``, the draws done and their number.

        Returns
        -------
        Bootstrap
        """
        return post_estimation.score_bootstrap(self, term, cluster, null, draws, seed, progress)

    def randomisation(
        self,
        term: str,
        draws: int = 499,
        seed: int = 1,
        comparable: Callable[[str, str], bool] | None = None,
    ) -> "Randomisation":
        """Reassign the treated pairs among comparable pairs; see `dostastyq.gravity.randomisation`."""
        from dostastyq.gravity.randomisation import randomise  # noqa: PLC0415 -- it refits

        return randomise(self, term, draws=draws, seed=seed, comparable=comparable)

    def fixef(self, reference: str | None = None) -> dict[str, pl.DataFrame]:
        """Recover the fixed effects: one frame an effect of the formula, its columns and ``effect`` (log points).

        Parameters
        ----------
        reference
            Importer whose effect is zero in every year; None takes the largest. `dostastyq.gravity.fixed_effects`
            states the rest of the normalisation. Effects of a model without a panel are as the solver left them.

        Returns
        -------
        dict
            Frames by the name of the effect; with symmetric pairs, one row a direction.
        """
        return post_estimation.fixef(self, reference)

    @cached_property
    def in_sample(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which rows of `sample` were used, shape (n,)."""
        return np.asarray(self.solution.live.ravel()[self._places])

    @property
    def _places(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        return self.sample.cells if self.sample.codes else np.arange(self.sample.data.height)

    @property
    def _rows(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Places of the rows in the user's data, from 0."""
        return self.sample.data[ROW].to_numpy().astype(np.int64) - self.sample.first_row

    def _cells(self) -> pl.DataFrame:
        """Rows of the sample: their number, the columns of the panel, and trade (``row_`` where a key is called so)."""
        panel = self.sample.structure
        keys = [*panel.exporter, *panel.importer, *panel.year]
        if not keys:
            keys = list(dict.fromkeys(name for effect in self.sample.formula.effects for name in effect.columns))
        row, trade = (f"{name}_" if name in keys else name for name in ("row", "trade"))
        return self.sample.data.select(pl.col(ROW).alias(row), *keys, pl.Series(trade, self.sample.flows))

    def predict(
        self,
        newdata: "IntoDataFrame | Panel | None" = None,
        *,
        link: bool = False,
        unseen: "prediction.type_unseen" = "refuse",
    ) -> FloatArray:
        r"""Predict flows, of the rows of the data or of new ones.

        Parameters
        ----------
        newdata
            Rows with the regressors, the labels of the effects and the offset of the fit, in any data frame; None takes
            the rows of the data, in their order.
        link
            The logs of the flows instead.
        unseen
            New rows whose exporter-year, importer-year or pair has no effect, because it was not in the sample:
            ``"refuse"`` them by name, or give them NaN (``"missing"``).

        Returns
        -------
        numpy.ndarray
            One number a row, :math:`\exp(x'\beta+a_{it}+b_{jt}+c_{ij}+o)`: 0 where the cell was separated. Of the rows
            of the data, NaN where the row is not in the sample. Correction for bias does not enter.

        Raises
        ------
        DostastyqError
            ``GR026`` for levels without an effect: which they are, and how many rows.

        Examples
        --------
        >>> e, m, t = np.indices((4, 4, 3)).reshape(3, -1)
        >>> rta = ((e + m) % 2 * (t > 0)).astype(float)
        >>> data = pl.DataFrame({"exporter": e, "importer": m, "year": t, "trade": np.exp(0.3 * rta), "rta": rta})
        >>> from dostastyq.gravity import ppml
        >>> fit = ppml("trade ~ rta | exporter^year + importer^year + exporter^importer", data)
        >>> more = data.filter(pl.col("year") == 0, pl.col("exporter") == 1).with_columns(rta=1.0)
        >>> fit.predict(more).round(6).tolist()
        [1.349859, 1.349859, 1.349859, 1.349859]
        """
        values = prediction.in_sample(self) if newdata is None else prediction.of_rows(self, newdata, unseen)
        if not link:
            return values
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(values))

    @property
    def residuals(self) -> FloatArray:
        """Flow less fitted flow, one a row of the data, NaN where it is not in the sample."""
        flows = np.full(self.sample.rows, np.nan)
        flows[self._rows] = self.sample.flows
        return np.asarray(flows - self.predict())

    def to_frame(self) -> pl.DataFrame:
        """Rows in use: number, columns of the panel, trade, fitted, in_sample."""
        cells = self._cells()
        fitted = self.predict()[self._rows]
        return cells.with_columns(fitted=pl.Series(fitted), in_sample=pl.Series(self.in_sample))

    @cached_property
    def treated_pairs(self) -> Mapping[str, int]:
        """Pairs of the sample in which each regressor varies; empty without a panel of several years."""
        return effects.treated_pairs(self)

    @cached_property
    def notes(self) -> tuple[Text, ...]:
        """What to know before use, one sentence each."""
        return tables.notes(self)

    @cached_property
    def provenance(self) -> Provenance:
        """What this result was made from."""
        content = self.sample.flows.tobytes() + self.sample.formula.text.encode()
        earlier = self.source.inputs if self.source else ()
        sources = self.source.sources if self.source else ()
        repairs = self.source.repairs if self.source else ()
        inputs = (*earlier, ("sample", fingerprint(content)))
        return Provenance(f"dostastyq {__version__} gravity", inputs, sources, repairs)

    def with_vcov(self, vcov: type_vcov, small_sample: str | None = None) -> "Fit":
        """Give the same fit other standard errors; nothing is estimated again."""
        if self.corrected:
            raise DostastyqError("GR015", "a corrected fit has its own standard errors", "ask before correcting")
        uncertainty = post_estimation.recluster(self, vcov, small_sample or self.uncertainty.small_sample)
        return replace(self, uncertainty=uncertainty, vcov_asked=vcov)

    def to_dict(self) -> dict[str, object]:
        """Everything the command prints as JSON."""
        return tables.as_dict(self)

    def summary(self, language: str = "en") -> str:
        """Regression table with what it rests on, as text."""
        return tables.summary(self, language)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return self.summary()
