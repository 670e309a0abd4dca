"""Instruments that users record: in every answer, replaced, known as they stood, taken back; what cannot be refused."""

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from types import MappingProxyType

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dostastyq import register, store
from dostastyq.cli import main
from dostastyq.errors import DostastyqError
from dostastyq.register import Act, exports, proposal
from dostastyq.register.journal import draft_instrument, record, record_instrument, retract
from dostastyq.register.loader import COMMONWEALTHS
from dostastyq.store import Draft, open_journal

SHIPPED = register.load("cis")
RECORDS = {
    slug: found
    for file in sorted((COMMONWEALTHS / "cis" / "register" / "instruments").glob("*.yaml"))
    for slug, found in yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader).items()
}
FACT = {"src": ["text"], "conf": "high"}
SOURCE = {"key": "text", "title": "Certified copy", "url": "https://example.org/1"}


def treaty(**changes):
    """A customs union of four, as plain data."""
    return {
        "kind": "treaty",
        "domain": ["trade"],
        "title": {"en": "Union", "ru": "Союз"},
        "preference": {"kind": "customs_union", **FACT},
        "signed": {"date": "2027-01-15", "place": "Astana", "by": ["KAZ", "KGZ", "TJK", "UZB"], **FACT},
        "eif": {"count": 2, "of": ["ratification"], "delay": "P30D"},
        "late": {"of": ["ratification"], "delay": "P30D"},
        "complete": {"date": "2999-12-31", **FACT},
        "acts": [],
    } | changes


@pytest.fixture
def mine(tmp_path):
    """Path of a journal that is not there yet."""
    return tmp_path / "mine.sqlite"


def wrote(mine, changed=(), **more):
    """Record the treaty."""
    return record_instrument(
        "union-2027", treaty(**dict(changed)), sources=[SOURCE], author="A. Officer", journal=mine, **more
    )


def ratified(mine, state, day):
    """Record a ratification."""
    act = Act(state, "ratification", "union-2027", date=day, confidence="high")
    return record(act, sources=["note"], author="A. Officer", journal=mine)


def code(law, state="KAZ", on="2027-06-01", **more):
    """Status of a state in the union."""
    return law.status("union-2027", state, on=on, **more).code


def without(slug):
    """The shipped register as if it had never held an instrument."""
    kept = {name: item for name, item in SHIPPED.instruments.items() if name != slug}
    return SHIPPED.changed(instruments=MappingProxyType(kept))


@given(st.sampled_from(sorted(RECORDS)), st.lists(st.dates(date(1992, 1, 1), date(2027, 1, 1)), min_size=3, max_size=3))
def test_a_shipped_instrument_proposed_again_is_the_same(slug, days):
    law = without(slug).propose(slug, RECORDS[slug])
    for day in days:
        for state in SHIPPED.states:
            found, held = (one.status(slug, state, on=day) for one in (law, SHIPPED))
            assert found == held
    assert law.record(slug).force == SHIPPED.record(slug).force


def test_every_shipped_instrument_can_be_proposed():
    for slug, found in RECORDS.items():
        held = SHIPPED.instrument(slug)
        assert proposal.read(without(slug), slug, found, proposal.Names(recorded=held.signed.recorded)) == held


def test_a_proposal_leaves_the_register_as_it_is():
    law = SHIPPED.propose("union-2027", treaty(), sources=[SOURCE])
    assert "union-2027" not in SHIPPED.instruments
    assert code(law) == "SIGNED"
    assert "text" in law.sources
    assert law.without("union-2027").pairs("2027-06-01").equals(SHIPPED.pairs("2027-06-01"))


