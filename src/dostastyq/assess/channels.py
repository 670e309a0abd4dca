r"""A total split between channels without choosing an order.

A channel switched to the second world while others stay in the first adds something that depends on what is switched
already. The Shapley value is the mean of that over all orders,

.. math:: \varphi_c=\sum_{S\subseteq C\setminus c}\frac{|S|!\,(|C|-|S|-1)!}{|C|!}\,(v(S\cup c)-v(S)),

and :math:`\sum_c\varphi_c=v(C)-v(\emptyset)` holds exactly, whatever :math:`v` (Shapley 1953; for decompositions
Shorrocks 2013, Journal of Economic Inequality 11, 99-126).
"""

from collections.abc import Mapping
from itertools import combinations
from math import factorial
from typing import Final

import numpy as np
from numpy.typing import NDArray

CHANNELS: Final = ("internal_tariffs", "external_tariff", "non_tariff_costs")
"""Tariffs between states whose law differs, tariffs on everybody else, and the rest of the agreement's effect."""

Coalition = frozenset[str]


def coalitions(channels: tuple[str, ...]) -> tuple[Coalition, ...]:
    """List every set of channels, the empty one first and all of them last.

    Examples
    --------
    >>> [sorted(one) for one in coalitions(("a", "b"))]
    [[], ['a'], ['b'], ['a', 'b']]
    """
    return tuple(frozenset(some) for size in range(len(channels) + 1) for some in combinations(channels, size))


def shapley(
    values: Mapping[Coalition, NDArray[np.float64]], channels: tuple[str, ...]
) -> dict[str, NDArray[np.float64]]:
    """Split the last value less the first between the channels.

    Parameters
    ----------
    values
        What each set of channels gives, arrays of one shape.
    channels
        The channels.

    Returns
    -------
    dict
        One array a channel; they sum to ``values[all] - values[none]``.

    Examples
    --------
    >>> import numpy as np
    >>> v = {frozenset(): 0.0, frozenset("a"): 1.0, frozenset("b"): 2.0, frozenset("ab"): 5.0}
    >>> shapley({key: np.array(value) for key, value in v.items()}, ("a", "b"))
    {'a': array(2.), 'b': array(3.)}
    """
    count = len(channels)
    result = {}
    for channel in channels:
        others = [some for some in values if channel not in some]
        parts = [
            factorial(len(some)) * factorial(count - len(some) - 1) / factorial(count)
            * (values[some | {channel}] - values[some])
            for some in others
        ]  # fmt: skip
        result[channel] = np.asarray(sum(parts))
    return result
