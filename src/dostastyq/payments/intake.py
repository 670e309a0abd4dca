"""Obligations taken in row by row: what is sound goes on, what is not is refused with its reason.

A row of a file is numbered as an editor does it: the header of a CSV file is row 1. Quoted fields may not hold line
breaks, so a quote that never ends costs its own row and no other. The reference is the idempotency key: a row that
repeats an accepted one replays its answer, a row with the same reference and other content is refused.
"""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import numpy.typing as npt

from dostastyq.errors import DostastyqError, nearest
from dostastyq.i18n import Text
from dostastyq.money import LARGEST, currencies, valid_instead
from dostastyq.payments.circulation import Indices, Integers
from dostastyq.payments.model import CONTROL, UNDATED, Obligation, printable

if TYPE_CHECKING:
    import polars as pl

REQUIRED: Final = ("reference", "debtor", "creditor", "amount", "currency")
OPTIONAL: Final = ("value_date", "priority", "divisible")
WORDS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row was not taken in.

    Parameters
    ----------
    row
        Row of the file, or position in the sequence from 1.
    reference, field, found, expected, remedy
        Which obligation, which field, what stands there, what was expected, what to do.
    code
        Stable code of the reason.
    """

    row: int
    reference: str
    field: str
    found: str
    expected: str
    remedy: str
    code: str

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary, a row of the report."""
        return {name: getattr(self, name) for name in REPORT}


