"""Terms as columns: the values and names that pyfixest gives, and nothing but columns computed."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyfixest as pf
import pytest

from dostastyq.errors import DostastyqError
from dostastyq.gravity.formula import parse
from dostastyq.gravity.regressors import MOST_LEVELS, expand


@pytest.fixture(scope="module")
def data(panel):
    return panel(6, 4, zeros=0.0)


def design(terms, data):
    found = expand(parse(f"trade ~ {terms} | exporter + importer"), data)
    return {column.name: data.select(column.values.alias("x"))["x"].to_numpy() for column in found}


def pyfixest_design(terms, data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = pd.DataFrame({name: data[name].to_list() for name in data.columns})
        fit = pf.feols(f"trade ~ {terms} | exporter + importer", frame, vcov="iid", collin_tol=1e-12)
    return [str(name) for name in fit.coef().index], np.asarray(fit._Y_hat_link)


@pytest.mark.parametrize(
    "terms",
    [
        "rta + x",
        "rta:x",
        "rta*x",
        "i(year, x)",
        "i(year, x, ref=2000)",
        "i(group, ref='v')",
        "i(group, x)",
        "group:x",
        "C(year):x",
        "x + x:group",
        "group:x + group",
        "log(dist):x + I(x**2)",
        "np.log(dist):x",
        "i(group, year, ref='u'):x",
        "x:C(group) + i(year, rta, ref=2001)",
    ],
)
def test_same_columns_as_pyfixest(terms, data):
    names, predicted = pyfixest_design(terms, data)
    columns = design(terms, data)
    assert set(names) <= set(columns)
    effects = [data[side].to_dummies().to_numpy() for side in ("exporter", "importer")]
    x = np.column_stack([*columns.values(), *effects])
    y = data["trade"].to_numpy()
    assert x @ np.linalg.lstsq(x, y, rcond=None)[0] == pytest.approx(predicted, rel=1e-6, abs=1e-7)


def test_categories_lose_a_level_only_where_they_must(data):
    assert list(design("group", data)) == ["group[T.v]", "group[T.w]"]
    assert list(design("group:x", data)) == ["group[u]:x", "group[v]:x", "group[w]:x"]
    assert list(design("x*group", data)) == ["x", "group[T.v]", "group[T.w]", "x:group[T.v]", "x:group[T.w]"]


def test_a_reference_may_be_named(data):
    assert list(design("i(group, ref='v')", data)) == ["group::u", "group::w"]
    assert list(design("C(group, ref='v')", data)) == ["C(group, ref='v')[T.u]", "C(group, ref='v')[T.w]"]
    assert list(design("i(year, x, ref=2001)", data)) == ["year::2000:x", "year::2002:x", "year::2003:x"]


def test_labels_and_truths_may_be_compared(data):
    columns = design("I(exporter != importer) + I((x > 0) & (year == 2001))", data)
    assert columns["I(exporter != importer)"].tolist() == (data["exporter"] != data["importer"]).to_list()
    both = (data["x"] > 0) & (data["year"] == 2001)
    assert columns["I((x > 0) & (year == 2001))"].tolist() == both.to_list()


def test_years_as_decimal_numbers_are_named_as_years(data):
    decimal = data.with_columns(pl.col("year").cast(pl.Float64))
    assert list(design("i(year, x, ref=2000)", decimal)) == list(design("i(year, x, ref=2000)", data))


@pytest.mark.parametrize(
    ("terms", "code", "position", "said", "hint"),
    [
        ("rat", "GR003", 9, "no column 'rat'", "did you mean 'rta'?"),
        ("log(dsit)", "GR003", 13, "no column 'dsit'", "did you mean 'dist'?"),
        ("foo(x)", "GR002", 9, "foo(x) is not understood", "log"),
        ("x.mean()", "GR002", 9, "is not understood", "compute anything else"),
        ("I(x < 1 < 2)", "GR002", 11, "is not understood", "comparisons"),
        ("i(year, ref=1812)", "GR012", 9, "has no level 1812", "2000"),
        ("i(year, x, keep=2000)", "GR002", 9, "is not understood", "i(category, variable, ref=level)"),
        ("I([r for r in (1, 2)])", "GR002", 11, "is not understood", "compute anything else"),
        ("i(__import__('os').getcwd())", "GR002", 11, "is not understood", "compute anything else"),
    ],
)
def test_refusals_say_where_and_what_to_do(terms, code, position, said, hint, data):  # noqa: PLR0917
    with pytest.raises(DostastyqError) as error:
        design(terms, data)
    assert error.value.code == code
    assert error.value.message.startswith(f"formula, character {position}: ")
    assert said in error.value.message
    assert hint in error.value.hint


@pytest.mark.parametrize("terms", ["I(n**2)", "I(n*n)", "I(n - u)", "I(-u)", "abs(n)", "I((n == 7) * n)"])
def test_narrow_integers_do_not_wrap_around(terms, data):
    """100 squared is no number of eight bits, and 3 - 5 none without a sign."""
    wide = data.with_columns(n=pl.int_range(pl.len()) % 201 - 100.0, u=pl.int_range(pl.len()) % 201 + 0.0)
    narrow = wide.with_columns(pl.col("n").cast(pl.Int8), pl.col("u").cast(pl.UInt8))
    for one, other in zip(design(terms, wide).values(), design(terms, narrow).values(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_texts_are_compared_and_not_computed_with(data):
    with pytest.raises(DostastyqError, match="column 'group' is String and cannot be computed with"):
        design("I(2 * group)", data)


def test_numbers_kept_as_text_are_refused(data):
    with pytest.raises(DostastyqError, match="holds numbers as text") as error:
        design("x", data.with_columns(pl.col("x").cast(pl.String)))
    assert error.value.code == "GR009"
    assert "C(x)" in error.value.hint


def test_a_category_of_very_many_levels_is_refused():
    wide = pl.DataFrame({"trade": 1.0, "name": [f"N{k}" for k in range(MOST_LEVELS + 1)]})
    with pytest.raises(DostastyqError, match="2,001 levels") as error:
        expand(parse("trade ~ name"), wide)
    assert error.value.hint == "make it an effect"
