"""The database, and the journal in it: what users recorded, in chains that show every later change.

The embedded database is SQLite in the user's data folder (``DOSTASTYQ_HOME`` moves it); ``DOSTASTYQ_DATABASE_URL``
names a PostgreSQL server instead. SQLAlchemy is imported when a database is first opened.

Examples
--------
>>> from tempfile import TemporaryDirectory
>>> from dostastyq import store
>>> with TemporaryDirectory() as folder, store.open_journal(f"{folder}/mine.sqlite") as journal:
...     entry, = journal.append([store.Draft("council", "note", {"text": "agenda adopted"})], author="secretariat")
...     entry.sequence, journal.verify().ok
(1, True)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dostastyq.store.entry import GENESIS, STREAMS, Draft, Entry, Head
from dostastyq.store.place import database_url, journal_exists

if TYPE_CHECKING:
    from dostastyq.store.backups import Backup, backup, open_backup, restore
    from dostastyq.store.chain import Fault, Verification
    from dostastyq.store.database import engine
    from dostastyq.store.editions import LATEST, upgrade
    from dostastyq.store.journal import Journal, open_journal

__all__ = [
    "GENESIS",
    "LATEST",
    "STREAMS",
    "Backup",
    "Draft",
    "Entry",
    "Fault",
    "Head",
    "Journal",
    "Verification",
    "backup",
    "database_url",
    "engine",
    "journal_exists",
    "open_backup",
    "open_journal",
    "restore",
    "upgrade",
]

_HOMES = {
    "Backup": "backups",
    "LATEST": "editions",
    "Fault": "chain",
    "Journal": "journal",
    "Verification": "chain",
    "backup": "backups",
    "engine": "database",
    "open_backup": "backups",
    "open_journal": "journal",
    "restore": "backups",
    "upgrade": "editions",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- whatever the module holds
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
