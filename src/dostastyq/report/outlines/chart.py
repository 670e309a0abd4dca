"""The outline map: Eurasia in an equal-area projection, coloured by welfare, the twelve states labelled.

A label stands inside a state that has room for it, and outside it with a line to a point of the state where it has
not. The frame and the places of the labels are the same for every layer, so that pages compare.
"""

import re
from math import cos, hypot, radians, sin, sqrt
from typing import Any

import altair as alt

from dostastyq.i18n import Translator
from dostastyq.report.charts import GAIN, LOSS, NEUTRAL, TILE_FRAME, TILE_INK, Tile, inline, picture
from dostastyq.report.outlines.layer import Layer

NO_DATA, SEA = "#cad0d4", "#e9f0f3"
_COAST, _BORDER, _LEADER = "#f4f7f8", "#98a2aa", "#49525a"
_WIDTH, _HEIGHT = 480, 340
_SCALE, _CENTRE, _AT, _PARALLELS = 292.0, (86.0, 50.0), (243.0, 216.0), (36.0, 64.0)

_INSIDE: dict[str, tuple[float, float]] = {
    "RUS": (99.0, 62.0),
    "KAZ": (67.8, 48.4),
    "UKR": (31.9, 49.1),
}
_OUTSIDE: dict[str, tuple[tuple[float, float], tuple[int, int]]] = {
    "BLR": ((28.0, 53.6), (88, 92)),
    "MDA": ((28.9, 46.8), (23, 186)),
    "GEO": ((43.6, 42.1), (27, 226)),
    "ARM": ((44.7, 40.5), (40, 264)),
    "AZE": ((47.8, 40.4), (76, 290)),
    "TKM": ((59.0, 39.4), (122, 306)),
    "UZB": ((64.0, 40.8), (163, 318)),
    "TJK": ((70.6, 38.4), (206, 310)),
    "KGZ": ((75.2, 41.5), (260, 284)),
}
"""A point of the state, in degrees, and the middle of its label, in the picture."""

_ROOM = (20.0, 14.5)


def outline_map(layer: Layer, tiles: list[Tile], extent: float, tr: Translator) -> str:
    """Draw `layer` coloured from ``-extent`` to ``extent``; returns an ``<svg>`` element.

    Parameters
    ----------
    layer
        Outlines of economies.
    tiles
        The economies with their values; what is said of each is said in the reader's language.
    extent
        Value, in per cent, of the strongest colour.
    tr
        The language.
    """
    shown = {tile.state: tile for tile in tiles}
    known = [
        {"type": "Feature", "geometry": geometry, "value": shown[code].value, "member": shown[code].member}
        for code, geometry in layer.areas
        if code in shown
    ]
    unknown = [{"type": "Feature", "geometry": geometry} for code, geometry in layer.areas if code not in shown]
    limit = extent or 1.0
    colours = alt.Scale(domain=[-limit, 0, limit], range=[LOSS, NEUTRAL, GAIN], clamp=True)
    areas = [
        inline(unknown).mark_geoshape(clip=False, fill=NO_DATA, stroke=_COAST, strokeWidth=0.4),
        inline(known)
        .mark_geoshape(clip=False, stroke=_BORDER, strokeWidth=0.45)
        .encode(color=alt.Color("value:Q", scale=colours, legend=None)),
        inline([area for area in known if area["member"]]).mark_geoshape(
            clip=False, filled=False, stroke=TILE_FRAME, strokeWidth=1.2, strokeJoin="round"
        ),
    ]
    drawn = {code for code, _ in layer.areas} & {*_INSIDE, *_OUTSIDE}
    svg = picture(
        [_sea(), *areas, *_labels([tile for tile in tiles if tile.state in drawn])],
        (_WIDTH, _HEIGHT),
        dict.fromkeys(("left", "right", "top", "bottom"), 0),
        tr,
        projection=_projection(),
    )
    return re.sub(r' d="[^"]*"', lambda path: re.sub(r"(\.\d)\d+", r"\1", path[0]), svg)


