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
from math import log, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from dostastyq.errors import DostastyqError
from dostastyq.gravity.estimate import ppml
from dostastyq.gravity.fit import Fit
from dostastyq.gravity.labelled import NamedVector
from dostastyq.gravity.newton import Optimum, maximise, start
from dostastyq.gravity.post_estimation import prepared
from dostastyq.gravity.precondition import Operator, factor
from dostastyq.gravity.problem import BoolArray, FloatArray, GeneralProblem, IntArray, Problem
from dostastyq.gravity.prune import prune
from dostastyq.gravity.screen import EXACT, project, screen
from dostastyq.gravity.tensor import Pass, Tensor, build

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from dostastyq.trade.panel import Panel

ROUNDS: Final = 15
_TOLERANCE, _MOST, _SWEEPS, _HALVINGS, _PROJECTED = 1e-8, 60, 10_000, 12, 1e-7


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
    path
        One row a round: round, number selected, how many changed.
    dropped
        Provisions left out before the selection, with the reason.
    post
        The fit with the selected provisions, unpenalised.
    """

    selected: tuple[str, ...]
    coefficients: NamedVector
    loadings: NamedVector
    penalty: float
    path: pl.DataFrame
    dropped: tuple[tuple[str, str], ...]
    post: Fit = field(repr=False)

    def to_frame(self) -> pl.DataFrame:
        """One row a provision: term, penalised, loading, selected, post_lasso."""
        after = dict(self.post.coef().items())
        return pl.DataFrame(
            {
                "term": list(self.coefficients.names),
                "penalised": self.coefficients.values,
                "loading": self.loadings.values,
                "selected": [name in self.selected for name in self.coefficients.names],
                "post_lasso": [after.get(name) for name in self.coefficients.names],
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
) -> Lasso:
    """Select treaty provisions by the plug-in lasso.

    Parameters
    ----------
    formula
        The equation without provisions; its regressors are not penalised (``1`` for none).
    data
        As for `ppml`; a provision is 0 where no agreement has it.
    provisions
        Columns to choose among.
    vcov
        Standard errors of the post-lasso fit, as for `ppml`.
    rounds
        Most rounds of loadings.

    Returns
    -------
    Lasso

    Raises
    ------
    DostastyqError
        ``GR040`` when there is nothing to choose among or the effects describe no panel, ``GR041`` when the penalised
        fit does not converge; codes of `ppml`.

    Notes
    -----
    Standard errors of the post-lasso fit take the selection as given.

    References
    ----------
    Breinlich, Corradi, Rocha, Ruta, Santos Silva and Zylkin (2022), "Machine learning in international trade research:
    evaluating the impact of trade agreements".
    """
    if not provisions:
        raise DostastyqError("GR040", "there are no provisions to choose among", "give their columns")
    text, _, tail = formula.partition("|")
    every = f"{text.rstrip()} + {' + '.join(f'`{name}`' for name in provisions)} | {tail.strip() or '0'}"
    problem = prepared(every, data)
    if isinstance(problem, GeneralProblem):
        raise DostastyqError("GR040", "the lasso needs a panel of exporters, importers and years", "name its effects")
    base = ppml(formula, data, vcov)
    names = [name for name in problem.names if name in set(provisions)]
    chosen, path = _rounds(problem, {problem.names.index(name) for name in names}, rounds)
    picked = tuple(problem.names[k] for k in chosen.places if chosen.penalised[k] and chosen.beta[k] != 0)
    post = (
        ppml(f"{text.rstrip()} + {' + '.join(f'`{name}`' for name in picked)} | {tail}", data, vcov) if picked else base
    )
    kept = [k for k in chosen.places if chosen.penalised[k]]
    labels = tuple(problem.names[k] for k in kept)
    return Lasso(
        picked,
        NamedVector(np.array([chosen.beta[k] for k in kept]), labels, "penalised"),
        NamedVector(np.array([chosen.loadings[k] for k in kept]), labels, "loading"),
        chosen.penalty,
        path,
        tuple((problem.names[k], reason) for k, reason in chosen.dropped),
        post,
    )


@dataclass(frozen=True, eq=False)
class _Chosen:
    """Outcome of the rounds; mappings are by place among the regressors of the problem."""

    places: list[int]
    penalised: dict[int, bool]
    beta: dict[int, float]
    loadings: dict[int, float]
    penalty: float
    dropped: tuple[tuple[int, str], ...]


def plug_in(n: int, candidates: int) -> float:
    """Penalty lambda for n cells and a number of candidates.

    Examples
    --------
    >>> round(plug_in(10_000, 305), 2)
    454.78
    """
    gamma = 0.1 / log(n)
    return 1.1 * sqrt(n) * NormalDist().inv_cdf(1 - gamma / (2 * candidates))


def _rounds(problem: Problem, candidates: set[int], rounds: int) -> tuple[_Chosen, pl.DataFrame]:
    """Repeat loadings and selection until the selection stays, or comes back to an earlier one."""
    live = prune(problem).live
    tensor, dropped = screened(build(problem, live))
    cols = tensor.cols.tolist()
    free = np.array([k not in candidates for k in cols])
    n = int(live.sum())
    penalty = plug_in(n, max(1, int((~free).sum())))
    chosen, loadings, path = free.copy(), np.zeros(len(cols)), []
    beta, seen = np.zeros(len(cols)), list[BoolArray]()
    for number in range(1, rounds + 1):
        after = maximise(tensor.with_columns(tensor.cols[chosen]), _TOLERANCE, _MOST)
        loadings = np.where(free, 0.0, _loadings(tensor, after, chosen, n))
        beta, _ = penalised(tensor, penalty * loadings, (_widened(after, chosen), after.effects))
        picked = free | (beta != 0)
        path.append(
            {"round": number, "selected": int((picked & ~free).sum()), "changed": int((picked != chosen).sum())}
        )
        seen = [*seen, chosen]
        chosen = picked
        if any((picked == before).all() for before in seen):
            break
    by_place = dict(zip(cols, range(len(cols)), strict=True))
    return _Chosen(
        cols,
        {k: not free[at] for k, at in by_place.items()},
        {k: float(beta[at]) for k, at in by_place.items()},
        {k: float(loadings[at] * tensor.scale) for k, at in by_place.items()},
        penalty,
        dropped,
    ), pl.DataFrame(path)


def screened(tensor: Tensor) -> tuple[Tensor, tuple[tuple[int, str], ...]]:
    """Leave out the regressors that effects, or regressors before them, explain at the fit without regressors."""
    at = maximise(tensor.with_columns(tensor.cols[:0]), _TOLERANCE, _MOST)
    mu = np.empty_like(tensor.y)
    passed = tensor.newton(np.zeros(len(tensor.cols)), at.effects, mu)
    keep, dropped, _ = screen(passed, _operator(tensor, mu), exact=EXACT)
    return tensor.with_columns(tensor.cols[keep]), dropped


def _operator(tensor: Tensor, mu: FloatArray) -> Operator:
    return Operator(tensor, mu, tensor.total, tensor.sums, factor(tensor, mu, tensor.total, tensor.sums))


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


def _loadings(tensor: Tensor, after: Optimum, chosen: BoolArray, n: int) -> FloatArray:
    """phi: root mean square over cells of the scores of pairs, at a post-lasso fit."""
    mu = np.empty_like(tensor.y)
    passed = tensor.newton(_widened(after, chosen), after.effects, mu)
    slope = project(passed, _operator(tensor, mu), None, _PROJECTED)
    pairs = tensor.scores(mu, slope.gamma)[0]
    if tensor.mode == 2:
        index = np.triu_indices(len(pairs))
        both = pairs + pairs.swapaxes(0, 1)
        both[np.arange(len(pairs)), np.arange(len(pairs))] *= 0.5
        return np.asarray(np.sqrt((both[index] ** 2).sum(axis=0) / n))
    return np.asarray(np.sqrt((pairs**2).sum(axis=(0, 1)) / n))


def penalised(
    tensor: Tensor, penalties: FloatArray, warm: tuple[FloatArray, FloatArray] | None = None
) -> tuple[FloatArray, FloatArray]:
    r"""Minimise :math:`-\ell(\beta)+\sum_k p_k|\beta_k|` over coefficients and effects.

    Parameters
    ----------
    tensor
        Panel, its flows scaled to mean 1.
    penalties
        p of every regressor, 0 for none, shape (K,).
    warm
        Coefficients and effects to start from.

    Returns
    -------
    tuple
        Coefficients, (K,), exactly 0 where not selected, and effects, (N + M, T).

    Raises
    ------
    DostastyqError
        ``GR041`` when it does not converge.
    """
    mu, spare = np.empty_like(tensor.y), np.empty_like(tensor.y)
    beta, effects = (np.zeros(len(tensor.cols)), start(tensor, mu)) if warm is None else warm
    passed = tensor.newton(beta, effects, mu)
    spread = np.sqrt(np.diag(passed.xhx) / tensor.sums[: tensor.exporters].sum())
    gamma: FloatArray | None = None
    step = np.inf
    for _ in range(_MOST):
        operator = _operator(tensor, mu)
        slope = project(passed, operator, gamma, _PROJECTED)
        gamma = slope.gamma
        v, _, _ = operator.solve(passed.score[:, None], None, _PROJECTED, np.array([1e-28 * tensor.sums.sum()]))
        gradient = passed.gk - np.einsum("nkt,nt->k", gamma, passed.score)
        wanted = descend(slope.hessian, gradient + slope.hessian @ beta, penalties, beta)
        move = wanted - beta
        shift = v[:, 0] - np.einsum("nkt,k->nt", gamma, move)
        found = _accept(tensor, (beta, effects), (move, shift), penalties, passed, spare)
        if found is None:
            break
        step = float(np.max(np.abs(found[0] - beta) * spread, initial=0.0))
        beta, effects, passed = found
        mu, spare = spare, mu
        if step <= _TOLERANCE:
            return beta, effects
    raise DostastyqError(
        "GR041", f"the lasso did not converge: the last step was {step:.1e}", "leave out provisions that hardly vary"
    )


def _accept(  # noqa: PLR0917 -- as the line search of `newton`
    tensor: Tensor,
    point: tuple[FloatArray, FloatArray],
    move: tuple[FloatArray, FloatArray],
    penalties: FloatArray,
    passed: Pass,
    mu: FloatArray,
) -> tuple[FloatArray, FloatArray, Pass] | None:
    """Step, halved until the penalised likelihood does not fall; None when it always does."""
    start_value = passed.loglik - float(penalties @ np.abs(point[0]))
    least = start_value - 1e-11 * abs(start_value)
    share = 1.0
    for _ in range(_HALVINGS):
        beta, effects = point[0] + share * move[0], point[1] + share * move[1]
        trial = tensor.newton(beta, effects, mu)
        if trial.loglik - float(penalties @ np.abs(beta)) >= least:
            return beta, effects, trial
        share *= 0.5
    return None


def descend(hessian: FloatArray, linear: FloatArray, penalties: FloatArray, beta: FloatArray) -> FloatArray:
    r"""Minimise :math:`\tfrac12 b'Hb-c'b+\sum_k p_k|b_k|` by coordinate descent.

    Parameters
    ----------
    hessian, linear
        H, (K, K), and c, (K,).
    penalties
        p, (K,).
    beta
        Where to start, (K,).

    Returns
    -------
    numpy.ndarray
        Minimiser, (K,).

    Examples
    --------
    >>> descend(np.eye(2), np.array([3.0, 0.5]), np.array([1.0, 1.0]), np.zeros(2)).tolist()
    [2.0, 0.0]
    """
    b = beta.copy()
    diagonal = np.diag(hessian)
    gradient = linear - hessian @ b
    usable = np.flatnonzero(diagonal > 0)
    active: IntArray = usable
    for _ in range(_SWEEPS):
        largest = 0.0
        for k in active:
            z = gradient[k] + diagonal[k] * b[k]
            new = np.sign(z) * max(abs(z) - penalties[k], 0.0) / diagonal[k]
            change = new - b[k]
            if change:
                gradient -= hessian[:, k] * change
                b[k] = new
                largest = max(largest, abs(change) * sqrt(diagonal[k]))
        settled = largest <= 1e-12 * sqrt(float(np.max(np.abs(linear) / np.sqrt(np.maximum(diagonal, 1e-300)))) + 1.0)
        if settled and len(active) == len(usable):
            break
        active = usable if settled else usable[(b[usable] != 0) | (penalties[usable] == 0)]
        if not len(active):
            active = usable
    return b
