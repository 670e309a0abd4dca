"""Questions to the register on the command line: what they answer, in three languages, and how they refuse."""

import json
import sys

import polars as pl
import pytest

from dostastyq import register
from dostastyq.cli import app, main
from dostastyq.cli.gaps import FACTS, WHAT
from dostastyq.cli.matrix import MARKS
from dostastyq.register.status import CODES
from dostastyq.register.wording import ACT_NAMES

CONTRACT = {"instrument", "state", "on", "known_at", "code", "bound", "applied", "since", "until", "proof"}


@pytest.fixture
def run(monkeypatch, capsysbinary):
    """Run a command line at a width; returns exit code, standard output and standard error."""

    def call(*arguments, width=80):
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setattr(sys, "argv", ["dostastyq", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsysbinary.readouterr()
        return end.value.code or 0, captured.out.decode(), captured.err.decode()

    return call


@pytest.fixture
def answer(run):
    """Run a command that must succeed with JSON; returns what it says."""

    def call(*arguments):
        code, out, err = run(*arguments, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return call


def words(text):
    return " ".join(text.split())


def test_status_without_reasons_is_one_line(run):
    code, out, _ = run("status", "fta-2011", "--state", "KAZ", "--on", "2012-12-07")
    assert code == 0
    assert out.count("\n") == 1
    assert "CONSENTED" in out
    assert "Kazakhstan" in out


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("en", "consented, not yet in force for it", "in force for it"),
        ("ru", "согласие выражено, но для него документ ещё не вступил в силу", "действует для него"),
        ("kk", "келісім білдірілген, бірақ ол үшін әлі күшіне енбеген", "ол үшін күшінде"),
    ],
)
def test_status_with_reasons_reads_in_three_languages(run, language, before, after):
    days = {"2012-12-07": before, "2012-12-08": after}
    for day, said in days.items():
        code, out, _ = run("status", "fta-2011", "--state", "KAZ", "--on", day, "--why", "--lang", language)
        assert code == 0
        assert said in words(out)
        assert "huggo:" in out


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_reasons_have_no_english_but_what_is_quoted(run, language):
    _, out, _ = run(
        "status", "eaeu-2014", "--state", "KGZ", "--on", "2020-01-01", "--why", "--lang", language, width=200
    )
    numbered = [line for line in out.splitlines() if line.strip()[:1].isdigit()]
    assert len(numbered) >= 4
    for line in numbered:
        said = line.partition("[")[0]
        assert not any(letter.isascii() and letter.isalpha() for letter in said), line


def test_json_of_status_follows_the_contract(answer):
    found = answer("status", "fta-2011", "--state", "kaz", "--on", "2012-12-08", "--known-at", "2100-01-01")
    assert set(found) >= CONTRACT
    assert found["known_at"] == "2100-01-01"
    assert (found["code"], found["bound"], found["since"], found["until"]) == ("IN_FORCE", True, "2012-12-08", None)
    assert {"reason", "sources", "confidence"} <= set(found["proof"][0])


def test_what_was_not_recorded_yet_is_unknown(answer):
    found = answer("status", "fta-2011", "--state", "KAZ", "--on", "2013-01-01", "--known-at", "2000-01-01")
    assert (found["code"], found["bound"]) == ("UNKNOWN", None)


def test_json_reasons_speak_the_language_asked_for(answer):
    found = answer("status", "fta-2011", "--state", "KAZ", "--on", "2013-01-01", "--lang", "ru")
    assert any("вступил в силу" in step["reason"] for step in found["proof"])


def test_matrix_is_that_of_the_register(answer):
    found = answer("matrix", "--on", "2013-01-01")
    table = register.load("cis").matrix("2013-01-01")
    assert set(found["instruments"]) == set(table.columns) - {"state"}
    assert list(found["instruments"]["fta-2011"].values()) == table["fta-2011"].to_list()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_matrix_fits_eighty_columns_and_explains_its_marks(run, language):
    code, out, _ = run("matrix", "--on", "2013-01-01", "--lang", language)
    assert code == 0
    assert max(len(line.rstrip()) for line in out.splitlines()) <= 80
    row = next(line for line in out.splitlines() if line.startswith("fta-2011 "))
    assert len(row.split()) == 13
    assert set(row.split()[1:]) <= {line.split()[0] for line in out.splitlines()[-len(CODES) :] if line.strip()}


def test_matrix_of_one_field(answer):
    found = answer("matrix", "--on", "2013-01-01", "--domain", "payments")
    assert "payments-union-1994" in found["instruments"]
    assert "fta-2011" not in found["instruments"]


def test_the_note_on_the_payments_union_is_reproduced(answer):
    rows = {row["instrument"]: row for row in answer("matrix", "--on", "2011-01-10", "--depositary")}
    row = rows["payments-union-1994"]
    assert (row["BLR"], row["KAZ"], row["AZE"]) == ("1994-12-22", "1995-10-30", "+")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_depositarys_table_prints(run, language):
    code, out, _ = run("matrix", "--on", "2011-01-10", "--domain", "payments", "--depositary", "--lang", language)
    assert code == 0
    assert "KAZ 1995-10-30" in out
    assert max(map(len, out.splitlines())) <= 80


def test_every_status_has_a_mark_of_its_own():
    assert set(MARKS) == set(CODES)
    assert len(set(MARKS.values())) == len(MARKS)


def test_pairs_name_what_applies_and_what_was_suspended(answer):
    found = answer("pairs", "RUS", "UKR", "--on", "2016-06-01")
    rows = {row["instrument"]: row for row in found["instruments"]}
    assert rows["fta-2011"]["applies"] is False
    assert "suspended by Russia towards Ukraine" in rows["fta-2011"]["reason"]
    assert found["kinds"]["free_trade_area"] is False
    before = {row["instrument"]: row for row in answer("pairs", "UKR", "RUS", "--on", "2015-06-01")["instruments"]}
    assert before["fta-2011"] == {
        "instrument": "fta-2011", "applies": True, "since": "2012-09-20", "reason": None
    }  # fmt: skip


def test_pairs_agree_with_the_register(answer):
    reg = register.load("cis")
    found = {
        row["instrument"]: row["applies"] for row in answer("pairs", "KAZ", "KGZ", "--on", "2010-01-01")["instruments"]
    }
    for slug in reg.instruments:
        assert found.get(slug, False) is reg.applies(slug, "KAZ", "KGZ", "2010-01-01")


def test_pairs_list_what_is_not_known_apart(run):
    _, out, _ = run("pairs", "TJK", "KAZ", "--on", "2005-01-01")
    known, _, unknown = out.partition("Not known from what is recorded:")
    assert "cu-1995" in unknown
    assert "cu-1995" not in known


def test_timeline_is_in_order_and_within_its_days(answer):
    found = answer("timeline", "KGZ", "--from", "2014-01-01", "--to", "2015-12-31")
    told = {(row["instrument"], row["kind"]): row["day"] for row in found}
    assert told["eaeu-2014", "in_force"] == "2015-08-12"
    assert told["eaeu-kgz-2014", "signature"] == "2014-12-23"
    assert ("fta-2011", "signature") not in told
    exact = [row["day"] for row in found if len(row["day"]) == 10]
    assert exact == sorted(exact)


def test_no_state_is_called_by_a_class_that_it_does_not_have(answer, run):
    for state in ("UKR", "TKM"):
        for row in answer("timeline", state):
            assert "member state" not in row["what"]
        assert "член" not in run("timeline", state, "--lang", "ru")[1]


def test_a_wide_timeline_has_titles(run):
    narrow, wide = (run("timeline", "KGZ", "--from", "2015-08-01", "--to", "2015-08-31", width=n)[1] for n in (80, 140))
    assert "Eurasian Economic Union" not in narrow
    assert "Eurasian Economic Union" in wide


def test_forecast_counts_what_is_missing(answer):
    found = answer("forecast", "customs-clearance-2019", "--on", "2019-12-31")
    assert found["missing"] == 1
    assert "KAZ" in found["candidates"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "in force when 1 more of"),
        ("ru", "вступит в силу, когда внутригосударственные процедуры завершит ещё 1 государство"),
        ("kk", "мемлекетішілік рәсімдерін аяқтағанда күшіне енеді"),
    ],
)
def test_forecast_reads_in_three_languages(run, language, said):
    _, out, _ = run("forecast", "customs-clearance-2019", "--on", "2019-12-31", "--lang", language)
    assert said in words(out)


