"""The shape of the database: which edition it has, and how it gets the newest one."""

from pathlib import Path

from sqlalchemy import Connection, Engine, column, inspect, select, table

from dostastyq.errors import DostastyqError
from dostastyq.store.database import reading, writing

LATEST = "0002"
"""The newest edition, the last file of ``migrations/versions``."""

OLDEST_POSTGRESQL = 15
_LOCK = 0x646F7374
"""Key of the advisory lock that upgrades of one PostgreSQL database take."""


def edition(connection: Connection) -> str | None:
    """Edition that a database has; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(select(column("version_num")).select_from(table("alembic_version")))
    return found


def upgrade(database: Engine) -> str | None:
    """Bring a database to the newest edition; what is there already stays as it is.

    Returns
    -------
    str or None
        Edition it had before.

    Raises
    ------
    DostastyqError
        ``ST005`` for a database made by a newer version, ``ST006`` for a PostgreSQL server too old or not in UTF-8,
        ``ST013`` where the database cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from dostastyq.store import engine
    >>> with TemporaryDirectory() as folder:
    ...     database = engine(f"{folder}/mine.sqlite")
    ...     print(upgrade(database), upgrade(database))
    ...     database.dispose()
    None 0002
    """
    with writing(database) as connection:
        if database.dialect.name == "postgresql":
            _check_server(connection)
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        before = edition(connection)
        _refuse_newer(before)
        if before != LATEST:
            _migrate(connection)
    return before


def require_latest(database: Engine) -> None:
    """Make sure of the newest edition: an SQLite file is brought to it, a server's owner is asked to do it.

    Raises
    ------
    DostastyqError
        ``ST004`` for a PostgreSQL database that wants ``dostastyq db upgrade``.
    """
    with reading(database) as connection:
        found = edition(connection)
    _refuse_newer(found)
    if found == LATEST:
        return
    if database.dialect.name == "postgresql":
        state = "has no journal yet" if found is None else f"has edition {found}, not {LATEST}"
        raise DostastyqError("ST004", f"{database.url.render_as_string()} {state}", "run: dostastyq db upgrade")
    upgrade(database)


def _refuse_newer(found: str | None) -> None:
    if found is not None and found > LATEST:
        raise DostastyqError(
            "ST005",
            f"the database has edition {found}, newer than {LATEST}, which this version knows",
            "install the newest dostastyq",
        )


def _check_server(connection: Connection) -> None:
    version = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000
    if version < OLDEST_POSTGRESQL:
        raise DostastyqError("ST006", f"PostgreSQL {version} is too old", f"use {OLDEST_POSTGRESQL} or newer")
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise DostastyqError("ST006", f"the database keeps text as {encoding}", "create it with ENCODING 'UTF8'")


def _migrate(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 -- only where there is something to do
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
