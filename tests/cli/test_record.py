"""The commands `record`, `retract` and `db`, as their users meet them."""

import json
import sys

import pytest

from dostastyq.cli import main
from dostastyq.cli.options import open_register
from dostastyq.store import database_url, engine

ACCESSION = ("record", "uzb", "accession", "eaeu-2014", "--effective", "2023-01-15", "--source", "gazette")


@pytest.fixture(autouse=True)
def house(monkeypatch, tmp_path):
    """A user's folder of its own."""
    monkeypatch.setenv("DOSTASTYQ_HOME", str(tmp_path / "house"))
    return tmp_path / "house"


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


def bound():
    """Whether the commands take Uzbekistan as bound by the treaty on the Eurasian union."""
    return open_register().status("eaeu-2014", "UZB", on="2023-07-01").bound


def test_record_correct_retract(run):
    assert bound() is not True
    code, out, err = run(*ACCESSION, "--author", "A. Officer", "--note", "from the radio")
    assert (code, err) == (0, "")
    stream, sequence, digest = out.split()
    assert (stream, sequence, len(digest)) == ("register", "1", 64)
    assert bound() is True
    assert run(*ACCESSION, "--supersedes", "1", "--towards", "rus", "--provision", "Art. 1")[0] == 0
    assert run("retract", "2", "--reason", "never happened")[1].startswith("register 3 ")
    assert bound() is not True
    code, out, _ = run("db", "verify")
    assert (code, out.splitlines()[0]) == (0, "3 entries, every hash is right")


def test_a_dry_run_records_nothing(run, house):
    code, out, _ = run(*ACCESSION, "--dry-run")
    assert code == 0
    assert json.loads(out.partition("\n")[2])["state"] == "UZB"
    assert not house.exists()


def test_refusals_exit_with_two_and_write_nothing(run, house):
    cases = [
        (("record", "UZB", "acession", "eaeu-2014", "--date", "2023", "--source", "x"), "accession"),
        (("record", "UZB", "accession", "eaeu-2014", "--date", "soon", "--source", "x"), "YYYY|1993-12-24"),
        (("record", "UZB", "accession", "eaeu-2014", "--date", "2023", "--source", " "), "gazette"),
        ((*ACCESSION, "--confidence", "sure"), "high"),
        ((*ACCESSION, "--supersedes", "4"), "RG042"),
    ]
    for arguments, words in cases:
        code, out, err = run(*arguments)
        assert (code, out) == (2, "")
        assert any(word in err for word in words.split("|"))
    assert run("retract", "1", "--reason", "x")[0] == 2
    assert run("db", "verify")[1] == "0 entries, every hash is right\n" + "".join(
        f"  {stream:10}{0:>10}  {'0' * 64}\n" for stream in ("access", "council", "ledger", "register")
    )
    assert house.exists()


def test_the_author_must_be_known(run, monkeypatch):
    def nobody():
        raise OSError("No username set in the environment")

    monkeypatch.setattr("dostastyq.cli.options.getpass.getuser", nobody)
    code, _, err = run(*ACCESSION)
    assert code == 2
    assert "--author" in err


def test_without_a_journal_there_is_nothing_to_verify(run, house, tmp_path):
    for arguments in (("db", "verify"), ("db", "backup", tmp_path / "copy"), ("retract", "1", "--reason", "x")):
        code, _, err = run(*arguments)
        assert code == 2
        assert "ST021" in err
    assert not house.exists()


def test_backup_restore_and_compare(run, monkeypatch, tmp_path):
    copy = tmp_path / "copy"
    run(*ACCESSION)
    code, out, _ = run("db", "backup", copy)
    assert (code, out.splitlines()[0]) == (0, f"{copy}: 1 entries")
    assert run("db", "verify", "--against", copy)[0] == 0
    code, _, err = run("db", "restore", copy)
    assert code == 2
    assert "ST031" in err
    monkeypatch.setenv("DOSTASTYQ_HOME", str(tmp_path / "second"))
    assert run("db", "restore", tmp_path / "none")[0] == 2
    assert not (tmp_path / "second").exists()
    assert run("db", "restore", copy)[0] == 0
    assert bound() is True
    monkeypatch.setenv("DOSTASTYQ_HOME", str(tmp_path / "third"))
    run(*ACCESSION)
    code, _, err = run("db", "verify", "--against", copy)
    assert code == 2
    assert "ST020" in err


def test_a_broken_journal_says_where(run):
    run(*ACCESSION)
    database = engine()
    with database.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER journal_no_update")
        connection.exec_driver_sql("UPDATE journal SET author = 'nobody'")
    database.dispose()
    code, out, err = run("db", "verify")
    assert (code, out) == (2, "")
    assert "register 1: hash is" in err
    assert "trigger journal_no_update is missing" in err


def test_upgrade(run, monkeypatch, new_postgres):
    code, out, _ = run("db", "upgrade")
    assert (code, out) == (0, f"{database_url()}: new, now 0002\n")
    assert "was at edition 0002" in run("db", "upgrade")[1]
    monkeypatch.setenv("DOSTASTYQ_DATABASE_URL", new_postgres())
    code, _, err = run(*ACCESSION)
    assert code == 2
    assert "dostastyq db upgrade" in err
    assert run("db", "upgrade")[0] == 0
    assert run(*ACCESSION)[0] == 0
    assert bound() is True
