"""How good the fills are and what they rest on: accounts, gravity, errors out of sample, what ROW leaves out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from baselines import gravity, publish
from baselines.inputs import Inputs

Array = npt.NDArray[np.float64]


def named_economies(facts: dict[str, Any]) -> tuple[str, ...]:
    """Return the CIS states, then the partners, each in alphabetical order."""
    return (*sorted(facts["cis"]), *sorted(facts["partners"]))


def accounts(facts: dict[str, Any], inputs: Inputs, named: tuple[str, ...]) -> list[dict[str, Any]]:
    """GDP and output-to-GDP ratio of every named economy and of the rest of the world."""
    rule = facts["output_to_gdp"]
    rows = []
    for place, code in enumerate(inputs.economies):
        gdp = float(inputs.gdp[place])
        if code in rule["recorded"]:
            ratio, source = rule["recorded"][code]["value"], rule["recorded"][code]["source"]
        elif not np.isnan(inputs.icio_output[place]):
            ratio, source = inputs.icio_output[place] / gdp, f"ICIO {facts['icio_year']} output over the GDP used here"
        else:
            ratio, source = rule["otherwise"]["value"], rule["otherwise"]["source"]
        rows.append({"economy": code, "gdp": gdp, "output_to_gdp": round(float(ratio), 4), "ratio_source": source})
    own = {row["economy"]: row for row in rows}
    rest = [row for row in rows if row["economy"] not in named]
    total = sum(row["gdp"] for row in rest)
    ratio = sum(row["gdp"] * row["output_to_gdp"] for row in rest) / total
    row = {"economy": "ROW", "gdp": total, "output_to_gdp": round(ratio, 4)}
    return [*(own[code] for code in named), row | {"ratio_source": f"mean of {len(rest)} economies weighted by GDP"}]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the gravity equation says.

    Parameters
    ----------
    every
        Predictions in the order of the inputs; NaN where GeoDist has no distances.
    left_out
        Observed cells touching the CIS (exporter, importer, observed, predicted), each predicted from a fit that saw
        neither direction of its pair.
    equation
        The fitted equation.
    """

    every: Array
    left_out: pl.DataFrame
    equation: dict[str, Any]


def predict(folder: Path, inputs: Inputs, facts: dict[str, Any]) -> Prediction:
    """Fit the gravity equation on all that is reported, and find its errors out of sample."""
    economies = gravity.covered(folder, list(inputs.economies))
    places = [inputs.economies.index(code) for code in economies]
    flows = inputs.trade[np.ix_(places, places)]
    groups = facts["groups"]
    groups = groups | {"sanctioning": groups["sanctioning"] + groups["european_union"]}
    observed, z = ~np.isnan(flows), gravity.covariates(folder, economies, groups)
    fit = gravity.fit_ppml(flows, observed, z)
    every = np.full_like(inputs.trade, np.nan)
    every[np.ix_(places, places)] = fit.predict(z)
    equation = {
        "economies": len(economies),
        "cells": int(observed.sum()),
        "coefficients": {name: round(float(b), 4) for name, b in zip(gravity.REGRESSORS, fit.beta, strict=True)},
    }
    return Prediction(every, _left_out(flows, z, economies, facts), equation)


def _left_out(flows: Array, z: Array, economies: list[str], facts: dict[str, Any]) -> pl.DataFrame:
    """Predict every observed cell between a CIS state and a named economy without its pair."""
    named = named_economies(facts)
    pairs = [
        (economies.index(one), economies.index(other))
        for number, one in enumerate(named[: len(facts["cis"])])
        for other in named[number + 1 :]
    ]
    predictions = gravity.leave_one_pair_out(flows, ~np.isnan(flows), z, pairs)
    cells = [
        {"exporter": economies[x], "importer": economies[m], "observed": flows[m, x], "predicted": predicted}
        for (one, other), both in zip(pairs, predictions, strict=True)
        for (m, x), predicted in zip(((one, other), (other, one)), both, strict=True)
    ]
    return pl.DataFrame(cells).filter(pl.col("observed").is_not_nan())


def icio_errors(inputs: Inputs, facts: dict[str, Any]) -> dict[str, Any]:
    """How far ICIO 2022 is from BACI 2023 where both know a cell that touches the CIS."""
    named = named_economies(facts)
    cells = [
        {"exporter": x, "importer": m, "observed": inputs.trade[j, i], "predicted": inputs.icio[j, i]}
        for i, x in enumerate(inputs.economies)
        for j, m in enumerate(inputs.economies)
        if {x, m} & set(facts["cis"]) and {x, m} <= set(named) and inputs.icio[j, i] > 0
    ]
    return publish.error_table(pl.DataFrame(cells).filter(pl.col("observed").is_not_nan()))


def rest_of_world(inputs: Inputs, facts: dict[str, Any], predicted: Array) -> dict[str, Any]:
    """Who is inside ROW, and what nobody reported and its sums therefore leave out.

    The size of it is estimated as a cell would be filled (ICIO, then gravity), stated, and not added.
    """
    named = named_economies(facts)
    inside = np.array([code not in named for code in inputs.economies])
    gaps = np.isnan(inputs.trade)
    np.fill_diagonal(gaps, val=False)
    estimate = np.where(gaps, np.where(np.isnan(inputs.icio), predicted, inputs.icio), 0.0)
    return {
        "economies": [code for code in inputs.economies if code not in named],
        "missing_to_named": int(gaps[np.ix_(~inside, inside)].sum()),
        "missing_from_named": int(gaps[np.ix_(inside, ~inside)].sum()),
        "missing_inside": int(gaps[np.ix_(inside, inside)].sum()),
        "left_out": [
            {
                "economy": code,
                "cells_out": int(gaps[inside, at].sum()),
                "exports": round(float(np.nansum(estimate[inside, at])), 1),
                "cells_in": int(gaps[at, inside].sum()),
                "imports": round(float(np.nansum(estimate[at, inside])), 1),
            }
            for code in sorted(facts["cis"])
            for at in [inputs.economies.index(code)]
        ],
    }
