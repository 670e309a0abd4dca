"""What a solve of an economy with one sector returns."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dostastyq.equilibrium.certificate import Certificate, Solution
from dostastyq.equilibrium.decompose import decompose, first_order
from dostastyq.equilibrium.derivative import Directions, Lever, tangent
from dostastyq.equilibrium.labels import FloatArray, Matrix, Vector, frame
from dostastyq.equilibrium.one_sector import Change, Point
from dostastyq.equilibrium.results import Equilibrium

if TYPE_CHECKING:
    import polars as pl

    from dostastyq.equilibrium.one_economy import OneSectorEconomy


@dataclass(frozen=True, eq=False)
class OneSectorEquilibrium(Equilibrium):
    """The world with one sector after a shock; see `Equilibrium`.

    Parameters
    ----------
    economy
        The base.
    change
        The shock in logs.
    certificate
        Residuals of every equation.
    solution, point
        Plain arrays of the solution.
    """

    economy: "OneSectorEconomy"
    change: Change
    certificate: Certificate
    solution: Solution = field(repr=False)
    point: Point = field(repr=False)

    @property
    def _log_wage(self) -> FloatArray:
        labour = self.change.log_labour
        return self.solution.log_income if labour is None else self.solution.log_income - labour

    @property
    def _log_price(self) -> FloatArray:
        return self.solution.log_price

    def _trade(self) -> tuple[FloatArray, FloatArray]:
        return self.economy.base.flows, self.solution.flows

    @cached_property
    def output(self) -> Vector:
        """Nominal output, currency of the base year."""
        return self._vector(self.solution.income, "output")

    @cached_property
    def flows(self) -> Matrix:
        """Tariff-exclusive flows ``[importer, exporter]``, currency of the base year."""
        return Matrix(self.solution.flows, self.economy.labels, "trade")

    @cached_property
    def tariffs(self) -> Matrix:
        """Ad valorem tariffs after the shock ``[importer, exporter]``, fractions."""
        return Matrix(tariff_levels(self.solution.tariffs, self.solution.flows), self.economy.labels, "tariffs")

    @cached_property
    def expenditure(self) -> Vector:
        """Nominal expenditure E', tariffs included, currency of the base year."""
        return self._vector(self.solution.spending * self.solution.tariff_factor, "expenditure")

    @cached_property
    def tariff_revenue(self) -> Vector:
        """Tariff revenue R', currency of the base year."""
        return self._vector(np.einsum("ni,ni->n", self.flows.values, self.tariffs.values), "tariff_revenue")

    def derivative(
        self,
        trade_cost: object = None,
        *,
        tariffs: object = None,
        productivity: object = None,
        labour: object = None,
        elasticity: object = None,
    ) -> FloatArray:
        """Differentiate log real income; see `Equilibrium.derivative`. One factorisation serves all directions."""
        directions = Directions.of(len(self.economy.labels), trade_cost, tariffs, productivity, labour, elasticity)
        base = self.economy.base
        lever = None if directions.elasticity is None else Lever.of(base, self.change, self.solution)
        slope = tangent(base.theta, self.solution, self.point, directions, lever)
        return slope.expenditure - slope.price

    def decompose(self, steps: int = 16) -> "pl.DataFrame":
        """Split the equivalent variation exactly, by integration along the path of the shock.

        Parameters
        ----------
        steps
            Nodes of the Gauss-Legendre quadrature, one solve each.

        Returns
        -------
        polars.DataFrame
            ``state``, ``terms_of_trade``, ``volume_of_trade`` (the tariff wedge), ``trade_costs``, ``productivity``,
            ``labour``, ``deficit`` and their sum ``total``, per cent of base real income; ``total`` is `welfare`.

        Raises
        ------
        DostastyqError
            ``EQ037`` when more steps are needed, ``EQ038`` when a link is closed altogether.

        References
        ----------
        Caliendo and Parro (2015), eq. 15, integrated; derivation in `dostastyq.equilibrium.decompose`.

        Examples
        --------
        >>> from dostastyq.equilibrium import Shock, calibrate
        >>> economy = calibrate([[90.0, 10.0], [10.0, 90.0]], tariffs=0.2)
        >>> parts = economy.solve(Shock(tariffs=0.0)).decompose()
        >>> parts.select("terms_of_trade", "volume_of_trade").row(0, named=True)["volume_of_trade"] > 0
        True
        """
        return frame({"state": list(self.economy.labels), **decompose(self, steps)})

    def first_order(self) -> "pl.DataFrame":
        """Split the first-order welfare change into its terms, evaluated at the base; see `first_order_welfare`.

        Returns
        -------
        polars.DataFrame
            Columns as in `decompose`, per cent.
        """
        return frame({"state": list(self.economy.labels), **first_order(self)})

    @property
    def _shock_content(self) -> bytes:
        change = self.change
        parts = (change.log_cost, change.tariffs, change.log_productivity, change.log_labour, change.deficit)
        return b"|".join(b"" if part is None else part.tobytes() for part in parts)


def tariff_levels(tariffs: FloatArray | None, like: FloatArray) -> FloatArray:
    """Tariffs as a full array, zeros for free trade."""
    return np.zeros_like(like) if tariffs is None else tariffs
