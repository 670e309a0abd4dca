"""The shipped cis-2023: every rule of its making, read off the file as it ships."""

from importlib.resources import files

import numpy as np
import polars as pl
import pytest

from dostastyq import trade
from dostastyq.errors import DostastyqError
from dostastyq.provenance import fingerprint
from dostastyq.trade import shipped

CIS = ("ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ", "MDA", "RUS", "TJK", "TKM", "UKR", "UZB")
PARTNERS = (
    "ARE",
    "CHE",
    "CHN",
    "DEU",
    "FRA",
    "GBR",
    "IND",
    "IRN",
    "ITA",
    "JPN",
    "KOR",
    "MNG",
    "NLD",
    "POL",
    "SRB",
    "TUR",
)


@pytest.fixture(scope="module")
def record():
    return shipped.metadata("cis-2023")


def origin(base, exporter, importer):
    cells = base.origins.filter(pl.col("exporter") == exporter, pl.col("importer") == importer)
    return cells.row(0, named=True)


def test_it_is_listed():
    row = trade.available().row(0, named=True)
    assert row["name"] == "cis-2023"
    assert row["year"] == 2023
    assert row["economies"] >= len(CIS) + 20 + 1
    assert "CIS" in row["title"]


@pytest.mark.parametrize("wrong", ["cis-2032", "CIS-2023", "nothing like it"])
def test_an_unknown_name_is_refused_with_the_nearest(wrong):
    with pytest.raises(DostastyqError) as error:
        trade.baseline(wrong)
    assert error.value.code == "TR001"
    assert wrong in error.value.message
    assert "cis-2023" in error.value.hint


def test_options_are_for_files():
    with pytest.raises(DostastyqError, match="option") as error:
        trade.baseline("cis-2023", unit="USD")
    assert error.value.code == "TR013"


def test_the_twelve_and_their_partners_each_on_its_own(cis):
    assert set(CIS) <= set(cis.economies)
    assert set(PARTNERS) | {"USA", "VNM"} <= set(cis.economies)
    assert cis.economies[-1] == "ROW"
    assert len(cis.economies) - 13 >= 20


def test_it_is_small():
    folder = files("dostastyq").joinpath("commonwealths/cis/baselines")
    assert sum(len(item.read_bytes()) for item in folder.iterdir()) < 1_000_000


def test_the_fingerprint_of_the_flows_is_in_the_provenance(cis, record):
    content = files("dostastyq").joinpath("commonwealths/cis/baselines/cis-2023.csv").read_bytes()
    assert cis.provenance.inputs[0] == ("cis-2023.csv", fingerprint(content))
    assert record["sha256"] == fingerprint(content)


def test_a_changed_flow_file_is_refused(monkeypatch, record):
    monkeypatch.setattr(shipped, "metadata", lambda _name: record | {"sha256": "0" * 64})
    with pytest.raises(DostastyqError, match="fingerprint"):
        shipped._load.__wrapped__("cis-2023")


def test_every_cell_has_a_method_and_a_source_that_is_listed(cis, record):
    assert set(cis.origins["method"]) <= set(record["methods"])
    assert set(cis.origins["source"]) <= {source.key for source in cis.sources}
    assert all(source.title and source.licence for source in cis.sources)
    assert not np.isnan(cis.flows).any()


def test_only_recorded_zeros_are_zero(cis):
    zeros = cis.origins.filter(pl.col("trade") == 0)
    assert set(zeros.select("exporter", "importer").iter_rows()) >= {("ARM", "AZE"), ("AZE", "ARM"), ("UKR", "RUS")}
    touching = zeros.filter(pl.col("exporter").is_in(CIS) | pl.col("importer").is_in(CIS))
    assert set(touching["method"]) <= {"recorded_zero", "reported"}
    recorded = cis.origins.filter(pl.col("method") == "recorded_zero")
    assert recorded["trade"].sum() == 0
    assert recorded["note"].str.contains("confidence").all()
    assert recorded["source"].is_in(["rferl-2025", "censor-2022"]).all()


@pytest.mark.parametrize("partner", ["KOR", "POL", "VNM", "IRN"])
@pytest.mark.parametrize("direction", ["exports", "imports"])
def test_no_silent_zero_for_russia(cis, partner, direction):
    pair = ("RUS", partner) if direction == "exports" else (partner, "RUS")
    cell = origin(cis, *pair)
    assert cell["trade"] > 100
    assert cell["method"] in {"icio_2022", "gravity"}


