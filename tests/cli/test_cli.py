"""The command as its users meet it: output, exit codes, refusals; run in-process through `main`."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import dostastyq
from dostastyq.cli import main

STATES = ("ARM", "AZE", "BLR", "GEO", "KAZ", "KGZ", "MDA", "RUS", "TJK", "TKM", "UKR", "UZB")


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command line; returns exit code, standard output and standard error."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["dostastyq", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        return end.value.code or 0, captured.out, captured.err

    return call


@pytest.fixture(scope="session")
def own_file(tmp_path_factory):
    """A user's own long file in which all twelve states stand alone."""
    codes = (*STATES, "CHN", "ROW")
    rows = [
        {"exporter": a, "importer": b, "trade": 5000.0 if a == b else 10.0 + len(a + b) + i * j % 7}
        for i, a in enumerate(codes)
        for j, b in enumerate(codes)
    ]
    path = tmp_path_factory.mktemp("own") / "flows.csv"
    pl.DataFrame(rows).write_csv(path)
    return path


def test_version(run):
    assert run("--version") == (0, f"dostastyq {dostastyq.__version__}\n", "")


def test_json_follows_the_contract(run):
    code, out, err = run("assess", "eaeu-2014", "--json")
    assert (code, err) == (0, "")
    result = json.loads(out)
    assert set(result) >= {
        "scenario", "baseline", "on", "elasticity", "contrasts", "sensitivity", "certificate", "estimates",
        "imputed_cells", "sources",
    }  # fmt: skip
    assert set(result["certificate"]) == {"residual", "iterations", "converged"}
    for contrast in result["contrasts"]:
        assert set(contrast) >= {
            "from", "to", "otherwise", "formula", "states", "mutually_beneficial", "probability_mutually_beneficial",
            "probability_note",
        }  # fmt: skip
        assert {row["state"] for row in contrast["states"]} >= set(STATES)
        assert set(contrast["states"][0]) >= {
            "state", "welfare_percent", "low", "high", "real_wage_percent", "exports_percent", "imports_percent",
            "member",
        }  # fmt: skip


@pytest.mark.parametrize(("language", "word"), [("kk", "Қазақстан"), ("ru", "Казахстан"), ("en", "Kazakhstan")])
def test_the_table_speaks_three_languages(run, language, word):
    code, out, _ = run("assess", "eaeu-2014", "--lang", language)
    assert code == 0
    assert word in out


def test_a_report_is_written_beside_the_table(run, tmp_path):
    target = tmp_path / "report.html"
    code, out, _ = run("assess", "eaeu-2014", "--html", target)
    assert code == 0
    assert str(target) in out.replace("\n", "")
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_report_may_have_outlines(run, tmp_path):
    target = tmp_path / "report.html"
    code, _, err = run("assess", "eaeu-2014", "--html", target, "--outlines", "natural-earth")
    assert code == 0, err
    assert "Natural Earth" in target.read_text(encoding="utf-8")


def test_a_bad_outline_file_leaves_no_report(run, tmp_path):
    target, absent = tmp_path / "report.html", tmp_path / "absent.geojson"
    code, out, err = run("assess", "eaeu-2014", "--html", target, "--outlines", absent)
    assert (code, out) == (2, "")
    assert "RP002" in err
    assert not target.exists()


def test_ones_own_file_is_a_baseline(run, own_file):
    code, out, err = run("assess", "eaeu-2014", "--baseline", own_file, "--json", "--on", "2023-07-01")
    assert code == 0, err
    result = json.loads(out)
    assert {row["state"] for row in result["contrasts"][0]["states"]} == {*STATES, "CHN", "ROW"}
    assert result["imputed_cells"] == []


CELL = "KAZ,RUS,"
BREAK = {
    "missing": lambda lines: [line for line in lines if not line.startswith(CELL)],
    "empty": lambda lines: [CELL if line.startswith(CELL) else line for line in lines],
    "negative": lambda lines: [CELL + "-5" if line.startswith(CELL) else line for line in lines],
    "duplicate": lambda lines: [*lines, CELL + "12"],
    "code": lambda lines: [line.replace("CHN", "CHX") for line in lines],
    "unit": lambda lines: [lines[0] + ",unit", *(line + ",furlongs" for line in lines[1:])],
    "text": lambda lines: [CELL + "many" if line.startswith(CELL) else line for line in lines],
}


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("missing", ["KAZ", "RUS"]),
        ("empty", ["KAZ", "RUS"]),
        ("negative", ["-5"]),
        ("duplicate", ["KAZ", "RUS"]),
        ("code", ["CHX"]),
        ("unit", ["furlongs", "million USD"]),
        ("text", ["many"]),
    ],
)
def test_a_bad_file_is_refused_with_place_and_remedy(run, own_file, tmp_path, kind, says):
    lines = own_file.read_text().splitlines()
    broken = tmp_path / f"{kind}.csv"
    broken.write_text("\n".join(BREAK[kind](lines)) + "\n")
    report = tmp_path / "report.html"
    code, out, err = run("assess", "eaeu-2014", "--baseline", broken, "--html", report)
    assert (code, out) == (2, "")
    assert broken.name in err
    for word in says:
        assert word in err
    assert not report.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("assess", "eaeu-2041"), "eaeu-2014"),
        (("assess", "eaeu-2014", "--leave", "KAX"), "KAZ"),
        (("assess", "eaeu-2014", "--baseline", "cis-2032"), "cis-2023"),
        (("assess", "eaeu-2014", "--on", "1985-01-01"), "independen"),
        (("assess", "cu-territory-2007"), "eaeu-2014"),
        (("status", "fta-2011", "--state", "KAX"), "KAZ"),
        (("status", "fta-2012", "--state", "KAZ"), "fta-2011"),
        (("status", "fta-2011", "--state", "KAZ", "--on", "yesterday"), "YYYY-MM-DD"),
        (("assess", "eaeu-2014", "--html", "/nowhere/at/all/report.html"), "/nowhere/at/all"),
        (("assess", "eaeu-2014", "--outlines", "natural-earth"), "--html"),
    ],
)
def test_refusals_exit_with_2_and_name_the_nearest(run, arguments, says):
    code, out, err = run(*arguments)
    assert code == 2
    assert says in err
    assert out == ""


def test_status_says_whether_and_why(run):
    code, before, _ = run("status", "fta-2011", "--state", "KAZ", "--on", "2012-12-07")
    assert code == 0
    _, after, _ = run("status", "fta-2011", "--state", "KAZ", "--on", "2012-12-08", "--json")
    after = json.loads(after)
    assert after["bound"] is True
    assert after["since"] == "2012-12-08"
    assert after["proof"]
    assert "IN_FORCE" not in before.splitlines()[0]


def test_data_list_names_the_shipped_baseline(run):
    code, out, _ = run("data", "list")
    assert code == 0
    assert "cis-2023" in out


def test_help_imports_nothing_heavy():
    """`--help` must not pay for what the commands need."""
    probe = "import sys, dostastyq.cli; print([m for m in ('numpy', 'polars', 'altair', 'babel') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_progress_stays_off_a_pipe():
    """Standard error is empty when it is no terminal."""
    command = Path(sys.executable).with_name("dostastyq")
    done = subprocess.run([command, "assess", "eaeu-2014"], capture_output=True, text=True, check=True)
    assert done.stderr == ""
