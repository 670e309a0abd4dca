"""A prepared process whose workers take drafts through a council until they are killed.

    python council_writer.py PLACE

For each line of standard input, ``SEED``, it forks a worker that goes on where the last one was cut off: it takes draft
after draft to a vote and to a signature round, and asks again for whatever it does not know to be recorded. Standard
output tells ``pid N`` for its birth, ``ack vote SLUG STATE WORD`` and ``ack sign SLUG STATE`` for what returned, and
``dead`` for its end.
"""

import os
import random
import sys
from collections.abc import Callable
from datetime import date
from zlib import crc32

from dostastyq.council import Composition, Council, compose
from dostastyq.store import open_journal

STATES = ("ARM", "BLR", "KAZ", "KGZ", "MDA", "RUS", "TJK", "UZB")
SECRETARY, DAY = "S. Secretary", date(1992, 3, 20)
SESSION = f"chs/{DAY}"
VOTES = 3
"""Drafts that are voted on before one is signed."""


def head(state: str) -> str:
    """Name the head of a state."""
    return f"Head of {state}"


def word(slug: str, state: str) -> str:
    """Say how a state votes: the same whenever it is asked."""
    return "for" if slug.endswith("s") else ("for", "for", "abstain", "against")[crc32(f"{slug}{state}".encode()) % 4]


def text(slug: str) -> Composition:
    """Compose a short agreement."""
    return compose(
        {
            "slug": slug,
            "agreement": "transport",
            "parties": list(STATES[:4]),
            "title": {"ru": "Соглашение", "en": "Agreement"},
            "subjects": [{"title": {"ru": "Предмет"}, "paragraphs": [{"ru": "Стороны сотрудничают."}]}],
            "finals": [{"pattern": "on_signature"}],
        }
    )


def found_council(place: str) -> None:
    """Found a council of eight states whose session is open."""
    with open_journal(place) as journal:
        council = Council(journal)
        council.people.admit(SECRETARY, "secretariat", "secretary", by=SECRETARY, rehearsal=True, on=DAY)
        for state in STATES:
            council.people.admit(head(state), state, "head_of_state", by=SECRETARY, on=DAY)
        council.sessions.convene("chs", DAY, place="Kyiv", by=SECRETARY, on=DAY)
        council.sessions.open(SESSION, by=SECRETARY, present=STATES, on=DAY)


def prepare(council: Council, slug: str) -> None:
    """Bring a draft to its vote, from wherever it stands."""
    steps: dict[str, Callable[[], object]] = {
        "": lambda: council.drafts.propose(text(slug), organ="chs", by=SECRETARY, on=DAY),
        "proposed": lambda: council.sessions.place(slug, SESSION, by=SECRETARY, on=DAY),
        "on_agenda": lambda: council.decisions.open(slug, by=SECRETARY, on=DAY),
    }
    while step := steps.get(stage(council, slug)):
        step()


def stage(council: Council, slug: str) -> str:
    """Say where a draft stands."""
    draft = council.chamber().drafts.get(slug)
    return "" if draft is None else draft.stage


def say(line: str) -> None:
    """Write one line at once; a pipe takes a line this short whole or not at all."""
    os.write(1, f"{line}\n".encode())


def take(council: Council, slug: str, order: list[str], tell: Callable[[str], None] = say) -> None:
    """Take a draft to its end, votes and signatures in an order of one's own."""
    prepare(council, slug)
    if stage(council, slug) == "voting":
        for state in order:
            council.decisions.vote(slug, word(slug, state), by=head(state), on=DAY)
            tell(f"ack vote {slug} {state} {word(slug, state)}")
        council.decisions.close(slug, by=SECRETARY, on=DAY)
    if not slug.endswith("s"):
        return
    if stage(council, slug) == "adopted":
        council.signatures.open(slug, by=SECRETARY, on=DAY)
    if stage(council, slug) == "signing":
        for state in order:
            if state in STATES[:4]:
                council.signatures.sign(slug, by=head(state), statement=f"of {state}", on=DAY)
                tell(f"ack sign {slug} {state}")
        council.signatures.close(slug, by=SECRETARY, on=DAY)


def slug_of(number: int) -> str:
    """Name a draft; those that are signed end with s."""
    return f"draft-{number}{'s' if number % VOTES == 0 else 'v'}"


def work(council: Council, seed: str) -> None:
    """Go on for ever, from the last draft that was begun."""
    chance = random.Random(seed)
    begun = len(council.chamber().drafts)
    number = max(begun - 1, 0)
    while True:
        take(council, slug_of(number), chance.sample(STATES, len(STATES)))
        number += 1


def main() -> None:
    """Fork a worker for each line; it inherits warm caches and no connection."""
    place = sys.argv[1]
    with open_journal(place) as journal:
        Council(journal).law()
        text("warm")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            work(Council(open_journal(place)), line.strip())
            os._exit(0)
        say(f"pid {child}")
        os.waitpid(child, 0)
        say("dead")


if __name__ == "__main__":
    main()
