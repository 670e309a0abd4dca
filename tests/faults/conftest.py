"""A process that is made ready once and whose workers are killed, one after another."""

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest


class Prepared:
    """The process of a writer.

    Parameters
    ----------
    script
        File of the writer beside this one. It reads a task a line; of every worker it says ``pid N`` for its birth,
        then what the worker says, and ``dead`` for its end.
    place
        The journal it works on.
    """

    def __init__(self, script, place):
        command = [sys.executable, Path(__file__).with_name(script), place]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()

    def kill_one(self, task, moment, *, awaits=""):
        """Let a worker live for `moment` seconds, from its birth or from what it `awaits`; give what it said."""
        self.process.stdin.write(f"{task}\n".encode())
        *early, born = self._lines_until("pid ")
        if awaits and not any(line.startswith(awaits) for line in early):
            early += self._lines_until(awaits)
        time.sleep(moment)
        with suppress(ProcessLookupError):
            os.kill(int(born.split()[1]), signal.SIGKILL)
        *late, _ = self._lines_until("dead")
        return [*early, *late]

    def _lines_until(self, end):
        lines = []
        while not lines or not lines[-1].startswith(end):
            ready, _, _ = select.select([self.process.stdout], [], [], 60)
            assert ready, f"nothing said for a minute after {lines[-3:]}"
            lines.append(self.process.stdout.readline().decode().rstrip("\n"))
            assert lines[-1], "the prepared process ended"
        return lines


@pytest.fixture(scope="session")
def prepare():
    """Start a writer on a journal."""
    return Prepared
