r"""Winning coalitions counted by generating functions, for more voters than can be enumerated.

The coalitions that fail a test are the terms of low degree of :math:`\prod_i (1 + z\,x^{w_i})`: the coefficient of
:math:`z^s x^k` counts coalitions of s voters and weight k, and only :math:`k < q` is kept (Mann and Shapley 1962; Brams
and Affuso 1976). A voter is taken out by exact division. Several tests at once need one x each, and coalitions that
pass all tests follow by inclusion and exclusion over the sets of tests they fail.
"""

from itertools import combinations
from math import comb, prod

import numpy as np
from numpy.typing import NDArray

from dostastyq.errors import DostastyqError
from dostastyq.voting.game import Test

CELLS = 30_000_000
"""Coefficients held at once, 240 MB."""

MACHINE_WORD = 62
"""Voters up to which a count fits a machine word; beyond, Python's own integers count."""


def count(tests: tuple[Test, ...]) -> tuple[list[int], list[list[int]]]:
    """Count the winning coalitions by size, all of them and those with each voter.

    Returns
    -------
    winning
        Item s: winning coalitions of s voters.
    containing
        Item i, s: those of them that contain voter i.

    Raises
    ------
    DostastyqError
        ``VT009`` where the weights need more coefficients than fit the memory.

    Examples
    --------
    >>> count((Test((2, 1, 1), 3),))
    ([0, 0, 2, 1], [[0, 0, 2, 1], [0, 0, 1, 1], [0, 0, 1, 1]])
    """
    voters = len(tests[0].weights)
    winning = [comb(voters, size) for size in range(voters + 1)]
    containing = [[0, *(comb(voters - 1, size) for size in range(voters))] for _ in range(voters)]
    for number in range(1, len(tests) + 1):
        sign = 1 if number % 2 else -1
        for failed in combinations(tests, number):
            losing, losing_with = _losing(failed)
            winning = [a - sign * b for a, b in zip(winning, losing, strict=True)]
            for voter, counts in enumerate(losing_with):
                containing[voter] = [a - sign * b for a, b in zip(containing[voter], counts, strict=True)]
    return winning, containing


def _losing(tests: tuple[Test, ...]) -> tuple[list[int], list[list[int]]]:
    """Count by size the coalitions that fail each of some tests, all of them and those with each voter."""
    voters = len(tests[0].weights)
    heads = [test.by_heads for test in tests]
    largest = min([voters, *(head - 1 for head in heads if head is not None)])
    weighted = [test for test, head in zip(tests, heads, strict=True) if head is None]
    shape = tuple(test.quota for test in weighted) or (1,)
    word = voters <= MACHINE_WORD
    if (largest + 1) * prod(shape) > (CELLS if word else CELLS // 10):
        raise DostastyqError(
            "VT009",
            f"{voters} voters with quotas of {', '.join(map(str, shape))} units: too many sums to count exactly",
            "write the weights in a coarser unit",
        )
    steps = list(zip(*(test.weights for test in weighted), strict=True)) or [(0,)] * voters
    terms = np.zeros((largest + 1, *shape), dtype=np.int64 if word else object)
    terms[(0,) * terms.ndim] = 1
    for step in steps:
        upper, lower = _shifted(step, shape)
        terms[1:][:, *upper] += terms[:-1][:, *lower]
    with_each = {step: _with(terms, step, shape) for step in set(steps)}
    rest = [0] * (voters - largest)
    return (
        [int(terms[size].sum()) for size in range(largest + 1)] + rest,
        [with_each[step] + rest for step in steps],
    )


def _shifted(step: tuple[int, ...], shape: tuple[int, ...]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Where the terms go, and where they come from, when a voter of weights `step` joins."""
    upper = tuple(slice(weight, None) for weight in step)
    lower = tuple(slice(0, max(length - weight, 0)) for weight, length in zip(step, shape, strict=True))
    return upper, lower


def _with(terms: NDArray[np.generic], step: tuple[int, ...], shape: tuple[int, ...]) -> list[int]:
    """Count by size the coalitions with a voter of weights `step`: divide by its factor, then let it join."""
    upper, lower = _shifted(step, shape)
    counts, without = [0], terms[0].copy()
    for size in range(1, len(terms)):
        joined = without[lower]
        counts.append(int(joined.sum()))
        following = terms[size].copy()
        following[upper] -= joined
        without = following
    return counts
