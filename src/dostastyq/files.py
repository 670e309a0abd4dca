"""The user's folder, and files that are written whole or not at all."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from dostastyq.errors import DostastyqError


def home() -> Path:
    """Folder of the user's data: ``DOSTASTYQ_HOME``, or the platform's own place.

    Examples
    --------
    >>> home().is_absolute()
    True
    """
    if chosen := os.environ.get("DOSTASTYQ_HOME"):
        return Path(chosen).expanduser().absolute()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        return (Path(base) if base else Path.home() / "AppData" / "Local") / "dostastyq"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "dostastyq"
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "dostastyq"


def write_whole(path: str | os.PathLike[str], content: bytes, *, code: str, what: str = "") -> Path:
    """Write a file; an existing one is replaced in one step, and stays as it is when anything fails.

    Parameters
    ----------
    path
        File to write, in a folder that exists.
    content
        Its bytes.
    code
        Code of the refusal, of the package that writes.
    what
        What is written, for the message: ``"the report"``.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    DostastyqError
        `code` if the file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_whole(f"{folder}/acts.csv", b"instrument,state", code="RG052").read_bytes()
    b'instrument,state'
    """
    target = Path(path)
    temporary = None
    try:
        if target.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        with NamedTemporaryFile("wb", dir=target.parent, prefix=".writing-", delete=False) as file:
            temporary = Path(file.name)
            file.write(content)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    except OSError as error:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()
        raise DostastyqError(
            code,
            f"cannot write {what + ' to ' if what else ''}{target}: {error.strerror}",
            "name a file in a folder that exists and that you may write to",
        ) from error
    return target


def _umask() -> int:
    """Read the process's file mode mask."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
