"""The baseline by sectors: how it is made, what may ship of its tariffs, and the borrowed coefficients."""

from datetime import date
from fractions import Fraction

import numpy as np
import polars as pl
import pytest

import build_baselines as tool
from baselines import borrowed, sectors
from dostastyq import register, trade
from dostastyq.errors import DostastyqError
from dostastyq.trade import shipped
from dostastyq.trade.detail import RevenuePool

STATES = ("BLR", "KAZ", "RUS", "UKR")
UNION = STATES[:3]
FACTS = tool.facts_of(tool.SECTORS)
NAME = "eaeu-2019"


@pytest.fixture(scope="module")
def base():
    return trade.baseline(NAME)


@pytest.fixture(scope="module")
def record():
    return shipped.metadata(NAME)


@pytest.fixture(scope="module")
def means(record):
    return pl.read_csv(tool.SHIPPED / record["tariffs"]["file"])


def at(base, importer, exporter):
    return base.tariffs[:, base.economies.index(importer), base.economies.index(exporter)]


def test_its_shape_and_units(base):
    assert base.economies[:4] == STATES
    assert base.economies[-1] == "ROW"
    assert len(base.economies) == 25
    assert len(base.sectors) == 28
    assert (base.year, base.on, base.unit) == (2019, date(2019, 7, 1), "million USD")
    assert base.imputed().is_empty()
    assert set(base.origins["method"]) == {"reported", "row_sum"}


def test_preferences_are_those_of_the_register_on_the_day(base, record):
    """Zero where the register has a preference on the baseline's day, the full tariff where it has none."""
    law = register.load("cis").pairs(base.on)
    external = dict(zip(base.economies, base.detail.external.T, strict=True))
    for importer in STATES:
        for exporter in STATES:
            if importer == exporter:
                continue
            row = law.filter(pl.col("importer") == importer, pl.col("exporter") == exporter).row(0, named=True)
            free = any(row[kind] for kind in ("free_trade_area", "customs_union", "economic_union"))
            expected = np.zeros(28) if free else external[importer]
            assert np.array_equal(at(base, importer, exporter), expected), (importer, exporter)
    assert not at(base, "BLR", "UKR").any()
    assert at(base, "RUS", "UKR").any()
    assert at(base, "UKR", "RUS").any()
    assert len(record["preferences"]) == 10


def test_the_union_charges_one_external_tariff_on_everybody_else(base):
    reference = at(base, "RUS", "CHN")
    for importer in UNION:
        for exporter in base.economies:
            if exporter not in STATES:
                assert np.array_equal(at(base, importer, exporter), reference)
    trade_ = base.flows[:-1, base.economies.index("RUS"), base.economies.index("CHN")]
    assert 0.05 < np.average(reference[:-1], weights=trade_) < 0.10


def test_services_and_domestic_flows_have_no_tariff(base):
    assert not base.tariffs[base.sectors.index(base.detail.services[0])].any()
    assert not np.einsum("jnn->jn", base.tariffs).any()


def test_no_tariff_that_ships_is_that_of_one_state_on_another(means, record):
    """Every figure is a mean over at least three bilateral cells of the source, and there are far fewer than cells."""
    assert means["cells"].min() >= 3
    assert set(means["importer_region"]) | set(means["exporter_region"]) <= {*record["tariffs"]["regions"], "external"}
    assert means.height < 28 * 81 * 80 / 100


def test_a_mean_over_few_cells_stops_the_build():
    cells = sectors.Cells(("RUS", "UKR", "ROW"), ("A01",), np.ones((1, 3, 3)), np.zeros((1, 3, 3)), ())
    facts = {
        "services": "S",
        "regions": {"one": ["RUS"], "two": ["UKR"]},
        "rest_region": "rest",
        "external": {},
        "smallest_mean": 3,
    }
    with pytest.raises(ValueError, match="would show single cells"):
        sectors.tariff_means(cells, facts)


def test_a_mean_is_weighted_by_trade_and_leaves_out_domestic_flows():
    trade_ = np.array([[[9.0, 1.0, 3.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0]]])
    tariff = np.array([[[0.9, 0.1, 0.2], [0.3, 0.9, 0.5], [0.0, 0.0, 0.9]]])
    cells = sectors.Cells(("A", "B", "C"), ("A01",), trade_, tariff, ())
    assert sectors.mean(cells, 0, ["A"], ["A", "B", "C"]) == (pytest.approx((0.1 + 0.6) / 4), 2)
    assert sectors.mean(cells, 0, ["B"], ["A", "C"]) == (pytest.approx(0.4), 2)


