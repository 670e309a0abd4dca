"""An economy with one sector: N log incomes solve it."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dostastyq.equilibrium.certificate import Solution, certify
from dostastyq.equilibrium.checks import check_ratio, check_tariffs
from dostastyq.equilibrium.inputs import by_state, new_deficits, pairwise
from dostastyq.equilibrium.labels import FloatArray, Labels, Matrix, Vector, frame
from dostastyq.equilibrium.model import Economy, Shock
from dostastyq.equilibrium.one_results import OneSectorEquilibrium, tariff_levels
from dostastyq.equilibrium.one_sector import Base, Change, Point, World, build, mean_tariff_factor
from dostastyq.equilibrium.solve import NEWTON_UP_TO, solve_world
from dostastyq.errors import DostastyqError
from dostastyq.provenance import fingerprint

if TYPE_CHECKING:
    import polars as pl

    from dostastyq.equilibrium.batch_read import BatchSolver


@dataclass(frozen=True, eq=False)
class OneSectorEconomy(Economy):
    """A calibrated world with one sector and no inputs; see `Economy`. Made by `calibrate`.

    Parameters
    ----------
    base
        Arrays of the base.
    labels
        Names of the states, N of them.
    deficits
        Closure: ``"additive"``, ``"proportional"``, ``"zero"`` or ``"phase-out"``.
    repairs
        What was changed in the data to make them an equilibrium, one sentence each.
    remaining
        Under ``"phase-out"`` the part of each deficit that is left after a shock.
    """

    METHODS = ("auto", "newton", "anderson")

    base: Base = field(repr=False)
    labels: Labels
    deficits: str
    repairs: tuple[str, ...] = ()
    remaining: float = 0.0

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
        return Matrix(tariff_levels(self.base.tariffs, self.base.flows), self.labels, "tariffs")

    @cached_property
    def output(self) -> Vector:
        """Nominal output Y, equal to nominal income, currency of the base year."""
        return Vector(self.base.output, self.labels, "output")

    @cached_property
    def expenditure(self) -> Vector:
        """Nominal expenditure E, tariffs included, currency of the base year."""
        return Vector(self.base.spending * self.base.tariff_factor, self.labels, "expenditure")

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
    def base_inverse(self) -> FloatArray | None:
        """Inverse of the Jacobian at the base, shape (N, N); None where it has none."""
        world = build(self.base, None)
        point = world.evaluate(np.zeros(len(self.labels)))
        if point is None:
            return None
        try:
            return np.asarray(np.linalg.inv(world.jacobian(point)), dtype=np.float64)
        except np.linalg.LinAlgError:
            return None

    @cached_property
    def inputs_hash(self) -> str:
        """SHA-256 of flows, tariffs, elasticity, closure and labels."""
        words = repr((self.labels, self.deficits, self.elasticity)).encode()
        if self.deficits == "phase-out":
            words += repr(self.remaining).encode()
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
            ``EQ001``-``EQ007``, ``EQ014``, ``EQ020``-``EQ023``, ``EQ044``, ``EQ048``.
        """
        if shock.export_taxes is not None:
            raise DostastyqError(
                "EQ048",
                "the shock has export taxes, which the economy with one sector does not solve",
                "solve economy.with_sectors(), the same world as an economy with sectors",
            )
        log_cost = tariffs = productivity = labour = None
        if shock.trade_cost is not None:
            ratio = pairwise(shock.trade_cost, "trade_cost", self.labels, None)
            check_ratio(ratio, self.labels)
            log_cost = np.log(ratio, out=ratio)
        if shock.tariffs is not None:
            tariffs = pairwise(shock.tariffs, "tariffs", self.labels, self.tariffs.values)
            check_tariffs(tariffs, self.labels)
        if shock.productivity is not None:
            productivity = np.log(by_state(shock.productivity, "productivity", self.labels))
        if shock.labour is not None:
            labour = np.log(by_state(shock.labour, "labour", self.labels))
        deficit = new_deficits(shock.deficits, self.base.deficit, self.base.output, self.labels, self.deficits)
        if deficit is None and self.deficits == "phase-out":
            deficit = self.remaining * self.base.deficit
        return Change(log_cost, tariffs, productivity, labour, deficit)

    def solve_change(self, change: Change, *, tolerance: float, method: str = "auto") -> OneSectorEquilibrium:
        """Solve a shock that is already in logs; see `solve`."""
        many = len(self.labels) > NEWTON_UP_TO
        inverse = self.base_inverse if method == "anderson" or (many and method == "auto") else None
        factor = change.log_factor(self.base)
        world, point, iterations, name = solve_world(
            self.base,
            factor,
            self.labels,
            tolerance=tolerance / 4,
            method=method,
            inverse=inverse,
            deficit=change.deficit,
        )
        return self._certified(world, point, change, iterations=iterations, method=name, tolerance=tolerance)

    def rebuild(
        self, change: Change, log_income: FloatArray, *, iterations: int, method: str, tolerance: float
    ) -> OneSectorEquilibrium:
        """Equilibrium at log incomes that were solved before, with a new certificate.

        Parameters
        ----------
        change
            The shock in logs.
        log_income
            Logs of the changes of nominal income, shape (N,).
        iterations, method, tolerance
            Record of the solver.

        Raises
        ------
        DostastyqError
            ``EQ033`` when they do not solve the model.
        """
        with np.errstate(all="ignore"):
            world = build(self.base, change.log_factor(self.base), change.deficit)
            point = world.evaluate(log_income)
        if point is None:
            raise DostastyqError("EQ033", "the incomes do not solve the model: it is not defined there", "solve again")
        return self._certified(world, point, change, iterations=iterations, method=method, tolerance=tolerance)

    def _certified(
        self, world: World, point: Point, change: Change, *, iterations: int, method: str, tolerance: float
    ) -> OneSectorEquilibrium:
        solution = self._read(world, point, change)
        certificate = certify(self.base, change, solution, iterations=iterations, method=method, tolerance=tolerance)
        if not certificate.converged:
            worst = max(certificate.residuals, key=lambda key: certificate.residuals[key])
            raise DostastyqError(
                "EQ033",
                f"the solution does not satisfy the model: the {worst.replace('_', ' ')} equation misses by"
                f" {certificate.residual:.3g}; expected at most {tolerance:.3g}",
                "ask for a tolerance above rounding, 1e-10 is usual",
            )
        return OneSectorEquilibrium(self, change, certificate, solution, point)

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

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of what is given by pairs, (N, N)."""
        return self.base.flows.shape

    def batch(self) -> "BatchSolver":
        """Solver of a chunk of shocks, and how many make a chunk."""
        from dostastyq.equilibrium.batch import CHUNK, solve_chunk  # noqa: PLC0415 -- one solve needs none of it

        return solve_chunk, CHUNK

    def with_sectors(self) -> Economy:
        """Give the same world as an economy with sectors: its flows have a sector axis of length one."""
        from dostastyq.equilibrium.sectors.calibrate import from_one_sector  # noqa: PLC0415 -- it makes economies

        return from_one_sector(self)

    def to_frame(self) -> "pl.DataFrame":
        """Give a polars frame: state, output, expenditure, deficit, domestic share."""
        return frame(
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
        base = self.base
        trade = base.flows.sum() - base.flows.trace()
        lines = [
            f"{len(self.labels)} states, one sector, elasticity {self.elasticity:g}, {self.deficits} deficits",
            f"output {base.output.sum():.6g}, trade {trade:.6g}",
        ]
        return "\n".join([*lines, *self.repairs])
