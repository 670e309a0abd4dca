"""Input-output coefficients of other countries and another time, for states that have no table at hand.

The mean over the middle-income regions of Caliendo and Parro (2015), 1993, carried to the sectors of a baseline by a
committed concordance. An input that is split between sectors is split in proportion to their output in the world of the
baseline; sectors that are joined are weighted by what the region makes of each.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

Array = npt.NDArray[np.float64]

SOURCE: Final = "cp2015/nafta_1993.npz"


def concordance(facts: Mapping[str, Any], old: Sequence[str], new: Sequence[str]) -> Array:
    """Return the old sectors by the new ones: 1 where the two share goods.

    Raises
    ------
    ValueError
        When a sector of either side is left out.
    """
    shared = np.zeros((len(old), len(new)))
    for target, sources in facts["concordance"].items():
        for source in sources:
            shared[old.index(source), new.index(target)] = 1.0
    for names, axis in ((old, 1), (new, 0)):
        alone = [name for name, any_ in zip(names, shared.any(axis=axis), strict=True) if not any_]
        if alone:
            raise ValueError(f"the concordance leaves out {', '.join(alone)}")
    return shared


def region_output(data: Mapping[str, Array]) -> Array:
    """Gross output of every region and sector, from expenditure, shares and tariffs; ``(region, sector)``."""
    sold = data["pi_nij"] / (1 + data["tau_nij"]) * data["X_nj"][:, None, :]
    return np.asarray(sold.sum(axis=0))


def borrow(folder: Path, facts: Mapping[str, Any], new: Sequence[str], world_output: Array) -> dict[str, Any]:
    """Make the table.

    Parameters
    ----------
    folder
        The research data.
    facts
        What is recorded by hand: regions, concordance.
    new
        Sectors of the baseline.
    world_output
        World output of each, to split an input that several of them make.

    Returns
    -------
    dict
        ``inputs`` (input by using sector), ``value_added`` (share of output), ``fingerprint``.
    """
    data = dict(np.load(folder / SOURCE))
    old = [str(name) for name in data["sectors"]]
    regions = [str(name) for name in data["regions"]]
    shared = concordance(facts, old, new)
    split = shared * world_output
    split /= split.sum(axis=1, keepdims=True)
    output = region_output(data)
    tables, values = [], []
    for region in facts["regions"]:
        place = regions.index(region)
        weight = shared * output[place][:, None]
        weight /= weight.sum(axis=0)
        tables.append(split.T @ data["gamma_nkj"][place] @ weight)
        values.append(data["gamma_nj"][place] @ weight)
    inputs, value_added = np.mean(tables, axis=0), np.mean(values, axis=0)
    total = inputs.sum(axis=0) + value_added
    if not np.allclose(total, 1, atol=1e-5):
        raise ValueError("inputs and value added do not sum to output")
    digest = sha256((folder / SOURCE).read_bytes()).hexdigest()
    return {"inputs": inputs / total, "value_added": value_added / total, "fingerprint": digest}


def table_file(made: Mapping[str, Any], sectors: Sequence[str]) -> str:
    """Return the table: a row an input, value added the last, a column a using sector; columns sum to 1."""
    rows = np.vstack([made["inputs"], made["value_added"]]).round(6)
    rows[-1] = (1 - rows[:-1].sum(axis=0)).round(6)
    columns = {sector: rows[:, place] for place, sector in enumerate(sectors)}
    return pl.DataFrame({"input": [*sectors, "value added"], **columns}).write_csv()
