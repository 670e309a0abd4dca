"""What a step of the council costs over a bare append to the journal, and how fast a fresh process reads it all.

Prints the time of a step (an opinion, with its gates, map and policy) as a ratio to appending the same entry, and the
entries folded in a second as a ratio to parsing their JSON.
"""

import json
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from dostastyq.council import Council
from dostastyq.council.chamber import Chamber
from dostastyq.council.composer import example
from dostastyq.council.fold import fold
from dostastyq.store import Draft, Journal, open_journal

SECRETARY = "A. Secretary"
STATES = ("ARM", "AZE", "BLR", "KAZ", "KGZ", "MDA", "RUS", "TJK", "TKM", "UZB")
DRAFTS = 60


def circulated(journal: Journal) -> Council:
    """Found a council with many drafts on which opinions are due."""
    council = Council(journal)
    council.people.admit(SECRETARY, "secretariat", "secretary", by=SECRETARY, rehearsal=True, on="2026-01-05")
    for state in STATES:
        council.people.admit(f"Delegate of {state}", state, "delegate", by=SECRETARY)
    for number in range(DRAFTS):
        draft = replace(example(), slug=f"draft-{number}", scenario=None)
        council.drafts.propose(draft, organ="economic-council", by=SECRETARY)
        council.drafts.register(draft.slug, by=SECRETARY)
        council.drafts.circulate(draft.slug, by=SECRETARY, until="2026-03-01")
    return council


def opinions(council: Council) -> float:
    """Give every state's opinion on every draft; seconds a step."""
    begun = time.perf_counter()
    for number in range(DRAFTS):
        for state in STATES:
            council.drafts.opine(f"draft-{number}", "agree", by=f"Delegate of {state}")
    return (time.perf_counter() - begun) / (DRAFTS * len(STATES))


def appended(journal: Journal, entries: list[dict[str, object]]) -> float:
    """Append the same entries, one a transaction; seconds an entry."""
    begun = time.perf_counter()
    for content in entries:
        journal.append([Draft("council", "opine", content)], SECRETARY)
    return (time.perf_counter() - begun) / len(entries)


def main() -> None:
    """Print the two ratios."""
    with TemporaryDirectory() as folder, open_journal(Path(folder) / "a.sqlite") as journal:
        step = opinions(circulated(journal))
        entries = journal.read("council")
        with open_journal(Path(folder) / "b.sqlite") as bare:
            append = appended(bare, [entry.content for entry in entries if entry.kind == "opine"])
    begun = time.perf_counter()
    chamber = fold(Chamber(), entries, "cis")
    folded = time.perf_counter() - begun
    begun = time.perf_counter()
    for entry in entries:
        json.loads(entry.payload)
    parsed = time.perf_counter() - begun
    print(f"a step {1e3 * step:.2f} ms, {step / append:.1f} times a bare append of its entry ({1e3 * append:.2f} ms)")
    print(
        f"{len(entries)} entries, {len(chamber.drafts)} drafts folded in {folded:.2f} s: "
        f"{len(entries) / folded:,.0f} a second, {folded / parsed:.1f} times parsing their JSON"
    )


if __name__ == "__main__":
    main()
