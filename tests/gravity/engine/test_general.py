"""The general absorber is the tensor engine where both apply, and works where only it does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.errors import DostastyqError
from dostastyq.gravity import general
from dostastyq.gravity.inference import covariance
from dostastyq.gravity.problem import Dropped, GeneralProblem
from dostastyq.gravity.solve import solve


@given(
    seed=st.integers(0, 2**32 - 1), effects=st.sampled_from(["three_way", "three_way_symmetric", "two_way", "one_way"])
)
def test_it_is_the_tensor_engine(world, rows_of, seed, effects):
    problem = world(seed, effects, n=8, m=8, years=4)
    rows, cells = rows_of(problem)
    tensor, found = solve(problem), general.solve(rows)
    assert tensor.names == found.names
    assert tensor.dropped == found.dropped
    np.testing.assert_array_equal(tensor.separated[cells], found.separated)
    np.testing.assert_allclose(tensor.beta, found.beta, rtol=0, atol=1e-7)
    np.testing.assert_allclose(tensor.fitted[cells], found.fitted, rtol=1e-5, atol=1e-8 * found.fitted.max())
    assert tensor.deviance == pytest.approx(found.deviance, rel=1e-7, abs=1e-9 * problem.flows.sum())
    ours = covariance(problem, tensor, ["exporter"], "fixest").matrix
    theirs = covariance(rows, found, [("exporter", cells[0])], "fixest").matrix
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7 * np.abs(theirs).max(initial=1e-300))


def test_other_structures_against_the_referee():
    pf = pytest.importorskip("pyfixest")
    import warnings  # noqa: PLC0415

    import pandas as pd  # noqa: PLC0415

    draw = np.random.default_rng(1)
    n = 900
    e, i, t, sector = (draw.integers(0, size, n) for size in (8, 8, 5, 4))
    x = draw.normal(size=(n, 2))
    y = draw.poisson(np.exp(0.3 * x[:, 0] - 0.2 * x[:, 1] + 0.1 * e + 0.05 * t * sector)).astype(float)
    factors = (e * 4 + sector, i * 5 + t, sector * 5 + t)
    rows = GeneralProblem(y, x, factors, ("a", "b"), ("es", "it", "st"))
    found = general.solve(rows)
    columns = {"y": y, "a": x[:, 0], "b": x[:, 1], "es": factors[0], "it": factors[1], "st": factors[2]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = pf.fepois(
            "y ~ a + b | es + it + st",
            data=pd.DataFrame(columns),
            vcov={"CRV1": "es"},
            ssc=pf.ssc(k_adj=False),
            iwls_tol=1e-12,
            fixef_tol=1e-11,
            fixef_rm="none",
            fixef_maxiter=100_000,
        )
    np.testing.assert_allclose(found.beta, fit.coef(), atol=1e-8)
    errors = covariance(rows, found, [("es", factors[0])]).standard_errors
    np.testing.assert_allclose(errors, fit.se(), rtol=1e-6)
    index = np.log(found.fitted) - x @ found.beta
    np.testing.assert_allclose(
        sum(part[code] for part, code in zip(found.effects, factors, strict=True)), index, atol=1e-8
    )


def test_a_constant_alone():
    draw = np.random.default_rng(1)
    x = draw.normal(size=(200, 1))
    y = draw.poisson(np.exp(1 + 0.5 * x[:, 0])).astype(float)
    found = general.solve(GeneralProblem(y, x, (), ("x",), ()))
    design = np.stack([np.ones(200), x[:, 0]], axis=1)
    index = np.stack([found.effects[0][0], found.beta[0]])
    np.testing.assert_allclose(design.T @ (y - np.exp(design @ index)), 0, atol=1e-6)


def test_separated_and_explained_regressors_are_named():
    draw = np.random.default_rng(1)
    firm, year = np.repeat(np.arange(10), 8), np.tile(np.arange(8), 10)
    y = draw.poisson(5.0, 80).astype(float) + 1
    ban = (firm == 3) & (year == 2)
    y[ban] = 0.0
    x = np.stack([draw.normal(size=80), ban.astype(float), firm.astype(float)], axis=1)
    found = general.solve(GeneralProblem(y, x, (firm, year), ("x", "ban", "size"), ("firm", "year")))
    assert found.names == ("x",)
    assert set(found.dropped) == {Dropped("ban", "separated"), Dropped("size", "absorbed")}
    np.testing.assert_array_equal(found.separated, ban)
    assert found.certificate.pruned == {"firm": 0, "year": 0, "separated": 1}


def test_it_refuses_what_the_tensor_refuses():
    codes = (np.zeros(3, dtype=int),)
    with pytest.raises(DostastyqError) as caught:
        GeneralProblem(np.array([1.0, -1.0, 2.0]), np.zeros((3, 0)), codes, (), ("f",))
    assert caught.value.code == "GR102"
    with pytest.raises(DostastyqError) as caught:
        GeneralProblem(np.ones(3), np.zeros((2, 0)), codes, (), ("f",))
    assert caught.value.code == "GR101"
    with pytest.raises(DostastyqError) as caught:
        general.solve(GeneralProblem(np.zeros(3), np.zeros((3, 0)), codes, (), ("f",)))
    assert caught.value.code == "GR105"
