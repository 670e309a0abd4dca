"""The second reading names whatever was forged: one lie at a time, in a chain that was forged to its end."""

import json
import os
import shutil
import sys
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq import voting
from dostastyq.cli import main
from dostastyq.council import Amendment, Council, compose, history
from dostastyq.council.ballots import thawed
from dostastyq.council.replay import verify
from dostastyq.council.replay.count import tally
from dostastyq.store import Draft, open_journal

FULL = bool(os.environ.get("DOSTASTYQ_FULL"))
SECRETARY, KAZ, RUS, MDA = "S. Secretary", "K. Head", "R. Delegate", "M. Minister"
SLUG, SESSION, DAY = "roads-1997", "chs/1997-03-28", "1997-03-28"


def text(words):
    return compose(
        {
            "slug": SLUG,
            "agreement": "transport",
            "parties": ["KAZ", "RUS"],
            "title": {"ru": "Соглашение", "en": "Agreement"},
            "reasons": "roads",
            "depositary": "exec-secretariat",
            "subjects": [{"title": {"ru": "Предмет"}, "paragraphs": [{"ru": words}]}],
            "finals": [{"pattern": "all_deposits"}],
        }
    )


def play(council):
    """Take a draft from its proposal to the end of its file."""
    people, drafts, sessions = council.people, council.drafts, council.sessions
    people.admit(SECRETARY, "secretariat", "secretary", by=SECRETARY, rehearsal=True, on="1997-01-06")
    for name, state, capacity in ((KAZ, "KAZ", "head_of_state"), (RUS, "RUS", "delegate"), (MDA, "MDA", "observer")):
        people.admit(name, state, capacity, by=SECRETARY)
    drafts.propose(text("Дороги."), organ="chs", by=KAZ)
    drafts.register(SLUG, by=SECRETARY)
    drafts.circulate(SLUG, by=SECRETARY, until="1997-02-01")
    drafts.opine(SLUG, "object", by=RUS, remarks={"1.1": "which?"})
    drafts.convene_experts(SLUG, by=SECRETARY, on="1997-02-02")
    drafts.amend(SLUG, Amendment(paragraph="1.1", kind="replace", text={"ru": "Мосты."}), by=RUS)
    drafts.revise(SLUG, by=SECRETARY, accept=[1])
    drafts.circulate(SLUG, by=SECRETARY, until="1997-02-20")
    drafts.opine(SLUG, "agree", by=RUS)
    drafts.agree(SLUG, by=SECRETARY, on="1997-02-21")
    sessions.convene("chs", DAY, place="Moscow", by=SECRETARY)
    sessions.place(SLUG, SESSION, by=SECRETARY)
    sessions.open(SESSION, by=SECRETARY, present=["KAZ", "RUS", "MDA"], on=DAY)
    council.decisions.open(SLUG, by=SECRETARY)
    council.decisions.vote(SLUG, "for", by=KAZ)
    council.decisions.vote(SLUG, "abstain", by=RUS)
    council.decisions.close(SLUG, by=SECRETARY)
    people.empower(RUS, basis="note 7", draft=SLUG, by=SECRETARY)
    council.signatures.open(SLUG, by=SECRETARY)
    council.signatures.sign(SLUG, by=KAZ, statement="gladly")
    council.signatures.sign(SLUG, by=RUS, reservations={"Art. 1": "not in winter"})
    council.signatures.close(SLUG, by=SECRETARY)
    council.signatures.certify(SLUG, by=SECRETARY)
    for state in ("KAZ", "RUS"):
        council.signatures.deposit(SLUG, state, "ratification", by=SECRETARY, on="1997-05-01")
    council.signatures.enter_into_force(SLUG, by=SECRETARY, on="1997-06-01")
    council.tasks.assign(SLUG, "build", to=["KAZ"], by=SECRETARY)
    council.tasks.progress(f"{SLUG}#1", 100, by=KAZ)
    sessions.close(SESSION, by=SECRETARY)
    council.signatures.finish(SLUG, by=SECRETARY)


@pytest.fixture(scope="module")
def entries(tmp_path_factory):
    """Every entry of a sound journal, in the order of recording."""
    with open_journal(tmp_path_factory.mktemp("replay") / "council.sqlite") as journal:
        play(Council(journal))
        assert not verify(journal)
        return sorted((*journal.read("council"), *journal.read("register")), key=lambda entry: entry.recorded_at)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """An empty journal, to be copied."""
    place = tmp_path_factory.mktemp("replay") / "empty.sqlite"
    open_journal(place).close()
    return place


