"""From a problem to a certified solution: prune, exclude separation, maximise, recompute what is claimed."""

import numpy as np

from dostastyq.blas import one_thread
from dostastyq.errors import DostastyqError
from dostastyq.gravity.certify import adding_up, clusters, likelihood, pair_effects
from dostastyq.gravity.newton import Optimum, maximise
from dostastyq.gravity.problem import (
    SEPARATION,
    BoolArray,
    Certificate,
    Dropped,
    FloatArray,
    Problem,
    Progress,
    Solution,
    check_settings,
)
from dostastyq.gravity.prune import prune, singletons
from dostastyq.gravity.separation import rectify
from dostastyq.gravity.steps import gap
from dostastyq.gravity.tensor import Tensor, build


@one_thread()
def solve(
    problem: Problem,
    *,
    tolerance: float = 1e-9,
    separation: str = "auto",
    threads: int | None = None,
    most: int = 200,
    compiled: bool | None = None,
    progress: Progress | None = None,
) -> Solution:
    """Fit a Poisson model with fixed effects.

    Parameters
    ----------
    problem
        Panel and model.
    tolerance
        Largest change of a coefficient in the last step, in standard deviations of its regressor, and largest relative
        gap between fitted and observed sums of exporters and importers.
    separation
        ``"rectifier"`` looks for separated cells before the fit. ``"auto"`` fits first: a finite optimum at which no
        zero cell still falls is itself the proof that none is separated; otherwise the rectifier runs and the fit is
        repeated. ``"none"`` does not look.
    threads
        Threads; None is one up to half a million cells and two beyond.
    most
        Most Newton steps.
    compiled
        Use the compiled passes; None decides by what is installed and DOSTASTYQ_NUMBA.
    progress
        Called with ``"steps"`` or ``"separation"``, how many steps or runs of the rectifier are done, and the most
        there can be (0 where that is not known).

    Returns
    -------
    Solution

    Raises
    ------
    DostastyqError
        ``GR104`` for settings that mean nothing; ``GR105``-``GR106`` from pruning; ``GR110`` when the fit did not
        converge, with the score norm.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> trade, rta = rng.lognormal(size=(6, 6, 4)), rng.random((6, 6, 1, 4))
    >>> fit = solve(Problem(trade, rta, np.ones(trade.shape, bool), ("rta",)))
    >>> fit.names, fit.certificate.adding_up < 1e-9
    (('rta',), True)
    """
    check_settings(tolerance, separation, threads)
    proof = SEPARATION[separation]
    sample = prune(problem)
    live, pruned = sample.live, dict(sample.pruned)
    separated = np.zeros_like(live)
    tensor = build(problem, live, threads=threads, compiled=compiled)
    found = None
    if separation != "rectifier":
        found = maximise(tensor, tolerance, most, watch=separation == "none", progress=progress)
    explained = () if found is None else found.dropped
    if found is None or (separation == "auto" and (found.falling or not found.converged)):
        proof = "rectifier"
        separated, explained = rectify(tensor, live, progress)
        found = _beyond(problem, tensor, (live, separated), tolerance, most, progress)
    if not found.converged or _lost(found):
        raise _not_converged(found, most)
    before = {place for place, _ in explained}
    dropped = tuple((place, reason if place in before else "separated") for place, reason in found.dropped)
    pruned["separated"] = int(separated.sum())
    return _solution(problem, live & ~separated, separated, found, (dropped, pruned, proof, tolerance))


def _beyond(  # noqa: PLR0917 -- the settings of `solve`
    problem: Problem,
    tensor: Tensor,
    masks: tuple[BoolArray, BoolArray],
    tolerance: float,
    most: int,
    progress: Progress | None,
) -> Optimum:
    """Fit without separated cells; those that only the steps themselves show are added to the mask."""
    live, separated = masks
    while True:
        rest = _without(problem, tensor, live, separated)
        found = maximise(rest, tolerance, most, watch=True, progress=progress)
        if found.separating is None:
            return found
        separated |= found.separating


