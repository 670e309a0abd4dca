r"""What goes into the engine of gravity and what comes out: frozen records of arrays.

The engine knows neither states nor treaties nor formulas. A panel is a dense tensor, exporter i by importer j by year t
with years contiguous, and a mask says which cells are in the sample. The model is Poisson pseudo-maximum likelihood,

.. math:: E[y_{ijt}] = \exp(x_{ijt}'\beta + a_{it} + b_{jt} + c_{ij} + o_{ijt}),

with the effects that ``Problem.effects`` names:

================================ ======================================================== ========================
``effects``                      absorbed                                                 c
================================ ======================================================== ========================
``"three_way"``                  exporter-year, importer-year, directed pair              one a pair (i, j)
``"three_way_symmetric"``        the same, one effect for both directions                 one a pair {i, j}
``"two_way"``                    exporter-year and importer-year                          none
``"one_way"``                    exporter and importer, constant over years               none
================================ ======================================================== ========================

A cross-section is a panel of one year with ``"two_way"``. Sectors go with the exporters and importers, or with the
years, as the effects have them; other structures go to `dostastyq.gravity.general`, which answers with the same
`Solution`.

What callers may rely on: every field of the records below, in the units and shapes stated. Cells outside ``live`` may
hold anything finite. Order of the coefficients is ``Solution.names``; a regressor that is not there is in
``Solution.dropped`` with its reason. A `Solution` exists only when it converged.

The calls, each in its module:

- ``solve.solve(problem, *, tolerance, separation, threads, most) -> Solution``
- ``general.solve(general_problem, *, tolerance, separation, most) -> Solution``
- ``separation.separated(problem) -> mask`` of cells without a finite fit
- ``inference.covariance(problem, solution, clusters, small_sample) -> Covariance``
- ``bias.correct(problem, solution) -> Correction``
- ``bootstrap.score_bootstrap(problem, solution, regressor, ...) -> Bootstrap``
- ``fixed_effects.recover(problem, solution, ...) -> Effects``
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dostastyq.errors import DostastyqError, nearest

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is (0 where that is not known)."""

EFFECTS = ("three_way", "three_way_symmetric", "two_way", "one_way")
SEPARATION = {"auto": "interior", "rectifier": "rectifier", "none": "none"}
"""Ways to exclude separation, and how the certificate names them when they find nothing else to do."""

_TINY, _HUGE = 1e-100, 1e100


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A panel and a model of it, as dense tensors.

    Parameters
    ----------
    flows
        Trade y, at least 0, shape (N, M, T): exporter, importer, year; any currency.
    regressors
        x, shape (N, M, K, T): years contiguous; K may be 0.
    live
        Cells of the sample, shape (N, M, T): a zero flow is live, a missing cell is not.
    names
        Names of the K regressors.
    effects
        One of ``"three_way"``, ``"three_way_symmetric"``, ``"two_way"``, ``"one_way"``.
    offset
        Known part o of the log of expected trade, shape (N, M, T), or None.
    weights
        Observation weights, at least 0, shape (N, M, T), or None; a cell of weight 0 is not in the sample.

    Raises
    ------
    DostastyqError
        ``GR101`` for shapes that do not fit, ``GR102`` for a flow that is negative or not finite, ``GR103`` for a
        regressor, offset or weight that is not finite or a negative weight, ``GR104`` for effects of another name.

    Examples
    --------
    >>> trade = np.array([[[1.0, 2.0], [3.0, 0.0]], [[2.0, 2.0], [5.0, 1.0]]])
    >>> Problem(trade, np.zeros((2, 2, 0, 2)), np.ones((2, 2, 2), bool), (), "two_way").shape
    (2, 2, 0, 2)
    """

    flows: FloatArray
    regressors: FloatArray
    live: BoolArray
    names: tuple[str, ...]
    effects: str = "three_way"
    offset: FloatArray | None = None
    weights: FloatArray | None = None

    def __post_init__(self) -> None:
        if self.effects not in EFFECTS:
            raise DostastyqError(
                "GR104",
                f"effects are {self.effects!r}; expected one of {', '.join(EFFECTS)}",
                nearest(self.effects, EFFECTS),
            )
        cells = self.flows.shape
        wanted = {"flows": (cells, 3), "live": (self.live.shape, 3), "regressors": (self.regressors.shape, 4)}
        for name, (shape, axes) in wanted.items():
            if len(shape) != axes:
                raise DostastyqError("GR101", f"{name} has shape {shape}; expected {axes} axes")
        number = len(self.names)
        if self.regressors.shape != (*cells[:2], number, cells[2]):
            raise DostastyqError(
                "GR101",
                f"regressors have shape {self.regressors.shape}; expected {(*cells[:2], number, cells[2])}:"
                f" exporter, importer, regressor, year",
            )
        for name in ("live", "offset", "weights"):
            array = getattr(self, name)
            if array is not None and array.shape != cells:
                raise DostastyqError("GR101", f"{name} has shape {array.shape}; the flows have {cells}")
        if self.effects == "three_way_symmetric" and cells[0] != cells[1]:
            raise DostastyqError(
                "GR101",
                f"symmetric pairs need the same countries on both sides; there are {cells[0]} exporters and"
                f" {cells[1]} importers",
                "list every country on both sides and leave the missing cells out of `live`",
            )
        columns = {name: self.regressors[:, :, k] for k, name in enumerate(self.names)}
        _check_values(self.flows, self.live, columns, self.offset, self.weights)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Numbers of exporters N, importers M, regressors K and years T."""
        n, m, k, t = self.regressors.shape
        return n, m, k, t


