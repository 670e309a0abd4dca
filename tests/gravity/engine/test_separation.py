"""Separation: planted cells are found and no others, and every answer is that of a linear programme."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.gravity.problem import Dropped
from dostastyq.gravity.prune import prune
from dostastyq.gravity.separation import separated
from dostastyq.gravity.solve import solve


@given(
    seed=st.integers(0, 2**32 - 1),
    effects=st.sampled_from(["three_way", "three_way_symmetric", "two_way", "one_way"]),
    zeros=st.sampled_from([0.3, 0.5, 0.65]),
)
def test_the_rectifier_solves_the_linear_programme(world, programme, seed, effects, zeros):
    problem = world(seed, effects, n=7, m=7, years=4, zeros=zeros, missing=0.0, scale=1.0)
    if not (problem.live & (problem.flows > 0)).any():
        return
    expected = programme(problem, prune(problem).live)
    np.testing.assert_array_equal(separated(problem), expected)
    solution = solve(problem)
    np.testing.assert_array_equal(solution.separated, expected)


@pytest.mark.parametrize("effects", ["three_way", "three_way_symmetric", "two_way"])
@pytest.mark.parametrize("separation", ["auto", "rectifier"])
def test_a_planted_dummy_is_found_and_nothing_else(world, effects, separation):
    problem = world(2, effects, n=20, m=20, years=6, zeros=0.1, missing=0.0, blocks=False)
    ban = np.random.default_rng(1).random(problem.flows.shape) < 0.02
    flows = np.where(ban, 0.0, problem.flows)
    regressors = problem.regressors.copy()
    regressors[:, :, 0] = ban
    planted = replace(problem, flows=flows, regressors=regressors)
    solution = solve(planted, separation=separation)
    live = prune(planted).live
    np.testing.assert_array_equal(solution.separated, ban & live)
    assert solution.dropped == (Dropped("x0", "separated"),)
    assert solution.certificate.separation == "rectifier"
    assert solution.certificate.pruned["separated"] == int((ban & live).sum())


def test_without_separation_the_optimum_is_the_proof(world):
    solution = solve(world(2, n=20, m=20, years=6, zeros=0.1, missing=0.0, blocks=False))
    assert solution.certificate.separation == "interior"
    assert not solution.separated.any()
