"""Random panels against pyfixest: unbalanced, zeros, missing cells, disconnected blocks, tiny and huge flows."""

import os
from dataclasses import replace

import numpy as np
import pytest

from dostastyq.gravity.inference import covariance, nearest_semidefinite
from dostastyq.gravity.solve import solve

FULL = bool(os.environ.get("DOSTASTYQ_FULL"))
EFFECTS = ("three_way", "three_way_symmetric", "two_way", "one_way")
DIMENSIONS = {
    "i": "exporter",
    "j": "importer",
    "t": "year",
    "ij": "pair",
    "sij": "pair_symmetric",
    "it": "exporter_year",
}


@pytest.mark.full
@pytest.mark.parametrize("seed", range(64 if FULL else 16))
def test_coefficients_and_standard_errors(world, referee, seed):
    problem = world(seed, EFFECTS[seed % 4 if seed % 3 else 0])
    clusters = ("sij",) if problem.effects == "three_way_symmetric" else ("ij",)
    solution = solve(problem)
    theirs, errors, fit = referee(problem, clusters) or referee(problem, clusters, solution.live)
    assert set(solution.names) == set(theirs)
    assert solution.certificate.observations == fit._N
    for name, beta, error in zip(
        solution.names,
        solution.beta,
        covariance(problem, solution, [DIMENSIONS[name] for name in clusters]).standard_errors,
        strict=True,
    ):
        assert beta == pytest.approx(theirs[name], abs=1e-7)
        assert error == pytest.approx(errors[name], rel=1e-6)


@pytest.mark.parametrize("clusters", [(), ("i",), ("t",), ("i", "j"), ("it",)])
@pytest.mark.parametrize("factor", ["ppmlhdfe", "conventional", "none"])
def test_clusters_and_small_samples(world, referee, clusters, factor):
    problem = world(3, missing=0.1, scale=1.0, blocks=False)
    solution = solve(problem)
    df = "conventional" if factor == "conventional" else "min"
    _, _, fit = referee(problem, clusters, G_df=df, G_adj=factor != "none" and bool(clusters))
    n = solution.certificate.observations
    raw = fit._vcov * (n / (n - 1) if not clusters and factor != "none" else 1.0)
    ours = covariance(problem, solution, [DIMENSIONS[name] for name in clusters], factor)
    theirs, repaired = nearest_semidefinite(raw)
    np.testing.assert_allclose(ours.matrix, theirs, rtol=1e-6, atol=1e-9 * np.abs(theirs).max())
    assert ours.repaired == pytest.approx(repaired, abs=1e-7)


@pytest.mark.parametrize("clusters", [(), ("t",), ("i",)])
def test_small_sample_of_fixest(world, referee, clusters):
    problem = world(5, missing=0.0, scale=1.0, blocks=False)
    solution = solve(problem)
    _, errors, _ = referee(problem, clusters, k_adj=True, G_adj=True, k_fixef="nonnested")
    ours = covariance(problem, solution, [DIMENSIONS[name] for name in clusters], "fixest")
    np.testing.assert_allclose(ours.standard_errors, list(errors.values()), rtol=1e-6)


def test_an_offset(world, referee):
    problem = world(8, scale=1.0)
    shifted = replace(problem, offset=np.random.default_rng(1).normal(size=problem.flows.shape))
    solution = solve(shifted)
    theirs, _, _ = referee(shifted)
    np.testing.assert_allclose(solution.beta, [theirs[name] for name in solution.names], atol=1e-7)
