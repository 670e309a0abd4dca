"""Assessments as pages: one self-contained HTML file that opens offline, in Kazakh, Russian or English."""

from dostastyq.report.headline import headline
from dostastyq.report.page import html, write

__all__ = ["headline", "html", "write"]