REFUSED = [
    ({"kinds": "x"}, "RG022", "union-2027 \\(kinds\\).*unknown key"),
    ({"kind": None}, "RG024", "union-2027 \\(kind\\)"),
    ({"signed": {"date": "soon", "place": "", "by": [], **FACT}}, "RG025", "signed.date"),
    ({"signed": {"date": "2027", "place": "", "by": ["KAS"], **FACT}}, "RG026", "signed.by.*KAS.*KAZ"),
    ({"eif": {"count": 2.5}}, "RG024", "eif.count.*2.5"),
    ({"eif": {"upon": "signature", "count": 2}}, "RG023", "one rule"),
    ({"preference": "customs_union"}, "RG027", "preference"),
    ({"depositary": {"who": "exec-committee"}}, "RG027", "depositary"),
    ({"acts": [{"state": "KAZ", "act": "ratifies", **FACT}]}, "RG028", "acts.*ratification"),
    ({"acts": [{"state": "KAZ", "act": "ratification", **FACT}]}, "RG029", "acts"),
    ({"relations": [{"type": "amends", "target": "fta-2012", **FACT}]}, "RG026", "relations.*fta-2011"),
    ({"adopted_by": "chs2"}, "RG026", "adopted_by.*chs"),
    ({"params": {7: "x"}}, "RG024", "params.*7"),
    ({"eif": {"upon": "ratification"}}, "RG028", "eif.upon.*ratification"),
    ({"eif": {"count": "many", "of": ["ratification"]}}, "RG028", "eif.count.*many"),
    ({"eif": {"count": 0, "of": ["ratification"]}}, "RG028", "eif.count.*'0'"),
    ({"eif": {"unknown": False}}, "RG028", "eif.unknown.*false"),
    ({"eif": {"any": []}}, "RG023", "eif.any"),
    ({"eif": {"all": [{"requires": {"in_force": ["union-2027"]}}]}}, "RG026", "itself"),
    ({"relations": [{"type": "terminates", "target": "union-2027", **FACT}]}, "RG026", "itself"),
    ({"signed": {"date": "2027", "place": "", "by": ["KAZ", "UZB", "KAZ"], **FACT}}, "RG021", "KAZ is there twice"),
    ({"signed": {"date": "2027", "place": "", "by": ["KAZ"], "not_by": ["KAZ"], **FACT}}, "RG021", "KAZ"),
]


@pytest.mark.parametrize(("changed", "number", "says"), REFUSED)
def test_a_faulty_record_is_refused_by_its_field(mine, changed, number, says):
    with pytest.raises(DostastyqError, match=says) as caught:
        wrote(mine, changed)
    assert caught.value.code == number
    with open_journal(mine) as journal:
        assert journal.head("register").sequence == 0


@pytest.mark.parametrize(
    ("slug", "more", "number"),
    [
        ("fta-2011", {}, "RG043"),
        ("Union 2027", {}, "RG044"),
        ("union-2027", {"supersedes": 3}, "RG042"),
        ("fta-2011", {"supersedes": 3}, "RG042"),
        ("union-2027", {"sources": [SOURCE, SOURCE]}, "RG021"),
        ("union-2027", {"sources": [{"key": "own", "title": "Mine"}]}, "RG021"),
        ("union-2027", {"sources": [{"key": "text"}]}, "RG023"),
        ("union-2027", {"sources": []}, "RG026"),
    ],
)
def test_names_and_sources_that_cannot_be(slug, more, number):
    with pytest.raises(DostastyqError) as caught:
        draft_instrument(slug, treaty(), SHIPPED, **({"sources": [SOURCE]} | more))
    assert caught.value.code == number


def test_a_proposal_may_not_take_a_name():
    with pytest.raises(DostastyqError) as caught:
        SHIPPED.propose("fta-2011", treaty(), sources=[SOURCE])
    assert caught.value.code == "RG043"
    law = SHIPPED.propose("fta-2011", treaty(), sources=[SOURCE], replaces=True)
    assert law.status("fta-2011", "UZB", on="2027-06-01").code == "SIGNED"


def test_what_is_recorded_answers_everywhere(mine):
    entry = wrote(mine)
    for state, day in (("KAZ", "2027-02-01"), ("UZB", "2027-03-01")):
        ratified(mine, state, day)
    law = register.load("cis", journal=mine)
    status = law.status("union-2027", "KAZ", on="2027-06-01")
    assert (status.code, str(status.since)) == ("IN_FORCE", "2027-03-31")
    assert code(law, "TJK") == "SIGNED"
    assert law.sources[f"journal/{entry.sequence}/text"].title == "Certified copy"
    assert any(f"journal/{entry.sequence}/text" in step.sources for step in status.proof.steps)
    pairs = {(row["exporter"], row["importer"]): row["customs_union"] for row in law.pairs("2027-06-01").to_dicts()}
    assert pairs["KAZ", "UZB"] is True
    assert law.matrix("2027-06-01")["union-2027"].to_list()[4] == "IN_FORCE"
    assert "union-2027" in law.gaps()["instrument"].to_list()
    assert law.forecast("union-2027", on="2027-02-15").missing == 1
    assert register.load("cis", journal=mine).pairs("2027-01-01").equals(SHIPPED.pairs("2027-01-01"))


def test_every_export_holds_it(mine):
    wrote(mine)
    ratified(mine, "KAZ", "2027-02-01")
    law = register.load("cis", journal=mine)
    for form in exports.FORMATS:
        slug = "union-2027" if form == "akn" else None
        assert exports.export(law, form, instrument=slug), form
    assert b"union-2027" in exports.export(law, "csv")


