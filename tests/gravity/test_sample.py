"""Rows checked and found in the panel: what effects describe, that missing is not zero, and that bad rows are named."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.errors import DostastyqError
from dostastyq.gravity.formula import parse
from dostastyq.gravity.frame import read
from dostastyq.gravity.sample import arrays, sample
from dostastyq.gravity.structure import detect

THREE = "trade ~ rta + x | exporter^year + importer^year + exporter^importer"


def refused(text, data, **options):
    with pytest.raises(DostastyqError) as error:
        arrays(sample(parse(text), data, **options))
    assert error.value.hint
    return error.value


@pytest.mark.parametrize(
    ("effects", "kind"),
    [
        ("exporter^year + importer^year + exporter^importer", "three_way"),
        ("exporter^importer + year^importer + year^exporter", "three_way"),
        ("exporter^year + importer^year", "two_way"),
        ("importer + exporter", "one_way"),
        ("exporter + importer + year", "general"),
        ("exporter^importer", "general"),
        ("exporter^year + exporter^importer", "general"),
        ("exporter^year + importer^year + directed", "three_way"),
        ("exporter^year + importer^year + undirected", "three_way_symmetric"),
        ("exporter^year + importer^year + group", "general"),
    ],
)
def test_the_panel_is_found_in_the_effects(effects, kind, panel):
    low, high = pl.min_horizontal("exporter", "importer"), pl.max_horizontal("exporter", "importer")
    data = panel().with_columns(directed=pl.col("exporter") + pl.col("importer"), undirected=low + high)
    found = detect(parse(f"trade ~ 1 | {effects}").effects, data)
    assert found.kind == kind
    if kind != "general":
        assert (found.exporter, found.importer, found.year) == (("exporter",), ("importer",), ("year",))


def test_a_cross_section_is_a_panel_of_one_year(panel):
    data = panel().filter(pl.col("year") == 2001)
    assert detect(parse("trade ~ x | exporter + importer").effects, data).kind == "two_way"
    problem = arrays(sample(parse("trade ~ x | exporter + importer"), data.drop("year")))
    assert problem.shape == (8, 8, 1, 1)


@pytest.mark.parametrize(
    ("effects", "exporter", "year"),
    [
        ("exporter^year^s + importer^year^s + exporter^importer^s", ("exporter", "s"), ("year",)),
        ("s^exporter^year + s^importer^year + exporter^importer", ("exporter",), ("s", "year")),
    ],
)
def test_sectors_belong_to_the_side_whose_effects_they_split(effects, exporter, year, panel):
    data = pl.concat([panel(seed=k).with_columns(s=pl.lit(f"S{k}")) for k in range(2)])
    found = detect(parse(f"trade ~ 1 | {effects}").effects, data)
    assert (found.kind, found.exporter, found.year) == ("three_way", exporter, year)


@given(seed=st.integers(0, 50), missing=st.sampled_from([0.0, 0.3, 0.7]))
def test_every_row_is_in_its_cell_and_missing_cells_are_not_zeros(seed, missing, panel):
    data = panel(6, 4, seed, missing=missing)
    found = sample(parse(THREE), data)
    problem = arrays(found)
    assert problem.live.sum() == data.height
    exporters, importers, years = (side.to_series().to_list() for side in found.labels)
    for e, m, t, flow, rta, x in data.select("exporter", "importer", "year", "trade", "rta", "x").head(40).iter_rows():
        i, j, s = exporters.index(e), importers.index(m), years.index(t)
        assert problem.live[i, j, s]
        assert problem.flows[i, j, s] == flow
        assert problem.regressors[i, j, :, s].tolist() == [rta, x]


def test_any_data_frame_gives_the_same_arrays(panel):
    data = panel(5, 3)
    other = pd.DataFrame({name: data[name].to_list() for name in data.columns})
    one, two = (arrays(sample(parse(THREE), read(frame, THREE))) for frame in (data, other))
    assert np.array_equal(one.flows, two.flows)
    assert np.array_equal(one.regressors, two.regressors)


def test_labels_may_be_categories(panel):
    data = panel(5, 3)
    kinds = data.with_columns(
        pl.col("exporter").cast(pl.Categorical), pl.col("importer").cast(pl.Enum(sorted(set(data["importer"]))))
    )
    one, two = (arrays(sample(parse(THREE), frame)) for frame in (data, kinds))
    assert np.array_equal(one.flows, two.flows)


def test_offset_and_weights_are_spread(panel):
    data = panel(5, 3, missing=0.3)
    problem = arrays(sample(parse(THREE), data, offset="x", weights="dist"))
    assert problem.offset.sum() == pytest.approx(data["x"].sum())
    assert problem.weights[problem.live].min() > 0


def spoiled(data, column, value, row=3):
    values = data[column].to_list()
    values[row - 1] = value
    return data.with_columns(pl.Series(column, values, strict=False))


@pytest.mark.parametrize(
    ("column", "value", "code", "said"),
    [
        ("trade", -1.0, "GR006", "column trade: found -1, expected a number of at least 0"),
        ("trade", float("inf"), "GR004", "column trade: found inf, expected a finite number"),
        ("trade", None, "GR005", "column trade: 1 row has no value, the first is row 3"),
        ("rta", float("nan"), "GR008", "column rta: 1 row has no value, the first is row 3"),
        ("x", float("-inf"), "GR008", "column x: found -inf, expected a finite number"),
        ("exporter", None, "GR005", "row 3, column exporter: found nothing"),
    ],
)
def test_bad_rows_are_named(column, value, code, said, panel):
    error = refused(THREE, spoiled(panel(5, 3), column, value))
    assert error.code == code
    assert said in error.message
    assert "row 3" in error.message


def test_a_flow_that_is_no_number_is_named(panel):
    data = panel(5, 3).with_columns(pl.col("trade").cast(pl.String))
    error = refused(THREE, spoiled(data, "trade", "1 234,5"))
    assert error.code == "GR004"
    assert "row 3" in error.message
    assert "found '1 234,5', expected a number" in error.message


def test_the_cell_of_a_bad_row_is_said(panel):
    data = panel(5, 3)
    row = data.row(2, named=True)
    error = refused(THREE, spoiled(data, "trade", -1.0))
    assert f"row 3 ({row['exporter']} to {row['importer']}, {row['year']})" in error.message


def test_the_logarithm_of_zero_is_named(panel):
    error = refused("trade ~ log(dist) | exporter^year + importer^year", spoiled(panel(5, 3), "dist", 0.0))
    assert error.code == "GR008"
    assert "column log(dist): found -inf" in error.message


def test_a_cell_given_twice_is_named_with_both_rows(panel):
    data = panel(5, 3)
    error = refused(THREE, pl.concat([data, data[6:8]]))
    assert error.code == "GR007"
    assert f"row {data.height + 1}" in error.message
    assert "same cell as row 7; 2 such rows" in error.message
    assert "sector" in error.hint


def test_one_year_with_pair_effects_is_refused(panel):
    error = refused(THREE, panel().filter(pl.col("year") == 2002))
    assert error.code == "GR011"
    assert "one year (2002)" in error.message


def test_a_regressor_of_zeros_is_refused(panel):
    error = refused(THREE, panel().with_columns(rta=0.0))
    assert error.code == "GR010"
    assert "rta is 0 in all" in error.message


@pytest.mark.parametrize("column", ["effect", "offset", "weights"])
def test_unknown_columns_anywhere_are_refused(column, panel):
    text, options = (THREE, {column: "weights_"}) if column != "effect" else (f"{THREE} + exprter", {})
    error = refused(text, panel().with_columns(weight=1.0), **options)
    assert error.code == "GR003"


def test_rows_without_a_value_can_be_dropped_and_are_counted(panel):
    data = spoiled(spoiled(panel(5, 3), "rta", None, 2), "trade", None, 5)
    found = sample(parse(THREE), data, missing="drop")
    assert found.left_out == {"missing": 2}
    assert arrays(found).live.sum() == data.height - 2


def test_rows_are_never_dropped_by_a_misspelt_option(panel):
    with pytest.raises(DostastyqError, match="missing is 'ignore', expected 'refuse' or 'drop'"):
        sample(parse(THREE), spoiled(panel(), "rta", None), missing="ignore")


@pytest.mark.parametrize("column", ["exporter", "year"])
def test_a_label_that_pandas_lacks_is_no_country_called_nan(column, panel):
    """The text NaN, or the number, would be one more level of the effects."""
    rows = panel().to_dict(as_series=False)
    rows[column] = [None, *rows[column][1:]]
    with pytest.raises(DostastyqError, match=f"row 1, column {column}: found nothing") as found:
        sample(parse(THREE), read(pd.DataFrame(rows), THREE))
    assert found.value.code == "GR005"


def test_columns_of_one_name_are_refused(panel):
    data = pd.DataFrame(panel().to_dict(as_series=False))
    with pytest.raises(DostastyqError, match="several columns named rta") as found:
        read(pd.concat([data, data[["rta"]]], axis=1), THREE)
    assert found.value.code == "GR001"
    with pytest.raises(DostastyqError, match="__row"):
        read(panel().with_columns(__row=1), THREE)


def test_a_wide_frame_keeps_the_years_that_the_formula_does_not_name(panel):
    wide = panel().rename({"year": "Year"}).with_columns(pl.lit(0.0).alias(f"k{k}") for k in range(80))
    found = sample(parse("trade ~ rta | exporter + importer"), read(wide, "trade ~ rta | exporter + importer"))
    assert found.structure.kind == "one_way"
    assert found.structure.year == ("Year",)


def test_what_is_no_frame_is_refused():
    with pytest.raises(DostastyqError, match="data is a dict") as error:
        read({"trade": [1]}, THREE)
    assert error.value.code == "GR001"
    with pytest.raises(DostastyqError, match="no rows"):
        read(pl.DataFrame({"trade": []}), THREE)


def test_a_nearly_empty_tensor_is_left_to_the_general_absorber():
    size = 3000
    data = pl.DataFrame(
        {
            "exporter": range(size),
            "importer": [(7 * k) % size for k in range(size)],
            "year": [k % 2 for k in range(size)],
            "trade": 1.0,
        }
    )
    found = sample(parse("trade ~ 1 | exporter^year + importer^year + exporter^importer"), data)
    assert found.structure.kind == "general"
