"""What states trade: baselines of one year, shipped or the user's own.

>>> from dostastyq.trade import baseline
>>> base = baseline("cis-2023")
>>> base.economies[:3], base.unit
(('ARM', 'AZE', 'BLR'), 'million USD')
"""

from dostastyq.trade.model import Baseline
from dostastyq.trade.shipped import available, baseline

__all__ = ["Baseline", "available", "baseline"]
