"""Rules of decision as plain data, so that a vote can be frozen with its rule, and decided from what was frozen."""

from collections.abc import Iterable, Mapping
from typing import Any

from dostastyq import voting
from dostastyq.council.session_model import Vote
from dostastyq.errors import DostastyqError, nearest
from dostastyq.register import Procedure
from dostastyq.voting import Ballot, Majority, Outcome, Rule
from dostastyq.voting import Vote as Word


def frozen(found: Procedure, *, absence: str = "absent") -> dict[str, Any]:
    """Write how a body decides on a day as plain data for the journal.

    Parameters
    ----------
    found
        Rule with its voters and weights.
    absence
        What somebody who casts no vote counts as, by the edition of the Rules.

    Examples
    --------
    >>> from dostastyq import register
    >>> mek = frozen(register.procedure(register.load("cis"), "mek_qualified"))
    >>> mek["majorities"][0]["quota"], mek["majorities"][0]["weights"]["RUS"]
    (['4/5'], '50')
    """
    rule = found.rule
    return {
        "code": rule.code,
        "kind": found.kind,
        "body": found.body,
        "on": found.on.isoformat(),
        "weights": found.weights.code if found.weights else "",
        "sources": list(found.sources),
        "confidence": found.confidence,
        "voters": list(rule.voters),
        "majorities": [
            {
                "quota": [str(quota) for quota in majority.quota],
                "weights": {voter: str(weight) for voter, weight in majority.weights.items()},
                "strict": majority.strict,
                "total": None if majority.total is None else str(majority.total),
            }
            for majority in rule.majorities
        ],
        **{name: sorted(getattr(rule, name)) for name in ("blocking", "allowed", "counted", "bound")},
        "vetoes": list(rule.vetoes),
        "quorum": None if rule.quorum is None else str(rule.quorum),
        "excluded": list(rule.excluded),
        "absence": absence if absence in rule.allowed else "absent",
    }


def thawed(found: Mapping[str, Any]) -> Rule:
    """Read a rule that was frozen.

    Examples
    --------
    >>> from dostastyq import register
    >>> charter = register.procedure(register.load("cis"), "chs")
    >>> thawed(frozen(charter)) == charter.rule
    True
    """
    majorities = tuple(
        Majority(quota=tuple(item["quota"]), weights=item["weights"], strict=item["strict"], total=item["total"])
        for item in found["majorities"]
    )
    return Rule(
        code=found["code"],
        voters=tuple(found["voters"]),
        majorities=majorities,
        blocking=frozenset(found["blocking"]),
        allowed=frozenset(found["allowed"]),
        counted=frozenset(found["counted"]),
        bound=frozenset(found["bound"]),
        vetoes=tuple(found["vetoes"]),
        quorum=found["quorum"],
        excluded=tuple(found["excluded"]),
    )


def counted(rule: Mapping[str, Any], votes: Iterable[Vote]) -> Outcome:
    """Say what the votes of a frozen rule come to; whoever cast none is absent, as the edition understands absence."""
    made = thawed(rule)
    cast = {vote.state: vote.vote for vote in votes}
    return voting.outcome(
        made, [Ballot(voter, _word(voter, cast.get(voter, rule["absence"]))) for voter in made.voters]
    )


def _word(state: str, vote: str) -> Word:
    try:
        return Word(vote)
    except ValueError:
        words = [word.value for word in Word]
        raise DostastyqError("VT004", f"{state}: {vote!r} is no vote", nearest(vote, words)) from None


def check_vote(rule: Mapping[str, Any], state: str, vote: str) -> None:
    """Refuse a vote that the frozen rule does not know (``VT001``, ``VT004``, ``VT007``)."""
    made = thawed(rule)
    if state in made.voters or state in made.excluded:
        voting.outcome(made, [Ballot(state, _word(state, vote))])
        return
    raise DostastyqError(
        "CN231",
        f"{state} has no vote here: entitlement was frozen on {rule['on']} under {rule['code']}",
        "who votes: " + ", ".join(made.voters),
    )
