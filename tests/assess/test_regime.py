"""Law between pairs as designs, and what happens to the unknown."""

import numpy as np
import polars as pl
import pytest

from dostastyq.assess.regime import between, design, replace, settle

STATES = ("ARM", "BLR", "KAZ")


def pairs(**kinds):
    columns = {"free_trade_area": [False], "customs_union": [False], "economic_union": [False], **kinds}
    data = {"exporter": ["ARM"], "importer": ["KAZ"], **columns}
    return pl.DataFrame(data, schema_overrides=dict.fromkeys(columns, pl.Boolean))


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ({}, (0, 0)),
        ({"free_trade_area": [True]}, (1, 0)),
        ({"economic_union": [True]}, (1, 1)),
        ({"customs_union": [True], "free_trade_area": [None]}, (1, 1)),
        ({"free_trade_area": [None]}, (np.nan, 0)),
        ({"free_trade_area": [True], "customs_union": [None]}, (1, np.nan)),
    ],
)
def test_a_union_implies_free_trade_and_the_unknown_stays_unknown(kinds, expected):
    result = design(pairs(**kinds), STATES)
    np.testing.assert_array_equal(result[:, 2, 0], expected)
    assert result[:, 0, 2].sum() == 0


def test_replacing_touches_the_masked_pairs_only():
    base = np.ones((2, 3, 3))
    changed = replace(base, between(STATES, ["ARM"], ["KAZ"]), "free_trade_area")
    assert (changed[0] == 1).all()
    assert changed[1, 0, 2] == changed[1, 2, 0] == 0
    assert changed[1].sum() == 7
    assert (base == 1).all()


def test_a_pair_known_in_one_world_only_is_held_unchanged_and_named():
    present = np.zeros((2, 3, 3))
    after = present.copy()
    after[0, 0, 1] = 1
    before = present.copy()
    before[0, 0, 1] = np.nan
    _, first, second, unknown = settle(present, before, after)
    assert first[0, 0, 1] == second[0, 0, 1] == 1
    assert np.argwhere(unknown).tolist() == [[0, 1]]
    assert not np.isnan(first).any()
