"""What a check of the chains finds after somebody with full access changed the database."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update

from dostastyq.errors import DostastyqError
from dostastyq.store import STREAMS, Draft, Head, open_journal
from dostastyq.store import rows as rows_module
from dostastyq.store.entry import canonical, seal
from dostastyq.store.rows import Bulk
from dostastyq.store.tables import heads
from dostastyq.store.tables import journal as table

FIELDS = tuple(column.name for column in table.columns)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=20)
PAYLOADS = st.dictionaries(st.text().filter("supersedes".__ne__), VALUES, max_size=4)
DRAFTS = st.builds(Draft, st.sampled_from(STREAMS), NAMES, PAYLOADS)


def note(text="agenda", stream="council", **more):
    """A draft to record."""
    return Draft(stream, "note", {"text": text, **more})


def changed(field, value):
    """Give another value that the column takes."""
    if field == "sequence":
        return 9
    if isinstance(value, int):
        return value + 1
    return "ledger" if field == "stream" else f"'{value[1:]}"


def test_the_hash_can_be_computed_by_anybody():
    """The documented form, written out by hand and given to sha256sum."""
    entry = seal(Head("register"), Draft("register", "act", {"b": "Қ", "a": [1, None]}), "A. Officer", 7)
    assert entry.payload == '{"a":[1,null],"b":"Қ"}'
    assert entry.hash == "fcdd4cd13a725f866e8f6b66164ddcbb676a1d93ee91c07990c250f2a745e9c8"


@given(PAYLOADS)
def test_canonical_text_reads_back(payload):
    assert json.loads(canonical(payload)) == payload
    assert canonical(json.loads(canonical(payload))) == canonical(payload)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.tuples(st.lists(DRAFTS, max_size=4), NAMES), max_size=4))
def test_any_sequence_of_appends_verifies(journal, batches):
    before = journal.verify().require().entries
    added = [entry for drafts, author in batches for entry in journal.append(drafts, author)]
    assert journal.verify().require().entries == before + len(added)
    for entry in added:
        assert journal.read(entry.stream, after=entry.sequence - 1)[0] == entry


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("position", [1, 2, 3])
def test_any_changed_field_of_any_entry_is_found(journal, field, position, without_guards):
    entries = journal.append([note("one"), note("two"), note("three")], author="A. Officer")
    wrong = changed(field, getattr(entries[position - 1], field))
    with without_guards(journal) as connection:
        connection.execute(update(table).where(table.c.sequence == position).values({field: wrong}))
    verified = journal.verify()
    assert len(verified.faults) == (2 if field == "stream" else 1)
    fault = verified.faults[0]
    reached = position - 1 if position == 3 and field == "stream" else position
    assert (fault.stream, fault.sequence) == ("council", reached)
    with pytest.raises(DostastyqError) as caught:
        verified.require()
    assert caught.value.code == "ST020"
    assert str(fault) in caught.value.message


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_of_a_text_is_found_when_read(journal, without_guards, data):
    (entry,) = journal.append([note("Тараптар келісті")], author="A. Officer")
    field = data.draw(st.sampled_from(["author", "kind", "payload", "previous_hash", "hash"]))
    value = getattr(entry, field)
    at = data.draw(st.integers(0, len(value) - 1))
    sign = data.draw(st.characters(min_codepoint=32, max_codepoint=0x4FF).filter(value[at].__ne__))
    forged = value[:at] + sign + value[at + 1 :]
    where = table.c.sequence == entry.sequence
    with without_guards(journal) as connection:
        connection.execute(update(table).where(where).values({field: forged}))
    with pytest.raises(DostastyqError, match=f"council {entry.sequence}: ") as caught:
        journal.read("council")
    assert caught.value.code == "ST020"
    with without_guards(journal) as connection:
        connection.execute(update(table).where(where).values({field: value}))
    assert journal.verify().ok


def test_removed_entries_are_found(journal, without_guards):
    entries = journal.append([note(str(number)) for number in range(4)], author="A. Officer")
    for gone, what in ((4, "the end of the chain"), (2, "sequence")):
        with without_guards(journal) as connection:
            connection.execute(delete(table).where(table.c.sequence == gone))
        (fault,) = journal.verify().faults
        assert (fault.what, fault.sequence) == (what, gone - 1 if gone == 4 else gone)
    assert str(entries[3].head) not in str(fault)


def test_a_cut_tail_with_a_forged_head_needs_a_head_kept_elsewhere(journal, without_guards):
    entries = journal.append([note(str(number)) for number in range(4)], author="A. Officer")
    kept = journal.head("council")
    last = entries[2].head
    with without_guards(journal) as connection:
        connection.execute(delete(table).where(table.c.sequence == 4))
        connection.execute(
            update(heads)
            .where(heads.c.stream == "council")
            .values(sequence=last.sequence, recorded_at=last.recorded_at, hash=last.hash)
        )
    assert journal.verify().ok
    (fault,) = journal.verify(known=[kept]).faults
    assert fault.expected == str(kept)
    assert journal.verify(known=[last, entries[0].head]).ok


def test_a_chain_rewritten_from_one_entry_on_needs_a_head_kept_elsewhere(journal, without_guards):
    entries = journal.append([note(str(number)) for number in range(4)], author="A. Officer")
    kept = entries[2].head
    head, forged = entries[0].head, []
    for entry in entries[1:]:
        forged.append(seal(head, Draft("council", "note", {"text": "forged"}), entry.author, entry.recorded_at))
        head = forged[-1].head
    with without_guards(journal) as connection:
        connection.execute(delete(table).where(table.c.sequence > 1))
        connection.execute(insert(table), [{name: getattr(entry, name) for name in FIELDS} for entry in forged])
        connection.execute(update(heads).where(heads.c.stream == "council").values(hash=head.hash))
    assert journal.verify().ok
    (fault,) = journal.verify(known=[kept]).faults
    assert (fault.stream, fault.sequence) == ("council", 3)


def test_an_entry_appended_behind_the_head_is_found(journal):
    (entry,) = journal.append([note()], author="A. Officer")
    extra = seal(entry.head, note("slipped in"), "nobody", entry.recorded_at + 1)
    with journal.database.begin() as connection:
        connection.execute(insert(table).values({name: getattr(extra, name) for name in FIELDS}))
    (fault,) = journal.verify().faults
    assert fault.what == "the end of the chain"


def test_a_missing_head_is_found(journal, without_guards):
    journal.append([note()], author="A. Officer")
    with without_guards(journal) as connection:
        connection.execute(delete(heads).where(heads.c.stream == "access"))
    (fault,) = journal.verify().faults
    assert (fault.stream, fault.found) == ("access", "missing")


def test_missing_guards_are_found(journal):
    with journal.database.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER journal_no_update")
        else:
            connection.exec_driver_sql("ALTER TABLE journal DISABLE TRIGGER journal_no_update")
    (fault,) = journal.verify().faults
    assert str(fault) == "database: trigger journal_no_update is missing, expected present"


@pytest.mark.parametrize("value", [b"\xff\xfe", None])
def test_bytes_that_are_no_text_are_found(tmp_path, value, without_guards):
    """SQLite keeps whatever bytes it is given."""
    with open_journal(tmp_path / "journal.sqlite") as journal:
        journal.append([note(str(number)) for number in range(3)], author="A. Officer")
        with without_guards(journal) as connection:
            change = "CAST(X'FFFE' AS TEXT)" if value is None else "X'FFFE'"
            connection.exec_driver_sql(f"UPDATE journal SET payload = {change} WHERE sequence = 2")
        (fault,) = journal.verify().faults
        assert fault.stream == "council"
        assert fault.what in {"payload", "what follows"}


def test_another_stream_in_the_table_is_found(journal, without_guards):
    (entry,) = journal.append([note()], author="A. Officer")
    forged = seal(Head("secret"), note(), "nobody", entry.recorded_at)
    with without_guards(journal) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.execute(insert(heads).values(stream="secret", sequence=0, recorded_at=0, hash="x"))
        connection.execute(insert(table).values({name: getattr(forged, name) for name in FIELDS}))
    (fault,) = journal.verify().faults
    assert fault.stream == "secret"


@given(
    st.lists(
        st.tuples(st.none() | st.integers(-(2**62), 2**62), st.text() | st.none(), st.text(max_size=3)), max_size=9
    )
)
def test_many_rows_have_the_text_of_a_few(rows):
    """The canonical text that is made column by column is that of the documented form."""
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    bulk = Bulk((7, *columns, None), len(rows))
    assert list(bulk) == [(7, *row, None) for row in rows]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows_module, "PART", 4)  # several parts
        texts = list(bulk.texts())
    assert f"[{','.join(text for text, _ in texts)}]" == canonical(list(bulk))
    assert sum(count for _, count in texts) == len(rows)