def _without(problem: Problem, tensor: Tensor, live: BoolArray, separated: BoolArray) -> Tensor:
    """Build the panel without separated cells; the same one when there are none."""
    if not separated.any():
        return tensor
    return build(problem, live & ~separated, threads=tensor.threads, compiled=tensor.compiled)


def _lost(found: Optimum) -> int:
    """Count the positive flows whose fit is below the smallest number there is: their likelihood is minus infinity."""
    return int(((found.tensor.y > 0) & (found.mu <= 0)).sum())


def _not_converged(found: Optimum, most: int) -> DostastyqError:
    """Say what is known of a fit that stopped too early."""
    sums, passed = found.tensor.sums, found.passed
    score = passed.gk - np.einsum("nkt,nt->k", found.slope.gamma, passed.score)
    return DostastyqError(
        "GR110",
        f"the fit did not converge in {found.iterations} of at most {most} steps: the score of the coefficients is"
        f" {_over_deviation(score, found.slope.hessian):.1e} of its standard deviation, sums of flows are off by"
        f" {gap(passed.score, sums):.1e}, the last step was {found.step:.1e}, and {_lost(found)} positive flows are"
        " fitted by zero",
        "look for flows of very different size in one panel, for regressors that are nearly collinear, and, where"
        " separation was not looked for, for zeros without a finite fit",
    )


def _over_deviation(score: FloatArray, hessian: FloatArray) -> float:
    """Largest score over its standard deviation under the model."""
    scale = np.sqrt(np.maximum(np.diag(hessian), np.finfo(np.float64).tiny))
    return float(np.max(np.abs(score) / scale, initial=0.0))


def _solution(
    problem: Problem,
    live: BoolArray,
    separated: BoolArray,
    found: Optimum,
    record: tuple[tuple[tuple[int, str], ...], dict[str, int], str, float],
) -> Solution:
    """Recover the pair effects, undo the scaling and certify."""
    tensor, mu = found.tensor, found.mu
    dropped, pruned, proof, tolerance = record
    slope = found.slope
    *sums, cells, hessian = tensor.scores(mu, slope.gamma)
    pair = pair_effects(found, live) if tensor.mode else None
    effects = np.where(tensor.sums > 0, found.effects, np.nan)
    if not tensor.mode:
        effects[: tensor.exporters] += np.log(tensor.scale)
    loglik, deviance = likelihood(problem, tensor, mu)
    certificate = Certificate(
        converged=True,
        iterations=found.iterations,
        inner_iterations=tensor.applications,
        score=_over_deviation(sums[0].sum(axis=(0, 1)), hessian),
        adding_up=adding_up(tensor, mu),
        step=found.step,
        observations=int(live.sum()),
        zeros=int((live & (problem.flows == 0)).sum()),
        clusters=clusters(problem, live),
        singletons=singletons(live) if tensor.mode else 0,
        pruned=pruned,
        separation=proof,
        tolerance=tolerance,
        numba=tensor.compiled,
    )
    n = tensor.exporters
    mu *= tensor.scale
    if problem.weights is not None:
        np.divide(mu, problem.weights, out=mu, where=live)
    return Solution(
        names=tuple(problem.names[k] for k in tensor.cols),
        columns=tensor.cols,
        beta=found.beta,
        dropped=tuple(Dropped(problem.names[k], reason) for k, reason in dropped),
        live=live,
        separated=separated,
        fitted=mu,
        exporter_year=effects[:n],
        importer_year=effects[n:],
        pair=pair,
        effects=(),
        projection=(slope.gamma[:n], slope.gamma[n:]),
        residualised=None,
        hessian=hessian * tensor.scale,
        loglik=loglik,
        deviance=deviance,
        certificate=certificate,
        score_sums=(*(array * tensor.scale for array in sums), cells * tensor.scale**2),
    )
