"""The ledger: what the database itself refuses, and the faults that public ledgers had."""

import itertools
import random
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import DBAPIError

from dostastyq.actor import Actor
from dostastyq.errors import DostastyqError
from dostastyq.payments import Ledger, Leg, Posting, statement, transfer, verify_books
from dostastyq.store import backup, engine, open_journal, restore, upgrade
from dostastyq.store.books import BOOKS

CLERK = Actor("A. Clerk")
DAY = "2026-11-24"


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """An empty database."""
    place = str(tmp_path / "books.sqlite")
    if request.param == "postgresql":
        place = request.getfixturevalue("new_postgres")()
    database = engine(place)
    upgrade(database)
    database.dispose()
    return place


@pytest.fixture
def ledger(place):
    """A ledger with three accounts."""
    with open_journal(place) as journal:
        made = Ledger(journal)
        made.open_accounts({"KAZ": "KAZ", "KGZ": "KGZ", "UZB": "UZB"}, by=CLERK)
        yield made


def pay(reference, amount=100, debtor="KAZ", creditor="KGZ", day=DAY, **more):
    """A payment."""
    return transfer(reference, debtor, creditor, amount, "KZT", day, **more)


def standing(ledger, account="KAZ", **when):
    """Posted balance."""
    return ledger.balance(account, "KZT", **when).posted


def refused(code, call, *arguments, **options):
    """The message of a refusal with a code."""
    with pytest.raises(DostastyqError) as caught:
        call(*arguments, **options)
    assert caught.value.code == code
    return caught.value.message


# What the database refuses, whoever asks: statements as somebody without this program would send them.


def sealed(connection, number, legs, *, lines=None, kind="post", more="NULL, NULL, ''", seal=True):
    """Write a posting as plain SQL."""
    for line, (account, code, amount) in enumerate(legs, 1):
        connection.exec_driver_sql(
            f"INSERT INTO ledger_leg VALUES ({number}, {line}, '{account}', '{code}', {amount}, 1)"
        )
    if seal:
        count = len(legs) if lines is None else lines
        connection.exec_driver_sql(
            f"INSERT INTO ledger_posting VALUES ({number}, 'x{number}', '{kind}', 20000, {count}, {more}, 1)"
        )


BALANCED = [("KAZ", "KZT", -5), ("KGZ", "KZT", 5)]


@pytest.mark.parametrize(
    ("legs", "options"),
    [
        ([("KAZ", "KZT", -5), ("KGZ", "KZT", 6)], {}),
        ([("KAZ", "KZT", -5), ("KGZ", "RUB", 5)], {}),
        ([("KAZ", "KZT", -5)], {}),
        ([], {}),
        ([], {"kind": "void", "more": "NULL, NULL, 'why'"}),
        (BALANCED, {"lines": 3}),
        (BALANCED, {"seal": False}),
        ([("KAZ", "KZT", 0), ("KGZ", "KZT", 0)], {}),
        ([("NOBODY", "KZT", -5), ("KGZ", "KZT", 5)], {}),
        ([("KAZ", "KZT", -(2**62) - 1), ("KGZ", "KZT", 2**62 + 1)], {}),
        (BALANCED, {"kind": "gift"}),
        (BALANCED, {"kind": "commit", "more": "1, NULL, ''"}),
        (BALANCED, {"kind": "commit"}),
        ([("KAZ", "KZT", 99), ("KGZ", "KZT", -99)], {"kind": "reverse", "more": "NULL, 1, 'why'"}),
        ([("KAZ", "KZT", 100), ("KGZ", "KZT", -100)], {"kind": "reverse", "more": "NULL, 1, ''"}),
    ],
)
def test_the_database_refuses_at_commit(ledger, legs, options):
    ledger.post([pay("r1")], by=CLERK)
    with pytest.raises(DostastyqError) as caught, ledger.journal.transaction() as connection:
        sealed(connection, 7, legs, **options)
    assert caught.value.code == "ST013"
    assert verify_books(ledger.journal).ok
    assert standing(ledger) == -100


def test_a_sealed_posting_takes_no_more_legs(ledger):
    ledger.post([pay("r1")], by=CLERK)
    for line in (1, 3):
        with pytest.raises(DostastyqError) as caught, ledger.journal.transaction() as connection:
            connection.exec_driver_sql(f"INSERT INTO ledger_leg VALUES (1, {line}, 'KAZ', 'KZT', 1, 1)")
        assert caught.value.code == "ST013"


