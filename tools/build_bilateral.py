"""Write the bilateral free trade agreements among the twelve from the DESTA list, with exact days where known.

    python tools/build_bilateral.py [--out FILE]

The data folder is ``DOSTASTYQ_DATA``, by default ``../shared/data`` beside the checkout. Years come from
``desta/cis_agreements.csv``; days from ``tools/bilateral_days.csv``, facts of the GPTAD list. A day is used where its
year is that of DESTA; where the two disagree the day is somewhere between, with a note. The file is the same byte for
byte every time. Not taken over: customs unions and the union state (in the register by their own sources), and what
DESTA codes as accession, withdrawal or negotiation.
"""

import argparse
import csv
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("DOSTASTYQ_DATA", ROOT.parent / "shared" / "data"))
DAYS = ROOT / "tools/bilateral_days.csv"
OUT = ROOT / "src/dostastyq/commonwealths/cis/register/instruments/bilateral.yaml"

NOT_FREE_TRADE = {"108": "customs union of 1995", "109": "union state of 1999"}
TREATY_2011 = {"ARM", "BLR", "KAZ", "KGZ", "MDA", "RUS", "TJK", "UKR"}
HORIZON = "2026-03-20"

NAMES = {
    "ARM": ("Armenia", "Арменией", "Армения мен"),
    "AZE": ("Azerbaijan", "Азербайджаном", "Әзербайжан мен"),
    "BLR": ("Belarus", "Беларусью", "Беларусь пен"),
    "GEO": ("Georgia", "Грузией", "Грузия мен"),
    "KAZ": ("Kazakhstan", "Казахстаном", "Қазақстан мен"),
    "KGZ": ("Kyrgyzstan", "Кыргызстаном", "Қырғызстан мен"),
    "MDA": ("Moldova", "Молдовой", "Молдова мен"),
    "RUS": ("Russia", "Россией", "Ресей мен"),
    "TJK": ("Tajikistan", "Таджикистаном", "Тәжікстан мен"),
    "TKM": ("Turkmenistan", "Туркменистаном", "Түрікменстан мен"),
    "UKR": ("Ukraine", "Украиной", "Украина мен"),
    "UZB": ("Uzbekistan", "Узбекистаном", "Өзбекстан мен"),
}
"""English name, Russian instrumental, Kazakh name with its conjunction."""

INTERVALS = {
    ("KAZ", "RUS", 1992): (
        "1993/1998",
        "DESTA has 1998, five years after Russia's other agreements of 1992; the register holds any day from 1993",
    ),
}
NOTES = {
    ("MDA", "UKR", 1995): "succeeded in substance by the agreement of 2003; no act of termination was looked up",
    ("BLR", "RUS", 1992): "no year of entry into force in DESTA; the customs union of 1995 came on top of it",
}

HEAD = """# Bilateral free trade agreements among the twelve. Written by tools/build_bilateral.py (DESTA, GPTAD).
# Years are low confidence; a day is medium where both lists agree on its year. Titles are working titles.
# Between parties of the treaty of 2011 its Annex 5 ended them.
"""


def year(text: str) -> int | None:
    """Read a year of DESTA, e.g. ``1992.0``."""
    return int(float(text)) if text else None


def dated(stated: int | None, day: str) -> tuple[str, str, str]:
    """Choose the day, with its sources and confidence."""
    if stated is None:
        return day, "gptad", "medium"
    if day.startswith(str(stated)):
        return day, "desta, gptad", "medium"
    if day:
        return "/".join(sorted((day, str(stated)))), "desta, gptad", "low"
    return str(stated), "desta", "low"


def entry(row: dict[str, str], days: dict[tuple[str, str, int], tuple[str, str]]) -> tuple[tuple[int, str], str]:
    """Write one agreement."""
    first, second = row["members_cis"].split(";")
    signed, entered = year(row["year"]), year(row["entryforceyear"])
    assert signed is not None
    key = (first, second, signed)
    day, in_force = days.get(key, ("", ""))
    (en1, ru1, kk1), (en2, ru2, _) = NAMES[first], NAMES[second]
    kk2 = NAMES[second][2].rsplit(" ", 1)[0]
    date, sources, confidence = dated(signed, day)
    notes = [NOTES[key]] if key in NOTES else []
    for what, stated, listed in (("signature", signed, day), ("entry into force", entered, in_force)):
        if listed and stated is not None and not listed.startswith(str(stated)):
            notes.append(f"{what}: GPTAD has {listed}, DESTA {stated}")
    lines = [
        f"bfta-{first.lower()}-{second.lower()}-{signed}:",
        "  kind: bilateral",
        "  domain: [trade]",
        "  title:",
        f"    en: Free Trade Agreement between {en1} and {en2}",
        f"    ru: Соглашение о свободной торговле между {ru1} и {ru2}",
        f"    kk: {kk1} {kk2} арасындағы еркін сауда туралы келісім",
        f"  preference: {{kind: free_trade_area, src: [{sources}], conf: {confidence}}}",
        f'  signed: {{date: "{date}", place: "?", by: [{first}, {second}], src: [{sources}], conf: {confidence}}}',
        "  eif: {count: all, of: [notification, ratification], delay: P0D}",
        "  eif_basis: clause not seen; bilateral by nature",
    ]
    if key in INTERVALS:
        interval, why = INTERVALS[key]
        lines.append(f'  entered_into_force: {{date: "{interval}", note: "{why}", src: [desta, own], conf: low}}')
    elif entered is not None or in_force:
        date, sources, confidence = dated(entered, in_force)
        lines.append(f'  entered_into_force: {{date: "{date}", src: [{sources}], conf: {confidence}}}')
    else:
        notes.append("entry into force not in the lists: unknown")
    others = ", ".join(code for code in NAMES if code not in {first, second})
    lines.append(f'  not_party_as_of: {{date: "{HORIZON}", states: [{others}], src: [own], conf: medium}}')
    if {first, second} <= TREATY_2011:
        lines.append(
            '  replaced_between: {parties_of: fta-2011, date: "2012-09-20", '
            'basis: "FTA Treaty 2011, Annex 5 (not read)", src: [cntd_fta94, ru_wiki_fta11, own], conf: medium}'
        )
    lines.append("  title_note: working titles")
    if notes:
        lines.append(f'  note: "{"; ".join(notes)}"')
    lines.append("  acts: []")
    return (signed, lines[0]), "\n".join(lines) + "\n"


def build(data: Path) -> str:
    """Make the text of the file."""
    with DAYS.open(encoding="utf-8", newline="") as file:
        days = {
            (row["first"], row["second"], int(row["signed"][:4])): (row["signed"], row["in_force"])
            for row in csv.DictReader(file)
        }
    with (data / "desta/cis_agreements.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["entry_type"] == "base_treaty"
            and row["typememb"] == "1"
            and row["members_cis"].count(";") == 1
            and row["number"] not in NOT_FREE_TRADE
        ]
    written = dict(entry(row, days) for row in rows)
    unused = set(days) - {(a, b, year(row["year"])) for row in rows for a, b in [row["members_cis"].split(";")]}
    if unused:
        raise ValueError(f"days of agreements that DESTA does not have: {sorted(unused)}")
    return HEAD + "".join("\n" + written[key] for key in sorted(written))


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    arguments.out.write_text(build(DATA), encoding="utf-8")


if __name__ == "__main__":
    main()
