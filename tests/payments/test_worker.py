"""The optimiser's faults cost an answer and nothing else."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from dostastyq.errors import DostastyqError
from dostastyq.payments import Obligation, settle, worker
from dostastyq.payments.circulation import Network
from dostastyq.payments.worker import Worker

from .conftest import random_network

ROWS = [Obligation("a", "KAZ", "KGZ", 100, "KZT"), Obligation("b", "KGZ", "KAZ", 60, "KZT")]
CAPS = {"KAZ": 0, "KGZ": 0}


@pytest.fixture
def sick(monkeypatch, tmp_path):
    """A worker whose process runs another program; returns a function that sets it."""
    made = Worker()
    monkeypatch.setattr(worker, "_shared", made)
    real = subprocess.Popen

    def set_program(code):
        path = tmp_path / "program.py"
        path.write_text(code)
        monkeypatch.setattr(
            worker.subprocess, "Popen", lambda _, **options: real([sys.executable, str(path)], **options)
        )

    yield set_program
    made.close()


@pytest.mark.parametrize(
    "code",
    [
        "import os; os.abort()",
        "import sys; sys.stdin.buffer.read(8); sys.exit(3)",
        "import sys; sys.stdin.buffer.read(8); sys.stdout.buffer.write(b'12345')",
        "import sys; sys.stdin.buffer.read(8); sys.stdout.buffer.write(b'\\x05\\0\\0\\0\\0\\0\\0\\0hello')",
    ],
    ids=["abort", "exit", "short answer", "no answer at all"],
)
def test_a_crash_is_refused_and_the_next_clearing_works(sick, monkeypatch, code):
    sick(code)
    with pytest.raises(DostastyqError) as refusal:
        settle(ROWS, CAPS)
    assert refusal.value.code == "PY034"
    assert "nothing was changed" in refusal.value.hint
    monkeypatch.undo()
    assert settle(ROWS, CAPS).settled_total == 120


def test_a_time_out_is_refused_and_leaves_no_process(sick):
    sick("import sys, time; sys.stdin.buffer.read(8); time.sleep(60)")
    start = time.monotonic()
    with pytest.raises(DostastyqError) as refusal:
        settle(ROWS, CAPS, timeout=0.5)
    assert refusal.value.code == "PY033"
    assert time.monotonic() - start < 30
    assert worker.shared()._process is None


def test_a_worker_killed_between_clearings_is_replaced():
    with Worker() as own:
        net, _ = random_network(np.random.default_rng(1), banks=8)
        first = own.optimum(net, "pro_rata").flow.tolist()
        os.kill(own._process.pid, signal.SIGKILL)
        own._process.wait()
        assert own.optimum(net, "pro_rata").flow.tolist() == first


def test_what_the_optimiser_refuses_comes_back_with_its_code():
    net, _ = random_network(np.random.default_rng(1), banks=8)
    with Worker() as own, pytest.raises(DostastyqError) as refusal:
        own.optimum(
            Network(net.debtor, net.creditor, net.capacity - 10**6, net.level, net.debit, net.credit), "pro_rata"
        )
    assert refusal.value.code in {"PY031", "PY032", "PY034"}


def test_threads_take_turns():
    nets = [random_network(np.random.default_rng(seed), banks=12)[0] for seed in range(12)]
    with Worker() as own:
        expected = [own.optimum(net, "pro_rata").flow.tolist() for net in nets]
        found = [None] * len(nets)

        def ask(k):
            found[k] = own.optimum(nets[k], "pro_rata").flow.tolist()

        threads = [threading.Thread(target=ask, args=(k,)) for k in range(len(nets))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == expected
