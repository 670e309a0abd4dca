"""Baselines by name, shipped with the package, or by path, the user's own."""

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dostastyq.errors import DostastyqError, nearest
from dostastyq.provenance import Provenance, Source, fingerprint
from dostastyq.trade import by_sector
from dostastyq.trade.files import Options, from_frame, read
from dostastyq.trade.frames import to_polars
from dostastyq.trade.model import Baseline

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

_SUFFIXES = (".csv", ".parquet")


@cache
def _folders() -> dict[str, Traversable]:
    """Folder of every shipped baseline by name."""
    found: dict[str, Traversable] = {}
    for commonwealth in files("dostastyq").joinpath("commonwealths").iterdir():
        folder = commonwealth.joinpath("baselines")
        if folder.is_dir():
            found |= {
                item.name.removesuffix(".json"): folder for item in folder.iterdir() if item.name.endswith(".json")
            }
    return dict(sorted(found.items()))


def metadata(name: str) -> dict[str, Any]:
    """Everything recorded about a shipped baseline: rules, ratios, adjustments, errors of the fill, notes.

    Examples
    --------
    >>> metadata("cis-2023")["year"]
    2023
    """
    if name not in _folders():
        remedy = f"{nearest(name, _folders())}; a file of your own ends in .csv or .parquet"
        raise DostastyqError("TR001", f"there is no baseline {name!r}", remedy)
    record: dict[str, Any] = json.loads(_folders()[name].joinpath(f"{name}.json").read_text(encoding="utf-8"))
    return record


def available() -> pl.DataFrame:
    """Shipped baselines.

    Returns
    -------
    polars.DataFrame
        name, year, economies (their number), title.

    Examples
    --------
    >>> available()["name"].to_list()
    ['cis-2023', 'eaeu-2019']
    """
    records = [metadata(name) for name in _folders()]
    return pl.DataFrame(
        {
            "name": [record["name"] for record in records],
            "year": [record["year"] for record in records],
            "economies": [len(record["economies"]) for record in records],
            "title": [record["title"] for record in records],
        },
        schema={"name": pl.String, "year": pl.Int64, "economies": pl.Int64, "title": pl.String},
    )


def baseline(
    name_or_path: "str | Path | IntoDataFrame",
    *,
    unit: str | None = None,
    aggregates: Iterable[str] = (),
    year: int | None = None,
    name: str | None = None,
    title: str | None = None,
) -> Baseline:
    """Load a baseline.

    Parameters
    ----------
    name_or_path
        Name of a shipped baseline, path of a long CSV or Parquet file with the columns exporter, importer, trade
        (and, if you have them, sector, tariff, unit, year, method, source, note), or any data frame with these columns.
    unit
        Unit of ``trade`` in a file without a column ``unit``: ``"USD"``, ``"thousand USD"``, ``"million USD"`` or
        ``"billion USD"``.
    aggregates
        Codes of your own beside the ISO ones.
    year
        Year of a file without a column ``year``.
    name, title
        Name and title of a baseline of your own.

    Returns
    -------
    Baseline
        Validated; flows in million USD.

    Raises
    ------
    DostastyqError
        With file, row, column, what was found and expected, and the remedy.

    Examples
    --------
    >>> baseline("cis-2023").name
    'cis-2023'
    """
    options = Options(unit=unit, aggregates=tuple(aggregates), year=year, name=name, title=title)
    if not isinstance(name_or_path, str | Path):
        return from_frame(to_polars(name_or_path), **options)
    if isinstance(name_or_path, Path) or Path(name_or_path).suffix.casefold() in _SUFFIXES:
        return read(Path(name_or_path), **options)
    if given := [option for option, value in options.items() if value]:
        message = f"options {', '.join(given)} are for files, {name_or_path!r} is the name of a shipped baseline"
        raise DostastyqError("TR013", message, "drop the options, or give the path of a .csv or .parquet file")
    return _load(name_or_path)


@cache
def _load(name: str) -> Baseline:
    record = metadata(name)
    return _by_sector(record) if record.get("layout") == "wide" else _one_sector(record)


def _one_sector(record: dict[str, Any]) -> Baseline:
    content = _content(record["name"], record["flows"], record["sha256"])
    economies = tuple(record["economies"])
    cells = pl.read_csv(content, schema_overrides={"trade": pl.Float64, "note": pl.String})
    size = len(economies)
    return Baseline(
        name=record["name"],
        title=record["title"],
        year=record["year"],
        economies=economies,
        sectors=tuple(record["sectors"]),
        flows=cells["trade"].to_numpy().reshape(len(record["sectors"]), size, size).astype(np.float64),
        tariffs=None,
        origins=cells,
        provenance=_provenance(record, (record["flows"], record["sha256"])),
        accounts=pl.DataFrame(record["accounts"]).select("economy", "gdp", "output_to_gdp", "ratio_source"),
        unit=record["unit"],
    )


def _by_sector(record: dict[str, Any]) -> Baseline:
    economies, sectors = tuple(record["economies"]), tuple(record["sectors"])
    files_of = {record["flows"]: record["sha256"], record["tariffs"]["file"]: record["tariffs"]["sha256"]}
    flows_file, tariff_file = (_content(record["name"], file, digest) for file, digest in files_of.items())
    flows = by_sector.wide_flows(flows_file, economies, sectors)
    tariffs, external = by_sector.lay_out(tariff_file, record)
    return Baseline(
        name=record["name"],
        title=record["title"],
        year=record["year"],
        economies=economies,
        sectors=sectors,
        flows=flows,
        tariffs=tariffs,
        origins=by_sector.origins(flows, economies, sectors, record["sources"][0]["key"]),
        provenance=_provenance(record, *files_of.items()),
        unit=record["unit"],
        detail=by_sector.detail(record, external),
    )


def _content(name: str, file: str, expected: str) -> bytes:
    content = _folders()[name].joinpath(file).read_bytes()
    found = fingerprint(content)
    if found != expected:
        raise DostastyqError("TR002", f"{file} has fingerprint {found}, expected {expected}", "reinstall dostastyq")
    return content


def _provenance(record: dict[str, Any], *files_read: tuple[str, str]) -> Provenance:
    return Provenance(
        made_by=record["made_by"],
        inputs=(*files_read, *((item["name"], item["sha256"]) for item in record["inputs"])),
        sources=tuple(Source(**source) for source in record["sources"]),
        repairs=tuple(record["repairs"]),
    )