def test_gaps_are_counted_and_listed(answer, run):
    everything = answer("gaps")
    assert len(everything) == register.load("cis").gaps().height
    one = answer("gaps", "--instrument", "fta-1994")
    assert one
    assert {row["instrument"] for row in one} == {"fta-1994"}
    _, out, _ = run("gaps")
    assert str(sum(row["what"] == "consents" for row in everything)) in out


def test_every_kind_of_gap_has_words():
    found = set(register.load("cis").gaps()["what"])
    assert found <= set(WHAT) | set(FACTS) | set(ACT_NAMES)


def test_conflicts_stand_side_by_side(answer, run):
    found = answer("conflicts", "--instrument", "eaeu-2014")["conflicts"]
    assert {row["value"] for row in found} == {"2015-08-12", "2015-08-06"}
    _, out, _ = run("conflicts", "--instrument", "eaeu-2014")
    assert "→ 2015-08-12 [eec_2021, huggo]" in words(out)


@pytest.mark.parametrize("form", ["csv", "jsonld", "sdmx-csv", "ical", "akn"])
def test_exports_go_to_standard_output_or_into_a_file(run, tmp_path, form):
    target = tmp_path / "out"
    code, out, _ = run("export", "--format", form, "--instrument", "fta-2011")
    assert code == 0
    code, silent, err = run("export", "--format", form, "--instrument", "fta-2011", "--out", target)
    assert (code, silent) == (0, "")
    assert str(target) in err
    assert target.read_bytes().decode() == out


