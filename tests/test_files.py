"""Files are written whole or not at all, and a refusal survives the way between processes."""

import pickle

import pytest

from dostastyq.errors import DostastyqError
from dostastyq.files import home, write_whole


def test_the_home_folder_can_be_chosen(tmp_path, monkeypatch):
    monkeypatch.setenv("DOSTASTYQ_HOME", str(tmp_path))
    assert home() == tmp_path


def test_what_was_written_is_named_with_the_code_of_the_writer(tmp_path):
    with pytest.raises(DostastyqError, match="cannot write the report to") as refusal:
        write_whole(tmp_path / "no" / "report.html", b"", code="RP001", what="the report")
    assert refusal.value.code == "RP001"
    assert not list(tmp_path.iterdir())


def test_an_error_keeps_its_code_and_hint_when_pickled():
    error = pickle.loads(pickle.dumps(DostastyqError("EQ032", "no equilibrium was found", "try a smaller shock")))
    assert (error.code, str(error)) == ("EQ032", "no equilibrium was found (try a smaller shock)")
