"""A shipped baseline by sectors, read from its compact files.

Flows are a wide table: a row a sector and importer, a column an exporter. Tariffs are means over a region of importers,
a region of exporters and a sector; here they are laid out over pairs again, and the preferences that the register had
on the baseline's day set to zero.
"""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from dostastyq.trade.detail import Detail, RevenuePool

EXTERNAL: Final = "external"
REST: Final = "ROW"

Array = npt.NDArray[np.float64]


def wide_flows(content: bytes, economies: tuple[str, ...], sectors: tuple[str, ...]) -> Array:
    """Flows, sector by importer by exporter, from the wide table."""
    table = pl.read_csv(content, infer_schema_length=None)
    values = table.select(economies).to_numpy().astype(np.float64)
    return np.ascontiguousarray(values.reshape(len(sectors), len(economies), len(economies)))


def origins(flows: Array, economies: tuple[str, ...], sectors: tuple[str, ...], source: str) -> pl.DataFrame:
    """Say where each cell comes from: reported, or a sum over the economies that are not named."""
    size = len(economies)
    importer, exporter = np.repeat(economies, size), np.tile(economies, size)
    summed = (importer == REST) | (exporter == REST)
    return pl.DataFrame(
        {
            "sector": np.repeat(sectors, size**2),
            "importer": np.tile(importer, len(sectors)),
            "exporter": np.tile(exporter, len(sectors)),
            "trade": flows.ravel(),
            "method": np.tile(np.where(summed, "row_sum", "reported"), len(sectors)),
            "source": source,
            "note": "",
        },
        schema_overrides={"method": pl.String, "source": pl.String, "note": pl.String},
    )


def lay_out(content: bytes, record: Mapping[str, Any]) -> tuple[Array, Array]:
    """Tariffs over pairs, and the external tariff of every importer.

    Parameters
    ----------
    content
        CSV: sector, importer_region, exporter_region, tariff, cells.
    record
        Metadata of the baseline.

    Returns
    -------
    tariffs
        Shape ``(sector, importer, exporter)``; domestic flows and services have none.
    external
        Shape ``(sector, importer)``; NaN for importers whose external tariff is not published apart.
    """
    economies, sectors, rule = record["economies"], record["sectors"], record["tariffs"]
    figures = {(row[0], row[1], row[2]): row[3] for row in pl.read_csv(content).iter_rows()}
    region = {code: name for name, codes in rule["regions"].items() for code in codes}
    where = [region.get(code, rule["rest_region"]) for code in economies]
    states = {code for name in rule["external"] for code in rule["regions"][name]}
    free = {(item["importer"], item["exporter"]) for item in record["preferences"]}
    tariffs = np.zeros((len(sectors), len(economies), len(economies)))
    external = np.full((len(sectors), len(economies)), np.nan)
    for j, sector in enumerate(sectors):
        if sector == record["services"]:
            external[j] = 0.0
            continue
        for n, importer in enumerate(economies):
            full = figures.get((sector, where[n], EXTERNAL))
            external[j, n] = np.nan if full is None else full
            union = where[n] in rule["external"] and rule["external"][where[n]]["union"]
            for i, exporter in enumerate(economies):
                if n == i or (importer, exporter) in free:
                    continue
                apart = union or (full is not None and exporter in states)
                tariffs[j, n, i] = full if apart else figures[sector, where[n], where[i]]
    return tariffs, external


def detail(record: Mapping[str, Any], external: Array) -> Detail:
    """Read what the metadata says beside flows and tariffs."""
    sets, pool = record["elasticities"]["sets"], record["revenue_pool"]
    return Detail(
        external=external,
        services=(record["services"],),
        titles=record["sector_titles"],
        elasticities={name: tuple(entry["values"]) for name, entry in sets.items()},
        citations={name: entry["citation"] for name, entry in sets.items()},
        default_elasticities=record["elasticities"]["default"],
        inside={code: aggregate for aggregate, codes in record["inside"].items() for code in codes},
        inside_reason=record["inside_reason"],
        pool=RevenuePool(
            agreement=pool["agreement"],
            shares={state: Fraction(share) / 100 for state, share in pool["shares"].items()},
            since=date.fromisoformat(pool["from"]),
            until=date.fromisoformat(pool["until"]),
            source=pool["source"],
            note=pool["note"],
        ),
    )
