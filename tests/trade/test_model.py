"""The noun: arrays, labels, totals, and the two ways to scale it."""

from dataclasses import FrozenInstanceError, replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.errors import DostastyqError
from dostastyq.provenance import Provenance
from dostastyq.trade import Baseline, baseline

CODES = ("ARM", "BLR", "KAZ", "KGZ", "RUS")
METHODS = st.sampled_from(["reported", "icio_2022", "gravity"])


def cell(base, exporter, importer):
    return base.flows[0, base.economies.index(importer), base.economies.index(exporter)]


@st.composite
def frames(draw):
    """Long frames of two to five economies and one or two sectors, domestic flows clearly positive."""
    codes = CODES[: draw(st.integers(2, len(CODES)))]
    sectors = ("goods", "services")[: draw(st.integers(1, 2))]
    values = st.floats(0, 1e6)
    rows = [
        {
            "exporter": exporter,
            "importer": importer,
            "sector": sector,
            "trade": draw(values) + (1e6 if exporter == importer else 0.0),
            "method": draw(st.sampled_from(["reported", "domestic"])) if exporter == importer else draw(METHODS),
        }
        for sector in sectors
        for exporter in codes
        for importer in codes
    ]
    return pl.DataFrame(draw(st.permutations(rows)))


def test_flows_are_importer_by_exporter(base):
    assert base.economies == ("BLR", "KAZ", "RUS")
    assert cell(base, "RUS", "KAZ") == 16_000
    assert cell(base, "KAZ", "RUS") == 10_000


def test_output_and_expenditure_add_up(base):
    assert base.output().tolist() == [95_800, 310_500, 3_036_000]
    assert base.expenditure().tolist() == [100_500, 316_800, 3_025_000]
    assert base.output().sum() == base.expenditure().sum() == base.flows.sum()


def test_domestic_share(base):
    share = base.domestic_share()
    assert share.columns == ["state", "domestic_share", "output_to_gdp", "ratio_source"]
    assert share["domestic_share"].to_list() == pytest.approx([80 / 100.5, 300 / 316.8, 3000 / 3025])
    assert share["output_to_gdp"].null_count() == 3


def test_the_day_of_the_law_is_the_middle_of_the_year(base):
    assert base.on == date(2023, 7, 1)


def test_a_baseline_without_year_has_no_day(world):
    with pytest.raises(DostastyqError, match="does not say its year") as error:
        _ = baseline(world).on
    assert error.value.code == "TR014"


def test_arrays_cannot_be_written(base):
    with pytest.raises(ValueError, match="read-only"):
        base.flows[0, 0, 0] = 1
    with pytest.raises(FrozenInstanceError):
        base.year = 2024


def test_the_array_given_stays_the_callers(base):
    own = base.flows.copy()
    copied = replace(base, flows=own)
    own[0, 0, 0] = -1
    assert copied.flows[0, 0, 0] > 0


def test_it_prints_itself(base):
    assert repr(base) == "Baseline('world', 2023, 3 economies, 1 sectors, million USD, 2 cells filled)"


def test_imputed_cells_carry_method_and_source(base):
    filled = base.imputed()
    assert filled.columns == ["exporter", "importer", "sector", "trade", "method", "source", "note"]
    assert set(filled.select("exporter", "importer").iter_rows()) == {("RUS", "BLR"), ("BLR", "RUS")}
    assert set(filled["source"]) == {"ICIO"}


def test_scaling_filled_cells_holds_derived_output_and_reported_domestic_flow(base):
    more = base.scale_imputed(1.4)
    assert cell(more, "RUS", "BLR") == pytest.approx(28_000)
    assert cell(more, "BLR", "RUS") == pytest.approx(21_000)
    assert cell(more, "BLR", "BLR") == cell(base, "BLR", "BLR")
    assert cell(more, "KAZ", "RUS") == cell(base, "KAZ", "RUS")
    assert more.output()[1] == base.output()[1]


def test_scaling_filled_exports_derives_the_domestic_flow_again(world):
    derived = world.with_columns(
        method=pl.when(pl.col("exporter") == pl.col("importer")).then(pl.lit("domestic")).otherwise("method")
    )
    base = baseline(derived, year=2023)
    more = base.scale_imputed(1.4)
    assert more.output() == pytest.approx(base.output())
    assert cell(more, "BLR", "BLR") == pytest.approx(80 - 0.4 * 15)


