"""Functions of ``work.py``, importable here and in the workers."""

import importlib
import os
import sys
from pathlib import Path

import pytest

FOLDER = str(Path(__file__).parent)


@pytest.fixture
def work(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([FOLDER, os.environ.get("PYTHONPATH", "")]))
    yield importlib.import_module("work")
    sys.modules.pop("work", None)
