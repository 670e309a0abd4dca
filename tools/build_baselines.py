"""Build the shipped baselines from the research data.

    python tools/build_baselines.py [--out FOLDER] [--docs PAGE]

The data folder is ``DOSTASTYQ_DATA``, by default ``../shared/data`` beside the checkout. The files are the same byte
for byte every time. The build stops where a rule is broken: imports above the gate, a domestic flow that is not clearly
positive, Belarus and Russia out of range.
"""

import argparse
import os
import re
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import yaml

from baselines import fill, gravity, publish
from baselines.inputs import Inputs, load

Array = npt.NDArray[np.float64]

ROOT = Path(__file__).resolve().parents[1]
FACTS = ROOT / "tools/baselines/cis-2023.yaml"
SHIPPED = ROOT / "src/dostastyq/commonwealths/cis/baselines"
PAGE = ROOT / "docs/reference/baselines.md"
MADE_BY = "tools/build_baselines.py"


def named_economies(facts: dict[str, Any]) -> tuple[str, ...]:
    """The CIS states, then the partners, each in alphabetical order."""
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


def predictions(folder: Path, inputs: Inputs, facts: dict[str, Any]) -> tuple[Array, pl.DataFrame, dict[str, Any]]:
    """Predict the named economies' cells by gravity, and again with their own pair left out.

    Returns
    -------
    tuple
        Predictions in the order of the named economies; observed cells touching the CIS with their prediction out of
        sample; the fitted equation.
    """
    named = named_economies(facts)
    economies = gravity.covered(folder, list(inputs.economies))
    places = [inputs.economies.index(code) for code in economies]
    flows = inputs.trade[np.ix_(places, places)]
    observed, z = ~np.isnan(flows), gravity.covariates(folder, economies)
    fit = gravity.fit_ppml(flows, observed, z)
    at = [economies.index(code) for code in named]
    pairs = [
        (economies.index(one), economies.index(other))
        for number, one in enumerate(named[: len(facts["cis"])])
        for other in named[number + 1 :]
    ]
    left_out = gravity.leave_one_pair_out(flows, observed, z, pairs)
    cells = [
        {"exporter": economies[x], "importer": economies[m], "observed": flows[m, x], "predicted": predicted}
        for (one, other), both in zip(pairs, left_out, strict=True)
        for (m, x), predicted in zip(((one, other), (other, one)), both, strict=True)
        if observed[m, x]
    ]
    equation = {
        "economies": len(economies),
        "cells": int(observed.sum()),
        "coefficients": {name: round(float(b), 4) for name, b in zip(gravity.REGRESSORS, fit.beta, strict=True)},
    }
    return fit.predict(z)[np.ix_(at, at)], pl.DataFrame(cells), equation


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


def check_blr_rus(table: fill.Table, rule: dict[str, Any]) -> dict[str, Any]:
    """Belarus and Russia: never by gravity, and both ways together within the recorded range."""
    cells = [table.where("BLR", "RUS"), table.where("RUS", "BLR")]
    total = float(sum(table.value[cell] for cell in cells))
    if any(table.method[cell] == "gravity" for cell in cells) or not rule["low"] <= total <= rule["high"]:
        raise ValueError(f"BLR-RUS both ways is {total:,.0f} million USD by {[str(table.method[c]) for c in cells]}")
    return {"both_ways": round(total, 1), "from": str(table.source[cells[0]]), **rule}