@pytest.fixture
def forged(entries, empty, tmp_path):
    """Read a journal with the same entries but for one: what the second reading says of them."""

    def forge(number, change, stream="council"):
        with open_journal(shutil.copy(empty, tmp_path)) as journal:
            for entry in entries:
                content, author, kind = entry.content, entry.author, entry.kind
                times = 1
                if (entry.stream, entry.sequence) == (stream, number):
                    found = change(content)
                    times = found if isinstance(found, int) else 1
                    author, kind = content.get("by", {}).get("name", author), content.pop("kind!", kind)
                for _ in range(times):
                    journal.append([Draft(entry.stream, kind, content)], author=author)
            assert journal.verify().ok, "the chain is as it should be; only what it says is not"
            return verify(journal)

    return forge


def put(*path):
    """Change one value of a payload."""
    *keys, last, value = path

    def change(content):
        for key in keys:
            content = content[key]
        content[last] = value

    return change


def by(name, place, role):
    return put("by", {"name": name, "place": place, "role": role})


OFFICE = by(SECRETARY, "secretariat", "secretary")
TWICE = lambda _: 2  # noqa: E731
NEVER = lambda _: 0  # noqa: E731

# Which entry, what is forged, and a word of what is said of it.
FORGERIES = {
    "founder of another capacity": ("admit", 0, put("person", "role", "auditor"), "person"),
    "admitted by a head of state": ("admit", 2, by(KAZ, "KAZ", "head_of_state"), "by"),
    "capacity that does not fit": ("admit", 1, put("person", "role", "secretary"), "capacity"),
    "admitted for no time": ("admit", 1, put("until", "1997-01-06"), "until"),
    "proposed by a stranger": ("propose", 0, by("N. Obody", "KAZ", "delegate"), "by"),
    "proposed by an observer": ("propose", 0, by(MDA, "MDA", "observer"), "by"),
    "proposed in another capacity": ("propose", 0, by(KAZ, "KAZ", "delegate"), "by"),
    "proposed before admission": ("propose", 0, put("on", "1996-12-31"), "by"),
    "proposed without reasons": ("propose", 0, put("composition", "reasons", ""), "gate of propose"),
    "proposed to nobody": ("propose", 0, put("organ", "parliament"), "organ"),
    "proposed under another edition": ("propose", 0, put("edition", "rules-2002"), "edition"),
    "proposed straight to the agenda": ("propose", 0, put("stage", "on_agenda"), "stage"),
    "never registered": ("register", 0, NEVER, "step"),
    "registered by the state": ("register", 0, by(KAZ, "KAZ", "head_of_state"), "by"),
    "circulated until yesterday": ("circulate", 0, put("deadline", "1997-01-05"), "deadline"),
    "opinion after the deadline": ("opine", 1, put("on", "1997-02-21"), "gate of opine"),
    "opinion for another state": ("opine", 0, put("state", "KAZ"), "state"),
    "opinion of no kind": ("opine", 0, put("stance", "perhaps"), "stance"),
    "objection that was agreed with": ("opine", 1, put("stance", "object"), "gate of agree"),
    "amendment of somebody else": ("amend", 0, put("amendment", "proposer", "KAZ"), "proposer"),
    "amendment accepted twice": ("revise", 0, put("ruled", {"1": True, "2": True}), "ruled"),
    "revised by another state": ("revise", 0, by(RUS, "RUS", "delegate"), "by"),
    "not circulated again": ("circulate", 1, NEVER, "gate of agree"),
    "agreed while the deadline ran": ("agree", 0, put("on", "1997-02-20"), "gate of agree"),
    "never agreed": ("agree", 0, NEVER, "step"),
    "session of another body": ("convene", 0, put("organ", "chg"), "session"),
    "session under rules that are none": ("convene", 0, put("edition", "rules-1997"), "edition"),
    "session opened before its day": ("open_session", 0, put("on", "1997-03-27"), "day"),
    "session that was never opened": ("open_session", 0, NEVER, "gate of open_vote"),
    "session in which a voter was not": ("open_session", 0, put("present", ["KAZ"]), "gate of vote"),
    "placed in another session": ("place", 0, put("session", "chs/1997-03-29"), "session"),
    "placed before the day of agreement": ("place", 0, put("on", "1997-02-20"), "day"),
    "voters left out": ("open_vote", 0, put("rule", "voters", ["KAZ", "RUS"]), "rule"),
    "a vote against that no longer stops": ("open_vote", 0, put("rule", "blocking", []), "rule"),
    "vote of somebody without one": ("vote", 1, put("state", "EST"), "state"),
    "vote of an observer": ("vote", 1, by(MDA, "MDA", "observer"), "by"),
    "vote counted twice": ("vote", 0, TWICE, "vote"),
    "vote that was against": ("vote", 1, put("vote", "against"), "outcome"),
    "vote of no kind": ("vote", 1, put("vote", "maybe"), "vote"),
    "vote before it opened": ("vote", 0, put("on", "1997-03-27"), "day"),
    "vote that was lost": ("vote", 0, NEVER, "outcome"),
    "rejected though adopted": ("close_vote", 0, put("adopted", False), "outcome"),
    "bound though it abstained": ("close_vote", 0, put("bound", ["KAZ", "RUS"]), "outcome"),
    "share of more": ("close_vote", 0, put("share", "1"), "outcome"),
    "reasons of another vote": ("close_vote", 0, put("reasons", ["Nobody is for it."]), "reasons"),
    "full powers that expired": ("empower", 0, put("until", "1997-03-28"), "gate of sign"),
    "full powers for every draft": ("empower", 0, put("draft", ""), None),
    "no full powers": ("empower", 0, NEVER, "gate of sign"),
    "full powers without a document": ("empower", 0, put("basis", " "), "basis"),
    "signed twice": ("sign", 0, TWICE, "signature"),
    "signed another day": ("sign", 1, put("on", "1997-03-29"), "day"),
    "signed for another state": ("sign", 0, put("state", "RUS"), "state"),
    "declined though it signed": ("sign", 1, put("signed", False), "signatories"),
    "signature that the register does not have": ("sign", 0, put("instrument", 99), "instrument"),
    "statement that the register does not have": ("sign", 0, put("statement", "sadly"), "signature_statement"),
    "reservation that the register does not have": ("sign", 1, put("reservations", "Art. 1", "never"), "reservation"),
    "round closed by a state": ("close_signature", 0, by(KAZ, "KAZ", "head_of_state"), "by"),
    "copies of another text": ("certify", 0, put("copies", "ru", "0" * 64), "copies"),
    "deposit of another act": ("deposit", 0, put("act", "withdrawal"), "act in the register"),
    "deposit of another state": ("deposit", 1, put("state", "KAZ"), "act in the register"),
    "ratified without a signature": ("deposit", 1, put("state", "EST"), "state"),
    "in force too early": ("enter_into_force", 0, put("on", "1997-04-30"), "day"),
    "task out of turn": ("assign", 0, put("task", f"{SLUG}#2"), "task"),
    "task that is not done": ("progress", 0, put("progress", 99), "gate of close"),
    "task reported by somebody else": ("progress", 0, by(RUS, "RUS", "delegate"), "by"),
    "session closed twice": ("close_session", 0, TWICE, "session"),
    "a step that is none": ("certify", 0, put("kind!", "bless"), "kind"),
    "a step without its day": ("certify", 0, put("on", "soon"), "what it says"),
    "a draft that is none": ("certify", 0, put("draft", "roads-1998"), "draft"),
}


