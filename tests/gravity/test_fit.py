"""Fits as their users meet them: pyfixest's numbers, the textbook's numbers, and what a fit says about itself."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyfixest as pf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dostastyq as dq
from dostastyq.errors import DostastyqError
from dostastyq.gravity import ppml

THREE = "exporter^year + importer^year + exporter^importer"


def oracle(terms, effects, data, vcov):
    """Fit of pyfixest with the effects as columns of their own."""
    frame = pd.DataFrame({name: data[name].to_list() for name in data.columns})
    for name in (piece.strip() for piece in effects.split("+")):
        if "^" in name:
            frame[name.replace("^", "_")] = frame[name.split("^")].astype(str).agg("_".join, axis=1)
    frame["pair"] = frame["exporter"] + frame["importer"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pf.fepois(
            f"trade ~ {terms} | {effects.replace('^', '_')}",
            frame,
            vcov=vcov,
            iwls_tol=1e-10,
            fixef_tol=1e-10,
            ssc=pf.ssc(k_adj=False, G_adj=True, G_df="min"),
        )


@pytest.mark.parametrize("terms", ["rta + x", "rta*x", "rta + i(year, x, ref=2000)", "rta + log(dist):x", "x:group"])
@pytest.mark.parametrize("effects", ["exporter^year + importer^year", THREE])
def test_same_estimates_as_pyfixest(terms, effects, panel):
    data = panel(7, 5, 3, missing=0.1)
    ours = ppml(f"trade ~ {terms} | {effects}", data, {"CRV1": "exporter^importer"})
    theirs = oracle(terms, effects, data, {"CRV1": "pair"})
    expected, errors = theirs.coef(), theirs.se()
    assert set(map(str, expected.index)) == set(ours.names)
    for name in ours.names:
        assert ours.coef()[name] == pytest.approx(expected[name], rel=1e-6, abs=1e-7)
        assert ours.se()[name] == pytest.approx(errors[name], rel=1e-5)
    assert ours.nobs == theirs._N


@settings(max_examples=10)
@given(seed=st.integers(0, 1000), missing=st.sampled_from([0.0, 0.3]))
def test_same_estimates_on_random_panels(seed, missing, panel):
    data = panel(6, 4, seed, missing=missing, zeros=0.1)
    ours = ppml(f"trade ~ x | {THREE}", data, "HC1", small_sample="none")
    theirs = oracle("x", THREE, data, "HC1")
    assert ours.coef()["x"] == pytest.approx(float(theirs.coef()["x"]), rel=1e-5, abs=1e-6)


def test_two_clusters_at_once(panel):
    data = panel(8, 5, 2)
    ours = ppml("trade ~ rta + x | exporter^year + importer^year", data, {"CRV1": "exporter + importer"})
    theirs = oracle("rta + x", "exporter^year + importer^year", data, {"CRV1": "exporter + importer"})
    assert np.asarray(ours.se()) == pytest.approx(theirs.se().to_numpy(), rel=1e-5)
    assert ours.clusters == {"exporter": 8, "importer": 8}


@pytest.mark.data
def test_textbook_agtpa_symmetric_and_directed_pairs(data_folder):
    """AGTPA (Yotov et al. 2016), chapter 1, application 3: 0.557 (0.102) with symmetric pairs."""
    data = pl.read_parquet(data_folder / "agtpa" / "trade.parquet").filter(pl.col("year") % 4 == 2)
    fit = ppml("trade ~ rta | exporter^year + importer^year + pair_id", data, {"CRV1": "pair_id"})
    assert (fit.coef()["rta"], fit.se()["rta"]) == pytest.approx((0.5571853, 0.1022353), abs=5e-8)
    assert fit.nobs == 28_482
    assert fit.left_out == {"pair": 84}
    assert fit.has_domestic
    option = ppml(f"trade ~ rta | {THREE}", data, {"CRV1": "exporter^importer"}, symmetric_pairs=True)
    assert option.coef()["rta"] == pytest.approx(fit.coef()["rta"], abs=1e-9)
    assert option.se()["rta"] == pytest.approx(fit.se()["rta"], abs=1e-9)
    directed = ppml(f"trade ~ rta | {THREE}", data, {"CRV1": "exporter^importer"})
    assert (directed.coef()["rta"], directed.se()["rta"]) == pytest.approx((0.5671055, 0.0814975), abs=5e-8)


@pytest.mark.data
def test_lags_and_border_years_of_the_textbook(data_folder):
    """Lags as columns of the data, borders by year from the formula: what dummies made by hand give."""
    data = pl.read_parquet(data_folder / "agtpa" / "trade.parquet").filter(pl.col("year") % 4 == 2)
    lags = "rta + rta_lag4 + rta_lag8"
    fit = ppml(f"trade ~ {lags} + i(year, I(exporter != importer), ref=2006) | {THREE}", data)
    border = (pl.col("exporter") != pl.col("importer")).cast(pl.Float64)
    years = [1986, 1990, 1994, 1998, 2002]
    by_hand = data.with_columns((border * (pl.col("year") == year)).alias(f"b{year}") for year in years)
    same = ppml(f"trade ~ {lags} + {' + '.join(f'b{year}' for year in years)} | {THREE}", by_hand)
    assert np.asarray(fit.coef()) == pytest.approx(np.asarray(same.coef()), abs=1e-9)
    assert fit.names[3] == "year::1986:I(exporter != importer)"
    assert all(fit.coef()[name] < 0 for name in fit.names[3:])
    total = fit.trade_effects(["rta", "rta_lag4", "rta_lag8"], total=True)
    assert total["percent"].item() == pytest.approx(100 * np.expm1(sum(list(fit.coef())[:3])))


@pytest.fixture(scope="module")
def fit(panel):
    return ppml(f"trade ~ rta + x | {THREE}", panel(8, 6, 5, missing=0.1))


def test_sums_of_flows_are_fitted(fit):
    rows = fit.to_frame().filter("in_sample")
    for keys in (["exporter", "year"], ["importer", "year"], ["exporter", "importer"]):
        sums = rows.group_by(keys).agg(pl.col("trade").sum(), pl.col("fitted").sum())
        assert sums["fitted"].to_numpy() == pytest.approx(sums["trade"].to_numpy(), rel=1e-8)


def test_predictions_stand_beside_the_rows_of_the_data(panel):
    data = panel(8, 6, 5, missing=0.1)
    dead = data.with_columns(
        trade=pl.when(pl.col("exporter") == "C03", pl.col("importer") == "C05").then(0.0).otherwise("trade")
    )
    found = ppml(f"trade ~ rta + x | {THREE}", dead)
    predicted = found.predict()
    gone = ((dead["exporter"] == "C03") & (dead["importer"] == "C05")).to_numpy()
    assert predicted.shape == (dead.height,)
    assert np.isnan(predicted[gone]).all()
    assert found.left_out["pair"] == gone.sum()
    kept = ~np.isnan(predicted)
    assert found.residuals[kept] == pytest.approx(dead["trade"].to_numpy()[kept] - predicted[kept])
    assert np.exp(found.predict(link=True)[kept]) == pytest.approx(predicted[kept])


def test_a_tidy_frame_follows_from_the_coefficients(fit):
    tidy = fit.tidy(0.9)
    assert tidy.columns == ["term", "estimate", "std_error", "statistic", "p_value", "low", "high"]
    assert tidy["statistic"].to_list() == pytest.approx([fit.coef()[k] / fit.se()[k] for k in fit.names])
    assert (tidy["high"] - tidy["low"]).to_numpy() == pytest.approx(2 * 1.6448536 * np.asarray(fit.se()))
    assert fit.confint(0.9).equals(tidy.select("term", "low", "high"))
    assert fit.covariance["rta", "x"] == fit.vcov[0, 1]


def test_a_fit_is_frozen(fit):
    with pytest.raises(AttributeError):
        fit.beta = np.zeros(2)
    with pytest.raises(ValueError, match="read-only"):
        fit.vcov[0, 0] = 1.0


def test_other_standard_errors_need_no_new_estimation(fit, panel):
    again = fit.with_vcov({"CRV1": "exporter + importer + year"})
    direct = ppml(f"trade ~ rta + x | {THREE}", panel(8, 6, 5, missing=0.1), {"CRV1": "exporter + importer + year"})
    assert np.asarray(again.se()) == pytest.approx(np.asarray(direct.se()))
    assert again.coef()["rta"] == fit.coef()["rta"]


def test_clusters_may_be_any_column(panel):
    data = panel(8, 6, 5).with_columns(region=pl.col("exporter").replace_strict({f"C{k:02d}": k % 4 for k in range(8)}))
    found = ppml(f"trade ~ rta | {THREE}", data, {"CRV1": "region"})
    assert found.clusters == {"region": 4}


def test_effects_in_per_cent(fit):
    row = fit.trade_effects(["rta"]).row(0, named=True)
    beta, error = fit.coef()["rta"], fit.se()["rta"]
    assert row["percent"] == pytest.approx(100 * np.expm1(beta))
    assert row["std_error"] == pytest.approx(100 * np.exp(beta) * error)
    assert -100 < row["low"] < row["percent"] < row["high"]
    half = fit.trade_effects(["rta"], change=0.5).row(0, named=True)
    assert half["percent"] == pytest.approx(100 * np.expm1(beta / 2))


def test_joint_tests_say_their_null(fit):
    single = fit.wald("rta")
    assert single.statistic == pytest.approx(fit.tidy()["statistic"][0] ** 2)
    assert single.p_value == pytest.approx(fit.tidy()["p_value"][0])
    assert single.null == "the coefficient of rta is zero"
    assert fit.wald().null == "the coefficients of rta and x are all zero"
    assert fit.wald("rta = x").statistic == pytest.approx(fit.wald("2*rta - 2*x = 0").statistic)
    assert fit.wald(f"rta = {fit.coef()['rta']}").p_value == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("restriction", "code"), [("rat", "GR021"), ("rat = 0", "GR020"), ("rta*x = 0", "GR021"), ("rta = ", "GR021")]
)
def test_what_is_no_restriction_is_refused(fit, restriction, code):
    with pytest.raises(DostastyqError) as error:
        fit.wald(restriction)
    assert error.value.code in {code, "GR020"}


def test_restrictions_that_repeat_are_refused(fit):
    with pytest.raises(DostastyqError, match="not independent"):
        fit.wald("rta = 0", "2*rta = 0")


def test_reset_finds_a_wrong_form_and_leaves_a_right_one(panel):
    data = panel(12, 8, 1, zeros=0.0)
    right = ppml(f"trade ~ rta + x | {THREE}", data).reset()
    shape = np.exp(0.8 * data["x"].to_numpy() ** 2)
    wrong = ppml("trade ~ x | exporter + importer", data.with_columns(trade=pl.col("trade") * shape)).reset(powers=3)
    assert right.degrees == 1
    assert wrong.degrees == 2
    assert wrong.null == "powers 2 to 3 of the index of the regressors have no effect (the functional form is right)"
    assert wrong.p_value < 0.001
    assert right.p_value > 0.05


def test_reset_of_a_dummy_says_that_its_index_has_the_effects(panel):
    fit = ppml(f"trade ~ rta | {THREE}", panel(8, 5, 1))
    assert "effects included" in fit.reset().null
    assert fit.reset() == fit.reset(effects=True)
    with pytest.raises(DostastyqError, match="explained by the regressors") as found:
        fit.reset(effects=False)
    assert found.value.code == "GR023"


def test_the_printed_fit_says_what_it_rests_on(fit):
    text = str(fit)
    for part in (
        "rta",
        "std. error",
        f"Cells in the sample: {fit.nobs:,}",
        "Standard errors: clustered by pair (",
        "Domestic flows are in the sample.",
        "One effect for each direction of a pair.",
        "Solved in ",
    ):
        assert part in text
    assert repr(fit) == text


def test_foreign_trade_alone_is_said(panel):
    found = ppml(f"trade ~ rta | {THREE}", panel(8, 5, domestic=False))
    assert found.has_domestic is False
    assert "Domestic flows are not in the sample" in str(found)


def test_domestic_flows_of_some_are_said(panel):
    data = panel(8, 5).filter((pl.col("exporter") != pl.col("importer")) | (pl.col("exporter") == "C01"))
    found = ppml(f"trade ~ rta | {THREE}", data)
    assert found.domestic_economies == ("C01",)
    assert "for some exporters only: 1 of 8." in str(found)


def test_a_score_bootstrap_is_asked_for_by_name(fit):
    found = fit.score_bootstrap("rta", cluster="exporter", draws=99)
    assert 0 < found.p_value <= 1


def test_few_treated_pairs_are_pointed_out(panel):
    data = panel(8, 5).with_columns(
        pact=((pl.col("exporter") == "C01") & (pl.col("importer") == "C02") & (pl.col("year") > 2002)).cast(pl.Float64)
    )
    found = ppml(f"trade ~ rta + pact | {THREE}", data)
    assert found.treated_pairs["pact"] == 1
    assert "Few pairs change: " in str(found)
    assert "pact (1)" in str(found)
    assert ("rta (" in str(found)) == (found.treated_pairs["rta"] < 20)


def test_regressors_without_a_coefficient_are_named(panel):
    data = panel().with_columns(size=pl.col("exporter").str.slice(1).cast(pl.Float64), twice=2 * pl.col("x"))
    found = ppml(f"trade ~ x + size + twice | {THREE}", data)
    assert found.names == ("x",)
    assert {gone.name: gone.reason for gone in found.dropped} == {"size": "absorbed", "twice": "collinear"}
    assert "Without a coefficient: size, explained by the effects." in str(found)


def test_what_is_constant_in_a_pair_has_no_coefficient_beside_pair_effects(panel):
    found = ppml(f"trade ~ x + log(dist) + dist | {THREE}", panel(9, 5, 2))
    assert found.names == ("x",)
    assert {gone.reason for gone in found.dropped} == {"absorbed"}


def test_separated_cells_are_listed(panel):
    data = panel(8, 5, 4, zeros=0.0)
    ban = (pl.col("exporter") == "C01") & (pl.col("importer") == "C02") & (pl.col("year") == 2003)
    data = data.with_columns(ban=ban.cast(pl.Float64), trade=pl.when(ban).then(0.0).otherwise("trade"))
    found = ppml(f"trade ~ x + ban | {THREE}", data)
    assert found.separated.select("exporter", "importer", "year").rows() == [("C01", "C02", 2003)]
    assert found.predict()[data["ban"].to_numpy() == 1].tolist() == [0.0]


def test_offset_moves_the_effects_only(panel):
    data = panel(8, 5, 1).with_columns(known=0.3 * pl.col("year"))
    plain, shifted = ppml(f"trade ~ x | {THREE}", data), ppml(f"trade ~ x | {THREE}", data, offset="known")
    assert shifted.coef()["x"] == pytest.approx(plain.coef()["x"], abs=1e-8)


def test_a_weight_of_two_is_the_row_twice_in_the_estimate(panel):
    data = panel(8, 5, 1).with_columns(w=pl.when(pl.col("year") == 2001).then(2.0).otherwise(1.0))
    weighted = ppml("trade ~ x | exporter^year + importer^year", data, weights="w")
    frame = pd.DataFrame({name: data[name].to_list() for name in data.columns})
    assert weighted.coef()["x"] != pytest.approx(ppml("trade ~ x | exporter^year + importer^year", data).coef()["x"])
    assert len(frame) == weighted.nobs


def test_bias_is_corrected_and_said(panel):
    found = ppml(f"trade ~ rta + x | {THREE}", panel(10, 4, 2), bias_correction=True)
    plain = ppml(f"trade ~ rta + x | {THREE}", panel(10, 4, 2))
    assert found.coef()["rta"] != plain.coef()["rta"]
    assert found.se()["rta"] > plain.se()["rta"]
    assert "Corrected for the bias of many effects" in str(found)
    with pytest.raises(DostastyqError, match="corrected already"):
        found.bias_corrected()
    with pytest.raises(DostastyqError, match="own standard errors"):
        found.with_vcov("HC1")


def test_bias_correction_under_other_clusters_is_refused(panel):
    with pytest.raises(DostastyqError) as error:
        ppml(f"trade ~ rta | {THREE}", panel(), {"CRV1": "exporter + importer"}, bias_correction=True)
    assert error.value.code == "GR015"


@pytest.mark.parametrize("vcov", ["iid", "HC9", {"CRV3": "exporter"}, {"CRV1": "exportr"}])
def test_standard_errors_that_are_not_understood_are_refused(vcov, panel):
    with pytest.raises(DostastyqError) as error:
        ppml(f"trade ~ rta | {THREE}", panel(), vcov)
    assert error.value.hint


def test_symmetric_pairs_need_pairs(panel):
    with pytest.raises(DostastyqError, match="no pair effects"):
        ppml("trade ~ x | exporter^year + importer^year", panel(), symmetric_pairs=True)


def test_a_panel_brings_its_provenance(panel, tmp_path):
    data = panel(5, 4).with_columns(
        pl.col("exporter", "importer").replace(
            dict(zip([f"C{k:02d}" for k in range(5)], ["ARM", "BLR", "KAZ", "KGZ", "RUS"], strict=True))
        )
    )
    data.write_csv(tmp_path / "mine.csv")
    found = dq.gravity.ppml(f"trade ~ x | {THREE}", dq.trade.Panel.read(tmp_path / "mine.csv"))
    assert [name for name, _ in found.provenance.inputs] == ["mine.csv", "sample"]
    assert found.coef()["x"] == pytest.approx(ppml(f"trade ~ x | {THREE}", data).coef()["x"], abs=1e-9)


@pytest.mark.parametrize(("cluster", "kind"), [("exporter^importer", "pair"), ("both", "pair_symmetric")])
def test_a_pair_of_the_clusters_is_the_one_that_is_written(cluster, kind, panel):
    """Effects of a column that numbers undirected pairs do not change what exporter^importer means."""
    first, second = pl.min_horizontal("exporter", "importer"), pl.max_horizontal("exporter", "importer")
    data = panel(7, 5, 3).with_columns(both=first + second)
    effects = "exporter^year + importer^year + both"
    ours = ppml(f"trade ~ rta + x | {effects}", data, {"CRV1": cluster})
    theirs = oracle("rta + x", effects, data, {"CRV1": "pair" if kind == "pair" else "both"})
    assert ours.sample.structure.kind == "three_way_symmetric"
    assert set(ours.clusters) == {kind}
    for name in ours.names:
        assert ours.se()[name] == pytest.approx(float(theirs.se()[name]), rel=1e-5)


@pytest.mark.parametrize("name", ["row", "trade"])
def test_labels_may_have_the_names_of_the_columns_that_a_fit_makes(name, panel):
    data = panel(6, 4).rename({"trade": "flow"}).rename({"exporter": name})
    fit = ppml(f"flow ~ rta | {name}^year + importer^year + {name}^importer", data)
    assert fit.to_frame()[name].to_list() == data[name].to_list()
    assert {name, f"{name}_"} < set(fit.separated.columns)


@pytest.mark.parametrize("effects", [THREE, "exporter + year"])
@pytest.mark.parametrize(
    "setting", [{"tolerance": 0.0}, {"tolerance": float("nan")}, {"threads": 0}, {"separation": "all"}]
)
def test_settings_that_mean_nothing_are_refused(setting, effects, panel):
    with pytest.raises(DostastyqError) as found:
        ppml(f"trade ~ rta | {effects}", panel(6, 4), **setting)
    assert found.value.code == "GR104"


@pytest.mark.parametrize("effects", [THREE, "exporter + year"])
@pytest.mark.parametrize("unit", [1e-200, 1e200])
def test_flows_whose_squares_are_no_numbers_are_refused(unit, effects, panel):
    with pytest.raises(DostastyqError, match="on average") as found:
        ppml(f"trade ~ rta | {effects}", panel(6, 4).with_columns(pl.col("trade") * unit))
    assert found.value.code == "GR102"


@pytest.mark.parametrize(("formula", "vcov", "code"), [(None, None, "GR002"), ("3 ~ rta | year", None, "GR002"),
                                                       (f"trade ~ rta | {THREE}", 5, "GR014")])  # fmt: skip
def test_what_is_neither_formula_nor_vcov_is_refused(formula, vcov, code, panel):
    with pytest.raises(DostastyqError) as found:
        ppml(formula, panel(6, 4), vcov)
    assert found.value.code == code


def test_names_are_in_the_coefficients_as_in_a_series(fit):
    assert "rta" in fit.coef()
    assert "no such" not in fit.coef()
    with pytest.raises(DostastyqError) as found:
        fit.coef()[["rta"]]
    assert found.value.code == "GR020"


def test_a_fit_without_regressors_has_nothing_to_test(panel):
    with pytest.raises(DostastyqError, match="no coefficients to test"):
        ppml(f"trade ~ 1 | {THREE}", panel(6, 4)).wald()


def test_clusters_asked_for_later_are_checked_as_those_asked_for_first(panel):
    data = panel(6, 4).with_columns(area=pl.when(pl.int_range(pl.len()) == 3).then(None).otherwise(pl.col("group")))
    fit = ppml(f"trade ~ rta | {THREE}", data)
    with pytest.raises(DostastyqError, match="row 4, column area: found nothing"):
        fit.with_vcov({"CRV1": "area"})
    with pytest.raises(DostastyqError, match="the fit has no column 'areas'"):
        fit.with_vcov({"CRV1": "areas"})
