r"""From an estimated effect to a shock, counting every tariff once.

With flows exclusive of tariffs the model's bilateral trade is, exporter and importer terms apart,

.. math:: \ln X_{ni} = -\theta \ln d_{ni} - (1 + \theta) \ln(1 + \tau_{ni}).

A gravity coefficient :math:`\beta` of an agreement, estimated with tariffs left out, already contains the tariff cut.
To move trade by :math:`\beta` the trade cost must therefore change by

.. math:: \ln \hat d_{ni} = -\frac{\beta}{\theta} - \frac{1 + \theta}{\theta} \, \Delta \ln (1 + \tau_{ni}),

which is :math:`-\beta/\theta` when the tariff is not modelled apart (:math:`\Delta \ln(1+\tau) = 0`). Either way wages
and flows are the same; only tariff revenue differs.
"""

import numpy as np
from numpy.typing import NDArray

from dostastyq.assess.regime import Design


def trade_cost(
    effect: NDArray[np.float64],
    elasticity: float | NDArray[np.float64],
    tariff_change: NDArray[np.float64] | float = 0.0,
) -> NDArray[np.float64]:
    """Ratio new/old of the iceberg factor that moves trade by `effect`.

    Parameters
    ----------
    effect
        Total effect on bilateral trade in log points, tariff cut included; any shape.
    elasticity
        Trade elasticity θ: a number, or by sector with two axes of length 1 behind.
    tariff_change
        Change of ln(1 + tariff) that the same shock applies apart, same shape or ``(sector, importer, exporter)``.

    Examples
    --------
    >>> float(trade_cost(np.array(0.4), elasticity=4.0)).__round__(6)
    0.904837
    """
    return np.asarray(np.exp(-effect / elasticity - (1 + elasticity) / elasticity * np.asarray(tariff_change)))


def embed(change: Design, states: tuple[str, ...], economies: tuple[str, ...]) -> Design:
    """Lay a design over the states of the register onto the economies of a baseline.

    Parameters
    ----------
    change
        Shape ``(parameter, importer, exporter)`` over `states`.
    states, economies
        Labels of the two orders. Every state must be an economy of its own.

    Returns
    -------
    Design
        Shape ``(parameter, economy, economy)``, zero outside the register.
    """
    position = [economies.index(state) for state in states]
    result = np.zeros((len(change), len(economies), len(economies)))
    result[np.ix_(range(len(change)), position, position)] = change
    return result
