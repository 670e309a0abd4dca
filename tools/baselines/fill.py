"""From reported trade to a full table: fill, adjust, add up the rest of the world, derive domestic flows.

Every step is a function of a `Table` and returns a new one; every cell carries its method, source and note.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from baselines.inputs import Inputs
from dostastyq.trade.check import CLEARLY_POSITIVE

Array = npt.NDArray[np.float64]
Text = npt.NDArray[np.str_]

METHODS: Final = {
    "reported": "reported to BACI by either side",
    "recorded_zero": "nobody reported; recorded as no trade, with a source",
    "icio_2022": "nobody reported; goods trade of ICIO 2022, used for 2023",
    "gravity": "nobody reported and not in ICIO; predicted by the gravity equation",
    "adjusted": "reported, and corrected by a listed adjustment; the reported value is in the note",
    "row_sum": "sum of what is known over the economies of the rest of the world; the note counts what is missing",
    "domestic": "total output (ratio to GDP x GDP) less exports",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A square table under construction, importer by exporter.

    Parameters
    ----------
    economies
        Labels, the rest of the world last once it is there.
    value
        Million USD; NaN where nothing is known yet.
    method, source, note
        Where each value comes from; empty where nothing is known yet.
    """

    economies: tuple[str, ...]
    value: Array
    method: Text
    source: Text
    note: Text

    def where(self, exporter: str, importer: str) -> tuple[int, int]:
        """Position of a cell."""
        return self.economies.index(importer), self.economies.index(exporter)

    def put(
        self, cells: npt.NDArray[np.bool_], value: Array | float, method: str, source: str, note: str = ""
    ) -> "Table":
        """Set `cells` to `value`."""
        return replace(
            self,
            value=np.where(cells, value, self.value),
            method=np.where(cells, method, self.method),
            source=np.where(cells, source, self.source),
            note=np.where(cells, note, self.note),
        )

    def empty(self) -> npt.NDArray[np.bool_]:
        """International cells nothing is known of."""
        gaps = np.isnan(self.value)
        np.fill_diagonal(gaps, val=False)
        return np.asarray(gaps)


def reported(inputs: Inputs, named: tuple[str, ...]) -> Table:
    """Trade among the named economies as reported."""
    places = [inputs.economies.index(code) for code in named]
    value = inputs.trade[np.ix_(places, places)]
    blank = np.full(value.shape, "", dtype="U400")
    table = Table(named, np.full(value.shape, np.nan), blank, blank, blank)
    return table.put(~np.isnan(value), value, "reported", "baci-2023")


def with_zeros(table: Table, zeros: list[dict[str, str]]) -> Table:
    """Fill gaps that are recorded as no trade; a recorded zero for a reported cell is refused."""
    for zero in zeros:
        cell = np.zeros(table.value.shape, dtype=bool)
        cell[table.where(zero["exporter"], zero["importer"])] = True
        if not table.empty()[cell].all():
            raise ValueError(f"{zero['exporter']} to {zero['importer']} was reported and cannot be a recorded zero")
        note = f"{zero['reason']} (confidence: {zero['confidence']})"
        table = table.put(cell, 0.0, "recorded_zero", zero["source"], note)
    return table


def with_icio(table: Table, inputs: Inputs) -> Table:
    """Fill gaps from ICIO where both economies are in it."""
    places = [inputs.economies.index(code) for code in table.economies]
    icio = inputs.icio[np.ix_(places, places)]
    return table.put(table.empty() & ~np.isnan(icio), icio, "icio_2022", "icio-2022")


def with_gravity(table: Table, predicted: Array) -> Table:
    """Fill what is left with predictions in the order of the table."""
    return table.put(table.empty(), predicted, "gravity", "gravity-2023")