def test_a_leg_slipped_in_while_a_posting_is_sealed_is_refused(new_postgres):
    """Two transactions, each balanced in its own eyes: the deferred trigger sees both at commit."""
    place = new_postgres()
    database = engine(place)
    upgrade(database)
    with open_journal(place) as journal:
        Ledger(journal).open_accounts({"KAZ": "KAZ", "KGZ": "KGZ"}, by=CLERK)
    with database.connect() as one, database.connect() as other:
        sealed(one, 1, BALANCED)
        other.exec_driver_sql("INSERT INTO ledger_leg VALUES (1, 3, 'KAZ', 'KZT', 1, 1)")
        one.commit()
        with pytest.raises(DBAPIError, match="not sealed"):
            other.commit()
    database.dispose()


@pytest.mark.parametrize("table", [table.name for table in BOOKS])
def test_the_books_are_append_only(ledger, table):
    ledger.post([pay("r1")], by=CLERK)
    entered = {"ledger_account", "ledger_leg", "ledger_posting"}
    for change in (f"UPDATE {table} SET entry = entry", f"DELETE FROM {table}"):
        if table not in entered and ledger.journal.database.dialect.name == "sqlite":
            continue  # its row triggers need a row; tests of the cycle have some
        with pytest.raises(DostastyqError, match="append-only"), ledger.journal.transaction() as connection:
            connection.exec_driver_sql(change)


# The faults of public ledgers.


def test_balance_is_right_after_back_dating(ledger):
    ledger.post([pay("r1", 100, day="2026-11-20"), pay("r2", 10, day="2026-11-24")], by=CLERK)
    seen = datetime.now(UTC)
    ledger.post([pay("late", 7, day="2026-11-18")], by=CLERK)
    assert [standing(ledger, on=f"2026-11-{day}") for day in (17, 18, 20, 24)] == [0, -7, -107, -117]
    assert standing(ledger, on="2026-11-20", known_at=seen) == -100
    drawn = statement(ledger.journal, "KAZ", "KZT", "2026-11-19", "2026-11-24")
    assert (drawn.opening, [line.balance for line in drawn.lines], drawn.closing) == (-7, [-107, -117], -117)


def test_a_retry_is_replayed_not_rejected(ledger):
    first = ledger.post([pay("r1"), pay("r2", 5)], by=CLERK)
    assert ledger.post([pay("r2", 5), pay("r1")], by=CLERK) == first[::-1]
    assert ledger.post([pay("r1"), pay("r3", 1), pay("r3", 1)], by=CLERK)[0] == first[0]
    assert standing(ledger) == -106
    assert "other content" in refused("PY070", ledger.post, [pay("r4"), pay("r1", 101)], by=CLERK)
    assert standing(ledger) == -106, "the whole batch is refused"
    held = ledger.reserve([pay("h")], by=CLERK)
    assert ledger.reserve([pay("h")], by=CLERK) == held
    assert ledger.commit("h", by=CLERK) == ledger.commit("h", by=CLERK)
    refused("PY070", ledger.post, [pay("h")], by=CLERK)


def in_threads(place, call, count=8):
    """Call at once from many connections; what each returned or raised."""
    barrier, found = threading.Barrier(count), []

    def work(number):
        with open_journal(place) as journal:
            barrier.wait()
            try:
                found.append(call(Ledger(journal), number))
            except DostastyqError as error:
                found.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_duplicates_at_the_same_moment_are_one_posting(place, ledger):
    """The look-up stands inside the transaction that writes."""
    found = in_threads(place, lambda books, _: books.post([pay("r1")], by=CLERK)[0])
    assert len({one.number for one in found}) == 1
    assert standing(ledger) == -100


def test_of_concurrent_reversals_one_counts(place, ledger):
    ledger.post([pay("r1")], by=CLERK)
    found = in_threads(place, lambda books, number: books.reverse("r1", f"reason {number}", by=CLERK))
    kept = [one for one in found if isinstance(one, Posting)]
    assert len(kept) == 1
    assert {one.code for one in found if isinstance(one, DostastyqError)} == {"PY073"}
    assert standing(ledger) == 0
    assert ledger.reverse("r1", kept[0].reason, by=CLERK) == kept[0], "the same reversal again is the first one"


def test_a_replayed_history_counts_once(ledger):
    """Everything sent again, in another order and other batches, years later: nothing moves."""
    history = [pay(f"r{number}", number + 1) for number in range(200)]
    ledger.post(history, by=CLERK)
    before, shuffled = standing(ledger), history.copy()
    random.Random(4).shuffle(shuffled)
    for batch in itertools.batched(shuffled, 70) if hasattr(itertools, "batched") else [shuffled]:
        ledger.post(list(batch), by=CLERK)
    assert standing(ledger) == before == -sum(range(1, 201))


# Two phases, and reversals.


