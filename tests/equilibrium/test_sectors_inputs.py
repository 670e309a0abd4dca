"""What comes in with sectors: arrays, frames, mappings and labels; what is repaired and said; what is refused."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from dostastyq.equilibrium import Cube, Economy, Shock, Table, calibrate
from dostastyq.errors import DostastyqError

STATES, SECTORS = ["KAZ", "KGZ", "RUS"], ["grain", "steel"]
FLOWS = np.array(
    [
        [[90.0, 5.0, 6.0], [4.0, 80.0, 3.0], [2.0, 1.0, 70.0]],
        [[50.0, 2.0, 9.0], [1.0, 30.0, 8.0], [3.0, 1.0, 95.0]],
    ]
)
INPUTS = np.array([[[0.2, 0.1], [0.1, 0.3]]] * 3)
NAMES = {"labels": STATES, "sectors": SECTORS}


def long(flows=FLOWS, name="trade", **columns):
    rows = [(j, e, i) for j in range(2) for i in range(3) for e in range(3)]
    data = {
        "sector": [SECTORS[j] for j, _, _ in rows],
        "exporter": [STATES[e] for _, e, _ in rows],
        "importer": [STATES[i] for _, _, i in rows],
        name: [float(flows[j, i, e]) for j, e, i in rows],
    }
    return pl.DataFrame(data | columns)


def refused(call):
    with pytest.raises(DostastyqError) as caught:
        call()
    return caught.value


def test_every_form_gives_the_same_economy():
    shock = Shock(trade_cost=1.1)
    array = calibrate(FLOWS, [4.0, 6.0], 0.1, INPUTS, **NAMES).solve(shock).welfare.values
    frame = long().sample(fraction=1.0, shuffle=True, seed=0)
    cube = Cube(FLOWS, tuple(SECTORS), tuple(STATES), "trade")
    theta = {"steel": 6.0, "grain": 4.0}
    for flows in (frame, frame.lazy(), pd.DataFrame(frame.to_dict(as_series=False)), cube):
        economy = calibrate(flows, theta, 0.1, INPUTS, **NAMES)
        assert (economy.labels, economy.sectors) == (tuple(STATES), tuple(SECTORS))
        np.testing.assert_allclose(economy.solve(shock).welfare.values, array, rtol=0, atol=1e-9)
    tariffs = 0.1 * np.broadcast_to(1 - np.eye(3), FLOWS.shape)
    column = long(tariff=long(tariffs)["trade"].to_list())
    np.testing.assert_allclose(
        calibrate(column, theta, None, INPUTS, **NAMES).solve(shock).welfare.values, array, rtol=0, atol=1e-9
    )
    assert refused(lambda: calibrate(column, theta, 0.1, INPUTS, **NAMES)).code == "EQ012"
    assert calibrate(frame, theta, sectors=SECTORS).labels == tuple(STATES)


def test_flows_that_are_an_equilibrium_are_kept():
    economy = calibrate(FLOWS, 4.0, 0.1, INPUTS, **NAMES)
    np.testing.assert_allclose(economy.flows.values, FLOWS, rtol=1e-13)
    assert economy.repairs == ()
    assert economy.flows["steel", "KAZ", "RUS"] == pytest.approx(9.0)
    assert economy.flows.total()["KAZ", "RUS"] == pytest.approx(15.0)
    back = economy.flows.to_frame().filter(sector="steel", exporter="RUS", importer="KAZ")
    assert back["trade"].item() == pytest.approx(9.0)
    np.testing.assert_allclose(economy.deficit.values, FLOWS.sum(axis=(0, 2)) - FLOWS.sum(axis=(0, 1)), atol=1e-12)
    np.testing.assert_allclose(economy.value_added.values.sum(), (FLOWS.sum(axis=1) * [[0.7], [0.6]]).sum())


def test_shares_of_an_economy_make_it_again():
    one = calibrate(FLOWS, 4.0, 0.1, INPUTS, **NAMES)
    base = one.base
    other = Economy.from_shares(
        base.shares, base.expenditure, base.tariffs, base.theta, base.value_added, base.inputs, base.final_shares,
        **NAMES,
    )  # fmt: skip
    shock = Shock(tariffs=0.0)
    np.testing.assert_allclose(other.solve(shock).welfare.values, one.solve(shock).welfare.values, atol=1e-9)
    assert other.repairs == ()
    assert "2 sectors" in other.summary()
    assert other.to_frame().columns[0] == "state"


def test_shocks_come_by_sector_or_for_all():
    economy = calibrate(FLOWS, 4.0, 0.1, INPUTS, **NAMES)
    cost = np.ones((2, 3, 3))
    cost[1, 0, 2] = 1.2
    expected = economy.solve(Shock(trade_cost=cost)).welfare.values
    frame = pl.DataFrame({"sector": ["steel"], "exporter": ["RUS"], "importer": ["KAZ"], "trade_cost": [1.2]})
    labelled = Cube(cost[::-1].copy(), ("steel", "grain"), tuple(STATES), "trade_cost")
    for given in (frame, labelled):
        np.testing.assert_allclose(economy.solve(Shock(trade_cost=given)).welfare.values, expected, atol=1e-9)
    both = economy.solve(Shock(trade_cost=np.where(np.eye(3), 1.0, 1.3))).welfare.values
    np.testing.assert_allclose(economy.solve(Shock(trade_cost=1.3)).welfare.values, both, atol=1e-9)
    made = np.ones((2, 3))
    made[0, 1] = 1.1
    by_table = economy.solve(Shock(productivity=made)).welfare.values
    frame = pl.DataFrame({"sector": ["grain"], "state": ["KGZ"], "productivity": [1.1]})
    for given in (frame, Table(made, tuple(SECTORS), tuple(STATES), "productivity")):
        np.testing.assert_allclose(economy.solve(Shock(productivity=given)).welfare.values, by_table, atol=1e-9)
    tariffs = pl.DataFrame({"exporter": ["RUS"], "importer": ["KAZ"], "tariffs": [0.0]})
    found = economy.solve(Shock(tariffs=tariffs)).tariffs
    assert (found["steel", "KAZ", "RUS"], found["grain", "RUS", "KAZ"]) == (0.0, 0.1)


def test_repairs_are_made_and_said_with_their_size():
    shares = FLOWS / FLOWS.sum(axis=2, keepdims=True)
    spending = FLOWS.sum(axis=2)
    economy = Economy.from_shares(
        shares * 1.001, spending, None, 4.0, 0.6 * (1 + 1e-4), INPUTS * (0.4 / INPUTS.sum(axis=1, keepdims=True)),
        np.full((2, 3), 0.5005), "additive",
    )  # fmt: skip
    words = "\n".join(economy.repairs)
    assert "trade shares were divided by their sums, which missed 1 by up to 0.001" in words
    assert "input shares were scaled" in words
    assert "missed by up to 6e-05" in words
    assert "final shares were divided by their sums" in words
    assert "re-solved to be an exact equilibrium: expenditure moved by up to" in words
    assert economy.solve().provenance.repairs == economy.repairs


def test_deficits_given_in_currency_become_those_of_the_base():
    wanted = np.array([5.0, -2.0, -3.0])
    base = calibrate(FLOWS, 4.0, None, INPUTS, **NAMES).base
    economy = Economy.from_shares(
        base.shares, base.expenditure, None, 4.0, base.value_added, INPUTS, base.final_shares, wanted
    )
    np.testing.assert_allclose(economy.deficit.values, wanted, rtol=1e-12)
    flows = economy.flows.values
    np.testing.assert_allclose(flows.sum(axis=(0, 2)) - flows.sum(axis=(0, 1)), wanted, atol=1e-9)
    assert economy.deficits == "additive"


def test_the_zero_closure_balances_the_base():
    economy = calibrate(FLOWS, 4.0, 0.1, INPUTS, deficits="zero", **NAMES)
    flows = economy.flows.values
    np.testing.assert_allclose(flows.sum(axis=(0, 1)), flows.sum(axis=(0, 2)), rtol=1e-11)
    assert "trade was balanced before anything else: the largest deficit removed was RUS" in economy.repairs[0]
    again = calibrate(flows, 4.0, 0.1, INPUTS, deficits="zero", **NAMES)
    assert not any("balanced" in line for line in again.repairs)


@pytest.mark.parametrize("inputs", [None, INPUTS])
@pytest.mark.parametrize("closure", ["additive", "zero"])
def test_tariffs_that_look_like_a_slip_are_kept_and_said(inputs, closure):
    flows, more = (FLOWS[0], {"labels": STATES}) if inputs is None else (FLOWS, NAMES)
    levels = 5.0 * (1 - np.eye(3))
    words = "\n".join(calibrate(flows, 4.0, levels, inputs, deficits=closure, **more).repairs)
    assert "tariffs average 500% of trade and were kept: they are read as fractions, 5 % is 0.05" in words
    assert "own goods" not in words
    peak = np.where(np.arange(9).reshape(3, 3) == 1, 2.0, 0.1 * (1 - np.eye(3)))
    assert "tariffs" not in "".join(calibrate(flows, 4.0, peak, inputs, deficits=closure, **more).repairs)
    home = "\n".join(calibrate(flows, 4.0, np.full((3, 3), 0.05), inputs, deficits=closure, **more).repairs)
    assert "tariffs of up to 0.05 on a state's own goods were kept" in home
    assert "average" not in home


def shares_with(**changed):
    base = calibrate(FLOWS, 4.0, None, INPUTS, **NAMES).base
    arguments = {
        "trade_shares": base.shares,
        "expenditure": base.expenditure,
        "tariffs": None,
        "elasticity": 4.0,
        "value_added_share": base.value_added,
        "input_shares": INPUTS,
        "final_shares": base.final_shares,
    }
    return Economy.from_shares(**arguments | changed, **NAMES)


def looped():
    """Steel in KAZ made of KAZ's steel alone."""
    gamma, links, shares = np.array([[0.7] * 3, [0.6] * 3]), INPUTS.copy(), (FLOWS / FLOWS.sum(axis=2, keepdims=True))
    gamma[1, 0], links[0, :, 1] = 0.0, [0.0, 1.0]
    shares[1, 0] = [1.0, 0.0, 0.0]
    return {"trade_shares": shares, "value_added_share": gamma, "input_shares": links}


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ({"trade_shares": FLOWS}, "EQ040", "grain in KAZ sum to 101"),
        ({"trade_shares": FLOWS[0]}, "EQ001", "(3, 3)"),
        ({"trade_shares": np.full((2, 3, 3), np.nan)}, "EQ003", "nan"),
        ({"trade_shares": -FLOWS}, "EQ009", "-90"),
        ({"expenditure": np.ones((3, 2))}, "EQ001", "(3, 2)"),
        ({"expenditure": np.zeros((2, 3))}, "EQ013", "KAZ"),
        ({"expenditure": [["a"] * 3] * 2}, "EQ002", "not numbers"),
        ({"elasticity": [4.0, 5.0, 6.0]}, "EQ001", "(3,)"),
        ({"elasticity": {"grain": 4.0}}, "EQ046", "'steel'"),
        ({"elasticity": [4.0, -1.0]}, "EQ008", "steel is -1"),
        ({"value_added_share": np.full((2, 3), 0.9)}, "EQ041", "sum to 1.3"),
        ({"value_added_share": -0.1}, "EQ041", "-0.1"),
        ({"value_added_share": 0.5, "input_shares": None}, "EQ041", "without input shares"),
        ({"input_shares": INPUTS - 0.15}, "EQ041", "expected at least 0"),
        ({"input_shares": INPUTS[0]}, "EQ001", "[state, input, using sector]"),
        ({"final_shares": np.full((2, 3), 0.7)}, "EQ040", "1.4"),
        ({"final_shares": np.array([[1.5] * 3, [-0.5] * 3])}, "EQ009", "-0.5"),
        ({"tariffs": -1.0}, "EQ014", "-1"),
        ({"deficits": "multiplicative"}, "EQ011", "'multiplicative'"),
        ({"deficits": [1.0, 1.0, 1.0]}, "EQ044", "sum to 3"),
        ({"deficits": "phase-out", "remaining": 1.5}, "EQ044", "1.5"),
        ({"value_added_share": 0.0, "input_shares": INPUTS / INPUTS.sum(axis=1, keepdims=True)}, "EQ013", "KAZ"),
        ({"deficits": [900.0, -450.0, -450.0]}, "EQ015", "cannot be made"),
    ],
)
def test_bad_shares_are_refused(changed, code, words):
    error = refused(lambda: shares_with(**changed))
    assert (error.code, words in error.message) == (code, True), error.message


