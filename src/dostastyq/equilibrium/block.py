"""A change confined to a group: numbers for some pairs, named, while every other pair stays."""

from dataclasses import dataclass
from types import EllipsisType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dostastyq.equilibrium.labels import FloatArray, Labels, position, type_label
from dostastyq.errors import DostastyqError

Places = NDArray[np.intp]


def cells(rows: Places, columns: Places) -> tuple[EllipsisType, Places, Places]:
    """Index of some rows and columns of the last two axes.

    Examples
    --------
    >>> np.arange(9).reshape(3, 3)[cells(np.array([0, 2]), np.array([1]))].tolist()
    [[1], [7]]
    """
    return ..., rows[:, None], columns


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Trade costs or tariffs of the pairs of a group; every other pair stays as it is.

    The form in which thousands of coalitions cost no more memory than their members take.

    Parameters
    ----------
    values
        A number for every foreign pair of the group, or an array ``[importer, exporter]``; with sectors also
        ``[sector, importer, exporter]``.
    importers
        Labels of the rows.
    exporters
        Labels of the columns; those of the rows unless given.

    Examples
    --------
    A free trade area of two, and a common external tariff of 5 % with free trade inside:

    >>> area = Block(0.9, ["RUS", "KAZ"])
    >>> union = Block([[0.0, 0.0, 0.05], [0.0, 0.0, 0.05]], ["RUS", "KAZ"], ["RUS", "KAZ", "ROW"])
    """

    values: Any
    importers: tuple[type_label, ...] | list[type_label]
    exporters: tuple[type_label, ...] | list[type_label] | None = None

    def place(self, name: str, labels: Labels, default: FloatArray | None) -> tuple[Places, Places, FloatArray]:
        """Rows, columns and numbers of the block in a world of `labels`.

        Parameters
        ----------
        name
            Name of the quantity, for messages.
        labels
            States of the economy.
        default
            What a domestic pair keeps when one number is given, shape (N, N) or (J, N, N); None for ones.

        Returns
        -------
        rows, columns : numpy.ndarray
            Places of the importers and exporters.
        values : numpy.ndarray
            A fresh array, shape (rows, columns), or (J, rows, columns) where numbers or default are by sector.

        Raises
        ------
        DostastyqError
            ``EQ001`` shape, ``EQ002`` not numbers, ``EQ003`` an empty cell, ``EQ007`` a state given twice, ``EQ020``
            unknown state.
        """
        rows = _places(self.importers, name, labels)
        columns = rows if self.exporters is None else _places(self.exporters, name, labels)
        try:
            given = np.asarray(self.values, dtype=np.float64)
        except (TypeError, ValueError):
            raise DostastyqError("EQ002", f"{name} of a block are not numbers; expected a number or an array") from None
        shape = len(rows), len(columns)
        sectors = () if default is None else default.shape[:-2]
        if given.ndim and given.shape not in {shape, (*sectors, *shape)}:
            raise DostastyqError(
                "EQ001",
                f"{name} of a block have shape {given.shape}; expected {shape}, one row an importer, one column an"
                " exporter" + (f", or {(*sectors, *shape)} by sector" if sectors else ""),
            )
        if np.isnan(given).any():
            raise DostastyqError("EQ003", f"{name} of a block have an empty cell; expected numbers", "fill every pair")
        if given.ndim:
            return rows, columns, given.copy()
        values = np.full((*sectors, *shape) if default is not None else shape, float(given))
        home = rows[:, None] == columns
        if home.any():
            values[..., home] = 1.0 if default is None else default[cells(rows, columns)][..., home]
        return rows, columns, values


def _places(names: tuple[type_label, ...] | list[type_label], what: str, labels: Labels) -> Places:
    places = [position(name, labels) for name in names]
    if len(set(places)) != len(places):
        twice = next(name for name, place in zip(names, places, strict=True) if places.count(place) > 1)
        raise DostastyqError("EQ007", f"{what}: {twice!r} is named twice in a block; expected once", "name it once")
    return np.array(places, dtype=np.intp)
