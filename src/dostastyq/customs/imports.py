"""Taking in a tariff file: every row becomes a line of the edition or is refused with the reason."""

import csv
import json
from dataclasses import asdict, dataclass
from datetime import date
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Final

from dostastyq.customs.grammar import parse_rate
from dostastyq.customs.rates import AdValorem, walk
from dostastyq.customs.tariff import CODE_LENGTH
from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError
from dostastyq.files import home, write_whole

COLUMNS: Final = {
    "code": ("hs10", "code", "hs"), "rate": ("raw", "rate", "duty"), "description": ("description",),
    "footnote": ("footnote", "note"),
}  # fmt: skip
LARGEST_PERCENT: Final = 300
"""No tariff of the region has charged more; a larger number is a rate with the mark of a footnote glued to it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken in.

    Parameters
    ----------
    row
        Number in the file, the header being 1.
    code, text
        What stood there.
    reason
        Why it was refused, one sentence.
    """

    row: int
    code: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Import:
    """What became of a file.

    Parameters
    ----------
    rows
        Rows below the header.
    codes
        Commodity codes taken in.
    duplicates
        Rows that repeat a code; the first row of a code is its rate, and later ones are refused.
    refused
        Every row that was not taken in, duplicates included.
    lines
        CSV of the edition: code, rate, description, footnote.
    """

    rows: int
    codes: int
    duplicates: int
    refused: tuple[Refused, ...]
    lines: str


def read_tariff(text: str, file: str = "the file") -> Import:
    r"""Read a tariff file.

    Parameters
    ----------
    text
        CSV with the columns ``hs10`` (or ``code``) and ``raw`` (or ``rate``), and ``description`` and ``footnote`` if
        wished.
    file
        Its name, for messages.

    Returns
    -------
    Import

    Raises
    ------
    DostastyqError
        ``CU030`` when the columns are not there or no row can be read.

    Examples
    --------
    >>> taken = read_tariff("hs10,raw\n1701991001,340 USD за 1 т\n1701991001,5%\n6666,10%\n")
    >>> taken.rows, taken.codes, [row.row for row in taken.refused]
    (3, 1, [3, 4])
    """
    table = csv.DictReader(StringIO(text))
    names = {
        wanted: next((name for name in spellings if name in (table.fieldnames or ())), None)
        for wanted, spellings in COLUMNS.items()
    }
    code_column, rate_column = names["code"], names["rate"]
    more = [names["description"], names["footnote"]]
    if code_column is None or rate_column is None:
        raise DostastyqError(
            "CU030",
            f"{file}: found the columns {', '.join(table.fieldnames or ()) or 'none'}; expected a code and a rate",
            "name them hs10 (or code) and raw (or rate)",
        )
    taken: dict[str, tuple[str, ...]] = {}
    refused: list[Refused] = []
    rows = duplicates = 0
    for number, row in enumerate(table, start=2):
        rows += 1
        code, rate = (row[code_column] or "").strip(), (row[rate_column] or "").strip()
        duplicates += code in taken
        reason = _reason(code, rate, taken)
        if reason:
            refused.append(Refused(number, code, rate, reason))
        else:
            taken[code] = (rate, *((row[column] or "").strip() if column else "" for column in more))
    if not taken:
        raise DostastyqError(
            "CU030",
            f"{file}: none of its {rows} rows is a line of a tariff"
            + "".join(f"; row {one.row}: {one.reason}" for one in islice(refused, 1)),
            "expected rows like 1701991001,340 USD за 1 т",
        )
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("code", "rate", "description", "footnote"))
    writer.writerows((code, *line) for code, line in sorted(taken.items()))
    return Import(rows, len(taken), duplicates, tuple(refused), out.getvalue())


def _reason(code: str, rate: str, taken: dict[str, tuple[str, ...]]) -> str:
    if not (code.isascii() and code.isdigit() and len(code) == CODE_LENGTH):
        return f"{code!r} is not a commodity code of {CODE_LENGTH} digits"
    if code in taken:
        return f"{code} stands above with {taken[code][0]!r}, which is kept"
    try:
        parsed = parse_rate(rate)
    except DostastyqError as problem:
        return problem.message
    for part in walk(parsed):
        if isinstance(part, AdValorem) and part.percent > LARGEST_PERCENT:
            return f"{rate!r} is more than {LARGEST_PERCENT}%: a footnote's number may stand glued to it"
    return ""


def import_tariff(
    path: str | Path,
    *,
    name: str,
    valid_from: str | date,
    valid_until: str | date,
    act: str,
    instrument: str = "eaeu-2014",
    folder: Path | None = None,
) -> tuple[Import, Path]:
    """Take a tariff file into the user's folder, where `dostastyq.customs.tariff.editions` finds it.

    Parameters
    ----------
    path
        The file.
    name, act
        Short name of the edition, and the act that sets the rates.
    valid_from, valid_until
        Days it speaks of, half-open.
    instrument
        Slug of the treaty whose members levy it.
    folder
        Where to write instead of the user's folder.

    Returns
    -------
    Import, pathlib.Path
        What became of the rows, and the file that describes the edition.

    Raises
    ------
    DostastyqError
        ``CU031`` unreadable file, wrong days or name; codes of `read_tariff`. Nothing is written then.
    """
    source, days = Path(path), (calendar_day(valid_from), calendar_day(valid_until))
    if days[0] >= days[1]:
        raise DostastyqError("CU031", f"the edition ends on {days[1]}, not after {days[0]}", "swap the two days")
    if not name.replace("-", "").isalnum():
        raise DostastyqError("CU031", f"{name!r} is no name for an edition", "use letters, digits and hyphens")
    try:
        content = source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise DostastyqError("CU031", f"cannot read {source}: {problem}", "expected a CSV file in UTF-8") from problem
    taken = read_tariff(content, str(source))
    place = folder or home() / "tariffs"
    place.mkdir(parents=True, exist_ok=True)
    head = {
        "name": name,
        "title": f"{source.name}, {taken.codes} codes",
        "instrument": instrument,
        "valid_from": days[0].isoformat(),
        "valid_until": days[1].isoformat(),
        "act": act,
        "complete": True,
        "source": source.name,
        "licence": "official act",
        "note": f"{len(taken.refused)} of {taken.rows} rows refused",
    }
    write_whole(place / f"{name}.csv", taken.lines.encode(), code="CU031", what="the edition")
    write_whole(place / f"{name}.refused.csv", _report(taken).encode(), code="CU031", what="the report of refused rows")
    described = json.dumps(head, ensure_ascii=False, indent=1).encode()
    return taken, write_whole(place / f"{name}.json", described, code="CU031", what="the edition")


def _report(taken: Import) -> str:
    out = StringIO()
    writer = csv.DictWriter(out, ("row", "code", "text", "reason"), lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in taken.refused)
    return out.getvalue()
