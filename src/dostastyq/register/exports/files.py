"""Files that are written whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from dostastyq.errors import DostastyqError


def write_whole(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file; an existing one is replaced in one step, and stays as it is when anything fails.

    Raises
    ------
    DostastyqError
        ``RG052`` if the file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_whole(f"{folder}/acts.csv", b"instrument,state").read_bytes()
    b'instrument,state'
    """
    target = Path(path)
    temporary = None
    try:
        if target.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        with NamedTemporaryFile("wb", dir=target.parent, prefix=".export-", delete=False) as file:
            temporary = Path(file.name)
            file.write(content)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    except OSError as error:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()
        raise DostastyqError(
            "RG052",
            f"cannot write {target}: {error.strerror}",
            "name a file in a folder that exists and that you may write to",
        ) from error
    return target


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
