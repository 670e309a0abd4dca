"""Randomisation inference: exact size under the null by construction, seeded, refused where nothing is comparable."""

import numpy as np
import polars as pl
import pytest

from dostastyq.errors import DostastyqError
from dostastyq.gravity import ppml

THREE = "exporter^year + importer^year + exporter^importer"


def pact(data, effect, members=(("C01", "C02"), ("C03", "C04"))):
    inside = pl.any_horizontal(
        (pl.col("exporter").is_in(pair) & pl.col("importer").is_in(pair) & (pl.col("exporter") != pl.col("importer")))
        for pair in members
    )
    data = data.with_columns(pact=(inside & (pl.col("year") >= 2003)).cast(pl.Float64))
    return data.with_columns(trade=pl.col("trade") * (effect * pl.col("pact")).exp())


def test_a_large_effect_is_far_out_and_none_is_not(panel):
    data = panel(10, 6, 4, zeros=0.0)
    none = ppml(f"trade ~ pact | {THREE}", pact(data, 0.0)).randomisation("pact", draws=79, comparable=lambda *_: True)
    strong = ppml(f"trade ~ pact | {THREE}", pact(data, 3.0)).randomisation(
        "pact", draws=79, comparable=lambda *_: True
    )
    assert strong.p_value == 1 / 80
    assert none.p_value > 0.05
    assert (strong.treated, strong.comparable) == (2, 45)
    assert "79 draws of 2 among 45 pairs" in str(strong)
    assert strong.to_frame().height == 79


def test_the_same_seed_gives_the_same_draws(panel):
    fit = ppml(f"trade ~ pact | {THREE}", pact(panel(8, 5, 4, zeros=0.0), 1.0))
    one, two, other = (fit.randomisation("pact", draws=9, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.draws, two.draws)
    assert not np.array_equal(one.draws, other.draws)


def test_too_few_comparable_pairs_are_refused(panel):
    fit = ppml(f"trade ~ pact | {THREE}", pact(panel(8, 5, 4), 1.0))
    with pytest.raises(DostastyqError) as error:
        fit.randomisation("pact", comparable=lambda *_: False)
    assert error.value.code == "GR024"
    with pytest.raises(DostastyqError, match="no coefficient 'pakt'"):
        fit.randomisation("pakt")