def test_a_reservation_counts_when_it_is_committed(ledger):
    ledger.reserve([pay("a"), pay("b", 30)], by=CLERK)
    found = ledger.balance("KAZ", "KZT")
    assert (found.posted, found.outgoing, found.available) == (0, 130, -130)
    ledger.commit("a", by=CLERK)
    ledger.void("b", "not funded", by=CLERK)
    found = ledger.balance("KAZ", "KZT")
    assert (found.posted, found.outgoing, found.available) == (-100, 0, -100)
    refused("PY072", ledger.void, "a", "too late", by=CLERK)
    refused("PY072", ledger.commit, "b", by=CLERK)
    refused("PY072", ledger.commit, "nothing", by=CLERK)
    refused("PY073", ledger.reverse, "b", "void", by=CLERK)
    assert ledger.reverse("a", "wrong bank", by=CLERK).reverses == ledger.find("commit/a").number
    assert standing(ledger) == 0
    assert [line.kind for line in statement(ledger.journal, "KAZ", "KZT", DAY, DAY).lines] == ["commit", "reverse"]


def test_a_reversal_is_not_reversed(ledger):
    ledger.post([pay("r1")], by=CLERK)
    ledger.reverse("r1", "twice", by=CLERK, value_date="2026-11-25")
    assert (standing(ledger, on=DAY), standing(ledger, on="2026-11-25")) == (-100, 0)
    refused("PY073", ledger.reverse, "reverse/r1", "again", by=CLERK)
    refused("PY073", ledger.reverse, "r1", " ", by=CLERK)


@pytest.mark.parametrize(
    ("legs", "code"),
    [
        ([Leg("KAZ", "KZT", -1), Leg("KGZ", "KZT", 2)], "PY071"),
        ([Leg("KAZ", "KZT", -1), Leg("KGZ", "RUB", 1)], "PY071"),
        ([], "PY071"),
        ([Leg("KAZ", "KZT", 0), Leg("KGZ", "KZT", 0)], "MN004"),
        ([Leg("KAZ", "KZT", -1.0), Leg("KGZ", "KZT", 1.0)], "MN003"),
        ([Leg("KAZ", "KZT", -(2**63)), Leg("KGZ", "KZT", 2**63)], "MN005"),
        ([Leg("KAZ", "RUR", -1), Leg("KGZ", "RUR", 1)], "MN002"),
    ],
)
def test_a_posting_that_does_not_stand_is_not_made(legs, code):
    refused(code, Posting, "r1", tuple(legs), DAY)


def test_refusals_say_what_to_do(ledger):
    assert "'KAS'" in refused("PY074", ledger.post, [pay("r1", debtor="KAS")], by=CLERK)
    refused("PY070", ledger.post, [pay("commit/r1")], by=CLERK)
    refused("PY074", ledger.open_accounts, {"KAZ": "RUS"}, by=CLERK)
    assert standing(ledger) == 0


# What the journal attests.


def test_every_row_is_attested(ledger):
    """A row changed, added or removed by somebody with full access is found."""
    ledger.post([pay("r1")], by=CLERK)
    journal = ledger.journal
    changes = (
        "UPDATE ledger_leg SET amount = amount * 2",
        "UPDATE ledger_posting SET value_day = value_day + 1",
        "DELETE FROM ledger_leg WHERE posting = 1",
        "INSERT INTO ledger_account VALUES ('slush', NULL, 1)",
    )
    triggers = ("ledger_leg_no_update", "ledger_leg_no_delete", "ledger_posting_no_update")
    for change in changes:
        with journal.database.connect().execution_options(writes=True) as connection:
            transaction = connection.begin()
            if journal.database.dialect.name == "sqlite":
                kept = [
                    connection.exec_driver_sql(f"SELECT sql FROM sqlite_master WHERE name = '{name}'").scalar_one()
                    for name in triggers
                ]
                for name in triggers:
                    connection.exec_driver_sql(f"DROP TRIGGER {name}")
            else:
                connection.exec_driver_sql("SET session_replication_role = replica")
            connection.exec_driver_sql(change)
            if journal.database.dialect.name == "sqlite":
                for statement in kept:
                    connection.exec_driver_sql(statement)
            found = _verified(connection)
            transaction.rollback()
            if journal.database.dialect.name == "postgresql":
                connection.exec_driver_sql("SET session_replication_role = DEFAULT")
        assert found, change
    assert verify_books(journal).ok


def _verified(connection):
    from dostastyq.store.rows import faults  # noqa: PLC0415

    return faults(connection)


def test_a_missing_guard_of_the_books_is_found(ledger):
    sqlite = ledger.journal.database.dialect.name == "sqlite"
    with ledger.journal.transaction() as connection:
        connection.exec_driver_sql("DROP TRIGGER ledger_posting_seals" + ("" if sqlite else " ON ledger_posting"))
    assert "ledger_posting_seals" in str(verify_books(ledger.journal).faults)


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_backup_has_the_books(ledger, target, tmp_path, request):
    ledger.post([pay("r1"), pay("r2", 3)], by=CLERK)
    ledger.reserve([pay("h", 9)], by=CLERK)
    ledger.void("h", "no", by=CLERK)
    ledger.reverse("r2", "twice", by=CLERK)
    backup(ledger.journal, tmp_path / "copy")
    place = str(tmp_path / "other.sqlite") if target == "sqlite" else request.getfixturevalue("new_postgres")()
    database = engine(place)
    upgrade(database)
    database.dispose()
    with open_journal(place) as other:
        restore(other, tmp_path / "copy")
        assert verify_books(other).ok
        assert Ledger(other).balances() == ledger.balances()
        assert Ledger(other).post([pay("r1")], by=CLERK)[0] == ledger.find("r1")


