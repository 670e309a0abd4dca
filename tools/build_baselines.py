"""Build the shipped baselines from the research data.

    python tools/build_baselines.py [--out FOLDER] [--docs PAGE]

The data folder is ``DOSTASTYQ_DATA``, by default ``../shared/data`` beside the checkout. The files are the same byte
for byte every time. The build stops where a rule is broken: imports above the gate, a domestic flow that is not clearly
positive, Belarus and Russia out of range.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: more threads only wait for each other

import argparse
import re
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from baselines import evidence, fill, publish
from baselines.inputs import Inputs, load

ROOT = Path(__file__).resolve().parents[1]
FACTS = ROOT / "tools/baselines/cis-2023.yaml"
SHIPPED = ROOT / "src/dostastyq/commonwealths/cis/baselines"
PAGE = ROOT / "docs/reference/baselines.md"
MADE_BY = "tools/build_baselines.py"


def check_blr_rus(table: fill.Table, rule: dict[str, Any]) -> dict[str, Any]:
    """Belarus and Russia: never by gravity, and both ways together within the recorded range."""
    cells = [table.where("BLR", "RUS"), table.where("RUS", "BLR")]
    total = float(sum(table.value[cell] for cell in cells))
    if any(table.method[cell] == "gravity" for cell in cells) or not rule["low"] <= total <= rule["high"]:
        raise ValueError(f"BLR-RUS both ways is {total:,.0f} million USD by {[str(table.method[c]) for c in cells]}")
    return {"both_ways": round(total, 1), "from": str(table.source[cells[0]]), **rule}


def build(folder: Path, facts: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Make the flow file and its metadata."""
    inputs, named = load(folder, facts["icio_year"]), evidence.named_economies(facts)
    prediction = evidence.predict(folder, inputs, facts)
    places = [inputs.economies.index(code) for code in named]
    table = fill.with_zeros(fill.reported(inputs, named), facts["recorded_zeros"])
    table = fill.with_gravity(fill.with_icio(table, inputs), prediction.every[np.ix_(places, places)])
    table = fill.with_rest_of_world(table, inputs)
    for rule in facts["adjustments"]:
        table = fill.with_adjustment(table, rule)
    rows = evidence.accounts(facts, inputs, named)
    gdp = np.array([row["gdp"] for row in rows])
    fill.gate(table, gdp, facts["gate"])
    table = fill.with_domestic(table, gdp * np.array([row["output_to_gdp"] for row in rows]))
    flows = publish.flow_file(table)
    record = {
        **description(facts, table, inputs),
        "sha256": sha256(flows.encode()).hexdigest(),
        "accounts": [
            row | {"gdp": round(row["gdp"], 3), "imports_to_gdp": round(float(share), 4)}
            for row, share in zip(rows, fill.imports_to_gdp(table, gdp), strict=True)
        ],
        "checks": {"blr_rus": check_blr_rus(table, facts["checks"]["blr_rus"])},
        "gravity": prediction.equation,
        "leave_one_out": publish.error_table(prediction.left_out),
        "icio_against_baci": evidence.icio_errors(inputs, facts),
        "rest_of_world": evidence.rest_of_world(inputs, facts, prediction.every),
    }
    return flows, record


def description(facts: dict[str, Any], table: fill.Table, inputs: Inputs) -> dict[str, Any]:
    """Say what the baseline is, what it was made from, and what was recorded by hand."""
    return {
        **{key: facts[key] for key in ("name", "title", "year", "unit", "cis")},
        "economies": list(table.economies),
        "sectors": ["total"],
        "flows": f"{facts['name']}.csv",
        "made_by": MADE_BY,
        "inputs": [{"name": name, "sha256": digest} for name, digest in inputs.fingerprints],
        "sources": facts["sources"],
        "methods": fill.METHODS,
        **{key: facts[key] for key in ("recorded_zeros", "adjustments", "notes")},
        "repairs": repairs(table, facts),
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
        pieces = marker.split(page)
        if len(pieces) != 4:
            raise ValueError(f"the page has {len(pieces) // 3} places for the table {name!r}, expected one")
        before, start, end, after = pieces
        page = f"{before}{start}\n{text}\n\n{end}{after}"
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
    size = len(record["economies"])
    print(f"{record['name']}: {size} economies, BLR-RUS both ways {check['both_ways']:,.0f} million USD")


if __name__ == "__main__":
    main()
