"""Random panels against pyfixest: unbalanced, zeros, missing cells, disconnected blocks, tiny and huge flows."""

import os
from dataclasses import replace

import numpy as np
import pytest

from dostastyq.gravity.fixed_effects import recover
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
    problem = world(seed, EFFECTS[seed % 4 if seed % 3 else 0], spread=3.0 if seed % 5 == 4 else 1.0)
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


@pytest.mark.parametrize("effects", EFFECTS)
def test_weights(world, referee, effects):
    """Analytic weights; a factor of their sum, which cancels in the coefficients, must cancel in the errors too."""
    problem = world(9, effects, missing=0.1, scale=1.0, blocks=False)
    weighted = replace(problem, weights=np.random.default_rng(2).uniform(0.2, 3.0, problem.flows.shape))
    solution = solve(weighted)
    theirs, errors, _ = referee(weighted, ("i",), solution.live)
    np.testing.assert_allclose(solution.beta, [theirs[name] for name in solution.names], atol=1e-7)
    ours = covariance(weighted, solution, ["exporter"]).standard_errors
    np.testing.assert_allclose(ours, [errors[name] for name in solution.names], rtol=1e-6)


@pytest.mark.parametrize("effects", EFFECTS)
def test_fixed_effects_under_one_normalisation(world, referee, effects):
    problem = world(10, effects, n=8, m=8, years=4, zeros=0.1, missing=0.0, blocks=False, scale=1.0)
    solution = solve(problem)
    _, _, fit = referee(problem, sample=solution.live)
    found = {name: {level: float(value) for level, value in levels.items()} for name, levels in fit.fixef().items()}
    shift = np.log(problem.flows[problem.live].mean())
    labels = {"C(it)": "a", "C(jt)": "b", "C(ij)": "c", "C(sij)": "c", "C(i)": "a", "C(j)": "b"}
    arrays = {"a": solution.exporter_year, "b": solution.importer_year, "c": solution.pair}
    # The referee leaves out one level of an effect, whose value is 0.
    theirs = {
        key: None if array is None else np.where(np.isfinite(array), 0.0, np.nan) for key, array in arrays.items()
    }
    for name, levels in found.items():
        for level, value in levels.items():
            places = [int(part.strip("em")) for part in level.split("-")]
            theirs[labels[name]][tuple(places) if len(places) == 2 else (places[0], 0)] = value
            if name == "C(sij)":
                theirs["c"][places[1], places[0]] = value
    moved = replace(solution, exporter_year=theirs["a"] + shift, importer_year=theirs["b"], pair=theirs["c"])
    ours, other = recover(problem, solution), recover(problem, moved)
    assert ours.reference == other.reference
    for key in ("exporter_year", "importer_year", "pair"):
        left, right = getattr(ours, key), getattr(other, key)
        assert (left is None) == (right is None)
        if left is not None:
            np.testing.assert_allclose(left, right, atol=1e-6)
