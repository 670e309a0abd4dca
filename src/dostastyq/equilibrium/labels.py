"""Vectors, matrices, tables and cubes that know whose number each entry is."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import DTypeLike, NDArray

from dostastyq.errors import DostastyqError, nearest

if TYPE_CHECKING:
    import polars as pl

type_label = str | int
Labels = tuple[type_label, ...]
FloatArray = NDArray[np.float64]


def position(key: type_label, labels: Labels, what: str = "state") -> int:
    """Place of `key` in `labels`.

    Parameters
    ----------
    key
        A label; an integer is also taken as a place when the labels are texts.
    labels
        All labels, in order.
    what
        What a label names, for the message: ``"state"`` or ``"sector"``.

    Returns
    -------
    int

    Raises
    ------
    DostastyqError
        ``EQ020`` when there is no such label (``EQ046`` for a sector).

    Examples
    --------
    >>> position("KAZ", ("ARM", "KAZ"))
    1
    """
    try:
        return labels.index(key)
    except ValueError:
        if isinstance(key, int | np.integer) and -len(labels) <= key < len(labels):
            return int(key)
    code = "EQ020" if what == "state" else "EQ046"
    raise DostastyqError(code, f"there is no {what} {key!r} in this economy", nearest(str(key), map(str, labels)))


def frame(columns: dict[str, object]) -> "pl.DataFrame":
    """Make a polars frame of columns; polars is imported when the first frame is asked for."""
    import polars as pl  # noqa: PLC0415

    return pl.DataFrame(columns)


class _Labelled(NDArrayOperatorsMixin):
    """What the vector and the matrix share: a read-only array that behaves as a plain one in arithmetic."""

    __slots__ = ("labels", "name", "unit", "values")
    __hash__ = None  # type: ignore[assignment]

    labels: Labels
    name: str
    unit: str
    values: FloatArray

    def __init__(self, values: FloatArray, labels: Labels, name: str, unit: str = "") -> None:
        values.setflags(write=False)
        self.values = values
        self.labels = labels
        self.name = name
        self.unit = unit

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.values, dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: object, **kwargs: object) -> object:
        plain = [item.values if isinstance(item, _Labelled) else item for item in inputs]
        return getattr(ufunc, method)(*plain, **kwargs)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the plain array."""
        return self.values.shape


class Vector(_Labelled):
    """One number a state.

    ``np.asarray(v)`` is the plain array, ``v["KAZ"]`` one number, ``v.to_frame()`` a polars frame; arithmetic gives
    plain arrays.

    Parameters
    ----------
    values
        The numbers, shape (N,).
    labels
        The states, in the same order.
    name
        What is measured; the column name in a frame.
    unit
        Its unit, in words.

    Examples
    --------
    >>> v = Vector(np.array([0.5, -0.1]), ("KAZ", "RUS"), "welfare", "per cent")
    >>> v["RUS"]
    -0.1
    >>> v
    welfare (per cent)
    KAZ   0.5
    RUS  -0.1
    """

    __slots__ = ()

    def __getitem__(self, key: type_label) -> float:
        return float(self.values[position(key, self.labels)])

    def __iter__(self) -> Iterator[float]:
        return iter(self.values.tolist())

    def items(self) -> Iterator[tuple[type_label, float]]:
        """Pairs of label and number."""
        return zip(self.labels, self.values.tolist(), strict=True)

    def to_frame(self) -> "pl.DataFrame":
        """Give a polars frame with the columns ``state`` and the vector's own name."""
        return frame({"state": list(self.labels), self.name: self.values})

    def __repr__(self) -> str:
        numbers = [f"{value:.6g}" for value in self.values]
        left = max((len(str(label)) for label in self.labels), default=0)
        right = max(map(len, numbers), default=0)
        head = f"{self.name} ({self.unit})" if self.unit else self.name
        rows = [f"{label!s:<{left}}  {n:>{right}}" for label, n in zip(self.labels, numbers, strict=True)]
        return "\n".join([head, *_shorten(rows)])


