"""What a change would do to everyone: calibrated economies, shocks, equilibria and their certificates.

One sector or many, Armington or Eaton-Kortum, in exact hat algebra, with input-output links, tariff revenue and four
closures of deficits; see ``docs/reference/equilibrium.md``.

Examples
--------
>>> import dostastyq.equilibrium as eq
>>> economy = eq.calibrate([[90.0, 10.0], [10.0, 90.0]], elasticity=4.0, labels=["ARM", "GEO"])
>>> result = economy.solve(eq.Shock(trade_cost=1.1))
>>> result.welfare.values.round(4)
array([-0.8021, -0.8021])
"""

from dostastyq.equilibrium.block import Block
from dostastyq.equilibrium.calibrate import calibrate
from dostastyq.equilibrium.certificate import Certificate
from dostastyq.equilibrium.derivative import Interval
from dostastyq.equilibrium.labels import Cube, Matrix, Table, Vector
from dostastyq.equilibrium.model import Economy, Shock
from dostastyq.equilibrium.results import Equilibrium

__all__ = [
    "Block",
    "Certificate",
    "Cube",
    "Economy",
    "Equilibrium",
    "Interval",
    "Matrix",
    "Shock",
    "Table",
    "Vector",
    "calibrate",
]
