"""Panels: bad rows named, unknown status never zero, lags and leads by calendar, years around entry."""

import random
from itertools import product

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq import register
from dostastyq.errors import DostastyqError
from dostastyq.trade import Panel

YEARS = range(2010, 2018)
PAIRS = [(a, b) for a in ("KAZ", "RUS", "DEU") for b in ("KAZ", "RUS", "DEU")]


@pytest.fixture
def flows():
    return pl.DataFrame(
        [(e, m, t, float(10 + t % 7)) for (e, m), t in product(PAIRS, YEARS)],
        schema=["exporter", "importer", "year", "trade"],
        orient="row",
    )


@pytest.fixture
def law():
    """In force between KAZ and RUS from the middle of 2014; its state before 2012 is not recorded."""
    rows = [
        (e, m, t, None if t < 2012 else 0.0 if t < 2014 else 0.5 if t == 2014 else 1.0)
        for (e, m), t in product([("KAZ", "RUS"), ("RUS", "KAZ")], YEARS)
    ]
    return pl.DataFrame(rows, schema=["exporter", "importer", "year", "eaeu-2014"], orient="row")


def refused(call, *arguments, **options):
    with pytest.raises(DostastyqError) as error:
        call(*arguments, **options)
    assert error.value.hint
    return error.value


def share(panel, column, exporter, importer):
    rows = panel.frame.filter((pl.col("exporter") == exporter) & (pl.col("importer") == importer))
    return dict(rows.select("year", column).iter_rows())


def test_a_panel_says_what_it_is(flows):
    panel = Panel.read(flows.sample(fraction=1.0, shuffle=True, seed=1), unit="thousand USD", name="mine")
    assert repr(panel) == (
        "Panel('mine', 3 economies, 2010-2017 (8 years), 72 cells, with domestic flows, million USD)"
    )
    assert panel.frame["trade"].sum() == pytest.approx(flows["trade"].sum() / 1000)
    assert panel.provenance.repairs == ("Trade of data frame converted from thousand USD to million USD (x 0.001).",)
    assert panel.frame.equals(panel.frame.sort("exporter", "importer", "year"))


def test_csv_and_parquet_say_the_same(flows, tmp_path):
    more = flows.with_columns(rta=(pl.col("year") > 2013).cast(pl.Float64), note=pl.lit("a"))
    more.write_csv(tmp_path / "flows.csv")
    more.write_parquet(tmp_path / "flows.parquet")
    one, two = Panel.read(tmp_path / "flows.csv"), Panel.read(str(tmp_path / "flows.parquet"))
    assert one.frame.equals(two.frame)
    assert one.name == "flows"
    assert one.provenance.inputs[0][0] == "flows.csv"


def test_former_states_are_accepted_when_asked_for(flows):
    old = flows.with_columns(pl.col("exporter").replace("DEU", "DDR"))
    assert "DDR" in refused(Panel.read, old).message
    assert "DDR" in Panel.read(old, aggregates="all").economies
    assert "DDR" in Panel.read(old, aggregates=["DDR"]).economies


@pytest.mark.parametrize(
    ("column", "value", "code", "said"),
    [
        ("trade", "-3", "TR006", "row 4, column trade (KAZ to KAZ): found -3"),
        ("trade", "n/a", "TR005", "row 4, column trade (KAZ to KAZ): found n/a"),
        ("trade", "1 000", "TR004", "row 4, column trade (KAZ to KAZ): found 1 000"),
        ("year", "2012.5", "TR014", "row 4, column year: found 2012.5"),
        ("year", "", "TR014", "row 4, column year"),
        ("exporter", "KZA", "TR008", "row 4, column exporter: found 'KZA'"),
        ("year", "2011", "TR007", "row 4: found KAZ to KAZ in 2011 again after row 3"),
    ],
)
def test_bad_rows_of_a_file_are_named(flows, tmp_path, column, value, code, said):  # noqa: PLR0917
    rows = flows.cast(pl.String)
    rows[2, column] = value
    rows.write_csv(tmp_path / "flows.csv")
    error = refused(Panel.read, tmp_path / "flows.csv")
    assert error.code == code
    assert f"flows.csv, {said}" in error.message


def test_a_missing_column_is_named(flows):
    assert refused(Panel.read, flows.drop("year")).code == "TR003"


