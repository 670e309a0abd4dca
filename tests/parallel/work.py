"""What workers do in these tests: functions that other processes can import."""

import os
import time
from pathlib import Path

import numpy as np

from dostastyq.errors import DostastyqError


def square(x):
    return x * x


def later_first(x):
    """Items given later come back earlier."""
    time.sleep(0.02 * (5 - x))
    return x


def refuse_two(x):
    if x == 2:
        raise DostastyqError("EQ032", "no equilibrium was found", "try a smaller shock")
    return x


def divide(x):
    return 1 / (x - 2)


def die_at_two(x):
    if x == 2:
        os._exit(9)
    return x


def arrays_or_die_at_two(x):
    return {"x": np.array([die_at_two(x)])}


def counted(job):
    """Square an array, and leave a mark for every call."""
    folder, number = job
    Path(folder, f"{number}-{time.monotonic_ns()}").touch()
    time.sleep(0.05)
    return {"square": np.array([number, number**2])}