@pytest.mark.parametrize("lie", sorted(FORGERIES))
def test_forgeries_are_named(lie, entries, forged):
    kind, place, change, said = FORGERIES[lie]
    sequences = [entry.sequence for entry in entries if (entry.stream, entry.kind) == ("council", kind)]
    faults = forged(sequences[place], change)
    if said is None:
        assert not faults, "this one is no lie"
        return
    assert faults
    assert faults[0].sequence >= sequences[place]
    assert any(fault.what.startswith(said) for fault in faults), [str(fault) for fault in faults]
    assert all(fault.stream == "council" and str(fault) for fault in faults)


def test_an_author_who_is_not_who_acted(entries, tmp_path):
    with open_journal(tmp_path / "forged.sqlite") as journal:
        for entry in entries:
            journal.append([Draft(entry.stream, entry.kind, entry.content)], author="Somebody else")
        assert {fault.what for fault in verify(journal)} == {"author"}


def test_a_signatory_whom_only_the_register_has(entries, forged):
    (last,) = [entry.sequence for entry in entries if entry.kind == "instrument"][-1:]
    faults = forged(last, put("record", "signed", "by", ["KAZ"]), "register")
    assert any(fault.what == "signatories in the register" for fault in faults)


def test_live_days_are_those_of_the_journal(entries, tmp_path):
    """Without the word that it is a rehearsal, days of the past are only the secretariat's."""
    with open_journal(tmp_path / "live.sqlite") as journal:
        for entry in entries:
            content = entry.content
            content.pop("rehearsal", None)
            journal.append([Draft(entry.stream, entry.kind, content)], author=entry.author)
        faults = verify(journal)
    assert {fault.what for fault in faults} == {"on"}
    others = [entry for entry in entries if entry.stream == "council" and entry.author != SECRETARY]
    assert [fault.sequence for fault in faults] == [entry.sequence for entry in others]


