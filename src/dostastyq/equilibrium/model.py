"""The nouns: an economy, a shock to it, and the equilibrium it leads to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dostastyq.equilibrium.certificate import Certificate, Solution, certify
from dostastyq.equilibrium.derivative import Directions, Interval, make_interval, tangent
from dostastyq.equilibrium.inputs import by_state, pair_name, pairwise
from dostastyq.equilibrium.labels import FloatArray, Labels, Matrix, Vector
from dostastyq.equilibrium.one_sector import Base, Change, Point, World, build, mean_tariff_factor
from dostastyq.equilibrium.solve import NEWTON_UP_TO, solve_world
from dostastyq.errors import DostastyqError, nearest
from dostastyq.provenance import Provenance, fingerprint

if TYPE_CHECKING:
    import polars as pl

METHODS = ("auto", "newton", "anderson")


@dataclass(frozen=True, slots=True, eq=False)
class Shock:
    """What changes in the world; what is None stays.

    Parameters
    ----------
    trade_cost
        Ratios new/old of the iceberg factor, above 0; infinity closes a link. A number for every foreign pair, an array
        ``[importer, exporter]``, a labelled `Matrix`, or a long frame ``exporter, importer, trade_cost`` in which pairs that
        are not named stay at 1.
    tariffs
        New ad valorem levels as fractions, in the same forms (frame column ``tariffs``; pairs that are not named keep their
        base tariff).
    productivity
        Ratios new/old of productivity: a number for all, an array of shape (N,), a labelled `Vector`, or a frame ``state,
        productivity`` in which states that are not named stay at 1.
    labour
        Ratios new/old of the endowment of labour, in the same forms.

    Examples
    --------
    >>> Shock(trade_cost=1.1).tariffs is None
    True
    """

    trade_cost: Any = None
    tariffs: Any = None
    productivity: Any = None
    labour: Any = None


@dataclass(frozen=True, eq=False)
class Economy:
    """A calibrated world: an exact equilibrium from which shocks depart. Made by `calibrate`.

    Parameters
    ----------
    base
        Arrays of the base.
    labels
        Names of the states, N of them.
    deficits
        Closure: ``"additive"``, ``"proportional"`` or ``"zero"``.
    repairs
        What was changed in the data to make them an equilibrium, one sentence each.
    """

    base: Base = field(repr=False)
    labels: Labels
    deficits: str
    repairs: tuple[str, ...] = ()

    @property
    def elasticity(self) -> float:
        """Trade elasticity theta."""
        return self.base.theta

    @cached_property
    def flows(self) -> Matrix:
        """Tariff-exclusive flows of the base ``[importer, exporter]``, currency of the base year."""
        return Matrix(self.base.flows, self.labels, "trade")

    @cached_property
    def tariffs(self) -> Matrix:
        """Ad valorem tariffs of the base ``[importer, exporter]``, fractions."""
        return Matrix(_levels(self.base.tariffs, self.base.flows), self.labels, "tariffs")

    @cached_property
    def output(self) -> Vector:
        """Nominal output Y, equal to nominal income, currency of the base year."""
        return Vector(self.base.output, self.labels, "output")

    @cached_property
    def deficit(self) -> Vector:
        """Trade deficit D, spending net of tariffs less output, currency of the base year."""
        balanced = self.deficits == "zero"
        return Vector(np.zeros(len(self.labels)) if balanced else self.base.deficit, self.labels, "deficit")

    @cached_property
    def domestic_shares(self) -> Vector:
        """Share of expenditure on domestic goods, lambda, tariffs included."""
        gross = self.base.gross
        return Vector(gross.diagonal() / gross.sum(axis=1), self.labels, "domestic_share")

    @cached_property
    def _base_inverse(self) -> FloatArray | None:
        world = build(self.base, None)
        point = world.evaluate(np.zeros(len(self.labels)))
        if point is None:
            return None
        try:
            return np.linalg.inv(world.jacobian(point))
        except np.linalg.LinAlgError:
            return None

    @cached_property
    def inputs_hash(self) -> str:
        """SHA-256 of flows, tariffs, elasticity, closure and labels."""
        words = repr((self.labels, self.deficits, self.elasticity)).encode()
        return fingerprint(words + self.base.flows.tobytes() + self.tariffs.values.tobytes())

    def resolve(self, shock: Shock) -> Change:
        """Check a shock against this economy and take logs.

        Parameters
        ----------
        shock
            The shock.

        Returns
        -------
        Change

        Raises
        ------
        DostastyqError
            ``EQ001``-``EQ007``, ``EQ014``, ``EQ020``-``EQ023``.
        """
        from dostastyq.equilibrium.calibrate import check_tariffs

        log_cost = tariffs = productivity = labour = None
        if shock.trade_cost is not None:
            ratio = pairwise(shock.trade_cost, "trade_cost", self.labels, None)
            if not ratio.min() > 0:
                importer, exporter = (int(index) for index in np.argwhere(~(ratio > 0))[0])
                raise DostastyqError(
                    "EQ023",
                    f"the trade cost ratio of {pair_name(self.labels, importer, exporter)} is {ratio[importer, exporter]};"
                    " expected a ratio new/old above 0",
                    "no change is 1, twice the iceberg factor is 2, a closed border is infinity",
                )
            log_cost = np.log(ratio, out=ratio)
        if shock.tariffs is not None:
            tariffs = pairwise(shock.tariffs, "tariffs", self.labels, self.tariffs.values)
            check_tariffs(tariffs, self.labels)
        if shock.productivity is not None:
            productivity = np.log(by_state(shock.productivity, "productivity", self.labels))
        if shock.labour is not None:
            labour = np.log(by_state(shock.labour, "labour", self.labels))
        return Change(log_cost, tariffs, productivity, labour)

    def solve(self, shock: Shock | None = None, *, tolerance: float = 1e-10, method: str = "auto") -> "Equilibrium":
        """Solve for the equilibrium after a shock.

        Parameters
        ----------
        shock
            What changes; None for nothing.
        tolerance
            Largest admissible residual of any equation, relative.
        method
            ``"auto"`` (Newton up to 100 states, Anderson above), ``"newton"`` or ``"anderson"``; the others are tried when the
            first fails.

        Returns
        -------
        Equilibrium
            With ``certificate.converged`` True.

        Raises
        ------
        DostastyqError
            ``EQ016`` unknown method or tolerance; ``EQ030``-``EQ033`` when there is no equilibrium or none was found; and the
            codes of `resolve`.

        Examples
        --------
        >>> from dostastyq.equilibrium import calibrate
        >>> economy = calibrate([[90.0, 10.0], [10.0, 40.0]], labels=["RUS", "KAZ"])
        >>> round(economy.solve(Shock(trade_cost=float("inf"))).welfare["KAZ"], 3)
        -5.426
        """
        if method not in METHODS:
            raise DostastyqError("EQ016", f"there is no method {method!r}", nearest(str(method), METHODS))
        if not 0 < tolerance < 1:
            raise DostastyqError(
                "EQ016", f"the tolerance is {tolerance}; expected a number between 0 and 1", "1e-10 is usual"
            )
        change = self.resolve(shock if shock is not None else Shock())
        return self._solve(change, tolerance, method)

    def _solve(self, change: Change, tolerance: float, method: str) -> "Equilibrium":
        many = len(self.labels) > NEWTON_UP_TO
        inverse = self._base_inverse if method == "anderson" or (many and method == "auto") else None
        factor = change.log_factor(self.base)
        world, point, iterations, name = solve_world(self.base, factor, self.labels, tolerance / 4, method, inverse)
        solution = self._read(world, point, change)
        certificate = certify(self.base, change, solution, iterations, name, tolerance)
        if not certificate.converged:
            worst = max(certificate.residuals, key=lambda key: certificate.residuals[key])
            raise DostastyqError(
                "EQ033",
                f"the solution does not satisfy the model: the {worst.replace('_', ' ')} equation misses by"
                f" {certificate.residual:.3g}; expected at most {tolerance:.3g}",
                "ask for a tolerance above rounding, 1e-10 is usual",
            )
        return Equilibrium(self, change, certificate, solution, point)

    def _read(self, world: World, point: Point, change: Change) -> Solution:
        base = self.base
        flows = world.flows(point)
        tariffs = base.tariffs if change.tariffs is None else change.tariffs
        factor = np.ones_like(point.income) if tariffs is None else mean_tariff_factor(flows, tariffs, point.spending)
        log_factor = np.log(factor / base.tariff_factor)
        log_access = np.log(point.access / base.spending) + world.log_scale
        log_price = -(log_access + log_factor) / base.theta
        shift = change.shift()
        return Solution(
            world=world,
            log_income=point.log_income,
            income=point.income,
            spending=point.spending,
            flows=flows,
            tariffs=tariffs,
            tariff_factor=factor,
            log_price=log_price,
            log_cost=point.log_income if shift is None else point.log_income - shift,
            log_welfare=np.log(point.spending / base.spending) + log_factor - log_price,
        )

    def solve_many(self, shocks: Iterable[Shock], *, tolerance: float = 1e-10) -> tuple["Equilibrium", ...]:
        """Solve one counterfactual after another.

        Parameters
        ----------
        shocks
            Shocks, each from the same base.
        tolerance
            As in `solve`.

        Returns
        -------
        tuple of Equilibrium
            In the order of `shocks`.

        Raises
        ------
        DostastyqError
            As `solve`; the first that fails stops the run.
        """
        return tuple(self.solve(shock, tolerance=tolerance) for shock in shocks)

    def to_frame(self) -> "pl.DataFrame":
        """Give a polars frame: state, output, expenditure, deficit, domestic share."""
        import polars as pl

        return pl.DataFrame(
            {
                "state": list(self.labels),
                "output": self.base.output,
                "expenditure": self.base.spending * self.base.tariff_factor,
                "deficit": self.base.deficit,
                "domestic_share": self.domestic_shares.values,
            }
        )

    def summary(self) -> str:
        """Say in a few lines what economy this is."""
        lines = [
            f"economy of {len(self.labels)} states, one sector, trade elasticity {self.elasticity:g}, {self.deficits} deficits",
            f"output {self.base.output.sum():.6g}, trade {self.base.flows.sum() - self.base.flows.trace():.6g},"
            f" mean tariff revenue {100 * (1 - 1 / self.base.tariff_factor).mean():.3g} % of expenditure",
        ]
        return "\n".join([*lines, *self.repairs])


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

    economy: Economy
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
        return Matrix(_levels(self.solution.tariffs, self.solution.flows), self.economy.labels, "tariffs")

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
        return np.divide(
            100 * (new.sum(axis=axis) - before), before, out=np.full(len(before), np.nan), where=before > 0
        )

    def derivative(
        self, trade_cost: object = None, *, tariffs: object = None, productivity: object = None, labour: object = None
    ) -> FloatArray:
        """Derivative of log real income at this equilibrium, by the implicit function theorem.

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
            ``EQ001`` on shapes that do not fit, ``EQ024`` when no direction is given, ``EQ034`` when the Jacobian is singular.

        Examples
        --------
        >>> from dostastyq.equilibrium import calibrate
        >>> economy = calibrate([[90.0, 10.0], [10.0, 90.0]])
        >>> economy.solve().derivative(np.array([[0.0, 1.0], [1.0, 0.0]])).round(6)
        array([[-0.1, -0.1]])
        """
        directions = Directions.of(len(self.economy.labels), trade_cost, tariffs, productivity, labour)
        _, expenditure, price = tangent(self.economy.base.theta, self.solution, self.point, directions)
        return expenditure - price

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
            ``EQ025`` when the covariance does not fit, is not symmetric or not positive semi-definite; codes of `derivative`.

        Notes
        -----
        With g the derivative and V the covariance, the standard error of ln W is the root of g'Vg; bounds are
        100 (W exp(±z s) - 1), so that real income never turns negative, and the standard error in per cent is 100 W s.
        """
        slopes = self.derivative(trade_cost, tariffs=tariffs, productivity=productivity, labour=labour)
        return make_interval(self.solution.log_welfare, slopes, covariance, level, self.economy.labels)

    @cached_property
    def provenance(self) -> Provenance:
        """What this result was made from."""
        from dostastyq import __version__

        parts = (self.change.log_cost, self.change.tariffs, self.change.log_productivity, self.change.log_labour)
        content = b"|".join(b"" if part is None else part.tobytes() for part in parts)
        inputs = (("economy", self.economy.inputs_hash), ("shock", fingerprint(content)))
        return Provenance(f"dostastyq {__version__} equilibrium", inputs, repairs=self.economy.repairs)

    def to_frame(self) -> "pl.DataFrame":
        """Give a polars frame, one row a state: welfare, real wage, price, wage, trade, expenditure, revenue."""
        import polars as pl

        columns = (
            self.welfare, self.real_wage, self.exports_percent, self.imports_percent, self.prices, self.wages,
            self.output, self.expenditure, self.tariff_revenue,
        )  # fmt: skip
        return pl.DataFrame({"state": list(self.economy.labels)} | {column.name: column.values for column in columns})

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


def _levels(tariffs: FloatArray | None, like: FloatArray) -> FloatArray:
    return np.zeros_like(like) if tariffs is None else tariffs
