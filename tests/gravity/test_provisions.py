"""The lasso of provisions: the optimum of a slow oracle, its conditions, and what it finds in the world's treaties."""

from statistics import NormalDist

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dostastyq.errors import DostastyqError
from dostastyq.gravity.formula import parse
from dostastyq.gravity.penalised import descend, penalised
from dostastyq.gravity.provisions import lasso, plug_in, screened
from dostastyq.gravity.prune import prune
from dostastyq.gravity.sample import sample, tensor
from dostastyq.gravity.solve import solve
from dostastyq.gravity.tensor import build

THREE = "exporter^year + importer^year + exporter^importer"


def treaties(seed, n=12, years=5, provisions=8, effects=(0.9, -0.7)):
    """Panel in which only the first provisions have an effect."""
    draw = np.random.default_rng(seed)
    e, m, t = np.indices((n, n, years)).reshape(3, -1)
    agreed = np.triu(draw.random((n, n)) < 0.4, 1)
    agreed = agreed | agreed.T
    since = draw.integers(1, years, size=(n, n))
    since = np.minimum(since, since.T)
    columns = {
        f"p{k}": (agreed[e, m] & (draw.random((n, n)) < 0.6)[e, m] & (t >= since[e, m])).astype(float)
        for k in range(provisions)
    }
    index = sum(effect * columns[f"p{k}"] for k, effect in enumerate(effects))
    level = draw.normal(size=(n, years))[e, t] + draw.normal(size=(n, years))[m, t] + draw.normal(size=(n, n))[e, m]
    trade = np.exp(index + level) * draw.gamma(20.0, 0.05, size=e.size)
    return pl.DataFrame({"exporter": e, "importer": m, "year": t, "trade": trade, **columns}), list(columns)


def oracle(y, x, dummies, penalties):
    """Slow: weighted least squares with every effect a dense dummy, coordinate by coordinate, to a fixed point."""
    beta, effects = np.zeros(x.shape[1]), np.zeros(dummies.shape[1])
    mu = (y + y.mean()) / 2
    index = np.log(mu)
    for _ in range(400):
        working = index + (y - mu) / mu
        old = beta.copy()
        for _ in range(12):
            root = np.sqrt(mu)
            effects = np.linalg.lstsq(root[:, None] * dummies, root * (working - x @ beta), rcond=None)[0]
            rest = working - dummies @ effects - x @ beta
            for k in range(x.shape[1]):
                rest = rest + x[:, k] * beta[k]
                z = (mu * x[:, k]) @ rest
                beta[k] = np.sign(z) * max(abs(z) - penalties[k], 0.0) / ((mu * x[:, k]) @ x[:, k])
                rest = rest - x[:, k] * beta[k]
        index = x @ beta + dummies @ effects
        mu = np.exp(index)
        if np.abs(beta - old).max() < 1e-11:
            return beta
    raise AssertionError("the oracle did not settle")


@settings(max_examples=4)
@given(seed=st.integers(0, 500), share=st.sampled_from([0.02, 0.1, 0.3]))
def test_same_optimum_as_dense_coordinate_descent(seed, share):
    data, columns = treaties(seed, n=5, years=3, provisions=3)
    columns = [name for name in columns if data[name].max() > 0]
    assume(columns)
    panel = tensor(sample(parse(f"trade ~ {' + '.join(columns)} | exporter^year + importer^year"), data))
    made, _, _ = screened(build(panel, prune(panel).live))
    y = made.y.ravel()
    x = panel.regressors[:, :, made.cols].transpose(0, 1, 3, 2).reshape(len(y), -1)
    penalties = np.full(x.shape[1], share * 4)
    beta, _ = penalised(made, penalties)
    e, m, t = np.indices(made.y.shape).reshape(3, -1)
    groups = [e * made.y.shape[2] + t, m * made.y.shape[2] + t]
    dummies = np.column_stack([np.eye(group.max() + 1)[group] for group in groups])
    assert beta == pytest.approx(oracle(y, x, dummies, penalties), abs=1e-6)


@given(seed=st.integers(0, 500), size=st.integers(1, 12))
def test_the_quadratic_is_minimised(seed, size):
    draw = np.random.default_rng(seed)
    root = draw.normal(size=(size + 2, size))
    hessian, linear, penalties = root.T @ root, draw.normal(size=size), draw.random(size)
    beta = descend(hessian, linear, penalties, np.zeros(size))
    slope = linear - hessian @ beta
    assert np.abs(slope[beta == 0]) == pytest.approx(np.minimum(np.abs(slope), penalties)[beta == 0], abs=1e-7)
    assert slope[beta != 0] == pytest.approx((np.sign(beta) * penalties)[beta != 0], abs=1e-6)


