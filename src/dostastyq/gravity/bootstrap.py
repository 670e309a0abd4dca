r"""Score bootstrap of one coefficient: for few clusters, with one more fit and none a draw.

The null :math:`\beta_k=\beta^0` is imposed by a fit with :math:`x_k\beta^0` in the offset. At that fit the score of
:math:`\beta_k` with the other regressors taken out, summed by cluster, is
:math:`\psi_g=s_{gk}-H_{k,-k}H_{-k,-k}^{-1}s_{g,-k}`. Under the null the sum :math:`\sum_g\psi_g` is one of the sums
:math:`\sum_gw_g\psi_g` with random signs :math:`w_g` (Kline and Santos 2012, "A score based approach to wild bootstrap
inference"). As :math:`w_g^2=1` leaves :math:`\sum\psi_g^2` alone, ordering by the sum and by the studentised sum is the
same. With few clusters every pattern of signs is taken instead of a sample.

With two dimensions g and h of clusters the sum is studentised by the variance of both,

.. math:: \sum_g\psi_{g\cdot}^2+\sum_h\psi_{\cdot h}^2-\sum_{gh}\psi_{gh}^2,

and signs are drawn for the dimension with fewer clusters, which moves its second term (MacKinnon, Nielsen and Webb
2021, "Wild bootstrap and asymptotic inference with multiway clustering"). A draw whose variance is not positive says
nothing and is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dostastyq.errors import DostastyqError, nearest
from dostastyq.gravity.inference import AXES
from dostastyq.gravity.precondition import Operator, factor
from dostastyq.gravity.problem import FloatArray, Problem, Progress, Solution
from dostastyq.gravity.scores import Scores
from dostastyq.gravity.screen import EXACT, project
from dostastyq.gravity.solve import solve
from dostastyq.gravity.tensor import build

_TIES = 1e-12
_BLOCK = 4096
SINGLE = (*(name for name in AXES if name != "cell"), "pair_symmetric")
CROSSED = ("exporter", "importer", "year")


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
        Clusters that signs were drawn for.
    draws
        Patterns taken.
    exact
        Whether they are all patterns there are.
    seed
        Of the random signs.
    dimensions
        Dimensions of the clusters; signs were drawn for the first.
    """

    name: str
    null: float
    statistic: float
    p_value: float
    clusters: int
    draws: int
    exact: bool
    seed: int
    dimensions: tuple[str, ...]


def score_bootstrap(
    problem: Problem,
    solution: Solution,
    name: str,
    *,
    cluster: str | Sequence[str] = "pair",
    null: float = 0.0,
    draws: int = 9999,
    seed: int = 1,
    progress: Progress | None = None,
) -> Bootstrap:
    """Test one coefficient by random signs of cluster scores.

    Parameters
    ----------
    problem, solution
        What was fitted and the fit.
    name
        Regressor.
    cluster
        Dimension: one of the names of `inference.covariance` but ``"cell"``; or two of ``"exporter"``, ``"importer"``
        and ``"year"``.
    null
        Coefficient under the null.
    draws
        Patterns of signs; all 2^G when these are fewer.
    seed
        Seed of the generator.
    progress
        Called with ``"draws"``, the draws done and their number.

    Returns
    -------
    Bootstrap

    Raises
    ------
    DostastyqError
        ``GR160`` for a regressor without a coefficient, a dimension of another name, dimensions that no theory covers,
        or two dimensions whose variance is not positive.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> trade, rta = rng.lognormal(size=(6, 6, 4)), rng.random((6, 6, 1, 4))
    >>> panel = Problem(trade, rta, np.ones(trade.shape, bool), ("rta",))
    >>> test = score_bootstrap(panel, solve(panel), "rta", cluster="exporter")
    >>> test.clusters, test.draws, test.exact
    (6, 64, True)
    """
    dimensions = (cluster,) if isinstance(cluster, str) else tuple(cluster)
    if name not in solution.names:
        raise DostastyqError("GR160", f"{name!r} has no coefficient in this fit", nearest(name, solution.names))
    _check(dimensions)
    scores, hessian = _null_scores(problem, solution, name, null)
    dimensions, psi = _by_cluster(scores, dimensions, _combination(hessian, solution.names.index(name)))
    size = len(psi)
    if size < 2 or (len(dimensions) == 2 and psi.shape[1] < 2):
        raise DostastyqError(
            "GR160", f"there is a single cluster of {' or '.join(dimensions)}", "take another dimension"
        )
    if draws < 1:
        raise DostastyqError("GR160", f"draws is {draws}, expected at least 1", "9,999 are usual")
    exact = size < 63 and 2**size <= draws
    patterns = 2**size if exact else draws
    statistic = float(_statistics(np.ones((1, size)), psi)[0])
    if not np.isfinite(statistic):
        raise DostastyqError(
            "GR160",
            f"the variance of the score of {name!r} by {' and '.join(dimensions)} is not positive",
            "cluster by one of the dimensions",
        )
    reached = valid = 0
    for first in range(0, patterns, _BLOCK):
        if progress:
            progress("draws", first, patterns)
        values = _statistics(_signs(size, (first, min(first + _BLOCK, patterns)), seed, exact=exact), psi)
        reached += int((np.abs(values) >= abs(statistic) * (1 - _TIES)).sum())
        valid += int(np.isfinite(values).sum())
    share = reached / valid if exact else (reached + 1) / (valid + 1)
    return Bootstrap(name, null, statistic, share, size, valid, exact, seed, dimensions)


