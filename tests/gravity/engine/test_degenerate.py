"""Hard panels: every one is solved, the answer is optimal by arithmetic of its own, and nothing separated is left."""

import os
from dataclasses import replace

import numpy as np
import pytest

from dostastyq.errors import DostastyqError
from dostastyq.gravity import solve as engine
from dostastyq.gravity.solve import solve
from dostastyq.gravity.steps import damping
from dostastyq.gravity.tensor import build

FULL = bool(os.environ.get("DOSTASTYQ_FULL"))
# Panels on which Newton's method with plain halving ends without an answer.
REFUSED = {351}
"""Panels whose fit leaves the range of numbers; they are refused, see the reference of the engine."""
STUBBORN = (10513, 10564, 10609, 10635, 10803, 10920, 11098, 11263, 11407, 11494, 11677, 11784, 11894)


def assert_optimal(problem, solution):
    """A concave likelihood is largest where its gradient, here from the published parts alone, is zero."""
    i, j, t = np.nonzero(solution.live)
    year = np.zeros_like(t) if problem.effects == "one_way" else t
    eta = problem.regressors[:, :, solution.columns][i, j, :, t] @ solution.beta
    eta = eta + solution.exporter_year[i, year] + solution.importer_year[j, year]
    if solution.pair is not None:
        eta = eta + solution.pair[i, j]
    fitted, flows = solution.fitted[i, j, t], problem.flows[i, j, t]
    np.testing.assert_allclose(np.exp(eta), fitted, rtol=1e-6)
    for k in solution.columns:
        x = problem.regressors[i, j, k, t]
        assert abs(x @ (flows - fitted)) <= 1e-6 * np.sqrt((fitted * x**2).sum() * flows.mean())
    groups = [i * 99 + year, j * 99 + year]
    if problem.effects == "three_way":
        groups.append(i * 99 + j)
    if problem.effects == "three_way_symmetric":
        groups.append(np.minimum(i, j) * 99 + np.maximum(i, j))
    for code in groups:
        observed, found = np.bincount(code, flows), np.bincount(code, fitted)
        np.testing.assert_allclose(found, observed, rtol=1e-8, atol=0)


@pytest.mark.full
@pytest.mark.parametrize("seed", [*STUBBORN, *range(400 if FULL else 30)])
def test_it_is_solved_and_optimal(degenerate, programme, seed):
    problem = degenerate(seed)
    empty = not (problem.live & (problem.flows > 0)).any() or problem.live.sum(axis=2).max() < 2
    if empty or seed in REFUSED:
        said = None if empty else "the score of the coefficients is .* fitted by zero"
        with pytest.raises(DostastyqError, match=said):
            solve(problem)
        return
    solution = solve(problem)
    assert_optimal(problem, solution)
    if solution.live.sum() <= 150:
        assert not programme(problem, solution.live).any()


@pytest.mark.parametrize("seed", [11784, 3, 10803])
def test_steps_prove_separation_where_the_rectifier_finds_none(degenerate, monkeypatch, seed):
    problem = degenerate(seed)
    expected = solve(problem)
    assert expected.separated.any()
    monkeypatch.setattr(engine, "rectify", lambda _, live, __: (np.zeros_like(live), ()))
    found = solve(problem)
    np.testing.assert_array_equal(found.separated, expected.separated)
    np.testing.assert_allclose(found.fitted, expected.fitted, rtol=1e-6, atol=1e-9 * expected.fitted.max())


def test_the_damped_step_is_exact_for_one_cell():
    flow, fit = 5.0, 1e-6
    change = flow / fit - 1
    assert fit * np.exp(damping(change) * change) == pytest.approx(flow)
    assert damping(0.0) == damping(np.inf) == 0.5


@pytest.mark.parametrize("effects", ["three_way", "three_way_symmetric", "two_way", "one_way"])
def test_the_change_of_a_step_is_the_largest_of_any_cell(world, effects):
    problem = world(6, effects, n=7, m=7, years=4, missing=0.2, scale=1.0)
    tensor = build(problem, problem.live & (problem.flows >= 0))
    draw = np.random.default_rng(1)
    beta, moved = draw.normal(size=2), draw.normal(size=tensor.sums.shape)
    spread = np.broadcast_to(moved, (14, 4))
    eta = np.einsum("ijkt,k->ijt", problem.regressors, beta) + spread[:7, None] + spread[7:]
    largest = 0.0
    for i, j in np.ndindex(7, 7):
        cells = eta[i, j][problem.live[i, j] & (tensor.total[i, j] > 0)]
        if cells.size:
            largest = max(largest, np.ptp(cells) if tensor.mode else np.abs(cells).max())
    assert tensor.change(beta, moved) == pytest.approx(largest)


def test_flows_of_very_different_size_in_one_panel(world, referee):
    problem = world(12, "three_way", n=10, m=10, years=5, zeros=0.1, missing=0.0, blocks=False, scale=1.0)
    sizes = np.logspace(-6, 6, 10)
    flows = problem.flows * sizes[:, None, None] * sizes[:, None]
    apart = replace(problem, flows=flows)
    solution = solve(apart)
    assert_optimal(apart, solution)
    assert np.ptp(np.log10(flows[flows > 0])) > 20
    theirs, _, _ = referee(apart, sample=solution.live)
    np.testing.assert_allclose(solution.beta, [theirs[name] for name in solution.names], atol=1e-7)
