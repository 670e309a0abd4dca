"""``power`` and ``vote`` as their users meet them."""

import json
import sys
from fractions import Fraction

import pytest

from dostastyq.cli import main

BANK = "ARM=2,BLR=8,KAZ=8,KGZ=2,MDA=2,TJK=2,TKM=4,UKR=18,UZB=4"


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command line; returns exit code, standard output and standard error."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["dostastyq", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "140")
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        return end.value.code or 0, captured.out, captured.err

    return call


@pytest.fixture
def answer(run):
    """Run a command with ``--json`` and read its answer."""

    def call(*arguments):
        code, out, err = run(*arguments, "--json")
        assert code == 0, err
        return json.loads(out)

    return call


@pytest.mark.parametrize("name", ["mek_qualified", "mek", "mek-1994"])
def test_power_of_the_interstate_economic_committee(answer, name):
    found = answer("power", name)
    assert (found["rule"], found["on"], found["until"]) == ("mek_qualified", "1994-10-21", "1998-01-01")
    assert Fraction(found["quota"]) == Fraction(4, 5)
    assert (found["weights"]["RUS"], sum(found["weights"].values())) == (50, 100)
    assert (found["winning_coalitions"], found["coalitions"]) == (719, 4096)
    assert found["veto"] == ["RUS"]
    assert [round(found["shapley_shubik"][state], 2) for state in ("RUS", "UKR")] == [0.43, 0.20]
    assert [round(found["banzhaf"][state], 2) for state in ("RUS", "UKR")] == [0.27, 0.24]
    assert ["RUS"] in found["minimal_blocking"]
    assert found["readings"] == []


def test_power_where_sources_disagree_gives_each_reading(answer):
    found = answer("power", "interstate-bank", "--weights", BANK)
    assert found["quota"] == ["2/3", "3/4"]
    assert found["winning_coalitions"] is None
    assert found["veto"] == ["RUS"]
    assert [reading["quota"] for reading in found["readings"]] == ["2/3", "3/4"]
    assert found["readings"][0]["winning_coalitions"] > found["readings"][1]["winning_coalitions"]


def test_more_than_half_is_said(run, answer):
    found = answer("power", "mek_simple")
    assert (found["quota"], found["more_than_quota"], found["winning_coalitions"]) == ("1/2", True, 1586)
    assert "more than 1/2" in run("power", "mek_simple")[1]


def test_votes_are_numbers_where_that_is_exact(answer):
    assert answer("power", "cu-commission")["weights"] == {"RUS": 57, "BLR": 21.5, "KAZ": 21.5}


def test_vote_with_non_interest(answer):
    said = answer("vote", "chs", "--for", "KAZ,RUS", "--for", "BLR", "--not-interested", "TKM")
    assert (said["adopted"], said["bound"]) == (True, ["BLR", "KAZ", "RUS"])
    assert said["votes"]["non_interest"] == ["TKM"]
    assert "ARM" in said["votes"]["absent"]
    assert Fraction(said["share_exact"]) == Fraction(3, 10)
    stopped = answer("vote", "chs", "--for", "KAZ,RUS", "--against", "uzb")
    assert (stopped["adopted"], stopped["bound"]) == (False, [])
    assert "Uzbekistan" in stopped["reason"]


def test_vote_by_weights(answer):
    passed = answer("vote", "mek", "--for", "RUS,UKR,BLR,KAZ,UZB,ARM", "--against", "GEO", "--abstain", "TKM")
    assert (passed["adopted"], passed["share"], passed["share_exact"]) == (True, 0.82, "41/50")
    assert len(passed["bound"]) == 12


def test_vote_without_the_leaving_state(answer):
    said = answer("vote", "eaeu_consensus_minus", "--leaving", "kgz", "--for", "ARM,BLR,KAZ,RUS", "--on", "2023-07-01")
    assert (said["adopted"], said["bound"]) == (True, ["ARM", "BLR", "KAZ", "RUS"])


def test_vote_between_two_quotas_is_undetermined(answer):
    said = answer("vote", "interstate-bank", "--weights", BANK, "--for", "RUS,UKR,ARM")
    assert said["adopted"] is None
    assert [reading["adopted"] for reading in said["readings"]] == [True, False]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("719 of 4,096 coalitions", "Needed: 4/5")),
        ("ru", ("719 из 4\xa0096 коалиций", "взвешенное большинство")),
        ("kk", ("4\xa0096 коалицияның 719", "салмақталған көпшілік")),
    ],
)
def test_tables_speak_the_language(run, language, words):
    code, out, _ = run("power", "mek", "--lang", language)
    assert code == 0
    assert all(word in out for word in words)


@pytest.mark.parametrize(("language", "word"), [("en", "Not adopted."), ("ru", "Не принято."), ("kk", "Қабылданбады.")])
def test_the_vote_is_said_in_the_language(run, language, word):
    code, out, _ = run("vote", "mek", "--for", "RUS", "--lang", language)
    assert code == 0
    assert word in out
    assert "50" in out
    assert "100" in out


@pytest.mark.parametrize(
    ("code", "remedy", "line"),
    [
        ("RG061", "--on 1994-10-21", ("power", "mek", "--on", "2000-01-01")),
        ("RG060", "mek", ("power", "mekk")),
        ("RG063", "--weights", ("power", "interstate-bank")),
        ("VT006", "UKR 15", ("power", "mek", "--weights", "UKR=15")),
        ("CL002", "each state once", ("power", "mek", "--weights", "UKR=14,UKR=14")),
        ("CL002", "RUS=50", ("power", "mek", "--weights", "UKR")),
        ("VT010", "fraction", ("power", "mek", "--weights", "UKR=many")),
        ("VT003", "one ballot", ("vote", "mek", "--for", "RUS", "--against", "RUS")),
        ("VT001", "KGZ", ("vote", "eaeu-2014", "--for", "UKR")),
        ("RG002", "UKR", ("vote", "mek", "--for", "UKA")),
        ("VT004", "abstain", ("vote", "mek", "--not-interested", "TKM")),
        ("VT007", "leave", ("vote", "eaeu_consensus_minus", "--leaving", "KGZ", "--for", "KGZ")),
    ],
)
def test_bad_input_ends_with_two_and_a_remedy(run, code, remedy, line):
    status, out, err = run(*line)
    assert (status, out) == (2, "")
    assert code in err
    assert remedy in err
