"""An economy with sectors: shocks are resolved, solved by sweeps, and certified."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dostastyq.equilibrium.certificate import Certificate
from dostastyq.equilibrium.checks import check_ratio, check_tariffs
from dostastyq.equilibrium.inputs import by_state, new_deficits
from dostastyq.equilibrium.labels import Cube, FloatArray, Labels, Table, Vector, frame
from dostastyq.equilibrium.model import Economy, Shock
from dostastyq.equilibrium.sectors.anderson import Attempt, residual_of
from dostastyq.equilibrium.sectors.base import Base
from dostastyq.equilibrium.sectors.certificate import certify, read
from dostastyq.equilibrium.sectors.inputs import by_sector_and_state, cube
from dostastyq.equilibrium.sectors.results import SectorEquilibrium
from dostastyq.equilibrium.sectors.solve import solve_change
from dostastyq.equilibrium.sectors.sweep import State, compiled, sweep
from dostastyq.equilibrium.sectors.system import Change, apply
from dostastyq.errors import DostastyqError
from dostastyq.provenance import fingerprint

if TYPE_CHECKING:
    import polars as pl

    from dostastyq.equilibrium.batch_read import BatchSolver

CLOSURES = ("additive", "proportional", "zero", "phase-out")
_TIGHTER = (4.0, 100.0, 2500.0)


@dataclass(frozen=True, eq=False)
class SectorEconomy(Economy):
    """A calibrated world with sectors; see `Economy`. Made by `calibrate` or `Economy.from_shares`.

    Parameters
    ----------
    base
        Arrays of the base.
    labels, sectors
        Names of the N states and of the J sectors.
    deficits
        Closure: ``"additive"``, ``"proportional"``, ``"zero"`` or ``"phase-out"``.
    repairs
        What was changed in the data to make them an equilibrium, one sentence each, with its size.
    remaining
        Under ``"phase-out"`` the part of each deficit that is left after a shock.
    """

    METHODS = ("auto", "compiled", "numpy")

    base: Base = field(repr=False)
    labels: Labels
    sectors: Labels
    deficits: str
    repairs: tuple[str, ...] = ()
    remaining: float = 0.0

    @property
    def elasticity(self) -> FloatArray:
        """Trade elasticities theta, shape (J,)."""
        return self.base.theta

    @cached_property
    def flows(self) -> Cube:
        """Tariff-exclusive flows of the base ``[sector, importer, exporter]``, currency of the base year."""
        return Cube(self.base.flows, self.sectors, self.labels, "trade")

    @cached_property
    def tariffs(self) -> Cube:
        """Ad valorem tariffs of the base ``[sector, importer, exporter]``, fractions."""
        return Cube(_full(self.base.tariffs, self.base.shares), self.sectors, self.labels, "tariffs")

    @cached_property
    def export_taxes(self) -> Cube:
        """Ad valorem export taxes of the base ``[sector, importer, exporter]``, fractions."""
        return Cube(_full(self.base.export_taxes, self.base.shares), self.sectors, self.labels, "export_taxes")

    @cached_property
    def output(self) -> Vector:
        """Nominal gross output, currency of the base year."""
        return Vector(self.base.output.sum(axis=0), self.labels, "output")

    @cached_property
    def sector_output(self) -> Table:
        """Nominal gross output ``[sector, state]``, currency of the base year."""
        return Table(np.array(self.base.output), self.sectors, self.labels, "output")

    @cached_property
    def value_added(self) -> Vector:
        """Nominal value added V, currency of the base year."""
        return Vector(np.array(self.base.income), self.labels, "value_added")

    @cached_property
    def expenditure(self) -> Vector:
        """Final expenditure I = V + R + D, currency of the base year."""
        return Vector(np.array(self.base.final_income), self.labels, "expenditure")

    @cached_property
    def deficit(self) -> Vector:
        """Trade deficit D, imports less exports at the border, currency of the base year."""
        return Vector(np.array(self.base.deficit), self.labels, "deficit")

    @cached_property
    def domestic_shares(self) -> Table:
        """Share of expenditure on domestic goods ``[sector, state]``, tariffs included."""
        own = np.einsum("jnn->jn", self.base.shares).copy()
        return Table(own, self.sectors, self.labels, "domestic_share")

    @cached_property
    def inputs_hash(self) -> str:
        """SHA-256 of every array of the base, closure and labels."""
        base = self.base
        words = repr((self.labels, self.sectors, self.deficits, self.remaining)).encode()
        arrays = (
            base.shares, base.tariffs, base.export_taxes, base.theta, base.value_added, base.inputs, base.final_shares,
            base.expenditure,
        )  # fmt: skip
        return fingerprint(b"|".join([words, *(b"" if part is None else part.tobytes() for part in arrays)]))

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
            ``EQ001``-``EQ007``, ``EQ014``, ``EQ020``-``EQ023``, ``EQ044``, ``EQ046``.
        """
        names = self.sectors, self.labels
        log_cost: FloatArray | None = None
        if shock.trade_cost is not None:
            ratio = cube(shock.trade_cost, "trade_cost", *names, np.ones_like(self.base.shares))
            check_ratio(ratio, self.labels)
            log_cost = np.log(ratio, out=ratio)
        levels: list[FloatArray | None] = [None, None]
        for place, (value, name, base) in enumerate(
            (
                (shock.tariffs, "tariffs", self.base.tariffs),
                (shock.export_taxes, "export_taxes", self.base.export_taxes),
            )
        ):
            if value is not None:
                level = cube(value, name, *names, _full(base, self.base.shares))
                check_tariffs(level, self.labels, name)
                levels[place] = level
        made = people = None
        if shock.productivity is not None:
            made = np.log(by_sector_and_state(shock.productivity, "productivity", *names))
        if shock.labour is not None:
            people = np.log(by_state(shock.labour, "labour", self.labels))
        deficit = new_deficits(shock.deficits, self.base.deficit, self.base.income, self.labels, self.deficits)
        if deficit is None and self.deficits == "phase-out":
            deficit = self.remaining * self.base.deficit
        return Change(log_cost, levels[0], levels[1], made, people, deficit)

    def solve_change(
        self, change: Change, *, tolerance: float, method: str = "auto", warm: State | None = None
    ) -> SectorEquilibrium:
        """Solve a shock that is already in logs; see `solve`.

        Parameters
        ----------
        change
            The shock.
        tolerance
            Largest admissible residual of any equation.
        method
            ``"auto"``, ``"compiled"`` or ``"numpy"``.
        warm
            A state near the solution, as `SectorEquilibrium.state` gives it.

        Returns
        -------
        SectorEquilibrium

        Raises
        ------
        DostastyqError
            ``EQ030``-``EQ033``, ``EQ035``.
        """
        sweeper = sweep if method == "numpy" else compiled
        taken = 0
        for tighter in _TIGHTER:
            attempt, name = solve_change(
                self.base, change, self.labels, self.sectors, proportional=self.deficits == "proportional",
                tolerance=tolerance / tighter, sweeper=sweeper, warm=warm,
            )  # fmt: skip
            taken += attempt.iterations
            with np.errstate(all="ignore"):
                solution = read(attempt, change)
                certificate = certify(solution, self.deficits, iterations=taken, method=name, tolerance=tolerance)
            if certificate.converged:
                return SectorEquilibrium(self, change, certificate, solution, attempt.state)
            warm = attempt.state
        raise _missed(certificate)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of what is given by pairs, (J, N, N)."""
        return self.base.shares.shape

    def rebuild(
        self, change: Change, solved: FloatArray, *, iterations: int, method: str, tolerance: float
    ) -> SectorEquilibrium:
        """Build the equilibrium of what was solved before, with a new certificate.

        Parameters
        ----------
        change
            The shock in logs.
        solved
            ln c, v and X' one after another, shape (2JN + N,).
        iterations, method, tolerance
            Record of the solver.

        Returns
        -------
        SectorEquilibrium

        Raises
        ------
        DostastyqError
            ``EQ033`` when they do not solve the model.
        """
        size, table = self.base.expenditure.size, self.base.expenditure.shape
        state = State(
            solved[:size].reshape(table), solved[size : size + table[1]], solved[size + table[1] :].reshape(table)
        )
        with np.errstate(all="ignore"):
            system = apply(self.base, change, proportional=self.deficits == "proportional")
            swept = sweep(system, state, 0.0)
            attempt = Attempt(system, state, swept, residual_of(state, swept), iterations, converged=True)
            solution = read(attempt, change)
            certificate = certify(solution, self.deficits, iterations=iterations, method=method, tolerance=tolerance)
        if not certificate.converged:
            raise _missed(certificate)
        return SectorEquilibrium(self, change, certificate, solution, state)

    def batch(self) -> "BatchSolver":
        """Solver of a chunk of shocks, and how many make a chunk."""
        from dostastyq.equilibrium.batch_sectors import CHUNK, solve_chunk  # noqa: PLC0415 -- one solve needs none

        _ = self.income_slope
        return solve_chunk, CHUNK

    @cached_property
    def income_slope(self) -> FloatArray:
        """Correction of incomes for excess demand that batches use, shape (N, N)."""
        from dostastyq.equilibrium.batch_slope import income_slope  # noqa: PLC0415

        return income_slope(self.base, proportional=self.deficits == "proportional")

    def to_frame(self) -> "pl.DataFrame":
        """Give a polars frame: state, value added, output, expenditure, final expenditure, deficit."""
        base = self.base
        return frame(
            {
                "state": list(self.labels),
                "value_added": base.income,
                "output": base.output.sum(axis=0),
                "expenditure": base.expenditure.sum(axis=0),
                "final_expenditure": base.final_income,
                "deficit": base.deficit,
            }
        )

    def summary(self) -> str:
        """Say in a few lines what economy this is."""
        base = self.base
        flows = self.flows.total().values
        trade = flows.sum() - flows.trace()
        low, high = base.theta.min(), base.theta.max()
        words = f"elasticity {low:g}" if low == high else f"elasticities {low:g} to {high:g}"
        lines = [
            f"{len(self.labels)} states, {len(self.sectors)} sectors, {words}, {self.deficits} deficits",
            f"value added {base.income.sum():.6g}, output {base.output.sum():.6g}, trade {trade:.6g}",
        ]
        return "\n".join([*lines, *self.repairs])


def _full(levels: FloatArray | None, like: FloatArray) -> FloatArray:
    return np.zeros_like(like) if levels is None else np.array(levels)


def _missed(certificate: Certificate) -> DostastyqError:
    worst = max(certificate.residuals, key=lambda key: certificate.residuals[key])
    return DostastyqError(
        "EQ033",
        f"the solution does not satisfy the model: the {worst.replace('_', ' ')} equation misses by"
        f" {certificate.residual:.3g}; expected at most {certificate.tolerance:.3g}",
        "ask for a tolerance above rounding, 1e-10 is usual",
    )
