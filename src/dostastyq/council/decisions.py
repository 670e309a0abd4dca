"""Decisions: a vote is opened with its rule, voters and weights frozen, cast, closed, and its result sealed."""

from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from dostastyq.council.ballots import check_vote, counted, frozen
from dostastyq.council.case import rule_of_decision
from dostastyq.council.desk import Desk, own_state
from dostastyq.council.model import Draft
from dostastyq.council.policy import check_part, parts
from dostastyq.council.session_model import Decision, Poll, Vote
from dostastyq.errors import DostastyqError
from dostastyq.voting import Exact
from dostastyq.voting.model import exact

When = str | date | None


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a session decides.

    Parameters
    ----------
    desk
        Where steps are taken.
    """

    desk: Desk

    def open(
        self,
        slug: str,
        *,
        by: str,
        rule: str = "",
        weights: dict[str, Exact] | None = None,
        leaving: str = "",
        on: When = None,
    ) -> Poll:
        """Open the vote on a draft: rule, voters and weights of the day are frozen.

        Parameters
        ----------
        slug
            Draft on the agenda of an open session.
        by
            The chair or the secretariat.
        rule
            Code of the rule; by default the body's own.
        weights
            Votes by state where the register does not have them.
        leaving
            State that leaves, for consensus minus it.
        on
            Day of the step.

        Raises
        ------
        DostastyqError
            ``CN232`` no open session, ``CN233`` a body whose rule is not known, ``CN234`` weights that are not in
            force on the day or not known.
        """
        given = (
            None if weights is None else {state: exact(vote, f"votes of {state}") for state, vote in weights.items()}
        )
        with self.desk.work(by, on) as work:
            draft = work.draft(slug)
            case = work.check(draft, "open_vote", rule=rule, weights=given, leaving=leaving)
            rules = frozen(rule_of_decision(case), absence=case.map.absence)
            work.record(work.moved(case, {"rule": rules}))
        return self.desk.shown(work.person, slug).poll or _gone(slug)

    def vote(
        self,
        slug: str,
        vote: str,
        *,
        by: str,
        special_opinion: str = "",
        state: str | None = None,
        on: When = None,
    ) -> Vote:
        """Cast the vote of a state. It is cast once; the same vote again is answered with the one that is recorded.

        Parameters
        ----------
        slug
            Draft whose vote is open.
        vote
            A word of `dostastyq.voting.Vote`.
        by
            Who votes for the state.
        special_opinion
            What the state has put into the minutes.
        state
            The state, to be checked against that of the person.
        on
            Day of the step.

        Raises
        ------
        DostastyqError
            ``CN231`` a state without a vote here, ``CN235`` or ``CN206`` a vote that is not open, ``CN255`` another
            vote of the same state, ``VT004`` a vote that the rule does not know.
        """
        with self.desk.work(by, on) as work:
            draft = work.draft(slug)
            code = own_state(work.person, state)
            check_part(work.person, frozenset({"state"}), parts(work.person), "vote")
            held = _cast(draft, code)
            if held is not None:
                if (held.vote, held.special_opinion) == (vote, special_opinion):
                    return held
                raise DostastyqError("CN255", f"{slug}: {code} has voted {held.vote}", "a vote is cast once")
            if draft.poll is None and draft.decision is not None:
                raise DostastyqError(
                    "CN235",
                    f"{slug}: the vote was closed on {draft.decision.day}",
                    "the votes that were cast stand; a new vote needs a new place on an agenda",
                )
            case = work.check(draft, "vote", state=code)
            check_vote((draft.poll or _gone(slug)).rule, code, vote)
            content = {"state": code, "vote": vote, "special_opinion": special_opinion or None}
            work.record(work.moved(case, content))
        return _cast(self.desk.chamber().draft(slug), code) or _gone(slug)

    def close(self, slug: str, *, by: str, on: When = None) -> Decision:
        """Close the vote and seal what it comes to by the frozen rule.

        An outcome on which sources of the rule disagree leaves the draft on the agenda, undecided.
        """
        with self.desk.work(by, on) as work:
            draft = work.draft(slug)
            case = work.check(draft, "close_vote")
            poll = draft.poll or _gone(slug)
            found = counted(poll.rule, poll.votes)
            stage = {True: case.step.to, False: case.step.otherwise, None: "on_agenda"}[found.adopted]
            content = {
                "adopted": found.adopted,
                "bound": list(found.bound),
                "share": "" if found.share is None else str(found.share),
                "reasons": [str(reason) for reason in found.reasons],
            }
            work.record(work.moved(case, content, to=stage))
        return self.desk.chamber().draft(slug).decision or _gone(slug)

    def report(self, slug: str, source: str, *, by: str, bound: tuple[str, ...] = (), on: When = None) -> Decision:
        """Record that a session of the past adopted a draft, by a source, where the ballots were not seen.

        Parameters
        ----------
        slug, source
            The draft, and who says so.
        by
            The secretariat.
        bound
            States of which the source says that they took part in the decision; empty where it does not say.
        on
            Day of the step.

        Raises
        ------
        DostastyqError
            ``CN236`` a session that is not of the past, or no source.
        """
        with self.desk.work(by, on) as work:
            case = work.check(work.draft(slug), "report", source=source.strip())
            for state in bound:
                case.law.state(state)
            work.record(work.moved(case, {"source": source.strip(), "bound": list(bound)}))
        return self.desk.chamber().draft(slug).decision or _gone(slug)


def _cast(draft: Draft, state: str) -> Vote | None:
    """Find the vote of a state in the open vote, or in the last one that was closed."""
    votes = draft.poll.votes if draft.poll else draft.decision.votes if draft.decision else ()
    return next((vote for vote in votes if vote.state == state), None)


def _gone(slug: str) -> NoReturn:
    raise DostastyqError("CN256", f"{slug}: the vote is gone", "run: dostastyq db verify")
