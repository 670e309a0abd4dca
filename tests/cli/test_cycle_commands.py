"""The commands `cycle` and `ledger`, as their users meet them."""

import json
import sys

import pytest

from dostastyq.cli import main

CAPS = "bank,cap\nKAZ,5000\nKGZ,0\nUZB,100\n"
OWED = (
    "reference,debtor,creditor,amount,currency,value_date\n"
    "r1,KAZ,KGZ,10000,KZT,2026-11-24\nr2,KGZ,UZB,8000,KZT,2026-11-24\nr3,UZB,KAZ,6000,KZT,2026-11-24\n"
    "r4,UZB,XXX,1,KZT,2026-11-24\n"
)
A, B = ("--as", "A. Maker", "--of", "KAZ"), ("--as", "B. Checker")


@pytest.fixture(autouse=True)
def house(monkeypatch, tmp_path):
    """A user's folder, and the files of a cycle."""
    monkeypatch.setenv("DOSTASTYQ_HOME", str(tmp_path / "house"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "caps.csv").write_text(CAPS, "utf-8")
    (tmp_path / "owed.csv").write_text(OWED, "utf-8")


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


@pytest.fixture
def frozen(run):
    """A frozen cycle."""
    opening = ("w48", "--currency", "KZT", "--value-date", "2026-11-24", "--cut-off", "none", *A)
    assert run("cycle", "limits", "caps.csv", "--act", "P 3", "--currency", "KZT", "--from", "2026-01-01", *A)[0] == 0
    assert run("cycle", "open", *opening)[0] == 0
    code, out, err = run("cycle", "submit", "w48", "owed.csv", *A)
    assert (code, out, err) == (
        0,
        "w48: 3 taken in, 0 taken in before, 1 refused\n",
        "1 row refused: owed.csv.refused.csv\n",
    )
    assert json.loads(run("cycle", "submit", "w48", "owed.csv", *A, "--json")[1])["repeated"] == 3
    assert run("cycle", "freeze", "w48", *A)[0] == 0


@pytest.mark.usefixtures("frozen")
def test_a_cycle_from_caps_to_statement(run, tmp_path):
    assert run("cycle", "propose", "w48", *A)[1].startswith("w48: proposed")
    code, _, err = run("cycle", "approve", "w48", *A)
    assert (code, err.startswith("dostastyq: PY082: A. Maker proposed"), "--as PERSON" in err) == (2, True, True)
    assert run("cycle", "approve", "w48", *B)[0] == 0
    assert run("cycle", "recast", "w48", "--without", "UZB", "--reason", "UZB did not fund", *B)[0] == 0
    for act, by in (("propose", A), ("approve", B), ("settle", B), ("finish", B)):
        assert run("cycle", act, "w48", *by)[0] == 0
    shown = json.loads(run("cycle", "show", "w48", "--json", "--out", "left.csv")[1])
    assert (shown["state"], shown["steps"][-1]["person"]) == ("final", "B. Checker")
    assert {row["reference"]: row["reason"] for row in shown["left"]} == {
        "r1": "cap",
        "r2": "unfunded",
        "r3": "unfunded",
    }
    assert (tmp_path / "left.csv").read_text("utf-8").splitlines()[1].startswith("r1,10000,5000,KZT,cap,KAZ,")
    found = json.loads(run("ledger", "balance", "--json")[1])
    assert {one["account"]: one["posted"] for one in found} == {"KAZ": -5000, "KGZ": 5000, "UZB": 0}
    statement = ("ledger", "statement", "KAZ", "--currency", "KZT", "--from", "2026-11-01", "--to", "2026-11-30")
    drawn = json.loads(run(*statement, "--json", "--out", "kaz.csv")[1])
    assert (drawn["opening"], drawn["closing"], drawn["cap"], drawn["cap_used"]) == (0, -5000, 5000, 5000)
    assert (tmp_path / "kaz.csv").read_text("utf-8").count("\n") == 4
    assert json.loads(run("ledger", "verify", "--json")[1])["sums"] == {"KZT": 0}
    assert run("db", "backup", "copy.bak")[0] == 0
    assert run("ledger", "verify", "--against", "copy.bak")[0] == 0


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("final", "opening", "The books hold", "did not fund")),
        ("ru", ("окончателен", "входящий", "Книги верны", "не обеспечена")),
        ("kk", ("түпкілікті", "бастапқы", "Кітап дұрыс", "қаржыландырмады")),
    ],
)
@pytest.mark.usefixtures("frozen")
def test_tables_in_every_language(run, lang, words):
    run("cycle", "propose", "w48", *A)
    run("cycle", "recast", "w48", "--without", "UZB", "--reason", "x", *B)
    for act, by in (("propose", A), ("approve", B), ("settle", B), ("finish", B)):
        run("cycle", act, "w48", *by)
    tables = [("cycle", "show", "w48"), ("ledger", "statement", "KAZ", "--currency", "KZT", "--to", "2026-11-30")]
    tables += [("ledger", "verify"), ("cycle", "show"), ("ledger", "balance", "KAZ")]
    said = "".join(run(*table, "--lang", lang)[1] for table in tables)
    assert all(word in said for word in words), said


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("cycle", "show", "w49"), "PY080"),
        (("cycle", "settle", "w48"), "PY081"),
        (("cycle", "recast", "w48", "--reason", "x", "--cap", "KGZ"), "PY086"),
        (("cycle", "open", "w50", "--currency", "KZT", "--value-date", "2026-11-24", "--cut-off", "noon"), "PY083"),
        (("cycle", "open", "w50", "--currency", "RUB", "--value-date", "2026-11-24", "--cut-off", "none"), "PY087"),
        (("cycle", "standing", "UZB", "asleep", "--reason", "x", "--from", "2026-01-01"), "PY087"),
        (("cycle", "freeze", "w48", "--of", "nowhere"), "AC002"),
        (("ledger", "balance", "KAS"), "PY074"),
        (("ledger", "statement", "KAS", "--currency", "KZT"), "PY074"),
    ],
)
@pytest.mark.usefixtures("frozen")
def test_refusals(run, arguments, code):
    ended, out, err = run(*arguments)
    assert (ended, out, err.split(": ")[1]) == (2, "", code)
