"""Covariances, bias correction, bootstrap and fixed effects, each against its definition or a simulation."""

import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.errors import DostastyqError
from dostastyq.gravity.bias import correct
from dostastyq.gravity.bootstrap import score_bootstrap
from dostastyq.gravity.fixed_effects import recover
from dostastyq.gravity.inference import AXES, covariance, nearest_semidefinite
from dostastyq.gravity.problem import Problem
from dostastyq.gravity.scores import cell_scores, residualised
from dostastyq.gravity.solve import solve

FULL = bool(os.environ.get("DOSTASTYQ_FULL"))
NAMED = [name for name in AXES if name != "cell"]


def codes_of(problem, name):
    e, i, t = np.indices(problem.flows.shape)
    size = max(problem.flows.shape) + 1
    symmetric = np.minimum(e, i) * size + np.maximum(e, i)
    return {
        "exporter": e,
        "importer": i,
        "year": t,
        "pair": e * size + i,
        "exporter_year": e * size + t,
        "importer_year": i * size + t,
        "pair_symmetric": symmetric,
    }[name]


@given(
    seed=st.integers(0, 2**32 - 1),
    effects=st.sampled_from(["three_way", "three_way_symmetric", "two_way", "one_way"]),
    names=st.lists(st.sampled_from(NAMED), min_size=1, max_size=3, unique=True),
    factor=st.sampled_from(["ppmlhdfe", "conventional", "fixest", "none"]),
)
def test_sums_over_axes_are_sums_by_code(world, seed, effects, names, factor):
    problem = world(seed, effects, n=8, m=8, years=4)
    solution = solve(problem)
    named = covariance(problem, solution, names, factor)
    coded = covariance(problem, solution, [(name, codes_of(problem, name)) for name in names], factor)
    scale = np.abs(coded.matrix).max(initial=1e-300)
    np.testing.assert_allclose(named.matrix, coded.matrix, rtol=1e-6, atol=1e-8 * scale)
    assert named.clusters == coded.clusters


def test_scores_and_moments_by_their_definition(world):
    problem = world(3, n=7, m=9, years=4, missing=0.1, blocks=False, scale=1.0)
    solution = solve(problem)
    x = np.stack(list(residualised(problem, solution)))
    mu, live = solution.fitted, solution.live
    for axes in (0, 1, 3):
        gone = np.einsum("ijkt,ijt->ijkt", x, mu).sum(axis=axes)
        np.testing.assert_allclose(gone, 0, atol=1e-7 * mu.sum() / 100)
    np.testing.assert_allclose(np.einsum("ijkt,ijlt,ijt->kl", x, x, mu), solution.hessian, rtol=1e-8)
    each = cell_scores(problem, solution)
    rest = np.where(live, problem.flows - mu, 0.0)
    np.testing.assert_allclose(each.T @ each, np.einsum("ijkt,ijlt,ijt->kl", x, x, rest**2), rtol=1e-10)
    np.testing.assert_allclose(each.sum(axis=0), 0, atol=1e-6 * np.abs(each).max())


def test_negative_eigenvalues_are_repaired_and_reported():
    matrix, worst = nearest_semidefinite(np.array([[1.0, 2.0], [2.0, 1.0]]))
    assert worst == pytest.approx(-1 / 3)
    assert np.linalg.eigvalsh(matrix).min() >= -1e-15


@pytest.mark.parametrize(
    ("clusters", "factor", "code"), [(["continent"], "none", "GR120"), (["pair"], "stata", "GR120")]
)
def test_unknown_words_are_refused(world, clusters, factor, code):
    problem = world(1)
    with pytest.raises(DostastyqError) as caught:
        covariance(problem, solve(problem), clusters, factor)
    assert caught.value.code == code


def test_a_single_cluster_is_refused(world):
    problem = world(1)
    with pytest.raises(DostastyqError) as caught:
        covariance(problem, solve(problem), [("all", np.zeros(problem.flows.shape, dtype=int))])
    assert caught.value.code == "GR121"


