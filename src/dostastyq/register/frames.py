"""The register as frames: pairs on a day, shares of years, the matrix of states and instruments."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from dostastyq.dates import Truth
from dostastyq.errors import DostastyqError, nearest
from dostastyq.register.answers import case
from dostastyq.register.codes import code_of
from dostastyq.register.facts import PANEL_KINDS, PREFERENCE_KINDS
from dostastyq.register.pairwise import kind_line, of_kind, preference_line, regime_line
from dostastyq.register.timeline import Line, at, both, share, since

if TYPE_CHECKING:
    from dostastyq.register.law import Register

FIRST_YEAR = 1991
"""Year in which the states of a commonwealth became independent: earlier years are refused."""

SETTLED = 1992
"""First year with no day before the independence of a state."""


def pairs(register: "Register", day: date) -> pl.DataFrame:
    """Frame of `Register.pairs`."""
    found = ordered_pairs(register)
    columns: dict[str, list[Truth]] = {
        kind: [at(lines[min(pair), max(pair)], day) for pair in found]
        for kind, lines in _columns(register, "kind", PREFERENCE_KINDS).items()
    }
    return pl.DataFrame(
        {"exporter": [pair[0] for pair in found], "importer": [pair[1] for pair in found], **columns},
        schema={"exporter": pl.String, "importer": pl.String, **dict.fromkeys(columns, pl.Boolean)},
    )


def panel(register: "Register", years: list[int], by: str, kind: str | None = None) -> pl.DataFrame:
    """Frame of `Register.panel`."""
    early = [year for year in years if year < FIRST_YEAR]
    if early:
        raise DostastyqError(
            "RG008", f"year {min(early)} is before the independence of the states", f"begin with {FIRST_YEAR}"
        )
    if kind is not None and kind not in PANEL_KINDS:
        raise DostastyqError("RG009", f"there is no kind of agreement {kind!r}", nearest(kind, PANEL_KINDS))
    found = ordered_pairs(register)
    columns: dict[str, list[float | None]] = {}
    settled = all(year >= SETTLED for year in years)
    for name, lines in _columns(register, by, PANEL_KINDS if kind is None else (kind,), whole=kind is None).items():
        shares: dict[tuple[str, str], list[float | None]] = {}
        for pair, line in lines.items():
            lived = line if settled else both(line, *(since(register.states[code].independent.day) for code in pair))
            shares[pair] = [share(lived, year) for year in years]
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
    for state in register.states:
        register.independent_on(state, day)
    codes = {
        slug: [code_of(case(register, slug, state, day)) for state in register.states] for slug in register.instruments
    }
    return pl.DataFrame({"state": list(register.states), **codes})


def ordered_pairs(register: "Register") -> list[tuple[str, str]]:
    """Every ordered pair of different states, by exporter and then importer."""
    names = sorted(register.states)
    return [(exporter, importer) for exporter in names for importer in names if exporter != importer]


def _columns(
    register: "Register", by: str, kinds: Sequence[str], *, whole: bool = False
) -> Mapping[str, Mapping[tuple[str, str], Line]]:
    pairs = [(one, other) for one, other in ordered_pairs(register) if one < other]
    if by == "kind":
        return {kind: {pair: kind_line(register, kind, *pair) for pair in pairs} for kind in kinds}
    if by == "instrument":
        shown = PREFERENCE_KINDS if whole else kinds
        named = {slug for kind in shown for slug in of_kind(register, kind)}
        one_line = preference_line if set(shown) <= set(PREFERENCE_KINDS) else regime_line
        slugs = [slug for slug in register.instruments if slug in named]
        return {slug: {pair: one_line(register, slug, *pair) for pair in pairs} for slug in slugs}
    raise DostastyqError("RG009", f"a panel by {by!r} is not made", "choose by='kind' or by='instrument'")