def test_the_council_of_another_commonwealth_is_not_read(entries, tmp_path):
    with open_journal(tmp_path / "other.sqlite") as journal:
        for entry in entries:
            journal.append([Draft(entry.stream, entry.kind, entry.content)], author=entry.author)
        journal.append([Draft("council", "vote", {"commonwealth": "elsewhere"})], author="N. Obody")
        assert not verify(journal)


WORDS = ("for", "against", "abstain", "non_interest", "absent")


@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=5),
    st.lists(st.integers(1, 9), min_size=5, max_size=5),
    st.sampled_from([[], ["1/2"], ["2/3"], ["2/3", "3/4"]]),
    st.sets(st.sampled_from(WORDS[1:4])),
    st.sets(st.sampled_from(WORDS)),
    st.booleans(),
    st.sampled_from([None, "1/2", "1"]),
    st.sampled_from([(), ("A",)]),
)
def test_the_count_by_hand_is_that_of_the_engine(  # noqa: PLR0917 -- as hypothesis fills them
    words, weights, quota, blocking, counted, strict, quorum, vetoes
):
    voters = list("ABCDE"[: len(words)])
    given_weights = {voter: str(weight) for voter, weight in zip(voters, weights, strict=False)}
    rule = {
        "code": "any",
        "voters": voters,
        "majorities": [{"quota": quota, "weights": given_weights, "strict": strict, "total": None}] if quota else [],
        "blocking": sorted(blocking),
        "allowed": list(WORDS),
        "counted": sorted(counted | {"for"}),
        "bound": ["for", "abstain"],
        "vetoes": list(vetoes),
        "quorum": quorum,
        "excluded": [],
        "absence": "absent",
    }
    votes = dict(zip(voters, words, strict=True))
    found = voting.outcome(thawed(rule), [voting.Ballot(voter, word) for voter, word in votes.items()])
    adopted, bound, share = tally(json.loads(json.dumps(rule)), votes)
    assert (adopted, tuple(bound)) == (found.adopted, found.bound)
    assert share == ("" if found.share is None else str(found.share))


def test_the_count_of_79_and_of_82_per_cent():
    weights = {"RUS": "50", "UKR": "14", "BLR": "5", "KAZ": "5", "UZB": "5", "ARM": "3", "AZE": "18"}
    rule = {"voters": [*weights], "majorities": [{"quota": ["4/5"], "weights": weights, "strict": False}]}
    rule |= {"blocking": [], "counted": ["for", "against", "abstain", "absent"], "bound": ["for", "against"]}
    rule |= {"vetoes": [], "quorum": None, "absence": "absent"}
    for more, adopted in product(("", "ARM"), (False, True)):
        votes = dict.fromkeys(("RUS", "UKR", "BLR", "KAZ", "UZB"), "for") | ({more: "for"} if more else {})
        if bool(more) is adopted:
            share = Fraction(82 if more else 79, 100)
            assert tally(rule, votes) == (adopted, list(votes) if adopted else [], str(share))


def test_the_command_reads_the_steps_too(entries, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DOSTASTYQ_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["dostastyq", "db", "verify"])
    with open_journal() as journal:
        play(Council(journal))
        steps = journal.head("council").sequence
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    assert f"{steps} steps of the council, each could be taken as it was" in capsys.readouterr().out
    vote = next(entry for entry in entries if entry.kind == "vote")
    with open_journal() as journal:
        journal.append([Draft("council", "vote", vote.content)], author=vote.author)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert f"council {steps + 1}: step is vote, expected one that rules-1996 allows at closed" in said
    assert "restore the last good backup" in said


def test_history_could_have_been(tmp_path):
    """Also on a register from which the instruments were taken out."""
    with open_journal(tmp_path / "past.sqlite") as journal:
        council = history.replay(journal, until=None if FULL else "1992-01-31")
        assert journal.head("council").sequence > 50
        assert not verify(journal, base=council.base)