def simulated(seed, effects="three_way", n=20, years=5):
    """Design like that of Weidner and Zylkin (2021, section 5): beta = 1, log-homoskedastic, serially correlated."""
    draw = np.random.default_rng(seed)
    a, b = draw.normal(0, 0.25, (n, 1, years)), draw.normal(0, 0.25, (1, n, years))
    c = draw.normal(0, 0.25, (n, n, 1)) * (effects == "three_way")
    x, state = np.zeros((n, n, years)), c[..., 0] + draw.normal(0, 0.5, (n, n))
    for t in range(years):
        state = 0.5 * state + a[..., t] + b[..., t] + draw.normal(0, 0.5, (n, n))
        x[..., t] = state
    mean = np.exp(x + a + b + c)
    z = draw.normal(0, 1, (n, n, years))
    for t in range(1, years):
        z[..., t] = 0.3 * z[..., t - 1] + np.sqrt(0.91) * z[..., t]
    spread = np.log(1 + 1 / mean)
    flows = mean * np.exp(np.sqrt(spread) * z - spread / 2)
    return Problem(flows, x[:, :, None], np.ones(flows.shape, bool), ("x",), effects)


@pytest.mark.full
def test_bias_correction_shrinks_the_bias():
    draws = 400 if FULL else 120
    plain, fixed, errors, adjusted = [], [], [], []
    for seed in range(draws):
        problem = simulated(seed)
        solution = solve(problem)
        correction = correct(problem, solution)
        plain.append(solution.beta[0] - 1)
        fixed.append(correction.beta[0] - 1)
        errors.append(covariance(problem, solution, ["pair"]).standard_errors[0])
        adjusted.append(correction.covariance.standard_errors[0])
    assert abs(np.mean(fixed)) < 0.5 * abs(np.mean(plain))
    spread = np.std(plain)
    assert np.mean(errors) < np.mean(adjusted)
    assert abs(np.mean(adjusted) - spread) < abs(np.mean(errors) - spread) + 0.1 * spread / np.sqrt(draws / 100)


@pytest.mark.full
def test_two_way_correction_moves_standard_errors_only():
    correction, spread, errors = [], [], []
    for seed in range(200 if FULL else 60):
        problem = simulated(seed, "two_way")
        solution = solve(problem)
        found = correct(problem, solution)
        assert found.bias.tolist() == [0.0]
        assert found.beta.tolist() == solution.beta.tolist()
        spread.append(solution.beta[0])
        errors.append(covariance(problem, solution, ["pair"]).standard_errors[0])
        correction.append(found.covariance.standard_errors[0])
    assert np.mean(correction) > np.mean(errors)
    assert np.mean(correction) == pytest.approx(np.std(spread), rel=0.25)


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("effects", ["three_way", "two_way"])
def test_bias_and_leverage_by_dense_algebra(world, effects, missing):
    """The formulas of the module, written out with dense matrices and Moore-Penrose inverses."""
    problem = world(6, effects, n=6, m=7, years=3, zeros=0.1, missing=missing, blocks=False, scale=1.0)
    solution = solve(problem)
    n, m, _, years = problem.shape
    k = len(solution.beta)
    mu, x = solution.fitted, np.stack(list(residualised(problem, solution)))
    rest = np.where(solution.live, problem.flows - mu, 0.0)
    total = mu.sum(axis=2)
    hessian = np.einsum("ijt,ts->ijts", mu, np.eye(years))
    if effects == "three_way":
        hessian = hessian - mu[..., None] * mu[:, :, None] / np.where(total > 0, total, 1)[..., None, None]
    design = np.zeros((n, m, years, (n + m) * years))
    for i, j, t in np.ndindex(n, m, years):
        design[i, j, t, i * years + t] = design[i, j, t, (n + j) * years + t] = 1
    big = np.einsum("ijta,ijts,ijsb->ab", design, hessian, design)
    inverse = np.linalg.pinv(big, rcond=1e-11, hermitian=True)
    pairs = int(solution.live.any(axis=2).sum())
    weight = solution.hessian / pairs
    meat = np.zeros((k, k))
    for i, j in np.ndindex(n, m):
        if not solution.live[i, j].any():
            continue
        own = x[i, j].T
        leverage = own @ np.linalg.inv(weight) @ own.T / pairs + design[i, j] @ inverse @ design[i, j].T
        swollen = np.linalg.pinv(np.eye(years) - hessian[i, j] @ leverage, rcond=1e-9) @ np.outer(
            rest[i, j], rest[i, j]
        )
        meat += own.T @ swollen @ own / pairs
    bread = np.linalg.inv(weight)
    expected = bread @ (0.5 * (meat + meat.T)) @ bread / (pairs - 1)
    found = correct(problem, solution)
    np.testing.assert_allclose(found.covariance.matrix, expected, rtol=1e-6, atol=1e-8 * np.abs(expected).max())
    if effects == "two_way":
        return
    score = np.zeros(k)
    for side, size in ((0, n), (1, m)):
        live = int(solution.live.any(axis=(1 - side, 2)).sum())
        for at in range(size):
            blocks = [(at, other) if side == 0 else (other, at) for other in range(m if side == 0 else n)]
            plus = np.linalg.pinv(sum(hessian[b] for b in blocks), rcond=1e-11, hermitian=True)
            outer = sum(np.outer(rest[b], rest[b]) for b in blocks)
            for q in range(k):
                first = sum(np.outer(hessian[b] @ x[b][q], rest[b]) for b in blocks)
                third = -sum(np.diag(x[b][q]) @ hessian[b] + hessian[b] @ np.diag(x[b][q]) for b in blocks)
                term = -np.trace(plus @ first) + 0.5 * np.trace(plus @ third @ plus @ outer)
                score[q] += live / (live - 1) * term / pairs
    np.testing.assert_allclose(found.bias, np.linalg.solve(weight, score), rtol=1e-6, atol=1e-10)


