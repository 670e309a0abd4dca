"""Would the body have adopted it: every state votes by the sign of its own gain, under the body's own rule.

A state whose 95 % interval leaves zero out votes for or against; one whose interval covers zero, or for which there is
no figure, is undecided, and the vote is taken with the undecided all for, all against, where the rule knows it all not
interested, and, where all of them have a figure, each by its central estimate.
"""

from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from dostastyq import voting
from dostastyq.errors import DostastyqError
from dostastyq.i18n import Text
from dostastyq.register import adopting_body, procedure
from dostastyq.register.facts import Confidence
from dostastyq.voting import Ballot, Rule, Vote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dostastyq.assess.model import Contrast, StateResult
    from dostastyq.assess.scenario import Scenario
    from dostastyq.dates import Truth
    from dostastyq.register import Procedure, Register

NOISE = 1e-9
"""Per cent below which an effect is the solver's noise."""

Leaning = Literal["for", "against", "undecided"]


@dataclass(frozen=True, slots=True)
class VotingReading:
    """What the vote comes to when the undecided vote alike.

    Parameters
    ----------
    undecided
        How they vote: ``"for"``, ``"against"``, ``"non_interest"``, or ``"central"``: by the central estimate, and
        abstaining where that is zero. Empty where nobody is undecided.
    adopted
        Whether the decision is adopted; None where sources disagree on the rule and it matters.
    bound
        Whom it binds.
    reasons
        Why, one sentence each.
    share
        Share of the counted votes that is for it.
    """

    undecided: str
    adopted: "Truth"
    bound: tuple[str, ...]
    reasons: tuple[str, ...]
    share: Fraction | None


@dataclass(frozen=True, slots=True)
class ContrastVote:
    """The vote by the figures of one contrast.

    Parameters
    ----------
    otherwise
        Which contrast: its `otherwise`.
    votes
        State and leaning, ``"for"``, ``"against"`` or ``"undecided"``, of every state that has a vote.
    readings
        The outcome under each reading of the undecided: the two ends first.
    """

    otherwise: str
    votes: tuple[tuple[str, Leaning], ...]
    readings: tuple[VotingReading, ...]