def test_as_known_before_between_and_after(mine):
    first = wrote(mine)
    act = ratified(mine, "KAZ", "2027-02-01")
    signed = treaty()["signed"] | {"by": ["KAZ", "KGZ", "TJK", "UZB", "ARM"]}
    second = wrote(mine, {"signed": signed}, supersedes=first.sequence)
    law = register.load("cis", journal=mine)
    tick = timedelta(microseconds=1)
    assert code(law, "ARM") == "SIGNED"
    assert code(law, "ARM", known_at=second.moment) == "SIGNED"
    assert code(law, "ARM", known_at=second.moment - tick) != "SIGNED"
    assert code(law, "KAZ", known_at=second.moment - tick) == "CONSENTED"
    assert code(law, "KAZ", known_at=act.moment - tick) == "SIGNED"
    assert code(law, "KAZ", known_at=first.moment - tick) == "UNKNOWN"
    assert "union-2027" not in law.known(first.moment - tick).instruments
    assert law.known(first.moment).instrument("union-2027").signed.by == ("KAZ", "KGZ", "TJK", "UZB")
    assert len(law.instrument("union-2027").acts) == 1
    assert law.applies("union-2027", "KAZ", "UZB", on="2027-06-01", known_at=first.moment - tick) is None


def test_only_what_stands_is_replaced(mine):
    first = wrote(mine)
    wrote(mine, supersedes=first.sequence)
    for wrong in (None, first.sequence, "union-2027"):
        with pytest.raises(DostastyqError, match="2") as caught:
            wrote(mine, supersedes=wrong)
        assert caught.value.code in {"RG042", "RG043"}


def test_a_retraction_takes_it_away_and_the_past_stays_askable(mine):
    first = wrote(mine)
    taken = retract(first.sequence, reason="not signed after all", author="A. Officer", journal=mine)
    law = register.load("cis", journal=mine)
    assert "union-2027" not in law.instruments
    with pytest.raises(DostastyqError, match="union-2027"):
        code(law)
    assert code(law, known_at=first.moment) == "SIGNED"
    assert code(law, known_at=taken.moment) == "UNKNOWN"
    again = wrote(mine)
    law = register.load("cis", journal=mine)
    assert code(law) == code(law, known_at=first.moment) == code(law, known_at=again.moment) == "SIGNED"
    assert code(law, known_at=again.moment - timedelta(microseconds=1)) == "UNKNOWN"


def test_what_others_need_is_not_taken_away(mine):
    first = wrote(mine)
    act = ratified(mine, "KAZ", "2027-02-01")
    protocol = treaty(relations=[{"type": "amends", "target": "union-2027", **FACT}])
    second = record_instrument("protocol-2028", protocol, sources=[SOURCE], author="A. Officer", journal=mine)
    take = {"reason": "never was", "author": "A. Officer", "journal": mine}
    for needed in (act, second):
        with pytest.raises(DostastyqError, match="still needed") as caught:
            retract(first.sequence, **take)
        assert caught.value.code == "RG045"
        retract(needed.sequence, **take)
    retract(first.sequence, **take)
    law = register.load("cis", journal=mine)
    assert set(law.instruments) == set(SHIPPED.instruments)
    assert code(law, known_at=act.moment) == "CONSENTED"
    assert law.status("protocol-2028", "KAZ", on="2027-06-01", known_at=second.moment).code == "SIGNED"


def test_a_shipped_instrument_is_replaced_and_stands_again(mine):
    changed = RECORDS["customs-policy-1992"] | {"title": {"en": "Another title", "ru": "Другое"}}
    entry = record_instrument(
        "customs-policy-1992", changed, author="A. Officer", journal=mine, supersedes="customs-policy-1992"
    )
    law = register.load("cis", journal=mine)
    assert law.instrument("customs-policy-1992").title["en"] == "Another title"
    assert list(law.instruments) == list(SHIPPED.instruments)
    assert law.known(entry.moment - timedelta(microseconds=1)).instrument("customs-policy-1992").title["en"] != (
        "Another title"
    )
    retract(entry.sequence, reason="the old title was right", author="A. Officer", journal=mine)
    law = register.load("cis", journal=mine)
    assert law.instrument("customs-policy-1992") == SHIPPED.instrument("customs-policy-1992")
    assert law.known(entry.moment).instrument("customs-policy-1992").title["en"] == "Another title"