def test_corrections_that_do_not_exist_are_refused(world):
    for effects in ("three_way_symmetric", "one_way"):
        problem = world(1, effects)
        with pytest.raises(DostastyqError, match="there is no bias correction") as caught:
            correct(problem, solve(problem))
        assert caught.value.code == "GR130"
    problem = world(1)
    weighted = replace(problem, weights=np.ones(problem.flows.shape))
    with pytest.raises(DostastyqError, match="weighted"):
        correct(weighted, solve(weighted))
    with pytest.raises(DostastyqError, match="GB") as caught:
        correct(problem, solve(problem), largest=100.0)
    assert caught.value.code == "GR131"


@given(
    seed=st.integers(0, 2**32 - 1), effects=st.sampled_from(["three_way", "three_way_symmetric", "two_way", "one_way"])
)
def test_fixed_effects_are_normalised_and_still_fit(world, seed, effects):
    problem = world(seed, effects, n=6, m=6, years=4, missing=0.0, blocks=False, zeros=0.1)
    solution = solve(problem)
    found = recover(problem, solution)
    eta = np.einsum("ijkt,k->ijt", problem.regressors[:, :, solution.columns], solution.beta)
    eta = eta + found.exporter_year[:, None] + found.importer_year
    if found.pair is not None:
        eta = eta + found.pair[:, :, None]
    np.testing.assert_allclose(np.exp(eta[solution.live]), solution.fitted[solution.live], rtol=1e-7)
    reference = found.importer_year[found.reference]
    np.testing.assert_allclose(reference[np.isfinite(reference)], 0, atol=1e-12)
    if effects == "three_way":
        np.testing.assert_allclose(np.nanmean(found.exporter_year, axis=1), 0, atol=1e-10)
    if effects.startswith("three_way"):
        np.testing.assert_allclose(np.nanmean(found.importer_year, axis=1), 0, atol=1e-10)


def test_a_reference_outside_the_sample_is_refused(world):
    problem = world(1, missing=0.0, blocks=False)
    with pytest.raises(DostastyqError) as caught:
        recover(problem, solve(problem), reference=999)
    assert caught.value.code == "GR140"


def test_bootstrap_is_exact_with_few_clusters_and_seeded_with_many(world):
    problem = world(2, n=7, m=7, years=4, missing=0.0, blocks=False)
    solution = solve(problem)
    few = score_bootstrap(problem, solution, "x0", cluster="exporter")
    assert few.exact
    assert few.draws == 2**few.clusters
    many = [score_bootstrap(problem, solution, "x0", draws=499, seed=seed) for seed in (3, 3, 4)]
    assert many[0] == many[1]
    assert many[0].p_value != many[2].p_value or many[0].p_value < 0.01
    at_estimate = score_bootstrap(problem, solution, "x0", null=float(solution.beta[0]), draws=199)
    assert at_estimate.p_value > 0.99
    assert abs(at_estimate.statistic) < 1e-4
    with pytest.raises(DostastyqError):
        score_bootstrap(problem, solution, "x9")
    with pytest.raises(DostastyqError):
        score_bootstrap(problem, solution, "x0", cluster="cell")


@pytest.mark.full
def test_bootstrap_rejects_at_its_level():
    """Under the truth, the share of p-values below a tenth is a tenth, within four standard errors."""
    draws = 300 if FULL else 100
    below = 0
    for seed in range(draws):
        problem = simulated(seed, "two_way", n=10, years=3)
        test = score_bootstrap(problem, solve(problem), "x", cluster="pair", null=1.0, draws=199, seed=seed)
        below += test.p_value <= 0.1
    assert abs(below / draws - 0.1) < 4 * np.sqrt(0.09 / draws)


