"""How cis-2023 is made: every step on a small table, and the whole from the research data, byte for byte."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
import yaml

import build_baselines as tool
from baselines import evidence, fill, inputs, publish

ECONOMIES = ("ARM", "AZE", "BLR", "KGZ", "RUS", "TUR", "USA")
NAMED = ("ARM", "AZE", "BLR", "KGZ", "RUS")
FACTS = yaml.safe_load(tool.FACTS.read_text(encoding="utf-8"))


@pytest.fixture
def data():
    """Seven economies; ARM-AZE and BLR-RUS unreported, ICIO knows BLR and RUS, one gap towards the rest."""
    trade = np.full((7, 7), 10.0)
    np.fill_diagonal(trade, np.nan)
    for one, other in ((0, 1), (2, 4)):
        trade[one, other] = trade[other, one] = np.nan
    trade[4, 5] = np.nan
    icio = np.full((7, 7), np.nan)
    icio[np.ix_([2, 4], [2, 4])] = [[80, 17], [16, 3000]]
    output = np.array([np.nan, np.nan, 190.0, np.nan, 3600.0, np.nan, np.nan])
    gdp = np.array([50.0, 60, 100, 40, 2000, 1000, 20000])
    return inputs.Inputs(ECONOMIES, trade, icio, output, gdp, ())


@pytest.fixture
def table(data):
    return fill.reported(data, NAMED)


def cell(table, exporter, importer):
    place = table.where(exporter, importer)
    return float(table.value[place]), str(table.method[place]), str(table.source[place]), str(table.note[place])


def gaps(table):
    return {(table.economies[i], table.economies[n]) for n, i in np.argwhere(table.empty())}


def test_a_missing_or_null_cell_is_nan():
    frame = pl.DataFrame({"exporter": ["ARM", "AZE"], "importer": ["AZE", "ARM"], "trade": [None, 0.0]})
    cells = inputs.matrix(frame, "trade", ("ARM", "AZE", "BLR"))
    assert np.isnan(cells[1, 0])
    assert cells[0, 1] == 0
    assert np.isnan(cells).sum() == 8


def test_gaps_stay_gaps_until_filled(table):
    assert gaps(table) == {("ARM", "AZE"), ("AZE", "ARM"), ("BLR", "RUS"), ("RUS", "BLR")}
    assert cell(table, "ARM", "RUS") == (10, "reported", "baci-2023", "")


def test_recorded_zeros_come_first_and_carry_reason_and_confidence(table):
    zero = {"exporter": "ARM", "importer": "AZE", "reason": "closed border", "source": "press", "confidence": "medium"}
    filled = fill.with_zeros(table, [zero])
    assert cell(filled, "ARM", "AZE") == (0, "recorded_zero", "press", "closed border (confidence: medium)")
    assert ("AZE", "ARM") in gaps(filled)


def test_a_reported_cell_cannot_be_a_recorded_zero(table):
    zero = {"exporter": "ARM", "importer": "RUS", "reason": "", "source": "", "confidence": "own"}
    with pytest.raises(ValueError, match="ARM to RUS was reported"):
        fill.with_zeros(table, [zero])


def test_icio_fills_where_both_are_in_it_and_gravity_the_rest(table, data):
    filled = fill.with_icio(table, data)
    assert cell(filled, "RUS", "BLR") == (17, "icio_2022", "icio-2022", "")
    assert gaps(filled) == {("ARM", "AZE"), ("AZE", "ARM")}
    predicted = fill.with_gravity(filled, np.full((5, 5), 3.0))
    assert cell(predicted, "AZE", "ARM") == (3, "gravity", "gravity-2023", "")
    assert cell(predicted, "RUS", "BLR")[1] == "icio_2022"
    assert gaps(predicted) == set()


def test_a_cell_without_prediction_stays_a_gap(table, data):
    filled = fill.with_gravity(fill.with_icio(table, data), np.full((5, 5), np.nan))
    assert ("ARM", "AZE") in gaps(filled)


def test_the_rest_of_the_world_sums_what_is_known_and_counts_what_is_not(table, data):
    wide = fill.with_rest_of_world(table, data)
    assert wide.economies[-1] == "ROW"
    assert cell(wide, "ROW", "ARM") == (20, "row_sum", "baci-2023", "0 of 2 cells missing")
    assert cell(wide, "ROW", "RUS") == (10, "row_sum", "baci-2023", "1 of 2 cells missing")
    assert cell(wide, "RUS", "ROW")[0] == 20
    assert gaps(wide) == gaps(table)


RULE = {
    "importer": "KGZ",
    "cells": [{"exporter": "AZE", "trade": 4, "source": "press", "confidence": "medium"}],
    "turnover": 94,
    "keep": ["ARM", "RUS"],
    "source": "statistics",
    "confidence": "own",
}


def test_an_adjustment_meets_the_recorded_turnover(table, data):
    wide = fill.with_rest_of_world(table, data)
    adjusted = fill.with_adjustment(wide, RULE)
    row = adjusted.economies.index("KGZ")
    assert np.nansum(adjusted.value[row]) + np.nansum(adjusted.value[:, row]) == pytest.approx(94)
    assert cell(adjusted, "AZE", "KGZ")[:3] == (4, "adjusted", "press")
    assert cell(adjusted, "ARM", "KGZ")[1] == "reported"
    assert cell(adjusted, "BLR", "KGZ")[3] == "10.000 reported (baci-2023); confidence: own"


def test_an_adjustment_only_takes_away(table, data):
    wide = fill.with_rest_of_world(table, data)
    for turnover in (10, 10_000):
        with pytest.raises(ValueError, match="expected between 0 and 1"):
            fill.with_adjustment(wide, RULE | {"turnover": turnover})


def test_the_gate_stops_high_imports_of_a_named_economy(table):
    gdp = np.array([50.0, 60, 100, 50, 2000])
    fill.gate(table, gdp, 0.9)
    with pytest.raises(ValueError, match=r"KGZ 100%.*adjustment with a source"):
        fill.gate(table, np.where(np.array(NAMED) == "KGZ", 40.0, 1e6), 0.9)


def test_domestic_flow_is_output_less_exports(table, data):
    full = fill.with_gravity(fill.with_icio(table, data), np.full((5, 5), 3.0))
    output = np.array([100.0, 100, 190, 100, 3600])
    done = fill.with_domestic(full, output)
    assert done.value.sum(axis=0) == pytest.approx(output)
    assert cell(done, "RUS", "RUS") == (3600 - 47, "domestic", "output-rule", "")


@pytest.mark.parametrize("output", [30.0, 33.0, 33.2])
def test_a_negative_or_small_domestic_flow_is_an_error_never_clipped(table, data, output):
    full = fill.with_gravity(fill.with_icio(table, data), np.full((5, 5), 3.0))
    with pytest.raises(ValueError, match="ARM: output"):
        fill.with_domestic(full, np.array([output, 100, 190, 100, 3600]))


def test_ratios_recorded_then_icio_then_the_rule(data):
    facts = {
        "icio_year": 2022,
        "output_to_gdp": {
            "otherwise": {"value": 1.8, "source": "assumed"},
            "recorded": {"RUS": {"value": 1.7, "source": "recorded"}},
        },
    }
    rows = {row["economy"]: row for row in evidence.accounts(facts, data, NAMED)}
    assert list(rows) == [*NAMED, "ROW"]
    assert rows["RUS"]["output_to_gdp"] == 1.7
    assert rows["BLR"]["output_to_gdp"] == 1.9
    assert rows["ARM"]["output_to_gdp"] == rows["ROW"]["output_to_gdp"] == 1.8
    assert rows["ROW"]["gdp"] == 21_000


def test_belarus_and_russia_out_of_range_or_by_gravity_stop_the_build(table, data):
    rule = {"low": 30, "high": 50, "note": "", "source": "press"}
    icio = fill.with_icio(table, data)
    assert tool.check_blr_rus(icio, rule)["both_ways"] == 33
    with pytest.raises(ValueError, match="BLR-RUS both ways is 33"):
        tool.check_blr_rus(icio, rule | {"low": 34})
    with pytest.raises(ValueError, match="gravity"):
        tool.check_blr_rus(fill.with_gravity(table, np.full((5, 5), 20.0)), rule)


def test_errors_are_summarised():
    cells = pl.DataFrame({"exporter": ["ARM"] * 3, "importer": ["AZE"] * 3, "observed": [100.0, 200, 10]})
    table = publish.error_table(cells.with_columns(predicted=pl.Series([200.0, 100, 10])), worst=1)
    assert table["all"]["cells"] == 3
    assert table["large"]["cells"] == 2
    assert table["large"]["median_factor_of_error"] == 2
    assert table["all"]["absolute_error_over_trade"] == pytest.approx(200 / 310, rel=1e-2)
    assert len(table["worst"]) == 1


def test_the_page_has_one_place_for_a_table():
    page = "a\n<!-- table: x -->\nold\n<!-- end -->\nb"
    assert tool.page_with_tables(page, {"x": "new"}) == "a\n<!-- table: x -->\n\nnew\n\n<!-- end -->\nb"
    with pytest.raises(ValueError, match="expected one"):
        tool.page_with_tables(page, {"y": "new"})


def test_every_recorded_fact_has_a_source_and_a_confidence():
    keys = {source["key"] for source in FACTS["sources"]}
    adjusted = [*FACTS["adjustments"], *(cell for rule in FACTS["adjustments"] for cell in rule["cells"])]
    for fact in [*FACTS["recorded_zeros"], *adjusted]:
        assert fact["source"] in keys
        assert fact["confidence"] in {"high", "medium", "own"}
        assert fact["reason"]
    assert all(source["title"] and source["licence"] for source in FACTS["sources"])


@pytest.fixture(scope="module")
def built(data_folder, tmp_path_factory):
    """Folder of a fresh build by the command as it is documented, the page included."""
    out = tmp_path_factory.mktemp("built")
    page = out / "page.md"
    shutil.copy(tool.PAGE, page)
    command = [sys.executable, tool.__file__, "--out", str(out), "--inputs", str(out), "--docs", str(page)]
    source = os.pathsep.join([str(tool.ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"DOSTASTYQ_DATA": str(data_folder), "PYTHONPATH": source}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "BLR-RUS both ways" in done.stdout
    return out


@pytest.mark.data
@pytest.mark.parametrize("folder", [tool.SHIPPED, tool.SHIPPED_INPUTS])
def test_the_shipped_files_are_rebuilt_byte_for_byte(built, folder):
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) >= 2
    for name in names:
        assert (folder / name).read_bytes() == (built / name).read_bytes(), name


@pytest.mark.data
def test_the_reference_page_shows_the_tables_of_the_build(built):
    assert tool.PAGE.read_text(encoding="utf-8") == (built / "page.md").read_text(encoding="utf-8")


@pytest.mark.data
def test_nothing_reported_is_changed_but_by_the_adjustment(built, data_folder):
    baci = pl.read_parquet(data_folder / inputs.BACI).drop_nulls()
    cells = pl.read_csv(built / "cis-2023.csv", schema_overrides={"trade": pl.Float64})
    cells = cells.join(baci, on=["exporter", "importer"])
    kept = cells.filter(pl.col("method") == "reported")
    assert (kept["trade"] - kept["trade_kusd"] / 1e3).abs().max() < 1e-3
    assert set(cells["method"]) == {"reported", "adjusted"}


@pytest.mark.data
def test_kyrgyzstan_stops_the_build_without_its_adjustment(data_folder):
    data = inputs.load(data_folder, 2022)
    named = evidence.named_economies(FACTS)
    table = fill.with_rest_of_world(fill.reported(data, named), data)
    gdp = np.array([row["gdp"] for row in evidence.accounts(FACTS, data, named)])
    with pytest.raises(ValueError, match="KGZ 208%"):
        fill.gate(table, gdp, FACTS["gate"])


@pytest.mark.data
def test_an_economy_with_transit_trade_cannot_be_named(data_folder):
    data = inputs.load(data_folder, 2022)
    named = (*evidence.named_economies(FACTS), "HKG")
    gdp = np.array([*data.gdp[[data.economies.index(code) for code in named]], 1e9])
    table = fill.with_rest_of_world(fill.reported(data, named), data)
    with pytest.raises(ValueError, match="HKG 148%"):
        fill.gate(table, gdp, FACTS["gate"])


def test_the_metadata_is_plain_json(tmp_path):
    record = json.loads((tool.SHIPPED / "cis-2023.json").read_text(encoding="utf-8"))
    path = tmp_path / "again.json"
    path.write_text(publish.metadata_file(record), encoding="utf-8")
    assert path.read_bytes() == (tool.SHIPPED / "cis-2023.json").read_bytes()
