"""Pictures of an assessment as inline SVG: a ranked dot chart with intervals, and a tile grid.

Altair builds and validates the specification, vl-convert draws it: about half a second for the first picture of a
process, a twentieth for each further one. Every position is set by hand and nothing is measured with the converter's
fonts, so text set in the reader's fonts cannot be cut; colours leave as CSS variables, so the page's dark and print
palettes reach into the pictures. Vega's own accessibility labels are English and are left out: the page gives each
picture its label, and a table with the same figures.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import vl_convert

from dostastyq.i18n import Translator
from dostastyq.report.tiles import GRID

PAPER, INK, MUTED, RULE, ACCENT, OTHER = "#fdfdfb", "#1a1d21", "#5c6670", "#d9dde1", "#0b5d7a", "#8a949e"
_VARIABLES = {PAPER: "--paper", INK: "--ink", MUTED: "--muted", RULE: "--rule", ACCENT: "--accent", OTHER: "--other"}
LOSS, NEUTRAL, GAIN = "#d98b4a", "#f1efe9", "#4fae9f"
TILE_INK, TILE_FRAME = "#14171a", "#0e6f91"

_LABEL, _PLOT, _VALUE, _ROW = 156, 226, 58, 21
_TILE = 48
_FONT = "sans-serif"


@dataclass(frozen=True, slots=True)
class Dot:
    """One row of the dot chart: an economy with its interval, or the name of a group when `value` is None."""

    name: str
    member: bool = False
    value: float | None = None
    low: float = 0.0
    high: float = 0.0
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """One economy of the tile grid; `sure` when its interval leaves zero out."""

    state: str
    value: float
    shown: str
    member: bool
    sure: bool


def dot_chart(rows: list[Dot], domain: tuple[float, float], title: str, tr: Translator) -> str:
    """Draw `rows` from top to bottom over `domain` (per cent), zero marked; returns an ``<svg>`` element."""
    records = [
        {
            "y": row + 0.5,
            "name": dot.name,
            "member": dot.member,
            "group": dot.value is None,
            "value": dot.value,
            "low": dot.low,
            "high": dot.high,
            "shown": dot.shown,
        }
        for row, dot in enumerate(rows)
    ]
    base = inline(records)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, len(rows)], reverse=True, nice=False), axis=None)
    scale, top = alt.Scale(domain=list(domain), nice=False), axis(title)
    x, low = alt.X("value:Q", scale=scale, axis=top), alt.X("low:Q", scale=scale, axis=top)
    colour = alt.condition("datum.member", alt.value(ACCENT), alt.value(OTHER))
    economies, groups = base.transform_filter("!datum.group"), base.transform_filter("datum.group")
    zero = inline([{"value": 0}]).mark_rule(color=MUTED, strokeWidth=1).encode(x=x)
    gaps = groups.mark_rule(color=PAPER, strokeWidth=_ROW).encode(x=alt.value(-1), x2=alt.value(_PLOT + 1), y=y)
    intervals = economies.mark_rule(strokeWidth=2.5, strokeCap="round", opacity=0.55).encode(
        x=low, x2="high:Q", y=y, color=colour
    )
    dots = economies.mark_circle(size=62, opacity=1).encode(x=x, y=y, color=colour)
    return picture(
        [zero, gaps, intervals, dots, *_names(economies, groups, y)],
        (_PLOT, _ROW * len(rows)),
        {"left": _LABEL, "right": _VALUE, "top": 42, "bottom": 4},
        tr,
    )


def tile_grid(tiles: list[Tile], extent: float, tr: Translator) -> str:
    """Draw the tiles in their places, coloured from ``-extent`` to ``extent``; returns an ``<svg>`` element."""
    placed = [tile for tile in tiles if tile.state in GRID]
    rows = _span(GRID[tile.state][1] for tile in placed)
    columns = _span(GRID[tile.state][0] for tile in placed)
    records = [
        {
            "x": columns.index(GRID[tile.state][0]) * _TILE,
            "y": rows.index(GRID[tile.state][1]) * _TILE,
            "state": tile.state,
            "value": tile.value,
            "shown": tile.shown,
            "member": tile.member,
            "sure": tile.sure,
        }
        for tile in placed
    ]
    base = inline(records)
    width, height = _TILE * len(columns), _TILE * len(rows)
    x = alt.X("left:Q", scale=alt.Scale(domain=[0, width], nice=False), axis=None)
    y = alt.Y("top:Q", scale=alt.Scale(domain=[0, height], reverse=True, nice=False), axis=None)
    limit = extent or 1.0
    colours = alt.Scale(domain=[-limit, 0, limit], range=[LOSS, NEUTRAL, GAIN], clamp=True)
    boxes = (
        base.transform_calculate(
            left="datum.x + 2", right=f"datum.x + {_TILE - 2}", top="datum.y + 2", bottom=f"datum.y + {_TILE - 2}"
        )
        .mark_rect(cornerRadius=3)
        .encode(
            x=x,
            x2="right:Q",
            y=y,
            y2="bottom:Q",
            color=alt.Color("value:Q", scale=colours, legend=None),
            stroke=alt.condition("datum.member", alt.value(TILE_FRAME), alt.value(RULE)),
            strokeWidth=alt.condition("datum.member", alt.value(2.5), alt.value(0.75)),
        )
    )
    sure, open_ = base.transform_filter("datum.sure"), base.transform_filter("!datum.sure")
    captions = [
        _caption(base, x, y, "state:N", 20, size=13, weight="bold"),
        _caption(sure, x, y, "shown:N", 35, size=11.5, weight="bold"),
        _caption(open_, x, y, "shown:N", 35, size=11.5, weight="normal"),
    ]
    return picture([boxes, *captions], (width, height), dict.fromkeys(("left", "right", "top", "bottom"), 2), tr)


def inline(records: list[dict[str, Any]]) -> alt.Chart:
    """Begin a chart over inline `records`."""
    return alt.Chart(alt.InlineData(values=records))


def axis(title: str) -> alt.Axis:
    """Axis on top of a chart, without ticks or line."""
    return alt.Axis(
        orient="top",
        title=title,
        titleColor=MUTED,
        titleFontWeight="normal",
        titleFontSize=11.5,
        titlePadding=6,
        labelColor=MUTED,
        labelFontSize=11.5,
        format="~g",
        tickCount=5,
        ticks=False,
        domain=False,
        gridColor=RULE,
        labelFlush=False,
    )


def _names(economies: alt.Chart, groups: alt.Chart, y: alt.Y) -> list[alt.Chart]:
    """Write names to the left, values to the right and group names over their rows."""
    members = economies.transform_filter("datum.member")
    others = economies.transform_filter("!datum.member")
    name, shown = alt.Text("name:N"), alt.Text("shown:N")
    at_name, at_value = alt.value(-10), alt.value(_PLOT + _VALUE - 4)
    left: dict[str, Any] = {"align": "right", "baseline": "middle", "fontSize": 12.5}
    return [
        members.mark_text(**left, color=INK, fontWeight="bold").encode(x=at_name, y=y, text=name),
        others.mark_text(**left, color=INK).encode(x=at_name, y=y, text=name),
        members.mark_text(**left, color=INK, fontWeight="bold").encode(x=at_value, y=y, text=shown),
        others.mark_text(**left, color=MUTED).encode(x=at_value, y=y, text=shown),
        groups.mark_text(align="left", baseline="middle", fontSize=11.5, color=MUTED).encode(
            x=alt.value(4 - _LABEL), y=y, text=name
        ),
    ]


def _caption(
    base: alt.Chart, x: alt.X, y: alt.Y, field: str, down: int, *, size: float, weight: Literal["normal", "bold"]
) -> alt.Chart:
    """Write `field` into each tile, `down` pixels from its top."""
    placed = base.transform_calculate(left=f"datum.x + {_TILE / 2}", top=f"datum.y + {down}")
    text = placed.mark_text(align="center", baseline="alphabetic", fontSize=size, color=TILE_INK, fontWeight=weight)
    caption: alt.Chart = text.encode(x=x, y=y, text=alt.Text(field))
    return caption


def _span(used: Iterable[int]) -> range:
    """Rows or columns from the first to the last one used."""
    numbers = sorted(used) or [0]
    return range(numbers[0], numbers[-1] + 1)


def picture(
    layers: list[alt.Chart],
    size: tuple[int, int],
    padding: dict[str, int],
    tr: Translator,
    projection: alt.Projection | None = None,
) -> str:
    """Draw `layers` over one another and make the drawing fit to stand inside a page."""
    placed: dict[str, Any] = {"projection": projection} if projection else {}
    fixed = alt.AutoSizeParams(type="none")
    chart = alt.LayerChart(layer=layers, width=size[0], height=size[1], padding=padding, autosize=fixed, **placed)
    spec = chart.configure(background="transparent", font=_FONT, aria=False).configure_view(stroke=None).to_dict()
    symbols = tr.locale.number_symbols["latn"]
    svg: str = vl_convert.vegalite_to_svg(
        spec,
        vl_version="6.4",
        format_locale={
            "decimal": symbols["decimal"],
            "thousands": symbols["group"],
            "grouping": [3],
            "currency": ["", ""],
            "minus": "−",
        },
    )
    svg = re.sub(r' (?:aria-[a-z]+|role|xmlns:xlink|class|pointer-events|font-family)="[^"]*"', "", svg)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*" height="[^"]*"', r'\1 aria-hidden="true"', svg, count=1)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(f'"{colour}"', f'"var({variable})"')
    return svg
