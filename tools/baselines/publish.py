"""What is written: the flow file, its metadata, and the tables of the reference page."""

import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from baselines.fill import METHODS, Table
from dostastyq.trade.model import NOT_FILLED

Array = npt.NDArray[np.float64]

QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
LARGE: Final = 50.0
"""Cells of at least this many million USD are the large ones in the error tables."""


def flow_file(table: Table) -> str:
    """Return the flow file: one row a cell, sorted by importer and exporter in the order of the table."""
    size = len(table.economies)
    frame = pl.DataFrame(
        {
            "sector": ["total"] * size**2,
            "importer": np.repeat(table.economies, size),
            "exporter": np.tile(table.economies, size),
            "trade": table.value.ravel().round(3),
            "method": table.method.ravel(),
            "source": table.source.ravel(),
            "note": table.note.ravel(),
        }
    )
    return frame.write_csv()


def error_summary(observed: Array, predicted: Array) -> dict[str, Any]:
    """Summarise how far predictions are from what was observed.

    Parameters
    ----------
    observed, predicted
        Flows of the same cells, million USD.

    Returns
    -------
    dict
        Number of cells, quantiles of predicted / observed, median factor of error exp(median |log ratio|), and the sum
        of absolute errors over the sum observed.
    """
    ratio = np.log(predicted / observed)
    return {
        "cells": len(observed),
        "predicted_over_observed": {f"{q:g}": _short(np.exp(np.quantile(ratio, q))) for q in QUANTILES},
        "median_factor_of_error": _short(np.exp(np.median(np.abs(ratio)))),
        "absolute_error_over_trade": _short(np.abs(predicted - observed).sum() / observed.sum()),
    }


def error_table(cells: pl.DataFrame, worst: int = 15) -> dict[str, Any]:
    """Publish errors of predicted cells (exporter, importer, observed, predicted): summaries and the worst cells."""
    large = cells.filter(pl.col("observed") >= LARGE)
    listed = cells.sort((pl.col("predicted") - pl.col("observed")).abs(), descending=True).head(worst)
    both = [(frame["observed"].to_numpy(), frame["predicted"].to_numpy()) for frame in (cells, large)]
    return {
        "all": error_summary(*both[0]),
        "large": error_summary(*both[1]),
        "worst": listed.with_columns(pl.col("observed", "predicted").round(1)).to_dicts(),
    }


def _short(value: float) -> float:
    return float(f"{value:.3g}")