REPORT: Final = ("row", "reference", "field", "found", "expected", "remedy", "code")


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Accepted obligations as columns.

    Parameters
    ----------
    references
        Reference of each obligation, in the order in which they came, m of them.
    banks
        Names of the banks in alphabetical order; `debtor` and `creditor` count in it.
    debtor, creditor, amount, priority, divisible
        Columns of the obligations, shape (m,).
    day
        Value date in days since 1970, `UNDATED` where there is none, shape (m,).
    currencies, currency
        Codes, and the place of each obligation's in them, shape (m,).
    """

    references: Sequence[str]
    banks: tuple[str, ...]
    debtor: Indices
    creditor: Indices
    amount: Integers
    priority: Indices
    divisible: npt.NDArray[np.bool_]
    day: Indices
    currencies: tuple[str, ...]
    currency: Indices

    def __len__(self) -> int:
        return len(self.amount)

    def take(self, rows: Integers) -> "Batch":
        """Give the same obligations in another order, or some of them."""
        columns = ("debtor", "creditor", "amount", "priority", "divisible", "day", "currency")
        names = [self.references[row] for row in rows.tolist()]
        return replace(self, references=names, **{name: getattr(self, name)[rows] for name in columns})


@dataclass(frozen=True, slots=True, eq=False)
class Intake:
    """What came of a file or sequence.

    Parameters
    ----------
    batch
        Accepted obligations.
    refused
        Rows that were not taken in, in their order.
    repeated
        Rows that repeat an accepted one and replay its answer.
    notes
        What else to know, one sentence each.
    """

    batch: Batch
    refused: tuple[Refusal, ...]
    repeated: int = 0
    notes: tuple[str, ...] = ()


def from_obligations(obligations: Iterable[Obligation], banks: Iterable[str]) -> Intake:
    """Take in obligations, which are sound in themselves; banks and repetitions are checked here."""
    names = tuple(sorted(banks))
    place = {name: number for number, name in enumerate(names)}
    first: dict[str, Obligation] = {}
    refused, repeated = [], 0
    if not isinstance(obligations, Iterable):
        raise DostastyqError("PY003", f"{type(obligations).__name__} is no list of Obligation", "put it in a list")
    for row, item in enumerate(obligations, start=1):
        if not isinstance(item, Obligation):
            raise DostastyqError("PY003", f"item {row} is {type(item).__name__}, expected Obligation", "build it first")
        unknown = next((side for side in ("debtor", "creditor") if getattr(item, side) not in place), None)
        if unknown is not None:
            refused.append(_unknown_bank(row, item.reference, unknown, getattr(item, unknown), names))
        elif item.reference not in first:
            first[item.reference] = item
        elif first[item.reference] == item:
            repeated += 1
        else:
            refused.append(_other_content(row, item.reference))
    kept = list(first.values())
    codes = tuple(sorted({item.currency for item in kept}))
    epoch = np.datetime64("1970-01-01")
    days = [UNDATED if o.value_date is None else int((np.datetime64(o.value_date) - epoch).astype(int)) for o in kept]
    batch = Batch(
        references=list(first),
        banks=names,
        debtor=np.array([place[item.debtor] for item in kept], np.int32),
        creditor=np.array([place[item.creditor] for item in kept], np.int32),
        amount=np.array([item.amount for item in kept], np.int64),
        priority=np.array([item.priority for item in kept], np.int32),
        divisible=np.array([item.divisible for item in kept], bool),
        day=np.array(days, np.int32),
        currencies=codes,
        currency=np.array([codes.index(item.currency) for item in kept], np.int32),
    )
    return Intake(batch, tuple(refused), repeated)


def read(path: Path, banks: Iterable[str]) -> Intake:
    """Take in a CSV or Parquet file.

    Parameters
    ----------
    path
        Columns reference, debtor, creditor, amount, currency and optionally value_date (YYYY-MM-DD), priority,
        divisible; comma or semicolon between them.
    banks
        Names of the banks that take part.

    Raises
    ------
    DostastyqError
        ``PY010`` the file cannot be read at all, ``PY011`` a column is missing.
    """
    lost: list[Refusal] = []
    notes: list[Text] = []
    if path.suffix.casefold() == ".parquet":
        frame = read_parquet(path).drop("row", strict=False)
    else:
        frame, lost, notes = read_lines(path, REQUIRED + OPTIONAL)
    found = from_frame(frame, banks, str(path))
    refused = sorted((*lost, *found.refused), key=lambda item: item.row)
    return Intake(found.batch, tuple(refused), found.repeated, tuple(notes))


def read_parquet(path: Path) -> "pl.DataFrame":
    """Read a Parquet file; one that is cut or damaged has no table of contents and is refused whole."""
    import polars as pl  # noqa: PLC0415

    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        cause = str(error).splitlines()[0]
        hint = "a Parquet file that was cut off cannot be read in part: send it again"
        raise DostastyqError("PY010", f"{path}: {cause}", hint) from None


def read_lines(path: Path, known: Sequence[str]) -> "tuple[pl.DataFrame, list[Refusal], list[Text]]":
    """Read a CSV file line by line: the sound rows as text with their numbers, the broken ones, and notes."""
    import polars as pl  # noqa: PLC0415

    try:
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise DostastyqError("PY010", f"{path}: {error.strerror}", "name a CSV or Parquet file") from None
    lines = text.split("\n" if "\n" in text else "\r")
    header = [name.strip().strip('"') for name in lines[0].rstrip("\r").replace(";", ",").split(",")]
    separator = ";" if ";" in lines[0] else ","
    ended = not lines[-1].strip()
    if not set(header) & set(known):
        message = f"{path}: row 1 is {lines[0][:60]!r}, expected the names of columns"
        raise DostastyqError("PY011", message, f"begin with {separator.join(known)}, in UTF-8")
    twice = next((name for name in known if header.count(name) > 1), None)
    if twice is not None:
        raise DostastyqError("PY011", f"{path}: two columns {twice!r}", "give each column once")
    header = [name if name in known else f"column {place}" for place, name in enumerate(header, start=1)]
    table = pl.DataFrame({"line": pl.Series(lines[1:], dtype=pl.String)}).with_row_index("row", offset=2)
    notes = [] if ended else [Text("{path}: the last row has no line end; it was read as it stands", path=str(path))]
    last = len(lines)
    del lines, text
    table = table.with_columns(pl.col("line").str.strip_suffix("\r")).filter(pl.col("line").str.strip_chars() != "")
    quoted = pl.col("line").str.contains('"', literal=True)
    broken = (pl.col("line").str.count_matches(separator, literal=True) != len(header) - 1) | pl.col(
        "line"
    ).str.contains("\ufffd", literal=True)
    if not ended and header[-1] == "amount":  # a number that was cut is still a number
        broken |= pl.col("row") == last
    parts = table.filter(~quoted & ~broken).select(
        "row", pl.col("line").str.split_exact(separator, len(header) - 1).struct.rename_fields(header).alias("cells")
    )
    frame = parts.unnest("cells").with_columns(pl.col(name).str.strip_chars() for name in header)
    refused = [_broken(row, line, separator, header) for row, line in table.filter(~quoted & broken).iter_rows()]
    rows = []
    for row, line in table.filter(quoted).iter_rows():
        try:
            (cells,) = csv.reader([line], delimiter=separator, strict=True)
        except csv.Error:
            cells = []
        if line.count('"') % 2:  # half of a field with a line break in it
            cells = []
        if len(cells) == len(header) and "\ufffd" not in line:
            rows.append((row, *(cell.strip() for cell in cells)))
        else:
            refused.append(_broken(row, line, separator, header))
    if rows:
        frame = pl.concat([frame, pl.DataFrame(rows, schema=frame.schema, orient="row")]).sort("row")
    return frame, refused, notes


def from_frame(data: Any, banks: Iterable[str], name: str = "the frame") -> Intake:  # noqa: ANN401 -- any data frame
    """Take in a data frame of any library; a column ``row`` numbers the rows, from 1 where there is none.

    Raises
    ------
    DostastyqError
        ``PY011`` a column is missing.
    """
    import narwhals as nw  # noqa: PLC0415
    import polars as pl  # noqa: PLC0415

    frame = data if isinstance(data, pl.DataFrame) else nw.from_native(data, eager_only=True).to_polars()
    if "row" in frame.columns and not frame["row"].dtype.is_integer():
        frame = frame.drop("row")
    missing = [column for column in REQUIRED if column not in frame.columns]
    if missing:
        raise DostastyqError("PY011", f"{name}: no column {missing[0]!r}", "needed: " + ", ".join(REQUIRED))
    if "row" not in frame.columns:
        frame = frame.with_row_index("row", offset=1)
    for column in OPTIONAL:
        if column not in frame.columns:
            frame = frame.with_columns(pl.lit("").alias(column))
    names = tuple(sorted(banks))
    written = frame.select("row", *(_as_text(frame[column], name) for column in REQUIRED + OPTIONAL))
    checked = _typed(written, names)
    good = checked.filter(pl.col("wrong") == "").drop("wrong")
    refused = [_refusal(row, names) for row in checked.filter(pl.col("wrong") != "").iter_rows(named=True)]
    good, others, repeated = _once(good)
    refused = sorted([*refused, *others], key=lambda item: item.row)
    return Intake(_batch(good, names), tuple(refused), repeated)


def _as_text(column: "pl.Series", name: str) -> "pl.Series":
    """Give the cells of a column as text, the empty ones as an empty one."""
    import polars as pl  # noqa: PLC0415

    try:
        if column.dtype.is_nested():
            raise pl.exceptions.InvalidOperationError
        return column.cast(pl.String).fill_null("")
    except pl.exceptions.PolarsError:
        message = f"{name}: column {column.name!r} holds {column.dtype}, expected text or whole numbers"
        raise DostastyqError("PY011", message, "write the column as text") from None


def _typed(written: "pl.DataFrame", banks: tuple[str, ...]) -> "pl.DataFrame":
    """Typed columns beside the written ones, and the name of the first field that is wrong."""
    import polars as pl  # noqa: PLC0415

    place = pl.DataFrame({"bank": banks, "place": np.arange(len(banks), dtype=np.int32)}).with_columns(
        pl.col("bank").cast(pl.String)
    )
    frame = written
    for side in ("debtor", "creditor"):
        numbered = place.rename({"bank": side, "place": f"{side}_place"})
        frame = frame.join(numbered, on=side, how="left", maintain_order="left")
    frame = frame.with_columns(
        pl.when(pl.col("amount").str.contains(r"^\d{1,19}$"))
        .then(pl.col("amount"))
        .cast(pl.Int64, strict=False)
        .alias("a"),
        pl.col("value_date").str.to_date("%Y-%m-%d", strict=False).alias("on"),
        pl.when(pl.col("priority") == "")
        .then(pl.lit(0, pl.Int32))
        .otherwise(pl.col("priority").cast(pl.Int32, strict=False))
        .alias("level"),
        pl.when(pl.col("divisible") == "")
        .then(pl.lit(True))
        .otherwise(pl.col("divisible").str.to_lowercase().replace_strict(WORDS, default=None, return_dtype=pl.Boolean))
        .alias("parts"),
    )
    pairs = frame.select("currency", "on").unique()
    valid = [
        {"currency": code, "on": on, "known": code in currencies() and (on is None or currencies()[code].valid(on))}
        for code, on in pairs.iter_rows()
    ]
    known = pl.DataFrame(valid, schema={"currency": pl.String, "on": pl.Date, "known": pl.Boolean})
    frame = frame.join(known, on=["currency", "on"], how="left", nulls_equal=True, maintain_order="left")
    tests = {
        "reference": (pl.col("reference").str.strip_chars() == "") | pl.col("reference").str.contains(CONTROL),
        "debtor": pl.col("debtor_place").is_null(),
        "creditor": pl.col("creditor_place").is_null() | (pl.col("debtor") == pl.col("creditor")),
        "amount": pl.col("a").is_null() | (pl.col("a") < 1) | (pl.col("a") > LARGEST),
        "value_date": pl.col("on").is_null() & (pl.col("value_date") != ""),
        "currency": ~pl.col("known"),
        "priority": pl.col("level").is_null(),
        "divisible": pl.col("parts").is_null(),
    }
    wrong = pl.coalesce(*(pl.when(test).then(pl.lit(field)) for field, test in tests.items()), pl.lit(""))
    return frame.with_columns(wrong.alias("wrong"))


def _once(good: "pl.DataFrame") -> "tuple[pl.DataFrame, list[Refusal], int]":
    """First row of each reference; later ones are repeated or refused."""
    import polars as pl  # noqa: PLC0415

    if good["reference"].n_unique() == good.height:
        return good, [], 0
    content = ("debtor", "creditor", "a", "currency", "on", "level", "parts")
    first = good.filter(pl.col("reference").is_first_distinct())
    later = good.filter(~pl.col("reference").is_first_distinct())
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_right")) for name in content)
    later = later.join(first.select("reference", *content), on="reference", maintain_order="left").with_columns(
        same.alias("same")
    )
    others = later.filter(~pl.col("same")).select("row", "reference")
    return first, [_other_content(row, reference) for row, reference in others.iter_rows()], int(later["same"].sum())


def _batch(good: "pl.DataFrame", banks: tuple[str, ...]) -> Batch:
    import polars as pl  # noqa: PLC0415

    codes = tuple(sorted(good["currency"].unique().to_list()))
    place = {code: number for number, code in enumerate(codes)}
    days = good["on"].to_physical().fill_null(UNDATED)
    return Batch(
        references=cast("Sequence[str]", good["reference"]),
        banks=banks,
        debtor=good["debtor_place"].to_numpy(),
        creditor=good["creditor_place"].to_numpy(),
        amount=good["a"].to_numpy(),
        priority=good["level"].to_numpy(),
        divisible=good["parts"].to_numpy(),
        day=days.to_numpy(),
        currencies=codes,
        currency=good["currency"].replace_strict(place, return_dtype=pl.Int32).to_numpy()
        if codes
        else np.empty(0, np.int32),
    )


def _refusal(row: Mapping[str, Any], banks: tuple[str, ...]) -> Refusal:
    """Say what is wrong with a row."""
    field, reference = str(row["wrong"]), str(row["reference"])
    found = str(row[field])
    if field in ("debtor", "creditor") and found not in banks:
        return _unknown_bank(row["row"], reference, field, found, banks)
    code, expected, remedy = {
        "reference": (
            "PY001",
            "the sender's reference, without control characters",
            "give every obligation a reference of its own",
        ),
        "creditor": ("PY001", "another bank than the debtor", "debtor and creditor are two banks"),
        "amount": _wrong_amount(found),
        "value_date": ("DT002", "a day as YYYY-MM-DD", "write the day as 2026-11-23, or leave it empty"),
        "currency": _wrong_currency(found, row["on"]),
        "priority": ("PY002", "a whole number", "the higher number is served first; empty is 0"),
        "divisible": ("PY002", "true or false", "empty is true"),
    }[field]
    return Refusal(int(row["row"]), reference, field, found, expected, remedy, code)


def _wrong_amount(found: str) -> tuple[str, str, str]:
    expected = f"a whole number of minor units, 1 to {LARGEST}"
    if found.removeprefix("-").isdigit() and found.isascii():
        if found.startswith("-") or not found.strip("0"):
            return "MN004", expected, "the debtor pays the creditor: swap them for the other direction"
        return "MN005", expected, "split it into several"
    return "MN003", expected, "write kopecks, tiyn or cents without separators: 12.50 is 1250"


def _wrong_currency(found: str, on: Any) -> tuple[str, str, str]:  # noqa: ANN401 -- a day or nothing
    table = currencies()
    if found not in table or on is None:
        return "MN001", "an ISO 4217 code", nearest(found, table)
    item = table[found]
    return "MN002", f"{found} only {item.period}", f"on {on} use {valid_instead(item, on)}"


def _unknown_bank(row: int, reference: str, field: str, found: str, banks: tuple[str, ...]) -> Refusal:
    return Refusal(row, reference, field, found, "a bank that has a cap", nearest(found, banks), "PY004")


def _other_content(row: int, reference: str) -> Refusal:
    return Refusal(
        row,
        reference,
        "reference",
        reference,
        "a reference not used before, or the same content",
        "the first obligation of this reference stands; give the other one a reference of its own",
        "PY005",
    )


def _broken(row: int, line: str, separator: str, header: Sequence[str]) -> Refusal:
    """Refuse a row that has not the fields of the header, as the last one of a file that was cut."""
    reference = line.split(separator, 1)[0] if header[0] == "reference" else ""
    expected = f"{len(header)} fields, every quote closed, UTF-8"
    return Refusal(row, reference, "row", line[:80], expected, "send the row again; was the file cut off?", "PY012")


def write_report(path: Path, refused: Sequence[Refusal]) -> None:
    """Write refused rows as CSV, all or nothing.

    Raises
    ------
    DostastyqError
        ``PY016`` the place cannot be written.
    """

    def write(part: Path) -> None:
        with part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, REPORT, lineterminator="\n")
            writer.writeheader()
            writer.writerows(refusal.to_dict() for refusal in refused)

    replaced(path, write)


def replaced(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and move it there when it is whole.

    Raises
    ------
    DostastyqError
        ``PY016`` the place cannot be written; what stood there stands.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        write(part)
        part.replace(path)
    except OSError as error:
        message = f"{path}: {error.strerror or error}"
        raise DostastyqError("PY016", message, "name a file in a folder that can be written") from None
    finally:
        part.unlink(missing_ok=True)


def read_caps(path: Path) -> tuple[dict[str, int], dict[str, int], list[Refusal]]:
    """Read caps: columns bank, cap, and optionally quota, the net credit a bank accepts (empty: any).

    Returns
    -------
    tuple
        Caps, quotas, and refused rows; a bank whose row is refused does not take part.

    Raises
    ------
    DostastyqError
        ``PY010`` no such file, ``PY011`` a column is missing.
    """
    known = ("bank", "cap", "quota")
    refused: list[Refusal] = []
    if path.suffix.casefold() == ".parquet":
        frame = read_parquet(path)
        frame = frame.select(column for column in known if column in frame.columns).with_row_index("row", offset=1)
    else:
        frame, refused, _ = read_lines(path, known)
    missing = [column for column in known[:2] if column not in frame.columns]
    if missing:
        raise DostastyqError("PY011", f"{path}: no column {missing[0]!r}", "needed: bank, cap")
    caps: dict[str, int] = {}
    quotas: dict[str, int] = {}
    for row in frame.iter_rows(named=True):
        cells = {name: "" if row.get(name) is None else str(row[name]) for name in known}
        wrong = _wrong_limit(cells, caps)
        if wrong is not None:
            field, expected, remedy = wrong
            refused.append(Refusal(int(row["row"]), cells["bank"], field, cells[field], expected, remedy, "PY013"))
            continue
        caps[cells["bank"]] = int(cells["cap"])
        if cells["quota"]:
            quotas[cells["bank"]] = int(cells["quota"])
    return caps, quotas, sorted(refused, key=lambda item: item.row)


def _wrong_limit(cells: Mapping[str, str], caps: Mapping[str, int]) -> tuple[str, str, str] | None:
    """Field of a row of caps that is wrong, what was expected, and what to do; None when it is sound."""
    if not printable(cells["bank"]) or cells["bank"] in caps:
        return "bank", "a bank, once", "give every bank one row"
    for field in ("cap", "quota"):
        text = cells[field]
        if field == "quota" and not text:
            continue
        if not (text.isascii() and text.isdigit()) or len(text.lstrip("0")) > 19 or int(text) > LARGEST:
            return field, f"a whole number of minor units, 0 to {LARGEST}", "a bank that may run no debit has 0"
    return None
