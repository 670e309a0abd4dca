"""What a vote comes to, by its rule."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from dostastyq.errors import DostastyqError
from dostastyq.i18n import Text, message
from dostastyq.voting.model import PRESENT, Ballot, Majority, Outcome, Rule, Vote, known, plain

_BLOCKS = {
    Vote.AGAINST: message("Against: {states:territories}; one vote against is enough to stop it."),
    Vote.ABSTAIN: message("Abstained: {states:territories}; one abstention is enough to stop it."),
    Vote.NON_INTEREST: message("Not interested: {states:territories}; one such vote is enough to stop it."),
    Vote.ABSENT: message("Absent: {states:territories}; one absence is enough to stop it."),
}


def outcome(rule: Rule, ballots: Iterable[Ballot]) -> Outcome:
    """Say whether a decision is adopted, whom it binds, and why.

    Parameters
    ----------
    rule
        How the body decides.
    ballots
        At most one a voter; whoever casts none is absent.

    Returns
    -------
    Outcome
        `adopted` is None where sources disagree on the quota and these ballots fall between.

    Raises
    ------
    DostastyqError
        ``VT001`` for a ballot of somebody who has no vote, ``VT003`` for two ballots of one voter, ``VT004`` for a vote
        that the rule does not know, ``VT007`` for a ballot of whoever is excluded.

    Examples
    --------
    >>> from dostastyq.voting import consensus
    >>> charter = consensus("charter", ["KAZ", "RUS", "TKM"], non_interest=True, bound=["for"])
    >>> said = outcome(charter, [Ballot("KAZ", "for"), Ballot("RUS", "for"), Ballot("TKM", "non_interest")])
    >>> said.adopted, said.bound, str(said.share)
    (True, ('KAZ', 'RUS'), '1')
    """
    votes = _cast(rule, ballots)
    outcomes = tuple(_decide(reading, votes) for reading in rule.readings())
    if len(outcomes) == 1:
        return outcomes[0]
    first = outcomes[0]
    quotas = _listed(majority.quota for majority in rule.majorities if len(majority.quota) > 1)
    if all(other.adopted == first.adopted for other in outcomes):
        agree = Text("Sources disagree on the quota ({quotas}); the outcome is the same by each.", quotas=quotas)
        return Outcome(first.adopted, first.bound, (*first.reasons, agree), first.share, outcomes)
    doubt = Text("Sources disagree on the quota ({quotas}), and here it decides.", quotas=quotas)
    return Outcome(None, (), (doubt, *(reason for each in outcomes for reason in each.reasons)), first.share, outcomes)


def _cast(rule: Rule, ballots: Iterable[Ballot]) -> Mapping[str, Vote]:
    """Votes by voter in the rule's order, absence for whoever is silent."""
    cast: dict[str, Vote] = {}
    for ballot in ballots:
        if ballot.voter in rule.excluded:
            raise DostastyqError(
                "VT007", f"{ballot.voter} has no vote on its own leaving ({rule.code})", "leave its ballot out"
            )
        known([ballot.voter], rule.voters, f"{rule.code}, ballot {ballot.vote.value}")
        if ballot.voter in cast:
            raise DostastyqError(
                "VT003",
                f"{ballot.voter} votes twice: {cast[ballot.voter].value} and {ballot.vote.value}",
                "give each voter one ballot",
            )
        if ballot.vote not in rule.allowed:
            words = ", ".join(vote.value for vote in Vote if vote in rule.allowed)
            raise DostastyqError(
                "VT004", f"{ballot.voter}: {rule.code} knows no vote {ballot.vote.value!r}", f"votes it knows: {words}"
            )
        cast[ballot.voter] = ballot.vote
    return {voter: cast.get(voter, Vote.ABSENT) for voter in rule.voters}


def _decide(rule: Rule, votes: Mapping[str, Vote]) -> Outcome:
    """Outcome by a rule that has one reading."""
    counted = [voter for voter, vote in votes.items() if vote in rule.counted]
    agreed = [voter for voter, vote in votes.items() if vote is Vote.FOR]
    obstacles = [*_no_quorum(rule, votes), *_blocked(rule, votes)]
    if not agreed:
        obstacles.append(Text("Nobody is for it."))
    passed: list[Text] = []
    for majority in rule.majorities:
        met = majority.met(majority.share(agreed, counted))
        (passed if met else obstacles).append(_measured(majority, agreed, counted))
    share = (rule.majorities[0] if rule.majorities else Majority(quota=(Fraction(1),))).share(agreed, counted)
    if obstacles:
        return Outcome(False, (), tuple(obstacles), share)
    if not rule.majorities:
        passed.append(Text("Nobody who is counted is against it."))
    bound = tuple(voter for voter, vote in votes.items() if vote in rule.bound)
    return Outcome(True, bound, tuple(passed), share)


def _no_quorum(rule: Rule, votes: Mapping[str, Vote]) -> Iterable[Text]:
    if rule.quorum is None:
        return
    present = Fraction(sum(vote in PRESENT for vote in votes.values()), len(votes))
    if present < rule.quorum:
        yield Text(
            "Present {present} of the voters, and the quorum is {quorum}.",
            present=str(present),
            quorum=str(rule.quorum),
        )


def _blocked(rule: Rule, votes: Mapping[str, Vote]) -> Iterable[Text]:
    for vote, sentence in _BLOCKS.items():
        stops = tuple(voter for voter, cast in votes.items() if cast is vote and vote in rule.blocking)
        if stops:
            yield Text(sentence, states=stops)
    vetoes = tuple(voter for voter in rule.vetoes if votes[voter] is Vote.AGAINST)
    if vetoes:
        yield Text("Veto: {states:territories}.", states=vetoes)


def _measured(majority: Majority, agreed: Iterable[str], counted: Iterable[str]) -> Text:
    (quota,) = majority.quota
    have, all_ = (plain(sum(map(majority.weight, voters), Fraction(0))) for voters in (agreed, counted))
    if majority.strict:
        return Text(
            "For: {have} of {all} votes counted; more than {quota} of them is needed.",
            have=have,
            all=all_,
            quota=str(quota),
        )
    return Text("For: {have} of {all} votes counted; {quota} of them is needed.", have=have, all=all_, quota=str(quota))


def _listed(quotas: Iterable[tuple[Fraction, ...]]) -> str:
    return "; ".join(" | ".join(map(str, each)) for each in quotas)
