"""Predictions of new rows: pyfixest's numbers, effects by level, and what has none."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyfixest as pf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dostastyq.errors import DostastyqError
from dostastyq.gravity import ppml
from dostastyq.trade import Panel

THREE = "exporter^year + importer^year + exporter^importer"
TWO = "exporter^year + importer^year"
STRUCTURES = [THREE, TWO, "exporter + importer", "exporter + importer + year", "exporter^importer"]


def halves(data, seed):
    """Split the rows: the second half has levels of the first only, and regressors of its own."""
    draw = np.random.default_rng(seed)
    return data.with_columns(rta=pl.Series(draw.random(data.height)), x=pl.Series(draw.normal(size=data.height)))


def refused(call, *arguments, **options):
    with pytest.raises(DostastyqError) as error:
        call(*arguments, **options)
    return error.value


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("effects", STRUCTURES)
def test_same_predictions_as_pyfixest(effects, panel):
    data = panel(7, 5, 3, missing=0.15)
    ours = ppml(f"trade ~ rta + x | {effects}", data)
    frame = pd.DataFrame(data.to_dict(as_series=False))
    names = []
    for name in effects.split(" + "):
        key = name.replace("^", "_")
        frame[key] = frame[name.split("^")].astype(str).agg("_".join, axis=1)
        names.append(key)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = pf.fepois(f"trade ~ rta + x | {' + '.join(names)}", frame, iwls_tol=1e-11, fixef_tol=1e-11)
    new = halves(data, 1)
    other = frame.assign(rta=new["rta"].to_numpy(), x=new["x"].to_numpy())
    expected = np.asarray(theirs.predict(newdata=other, type="response"), dtype=float)
    found = ours.predict(new, unseen="missing")
    both = np.isfinite(expected) & np.isfinite(found)
    assert both.mean() > 0.8
    assert found[both] == pytest.approx(expected[both], rel=1e-4, abs=1e-8)


@settings(max_examples=12)
@given(
    seed=st.integers(0, 500),
    effects=st.sampled_from(STRUCTURES),
    missing=st.sampled_from([0.0, 0.3]),
    symmetric=st.booleans(),
)
def test_the_data_given_again_are_predicted_as_the_sample(seed, effects, missing, symmetric, panel):
    data = panel(6, 4, seed, missing=missing, zeros=0.5)
    fit = ppml(f"trade ~ x + i(year, rta, ref=2000) | {effects}", data, symmetric_pairs=symmetric and effects == THREE)
    known = fit.predict()
    again = fit.predict(data.sample(fraction=1.0, shuffle=True, seed=1).drop("trade"), unseen="missing")
    order = data.with_row_index("k").sample(fraction=1.0, shuffle=True, seed=1)["k"].to_numpy()
    assert np.isnan(again).tolist() == np.isnan(known[order]).tolist()
    kept = ~np.isnan(again)
    assert again[kept] == pytest.approx(known[order][kept], rel=1e-8, abs=1e-12)


def test_a_cell_that_was_missing_is_predicted_from_its_levels(panel):
    """Flows made without noise: the cell left out comes back."""
    data = panel(8, 5, 2, zeros=0.0)
    exact = ppml(f"trade ~ rta | {THREE}", data)
    data = data.with_columns(trade=pl.Series(exact.predict()))
    gone = (pl.col("exporter") == "C01") & (pl.col("importer") == "C02") & (pl.col("year") == 2003)
    fit = ppml(f"trade ~ rta | {THREE}", data.filter(~gone))
    assert fit.predict(data.filter(gone)) == pytest.approx(data.filter(gone)["trade"].to_numpy(), rel=1e-7)
    assert fit.predict(data.filter(gone), link=True) == pytest.approx(np.log(data.filter(gone)["trade"].to_numpy()))


def test_an_agreement_that_is_not_yet_is_worth_its_coefficient(panel):
    data = panel(8, 5, 2)
    fit = ppml(f"trade ~ rta | {THREE}", data)
    never, always = (fit.predict(data.with_columns(rta=value), unseen="missing") for value in (0.0, 1.0))
    kept = np.isfinite(never)
    assert always[kept] / never[kept] == pytest.approx(np.exp(fit.coef()["rta"]))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"exporter": "C99"}, "exporter^year C99 2003"),
        ({"importer": "C99"}, "importer^year C99 2003"),
        ({"year": 2030}, "exporter^year C01 2030"),
    ],
)
def test_levels_without_an_effect_are_named_or_missing(panel, change, said):
    data = panel(8, 5, 2)
    fit = ppml(f"trade ~ rta | {THREE}", data)
    row = data.filter(exporter="C01", importer="C02", year=2003)
    both = pl.concat(
        [row, row.with_columns(pl.lit(value).cast(row.schema[name]).alias(name) for name, value in change.items())]
    )
    error = refused(fit.predict, both)
    assert error.code == "GR026"
    assert said in error.message
    assert "row 2" in error.message
    assert "1 row has no prediction" in error.message
    assert "unseen='missing'" in error.hint
    assert np.isnan(fit.predict(both, unseen="missing")).tolist() == [False, True]


def test_a_pair_that_never_traded_has_no_effect(panel):
    data = panel(8, 5, 2, zeros=0.0)
    dead = (pl.col("exporter") == "C03") & (pl.col("importer") == "C05")
    fit = ppml(f"trade ~ rta | {THREE}", data.with_columns(trade=pl.when(dead).then(0.0).otherwise("trade")))
    error = refused(fit.predict, data)
    assert "exporter^importer C03 C05 is not in the sample" in error.message
    assert np.isnan(fit.predict(data, unseen="missing")).sum() == 5


def test_levels_of_a_category_that_were_not_there_are_not_taken_for_the_reference(panel):
    data = panel(8, 5, 2)
    fit = ppml(f"trade ~ group:x | {TWO}", data)
    other = data.head(3).with_columns(group=pl.Series(["u", "z", "w"]))
    assert "group z is not in the sample" in refused(fit.predict, other).message
    assert np.isnan(fit.predict(other, unseen="missing")).tolist() == [False, True, False]


def test_separated_cells_are_zero_and_their_regressor_elsewhere_unknown(panel):
    data = panel(8, 5, 4, zeros=0.0)
    ban = (pl.col("exporter") == "C01") & (pl.col("importer") == "C02") & (pl.col("year") == 2003)
    data = data.with_columns(ban=ban.cast(pl.Float64), trade=pl.when(ban).then(0.0).otherwise("trade"))
    fit = ppml(f"trade ~ x + ban | {THREE}", data)
    assert fit.predict(data.filter(ban)).tolist() == [0.0]
    assert np.isneginf(fit.predict(data.filter(ban), link=True)).all()
    banned = data.filter(~ban).head(2).with_columns(ban=pl.Series([0.0, 1.0]))
    assert np.isnan(fit.predict(banned, unseen="missing")).tolist() == [False, True]
    assert "ban" in refused(fit.predict, banned).message


def test_offset_and_labels_of_other_types(panel):
    data = panel(8, 5, 1, zeros=0.0).with_columns(known=0.1 * pl.col("x"))
    fit = ppml(f"trade ~ rta | {THREE}", data, offset="known")
    assert fit.predict(data) == pytest.approx(fit.predict(), rel=1e-8)
    narrow = data.with_columns(pl.col("year").cast(pl.Int16), pl.col("exporter").cast(pl.Categorical))
    assert fit.predict(narrow) == pytest.approx(fit.predict(), rel=1e-8)
    halved = data.with_columns(pl.col("year") + pl.Series([0.5] + [0.0] * (data.height - 1)))
    assert np.isnan(fit.predict(halved, unseen="missing")).tolist() == [True] + [False] * (data.height - 1)
    assert refused(fit.predict, data.drop("known")).code == "GR003"
    assert refused(fit.predict, data.with_columns(year=pl.lit("x"))).code == "GR009"


def test_what_cannot_be_predicted_is_refused(panel):
    data = panel(8, 5, 1)
    fit = ppml(f"trade ~ log(dist):rta | {THREE}", data)
    assert refused(fit.predict, data.drop("dist")).code == "GR003"
    assert refused(fit.predict, data.drop("exporter")).code == "GR003"
    assert refused(fit.predict, data.with_columns(dist=0.0), unseen="missing").code == "GR008"
    assert refused(fit.predict, data, unseen="zero").code == "GR027"


def test_a_panel_and_a_pandas_frame_are_new_rows_too(panel):
    data = panel(5, 4, 1, zeros=0.0).with_columns(
        pl.col("exporter", "importer").replace(
            dict(zip([f"C{k:02d}" for k in range(5)], ["ARM", "BLR", "KAZ", "KGZ", "RUS"], strict=True))
        )
    )
    fit = ppml(f"trade ~ x | {THREE}", Panel.read(data))
    assert fit.predict(Panel.read(data)) == pytest.approx(fit.predict())
    assert len(fit.predict(pd.DataFrame(data.to_dict(as_series=False)))) == data.height


def test_a_model_without_effects_is_predicted_by_its_regressors(panel):
    data = panel(6, 4, 1)
    fit = ppml("trade ~ rta + x", data)
    assert fit.predict(data) == pytest.approx(fit.predict(), rel=1e-8)
    assert fit.fixef()["1"]["effect"].len() == 1
    assert fit.predict(data.head(2).select("rta", "x")) == pytest.approx(fit.predict()[:2], rel=1e-8)