def test_damaged_rows_of_a_backup_are_refused(new_postgres, tmp_path):
    place = new_postgres()
    database = engine(place)
    upgrade(database)
    database.dispose()
    with open_journal(place) as journal:
        books = Ledger(journal)
        books.open_accounts({"KAZ": "KAZ", "KGZ": "KGZ"}, by=CLERK)
        books.post([pay("r1")], by=CLERK)
        backup(journal, tmp_path / "copy")
    lines = (tmp_path / "copy").read_text("utf-8").splitlines()
    rows = next(number for number, line in enumerate(lines) if '"ledger_leg"' in line and '"table"' in line)
    damages = [
        ("ST020", lines[rows].replace('"KGZ","KZT"', '"KAZ","KZT"')),
        ("ST020", lines[rows].replace("-100", "-101")),
        ("ST013", ""),
        ("ST032", '{"table":"ledger_leg","entry":2,"rows":[[1]]}'),
        ("ST032", '{"table":"gift","entry":2,"rows":[]}'),
    ]
    for number, (code, made) in enumerate(damages):
        file = tmp_path / f"damaged-{number}"
        kept = [*lines[:rows], *([made] if made else []), *lines[rows + 1 :]]
        file.write_text("\n".join(kept) + "\n", "utf-8")
        with open_journal(tmp_path / f"target-{number}.sqlite") as target:
            refused(code, restore, target, file)
            assert target.verify().require().entries == 0


def test_an_older_database_is_brought_to_the_books(tmp_path):
    """A journal of edition 1 gets the tables of the books when it is opened."""
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    import dostastyq.store  # noqa: PLC0415
    from dostastyq.store.database import writing  # noqa: PLC0415

    database = engine(tmp_path / "old.sqlite")
    with writing(database) as connection:
        config = Config()
        config.set_main_option("script_location", str(dostastyq.store.__path__[0]) + "/migrations")
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    database.dispose()
    with open_journal(tmp_path / "old.sqlite") as journal:
        books = Ledger(journal)
        books.open_accounts({"KAZ": "KAZ", "KGZ": "KGZ"}, by=CLERK)
        books.post([pay("r1")], by=CLERK)
        assert verify_books(journal).ok


def test_clock_jumps_move_no_booking_back(ledger, monkeypatch):
    import time  # noqa: PLC0415

    real = time.time_ns
    moments = []
    for number, jump in enumerate((0, 3600, -86_400, 10 * 86_400, -365 * 86_400, 0)):
        monkeypatch.setattr(time, "time_ns", lambda jump=jump: real() + jump * 10**9)
        moments.append(ledger.post([pay(f"r{number}", 1)], by=CLERK)[0].booked_at)
    assert moments == sorted(set(moments))
    assert verify_books(ledger.journal).ok
    assert standing(ledger, known_at=moments[2]) == -3


def test_several_currencies_in_one_posting(ledger):
    legs = (Leg("KAZ", "KZT", -500), Leg("KGZ", "KZT", 500), Leg("KAZ", "KGS", 90), Leg("KGZ", "KGS", -90))
    ledger.post([Posting("swap", legs, DAY)], by=CLERK)
    assert {(one.account, one.currency): one.posted for one in ledger.balances()} == {
        ("KAZ", "KGS"): 90,
        ("KAZ", "KZT"): -500,
        ("KGZ", "KGS"): -90,
        ("KGZ", "KZT"): 500,
    }
    assert replace(ledger.find("swap"), number=None, entry=None, booked_at=None) == Posting("swap", legs, DAY)


def test_a_statement_as_csv_closes(ledger, tmp_path):
    ledger.post([pay("r1", day="2026-11-20"), pay("r2", 25, "KGZ", "KAZ")], by=CLERK)
    drawn = statement(ledger.journal, "KAZ", "KZT", "2026-11-21", DAY)
    drawn.write_csv(tmp_path / "out.csv")
    rows = (tmp_path / "out.csv").read_text("utf-8").splitlines()
    assert (rows[1].startswith("opening"), rows[1].endswith(",-100"), rows[-1].endswith(",-75")) == (True, True, True)
    assert drawn.to_dict()["entries"][0]["counterparties"] == ["KGZ"]
    assert drawn.opening + sum(line.amount for line in drawn.lines) == drawn.closing