@pytest.mark.parametrize("pair", [("exporter", "importer"), ("exporter", "year"), ("importer", "year")])
def test_bootstrap_over_two_dimensions_by_its_definition(world, pair):
    problem = world(4, n=7, m=8, years=5, zeros=0.1, missing=0.0, blocks=False, scale=1.0)
    solution = solve(problem)
    null = float(solution.beta[0]) - 0.05
    found = score_bootstrap(problem, solution, "x0", cluster=pair, null=null)
    assert set(found.dimensions) == set(pair)
    sizes = {"exporter": 7, "importer": 8, "year": 5}
    assert found.clusters == min(sizes[name] for name in pair)
    fixed = replace(
        problem, regressors=problem.regressors[:, :, 1:], names=("x1",), offset=null * problem.regressors[:, :, 0]
    )
    bound = solve(fixed)
    imposed = replace(solution, fitted=bound.fitted, beta=np.array([null, *bound.beta]))
    i, j, t = np.nonzero(problem.live)
    mu, x = imposed.fitted[i, j, t], problem.regressors[i, j, :, t]
    design = np.concatenate([np.eye(35)[i * 5 + t], np.eye(40)[j * 5 + t], np.eye(56)[i * 8 + j], x[:, 1:]], axis=1)
    root = np.sqrt(mu)[:, None]
    own = x[:, 0] - design @ np.linalg.lstsq(root * design, root[:, 0] * x[:, 0], rcond=None)[0]
    psi = own * (problem.flows[i, j, t] - mu)
    codes = {"exporter": i, "importer": j, "year": t}
    drawn, other = (codes[name] for name in found.dimensions)

    def statistic(signs):
        signed = psi * signs[drawn]
        terms = (np.bincount(code, signed) for code in (drawn, other, drawn * 99 + other))
        first, second, both = (float(sums @ sums) for sums in terms)
        variance = first + second - both
        return abs(signed.sum()) / np.sqrt(variance) if variance > 0 else np.nan

    observed = statistic(np.ones(found.clusters))
    assert abs(found.statistic) == pytest.approx(observed, rel=1e-5)
    grid = np.array(np.meshgrid(*[[-1.0, 1.0]] * found.clusters)).reshape(found.clusters, -1).T
    values = np.array([statistic(signs) for signs in grid])
    assert found.draws == np.isfinite(values).sum()
    assert found.p_value == pytest.approx(np.mean(values[np.isfinite(values)] >= observed * (1 - 1e-9)))


@pytest.mark.parametrize(
    ("cluster", "words"),
    [
        (("exporter", "importer", "year"), "at most two"),
        (("pair", "exporter"), "do not cross"),
        (("pair", "year"), "do not cross"),
        (("exporter", "exporter"), "one of two"),
        (("exporter", "continent"), "no cluster dimension"),
        ((), "found none"),
    ],
)
def test_bootstraps_without_a_theory_are_refused(world, cluster, words):
    problem = world(1)
    with pytest.raises(DostastyqError, match=words) as caught:
        score_bootstrap(problem, solve(problem), "x0", cluster=cluster)
    assert caught.value.code == "GR160"


@pytest.mark.full
def test_bootstrap_over_two_dimensions_rejects_at_its_level():
    """Errors common to an exporter and to an importer: clusters by pair reject too often, both dimensions do not."""
    draws = 200 if FULL else 60
    below, naive = 0, 0
    for seed in range(draws):
        draw = np.random.default_rng(seed)
        n, years = 12, 3
        signs = draw.choice([-1.0, 1.0], (n, 1, years)), draw.choice([-1.0, 1.0], (1, n, years))
        x = signs[0] * signs[1]
        shocks = np.exp(0.3 * x * (draw.normal(size=(n, 1, 1)) + draw.normal(size=(1, n, 1))))
        flows = shocks * draw.gamma(4.0, 0.25, (n, n, years))
        problem = Problem(flows, x[:, :, None], np.ones(flows.shape, bool), ("x",), "two_way")
        solution = solve(problem)
        both = ("exporter", "importer")
        below += score_bootstrap(problem, solution, "x", cluster=both, draws=199, seed=seed).p_value <= 0.1
        naive += score_bootstrap(problem, solution, "x", cluster="pair", draws=199, seed=seed).p_value <= 0.1
    assert below < naive
    assert below / draws < 0.1 + 4 * np.sqrt(0.09 / draws)
