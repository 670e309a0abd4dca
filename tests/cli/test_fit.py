"""``dostastyq fit`` as its users meet it."""

import json
import sys
import zipfile
from xml.etree import ElementTree as ET

import numpy as np
import polars as pl
import pytest

from dostastyq import gravity
from dostastyq.cli import main
from dostastyq.cli.fit import _doing

FORMULA = "trade ~ rta + dist:rta | exporter^year + importer^year + exporter^importer"


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command line; returns exit code, standard output and standard error."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["dostastyq", "fit", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        return end.value.code or 0, captured.out, captured.err

    return call


@pytest.fixture(scope="module")
def frame():
    draw = np.random.default_rng(3)
    e, m, t = np.indices((7, 7, 4)).reshape(3, -1)
    rta = ((e % 3 == m % 3) & (t > 1) & (e != m)).astype(float)
    return pl.DataFrame(
        {
            "exporter": np.array([f"C{k}" for k in range(7)])[e],
            "importer": np.array([f"C{k}" for k in range(7)])[m],
            "year": t + 2000,
            "trade": np.exp(0.4 * rta + draw.normal(size=e.size)),
            "rta": rta,
            "dist": draw.random((7, 7))[e, m],
        }
    )


@pytest.fixture(scope="module")
def file(frame, tmp_path_factory):
    path = tmp_path_factory.mktemp("fit") / "flows.csv"
    frame.write_csv(path)
    return path


def test_the_table_stands_over_its_notes(run, file):
    code, out, err = run(FORMULA, file)
    assert (code, err) == (0, "")
    for part in ("rta", "std. error", "Cells in the sample: 196", "clustered by pair (49)", "Domestic flows are in"):
        assert part in out


@pytest.mark.parametrize(("language", "words"), [("ru", "Ячеек в выборке: 196"), ("kk", "Іріктемедегі ұяшықтар: 196")])
def test_it_speaks_the_languages(run, file, language, words):
    assert words in run(FORMULA, file, "--lang", language)[1]


def test_json_says_what_the_library_says(run, file, frame):
    code, out, err = run(FORMULA, file, "--cluster", "exporter + importer", "--json")
    assert (code, err) == (0, "")
    said = json.loads(out)
    fit = gravity.ppml(FORMULA, frame, {"CRV1": "exporter + importer"})
    assert [row["estimate"] for row in said["coefficients"]] == pytest.approx(list(fit.coef()))
    assert [row["std_error"] for row in said["coefficients"]] == pytest.approx(list(fit.se()))
    assert said["standard_errors"]["clusters"] == {"exporter": 7, "importer": 7}
    assert said["panel"]["kind"] == "three_way"
    assert said["certificate"]["converged"] is True
    assert len(said["covariance"]["matrix"]) == 2


def test_parquet_symmetric_pairs_and_bias(run, frame, tmp_path):
    frame.write_parquet(tmp_path / "flows.parquet")
    assert json.loads(run(FORMULA, tmp_path / "flows.parquet", "--symmetric", "--json")[1])["panel"]["kind"] == (
        "three_way_symmetric"
    )
    assert json.loads(run(FORMULA, tmp_path / "flows.parquet", "--bias", "--json")[1])["bias_corrected"]
    assert run(FORMULA, tmp_path / "flows.parquet", "--bias", "--symmetric")[0] == 2


@pytest.mark.parametrize(("name", "sign"), [("t.tex", "\\begin{tabular"), ("t.html", "<table"), ("t.txt", "Cells")])
def test_the_table_is_written_by_the_name_of_the_file(run, file, tmp_path, name, sign):
    code, out, _ = run(FORMULA.replace("rta + dist:rta", "rta"), file, "--out", tmp_path / name)
    assert code == 0
    assert name in out.replace("\n", "")
    assert sign in (tmp_path / name).read_text(encoding="utf-8")


def test_a_table_without_a_file_is_printed(run, file):
    assert run(FORMULA, file, "--table", "tex")[1].startswith("\\begin{table}")