def test_a_correction_of_an_act_of_its_own_record(mine):
    own = {"state": "KAZ", "act": "ratification", "date": "2027-02-01", **FACT}
    first = wrote(mine, {"acts": [own]})
    new = Act("KAZ", "ratification", "union-2027", date="2027-05-05", confidence="high")
    key = "union-2027/KAZ/ratification/1"
    entry = record(new, sources=["note"], author="A. Officer", journal=mine, supersedes=key)
    law = register.load("cis", journal=mine)
    assert code(law, on="2027-03-01") == "SIGNED"
    assert code(law, on="2027-03-01", known_at=first.moment) == "CONSENTED"
    assert [act.key for act in law.known(entry.moment).instrument("union-2027").acts] == [f"journal/{entry.sequence}"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"slug": 5}, "no slug"),
        ({"record": "text"}, "no record"),
        ({"slug": "fta-2011"}, "already"),
        ({"record": {"kind": "treaty"}}, "missing"),
        ({"sources": [{"title": "x"}]}, "KeyError"),
    ],
)
def test_entries_that_cannot_be_read_are_named(mine, change, why):
    made = draft_instrument("union-2027", treaty(), SHIPPED, sources=[SOURCE])
    with open_journal(mine) as journal:
        journal.append([Draft("register", "instrument", made.payload | change)], author="A. Officer")
    with pytest.raises(DostastyqError, match=why) as caught:
        register.load("cis", journal=mine)
    assert caught.value.code == "RG040"
    retract(1, reason="it cannot be read", author="A. Officer", journal=mine)
    assert register.load("cis", journal=mine).instruments == SHIPPED.instruments
    assert wrote(mine).sequence == 3


def test_instruments_of_another_commonwealth_are_left_to_it(mine):
    made = draft_instrument("union-2027", treaty(), SHIPPED, sources=[SOURCE])
    with open_journal(mine) as journal:
        journal.append([Draft("register", "instrument", made.payload | {"commonwealth": "other"})], author="A. Officer")
    assert register.load("cis", journal=mine) == SHIPPED


def test_the_law_without_it_forgets_its_versions(mine):
    first = wrote(mine)
    wrote(mine, supersedes=first.sequence)
    law = register.load("cis", journal=mine).without("union-2027")
    assert "union-2027" not in law.known(first.moment).instruments


def test_an_act_that_cannot_be_read_is_cured_by_a_retraction(mine):
    first = wrote(mine)
    act = ratified(mine, "KAZ", "2027-02-01")
    with open_journal(mine) as journal:
        gone = {"supersedes": first.sequence, "note": "past the check"}
        journal.append([Draft("register", "retraction", gone)], author="A. Officer")
    with pytest.raises(DostastyqError, match="does not fit") as caught:
        register.load("cis", journal=mine)
    assert caught.value.code == "RG040"
    retract(act.sequence, reason="nothing to ratify", author="A. Officer", journal=mine)
    assert code(register.load("cis", journal=mine), known_at=act.moment) == "CONSENTED"


@pytest.mark.parametrize("server", [False, True])
def test_of_two_writers_at_once_one_is_refused(mine, request, server):
    place = request.getfixturevalue("new_postgres")() if server else mine
    database = store.engine(place)
    store.upgrade(database)
    database.dispose()
    start = Barrier(2)

    def write(_):
        start.wait()
        try:
            return wrote(place).sequence
        except DostastyqError as error:
            return error.code

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(write, range(2))) == {1, "RG043"}
    assert code(register.load("cis", journal=place)) == "SIGNED"


def test_on_a_server(new_postgres):
    place = new_postgres()
    database = store.engine(place)
    store.upgrade(database)
    database.dispose()
    first = wrote(place)
    ratified(place, "KAZ", "2027-02-01")
    wrote(place, supersedes=first.sequence)
    assert code(register.load("cis", journal=place)) == "CONSENTED"


@pytest.mark.parametrize("named", [{"commonwealth": "other"}, {}])
def test_what_no_commonwealth_here_reads_can_be_taken_back(mine, named):
    made = draft_instrument("union-2027", treaty(), SHIPPED, sources=[SOURCE])
    payload = {name: value for name, value in made.payload.items() if name != "commonwealth"} | named
    with open_journal(mine) as journal:
        journal.append([Draft("register", "instrument", payload)], author="A. Officer")
    assert retract(1, reason="nobody here reads it", author="A. Officer", journal=mine).sequence == 2


