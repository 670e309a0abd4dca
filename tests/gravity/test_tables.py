"""Fits side by side, in every style, and effects recovered under the names of the formula."""

import numpy as np
import polars as pl
import pytest
from docx import Document

from dostastyq.errors import DostastyqError
from dostastyq.gravity import ppml, table
from dostastyq.gravity.tables import side_by_side
from dostastyq.i18n import translator

THREE = "exporter^year + importer^year + exporter^importer"


@pytest.fixture(scope="module")
def fits(panel):
    data = panel(8, 5, 2)
    return {"plain": ppml(f"trade ~ rta | {THREE}", data), "more": ppml(f"trade ~ rta + x | {THREE}", data)}


def test_each_estimate_stands_over_its_standard_error(fits):
    grid = side_by_side(fits, translator("en"))
    assert grid.header == ["", "plain", "more"]
    assert [row[0] for row in grid.rows[: grid.rule]] == ["rta", "", "x", ""]
    assert grid.rows[0][1].rstrip("*") == translator("en").number(fits["plain"].coef()["rta"], 3)
    assert grid.rows[1][2] == f"({translator('en').number(fits['more'].se()['rta'], 3)})"
    assert grid.rows[2][1] == grid.rows[3][1] == ""
    assert grid.rows[grid.rule] == ["Cells", f"{fits['plain'].nobs}", f"{fits['more'].nobs}"]


def test_terms_can_be_chosen_and_named(fits):
    grid = side_by_side(fits, translator("ru"), ["x"], {"x": "икс"})
    assert [row[0] for row in grid.rows[: grid.rule]] == ["икс", ""]
    assert grid.rows[grid.rule][0] == "Ячейки"


@pytest.mark.parametrize(("style", "sign"), [("latex", "\\begin{tabular"), ("html", "<table")])
def test_sources_for_papers(fits, style, sign, tmp_path):
    source = table(fits, style, path=tmp_path / "table")
    assert sign in source
    assert "rta" in source
    assert (tmp_path / "table").read_text(encoding="utf-8") == source


def test_a_word_table_holds_every_row(fits, tmp_path):
    table(list(fits.values()), "word", path=tmp_path / "table.docx")
    cells = [[cell.text for cell in row.cells] for row in Document(str(tmp_path / "table.docx")).tables[0].rows]
    assert cells[0] == ["", "(1)", "(2)"]
    assert cells[1][0] == "rta"


@pytest.mark.parametrize(
    ("arguments", "code"), [(({}, "rich"), "GR031"), ((None, "rtf"), "GR030"), ((None, "word"), "GR031")]
)
def test_what_cannot_be_a_table_is_refused(fits, arguments, code):
    given, style = arguments
    with pytest.raises(DostastyqError) as error:
        table(fits if given is None else given, style)
    assert error.value.code == code
    assert error.value.hint


@pytest.mark.parametrize(
    "effects",
    [THREE, "exporter^year + importer^year", "exporter + importer", "exporter + importer + year", "exporter^importer"],
)
def test_effects_add_up_to_the_fitted_index(panel, effects):
    data = panel(7, 4, 3, missing=0.2)
    fit = ppml(f"trade ~ x | {effects}", data)
    found = fit.fixef()
    assert list(found) == effects.split(" + ")
    index = fit.coef()["x"] * data["x"].to_numpy()
    for name, frame in found.items():
        keys = name.split("^")
        index = index + data.join(frame, on=keys, how="left", maintain_order="left")["effect"].to_numpy()
    kept = ~np.isnan(fit.predict())
    assert index[kept] == pytest.approx(fit.predict(link=True)[kept], abs=1e-7)


def test_the_reference_importer_has_no_effect(panel):
    fit = ppml(f"trade ~ x | {THREE}", panel(7, 4, 3, zeros=0.0))
    importers = fit.fixef("C02")["importer^year"]
    assert importers.filter(pl.col("importer") == "C02")["effect"].to_list() == pytest.approx([0.0] * 4, abs=1e-10)
    with pytest.raises(DostastyqError, match="no importer 'C99'"):
        fit.fixef("C99")