def test_no_penalty_is_the_plain_fit_and_a_large_one_leaves_nothing():
    data, columns = treaties(1)
    panel = tensor(sample(parse(f"trade ~ {' + '.join(columns)} | {THREE}"), data))
    made, _, _ = screened(build(panel, prune(panel).live))
    plain, _ = penalised(made, np.zeros(len(made.cols)))
    assert plain == pytest.approx(solve(panel).beta, abs=1e-6)
    none, _ = penalised(made, np.full(len(made.cols), 1e9))
    assert not none.any()


def test_provisions_with_an_effect_are_found():
    data, columns = treaties(3, n=20, years=6, provisions=12)
    found = lasso(f"trade ~ 1 | {THREE}", data, columns)
    assert {"p0", "p1"} <= set(found.selected)
    assert len(found.selected) <= 5
    assert found.post.names == found.selected
    shrunk = dict(found.coefficients.items())
    assert all(abs(shrunk[name]) < abs(found.post.coef()[name]) for name in ("p0", "p1"))
    assert found.rounds.height < 15
    assert found.to_frame().filter("selected")["term"].to_list() == list(found.selected)
    assert found.penalty == pytest.approx(plug_in(20 * 20 * 6, 12))


def test_nothing_is_found_where_there_is_nothing():
    data, columns = treaties(5, n=14, effects=())
    found = lasso(f"trade ~ 1 | {THREE}", data, columns)
    assert found.selected == ()
    assert found.post.names == ()


def test_regressors_of_the_formula_are_not_penalised():
    data, columns = treaties(4, n=14)
    found = lasso(f"trade ~ p5 | {THREE}", data, [name for name in columns if name != "p5"])
    assert "p5" in found.post.names
    assert "p5" not in found.coefficients.names


def test_there_must_be_something_to_choose_among():
    data, columns = treaties(1)
    for formula, given_columns in ((f"trade ~ 1 | {THREE}", []), ("trade ~ 1 | exporter + importer + year", columns)):
        with pytest.raises(DostastyqError) as error:
            lasso(formula, data, given_columns)
        assert error.value.code == "GR040"


def plug_in_by_hand(data, columns):
    """Plug-in lasso with dense dummies, round by round and without the package: penalty, loadings, coefficients."""
    y = data["trade"].to_numpy() / data["trade"].mean()
    x = data.select(columns).to_numpy()
    e, m, t = (data[name].to_numpy() for name in ("exporter", "importer", "year"))
    groups = [e * 100 + t, m * 100 + t, e * 100 + m]
    dummies = np.column_stack([(group[:, None] == np.unique(group)).astype(float) for group in groups])
    pairs = np.unique(groups[2], return_inverse=True)[1]
    n, k = x.shape
    penalty = 1.1 * np.sqrt(n) * NormalDist().inv_cdf(1 - 0.1 / np.log(n) / (2 * k))
    chosen, beta = np.zeros(k, dtype=bool), np.zeros(k)
    for _ in range(15):
        free = np.where(chosen, 0.0, 1e9)
        after = oracle(y, x, dummies, free)
        mu = fitted(y, x @ after, dummies)
        root = np.sqrt(mu)[:, None]
        left = x - dummies @ np.linalg.lstsq(root * dummies, root * x, rcond=None)[0]
        scores = np.zeros((pairs.max() + 1, k))
        np.add.at(scores, pairs, left * (y - mu)[:, None])
        loadings = np.sqrt((scores**2).sum(axis=0) / n)
        beta = oracle(y, x, dummies, penalty * loadings)
        if ((beta != 0) == chosen).all():
            break
        chosen = beta != 0
    return penalty, loadings * data["trade"].mean(), beta


def fitted(y, index, dummies):
    """Fitted flows at a given index of the regressors: the effects by reweighted least squares."""
    mu = (y + y.mean()) / 2
    total = np.log(mu)
    for _ in range(200):
        root = np.sqrt(mu)
        working = total + (y - mu) / mu - index
        effects = np.linalg.lstsq(root[:, None] * dummies, root * working, rcond=None)[0]
        total = index + dummies @ effects
        mu = np.exp(total)
    return mu


