"""Picture of an atlas: who gains in which coalition, and which tests each passes."""

from dataclasses import dataclass
from typing import Any

import altair as alt

from dostastyq.i18n import Translator
from dostastyq.report.charts import (
    ACCENT,
    GAIN,
    INK,
    LOSS,
    MUTED,
    NEUTRAL,
    OTHER,
    RULE,
    TILE_FRAME,
    TILE_INK,
    inline,
    picture,
)

_CELL, _ROW, _TEST, _GAP, _WORTH, _TOP = 50, 24, 30, 26, 84, 30


@dataclass(frozen=True, slots=True)
class Cell:
    """What one state has in one coalition."""

    state: str
    value: float
    shown: str
    member: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """Whether a coalition passes one test: `share` is its probability, or 1 and 0 without draws."""

    passes: bool
    share: float


@dataclass(frozen=True, slots=True)
class Line:
    """One coalition of the picture."""

    worth: str
    cells: tuple[Cell, ...]
    marks: tuple[Mark, ...]


def coalition_chart(lines: list[Line], extent: float, tr: Translator) -> str:
    """Draw one row a coalition: a cell a state, then a dot a test; returns an ``<svg>`` element.

    Parameters
    ----------
    lines
        The coalitions from top to bottom.
    extent
        Per cent at which the colour is full.
    tr
        Language of the figures.
    """
    states = [cell.state for cell in lines[0].cells]
    tests = len(lines[0].marks)
    start = _CELL * len(states) + _GAP
    width, height = start + _TEST * tests, _ROW * len(lines)
    at = _At(alt.Scale(domain=[0, width], nice=False), alt.Scale(domain=[0, height], reverse=True, nice=False))
    layers = [*_cells(lines, extent, at), *_marks(lines, start, at), *_heads(states, tests, start, at)]
    return picture(layers, (width, height), {"left": _WORTH, "right": 4, "top": _TOP, "bottom": 4}, tr)


@dataclass(frozen=True, slots=True)
class _At:
    """Places in the picture, by hand."""

    across: alt.Scale
    down: alt.Scale

    def x(self, field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=self.across, axis=None)

    def y(self, field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=self.down, axis=None)


def _cells(lines: list[Line], extent: float, at: _At) -> list[alt.Chart]:
    records: list[dict[str, Any]] = [
        {
            "x": _CELL * column + 2,
            "x2": _CELL * (column + 1) - 2,
            "y": _ROW * row + 2,
            "y2": _ROW * (row + 1) - 2,
            "mx": _CELL * (column + 0.5),
            "my": _ROW * (row + 0.5),
            "value": cell.value,
            "shown": cell.shown,
            "member": cell.member,
        }
        for row, line in enumerate(lines)
        for column, cell in enumerate(line.cells)
    ]
    limit = extent or 1.0
    colours = alt.Scale(domain=[-limit, 0, limit], range=[LOSS, NEUTRAL, GAIN], clamp=True)
    base = inline(records)
    boxes = base.mark_rect(cornerRadius=3).encode(
        x=at.x("x"),
        x2="x2:Q",
        y=at.y("y"),
        y2="y2:Q",
        color=alt.Color("value:Q", scale=colours, legend=None),
        stroke=alt.condition("datum.member", alt.value(TILE_FRAME), alt.value(RULE)),
        strokeWidth=alt.condition("datum.member", alt.value(2.2), alt.value(0.6)),
        opacity=alt.condition("datum.member", alt.value(1), alt.value(0.75)),
    )
    figures = base.mark_text(fontSize=11, color=TILE_INK, baseline="middle").encode(
        x=at.x("mx"), y=at.y("my"), text="shown:N"
    )
    worths = inline([{"my": _ROW * (row + 0.5), "shown": line.worth} for row, line in enumerate(lines)])
    left = worths.mark_text(align="right", baseline="middle", fontSize=11.5, color=INK).encode(
        x=alt.value(-8), y=at.y("my"), text="shown:N"
    )
    return [boxes, figures, left]


def _marks(lines: list[Line], start: int, at: _At) -> list[alt.Chart]:
    records = [
        {"x": start + _TEST * (column + 0.5), "y": _ROW * (row + 0.5), "passes": mark.passes, "size": 190 * mark.share}
        for row, line in enumerate(lines)
        for column, mark in enumerate(line.marks)
    ]
    rings = inline(records).mark_circle(filled=False, size=190, strokeWidth=0.7, stroke=RULE, opacity=1)
    dots = inline([record for record in records if record["size"]]).mark_circle(opacity=1)
    return [
        rings.encode(x=at.x("x"), y=at.y("y")),
        dots.encode(
            x=at.x("x"),
            y=at.y("y"),
            size=alt.Size("size:Q", scale=None, legend=None),
            color=alt.condition("datum.passes", alt.value(ACCENT), alt.value(OTHER)),
        ),
    ]


def _heads(states: list[str], tests: int, start: int, at: _At) -> list[alt.Chart]:
    heads = [{"x": _CELL * (place + 0.5), "text": state} for place, state in enumerate(states)]
    heads += [{"x": start + _TEST * (place + 0.5), "text": str(place + 1)} for place in range(tests)]
    return [
        inline(heads)
        .mark_text(baseline="alphabetic", fontSize=12, fontWeight="bold", color=MUTED)
        .encode(x=at.x("x"), y=alt.value(-9), text="text:N")
    ]
