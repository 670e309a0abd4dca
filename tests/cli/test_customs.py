"""``duty``, ``tariff``, ``origin``, ``shares`` and ``data import ett`` as a person calls them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dostastyq.cli import app
from dostastyq.errors import DostastyqError

SUGAR = [
    "duty", "--hs", "1701991001", "--origin", "MDA", "--to", "RUS", "--value", "5000", "--currency", "USD",
    "--quantity", "10000", "--unit", "kg", "--on", "2026-06-30", "--proof", "st-1",
]  # fmt: skip


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOSTASTYQ_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DOSTASTYQ_DATABASE_URL", raising=False)


def call(*words: str) -> str:
    done = CliRunner().invoke(app, [*words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_duty_as_json() -> None:
    answer = json.loads(call(*SUGAR, "--json"))
    assert {
        "outcome", "regime", "origin", "rate", "duty", "taxes", "total", "currency", "missing", "proof",
        "what_would_change_it",
    } <= answer.keys()  # fmt: skip
    assert (answer["outcome"], answer["regime"], answer["duty"], answer["total"]) == ("determined", "mfn", 3400, 4240)
    assert (answer["currency"], answer["rate"], answer["missing"]) == ("USD", "340 USD за 1 т", [])
    assert answer["proof"]["because"]


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "most-favoured-nation treatment"), ("ru", "Россия"), ("kk", "Ресей")],
)
def test_duty_on_a_terminal(lang: str, words: str) -> None:
    out = call(*SUGAR, "--why", "--lang", lang)
    assert words in out
    assert "3400.00 USD" in out
    assert "340 USD за 1 т" in out


def test_duty_undetermined_says_what_is_missing() -> None:
    out = call(*SUGAR[:-4], "--on", "2025-06-30", "--proof", "st-1")
    assert "Missing" in out
    assert "edition" in out


def test_duty_of_a_manifest(tmp_path: Path) -> None:
    manifest = tmp_path / "m.csv"
    manifest.write_text(
        "hs,origin,to,value,currency,quantity,unit,on,proof\n"
        "1701991001,MDA,RUS,5000,USD,10000,kg,2026-06-30,st-1\n"
        "17,MDA,RUS,5000,USD,10000,kg,2026-06-30,st-1\n",
        encoding="utf-8",
    )
    answer = json.loads(call("duty", str(manifest), "--json"))
    assert (answer["determined"], answer["refused"]) == (1, 1)
    assert "340000" in Path(answer["result"]).read_text(encoding="utf-8")


def test_duty_with_exchange_rates(tmp_path: Path) -> None:
    rates = tmp_path / "rates.csv"
    rates.write_text("base,quote,on,value,source\nEUR,USD,2026-06-30,1.1,a bank\n", encoding="utf-8")
    words = [
        "duty", "--hs", "6402991000", "--origin", "CHN", "--to", "KAZ", "--value", "100", "--currency", "USD",
        "--quantity", "100", "--unit", "pair", "--on", "2026-06-30", "--proof", "none", "--json",
    ]  # fmt: skip
    assert json.loads(call(*words))["missing"][0]["what"] == "exchange rate"
    assert json.loads(call(*words, "--rates", str(rates)))["duty"] == 37.4


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([*SUGAR[:2], "1701", *SUGAR[3:]], "CU020"),
        ([*SUGAR[:8], "-5", *SUGAR[9:]], "CU052"),
        (["duty", "--hs", "1701991001"], "CU070"),
        (["duty", "m.csv", "--hs", "1701991001"], "CU076"),
        ([*SUGAR, "--balance", "tomatoes"], "CU076"),
        ([*SUGAR, "--released-in", "RUS"], "CU053"),
        (["shares", "100", "--on", "2009-01-01"], "CU060"),
        (["tariff", "show", "1701991001", "--on", "2020-01-01"], "CU023"),
        (["origin", "check", "nowhere.json"], "CU075"),
    ],
)
def test_bad_input_is_refused(words: list[str], code: str) -> None:
    with pytest.raises(DostastyqError) as refusal:
        CliRunner().invoke(app, words, catch_exceptions=False)
    assert refusal.value.code == code
    assert refusal.value.hint


def test_shares() -> None:
    parts = json.loads(call("shares", "12345", "--on", "2026-06-30", "--json"))
    assert sum(parts.values()) == 12345
    assert set(parts) == {"ARM", "BLR", "KAZ", "KGZ", "RUS"}
    assert "85.065 %" in call("shares", "12345", "--on", "2026-06-30")


def test_tariff_commands(tmp_path: Path) -> None:
    assert json.loads(call("tariff", "list", "--json"))[0]["name"] == "ett-2026-06-18"
    assert {line["code"][:4] for line in json.loads(call("tariff", "search", "1701", "--json"))} == {"1701"}
    assert "340 USD за 1 т" in call("tariff", "show", "1701991001", "--on", "2026-07-01")
    source = tmp_path / "ett.csv"
    source.write_text("hs10,raw\n1701991001,300 USD за 1 т\n7777,5%\n", encoding="utf-8")
    taken = json.loads(call("data", "import", "ett", str(source), "--name", "mine", "--json"))
    assert (taken["codes"], taken["refused"]) == (1, 1)
    assert Path(taken["report"]).exists()
    changed = json.loads(call("tariff", "diff", "ett-2026-06-18", "mine", "--json"))
    assert {"code": "1701991001", "ett-2026-06-18": "340 USD за 1 т", "mine": "300 USD за 1 т"} in changed
    assert json.loads(call(*SUGAR, "--json"))["duty"] == 3000


def test_tariff_search_says_why_it_finds_nothing() -> None:
    assert "no descriptions" in call("tariff", "search", "sugar")
    assert "нет описаний" in call("tariff", "search", "sugar", "--lang", "ru")
    assert "description" not in call("tariff", "search", "170199")


def test_tariff_show_gives_footnotes_and_measures(tmp_path: Path) -> None:
    source = tmp_path / "ett.csv"
    source.write_text("hs10,raw,footnote\n1701991001,300 USD за 1 т,63С: made up\n", encoding="utf-8")
    call("data", "import", "ett", str(source), "--name", "mine")
    out = call("tariff", "show", "1701991001", "--on", "2026-07-01")
    assert "63С: made up" in out
    assert "MDA → RUS" in out
    shown = json.loads(call("tariff", "show", "1701991001", "--on", "2026-07-01", "--json"))
    assert shown["footnote"] == "63С: made up"
    assert {one["kind"] for one in shown["measures"]} == {"return_to_mfn", "exemption", "transitional"}
    ruled = json.loads(call(*SUGAR, "--json"))
    assert any("63С: made up" in note for note in ruled["notes"])


def test_goods_released_in_a_member() -> None:
    answer = json.loads(call(*SUGAR, "--released-in", "BLR", "--json"))
    assert (answer["regime"], answer["duty"], answer["drawn"]) == ("customs_union", 0, {})


def test_a_manifest_as_known_before(tmp_path: Path) -> None:
    manifest = tmp_path / "m.csv"
    manifest.write_text(
        "hs,origin,to,value,currency,on,proof\n1001990000,KAZ,RUS,5000,USD,2026-06-30,none\n", encoding="utf-8"
    )
    assert json.loads(call("duty", str(manifest), "--json"))["determined"] == 1
    assert json.loads(call("duty", str(manifest), "--known-at", "2020-01-01", "--json"))["undetermined"] == 1
    assert "undetermined 1" in call("duty", str(manifest), "--known-at", "2020-01-01")


def test_every_language_keeps_to_the_width_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for lang in ("en", "kk", "ru"):
        out = call(*SUGAR, "--released-in", "KAZ", "--why", "--lang", lang)
        assert max(map(len, out.splitlines())) <= 80


def test_origin_check(tmp_path: Path) -> None:
    file = tmp_path / "goods.json"
    goods = {
        "hs": "8418102001", "origin": "UKR", "to": "RUS", "value": "5000", "currency": "USD",
        "documents": [{"kind": "st-1"}],
        "production": {"materials": [{"hs": "8414", "origin": "CHN", "value": "400"}], "ex_works_price": "4500"},
    }  # fmt: skip
    file.write_text(json.dumps(goods), encoding="utf-8")
    answer = json.loads(call("origin", "check", str(file), "--on", "2013-06-01", "--json"))
    assert answer["originates"] is True
    assert "8418" in call("origin", "check", str(file), "--on", "2013-06-01", "--lang", "kk")
