"""The nouns that go in: an economy and a shock to it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dostastyq.equilibrium.certificate import Solution, certify
from dostastyq.equilibrium.inputs import by_state, check_tariffs, check_tolerance, pair_name, pairwise
from dostastyq.equilibrium.labels import FloatArray, Labels, Matrix, Vector, frame
from dostastyq.equilibrium.one_sector import Base, Change, Point, World, build, mean_tariff_factor
from dostastyq.equilibrium.results import Equilibrium, tariff_levels
from dostastyq.equilibrium.solve import NEWTON_UP_TO, solve_world
from dostastyq.errors import DostastyqError, nearest
from dostastyq.provenance import fingerprint

if TYPE_CHECKING:
    import polars as pl

    from dostastyq.equilibrium.batch_results import Equilibria
    from dostastyq.parallel import Cache, Progress

METHODS = ("auto", "newton", "anderson")


@dataclass(frozen=True, slots=True, eq=False)
class Shock:
    """What changes in the world; what is None stays.

    Parameters
    ----------
    trade_cost
        Ratios new/old of the iceberg factor, above 0; infinity closes a link. A number for every foreign pair, an array
        ``[importer, exporter]``, a labelled `Matrix`, or a long frame ``exporter, importer, trade_cost`` in which
        pairs that are not named stay at 1.
    tariffs
        New ad valorem levels as fractions, in the same forms (frame column ``tariffs``; pairs that are not named keep
        their base tariff).
    productivity
        Ratios new/old of productivity: a number for all, an array of shape (N,), a labelled `Vector`, or a frame
        ``state, productivity`` in which states that are not named stay at 1.
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
        return Matrix(tariff_levels(self.base.tariffs, self.base.flows), self.labels, "tariffs")

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
        log_cost = tariffs = productivity = labour = None
        if shock.trade_cost is not None:
            ratio = pairwise(shock.trade_cost, "trade_cost", self.labels, None)
            if not ratio.min() > 0:
                importer, exporter = (int(index) for index in np.argwhere(~(ratio > 0))[0])
                raise DostastyqError(
                    "EQ023",
                    f"the trade cost ratio of {pair_name(self.labels, importer, exporter)} is"
                    f" {ratio[importer, exporter]}; expected a ratio new/old above 0",
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

    def solve(self, shock: Shock | None = None, *, tolerance: float = 1e-10, method: str = "auto") -> Equilibrium:
        """Solve for the equilibrium after a shock.

        Parameters
        ----------
        shock
            What changes; None for nothing.
        tolerance
            Largest admissible residual of any equation, relative.
        method
            ``"auto"`` (Newton up to 100 states, Anderson above), ``"newton"`` or ``"anderson"``; the others are tried
            when the first fails.

        Returns
        -------
        Equilibrium
            With ``certificate.converged`` True.

        Raises
        ------
        DostastyqError
            ``EQ016`` unknown method or tolerance; ``EQ030``-``EQ033`` when there is no equilibrium or none was found;
            and the codes of `resolve`.

        Examples
        --------
        >>> from dostastyq.equilibrium import calibrate
        >>> economy = calibrate([[90.0, 10.0], [10.0, 40.0]], labels=["RUS", "KAZ"])
        >>> round(economy.solve(Shock(trade_cost=float("inf"))).welfare["KAZ"], 3)
        -5.426
        """
        if method not in METHODS:
            raise DostastyqError("EQ016", f"there is no method {method!r}", nearest(str(method), METHODS))
        check_tolerance(tolerance)
        change = self.resolve(shock if shock is not None else Shock())
        return self.solve_change(change, tolerance=tolerance, method=method)

    def solve_change(self, change: Change, *, tolerance: float, method: str = "auto") -> Equilibrium:
        """Solve a shock that is already in logs; see `solve`."""
        many = len(self.labels) > NEWTON_UP_TO
        inverse = self.base_inverse if method == "anderson" or (many and method == "auto") else None
        factor = change.log_factor(self.base)
        world, point, iterations, name = solve_world(
            self.base, factor, self.labels, tolerance=tolerance / 4, method=method, inverse=inverse
        )
        return self._certified(world, point, change, iterations=iterations, method=name, tolerance=tolerance)

    def rebuild(
        self, change: Change, log_income: FloatArray, *, iterations: int, method: str, tolerance: float
    ) -> Equilibrium:
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
            world = build(self.base, change.log_factor(self.base))
            point = world.evaluate(log_income)
        if point is None:
            raise DostastyqError("EQ033", "the incomes do not solve the model: it is not defined there", "solve again")
        return self._certified(world, point, change, iterations=iterations, method=method, tolerance=tolerance)

    def _certified(
        self, world: World, point: Point, change: Change, *, iterations: int, method: str, tolerance: float
    ) -> Equilibrium:
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

    def solve_many(
        self,
        shocks: Iterable[Shock],
        *,
        tolerance: float = 1e-10,
        workers: int = 1,
        progress: "Progress | None" = None,
        cache: "Cache | None" = None,
    ) -> "Equilibria":
        """Solve many shocks, each from the same base, together.

        Shocks that touch a few states only, given as `Block` or not, share the rest of the world. Every scenario is
        certified; those that the batch does not bring to the tolerance go to the solver of one.

        Parameters
        ----------
        shocks
            Any number; a generator is read chunk by chunk.
        tolerance
            As in `solve`.
        workers
            Processes, see `dostastyq.parallel.run`.
        progress
            Called as ``progress("chunks", done, total)`` after each chunk of up to 512 shocks.
        cache
            Keeps solved chunks on disk, so that a run that was killed goes on.

        Returns
        -------
        Equilibria
            In the order of `shocks`.

        Raises
        ------
        DostastyqError
            As `solve`, with the place of the shock, counted from 0, in the message; the first that fails stops the run.

        Examples
        --------
        >>> from dostastyq.equilibrium import Block, calibrate
        >>> economy = calibrate([[90.0, 5.0, 5.0], [5.0, 90.0, 5.0], [5.0, 5.0, 90.0]], labels=["ARM", "GEO", "KAZ"])
        >>> pairs = [["ARM", "GEO"], ["GEO", "KAZ"]]
        >>> economy.solve_many(Shock(Block(0.9, pair)) for pair in pairs).welfare.round(3)
        array([[ 0.664,  0.664, -0.031],
               [-0.031,  0.664,  0.664]])
        """
        from dostastyq.equilibrium.batch_results import solve_many  # noqa: PLC0415 -- one solve needs none of it

        return solve_many(self, shocks, tolerance=tolerance, workers=workers, progress=progress, cache=cache)

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
