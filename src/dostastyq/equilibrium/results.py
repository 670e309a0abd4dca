"""What a solve returns: the world after a shock, in changes from the base, with its certificate."""

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dostastyq import __version__
from dostastyq.equilibrium.certificate import Certificate
from dostastyq.equilibrium.derivative import Interval, make_interval
from dostastyq.equilibrium.labels import FloatArray, Vector, frame
from dostastyq.provenance import Provenance, fingerprint

if TYPE_CHECKING:
    import polars as pl

    from dostastyq.equilibrium.model import Economy


class Equilibrium(ABC):
    """The world after a shock, in changes from the base. Made by `Economy.solve`.

    Attributes
    ----------
    economy : Economy
        The base.
    change
        The shock in logs.
    certificate : Certificate
        Residuals of every equation.
    solution
        Plain arrays of the solution.

    Notes
    -----
    The numeraire is world nominal value added (with one sector the same as output), which the shock leaves at its base
    value.
    """

    economy: "Economy"
    change: Any
    certificate: Certificate
    solution: Any

    @property
    @abstractmethod
    def flows(self) -> Any:  # noqa: ANN401 -- a matrix, or a cube with sectors
        """Tariff-exclusive flows, currency of the base year: a `Matrix`, or with sectors a `Cube`."""

    @property
    @abstractmethod
    def tariffs(self) -> Any:  # noqa: ANN401 -- a matrix, or a cube with sectors
        """Ad valorem tariffs after the shock, as fractions, in the same form."""

    @property
    @abstractmethod
    def output(self) -> Vector:
        """Nominal gross output, currency of the base year."""

    @property
    @abstractmethod
    def expenditure(self) -> Vector:
        """Nominal expenditure on final goods, tariffs included, currency of the base year."""

    @property
    @abstractmethod
    def tariff_revenue(self) -> Vector:
        """Tariff revenue R', currency of the base year."""

    @property
    @abstractmethod
    def _log_wage(self) -> FloatArray:
        """Log of the wage ratio, shape (N,)."""

    @property
    @abstractmethod
    def _log_price(self) -> FloatArray:
        """Log of the consumer price index ratio, shape (N,)."""

    @abstractmethod
    def _trade(self) -> tuple[FloatArray, FloatArray]:
        """Flows of all goods before and after, shape (N, N) each."""

    def _vector(self, values: FloatArray, name: str, unit: str = "") -> Vector:
        return Vector(values, self.economy.labels, name, unit)

    @cached_property
    def welfare(self) -> Vector:
        """Equivalent variation in per cent of base real income: 100 ((I'/I)/P - 1), I what is spent on final goods."""
        return self._vector(100 * np.expm1(self.solution.log_welfare), "welfare_percent", "per cent")

    @cached_property
    def first_order_welfare(self) -> Vector:
        """Welfare as Caliendo and Parro (2015, eq. 15) print it: changes weighted by the base, per cent.

        The sum of the columns of `first_order`. It is not the equivalent variation, which is `welfare`.
        """
        return self._vector(np.asarray(self.first_order()["total"]), "first_order_welfare_percent", "per cent")

    @cached_property
    def rebalancing(self) -> Vector:
        """Part of `welfare` that the phase-out of deficits brings without the shock, per cent; zero otherwise."""
        from dostastyq.equilibrium.model import Shock  # noqa: PLC0415 -- the noun that goes in knows this one

        if self.economy.deficits != "phase-out":
            return self._vector(np.zeros(len(self.economy.labels)), "rebalancing_percent", "per cent")
        alone = self.economy.solve(Shock(), tolerance=self.certificate.tolerance)
        return self._vector(np.array(alone.welfare), "rebalancing_percent", "per cent")

    @cached_property
    def real_wage(self) -> Vector:
        """Change of the wage over the consumer price index, per cent."""
        return self._vector(100 * np.expm1(self._log_wage - self._log_price), "real_wage_percent", "per cent")

    @cached_property
    def prices(self) -> Vector:
        """Consumer price index, ratio new/old."""
        return self._vector(np.exp(self._log_price), "price", "ratio new/old")

    @cached_property
    def wages(self) -> Vector:
        """Nominal wage, ratio new/old."""
        return self._vector(np.exp(self._log_wage), "wage", "ratio new/old")

    @cached_property
    def exports_percent(self) -> Vector:
        """Change of the value of exports, per cent; NaN where the base has none."""
        return self._vector(self._trade_change(0), "exports_percent", "per cent")

    @cached_property
    def imports_percent(self) -> Vector:
        """Change of the value of imports before tariffs, per cent; NaN where the base has none."""
        return self._vector(self._trade_change(1), "imports_percent", "per cent")

    def _trade_change(self, axis: int) -> FloatArray:
        old, new = (np.array(flows) for flows in self._trade())
        np.fill_diagonal(new, 0.0)
        np.fill_diagonal(old, 0.0)
        before = old.sum(axis=axis)
        change = np.full(len(before), np.nan)
        np.divide(new.sum(axis=axis) - before, before, out=change, where=before > 0)
        change *= 100
        return change

    @abstractmethod
    def derivative(
        self,
        trade_cost: object = None,
        *,
        tariffs: object = None,
        productivity: object = None,
        labour: object = None,
        elasticity: object = None,
    ) -> FloatArray:
        """Differentiate log real income at this equilibrium, by the implicit function theorem.

        Parameters
        ----------
        trade_cost
            Directions of ln d, shape (K, N, N) or (N, N); with sectors also (K, J, N, N) or (J, N, N).
        tariffs
            Directions of ln(1+tau'), in the same shapes.
        productivity, labour
            Directions of ln A and ln L, shape (K, N) or (N,); with sectors ln A also (K, J, N) or (J, N).
        elasticity
            Directions of theta, shape (K,) or (K, J), at given data and given shock.

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

    def interval(
        self,
        trade_cost: object = None,
        covariance: object = None,
        level: float = 0.95,
        *,
        tariffs: object = None,
        productivity: object = None,
        labour: object = None,
        elasticity: object = None,
    ) -> Interval:
        """Interval of welfare by the delta method on log real income.

        Parameters
        ----------
        trade_cost, tariffs, productivity, labour, elasticity
            Derivatives of the shock, and of theta, with respect to each of K uncertain parameters, as in `derivative`.
        covariance
            Covariance of the parameters, shape (K, K), or the variance when K is 1. Alone, as the first argument or by
            name, it is the covariance of the elasticities, shape (J, J).
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
        directions = {"tariffs": tariffs, "productivity": productivity, "labour": labour, "elasticity": elasticity}
        if all(value is None for value in directions.values()) and (trade_cost is None or covariance is None):
            covariance, trade_cost = (trade_cost if covariance is None else covariance), None
            directions["elasticity"] = np.eye(np.size(self.economy.elasticity))
        slopes = self.derivative(trade_cost, **directions)
        return make_interval(self.solution.log_welfare, slopes, covariance, level, self.economy.labels)

    @abstractmethod
    def decompose(self, steps: int = 16) -> "pl.DataFrame":
        """Split the equivalent variation exactly, by integration along the path of the shock."""

    @abstractmethod
    def first_order(self) -> "pl.DataFrame":
        """Split the first-order welfare change into its terms, evaluated at the base."""

    @property
    @abstractmethod
    def _shock_content(self) -> bytes:
        """Bytes of the shock, for the fingerprint."""

    @cached_property
    def provenance(self) -> Provenance:
        """What this result was made from."""
        inputs = (("economy", self.economy.inputs_hash), ("shock", fingerprint(self._shock_content)))
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
            f" {self._elasticity_words()}, {self.economy.deficits} deficits"
        )
        return "\n".join([*lines, *self.economy.repairs])

    def __str__(self) -> str:
        return self.summary()

    def _elasticity_words(self) -> str:
        values = np.atleast_1d(self.economy.elasticity)
        low, high = values.min(), values.max()
        return f"elasticity {low:g}" if low == high else f"elasticities {low:g} to {high:g}"