def build(folder: Path, facts: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Make the flow file and its metadata."""
    inputs, named = load(folder, facts["icio_year"]), named_economies(facts)
    predicted, left_out, equation = predictions(folder, inputs, facts)
    table = fill.with_zeros(fill.reported(inputs, named), facts["recorded_zeros"])
    table = fill.with_gravity(fill.with_icio(table, inputs), predicted)
    table = fill.with_rest_of_world(table, inputs)
    for rule in facts["adjustments"]:
        table = fill.with_adjustment(table, rule)
    rows = accounts(facts, inputs, named)
    gdp = np.array([row["gdp"] for row in rows])
    fill.gate(table, gdp, facts["gate"])
    table = fill.with_domestic(table, gdp * np.array([row["output_to_gdp"] for row in rows]))
    flows = publish.flow_file(table)
    shares = fill.imports_to_gdp(table, gdp)
    record = {
        **{key: facts[key] for key in ("name", "title", "year", "unit", "cis")},
        "economies": list(table.economies),
        "sectors": ["total"],
        "flows": f"{facts['name']}.csv",
        "sha256": sha256(flows.encode()).hexdigest(),
        "made_by": MADE_BY,
        "inputs": [{"name": name, "sha256": digest} for name, digest in inputs.fingerprints],
        "sources": facts["sources"],
        "methods": fill.METHODS,
        "accounts": [
            row | {"gdp": round(row["gdp"], 3), "imports_to_gdp": round(float(share), 4)}
            for row, share in zip(rows, shares, strict=True)
        ],
        "recorded_zeros": facts["recorded_zeros"],
        "adjustments": facts["adjustments"],
        "checks": {"blr_rus": check_blr_rus(table, facts["checks"]["blr_rus"])},
        "gravity": equation,
        "leave_one_out": publish.error_table(left_out),
        "icio_against_baci": icio_errors(inputs, facts),
        "rest_of_world": rest_of_world(inputs, named),
        "repairs": repairs(table, facts),
        "notes": facts["notes"],
    }
    return flows, record


def rest_of_world(inputs: Inputs, named: tuple[str, ...]) -> dict[str, Any]:
    """Who is inside ROW, and how many cells that nobody reported are left out of its sums."""
    inside = np.array([code not in named for code in inputs.economies])
    gaps = np.isnan(inputs.trade)
    np.fill_diagonal(gaps, val=False)
    return {
        "economies": [code for code in inputs.economies if code not in named],
        "missing_to_named": int(gaps[np.ix_(~inside, inside)].sum()),
        "missing_from_named": int(gaps[np.ix_(inside, ~inside)].sum()),
        "missing_inside": int(gaps[np.ix_(inside, inside)].sum()),
    }


def repairs(table: fill.Table, facts: dict[str, Any]) -> list[str]:
    """One sentence for every kind of cell that is not as reported."""
    found = []
    for method in ("recorded_zero", "icio_2022", "gravity", "adjusted"):
        cells = table.method == method
        total = table.value[cells].sum() / 1e3
        found.append(f"{cells.sum()} cells ({total:,.1f} bn USD): {fill.METHODS[method]}.")
    return [*found, *(f"{rule['importer']}: {rule['reason']}." for rule in facts["adjustments"])]


def page_with_tables(page: str, tables: dict[str, str]) -> str:
    """Put every table between its markers."""
    for name, text in tables.items():
        marker = re.compile(rf"(<!-- table: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        page, count = marker.subn(lambda found, text=text: f"{found[1]}\n{text}\n\n{found[2]}", page)
        if count != 1:
            raise ValueError(f"the page has {count} places for the table {name!r}, expected one")
    return page


def main() -> None:
    """Write the flow file, its metadata and the tables of the reference page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--docs", type=Path, default=PAGE)
    options = parser.parse_args()
    folder = Path(os.environ.get("DOSTASTYQ_DATA", ROOT.parent / "shared/data"))
    flows, record = build(folder, yaml.safe_load(FACTS.read_text(encoding="utf-8")))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / record["flows"]).write_text(flows, encoding="utf-8")
    (options.out / f"{record['name']}.json").write_text(publish.metadata_file(record), encoding="utf-8")
    if options.docs.exists():
        tables = publish.tables(record, pl.read_csv(StringIO(flows), schema_overrides={"trade": pl.Float64}))
        page = page_with_tables(options.docs.read_text(encoding="utf-8"), tables)
        options.docs.write_text(page, encoding="utf-8")
    check = record["checks"]["blr_rus"]
    print(
        f"{record['name']}: {len(record['economies'])} economies, BLR-RUS both ways {check['both_ways']:,.0f} million USD"
    )


if __name__ == "__main__":
    main()
