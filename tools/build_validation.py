"""Estimate what trade did around the agreements of the CIS and write the figures of the validation book.

Run as ``python tools/build_validation.py``. Reads the research data (``DOSTASTYQ_DATA``, by default ``../shared/data``
beside the repository) and the register; writes ``docs/validation/cis-agreements.json``, draws its pictures, and puts
the tables into the pages. With ``--pages`` nothing is estimated: pictures and tables are made from the figures that are
there, those of ``docs/reference/estimates.md`` from the shipped estimates.
"""

import json
import os
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from math import exp, expm1
from pathlib import Path
from typing import Any

from dostastyq import register
from dostastyq.assess import estimates as shipped
from dostastyq.report.events import Step, event_plot
from estimates import page, panels, placebo, plan, regress, studies
from estimates.output import rounded

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "docs" / "validation"
FIGURES = BOOK / "cis-agreements.json"
DIGITS = 4
DRAWS = 499
PICTURES = {
    "cis-dta": ("Trade among the states of the CIS", None),
    "lithuania-dta": ("Exports of Lithuania to the twelve", None),
    "treaty-dta": ("Pairs of the treaty of 2011", 2010),
    "union-dta": ("Pairs of the Eurasian union, every fourth year", 2014),
    "union-icio": ("Belarus, Kazakhstan and Russia", 2014.5),
    "rus-ukr": ("Russia and Ukraine", 2015.5),
}
"""Title of every picture, and where the agreement begins or ends."""

SUMMARY = (
    {"what": "Treaty of 2011, over the free trade it replaced", "study": "treaty-dta", "year": 2016},
    {"what": "Eurasian union, over free trade in the CIS", "study": "union-dta", "year": 2016},
    {"what": "Eurasian union of the three founders, over 2014", "study": "union-icio", "year": 2019},
    {"what": "The same, goods and services", "study": "union-icio-total", "year": 2019},
    {"what": "Russia and Ukraine, over 2013", "study": "rus-ukr", "year": 2016},
)
ASKED = (
    ("icio-goods", "union"),
    ("icio-goods", "rus_ukr"),
    ("wb-dta", "treaty"),
    ("wb-dta", "customs_union"),
    ("wb-dta", "union"),
    ("wb-dta", "rus_ukr"),
)


def figures(data: Path) -> dict[str, Any]:
    """Estimate everything that the page shows."""
    cis = register.load("cis")
    icio, dta = panels.icio(data, cis), panels.wb_dta(data, cis)
    km, border = placebo.distances(data)
    lithuania, premium = studies.lithuania(data), studies.premium(dta, data)
    found = [
        studies.cis_by_year(dta),
        lithuania,
        *studies.treaty_2011(dta, km),
        *studies.union_2015(icio, border),
        *studies.directions(icio),
    ]
    results = {"icio-goods": regress.run(icio, plan.icio()[0]), "wb-dta": regress.run(dta, plan.wb_dta()[0])}
    return {
        "made_by": "tools/build_validation.py",
        "register_known_to": str(cis.horizon),
        "studies": {study.key: with_per_cent(asdict(study)) for study in found},
        "summary": list(SUMMARY),
        "premium": [{**row, "times": exp(row["estimate"])} for row in premium],
        "free_trade": studies.known_free_trade(dta, cis),
        "chance": studies.randomised(results, ASKED, DRAWS),
    }


def with_per_cent(study: dict[str, Any]) -> dict[str, Any]:
    """Add the effect in per cent to every year."""
    return {**study, "rows": [{**row, "percent": 100 * expm1(row["estimate"])} for row in study["rows"]]}


def drawn(study: dict[str, Any], title: str, event: float | None) -> str:
    """Draw one study; a single pair has no interval, its clusters say nothing."""
    steps = []
    for row in study["rows"]:
        certain = study["pairs"] > 1 and row["year"] != study["reference"]
        band = (row["placebo_low"], row["placebo_high"]) if "placebo_low" in row else None
        ends = (row["low"], row["high"]) if certain else (None, None)
        steps.append(Step(row["year"], row["estimate"], *ends, band))
    return event_plot(steps, title=title, event=event, calendar=True)


def write_pages(found: dict[str, Any]) -> None:
    """Draw the pictures and put the tables into the pages."""
    images = ROOT / "docs" / "images"
    for key, (title, event) in PICTURES.items():
        (images / f"{key}.svg").write_text(drawn(found["studies"][key], title, event) + "\n", encoding="utf-8")
    for path, tables in (
        (BOOK / "cis-agreements.md", page.studies(found)),
        (ROOT / "docs" / "reference" / "estimates.md", page.reference(shipped.load("cis"))),
    ):
        path.write_text(page.filled(path.read_text(encoding="utf-8"), tables), encoding="utf-8")


def main() -> int:
    """Estimate, or take the figures that are there, and write the pages."""
    options = ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--pages", action="store_true", help="estimate nothing: pictures and tables only")
    if not options.parse_args().pages:
        data = Path(os.environ.get("DOSTASTYQ_DATA", ROOT.parent / "shared" / "data"))
        text = json.dumps(rounded(figures(data), DIGITS), indent=1, ensure_ascii=False)
        FIGURES.write_text(text + "\n", encoding="utf-8")
    write_pages(json.loads(FIGURES.read_text(encoding="utf-8")))
    sys.stdout.write(f"{FIGURES.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
