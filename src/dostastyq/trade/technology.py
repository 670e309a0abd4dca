"""Input-output coefficients that are lent to states that have no table at hand: an option, never a default."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import numpy as np
import numpy.typing as npt
import polars as pl

from dostastyq.errors import DostastyqError, nearest
from dostastyq.provenance import Provenance, Source, fingerprint


@dataclass(frozen=True, slots=True, eq=False)
class Technology:
    """How every economy makes its goods, borrowed from other countries and another year.

    Parameters
    ----------
    name, title, year
        What it is.
    sectors
        Order of the axes.
    inputs
        Input per unit of output, ``[input, using sector]``.
    value_added
        Share of value added in output by sector; a column of `inputs` and it sum to 1.
    notes
        What to know before use.
    provenance
        Inputs, sources and repairs.

    Examples
    --------
    >>> lent = technology("borrowed-1993")
    >>> lent.year, bool(np.allclose(lent.inputs.sum(axis=0) + lent.value_added, 1))
    (1993, True)
    """

    name: str
    title: str
    year: int
    sectors: tuple[str, ...]
    inputs: npt.NDArray[np.float64]
    value_added: npt.NDArray[np.float64]
    notes: tuple[str, ...]
    provenance: Provenance

    def of(self, sectors: tuple[str, ...]) -> "Technology":
        """Return it for a baseline with these sectors.

        Raises
        ------
        DostastyqError
            ``TR021`` when the sectors are others.
        """
        if sectors != self.sectors:
            odd = ", ".join(sorted(set(sectors) ^ set(self.sectors))[:8]) or "their order"
            raise DostastyqError(
                "TR021",
                f"{self.name} has coefficients for {len(self.sectors)} sectors; {odd} differ",
                "leave the inputs out, or use a baseline with the sectors of eaeu-2019",
            )
        return self


@cache
def _shipped() -> dict[str, Traversable]:
    found: dict[str, Traversable] = {}
    for commonwealth in files("dostastyq").joinpath("commonwealths").iterdir():
        folder = commonwealth.joinpath("inputs")
        if folder.is_dir():
            found |= {
                item.name.removesuffix(".json"): folder for item in folder.iterdir() if item.name.endswith(".json")
            }
    return dict(sorted(found.items()))


@cache
def technology(name: str) -> Technology:
    """Load coefficients by name.

    Raises
    ------
    DostastyqError
        ``TR021`` when there are none of this name, ``TR002`` when the file is not the one that was shipped.

    Examples
    --------
    >>> technology("borrowed-1993").sectors[0]
    'A01'
    """
    if name not in _shipped():
        raise DostastyqError("TR021", f"there are no input-output coefficients {name!r}", nearest(name, _shipped()))
    folder = _shipped()[name]
    record = json.loads(folder.joinpath(f"{name}.json").read_text(encoding="utf-8"))
    content = folder.joinpath(record["table"]).read_bytes()
    if fingerprint(content) != record["sha256"]:
        raise DostastyqError("TR002", f"{record['table']} is not the file that was shipped", "reinstall dostastyq")
    sectors = tuple(record["sectors"])
    table = pl.read_csv(content).select(sectors).to_numpy().astype(np.float64)
    return Technology(
        name=name,
        title=record["title"],
        year=record["year"],
        sectors=sectors,
        inputs=table[:-1],
        value_added=table[-1],
        notes=tuple(record["notes"]),
        provenance=Provenance(
            made_by=record["made_by"],
            inputs=tuple((item["name"], item["sha256"]) for item in record["inputs"]),
            sources=tuple(Source(**source) for source in record["sources"]),
            repairs=(record["region_rule"],),
        ),
    )