def test_a_kind_from_the_future_is_refused(mine):
    wrote(mine)
    with open_journal(mine) as journal:
        journal.append([Draft("register", "protocol", {"commonwealth": "cis"})], author="A. Officer")
    with pytest.raises(DostastyqError, match="newer dostastyq") as caught:
        register.load("cis", journal=mine)
    assert caught.value.code == "RG040"


def test_a_replacement_taken_back_takes_the_instrument_with_it(mine):
    first = wrote(mine)
    second = wrote(mine, supersedes=first.sequence)
    with pytest.raises(DostastyqError, match="superseded by 2") as caught:
        retract(first.sequence, reason="wrong", author="A. Officer", journal=mine)
    assert caught.value.code == "ST012"
    retract(second.sequence, reason="wrong", author="A. Officer", journal=mine)
    law = register.load("cis", journal=mine)
    assert "union-2027" not in law.instruments
    assert code(law, known_at=first.moment) == code(law, known_at=second.moment) == "SIGNED"


def test_frames_count_its_days(mine):
    wrote(mine)
    for state, day in (("KAZ", "2027-02-01"), ("UZB", "2027-03-01")):
        ratified(mine, state, day)
    law = register.load("cis", journal=mine)
    panel = law.panel([2026, 2027], by="instrument")
    rows = {(row["exporter"], row["importer"], row["year"]): row["union-2027"] for row in panel.to_dicts()}
    assert rows["KAZ", "UZB", 2027] == (date(2028, 1, 1) - date(2027, 3, 31)).days / 365
    assert {rows[pair] for pair in rows if pair[2] == 2026 or pair[:2] not in {("KAZ", "UZB"), ("UZB", "KAZ")}} == {0}
    assert panel.drop("union-2027").equals(SHIPPED.panel([2026, 2027], by="instrument"))


ASKED = [
    (("status", "union-2027", "--state", "KAZ", "--on", "2027-06-01", "--json"), "2027-03-31"),
    (("matrix", "--on", "2027-06-01", "--json"), "union-2027"),
    (("pairs", "KAZ", "UZB", "--on", "2027-06-01", "--json"), "union-2027"),
    (("timeline", "KAZ", "--from", "2027-01-01"), "union-2027"),
    (("forecast", "union-2027", "--on", "2027-02-15"), "1 more"),
    (("gaps", "--json"), "union-2027"),
    (("export", "--format", "ical", "--instrument", "union-2027"), "VEVENT"),
]


@pytest.mark.parametrize(("question", "answer"), ASKED)
def test_commands_know_it(monkeypatch, tmp_path, capsys, question, answer):
    monkeypatch.setenv("DOSTASTYQ_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["dostastyq", *question])
    wrote(None)
    for state, day in (("KAZ", "2027-02-01"), ("UZB", "2027-03-01")):
        ratified(None, state, day)
    with pytest.raises(SystemExit) as end:
        main()
    shown = capsys.readouterr()
    assert (end.value.code or 0, shown.err) == (0, "")
    assert answer in " ".join(shown.out.split())


def test_what_a_recorded_treaty_takes_the_place_of(tmp_path):
    """Between its own parties only, from its entry into force, and not before it was recorded."""
    place = tmp_path / "mine.sqlite"
    shipped = register.load("cis")
    states = ("KAZ", "KGZ", "BLR")
    assert all(shipped.applies("fta-2011", "KAZ", other, on="2026-08-01") for other in states[1:])
    made = record_instrument(
        "roads-2026",
        {
            "kind": "treaty",
            "domain": ["trade"],
            "title": {"en": "Treaty", "ru": "Договор"},
            "preference": "none",
            "signed": {"date": "2026-06-01", "place": "Astana", "by": ["KAZ", "KGZ"], "src": ["own"], "conf": "high"},
            "eif": {"upon": "signature"},
            "relations": [{"type": "supersedes_between_parties", "target": "fta-2011", "src": ["own"], "conf": "high"}],
            "complete": {"date": "2026-12-31", "src": ["own"], "conf": "high"},
            "acts": [],
        },
        author="A. Clerk",
        journal=place,
    )
    law = register.load("cis", journal=place)
    assert [law.applies("fta-2011", "KAZ", other, on="2026-08-01") for other in states[1:]] == [False, True]
    assert law.applies("fta-2011", "KAZ", "KGZ", on="2026-05-31") is True
    before = made.moment - timedelta(microseconds=1)
    assert law.known(before).instruments["fta-2011"].replaced is None
    assert law.known(made.moment).instruments["fta-2011"].replaced.by == "roads-2026"
    assert law.without("roads-2026", revive=True).applies("fta-2011", "KAZ", "KGZ", on="2026-08-01") is True
