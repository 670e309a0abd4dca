"""Fits side by side, in every style, and effects recovered under the names of the formula."""

import numpy as np
import polars as pl
import pytest
from docx import Document
from lxml import html

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


def test_rows_below_the_line_say_what_a_fit_rests_on(fits, panel):
    robust = fits["plain"].with_vcov("HC1")
    multiway = ppml("trade ~ x | exporter + importer", panel(8, 5, 2), {"CRV1": "exporter + importer"})
    grid = side_by_side({"a": fits["plain"], "b": robust, "c": multiway}, translator("en"))
    below = {row[0]: row[1:] for row in grid.rows[grid.rule :]}
    assert below["Effect exporter × year"] == ["yes", "yes", "no"]
    assert below["Effect exporter"] == ["no", "no", "yes"]
    assert below["Standard errors"] == ["by pair", "heteroskedastic", "by exporter, importer"]
    assert below["Domestic flows"] == ["yes"] * 3
    assert below["Bias correction"] == ["no"] * 3


def test_stars_follow_the_p_value(fits):
    grid = side_by_side(fits, translator("en"))
    for heading, fit in fits.items():
        for row in fit.tidy().iter_rows(named=True):
            shown = next(line for line in grid.rows if line[0] == row["term"])[grid.header.index(heading)]
            stars = sum(row["p_value"] < bound for bound in (0.01, 0.05, 0.1))
            assert len(shown) - len(shown.rstrip("*")) == stars


def test_latex_stands_in_a_paper_as_it_is(fits, tmp_path):
    source = table({"plain & simple": fits["plain"], "rta_x": fits["more"]}, "latex", path=tmp_path / "t.tex")
    assert (tmp_path / "t.tex").read_text(encoding="utf-8") == source
    lines = source.splitlines()
    body = lines[lines.index(next(line for line in lines if line.startswith(r"\midrule"))) + 1 :]
    grid = side_by_side(fits, translator("en"))
    assert body[grid.rule] == r"\midrule"
    assert body[0].startswith("rta & ")
    assert body[1].startswith(" & (")
    assert body[grid.rule + 1].startswith("Cells & ")
    assert r" & plain \& simple & rta\_x \\" in source
    assert r"Effect exporter $\times$ year & yes & yes \\" in source
    assert "−" not in source
    assert all(line.count(" & ") == 2 for line in body[: grid.rule])


def test_html_has_every_cell_and_a_line_above_the_second_part(fits, tmp_path):
    source = table(fits, "html", path=tmp_path / "t.html", language="kk")
    assert (tmp_path / "t.html").read_text(encoding="utf-8") == source
    document = html.fromstring(source)
    rows = [[cell.text_content() for cell in row.iter("td")] for row in document.iter("tr")]
    grid = side_by_side(fits, translator("kk"))
    assert [row for row in rows if len(row) == len(grid.header)] == grid.rows
    assert [cell.text_content() for cell in document.iter("th")] == grid.header
    ruled = [row for row in document.iter("tr") if "border-top" in (next(row.iter("td"), row).get("style") or "")]
    assert [next(row.iter("td")).text_content() for row in ruled] == [grid.rows[grid.rule][0]]


def test_a_word_table_holds_every_row(fits, tmp_path):
    assert table(list(fits.values()), "word", path=tmp_path / "table.docx", language="ru") == tmp_path / "table.docx"
    document = Document(str(tmp_path / "table.docx"))
    cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    grid = side_by_side({"(1)": fits["plain"], "(2)": fits["more"]}, translator("ru"))
    assert cells == [grid.header, *grid.rows]
    assert document.paragraphs[-1].text == grid.footer
    ruled = [number for number, row in enumerate(document.tables[0].rows) if "w:tcBorders" in row.cells[0]._tc.xml]
    assert ruled == [grid.rule + 1]


def test_the_terminal_and_a_text_file_show_the_same(fits, tmp_path):
    shown = table(fits, path=tmp_path / "t.txt", labels={"rta": "agreement"})
    text = (tmp_path / "t.txt").read_text(encoding="utf-8")
    assert [column.header for column in shown.columns] == ["", "plain", "more"]
    assert "agreement" in text
    assert "Effect exporter × importer" in text
    assert "rta" not in text


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


def test_small_coefficients_keep_their_digits(panel):
    """A regressor in dollars has a coefficient of 1e-12, which is not 0.0000."""
    data = panel(8, 5).with_columns(dollars=pl.col("x") * 1e11, thousands=pl.col("x") * pl.col("rta") * 1e3)
    fit = ppml(f"trade ~ dollars + thousands | {THREE}", data)
    small = [line for line in str(fit).splitlines() if line.startswith(("dollars", "thousands"))]
    assert all("0.0000 " not in line for line in small)
    assert "e-1" in small[0]
    assert "(0.000)" not in table([fit], "latex")


def test_the_same_fit_gives_the_same_html(panel):
    fit = ppml(f"trade ~ x | {THREE}", panel(6, 4))
    assert table([fit], "html") == table([fit], "html")
