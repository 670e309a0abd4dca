"""``dostastyq db``: the database, its journal, and backups."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dostastyq.store import Head, Journal

app = typer.Typer(help="The database: upgrade, verify, backup, restore.", no_args_is_help=True)


@app.command("upgrade")
def upgrade() -> None:
    """Bring the database to the newest edition.

    The embedded database does this by itself; a server named by DOSTASTYQ_DATABASE_URL waits for this command.
    """
    from dostastyq import store  # noqa: PLC0415 -- heavy imports wait for the command

    database = store.engine()
    try:
        before = store.upgrade(database)
    finally:
        database.dispose()
    with store.open_journal() as journal:
        place = journal.database.url.render_as_string()
        typer.echo(f"{place}: {'new' if before is None else f'was at edition {before}'}, now {store.LATEST}")


@app.command("verify")
def verify(
    against: Annotated[
        list[Path] | None,
        typer.Option(metavar="BACKUP", help="The entries of this backup must still be there (repeatable)."),
    ] = None,
) -> None:
    """Recompute every hash of the journal, read every step of a council again, and say where each stream ends.

    Keep the printed lines, or a backup, somewhere else: only they can show that the end of a stream was cut off and its
    record forged.
    """
    from dostastyq import store  # noqa: PLC0415

    known = [head for path in against or () for head in store.open_backup(path).heads.values()]
    with store.open_journal(create=False) as journal:
        verified = journal.verify(known).require()
        steps = _steps(journal)
    typer.echo(f"{verified.entries} entries, every hash is right")
    if steps:
        typer.echo(f"{steps} steps of the council, each could be taken as it was")
    _show(verified.heads)


def _steps(journal: "Journal") -> int:
    """Count the steps of every council in a journal, and refuse those that cannot have been."""
    if not journal.head("council").sequence:
        return 0
    from dostastyq.council import replay  # noqa: PLC0415

    whose = [entry.content.get("commonwealth") for entry in journal.read("council")]
    for name in sorted({name for name in whose if isinstance(name, str)}):
        replay.require(journal, name)
    return sum(isinstance(name, str) for name in whose)


@app.command("backup")
def backup(file: Annotated[Path, typer.Argument(metavar="FILE", help="File to make.")]) -> None:
    """Write the whole journal to FILE, verified, while others go on writing."""
    from dostastyq import store  # noqa: PLC0415

    with store.open_journal(create=False) as journal:
        made = store.backup(journal, file)
    typer.echo(f"{file}: {made.entries} entries")
    _show(made.heads.values())


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup, from either kind of database.")],
) -> None:
    """Fill an empty database from FILE, whole or not at all."""
    from dostastyq import store  # noqa: PLC0415

    store.open_backup(file)
    with store.open_journal() as journal:
        source = store.restore(journal, file)
        typer.echo(f"{journal.database.url.render_as_string()}: {source.entries} entries restored")
    _show(source.heads.values())


def _show(heads: "Iterable[Head]") -> None:
    for head in heads:
        typer.echo(f"  {head.stream:10}{head.sequence:>10}  {head.hash}")
