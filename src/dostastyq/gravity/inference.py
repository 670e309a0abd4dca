r"""Covariances of the coefficients: robust, clustered, clustered in several dimensions at once.

With scores :math:`s_{ijt}=\tilde x_{ijt}(y_{ijt}-\mu_{ijt})` and :math:`\tilde H=\sum\mu\tilde x\tilde x'`,

.. math:: V = \tilde H^{-1}\Bigl(\sum_{D\ne\emptyset}(-1)^{|D|+1}q_D\sum_{g\in D}s_gs_g'\Bigr)\tilde H^{-1},
          \qquad s_g=\sum_{ijt\in g}s_{ijt},

where D runs over intersections of the cluster dimensions (Cameron, Gelbach and Miller 2011) and q is the small-sample
factor. Sums by exporter, importer, year, pair and their combinations are sums over axes of one pass over the panel;
other dimensions come as codes of the cells. A matrix that is not positive semi-definite has its negative eigenvalues
set to zero, which is reported.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from dostastyq.errors import DostastyqError, nearest
from dostastyq.gravity.problem import Covariance, FloatArray, GeneralProblem, IntArray, Problem, Solution
from dostastyq.gravity.scores import Scores, by_code, cell_scores, scores

AXES = {
    "exporter": "e",
    "importer": "i",
    "year": "t",
    "exporter_year": "et",
    "importer_year": "it",
    "pair": "ei",
    "cell": "eit",
}
CLUSTERS = (*AXES, "pair_symmetric")
SMALL_SAMPLE = ("ppmlhdfe", "conventional", "fixest", "none")
Cluster = str | tuple[str, IntArray]


def covariance(
    problem: Problem | GeneralProblem,
    solution: Solution,
    clusters: Sequence[Cluster] | None = None,
    small_sample: str = "ppmlhdfe",
) -> Covariance:
    """Covariance of the coefficients.

    Parameters
    ----------
    problem, solution
        What was fitted and the fit.
    clusters
        Dimensions: names (``"exporter"``, ``"importer"``, ``"year"``, ``"pair"`` directed, ``"pair_symmetric"``,
        ``"exporter_year"``, ``"importer_year"``), or (name, codes) with integers of the shape of the flows. Empty is
        heteroskedastic. None is by pair, as the model has it, and heteroskedastic in a cross-section and in a general
        model, which knows codes only.
    small_sample
        Factor q. ``"ppmlhdfe"``: G/(G-1) with the least number of clusters G of any dimension, n/(n-1) without
        clusters. ``"conventional"``: every term its own G/(G-1). ``"fixest"``: that of ppmlhdfe times (n-1)/(n-k),
        n/(n-k) without clusters, where k counts coefficients and effects not nested in a cluster, as fixest and
        pyfixest do. ``"none"``: 1.

    Returns
    -------
    Covariance

    Raises
    ------
    DostastyqError
        ``GR120`` for a dimension or convention of another name, ``GR121`` for a dimension of a single cluster,
        ``GR122`` for the factor of fixest without degrees of freedom.

    Notes
    -----
    A cluster of one dimension with few members makes V too small whatever the factor; see `bootstrap`.

    Examples
    --------
    >>> from dostastyq.gravity.solve import solve
    >>> rng = np.random.default_rng(1)
    >>> trade, rta = rng.lognormal(size=(6, 6, 4)), rng.random((6, 6, 1, 4))
    >>> panel = Problem(trade, rta, np.ones(trade.shape, bool), ("rta",))
    >>> found = covariance(panel, solve(panel), ["exporter", "importer"])
    >>> found.kind, found.clusters
    ('clustered by exporter and importer', {'exporter': 6, 'importer': 6})
    """
    if small_sample not in SMALL_SAMPLE:
        raise DostastyqError(
            "GR120", f"there is no small-sample factor {small_sample!r}", nearest(small_sample, SMALL_SAMPLE)
        )
    dims = list(default_clusters(problem) if clusters is None else clusters)
    names = [dim if isinstance(dim, str) else dim[0] for dim in dims]
    for name in [dim for dim in dims if isinstance(dim, str)]:
        if name not in CLUSTERS or isinstance(problem, GeneralProblem):
            raise DostastyqError("GR120", f"there is no cluster dimension {name!r}", nearest(name, CLUSTERS))
    if not dims:
        matrix = _cells(problem, solution) * _cells_factor(problem, solution, small_sample)
        return _finish(matrix, solution, ("heteroskedastic", {}, small_sample))
    simple = all(isinstance(dim, str) and dim in AXES for dim in dims) or dims == ["pair_symmetric"]
    if simple and isinstance(problem, Problem):
        meat, counts = _by_axes(scores(solution), dims, small_sample)
    else:
        meat, counts = _by_codes(problem, solution, dims, small_sample)
    own = dict(zip(names, counts, strict=True))
    for name, count in own.items():
        if count < 2:
            raise DostastyqError(
                "GR121", f"there is a single cluster of {name!r}", "cluster by something that varies in the sample"
            )
    if small_sample in {"ppmlhdfe", "fixest"}:
        least = min(counts)
        meat = meat * (least / (least - 1))
    if small_sample == "fixest":
        free = _free(problem, solution, dims)
        meat = meat * ((solution.certificate.observations - 1) / free)
    words = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])).replace("_", "-")
    return _finish(meat, solution, (f"clustered by {words}", own, small_sample))


def default_clusters(problem: Problem | GeneralProblem) -> tuple[str, ...]:
    """Name the pair of the model; nothing when there is one year."""
    if isinstance(problem, GeneralProblem) or problem.shape[3] == 1:
        return ()
    return ("pair_symmetric",) if problem.effects == "three_way_symmetric" else ("pair",)


def _cells(problem: Problem | GeneralProblem, solution: Solution) -> FloatArray:
    """Outer products of the scores summed over cells, (K, K)."""
    if isinstance(problem, Problem):
        return scores(solution).cells
    each = cell_scores(problem, solution)
    return np.asarray(each.T @ each)


def _by_axes(made: Scores, dims: Sequence[Cluster], small_sample: str) -> tuple[FloatArray, list[int]]:
    """Inclusion and exclusion over sums by axes; the intersection of two dimensions has the axes of both."""
    if list(dims) == ["pair_symmetric"]:
        total, own = made.outer("p")
        return total * _own_factor(own, small_sample), [own]
    axes = ["".join(sorted(AXES[str(dim)], key="eit".index)) for dim in dims]
    meat, counts = np.zeros_like(made.cells), []
    for size in range(1, len(axes) + 1):
        for chosen in combinations(axes, size):
            union = "".join(letter for letter in "eit" if letter in set("".join(chosen)))
            outer, groups = made.outer(union)
            meat += (-1) ** (size + 1) * _own_factor(groups, small_sample) * outer
            if size == 1:
                counts.append(groups)
    return meat, counts


def _by_codes(
    problem: Problem | GeneralProblem, solution: Solution, dims: Sequence[Cluster], small_sample: str
) -> tuple[FloatArray, list[int]]:
    """Inclusion and exclusion over codes of the cells; needs the scores of all cells at once, 8 K bytes each."""
    each = cell_scores(problem, solution)
    codes = [np.unique(_codes(problem, dim)[solution.live], return_inverse=True)[1] for dim in dims]
    meat, counts = np.zeros((len(solution.beta),) * 2), []
    for size in range(1, len(dims) + 1):
        for chosen in combinations(codes, size):
            joint = chosen[0]
            for other in chosen[1:]:
                joint = np.unique(joint * (int(other.max()) + 1) + other, return_inverse=True)[1]
            groups = int(joint.max()) + 1
            sums = by_code(joint, groups, each)
            meat += (-1) ** (size + 1) * _own_factor(groups, small_sample) * (sums.T @ sums)
            if size == 1:
                counts.append(groups)
    return meat, counts


def _codes(problem: Problem | GeneralProblem, dim: Cluster) -> IntArray:
    """Codes of a dimension, of the shape of the flows."""
    shape = problem.flows.shape
    if not isinstance(dim, str):
        if dim[1].shape != shape:
            raise DostastyqError("GR120", f"codes of {dim[0]!r} have shape {dim[1].shape}; the flows have {shape}")
        return dim[1]
    e, i, t = (np.arange(size).reshape([-1 if axis == at else 1 for axis in range(3)]) for at, size in enumerate(shape))
    if dim == "pair_symmetric":
        return np.broadcast_to(np.minimum(e, i) * max(shape) + np.maximum(e, i), shape)
    code = np.zeros((1, 1, 1), dtype=np.int64)
    for letter, index, size in zip("eit", (e, i, t), shape, strict=True):
        if letter in AXES[dim]:
            code = code * size + index
    return np.broadcast_to(code, shape)


def _own_factor(groups: int, small_sample: str) -> float:
    return groups / (groups - 1) if small_sample == "conventional" and groups > 1 else 1.0


def _cells_factor(problem: Problem | GeneralProblem, solution: Solution, small_sample: str) -> float:
    """Factor without clusters."""
    n = solution.certificate.observations
    if small_sample == "fixest":
        return n / _free(problem, solution, [])
    return 1.0 if small_sample == "none" else n / (n - 1)


def _free(problem: Problem | GeneralProblem, solution: Solution, dims: Sequence[Cluster]) -> int:
    """Degrees of freedom n - k."""
    free = solution.certificate.observations - _parameters(problem, solution, dims)
    if free < 1:
        raise DostastyqError(
            "GR122",
            f"{solution.certificate.observations} cells leave no degrees of freedom to the factor of fixest",
            "use small_sample='ppmlhdfe', which counts clusters",
        )
    return free


def _parameters(problem: Problem | GeneralProblem, solution: Solution, dims: Sequence[Cluster]) -> int:
    """Parameters as fixest counts them: an effect nested in a cluster dimension counts one."""
    levels = dict(solution.certificate.clusters)
    count = len(solution.beta) - max(len(levels) - 1, 0)
    clusters = [_codes(problem, dim)[solution.live] for dim in dims]
    for effect, number in levels.items():
        code = _effect_codes(problem, effect)[solution.live]
        count += 1 if any(_nested(code, cluster) for cluster in clusters) else number
    return count


def _effect_codes(problem: Problem | GeneralProblem, effect: str) -> IntArray:
    """Codes of one of the fixed effects."""
    if isinstance(problem, GeneralProblem):
        return problem.factors[problem.factor_names.index(effect)]
    symmetric = effect == "pair" and problem.effects == "three_way_symmetric"
    return _codes(problem, "pair_symmetric" if symmetric else effect)


def _nested(code: IntArray, cluster: IntArray) -> bool:
    """Whether every level of `code` lies in one cluster."""
    joint = len(np.unique(np.stack((code, cluster)), axis=1).T)
    return joint == len(np.unique(code))


def _finish(meat: FloatArray, solution: Solution, words: tuple[str, dict[str, int], str]) -> Covariance:
    """Sandwich, and the repair of negative eigenvalues."""
    bread = np.linalg.inv(solution.hessian)
    matrix, repaired = nearest_semidefinite(bread @ meat @ bread)
    return Covariance(matrix, words[0], words[1], words[2], repaired)


def nearest_semidefinite(matrix: FloatArray) -> tuple[FloatArray, float]:
    """Negative eigenvalues set to zero, and the most negative relative to the largest.

    Examples
    --------
    >>> fixed, worst = nearest_semidefinite(np.diag([2.0, -1.0]))
    >>> fixed.tolist(), worst
    ([[2.0, 0.0], [0.0, 0.0]], -0.5)
    """
    matrix = 0.5 * (matrix + matrix.T)
    if not matrix.size:
        return matrix, 0.0
    diagonal = np.diag(matrix)
    scale = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    values, vectors = np.linalg.eigh(matrix / np.outer(scale, scale))
    worst = float(values[0] / values[-1]) if values[-1] > 0 else 0.0
    if worst >= -1e-12:
        return matrix, 0.0
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.maximum(values, 0.0)) @ vectors.T, float(values[0] / values[-1])
