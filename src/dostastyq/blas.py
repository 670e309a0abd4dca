"""Holds NumPy's linear algebra to one thread for a while.

Fits and batches factor and multiply many small matrices. OpenBLAS shares each among all cores, and where another
process holds one of them every matrix waits for it: a fit of 0.3 s was seen to take 25 s. Nothing else is changed, and
nothing happens where NumPy was built with another library.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np

_NAMES = ("scipy_openblas_{}_num_threads64_", "scipy_openblas_{}_num_threads", "openblas_{}_num_threads")


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold OpenBLAS to one thread inside the block.

    Examples
    --------
    >>> with one_thread():
    ...     np.linalg.inv(np.eye(2)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    library = _library()
    if library is None:
        yield
        return
    get, put = library
    before = get()
    put(1)
    try:
        yield
    finally:
        put(before)


@cache
def _library() -> tuple["ctypes._NamedFuncPointer", "ctypes._NamedFuncPointer"] | None:
    """Functions that read and set the number of threads, of the OpenBLAS that came with NumPy."""
    root = Path(np.__file__).parent
    for folder in (root.parent / "numpy.libs", root / ".dylibs"):
        for path in sorted(folder.glob("*openblas*")):
            handle = ctypes.CDLL(str(path))
            for name in _NAMES:
                try:
                    return handle[name.format("get")], handle[name.format("set")]
                except AttributeError:
                    continue
    return None
