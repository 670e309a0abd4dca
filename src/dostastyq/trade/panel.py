"""A panel: what states traded with one another, year by year, with the agreements of each pair beside the flows.

A cell without a row is missing and is never taken as zero. What a register does not know about a pair is not zero
either: such cells are refused, dropped or kept empty, as asked for, and counted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

from dostastyq.errors import DostastyqError, nearest
from dostastyq.provenance import Provenance, fingerprint
from dostastyq.trade import agreements, files
from dostastyq.trade.check import UNIT, Problem, refuse
from dostastyq.trade.files import ROW
from dostastyq.trade.frames import to_polars

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

KEYS: Final = ("exporter", "importer", "year")

type_unknown = Literal["refuse", "drop", "keep"]


@dataclass(frozen=True, eq=False)
class Panel:
    """Trade of several years among economies. Made by `Panel.read`.

    Parameters
    ----------
    name
        Short name.
    frame
        One row a cell: exporter, importer, year, sector where there are several, trade, and any further column.
    provenance
        Where the figures come from, and every conversion.
    unit
        Always ``"million USD"``; other units are converted on the way in.
    agreements
        Columns that say what was in force, as joined.
    unknown
        Cells whose status is not known, by column: dropped, or kept without a value.

    Examples
    --------
    >>> flows = pl.DataFrame({"exporter": ["KAZ", "KAZ"], "importer": ["RUS", "RUS"], "year": [2014, 2015],
    ...                       "trade": [10.0, 12.0]})
    >>> union = pl.DataFrame({"exporter": ["KAZ"] * 2, "importer": ["RUS"] * 2, "year": [2014, 2015],
    ...                       "eaeu-2014": [0.0, 1.0]})
    >>> panel = Panel.read(flows).with_agreements(union, leads=[1], unknown="drop")
    >>> panel.agreements, panel.frame["eaeu_2014_lead1"].to_list(), dict(panel.unknown)
    (('eaeu_2014', 'eaeu_2014_lead1'), [1.0], {'eaeu_2014_lead1': 1})
    """

    name: str
    frame: pl.DataFrame
    provenance: Provenance
    unit: str = UNIT
    agreements: tuple[str, ...] = ()
    unknown: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def read(
        cls,
        source: "str | Path | IntoDataFrame",
        *,
        unit: str | None = None,
        aggregates: Iterable[str] | Literal["all"] = (),
        name: str | None = None,
    ) -> "Panel":
        """Read a long table of flows.

        Parameters
        ----------
        source
            Path of a CSV or Parquet file, or any data frame, with the columns exporter, importer, year, trade and, if
            there are several, sector; further columns are kept.
        unit
            Unit of ``trade`` where there is no column ``unit``; million USD when neither says.
        aggregates
            Codes of your own beside the ISO ones; ``"all"`` accepts every code, for panels with former states.
        name
            Name of the panel; that of the file otherwise.

        Returns
        -------
        Panel
            Sorted by exporter, importer, sector and year; trade in million USD.

        Raises
        ------
        DostastyqError
            ``TR002`` to ``TR014`` as for a baseline, with file, row, column, what was found and the remedy.
        """
        if isinstance(source, str | Path):
            path = Path(source)
            frame, content = files.load(path)
            first_row = files.FIRST_ROW.get(path.suffix.casefold(), 1)
            table, repairs = _checked(frame, unit, aggregates, path.name, first_row)
            inputs = ((path.name, fingerprint(content)),)
            return cls(name or path.stem, table, Provenance("dostastyq.trade", inputs, repairs=tuple(repairs)))
        table, repairs = _checked(to_polars(source), unit, aggregates, "data frame", 1)
        return cls(name or "frame", table, Provenance("dostastyq.trade", repairs=tuple(repairs)))

    def __repr__(self) -> str:
        first, last = self.years[0], self.years[-1]
        domestic = "with" if self.has_domestic else "without"
        return (
            f"Panel({self.name!r}, {len(self.economies)} economies, {first}-{last} ({len(self.years)} years), "
            f"{self.frame.height:,} cells, {domestic} domestic flows, {self.unit})"
        )

    @property
    def years(self) -> tuple[int, ...]:
        """Years, sorted."""
        return tuple(self.frame["year"].unique().sort().to_list())

    @property
    def economies(self) -> tuple[str, ...]:
        """Every exporter and importer, sorted."""
        return tuple(pl.concat([self.frame["exporter"], self.frame["importer"]]).unique().sort().to_list())

    @property
    def has_domestic(self) -> bool:
        """Whether any flow is domestic."""
        return bool((self.frame["exporter"] == self.frame["importer"]).any())

    def to_frame(self) -> pl.DataFrame:
        """One row a cell."""
        return self.frame

    def join(self, frame: "IntoDataFrame", *, absent: float | None = None) -> "Panel":
        """Add the columns of another frame by exporter, importer and year (those of the three that it has).

        Parameters
        ----------
        frame
            Columns to add, one row a key.
        absent
            Value of cells the frame does not name; None leaves them empty.

        Raises
        ------
        DostastyqError
            ``TR017`` when there is no key, a key is given twice, or a column is there already.
        """
        other = to_polars(frame)
        keys: list[str] = [key for key in KEYS if key in other.columns]
        new = [name for name in other.columns if name not in keys]
        agreements.check_join(other, keys, [name for name in new if name in self.frame.columns])
        if "year" in keys:
            other = other.with_columns(pl.col("year").cast(pl.Int64))
        other = other.with_columns(__named=pl.lit(value=True))
        joined = self.frame.join(other, on=keys, how="left", maintain_order="left")
        if absent is not None:
            named = pl.col("__named").is_not_null()
            joined = joined.with_columns(pl.when(named).then(pl.col(name)).otherwise(absent) for name in new)
        return replace(self, frame=joined.drop("__named"))

    def with_agreements(
        self,
        frame: "IntoDataFrame",
        *,
        columns: Sequence[str] | None = None,
        lags: Sequence[int] = (),
        leads: Sequence[int] = (),
        phase_in: int | None = None,
        depth: Mapping[str, float] | None = None,
        unknown: type_unknown = "refuse",
        before: float | None = None,
    ) -> "Panel":
        """Put beside every flow what was in force between its two states.

        Parameters
        ----------
        frame
            exporter, importer, year and one column an agreement or kind: the share of the year in force, empty where
            it is not known; ``Register.panel`` gives it. Pairs it does not name, domestic ones too, have none: 0.
        columns
            Those to join, all of them by default. A name that is no identifier is made one: ``eaeu-2014`` becomes
            ``eaeu_2014``.
        lags, leads
            Years by which each is shifted, as further columns ``eaeu_2014_lag4`` and ``eaeu_2014_lead4`` (a lead is a
            placebo: it should have no effect). Calendar years: the year need not be in the panel.
        phase_in
            Length in years of a linear phase-in: one more column each, ``eaeu_2014_phased``, the mean share over that
            many years up to the cell's.
        depth
            Depth of each column; one more column ``depth``, that of the deepest in force times its share.
        unknown
            What to do with cells whose status is not known: ``"refuse"`` them, ``"drop"`` them, or ``"keep"`` them
            without a value. Those dropped or kept are counted in `unknown`.
        before
            Share in years before the first of `frame`, for lags; None leaves it unknown.

        Raises
        ------
        DostastyqError
            ``TR016`` cells of unknown status, ``TR017`` a frame that cannot be joined, ``TR018`` an unknown column.
        """
        law = agreements.Law.of(to_polars(frame), columns)
        made = law.columns(self.frame, agreements.Shifts(tuple(lags), tuple(leads), phase_in, before), depth or {})
        taken = [name for name in made.columns if name in self.frame.columns]
        agreements.check_join(law.frame, list(KEYS), taken)
        joined = self.frame.hstack(made)
        counts = {name: n for name in made.columns if (n := joined[name].null_count())}
        if counts and unknown == "refuse":
            name, number = next(iter(counts.items()))
            row = joined.filter(pl.col(name).is_null()).row(0, named=True)
            place = f"{row['exporter']} to {row['importer']} in {row['year']}"
            message = f"the status of {name} is not known in {number:,} cells, the first is {place}"
            raise DostastyqError("TR016", message, "choose unknown='drop' or unknown='keep'; either is counted")
        if unknown == "drop":
            joined = joined.drop_nulls(list(made.columns))
        found = MappingProxyType({**self.unknown, **counts})
        return replace(self, frame=joined, agreements=(*self.agreements, *made.columns), unknown=found)

    def event_study(
        self, column: str, before: int = 5, after: int = 5, reference: int = -1
    ) -> tuple["Panel", tuple[str, ...]]:
        """Add dummies of the years around the entry of `column` into force between two states.

        The entry of a pair is the first year of the panel in which its share is positive; pairs for which that is the
        pair's first year have no observed entry and get no dummies. The first and the last dummy also cover all years
        beyond them. A distance at which the panel has no cell, as in one of every fourth year, has no dummy.

        Parameters
        ----------
        column
            A column of the panel, such as ``eaeu_2014``.
        before, after
            Years before and after the entry that have a dummy of their own; all years of the panel count, whatever
            their distance.
        reference
            Year relative to entry that has none.

        Returns
        -------
        panel : Panel
        names : tuple of str
            The new columns, such as ``eaeu_2014_before3``, ``eaeu_2014_after0``, in the order of time.

        Raises
        ------
        DostastyqError
            ``TR018`` when there is no such column, ``TR017`` for a reference at which the panel has no cell.

        Examples
        --------
        >>> flows = pl.DataFrame({"exporter": ["KAZ"] * 3, "importer": ["RUS"] * 3, "year": [2013, 2014, 2015],
        ...                       "trade": [1.0, 2.0, 3.0], "union": [0.0, 0.0, 1.0]})
        >>> panel, names = Panel.read(flows).event_study("union", before=2, after=1)
        >>> names, panel.frame["union_before2"].to_list()
        (('union_before2', 'union_after0'), [1.0, 0.0, 0.0])
        """
        if column not in self.frame.columns:
            raise DostastyqError("TR018", f"the panel has no column {column!r}", nearest(column, self.frame.columns))
        dummies = agreements.event_dummies(self.frame, column, before, after, reference)
        frame = self.frame.with_columns(dummies)
        return replace(self, frame=frame), tuple(dummies.columns)


def _checked(
    frame: pl.DataFrame, unit: str | None, aggregates: Iterable[str] | Literal["all"], file: str, first_row: int
) -> tuple[pl.DataFrame, list[str]]:
    """Give the table its types and order, and say what was converted."""
    files.require_columns(frame, file, (*KEYS, "trade"))
    table = frame.with_row_index(ROW, offset=first_row).filter(~pl.all_horizontal(pl.col(frame.columns).is_null()))
    table = table.with_columns(pl.col(side).cast(pl.String).str.strip_chars() for side in KEYS[:2])
    stated, repairs = files.stated_unit(table, unit, file)
    own = _codes(table) if aggregates == "all" else tuple(aggregates)
    found = files.label_problems(table, own, file) + _year_problems(table, file)
    refuse(found + files.number_problems(table, "trade", file))
    table = table.with_columns(
        pl.col("year").cast(pl.Float64).cast(pl.Int64),
        trade=pl.col("trade").cast(pl.Float64) * files.IN_MILLION[stated],
    )
    keys = ["exporter", "importer", *(["sector"] if "sector" in table.columns else []), "year"]
    table = table.sort(*keys, ROW)
    refuse(_duplicates(table, keys, file))
    others = [name for name in table.columns if name not in (*keys, "trade", "unit", ROW)]
    return table.select(*keys, "trade", *map(files.typed, (table[name] for name in others))), repairs


def _codes(table: pl.DataFrame) -> tuple[str, ...]:
    return tuple(code for code in pl.concat([table[side] for side in KEYS[:2]]).unique().to_list() if code)


def _year_problems(table: pl.DataFrame, file: str) -> list[Problem]:
    """Years that are empty or not whole numbers, the first of each."""
    number = table["year"].cast(pl.Float64, strict=False)
    wrong = table.filter((number.is_null() | (number != number.floor())).fill_null(value=True)).head(20)
    return [
        Problem(
            "TR014",
            f"{file}, row {row}, column year: found {'nothing' if value is None else value}, expected a whole number",
            "write the calendar year",
        )
        for row, value in wrong.select(ROW, "year").iter_rows()
    ]


def _duplicates(table: pl.DataFrame, keys: list[str], file: str) -> list[Problem]:
    if table.select(pl.struct(keys).is_unique().all()).item():
        return []
    twice = table.with_columns(first=pl.col(ROW).min().over(keys)).filter(pl.col(ROW) != pl.col("first")).sort(ROW)
    return [
        Problem(
            "TR007",
            f"{file}, row {row[ROW]}: found {row['exporter']} to {row['importer']} in {row['year']} "
            f"again after row {row['first']}, expected every cell once",
            "delete one of the two rows, or add them up; several goods need a column sector",
        )
        for row in twice.head(100).iter_rows(named=True)
    ]
