"""What comes in: arrays, labelled matrices and long data frames made into checked square arrays."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dostastyq.equilibrium.block import Block
from dostastyq.equilibrium.labels import FloatArray, Labels, Matrix, Vector, type_label
from dostastyq.errors import DostastyqError, nearest

if TYPE_CHECKING:
    import narwhals as nw

_ROUNDING = 1e-6


def is_frame(value: object) -> bool:
    """Tell a data frame from an array.

    Examples
    --------
    >>> is_frame(np.eye(2))
    False
    """
    return hasattr(type(value), "columns") and not isinstance(value, np.ndarray)


def pair_name(labels: Labels, importer: int, exporter: int) -> str:
    """Name of a cell in a message: exporter → importer."""
    return f"{labels[exporter]!s} → {labels[importer]!s}"


def check_labels(labels: Sequence[type_label] | None, size: int, what: str = "states") -> Labels:
    """Labels as given, or the numbers from zero.

    Parameters
    ----------
    labels
        Names of the states, or None.
    size
        How many are needed.
    what
        What they name, for messages.

    Returns
    -------
    tuple

    Raises
    ------
    DostastyqError
        ``EQ004`` on a wrong number of labels or a repeated one.
    """
    if labels is None:
        return tuple(range(size))
    names = tuple(labels)
    if len(names) != size:
        raise DostastyqError("EQ004", f"{len(names)} labels for {size} {what}", f"give one for each of the {what}")
    if len(set(names)) != size:
        twice = next(name for name in names if names.count(name) > 1)
        raise DostastyqError(
            "EQ004", f"label {twice!r} is given twice; expected each of the {what} once", "make labels unique"
        )
    return names


def square(values: object, what: str, size: int | None = None) -> FloatArray:
    """Read a square array ``[importer, exporter]``; a leading sector axis of length one is dropped.

    Parameters
    ----------
    values
        Array of shape (N, N) or (1, N, N).
    what
        Its name in messages.
    size
        Expected N, None for any.

    Returns
    -------
    numpy.ndarray
        A fresh array, shape (N, N).

    Raises
    ------
    DostastyqError
        ``EQ001`` not square or of another size, ``EQ002`` not numbers, ``EQ010`` more than one sector.
    """
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DostastyqError(
            "EQ002", f"{what} are not numbers: {error}", "give a square array or a long frame"
        ) from None
    if array.ndim == 3 and array.shape[0] == 1:
        array = array[0]
    if array.ndim == 3:
        raise DostastyqError(
            "EQ010",
            f"{what} have {array.shape[0]} sectors; this engine solves economies with one",
            "sum over sectors, or give shape (1, N, N)",
        )
    expected = "a square array [importer, exporter]" if size is None else f"shape ({size}, {size}) [importer, exporter]"
    if array.ndim != 2 or array.shape[0] != array.shape[1] or array.size == 0 or size not in (None, array.shape[0]):
        raise DostastyqError(
            "EQ001", f"{what} have shape {array.shape}; expected {expected}", "domestic flows are the diagonal"
        )
    return array


def read_frame(frame: object, what: str) -> "nw.DataFrame[Any]":
    """Open any eager or lazy data frame with narwhals.

    Raises
    ------
    DostastyqError
        ``EQ002`` when it is no data frame that narwhals knows.
    """
    import narwhals as nw  # noqa: PLC0415 -- arrays need no data frame library

    try:
        opened = nw.from_native(frame)  # type: ignore[call-overload]
    except TypeError as error:
        raise DostastyqError("EQ002", f"{what}: {error}", "give a polars, pandas or Arrow frame, or an array") from None
    return opened.collect() if isinstance(opened, nw.LazyFrame) else opened


def column(frame: "nw.DataFrame[Any]", name: str, what: str) -> list[Any]:
    """One column as a list.

    Raises
    ------
    DostastyqError
        ``EQ005`` when the column is missing.
    """
    if name not in frame.columns:
        known = ", ".join(frame.columns)
        raise DostastyqError(
            "EQ005", f"{what}: there is no column {name!r}; found {known}", nearest(name, frame.columns)
        )
    return list(frame[name].to_list())


def _numbers(values: Sequence[Any], what: str, name: str) -> FloatArray:
    for row, value in enumerate(values):
        if value is None or (isinstance(value, float) and np.isnan(value)):
            raise DostastyqError(
                "EQ003",
                f"{what}: row {row + 1}, column {name!r} is empty; expected a number",
                "fill it or record a zero",
            )
        if isinstance(value, str):
            raise DostastyqError("EQ002", f"{what}: row {row + 1}, column {name!r} is {value!r}; expected a number")
    return np.asarray(values, dtype=np.float64)


def matrix_from_frame(
    frame: "nw.DataFrame[Any]", name: str, what: str, labels: Labels | None = None, default: FloatArray | None = None
) -> tuple[FloatArray, Labels]:
    """Square array of a long frame with columns ``exporter``, ``importer`` and `name`.

    Parameters
    ----------
    frame
        Long frame.
    name
        Column of values.
    what
        Its name in messages.
    labels
        States to expect; None takes those of the frame, sorted.
    default
        Values of pairs that the frame does not name, shape (N, N); None requires every pair.

    Returns
    -------
    values : numpy.ndarray
        Shape (N, N), ``[importer, exporter]``.
    labels : tuple

    Raises
    ------
    DostastyqError
        ``EQ003`` empty cell, ``EQ005`` missing column, ``EQ006`` missing pair, ``EQ007`` pair given twice, ``EQ020``
        unknown state.
    """
    exporters, importers = column(frame, "exporter", what), column(frame, "importer", what)
    values = _numbers(column(frame, name, what), what, name)
    names = labels if labels is not None else tuple(sorted(set(exporters) | set(importers), key=str))
    if not names:
        raise DostastyqError(
            "EQ001", f"{what}: the frame has no rows; expected one row a pair", "give every pair of states"
        )
    place = {label: index for index, label in enumerate(names)}
    for row, label in enumerate(zip(exporters, importers, strict=True)):
        for state in label:
            if state not in place:
                raise DostastyqError(
                    "EQ020",
                    f"{what}: row {row + 1} names {state!r}, no state of this economy",
                    nearest(str(state), map(str, names)),
                )
    array = np.full((len(names), len(names)), np.nan) if default is None else default.copy()
    seen: dict[tuple[int, int], int] = {}
    for row, (exporter, importer, value) in enumerate(zip(exporters, importers, values, strict=True)):
        cell = place[importer], place[exporter]
        if cell in seen:
            raise DostastyqError(
                "EQ007",
                f"{what}: {exporter} → {importer} is given in row {seen[cell] + 1} and again in row {row + 1}; expected"
                " once",
                "add the rows up or drop one",
            )
        seen[cell] = row
        array[cell] = value
    if default is None and len(seen) < array.size:
        importer, exporter = (int(index) for index in np.argwhere(np.isnan(array))[0])
        raise DostastyqError(
            "EQ006",
            f"{what}: {array.size - len(seen)} of {array.size} pairs are missing, the first is"
            f" {pair_name(names, importer, exporter)}; expected every pair, domestic flows included",
            "a flow that is known to be nil is recorded as 0",
        )
    return array, names


def pairwise(value: object, name: str, labels: Labels, default: FloatArray | None) -> FloatArray:
    """Pairwise part of a shock or a table of tariffs as an array.

    A number applies to every foreign pair and leaves domestic ones at `default`; an array gives every pair; a frame or
    a block gives the pairs it names and leaves the others at `default`.

    Parameters
    ----------
    value
        Number, array of shape (N, N) or (1, N, N), labelled matrix, block, or long frame with a column `name`.
    name
        Name of the quantity.
    labels
        States of the economy.
    default
        Values where nothing is said, shape (N, N); None for ones.

    Returns
    -------
    numpy.ndarray
        Shape (N, N), ``[importer, exporter]``.

    Raises
    ------
    DostastyqError
        ``EQ001``, ``EQ002``, ``EQ003``, ``EQ005``, ``EQ007``, ``EQ020``; ``EQ021`` labels of a matrix differ.
    """
    size = len(labels)
    if isinstance(value, Matrix):
        order = _order(value.labels, labels, name)
        array = np.array(value.values[np.ix_(order, order)])
    elif isinstance(value, Block):
        rows, columns, given = value.place(name, labels, default)
        array = np.ones((size, size)) if default is None else default.copy()
        array[np.ix_(rows, columns)] = given
    elif is_frame(value):
        rest = np.ones((size, size)) if default is None else default
        array, _ = matrix_from_frame(read_frame(value, name), name, name, labels, rest)
    elif np.ndim(value) == 0:  # type: ignore[arg-type]
        array = np.full((size, size), _number(value, name))
        np.fill_diagonal(array, 1.0 if default is None else default.diagonal())
    else:
        array = square(value, name, size)
    if np.isnan(array.sum()) and np.isnan(array).any():
        importer, exporter = (int(index) for index in np.argwhere(np.isnan(array))[0])
        raise DostastyqError(
            "EQ003", f"{name} of {pair_name(labels, importer, exporter)} is empty; expected a number", "fill every pair"
        )
    return array


def state_values(value: object, name: str, labels: Labels, default: FloatArray) -> FloatArray:
    """One number a state as an array of shape (N,): an array, a labelled `Vector`, a number, or a frame.

    A number applies to every state; a frame has the columns ``state`` and `name` and leaves states that are not named
    at `default`.

    Raises
    ------
    DostastyqError
        ``EQ001`` wrong shape, ``EQ002``, ``EQ003``, ``EQ005``, ``EQ007``, ``EQ020``, ``EQ021`` as for pairs.
    """
    size = len(labels)
    if isinstance(value, Vector):
        return np.array(value.values[_order(value.labels, labels, name)])
    if is_frame(value):
        frame = read_frame(value, name)
        states, numbers = column(frame, "state", name), _numbers(column(frame, name, name), name, name)
        array = default.copy()
        place = {label: index for index, label in enumerate(labels)}
        for row, state in enumerate(states):
            if state not in place:
                raise DostastyqError(
                    "EQ020", f"{name}: row {row + 1} names {state!r}", nearest(str(state), map(str, labels))
                )
            if state in states[:row]:
                raise DostastyqError("EQ007", f"{name}: {state!r} is given twice; expected once", "drop one row")
            array[place[state]] = numbers[row]
        return array
    if np.ndim(value) == 0:  # type: ignore[arg-type]
        return np.full(size, _number(value, name))
    array = np.array(value, dtype=np.float64)
    if array.shape != (size,):
        raise DostastyqError("EQ001", f"{name} has shape {array.shape}; expected ({size},), one number a state")
    return array


def by_state(value: object, name: str, labels: Labels) -> FloatArray:
    """Part of a shock with one ratio a state as an array of shape (N,); what is not named stays at 1.

    Raises
    ------
    DostastyqError
        The codes of `state_values`; ``EQ022`` not positive.
    """
    array = state_values(value, name, labels, np.ones(len(labels)))
    if not ((array > 0) & np.isfinite(array)).all():
        worst = int(np.argmin((array > 0) & np.isfinite(array)))
        raise DostastyqError(
            "EQ022",
            f"{name} of {labels[worst]!s} is {array[worst]}; expected a finite ratio new/old above 0",
            "no change is 1",
        )
    return array


def new_deficits(
    value: object, base: FloatArray, income: FloatArray, labels: Labels, closure: str
) -> FloatArray | None:
    """Deficits after a shock as an array of shape (N,), or None.

    Parameters
    ----------
    value
        A factor on the deficits of the base, an array of shape (N,), a labelled `Vector`, or a frame with columns
        ``state`` and ``deficits`` in which states that are not named keep theirs.
    base
        Deficits of the base, shape (N,).
    income
        Value added of the base, shape (N,).
    labels
        States of the economy.
    closure
        Closure of the economy.

    Returns
    -------
    numpy.ndarray or None

    Raises
    ------
    DostastyqError
        ``EQ044`` when they do not sum to zero or the closure decides them; ``EQ001``, ``EQ003``, ``EQ020``, ``EQ021``.
    """
    if value is None:
        return None
    if closure == "proportional":
        raise DostastyqError(
            "EQ044",
            "the shock gives deficits, but the proportional closure decides them; expected one of the two",
            "calibrate with deficits='additive'",
        )
    if is_frame(value) or np.ndim(value) != 0:  # type: ignore[arg-type]
        array = state_values(value, "deficits", labels, base)
    else:
        array = _number(value, "deficits") * base
    if not np.isfinite(array).all():
        worst = int(np.argmin(np.isfinite(array)))
        raise DostastyqError("EQ003", f"the deficit of {labels[worst]!s} is {array[worst]}; expected a number")
    gap = float(array.sum())
    if abs(gap) > _ROUNDING * float(income.sum()):
        raise DostastyqError(
            "EQ044",
            f"the deficits sum to {gap:.6g} ({gap / float(income.sum()):.2%} of world income); expected zero: what one"
            " state borrows another lends",
            "spread the difference over the lenders",
        )
    return array - gap * income / float(income.sum())


def _number(value: object, name: str) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise DostastyqError("EQ002", f"{name} is {value!r}; expected a number, an array or a frame") from None


def _order(found: Labels, labels: Labels, name: str) -> list[int]:
    if set(found) != set(labels) or len(found) != len(labels):
        odd = sorted(map(str, set(found) ^ set(labels)))
        raise DostastyqError(
            "EQ021",
            f"{name} is labelled for other states: {', '.join(odd[:8])} differ",
            "give the states of the economy",
        )
    return [found.index(label) for label in labels]
