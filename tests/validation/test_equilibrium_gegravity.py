"""gegravity 0.3 on its own sample: what it computes, reproduced; and what the equilibrium is.

Its "full GE" keeps output and expenditure of the base inside the multilateral resistances: prices are one step
p = (outward resistance new/old)^(1/(1-sigma)) away from the conditional effect. The step is reproduced here from its
equations (Larch and Yotov 2016), the equilibrium by this package on the same modelled base.
"""

import warnings

import numpy as np
import polars as pl
import pytest
from scipy.optimize import root

from dostastyq.equilibrium import Shock, calibrate

pytestmark = pytest.mark.data
COEFFICIENTS = {
    "lndist": -0.3898623,
    "contiguity": 0.8915769,
    "common_language": 0.0326249,
    "pta": 0.4711383,
    "international": -3.4123978,
}
SIGMA = 5.0


@pytest.fixture(scope="module")
def gegravity_model(data_folder):
    """Canada-Japan agreement of gegravity's own documentation, solved by gegravity."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gegravity = pytest.importorskip("gegravity")
        pandas = pytest.importorskip("pandas")
        sample = pandas.read_csv(data_folder / "gegravity" / "sample_2006.csv")
        baseline = gegravity.BaselineData(sample, trade_var_name="trade", expend_var_name="E", output_var_name="Y")
        table = pandas.DataFrame([{"var": name, "coeff": value, "ste": 0.1} for name, value in COEFFICIENTS.items()])
        costs = gegravity.CostCoeffs(estimates=table, identifier_col="var", coeff_col="coeff", stderr_col="ste")
        model = gegravity.OneSectorGE(
            baseline,
            year="2006",
            expend_var_name="E",
            output_var_name="Y",
            reference_importer="DEU",
            sigma=SIGMA,
            cost_variables=list(COEFFICIENTS),
            cost_coeff_values=costs,
            quiet=True,
        )
        model.build_baseline(omr_rescale=100)
        experiment = sample.copy()
        pair = experiment.importer.isin(["CAN", "JPN"]) & experiment.exporter.isin(["CAN", "JPN"])
        experiment.loc[pair & (experiment.importer != experiment.exporter), "pta"] = 1
        model.define_experiment(experiment)
        model.simulate()
    return model


@pytest.fixture(scope="module")
def sample(data_folder):
    frame = pl.read_csv(data_folder / "gegravity" / "sample_2006.csv")
    states = sorted(frame["exporter"].unique())
    states = [state for state in states if state != "DEU"] + ["DEU"]
    order = frame.with_columns(pl.col("exporter").cast(pl.Enum(states)), pl.col("importer").cast(pl.Enum(states))).sort(
        "exporter", "importer"
    )
    cost = np.exp(sum(value * order[name].to_numpy() for name, value in COEFFICIENTS.items())).reshape(30, 30)
    output = order["Y"].to_numpy().reshape(30, 30)[:, 0]
    expenditure = order["E"].to_numpy().reshape(30, 30)[0]
    i, j = states.index("CAN"), states.index("JPN")
    after = cost.copy()
    after[i, j] *= np.exp(COEFFICIENTS["pta"])
    after[j, i] *= np.exp(COEFFICIENTS["pta"])
    return states, cost, after, output, expenditure


def resistances(cost, output, expenditure):
    """Outward and inward terms at given output and expenditure, the last importer being the reference.

    Rows of `cost` are exporters, as in the equations of Larch and Yotov (2016, eq. 32).
    """
    supply, demand = cost * (output / output.sum())[:, None], cost * expenditure / expenditure.sum()

    def equations(logs):
        inward = np.append(np.exp(logs[:29]), 1.0)
        outward = np.exp(logs[29:])
        return np.concatenate([np.log(inward * (supply.T @ outward))[:29], np.log(outward * (demand @ inward))])

    start = np.zeros(59)
    start[29:] = -np.log(demand.sum(axis=1))
    found = root(equations, start, tol=1e-13)
    assert np.abs(equations(found.x)).max() < 1e-12
    return np.exp(found.x[29:]), np.append(np.exp(found.x[:29]), 1.0)


def test_its_prices_are_one_step_from_the_conditional_effect(gegravity_model, sample):
    states, before, after, output, expenditure = sample
    outward, _ = resistances(before, output, expenditure)
    outward_after, _ = resistances(after, output, expenditure)
    prices = (outward_after / outward) ** (1 / (1 - SIGMA))
    theirs = gegravity_model.factory_gate_prices
    np.testing.assert_allclose(theirs.loc[states].to_numpy().ravel(), prices, rtol=1e-7)


@pytest.mark.parametrize(("closure", "canada"), [("additive", 0.42838), ("proportional", 0.42828)])
def test_the_equilibrium_on_its_modelled_base(gegravity_model, sample, closure, canada):
    """Third countries differ by much more than Canada; flows of this package add up, those of gegravity do not."""
    states, before, after, output, expenditure = sample
    outward, inward = resistances(before, output, expenditure)
    trade = before * outward[:, None] * inward * np.outer(output, expenditure) / output.sum()
    economy = calibrate(trade.T, SIGMA - 1, deficits=closure, labels=states)
    result = economy.solve(Shock(trade_cost=(after / before).T ** (-1 / (SIGMA - 1))))
    theirs = gegravity_model.country_results["GDP change (percent)"]
    assert theirs["CAN"] == pytest.approx(0.41831, abs=1e-5)
    assert result.real_wage["CAN"] == pytest.approx(canada, abs=1e-5)
    others = [state for state in states if state not in {"CAN", "JPN"}]
    assert np.median([abs(theirs[state] / result.real_wage[state] - 1) for state in others]) > 0.05
    reported = gegravity_model.bilateral_trade_results["experiment trade"].groupby(level="importer").sum()
    spent = gegravity_model.outputs_expenditures["experiment expenditure"]
    assert abs(reported["JPN"] / spent["JPN"] - 1) > 1e-3
    assert result.certificate.residuals["goods_market"] < 1e-10
