"""The atlas command: JSON, tables in three languages, the page, refusals."""

import json

import pytest
from typer.testing import CliRunner

from dostastyq.cli import app, main

STATES = ["BLR", "KAZ", "RUS"]


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.setenv("DOSTASTYQ_HOME", str(tmp_path))

    def call(*arguments):
        result = CliRunner().invoke(app, ["atlas", *arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return call


def test_json(run):
    record = json.loads(
        run(*STATES, "--union", "free_trade_area", "--reference", "register", "--draws", "20", "--json")
    )
    assert record["members"] == STATES
    assert record["union"] == "free_trade_area"
    assert record["reference"] == "register"
    assert len(record["coalitions"]) == 8
    assert set(record["coalitions"][3]["welfare"]) >= {"BLR", "CHN", "ROW"}
    assert "core" in record["stable"]


def test_states_are_named_apart_or_with_commas(run):
    apart = run(*STATES, "--draws", "0", "--json")
    assert run("blr,KAZ, RUS", "--draws", "0", "--json") == run("BLR,", "KAZ,RUS", "--draws", "0", "--json") == apart


def test_the_same_question_gives_the_same_bytes(run):
    assert run(*STATES, "--json") == run(*STATES, "--json") == run(*STATES, "--json", "--no-cache")


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Nash-stable"), ("ru", "устойчив по Нэшу"), ("kk", "Нэш бойынша")]
)
def test_table_in_three_languages(run, language, word):
    output = run("eaeu-2014", "--structures", "--lang", language, "--draws", "20")
    assert word in output
    assert "ARM + BLR" in output


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_page(run, tmp_path, language):
    path = tmp_path / "atlas.html"
    run(*STATES, "--structures", "--html", str(path), "--lang", language)
    page = path.read_text("utf-8")
    assert f'<html lang="{language}">' in page
    assert "<svg" in page
    assert "http" not in page.split("<ol")[0].split("</style>")[1].replace("http://www.w3.org/2000/svg", "")
    assert "{" not in page.split("</style>")[1]


def test_refusal_ends_with_two(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["dostastyq", "atlas", "ARM", "ARM"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert "CO002" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "code"),
    [(["--workers", "0", "--no-cache"], "PL006"), (["--effect", "nan"], "CO012"), (["--effect", "1000"], "CO012")],
)
def test_wrong_options_are_refused(monkeypatch, capsys, wrong, code):
    monkeypatch.setattr("sys.argv", ["dostastyq", "atlas", *STATES, *wrong])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert code in capsys.readouterr().err


def test_external_tariff_without_tariffs_is_refused(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["dostastyq", "atlas", *STATES, "--external-tariff", "0.05"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert "CO006" in capsys.readouterr().err
