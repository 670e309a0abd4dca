"""What comes in: arrays, frames and labels; and what is refused, with names, numbers and a remedy."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest

from dostastyq.equilibrium import Matrix, Shock, Vector, calibrate
from dostastyq.errors import DostastyqError

FLOWS = np.array([[90.0, 5.0, 6.0], [4.0, 80.0, 3.0], [2.0, 1.0, 70.0]])
STATES = ["KAZ", "KGZ", "RUS"]


def long(flows=FLOWS, states=STATES, **columns):
    rows = [(e, i) for i in range(len(states)) for e in range(len(states))]
    data = {
        "exporter": [states[e] for e, _ in rows],
        "importer": [states[i] for _, i in rows],
        "trade": [flows[i, e] for e, i in rows],
    }
    return pl.DataFrame(data | columns)


def pandas(frame):
    return pd.DataFrame(frame.to_dict(as_series=False))


def refused(call):
    with pytest.raises(DostastyqError) as caught:
        call()
    return caught.value


def test_every_form_gives_the_same_economy():
    shock = Shock(trade_cost=1.1)
    array = calibrate(FLOWS, labels=STATES).solve(shock).welfare.values
    frame = long().sample(fraction=1.0, shuffle=True, seed=0)
    for flows in (FLOWS[None], FLOWS.tolist(), frame, frame.lazy(), pandas(frame)):
        economy = calibrate(flows, labels=STATES)
        assert economy.labels == tuple(STATES)
        assert np.array_equal(economy.solve(shock).welfare.values, array)
    assert np.array_equal(calibrate(Matrix(FLOWS, tuple(STATES), "trade")).solve(shock).welfare.values, array)
    assert calibrate(frame).labels == tuple(STATES)


def test_tariffs_come_as_number_array_frame_or_column():
    tariffs = 0.1 * (1 - np.eye(3))
    expected = calibrate(FLOWS, tariffs=tariffs, labels=STATES).tariffs.values
    assert np.array_equal(calibrate(FLOWS, tariffs=0.1, labels=STATES).tariffs.values, expected)
    column = long(tariff=[float(tariffs[i, e]) for i in range(3) for e in range(3)])
    assert np.array_equal(calibrate(column).tariffs.values, expected)
    table = column.rename({"tariff": "tariffs"})
    assert np.array_equal(calibrate(long(), tariffs=table).tariffs.values, expected)
    assert refused(lambda: calibrate(column, tariffs=0.1)).code == "EQ012"


def test_a_flow_is_read_as_importer_by_exporter():
    economy = calibrate(long())
    assert economy.flows["KAZ", "RUS"] == 6.0
    assert economy.flows.between(exporter="RUS", importer="KAZ") == 6.0
    back = economy.flows.to_frame().filter(exporter="RUS", importer="KAZ")
    assert back["trade"].item() == 6.0


def test_shocks_come_as_number_array_matrix_or_frame():
    economy = calibrate(long())
    cost = np.ones((3, 3))
    cost[0, 2] = 1.2
    expected = economy.solve(Shock(trade_cost=cost)).welfare.values
    frame = pl.DataFrame({"exporter": ["RUS"], "importer": ["KAZ"], "trade_cost": [1.2]})
    order = [2, 0, 1]
    matrix = Matrix(cost[np.ix_(order, order)], tuple(STATES[i] for i in order), "trade_cost")
    for given in (frame, pandas(frame), matrix, cost[None]):
        assert np.array_equal(economy.solve(Shock(trade_cost=given)).welfare.values, expected)
    made = economy.solve(Shock(productivity=[1.0, 1.1, 1.0])).welfare.values
    table = pd.DataFrame({"state": ["KGZ"], "productivity": [1.1]})
    vector = Vector(np.array([1.1, 1.0, 1.0]), ("KGZ", "KAZ", "RUS"), "productivity")
    for given in (table, vector):
        assert np.array_equal(economy.solve(Shock(productivity=given)).welfare.values, made)


def test_a_frame_of_tariffs_keeps_what_it_does_not_name():
    economy = calibrate(long(), tariffs=0.1)
    frame = pl.DataFrame({"exporter": ["RUS"], "importer": ["KAZ"], "tariffs": [0.0]})
    found = economy.solve(Shock(tariffs=frame)).tariffs
    assert (found["KAZ", "RUS"], found["RUS", "KAZ"], found["KAZ", "KAZ"]) == (0.0, 0.1, 0.0)


def test_a_number_is_for_foreign_trade_only():
    economy = calibrate(long())
    cost = np.where(np.eye(3, dtype=bool), 1.0, 1.3)
    one, other = economy.solve(Shock(trade_cost=1.3)), economy.solve(Shock(trade_cost=cost))
    assert np.array_equal(one.welfare.values, other.welfare.values)


def with_cell(value):
    flows = FLOWS.copy()
    flows[0, 2] = value
    return flows


BAD_FLOWS = [
    (lambda: calibrate(FLOWS[:2]), "EQ001", "shape (2, 3)"),
    (lambda: calibrate(np.zeros((0, 0))), "EQ001", "shape (0, 0)"),
    (lambda: calibrate("flows.csv"), "EQ002", "not numbers"),
    (lambda: calibrate(with_cell(np.nan), labels=STATES), "EQ003", "RUS → KAZ is nan"),
    (lambda: calibrate(with_cell(np.inf), labels=STATES), "EQ003", "RUS → KAZ is inf"),
    (lambda: calibrate(with_cell(-1.0), labels=STATES), "EQ009", "RUS → KAZ is -1"),
    (lambda: calibrate(FLOWS * [1, 0, 1], labels=STATES), "EQ013", "exporter KGZ sells nothing"),
    (lambda: calibrate(FLOWS.T * [[1], [0], [1]], labels=STATES), "EQ013", "importer KGZ buys nothing"),
    (lambda: calibrate(FLOWS, labels=STATES[:2]), "EQ004", "2 labels for 3"),
    (lambda: calibrate(FLOWS, labels=["KAZ", "KAZ", "RUS"]), "EQ004", "'KAZ' is given twice"),
    (lambda: calibrate(long().head(8)), "EQ006", "RUS → RUS"),
    (
        lambda: calibrate(pl.concat([long(), long().head(1)])),
        "EQ007",
        "KAZ → KAZ is given in row 1 and again in row 10",
    ),
    (lambda: calibrate(long().rename({"trade": "value"})), "EQ005", "no column 'trade'"),
    (lambda: calibrate(long().with_columns(trade=None)), "EQ003", "row 1, column 'trade' is empty"),
    (lambda: calibrate(long().with_columns(pl.col("trade").cast(pl.String))), "EQ002", "row 1, column 'trade'"),
    (lambda: calibrate(long(), labels=["KAZ", "KGZ", "UZB"]), "EQ020", "'RUS'"),
    (lambda: calibrate(long().clear()), "EQ001", "no rows"),
    (lambda: calibrate(FLOWS, elasticity=0), "EQ008", "0.0"),
    (lambda: calibrate(FLOWS, elasticity=-4), "EQ008", "-4"),
    (lambda: calibrate(FLOWS, elasticity=np.nan), "EQ008", "nan"),
    (lambda: calibrate(FLOWS, elasticity="high"), "EQ008", "'high'"),
    (lambda: calibrate(FLOWS, deficits="multiplicative"), "EQ011", "'multiplicative'"),
    (lambda: calibrate(FLOWS, tariffs=-1.0), "EQ014", "-1"),
    (lambda: calibrate(FLOWS, tariffs=np.full((3, 3), np.nan)), "EQ003", "0 → 0"),
    (lambda: calibrate(np.ones((2, 3, 2))), "EQ001", "(2, 3, 2)"),
    (lambda: calibrate(FLOWS, elasticity=[4.0, 5.0]), "EQ001", "(2,); expected (1,)"),
    (lambda: calibrate(FLOWS, inputs=np.eye(3)), "EQ001", "(3, 1, 1)"),
    (lambda: calibrate(FLOWS, value_added=0.5), "EQ041", "without input shares"),
    (lambda: calibrate(FLOWS, final_shares=0.5), "EQ040", "0.5"),
    (lambda: calibrate(FLOWS, deficits="phase-out", remaining=2.0), "EQ044", "2.0"),
]


@pytest.mark.parametrize(("call", "code", "words"), BAD_FLOWS)
def test_bad_flows_are_refused(call, code, words):
    error = refused(call)
    assert error.code == code
    assert words in error.message


BAD_SHOCKS = [
    (Shock(trade_cost=0.0), "EQ023", "KGZ → KAZ is 0.0"),
    (Shock(trade_cost=-1.0), "EQ023", "-1.0"),
    (Shock(trade_cost=np.full((3, 3), np.nan)), "EQ003", "KAZ → KAZ"),
    (Shock(trade_cost=np.ones((2, 2))), "EQ001", "shape (2, 2); expected shape (3, 3)"),
    (Shock(trade_cost="more"), "EQ002", "'more'"),
    (Shock(trade_cost=Matrix(np.ones((3, 3)), ("KAZ", "KGZ", "UZB"), "d")), "EQ021", "RUS, UZB differ"),
    (Shock(trade_cost=pl.DataFrame({"exporter": ["UZB"], "importer": ["KAZ"], "trade_cost": [1.0]})), "EQ020", "'UZB'"),
    (Shock(tariffs=np.inf), "EQ014", "inf"),
    (Shock(tariffs=-2.0), "EQ014", "-2.0"),
    (Shock(productivity=0.0), "EQ022", "productivity of KAZ is 0.0"),
    (Shock(productivity=[1.0, 2.0]), "EQ001", "shape (2,)"),
    (Shock(labour=[1.0, np.nan, 1.0]), "EQ022", "labour of KGZ is nan"),
    (Shock(productivity=pl.DataFrame({"state": ["UZB"], "productivity": [1.1]})), "EQ020", "'UZB'"),
    (
        Shock(productivity=pl.DataFrame({"state": ["KAZ"] * 2, "productivity": [1.1, 1.2]})),
        "EQ007",
        "'KAZ' is given twice",
    ),
    (Shock(productivity=Vector(np.ones(2), ("KAZ", "KGZ"), "a")), "EQ021", "RUS differ"),
]


@pytest.mark.parametrize(("shock", "code", "words"), BAD_SHOCKS)
def test_bad_shocks_are_refused(shock, code, words):
    error = refused(lambda: calibrate(long()).solve(shock))
    assert error.code == code
    assert words in error.message


def test_the_zero_closure_balances_the_base_and_says_so():
    economy = calibrate(long(), deficits="zero")
    flows = economy.flows.values
    np.testing.assert_allclose(flows.sum(axis=0), flows.sum(axis=1), rtol=1e-13)
    assert (economy.deficit.values == 0).all()
    assert "the largest deficit removed was RUS, -6 (-7.59% of output)" in economy.repairs[0]
    assert economy.repairs == economy.solve().provenance.repairs
    assert economy.repairs[0] in economy.summary()


def test_a_base_that_cannot_be_balanced_is_refused_with_the_residual():
    error = refused(lambda: calibrate([[5.0, 3.0], [0.0, 5.0]], deficits="zero", labels=["KAZ", "KGZ"]))
    assert error.code == "EQ015"
    assert "cannot be balanced" in error.message
    assert "KAZ can buy from the rest of the world but not sell to it" in error.message
    assert "60.0% of output" in error.message


def test_inputs_are_not_touched_and_results_cannot_be():
    flows = FLOWS.copy()
    economy = calibrate(flows)
    result = economy.solve(Shock(trade_cost=1.1))
    flows[0, 0] = 1e9
    assert economy.flows.values[0, 0] == 90.0
    with pytest.raises(ValueError, match="read-only"):
        result.welfare.values[0] = 0.0
    assert np.array(result.flows).flags.writeable


def test_vectors_behave_as_arrays_and_speak_names():
    welfare = calibrate(long()).solve(Shock(trade_cost=1.1)).welfare
    assert (welfare < 0).all()
    assert np.array_equal(2 * welfare, 2 * np.asarray(welfare))
    assert welfare["KAZ"] == welfare[0] == next(iter(welfare)) == dict(welfare.items())["KAZ"]
    assert (len(welfare), welfare.shape) == (3, (3,))
    assert repr(welfare).splitlines()[0] == "welfare_percent (per cent)"
    assert welfare.to_frame().columns == ["state", "welfare_percent"]
    error = refused(lambda: welfare["KZA"])
    assert error.code == "EQ020"
    assert "'KAZ'" in error.hint


def test_frames_and_summaries_of_results():
    economy = calibrate(long())
    result = economy.solve(Shock(trade_cost=1.1))
    frame = result.to_frame()
    assert frame.columns[:5] == ["state", "welfare_percent", "real_wage_percent", "exports_percent", "imports_percent"]
    assert frame["state"].to_list() == STATES
    assert str(result).count("\n") == 4
    assert "rows importers" in repr(result.flows)
    assert "40 importers" in repr(calibrate(np.ones((40, 40))).flows)
    assert len(repr(calibrate(np.ones((100, 100))).solve().welfare).splitlines()) == 62
    assert economy.to_frame()["domestic_share"].to_list() == economy.domestic_shares.values.tolist()
    assert len(economy.inputs_hash) == 64


def test_a_state_without_exports_has_no_percentage():
    result = calibrate(np.diag([5.0, 5.0, 5.0]), deficits="zero").solve()
    assert np.isnan(result.exports_percent.values).all()


@pytest.mark.parametrize("shock", [5, {"tariffs": 0.0}, np.ones((3, 3))])
def test_what_is_no_shock_is_refused(shock):
    economy = calibrate(long())
    for call in (lambda: economy.solve(shock), lambda: economy.solve_many([shock])):
        error = refused(call)
        assert (error.code, "expected a Shock" in error.message) == ("EQ002", True)


@pytest.mark.parametrize("tolerance", ["tight", "1e-8", None, float("nan"), 0, 1])
def test_a_tolerance_is_a_number_between_nothing_and_one(tolerance):
    assert refused(lambda: calibrate(long()).solve(tolerance=tolerance)).code == "EQ016"
    assert calibrate(long()).solve(tolerance=np.float32(1e-8)).certificate.converged


def test_every_refusal_is_documented(root):
    used = set()
    for module in (root / "src" / "dostastyq" / "equilibrium").rglob("*.py"):
        used |= set(re.findall(r'DostastyqError\(\s*"(EQ\d{3})"', module.read_text(encoding="utf-8")))
    page = (root / "docs" / "reference" / "equilibrium.md").read_text(encoding="utf-8")
    assert used == set(re.findall(r"^\| `(EQ\d{3})`", page, flags=re.MULTILINE))
