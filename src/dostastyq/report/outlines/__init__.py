"""The opt-in outline map of the report: its layer, shipped or the user's own, and its drawing."""

from dostastyq.report.outlines.chart import outline_map
from dostastyq.report.outlines.layer import Layer, load

__all__ = ["Layer", "load", "outline_map"]