class Matrix(_Labelled):
    """One number a pair of states, ``[importer, exporter]``.

    Parameters
    ----------
    values
        The numbers, shape (N, N), row the importer, column the exporter.
    labels
        The states, in the same order on both axes.
    name
        What is measured; the value column in a frame.
    unit
        Its unit, in words.

    Examples
    --------
    >>> m = Matrix(np.array([[9.0, 1.0], [2.0, 8.0]]), ("KAZ", "RUS"), "trade")
    >>> m["KAZ", "RUS"], m.between(exporter="RUS", importer="KAZ")
    (1.0, 1.0)
    """

    __slots__ = ()

    def __getitem__(self, key: tuple[type_label, type_label]) -> float:
        importer, exporter = key
        return float(self.values[position(importer, self.labels), position(exporter, self.labels)])

    def between(self, *, exporter: type_label, importer: type_label) -> float:
        """Entry of one pair, named."""
        return self[importer, exporter]

    def to_frame(self) -> "pl.DataFrame":
        """Give a long polars frame: ``exporter``, ``importer`` and the matrix's own name."""
        names = list(self.labels)
        size = len(names)
        return frame(
            {
                "exporter": names * size,
                "importer": [name for name in names for _ in range(size)],
                self.name: self.values.ravel(),
            }
        )

    def __repr__(self) -> str:
        head = f"{self.name} ({self.unit})" if self.unit else self.name
        size = len(self.labels)
        if size > 12:
            return f"{head}, {size} importers × {size} exporters; see .to_frame()"
        width = max(9, *(len(str(label)) + 1 for label in self.labels))
        lines = [" " * width + "".join(f"{label!s:>{width}}" for label in self.labels)]
        lines += [
            f"{label!s:<{width}}" + "".join(f"{value:>{width}.4g}" for value in row)
            for label, row in zip(self.labels, self.values, strict=True)
        ]
        return "\n".join([head + ", rows importers, columns exporters", *lines])


class _BySector(_Labelled):
    """What the table and the cube share: a first axis of sectors."""

    __slots__ = ("sectors",)

    sectors: Labels

    def __init__(self, values: FloatArray, sectors: Labels, labels: Labels, name: str, unit: str = "") -> None:
        super().__init__(values, labels, name, unit)
        self.sectors = sectors


class Table(_BySector):
    """One number a sector and state, ``[sector, state]``.

    Parameters
    ----------
    values
        The numbers, shape (J, N).
    sectors, labels
        Names of the sectors and of the states, in the same order.
    name
        What is measured; the value column in a frame.
    unit
        Its unit, in words.

    Examples
    --------
    >>> t = Table(np.array([[1.0, 2.0], [3.0, 4.0]]), ("grain", "steel"), ("KAZ", "RUS"), "price")
    >>> t["steel", "KAZ"]
    3.0
    """

    __slots__ = ()

    def __getitem__(self, key: tuple[type_label, type_label]) -> float:
        sector, state = key
        return float(self.values[position(sector, self.sectors, "sector"), position(state, self.labels)])

    def to_frame(self) -> "pl.DataFrame":
        """Give a long polars frame: ``sector``, ``state`` and the table's own name."""
        size = len(self.labels)
        return frame(
            {
                "sector": [name for name in self.sectors for _ in range(size)],
                "state": list(self.labels) * len(self.sectors),
                self.name: self.values.ravel(),
            }
        )

    def __repr__(self) -> str:
        head = f"{self.name} ({self.unit})" if self.unit else self.name
        return f"{head}, {len(self.sectors)} sectors × {len(self.labels)} states; see .to_frame()"


class Cube(_BySector):
    """One number a sector and pair of states, ``[sector, importer, exporter]``.

    Parameters
    ----------
    values
        The numbers, shape (J, N, N).
    sectors, labels
        Names of the sectors and of the states, in the same order.
    name
        What is measured; the value column in a frame.
    unit
        Its unit, in words.

    Examples
    --------
    >>> c = Cube(np.array([[[9.0, 1.0], [2.0, 8.0]]]), ("all",), ("KAZ", "RUS"), "trade")
    >>> c["all", "KAZ", "RUS"], c.total().between(exporter="RUS", importer="KAZ")
    (1.0, 1.0)
    """

    __slots__ = ()

    def __getitem__(self, key: tuple[type_label, type_label, type_label]) -> float:
        sector, importer, exporter = key
        place = position(sector, self.sectors, "sector"), position(importer, self.labels)
        return float(self.values[(*place, position(exporter, self.labels))])

    def of(self, sector: type_label) -> Matrix:
        """Matrix of one sector, ``[importer, exporter]``."""
        return Matrix(self.values[position(sector, self.sectors, "sector")], self.labels, self.name, self.unit)

    def total(self) -> Matrix:
        """Sum over sectors, ``[importer, exporter]``; meant for flows."""
        return Matrix(self.values.sum(axis=0), self.labels, self.name, self.unit)

    def to_frame(self) -> "pl.DataFrame":
        """Give a long polars frame: ``sector``, ``exporter``, ``importer`` and the cube's own name."""
        names, sectors = list(self.labels), list(self.sectors)
        size = len(names)
        return frame(
            {
                "sector": [sector for sector in sectors for _ in range(size * size)],
                "exporter": names * (size * len(sectors)),
                "importer": [name for name in names for _ in range(size)] * len(sectors),
                self.name: self.values.ravel(),
            }
        )

    def __repr__(self) -> str:
        head = f"{self.name} ({self.unit})" if self.unit else self.name
        size = len(self.labels)
        return f"{head}, {len(self.sectors)} sectors × {size} importers × {size} exporters; see .to_frame()"


def _shorten(rows: Sequence[str], most: int = 60) -> list[str]:
    if len(rows) <= most:
        return list(rows)
    half = most // 2
    return [*rows[:half], f"… {len(rows) - 2 * half} more …", *rows[-half:]]
