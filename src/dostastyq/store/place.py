"""Where the user's database is."""

import os
from pathlib import Path

from dostastyq.files import home

FILE = "dostastyq.sqlite"


def database_url(place: str | Path | None = None) -> str:
    """URL of a database: of a given place, of ``DOSTASTYQ_DATABASE_URL``, or of the file in the user's folder.

    Parameters
    ----------
    place
        A URL, or the path of an SQLite file.

    Examples
    --------
    >>> database_url("postgresql://localhost/house")
    'postgresql+psycopg://localhost/house'
    """
    chosen = place or os.environ.get("DOSTASTYQ_DATABASE_URL") or home() / FILE
    if isinstance(chosen, Path) or "://" not in chosen:
        return f"sqlite:///{Path(chosen).expanduser().absolute()}"
    scheme, _, rest = chosen.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in {"postgresql", "postgres"} else chosen


def journal_exists(place: str | Path | None = None) -> bool:
    """Whether there is a database to read: an SQLite file that is there, or any server.

    Examples
    --------
    >>> journal_exists("/nowhere/mine.sqlite")
    False
    """
    url = database_url(place)
    return not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).exists()
