"""The noun of this package: the trade of one year, cell by cell, with where every cell comes from."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from dostastyq.errors import DostastyqError
from dostastyq.provenance import Provenance, Source
from dostastyq.trade.check import UNIT, Problem, check_domestic, problems, refuse
from dostastyq.trade.detail import Detail

NOT_FILLED: Final = frozenset({"reported", "adjusted", "domestic", "row_sum"})
"""Methods of cells that somebody reported or that follow from what was reported; every other method fills a gap."""

_ACCOUNTS: Final = {
    "economy": pl.String,
    "gdp": pl.Float64,
    "output_to_gdp": pl.Float64,
    "ratio_source": pl.String,
}


def _no_accounts() -> pl.DataFrame:
    return pl.DataFrame(schema=_ACCOUNTS)


@dataclass(frozen=True, eq=False)
class Baseline:
    """Trade of one year among economies, domestic flows included.

    Parameters
    ----------
    name, title
        Short name and what it is.
    year
        Year of the flows; None where a file does not say.
    economies
        ISO 3166-1 alpha-3 codes, ``"ROW"`` for the rest of the world.
    sectors
        ``("total",)`` for one sector.
    flows
        Sector by importer by exporter, million USD at basic prices.
    tariffs
        Ad valorem fractions of the same shape, or None.
    origins
        One row a cell in the order of `flows`: sector, importer, exporter, trade, method, source, note.
    provenance
        Inputs, sources and repairs.
    accounts
        One row an economy: gdp (million USD), output_to_gdp, ratio_source; may be empty.
    unit
        Always ``"million USD"``; other units are converted on the way in.
    aggregates
        Codes in `economies` that are the user's own.
    detail
        External tariffs, sets of elasticities, states inside an aggregate; empty for a file of flows.

    Raises
    ------
    DostastyqError
        Naming every cell that is missing, negative or not finite, and every economy without domestic flow.

    Examples
    --------
    >>> from dostastyq.trade import baseline
    >>> base = baseline("cis-2023")
    >>> base.year, base.flows.shape[0], "KAZ" in base.economies
    (2023, 1, True)
    """

    name: str
    title: str
    year: int | None
    economies: tuple[str, ...]
    sectors: tuple[str, ...]
    flows: npt.NDArray[np.float64]
    tariffs: npt.NDArray[np.float64] | None
    origins: pl.DataFrame
    provenance: Provenance
    accounts: pl.DataFrame = field(default_factory=_no_accounts)
    unit: str = UNIT
    aggregates: tuple[str, ...] = ()
    detail: Detail = field(default_factory=Detail)

    def __post_init__(self) -> None:
        refuse(_problems(self))
        if self.origins.height != self.flows.size:
            raise DostastyqError(
                "TR013", f"origins have {self.origins.height} rows, expected one a cell = {self.flows.size}"
            )
        for label in ("flows", "tariffs"):
            given = getattr(self, label)
            if given is not None:
                own = np.array(given, dtype=np.float64)
                own.flags.writeable = False
                object.__setattr__(self, label, own)

    def __repr__(self) -> str:
        filled = self.imputed().height
        return (
            f"Baseline({self.name!r}, {self.year}, {len(self.economies)} economies, {len(self.sectors)} sectors, "
            f"{self.unit}, {filled} cells filled)"
        )

    @property
    def on(self) -> date:
        """Middle of the year: the day at which the law of the baseline is read."""
        if self.year is None:
            raise DostastyqError(
                "TR014", f"baseline {self.name!r} does not say its year", "add a column year, or pass year="
            )
        return date(self.year, 7, 1)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Sources of the figures, with licences."""
        return self.provenance.sources

    def output(self) -> npt.NDArray[np.float64]:
        """Gross output of every economy: all it sells, at home and abroad (million USD)."""
        return np.asarray(self.flows.sum(axis=(0, 1)))

    def expenditure(self) -> npt.NDArray[np.float64]:
        """Purchases of every economy, at home and abroad (million USD at basic prices, before tariffs)."""
        return np.asarray(self.flows.sum(axis=(0, 2)))

    def domestic_share(self) -> pl.DataFrame:
        """Share of expenditure that stays at home, with the output-to-GDP ratio behind the domestic flow.

        Returns
        -------
        polars.DataFrame
            state, domestic_share, output_to_gdp, ratio_source; the last two are null where a file carries the
            domestic flow itself.
        """
        domestic = np.einsum("snn->n", self.flows)
        return pl.DataFrame({"state": self.economies, "domestic_share": domestic / self.expenditure()}).join(
            self.accounts.select(state="economy", output_to_gdp="output_to_gdp", ratio_source="ratio_source"),
            on="state",
            how="left",
            maintain_order="left",
        )

    def imputed(self) -> pl.DataFrame:
        """Cells nobody reported, with the value, method and source of the fill.

        Returns
        -------
        polars.DataFrame
            exporter, importer, sector, trade, method, source, note.
        """
        return self.origins.filter(~pl.col("method").is_in(NOT_FILLED)).select(
            "exporter", "importer", "sector", "trade", "method", "source", "note"
        )

    def scale_imputed(self, factor: float) -> "Baseline":
        """Multiply every filled international cell by `factor`.

        Domestic flows that were derived from output are derived again, so that output stays what it was; reported
        ones are left alone.

        Examples
        --------
        >>> from dostastyq.trade import baseline
        >>> base = baseline("cis-2023")
        >>> bool((base.scale_imputed(1.0).flows == base.flows).all())
        True
        """
        _factor(factor)
        filled = self._cells(~pl.col("method").is_in(NOT_FILLED) & (pl.col("importer") != pl.col("exporter")))
        derived = self._cells(pl.col("method") == "domestic")
        change = np.where(filled, (factor - 1) * self.flows, 0.0)
        flows = self.flows + change
        flows -= np.where(derived, change.sum(axis=1)[:, None, :], 0.0)
        return self._with_flows(flows, f"filled cells x {factor:g}")

    def scale_domestic(self, factor: float) -> "Baseline":
        """Make domestic flows what they would be with `factor` times the output-to-GDP ratio.

        Output is ratio × GDP, so the new domestic flow is factor × output − exports, sector by sector.

        Raises
        ------
        DostastyqError
            Where that is not clearly positive.
        """
        _factor(factor)
        flows = self.flows.copy()
        extra = (factor - 1) * self.flows.sum(axis=1)
        np.einsum("snn->sn", flows)[...] += extra
        return self._with_flows(flows, f"output-to-GDP ratio x {factor:g}")

    def to_frame(self) -> pl.DataFrame:
        """One row a cell: exporter, importer, sector, trade, tariff where there is one, method, source."""
        frame = self.origins.select("exporter", "importer", "sector", "trade", "method", "source")
        if self.tariffs is None:
            return frame
        return frame.insert_column(4, pl.Series("tariff", self.tariffs.ravel()))

    def _cells(self, condition: pl.Expr) -> npt.NDArray[np.bool_]:
        mask = self.origins.select(condition.alias("mask"))["mask"].to_numpy()
        return np.asarray(mask.reshape(self.flows.shape), dtype=np.bool_)

    def _with_flows(self, flows: npt.NDArray[np.float64], change: str) -> "Baseline":
        refuse(check_domestic(flows, self.economies))
        provenance = replace(self.provenance, repairs=(*self.provenance.repairs, f"Sensitivity: {change}."))
        origins = self.origins.with_columns(trade=pl.Series(flows.ravel()))
        return replace(self, flows=flows, origins=origins, provenance=provenance)


def _problems(base: Baseline) -> list[Problem]:
    labels = (base.economies, base.sectors)
    return problems(base.flows, base.tariffs, *labels, unit=base.unit, aggregates=base.aggregates)


def _factor(factor: float) -> None:
    if not (np.isfinite(factor) and factor > 0):
        raise DostastyqError("TR015", f"found factor {factor}, expected a positive number", "1 changes nothing")
