r"""Winning coalitions counted by generating functions, for more voters than can be enumerated.

The coalitions that fail a test are the terms of low degree of :math:`\prod_i (1 + z\,x^{w_i})`: the coefficient
:math:`c_s(k)` of :math:`z^s x^k` counts coalitions of s voters and weight k, and only :math:`k < q` is kept (Mann and
Shapley 1962; Brams and Affuso 1976). With :math:`C_s(y) = \sum_{k<y} c_s(k)`, division by the factor of voter i gives
the failing coalitions of s voters that contain it without dividing:
:math:`\sum_{j \ge 0} (-1)^j\, C_{s-1-j}(q - (j+1)\,w_i)`.

Several tests at once need one x each, and coalitions that pass all tests follow by inclusion and exclusion over the
sets of tests they fail. A single high quota is counted in the dual game, whose quota is low.
"""

from itertools import combinations
from math import comb, prod
from typing import Any

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
    dual = _dual(tests)
    if dual is not None:
        return _of_dual(*count((dual,)), voters)
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


def _dual(tests: tuple[Test, ...]) -> Test | None:
    """Test of the coalitions without which the others fail, where it is one and has the lower quota."""
    if len(tests) > 1:
        return None
    (test,) = tests
    quota = sum(test.weights) - test.quota + 1
    return Test(test.weights, quota) if quota < test.quota else None


def _of_dual(winning: list[int], containing: list[list[int]], voters: int) -> tuple[list[int], list[list[int]]]:
    """Turn counts of the dual game around: a coalition wins where the others, by themselves, do not stop it."""
    sizes = range(1, voters + 1)
    own = [comb(voters, size) - winning[voters - size] for size in range(voters + 1)]
    own_containing = [
        [0, *(comb(voters - 1, size - 1) - winning[voters - size] + counts[voters - size] for size in sizes)]
        for counts in containing
    ]
    return own, own_containing


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
    sums = _products(steps, shape, largest, np.dtype(np.int64 if word else object))
    for axis in range(1, sums.ndim):
        np.cumsum(sums, axis=axis, out=sums)
    with_each = {step: _with(sums, step, shape) for step in set(steps)}
    rest = [0] * (voters - largest)
    return (
        _column(sums, tuple(-1 for _ in shape)) + rest,
        [with_each[step] + rest for step in steps],
    )


def _products(steps: list[tuple[int, ...]], shape: tuple[int, ...], largest: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Multiply the factors of all voters: coalitions by size and weights, up to `largest` and below `shape`."""
    terms = np.zeros((largest + 1, *shape), dtype=dtype)
    terms[(0,) * terms.ndim] = 1
    for joined, step in enumerate(steps, start=1):
        upper = tuple(slice(weight, None) for weight in step)
        lower = tuple(slice(0, max(length - weight, 0)) for weight, length in zip(step, shape, strict=True))
        for size in range(min(joined, largest), 0, -1):
            terms[size][upper] += terms[size - 1][lower]
    return terms


def _with(sums: NDArray[Any], step: tuple[int, ...], shape: tuple[int, ...]) -> list[int]:
    """Count by size the coalitions with a voter of weights `step`, from sums over all lower weights."""
    counts = [0] * len(sums)
    for turn in range(len(sums) - 1):
        place = tuple(length - (turn + 1) * weight - 1 for weight, length in zip(step, shape, strict=True))
        if min(place) < 0:
            break
        column = _column(sums, place)
        for size in range(turn + 1, len(sums)):
            counts[size] += -column[size - 1 - turn] if turn % 2 else column[size - 1 - turn]
    return counts


def _column(sums: NDArray[Any], place: tuple[int, ...]) -> list[int]:
    """Read the sums of every size at one place of the weights."""
    every: tuple[Any, ...] = (slice(None),)
    return list(sums[every + place].tolist())
