"""Law between pairs, as the regressors of the gravity equation: a world is an array of them.

A design has shape ``(parameter, importer, exporter)`` over the states of the register. Its two layers are nested, as
the estimates are: any preference of the Commonwealth (free trade or deeper), and a customs or economic union on top.
NaN means that the register does not know.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

Design = NDArray[np.float64]

PARAMETERS: Final = ("cis_free_trade", "union_increment")

KINDS: Final = {
    "none": (0.0, 0.0),
    "free_trade_area": (1.0, 0.0),
    "customs_union": (1.0, 1.0),
    "economic_union": (1.0, 1.0),
}
"""Value of each layer of the design for a kind of preference."""

DEPTH: Final = {kind: depth for depth, kind in enumerate(KINDS)}
"""How deep a kind of preference goes; a deeper treaty is the operative one between its parties."""


def design(pairs: pl.DataFrame, states: tuple[str, ...]) -> Design:
    """Turn the register's pairs on a day into a design.

    Parameters
    ----------
    pairs
        Columns `exporter`, `importer` and one nullable boolean a kind of preference (`Register.pairs`).
    states
        Order of both axes.

    Returns
    -------
    Design
        Shape ``(2, importer, exporter)``: 1 where the layer applies, 0 where not, NaN where unknown.
    """
    position = {state: index for index, state in enumerate(states)}
    union = pl.col("customs_union") | pl.col("economic_union")
    layers = pairs.select("exporter", "importer", preference=pl.col("free_trade_area") | union, union=union)
    result = np.zeros((len(PARAMETERS), len(states), len(states)))
    for exporter, importer, *values in layers.iter_rows():
        for layer, value in enumerate(values):
            result[layer, position[importer], position[exporter]] = np.nan if value is None else float(value)
    return result


def replace(base: Design, mask: NDArray[np.bool_], kind: str) -> Design:
    """Put the pairs of `mask` (importer, exporter) of `base` under preference `kind` and nothing else."""
    result = base.copy()
    result[:, mask] = np.array(KINDS[kind])[:, None]
    return result


def settle(present: Design, before: Design, after: Design) -> tuple[Design, Design, Design, NDArray[np.bool_]]:
    """Hold unchanged what the register does not know.

    Returns
    -------
    present, before, after
        The three designs without NaN: an unknown of `after` is taken from `present`, one of `before` from `after`.
    unknown
        Pairs ``(importer, exporter)`` known in one of the two worlds only, so that the change itself is unknown.
    """
    unknown = (np.isnan(before) != np.isnan(after)).any(axis=0)
    present = np.nan_to_num(present, nan=0.0)
    known_before = np.where(np.isnan(before), after, before)
    known_after = np.where(np.isnan(after), before, after)
    before = np.where(np.isnan(known_before), present, known_before)
    after = np.where(np.isnan(known_after), present, known_after)
    return present, before, after, unknown


def between(states: tuple[str, ...], first: Iterable[str], second: Iterable[str]) -> NDArray[np.bool_]:
    """Pairs (importer, exporter) with one side in `first` and the other in `second`, both directions."""
    a = np.isin(states, list(first))
    b = np.isin(states, list(second))
    mask: NDArray[np.bool_] = np.outer(a, b) | np.outer(b, a)
    np.fill_diagonal(mask, val=False)
    return mask