def test_economies_that_are_not_named_join_the_rest():
    trade_ = np.arange(9.0).reshape(1, 3, 3)
    cells = sectors.Cells(("A", "B", "ROW"), ("A01",), trade_, np.zeros((1, 3, 3)), ())
    joined = sectors.flows(cells, ("A", "ROW"))
    assert joined.tolist() == [[[0.0, 3.0], [3.0 + 6.0, 4.0 + 5.0 + 7.0 + 8.0]]]


def test_states_without_a_table_stand_inside_row(base):
    assert set(base.detail.inside) == {"ARM", "AZE", "GEO", "KGZ", "MDA", "TJK", "TKM", "UZB"}
    assert set(base.detail.inside.values()) == {"ROW"}
    assert "no table" in base.detail.inside_reason


def test_eight_sets_of_elasticities_by_name(base):
    assert len(base.detail.elasticities) == 8
    assert base.detail.default_elasticities == "uniform_4"
    assert (base.detail.elasticity_set("uniform_4") == 4).all()
    assert base.detail.elasticity_set("caliendo_parro_2015")[base.sectors.index("C19")] == 64.85
    assert all(base.detail.citations[name] for name in base.detail.elasticities)
    with pytest.raises(DostastyqError) as error:
        base.detail.elasticity_set("fontagne")
    assert error.value.code == "TR019"
    assert "fontagne_2022" in error.value.hint


def test_repairs_and_sources_are_reported(base):
    text = " ".join(base.provenance.repairs)
    for said in ("no tariff", "one external tariff", "CHN to RUS", "ROW has no tariffs", "Services"):
        assert said in text
    assert {"icio-2019", "teti-2019", "elasticities", "register"} <= {source.key for source in base.sources}


def test_norms_of_the_revenue_pool_are_exact_and_restated(base):
    pool = base.detail.pool
    assert sum(pool.shares.values()) == 1
    assert pool.since <= base.on < pool.until
    three = pool.among(STATES)
    assert set(three) == set(UNION)
    assert sum(three.values()) == 1
    assert three["BLR"] / three["RUS"] == Fraction("4.560") / Fraction("85.265")
    two = pool.among(["BLR", "RUS"])
    assert sum(two.values()) == 1
    assert two["BLR"] > three["BLR"]


def test_norms_that_do_not_sum_to_one_are_refused():
    with pytest.raises(DostastyqError) as error:
        RevenuePool("x", {"A": Fraction(1, 2)}, date(2017, 1, 1), date(2020, 1, 1), "s")
    assert error.value.code == "TR020"


def test_scaling_domestic_flows_keeps_tariffs_and_detail(base):
    wider = base.scale_domestic(1.1)
    assert wider.detail is base.detail
    assert np.array_equal(wider.tariffs, base.tariffs)


def test_borrowed_coefficients_are_shares_of_output(base):
    lent = trade.technology("borrowed-1993").of(base.sectors)
    assert lent.inputs.shape == (28, 28)
    assert (lent.inputs >= 0).all()
    assert lent.inputs.sum(axis=0) + lent.value_added == pytest.approx(np.ones(28), abs=1e-9)
    assert 0.2 < lent.value_added.min() < lent.value_added.max() < 0.9
    assert {source.licence for source in lent.provenance.sources} == {"MIT"}
    with pytest.raises(DostastyqError) as error:
        lent.of(("total",))
    assert error.value.code == "TR021"
    with pytest.raises(DostastyqError, match="borrowed-1993"):
        trade.technology("borrowed-1994")


def test_the_concordance_covers_both_sides():
    facts = {"concordance": {"x": ["a"], "y": ["a", "b"]}}
    shared = borrowed.concordance(facts, ["a", "b"], ["x", "y"])
    assert shared.tolist() == [[1, 1], [0, 1]]
    with pytest.raises(ValueError, match="leaves out c"):
        borrowed.concordance(facts, ["a", "b", "c"], ["x", "y"])


def test_a_changed_file_is_refused(monkeypatch, record):
    monkeypatch.setattr(shipped, "metadata", lambda _: record | {"sha256": "0" * 64})
    with pytest.raises(DostastyqError) as error:
        shipped._load.__wrapped__(NAME)
    assert error.value.code == "TR002"


@pytest.mark.data
def test_borrowed_regions_keep_their_value_added_in_total(data_folder):
    """Aggregated, the lent table gives the mean region's share of value added within what sectors differ by."""
    facts = tool.facts_of(tool.BORROWED)
    made = borrowed.borrow(data_folder, facts, tuple(FACTS["sectors"]), np.ones(28))
    assert made["inputs"].sum(axis=0) + made["value_added"] == pytest.approx(np.ones(28))