@dataclass(frozen=True, slots=True)
class VotingCheck:
    """Whether the body that adopts such an agreement would have adopted it.

    Parameters
    ----------
    body, name
        Code and name, by language, of the body; empty where the register knows none.
    rule, kind
        Code and kind of the rule by which it decides.
    on
        ISO day whose members and votes are meant.
    note
        What is voted on, or why it cannot be said.
    contrasts
        One vote a contrast; empty where it cannot be said.
    confidence
        How well rule and votes are known.
    sources
        Who says so.
    """

    body: str
    name: dict[str, str]
    rule: str
    kind: str
    on: str
    note: str
    contrasts: tuple[ContrastVote, ...] = ()
    confidence: Confidence = "assumed"
    sources: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the register knows enough for a vote."""
        return bool(self.contrasts)

    def to_dict(self) -> dict[str, Any]:
        """Plain data in the shape that ``dostastyq assess --json`` prints."""
        contrasts = []
        for contrast in self.contrasts:
            readings = [asdict(reading) for reading in contrast.readings]
            for record in readings:
                share = record["share"]
                record["share"] = None if share is None else float(share)
                record["bound"] = list(record["bound"])
                record["reason"] = " ".join(record.pop("reasons"))
            contrasts.append({"otherwise": contrast.otherwise, "votes": dict(contrast.votes), "readings": readings})
        return {
            "known": self.known,
            "body": self.body or None,
            "rule": self.rule or None,
            "kind": self.kind or None,
            "on": self.on,
            "note": self.note,
            "contrasts": contrasts,
            "confidence": self.confidence if self.known else None,
            "sources": list(self.sources),
        }


def voting_check(law: "Register", plan: "Scenario", contrasts: "Sequence[Contrast]") -> VotingCheck:
    """Put a scenario to the vote of the body that decides on such agreements.

    Parameters
    ----------
    law
        The register: which body adopted the agreement or decides on its membership, by which rule, who sits in it.
    plan
        The scenario. Where a state leaves, the body's rule on leaving applies and the leaving state is not asked.
    contrasts
        What each state gains.

    Returns
    -------
    VotingCheck
        Without contrasts, and with the reason as its note, where the register knows no body, rule or votes.
    """
    body = adopting_body(law, plan.agreement)
    if not body:
        return _unknown(plan, Text("The register knows no body that adopts it: each of its parties agrees by itself."))
    organ = law.institutions.organs[body]
    if plan.leave and not organ.exception:
        note = Text("No body votes on leaving: a state leaves by its own notice.")
        return _unknown(plan, note, body, dict(organ.name))
    try:
        how = procedure(law, organ.exception if plan.leave else body, plan.on, leaving=next(iter(plan.leave), ""))
        rule = _without(how, plan.leave)
    except DostastyqError as refusal:
        note = Text("The vote cannot be taken: {why}.", why=refusal.message)
        return _unknown(plan, note, body, dict(organ.name))
    return VotingCheck(
        body=body,
        name=dict(organ.name),
        rule=rule.code,
        kind=how.kind,
        on=how.on.isoformat(),
        note=_question(plan, _without_figure(rule, contrasts)),
        contrasts=tuple(_vote(rule, contrast) for contrast in contrasts),
        confidence=how.confidence,
        sources=how.sources,
    )


def _unknown(plan: "Scenario", note: Text, body: str = "", name: "Mapping[str, str] | None" = None) -> VotingCheck:
    return VotingCheck(body, dict(name or {}), "", "", plan.on.isoformat(), note)


def _without(how: "Procedure", leave: tuple[str, ...]) -> Rule:
    """Take every leaving state out of the vote."""
    gone = tuple(dict.fromkeys((*how.rule.excluded, *leave)))
    return replace(how.rule, voters=tuple(v for v in how.rule.voters if v not in gone), excluded=gone)


def _without_figure(rule: Rule, contrasts: "Sequence[Contrast]") -> tuple[str, ...]:
    """Voters that the baseline does not tell apart."""
    known = {result.state for contrast in contrasts for result in contrast.states}
    return tuple(voter for voter in rule.voters if voter not in known)


def _question(plan: "Scenario", silent: tuple[str, ...]) -> Text:
    if plan.leave:
        asked = Text("The vote is on the decision that ends the membership of {who:territories}.", who=plan.leave)
    elif plan.join:
        asked = Text("The vote is on the accession of {who:territories}.", who=plan.join)
    else:
        asked = Text("The vote is on the agreement itself, as if it were to be adopted on that day.")
    if not silent:
        return asked
    return Text("{asked} No figure, so undecided: {who:territories}.", asked=asked, who=silent)


def _vote(rule: Rule, contrast: "Contrast") -> ContrastVote:
    results = {result.state: result for result in contrast.states}
    votes = tuple((voter, _leaning(results.get(voter))) for voter in rule.voters)
    undecided = [voter for voter, leaning in votes if leaning == "undecided"]
    settled = [Ballot(voter, Vote(leaning)) for voter, leaning in votes if leaning != "undecided"]
    if not undecided:
        return ContrastVote(contrast.otherwise, votes, (_reading(rule, "", settled),))
    ways = [vote for vote in (Vote.FOR, Vote.AGAINST, Vote.NON_INTEREST) if vote in rule.allowed]
    readings = [_reading(rule, vote.value, [*settled, *(Ballot(voter, vote) for voter in undecided)]) for vote in ways]
    if all(voter in results for voter in undecided):
        central = [Ballot(voter, _by_estimate(results[voter])) for voter in undecided]
        readings.append(_reading(rule, "central", [*settled, *central]))
    return ContrastVote(contrast.otherwise, votes, tuple(readings))


def _leaning(result: "StateResult | None") -> Leaning:
    """Vote by the sign of the gain; undecided where the interval covers zero or there is no figure."""
    if result is None or (result.low <= NOISE and result.high >= -NOISE):
        return "undecided"
    return "for" if result.low > 0 else "against"


def _by_estimate(result: "StateResult") -> Vote:
    """Vote by the central estimate alone; who has nothing to gain or to lose abstains."""
    if abs(result.welfare_percent) <= NOISE:
        return Vote.ABSTAIN
    return Vote.FOR if result.welfare_percent > 0 else Vote.AGAINST


def _reading(rule: Rule, undecided: str, ballots: list[Ballot]) -> VotingReading:
    said = voting.outcome(rule, ballots)
    return VotingReading(undecided, said.adopted, said.bound, said.reasons, said.share)
