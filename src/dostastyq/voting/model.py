"""The nouns of a vote. Votes are weighed and compared as exact fractions: 2/3 of 9 is 6, and a float is refused."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any, TypeAlias

from dostastyq.dates import Truth
from dostastyq.errors import DostastyqError, nearest

Exact: TypeAlias = Fraction | int | str
"""A number without rounding: ``Fraction(2, 3)``, ``50``, ``"2/3"``, ``"21.5"``."""


class Vote(StrEnum):
    """What a voter does with a question. What each does to the result is the rule's to say.

    Examples
    --------
    >>> Vote("non_interest") is Vote.NON_INTEREST
    True
    """

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"
    NON_INTEREST = "non_interest"
    ABSENT = "absent"


PRESENT = frozenset({Vote.FOR, Vote.AGAINST, Vote.ABSTAIN, Vote.NON_INTEREST})
COUNTED = frozenset({Vote.FOR, Vote.AGAINST, Vote.ABSTAIN, Vote.ABSENT})


@dataclass(frozen=True, slots=True)
class Ballot:
    """The vote of one voter.

    Parameters
    ----------
    voter
        Name of the voter.
    vote
        A `Vote` or its word.

    Raises
    ------
    DostastyqError
        ``VT004`` for a word that is no vote.

    Examples
    --------
    >>> Ballot("KAZ", "for").vote
    <Vote.FOR: 'for'>
    """

    voter: str
    vote: Vote

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "vote", Vote(self.vote))
        except ValueError:
            words = [vote.value for vote in Vote]
            raise DostastyqError(
                "VT004", f"{self.voter}: {self.vote!r} is no vote", nearest(str(self.vote), words)
            ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Majority:
    """A share of the votes that must be for.

    Parameters
    ----------
    quota
        Share of the votes needed, above zero and at most one. Several where sources disagree: each is one reading.
    weights
        Votes by voter, not negative; empty for one vote each.
    strict
        Whether the share must be exceeded (more than half) and not only reached (at least two thirds).
    total
        What the weights are declared to add up to; not checked when None.

    Raises
    ------
    DostastyqError
        ``VT005`` for a quota out of range, ``VT006`` for weights that are negative, all zero or do not add up to
        `total`, ``VT010`` for a number that is not exact.

    Examples
    --------
    >>> Majority(quota="2/3").quota
    (Fraction(2, 3),)
    >>> Majority(quota="4/5", weights={"A": 50, "B": 40}, total=100)
    Traceback (most recent call last):
    ...
    dostastyq.errors.DostastyqError: the weights add up to 90 and not to 100 (check each weight: A 50, B 40)
    """

    quota: tuple[Fraction, ...]
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    strict: bool = False
    total: Fraction | None = None

    def __post_init__(self) -> None:
        given: Any = self.quota
        quotas = [given] if isinstance(given, Fraction | int | str | float) else list(given)
        set_ = object.__setattr__
        set_(self, "quota", tuple(dict.fromkeys(exact(quota, "quota") for quota in quotas)))
        weights = {voter: exact(weight, f"weight of {voter}") for voter, weight in self.weights.items()}
        set_(self, "weights", MappingProxyType(weights))
        set_(self, "total", None if self.total is None else exact(self.total, "declared total"))
        self._check_quota()
        self._check_weights()

    def _check_quota(self) -> None:
        if not self.quota:
            raise DostastyqError("VT005", "a majority without a quota", "write the share of the votes needed, e.g. 2/3")
        for quota in self.quota:
            if not 0 < quota <= 1 or (self.strict and quota == 1):
                most = "below" if self.strict else "at most"
                raise DostastyqError(
                    "VT005",
                    f"quota {quota}: expected a share of the votes above 0 and {most} 1",
                    "write 4/5 for 80 per cent",
                )

    def _check_weights(self) -> None:
        negative = [voter for voter, weight in self.weights.items() if weight < 0]
        if negative:
            raise DostastyqError(
                "VT006", f"{negative[0]}: weight {self.weights[negative[0]]} is below zero", "check it"
            )
        added = sum(self.weights.values())
        if self.weights and not added:
            raise DostastyqError("VT006", "all weights are zero", "give at least one voter a vote")
        if self.total is not None and added != self.total:
            listed = ", ".join(f"{voter} {plain(weight)}" for voter, weight in self.weights.items())
            raise DostastyqError(
                "VT006",
                f"the weights add up to {plain(Fraction(added))} and not to {plain(self.total)}",
                f"check each weight: {listed}",
            )

    def weight(self, voter: str) -> Fraction:
        """Votes of a voter."""
        return self.weights[voter] if self.weights else Fraction(1)

    def share(self, voters: Iterable[str], of: Iterable[str]) -> Fraction | None:
        """Share that some voters have of the votes of others; None where these have none.

        Examples
        --------
        >>> Majority(quota="2/3").share("ABCDEF", "ABCDEFGHI")
        Fraction(2, 3)
        """
        whole = sum(map(self.weight, of))
        return Fraction(sum(map(self.weight, voters)), whole) if whole else None

    def met(self, share: Fraction | None) -> bool:
        """Whether a share reaches the quota; of several quotas the first is meant."""
        if share is None:
            return False
        return share > self.quota[0] if self.strict else share >= self.quota[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How a body decides.

    A decision is adopted when somebody is for it, every majority is met, nobody casts a blocking vote, no veto is used
    and the quorum is there. A vote that is not `counted` leaves the denominator of every majority.

    Parameters
    ----------
    code
        Stable name.
    voters
        Who may vote.
    majorities
        Shares that must all be reached: none for consensus, two for a double majority.
    blocking
        Votes of which one stops a decision: ``{"against"}`` for consensus.
    vetoes
        Voters whose vote against stops a decision.
    allowed
        Votes that may be cast; absence always may.
    counted
        Votes that stay in the denominator.
    bound
        Votes whose casters are bound by a decision that was adopted.
    quorum
        Share of the voters, by heads, who must be present; None where the rule asks for none.
    excluded
        Who belongs to the body and has no vote on this question: the state that leaves.

    Raises
    ------
    DostastyqError
        ``VT001`` for weights or a veto of somebody who is no voter, ``VT002`` for a voter named twice, ``VT005`` for a
        quorum out of range, ``VT006`` for a voter without a weight or a body without voters.

    Examples
    --------
    >>> rule = Rule(code="nine", voters=tuple("ABCDEFGHI"), majorities=(Majority(quota="2/3"),))
    >>> len(rule.readings())
    1
    """

    code: str
    voters: tuple[str, ...]
    majorities: tuple[Majority, ...] = ()
    blocking: frozenset[Vote] = frozenset()
    vetoes: tuple[str, ...] = ()
    allowed: frozenset[Vote] = frozenset(Vote)
    counted: frozenset[Vote] = COUNTED
    bound: frozenset[Vote] = COUNTED
    quorum: Fraction | None = None
    excluded: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        for name in ("blocking", "allowed", "counted", "bound"):
            set_(self, name, frozenset(Vote(vote) for vote in getattr(self, name)))
        for name in ("voters", "majorities", "vetoes", "excluded"):
            set_(self, name, tuple(getattr(self, name)))
        set_(self, "allowed", self.allowed | {Vote.ABSENT})
        if self.quorum is not None:
            set_(self, "quorum", exact(self.quorum, "quorum"))
        self._check()

    def _check(self) -> None:
        if not self.voters:
            raise DostastyqError("VT006", f"{self.code}: nobody has a vote", "name the voters")
        for name in ("voters", "vetoes", "excluded"):
            unique(getattr(self, name), f"{self.code}, {name}")
        known(self.vetoes, self.voters, f"{self.code}, vetoes")
        both = sorted(set(self.voters) & set(self.excluded))
        if both:
            raise DostastyqError("VT002", f"{self.code}: {both[0]} is both a voter and excluded", "name it once")
        for majority in self.majorities:
            if majority.weights:
                known(majority.weights, self.voters, f"{self.code}, weights")
                missing = [voter for voter in self.voters if voter not in majority.weights]
                if missing:
                    raise DostastyqError(
                        "VT006",
                        f"{self.code}: no weight for {', '.join(missing)}",
                        "give each voter one; 0 for no vote",
                    )
        if self.quorum is not None and not 0 < self.quorum <= 1:
            raise DostastyqError(
                "VT005", f"{self.code}: quorum {self.quorum}: expected above 0 and at most 1", "e.g. 2/3"
            )

    def readings(self) -> tuple["Rule", ...]:
        """Give the rule once for each combination of quotas on which sources disagree.

        Examples
        --------
        >>> rule = Rule(code="bank", voters=("A", "B"), majorities=(Majority(quota=("2/3", "3/4")),))
        >>> [str(reading.majorities[0].quota[0]) for reading in rule.readings()]
        ['2/3', '3/4']
        """
        rules = [self]
        for place, majority in enumerate(self.majorities):
            rules = [
                replace(
                    rule,
                    majorities=(
                        *rule.majorities[:place],
                        replace(majority, quota=(quota,)),
                        *rule.majorities[place + 1 :],
                    ),
                )
                for rule in rules
                for quota in majority.quota
            ]
        return tuple(rules)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a vote comes to.

    Parameters
    ----------
    adopted
        Whether the decision is adopted; None where sources disagree on the rule and it matters here.
    bound
        Who is bound by it: nobody unless it is adopted.
    reasons
        Why, one sentence each, to be said in the reader's language.
    share
        Share of the counted votes that is for it, by the first majority of the rule, by heads where it has none; None
        where no vote counts.
    readings
        The outcomes by each reading of the rule where sources disagree on it; empty otherwise.
    """

    adopted: Truth
    bound: tuple[str, ...]
    reasons: tuple[str, ...]
    share: Fraction | None
    readings: tuple["Outcome", ...] = ()


def exact(value: object, what: str) -> Fraction:
    """Read an exact number.

    Raises
    ------
    DostastyqError
        ``VT010`` for a float, whose digits are not those that were written, or for text that is no number.

    Examples
    --------
    >>> exact("21.5", "weight")
    Fraction(43, 2)
    >>> exact(0.6667, "quota")
    Traceback (most recent call last):
    ...
    dostastyq.errors.DostastyqError: quota: 0.6667 is not an exact number (write text or a fraction: 21.5, 2/3)
    """
    if isinstance(value, Fraction | int | str) and not isinstance(value, bool):
        try:
            return Fraction(value)
        except (ValueError, ZeroDivisionError):
            pass
    raise DostastyqError("VT010", f"{what}: {value} is not an exact number", "write text or a fraction: 21.5, 2/3")


def plain(number: Fraction) -> str:
    """Write a fraction with decimals where they end, as a fraction otherwise.

    Examples
    --------
    >>> plain(Fraction(43, 2)), plain(Fraction(2, 3)), plain(Fraction(50))
    ('21.5', '2/3', '50')
    """
    rest = number.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return str(number)
    places = max(twos, fives)
    digits = f"{abs(number.numerator) * 10**places // number.denominator:0{places + 1}d}"
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if number < 0 else text


def unique(names: Collection[str], where: str) -> None:
    """Refuse a name that stands twice (``VT002``)."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DostastyqError("VT002", f"{where}: {name} stands there twice", "name it once")
        seen.add(name)


def known(names: Iterable[str], voters: Collection[str], where: str) -> None:
    """Refuse a name that is no voter (``VT001``)."""
    for name in names:
        if name not in voters:
            raise DostastyqError("VT001", f"{where}: {name} has no vote here", nearest(name, voters))