def project(longitude: float, latitude: float) -> tuple[float, float]:
    """Place of a point in the picture: Albers' equal-area conic projection.

    Parameters
    ----------
    longitude, latitude
        Degrees.

    Returns
    -------
    tuple of float
        Pixels from the left and from the top.
    """
    south, north = (sin(radians(parallel)) for parallel in _PARALLELS)
    n = (south + north) / 2

    def radius(degrees: float) -> float:
        return sqrt(1 + south * north - 2 * n * sin(radians(degrees))) / n

    turn = n * radians(longitude - _CENTRE[0])
    across = radius(latitude) * sin(turn)
    down = radius(latitude) * cos(turn) - radius(_CENTRE[1])
    return _AT[0] + _SCALE * across, _AT[1] + _SCALE * down


def _projection() -> alt.Projection:
    """Say `project` to the drawing, which cuts shapes at a margin around the picture."""
    return alt.Projection(
        type="conicEqualArea",
        parallels=list(_PARALLELS),
        rotate=[-_CENTRE[0], 0],
        center=[0, _CENTRE[1]],
        scale=_SCALE,
        translate=list(_AT),
        clipExtent=[[-4, -4], [_WIDTH + 4, _HEIGHT + 4]],
        precision=0.3,
    )


def _sea() -> alt.Chart:
    corners = {"x": alt.value(0), "y": alt.value(0), "x2": alt.value(_WIDTH), "y2": alt.value(_HEIGHT)}
    sea: alt.Chart = inline([{}]).mark_rect(color=SEA).encode(**corners)
    return sea


def _labels(tiles: list[Tile]) -> list[alt.Chart]:
    """Code and figure of every tile, with lines to the states that have no room for them."""
    records = [_label(tile) for tile in tiles]
    base = inline(records)
    across, down = alt.Scale(domain=[0, _WIDTH], nice=False), alt.Scale(domain=[0, _HEIGHT], reverse=True, nice=False)
    x, y = alt.X("x:Q", scale=across, axis=None), alt.Y("y:Q", scale=down, axis=None)
    point_x, point_y = alt.X("point_x:Q", scale=across, axis=None), alt.Y("point_y:Q", scale=down, axis=None)
    outside = base.transform_filter("datum.outside")
    sure, open_ = base.transform_filter("datum.sure"), base.transform_filter("!datum.sure")
    text: dict[str, Any] = {"align": "center", "baseline": "alphabetic"}
    halo: dict[str, Any] = {**text, "stroke": SEA, "strokeWidth": 2.6, "strokeJoin": "round", "color": SEA}
    code, figure = alt.Text("state:N"), alt.Text("shown:N")
    return [
        outside.mark_rule(color=_LEADER, strokeWidth=0.7).encode(x=point_x, y=point_y, x2="end_x:Q", y2="end_y:Q"),
        outside.mark_circle(color=_LEADER, size=9, opacity=1).encode(x=point_x, y=point_y),
        *(
            mark.mark_text(**style, dy=dy, fontSize=size, fontWeight="bold" if heavy else "normal").encode(
                x=x, y=y, text=field
            )
            for style in (halo, {**text, "color": TILE_INK})
            for mark, field, dy, size, heavy in (
                (base, code, -2.0, 11.5, True),
                (sure, figure, 10.0, 11, True),
                (open_, figure, 10.0, 11, False),
            )
        ),
    ]


def _label(tile: Tile) -> dict[str, Any]:
    """Middle of the label, point of the state, and where the line between them meets the label."""
    record: dict[str, Any] = {"state": tile.state, "shown": tile.shown, "sure": tile.sure, "outside": False}
    if tile.state in _INSIDE:
        x, y = project(*_INSIDE[tile.state])
        return {**record, "x": x, "y": y}
    degrees, (x, y) = _OUTSIDE[tile.state]
    point_x, point_y = project(*degrees)
    away_x, away_y = point_x - x, point_y - y
    reach = 1 / hypot(away_x / _ROOM[0], away_y / _ROOM[1])
    line = {"point_x": point_x, "point_y": point_y, "end_x": x + reach * away_x, "end_y": y + reach * away_y}
    return {**record, "x": x, "y": y, "outside": True, **line}
