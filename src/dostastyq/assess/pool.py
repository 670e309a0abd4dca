r"""A customs union that pools import duties: what each member gets is its norm of what all collect.

With norms :math:`s_n` member n receives the transfer :math:`T_n=s_n\sum_{m\in U}R_m-R_n`, which is spent like income
and, as goods follow money, is part of its trade deficit. In the baseline the transfer of the union that is in force is
inside the observed deficit, so a world has

.. math:: D'_n=D_n-T^{0}_n+T'_n,

with :math:`T'` consistent with the duties of that world. Where no union pools, :math:`T'=0`.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from dostastyq.errors import DostastyqError

Array = NDArray[np.float64]

CLOSE = 1e-9
MOST = 60


def norms(shares: Mapping[str, Fraction], economies: tuple[str, ...]) -> Array:
    """Lay exact norms over the economies, shape (N,); zero for those without one."""
    return np.array([float(shares.get(code, Fraction(0))) for code in economies])


def transfers(revenue: Array, share: Array) -> Array:
    """Transfer to every economy when those with a share pool what they collect; sums to zero.

    Examples
    --------
    >>> import numpy as np
    >>> transfers(np.array([10.0, 30.0, 5.0]), np.array([0.5, 0.5, 0.0]))
    array([ 10., -10.,   0.])
    """
    inside = share > 0
    pooled = np.where(inside, revenue, 0.0)
    return np.asarray(share * pooled.sum() - pooled)


def pooled_world(
    revenue_at: Callable[[Array], Array], deficit: Array, present: Array, share: Array, scale: float
) -> Array:
    """Deficits of a world whose revenue is pooled.

    Parameters
    ----------
    revenue_at
        Revenue every economy collects in the world solved at given deficits.
    deficit
        Deficits of the baseline.
    present
        Transfers inside them, made by the union in force at its date.
    share
        Norms in the world, zero for states without.
    scale
        What transfers are measured against, e.g. world output.

    Returns
    -------
    numpy.ndarray
        Deficits at which revenue and transfers agree to 1e-9 of `scale`.

    Raises
    ------
    DostastyqError
        ``AS015`` when they do not after 60 rounds.
    """
    transfer = present if share.any() else np.zeros_like(present)
    for _ in range(MOST):
        new = transfers(revenue_at(deficit - present + transfer), share)
        if np.abs(new - transfer).max() <= CLOSE * scale:
            return np.asarray(deficit - present + new)
        transfer = new
    raise DostastyqError(
        "AS015", f"the pooled revenue does not settle in {MOST} rounds", "look at the unpooled figures alone"
    )