@dataclass(frozen=True, slots=True, eq=False)
class GeneralProblem:
    """Rows and factors, for structures that are not a tensor.

    Parameters
    ----------
    flows
        Trade y, at least 0, shape (n,).
    regressors
        x, shape (n, K).
    factors
        Codes of each fixed effect, integers of at least 0, shape (n,) each.
    names, factor_names
        Names of the regressors and of the factors.
    offset, weights
        As in `Problem`, shape (n,), or None.

    Raises
    ------
    DostastyqError
        ``GR101``, ``GR102``, ``GR103``, as in `Problem`.
    """

    flows: FloatArray
    regressors: FloatArray
    factors: tuple[IntArray, ...]
    names: tuple[str, ...]
    factor_names: tuple[str, ...]
    offset: FloatArray | None = None
    weights: FloatArray | None = None

    def __post_init__(self) -> None:
        n = len(self.flows)
        shapes = {
            "regressors": (self.regressors.shape, (n, len(self.names))),
            **{name: (code.shape, (n,)) for name, code in zip(self.factor_names, self.factors, strict=True)},
        }
        for name in ("offset", "weights"):
            array = getattr(self, name)
            if array is not None:
                shapes[name] = (array.shape, (n,))
        for name, (found, wanted) in shapes.items():
            if found != wanted:
                raise DostastyqError("GR101", f"{name} has shape {found}; expected {wanted}")
        columns = dict(zip(self.names, self.regressors.T, strict=True))
        _check_values(self.flows, np.ones(n, dtype=bool), columns, self.offset, self.weights)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A regressor that has no coefficient.

    Parameters
    ----------
    name
        Its name.
    reason
        ``"absorbed"``: the fixed effects explain it; ``"collinear"``: they and the regressors before it explain it;
        ``"separated"``: it lives only in cells without a finite fit.
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """How good a solution is; sums are recomputed from the fitted flows, not taken from the solver.

    Parameters
    ----------
    converged
        Always True on a solution that is returned.
    iterations
        Newton steps.
    inner_iterations
        Applications of the operator of the fixed effects.
    score
        Largest element of the score of beta, each over the root of its own variance ``sqrt(n H_kk)``; dimensionless.
    adding_up
        Largest relative gap between fitted and observed sums by exporter-year, importer-year and pair (or the effects
        that the model has).
    step
        Largest change of a coefficient in the last step.
    observations
        Cells of the estimation sample.
    zeros
        Zero flows among them.
    clusters
        Live groups of each effect: ``"exporter_year"``, ``"importer_year"``, ``"pair"`` and so on.
    singletons
        Live pairs with one live cell: they are in the sample and inform no coefficient.
    pruned
        Cells taken out, by reason: ``"missing"``, ``"weight"``, ``"pair"``, ``"exporter_year"``, ``"importer_year"``
        (groups without a positive flow), ``"separated"``.
    separation
        How separation was excluded: ``"rectifier"`` (it ran), ``"interior"`` (a finite optimum was reached with
        every fitted flow away from zero) or ``"none"`` (not asked for).
    tolerance
        What was asked for.
    numba
        Whether compiled kernels were used.
    """

    converged: bool
    iterations: int
    inner_iterations: int
    score: float
    adding_up: float
    step: float
    observations: int
    zeros: int
    clusters: Mapping[str, int]
    singletons: int
    pruned: Mapping[str, int]
    separation: str
    tolerance: float
    numba: bool

    def to_dict(self) -> dict[str, object]:
        """Plain dictionary."""
        return {name: dict(value) if isinstance(value, Mapping) else value for name, value in self._items()}

    def _items(self) -> list[tuple[str, object]]:
        return [(name, getattr(self, name)) for name in self.__slots__]


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A converged fit.

    Parameters
    ----------
    names
        Regressors that have a coefficient, in the order given; K of them.
    columns
        Their places among the regressors of the problem, shape (K,).
    beta
        Coefficients, shape (K,).
    dropped
        Regressors without a coefficient, with the reason.
    live
        Cells of the estimation sample, shape of the flows.
    separated
        Cells taken out because no finite fit exists for them, shape of the flows.
    fitted
        mu, unit of the flows, shape of the flows; 0 outside `live`. Weights do not enter.
    exporter_year, importer_year
        a and b, log points, shapes (N, T) and (M, T) ((N, 1) and (M, 1) if constant over years); nan where the
        group is not in the sample. The level is not normalised: see `fixed_effects.recover`.
    pair
        c, log points, shape (N, M); nan where the pair is not in the sample; None without pair effects.
    effects
        General models: one array of effects a factor, in the order of the factors. Empty otherwise.
    projection
        Coefficients of the weighted projection of each regressor on exporter-years and importer-years, shapes (N, K, T)
        and (M, K, T): ``x~ = x - projection[0][i] - projection[1][j]``, less its mean over the pair with weights mu.
        Empty for general models.
    residualised
        General models: x~, shape (n, K). None otherwise: see `scores.residualised`, which makes it by exporter.
    hessian
        ``sum w mu x~ x~'``, shape (K, K); the inverse is the covariance of a Poisson model.
    loglik, deviance
        Weighted log pseudo-likelihood with the factorial term, and deviance.
    certificate
        How good it is.
    score_sums
        Scores x~ w (y - mu) summed by pair, (N, M, K), exporter-year, (N, K, T), and importer-year, (M, K, T), and
        their outer products summed over cells, (K, K). Empty for general models.
    """

    names: tuple[str, ...]
    columns: IntArray
    beta: FloatArray
    dropped: tuple[Dropped, ...]
    live: BoolArray
    separated: BoolArray
    fitted: FloatArray
    exporter_year: FloatArray | None
    importer_year: FloatArray | None
    pair: FloatArray | None
    effects: tuple[FloatArray, ...]
    projection: tuple[FloatArray, ...]
    residualised: FloatArray | None
    hessian: FloatArray
    loglik: float
    deviance: float
    certificate: Certificate
    score_sums: tuple[FloatArray, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Covariance:
    """A covariance of the coefficients and how it was made.

    Parameters
    ----------
    matrix
        Shape (K, K).
    kind
        In words, e.g. ``"clustered by exporter, importer, year"``.
    clusters
        Number of clusters of each dimension.
    small_sample
        Convention, see `inference.covariance`.
    repaired
        Most negative eigenvalue that was set to zero, relative to the largest; 0.0 when none was.
    """

    matrix: FloatArray
    kind: str
    clusters: Mapping[str, int] = field(default_factory=dict)
    small_sample: str = "ppmlhdfe"
    repaired: float = 0.0

    @property
    def standard_errors(self) -> FloatArray:
        """Roots of the diagonal, shape (K,)."""
        return np.sqrt(np.diag(self.matrix))


def check_settings(tolerance: float, separation: str, threads: int | None = None) -> None:
    """Refuse settings of a solver that mean nothing: ``GR104``."""
    if separation not in SEPARATION:
        raise DostastyqError(
            "GR104",
            f"separation is {separation!r}; expected one of {', '.join(SEPARATION)}",
            nearest(separation, SEPARATION),
        )
    if not tolerance > 0:
        raise DostastyqError("GR104", f"tolerance is {tolerance:g}; expected more than 0", "the usual one is 1e-9")
    if threads is not None and threads < 1:
        raise DostastyqError("GR104", f"threads is {threads}; expected at least 1", "None chooses by size")


def mean_flow(flows: FloatArray, cells: int) -> float:
    """Mean of weighted flows, by which they are divided; its square has to be a number too (``GR102``)."""
    mean = float(flows.sum() / cells)
    if not _TINY < mean < _HUGE:
        raise DostastyqError("GR102", f"flows are {mean:.0e} on average", "give them in another unit, say millions")
    return mean


def _check_values(
    flows: FloatArray,
    live: BoolArray,
    columns: Mapping[str, FloatArray],
    offset: FloatArray | None,
    weights: FloatArray | None,
) -> None:
    """Refuse values that no estimator can use, by where they stand."""
    bad = live & ~((flows >= 0) & np.isfinite(flows))
    if bad.any():
        cell = tuple(int(index) for index in np.argwhere(bad)[0])
        where = "[exporter, importer, year]" if len(cell) == 3 else "row"
        raise DostastyqError(
            "GR102",
            f"{int(bad.sum())} flows are negative or not finite, the first at {where} {list(cell)}: {flows[cell]}",
            "trade is at least 0; leave missing cells out of the sample",
        )
    for name, array in {"offset": offset, "weights": weights, **columns}.items():
        if array is not None and not np.isfinite(array.sum()):
            wrong = int((~np.isfinite(array)).sum())
            raise DostastyqError(
                "GR103", f"{name!r} has {wrong} values that are not finite", "fill them or drop those cells"
            )
    if weights is not None and weights.min(initial=0.0) < 0:
        raise DostastyqError("GR103", f"{int((weights < 0).sum())} weights are negative", "weights are at least 0")
