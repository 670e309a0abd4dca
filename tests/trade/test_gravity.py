"""The gravity fill: Poisson first-order conditions, recovery of a known equation, honest errors out of sample."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

gravity = pytest.importorskip("baselines.gravity")

SIZE = 8


def planted(seed, size=SIZE, noise=0.0):
    """Draw covariates, coefficients and flows of an exact or noisy gravity equation."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(2, size, size))
    beta = np.array([-0.8, 0.4])
    exporter, importer = rng.normal(3, 1, size), rng.normal(0, 1, size)
    mean = np.exp(importer[:, None] + exporter[None, :] + np.tensordot(beta, z, 1))
    observed = ~np.eye(size, dtype=bool)
    return mean * np.exp(noise * rng.normal(size=mean.shape)), observed, z, beta


@pytest.mark.parametrize("seed", range(5))
def test_an_exact_equation_is_recovered(seed):
    flows, observed, z, beta = planted(seed)
    fit = gravity.fit_ppml(flows, observed, z)
    assert fit.beta == pytest.approx(beta, abs=1e-8)
    assert fit.predict(z) == pytest.approx(flows, rel=1e-7)
    assert fit.importer[0] == 0


@given(st.integers(0, 10_000))
def test_first_order_conditions(seed):
    flows, observed, z, _ = planted(seed, noise=1.0)
    fitted = np.where(observed, gravity.fit_ppml(flows, observed, z).predict(z), 0)
    known = np.where(observed, flows, 0)
    assert fitted.sum(0) == pytest.approx(known.sum(0), rel=1e-7)
    assert fitted.sum(1) == pytest.approx(known.sum(1), rel=1e-7)
    assert np.einsum("ni,kni->k", fitted - known, z) == pytest.approx([0, 0], abs=1e-6 * known.sum())


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:The inplace keyword")
def test_it_agrees_with_pyfixest():
    pyfixest = pytest.importorskip("pyfixest")
    flows, observed, z, _ = planted(7, noise=0.7)
    importer, exporter = np.nonzero(observed)
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"y": flows[observed], "a": z[0][observed], "b": z[1][observed]})
    frame["importer"], frame["exporter"] = importer, exporter
    other = pyfixest.fepois("y ~ a + b | importer + exporter", frame)
    assert gravity.fit_ppml(flows, observed, z).beta == pytest.approx(other.coef().to_numpy(), abs=1e-5)


def test_cells_that_are_not_observed_do_not_count():
    flows, observed, z, _ = planted(3, noise=1.0)
    observed[2, 5] = False
    other = flows.copy()
    other[2, 5] = np.nan
    assert gravity.fit_ppml(other, observed, z).beta == pytest.approx(gravity.fit_ppml(flows, observed, z).beta)


def test_a_pair_left_out_does_not_see_itself():
    flows, observed, z, _ = planted(11, noise=1.0)
    pairs = [(0, 1), (3, 6)]
    before = gravity.leave_one_pair_out(flows, observed, z, pairs)
    changed = flows.copy()
    changed[0, 1], changed[1, 0] = 1e6, 1e-6
    after = gravity.leave_one_pair_out(changed, observed, z, pairs)
    assert after[0] == pytest.approx(before[0], rel=1e-6)
    assert after[1] != pytest.approx(before[1], rel=1e-6)


def test_a_pair_left_out_of_an_exact_equation_is_found_again():
    flows, observed, z, _ = planted(4)
    predicted = gravity.leave_one_pair_out(flows, observed, z, [(2, 7)])
    assert predicted[0] == pytest.approx([flows[2, 7], flows[7, 2]], rel=1e-6)


def test_a_fit_that_does_not_converge_raises(monkeypatch):
    flows, observed, z, _ = planted(5, noise=1.0)
    monkeypatch.setattr(gravity, "MAX_ITERATIONS", 1)
    with pytest.raises(ArithmeticError, match="did not converge"):
        gravity.fit_ppml(flows, observed, z)


@pytest.mark.data
def test_regressors_from_geodist(data_folder):
    groups = {"former_soviet_union": ["KAZ", "RUS"], "european_union": ["DEU", "ROU"], "sanctioned": ["RUS"]}
    economies = gravity.covered(data_folder, ["DEU", "KAZ", "ROU", "RUS", "XXX"])
    assert economies == ["DEU", "KAZ", "ROU", "RUS"]
    z = gravity.covariates(data_folder, economies, groups | {"sanctioning": ["DEU"]})
    named = dict(zip(gravity.REGRESSORS, z, strict=True))
    assert named["contiguity"][1, 3] == 1
    assert named["both of the former Soviet Union"].sum() == 4
    assert named["both in the European Union"][0, 2] == 1
    assert named["sanctions of 2022"][0, 3] == named["sanctions of 2022"][3, 0] == 1
    assert named["sanctions of 2022"].sum() == 2
    kilometres = np.exp(named["log distance"][1, 3])
    assert 1500 < kilometres < 3500
    assert np.isfinite(z).all()


@pytest.mark.data
def test_every_code_of_baci_is_in_geodist_or_left_out(data_folder):
    baci = pl.read_parquet(data_folder / "baci/trade_2023.parquet")
    economies = sorted(set(baci["exporter"]))
    assert set(economies) - set(gravity.covered(data_folder, economies)) == {"CUW", "MNE", "SSD", "SXM"}
