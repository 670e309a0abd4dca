"""Build the shipped baselines from the research data.

    python tools/build_baselines.py [--out FOLDER] [--inputs FOLDER] [--docs PAGE]

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

from baselines import borrowed, evidence, fill, publish, sectors
from baselines.inputs import Inputs, load

ROOT = Path(__file__).resolve().parents[1]
FACTS = ROOT / "tools/baselines/cis-2023.yaml"
SECTORS = ROOT / "tools/baselines/eaeu-2019.yaml"
BORROWED = ROOT / "tools/baselines/borrowed-1993.yaml"
SHIPPED = ROOT / "src/dostastyq/commonwealths/cis/baselines"
SHIPPED_INPUTS = ROOT / "src/dostastyq/commonwealths/cis/inputs"
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


def build_sectors(folder: Path, facts: dict[str, Any]) -> tuple[dict[str, str], dict[str, Any], sectors.Cells]:
    """Make the files of the baseline by sectors, and its metadata."""
    cells = sectors.load(folder, facts)
    named = sectors.named_economies(cells, facts)
    means = sectors.tariff_means(cells, facts)
    files = {
        f"{facts['name']}.csv": sectors.flow_file(sectors.flows(cells, named), cells.sectors, named),
        f"{facts['name']}.tariffs.csv": means.write_csv(),
    }
    digests = {name: sha256(text.encode()).hexdigest() for name, text in files.items()}
    flows, tariffs = files
    record = {
        **{key: facts[key] for key in ("name", "title", "year", "unit", "states", "partner_rule")},
        "economies": list(named),
        "sectors": list(cells.sectors),
        "sector_titles": {sector: title["en"] for sector, title in facts["sectors"].items()},
        "services": facts["services"],
        "inside": facts["inside"],
        "inside_reason": facts["inside_reason"],
        "layout": "wide",
        "flows": flows,
        "sha256": digests[flows],
        "tariffs": {
            "file": tariffs,
            "sha256": digests[tariffs],
            "regions": sectors.regions(cells, facts),
            "rest_region": facts["rest_region"],
            "external": facts["external"],
        },
        "preferences": sectors.preferences(facts),
        "revenue_pool": facts["revenue_pool"],
        "elasticities": {
            "default": facts["elasticities"]["default"],
            "sets": sectors.elasticities(folder, cells, facts),
        },
        "made_by": MADE_BY,
        "inputs": [{"name": name, "sha256": digest} for name, digest in cells.fingerprints],
        "sources": facts["sources"],
        "checks": {"chn_rus": sectors.check_external(cells, means, facts)},
        "notes": facts["notes"],
    }
    return files, record | {"repairs": sectors.repairs(cells, means, record, facts)}, cells


def build_inputs(folder: Path, facts: dict[str, Any], cells: sectors.Cells) -> tuple[str, dict[str, Any]]:
    """Make the table of borrowed coefficients and its metadata."""
    made = borrowed.borrow(folder, facts, cells.sectors, cells.trade.sum(axis=(1, 2)))
    table = borrowed.table_file(made, cells.sectors)
    return table, {
        **{key: facts[key] for key in ("name", "title", "year", "regions", "region_rule")},
        "sectors": list(cells.sectors),
        "table": f"{facts['name']}.csv",
        "sha256": sha256(table.encode()).hexdigest(),
        "made_by": MADE_BY,
        "inputs": [{"name": borrowed.SOURCE, "sha256": made["fingerprint"]}],
        **{key: facts[key] for key in ("concordance", "sources", "notes")},
    }


def write_all(folder: Path, files: dict[str, str]) -> None:
    """Write files into a folder that need not be there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def facts_of(path: Path) -> dict[str, Any]:
    """Read what is recorded by hand."""
    facts: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return facts


def main() -> None:
    """Write the flow files, their metadata, the borrowed coefficients and the tables of the reference page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--inputs", type=Path, default=SHIPPED_INPUTS)
    parser.add_argument("--docs", type=Path, default=PAGE)
    options = parser.parse_args()
    folder = Path(os.environ.get("DOSTASTYQ_DATA", ROOT.parent / "shared/data"))
    flows, record = build(folder, facts_of(FACTS))
    write_all(options.out, {record["flows"]: flows, f"{record['name']}.json": publish.metadata_file(record)})
    files, by_sector, cells = build_sectors(folder, facts_of(SECTORS))
    write_all(options.out, files | {f"{by_sector['name']}.json": publish.metadata_file(by_sector)})
    table, lent = build_inputs(folder, facts_of(BORROWED), cells)
    write_all(options.inputs, {lent["table"]: table, f"{lent['name']}.json": publish.metadata_file(lent)})
    if options.docs.exists():
        tables = publish.tables(record, pl.read_csv(StringIO(flows), schema_overrides={"trade": pl.Float64}))
        means = pl.read_csv(StringIO(files[by_sector["tariffs"]["file"]]))
        tables |= publish.sector_tables(by_sector, means)
        page = page_with_tables(options.docs.read_text(encoding="utf-8"), tables)
        options.docs.write_text(page, encoding="utf-8")
    check = record["checks"]["blr_rus"]
    size = len(record["economies"])
    print(f"{record['name']}: {size} economies, BLR-RUS both ways {check['both_ways']:,.0f} million USD")
    repaired = by_sector["checks"]["chn_rus"]
    shape = f"{len(by_sector['economies'])} economies x {len(by_sector['sectors'])} sectors"
    print(f"{by_sector['name']}: {shape}, CHN to RUS {repaired['raw']:.2%} -> {repaired['repaired']:.2%}")
    print(f"{lent['name']}: {len(lent['regions'])} regions of {lent['year']}")


if __name__ == "__main__":
    main()
