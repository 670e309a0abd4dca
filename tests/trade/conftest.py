"""A small world that every test of this folder may plant defects in, and the build tool as modules."""

import sys
from pathlib import Path

import polars as pl
import pytest

from dostastyq.trade import Baseline, baseline

TOOLS = str(Path(__file__).resolve().parents[2] / "tools")
if TOOLS not in sys.path:
    sys.path.insert(0, TOOLS)


@pytest.fixture
def world() -> pl.DataFrame:
    """Three economies; Belarus and Russia were filled, Kazakhstan's domestic flow is derived."""
    return pl.DataFrame(
        {
            "exporter": ["KAZ", "KAZ", "KAZ", "RUS", "RUS", "RUS", "BLR", "BLR", "BLR"],
            "importer": ["KAZ", "RUS", "BLR", "KAZ", "RUS", "BLR", "KAZ", "RUS", "BLR"],
            "trade": [300.0, 10.0, 0.5, 16.0, 3000.0, 20.0, 0.8, 15.0, 80.0],
            "method": ["domestic", *["reported"] * 4, "icio_2022", "reported", "icio_2022", "reported"],
            "source": ["rule", *["customs"] * 4, "ICIO", "customs", "ICIO", "customs"],
        }
    )


@pytest.fixture
def base(world: pl.DataFrame) -> Baseline:
    return baseline(world, unit="billion USD", year=2023, name="world")


@pytest.fixture
def cis() -> Baseline:
    return baseline("cis-2023")
