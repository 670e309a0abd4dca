"""The map: order, errors, crashes, clusters, and a run that goes on after a kill."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest

from dostastyq.errors import DostastyqError
from dostastyq.parallel import Cache, run


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_items(work, workers):
    assert list(run(work.square, range(8), workers=workers)) == [0, 1, 4, 9, 16, 25, 36, 49]
    assert list(run(work.later_first, range(6), workers=workers)) == [0, 1, 2, 3, 4, 5]
    assert list(run(work.square, [], workers=workers)) == []


def test_without_joblib_nothing_is_imported(work, monkeypatch):
    monkeypatch.delitem(sys.modules, "joblib")
    taken = []

    def items():
        for number in range(3):
            taken.append(number)
            yield number

    results = run(work.square, items())
    assert next(results) == 0
    assert taken == [0]
    assert list(results) == [1, 4]
    assert "joblib" not in sys.modules


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_counts_what_is_done(work, workers):
    seen = []
    list(run(work.square, [1, 2, 3], workers=workers, what="coalitions", progress=lambda *said: seen.append(said)))
    assert seen == [("coalitions", 1, 3), ("coalitions", 2, 3), ("coalitions", 3, 3)]
    seen.clear()
    list(run(work.square, iter([1, 2]), workers=workers, progress=lambda *said: seen.append(said)))
    assert seen == [("chunks", 1, None), ("chunks", 2, None)]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_comes_back_with_its_code(work, workers):
    with pytest.raises(DostastyqError, match="no equilibrium was found") as refusal:
        list(run(work.refuse_two, range(5), workers=workers))
    assert (refusal.value.code, refusal.value.hint) == ("EQ032", "try a smaller shock")
    with pytest.raises(ZeroDivisionError):
        list(run(work.divide, range(5), workers=workers))


def test_a_worker_that_dies_is_an_error_that_names_the_chunk(work, tmp_path):
    with pytest.raises(DostastyqError, match=r"at coalitions (\d+ or )?3( or \d+)? of 5") as refusal:
        list(run(work.die_at_two, range(5), workers=2, what="coalitions"))
    assert refusal.value.code == "PL001"
    with pytest.raises(DostastyqError) as refusal:
        list(run(work.arrays_or_die_at_two, range(2, 5), workers=2, cache=Cache("dead", tmp_path)))
    assert "is not done again" in refusal.value.hint


def marks(folder):
    return sorted(int(path.name.split("-")[0]) for path in folder.iterdir())


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_cached_is_not_done_again(work, tmp_path, workers):
    store, done = Cache("some", tmp_path / "store"), tmp_path / "marks"
    done.mkdir()
    jobs = [(str(done), number) for number in (3, 1, 2)]
    list(run(work.counted, jobs[1:], cache=store))
    results = [
        result["square"].tolist() for result in run(work.counted, [*jobs, (str(done), 4)], workers=workers, cache=store)
    ]
    assert results == [[3, 9], [1, 1], [2, 4], [4, 16]]
    assert marks(done) == [1, 2, 3, 4]


def test_a_run_that_was_killed_goes_on(work, tmp_path):
    """Killed after the fifth chunk: what it had said is in the cache, and the second run does only the rest."""
    store, done = tmp_path / "store", tmp_path / "marks"
    done.mkdir()
    command = [sys.executable, str(Path(__file__).with_name("killed.py")), str(store), str(done)]
    environment = os.environ | {"DOSTASTYQ_HOME": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        said = [int(process.stdout.readline()) for _ in range(5)]
        os.kill(process.pid, signal.SIGKILL)
    assert said == [0, 1, 2, 3, 4]
    begun = marks(done)
    assert len(begun) < 20
    jobs = [(str(done), number) for number in range(20)]
    results = [result["square"][1] for result in run(work.counted, jobs, cache=Cache("kill", store))]
    assert results == [number**2 for number in range(20)]
    again = [number for number in marks(done) if marks(done).count(number) > 1]
    assert set(again) <= {begun[-1]}
    assert not list(store.rglob(".writing-*")) or begun[-1] not in said


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed", reason="Dask missing: pip install 'dostastyq[scale]'")
    folder = str(Path(__file__).parent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")]))
        patch.syspath_prepend(folder)
        made = distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50, memory_limit=0
        )
        with made, distributed.Client(made) as client:
            yield client


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("cluster")
def test_the_same_call_runs_on_a_dask_cluster(work):
    with joblib.parallel_config(backend="dask"):
        assert list(run(work.later_first, range(6))) == [0, 1, 2, 3, 4, 5]
        with pytest.raises(DostastyqError) as refusal:
            list(run(work.refuse_two, range(5)))
        assert refusal.value.code == "EQ032"
        with pytest.raises(DostastyqError, match=r"at chunks (\d+ or )*3( or \d+)* of 5") as refusal:
            list(run(work.die_at_two, range(5)))
        assert refusal.value.code == "PL001"
        assert list(run(work.square, range(3))) == [0, 1, 4], "right after a crash, when no worker may be up"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("cluster")
def test_a_batch_on_a_dask_cluster_is_the_same_batch():
    from dostastyq.equilibrium import Block, Shock, calibrate  # noqa: PLC0415

    rng = np.random.default_rng(0)
    flows = rng.lognormal(0, 1, (6, 6)) + 20 * np.eye(6)
    economy = calibrate(flows)
    shocks = [Shock(Block(0.9, [i, j])) for i in range(6) for j in range(i)]
    here = economy.solve_many(shocks)
    with pytest.MonkeyPatch.context() as patch, joblib.parallel_config(backend="dask"):
        patch.setattr("dostastyq.equilibrium.batch.CHUNK", 4)
        there = economy.solve_many(shocks)
    np.testing.assert_allclose(there.welfare, here.welfare, rtol=0, atol=1e-10)