def test_scaling_says_so(base):
    assert base.scale_imputed(1.4).provenance.repairs[-1] == "Sensitivity: filled cells x 1.4."
    assert base.scale_domestic(0.9).provenance.repairs[-1] == "Sensitivity: output-to-GDP ratio x 0.9."


def test_origins_follow_the_flows(base):
    more = base.scale_imputed(0.7)
    assert np.array_equal(more.origins["trade"].to_numpy(), more.flows.ravel())
    assert more.imputed()["trade"].sum() == pytest.approx(0.7 * base.imputed()["trade"].sum())


def test_scaling_the_ratio_multiplies_output_and_keeps_trade(base):
    less = base.scale_domestic(0.8)
    assert less.output() == pytest.approx(0.8 * base.output())
    abroad = ~np.eye(3, dtype=bool)
    assert np.array_equal(less.flows[0][abroad], base.flows[0][abroad])


def test_a_ratio_that_leaves_nothing_at_home_is_refused(base):
    with pytest.raises(DostastyqError, match="domestic flow of BLR") as error:
        base.scale_domestic(0.1)
    assert error.value.code == "TR009"


@pytest.mark.parametrize("factor", [0, -1, float("nan"), float("inf")])
@pytest.mark.parametrize("method", ["scale_imputed", "scale_domestic"])
def test_a_factor_is_a_positive_number(base, method, factor):
    with pytest.raises(DostastyqError) as error:
        getattr(base, method)(factor)
    assert error.value.code == "TR015"


@given(frames())
def test_frame_to_baseline_to_frame(frame):
    base = baseline(frame, year=2023)
    back = base.to_frame().sort("sector", "exporter", "importer")
    given_rows = frame.sort("sector", "exporter", "importer")
    assert back.select(frame.columns).equals(given_rows)
    assert baseline(base.to_frame()).to_frame().equals(base.to_frame())


@given(frames())
def test_factor_one_is_identity(frame):
    base = baseline(frame)
    assert np.array_equal(base.scale_imputed(1).flows, base.flows)
    assert np.array_equal(base.scale_domestic(1).flows, base.flows)


@given(frames(), st.floats(0.5, 1.1))
def test_scaling_moves_only_filled_and_derived_cells(frame, factor):
    base = baseline(frame.with_columns(trade=pl.col("trade") + 1e6 * (pl.col("exporter") == pl.col("importer"))))
    scaled = base.scale_imputed(factor)
    kept = base._cells(pl.col("method") == "reported")
    assert np.array_equal(scaled.flows[kept], base.flows[kept])
    filled = base._cells(pl.col("method").is_in(["icio_2022", "gravity"]))
    assert scaled.flows[filled] == pytest.approx(factor * base.flows[filled])


@given(frames(), st.floats(1.0, 3.0))
def test_scaling_the_ratio_scales_output_of_every_sector(frame, factor):
    base = baseline(frame)
    scaled = base.scale_domestic(factor)
    assert scaled.flows.sum(axis=1) == pytest.approx(factor * base.flows.sum(axis=1))


def test_tariffs_are_in_the_frame(world):
    base = baseline(world.with_columns(tariff=pl.lit(0.05)), year=2023)
    assert base.tariffs.shape == base.flows.shape
    assert base.to_frame()["tariff"].unique().to_list() == [0.05]
    assert base.to_frame().columns == ["exporter", "importer", "sector", "trade", "tariff", "method", "source"]


def test_origins_must_cover_every_cell(base):
    with pytest.raises(DostastyqError, match="one a cell = 9"):
        replace(base, origins=base.origins.head(3))


def test_a_baseline_is_made_without_a_file():
    flows = np.array([[[5.0, 1.0], [2.0, 7.0]]])
    origins = pl.DataFrame(
        {
            "sector": ["total"] * 4,
            "importer": ["ARM", "ARM", "KAZ", "KAZ"],
            "exporter": ["ARM", "KAZ", "ARM", "KAZ"],
            "trade": flows.ravel(),
            "method": ["reported"] * 4,
            "source": [""] * 4,
            "note": [""] * 4,
        }
    )
    base = Baseline("pair", "A pair", 2020, ("ARM", "KAZ"), ("total",), flows, None, origins, Provenance("a test"))
    assert base.imputed().is_empty()
    assert base.sources == ()
