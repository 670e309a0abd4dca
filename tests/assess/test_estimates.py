import importlib
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dostastyq import gravity, register
from dostastyq.assess import estimates
from dostastyq.errors import DostastyqError

FULL = bool(os.environ.get("DOSTASTYQ_FULL"))
REFEREED = ["icio", "wb_dta"]
TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture(scope="module")
def shipped():
    return estimates.load("cis")


@pytest.fixture(scope="module")
def cis():
    return register.load("cis")


@pytest.fixture(scope="module")
def tool():
    """The estimating modules by name; they are scripts, not part of the package."""
    sys.path.insert(0, str(TOOLS))
    try:
        yield lambda name: importlib.import_module(f"estimates.{name}")
    finally:
        sys.path.remove(str(TOOLS))


@pytest.fixture(scope="module")
def cells(tool, cis):
    """Every pair of CIS states and one outsider, 1996-2016, with the dummies of the design."""
    panels = tool("panels")
    states = [*panels.CIS, "DEU"]
    years = range(1996, 2017)
    rows = [(one, other, year) for one in states for other in states for year in years]
    frame = pl.DataFrame(rows, schema=["exporter", "importer", "year"], orient="row")
    return panels.design(frame, panels.law(cis, years))


def test_two_parameters_with_a_proper_covariance(shipped):
    assert shipped.names == ("cis_free_trade", "union_increment")
    assert shipped.covariance.shape == (2, 2)
    np.testing.assert_array_equal(shipped.covariance, shipped.covariance.T)
    assert np.linalg.eigvalsh(shipped.covariance).min() > 0
    standard_errors = [parameter.standard_error for parameter in shipped.parameters]
    np.testing.assert_allclose(np.sqrt(np.diag(shipped.covariance)), standard_errors, rtol=1e-6)
    np.testing.assert_array_equal(shipped.values, [parameter.value for parameter in shipped.parameters])


def test_the_interval_of_the_union_is_as_wide_as_chance_among_neighbours(shipped):
    increment = shipped.parameter("union_increment")
    assert increment.standard_error >= 0.15
    few = [own for own in shipped.evidence["union_increment"]["own"] if own["treated_pairs"] < 10]
    assert few
    assert increment.standard_error >= max(own["placebo"] for own in few)


def test_the_value_lies_between_the_own_estimate_and_the_world(shipped):
    for parameter in shipped.parameters:
        evidence = shipped.evidence[parameter.name]
        weight = evidence["weight_on_own"]
        pooled = weight * parameter.own_coefficient + (1 - weight) * evidence["world_mean"]
        assert parameter.value == pytest.approx(pooled, abs=2e-6)
        assert 0 < weight < 1


def test_every_own_estimate_shows_what_it_rests_on(shipped):
    for evidence in shipped.evidence.values():
        for own in evidence["own"]:
            assert own.keys() >= {"panel", "window", "border_year", "treated_pairs", "lead", "placebo", "clustered"}
            assert own["standard_deviation"] >= max(own["clustered"], own["placebo"])
            if own["lead_fails"]:
                assert own["standard_deviation"] >= abs(own["lead"])


def test_the_table_holds_negative_null_and_missing_results(shipped):
    table = shipped.specifications
    assert table.filter(pl.col("coefficient") < 0).height > 0
    assert table.filter(pl.col("p_value") > 0.05).height > 0
    not_identified = table.filter(pl.col("note").str.contains("not identified"))
    assert {"cis_free_trade", "union_increment", "treaty"} <= set(not_identified["parameter"])
    assert table.filter(pl.col("coefficient").is_null() & ~pl.col("note").str.contains("not identified")).is_empty()
    assert table.filter(pl.col("specification").str.ends_with("placebo")).height == 3


def test_the_parameters_come_from_rows_of_the_table(shipped):
    for name, regressor in (("cis_free_trade", "treaty"), ("union_increment", "union")):
        for own in shipped.evidence[name]["own"]:
            row = shipped.specifications.filter(
                (pl.col("specification") == own["specification"]) & (pl.col("parameter") == regressor)
            )
            assert row["coefficient"].item() == own["coefficient"]
            assert row["standard_error"].item() == own["clustered"]


def test_sources_carry_licences_and_inputs_hashes(shipped):
    assert {source.key for source in shipped.sources} == {"icio", "wb-dta", "geodist"}
    assert all(source.licence for source in shipped.sources)
    assert all(len(digest) == 64 for _, digest in shipped.provenance.inputs)


def test_sentences_have_no_figures(shipped):
    for parameter in shipped.parameters:
        assert parameter.description.endswith(".")
        assert not any(word.strip(".,:").replace(".", "").isdigit() for word in parameter.description.split())


