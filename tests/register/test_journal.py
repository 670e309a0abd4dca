"""Acts that users record: into the journal, into every answer, corrected, taken back; refused with nothing written."""

from datetime import timedelta

import pytest

from dostastyq import register, store
from dostastyq.errors import DostastyqError
from dostastyq.register import Act
from dostastyq.register.journal import draft, record, retract
from dostastyq.store import Draft, open_journal


@pytest.fixture
def mine(tmp_path):
    """Path of a journal that is not there yet."""
    return tmp_path / "mine.sqlite"


def joined(state="UZB", instrument="eaeu-2014", day="2023-01-15", **more):
    """Act by which a state joins."""
    return Act(state, "accession", instrument, effective=day, confidence="medium", **more)


def wrote(mine, act, **more):
    """Record an act."""
    return record(act, sources=more.pop("sources", ["gazette"]), author="A. Officer", journal=mine, **more)


def bound(law, day="2023-07-01", state="UZB", **more):
    """Whether a state is bound by the treaty on the Eurasian union."""
    return law.status("eaeu-2014", state, on=day, **more).bound


def test_what_is_recorded_is_known_from_then_on(mine):
    entry = wrote(mine, joined())
    law = register.load("cis", journal=mine)
    assert bound(register.load("cis")) is not True
    assert bound(law) is True
    assert bound(law, known_at=entry.moment) is True
    assert bound(law, known_at=entry.moment - timedelta(microseconds=1)) is not True
    status = law.status("eaeu-2014", "UZB", on="2023-07-01")
    assert any("journal/1" in step.sources for step in status.proof.steps)
    source = law.sources["journal/1"]
    assert (source.title, source.note[-13:]) == ("gazette", "by A. Officer")


def test_all_fields_survive(mine):
    act = Act(
        "MDA",
        "objection",
        "fta-2011",
        date="2027-03",
        effective="[2027-04-01,2027-05-01]",
        towards=["KAZ", "RUS"],
        provisions=["Art. 4"],
        through="fta-uzbekistan-2013",
        text="Возражение",
        note="ескерту",
        opposes=True,
        confidence="low",
    )
    entry = wrote(mine, act, sources=["Bulletin No. 4, p. 7 (https://example.org/a).", "https://example.org/b"])
    law = register.load("cis", journal=mine)
    (read,) = [held for held in law.instrument("fta-2011").acts if held.key == "journal/1"]
    names = ("state", "kind", "instrument", "date", "effective", "towards", "provisions", "through", "text", "note")
    assert all(getattr(read, name) == getattr(act, name) for name in (*names, "opposes", "confidence"))
    assert (str(read.date), str(read.effective)) == ("2027-03", "[2027-04-01,2027-05-01]")
    assert read.recorded_from == entry.moment
    assert read.sources == ("journal/1/1", "journal/1/2")
    assert [(law.sources[key].title, law.sources[key].url) for key in read.sources] == [
        ("Bulletin No. 4, p. 7", "https://example.org/a"),
        ("https://example.org/b", "https://example.org/b"),
    ]


@pytest.mark.parametrize(
    ("act", "more", "code", "hint"),
    [
        (joined("UZK"), {}, "RG002", "UZB"),
        (joined(instrument="eaeu-2041"), {}, "RG001", "eaeu-2014"),
        (Act("UZB", "acession", "eaeu-2014", date="2027-01-01"), {}, "RG007", "accession"),
        (Act("UZB", "accession", "eaeu-2014", confidence="low"), {}, "RG007", "date"),
        (joined(towards=["RUSS"]), {}, "RG002", "RUS"),
        (joined(through="eaeu-2041"), {}, "RG001", "eaeu-2014"),
        (joined(), {"sources": [" "]}, "RG041", "source|gazette"),
        (Act("UZB", "accession", "eaeu-2014", date="2027", confidence="assumed"), {}, "RG041", "high"),
        (joined(), {"supersedes": 7}, "RG042", "act"),
        (joined(), {"supersedes": "fta-2011/KAZ/notification/9"}, "RG042", "fta-2011/.../notification/1"),
        (joined(), {"supersedes": "fta-2011/KAZ/notification/1"}, "RG042", "fta-2011"),
    ],
)
def test_what_cannot_be_leaves_no_trace(mine, act, more, code, hint):
    if act.kind == "acession":
        object.__setattr__(act, "confidence", "low")
    with pytest.raises(DostastyqError, match=hint) as caught:
        wrote(mine, act, **more)
    assert caught.value.code == code
    with open_journal(mine) as journal:
        assert journal.verify().require().entries == 0


def test_a_bad_day_is_refused():
    with pytest.raises(DostastyqError) as caught:
        joined(day="soon")
    assert caught.value.code == "DT001"


