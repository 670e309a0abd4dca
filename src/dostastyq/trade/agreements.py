"""What was in force between two states, as columns of a panel: lags, leads, phase-in, depth, years around entry."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from dostastyq.errors import DostastyqError, nearest

KEYS: Final = ["exporter", "importer", "year"]
PAIR: Final = KEYS[:2]


@dataclass(frozen=True, slots=True)
class Shifts:
    """Which years of the law a cell looks at; see `Panel.with_agreements`."""

    lags: tuple[int, ...] = ()
    leads: tuple[int, ...] = ()
    phase_in: int | None = None
    before: float | None = None

    def __post_init__(self) -> None:
        wrong = [years for years in (*self.lags, *self.leads, self.phase_in or 1) if years < 1]
        if wrong:
            raise DostastyqError(
                "TR017", f"found a shift of {wrong[0]} years, expected at least 1", "0 is the year itself"
            )


@dataclass(frozen=True, eq=False)
class Law:
    """Shares of years in force, one row a pair and year.

    Parameters
    ----------
    frame
        exporter, importer, year and one column an agreement, named as identifiers.
    names
        The agreements.
    """

    frame: pl.DataFrame
    names: tuple[str, ...]

    @classmethod
    def of(cls, frame: pl.DataFrame, columns: Sequence[str] | None) -> "Law":
        """Take `columns` of a frame, all by default.

        Raises
        ------
        DostastyqError
            ``TR017`` when a key is missing or given twice, or two names are one identifier, ``TR018`` when there is no
            such column.
        """
        check_join(frame, KEYS, [])
        wanted = list(columns) if columns is not None else [name for name in frame.columns if name not in KEYS]
        for name in wanted:
            if name not in frame.columns:
                raise DostastyqError("TR018", f"the frame has no column {name!r}", nearest(name, frame.columns))
        names = {name: identifier(name) for name in wanted}
        if len(set(names.values())) < len(names):
            twice = [name for name in names if list(names.values()).count(names[name]) > 1]
            message = f"columns {' and '.join(twice)} are both {names[twice[0]]} as identifiers"
            raise DostastyqError("TR017", message, "rename one of them")
        shares = [pl.col(name).cast(pl.Float64).fill_nan(None).alias(new) for name, new in names.items()]
        return cls(frame.select(*PAIR, pl.col("year").cast(pl.Int64), *shares), tuple(names.values()))

    def columns(self, cells: pl.DataFrame, shifts: Shifts, depth: Mapping[str, float]) -> pl.DataFrame:
        """Columns for `cells` (exporter, importer, year), in their order: each agreement, then its shifts."""
        made: list[pl.Series] = []
        now = self.at(cells, 0, shifts.before)
        for name in self.names:
            made.append(now[name])
            made += [self.at(cells, lag, shifts.before)[name].alias(f"{name}_lag{lag}") for lag in shifts.lags]
            made += [self.at(cells, -lead, shifts.before)[name].alias(f"{name}_lead{lead}") for lead in shifts.leads]
            if shifts.phase_in is not None:
                years = [self.at(cells, back, shifts.before)[name] for back in range(shifts.phase_in)]
                total = pl.DataFrame([s.alias(str(k)) for k, s in enumerate(years)]).sum_horizontal(ignore_nulls=False)
                made.append((total / shifts.phase_in).alias(f"{name}_phased"))
        if depth:
            made.append(self._deepest(now, depth))
        return pl.DataFrame(made)

    def _deepest(self, now: pl.DataFrame, depth: Mapping[str, float]) -> pl.Series:
        by_name = {identifier(name): value for name, value in depth.items()}
        for name in by_name:
            if name not in self.names:
                raise DostastyqError(
                    "TR018", f"depth is given for {name!r}, which is not joined", nearest(name, self.names)
                )
        parts = now.select(pl.col(name) * value for name, value in by_name.items())
        unknown = parts.select(pl.any_horizontal(pl.all().is_null()).alias("u"))["u"]
        return parts.select(pl.when(~unknown).then(pl.max_horizontal(pl.all())).alias("depth"))["depth"]

    def at(self, cells: pl.DataFrame, back: int, before: float | None) -> pl.DataFrame:
        """Shares `back` years before the year of every cell: 0 for pairs the law does not name, empty if unknown."""
        first = self.frame["year"].min()
        pairs = self.frame.select(PAIR).unique().with_columns(__named=pl.lit(value=True))
        shifted = self.frame.with_columns(pl.col("year") + back)
        joined = cells.select(KEYS).join(shifted, on=KEYS, how="left", maintain_order="left")
        joined = joined.join(pairs, on=PAIR, how="left", maintain_order="left")
        early = pl.col("year") - back < first
        return joined.select(
            pl.when(pl.col("__named").is_null())
            .then(0.0)
            .when(early)
            .then(pl.lit(before, dtype=pl.Float64))
            .otherwise(pl.col(name))
            .alias(name)
            for name in self.names
        )


def event_dummies(frame: pl.DataFrame, column: str, before: int, after: int, reference: int) -> pl.DataFrame:
    """Dummies of the distance in years from the first year in force; see `Panel.event_study`."""
    if before < 1 or after < 0 or not -before <= reference <= after:
        message = f"found before={before}, after={after}, reference={reference}"
        raise DostastyqError("TR017", message, "give before of at least 1, after of at least 0, and a reference within")
    year, share = pl.col("year"), pl.col(column)
    entry = year.filter(share > 0).min().over(PAIR)
    first = year.min().over(PAIR)
    distance = pl.when(entry > first).then(year - entry).clip(-before, after)
    there = set(frame.select(distance.alias("d"))["d"].drop_nulls().unique().to_list())
    if there and reference not in there:
        listed = ", ".join(map(str, sorted(there)))
        message = f"no cell is {reference} years from the entry of {column} into force; there are {listed}"
        raise DostastyqError("TR017", message, "give one of these as reference, within before and after")
    steps = [step for step in range(-before, after + 1) if step != reference and step in there]
    return frame.select(
        (distance == step).fill_null(value=False).cast(pl.Float64).alias(f"{column}_{_step(step)}") for step in steps
    )


def _step(step: int) -> str:
    return f"before{-step}" if step < 0 else f"after{step}"


def identifier(name: str) -> str:
    """Name usable in a formula.

    Examples
    --------
    >>> identifier("cu-territory-2007"), identifier("2007 union")
    ('cu_territory_2007', '_2007_union')
    """
    plain = re.sub(r"\W", "_", name)
    return f"_{plain}" if plain[:1].isdigit() else plain


def check_join(frame: pl.DataFrame, keys: list[str], taken: list[str]) -> None:
    """Refuse a frame that cannot be joined to a panel.

    Raises
    ------
    DostastyqError
        ``TR017``: no key, a key missing, a row twice, or a column that is there already.
    """
    missing = [key for key in keys if key not in frame.columns]
    if missing or not keys:
        message = f"found columns {', '.join(frame.columns)}, expected {', '.join(missing or KEYS)}"
        raise DostastyqError("TR017", message, "a frame is joined by exporter, importer and year")
    if taken:
        raise DostastyqError("TR017", f"the panel has a column {taken[0]!r} already", "rename one of the two")
    twice = frame.filter(pl.struct(keys).is_duplicated())
    if twice.height:
        row = ", ".join(str(value) for value in twice.select(keys).row(0))
        raise DostastyqError("TR017", f"the frame has two rows for {row}", "keep one row a key")
