"""Tables of the books, as queries name them: ledger, limits, cycles; ``migrations/`` makes them and their guards.

Every row belongs to an entry of the journal's stream ``ledger``, by its sequence in the column ``entry``. Days are
counted since 1970-01-01; the moment of booking is that of the entry.
"""

from sqlalchemy import BigInteger, Column, Integer, SmallInteger, String, Table, Text

from dostastyq.store.tables import metadata


def _table(name: str, keys: int, *columns: Column[int] | Column[str]) -> Table:
    """Table whose first `keys` columns are its primary key; ``entry`` stands last."""
    for column in columns[:keys]:
        column.primary_key = True
    return Table(name, metadata, *columns, Column("entry", BigInteger, nullable=False))


accounts = _table("ledger_account", 1, Column("account", Text), Column("bank", Text))
legs = _table(
    "ledger_leg",
    2,
    Column("posting", BigInteger),
    Column("line", Integer),
    Column("account", Text, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
)
postings = _table(
    "ledger_posting",
    1,
    Column("posting", BigInteger),
    Column("reference", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("value_day", Integer, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("resolves", BigInteger),
    Column("reverses", BigInteger),
    Column("reason", Text, nullable=False),
)
limits = _table(
    "clearing_limit",
    1,
    Column("number", Integer),
    Column("bank", Text, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("cap", BigInteger, nullable=False),
    Column("quota", BigInteger),
    Column("from_day", Integer, nullable=False),
    Column("to_day", Integer),
    Column("act", Text, nullable=False),
)
standings = _table(
    "clearing_standing",
    1,
    Column("number", Integer),
    Column("bank", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("from_day", Integer, nullable=False),
    Column("to_day", Integer),
    Column("reason", Text, nullable=False),
)
cycles = _table(
    "cycle",
    1,
    Column("cycle", Integer),
    Column("name", Text, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("value_day", Integer, nullable=False),
    Column("rule", Text, nullable=False),
    Column("cut_off", BigInteger),
)
steps = _table(
    "cycle_step",
    2,
    Column("cycle", Integer),
    Column("step", Integer),
    Column("state", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("person_key", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("posting", BigInteger),
)
exceptions = _table(
    "cycle_exception",
    3,
    Column("cycle", Integer),
    Column("step", Integer),
    Column("bank", Text),
    Column("cap", BigInteger),
)
submissions = _table(
    "cycle_submission",
    2,
    Column("cycle", Integer),
    Column("submission", Integer),
    Column("first", Integer, nullable=False),
    Column("count", Integer, nullable=False),
)
obligations = _table(
    "cycle_obligation",
    2,
    Column("cycle", Integer),
    Column("number", Integer),
    Column("submission", Integer, nullable=False),
    Column("reference", Text, nullable=False),
    Column("debtor", Text, nullable=False),
    Column("creditor", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("day", Integer),
    Column("priority", Integer, nullable=False),
    Column("divisible", SmallInteger, nullable=False),
)
outcomes = _table(
    "cycle_outcome",
    3,
    Column("cycle", Integer),
    Column("step", Integer),
    Column("number", Integer),
    Column("settled", BigInteger, nullable=False),
    Column("reason", Text),
    Column("bank", Text),
)

BOOKS: tuple[Table, ...] = (
    accounts,
    limits,
    standings,
    legs,
    postings,
    cycles,
    steps,
    exceptions,
    submissions,
    obligations,
    outcomes,
)
"""Every table of the books, in the order in which the rows of one entry can be written."""

BOOK_GUARDS = frozenset(
    {f"{table.name}_no_{change}" for table in BOOKS for change in ("update", "delete")}
    | {"ledger_leg_sealed", "ledger_posting_seals", "cycle_step_follows", "cycle_submission_open"}
)
"""Triggers by which the database itself keeps the books."""
