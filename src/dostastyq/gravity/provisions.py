r"""Which treaty provisions matter: Poisson lasso with the plug-in penalty (Breinlich et al. 2022).

.. math:: \min_{\beta}\; -\ell(\beta) + \lambda\sum_k \phi_k|\beta_k|,\qquad
          \lambda = 1.1\sqrt{n}\,\Phi^{-1}\!\Bigl(1-\frac{\gamma}{2K}\Bigr),\quad \gamma = \frac{0.1}{\log n},\quad
          \phi_k = \sqrt{\tfrac1n\textstyle\sum_g s_{gk}^2},

where the effects and the regressors that stay unpenalised are concentrated out of the pseudo-likelihood, and s are
the scores of the provisions summed over pairs g at the post-lasso fit. Each Newton step of the engine gives the Hessian
and the score with the effects taken out; the penalised quadratic is minimised by coordinate descent on them. Loadings
and selection are repeated until a selection comes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from math import log, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from dostastyq.errors import DostastyqError, nearest
from dostastyq.gravity.estimate import ppml
from dostastyq.gravity.fit import Fit
from dostastyq.gravity.frame import read
from dostastyq.gravity.labelled import NamedVector
from dostastyq.gravity.newton import Optimum, maximise
from dostastyq.gravity.penalised import MOST, TOLERANCE, operator_at, penalised
from dostastyq.gravity.post_estimation import prepared
from dostastyq.gravity.problem import BoolArray, FloatArray, GeneralProblem, Problem
from dostastyq.gravity.prune import prune
from dostastyq.gravity.screen import EXACT, project, screen
from dostastyq.gravity.tensor import Tensor, build
from dostastyq.trade.panel import Panel

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

ROUNDS: Final = 15
_PROJECTED = 1e-6
_LOWEST = 0.1
_SAME = "same as "


@dataclass(frozen=True, eq=False)
class Lasso:
    """Provisions that the lasso selects.

    Parameters
    ----------
    selected
        Names of the provisions, in the order given.
    coefficients
        Penalised coefficients of all provisions that the effects do not explain.
    loadings
        Their loadings phi.
    penalty
        lambda.
    rounds
        One row a round: round, number selected, how many changed.
    path
        Coefficients along a path of penalties, from the first that selects anything down: penalty, share (of the
        plug-in penalty), term, coefficient; empty when none was asked for.
    dropped
        Provisions left out before the selection, with the reason: ``"zero"`` in every row; ``"same as …"``, an earlier
        provision equal to it in every row; ``"absorbed"`` by the effects; ``"collinear"`` with provisions before it.
    post
        The fit with the selected provisions, unpenalised.
    """

    selected: tuple[str, ...]
    coefficients: NamedVector
    loadings: NamedVector
    penalty: float
    rounds: pl.DataFrame
    path: pl.DataFrame
    dropped: tuple[tuple[str, str], ...]
    post: Fit = field(repr=False)

    def to_frame(self) -> pl.DataFrame:
        """One row a provision: term, penalised, loading, selected, post_lasso, also (those equal to it)."""
        after = dict(self.post.coef().items())
        also: dict[str, list[str]] = {}
        for name, reason in self.dropped:
            if reason.startswith(_SAME):
                also.setdefault(reason.removeprefix(_SAME), []).append(name)
        return pl.DataFrame(
            {
                "term": list(self.coefficients.names),
                "penalised": self.coefficients.values,
                "loading": self.loadings.values,
                "selected": [name in self.selected for name in self.coefficients.names],
                "post_lasso": [after.get(name) for name in self.coefficients.names],
                "also": [", ".join(also.get(name, [])) for name in self.coefficients.names],
            },
            schema_overrides={"post_lasso": pl.Float64},
        )


def lasso(
    formula: str,
    data: "IntoDataFrame | Panel",
    provisions: Sequence[str],
    *,
    vcov: str | dict[str, str] | None = None,
    rounds: int = ROUNDS,
    path: int = 0,
) -> Lasso:
    """Select treaty provisions by the plug-in lasso.

    Parameters
    ----------
    formula
        The equation without provisions; its regressors are not penalised (``1`` for none).
    data
        As for `ppml`; a provision is 0 where no agreement has it.
    provisions
        Columns to choose among. Of columns that are equal in every row the first stands for all.
    vcov
        Standard errors of the post-lasso fit, as for `ppml`.
    rounds
        Most rounds of loadings.
    path
        Number of penalties at which coefficients are given too, falling from where nothing is selected to a tenth of
        the plug-in penalty, under its loadings; 0 for none.

    Returns
    -------
    Lasso

    Raises
    ------
    DostastyqError
        ``GR003`` an unknown column, ``GR040`` when there is nothing to choose among or the effects describe no panel,
        ``GR041`` when the penalised fit does not converge; codes of `ppml`.

    Notes
    -----
    Standard errors of the post-lasso fit take the selection as given.

    References
    ----------
    Breinlich, Corradi, Rocha, Ruta, Santos Silva and Zylkin (2022), "Machine learning in international trade research:
    evaluating the impact of trade agreements".

    Examples
    --------
    >>> draw = np.random.default_rng(1)
    >>> e, m, t = np.indices((12, 12, 4)).reshape(3, -1)
    >>> since = np.triu(draw.integers(1, 6, (3, 12, 12)), 1)
    >>> p0, p1, p2 = ((t >= (a + a.T)[e, m]) & (e != m) for a in since)
    >>> trade = np.exp(0.8 * p0) * draw.gamma(50.0, 0.02, e.size)
    >>> data = pl.DataFrame({"exporter": e, "importer": m, "year": t, "trade": trade, "p0": p0, "p1": p1, "p2": p2})
    >>> data = data.with_columns(pl.col("^p.$").cast(pl.Float64))
    >>> lasso("trade ~ 1 | exporter^year + importer^year + exporter^importer", data, ["p0", "p1", "p2"]).selected
    ('p0',)
    """
    native = data.frame if isinstance(data, Panel) else data
    frame = read(native, " ".join([formula, *(f"`{name}`" for name in provisions)]))
    distinct, left_out = _distinct(frame, provisions)
    if not distinct:
        raise DostastyqError("GR040", "there are no provisions to choose among", "give columns that are not all 0")
    text, _, tail = formula.partition("|")

    def equation(names: Sequence[str]) -> str:
        return f"{text.rstrip()} + {' + '.join(f'`{name}`' for name in names)} | {tail.strip() or '0'}"

    problem = prepared(equation(distinct), frame)
    if isinstance(problem, GeneralProblem):
        raise DostastyqError("GR040", "the lasso needs a panel of exporters, importers and years", "name its effects")
    base = ppml(formula, data, vcov)
    search = _Search.of(problem, {problem.names.index(name) for name in distinct})
    beta, loadings, history = search.select(rounds)
    kept = [(at, problem.names[k]) for at, k in enumerate(search.tensor.cols.tolist()) if not search.free[at]]
    names = tuple(name for _, name in kept)
    picked = tuple(name for at, name in kept if beta[at] != 0)
    return Lasso(
        picked,
        NamedVector(np.array([beta[at] for at, _ in kept]), names, "penalised"),
        NamedVector(np.array([loadings[at] for at, _ in kept]) * search.tensor.scale, names, "loading"),
        search.penalty,
        history,
        search.along(loadings, path, problem.names),
        (*left_out, *((problem.names[k], reason) for k, reason in search.dropped)),
        ppml(equation(picked), data, vcov) if picked else base,
    )


def _distinct(frame: pl.DataFrame, provisions: Sequence[str]) -> tuple[list[str], tuple[tuple[str, str], ...]]:
    """Provisions that are not zero everywhere and not equal to an earlier one, and the others with the reason."""
    first: dict[bytes, str] = {}
    kept: list[str] = []
    left_out: list[tuple[str, str]] = []
    for name in dict.fromkeys(provisions):
        if name not in frame.columns:
            raise DostastyqError("GR003", f"the data have no column {name!r}", nearest(name, frame.columns))
        values = frame[name].to_numpy()
        if values.dtype.kind not in "biuf" or not np.isfinite(values.sum()):
            kept.append(name)  # `prepared` says what is wrong with it, and where
            continue
        values = np.asarray(values, dtype=np.float64) + 0.0
        same = first.setdefault(sha256(values.tobytes()).digest(), name)
        if not values.any():
            left_out.append((name, "zero"))
        elif same != name:
            left_out.append((name, f"{_SAME}{same}"))
        else:
            kept.append(name)
    return kept, tuple(left_out)


def plug_in(n: int, candidates: int) -> float:
    """Penalty lambda for n cells and a number of candidates.

    Examples
    --------
    >>> round(plug_in(10_000, 305), 2)
    454.78
    """
    gamma = 0.1 / log(n)
    return 1.1 * sqrt(n) * NormalDist().inv_cdf(1 - gamma / (2 * candidates))


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """A panel with its candidates, screened; made by `_Search.of`.

    Parameters
    ----------
    tensor
        Panel with the regressors that the effects do not explain.
    free
        Which of them are not penalised, (K,).
    cells
        Cells of the sample, n.
    penalty
        lambda.
    gamma
        Projection of the regressors on the effects at the fit without candidates.
    dropped
        (place, reason) of regressors that were screened out.
    """

    tensor: Tensor
    free: BoolArray
    cells: int
    penalty: float
    gamma: FloatArray
    dropped: tuple[tuple[int, str], ...]

    @classmethod
    def of(cls, problem: Problem, candidates: set[int]) -> "_Search":
        """Screen the regressors of `problem`, of which those at the places `candidates` are penalised."""
        live = prune(problem).live
        tensor, dropped, gamma = screened(build(problem, live))
        free = np.array([k not in candidates for k in tensor.cols.tolist()])
        cells = int(live.sum())
        return cls(tensor, free, cells, plug_in(cells, max(1, int((~free).sum()))), gamma, dropped)

    def select(self, rounds: int) -> tuple[FloatArray, FloatArray, pl.DataFrame]:
        """Repeat loadings and selection until the selection stays, or comes back to an earlier one.

        Returns
        -------
        tuple
            Penalised coefficients and loadings, (K,), and one row a round.
        """
        tensor, chosen, seen = self.tensor, self.free, list[BoolArray]()
        beta, loadings = np.zeros(len(chosen)), np.zeros(len(chosen))
        history = []
        for number in range(1, rounds + 1):
            after = maximise(tensor.with_columns(tensor.cols[chosen]), TOLERANCE, MOST)
            at = _widened(after, chosen), after.effects
            loadings = np.where(self.free, 0.0, _loadings(tensor, at, self.gamma, self.cells))
            beta, _ = penalised(tensor, self.penalty * loadings, at, self.gamma)
            picked = self.free | (beta != 0)
            changed = int((picked != chosen).sum())
            history.append({"round": number, "selected": int((picked & ~self.free).sum()), "changed": changed})
            seen = [*seen, chosen]
            chosen = picked
            if any((picked == before).all() for before in seen):
                break
        return beta, loadings, pl.DataFrame(history)

    def along(self, loadings: FloatArray, points: int, names: tuple[str, ...]) -> pl.DataFrame:
        """Coefficients at falling penalties, each from the one before; see `Lasso.path`."""
        schema = {"penalty": pl.Float64, "share": pl.Float64, "term": pl.String, "coefficient": pl.Float64}
        if points < 1:
            return pl.DataFrame(schema=schema)
        after = maximise(self.tensor.with_columns(self.tensor.cols[self.free]), TOLERANCE, MOST)
        point = _widened(after, self.free), after.effects
        score = np.abs(self.tensor.newton(*point, np.empty_like(self.tensor.y)).gk)
        top = float(np.max(score[~self.free] / loadings[~self.free]))
        rows = []
        for penalty in np.geomspace(top, _LOWEST * min(top, self.penalty), points).tolist():
            point = penalised(self.tensor, penalty * loadings, point, self.gamma)
            rows += [
                {"penalty": penalty, "share": penalty / self.penalty, "term": names[k], "coefficient": value}
                for k, value, free in zip(self.tensor.cols.tolist(), point[0].tolist(), self.free, strict=True)
                if not free
            ]
        return pl.DataFrame(rows, schema=schema)


def screened(tensor: Tensor) -> tuple[Tensor, tuple[tuple[int, str], ...], FloatArray]:
    """Leave out the regressors that effects, or regressors before them, explain at the fit without regressors.

    Returns
    -------
    tuple
        The panel without them, their places with the reason, and the projection of those that stay.
    """
    at = maximise(tensor.with_columns(tensor.cols[:0]), TOLERANCE, MOST)
    mu = np.empty_like(tensor.y)
    passed = tensor.newton(np.zeros(len(tensor.cols)), at.effects, mu)
    keep, dropped, slope = screen(passed, operator_at(tensor, mu), exact=EXACT)
    return tensor.with_columns(tensor.cols[keep]), dropped, slope.gamma


def _widened(after: Optimum, chosen: BoolArray) -> FloatArray:
    """Coefficients of the post-lasso fit among those of all regressors."""
    beta = np.zeros(len(chosen))
    places = {int(k): at for at, k in enumerate(after.tensor.cols)}
    for at, value in zip(np.flatnonzero(chosen).tolist(), _all_columns(after, places), strict=True):
        beta[at] = value
    return beta


def _all_columns(after: Optimum, places: dict[int, int]) -> list[float]:
    """Coefficients in the order asked for, 0 for a regressor that was dropped."""
    dropped = {place for place, _ in after.dropped}
    total = len(places) + len(dropped)
    kept = iter(after.beta.tolist())
    return [0.0 if place in dropped else next(kept) for place in range(total)]


def _loadings(tensor: Tensor, at: tuple[FloatArray, FloatArray], gamma: FloatArray, n: int) -> FloatArray:
    """phi: root mean square over cells of the scores of pairs, at a post-lasso fit (coefficients, effects)."""
    mu = np.empty_like(tensor.y)
    passed = tensor.newton(*at, mu)
    slope = project(passed, operator_at(tensor, mu), gamma, _PROJECTED)
    pairs = tensor.scores(mu, slope.gamma)[0]
    if tensor.mode == 2:
        index = np.triu_indices(len(pairs))
        both = pairs + pairs.swapaxes(0, 1)
        both[np.arange(len(pairs)), np.arange(len(pairs))] *= 0.5
        return np.asarray(np.sqrt((both[index] ** 2).sum(axis=0) / n))
    return np.asarray(np.sqrt((pairs**2).sum(axis=(0, 1)) / n))