def metadata_file(record: dict[str, Any]) -> str:
    """Metadata as JSON with one key a line."""
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def markdown(headers: list[str], rows: list[list[object]]) -> str:
    """Render a Markdown table."""
    lines: list[Sequence[object]] = [headers, ["---"] * len(headers), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def tables(record: dict[str, Any], cells: pl.DataFrame) -> dict[str, str]:
    """Tables of the reference page by the name of their marker."""
    cis = record["cis"]
    inside = pl.col("exporter").is_in(cis) & pl.col("importer").is_in(cis)
    touching = pl.col("exporter").is_in(cis) | pl.col("importer").is_in(cis)
    filled = cells.filter(~pl.col("method").is_in(NOT_FILLED))
    return {
        "methods": _methods(cells, touching),
        "filled": _filled(filled.filter(inside)),
        "filled_partners": _filled(filled.filter(touching, ~inside, pl.col("trade") >= LARGE)),
        "errors": _errors(record["leave_one_out"], record["icio_against_baci"]),
        "worst": _worst(record["leave_one_out"]["worst"]),
        "accounts": _accounts(record["accounts"], cells),
        "adjustments": _adjusted(cells),
        "left_out": _left_out(record["rest_of_world"]["left_out"]),
    }


def sector_tables(record: dict[str, Any], means: pl.DataFrame) -> dict[str, str]:
    """Tables of the reference page about a baseline by sectors, by the name of their marker."""
    sets = record["elasticities"]["sets"]
    external = means.filter(pl.col("exporter_region") == "external")
    rates = {
        region: dict(external.filter(pl.col("importer_region") == region).select("sector", "tariff").iter_rows())
        for region in record["tariffs"]["external"]
    }
    rows: list[list[object]] = [
        [
            f"`{sector}`",
            record["sector_titles"][sector],
            *(f"{100 * rates[region][sector]:.1f}" if sector in rates[region] else "–" for region in rates),
            *(f"{entry['values'][place]:.2f}" for entry in sets.values()),
        ]
        for place, sector in enumerate(record["sectors"])
    ]
    return {
        "sectors": markdown(
            ["sector", "", *(f"{region}, %" for region in rates), *(f"`{name}`" for name in sets)], rows
        ),
        "sector_repairs": "\n".join(f"- {sentence}" for sentence in record["repairs"]),
        "elasticity_sets": markdown(
            ["name", "source"],
            [[f"`{name}`", entry["citation"]] for name, entry in sets.items()],
        ),
        "tariff_regions": markdown(
            ["region", "economies in the mean"],
            [[region, " ".join(codes)] for region, codes in record["tariffs"]["regions"].items()],
        ),
    }


def _methods(cells: pl.DataFrame, touching: pl.Expr) -> str:
    rows = []
    for method, meaning in METHODS.items():
        some = cells.filter(pl.col("method") == method)
        near = some.filter(touching)
        rows.append([f"`{method}`", meaning, some.height, near.height, f"{float(near['trade'].sum()) / 1e3:,.1f}"])
    return markdown(["method", "meaning", "cells", "touching the CIS", "bn USD of these"], rows)


def _filled(cells: pl.DataFrame) -> str:
    ordered = cells.sort("trade", "exporter", "importer", descending=[True, False, False])
    columns = ordered.select("exporter", "importer", pl.col("trade").round(1), "method", "source")
    return markdown(
        ["exporter", "importer", "million USD", "method", "source"], [list(row) for row in columns.iter_rows()]
    )


def _errors(gravity: dict[str, Any], icio: dict[str, Any]) -> str:
    rows: list[list[object]] = []
    for name, errors in (("gravity, pair left out", gravity), ("ICIO 2022", icio)):
        for which in ("all", "large"):
            summary: dict[str, Any] = errors[which]
            quantiles = list(summary["predicted_over_observed"].values())
            tail = [summary["median_factor_of_error"], summary["absolute_error_over_trade"]]
            rows.append([name, which, summary["cells"], *quantiles, *tail])
    headers = ["fill", "cells", "number", *(f"{q:.0%}" for q in QUANTILES), "median factor", "absolute error / trade"]
    return markdown(headers, rows)


def _worst(cells: list[dict[str, Any]]) -> str:
    rows = [[c["exporter"], c["importer"], f"{c['observed']:,.0f}", f"{c['predicted']:,.0f}"] for c in cells]
    return markdown(["exporter", "importer", "observed", "predicted"], rows)


def _accounts(accounts: list[dict[str, Any]], cells: pl.DataFrame) -> str:
    spent = cells.group_by(state="importer").agg(
        share=pl.col("trade").filter(pl.col("exporter") == pl.col("importer")).sum() / pl.col("trade").sum()
    )
    shares = dict(spent.iter_rows())
    rows: list[list[object]] = [
        [
            row["economy"],
            f"{row['gdp'] / 1e3:,.1f}",
            f"{row['output_to_gdp']:.2f}",
            row["ratio_source"],
            f"{row['imports_to_gdp']:.0%}",
            f"{shares[row['economy']]:.1%}",
        ]
        for row in accounts
    ]
    return markdown(["economy", "GDP, bn USD", "output / GDP", "ratio from", "imports / GDP", "domestic share"], rows)


def _adjusted(cells: pl.DataFrame) -> str:
    some = cells.filter(pl.col("method") == "adjusted").sort("trade", descending=True).head(12)
    rows = [
        [row["exporter"], row["importer"], f"{row['trade']:,.1f}", row["note"], row["source"]]
        for row in some.iter_rows(named=True)
    ]
    return markdown(["exporter", "importer", "million USD", "before", "source"], rows)


def _left_out(rows: list[dict[str, Any]]) -> str:
    headers = ["economy", "cells to ROW", "exports, million USD", "cells from ROW", "imports, million USD"]
    columns = ("economy", "cells_out", "exports", "cells_in", "imports")
    return markdown(headers, [[row[column] for column in columns] for row in rows])
