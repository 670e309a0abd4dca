"""The page on what the agreements of the CIS did, its figures, its pictures, and the program that makes them."""

import importlib
import json
import re
import sys
from pathlib import Path

import pytest

from dostastyq import register

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "validation" / "cis-agreements.md"


@pytest.fixture(scope="module")
def tool():
    """The programs by name; they are scripts, not part of the package."""
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        yield importlib.import_module
    finally:
        sys.path.remove(str(ROOT / "tools"))


@pytest.fixture(scope="module")
def figures():
    return json.loads(PAGE.with_suffix(".json").read_text(encoding="utf-8"))


def test_the_tables_are_those_of_the_figures(tool, figures):
    page, text = tool("estimates.page"), PAGE.read_text(encoding="utf-8")
    tables = page.studies(figures)
    assert page.filled(text, tables) == text
    assert set(re.findall(r"<!-- figures: ([\w-]+) -->", text)) == set(tables) - {"union-icio-total"}


def test_the_pictures_are_those_of_the_figures(tool, figures):
    build, text = tool("build_validation"), PAGE.read_text(encoding="utf-8")
    for key, (title, event) in build.PICTURES.items():
        shown = (ROOT / "docs" / "images" / f"{key}.svg").read_text(encoding="utf-8")
        assert shown == build.drawn(figures["studies"][key], title, event) + "\n"
        assert f"(../images/{key}.svg)" in text


def test_every_study_has_its_reference_and_its_chance(figures):
    for study in figures["studies"].values():
        years = {row["year"]: row for row in study["rows"]}
        assert years[study["reference"]]["estimate"] == 0
        assert all(row["low"] <= row["estimate"] <= row["high"] for row in study["rows"])
        if study["groups"]:
            others = [row for year, row in years.items() if year != study["reference"]]
            assert all(row["placebo_low"] < row["placebo_high"] and 0 <= row["beyond"] <= 1 for row in others)
        if study["event"]:
            assert study["leads"]["degrees"] == sum(year < study["event"] for year in years) - 1


def test_what_the_page_says_in_words_holds_in_the_figures(figures):
    """The sentences in bold, as comparisons."""
    studies = figures["studies"]

    def beyond(key, year):
        return next(row["beyond"] for row in studies[key]["rows"] if row["year"] == year)

    def path(key):
        return {row["year"]: row["estimate"] for row in studies[key]["rows"]}

    after = [("treaty-dta", 2012), ("treaty-dta", 2016), ("union-dta", 2016)]
    after += [("union-icio", year) for year in range(2015, 2023)]
    assert min(beyond(key, year) for key, year in after) > 0.1
    assert all(row["low"] < 0 < row["high"] for row in studies["union-icio"]["rows"] if row["year"] != 2014)
    assert studies["union-dta"]["leads"]["p_value"] < 0.01
    assert studies["treaty-dta"]["leads"]["p_value"] > 0.1
    assert max(beyond("rus-ukr", year) for year in range(2016, 2023)) < 0.01
    assert 0.4 < path("rus-ukr")[2015] / path("rus-ukr")[2016] < 0.5
    assert figures["free_trade"]["changing"] == ["RUS-UKR"]
    assert [row["none"] for row in figures["free_trade"]["years"]] == [0, 0, 0, 0, 0, 2]
    assert path("cis-dta")[2008] < path("cis-dta")[2000] < 0
    assert path("lithuania-dta")[2000] < -1


@pytest.mark.data
def test_a_study_made_again_gives_the_figures_of_the_page(tool, figures, data_folder):
    panels, studies = tool("estimates.panels"), tool("estimates.studies")
    cis = register.load("cis")
    made = [
        *studies.directions(panels.icio(Path(data_folder), cis)),
        studies.cis_by_year(panels.wb_dta(Path(data_folder), cis)),
    ]
    assert studies.known_free_trade(panels.wb_dta(Path(data_folder), cis), cis) == figures["free_trade"]
    for study in made:
        shown = figures["studies"][study.key]
        assert study.cells == shown["cells"]
        for row, other in zip(study.rows, shown["rows"], strict=True):
            assert row["year"] == other["year"]
            assert row["estimate"] == pytest.approx(other["estimate"], abs=2e-4)
            assert row["standard_error"] == pytest.approx(other["standard_error"], abs=2e-4)
