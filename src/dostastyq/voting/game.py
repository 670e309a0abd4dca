"""A rule as a simple game in whole numbers: which coalitions win when everybody outside is against.

A coalition S wins when its weight reaches the quota in every test: Σ_{i∈S} w_i ≥ q. Majorities, vetoes and consensus
are such tests, so the game is a weighted one or an intersection of weighted ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from math import ceil, floor, gcd, lcm
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dostastyq.errors import DostastyqError
from dostastyq.voting.model import Majority, Rule, Vote

if TYPE_CHECKING:
    from fractions import Fraction

ENUMERATED = 25
"""Voters up to which every coalition is looked at."""

BLOCK = 16
"""Voters whose coalitions are held at once as sums; the others are gone through one coalition at a time."""

LARGEST_SUM = 2**62

Wins = NDArray[np.bool_]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Test:
    """One quota in whole numbers.

    Parameters
    ----------
    weights
        Votes, in the order of the rule's voters.
    quota
        Smallest sum that passes.
    """

    __test__ = False

    weights: tuple[int, ...]
    quota: int

    @property
    def by_heads(self) -> int | None:
        """Number of voters that passes where all weights are equal; None where they are not."""
        weight = self.weights[0]
        return -(-self.quota // weight) if weight and len(set(self.weights)) == 1 else None


def tests_of(rule: Rule) -> tuple[Test, ...]:
    """Turn a rule of one reading into tests.

    Examples
    --------
    >>> from dostastyq.voting import weighted_majority
    >>> tests_of(weighted_majority("commission", {"RUS": 57, "BLR": "21.5", "KAZ": "21.5"}, "2/3"))
    (Test(weights=(114, 43, 43), quota=134),)
    """
    heads = (1,) * len(rule.voters)
    found = [_test(majority, rule.voters) for majority in rule.majorities]
    if rule.vetoes:
        found.append(Test(tuple(int(voter in rule.vetoes) for voter in rule.voters), len(rule.vetoes)))
    if Vote.AGAINST in rule.blocking:
        found.append(Test(heads, len(heads)))
    return tuple(dict.fromkeys(found)) or (Test(heads, 1),)


def _test(majority: Majority, voters: Iterable[str]) -> Test:
    weights: list[Fraction] = [majority.weight(voter) for voter in voters]
    scale = lcm(*(weight.denominator for weight in weights))
    whole = [int(weight * scale) for weight in weights]
    common = reduce(gcd, whole)
    whole = [weight // common for weight in whole]
    needed = majority.quota[0] * sum(whole)
    quota = floor(needed) + 1 if majority.strict else ceil(needed)
    return Test(tuple(whole), quota)


def wins(tests: tuple[Test, ...]) -> Wins:
    """Say of every coalition whether it wins; bit i of its number is voter i.

    Raises
    ------
    DostastyqError
        ``VT009`` for weights whose sum does not fit 62 bits.

    Examples
    --------
    >>> wins((Test((2, 1, 1), 3),)).nonzero()[0]
    array([3, 5, 7])
    """
    voters = len(tests[0].weights)
    low = min(voters, BLOCK)
    parts = []
    for test in tests:
        if sum(test.weights) >= LARGEST_SUM:
            raise DostastyqError(
                "VT009", "the weights have too many digits for an exact count", "write them with a common unit"
            )
        parts.append((sums(test.weights[:low]), sums(test.weights[low:]), test.quota))
    result = np.empty((2 ** (voters - low), 2**low), dtype=np.bool_)
    for row, won in enumerate(result):
        first, *others = parts
        np.greater_equal(first[0], first[2] - first[1][row], out=won)
        for inner, outer, quota in others:
            np.logical_and(won, inner >= quota - outer[row], out=won)
    return result.reshape(-1)


def sums(weights: Iterable[int]) -> Counts:
    """Weight of every coalition of some voters.

    Examples
    --------
    >>> sums([1, 2])
    array([0, 1, 2, 3])
    """
    result = np.zeros(1, dtype=np.int64)
    for weight in weights:
        result = np.concatenate((result, result + weight))
    return result


def count(won: Wins, voters: int) -> tuple[list[int], list[list[int]]]:
    """Count the winning coalitions by size, all of them and those with each voter.

    Returns
    -------
    winning
        Item s: winning coalitions of s voters.
    containing
        Item i, s: those of them that contain voter i.
    """
    low = min(voters, BLOCK)
    high = voters - low
    rows = won.reshape(2**high, 2**low)
    size, outer_size = _sizes(low), _sizes(high)
    by_row = np.zeros((2**high, low + 1), dtype=np.int64)
    by_column = np.zeros((high + 1, 2**low), dtype=np.int64)
    for row, cells in enumerate(rows):
        by_row[row] = np.bincount(size[cells], minlength=low + 1)
        by_column[outer_size[row]] += cells
    winning = _spread(by_row, outer_size, voters)
    containing = []
    for voter in range(low):
        holds = (np.arange(2**low) >> voter & 1).astype(np.bool_)
        table = np.zeros((high + 1, low + 1), dtype=np.int64)
        for inner in range(1, low + 1):
            table[:, inner] = by_column[:, holds & (size == inner)].sum(axis=1)
        containing.append(_spread(table, np.arange(high + 1), voters))
    for voter in range(high):
        holds = (np.arange(2**high) >> voter & 1).astype(np.bool_)
        containing.append(_spread(by_row[holds], outer_size[holds], voters))
    return winning, containing


def _spread(table: Counts, outer_size: Counts, voters: int) -> list[int]:
    """Add up counts by size outside (rows) and size inside (columns) into counts by size."""
    result = [0] * (voters + 1)
    for outer in range(voters + 1):
        for inner, number in enumerate(table[outer_size == outer].sum(axis=0).tolist()):
            if number:
                result[outer + inner] += number
    return result


def _sizes(voters: int) -> Counts:
    return sums([1] * voters)


def minimal(won: Wins, voters: int) -> Counts:
    """Coalitions that win and lose as soon as anybody leaves, by number, smallest first.

    Examples
    --------
    >>> minimal(wins((Test((2, 1, 1), 3),)), 3)
    array([3, 5])
    """
    found = won.copy()
    for voter in range(voters):
        pairs, smaller = (array.reshape(-1, 2, 2**voter) for array in (found, won))
        pairs[:, 1] &= ~smaller[:, 0]
    numbers = np.flatnonzero(found)
    sizes = np.zeros(len(numbers), dtype=np.int64)
    for voter in range(voters):
        sizes += numbers >> voter & 1
    return numbers[np.argsort(sizes, kind="stable")]


def blocks(won: Wins) -> Wins:
    """Say of every coalition whether the others lose without it.

    Examples
    --------
    >>> blocks(wins((Test((2, 1, 1), 3),))).nonzero()[0]
    array([1, 3, 5, 6, 7])
    """
    return np.asarray(~won[::-1])
