"""What a solve of an economy with sectors returns."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dostastyq.equilibrium.certificate import Certificate
from dostastyq.equilibrium.labels import Cube, FloatArray, Table, Vector
from dostastyq.equilibrium.results import Equilibrium
from dostastyq.equilibrium.sectors.certificate import Solution
from dostastyq.equilibrium.sectors.decompose import Terms, decompose, first_order
from dostastyq.equilibrium.sectors.derivative import Directions, tangent
from dostastyq.equilibrium.sectors.sweep import State
from dostastyq.equilibrium.sectors.system import Change

if TYPE_CHECKING:
    import polars as pl

    from dostastyq.equilibrium.sectors.economy import SectorEconomy


@dataclass(frozen=True, eq=False)
class SectorEquilibrium(Equilibrium):
    """The world with sectors after a shock; see `Equilibrium`.

    Parameters
    ----------
    economy
        The base.
    change
        The shock in logs.
    certificate
        Residuals of every equation.
    solution
        Plain arrays of the solution.
    state
        Where the solver stopped; a start for a solve nearby.
    """

    economy: "SectorEconomy"
    change: Change
    certificate: Certificate
    solution: Solution = field(repr=False)
    state: State = field(repr=False)

    @property
    def unknowns(self) -> FloatArray:
        """Values of ln c, v and X', from which `SectorEconomy.rebuild` makes this again, shape (2JN + N,)."""
        state = self.state
        return np.concatenate([state.log_cost.ravel(), state.log_income, state.expenditure.ravel()])

    @property
    def _log_wage(self) -> FloatArray:
        labour = self.change.log_labour
        return self.solution.log_income if labour is None else self.solution.log_income - labour

    @property
    def _log_price(self) -> FloatArray:
        return self.solution.log_consumer

    def _trade(self) -> tuple[FloatArray, FloatArray]:
        return self.economy.base.flows.sum(axis=0), self.solution.flows.sum(axis=0)

    def _table(self, values: FloatArray, name: str, unit: str = "") -> Table:
        return Table(values, self.economy.sectors, self.economy.labels, name, unit)

    def _cube(self, values: FloatArray | None, name: str, unit: str = "") -> Cube:
        full = np.zeros_like(self.solution.flows) if values is None else np.array(values)
        return Cube(full, self.economy.sectors, self.economy.labels, name, unit)

    @cached_property
    def flows(self) -> Cube:
        """Tariff-exclusive flows at the border ``[sector, importer, exporter]``, currency of the base year."""
        return self._cube(self.solution.flows, "trade")

    @cached_property
    def trade_shares(self) -> Cube:
        """Shares of expenditure, tariffs included, ``[sector, importer, exporter]``."""
        return self._cube(self.solution.shares, "share")

    @cached_property
    def tariffs(self) -> Cube:
        """Ad valorem tariffs after the shock ``[sector, importer, exporter]``, fractions."""
        return self._cube(self.solution.system.tariffs, "tariffs")

    @cached_property
    def export_taxes(self) -> Cube:
        """Ad valorem export taxes after the shock ``[sector, importer, exporter]``, fractions."""
        return self._cube(self.solution.system.export_taxes, "export_taxes")

    @cached_property
    def sector_prices(self) -> Table:
        """Price index of each good ``[sector, state]``, ratio new/old."""
        return self._table(np.exp(self.solution.log_price), "price", "ratio new/old")

    @cached_property
    def sector_costs(self) -> Table:
        """Unit cost of each good ``[sector, state]``, ratio new/old."""
        return self._table(np.exp(self.solution.log_cost), "unit_cost", "ratio new/old")

    @cached_property
    def sector_expenditure(self) -> Table:
        """Expenditure on each good, final and intermediate, tariffs included, ``[sector, state]``."""
        return self._table(np.array(self.solution.expenditure), "expenditure")

    @cached_property
    def sector_output(self) -> Table:
        """Revenue of producers ``[sector, state]``, currency of the base year."""
        return self._table(np.array(self.solution.output), "output")

    @cached_property
    def output(self) -> Vector:
        """Nominal gross output, currency of the base year."""
        return self._vector(self.solution.output.sum(axis=0), "output")

    @cached_property
    def value_added(self) -> Vector:
        """Nominal value added, currency of the base year."""
        return self._vector(np.exp(self.solution.log_income) * self.economy.base.income, "value_added")

    @cached_property
    def expenditure(self) -> Vector:
        """Final expenditure I' = V' + R' + D', currency of the base year."""
        return self._vector(np.array(self.solution.final_income), "expenditure")

    @cached_property
    def deficit(self) -> Vector:
        """Trade deficit D', imports less exports at the border, currency of the base year."""
        return self._vector(np.array(self.solution.deficit), "deficit")

    @cached_property
    def tariff_revenue(self) -> Vector:
        """Tariff revenue, currency of the base year; export taxes apart."""
        tariffs, flows = self.solution.system.tariffs, self.solution.flows
        revenue = np.zeros(len(self.economy.labels)) if tariffs is None else (tariffs * flows).sum(axis=(0, 2))
        return self._vector(revenue, "tariff_revenue")

    @cached_property
    def export_tax_revenue(self) -> Vector:
        """Export tax revenue, currency of the base year."""
        taxes, flows = self.solution.system.export_taxes, self.solution.flows
        revenue = np.zeros(len(self.economy.labels))
        if taxes is not None:
            revenue = (taxes / (1 + taxes) * flows).sum(axis=(0, 1))
        return self._vector(revenue, "export_tax_revenue")

    @cached_property
    def integrated(self) -> dict[int, Terms]:
        """Terms of the decomposition that were integrated before, by number of steps."""
        return {}

    def derivative(
        self,
        trade_cost: object = None,
        *,
        tariffs: object = None,
        productivity: object = None,
        labour: object = None,
        elasticity: object = None,
    ) -> FloatArray:
        """Differentiate log real income; see `Equilibrium.derivative`. Linearised sweeps, all directions at once."""
        shape = len(self.economy.sectors), len(self.economy.labels)
        directions = Directions.of(shape, trade_cost, tariffs, productivity, labour, elasticity)
        return tangent(self.solution, directions).welfare

    def decompose(self, steps: int = 16, by: tuple[str, ...] | str = ()) -> "pl.DataFrame":
        """Split the equivalent variation exactly, by integration along the path of the shock.

        Parameters
        ----------
        steps
            Nodes of the Gauss-Legendre quadrature, one solve each.
        by
            ``"partner"``, ``"sector"`` or both: a row for each partner or sector of a state. The terms of trade and
            both volumes of trade and the trade costs belong to a partner; productivity, labour and deficit to the state
            itself; labour and deficit to no sector.

        Returns
        -------
        polars.DataFrame
            ``state``, the columns of `by`, ``terms_of_trade``, ``volume_of_trade`` (the tariff wedge),
            ``export_volume`` (the wedge of export taxes), ``trade_costs``, ``productivity``, ``labour``, ``deficit``
            and their sum ``total``, per cent of base real income; the totals of a state add up to `welfare`.

        Raises
        ------
        DostastyqError
            ``EQ037`` when more steps are needed, ``EQ038`` when a link is closed altogether, ``EQ039`` unknown `by`.

        References
        ----------
        Caliendo and Parro (2015), eq. 15, integrated; derivation in `dostastyq.equilibrium.sectors.decompose`.

        Examples
        --------
        >>> from dostastyq.equilibrium import Shock, calibrate
        >>> economy = calibrate([[[90.0, 10.0], [10.0, 90.0]]], 4.0, 0.2, labels=["ARM", "GEO"], sectors=["all"])
        >>> parts = economy.solve(Shock(tariffs=0.0)).decompose(by="partner")
        >>> parts.filter(state="ARM", partner="GEO")["volume_of_trade"].item() > 0
        True
        """
        return decompose(self, steps, by)

    def first_order(self, by: tuple[str, ...] | str = ()) -> "pl.DataFrame":
        """Split the first-order welfare change into its terms, evaluated at the base.

        Parameters
        ----------
        by
            As in `decompose`.

        Returns
        -------
        polars.DataFrame
            Columns as in `decompose`, per cent; for a change of tariffs the terms of trade and the volume of trade of
            Caliendo and Parro (2015, eqs 15-17, Tables 2 and 3).
        """
        return first_order(self, by)

    @property
    def _shock_content(self) -> bytes:
        change = self.change
        parts = (
            change.log_cost, change.tariffs, change.export_taxes, change.log_productivity, change.log_labour,
            change.deficit,
        )  # fmt: skip
        return b"|".join(b"" if part is None else part.tobytes() for part in parts)
