"""Shapley value, core and nucleolus: axioms, an independent programme, published games."""

from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from dostastyq.coalition import core, excess, in_core, nucleolus, shapley
from dostastyq.coalition.games import has_core
from dostastyq.coalition.subsets import mask_of, members_of, membership, submasks
from dostastyq.errors import DostastyqError

worths = st.floats(-10, 10, allow_nan=False, width=32)


@st.composite
def games(draw, least=1, most=5):
    n = draw(st.integers(least, most))
    return np.array([0.0, *draw(st.lists(worths, min_size=2**n - 1, max_size=2**n - 1))])


def bankruptcy(estate, debts):
    """O'Neill's game: what is left of the estate when all others are paid in full."""
    inside = membership(len(debts))
    return np.maximum(estate - ~inside @ np.array(debts), 0.0) * inside.any(axis=1)


def airport(costs):
    """Cost savings of sharing a runway (Littlechild and Owen 1973): what each would pay alone less the longest."""
    inside = membership(len(costs))
    return np.array([sum(own := np.array(costs)[row]) - (own.max() if row.any() else 0.0) for row in inside])


@given(games())
def test_shapley_is_efficient(game):
    assert shapley(game).sum() == pytest.approx(game[-1], abs=1e-9)


@given(games(most=4))
def test_shapley_is_the_mean_over_orders(game):
    n = len(game).bit_length() - 1
    value = np.zeros(n)
    for order in permutations(range(n)):
        before = 0
        for player in order:
            value[player] += game[before | 1 << player] - game[before]
            before |= 1 << player
    assert shapley(game) == pytest.approx(value / factorial(n), abs=1e-9)


@given(games(least=2), games(least=2))
def test_shapley_is_additive(first, second):
    if len(first) == len(second):
        assert shapley(first + second) == pytest.approx(shapley(first) + shapley(second), abs=1e-9)


@given(games(least=1, most=4))
def test_a_null_player_gets_nothing(game):
    assert shapley(np.concatenate([game, game]))[-1] == pytest.approx(0, abs=1e-12)


@given(games(least=2, most=4))
def test_symmetric_players_get_the_same(game):
    n = len(game).bit_length() - 1
    swapped = [mask & ~3 | (mask & 1) << 1 | mask >> 1 & 1 for mask in range(1 << n)]
    value = shapley(game + game[swapped])
    assert value[0] == pytest.approx(value[1], abs=1e-9)


@given(games(least=2))
def test_core_emptiness_agrees_with_balanced_collections(game):
    """Bondareva and Shapley: the dual programme, solved apart, with weights on coalitions."""
    n = len(game).bit_length() - 1
    inside = membership(n)[1:].astype(float)
    dual = linprog(-game[1:], A_eq=inside.T, b_eq=np.ones(n), bounds=(0, None), method="highs")
    gap = -dual.fun - game[-1]
    if abs(gap) > 1e-6:
        assert core(game).empty == (gap > 0)
        assert has_core(game, shapley(game)) == (gap <= 0)
    if not core(game).empty:
        assert in_core(game, nucleolus(game))


def test_a_convex_game_has_its_shapley_value_in_the_core():
    game = membership(5).sum(axis=1) ** 2.0
    assert in_core(game, shapley(game))
    assert not core(game).empty


@pytest.mark.parametrize(
    ("estate", "share"),
    [(100, [100 / 3] * 3), (200, [50, 75, 75]), (300, [50, 100, 150])],
)
def test_nucleolus_divides_the_estate_as_the_talmud(estate, share):
    """Aumann and Maschler (1985), the table of the contested garment: debts 100, 200, 300."""
    assert nucleolus(bankruptcy(estate, [100, 200, 300])) == pytest.approx(share, abs=1e-9)


def test_nucleolus_of_the_glove_market():
    """One right glove, two left ones: all to the scarce side (Shapley and Shubik 1969)."""
    assert nucleolus([0, 0, 0, 0, 0, 1, 1, 1]) == pytest.approx([0, 0, 1], abs=1e-9)


