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
from dostastyq.trade.model import Baseline


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

    def fitted(self, base: Baseline) -> "Fitted":
        """Fit it to what the economies of a baseline have.

        A borrowed coefficient may ask for more of a good than an economy makes and buys. Flows were observed and
        coefficients were not, so the coefficients give way: an input of which an economy would use more than it has is
        scaled down, the same in all its uses, and the rest becomes value added. Final demand is then nowhere negative.

        Parameters
        ----------
        base
            Baseline with these sectors.

        Returns
        -------
        Fitted
        """
        bought = base.flows if base.tariffs is None else base.flows * (1 + base.tariffs)
        absorbed, made = bought.sum(axis=2), base.flows.sum(axis=1)
        used = self.of(base.sectors).inputs @ made
        scale = np.minimum(1.0, absorbed / np.where(used > 0, used, 1.0))
        inputs = self.inputs * scale.T[:, :, None]
        return Fitted(
            inputs,
            1 - inputs.sum(axis=1).T,
            f"{self.name}: of {scale.size} inputs of an economy {int((scale < 1).sum())} were scaled down, because it "
            f"would use more of them than it makes and buys; value added rose by "
            f"{((1 - inputs.sum(axis=1).T - self.value_added[:, None]) * made).sum() / made.sum():.1%} of output",
        )


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Coefficients of every economy of a baseline.

    Parameters
    ----------
    inputs
        Input per unit of output, ``[economy, input, using sector]``.
    value_added
        Share of value added in output, ``[sector, economy]``.
    repair
        What was scaled, in a sentence.
    """

    inputs: npt.NDArray[np.float64]
    value_added: npt.NDArray[np.float64]
    repair: str


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