def test_a_correction_replaces_and_the_past_stays_askable(mine):
    first = wrote(mine, joined(day="2023-01-15"))
    second = wrote(mine, joined(day="2024-01-15"), supersedes=1)
    law = register.load("cis", journal=mine)
    assert bound(law) is not True
    assert bound(law, day="2024-07-01") is True
    assert bound(law, known_at=first.moment) is True
    assert bound(law, known_at=second.moment) is not True
    with pytest.raises(DostastyqError, match="corrected already") as caught:
        wrote(mine, joined(day="2025-01-15"), supersedes=1)
    assert caught.value.code == "RG042"


def test_a_correction_may_change_the_instrument(mine):
    wrote(mine, joined("TJK"))
    wrote(mine, joined("TJK", "fta-2011"), supersedes=1)
    law = register.load("cis", journal=mine)
    assert bound(law, state="TJK") is not True


def test_a_shipped_act_is_corrected_by_its_key(mine):
    shipped = register.load("cis")
    (old,) = [act for act in shipped.instrument("fta-2011").acts if act.key == "fta-2011/KAZ/notification/1"]
    new = Act("KAZ", "notification", "fta-2011", date="2013-02-01", effective="2013-03-01", confidence="high")
    entry = wrote(mine, new, supersedes=old.key)
    law = register.load("cis", journal=mine)
    assert shipped.status("fta-2011", "KAZ", on="2013-01-15").bound is True
    assert law.status("fta-2011", "KAZ", on="2013-01-15").bound is False
    assert law.status("fta-2011", "KAZ", on="2013-03-01").bound is True
    before = entry.moment - timedelta(microseconds=1)
    assert law.status("fta-2011", "KAZ", on="2013-01-15", known_at=before).bound is True


def test_a_retraction_takes_back(mine):
    first = wrote(mine, joined())
    with pytest.raises(DostastyqError) as caught:
        retract(1, reason=" ", author="A. Officer", journal=mine)
    assert caught.value.code == "RG041"
    retract(1, reason="it never happened", author="A. Officer", journal=mine)
    law = register.load("cis", journal=mine)
    assert bound(law) is not True
    assert bound(law, known_at=first.moment) is True
    with pytest.raises(DostastyqError) as caught:
        retract(1, reason="again", author="A. Officer", journal=mine)
    assert caught.value.code == "ST012"


def test_the_order_of_recording_does_not_matter(tmp_path):
    acts = [joined("UZB"), joined("TJK", day="2023-03-01"), joined("MDA", "union-state-1999", day="2023")]
    laws = []
    for number, order in enumerate((acts, acts[::-1])):
        for act in order:
            wrote(tmp_path / f"{number}.sqlite", act)
        laws.append(register.load("cis", journal=tmp_path / f"{number}.sqlite"))
    one, other = laws
    assert one.matrix("2023-07-01").equals(other.matrix("2023-07-01"))


def test_acts_of_another_commonwealth_are_left_to_it(mine):
    made = draft(joined(), register.load("cis"), sources=["gazette"])
    with open_journal(mine) as journal:
        journal.append([Draft("register", "act", made.payload | {"commonwealth": "other"})], author="A. Officer")
    assert register.load("cis", journal=mine) == register.load("cis")


@pytest.mark.parametrize(
    ("kind", "change", "why"),
    [
        ("treaty", {}, "its kind is 'treaty'"),
        ("act", {"state": None}, "None is not text"),
        ("act", {"instrument": "gone-1999"}, "does not fit the register"),
        ("act", {"towards": 5}, "TypeError"),
    ],
)
def test_entries_that_cannot_be_read_are_named(mine, kind, change, why):
    made = draft(joined(), register.load("cis"), sources=["gazette"])
    with open_journal(mine) as journal:
        journal.append([Draft("register", kind, made.payload | change)], author="A. Officer")
    with pytest.raises(DostastyqError, match=why) as caught:
        register.load("cis", journal=mine)
    assert caught.value.code == "RG040"


def test_a_journal_that_was_changed_is_not_read(mine):
    wrote(mine, joined())
    with open_journal(mine) as journal, journal.transaction() as connection:
        connection.exec_driver_sql("DROP TRIGGER journal_no_update")
        connection.exec_driver_sql("UPDATE journal SET payload = replace(payload, '2023', '2022')")
    with pytest.raises(DostastyqError) as caught:
        register.load("cis", journal=mine)
    assert caught.value.code == "ST020"


def test_a_journal_that_is_not_there(mine):
    with pytest.raises(DostastyqError) as caught:
        register.load("cis", journal=mine)
    assert caught.value.code == "ST021"
    assert not mine.exists()


def test_on_a_server(new_postgres):
    place = new_postgres()
    database = store.engine(place)
    store.upgrade(database)
    database.dispose()
    wrote(place, joined())
    assert bound(register.load("cis", journal=place)) is True
