"""What holds for every panel: sums add up, units and order do not matter, weights repeat rows, both paths agree."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.errors import DostastyqError
from dostastyq.gravity import general
from dostastyq.gravity.bias import correct
from dostastyq.gravity.bootstrap import score_bootstrap
from dostastyq.gravity.inference import covariance
from dostastyq.gravity.problem import Dropped, Problem
from dostastyq.gravity.solve import solve

EFFECTS = ["three_way", "three_way_symmetric", "two_way", "one_way"]
panels = {"seed": st.integers(0, 2**32 - 1), "effects": st.sampled_from(EFFECTS)}


def sums(array, problem):
    """Sums by every effect of the model."""
    if problem.effects == "one_way":
        return [array.sum(axis=(1, 2)), array.sum(axis=(0, 2))]
    out = [array.sum(axis=1), array.sum(axis=0)]
    if problem.effects == "three_way":
        out.append(array.sum(axis=2))
    if problem.effects == "three_way_symmetric":
        pair = array.sum(axis=2)
        out.append(pair + pair.T - np.diag(np.diag(pair)))
    return out


@given(**panels)
def test_fitted_sums_are_observed_sums(world, seed, effects):
    problem = world(seed, effects)
    solution = solve(problem)
    observed = np.where(solution.live, problem.flows, 0.0)
    for found, wanted in zip(sums(solution.fitted, problem), sums(observed, problem), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=0)
    assert solution.certificate.adding_up <= 1e-9
    assert solution.certificate.score < 1e-7


@given(**panels)
def test_both_paths_agree(world, seed, effects):
    problem = world(seed, effects)
    one, other = solve(problem, compiled=True), solve(problem, compiled=False)
    np.testing.assert_allclose(one.beta, other.beta, rtol=0, atol=1e-9)
    np.testing.assert_allclose(one.fitted, other.fitted, rtol=1e-7, atol=1e-9 * one.fitted.max())
    np.testing.assert_allclose(one.hessian, other.hessian, rtol=1e-6, atol=1e-8 * np.abs(one.hessian).max(initial=0.0))


@given(**panels, factor=st.sampled_from([1e-9, 1e-3, 7.0, 1e12]))
def test_the_currency_changes_nothing(world, seed, effects, factor):
    problem = world(seed, effects, scale=1.0)
    one, other = solve(problem), solve(replace(problem, flows=problem.flows * factor))
    np.testing.assert_allclose(one.beta, other.beta, rtol=0, atol=1e-8)
    np.testing.assert_allclose(one.fitted * factor, other.fitted, rtol=1e-6, atol=1e-9 * other.fitted.max())


@given(**panels)
def test_order_changes_nothing(world, seed, effects):
    problem = world(seed, effects)
    draw = np.random.default_rng(seed)
    n, m, k, years = problem.shape
    i, t, r = draw.permutation(n), draw.permutation(years), draw.permutation(k)
    j = i if effects == "three_way_symmetric" else draw.permutation(m)
    cells = np.ix_(i, j, t)
    moved = Problem(
        problem.flows[cells],
        problem.regressors[np.ix_(i, j, r, t)],
        problem.live[cells],
        tuple(problem.names[at] for at in r),
        effects,
    )
    one, other = solve(problem), solve(moved)
    assert set(one.names) == set(other.names)
    theirs = dict(zip(other.names, other.beta, strict=True))
    np.testing.assert_allclose(one.beta, [theirs[name] for name in one.names], rtol=0, atol=1e-8)


@given(**panels)
def test_the_unit_of_a_regressor_scales_its_coefficient(world, seed, effects):
    problem = world(seed, effects)
    scaled = replace(problem, regressors=problem.regressors * np.array([1e6, 1e-6])[:, None])
    one, other = solve(problem), solve(scaled)
    np.testing.assert_allclose(one.beta, other.beta * np.array([1e6, 1e-6])[one.columns], rtol=1e-6, atol=1e-8)


@given(seed=st.integers(0, 2**32 - 1), effects=st.sampled_from(EFFECTS))
def test_weights_repeat_rows(world, rows_of, seed, effects):
    problem = world(seed, effects, n=6, m=6, years=4, missing=0.0, blocks=False, scale=1.0)
    weights = np.random.default_rng(seed).integers(1, 4, problem.flows.shape).astype(float)
    weighted = replace(problem, weights=weights)
    one = solve(weighted)
    once, (i, j, t) = rows_of(problem)
    twice = np.repeat(np.arange(len(i)), weights[i, j, t].astype(int))
    repeated = replace(
        once,
        flows=once.flows[twice],
        regressors=once.regressors[twice],
        factors=tuple(code[twice] for code in once.factors),
    )
    other = general.solve(repeated)
    np.testing.assert_allclose(one.beta, other.beta, rtol=0, atol=1e-7)
    np.testing.assert_allclose(one.hessian, other.hessian, rtol=1e-5, atol=1e-7 * np.abs(other.hessian).max(initial=0))
    assert one.deviance == pytest.approx(other.deviance, rel=1e-7, abs=1e-7)
    assert one.loglik == pytest.approx(other.loglik, rel=1e-7)
    ours = covariance(weighted, one, ["exporter"], "none").matrix
    theirs = covariance(repeated, other, [("exporter", i[twice])], "none").matrix
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-7 * np.abs(theirs).max(initial=0.0))


@given(**panels)
def test_a_common_weight_changes_nothing_but_the_likelihood(world, seed, effects):
    problem = world(seed, effects)
    plain, doubled = solve(problem), solve(replace(problem, weights=np.full(problem.flows.shape, 2.0)))
    np.testing.assert_allclose(plain.beta, doubled.beta, rtol=0, atol=1e-8)
    np.testing.assert_allclose(plain.fitted, doubled.fitted, rtol=1e-6, atol=1e-9 * plain.fitted.max())
    assert doubled.deviance == pytest.approx(2 * plain.deviance, rel=1e-6, abs=1e-9 * problem.flows.sum())
    if len(plain.beta):
        ours, theirs = (covariance(problem, fit, ["exporter"]).matrix for fit in (plain, doubled))
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-8 * np.abs(ours).max())


def test_progress_is_told_by_every_part(world):
    problem = world(2, n=12, m=12, years=4, zeros=0.1, missing=0.0, blocks=False, scale=1.0)
    told = []
    solution = solve(problem, separation="rectifier", progress=lambda *call: told.append(call))
    assert told[0] == ("separation", 0, 0)
    steps = [call[1] for call in told if call[0] == "steps"]
    assert steps == list(range(solution.certificate.iterations))
    told.clear()
    correct(problem, solution, progress=lambda *call: told.append(call))
    assert told == [("bias", at, 12) for at in range(12)]
    told.clear()
    score_bootstrap(problem, solution, "x0", draws=9999, progress=lambda *call: told.append(call))
    assert told == [("draws", first, 9999) for first in (0, 4096, 8192)]


def test_absorbed_and_collinear_regressors_are_named(world):
    problem = world(4, k=2, n=8, m=8, missing=0.0, blocks=False)
    n, m, _, years = problem.shape
    draw = np.random.default_rng(1)
    extra = {
        "gdp": np.broadcast_to(draw.normal(20, 1, (n, 1, years)), (n, m, years)),
        "distance": np.broadcast_to(draw.normal(8, 1, (n, m, 1)), (n, m, years)),
        "sum": problem.regressors[:, :, 0] + 2 * problem.regressors[:, :, 1] + draw.normal(size=(n, 1, years)),
        "nothing": np.zeros((n, m, years)),
    }
    wide = replace(
        problem,
        regressors=np.concatenate([problem.regressors, np.stack(list(extra.values()), axis=2)], axis=2),
        names=(*problem.names, *extra),
    )
    solution = solve(wide)
    assert solution.names == ("x0", "x1")
    assert set(solution.dropped) == {
        Dropped("gdp", "absorbed"),
        Dropped("distance", "absorbed"),
        Dropped("sum", "collinear"),
        Dropped("nothing", "absorbed"),
    }
    np.testing.assert_allclose(solution.beta, solve(problem).beta, atol=1e-8)


def test_no_regressor_is_a_model_too(world):
    problem = world(1, k=1)
    empty = replace(problem, regressors=problem.regressors[:, :, :0], names=())
    solution = solve(empty)
    assert solution.beta.shape == (0,)
    assert solution.certificate.adding_up <= 1e-9


def test_pruning_is_counted(world):
    problem = world(1, n=6, m=6, years=3, missing=0.0, blocks=False, zeros=0.0)
    flows, live = problem.flows.copy(), problem.live.copy()
    live[:] = True
    flows[0, 1] = 0.0
    flows[2, :, 1] = 0.0
    live[5, 5] = False
    counts = solve(replace(problem, flows=flows, live=live)).certificate
    assert counts.pruned == {"missing": 3, "pair": 3, "exporter_year": 6, "importer_year": 0, "separated": 0}
    assert counts.observations == 108 - 12
    assert counts.clusters == {"exporter_year": 17, "importer_year": 18, "pair": 34}


def test_a_fit_that_stops_early_is_an_error_with_its_score(world):
    with pytest.raises(DostastyqError, match=r"did not converge in 2 .* the score .* is [0-9.]+e") as caught:
        solve(world(1), most=2)
    assert caught.value.code == "GR110"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"effects": "four_way"}, "GR104"),
        ({"names": ("x0",)}, "GR101"),
        ({"live": np.ones((2, 2, 2), bool)}, "GR101"),
        ({"flows": -1.0}, "GR102"),
        ({"flows": np.nan}, "GR102"),
        ({"weights": -1.0}, "GR103"),
        ({"offset": np.inf}, "GR103"),
        ({"regressors": np.nan}, "GR103"),
    ],
)
def test_bad_arrays_are_refused(world, change, code):
    problem = world(1)
    (name, value), *_ = change.items()
    if isinstance(value, float):
        base = getattr(problem, name)
        value = np.full_like(problem.flows if base is None else base, value)
    with pytest.raises(DostastyqError) as caught:
        replace(problem, **{name: value})
    assert caught.value.code == code


def test_nothing_to_fit_is_refused(world):
    problem = world(1)
    with pytest.raises(DostastyqError) as caught:
        solve(replace(problem, flows=np.zeros_like(problem.flows)))
    assert caught.value.code == "GR105"
    one_year = Problem(problem.flows[..., :1], problem.regressors[..., :1], problem.live[..., :1], problem.names)
    with pytest.raises(DostastyqError) as caught:
        solve(one_year)
    assert caught.value.code == "GR106"