def test_parquet_needs_a_file(run, tmp_path):
    code, out, err = run("export", "--format", "parquet")
    assert (code, out) == (2, "")
    assert "--out" in err
    assert run("export", "--format", "parquet", "--on", "2013-01-01", "--out", tmp_path / "s.parquet")[0] == 0
    assert pl.read_parquet(tmp_path / "s.parquet")["code"].is_in(list(CODES)).all()


def test_an_export_as_known_earlier_holds_nothing_later(run):
    _, out, _ = run("export", "--format", "csv", "--known-at", "2000-01-01")
    assert out.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("status", "fta-2012", "--state", "KAZ"), "fta-2011"),
        (("status", "fta-2011", "--state", "KAX"), "KAZ"),
        (("status", "fta-2011", "--state", "KAZ", "--on", "2013-02-30"), "2013-02-30"),
        (("status", "fta-2011", "--state", "KAZ", "--known-at", "soon"), "YYYY-MM-DD"),
        (("status", "fta-2011", "--state", "KAZ", "--on", "1985-01-01"), "independent"),
        (("matrix", "--on", "tomorrow"), "YYYY-MM-DD"),
        (("matrix", "--domain", "trad"), "trade"),
        (("pairs", "KAZ", "KAZ"), "two states"),
        (("pairs", "KAZ", "RUX"), "RUS"),
        (("timeline", "KGX"), "KGZ"),
        (("timeline", "KGZ", "--from", "2014"), "YYYY-MM-DD"),
        (("forecast", "fta-2012"), "fta-2011"),
        (("forecast", "fta-2011", "--state", "KAX"), "KAZ"),
        (("forecast", "fta-2011", "--known-at", "2000-01-01"), "later day"),
        (("gaps", "--instrument", "fta-2011", "--known-at", "2000-01-01"), "recorded by 2000-01-01"),
        (("export", "--format", "akn", "--instrument", "fta-2011", "--known-at", "2000-01-01"), "recorded by"),
        (("gaps", "--instrument", "fta-2012"), "fta-2011"),
        (("gaps", "--state", "KAX"), "KAZ"),
        (("conflicts", "--instrument", "eaeu-2015"), "eaeu-2014"),
        (("export", "--format", "parquett"), "parquet"),
        (("export", "--format", "akn"), "--instrument"),
        (("export", "--format", "csv", "--instrument", "fta-2012"), "fta-2011"),
        (("export", "--format", "csv", "--on", "2013"), "YYYY-MM-DD"),
        (("export", "--format", "csv", "--out", "/nowhere/at/all/acts.csv"), "/nowhere/at/all"),
    ],
)
def test_refusals_exit_with_2_and_name_the_remedy(run, arguments, says):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert says in err


def test_a_refused_export_leaves_the_old_file(run, tmp_path):
    target = tmp_path / "acts.csv"
    target.write_text("old")
    assert run("export", "--format", "csv", "--instrument", "fta-2012", "--out", target)[0] == 2
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


COMMANDS = [
    ("status", "fta-2011", "--state", "KAZ", "--on", "2012-12-07", "--why"),
    ("status", "cis-charter-1993", "--state", "UKR", "--on", "2020-01-01", "--why"),
    ("matrix", "--on", "2013-01-01"),
    ("pairs", "RUS", "UKR", "--on", "2016-06-01"),
    ("timeline", "GEO"),
    ("forecast", "fta-2011", "--on", "2012-01-01"),
    ("gaps",),
    ("gaps", "--instrument", "fta-1994"),
    ("conflicts",),
]


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_is_cut_and_nothing_is_wider_than_the_terminal(run, command, language, width):
    code, out, _ = run(*command, "--lang", language, width=width)
    assert code == 0
    assert out.strip()
    assert "…" not in out
    assert max(len(line.rstrip()) for line in out.splitlines()) <= width


@pytest.mark.parametrize("command", [("matrix",), ("timeline", "KAZ"), ("pairs", "KAZ", "RUS"), ("conflicts",)])
def test_before_anything_was_recorded_a_command_says_so(run, command):
    code, out, _ = run(*command, "--known-at", "2000-01-01")
    assert code == 0
    assert "Nothing is recorded." in out


def test_every_command_is_listed(run):
    _, out, _ = run("--help")
    for command in app.registered_commands:
        assert command.name in out