def test_pairs_outside_the_law_have_none_and_unknown_is_not_zero(flows, law):
    panel = Panel.read(flows).with_agreements(law, unknown="keep")
    assert set(share(panel, "eaeu_2014", "KAZ", "DEU").values()) == {0.0}
    assert set(share(panel, "eaeu_2014", "KAZ", "KAZ").values()) == {0.0}
    assert share(panel, "eaeu_2014", "KAZ", "RUS") == {
        2010: None, 2011: None, 2012: 0.0, 2013: 0.0, 2014: 0.5, 2015: 1.0, 2016: 1.0, 2017: 1.0,
    }  # fmt: skip
    assert panel.unknown == {"eaeu_2014": 4}


def test_unknown_status_is_refused_or_dropped_and_counted(flows, law):
    panel = Panel.read(flows)
    error = refused(panel.with_agreements, law)
    assert error.code == "TR016"
    assert "the status of eaeu_2014 is not known in 4 cells, the first is KAZ to RUS in 2010" in error.message
    dropped = panel.with_agreements(law, unknown="drop")
    assert dropped.frame.height == flows.height - 4
    assert dropped.unknown == {"eaeu_2014": 4}


def test_lags_and_leads_are_by_calendar(flows, law):
    sparse = Panel.read(flows.filter(pl.col("year").is_in([2012, 2014, 2016])))
    panel = sparse.with_agreements(law, lags=[1, 2], leads=[1, 2], unknown="keep")
    assert panel.agreements == (
        "eaeu_2014", "eaeu_2014_lag1", "eaeu_2014_lag2", "eaeu_2014_lead1", "eaeu_2014_lead2",
    )  # fmt: skip
    assert share(panel, "eaeu_2014_lag1", "KAZ", "RUS") == {2012: None, 2014: 0.0, 2016: 1.0}
    assert share(panel, "eaeu_2014_lag2", "KAZ", "RUS") == {2012: None, 2014: 0.0, 2016: 0.5}
    assert share(panel, "eaeu_2014_lead1", "KAZ", "RUS") == {2012: 0.0, 2014: 1.0, 2016: 1.0}
    assert share(panel, "eaeu_2014_lead2", "KAZ", "RUS") == {2012: 0.5, 2014: 1.0, 2016: None}


def test_years_before_the_law_may_be_declared(flows, law):
    known = law.filter(pl.col("year") >= 2012)
    panel = Panel.read(flows).with_agreements(known, before=0.0)
    assert share(panel, "eaeu_2014", "KAZ", "RUS")[2010] == 0.0
    assert panel.unknown == {}


@given(lag=st.integers(1, 4), seed=st.integers(0, 100))
def test_a_lag_of_a_lead_is_the_year_itself(lag, seed):
    draw = random.Random(seed)
    years = range(2000, 2012)
    law = pl.DataFrame(
        {
            "exporter": "KAZ",
            "importer": "RUS",
            "year": years,
            "fta": [draw.choice([0.0, 0.5, 1.0, None]) for _ in years],
        }
    )
    cells = law.select("exporter", "importer", "year", trade=1.0)
    panel = Panel.read(cells).with_agreements(law, lags=[lag], leads=[lag], unknown="keep")
    known = share(panel, "fta", "KAZ", "RUS")
    assert share(panel, f"fta_lag{lag}", "KAZ", "RUS") == {t: known.get(t - lag) for t in years}
    assert share(panel, f"fta_lead{lag}", "KAZ", "RUS") == {t: known.get(t + lag) for t in years}


def test_phase_in_is_the_mean_of_the_years_so_far(flows, law):
    panel = Panel.read(flows).with_agreements(law, phase_in=2, unknown="keep")
    assert share(panel, "eaeu_2014_phased", "KAZ", "RUS") == {
        2010: None, 2011: None, 2012: None, 2013: 0.0, 2014: 0.25, 2015: 0.75, 2016: 1.0, 2017: 1.0,
    }  # fmt: skip


def test_depth_is_that_of_the_deepest_in_force(flows, law):
    both = law.with_columns(pl.lit(1.0).alias("fta-2011"))
    panel = Panel.read(flows).with_agreements(both, depth={"eaeu-2014": 7, "fta-2011": 2}, unknown="keep")
    assert share(panel, "depth", "KAZ", "RUS") == {
        2010: None, 2011: None, 2012: 2.0, 2013: 2.0, 2014: 3.5, 2015: 7.0, 2016: 7.0, 2017: 7.0,
    }  # fmt: skip
    assert refused(Panel.read(flows).with_agreements, both, depth={"fta": 1}).code == "TR018"


