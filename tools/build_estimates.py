"""Estimate the effects of the CIS agreements and write what the product ships.

Run as ``python tools/build_estimates.py``; with ``--oracle`` nothing is written and every specification is estimated by
pyfixest too, and held against it. Reads the research data (``DOSTASTYQ_DATA``, by default ``../shared/data``
beside the repository) and the register; writes ``effects.json`` and ``specifications.csv``. The rule is
docs/decisions/0002-effect-sizes.md.
"""

import csv
import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

from dostastyq import register
from estimates import evidence, panels, plan, regress
from estimates.output import rounded

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "src" / "dostastyq" / "commonwealths" / "cis" / "estimates"
INPUTS = ("icio/panel_2012_2022.parquet", "wb-dta/trade.parquet", "geodist/dist.parquet")
DIGITS = 6
AGREED = (1e-6, 1e-3)
"""Largest difference from pyfixest: of a coefficient, in log points, and of a standard error, relative to it."""

SOURCES = (
    {
        "key": "icio",
        "title": "OECD Inter-Country Input-Output tables, bilateral trade with domestic flows",
        "licence": "CC BY 4.0",
        "url": "https://www.oecd.org/en/data/datasets/inter-country-input-output-tables.html",
        "as_of": "2012-2022",
        "note": "read through ahmadlp/tariffwar; only estimated coefficients are shipped",
    },
    {
        "key": "wb-dta",
        "title": "World Bank Deep Trade Agreements database merged with UN Comtrade exports",
        "licence": "CC BY 4.0",
        "url": "https://github.com/tomzylkin/penppml",
        "as_of": "1996-2016, every 4th year",
        "note": "its agreement names are used for pairs outside the CIS only",
    },
    {
        "key": "geodist",
        "title": "CEPII GeoDist, distances and land borders",
        "licence": "CC0",
        "url": "https://github.com/pachadotdev/cepiigeodist",
        "as_of": "",
        "note": "chooses the neighbours of the placebo groups",
    },
)

DESCRIPTIONS = {
    "cis_free_trade": "Free trade in the CIS over no preference, in log points of bilateral trade.",
    "union_increment": "The Eurasian union over free trade in the CIS, in log points of bilateral trade.",
}
IDENTIFICATION = {
    "cis_free_trade": (
        "The level is not identified by the states' own trade: the treaty of 2011 replaced earlier free trade. "
        "It leans on the free trade agreements of the world."
    ),
    "union_increment": (
        "Weakly identified: few pairs of states are treated, and neighbours that agreed on nothing differ by as much."
    ),
}
REPAIRS = (
    "Cells whose legal status the register does not know are left out of the regressions.",
    "Absent is not zero: only recorded rows of wb-dta are used; exporters seen in fewer than two years are left out.",
    "Trade between Russia and Ukraine has a dummy of its own from 2014.",
)


def parameter(effect: evidence.Effect) -> dict[str, Any]:
    """Return a parameter in the shape of ``dostastyq.assess.model.Parameter``."""
    return {
        "name": effect.name,
        "value": effect.value,
        "standard_error": effect.standard_error,
        "description": DESCRIPTIONS[effect.name],
        "identification": IDENTIFICATION[effect.name],
        "treated_pairs": max(own.treated_pairs for own in effect.own),
        "own_coefficient": effect.own_mean,
        "own_standard_error": effect.own_variance**0.5,
    }


def record(found: evidence.Evidence, data: Path, horizon: str) -> dict[str, Any]:
    """Return the content of ``effects.json``."""
    *shipped, covariance = evidence.effects(found)
    parameters = rounded([parameter(effect) for effect in shipped], DIGITS)
    for k, rounded_parameter in enumerate(parameters):
        covariance[k, k] = rounded_parameter["standard_error"] ** 2
    return {
        "made_by": "tools/build_estimates.py",
        "rule": "docs/decisions/0002-effect-sizes.md",
        "register_known_to": horizon,
        "inputs": {name: sha256((data / name).read_bytes()).hexdigest() for name in INPUTS},
        "sources": list(SOURCES),
        "repairs": list(REPAIRS),
        "parameters": parameters,
        "covariance": [[round(float(c), 2 * DIGITS) for c in line] for line in covariance],
        "evidence": rounded({effect.name: effect.to_dict() for effect in shipped}, DIGITS),
    }


def table(rows: Sequence[dict[str, object]]) -> str:
    """Return the content of ``specifications.csv``."""
    out = StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rounded(list(rows), DIGITS):
        writer.writerow({**row, "border_year": str(row["border_year"]).lower()})
    return out.getvalue()


def held_against_oracle(data: Path, cis: panels.Law) -> int:
    """Estimate every specification by pyfixest too; the exit status says whether all agree."""
    wrong = 0
    for panel, specifications in ((panels.icio(data, cis), plan.icio()), (panels.wb_dta(data, cis), plan.wb_dta())):
        for spec in specifications:
            ours, (theirs, rows) = regress.run(panel, spec), regress.referee(panel, spec)
            pairs = [(ours.of(name), theirs[name]) for name in ours.names]
            apart = max(abs(one[0] - other[0]) for one, other in pairs)
            errors = max(abs(one[1] / other[1] - 1) for one, other in pairs)
            wrong += set(ours.names) != set(theirs) or apart > AGREED[0] or errors > AGREED[1]
            counts = f"{ours.fit.nobs} cells, {ours.fit.certificate.singletons} of them single; pyfixest {rows}"
            sys.stdout.write(f"{spec.name}: coefficients {apart:.1e}, standard errors {errors:.1e} apart; {counts}\n")
    return int(wrong > 0)


def main() -> int:
    """Build from the research data and the shipped register."""
    options = ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument(
        "--oracle", action="store_true", help="hold every specification against pyfixest, write nothing"
    )
    data = Path(os.environ.get("DOSTASTYQ_DATA", ROOT.parent / "shared" / "data"))
    cis = register.load("cis")
    if options.parse_args().oracle:
        return held_against_oracle(data, cis)
    found = evidence.estimate(data, cis)
    effects = record(found, data, str(cis.horizon))
    OUT.mkdir(parents=True, exist_ok=True)
    text = json.dumps(effects, indent=1, sort_keys=True, ensure_ascii=False)
    (OUT / "effects.json").write_text(text + "\n", encoding="utf-8")
    (OUT / "specifications.csv").write_text(table(found.rows), encoding="utf-8")
    for shipped in effects["parameters"]:
        sys.stdout.write(f"{shipped['name']}: {shipped['value']:.3f} ({shipped['standard_error']:.3f})\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
