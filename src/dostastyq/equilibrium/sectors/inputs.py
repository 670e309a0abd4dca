"""What comes in with sectors: numbers, arrays, labelled cubes and long frames made into checked arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dostastyq.equilibrium.block import Block, cells
from dostastyq.equilibrium.inputs import (
    by_state,
    check_labels,
    column,
    is_frame,
    matrix_from_frame,
    pairwise,
    read_frame,
    state_values,
)
from dostastyq.equilibrium.labels import Cube, FloatArray, Labels, Matrix, Table
from dostastyq.errors import DostastyqError, nearest


def numbers(value: object, what: str) -> FloatArray:
    """Make a fresh array of numbers.

    Raises
    ------
    DostastyqError
        ``EQ002``.
    """
    try:
        return np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DostastyqError("EQ002", f"{what} are not numbers: {error}", "give an array of numbers") from None


def finite(array: FloatArray, what: str) -> FloatArray:
    """Give the array back when every cell is a number.

    Raises
    ------
    DostastyqError
        ``EQ003``.
    """
    bad = ~np.isfinite(array)
    if bad.any():
        where = tuple(int(index) for index in np.argwhere(bad)[0])
        raise DostastyqError(
            "EQ003",
            f"{what}{list(where)} is {array[where]}; expected a number ({int(bad.sum())} such cells)",
            "fill every cell; what is known to be nil is 0",
        )
    return array


def shaped(value: object, what: str, shape: tuple[int, ...], axes: str) -> FloatArray:
    """Read an array of one shape.

    Raises
    ------
    DostastyqError
        ``EQ001``, ``EQ002``, ``EQ003``.
    """
    array = numbers(value, what)
    if array.shape != shape:
        raise DostastyqError("EQ001", f"{what}: the shape is {array.shape}; expected {shape}, {axes}")
    return finite(array, what)


def check_sectors(sectors: object, count: int) -> Labels:
    """Names of sectors as given, or the numbers from zero.

    Raises
    ------
    DostastyqError
        ``EQ004``.
    """
    if sectors is None:
        return tuple(range(count))
    return check_labels(tuple(sectors), count, "sectors")  # type: ignore[arg-type]


def elasticities(value: object, sectors: Labels) -> FloatArray:
    """Trade elasticities by sector: a number, an array, or a mapping by sector.

    Returns
    -------
    numpy.ndarray
        Shape (J,).

    Raises
    ------
    DostastyqError
        ``EQ008`` not above 0; ``EQ001`` another number of them; ``EQ046`` a sector without one, or an unknown one.
    """
    if isinstance(value, Mapping):
        odd = [name for name in sectors if name not in value] + [name for name in value if name not in sectors]
        if odd:
            raise DostastyqError(
                "EQ046",
                f"the elasticities do not fit the sectors: {odd[0]!r} is in one of the two only",
                nearest(str(odd[0]), map(str, sectors)),
            )
        value = [value[name] for name in sectors]
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise DostastyqError(
            "EQ008", f"the elasticity is {value!r}; expected numbers above 0", "a usual value is 4"
        ) from None
    if array.size == 1:
        array = np.full(len(sectors), float(array.reshape(-1)[0]))
    if array.shape != (len(sectors),):
        raise DostastyqError("EQ001", f"the elasticities have shape {array.shape}; expected ({len(sectors)},)")
    if not ((array > 0) & np.isfinite(array)).all():
        worst = int(np.argmin((array > 0) & np.isfinite(array)))
        raise DostastyqError(
            "EQ008",
            f"the elasticity of {sectors[worst]!s} is {array[worst]}; expected a finite number above 0",
            "a usual value is 4",
        )
    return array


def cube(value: object, name: str, sectors: Labels, labels: Labels, default: FloatArray) -> FloatArray:
    """Pairs by sector as an array of shape (J, N, N).

    Parameters
    ----------
    value
        A number for every foreign pair of every sector; an array of shape (J, N, N), or (N, N) for all sectors; a
        labelled `Cube` or `Matrix`; a `Block`; or a long frame ``exporter, importer[, sector]`` with a column `name`.
    name
        Name of the quantity.
    sectors, labels
        Sectors and states of the economy.
    default
        Values where nothing is said, shape (J, N, N).

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    DostastyqError
        ``EQ001``-``EQ007``, ``EQ020``, ``EQ021``; ``EQ046`` unknown sector.
    """
    size = len(labels)
    if isinstance(value, Block):
        rows, columns, given = value.place(name, labels, default)
        array = default.copy()
        array[cells(rows, columns)] = given
        return array
    if isinstance(value, Cube):
        if set(value.sectors) != set(sectors):
            raise DostastyqError("EQ046", f"{name} is labelled for other sectors", "give the sectors of the economy")
        order = [value.sectors.index(sector) for sector in sectors]
        layers = [Matrix(value.values[j], value.labels, name) for j in order]
        return np.stack([pairwise(layer, name, labels, None) for layer in layers])
    if is_frame(value):
        frame = read_frame(value, name)
        if "sector" in frame.columns:
            return _by_sector(frame, name, sectors, labels, default)
    elif not isinstance(value, Matrix) and np.ndim(value) == 3:  # type: ignore[arg-type]
        array = numbers(value, name)
        if array.shape == (1, size, size):
            array = np.repeat(array, len(sectors), axis=0)
        if array.shape != (len(sectors), size, size):
            raise DostastyqError(
                "EQ001",
                f"{name} have shape {array.shape}; expected {(len(sectors), size, size)} [sector, importer, exporter]",
            )
        if np.isnan(array).any():
            raise DostastyqError("EQ003", f"{name} are not all numbers; expected no empty cell", "fill every pair")
        return array
    return np.stack([pairwise(value, name, labels, layer) for layer in default])


def _by_sector(frame: Any, name: str, sectors: Labels, labels: Labels, default: FloatArray) -> FloatArray:  # noqa: ANN401
    import narwhals as nw  # noqa: PLC0415 -- arrays need no data frame library

    known = set(sectors)
    for row, sector in enumerate(column(frame, "sector", name)):
        if sector not in known:
            raise DostastyqError(
                "EQ046",
                f"{name}: row {row + 1} names the sector {sector!r}, none of this economy",
                nearest(str(sector), map(str, sectors)),
            )
    array = default.copy()
    for j, sector in enumerate(sectors):
        part = frame.filter(nw.col("sector") == sector)
        if len(part):
            array[j], _ = matrix_from_frame(part, name, f"{name} of {sector!s}", labels, default[j])
    return array


def flows_by_sector(frame: Any, sectors: Labels | None, labels: Labels | None) -> tuple[FloatArray, Labels, Labels]:  # noqa: ANN401
    """Flows of a long frame ``sector, exporter, importer, trade``, every pair of every sector.

    Returns
    -------
    flows : numpy.ndarray
        Shape (J, N, N).
    sectors, labels : tuple

    Raises
    ------
    DostastyqError
        As `matrix_from_frame`; ``EQ046`` unknown sector.
    """
    import narwhals as nw  # noqa: PLC0415 -- arrays need no data frame library

    found = column(frame, "sector", "flows")
    names = sectors if sectors is not None else tuple(dict.fromkeys(found))
    odd = [name for name in dict.fromkeys(found) if name not in names]
    if odd:
        raise DostastyqError(
            "EQ046", f"flows: {odd[0]!r} is no sector of this economy", nearest(str(odd[0]), map(str, names))
        )
    states = labels
    if states is None:
        both = column(frame, "exporter", "flows") + column(frame, "importer", "flows")
        states = tuple(sorted(set(both), key=str))
    layers = [
        matrix_from_frame(frame.filter(nw.col("sector") == sector), "trade", f"flows of {sector!s}", states)[0]
        for sector in names
    ]
    return np.stack(layers), names, states


def by_sector_and_state(value: object, name: str, sectors: Labels, labels: Labels) -> FloatArray:
    """Ratios of a shock by sector and state as an array of shape (J, N).

    Parameters
    ----------
    value
        What `by_state` takes, for all sectors; an array of shape (J, N), a labelled `Table`, or a frame with columns
        ``state``, ``sector`` and `name`.
    name
        Name of the quantity.
    sectors, labels
        Sectors and states of the economy.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    DostastyqError
        ``EQ001``-``EQ007``, ``EQ020``-``EQ022``, ``EQ046``.
    """
    shape = len(sectors), len(labels)
    if isinstance(value, Table):
        if set(value.sectors) != set(sectors) or set(value.labels) != set(labels):
            raise DostastyqError("EQ021", f"{name} is labelled for other sectors or states")
        rows = [value.sectors.index(sector) for sector in sectors]
        columns = [value.labels.index(label) for label in labels]
        array = np.array(value.values[np.ix_(rows, columns)])
    elif is_frame(value) and "sector" in (frame := read_frame(value, name)).columns:
        import narwhals as nw  # noqa: PLC0415 -- arrays need no data frame library

        array = np.ones(shape)
        for sector in dict.fromkeys(column(frame, "sector", name)):
            if sector not in sectors:
                raise DostastyqError(
                    "EQ046", f"{name}: {sector!r} is no sector of this economy", nearest(str(sector), map(str, sectors))
                )
            part = frame.filter(nw.col("sector") == sector).to_native()
            array[sectors.index(sector)] = state_values(part, name, labels, np.ones(len(labels)))
    elif not is_frame(value) and np.ndim(value) == 2:  # type: ignore[arg-type]
        array = shaped(value, name, shape, "[sector, state]")
    else:
        return np.repeat(by_state(value, name, labels)[None], len(sectors), axis=0)
    return np.stack([by_state(row, name, labels) for row in array])


def share_table(value: object, what: str, sectors: Labels, labels: Labels) -> FloatArray:
    """Shares by sector and state, shape (J, N): an array, a number, or one number a sector, shape (J,).

    Raises
    ------
    DostastyqError
        ``EQ001``-``EQ003``.
    """
    array = np.array(value.values) if isinstance(value, Table) else numbers(value, what)
    if array.ndim == 0:
        array = np.full((len(sectors), len(labels)), float(array))
    return shaped(array, what, (len(sectors), len(labels)), "[sector, state]")
