"""What agreements did to trade: Poisson pseudo-maximum likelihood with exporter-year, importer-year and pair effects.

Examples
--------
>>> import numpy as np, polars as pl
>>> e, m, t = np.indices((5, 5, 3)).reshape(3, -1)
>>> rta = ((e + m) % 2 * (t > 0)).astype(float)
>>> data = pl.DataFrame({"exporter": e, "importer": m, "year": t, "trade": np.exp(0.3 * rta), "rta": rta})
>>> fit = ppml("trade ~ rta | exporter^year + importer^year + exporter^importer", data)
>>> round(fit.coef()["rta"], 6)
0.3
"""

from dostastyq.gravity.estimate import ppml
from dostastyq.gravity.fit import Fit
from dostastyq.gravity.problem import Certificate
from dostastyq.gravity.provisions import Lasso, lasso
from dostastyq.gravity.tables import table

__all__ = ["Certificate", "Fit", "Lasso", "lasso", "ppml", "table"]