def _check(dimensions: tuple[str, ...]) -> None:
    """Refuse what is not known, and what has no theory."""
    for name in dimensions:
        if name not in SINGLE:
            raise DostastyqError("GR160", f"there is no cluster dimension {name!r}", nearest(name, SINGLE))
    if len(dimensions) == 1:
        return
    found = " and ".join(dimensions)
    if len(dimensions) != 2 or len(set(dimensions)) != 2:
        raise DostastyqError(
            "GR160",
            f"signs are drawn for one dimension, or one of two; found {found or 'none'}",
            "the bootstrap is known to be right for at most two dimensions: use the covariance for more",
        )
    if not set(dimensions) <= set(CROSSED):
        raise DostastyqError(
            "GR160",
            f"{found} do not cross: clusters of one lie within, or meet the other in single cells",
            f"take the wider dimension alone, or two of {', '.join(CROSSED)}",
        )


def _combination(hessian: FloatArray, k: int) -> FloatArray:
    """Weights of the scores in the score of coefficient k with the others taken out, (K,)."""
    others = [at for at in range(len(hessian)) if at != k]
    weights = np.zeros(len(hessian))
    weights[k] = 1.0
    if others:
        weights[others] = -np.linalg.solve(hessian[np.ix_(others, others)], hessian[others, k])
    return weights


def _by_cluster(scores: Scores, dimensions: tuple[str, ...], weights: FloatArray) -> tuple[tuple[str, ...], FloatArray]:
    """Scores by cluster, (G, 1), or by clusters of two dimensions, (G, H); the one with fewer comes first."""
    if len(dimensions) == 1:
        sums, alive = scores.sums("p" if dimensions[0] == "pair_symmetric" else AXES[dimensions[0]])
        return dimensions, (sums[alive] @ weights)[:, None]
    first, second = sorted(dimensions, key="exporter importer year".index)
    table, live = {
        "exporter importer": (scores.pairs @ weights, scores.live[0]),
        "exporter year": (np.einsum("nkt,k->nt", scores.exporter_years, weights), scores.live[1]),
        "importer year": (np.einsum("mkt,k->mt", scores.importer_years, weights), scores.live[2]),
    }[f"{first} {second}"]
    table = table[np.ix_(live.any(axis=1), live.any(axis=0))]
    return ((second, first), table.T) if table.shape[1] < table.shape[0] else ((first, second), table)


def _statistics(signs: FloatArray, psi: FloatArray) -> FloatArray:
    """Studentised sums of psi (G, H) under patterns of signs (R, G); nan where the variance is not positive."""
    own = psi.sum(axis=1)
    variance = np.full(len(signs), own @ own)
    if psi.shape[1] > 1:
        variance += ((signs @ psi) ** 2).sum(axis=1) - (psi**2).sum()
    scale: FloatArray = np.sqrt(np.where(variance > 0, variance, np.nan))
    return np.asarray(signs @ own / scale)


def _signs(size: int, patterns: tuple[int, int], seed: int, *, exact: bool) -> FloatArray:
    """Patterns of signs from one number to another: in the order of the binary numbers, or random."""
    first, last = patterns
    if exact:
        bits = (np.arange(first, last)[:, None] >> np.arange(size)) & 1
    else:
        bits = np.random.default_rng((seed, first)).integers(0, 2, size=(last - first, size))
    return np.asarray(2.0 * bits - 1.0)


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
