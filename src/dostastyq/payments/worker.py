"""The optimiser in a process of its own: its crash or time-out costs an answer, never the caller.

OR-Tools ends the process on some inputs (a second solve after a failed one, a negative capacity), so it is kept apart.
The process is started at the first clearing, stays for the next ones, and is replaced after a fault. Arrays travel
through pipes as they are.
"""

import atexit
import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt

from dostastyq.errors import DostastyqError
from dostastyq.payments.circulation import Indices, Integers, Network, Optimum, groups

TIMEOUT: Final = 120.0
"""Seconds a clearing waits for the optimiser, the first compilation of the kernels included."""

_ENVIRONMENT: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": "1000000"}
"""One thread, and large blocks given back to the system as soon as they are free."""

_YEARS: Final = 1e8
"""Seconds; a clock takes no infinity."""

_ARRAYS: Final = ("debtor", "creditor", "capacity", "level", "debit", "credit")


class Worker:
    """A resident process that finds optima.

    Examples
    --------
    >>> import numpy as np
    >>> from dostastyq.payments.circulation import network
    >>> bank = np.array([0, 1], np.int32)
    >>> limit = np.zeros(2, np.int64)
    >>> net = network(bank, bank[::-1].copy(), np.array([70, 50]), np.zeros(2, np.int32), limit, limit + 1000)
    >>> with Worker() as worker:
    ...     worker.optimum(net, "pro_rata").flow.tolist()
    [50, 50]
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def optimum(
        self,
        net: Network,
        rule: str,
        items: tuple[Indices, Integers] | None = None,
        timeout: float = TIMEOUT,
    ) -> Optimum:
        """Send a network, wait for its optimum.

        Raises
        ------
        DostastyqError
            ``PY033`` time-out, ``PY034`` crash, or what the optimiser refused. Nothing of the caller is changed.
        """
        arrays = {name: getattr(net, name) for name in _ARRAYS}
        served: dict[str, npt.NDArray[Any]] | None = None if items is None else {"arc": items[0], "amount": items[1]}
        with self._lock:
            head, found = self._ask({"rule": rule, "served": served is not None}, arrays, timeout, served)
        if "error" in head:
            raise DostastyqError(*head["error"])
        together = groups(net.banks, net.levels)
        potentials = tuple(found["potentials"].reshape(len(together), net.banks))
        return Optimum(found["flow"], together, potentials)

    def choice(
        self, columns: Mapping[str, npt.NDArray[Any]], seconds: float, timeout: float = TIMEOUT
    ) -> tuple[npt.NDArray[np.bool_], str]:
        """Send the columns of `dostastyq.payments.search.search`, wait for what it chooses.

        Raises
        ------
        DostastyqError
            ``PY033`` time-out, ``PY034`` crash.
        """
        with self._lock:
            head, found = self._ask({"seconds": seconds}, columns, timeout)
        return found["chosen"], head["ended"]

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except OSError:
                        continue
            process.wait()

    def _ask(
        self,
        head: Mapping[str, Any],
        arrays: Mapping[str, npt.NDArray[Any]],
        timeout: float,
        later: Mapping[str, npt.NDArray[Any]] | None = None,
    ) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        alarm = threading.Timer(min(timeout, _YEARS), stop)
        alarm.start()
        try:
            send(process.stdin, head, arrays)
            if later is not None:
                send(process.stdin, {}, later)
            return receive(process.stdout)
        except (OSError, EOFError, ValueError):
            self.close()
            if late.is_set():
                message = f"the optimiser gave no answer in {timeout:g} seconds"
                raise DostastyqError("PY033", message, "nothing was changed; allow more time, or clear less") from None
            message = f"the optimiser ended with status {process.returncode}"
            raise DostastyqError("PY034", message, "nothing was changed; try again, and report the input") from None
        except BaseException:
            self.close()
            raise
        finally:
            alarm.cancel()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self.close()
            environment = os.environ | _ENVIRONMENT
            self._process = subprocess.Popen(
                [sys.executable, "-m", "dostastyq.payments.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
            )
        return self._process


_shared = Worker()
atexit.register(_shared.close)


def shared() -> Worker:
    """Give the process that clearings of this program share."""
    return _shared


def send(pipe: IO[bytes], head: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write one message: length of the heading, heading as JSON, arrays."""
    parts = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    text = json.dumps(dict(head) | {"arrays": [[name, a.dtype.str, len(a)] for name, a in parts.items()]}).encode()
    pipe.write(struct.pack("<Q", len(text)) + text)
    for array in parts.values():
        pipe.write(array.data.cast("B") if len(array) else b"")
    pipe.flush()


def receive(pipe: IO[bytes]) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Read one message; `EOFError` when the other side has ended."""
    (length,) = struct.unpack("<Q", _exactly(pipe, 8))
    head = json.loads(_exactly(pipe, length))
    arrays = {}
    for name, kind, count in head["arrays"]:
        array = np.empty(count, np.dtype(kind))
        if count and pipe.readinto(array.data.cast("B")) != array.nbytes:  # type: ignore[attr-defined]
            raise EOFError
        arrays[name] = array
    return head, arrays


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    found = pipe.read(count)
    if len(found) != count:
        raise EOFError
    return found


class _Later:
    """Items that wait in the pipe until they are asked for, so that they and the solver do not need memory at once."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._read = False

    def __call__(self) -> tuple[Indices, Integers]:
        if self._read:
            return np.zeros(0, np.int32), np.zeros(0, np.int64)
        self._read = True
        _, arrays = receive(self._source)
        return arrays["arc"], arrays["amount"]


def serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """Answer networks with optima until the other side ends."""
    from dostastyq.payments.circulation import solve  # noqa: PLC0415

    while True:
        try:
            head, arrays = receive(source)
        except EOFError:
            return
        if "seconds" in head:
            from dostastyq.payments.search import search  # noqa: PLC0415 -- heavy, and rarely asked for

            chosen, ended = search(**arrays, seconds=head["seconds"])
            send(sink, {"ended": ended}, {"chosen": chosen})
            continue
        served = _Later(source) if head["served"] else None
        try:
            found = solve(Network(*(arrays[name] for name in _ARRAYS)), head["rule"], served)
        except DostastyqError as error:
            if served is not None:
                served()
            send(sink, {"error": [error.code, error.message, error.hint]}, {})
            continue
        send(sink, {}, {"flow": found.flow, "potentials": np.concatenate(found.potentials)})
        del arrays, served, found  # the next network may be as large


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints does not mix with the answers
    serve(sys.stdin.buffer, answers)
