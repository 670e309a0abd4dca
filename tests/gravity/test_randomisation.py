"""Randomisation inference: exact size under the null by construction, seeded, refused where nothing is comparable."""

import os

import numpy as np
import polars as pl
import pytest

from dostastyq.errors import DostastyqError
from dostastyq.gravity import ppml
from dostastyq.gravity.problem import Problem
from dostastyq.gravity.refits import Refits
from dostastyq.gravity.solve import solve

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


def drawn_pact(seed, treated=3):
    """Panel without any effect in which a treatment falls on pairs at random."""
    draw = np.random.default_rng(seed)
    n, years = 7, 4
    e, m, t = np.indices((n, n, years)).reshape(3, -1)
    level = draw.normal(size=(n, years))[e, t] + draw.normal(size=(n, years))[m, t] + draw.normal(size=(n, n))[e, m]
    first, second = np.triu_indices(n, 1)
    chosen = draw.choice(len(first), treated, replace=False)
    inside = np.zeros((n, n), dtype=bool)
    inside[first[chosen], second[chosen]] = True
    pact = ((inside | inside.T)[e, m] & (t >= 2)).astype(float)
    trade = np.exp(level) * draw.gamma(2.0, 0.5, size=e.size)
    return pl.DataFrame({"exporter": e, "importer": m, "year": t, "trade": trade, "pact": pact})


def test_the_p_value_is_uniform_under_a_true_null():
    """Kolmogorov's distance of the p-values from the uniform stays below its 1 per cent bound; clusters' does not."""
    count = 400 if os.environ.get("DOSTASTYQ_FULL") else 60
    fits = [ppml(f"trade ~ pact | {THREE}", drawn_pact(seed)) for seed in range(count)]
    random = [fit.randomisation("pact", draws=19, seed=7, comparable=lambda *_: True).p_value for fit in fits]
    clustered = [fit.tidy()["p_value"][0] for fit in fits]
    places = np.arange(1, 21) / 20
    below = np.array([np.mean(np.array(random) <= place + 1e-9) for place in places])
    assert np.abs(below - places).max() < 1.63 / np.sqrt(count)
    assert np.mean(np.array(random) <= 0.1 + 1e-9) < np.mean(np.array(clustered) <= 0.1)


@pytest.mark.parametrize("effects", ["three_way", "three_way_symmetric", "two_way"])
def test_a_refit_is_the_fit(effects):
    """Warm-started refits reach the optimum of a fit from nothing, for any values of the further regressors."""
    draw = np.random.default_rng(3)
    shape = (9, 9, 5)
    flows = draw.lognormal(sigma=1.5, size=shape) * (draw.random(shape) > 0.2)
    live, x = draw.random(shape) > 0.1, draw.normal(size=(9, 9, 2, 5))
    bare = Problem(flows, x, live, ("x0", "x1"), effects)
    sample = solve(bare).live
    base = Refits.of(bare, sample, extra=2)
    for _ in range(3):
        more = (draw.random((2, *shape)) < 0.3) * draw.exponential(3.0, size=(2, 1, 1, 1))
        whole = Problem(
            flows, np.concatenate((x, more.transpose(1, 2, 0, 3)), axis=2), sample, ("a", "b", "c", "d"), effects
        )
        assert base.coefficients(more) == pytest.approx(solve(whole).beta[2:], abs=1e-6)


def test_a_treatment_that_the_effects_explain_has_no_coefficient():
    draw = np.random.default_rng(4)
    bare = Problem(draw.lognormal(size=(6, 6, 4)), np.zeros((6, 6, 0, 4)), np.ones((6, 6, 4), bool), ())
    base = Refits.of(bare, bare.live)
    assert np.isnan(base.coefficients(np.ones((1, 6, 6, 4)))).all()
    assert np.isfinite(base.coefficients(draw.random((1, 6, 6, 4)))).all()


def test_randomisation_is_advised_below_twenty_treated_pairs_and_not_above(panel):
    data = panel(9, 5, 4, zeros=0.0)
    few = ppml(f"trade ~ pact | {THREE}", pact(data, 1.0))
    assert few.treated_pairs["pact"] == 2
    assert "Few pairs change: pact (2)." in str(few)
    many = pact(data, 1.0, members=[(f"C0{k}", f"C0{m}") for k in range(9) for m in range(k + 1, 9)][:21])
    enough = ppml(f"trade ~ pact | {THREE}", many)
    assert enough.treated_pairs["pact"] == 21
    assert "Few pairs change" not in str(enough)


def test_a_pair_treated_in_all_its_years_is_neither_treated_nor_comparable(panel):
    """Its own effect takes the treatment up: reassigning it would say nothing."""
    data = panel(9, 5, 4, zeros=0.0)
    data = pact(data, 1.0).with_columns(
        pact=pl.when(pl.col("exporter").is_in(["C05", "C06"]) & pl.col("importer").is_in(["C05", "C06"]))
        .then((pl.col("exporter") != pl.col("importer")).cast(pl.Float64))
        .otherwise("pact")
    )
    found = ppml(f"trade ~ pact | {THREE}", data).randomisation("pact", draws=9, comparable=lambda *_: True)
    assert (found.treated, found.comparable) == (2, 35)
    two_way = ppml("trade ~ pact | exporter^year + importer^year", data)
    assert two_way.randomisation("pact", draws=9, comparable=lambda *_: True).treated == 3


@pytest.mark.parametrize("call", ["randomisation", "score_bootstrap"])
def test_no_draws_are_refused(call, panel):
    fit = ppml(f"trade ~ rta | {THREE}", panel(8, 5))
    with pytest.raises(DostastyqError, match="draws is 0, expected at least 1"):
        getattr(fit, call)("rta", draws=0)
