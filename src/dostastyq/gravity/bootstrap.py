r"""Score bootstrap of one coefficient: for few clusters, with one more fit and none a draw.

The null :math:`\beta_k=\beta^0` is imposed by a fit with :math:`x_k\beta^0` in the offset. At that fit the score of
:math:`\beta_k` with the other regressors taken out, summed by cluster, is
:math:`\psi_g=s_{gk}-H_{k,-k}H_{-k,-k}^{-1}s_{g,-k}`. Under the null the sum :math:`\sum_g\psi_g` is one of the sums
:math:`\sum_gw_g\psi_g` with random signs :math:`w_g` (Kline and Santos 2012, "A score based approach to wild bootstrap
inference"). As :math:`w_g^2=1` leaves :math:`\sum\psi_g^2` alone, ordering by the sum and by the studentised sum is the
same. With few clusters every pattern of signs is taken instead of a sample.
"""

from dataclasses import dataclass, replace

import numpy as np

from dostastyq.errors import DostastyqError, nearest
from dostastyq.gravity.inference import AXES
from dostastyq.gravity.precondition import Operator, factor
from dostastyq.gravity.problem import FloatArray, Problem, Solution
from dostastyq.gravity.scores import Scores
from dostastyq.gravity.screen import EXACT, project
from dostastyq.gravity.solve import solve
from dostastyq.gravity.tensor import build

_TIES = 1e-12
_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Result of a score bootstrap.

    Parameters
    ----------
    name
        The regressor.
    null
        Its coefficient under the null.
    statistic
        Studentised score at the null.
    p_value
        Share of sign patterns with a statistic at least as large in absolute value.
    clusters
        Clusters.
    draws
        Patterns taken.
    exact
        Whether they are all patterns there are.
    seed
        Of the random signs.
    """

    name: str
    null: float
    statistic: float
    p_value: float
    clusters: int
    draws: int
    exact: bool
    seed: int


def score_bootstrap(
    problem: Problem,
    solution: Solution,
    name: str,
    *,
    cluster: str = "pair",
    null: float = 0.0,
    draws: int = 9999,
    seed: int = 1,
) -> Bootstrap:
    """Test one coefficient by random signs of cluster scores.

    Parameters
    ----------
    problem, solution
        What was fitted and the fit.
    name
        Regressor.
    cluster
        Dimension: one of the names of `inference.covariance` but ``"cell"``.
    null
        Coefficient under the null.
    draws
        Patterns of signs; all 2^G when these are fewer.
    seed
        Seed of the generator.

    Returns
    -------
    Bootstrap

    Raises
    ------
    DostastyqError
        ``GR160`` for a regressor without a coefficient or a dimension of another name.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> trade, rta = rng.lognormal(size=(6, 6, 4)), rng.random((6, 6, 1, 4))
    >>> panel = Problem(trade, rta, np.ones(trade.shape, bool), ("rta",))
    >>> test = score_bootstrap(panel, solve(panel), "rta", cluster="exporter")
    >>> test.clusters, test.draws, test.exact
    (6, 64, True)
    """
    known = [key for key in (*AXES, "pair_symmetric") if key != "cell"]
    if name not in solution.names:
        raise DostastyqError("GR160", f"{name!r} has no coefficient in this fit", nearest(name, solution.names))
    if cluster not in known:
        raise DostastyqError("GR160", f"there is no cluster dimension {cluster!r}", nearest(cluster, known))
    scores, hessian = _null_scores(problem, solution, name, null)
    sums, alive = scores.sums("p" if cluster == "pair_symmetric" else AXES[cluster])
    sums = sums[alive]
    k = solution.names.index(name)
    others = [at for at in range(len(solution.names)) if at != k]
    psi = sums[:, k]
    if others:
        psi = psi - sums[:, others] @ np.linalg.solve(hessian[np.ix_(others, others)], hessian[others, k])
    size = len(psi)
    exact = size < 63 and 2**size <= draws
    share = _share(psi, 2**size if exact else draws, exact=exact, seed=seed)
    statistic = float(psi.sum() / np.sqrt(psi @ psi))
    return Bootstrap(name, null, statistic, share, size, 2**size if exact else draws, exact, seed)


def _null_scores(problem: Problem, solution: Solution, name: str, null: float) -> tuple[Scores, FloatArray]:
    """Scores of all coefficients, and the Hessian, at the fit with one coefficient fixed."""
    column = problem.names.index(name)
    keep = np.array([k for k in solution.columns if k != column], dtype=np.int64)
    shift = null * problem.regressors[:, :, column]
    fixed = replace(
        problem,
        regressors=problem.regressors[:, :, keep],
        names=tuple(problem.names[k] for k in keep),
        live=solution.live,
        offset=shift if problem.offset is None else problem.offset + shift,
    )
    found = solve(fixed, separation="none")
    tensor = build(problem, solution.live).with_columns(solution.columns)
    beta = np.zeros(len(solution.columns))
    beta[np.isin(solution.columns, keep[found.columns])] = found.beta
    beta[list(solution.columns).index(column)] = null
    if found.exporter_year is None or found.importer_year is None:
        raise TypeError("a tensor fit has exporters and importers")
    effects = np.nan_to_num(np.concatenate((found.exporter_year, found.importer_year)))
    if tensor.mode == 0:
        effects[: tensor.exporters] -= np.log(tensor.scale)
    mu = np.empty(tensor.y.shape)
    passed = tensor.newton(beta, effects, mu)
    laplace = factor(tensor, mu, tensor.total, tensor.sums)
    slope = project(passed, Operator(tensor, mu, tensor.total, tensor.sums, laplace), None, EXACT)
    pairs, exports, imports, cells, hessian = tensor.scores(mu, slope.gamma)
    live = solution.live
    alive = (np.asarray(live.any(axis=2)), np.asarray(live.any(axis=1)), np.asarray(live.any(axis=0)))
    return Scores(pairs, exports, imports, cells, (*alive, int(live.sum()))), hessian


def _share(psi: FloatArray, draws: int, *, exact: bool, seed: int) -> float:
    """Share of sign patterns whose sum is at least as large as the plain one."""
    rng = np.random.default_rng(seed)
    limit = abs(float(psi.sum())) - _TIES * float(np.abs(psi).sum())
    reached = 0
    for first in range(0, draws, _BLOCK):
        size = min(_BLOCK, draws - first)
        if exact:
            bits = (np.arange(first, first + size)[:, None] >> np.arange(len(psi))) & 1
        else:
            bits = rng.integers(0, 2, size=(size, len(psi)))
        reached += int((np.abs((2 * bits - 1) @ psi) >= limit).sum())
    return reached / draws if exact else (reached + 1) / (draws + 1)
