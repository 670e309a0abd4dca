"""Numbers by name of the regressor: coefficients, standard errors, covariances."""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import DTypeLike, NDArray

from dostastyq.errors import DostastyqError, nearest
from dostastyq.gravity.problem import FloatArray


def place(key: str | int, names: tuple[str, ...]) -> int:
    """Place of the regressor `key`, by name or by number.

    Raises
    ------
    DostastyqError
        ``GR020`` when there is no such coefficient.

    Examples
    --------
    >>> place("rta", ("dist", "rta"))
    1
    """
    if isinstance(key, str) and key in names:
        return names.index(key)
    if isinstance(key, int | np.integer) and -len(names) <= key < len(names):
        return int(key)
    raise DostastyqError("GR020", f"there is no coefficient {key!r}", nearest(str(key), names))


class NamedVector:
    """One number a regressor.

    ``np.asarray(v)`` is the plain array, ``v["rta"]`` one number, ``dict(v)`` numbers by name, ``"rta" in v`` whether
    the regressor has one; iteration gives the numbers.

    Parameters
    ----------
    values
        Shape (K,).
    names
        The regressors, in the same order.
    what
        Name of the column in a frame.

    Examples
    --------
    >>> v = NamedVector(np.array([0.5, -1.0]), ("rta", "dist"), "estimate")
    >>> v["rta"], len(v), dict(v)
    (0.5, 2, {'rta': 0.5, 'dist': -1.0})
    >>> v
    rta   0.5
    dist -1
    """

    __slots__ = ("names", "values", "what")

    def __init__(self, values: FloatArray, names: tuple[str, ...], what: str) -> None:
        self.values = np.array(values, dtype=np.float64)
        self.values.setflags(write=False)
        self.names = names
        self.what = what

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[np.float64]:
        return np.array(self.values, dtype=dtype, copy=copy)

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[float]:
        return iter(self.values.tolist())

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __getitem__(self, key: str | int) -> float:
        return float(self.values[place(key, self.names)])

    def keys(self) -> tuple[str, ...]:
        """Names of the regressors."""
        return self.names

    def items(self) -> Iterator[tuple[str, float]]:
        """Pairs of name and number."""
        return zip(self.names, self.values.tolist(), strict=True)

    def to_frame(self) -> pl.DataFrame:
        """Give a polars frame with the columns ``term`` and that of the vector."""
        return pl.DataFrame({"term": list(self.names), self.what: self.values})

    def __repr__(self) -> str:
        width = max(map(len, self.names), default=0)
        return "\n".join(f"{name:<{width}} {value: .6g}" for name, value in self.items())


class NamedMatrix:
    """Covariance of the coefficients, by name; what the equilibrium models take their uncertainty from.

    Parameters
    ----------
    values
        Shape (K, K).
    names
        The regressors, of rows and columns.

    Examples
    --------
    >>> v = NamedMatrix(np.array([[0.04, 0.01], [0.01, 0.09]]), ("fta", "union"))
    >>> v["fta", "union"], v.select(["union"]).values.tolist()
    (0.01, [[0.09]])
    """

    __slots__ = ("names", "values")

    def __init__(self, values: FloatArray, names: tuple[str, ...]) -> None:
        self.values = np.array(values, dtype=np.float64)
        self.values.setflags(write=False)
        self.names = names

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[np.float64]:
        return np.array(self.values, dtype=dtype, copy=copy)

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, key: tuple[str | int, str | int]) -> float:
        return float(self.values[place(key[0], self.names), place(key[1], self.names)])

    def select(self, names: Sequence[str]) -> "NamedMatrix":
        """Covariance of some of the coefficients, in the order of `names`."""
        order = [place(name, self.names) for name in names]
        return NamedMatrix(self.values[np.ix_(order, order)], tuple(names))

    def to_frame(self) -> pl.DataFrame:
        """Give a polars frame: ``term`` and one column a regressor."""
        columns = {name: self.values[:, k] for k, name in enumerate(self.names)}
        return pl.DataFrame({"term": list(self.names), **columns})

    def __repr__(self) -> str:
        return str(self.to_frame())
