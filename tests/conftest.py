"""What every test may ask for, and what CI forbids."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
FULL = bool(os.environ.get("DOSTASTYQ_FULL"))

# The same examples in every run: a failure belongs to the change that shows it. DOSTASTYQ_EXPLORE draws new ones.
_COMMON = {
    "deadline": None,
    "derandomize": not os.environ.get("DOSTASTYQ_EXPLORE"),
    "suppress_health_check": [HealthCheck.too_slow],
}
settings.register_profile("reduced", max_examples=40, **_COMMON)
settings.register_profile("full", max_examples=400, **_COMMON)
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


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL, without a database name, of a private PostgreSQL server, or a skip that says what is missing."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    programs = folders[-1] if folders else Path(shutil.which("initdb") or "missing").parent
    if not (programs / "initdb").exists():
        pytest.skip("PostgreSQL missing: install the server (initdb, pg_ctl)")
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="dq-pg-", dir="/tmp"))
    if as_owner:
        shutil.chown(folder, "postgres")

    def call(program: str, *arguments: str) -> None:
        command = [*as_owner, programs / program, "-D", folder / "data", *arguments]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)

    call("initdb", "-U", "dostastyq", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    call("pg_ctl", "-w", "-l", f"{folder}/log", "-o", options, "start")
    yield f"postgresql://dostastyq@/{{name}}?host={folder}"
    call("pg_ctl", "-w", "-m", "immediate", "stop")
    shutil.rmtree(folder)


@pytest.fixture
def new_postgres(postgres: str) -> Iterator[Callable[[], str]]:
    """Make empty PostgreSQL databases: each call gives the URL of one."""
    psycopg = pytest.importorskip("psycopg", reason="psycopg missing: pip install 'dostastyq[postgres]'")
    made: list[str] = []

    def run(statement: str) -> None:
        with psycopg.connect(postgres.format(name="postgres"), autocommit=True) as server:
            server.execute(statement)

    def make() -> str:
        made.append(f"test_{uuid4().hex}")
        run(f"CREATE DATABASE {made[-1]}")
        return postgres.format(name=made[-1])

    yield make
    for name in made:
        run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session", autouse=True)
def _no_journal_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep tests away from the journal of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DOSTASTYQ_DATABASE_URL", raising=False)
        patch.setenv("DOSTASTYQ_HOME", str(tmp_path_factory.getbasetemp() / "no-home"))
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Turn a skip into a failure where skips are forbidden; a GPU and R may be absent."""
    report = yield
    allowed = {"gpu", "r"} & {mark.name for mark in item.iter_markers()}
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("DOSTASTYQ_FORBID_SKIPS") and not allowed:
        report.outcome = "failed"
        report.longrepr = f"skips are forbidden here: {report.longrepr[-1]}"
    return report


@pytest.fixture(scope="session")
def sample_council():
    """Module that plays a small council: `sample_council.build(folder, until=…)`."""
    path = ROOT / "tests" / "fixtures" / "sample_council.py"
    spec = spec_from_file_location("sample_council", path)
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
