"""Columns of a cycle out of the database, fast: each as one JSON array a chunk of rows, made by the database itself."""

from collections.abc import Iterator, Sequence
from json import loads
from typing import Any, Final

from sqlalchemy import Connection

CHUNK: Final = 100_000


def read_columns(connection: Connection, cycle: int, names: Sequence[str], step: int | None = None) -> list[list[Any]]:
    """Read columns of the obligations of a cycle in the order of their numbers.

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

    Returns
    -------
    list of list
        One list a column.

    Raises
    ------
    RuntimeError
        Numbers that do not run from 1 on without gaps.
    """
    last = connection.exec_driver_sql(f"SELECT MAX(number) FROM cycle_obligation WHERE cycle = {cycle:d}").scalar() or 0
    found: list[list[Any]] = [[] for _ in names]
    for begin in range(1, last + 1, CHUNK):
        end = min(begin + CHUNK - 1, last)
        numbers, *columns = _chunk(connection, cycle, ("number", *names), step, begin, end)
        if numbers != list(range(begin, end + 1)):
            raise RuntimeError(f"obligations {begin} to {end} of cycle {cycle} are not all there")
        for place, part in enumerate(columns):
            found[place] += part
    return found


def _chunk(  # noqa: PLR0917 -- parts of a query
    connection: Connection, cycle: int, names: Sequence[str], step: int | None, begin: int, end: int
) -> Iterator[list[Any]]:
    source = f"SELECT {', '.join(f'o.{name}' for name in names)} FROM cycle_obligation o"
    if step is not None:
        wanted = ", ".join(f"{'r' if name == 'settled' else 'o'}.{name}" for name in names)
        on = f"r.cycle = o.cycle AND r.number = o.number AND r.step = {step:d}"
        source = f"SELECT {wanted} FROM cycle_obligation o JOIN cycle_outcome r ON {on}"
    rows = f"({source} WHERE o.cycle = {cycle:d} AND o.number BETWEEN {begin:d} AND {end:d} ORDER BY o.number) AS part"
    sqlite = connection.dialect.name == "sqlite"
    array = "json_group_array({})" if sqlite else "json_agg({} ORDER BY number)::text"
    query = f"SELECT {', '.join(array.format(name) for name in names)} FROM {rows}"
    return (loads(text) for text in connection.exec_driver_sql(query).one())
