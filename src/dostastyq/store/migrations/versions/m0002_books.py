"""The books: ledger, limits and cycles, with the rules that the database itself enforces.

A posting is written after its legs and seals them: its trigger refuses legs that do not sum to zero in every currency,
and a leg without a posting does not survive the commit. SQLite does that by a deferred foreign key, PostgreSQL by a
deferred constraint trigger, which also sees what others committed meanwhile.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0002"
down_revision = "0001"

LARGEST = 2**62
TABLES = (
    "ledger_account",
    "clearing_limit",
    "clearing_standing",
    "ledger_leg",
    "ledger_posting",
    "cycle",
    "cycle_step",
    "cycle_exception",
    "cycle_submission",
    "cycle_obligation",
    "cycle_outcome",
)


def same_legs(other: str, sign: str) -> str:
    """Condition: the legs of NEW are those of another posting, times a sign."""
    return f"""(
      NEW.lines = (SELECT lines FROM ledger_posting WHERE posting = NEW.{other})
      AND NOT EXISTS (
        SELECT line, account, currency, amount FROM ledger_leg WHERE posting = NEW.posting
        EXCEPT SELECT line, account, currency, {sign}amount FROM ledger_leg WHERE posting = NEW.{other}))"""


SEALS = (
    (
        "NEW.lines = (SELECT COUNT(*) FROM ledger_leg WHERE posting = NEW.posting)",
        "the posting does not have the legs that it says",
    ),
    (
        """NOT EXISTS (SELECT 1 FROM ledger_leg WHERE posting = NEW.posting
            GROUP BY currency HAVING SUM(amount) <> 0)""",
        "the legs of a posting sum to zero in every currency",
    ),
    (
        f"""NEW.kind NOT IN ('commit', 'void') OR
            EXISTS (SELECT 1 FROM ledger_posting WHERE posting = NEW.resolves AND kind = 'reserve')
            AND (NEW.kind = 'void' OR {same_legs("resolves", "")})""",
        "only a reservation is committed or voided, as it was made",
    ),
    (
        f"""NEW.kind <> 'reverse' OR
            EXISTS (SELECT 1 FROM ledger_posting WHERE posting = NEW.reverses AND kind IN ('post', 'commit'))
            AND {same_legs("reverses", "-")}""",
        "only what was posted is reversed, leg by leg",
    ),
    (
        "NOT EXISTS (SELECT 1 FROM ledger_posting WHERE posting = NEW.posting)",
        "the ledger is append-only: a posting is there",
    ),
)

LATEST_STEP = "SELECT {column} FROM cycle_step WHERE cycle = NEW.cycle {which} ORDER BY step DESC LIMIT 1"
BEFORE = f"({LATEST_STEP.format(column='state', which='')})"
STEPS = (
    (
        "NEW.step = 1 + COALESCE((SELECT MAX(step) FROM cycle_step WHERE cycle = NEW.cycle), 0)",
        "a step follows the last one of its cycle",
    ),
    (
        f"""COALESCE({BEFORE}, '') || '>' || NEW.state IN (
            '>open', 'open>frozen', 'frozen>proposed', 'proposed>approved', 'approved>settled', 'settled>final')
          OR NEW.reason <> '' AND {BEFORE} || '>' || NEW.state IN ('proposed>frozen', 'approved>frozen')""",
        "no step of a cycle is skipped, and a recast says why",
    ),
    (
        f"""NEW.state <> 'approved' OR NEW.person_key <>
            ({LATEST_STEP.format(column="person_key", which="AND state = 'proposed'")})""",
        "who proposed a settlement does not approve it",
    ),
    (
        """NEW.state <> 'approved' OR NOT EXISTS (
            SELECT 1 FROM cycle_outcome o LEFT JOIN cycle_obligation b ON b.cycle = o.cycle AND b.number = o.number
            WHERE o.cycle = NEW.cycle AND o.step = NEW.step - 1
              AND (b.amount IS NULL OR o.settled > b.amount OR o.settled < b.amount AND o.reason IS NULL))""",
        "a settlement stays within the obligations, and every left-over says why",
    ),
    (
        """NEW.state <> 'approved'
          OR NEW.posting IS NULL AND NOT EXISTS (
            SELECT 1 FROM cycle_outcome WHERE cycle = NEW.cycle AND step = NEW.step - 1 AND settled > 0)
          OR EXISTS (SELECT 1 FROM ledger_posting WHERE posting = NEW.posting AND kind = 'reserve')""",
        "an approval reserves what it settles",
    ),
    (
        f"""NEW.state <> 'settled' OR NEW.posting IS NULL
            AND ({LATEST_STEP.format(column="posting", which="AND state = 'approved'")}) IS NULL
          OR EXISTS (SELECT 1 FROM ledger_posting WHERE posting = NEW.posting AND kind = 'commit'
            AND resolves = ({LATEST_STEP.format(column="posting", which="AND state = 'approved'")}))""",
        "a settlement commits what was reserved",
    ),
    (
        f"""NEW.state <> 'frozen' OR COALESCE({BEFORE}, '') <> 'approved'
          OR ({LATEST_STEP.format(column="posting", which="")}) IS NULL
          OR EXISTS (SELECT 1 FROM ledger_posting WHERE kind = 'void'
            AND resolves = ({LATEST_STEP.format(column="posting", which="")}))""",
        "a recast voids what was reserved",
    ),
)
OPEN = (f"{BEFORE} = 'open'", "obligations are taken in while the cycle is open")


def sqlite() -> list[str]:
    """Triggers of SQLite."""
    made = [
        f"""CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}
        BEGIN SELECT RAISE(ABORT, 'the books are append-only: {event} refused'); END"""
        for table in TABLES
        for event in ("UPDATE", "DELETE")
    ]
    made.append(
        """CREATE TRIGGER ledger_leg_sealed BEFORE INSERT ON ledger_leg
        WHEN EXISTS (SELECT 1 FROM ledger_posting WHERE posting = NEW.posting)
        BEGIN SELECT RAISE(ABORT, 'the posting is sealed'); END"""
    )
    for name, rules in (
        ("ledger_posting_seals", SEALS),
        ("cycle_step_follows", STEPS),
        ("cycle_submission_open", (OPEN,)),
    ):
        checks = "\n".join(
            f"SELECT RAISE(ABORT, '{message}') WHERE NOT COALESCE(({rule}), FALSE);" for rule, message in rules
        )
        table = name.rsplit("_", 1)[0]
        made.append(f"CREATE TRIGGER {name} BEFORE INSERT ON {table} BEGIN {checks} END")
    return made


def postgresql() -> list[str]:
    """Functions and triggers of PostgreSQL."""
    made = [
        """CREATE FUNCTION books_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'the books are append-only: % refused', TG_OP; END $$""",
        """CREATE FUNCTION ledger_leg_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NOT EXISTS (SELECT 1 FROM ledger_posting WHERE posting = NEW.posting AND lines >= NEW.line)
          THEN RAISE EXCEPTION 'a leg of posting % is not sealed by it', NEW.posting; END IF;
          RETURN NULL;
        END $$""",
        """CREATE CONSTRAINT TRIGGER ledger_leg_sealed AFTER INSERT ON ledger_leg
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_leg_sealed()""",
    ]
    for table in TABLES:
        made += [
            f"""CREATE TRIGGER {table}_no_{name} BEFORE {events} ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION books_refuse()"""
            for name, events in (("update", "UPDATE"), ("delete", "DELETE OR TRUNCATE"))
        ]
    for name, rules in (
        ("ledger_posting_seals", SEALS),
        ("cycle_step_follows", STEPS),
        ("cycle_submission_open", (OPEN,)),
    ):
        checks = "\n".join(
            f"IF NOT COALESCE(({rule}), FALSE) THEN RAISE EXCEPTION '{message}'; END IF;" for rule, message in rules
        )
        made += [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {checks} RETURN NEW; END $$",
            f"""CREATE TRIGGER {name} BEFORE INSERT ON {name.rsplit("_", 1)[0]}
            FOR EACH ROW EXECUTE FUNCTION {name}()""",
        ]
    return made


def make(name: str, keys: tuple[str, ...], *parts: SchemaItem) -> None:
    """Make a table; every row names its entry of the journal."""
    op.create_table(
        name,
        *parts,
        sa.Column("entry", sa.BigInteger, sa.CheckConstraint("entry > 0"), nullable=False),
        sa.PrimaryKeyConstraint(*keys),
        sqlite_with_rowid=False,
    )
    if name not in {"cycle_obligation", "cycle_outcome"}:
        op.create_index(f"{name}_entry", name, ["entry"])


def integer(name: str, check: str = "", *, big: bool = False, null: bool = False) -> sa.Column[int]:
    """Whole number, with a check."""
    checks = [sa.CheckConstraint(check)] if check else []
    return sa.Column(name, sa.BigInteger if big else sa.Integer, *checks, nullable=null, autoincrement=False)


def text(name: str, *, null: bool = False, empty: bool = False, among: tuple[str, ...] = ()) -> sa.Column[str]:
    """Text, not empty unless allowed, or one of some words."""
    checks = [] if empty else [sa.CheckConstraint(f"length({name}) > 0")]
    if among:
        checks = [sa.CheckConstraint(f"{name} IN ({', '.join(map(repr, among))})")]
    return sa.Column(name, sa.Text, *checks, nullable=null)


def code(name: str = "currency") -> sa.Column[str]:
    """Currency."""
    return sa.Column(name, sa.String(3), sa.CheckConstraint(f"length({name}) = 3"), nullable=False)


def upgrade() -> None:
    """Make the tables and their guards."""
    ledger()
    clearing()
    for statement in sqlite() if op.get_bind().dialect.name == "sqlite" else postgresql():
        op.execute(sa.text(statement.replace(":", r"\:")))


def ledger() -> None:
    """Accounts, postings and legs."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    make("ledger_account", ("account",), text("account"), text("bank", null=True))
    make(
        "ledger_posting",
        ("posting",),
        integer("posting", "posting > 0", big=True),
        text("reference"),
        text("kind", among=("post", "reserve", "commit", "void", "reverse")),
        integer("value_day"),
        integer("lines", "lines >= 0"),
        integer("resolves", big=True, null=True),
        integer("reverses", big=True, null=True),
        text("reason", empty=True),
        sa.UniqueConstraint("reference", name="ledger_posting_once"),
        sa.UniqueConstraint("resolves", name="ledger_resolved_once"),
        sa.UniqueConstraint("reverses", name="ledger_reversed_once"),
        sa.CheckConstraint("(kind = 'void') = (lines = 0)", name="ledger_posting_has_legs"),
        sa.CheckConstraint("(kind IN ('commit', 'void')) = (resolves IS NOT NULL)", name="ledger_posting_resolves"),
        sa.CheckConstraint("(kind = 'reverse') = (reverses IS NOT NULL)", name="ledger_posting_reverses"),
        sa.CheckConstraint("kind NOT IN ('void', 'reverse') OR length(reason) > 0", name="ledger_posting_says_why"),
    )
    sealed = sa.ForeignKeyConstraint(
        ["posting"], ["ledger_posting.posting"], deferrable=True, initially="DEFERRED", name="ledger_leg_has_posting"
    )
    make(
        "ledger_leg",
        ("posting", "line"),
        integer("posting", big=True),
        integer("line", "line > 0"),
        sa.Column("account", sa.Text, sa.ForeignKey("ledger_account.account"), nullable=False),
        code(),
        integer("amount", f"amount <> 0 AND amount BETWEEN -{LARGEST} AND {LARGEST}", big=True),
        *([sealed] if on_sqlite else []),
    )
    op.create_index("ledger_leg_account", "ledger_leg", ["account", "currency"])