def test_word_needs_a_file(run, file, tmp_path):
    assert run(FORMULA, file, "--table", "docx")[0] == 2
    assert run(FORMULA, file, "--table", "docx", "--out", tmp_path / "t.docx")[0] == 0
    with zipfile.ZipFile(tmp_path / "t.docx") as document:
        assert b"rta" in document.read("word/document.xml")


def test_the_coefficients_are_drawn(run, file, tmp_path):
    assert run(FORMULA, file, "--plot", tmp_path / "plot.svg")[0] == 0
    drawn = ET.parse(tmp_path / "plot.svg").getroot()
    assert drawn.tag.endswith("svg")
    texts = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"rta", "dist:rta"} <= set(texts)


@pytest.mark.parametrize(
    ("formula", "change", "says"),
    [
        ("trade ~ rat | exporter^year + importer^year", None, ["GR003", "character 9", "did you mean 'rta'?"]),
        ("trade ~ rta + | exporter^year", None, ["GR002", "character 13"]),
        (FORMULA, ("trade", "many"), ["GR004", "row 4 (C0 to C0, 2002)", "'many'"]),
        (FORMULA, ("trade", "-2"), ["GR006", "row 4 (C0 to C0, 2002)", "-2"]),
        (FORMULA, ("rta", ""), ["GR008", "row 4 (C0 to C0, 2002)", "missing='drop'"]),
    ],
)
def test_refusals_name_formula_or_row_of_the_file(run, frame, tmp_path, formula, change, says):  # noqa: PLR0917
    rows = frame.cast(pl.String)
    if change:
        rows[2, change[0]] = change[1]
    rows.write_csv(tmp_path / "flows.csv")
    code, out, err = run(formula, tmp_path / "flows.csv")
    assert (code, out) == (2, "")
    for part in says:
        assert part in err


def test_rows_without_a_value_are_dropped_when_asked(run, frame, tmp_path):
    rows = frame.cast(pl.String)
    rows[2, "rta"] = ""
    rows.write_csv(tmp_path / "flows.csv")
    assert "Left out, rows without a value: 1." in run(FORMULA, tmp_path / "flows.csv", "--drop-missing")[1]


def test_a_file_that_is_not_there(run, tmp_path):
    code, _, err = run(FORMULA, tmp_path / "none.csv")
    assert code == 2
    assert "TR002" in err


@pytest.mark.parametrize(("language", "said"), [("en", "Estimation: step"), ("ru", "Оценивание: шаг")])
def test_a_terminal_is_shown_what_the_fit_is_doing(run, file, monkeypatch, language, said):
    """Only a terminal, and never beside JSON; what is printed stays as it is."""
    plain = run(FORMULA, file, "--lang", language)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    code, _, err = run(FORMULA, file, "--lang", language)
    assert code == plain[0] == 0
    assert said in err
    assert said not in plain[2]
    assert run(FORMULA, file, "--json")[2] == ""


@pytest.mark.parametrize(("what", "said"), [("separation", "no finite fit exists: round 2"), ("bias", "exporter 2")])
def test_every_stage_has_words(what, said):
    assert said in _doing(what, 2, "en")
    assert _doing(what, 2, "kk") != _doing(what, 2, "en")


@pytest.mark.parametrize(
    ("option", "name", "says"),
    [
        ("--out", "t.pdf", "found the ending .pdf, expected"),
        ("--plot", "p.png", "found the ending .png, expected .svg"),
        ("--out", "none/t.tex", "there is no folder"),
        ("--plot", "none/p.svg", "there is no folder"),
    ],
)
def test_files_that_cannot_be_written_are_refused_first(run, file, tmp_path, option, name, says):  # noqa: PLR0917
    code, out, err = run(FORMULA, file, option, tmp_path / name)
    assert (code, out) == (2, "")
    assert "GR033" in err
    assert says in " ".join(err.split())
    assert not (tmp_path / name).exists()


def test_clusters_are_named_and_counted_in_the_language(run, file):
    said = " ".join(run(FORMULA, file, "--cluster", "exporter + year", "--lang", "ru")[1].split())
    assert "кластеризованы по экспортёру (7), году (4)" in said
    assert "паре в обоих направлениях (28)" in " ".join(run(FORMULA, file, "--symmetric", "--lang", "ru")[1].split())
