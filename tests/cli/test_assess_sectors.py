"""``dostastyq assess --model sectors`` as its users meet it."""

import json
import sys

import polars as pl
import pytest

from dostastyq.cli import main


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


def test_json_keeps_its_keys_and_adds_model_channels_sectors(run):
    code, out, err = run("assess", "eaeu-2014", "--model", "sectors", "--baseline", "eaeu-2019", "--json")
    assert (code, err) == (0, "")
    result = json.loads(out)
    assert set(result) >= {
        "scenario", "baseline", "on", "elasticity", "contrasts", "sensitivity", "certificate", "estimates",
        "imputed_cells", "sources", "proof", "notes", "model", "elasticities", "channels", "sectors",
    }  # fmt: skip
    assert (result["model"], result["baseline"]) == ("sectors", "eaeu-2019")
    for channels in result["channels"]:
        for row in channels["states"]:
            assert sum(effect["welfare_percent"] for effect in row["effects"]) == pytest.approx(row["total_percent"])
    assert {row["state"] for row in result["sectors"]} == {"BLR", "KAZ", "RUS", "UKR"}
    assert result["scenario"]["members_absent"] == ["ARM", "KGZ"]


def test_with_one_sector_the_new_keys_are_empty(run):
    code, out, _ = run("assess", "eaeu-2014", "--otherwise", "register", "--json")
    result = json.loads(out)
    assert code == 0
    assert (result["model"], result["baseline"]) == ("one-sector", "cis-2023")
    assert result["channels"] == result["sectors"] == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Internal tariffs", "pooled", "28 sectors", "Inside the rest of the world")),
        ("ru", ("Внутренние", "с распределением", "секторов: 28", "Внутри остального мира")),
        ("kk", ("Ішкі тарифтер", "бөлумен", "салалар: 28", "Қалған әлемнің ішінде")),
    ],
)
def test_the_table_has_the_channels_in_three_languages(run, language, words):
    code, out, _ = run("assess", "eaeu-2014", "--model", "sectors", "--lang", language)
    assert code == 0
    text = " ".join(out.split())
    for word in words:
        assert word in text or all(part in text for part in word.split())


def test_a_report_with_every_option(run, tmp_path):
    tariffs, target = tmp_path / "national.csv", tmp_path / "report.html"
    tariffs.write_text("importer,tariff\nKAZ,0.03\n", encoding="utf-8")
    code, out, _ = run(
        "assess", "eaeu-2014", "--model", "sectors", "--leave", "KAZ", "--elasticities", "fontagne_2022",
        "--inputs", "borrowed-1993", "--national-tariffs", tariffs, "--html", target,
    )  # fmt: skip
    assert code == 0
    assert str(target) in out
    page = target.read_text(encoding="utf-8")
    for said in ("Fontagne 2022", "borrowed-1993", "National tariffs of Kazakhstan", "Iron and steel"):
        assert said in page


def test_a_users_own_file_by_sector(run, tmp_path):
    codes = ("BLR", "KAZ", "RUS", "ROW")
    rows = [
        {"exporter": a, "importer": b, "sector": s, "trade": 900.0 if a == b else 10.0 + i + 3 * j, "tariff": 0.0}
        for s in ("food", "steel")
        for i, a in enumerate(codes)
        for j, b in enumerate(codes)
    ]
    path = tmp_path / "flows.csv"
    pl.DataFrame(rows).write_csv(path)
    code, out, _ = run("assess", "eaeu-2014", "--model", "sectors", "--baseline", path, "--on", "2019-07-01", "--json")
    assert code == 0
    result = json.loads(out)
    assert {row["sector"] for row in result["sectors"]} == {"food", "steel"}
    code, _, err = run("assess", "eaeu-2014", "--baseline", path)
    assert code == 2
    assert "--model sectors" in err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--leave", "KGZ", "--model", "sectors"), ("KGZ", "inside ROW", "no table", "cis-2023")),
        (("--join", "UZB", "--model", "sectors"), ("UZB", "inside ROW")),
        (("--elasticities", "uniform_4"), ("add --model sectors",)),
        (("--inputs", "borrowed-1993"), ("add --model sectors",)),
        (("--model", "sectors", "--elasticities", "fontagne"), ("fontagne_2022",)),
        (("--model", "sectors", "--inputs", "leontief"), ("borrowed-1993",)),
        (("--model", "sectors", "--elasticity", "0.1"), ("between 0.5 and 50",)),
        (("--model", "sectors", "--national-tariffs", "none.csv"), ("there is no file none.csv",)),
    ],
)
def test_refusals_say_what_where_and_the_remedy(run, options, said):
    code, out, err = run("assess", "eaeu-2014", *options)
    assert (code, out) == (2, "")
    text = " ".join(err.split())
    for word in said:
        assert word in text
