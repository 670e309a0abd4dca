"""The usual rules, made ready."""

from collections.abc import Iterable, Mapping

from dostastyq.voting.model import COUNTED, Exact, Majority, Rule, Vote


def consensus(
    code: str,
    voters: Iterable[str],
    *,
    non_interest: bool = False,
    leaving: str = "",
    bound: Iterable[str] = COUNTED,
) -> Rule:
    """Ask that nobody is against: consensus.

    Parameters
    ----------
    code, voters
        Name of the rule, and who belongs to the body.
    non_interest
        Whether a voter may declare that a question does not interest it. It is then no obstacle, is not counted and
        is not bound.
    leaving
        Who leaves: consensus minus one, its own vote is not asked.
    bound
        Votes whose casters are bound.

    Notes
    -----
    Charter of the Commonwealth of Independent States of 22 January 1993, Art. 23 (non-interest); Treaty on the
    Eurasian Economic Union of 29 May 2014, Art. 13(2) (minus the leaving state).

    Examples
    --------
    >>> consensus("supreme", ["ARM", "BLR", "KAZ"], leaving="ARM").voters
    ('BLR', 'KAZ')
    """
    return Rule(
        code=code,
        voters=tuple(voter for voter in voters if voter != leaving),
        blocking=frozenset({Vote.AGAINST}),
        allowed=frozenset(Vote) if non_interest else COUNTED,
        bound=frozenset(Vote(vote) for vote in bound),
        excluded=(leaving,) if leaving else (),
    )


def weighted_majority(
    code: str, weights: Mapping[str, Exact], quota: Exact | Iterable[Exact], *, total: Exact | None = None
) -> Rule:
    """Ask for at least a share of all votes: weighted majority.

    Parameters
    ----------
    code
        Name of the rule.
    weights
        Votes by voter.
    quota
        Share of all votes needed; several where sources disagree.
    total
        What the weights are declared to add up to.

    Examples
    --------
    >>> weighted_majority("commission", {"RUS": 57, "BLR": "21.5", "KAZ": "21.5"}, "2/3", total=100).voters
    ('RUS', 'BLR', 'KAZ')
    """
    return Rule(code=code, voters=tuple(weights), majorities=(_majority(quota, weights, total),), allowed=COUNTED)


def qualified_majority(code: str, voters: Iterable[str], quota: Exact | Iterable[Exact]) -> Rule:
    """Ask for at least a share of the voters, one vote each: qualified majority.

    Examples
    --------
    >>> qualified_majority("nine", "ABCDEFGHI", "2/3").majorities[0].quota
    (Fraction(2, 3),)
    """
    return Rule(code=code, voters=tuple(voters), majorities=(_majority(quota),), allowed=COUNTED)


def simple_majority(code: str, voters: Iterable[str]) -> Rule:
    """Ask for more than half of the voters, one vote each: simple majority."""
    return Rule(code=code, voters=tuple(voters), majorities=(_majority("1/2", strict=True),), allowed=COUNTED)


def double_majority(code: str, voters: Iterable[str], first: Majority, second: Majority) -> Rule:
    """Ask for two shares at once, say of the states and of their population: double majority.

    Examples
    --------
    >>> heads = Majority(quota="11/20")
    >>> people = Majority(quota="13/20", weights={"A": 80, "B": 15, "C": 5})
    >>> len(double_majority("council", "ABC", heads, people).majorities)
    2
    """
    return Rule(code=code, voters=tuple(voters), majorities=(first, second), allowed=COUNTED)


def _majority(
    quota: Exact | Iterable[Exact],
    weights: Mapping[str, Exact] | None = None,
    total: Exact | None = None,
    *,
    strict: bool = False,
) -> Majority:
    """Make a majority of numbers that are yet to be read."""
    return Majority(quota=quota, weights=weights or {}, total=total, strict=strict)  # type: ignore[arg-type]