def test_replacing_a_value_keeps_the_rest(shipped):
    negative = shipped.replace("union_increment", value=-0.3)
    assert negative.parameter("union_increment").value == -0.3
    assert negative.parameter("cis_free_trade") == shipped.parameter("cis_free_trade")
    np.testing.assert_allclose(negative.covariance, shipped.covariance)
    assert shipped.parameter("union_increment").value != -0.3


def test_replacing_a_standard_error_keeps_the_correlation(shipped):
    wider = shipped.replace("cis_free_trade", standard_error=0.4)
    assert wider.covariance[0, 0] == pytest.approx(0.16)
    correlation = [e.covariance[0, 1] / np.sqrt(e.covariance[0, 0] * e.covariance[1, 1]) for e in (shipped, wider)]
    assert correlation[0] == pytest.approx(correlation[1])
    certain = wider.replace("cis_free_trade", standard_error=0.0)
    assert certain.covariance[0].tolist() == [0.0, 0.0]
    assert certain.replace("cis_free_trade", standard_error=0.1).covariance[0, 0] == pytest.approx(0.01)


def test_unknown_names_are_refused_with_the_nearest(shipped):
    with pytest.raises(DostastyqError, match="union_increment"):
        shipped.parameter("union_incremnt")
    with pytest.raises(DostastyqError, match="cis"):
        estimates.load("cjs")


def test_the_treaty_of_2011_binds_no_pair_with_a_state_outside_it(cells):
    outside = ("AZE", "GEO", "TKM", "DEU")
    touched = cells.filter(pl.col("exporter").is_in(outside) | pl.col("importer").is_in(outside))
    assert touched["treaty"].max() == 0.0
    inside = cells.filter((pl.col("exporter") == "BLR") & (pl.col("importer") == "MDA"))
    assert inside.filter(pl.col("year") == 2014)["treaty"].item() == 1.0
    assert inside.filter(pl.col("year") <= 2011)["treaty"].max() == 0.0


@pytest.mark.parametrize("pair", [("RUS", "UKR"), ("UKR", "RUS")])
def test_russia_and_ukraine_leave_the_treaty_in_2016_and_have_their_own_dummy_from_2014(cells, pair):
    found = cells.filter((pl.col("exporter") == pair[0]) & (pl.col("importer") == pair[1])).sort("year")
    at = {row["year"]: row for row in found.iter_rows(named=True)}
    assert at[2015]["treaty"] == 1.0
    assert at[2016]["treaty"] < 0.01
    assert [at[year]["rus_ukr"] for year in (2013, 2014, 2016)] == [0.0, 1.0, 1.0]
    assert cells.filter(pl.col("rus_ukr") == 1.0).select("exporter", "importer").unique().height == 2


def test_the_union_is_its_five_members_and_no_state_treats_itself(cells):
    members = cells.filter((pl.col("year") == 2016) & (pl.col("union") == 1.0))
    assert set(members["exporter"]) == {"ARM", "BLR", "KAZ", "KGZ", "RUS"}
    assert members.height == 20
    parts = cells.select(pl.col("union") - pl.col("founders") - pl.col("acceded_arm") - pl.col("acceded_kgz"))
    assert parts.to_series().abs().max() == 0.0
    itself = cells.filter(pl.col("exporter") == pl.col("importer"))
    assert itself.select(pl.max_horizontal("treaty", "union", "cis").max()).item() == 0.0


def test_a_status_that_the_register_does_not_know_drops_the_cell(tool):
    panels = tool("panels")
    keys = {"exporter": ["BLR", "BLR", "DEU"], "importer": ["RUS", "KAZ", "RUS"], "year": [2012, 2012, 2012]}
    shares = (
        pl.DataFrame(keys)
        .head(2)
        .with_columns(
            pl.Series("treaty", [None, 0.2]),
            *[pl.lit(0.0).alias(n) for n in ("customs_union", "union", "earlier_union")],
        )
    )
    kept = panels.design(pl.DataFrame(keys), shares)
    assert kept.select("exporter", "importer").rows() == [("BLR", "KAZ"), ("DEU", "RUS")]
    assert kept["treaty"].to_list() == [0.2, 0.0]


def test_a_placebo_group_is_estimated_as_if_it_stood_in_the_formula(tool):
    """A dummy put beside a fitted specification has the coefficient that a whole new estimation gives it."""
    draw = np.random.default_rng(3)
    e, m, t = np.indices((9, 9, 4)).reshape(3, -1)
    names = np.array([f"C{k}" for k in range(9)])
    data = pl.DataFrame({"exporter": names[e], "importer": names[m], "year": 2012 + t, "x": draw.normal(size=e.size)})
    data = data.with_columns(flow=pl.Series(draw.lognormal(size=e.size)))
    effects = tool("regress").EFFECTS
    base = tool("placebo").Base.of(gravity.ppml(f"flow ~ x | {effects}", data), 1)
    group = ["C1", "C4", "C7"]
    found = base.with_dummies(base.block(group, {2014: 1.0, 2015: 1.0})[None])
    inside = pl.all_horizontal(pl.col(side).is_in(group) for side in ("exporter", "importer"))
    data = data.with_columns(
        dummy=(inside & (pl.col("exporter") != pl.col("importer")) & (pl.col("year") >= 2014)).cast(pl.Float64)
    )
    whole = gravity.ppml(f"flow ~ x + dummy | {effects}", data)
    assert found[0] == pytest.approx(whole.coef()["dummy"], abs=1e-7)


