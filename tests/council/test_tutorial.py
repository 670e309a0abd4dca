"""The tutorial of the council is true on SQLite and on PostgreSQL."""

import doctest
from pathlib import Path

import pytest

from dostastyq.store import engine, upgrade

PAGE = Path(__file__).parents[2] / "docs" / "tutorials" / "from-draft-to-law.md"


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_tutorial_is_true(database, tmp_path, monkeypatch, request):
    monkeypatch.setenv("DOSTASTYQ_HOME", str(tmp_path))
    monkeypatch.delenv("DOSTASTYQ_DATABASE_URL", raising=False)
    if database == "postgresql":
        place = request.getfixturevalue("new_postgres")()
        server = engine(place)
        upgrade(server)
        server.dispose()
        monkeypatch.setenv("DOSTASTYQ_DATABASE_URL", place)
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert (failed, tried > 60) == (0, True)
    assert any(tmp_path.iterdir()) is (database == "sqlite")
