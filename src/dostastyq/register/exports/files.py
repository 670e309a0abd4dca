"""Exports as files."""

import os
from pathlib import Path

from dostastyq import files


def write_whole(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write an export whole or not at all; see `dostastyq.files.write_whole`.

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
    return files.write_whole(path, content, code="RG052")
