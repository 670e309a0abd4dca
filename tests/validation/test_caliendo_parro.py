"""Caliendo and Parro (2015), Table 2: NAFTA's tariff changes, balanced trade, 31 regions and 40 sectors of 1993."""

import numpy as np
import polars as pl
import pytest

from dostastyq.equilibrium import Economy, Shock

# Five digits of what the paper rounds to 1.31, -0.06 and 0.08 (welfare) and 1.72, 0.32 and 0.11 (real wage).
TABLE_2 = {
    "Mexico": {"total": 1.31211, "terms_of_trade": -0.41177, "volume_of_trade": 1.72388, "real_wage": 1.71532},
    "Canada": {"total": -0.06382, "terms_of_trade": -0.10810, "volume_of_trade": 0.04429, "real_wage": 0.32283},
    "USA": {"total": 0.08475, "terms_of_trade": 0.04353, "volume_of_trade": 0.04122, "real_wage": 0.11244},
}
EXACT = {"Mexico": 0.00732, "Canada": -0.11010, "USA": 0.07415}


@pytest.fixture(scope="module")
def nafta(data_folder):
    """The base year, trade balanced, and the world after the tariff changes of 1993 to 2005 inside NAFTA."""
    data = np.load(data_folder / "cp2015" / "nafta_1993.npz")
    shares, before, after = (data[name].transpose(2, 0, 1) for name in ("pi_nij", "tau_nij_bln", "tau_nij_cfl"))
    economy = Economy.from_shares(
        shares, data["X_nj"].T, before, data["theta_j"], data["gamma_nj"].T, data["gamma_nkj"], data["alpha_nj"].T,
        deficits="zero", labels=data["regions"].tolist(), sectors=data["sectors"].tolist(),
    )  # fmt: skip
    return economy.solve(Shock(tariffs=after))


def test_table_2_under_the_printed_formula(nafta):
    terms = {row["state"]: row for row in nafta.first_order().iter_rows(named=True)}
    for state, printed in TABLE_2.items():
        for name in ("total", "terms_of_trade", "volume_of_trade"):
            assert terms[state][name] == pytest.approx(printed[name], abs=6e-6)
        assert nafta.first_order_welfare[state] == pytest.approx(printed["total"], abs=6e-6)
        assert nafta.real_wage[state] == pytest.approx(printed["real_wage"], abs=6e-6)


def test_exact_equivalent_variation_and_its_decomposition(nafta):
    parts = nafta.decompose().filter(pl.col("state").is_in(list(EXACT)))
    for row in parts.iter_rows(named=True):
        assert nafta.welfare[row["state"]] == pytest.approx(EXACT[row["state"]], abs=6e-6)
        assert row["total"] == pytest.approx(nafta.welfare[row["state"]], abs=1e-8)
    mexico = parts.row(by_predicate=pl.col("state") == "Mexico", named=True)
    assert mexico["terms_of_trade"] == pytest.approx(-0.678, abs=6e-4)
    assert mexico["volume_of_trade"] == pytest.approx(0.685, abs=8e-4)


def test_repairs_are_reported_with_their_size(nafta):
    words = "\n".join(nafta.economy.repairs)
    assert "missed by up to 3.7e-07" in words
    assert "the least -0.00057; they were kept" in words
    assert "the largest deficit removed was Ireland" in words


def test_the_numpy_path_gives_the_same_answer(nafta):
    other = nafta.economy.solve_change(nafta.change, tolerance=1e-10, method="numpy")
    np.testing.assert_allclose(other.welfare.values, nafta.welfare.values, rtol=0, atol=1e-8)
    assert nafta.certificate.residual <= 1e-10
