"""The nouns that go in: an economy and a shock to it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from dostastyq.equilibrium.checks import check_tolerance
from dostastyq.equilibrium.labels import FloatArray, Labels, Vector, type_label
from dostastyq.equilibrium.results import Equilibrium
from dostastyq.errors import DostastyqError, nearest

if TYPE_CHECKING:
    import polars as pl

    from dostastyq.equilibrium.batch_read import BatchSolver
    from dostastyq.equilibrium.batch_results import Equilibria
    from dostastyq.parallel import Cache, Progress


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
    export_taxes
        New ad valorem levels as fractions of the producer's price, levied by the exporter, in the forms of `tariffs`;
        needs an economy with sectors.
    deficits
        New trade deficits in currency of the base year and units of the numeraire, in the forms of `labour`; they must
        sum to zero. A number is the factor on every deficit of the base: 0 balances all trade.

    Notes
    -----
    With sectors, pairs may be given by sector, ``[sector, importer, exporter]`` or with a frame column ``sector``, and
    productivity as ``[sector, state]``; what names no sector holds for all.

    Examples
    --------
    >>> Shock(trade_cost=1.1).tariffs is None
    True
    """

    trade_cost: Any = None
    tariffs: Any = None
    productivity: Any = None
    labour: Any = None
    export_taxes: Any = None
    deficits: Any = None


def check_shock(shock: object) -> Shock:
    """Give a shock back, and refuse anything else.

    Raises
    ------
    DostastyqError
        ``EQ002``.
    """
    if not isinstance(shock, Shock):
        raise DostastyqError(
            "EQ002",
            f"a shock is a {type(shock).__name__}; expected a Shock",
            "Shock(tariffs=...), Shock(trade_cost=...)",
        )
    return shock


