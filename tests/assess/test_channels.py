"""A total split between channels: exact, symmetric, and blind to order."""

from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.assess.channels import CHANNELS, coalitions, shapley

games = st.lists(st.floats(-1e3, 1e3), min_size=8, max_size=8)


@given(games)
def test_channels_sum_to_the_total(numbers):
    values = {some: np.array([number]) for some, number in zip(coalitions(CHANNELS), numbers, strict=True)}
    total = values[frozenset(CHANNELS)] - values[frozenset()]
    np.testing.assert_allclose(sum(shapley(values, CHANNELS).values()), total, atol=1e-9)


@given(games)
def test_it_is_the_mean_over_all_orders(numbers):
    values = {some: np.array([number]) for some, number in zip(coalitions(CHANNELS), numbers, strict=True)}
    expected = dict.fromkeys(CHANNELS, 0.0)
    for order in permutations(CHANNELS):
        for place, channel in enumerate(order):
            before = frozenset(order[:place])
            expected[channel] += float((values[before | {channel}] - values[before])[0]) / 6
    found = shapley(values, CHANNELS)
    for channel in CHANNELS:
        np.testing.assert_allclose(found[channel], expected[channel], atol=1e-9)


def test_a_channel_that_adds_nothing_gets_nothing():
    values = {some: np.array(float("external_tariff" in some)) for some in coalitions(CHANNELS)}
    assert shapley(values, CHANNELS) == {"internal_tariffs": 0, "external_tariff": 1, "non_tariff_costs": 0}