def test_belarus_and_russia_never_by_gravity_and_within_range(cis, record):
    cells = [origin(cis, "BLR", "RUS"), origin(cis, "RUS", "BLR")]
    assert {cell["method"] for cell in cells} == {"icio_2022"}
    assert {cell["source"] for cell in cells} == {"icio-2022"}
    total = sum(cell["trade"] for cell in cells)
    assert 33_000 <= total <= 50_000
    check = record["checks"]["blr_rus"]
    assert check["both_ways"] == pytest.approx(total, abs=0.1)
    assert check["from"] == "icio-2022"
    assert check["source"] in {source.key for source in cis.sources}


def test_the_order_of_the_fills(cis):
    icio = cis.origins.filter(pl.col("method") == "icio_2022")
    inside = set(icio["exporter"]) | set(icio["importer"])
    gravity = cis.origins.filter(pl.col("method") == "gravity")
    both = gravity.filter(pl.col("exporter").is_in(inside) & pl.col("importer").is_in(inside))
    assert both.is_empty()


def test_domestic_flows_follow_the_rule(cis):
    accounts = cis.accounts
    assert accounts["economy"].to_list() == list(cis.economies)
    rule = accounts["gdp"] * accounts["output_to_gdp"]
    assert cis.output() == pytest.approx(rule.to_numpy(), rel=1e-4)
    assert accounts["ratio_source"].str.len_chars().min() > 0
    home = cis.origins.filter(pl.col("exporter") == pl.col("importer"))
    assert set(home["method"]) == {"domestic"}
    assert home["trade"].min() > 0


@pytest.mark.parametrize(("state", "ratio"), [("BLR", 1.90), ("KAZ", 1.55), ("RUS", 1.80), ("UKR", 2.13), ("ARM", 1.8)])
def test_recorded_ratios(cis, state, ratio):
    assert dict(cis.domestic_share().select("state", "output_to_gdp").iter_rows())[state] == ratio


def test_domestic_shares_are_plausible(cis):
    shares = cis.domestic_share()["domestic_share"]
    assert shares.min() > 0.5
    assert shares.max() < 0.97


def test_imports_stay_below_the_gate(cis):
    abroad = cis.expenditure() - np.diag(cis.flows[0])
    ratio = abroad / cis.accounts["gdp"].to_numpy()
    assert ratio[:-1].max() < 0.9


def test_the_adjustment_of_kyrgyzstan_is_listed_and_marked(cis, record):
    assert [rule["importer"] for rule in record["adjustments"]] == ["KGZ"]
    china = origin(cis, "CHN", "KGZ")
    assert china["method"] == "adjusted"
    assert china["trade"] == 5400
    assert china["note"].startswith("18182.327 reported")
    assert origin(cis, "RUS", "KGZ")["method"] == "reported"
    adjusted = cis.origins.filter(pl.col("method") == "adjusted")
    assert set(adjusted["importer"]) == {"KGZ"}
    place = cis.economies.index("KGZ")
    sold = cis.output()[place] - cis.flows[0, place, place]
    bought = cis.expenditure()[place] - cis.flows[0, place, place]
    assert sold + bought == pytest.approx(15_660, abs=0.1)


def test_the_rest_of_the_world_says_what_it_leaves_out(cis, record):
    cells = cis.origins.filter((pl.col("exporter") == "ROW") | (pl.col("importer") == "ROW"))
    sums = cells.filter(pl.col("method") == "row_sum")
    assert sums["note"].str.contains(r"^\d+ of \d+ cells missing$").all()
    assert not cells["method"].is_in(["gravity", "icio_2022"]).any()
    assert {row["economy"] for row in record["rest_of_world"]["left_out"]} == set(CIS)
    assert record["rest_of_world"]["missing_to_named"] > 0


def test_errors_out_of_sample_are_published(record):
    for errors in (record["leave_one_out"], record["icio_against_baci"]):
        for which in ("all", "large"):
            assert errors[which]["cells"] > 100
            quantiles = list(errors[which]["predicted_over_observed"].values())
            assert quantiles == sorted(quantiles)
            assert errors[which]["median_factor_of_error"] > 1
        assert len(errors["worst"]) == 15


def test_repairs_are_in_the_provenance(cis):
    text = " ".join(cis.provenance.repairs)
    for words in ("ICIO 2022", "gravity", "recorded as no trade", "KGZ"):
        assert words in text


def test_sensitivity_as_the_assessment_uses_it(cis):
    for factor in (0.7, 1.4):
        scaled = cis.scale_imputed(factor)
        assert scaled.output() == pytest.approx(cis.output())
        assert scaled.imputed()["trade"].sum() == pytest.approx(factor * cis.imputed()["trade"].sum())
    for factor in (0.9, 1.1):
        assert cis.scale_domestic(factor).output() == pytest.approx(factor * cis.output())


def test_the_public_door():
    expected = {"Baseline", "Detail", "Panel", "RevenuePool", "Technology", "available", "baseline", "technology"}
    assert set(trade.__all__) == expected
