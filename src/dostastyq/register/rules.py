"""Rules of decision and dated weights of votes, as ``rules.yaml`` has them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

from dostastyq.dates import Day
from dostastyq.i18n import message
from dostastyq.register.facts import Sourced
from dostastyq.register.reader import Reader
from dostastyq.register.schema_base import FACT, Known

RULE_KINDS = {
    "consensus": message("consensus"),
    "consensus_minus": message("consensus minus the leaving state"),
    "simple_majority": message("simple majority"),
    "qualified_majority": message("qualified majority"),
    "weighted_majority": message("weighted majority"),
}
"""Kinds of rule, and what each is called in a sentence."""

VOTES = ("for", "against", "abstain", "non_interest")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRule(Sourced):
    """How an organ decides.

    Parameters
    ----------
    code, kind
        Stable name, and one of ``RULE_KINDS``.
    quota
        Share of the votes needed; two where sources disagree.
    organ
        Organ that decides by it on some questions, where it is not the rule of any organ; empty otherwise.
    votes, blocks, bound
        Votes that may be cast, those that stop a decision, and those whose casters a decision binds; empty where the
        kind of rule says it.
    weights
        Codes of the sets of weights it uses.
    texts
        What the structure does not say: ``adopted_when``, ``binds``, ``minus``, ``scope``, ``basis``,
        ``open_question``.
    """

    code: str
    kind: str
    organ: str = ""
    quota: tuple[Fraction, ...] = ()
    votes: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    bound: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteWeights(Sourced):
    """Votes of the states in an organ, in per cent, over a period.

    Parameters
    ----------
    code, organ
        Stable name, and the organ.
    start, end
        First day, and first day no longer; None where not known.
    weights
        Per cent by state, exact.
    total
        What they are declared to add up to; None where not all are recorded.
    remainder
        What is said of the states without a recorded weight.
    sure
        States whose weight is better known than `confidence` says of the whole.
    """

    code: str
    organ: str
    start: Day
    end: Day | None
    weights: Mapping[str, Fraction]
    total: Fraction | None = None
    remainder: str = ""
    sure: tuple[str, ...] = ()


def read_rule(code: str, at: Reader, known: Known, weights: Collection[str], organs: Collection[str]) -> DecisionRule:
    """Read one entry of the rules of ``rules.yaml``."""
    texts = ("adopted_when", "binds", "minus", "scope", "basis", "open_question")
    record = at.record(("kind",), ("organ", "quota", "votes", "blocks", "bound", "weights", *texts, *FACT))

    def sets(at: Reader) -> tuple[str, ...]:
        return at.words(weights, "a set of weights of rules.yaml", "RG026")

    def votes(at: Reader) -> tuple[str, ...]:
        return at.words(VOTES, "a vote")

    return DecisionRule(
        code=code,
        kind=record["kind"].word(RULE_KINDS, "a kind of rule"),
        organ=record.get("organ", lambda at: at.word(organs, "an organ of organs.yaml", "RG026"), ""),
        quota=tuple(_quota(item) for item in record.items("quota")),
        votes=record.get("votes", votes, ()),
        blocks=record.get("blocks", votes, ()),
        bound=record.get("bound", votes, ()),
        weights=record.get("weights", sets, ()),
        texts=MappingProxyType({key: record.text(key) for key in texts if key in record}),
        **known.sourced(record),
    )


def read_weights(code: str, at: Reader, known: Known, organs: Collection[str]) -> VoteWeights:
    """Read one entry of the weights of ``rules.yaml``; weights that do not add up are refused with ``RG024``."""
    record = at.record(("organ", "from", "weights"), ("until", "sum", "remainder", "sure", *FACT))
    weights = {}
    for state, value in record["weights"].entries():
        if state not in known.states:
            value.refuse("RG026", f"{state!r} is not a state of the register")
        weights[state] = _fraction(value)
        if weights[state] < 0:
            value.refuse("RG024", f"a weight of {weights[state]} is below zero")
    if "sum" in record and sum(weights.values()) != _fraction(record["sum"]):
        record["sum"].refuse("RG024", f"the weights add up to {sum(weights.values())}", "check each weight")
    return VoteWeights(
        code=code,
        organ=record["organ"].word(organs, "an organ of organs.yaml", "RG026"),
        start=record["from"].day(),
        end=record.get("until", Reader.day, None),
        weights=MappingProxyType(weights),
        total=record.get("sum", _fraction, None),
        remainder=record.text("remainder"),
        sure=record.get("sure", known.state_list, ()),
        **known.sourced(record),
    )


def _quota(at: Reader) -> Fraction:
    quota = _fraction(at)
    if not 0 < quota <= 1:
        at.refuse("RG024", f"the quota is {quota}; expected a share of the votes above 0 and at most 1", "write 4/5")
    return quota


def _fraction(at: Reader) -> Fraction:
    try:
        return Fraction(at.text())
    except (ValueError, ZeroDivisionError):
        at.refuse("RG024", f"{at.text()!r} is not a number", "write 2/3, 50 or 21.5")
