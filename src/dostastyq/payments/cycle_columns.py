"""Columns of a cycle out of the database, fast: each as one JSON array a chunk of rows, made by the database itself."""

from collections.abc import Iterator, Sequence
from json import loads
from typing import Any, Final

from sqlalchemy import Connection

CHUNK: Final = 10_000


def iter_columns(
    connection: Connection, cycle: int, names: Sequence[str], step: int | None = None
) -> Iterator[list[list[Any]]]:
    """Read columns of the obligations of a cycle in the order of their numbers, a chunk of rows at a time.

    Parameters
    ----------
    connection
        Connection of a transaction.
    cycle
        Number of the cycle.
    names
        Columns of the table of obligations, and with a step those of its outcomes.
    step
        Step whose outcomes are joined.

    Yields
    ------
    list of list
        One list a column.

    Raises
    ------
    RuntimeError
        Numbers that do not run from 1 on without gaps.
    """
    last = connection.exec_driver_sql(f"SELECT MAX(number) FROM cycle_obligation WHERE cycle = {cycle:d}").scalar() or 0
    for begin in range(1, last + 1, CHUNK):
        end = min(begin + CHUNK - 1, last)
        numbers, *columns = _chunk(connection, cycle, ("number", *names), step, begin, end)
        if numbers != list(range(begin, end + 1)):
            raise RuntimeError(f"obligations {begin} to {end} of cycle {cycle} are not all there, in order")
        yield columns


def _chunk(  # noqa: PLR0917 -- parts of a query
    connection: Connection, cycle: int, names: Sequence[str], step: int | None, begin: int, end: int
) -> list[list[Any]]:
    """Read a chunk; SQLite scans the primary key in its order, which the caller holds against the numbers."""
    sqlite = connection.dialect.name == "sqlite"
    array = "json_group_array({})" if sqlite else "json_agg({} ORDER BY o.number)::text"
    wanted = ", ".join(array.format(f"r.{name}" if name == "settled" else f"o.{name}") for name in names)
    source = "cycle_obligation o"
    if step is not None:
        source += f" JOIN cycle_outcome r ON r.cycle = o.cycle AND r.number = o.number AND r.step = {step:d}"
    where = f"o.cycle = {cycle:d} AND o.number BETWEEN {begin:d} AND {end:d}"
    row = connection.exec_driver_sql(f"SELECT {wanted} FROM {source} WHERE {where}").one()
    return [loads(text) for text in row]