def test_the_plug_in_is_that_of_a_slow_oracle():
    data, columns = treaties(8, n=5, years=4, provisions=3, effects=(1.5,))
    penalty, loadings, beta = plug_in_by_hand(data, columns)
    found = lasso(f"trade ~ 1 | {THREE}", data, columns)
    assert found.coefficients.names == tuple(columns)
    assert found.penalty == pytest.approx(penalty)
    assert np.asarray(found.loadings) == pytest.approx(loadings, rel=1e-4)
    assert np.asarray(found.coefficients) == pytest.approx(beta, abs=1e-5)
    assert found.selected == tuple(name for name, value in zip(columns, beta, strict=True) if value)
    assert found.selected


def test_provisions_that_are_zero_equal_or_explained_are_named():
    data, columns = treaties(3, n=14)
    data = data.with_columns(
        twin=pl.col("p1"),
        never=pl.lit(0.0),
        sum=pl.col("p2") + pl.col("p3"),
        home=(pl.col("exporter") < 3).cast(pl.Float64),
    )
    found = lasso(f"trade ~ 1 | {THREE}", data, [*columns, "twin", "never", "sum", "home"])
    assert dict(found.dropped) == {
        "twin": "same as p1", "never": "zero", "sum": "collinear", "home": "absorbed",
    }  # fmt: skip
    table = found.to_frame()
    assert table.filter(term="p1")["also"].item() == "twin"
    assert set(table["also"]) == {"", "twin"}
    plain = lasso(f"trade ~ 1 | {THREE}", data, columns)
    assert found.selected == plain.selected
    assert found.penalty == plain.penalty
    assert np.asarray(found.coefficients) == pytest.approx(np.asarray(plain.coefficients), abs=1e-7)


def test_the_path_begins_where_nothing_is_selected_and_passes_the_plug_in():
    data, columns = treaties(3, n=14)
    found = lasso(f"trade ~ 1 | {THREE}", data, columns, path=8)
    assert found.path.columns == ["penalty", "share", "term", "coefficient"]
    steps = found.path.group_by("penalty", maintain_order=True).agg(
        (pl.col("coefficient") != 0).sum().alias("selected")
    )
    assert steps["penalty"].is_sorted(descending=True)
    assert steps["selected"][0] <= 1
    assert steps["selected"][-1] >= len(found.selected)
    assert found.path["share"].min() == pytest.approx(0.1)
    near = found.path.filter(pl.col("share") < 1).filter(pl.col("penalty") == pl.col("penalty").max())
    assert set(found.selected) <= set(near.filter(pl.col("coefficient") != 0)["term"])
    assert lasso(f"trade ~ 1 | {THREE}", data, columns).path.is_empty()


def test_columns_that_are_unknown_or_without_a_value_are_refused():
    data, columns = treaties(1)
    with pytest.raises(DostastyqError, match="no column 'p99'"):
        lasso(f"trade ~ 1 | {THREE}", data, [*columns, "p99"])
    gap = data.with_columns(p0=pl.when(pl.col("year") == 0).then(None).otherwise("p0"))
    with pytest.raises(DostastyqError) as error:
        lasso(f"trade ~ 1 | {THREE}", gap, columns)
    assert error.value.code == "GR008"
    assert "p0" in error.value.message
    with pytest.raises(DostastyqError) as error:
        lasso(f"trade ~ 1 | {THREE}", data.with_columns(p0=0.0), ["p0"])
    assert error.value.code == "GR040"


@pytest.mark.data
def test_provisions_of_the_worlds_treaties(data_folder):
    """A subset of the 305 provisions on the larger economies: sparse, stable, and the same twice."""
    folder = data_folder / "wb-dta" / "trade_provisions.parquet"
    data = pl.read_parquet(folder).filter(pl.col("year").is_in(list(range(1984, 2017, 4))))
    large = data.group_by("exporter").agg(pl.col("trade_usd").sum()).sort("trade_usd", "exporter").tail(60)["exporter"]
    data = data.filter(pl.col("exporter").is_in(large.implode()), pl.col("importer").is_in(large.implode()))
    every = [name for name in data.columns if "_prov_" in name]
    data = data.with_columns(pl.col(every).fill_nan(None).fill_null(0.0))
    columns = [name for name in every if data[name].max() > 0][::4][:60]
    found = lasso(f"trade_usd ~ 1 | {THREE}", data, columns)
    assert 0 < len(found.selected) < len(columns) / 3
    assert found.rounds.height < 15
    again = lasso(f"trade_usd ~ 1 | {THREE}", data.sample(fraction=1.0, shuffle=True, seed=1), columns)
    assert again.selected == found.selected
