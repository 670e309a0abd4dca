"""A council under kills and crowds: no vote or signature lost or counted twice, chains and steps verify."""

import importlib.util
import os
import random
import threading
from pathlib import Path

import pytest

from dostastyq.council import Council
from dostastyq.council.replay import verify
from dostastyq.errors import DostastyqError
from dostastyq.store import engine, open_journal, upgrade

FULL = bool(os.environ.get("DOSTASTYQ_FULL"))
KILLS = 200 if FULL else 12
LONGEST = 0.1
"""Seconds that a worker lives after its first answer."""
DRAFTS = 20 if FULL else 4
"""Drafts on which the crowd votes."""


@pytest.fixture(scope="module")
def writer():
    """The module of ``council_writer.py``."""
    spec = importlib.util.spec_from_file_location("council_writer", Path(__file__).with_name("council_writer.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path, writer):
    """A council whose session is open."""
    place = str(tmp_path / "council.sqlite")
    if request.param == "postgresql":
        place = request.getfixturevalue("new_postgres")()
    database = engine(place)
    upgrade(database)
    database.dispose()
    writer.found_council(place)
    return place


def kept(journal, writer):
    """Whatever happened: chains and steps verify; every vote and signature that is recorded, each once."""
    assert journal.verify().require().ok
    assert not verify(journal)
    council = Council(journal)
    law, votes, signatures = council.law(), {}, set()
    entries = [(entry.kind, entry.content) for entry in journal.read("council")]
    for kind, found in entries:
        if kind == "vote":
            assert (found["draft"], found["state"]) not in votes, "a vote counted twice"
            votes[found["draft"], found["state"]] = found["vote"]
    for slug, draft in council.chamber().drafts.items():
        cast = draft.poll.votes if draft.poll else draft.decision.votes if draft.decision else ()
        assert {vote.state: vote.vote for vote in cast} == {at[1]: vote for at, vote in votes.items() if at[0] == slug}
        if draft.decision:
            against = any(writer.word(slug, state) == "against" for state in writer.STATES)
            assert draft.decision.adopted is not against
        signed = [each.state for each in draft.round.signatures] if draft.round else []
        assert len(signed) == len(set(signed)), "a state signed twice"
        assert list(law.instrument(slug).signed.by if signed else ()) == signed
        statements = [act.state for act in law.instrument(slug).acts] if signed else []
        assert sorted(statements) == sorted(signed), "each with its one statement"
        signatures |= {(slug, state) for state in signed}
    return votes, signatures


def test_kills_in_a_vote_and_in_a_signature_round(place, writer, prepare):
    chance, told = random.Random(1997), []
    with prepare("council_writer.py", place) as prepared:
        for number in range(KILLS):
            said = prepared.kill_one(f"w{number}", chance.uniform(0, LONGEST), awaits="ack ")
            told += [line.split()[1:] for line in said if line.startswith("ack ")]
    with open_journal(place, create=False) as journal:
        votes, signatures = kept(journal, writer)
        assert {(slug, state) for what, slug, state, *_ in told if what == "vote"} <= set(votes)
        assert all(votes[slug, state] == vote[0] for what, slug, state, *vote in told if what == "vote")
        acknowledged = {(slug, state) for what, slug, state in (line for line in told if line[0] == "sign")}
        assert acknowledged <= signatures
        council = Council(journal)
        last = len(council.chamber().drafts) - 1
        for number in (last, (last // writer.VOTES) * writer.VOTES):
            writer.take(
                council, writer.slug_of(number), list(writer.STATES), lambda line: told.append(line.split()[1:])
            )
        votes, signatures = kept(journal, writer)
        told_signatures = {(line[1], line[2]) for line in told if line[0] == "sign"}
        assert told_signatures == signatures, "what was not acknowledged was asked for again, and is there once"
        closed = [slug for slug, draft in council.chamber().drafts.items() if draft.decision]
        assert (
            {(line[1], line[2]) for line in told if line[0] == "vote"}
            >= {(slug, state) for slug in closed for state in writer.STATES}
            == {at for at in votes if at[0] in closed}
        )
    print(f"{KILLS} kills, {len(votes)} votes and {len(signatures)} signatures kept, 0 lost, 0 doubled")


def test_delegations_vote_at_once(place, writer):
    """Eight delegations, and a second person of each with another mind: one vote a state, whoever came first."""
    slugs = [f"crowd-{number}v" for number in range(DRAFTS)]
    with open_journal(place) as journal:
        council = Council(journal)
        for state in writer.STATES:
            council.people.admit(f"Deputy of {state}", state, "delegate", by=writer.SECRETARY, on=writer.DAY)
        for slug in slugs:
            writer.prepare(council, slug)
    barrier, answers, refused, failed = threading.Barrier(2 * len(writer.STATES)), [], [], []

    def vote(person, state, word):
        try:
            with open_journal(place) as journal:
                council = Council(journal)
                barrier.wait(60)
                for slug in [*slugs, *slugs]:
                    try:
                        found = council.decisions.vote(slug, word, by=person, on=writer.DAY)
                        answers.append((slug, state, found.person.name, found.vote))
                    except DostastyqError as error:
                        refused.append((slug, state, person, error.code))
        except Exception as error:  # noqa: BLE001 -- a thread's failure is the test's
            failed.append(error)

    threads = [
        threading.Thread(target=vote, args=each)
        for state in writer.STATES
        for each in ((writer.head(state), state, "for"), (f"Deputy of {state}", state, "abstain"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert {code for *_, code in refused} == {"CN255"}, "whoever came second is told so"
    with open_journal(place) as journal:
        council = Council(journal)
        for slug in slugs:
            poll = council.chamber().draft(slug).poll
            assert sorted(vote.state for vote in poll.votes) == sorted(writer.STATES)
            cast = {(slug, vote.state, vote.person.name, vote.vote) for vote in poll.votes}
            assert cast == {answer for answer in answers if answer[0] == slug}
            assert council.decisions.close(slug, by=writer.SECRETARY, on=writer.DAY).adopted is any(
                vote.vote == "for" for vote in poll.votes
            )
        assert not verify(journal)
        assert journal.verify().require().ok
    assert len(answers) == len(refused) == 2 * len(slugs) * len(writer.STATES)
