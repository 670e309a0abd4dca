"""What is checked once numbers are arrays: ratios, tariffs, a tolerance; and what is let pass but said."""

from numbers import Real

import numpy as np

from dostastyq.equilibrium.inputs import pair_name
from dostastyq.equilibrium.labels import FloatArray, Labels
from dostastyq.errors import DostastyqError

_LIKELY_PER_CENT = 1.0


def check_ratio(ratio: FloatArray, labels: Labels) -> None:
    """Refuse trade cost ratios that are not above 0, of shape (N, N) or (J, N, N).

    Raises
    ------
    DostastyqError
        ``EQ023``.
    """
    if not ratio.min() > 0:
        where = tuple(int(index) for index in np.argwhere(~(ratio > 0))[0])
        raise DostastyqError(
            "EQ023",
            f"the trade cost ratio of {pair_name(labels, *where[-2:])} is {ratio[where]}; expected a ratio new/old"
            " above 0",
            "no change is 1, twice the iceberg factor is 2, a closed border is infinity",
        )


def check_tariffs(tariffs: FloatArray, labels: Labels, name: str = "tariffs") -> None:
    """Refuse tariffs at or below -100 % or infinite.

    Raises
    ------
    DostastyqError
        ``EQ014``.
    """
    if not (tariffs.min() > -1 and tariffs.max() < np.inf):
        bad = ~((tariffs > -1) & np.isfinite(tariffs))
        where = tuple(int(index) for index in np.argwhere(bad)[0])
        raise DostastyqError(
            "EQ014",
            f"{'the tariff' if name == 'tariffs' else 'the export tax'} on {pair_name(labels, *where[-2:])} is"
            f" {tariffs[where]}; expected a finite fraction above -1",
            "tariffs are fractions: 5 % is 0.05; a ban is an infinite trade cost",
        )


def tariff_remarks(tariffs: FloatArray | None, flows: FloatArray) -> tuple[str, ...]:
    """Say what reads like a slip in tariffs that are kept: per cent for fractions, duties on a state's own goods.

    Parameters
    ----------
    tariffs
        Levels as fractions, shape (..., N, N); None where there are none.
    flows
        Tariff-exclusive flows, same shape.

    Returns
    -------
    tuple of str
    """
    if tariffs is None:
        return ()
    home = np.broadcast_to(np.eye(flows.shape[-1], dtype=bool), flows.shape)
    trade = np.where(home, 0.0, flows)
    mean = float((tariffs * trade).sum() / (trade.sum() or 1.0))
    remarks = []
    if mean > _LIKELY_PER_CENT:
        remarks.append(f"tariffs average {mean:.0%} of trade and were kept: they are read as fractions, 5 % is 0.05")
    if (own := np.abs(np.where(home, tariffs, 0.0)).max()) > 0:
        remarks.append(f"tariffs of up to {own:.3g} on a state's own goods were kept: they act as a tax on home sales")
    return tuple(remarks)


def check_tolerance(tolerance: object) -> None:
    """Refuse a tolerance outside (0, 1).

    Raises
    ------
    DostastyqError
        ``EQ016``.
    """
    if not (isinstance(tolerance, Real) and 0 < float(tolerance) < 1):
        raise DostastyqError(
            "EQ016", f"the tolerance is {tolerance!r}; expected a number between 0 and 1", "1e-10 is usual"
        )