class Economy(ABC):
    """A calibrated world: an exact equilibrium from which shocks depart. Made by `calibrate` or `from_shares`.

    One sector without inputs is solved in N unknowns (`one_economy`), several sectors with input-output links by sweeps
    over all equations (`sectors.economy`); both answer to the same calls and agree where both apply.

    Attributes
    ----------
    labels : tuple
        Names of the states, N of them.
    deficits : str
        Closure: ``"additive"``, ``"proportional"``, ``"zero"`` or ``"phase-out"``.
    repairs : tuple of str
        What was changed in the data to make them an equilibrium, one sentence each.
    """

    METHODS: ClassVar[tuple[str, ...]]

    labels: Labels
    deficits: str
    repairs: tuple[str, ...]
    base: Any

    @property
    @abstractmethod
    def elasticity(self) -> Any:  # noqa: ANN401 -- a number, or an array with sectors
        """Trade elasticity theta."""

    @property
    @abstractmethod
    def flows(self) -> Any:  # noqa: ANN401 -- a matrix, or a cube with sectors
        """Tariff-exclusive flows of the base, currency of the base year."""

    @property
    @abstractmethod
    def tariffs(self) -> Any:  # noqa: ANN401 -- a matrix, or a cube with sectors
        """Ad valorem tariffs of the base, fractions."""

    @property
    @abstractmethod
    def output(self) -> Vector:
        """Nominal gross output, currency of the base year."""

    @property
    @abstractmethod
    def expenditure(self) -> Vector:
        """Final expenditure, tariffs included, currency of the base year."""

    @property
    @abstractmethod
    def deficit(self) -> Vector:
        """Trade deficit D, currency of the base year."""

    @property
    @abstractmethod
    def inputs_hash(self) -> str:
        """SHA-256 of everything the economy was made from."""

    @staticmethod
    def from_shares(  # noqa: PLR0917 -- the stable public signature
        trade_shares: object,
        expenditure: object,
        tariffs: object,
        elasticity: object,
        value_added_share: object,
        input_shares: object,
        final_shares: object,
        deficits: object = "additive",
        *,
        labels: Sequence[type_label] | None = None,
        sectors: Sequence[type_label] | None = None,
        export_taxes: object = None,
        remaining: float = 0.0,
    ) -> "Economy":
        """Make an economy with sectors from shares, as published data sets give them.

        Parameters
        ----------
        trade_shares
            Shares of expenditure, tariffs included, ``[sector, importer, exporter]``, shape (J, N, N).
        expenditure
            Expenditure on each good, final and intermediate, tariffs included, shape (J, N), currency of the base year.
        tariffs
            Ad valorem tariffs as fractions, shape (J, N, N) or (N, N), a number for every foreign pair, or None.
        elasticity
            Trade elasticities theta > 0: shape (J,), a number, or a mapping by sector.
        value_added_share
            Share of value added in output, shape (J, N) or a number.
        input_shares
            Input k per unit of output j, ``[state, input, using sector]``, shape (N, J, J); None for none.
        final_shares
            Shares of final expenditure, shape (J, N); None derives them from the accounts.
        deficits
            Closure, see `calibrate`; or deficits in currency, shape (N,), to which the base is re-solved and which
            stay.
        labels, sectors
            Names of states and sectors; integers from zero otherwise.
        export_taxes
            Ad valorem export taxes of the base, in the forms of `tariffs`.
        remaining
            Under ``"phase-out"`` the part of each deficit that is left after a shock.

        Returns
        -------
        Economy
            With every repair, and its size, in ``repairs``.

        Raises
        ------
        DostastyqError
            ``EQ001``-``EQ015``, ``EQ040``-``EQ047``: see ``docs/reference/equilibrium.md``.

        Notes
        -----
        Output is what the shares make of expenditure, value added is gamma times output, deficits are imports less
        exports. Where these miss an equilibrium the model itself is solved without a shock, and its solution is the
        base.

        References
        ----------
        Caliendo and Parro (2015), Review of Economic Studies 82(1), section 3.

        Examples
        --------
        >>> import numpy as np
        >>> shares = np.array([[[0.8, 0.2], [0.2, 0.8]]] * 2)
        >>> economy = Economy.from_shares(
        ...     shares, np.full((2, 2), 100.0), 0.1, [4.0, 6.0], 0.5, np.full((2, 2, 2), 0.25), np.full((2, 2), 0.5),
        ...     labels=["KAZ", "RUS"], sectors=["grain", "steel"],
        ... )
        >>> economy.solve(Shock(tariffs=0.0)).welfare.values.round(3)
        array([0.979, 0.979])
        """
        from dostastyq.equilibrium.sectors.calibrate import from_shares  # noqa: PLC0415 -- it makes economies

        return from_shares(
            trade_shares, expenditure, tariffs, elasticity, value_added_share, input_shares, final_shares, deficits,
            labels=labels, sectors=sectors, export_taxes=export_taxes, remaining=remaining,
        )  # fmt: skip

    @abstractmethod
    def resolve(self, shock: Shock) -> Any:  # noqa: ANN401 -- each solver has its own arrays
        """Check a shock against this economy and take logs; see the two implementations."""

    @abstractmethod
    def solve_change(self, change: Any, *, tolerance: float, method: str = "auto") -> Equilibrium:  # noqa: ANN401
        """Solve a shock that is already in logs; see `solve`."""

    @abstractmethod
    def rebuild(
        self,
        change: Any,  # noqa: ANN401
        solved: FloatArray,
        *,
        iterations: int,
        method: str,
        tolerance: float,
    ) -> Equilibrium:
        """Build the equilibrium of what was solved before, with a new certificate."""

    @abstractmethod
    def batch(self) -> "BatchSolver":
        """Solver of a chunk of shocks, and how many make a chunk."""

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Shape of what is given by pairs."""

    @abstractmethod
    def to_frame(self) -> "pl.DataFrame":
        """Give a polars frame, one row a state."""

    @abstractmethod
    def summary(self) -> str:
        """Say in a few lines what economy this is."""

    def solve(self, shock: Shock | None = None, *, tolerance: float = 1e-10, method: str = "auto") -> Equilibrium:
        """Solve for the equilibrium after a shock.

        Parameters
        ----------
        shock
            What changes; None for nothing.
        tolerance
            Largest admissible residual of any equation, relative.
        method
            One sector: ``"auto"`` (Newton up to 100 states, Anderson above), ``"newton"`` or ``"anderson"``; the others
            are tried when the first fails. Sectors: ``"auto"`` (compiled sweeps), ``"compiled"`` or ``"numpy"``.

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
        if method not in self.METHODS:
            raise DostastyqError("EQ016", f"there is no method {method!r}", nearest(str(method), self.METHODS))
        check_tolerance(tolerance)
        change = self.resolve(check_shock(shock) if shock is not None else Shock())
        return self.solve_change(change, tolerance=tolerance, method=method)

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
            Called as ``progress("shocks", done, total)`` after each chunk; `total` is None for a generator.
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
