"""National tariffs of a user: what a state would charge on everybody outside if it had no union's common tariff.

A CSV or Parquet file with the columns ``importer``, ``tariff`` (an ad valorem fraction) and, if wished, ``sector`` and
``source``; without ``sector`` a tariff holds for all goods.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from dostastyq.errors import nearest
from dostastyq.provenance import Source, fingerprint
from dostastyq.trade.check import Problem, refuse
from dostastyq.trade.files import FIRST_ROW, HIGHEST_TARIFF, ROW, load, mean_problems, require_columns
from dostastyq.trade.model import Baseline

_REQUIRED: Final = ("importer", "tariff")


@dataclass(frozen=True, slots=True, eq=False)
class NationalTariffs:
    """External tariffs of states outside a union.

    Parameters
    ----------
    levels
        Tariff of each state by sector, fractions; 0 for services.
    source
        What they were read from.
    """

    levels: dict[str, npt.NDArray[np.float64]]
    source: Source


def national_tariffs(path: Path, base: Baseline) -> NationalTariffs:
    """Read national tariffs for the sectors of a baseline.

    Parameters
    ----------
    path
        CSV or Parquet file.
    base
        Baseline whose economies and sectors they are for.

    Raises
    ------
    DostastyqError
        ``TR002`` no such file, ``TR003`` a column missing, ``TR004`` no number, ``TR005`` a sector of goods without a
        tariff, ``TR006`` negative, ``TR007`` given twice, ``TR008`` an unknown state or sector, ``TR011`` per cent.
    """
    frame, content = load(path)
    require_columns(frame, path.name, _REQUIRED)
    table = frame.with_row_index(ROW, offset=FIRST_ROW.get(path.suffix.casefold(), 1))
    goods = [sector for sector in base.sectors if sector not in base.detail.services]
    rows = [_Row.of(record, path.name) for record in table.iter_rows(named=True)]
    refuse([problem for row in rows for problem in row.problems(base, goods)])
    levels: dict[str, npt.NDArray[np.float64]] = {}
    problems = []
    for row in rows:
        values = levels.setdefault(row.importer, np.full(len(base.sectors), np.nan))
        for sector in [row.sector] if row.sector else goods:
            place = base.sectors.index(sector)
            if not np.isnan(values[place]):
                message = f"{row.place}: the tariff of {row.importer} on {sector} is given again"
                problems.append(Problem("TR007", message, "keep one row a state and sector"))
            values[place] = row.value
    for state, values in levels.items():
        given = values[np.isfinite(values)].tolist()
        problems += mean_problems(given, f"{path.name}, column tariff ({state})")
        values[[base.sectors.index(sector) for sector in base.detail.services]] = 0.0
        for sector in (name for name, value in zip(base.sectors, values, strict=True) if np.isnan(value)):
            message = f"{path.name}: {state} has no tariff for sector {sector}"
            problems.append(Problem("TR005", message, "give every sector of goods, or leave the column sector out"))
    refuse(problems)
    words = sorted({str(record) for record in frame["source"].drop_nulls()}) if "source" in frame.columns else []
    source = Source(
        "national-tariffs",
        f"National tariffs of {', '.join(sorted(levels))} ({path.name})",
        "supplied by the user",
        note=f"sha256 {fingerprint(content)}" + (f"; {'; '.join(words)}" if words else ""),
    )
    return NationalTariffs(levels, source)


@dataclass(frozen=True, slots=True)
class _Row:
    place: str
    importer: str
    sector: str
    text: str
    value: float

    @classmethod
    def of(cls, record: dict[str, object], file: str) -> "_Row":
        text = str(record["tariff"] if record["tariff"] is not None else "").strip()
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        sector = str(record.get("sector") or "").strip()
        return cls(f"{file}, row {record[ROW]}", str(record["importer"] or "").strip(), sector, text, value)

    def problems(self, base: Baseline, goods: list[str]) -> Iterator[Problem]:
        if self.importer not in base.economies:
            message = f"{self.place}, column importer: found {self.importer!r}, expected an economy of {base.name}"
            yield Problem("TR008", message, nearest(self.importer, base.economies))
        if self.sector and self.sector not in goods:
            message = f"{self.place}, column sector: found {self.sector!r}, expected a sector of goods of {base.name}"
            yield Problem("TR008", message, nearest(self.sector, goods))
        if not np.isfinite(self.value):
            message = f"{self.place}, column tariff: found {self.text or 'nothing'}, expected a number such as 0.05"
            yield Problem("TR004", message, "give an ad valorem fraction")
        elif self.value < 0:
            message = f"{self.place}, column tariff: found {self.text}, expected a number of at least 0"
            yield Problem("TR006", message, "correct the sign")
        elif self.value > HIGHEST_TARIFF:
            message = f"{self.place}, column tariff: found {self.text}, expected a fraction such as 0.05"
            yield Problem("TR011", message, "divide per cent by 100")