def with_rest_of_world(table: Table, inputs: Inputs) -> Table:
    """Add ROW as sums of what is known over all other economies, with the count of what is not."""
    named = [inputs.economies.index(code) for code in table.economies]
    others = [place for place in range(len(inputs.economies)) if place not in set(named)]
    size = len(named) + 1

    def grown(array: npt.NDArray[Any], fill: float | str) -> npt.NDArray[Any]:
        bigger = np.full((size, size), fill, dtype=array.dtype)
        bigger[:-1, :-1] = array
        return bigger

    wide = Table(
        (*table.economies, "ROW"),
        grown(table.value, np.nan),
        grown(table.method, ""),
        grown(table.source, ""),
        grown(table.note, ""),
    )
    sold = inputs.trade[np.ix_(others, named)]
    bought = inputs.trade[np.ix_(named, others)]
    value, note = wide.value.copy(), wide.note.copy()
    value[-1, :-1], value[:-1, -1] = np.nansum(sold, axis=0), np.nansum(bought, axis=1)
    note[-1, :-1] = [f"{count} of {len(others)} cells missing" for count in np.isnan(sold).sum(axis=0)]
    note[:-1, -1] = [f"{count} of {len(others)} cells missing" for count in np.isnan(bought).sum(axis=1)]
    sums = wide.empty()
    return replace(wide.put(sums, value, "row_sum", "baci-2023"), note=note)


def with_adjustment(table: Table, rule: dict[str, Any]) -> Table:
    """Correct the imports of one economy: single cells first, then a common factor on the rest.

    The factor brings total imports to the recorded turnover less exports; economies in ``keep`` are left alone.
    """
    row = table.economies.index(rule["importer"])
    fixed = {cell["exporter"]: cell for cell in rule["cells"]}
    for exporter, cell in fixed.items():
        table = _corrected(table, row, exporter, float(cell["trade"]), cell)
    exports = np.nansum(np.delete(table.value[:, row], row))
    imports = np.delete(table.value[row], row)
    codes = np.delete(np.array(table.economies), row)
    kept = np.isin(codes, [*fixed, *rule["keep"]])
    factor = (rule["turnover"] - exports - imports[kept].sum()) / imports[~kept].sum()
    if not 0 < factor < 1:
        raise ValueError(f"the adjustment of {rule['importer']} has factor {factor:.3f}, expected between 0 and 1")
    for exporter in codes[~kept]:
        before = table.value[row, table.economies.index(exporter)]
        table = _corrected(table, row, str(exporter), before * factor, rule)
    return table


def _corrected(table: Table, row: int, exporter: str, value: float, rule: dict[str, Any]) -> Table:
    cell = np.zeros(table.value.shape, dtype=bool)
    place = table.economies.index(exporter)
    cell[row, place] = True
    before = table.value[row, place]
    note = f"{before:.3f} {table.method[row, place]} ({table.source[row, place]}); confidence: {rule['confidence']}"
    return table.put(cell, value, "adjusted", rule["source"], note)


def imports_to_gdp(table: Table, gdp: Array) -> Array:
    """Return imports of goods over GDP by economy."""
    return np.asarray((np.nansum(table.value, axis=1) - np.nan_to_num(np.diag(table.value))) / gdp)


def gate(table: Table, gdp: Array, highest: float) -> None:
    """Stop where a named economy imports more than `highest` of its GDP."""
    over = [
        f"{code} {ratio:.0%}"
        for code, ratio in zip(table.economies, imports_to_gdp(table, gdp), strict=True)
        if code != "ROW" and ratio > highest
    ]
    if over:
        remedy = "list an adjustment with a source, or leave it inside ROW"
        raise ValueError(f"imports above {highest:.0%} of GDP: {', '.join(over)}; {remedy}")


def with_domestic(table: Table, output: Array) -> Table:
    """Set domestic flow to output less exports; never clipped."""
    exports = np.nansum(table.value, axis=0)
    domestic = output - exports
    short = [
        f"{code}: output {total:,.0f} - exports {sold:,.0f} = {home:,.0f}"
        for code, total, sold, home in zip(table.economies, output, exports, domestic, strict=True)
        if not home > CLEARLY_POSITIVE * total
    ]
    if short:
        raise ValueError("domestic flow is not clearly positive: " + "; ".join(short))
    return table.put(np.eye(len(output), dtype=bool), np.diag(domestic), "domestic", "output-rule")
