"""Cut the shipped sample out of the whole Eurasian tariff: every form of rate, and the goods of the lessons.

Run from the root of the checkout: ``python tools/build_tariff_sample.py``; ``DOSTASTYQ_DATA`` names the research data.
"""

import csv
import json
import os
from io import StringIO
from pathlib import Path

from dostastyq.customs.imports import read_tariff

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "src" / "dostastyq" / "commonwealths" / "cis" / "customs" / "tariffs"
HEADINGS = (
    "0102", "0207", "0406", "0702", "0803", "0805", "1001", "1005", "1701", "2204", "2208", "2402", "2710", "3004",
    "3401", "4011", "5201", "6109", "6402", "6403", "7207", "7310", "8418", "8471", "8479", "8517", "8528", "8701",
    "8703", "8704", "9401", "9403",
)  # fmt: skip
NAME = "ett-2026-06-18"


def main() -> None:
    """Write the sample and what it says of itself."""
    data = Path(os.environ.get("DOSTASTYQ_DATA", ROOT.parent / "shared" / "data"))
    taken = read_tariff((data / "ett" / "eaeu_ett_2026.csv").read_text(encoding="utf-8"))
    rows = [row for row in csv.DictReader(StringIO(taken.lines)) if row["code"].startswith(HEADINGS)]
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("code", "rate"))
    writer.writerows((row["code"], row["rate"]) for row in rows)
    head = {
        "name": NAME,
        "title": f"Common customs tariff of the Eurasian Economic Union, {len(rows)} of {taken.codes} codes",
        "instrument": "eaeu-2014",
        "valid_from": "2026-06-18",
        "valid_until": "2027-01-01",
        "act": "Decision No 80 of the Council of the Eurasian Economic Commission of 14 September 2021, as amended",
        "complete": False,
        "source": "eaeu_ett_2026.csv, revision of 18 June 2026",
        "licence": "official act",
        "note": "A sample: whole headings " + ", ".join(HEADINGS) + ". Amendments after 18 June 2026 are not in it.",
    }
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / f"{NAME}.csv").write_text(out.getvalue(), encoding="utf-8")
    (TARGET / f"{NAME}.json").write_text(json.dumps(head, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
