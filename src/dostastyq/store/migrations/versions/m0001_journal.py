"""The journal: entries, heads, and the triggers that refuse every change."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

STREAMS = ("access", "council", "ledger", "register")
GENESIS = "0" * 64

FOLLOWS = f"""
    COALESCE(
      (SELECT NEW.sequence = sequence + 1 AND NEW.previous_hash = hash AND NEW.recorded_at > recorded_at
       FROM journal WHERE stream = NEW.stream ORDER BY sequence DESC LIMIT 1),
      NEW.sequence = 1 AND NEW.previous_hash = '{GENESIS}')
"""

SQLITE = (
    """
    CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only: UPDATE refused'); END
    """,
    """
    CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only: DELETE refused'); END
    """,
    f"""
    CREATE TRIGGER journal_follows BEFORE INSERT ON journal
    WHEN NOT {FOLLOWS}
    BEGIN SELECT RAISE(ABORT, 'the entry does not follow the last one of its stream'); END
    """,
    """
    CREATE TRIGGER journal_head_forward BEFORE UPDATE ON journal_head
    WHEN NEW.stream <> OLD.stream OR NEW.sequence <= OLD.sequence
      OR NOT EXISTS (
        SELECT 1 FROM journal
        WHERE stream = NEW.stream AND sequence = NEW.sequence
          AND hash = NEW.hash AND recorded_at = NEW.recorded_at)
    BEGIN SELECT RAISE(ABORT, 'a head moves only forward, to an entry of its stream'); END
    """,
    """
    CREATE TRIGGER journal_head_no_delete BEFORE DELETE ON journal_head
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only: DELETE refused'); END
    """,
)

POSTGRESQL = (
    """
    CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the journal is append-only: % refused', TG_OP; END $$
    """,
    f"""
    CREATE FUNCTION journal_follows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT {FOLLOWS}
      THEN RAISE EXCEPTION 'the entry does not follow the last one of its stream'; END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION journal_head_forward() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.stream <> OLD.stream OR NEW.sequence <= OLD.sequence
        OR NOT EXISTS (
          SELECT 1 FROM journal
          WHERE stream = NEW.stream AND sequence = NEW.sequence
            AND hash = NEW.hash AND recorded_at = NEW.recorded_at)
      THEN RAISE EXCEPTION 'a head moves only forward, to an entry of its stream'; END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()
    """,
    """
    CREATE TRIGGER journal_no_delete BEFORE DELETE OR TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()
    """,
    """
    CREATE TRIGGER journal_follows BEFORE INSERT ON journal
    FOR EACH ROW EXECUTE FUNCTION journal_follows()
    """,
    """
    CREATE TRIGGER journal_head_forward BEFORE UPDATE ON journal_head
    FOR EACH ROW EXECUTE FUNCTION journal_head_forward()
    """,
    """
    CREATE TRIGGER journal_head_no_delete BEFORE DELETE OR TRUNCATE ON journal_head
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()
    """,
)


def upgrade() -> None:
    """Make the tables and their guards."""
    head = op.create_table(
        "journal_head",
        sa.Column("stream", sa.String(32), primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "journal",
        sa.Column("stream", sa.String(32), sa.ForeignKey("journal_head.stream"), primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("stream", "previous_hash", name="journal_one_successor"),
    )
    op.bulk_insert(head, [{"stream": stream, "sequence": 0, "recorded_at": 0, "hash": GENESIS} for stream in STREAMS])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(sa.text(statement))
