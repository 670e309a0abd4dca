"""What a solve returns: the world after a shock, in changes from the base, with its certificate."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dostastyq import __version__
from dostastyq.equilibrium.certificate import Certificate, Solution
from dostastyq.equilibrium.decompose import decompose
from dostastyq.equilibrium.derivative import Directions, Interval, make_interval, tangent
from dostastyq.equilibrium.labels import FloatArray, Matrix, Vector, frame
from dostastyq.equilibrium.one_sector import Change, Point
from dostastyq.provenance import Provenance, fingerprint

if TYPE_CHECKING:
    import polars as pl

    from dostastyq.equilibrium.model import Economy


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """The world after a shock, in changes from the base. Made by `Economy.solve`.

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

    Notes
    -----
    The numeraire is world nominal output, which the shock leaves at its base value.
    """

    economy: "Economy"
    change: Change
    certificate: Certificate
    solution: Solution = field(repr=False)
    point: Point = field(repr=False)

    def _vector(self, values: FloatArray, name: str, unit: str = "") -> Vector:
        return Vector(values, self.economy.labels, name, unit)

    @cached_property
    def welfare(self) -> Vector:
        """Equivalent variation in per cent of base real income: 100 ((E'/E)/P - 1)."""
        return self._vector(100 * np.expm1(self.solution.log_welfare), "welfare_percent", "per cent")

    @cached_property
    def real_wage(self) -> Vector:
        """Change of the wage over the consumer price index, per cent."""
        return self._vector(100 * np.expm1(self._log_wage - self.solution.log_price), "real_wage_percent", "per cent")

    @property
    def _log_wage(self) -> FloatArray:
        labour = self.change.log_labour
        return self.solution.log_income if labour is None else self.solution.log_income - labour

    @cached_property
    def prices(self) -> Vector:
        """Consumer price index, ratio new/old."""
        return self._vector(np.exp(self.solution.log_price), "price", "ratio new/old")

    @cached_property
    def wages(self) -> Vector:
        """Nominal wage, ratio new/old."""
        return self._vector(np.exp(self._log_wage), "wage", "ratio new/old")

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

    @cached_property
    def exports_percent(self) -> Vector:
        """Change of the value of exports, per cent; NaN where the base has none."""
        return self._vector(self._trade_change(0), "exports_percent", "per cent")

    @cached_property
    def imports_percent(self) -> Vector:
        """Change of the value of imports before tariffs, per cent; NaN where the base has none."""
        return self._vector(self._trade_change(1), "imports_percent", "per cent")

    def _trade_change(self, axis: int) -> FloatArray:
        new, old = self.flows.values.copy(), self.economy.base.flows.copy()
        np.fill_diagonal(new, 0.0)
        np.fill_diagonal(old, 0.0)
        before = old.sum(axis=axis)
        change = np.full(len(before), np.nan)
        np.divide(new.sum(axis=axis) - before, before, out=change, where=before > 0)
        change *= 100
        return change

    def derivative(
        self, trade_cost: object = None, *, tariffs: object = None, productivity: object = None, labour: object = None
    ) -> FloatArray:
        """Differentiate log real income at this equilibrium, by the implicit function theorem.

        One factorisation of the Jacobian at the solution serves all K directions.

        Parameters
        ----------
        trade_cost
            Directions of ln d, shape (K, N, N) or (N, N).
        tariffs
            Directions of ln(1+tau'), shape (K, N, N) or (N, N).
        productivity, labour
            Directions of ln A and ln L, shape (K, N) or (N,).

        Returns
        -------
        numpy.ndarray
            Shape (K, N): the change of ln real income of each state per unit of each direction.

        Raises
        ------
        DostastyqError
            ``EQ001`` on shapes that do not fit, ``EQ024`` when no direction is given, ``EQ034`` when the Jacobian is
            singular.

        Examples
        --------
        >>> from dostastyq.equilibrium import calibrate
        >>> economy = calibrate([[90.0, 10.0], [10.0, 90.0]])
        >>> economy.solve().derivative(np.array([[0.0, 1.0], [1.0, 0.0]])).round(6)
        array([[-0.1, -0.1]])
        """
        directions = Directions.of(len(self.economy.labels), trade_cost, tariffs, productivity, labour)
        slope = tangent(self.economy.base.theta, self.solution, self.point, directions)
        return slope.expenditure - slope.price

    def interval(
        self,
        trade_cost: object = None,
        covariance: object = None,
        level: float = 0.95,
        *,
        tariffs: object = None,
        productivity: object = None,
        labour: object = None,
    ) -> Interval:
        """Interval of welfare by the delta method on log real income.

        Parameters
        ----------
        trade_cost, tariffs, productivity, labour
            Derivatives of the shock with respect to each of K uncertain parameters, as in `derivative`.
        covariance
            Covariance of the parameters, shape (K, K), or the variance when K is 1.
        level
            Coverage.

        Returns
        -------
        Interval
            ``low``, ``high`` and ``standard_error`` of welfare, per cent.

        Raises
        ------
        DostastyqError
            ``EQ025`` when the covariance does not fit, is not symmetric or not positive semi-definite; codes of
            `derivative`.

        Notes
        -----
        With g the derivative and V the covariance, the standard error of ln W is the root of g'Vg; bounds are
        100 (W exp(±z s) - 1), so that real income never turns negative, and the standard error in per cent is 100 W s.
        """
        slopes = self.derivative(trade_cost, tariffs=tariffs, productivity=productivity, labour=labour)
        return make_interval(self.solution.log_welfare, slopes, covariance, level, self.economy.labels)

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

    @cached_property
    def provenance(self) -> Provenance:
        """What this result was made from."""
        parts = (self.change.log_cost, self.change.tariffs, self.change.log_productivity, self.change.log_labour)
        content = b"|".join(b"" if part is None else part.tobytes() for part in parts)
        inputs = (("economy", self.economy.inputs_hash), ("shock", fingerprint(content)))
        return Provenance(f"dostastyq {__version__} equilibrium", inputs, repairs=self.economy.repairs)

    def to_frame(self) -> "pl.DataFrame":
        """Give a polars frame, one row a state: welfare, real wage, price, wage, trade, expenditure, revenue."""
        columns = (
            self.welfare, self.real_wage, self.exports_percent, self.imports_percent, self.prices, self.wages,
            self.output, self.expenditure, self.tariff_revenue,
        )  # fmt: skip
        return frame({"state": list(self.economy.labels), **{column.name: column.values for column in columns}})

    def summary(self) -> str:
        """Say in a table who gains and who loses, and how good the solution is."""
        width = max(5, *(len(str(label)) for label in self.economy.labels))
        lines = [f"{'state':<{width}}  welfare %  real wage %  exports %  imports %"]
        lines += [
            f"{label!s:<{width}}  {self.welfare.values[i]:>9.4f}  {self.real_wage.values[i]:>11.4f}"
            f"  {self.exports_percent.values[i]:>9.3f}  {self.imports_percent.values[i]:>9.3f}"
            for i, label in enumerate(self.economy.labels)
        ]
        mark = self.certificate
        lines.append(
            f"{mark.method}, {mark.iterations} iterations, largest residual {mark.residual:.1e};"
            f" elasticity {self.economy.elasticity:g}, {self.economy.deficits} deficits"
        )
        return "\n".join([*lines, *self.economy.repairs])

    def __str__(self) -> str:
        return self.summary()


def tariff_levels(tariffs: FloatArray | None, like: FloatArray) -> FloatArray:
    """Tariffs as a full array, zeros for free trade."""
    return np.zeros_like(like) if tariffs is None else tariffs
