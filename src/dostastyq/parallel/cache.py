"""Results on disk under the SHA-256 of what they were made from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

import dostastyq
from dostastyq.errors import DostastyqError
from dostastyq.files import home, write_whole
from dostastyq.parallel.digest import digest

Arrays = Mapping[str, NDArray[Any]]


@cache
def code_version() -> str:
    """SHA-256 of every source file of this program and of NumPy's version: a result of other code is another result.

    Examples
    --------
    >>> len(code_version())
    64
    """
    root = Path(dostastyq.__file__).parent
    state = sha256(np.__version__.encode())
    for path in sorted(root.rglob("*.py")):
        state.update(path.relative_to(root).as_posix().encode())
        state.update(path.read_bytes())
    return state.hexdigest()


@dataclass(frozen=True, slots=True)
class Cache:
    """Named arrays in the user's folder, one file a result.

    A file is written whole or not at all, carries check sums, and holds no code: it is opened without unpickling. One
    that does not open counts as absent.

    Parameters
    ----------
    name
        Name of the folder, one word.
    folder
        Where the files lie; ``cache/NAME`` in the user's folder (``DOSTASTYQ_HOME``) unless given.

    Raises
    ------
    DostastyqError
        ``PL003`` when the folder cannot be made.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     results = Cache("squares", Path(folder))
    ...     key = results.key(abs, -3)
    ...     results.put(key, {"square": np.array([9.0])})
    ...     results.get(key)["square"].item(), results.get("0" * 64)
    (9.0, None)
    """

    name: str
    folder: Path = field(default=Path())

    def __post_init__(self) -> None:
        if self.folder == Path():
            object.__setattr__(self, "folder", home() / "cache" / self.name)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DostastyqError(
                "PL003",
                f"cannot make the cache folder {self.folder}: {error.strerror}",
                "name a folder you may write to with DOSTASTYQ_HOME, or run without a cache",
            ) from None

    def key(self, function: Callable[..., Any], item: object) -> str:
        """SHA-256 of the function, its item and the version of the code.

        Raises
        ------
        DostastyqError
            ``PL002`` for what has no digest, a function defined inside another one for instance.
        """
        return digest((code_version(), function, item))

    def get(self, key: str) -> dict[str, NDArray[Any]] | None:
        """Arrays stored under `key`, None when there are none that can be read."""
        try:
            with np.load(self._path(key), allow_pickle=False) as stored:
                return {name: stored[name] for name in stored.files}
        except (OSError, ValueError, EOFError, KeyError, BadZipFile):
            return None

    def put(self, key: str, arrays: Arrays) -> None:
        """Store arrays under `key`.

        Raises
        ------
        DostastyqError
            ``PL004`` for what is not a mapping of names to plain arrays; ``PL005`` when the file cannot be written.
        """
        if not isinstance(arrays, Mapping) or any(np.asarray(array).dtype.hasobject for array in arrays.values()):
            raise DostastyqError(
                "PL004",
                f"a {type(arrays).__name__} cannot be cached; expected names with arrays of numbers or texts",
                "return a dictionary of arrays, or run without a cache",
            )
        content = BytesIO()
        np.savez(content, allow_pickle=False, **{name: np.asarray(array) for name, array in arrays.items()})
        path = self._path(key)
        path.parent.mkdir(exist_ok=True)
        write_whole(path, content.getvalue(), code="PL005", what="a cached result")

    def clear(self) -> int:
        """Delete every result; give their number."""
        paths = list(self.folder.glob("??/*.npz"))
        for path in paths:
            path.unlink(missing_ok=True)
        return len(paths)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.npz"
