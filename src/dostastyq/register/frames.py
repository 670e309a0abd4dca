"""The register as frames: pairs on a day, shares of years, the matrix of states and instruments."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from dostastyq.dates import Truth
from dostastyq.errors import DostastyqError
from dostastyq.register.facts import PREFERENCE_KINDS
from dostastyq.register.pairwise import kind_line, preference_line
from dostastyq.register.timeline import Line, at, share

if TYPE_CHECKING:
    from dostastyq.register.law import Register

FIRST_YEAR = 1992
"""First full year of independence of all twelve states."""


def pairs(register: "Register", day: date) -> pl.DataFrame:
    """Frame of `Register.pairs`."""
    found = ordered_pairs(register)
    columns: dict[str, list[Truth]] = {
        kind: [at(lines[min(pair), max(pair)], day) for pair in found]
        for kind, lines in _columns(register, "kind").items()
    }
    return pl.DataFrame(
        {"exporter": [pair[0] for pair in found], "importer": [pair[1] for pair in found], **columns},
        schema={"exporter": pl.String, "importer": pl.String, **dict.fromkeys(columns, pl.Boolean)},
    )


def panel(register: "Register", years: list[int], by: str) -> pl.DataFrame:
    """Frame of `Register.panel`."""
    early = [year for year in years if year < FIRST_YEAR]
    if early:
        raise DostastyqError(
            "RG008", f"year {min(early)} is before the independence of all states", f"begin with {FIRST_YEAR}"
        )
    found = ordered_pairs(register)
    columns: dict[str, list[float | None]] = {}
    for name, lines in _columns(register, by).items():
        shares = {pair: [share(line, year) for year in years] for pair, line in lines.items()}
        columns[name] = [value for pair in found for value in shares[min(pair), max(pair)]]
    return pl.DataFrame(
        {
            "exporter": [exporter for exporter, _ in found for _ in years],
            "importer": [importer for _, importer in found for _ in years],
            "year": years * len(found),
            **columns,
        },
        schema={
            "exporter": pl.String,
            "importer": pl.String,
            "year": pl.Int32,
            **dict.fromkeys(columns, pl.Float64),
        },
    )


def matrix(register: "Register", day: date) -> pl.DataFrame:
    """Frame of `Register.matrix`."""
    codes = {
        slug: [register.status(slug, state, day).code for state in register.states] for slug in register.instruments
    }
    return pl.DataFrame({"state": list(register.states), **codes})


def ordered_pairs(register: "Register") -> list[tuple[str, str]]:
    """Every ordered pair of different states, by exporter and then importer."""
    names = sorted(register.states)
    return [(exporter, importer) for exporter in names for importer in names if exporter != importer]


def _columns(register: "Register", by: str) -> Mapping[str, Mapping[tuple[str, str], Line]]:
    pairs = [(one, other) for one, other in ordered_pairs(register) if one < other]
    if by == "kind":
        return {kind: {pair: kind_line(register, kind, *pair) for pair in pairs} for kind in PREFERENCE_KINDS}
    if by == "instrument":
        slugs = [slug for slug, item in register.instruments.items() if item.preference.kind is not None]
        return {slug: {pair: preference_line(register, slug, *pair) for pair in pairs} for slug in slugs}
    raise DostastyqError("RG009", f"a panel by {by!r} is not made", "choose by='kind' or by='instrument'")
