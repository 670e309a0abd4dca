"""What every test may ask for, and what CI forbids."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
FULL = bool(os.environ.get("DOSTASTYQ_FULL"))

settings.register_profile("reduced", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("full", max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("full" if FULL else "reduced")


@pytest.fixture(scope="session")
def root() -> Path:
    """Root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Folder of the research data, or a skip that says what is missing."""
    folder = Path(os.environ.get("DOSTASTYQ_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "SOURCES.md").exists():
        pytest.skip(f"research data missing: {folder} (set DOSTASTYQ_DATA)")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the Chromium executable, or a skip that says what is missing."""
    path = Path(os.environ.get("DOSTASTYQ_CHROMIUM", "/usr/bin/chromium"))
    if not path.exists():
        pytest.skip(f"Chromium missing: {path} (set DOSTASTYQ_CHROMIUM)")
    return str(path)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Turn a skip into a failure where skips are forbidden; a GPU and R may be absent."""
    report = yield
    allowed = {"gpu", "r"} & {mark.name for mark in item.iter_markers()}
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("DOSTASTYQ_FORBID_SKIPS") and not allowed:
        report.outcome = "failed"
        report.longrepr = f"skips are forbidden here: {report.longrepr[-1]}"
    return report
