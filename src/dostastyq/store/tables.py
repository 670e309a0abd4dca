"""Tables of the journal, as queries name them; ``migrations/`` makes them."""

from sqlalchemy import BigInteger, Column, MetaData, String, Table, Text

metadata = MetaData()

journal = Table(
    "journal",
    metadata,
    Column("stream", String(32), primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("recorded_at", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

heads = Table(
    "journal_head",
    metadata,
    Column("stream", String(32), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
