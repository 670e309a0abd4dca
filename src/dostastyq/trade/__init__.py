"""What states trade: baselines of one year, shipped or the user's own, and panels of several.

>>> from dostastyq.trade import baseline
>>> base = baseline("cis-2023")
>>> base.economies[:3], base.unit
(('ARM', 'AZE', 'BLR'), 'million USD')
"""

from dostastyq.trade.detail import Detail, RevenuePool
from dostastyq.trade.model import Baseline
from dostastyq.trade.panel import Panel
from dostastyq.trade.shipped import available, baseline
from dostastyq.trade.technology import Technology, technology

__all__ = ["Baseline", "Detail", "Panel", "RevenuePool", "Technology", "available", "baseline", "technology"]
