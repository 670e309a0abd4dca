"""Editions of a tariff: rates by commodity code, for the days that an edition speaks of and no others."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from dostastyq.customs.grammar import parse_rate
from dostastyq.customs.rates import Rate
from dostastyq.errors import DostastyqError, nearest
from dostastyq.files import home

CODE_LENGTH: Final = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an edition.

    Parameters
    ----------
    code
        Commodity code.
    text
        Rate as the act writes it.
    description
        Description of the goods; empty where the edition has none.
    footnote
        Note of the act to this line; empty where there is none, or the edition does not have it.
    """

    code: str
    text: str
    description: str = ""
    footnote: str = ""

    @property
    def rate(self) -> Rate:
        """The rate, read."""
        return parse_rate(self.text)


@dataclass(frozen=True, slots=True, eq=False)
class Edition:
    """A tariff as it stood for a period.

    Parameters
    ----------
    name, title
        Short name, and what it is.
    instrument
        Slug of the treaty whose members levy it.
    valid_from, valid_until
        Days it speaks of, half-open. An edition is never asked about another day.
    act
        Act that sets the rates.
    lines
        By commodity code.
    complete
        Whether it holds every line of the tariff, so that a code it lacks does not exist.
    synthetic
        Whether its rates were made up for a test or a lesson.
    source, licence, note
        Where it was read, on what terms, and what to know.

    Examples
    --------
    >>> edition("ett-2026-06-18").find("1701991001").text
    '340 USD за 1 т'
    """

    name: str
    title: str
    instrument: str
    valid_from: date
    valid_until: date
    act: str
    lines: Mapping[str, Line] = field(repr=False)
    complete: bool = False
    synthetic: bool = False
    source: str = ""
    licence: str = ""
    note: str = ""

    def covers(self, on: date) -> bool:
        """Whether it speaks of a day."""
        return self.valid_from <= on < self.valid_until

    def find(self, code: str) -> Line | None:
        """Line of a commodity code: its own, or the longest that it begins with."""
        for length in range(len(code), 1, -1):
            line = self.lines.get(code[:length])
            if line is not None:
                return line
        return None

    @property
    def described(self) -> bool:
        """Whether it has descriptions of goods, so that words can be looked for."""
        return any(line.description for line in self.lines.values())

    def search(self, words: str) -> Iterator[Line]:
        """Lines whose code begins with `words`, or whose description has all of them."""
        wanted = words.casefold().split()
        for line in self.lines.values():
            if line.code.startswith(words) or all(word in line.description.casefold() for word in wanted):
                yield line


def check_code(code: str, edition: Edition | None = None) -> str:
    """Check that a commodity code is one, and that an edition has it.

    Parameters
    ----------
    code
        Ten digits; spaces and points are taken out.
    edition
        Edition to look it up in.

    Returns
    -------
    str
        The code, digits only.

    Raises
    ------
    DostastyqError
        ``CU020`` not ten digits, ``CU021`` a complete edition has no such line.

    Examples
    --------
    >>> check_code("1701 99 100 1")
    '1701991001'
    """
    digits = "".join(code.replace(".", " ").split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == CODE_LENGTH):
        raise DostastyqError(
            "CU020",
            f"commodity code {code!r} has {len(digits)} signs; expected {CODE_LENGTH} digits",
            "write the code of the importing state's nomenclature, e.g. 1701991001",
        )
    if edition is not None and edition.complete and edition.find(digits) is None:
        heading = [known for known in edition.lines if known.startswith(digits[:4])]
        raise DostastyqError(
            "CU021",
            f"the tariff {edition.name} ({edition.valid_from} to {edition.valid_until}) has no code {digits}"
            + ("" if heading else f" and no heading {digits[:4]}"),
            nearest(digits, heading[:60]) if heading else "look for the goods with: dostastyq tariff search WORDS",
        )
    return digits


def editions() -> tuple[Edition, ...]:
    """Every edition at hand: imported ones before shipped ones, complete ones before samples."""
    shipped = {found.name: found for found in _shipped()}
    own = {found.name: found for found in _imported(home() / "tariffs")}
    return tuple(sorted({**shipped, **own}.values(), key=lambda found: (not found.complete, found.name)))


def edition(name: str) -> Edition:
    """Find an edition by name.

    Raises
    ------
    DostastyqError
        ``CU022`` when there is none.
    """
    for found in editions():
        if found.name == name:
            return found
    raise DostastyqError("CU022", f"there is no tariff {name!r}", nearest(name, [found.name for found in editions()]))


def edition_on(on: date, instrument: str, code: str, among: Iterable[Edition] | None = None) -> Edition | None:
    """Find the edition that speaks of a day and has a code, or is complete; None where there is none.

    Parameters
    ----------
    on
        The day.
    instrument
        Slug of the treaty whose members levy the tariff.
    code
        Commodity code.
    among
        Editions to look in; all at hand by default.
    """
    for found in editions() if among is None else among:
        if found.instrument == instrument and found.covers(on) and (found.complete or found.find(code) is not None):
            return found
    return None


@cache
def _shipped() -> tuple[Edition, ...]:
    folder = files("dostastyq") / "commonwealths" / "cis" / "customs" / "tariffs"
    return tuple(_editions(folder.iterdir()))


def _imported(folder: Path) -> tuple[Edition, ...]:
    return tuple(_read_cached(path, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.json")))


@cache
def _read_cached(path: Path, stamp: int) -> Edition:  # noqa: ARG001 -- a changed file is read again
    return read_edition(path, path.with_suffix(".csv"))


def _editions(entries: Iterable[Traversable]) -> Iterator[Edition]:
    by_name = {entry.name: entry for entry in entries}
    for name, entry in sorted(by_name.items()):
        if name.endswith(".json"):
            yield read_edition(entry, by_name[name.removesuffix(".json") + ".csv"])


def read_edition(head: Traversable, table: Traversable) -> Edition:
    """Read an edition from its two files.

    Parameters
    ----------
    head
        JSON: the fields of `Edition` but the lines, days as ISO text.
    table
        CSV with the columns ``code``, ``rate`` and, if wished, ``description`` and ``footnote``.
    """
    fields: dict[str, Any] = json.loads(head.read_text(encoding="utf-8"))
    first, end = (date.fromisoformat(fields.pop(key)) for key in ("valid_from", "valid_until"))
    rows = csv.DictReader(StringIO(table.read_text(encoding="utf-8")))
    lines = {
        row["code"]: Line(row["code"], row["rate"], row.get("description") or "", row.get("footnote") or "")
        for row in rows
    }
    return Edition(lines=MappingProxyType(lines), valid_from=first, valid_until=end, **fields)