def test_the_register_joins_as_it_is():
    reg = register.load("cis")
    cells = pl.DataFrame(
        [(e, m, t, 1.0) for e, m in (("KAZ", "RUS"), ("RUS", "KAZ"), ("KAZ", "DEU")) for t in range(2010, 2017)],
        schema=["exporter", "importer", "year", "trade"],
        orient="row",
    )
    panel = Panel.read(cells).with_agreements(
        reg.panel(range(2005, 2020), by="instrument"), columns=["eaeu-2014"], lags=[4], leads=[2], unknown="keep"
    )
    union = share(panel, "eaeu_2014", "KAZ", "RUS")
    assert (union[2013], union[2015], share(panel, "eaeu_2014_lead2", "KAZ", "RUS")[2013]) == (0.0, 1.0, 1.0)
    assert set(share(panel, "eaeu_2014", "KAZ", "DEU").values()) == {0.0}


def test_an_event_study_counts_from_the_first_year_in_force(flows, law):
    panel, names = Panel.read(flows).with_agreements(law, before=0.0, unknown="keep").event_study("eaeu_2014", 3, 2)
    assert names == tuple(f"eaeu_2014_{step}" for step in ("before3", "before2", "after0", "after1", "after2"))
    rows = {name: [year for year, one in share(panel, name, "KAZ", "RUS").items() if one] for name in names}
    assert rows == {
        "eaeu_2014_before3": [2010, 2011],
        "eaeu_2014_before2": [2012],
        "eaeu_2014_after0": [2014],
        "eaeu_2014_after1": [2015],
        "eaeu_2014_after2": [2016, 2017],
    }
    assert panel.frame.filter(pl.col("importer") == "DEU").select(pl.sum_horizontal(pl.col(names).sum())).item() == 0


def test_a_pair_always_in_force_has_no_observed_entry(flows, law):
    late = Panel.read(flows.filter(pl.col("year") >= 2014)).with_agreements(law)
    panel, names = late.event_study("eaeu_2014", 2, 2)
    assert names == ()
    assert panel.frame.equals(late.frame)


def test_an_event_study_of_every_fourth_year_has_the_distances_that_there_are(flows, law):
    sparse = Panel.read(flows.filter(pl.col("year").is_in([2010, 2012, 2014, 2016]))).with_agreements(
        law, before=0.0, unknown="keep"
    )
    panel, names = sparse.event_study("eaeu_2014", before=4, after=3, reference=-2)
    assert names == ("eaeu_2014_before4", "eaeu_2014_after0", "eaeu_2014_after2")
    assert all(panel.frame[name].sum() > 0 for name in names)
    error = refused(sparse.event_study, "eaeu_2014", before=4, after=3)
    assert error.code == "TR017"
    assert "no cell is -1 years from the entry of eaeu_2014 into force; there are -4, -2, 0, 2" in error.message


def test_any_frame_joins_by_the_keys_it_has(flows):
    distance = pl.DataFrame({"exporter": ["KAZ"], "importer": ["RUS"], "dist": [2300.0]})
    panel = Panel.read(flows)
    assert panel.join(distance).frame["dist"].null_count() == flows.height - len(YEARS)
    assert panel.join(distance, absent=0.0).frame["dist"].sum() == 2300.0 * len(YEARS)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda law: pl.concat([law, law]), "two rows for KAZ, RUS, 2010"),
        (lambda law: law.drop("year"), "expected year"),
        (lambda law: law.rename({"eaeu-2014": "trade"}), "has a column 'trade' already"),
        (lambda law: law.with_columns(eaeu_2014=1.0), "eaeu-2014 and eaeu_2014 are both eaeu_2014"),
    ],
)
def test_a_frame_that_does_not_fit_is_refused(flows, law, change, said):
    error = refused(Panel.read(flows).with_agreements, change(law), unknown="keep")
    assert error.code == "TR017"
    assert said in error.message


def test_unknown_columns_and_shifts_are_refused(flows, law):
    panel = Panel.read(flows)
    assert refused(panel.with_agreements, law, columns=["eaeu-2015"]).hint == "did you mean 'eaeu-2014'?"
    assert refused(panel.with_agreements, law, lags=[0]).code == "TR017"
    assert refused(panel.event_study, "traed").hint == "did you mean 'trade'?"
    assert refused(panel.event_study, "trade", reference=9).code == "TR017"