def test_nucleolus_of_the_airport_game():
    """Littlechild (1974): for costs 1, 2, 3 the fees are 1/2, 3/4 and 7/4."""
    fees = np.array([1.0, 2.0, 3.0]) - nucleolus(airport([1.0, 2.0, 3.0]))
    assert fees == pytest.approx([0.5, 0.75, 1.75], abs=1e-9)


@given(games(least=2))
def test_nucleolus_is_lexicographically_least_around_itself(game):
    """No small move of money between two players makes the sorted complaints lexicographically smaller."""
    n = len(game).bit_length() - 1
    alone = game[1 << np.arange(n)]
    if alone.sum() > game[-1]:
        return
    best = nucleolus(game)
    assert best.sum() == pytest.approx(game[-1], abs=1e-7)
    assert (best >= alone - 1e-7).all()
    sorted_best = np.sort(excess(game, best)[1:-1])[::-1]
    for giver, taker in permutations(range(n), 2):
        moved = best.copy()
        moved[giver] -= 1e-3
        moved[taker] += 1e-3
        if (moved < alone).any():
            continue
        other = np.sort(excess(game, moved)[1:-1])[::-1]
        gap = np.flatnonzero(np.abs(other - sorted_best) > 1e-6)
        assert not len(gap) or other[gap[0]] > sorted_best[gap[0]]


def passes_kohlberg(game):
    """Kohlberg (1971) for the prenucleolus: coalitions that complain at least so much are balanced, level by level."""
    n = len(game).bit_length() - 1
    complaint = excess(game, nucleolus(game))[1:-1]
    inside = membership(n)[1:-1].astype(float)
    for level in np.unique(complaint.round(6))[::-1]:
        rows = inside[complaint >= level - 1e-5]
        found = linprog(
            -np.r_[np.zeros(len(rows)), 1.0],
            A_ub=np.hstack([-np.eye(len(rows)), np.ones((len(rows), 1))]),
            b_ub=np.zeros(len(rows)),
            A_eq=np.hstack([rows.T, np.zeros((n, 1))]),
            b_eq=np.ones(n),
            bounds=[(0, None)] * len(rows) + [(None, 1)],
            method="highs",
        )
        if found.status != 0 or -found.fun <= 1e-9:
            return False
        if np.linalg.matrix_rank(rows) == n:
            return True
    return True


def zero_monotonic(game):
    """The game made so superadditive that nobody's claim alone binds; the nucleolus is then the prenucleolus."""
    size = membership(len(game).bit_length() - 1).sum(axis=1)
    return game + 100.0 * size**2


@given(games(least=2))
def test_nucleolus_passes_kohlberg(game):
    assert passes_kohlberg(zero_monotonic(game))


@pytest.mark.parametrize("seed", range(6))
def test_nucleolus_of_many_players_with_ties_passes_kohlberg(seed):
    """Eight players: rows enter the programmes as they are violated, and whole worths make ties."""
    rng = np.random.default_rng(seed)
    game = rng.integers(0, 3, 256).astype(float) if seed % 2 else rng.random(256)
    game[0] = 0.0
    assert passes_kohlberg(zero_monotonic(game))


def test_another_division_fails_kohlberg(monkeypatch):
    """The test can fail: an allocation off the nucleolus is found out."""
    game = zero_monotonic(np.arange(16.0))
    found = nucleolus(game)
    monkeypatch.setitem(globals(), "nucleolus", lambda _: found + np.array([0.01, -0.01, 0, 0]))
    assert not passes_kohlberg(game)


@pytest.mark.parametrize("bad", [[0, 1, 2], [1, 1], [0, np.nan]])
def test_what_is_no_game_is_refused(bad):
    with pytest.raises(DostastyqError) as refusal:
        shapley(bad)
    assert refusal.value.code in {"CO004", "CO010"}
    assert refusal.value.hint


def test_masks_and_names():
    players = ["ARM", "BLR", "KAZ"]
    assert members_of(mask_of(["KAZ", "ARM"], players), players) == ("ARM", "KAZ")
    assert submasks(0b101).tolist() == [0, 1, 4, 5]
    for names, code in ((["XXX"], "CO001"), (["ARM", "ARM"], "CO002")):
        with pytest.raises(DostastyqError) as refusal:
            mask_of(names, players)
        assert refusal.value.code == code