def test_random_effects_of_equal_estimates_have_no_spread(tool):
    pooled = tool("pool").paule_mandel([0.1, 0.1, 0.1], [0.2, 0.1, 0.3])
    assert pooled.mean == pytest.approx(0.1)
    assert pooled.tau == 0.0
    spread = tool("pool").paule_mandel([-0.5, 0.1, 0.7], [0.01, 0.01, 0.01])
    assert spread.tau == pytest.approx(np.sqrt(0.36 - 1e-4), rel=1e-6)


def test_panels_that_disagree_widen_the_interval(tool):
    pool = tool("pool")
    made = {"specification": "", "panel": "", "flow": "", "window": "", "border_year": False, "treated_pairs": 3}
    plain = {**made, "clustered": 0.04, "placebo": 0.15, "placebo_groups": 9, "lead_standard_error": 0.1, "gap": 0.0}
    first = pool.Own(**plain, coefficient=-0.1, lead=0.0)
    second = pool.Own(**plain, coefficient=0.3, lead=0.0)
    mean, variance, shares = pool.over_panels([first, second])
    assert mean == pytest.approx(0.1)
    assert variance == pytest.approx(0.15**2 + 0.2**2)
    assert shares.tolist() == [0.5, 0.5]
    failing = pool.Own(**plain, coefficient=-0.1, lead=-0.5)
    assert failing.lead_fails
    assert failing.variance == pytest.approx(0.15**2 + 0.5**2)


def test_partial_pooling_is_the_normal_posterior(tool):
    value, variance, weight = tool("pool").partial(0.4, 0.04, 0.1, 0.01)
    assert weight == pytest.approx(0.2)
    assert value == pytest.approx(0.16)
    assert 1 / variance == pytest.approx(1 / 0.04 + 1 / 0.01)


@pytest.mark.data
@pytest.mark.parametrize("panel", ["icio", "wb_dta"])
def test_a_rebuilt_specification_gives_the_shipped_figures(panel, tool, cis, shipped, data_folder):
    spec = getattr(tool("plan"), panel)()[0]
    result = tool("regress").run(getattr(tool("panels"), panel)(Path(data_folder), cis), spec)
    table = shipped.specifications.filter(pl.col("specification") == spec.name)
    for name in spec.parameters:
        row = table.filter(pl.col("parameter") == name)
        expected = (row["coefficient"].item(), row["standard_error"].item())
        np.testing.assert_allclose(result.of(name), expected, rtol=0, atol=2e-6)
        assert row["observations"].item() == result.fit.nobs


@pytest.mark.data
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("panel", REFEREED)
def test_pyfixest_agrees_on_a_specification(panel, tool, cis, data_folder):
    """Whole panels in the full run, two dozen economies otherwise.

    pyfixest leaves out pairs with one cell, which moves standard errors through the count of cells alone.
    """
    whole, spec = getattr(tool("panels"), panel)(Path(data_folder), cis), getattr(tool("plan"), panel)()[0]
    states = [*tool("panels").CIS, "CHN", "DEU", "FRA", "IND", "ITA", "JPN", "NLD", "POL", "TUR", "USA"]
    chosen = pl.lit(value=True) if FULL else pl.col("exporter").is_in(states) & pl.col("importer").is_in(states)
    some = replace(whole, frame=whole.frame.filter(chosen))
    ours, (theirs, cells) = tool("regress").run(some, spec), tool("regress").referee(some, spec)
    for name in spec.parameters:
        if name in ours.names:
            assert ours.of(name)[0] == pytest.approx(theirs[name][0], abs=1e-6)
            assert ours.of(name)[1] == pytest.approx(theirs[name][1], rel=5e-3)
    assert 0 <= ours.fit.nobs - cells < 5000


def test_the_reference_page_prints_the_shipped_figures(shipped, root, tool):
    page = (root / "docs" / "reference" / "estimates.md").read_text(encoding="utf-8")
    assert page.count("<!-- figures: ") == 3
    assert tool("page").filled(page, tool("page").reference(shipped)) == page
    stale = page.replace(tool("page").shown(shipped.parameters[0].value), "0.5", 1)
    assert tool("page").filled(stale, tool("page").reference(shipped)) == page
