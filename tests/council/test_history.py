"""The founding played again: every session under its Rules, and the register it ends in is the shipped one."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from dostastyq import register
from dostastyq.cli.history_session import history as command
from dostastyq.council import Council
from dostastyq.council.chamber import Chamber
from dostastyq.council.composer import Amendment, compose
from dostastyq.council.fold import fold
from dostastyq.council.history import SECRETARY, before, head_of, replay
from dostastyq.council.history_compare import compare
from dostastyq.council.history_read import FILE, history, read_history
from dostastyq.council.procedure import procedure_named
from dostastyq.council.replay import verify
from dostastyq.dates import Day
from dostastyq.errors import DostastyqError
from dostastyq.register.loader import COMMONWEALTHS
from dostastyq.store import engine, open_journal, upgrade

PAST = history("cis")
TEXT = (COMMONWEALTHS / "cis" / "council" / FILE).read_text("utf-8")
SHIPPED = register.load("cis")
FEW = [1994]
NAMED = {
    "1991-12-08": {"cis-agreement-1991"},
    "1991-12-13": {"ashgabat-meeting-1991"},
    "1991-12-21": {"cis-protocol-1991", "alma-ata-declaration-1991"},
    "1993-01-22": {"cis-charter-1993", "interstate-bank-1993"},
    "1993-05-14": {"kkk-decision-1993"},
    "1993-09-24": {"economic-union-1993"},
    "1993-12-24": {"chairmanship-1993"},
    "1994-04-15": {"fta-1994", "economic-union-ukraine-1994"},
    "1994-10-21": {"mek-1994", "payments-union-1994"},
    "1995-01-20": {"cu-1995"},
    "1995-05-26": {"currency-committee-1995"},
    "1996-03-29": {"treaty-of-four-1996", "cu-kgz-1996"},
    "1996-05-17": {"rules-1996"},
}
"""Sessions that the essay names, or that its instruments come from."""


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    with open_journal(tmp_path_factory.mktemp("past") / "past.sqlite") as opened:
        yield opened


@pytest.fixture(scope="module")
def council(journal):
    return replay(journal)


@pytest.fixture
def fresh(tmp_path):
    with open_journal(tmp_path / "fresh.sqlite") as opened:
        yield opened


def alone(past, slug):
    """A history of the one session that adopted an instrument."""
    held = tuple(meeting for meeting in past.meetings if slug in {item.slug for item in meeting.items})
    assert len(held) == 1
    return replace(past, meetings=held)


def told(tmp_path, old, new):
    """The history with one thing in its file changed."""
    assert TEXT.count(old) == 1, (TEXT.count(old), old)
    path = tmp_path / FILE
    path.write_text(TEXT.replace(old, new), "utf-8")
    return read_history(path)


def unexplained(law, past, **asked):
    return [item for item in compare(law, SHIPPED, past.slugs, allowed=past.allowed, **asked) if not item.why]


def test_it_ends_in_the_shipped_register(council):
    found = compare(council.law(), SHIPPED, PAST.slugs, allowed=PAST.allowed)
    assert [str(item) for item in found if not item.why] == []
    unmet = [a for a in PAST.allowed if not any(a.covers(d.slug, d.field, d.replayed, d.shipped) for d in found)]
    assert not unmet, "a listed difference that there is not"
    assert not any(item.field.startswith("status.") for item in found), "no status differs, with or without a reason"


def test_every_session_that_is_named_was_held(council):
    sessions = council.chamber().sessions.values()
    held = {}
    for session in sessions:
        held.setdefault(str(session.day), set()).update(item.draft for item in session.items)
    assert all(slugs <= held[day] for day, slugs in NAMED.items())
    assert {session.state for session in sessions} == {"closed"}
    assert {item.outcome for session in sessions for item in session.items} == {"adopted"}


def test_each_session_is_held_under_its_rules(council):
    for session in council.chamber().sessions.values():
        edition = procedure_named("cis", session.edition)
        organs_met_alone = session.organ == "conference"
        if session.edition == "conference":
            assert organs_met_alone or session.day <= date(1992, 5, 15)
        else:
            assert edition.start < session.day <= (edition.end or session.day)
            assert session.organ in edition.organs
    taken = [move for draft in council.chamber().drafts.values() for move in draft.moves]
    assert {move.edition for move in taken} == {"conference", "rules-1992"}


def test_no_step_was_taken_past_the_map(council):
    for draft in council.chamber().drafts.values():
        stage = None
        for move in draft.moves:
            step = procedure_named("cis", move.edition).steps[move.step]
            assert stage in step.froms if stage else move.step == "propose"
            assert move.stage == (step.to or stage)
            stage = move.stage
    charter = council.chamber().draft("cis-charter-1993")
    assert [move.step for move in charter.moves[:6]] == ["propose", "register", "circulate", "agree", "place", "report"]


def test_nobody_claims_ballots_that_were_not_seen(council):
    for draft in council.chamber().drafts.values():
        assert draft.decision.adopted
        assert draft.decision.reported
        assert draft.decision.votes == ()
        assert draft.opinions == ()


def test_what_was_signed_with_a_statement(council):
    signatures = council.chamber().draft("rules-provisional-1992").round.signatures
    assert {each.state for each in signatures if each.statement} == {"MDA", "UKR"}
    declined = council.chamber().draft("cis-charter-1993").round
    assert [each.state for each in declined.signatures if not each.signed] == ["MDA", "TKM", "UKR"]


def test_a_day_that_is_not_certain_stays_so(council):
    acts = council.law().instrument("cis-agreement-1991").acts
    uzbek = next(act for act in acts if act.state == "UZB")
    assert str(uzbek.date) == "[1992-01-04,1992-04-01]"
    assert uzbek.confidence == "low"
    assert council.law().status("cis-agreement-1991", "UZB", on="1992-02-01").code == "CONFLICT"
    assert council.law().instrument("chairmanship-1993").signed.day.uncertain


def test_the_register_before_knows_none_of_it_and_keeps_the_rest():
    law = before(SHIPPED, PAST.slugs)
    assert not set(law.instruments) & set(PAST.slugs)
    assert set(law.instruments) | set(PAST.slugs) == set(SHIPPED.instruments)
    assert law.instrument("fta-2011").targets("supersedes_between_parties") == SHIPPED.instrument("fta-2011").targets(
        "supersedes_between_parties"
    )


def test_the_journal_verifies_and_gives_the_same_again(journal, council):
    assert journal.verify().ok
    entries = journal.read("council")
    again = fold(fold(Chamber(), entries[:200], "cis"), entries[200:], "cis")
    assert dict(again.drafts) == dict(council.chamber().drafts)
    assert dict(again.sessions) == dict(council.chamber().sessions)
    assert again.rehearsal


@pytest.mark.usefixtures("council")
def test_a_replay_that_stops_is_the_beginning_of_the_whole(journal, fresh):
    half = replay(fresh, until="1992-03-13")
    entries = fresh.read("council")
    first = fold(Chamber(), journal.read("council")[: len(entries)], "cis")
    assert dict(half.chamber().drafts) == dict(first.drafts)
    assert [session.state for session in half.chamber().sessions.values()] == ["closed"] * 5
    assert "cis-charter-1993" not in half.law().instruments
    assert half.law().status("cis-agreement-1991", "UKR", on="1992-03-13").code == "IN_FORCE"


def test_on_a_server(new_postgres, council):
    place = new_postgres()
    database = engine(place)
    upgrade(database)
    database.dispose()
    with open_journal(place) as server:
        there = replay(server, until=None if settings.default.max_examples > 100 else "1991-12-31")
        held = council.chamber()
        last = there.chamber().last_day
        for slug, draft in there.chamber().drafts.items():
            moves = [(move.step, move.day, move.stage) for move in held.draft(slug).moves if move.day <= last]
            assert [(move.step, move.day, move.stage) for move in draft.moves] == moves
        assert server.verify().ok


CHANGES = {
    "day of an act": (
        'state: RUS, act: ratification, date: "1991-12-12"',
        'state: RUS, act: ratification, date: "1991-12-13"',
        "cis-agreement-1991",
        "acts.RUS.ratification.1.date",
    ),
    "doubt of a day": (
        '"[1992-01-04,1992-04-01]"',
        '"1992-04-01"',
        "cis-agreement-1991",
        "acts.UZB.ratification.1.date",
    ),
    "an act": (
        '          - {state: GEO, act: accession, date: "1993-12-03", src: [own, civil_2009], conf: medium}\n',
        "",
        "cis-agreement-1991",
        "acts.GEO.accession.1.date",
    ),
    "way of an act": (
        'state: ARM, act: ratification, date: "1992-02-18", through: cis-protocol-1991, ',
        'state: ARM, act: ratification, date: "1992-02-18", ',
        "cis-agreement-1991",
        "acts.ARM.ratification.1.through",
    ),
    "source of an act": (
        'date: "1991-12-26", through: cis-protocol-1991, src: [wiki_members]',
        'date: "1991-12-26", through: cis-protocol-1991, src: [own]',
        "cis-agreement-1991",
        "acts.TKM.ratification.1.sources",
    ),
    "effect of an act": ('effective: "1997"', 'effective: "1996-03-29"', "cu-1995", "acts.KGZ.accession.1.effective"),
    "provisions": (
        "[Art. 2 para. 8, Art. 13, Art. 24]",
        "[Art. 13]",
        "treaty-of-four-1996",
        "acts.BLR.reservation.1.provisions",
    ),
    "a signatory": (
        "by: [KAZ, KGZ, TJK, TKM, UZB], src",
        "by: [KAZ, KGZ, TJK, UZB], src",
        "ashgabat-meeting-1991",
        "signed.by",
    ),
    "who did not sign": ("not_by: [AZE, UKR]", "not_by: [UKR]", "customs-policy-1992", "signed.not_by"),
    "day of the session": ('day: "1991-12-13"', 'day: "1991-12-14"', "ashgabat-meeting-1991", "signed.day"),
    "place": ("place: Tashkent", "place: Minsk", "rules-provisional-1992", "signed.place"),
    "a title": ("ru: Алма-Атинская декларация", "ru: Декларация", "alma-ata-declaration-1991", "title.ru"),
    "a kind": ("kind: political_act", "kind: declaration", "ashgabat-meeting-1991", "kind"),
    "how many deposits": (
        '{pattern: third_deposit, values: {count: "3"',
        '{pattern: third_deposit, values: {count: "2"',
        "payments-union-1994",
        "clause.count",
    ),
    "a form": (
        "finals: [{pattern: all_deposits, values: {acts: [ratification, notification], delay: P0D}}]",
        "finals: [{pattern: on_signature}]",
        "cu-rus-blr-1995",
        "clause.rule",
    ),
    "a statement": (
        "provided rule 12 requires",
        "if rule 12 requires",
        "rules-provisional-1992",
        "acts.MDA.signature_statement.1.text",
    ),
    "a preference": ("preference: free_trade_area", "preference: customs_union", "fta-1994", "preference.kind"),
    "a relation": ("type: accession_to", "type: amends", "cu-kgz-1996", "relations.1.kind"),
    "entry into force": (
        'entered_into_force: {date: "1995-09-25"',
        'entered_into_force: {date: "1995-09-26"',
        "payments-union-1994",
        "entered.day",
    ),
    "a founding state": (
        "states: [ARM, BLR, KAZ, KGZ, RUS, TKM, UKR, UZB]",
        "states: [ARM, BLR, KAZ, KGZ, RUS, UZB]",
        "cis-charter-1993",
        "clause.parts.1.among",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_one_thing_changed_is_caught(what, tmp_path, fresh):
    old, new, slug, field = CHANGES[what]
    past = alone(told(tmp_path, old, new), slug)
    law = replay(fresh, past).law()
    found = unexplained(law, past, statuses=False)
    assert (slug, field) in {(item.slug, item.field) for item in found}
    assert {item.slug for item in found} == {slug}


def test_a_status_that_differs_is_caught(tmp_path, fresh):
    past = alone(told(tmp_path, 'state: KAZ, act: notification, date: "1995-10-30", effective: "1995-10-30"',
                      'state: KAZ, act: notification, date: "1995-11-02", effective: "1995-11-02"'),
                 "payments-union-1994")  # fmt: skip
    found = unexplained(replay(fresh, past).law(), past, quarters=FEW)
    statuses = {item.field: (item.replayed, item.shipped) for item in found if item.field.startswith("status.KAZ.")}
    assert statuses["status.KAZ.1995-10-30"] == ("SIGNED", "IN_FORCE")
    assert "status.BLR.1995-10-30" not in {item.field for item in found}


DATED = [
    (item.slug, number)
    for meeting in PAST.meetings
    if len(meeting.items) == 1
    for item in meeting.items
    for number, later in enumerate(item.then)
    if later.act and Day.parse(later.given["day"] or "../..").exact
]


@settings(max_examples=60 if settings.default.max_examples > 100 else 6)
@given(chosen=st.sampled_from(DATED), days=st.integers(1, 400))
def test_any_act_on_another_day_is_caught(tmp_path_factory, chosen, days):
    slug, number = chosen
    past = alone(PAST, slug)
    (meeting,) = past.meetings
    (item,) = meeting.items
    later = item.then[number]
    day = later.day + timedelta(days=days)
    moved = replace(later, day=day, given={**later.given, "day": day.isoformat()})
    others = tuple(other for place, other in enumerate(item.then) if place != number)
    changed = replace(item, then=(*others, moved))
    past = replace(past, meetings=(replace(meeting, items=(changed,)),))
    with open_journal(tmp_path_factory.mktemp("moved") / "moved.sqlite") as opened:
        found = unexplained(replay(opened, past).law(), past, statuses=False)
    assert f"acts.{later.state}.{later.act}" in {".".join(item.field.split(".")[:3]) for item in found}


KKK = "enacted: {meant_for: [ARM, BLR, KAZ, KGZ, RUS, TJK, UZB], src: [bp_kkk], conf: high}"
NOTED = 'state: BLR, act: notification, date: "1993-03-05"'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: political_act", "sort: political_act", "unknown key 'sort'"),
        ("src: [bp_kkk]", "src: [nobody]", "nobody"),
        ("day: \"1991-12-13\"", "day: \"1990-12-13\"", "order of days"),
        (KKK, "", "signed or enacted"),
        ("organ: chg", "organ: parliament", "parliament"),
        (NOTED, 'state: BLR, act: notification, date: "1991-03-05"', "before"),
        (NOTED, 'state: BLR, act: welcome, date: "1993-03-05"', "welcome"),
        (f"{NOTED}, ", "state: BLR, act: notification, ", "'date' or 'day'"),
        ("kind: political_act", "kind: song", "song"),
        ("UKR: {text: decisions", "USA: {text: decisions", "USA"),
        ("field: more.languages", "fields: more.languages", "fields"),
    ],
)  # fmt: skip
def test_a_history_that_cannot_be_read_is_refused(tmp_path, old, new, said):
    with pytest.raises(DostastyqError, match=said) as caught:
        told(tmp_path, old, new)
    assert caught.value.code == "CN291"
    assert said in str(caught.value)


def test_a_history_of_nobody():
    with pytest.raises(DostastyqError) as caught:
        history("nowhere")
    assert caught.value.code == "CN290"


@pytest.mark.usefixtures("council")
def test_a_replay_has_its_own_journal(journal):
    before_it = journal.head("council")
    with pytest.raises(DostastyqError) as caught:
        replay(journal)
    assert caught.value.code == "CN292"
    assert journal.head("council") == before_it


def test_the_gates_are_on(tmp_path, fresh):
    past = alone(told(tmp_path, "agreed: P9D", "agreed: P11D"), "kkk-decision-1993")
    with pytest.raises(DostastyqError) as caught:
        replay(fresh, past)
    assert caught.value.code == "CN225", "opinions are still to come in"


def test_without_a_depositary_no_round_is_opened(tmp_path, fresh):
    (tmp_path / FILE).write_text(TEXT.replace("depositary: exec-secretariat", "depositary: ''"), "utf-8")
    with pytest.raises(DostastyqError) as caught:
        replay(fresh, alone(read_history(tmp_path / FILE), "currency-committee-1995"))
    assert "no depositary is named" in caught.value.message


class TestInformation:
    """What a depositary states is recorded; it changes nothing that a session made."""

    @pytest.fixture
    def small(self, fresh):
        return replay(fresh, alone(PAST, "cu-rus-blr-1995"), until="1995-01-06")

    def test_what_is_stated_is_known_from_then_on(self, small):
        assert small.law().instrument("cu-rus-blr-1995").entered is None
        stated = {"entered_into_force": {"date": "1995-11-30", "src": ["evrazes_148"], "conf": "high"}}
        small.signatures.inform("cu-rus-blr-1995", stated, by=SECRETARY, on="1995-12-01")
        assert small.law().status("cu-rus-blr-1995", "BLR", on="1995-12-01").code == "IN_FORCE"
        entries = small.journal.head("register").sequence
        small.signatures.inform("cu-rus-blr-1995", stated, by=SECRETARY, on="1995-12-01")
        assert small.journal.head("register").sequence == entries

    @pytest.mark.parametrize(
        "facts",
        [
            {"kind": "treaty"},
            {"title": {"en": "Another"}},
            {"eif": {"upon": "signature"}},
            {"acts": []},
            {"signed": {"by": ["KAZ"]}},
            {"signed": {"date": "1995-01-07"}},
            {"preference": {"kind": "free_trade_area"}},
            {"withdrawal": {"notice": "P1M"}},
        ],
    )
    def test_what_a_session_made_stands(self, small, facts):
        kept = small.journal.head("register")
        with pytest.raises(DostastyqError) as caught:
            small.signatures.inform("cu-rus-blr-1995", facts, by=SECRETARY, on="1995-02-01")
        assert caught.value.code == "CN265"
        assert small.journal.head("register") == kept

    def test_a_fact_needs_a_source(self, small):
        stated = {"entered_into_force": {"date": "1995-11-30"}}
        with pytest.raises(DostastyqError) as caught:
            small.signatures.inform("cu-rus-blr-1995", stated, by=SECRETARY, on="1995-12-01")
        assert caught.value.code == "RG027"

    def test_a_state_informs_of_nothing(self, small):
        with pytest.raises(DostastyqError) as caught:
            small.signatures.inform("cu-rus-blr-1995", {}, by=head_of("BLR"), on="1995-12-01")
        assert caught.value.code == "CN210"

    def test_not_before_it_is_in_the_register(self, fresh):
        small = replay(fresh, alone(PAST, "kkk-decision-1993"), until="1993-05-01")
        with pytest.raises(DostastyqError) as caught:
            small.signatures.inform("kkk-decision-1993", {"creates": ["kkk"]}, by=SECRETARY, on="1993-05-02")
        assert caught.value.code == "CN266"


class TestLive:
    """What only the past may do."""

    @pytest.fixture
    def adopted(self, fresh):
        """A vote held here, on a text whose clause nobody saw."""
        council = Council(fresh)
        council.people.admit("S", "secretariat", "secretary", by="S", rehearsal=True, on="2026-05-01")
        for state in ("KAZ", "KGZ"):
            council.people.admit(head_of(state), state, "head_of_state", by="S", on="2026-05-01")
        draft = compose(
            {
                "slug": "live",
                "agreement": "decision",
                "kind": "agreement",
                "parties": ["KAZ", "KGZ"],
                "title": {"ru": "Соглашение"},
                "reasons": "why",
                "subjects": [{"title": {"ru": "Предмет"}, "paragraphs": [{"ru": "Текст."}]}],
                "finals": [{"pattern": "clause_not_seen"}],
            }
        )
        day = "2026-05-02"
        council.drafts.propose(draft, organ="conference", by="S", rules="conference", on=day)
        council.sessions.convene("conference", day, place="Astana", by="S", rules="conference", on=day)
        council.sessions.place("live", f"conference/{day}", by="S", on=day)
        council.sessions.open(f"conference/{day}", by="S", present=["KAZ", "KGZ"], on=day)
        council.decisions.open("live", by="S", on=day)
        for state in ("KAZ", "KGZ"):
            council.decisions.vote("live", "for", by=head_of(state), on=day)
        assert council.decisions.close("live", by="S", on=day).adopted
        return council

    def test_a_text_of_today_says_how_it_enters_into_force(self, adopted):
        with pytest.raises(DostastyqError) as caught:
            adopted.signatures.open("live", by="S", on="2026-05-02")
        assert caught.value.code == "CN238"
        assert "clause_not_seen" in caught.value.message

    def test_a_round_that_nobody_signed_is_closed_only_with_a_source(self, fresh):
        past = alone(PAST, "mek-1994")
        council = replay(fresh, past, until="1994-10-20")
        day, code = "1994-10-21", "chs/1994-10-21"
        council.sessions.open(code, by=SECRETARY, on=day)
        council.decisions.report("mek-1994", "a court", by=SECRETARY, on=day)
        council.signatures.open("mek-1994", by=SECRETARY, on=day)
        with pytest.raises(DostastyqError) as caught:
            council.signatures.close("mek-1994", by=SECRETARY, on=day)
        assert caught.value.code == "CN242"
        council.signatures.close("mek-1994", by=SECRETARY, source="a court", on=day)
        assert council.law().instrument("mek-1994").signed.by == ()


def run(*arguments):
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, arguments)


def test_the_command_says_what_was_held():
    for language, said in (("en", "signed by Belarus, Russia"), ("ru", "подписали"), ("kk", "қол қойғандар")):
        done = run("--until", "1991-12-13", "--lang", language)
        assert done.exit_code == 0, done.output
        assert "cis-agreement-1991" in done.stdout
        assert said in done.stdout
        assert "cis-protocol-1991" not in done.stdout


def test_the_command_as_json_and_into_a_journal(tmp_path):
    done = run("--until", "1991-12-13", "--json", "--into", str(tmp_path / "past.sqlite"), "--as", head_of("KAZ"))
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert [session["code"] for session in found["sessions"]] == ["conference/1991-12-08", "conference/1991-12-13"]
    assert found["signatories"]["cis-agreement-1991"] == ["BLR", "RUS", "UKR"]
    law = register.load("cis")
    with open_journal(tmp_path / "past.sqlite") as opened:
        kept = Council(opened, base=before(law, PAST.slugs)).law()
    assert kept.status("ashgabat-meeting-1991", "KAZ", on="1991-12-16").code == "IN_FORCE"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("--until", "1991-12-13", "--check"), "CN293"), (("--until", "1991-12-13", "--as", "X"), "CN211")],
)
def test_what_the_command_refuses(arguments, code):
    done = run(*arguments)
    assert isinstance(done.exception, DostastyqError)
    assert done.exception.code == code


def test_amendments_do_not_reach_what_was_recorded(council):
    """A text of the past is not amended after its session."""
    with pytest.raises(DostastyqError) as caught:
        council.drafts.amend(
            "fta-1994", Amendment(paragraph="1.1", kind="replace", text={"ru": "Иначе."}), by=SECRETARY, on="2030-01-01"
        )
    assert caught.value.code == "CN206"


def test_a_second_reading_finds_nothing_that_cannot_have_been(fresh):
    replay(fresh, until="1993-05-14")
    assert verify(fresh, base=before(SHIPPED, PAST.slugs)) == ()


def table(name):
    """Rows of a table of the page, cell by cell."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "validation" / "founding.md").read_text("utf-8")
    found = page.split(f"<!-- figures: {name} -->")[1].split("<!-- end -->")[0]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in found.strip().split("\n")[2:]]


def test_the_page_lists_the_sessions_that_were_played():
    organs = SHIPPED.institutions.organs
    played = [
        [str(meeting.day), organs[meeting.organ].name["en"], meeting.place, meeting.rules, item.slug, *item.declined]
        for meeting in PAST.meetings
        for item in meeting.items
    ]
    shown = table("sessions")
    assert [row[:5] for row in shown] == [row[:5] for row in played]
    signed = [item.signed for meeting in PAST.meetings for item in meeting.items]
    said = {None: "decision of the body", (): "not seen"}
    for row, states, wanted in zip(shown, signed, played, strict=True):
        beside = f"; not {', '.join(wanted[5:])}" if wanted[5:] else ""
        assert row[5] == said.get(states, ", ".join(states or ())) + beside


def test_the_page_lists_the_differences_with_their_reasons():
    for row, allowed in zip(table("differences"), PAST.allowed, strict=True):
        assert row[0] == allowed.field
        assert row[1].replace("`", "") == (", ".join(allowed.of) or "all")
        assert row[4] == allowed.why
