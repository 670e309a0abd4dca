"""What users get wrong: each refusal says what was found, where, and what to do; the command says the same."""

import sys

import numpy as np
import polars as pl
import pytest

from dostastyq.cli import main
from dostastyq.errors import DostastyqError
from dostastyq.gravity import ppml

EFFECTS = "exporter^year + importer^year + exporter^importer"
FORMULA = f"trade ~ rta + x | {EFFECTS}"


def put(column, value, row=6):
    """Put a value into one row of a column."""

    def change(data):
        place = pl.int_range(pl.len()) == row
        if isinstance(value, str):
            data = data.with_columns(pl.col(column).cast(pl.String))
        return data.with_columns(pl.when(place).then(pl.lit(value)).otherwise(pl.col(column)).alias(column))

    return change


CASES = {
    "flow that is no number": (
        FORMULA, put("trade", "12 000"), "GR004",
        ["found '12 000', expected a number"], ["row 7", "column trade", "C00 to C01, 2001"], ["thousands separators"],
    ),
    "negative flow": (
        FORMULA, put("trade", -3.5), "GR006",
        ["found -3.5, expected a number of at least 0"], ["row 7 (C00 to C01, 2001), column trade"], ["the sign"],
    ),
    "flow without a value": (
        FORMULA, put("trade", None), "GR005",
        ["1 row has no value"], ["column trade", "row 7"], ["a missing flow is not a zero", "--drop-missing"],
    ),
    "infinite flow": (
        FORMULA, put("trade", float("inf")), "GR004",
        ["found inf, expected a finite number"], ["row 7", "column trade"], ["correct the value"],
    ),
    "cell given twice": (
        FORMULA, lambda data: pl.concat([data, data[6:7]]), "GR007",
        ["describes the same cell as row 7"], ["row 126 (C00 to C01, 2001)"], ["delete one", "sector"],
    ),
    "unknown column": (
        f"trade ~ rat | {EFFECTS}", None, "GR003",
        ["the data have no column 'rat'"], ["character 9"], ["did you mean 'rta'?"],
    ),
    "unknown effect": (
        "trade ~ rta | exporter^yearx + importer^year", None, "GR003",
        ["the data have no column 'yearx'"], ["character 24"], ["did you mean 'year'?"],
    ),
    "formula that cannot be read": (
        f"trade ~ rta + (x | {EFFECTS}", None, "GR002",
        ["( is not closed"], ["character 15", "\n"], ["balance the brackets"],
    ),
    "formula without effects' bar twice": (
        "trade ~ rta | exporter | importer", None, "GR002",
        ["a second | is found"], ["character 25"], ["list effects with +"],
    ),
    "one year with pair effects": (
        FORMULA, lambda data: data.filter(pl.col("year") == 2002), "GR011",
        ["the pair effects explain every flow"], ["one year (2002)"], ["give several years", "drop the pair effect"],
    ),
    "regressor of zeros": (
        FORMULA, lambda data: data.with_columns(rta=0.0), "GR010",
        ["rta is 0 in all 125 rows"], ["character 9"], ["leave it out"],
    ),
    "regressor without a value": (
        FORMULA, put("rta", float("nan")), "GR008",
        ["1 row has no value"], ["column rta", "row 7"], ["fill the cells", "missing='drop'"],
    ),
    "regressor that is infinite": (
        FORMULA, put("x", float("-inf")), "GR008",
        ["found -inf, expected a finite number"], ["row 7 (C00 to C01, 2001), column x"], ["correct the value"],
    ),
    "logarithm of zero": (
        f"trade ~ log(dist):rta | {EFFECTS}", put("dist", 0.0), "GR008",
        ["expected a finite number"], ["row 7", "column log(dist):rta"], ["for the logarithm of 0"],
    ),
    "numbers as text": (
        FORMULA, lambda data: data.with_columns(pl.col("x").cast(pl.String)), "GR009",
        ["holds numbers as text"], ["character 15", "'x'"], ["convert the column to numbers", "C(x)"],
    ),
    "label without a value": (
        FORMULA, put("importer", None), "GR005",
        ["found nothing, expected a label"], ["row 7, column importer"], ["fill it in"],
    ),
    "flows that are all zero": (
        FORMULA, lambda data: data.with_columns(trade=0.0), "GR105",
        ["positive flow"], [], [],
    ),
}  # fmt: skip
ONLY_FRAMES = {"flow that is no number", "numbers as text"}


@pytest.fixture(scope="module")
def data():
    draw = np.random.default_rng(2)
    e, m, t = np.indices((5, 5, 5)).reshape(3, -1)
    names = np.array([f"C{k:02d}" for k in range(5)])
    rta = ((e + m) % 3 == 0) & (t > 1) & (e != m)
    return pl.DataFrame(
        {"exporter": names[e], "importer": names[m], "year": 2000 + t, "trade": draw.lognormal(size=e.size)}
        | {"rta": rta.astype(float), "x": draw.normal(size=e.size), "dist": 1 + draw.random(e.size)}
    )


@pytest.mark.parametrize("name", CASES)
def test_a_refusal_says_what_where_and_the_remedy(name, data):
    formula, change, code, what, where, remedy = CASES[name]
    with pytest.raises(DostastyqError) as error:
        ppml(formula, data if change is None else change(data))
    found = error.value
    assert found.code == code
    for part in (*what, *where):
        assert part in found.message
    assert found.hint or not remedy
    for part in remedy:
        assert part in found.hint


@pytest.mark.parametrize("name", [name for name in CASES if name not in ONLY_FRAMES])
def test_the_command_says_the_same_and_ends_with_2(name, data, tmp_path, monkeypatch, capsys):
    """Rows of a CSV file are those of an editor: one further down."""
    formula, change, code, what, _, remedy = CASES[name]
    (data if change is None else change(data)).write_parquet(tmp_path / "flows.parquet")
    out = tmp_path / "table.html"
    monkeypatch.setattr(sys, "argv", ["dostastyq", "fit", formula, str(tmp_path / "flows.parquet"), "--out", str(out)])
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr()
    flat = " ".join(said.err.split())
    assert end.value.code == 2
    assert said.out == ""
    assert not out.exists()
    assert code in flat
    for part in (*what, *remedy):
        assert part in flat
