"""Coefficients of a fit as a picture: one dot a regressor with its interval, zero marked; a complete SVG file."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import altair as alt
import vl_convert

from dostastyq.i18n import Translator, message, translator
from dostastyq.report.charts import ACCENT, INK, MUTED, OTHER, PAPER, RULE

if TYPE_CHECKING:
    from dostastyq.gravity import Fit

_ROW, _PLOT, _LETTER, _FONT = 22, 420, 7.2, "sans-serif"


def coefficient_plot(
    fit: "Fit", language: str = "en", *, terms: Sequence[str] | None = None, level: float = 0.95
) -> str:
    """Draw the coefficients of `fit` with their intervals.

    Parameters
    ----------
    fit
        An estimated equation.
    language
        Language of the axis and of figures.
    terms
        Regressors from top to bottom, all by default.
    level
        Coverage of the interval.

    Returns
    -------
    str
        An SVG document.
    """
    tr = translator(language)
    rows = {row["term"]: row for row in fit.tidy(level).iter_rows(named=True)}
    names = list(terms) if terms is not None else list(rows)
    records = [
        {"y": place + 0.5, "zero": 0, "sure": _sure(rows[name]), **rows[name]} for place, name in enumerate(names)
    ]
    left = int(max((_LETTER * len(name) for name in names), default=0)) + 16
    title = tr.gettext(message("Coefficient and {level:.0%} interval"), level=level)
    chart = alt.LayerChart(
        layer=_layers(records, len(names), title),
        width=_PLOT,
        height=_ROW * max(1, len(names)),
        padding={"left": left, "right": 16, "top": 44, "bottom": 12},
        autosize=alt.AutoSizeParams(type="none"),
    )
    spec = chart.configure(background=PAPER, font=_FONT, aria=False).configure_view(stroke=None).to_dict()
    svg: str = vl_convert.vegalite_to_svg(spec, vl_version="6.4", format_locale=number_signs(tr))
    return svg


def write_plot(fit: "Fit", path: Path, language: str = "en") -> None:
    """Write the picture of `coefficient_plot` to a file."""
    path.write_text(coefficient_plot(fit, language), encoding="utf-8")


def _sure(row: dict[str, Any]) -> bool:
    """Whether the interval leaves zero out."""
    return bool(row["low"] > 0 or row["high"] < 0)


def _layers(records: list[dict[str, Any]], count: int, title: str) -> list[alt.Chart]:
    """Zero line, intervals, dots and names."""
    base = alt.Chart(alt.InlineData(values=records))
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, max(1, count)], reverse=True, nice=False), axis=None)
    axis = alt.Axis(
        orient="top", title=title, titleColor=MUTED, titleFontWeight="normal", labelColor=MUTED, format="~g",
        tickCount=6, ticks=False, domain=False, gridColor=RULE,
    )  # fmt: skip
    x = {
        name: alt.X(f"{name}:Q", axis=axis, scale=alt.Scale(zero=True, nice=True))
        for name in ("estimate", "low", "zero")
    }
    colour = alt.condition("datum.sure", alt.value(ACCENT), alt.value(OTHER))
    names = base.mark_text(align="right", baseline="middle", fontSize=12, color=INK)
    return [
        base.mark_rule(color=MUTED, strokeWidth=1).encode(x=x["zero"]),
        base.mark_rule(strokeWidth=2.5, strokeCap="round", opacity=0.55).encode(
            x=x["low"], x2="high:Q", y=y, color=colour
        ),
        base.mark_circle(size=62, opacity=1).encode(x=x["estimate"], y=y, color=colour),
        names.encode(x=alt.value(-10), y=y, text=alt.Text("term:N")),
    ]


def number_signs(tr: Translator) -> dict[str, Any]:
    """Give the signs of figures in the language of the picture, for the converter."""
    symbols = tr.locale.number_symbols["latn"]
    return {
        "decimal": symbols["decimal"],
        "thousands": symbols["group"],
        "grouping": [3],
        "currency": ["", ""],
        "minus": "−",
    }