def test_a_singular_base_is_refused():
    error = refused(lambda: shares_with(**looped()))
    assert error.code == "EQ042"
    assert "steel in KAZ is made of goods that are made of themselves" in error.message
    shares = FLOWS / FLOWS.sum(axis=2, keepdims=True)
    shares[1, 2] = 0.0
    error = refused(lambda: shares_with(trade_shares=shares, expenditure=FLOWS.sum(axis=2) * [[1, 1, 1], [1, 1, 0]]))
    assert (error.code, "RUS needs steel" in error.message) == ("EQ042", True)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: calibrate(long().with_columns(sector=pl.lit("x")), sectors=SECTORS), "EQ046"),
        (lambda: calibrate(long().head(17), 4.0, sectors=SECTORS), "EQ006"),
        (lambda: calibrate(FLOWS, 4.0, labels=STATES, sectors=["grain"]), "EQ004"),
        (lambda: calibrate(FLOWS, 4.0, inputs=[[[0.95, 0.95], [0.0, 0.0]]] * 3, **NAMES), "EQ047"),
        (lambda: calibrate(-FLOWS, 4.0, **NAMES), "EQ009"),
        (lambda: calibrate(FLOWS, 4.0, **NAMES).flows["iron", "KAZ", "RUS"], "EQ046"),
        (lambda: calibrate(FLOWS, 4.0, **NAMES).solve(Shock(trade_cost=np.ones((3, 3, 3)))), "EQ001"),
        (lambda: calibrate(FLOWS, 4.0, **NAMES).solve(Shock(trade_cost=0.0)), "EQ023"),
        (lambda: calibrate(FLOWS, 4.0, **NAMES).solve(Shock(productivity=np.ones((3, 2)))), "EQ001"),
        (lambda: calibrate(FLOWS, 4.0, **NAMES).solve(method="newton"), "EQ016"),
    ],
)
def test_what_does_not_fit_is_refused(call, code):
    assert refused(call).code == code


def test_sectors_that_a_state_lacks_stay_empty():
    flows = FLOWS.copy()
    flows[1, 1, :], flows[1, :, 1] = 0.0, 0.0
    links = INPUTS.copy()
    links[1] = [[0.4, 0.0], [0.0, 0.0]]
    economy = calibrate(flows, 4.0, 0.1, links, **NAMES)
    result = economy.solve(Shock(tariffs=0.0))
    assert result.sector_prices["steel", "KGZ"] == 1.0
    assert (result.flows.values[1, 1] == 0).all()
    assert (result.flows.values[1, :, 1] == 0).all()