def clearing() -> None:
    """Limits, standings, cycles, their steps, obligations and outcomes."""
    days = (integer("from_day"), integer("to_day", null=True))
    period = sa.CheckConstraint("to_day IS NULL OR to_day > from_day")
    make(
        "clearing_limit",
        ("number",),
        integer("number"),
        text("bank"),
        code(),
        integer("cap", f"cap BETWEEN 0 AND {LARGEST}", big=True),
        integer("quota", f"quota BETWEEN 0 AND {LARGEST}", big=True, null=True),
        *days,
        text("act"),
        period,
    )
    days = (integer("from_day"), integer("to_day", null=True))
    make(
        "clearing_standing",
        ("number",),
        integer("number"),
        text("bank"),
        text("status", among=("active", "blocked", "held")),
        *days,
        text("reason"),
        sa.CheckConstraint("to_day IS NULL OR to_day > from_day"),
    )
    make(
        "cycle",
        ("cycle",),
        integer("cycle", "cycle > 0"),
        text("name"),
        code(),
        integer("value_day"),
        text("rule", among=("pro_rata", "first_come")),
        integer("cut_off", big=True, null=True),
        sa.UniqueConstraint("name", name="cycle_name_once"),
    )
    cycle = ["cycle.cycle"]
    states = ("open", "frozen", "proposed", "approved", "settled", "final")
    make(
        "cycle_step",
        ("cycle", "step"),
        integer("cycle"),
        integer("step"),
        text("state", among=states),
        text("person"),
        text("person_key"),
        text("place"),
        text("role", empty=True),
        text("reason", empty=True),
        integer("posting", big=True, null=True),
        sa.ForeignKeyConstraint(["cycle"], cycle),
        sa.ForeignKeyConstraint(["posting"], ["ledger_posting.posting"]),
    )
    step = (["cycle", "step"], ["cycle_step.cycle", "cycle_step.step"])
    make(
        "cycle_exception",
        ("cycle", "step", "bank"),
        integer("cycle"),
        integer("step"),
        text("bank"),
        integer("cap", f"cap BETWEEN 0 AND {LARGEST}", big=True, null=True),
        sa.ForeignKeyConstraint(*step),
    )
    make(
        "cycle_submission",
        ("cycle", "submission"),
        integer("cycle"),
        integer("submission"),
        integer("first"),
        integer("count", "count >= 0"),
        sa.ForeignKeyConstraint(["cycle"], cycle),
    )
    make(
        "cycle_obligation",
        ("cycle", "number"),
        integer("cycle"),
        integer("number"),
        integer("submission"),
        text("reference"),
        text("debtor"),
        text("creditor"),
        integer("amount", f"amount BETWEEN 1 AND {LARGEST}", big=True),
        code(),
        integer("day", null=True),
        integer("priority"),
        sa.Column("divisible", sa.SmallInteger, sa.CheckConstraint("divisible IN (0, 1)"), nullable=False),
        sa.CheckConstraint("debtor <> creditor"),
        sa.UniqueConstraint("reference", name="cycle_obligation_once"),
        sa.ForeignKeyConstraint(["cycle", "submission"], ["cycle_submission.cycle", "cycle_submission.submission"]),
    )
    make(
        "cycle_outcome",
        ("cycle", "step", "number"),
        integer("cycle"),
        integer("step"),
        integer("number"),
        integer("settled", "settled >= 0", big=True),
        text("reason", null=True),
        text("bank", null=True),
        sa.ForeignKeyConstraint(*step),
    )
