"""The how-to runs from top to bottom, and what it says of the columns holds."""

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

ROOT = Path(__file__).resolve().parents[2]
STATES = ["ARM", "BLR", "KAZ", "KGZ", "MDA", "RUS", "TJK", "UKR", "CHN", "DEU", "IND", "TUR", "USA"]
YEARS = list(range(2008, 2021))


def flows(draw):
    """Flows of states that the register knows and of others, domestic ones too."""
    n = len(STATES)
    e, m, t = np.indices((n, n, len(YEARS))).reshape(3, -1)
    level = draw.normal(size=(n, n))[e, m] + draw.normal(scale=0.2, size=(n, len(YEARS)))[e, t]
    names = np.array(STATES)
    keys = {"exporter": names[e], "importer": names[m], "year": np.array(YEARS)[t]}
    return pl.DataFrame(keys | {"trade": 1e6 * np.exp(level + draw.normal(scale=0.3, size=e.size))})


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Names that the code of the page leaves behind."""
    folder = tmp_path_factory.mktemp("how_to")
    draw = np.random.default_rng(9)
    table = flows(draw)
    table.write_parquet(folder / "flows.parquet")
    since = dict(zip(STATES, draw.integers(2010, 2020, len(STATES)).tolist(), strict=True))
    agreed = pl.col("year") >= pl.max_horizontal(pl.col("exporter", "importer").replace_strict(since))
    foreign = pl.col("exporter") != pl.col("importer")
    one = (agreed & foreign).cast(pl.Float64)
    table = table.with_columns(ad_prov_1=one, ad_prov_2=one, cp_prov_1=one * (pl.col("exporter") < "L"))
    table.with_columns(trade=pl.col("trade") * (0.8 * pl.col("cp_prov_1")).exp()).write_parquet(
        folder / "provisions.parquet"
    )
    code = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs/how-to/estimate-agreements.md").read_text("utf-8"), re.DOTALL
    )
    space = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        exec(compile("\n".join(code), "estimate-agreements.md", "exec"), space)  # the page is ours
    return space | {"folder": folder, "blocks": len(code)}


def test_every_block_ran(ran):
    assert ran["blocks"] >= 8
    assert (ran["folder"] / "study.svg").read_text(encoding="utf-8").startswith("<svg")


def test_the_columns_are_those_that_the_page_names(ran):
    assert ran["panel"].agreements == (
        "fta_2011", "fta_2011_lag4", "fta_2011_lead4", "fta_2011_phased",
        "eaeu_2014", "eaeu_2014_lag4", "eaeu_2014_lead4", "eaeu_2014_phased", "depth",
    )  # fmt: skip
    rows = ran["panel"].frame.filter(pl.col("exporter") == "KAZ", pl.col("importer") == "RUS").sort("year")
    assert rows.filter(pl.col("year") == 2016)["depth"].item() == 7.0
    assert rows.filter(pl.col("year") == 2016)["eaeu_2014_phased"].item() == pytest.approx(0.4)
    assert rows.filter(pl.col("year") == 2011)["eaeu_2014_lead4"].item() == 1.0


def test_what_the_fits_are_asked_is_answered(ran):
    assert ran["fit"].names == ("fta_2011", "eaeu_2014")
    assert "eaeu_2014_lead4" in ran["placebo"].names
    assert 0 < ran["chance"].p_value <= 1
    assert ran["chance"].treated == 10
    assert set(np.round(ran["ratio"], 9)) == {round(float(np.exp(ran["fit"].coef()["eaeu_2014"])), 9)}
    assert any("before" in name for name in ran["path"].names)
    assert ("ad_prov_2", "same as ad_prov_1") in ran["found"].dropped
