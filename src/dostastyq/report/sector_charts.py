"""Pictures of an assessment by sectors: what each channel adds, and a grid of sectors by state."""

from dataclasses import dataclass
from typing import Literal

import altair as alt

from dostastyq.i18n import Translator
from dostastyq.report.charts import (
    GAIN,
    INK,
    LOSS,
    MUTED,
    NEUTRAL,
    PAPER,
    RULE,
    TILE_INK,
    axis,
    inline,
    picture,
)

CHANNEL_COLOURS = ("#5b7fa6", "#c2a14d", "#9a6b8f")
"""One colour a channel, in their order; told apart by the colour-blind and in grey."""

_LABEL, _PLOT, _VALUE, _BAR = 132, 330, 62, 34
_NAMES, _COLUMN, _LINE, _HEAD = 222, 92, 22, 26


@dataclass(frozen=True, slots=True)
class Stack:
    """One state: what each channel adds, and the total."""

    name: str
    member: bool
    parts: list[float]
    total: float
    shown: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One sector of one state; `value` is None where there is nothing to compare."""

    sector: int
    state: int
    value: float | None
    shown: str


def stacks(rows: list[Stack]) -> list[tuple[int, int, float, float]]:
    """Lay the parts of each row end to end, gains to the right of zero and losses to the left.

    Returns
    -------
    list
        ``(row, part, from, to)``.

    Examples
    --------
    >>> stacks([Stack("A", True, [1.0, -2.0, 3.0], 2.0, "")])
    [(0, 0, 0.0, 1.0), (0, 1, 0.0, -2.0), (0, 2, 1.0, 4.0)]
    """
    placed = []
    for number, row in enumerate(rows):
        ends = {True: 0.0, False: 0.0}
        for part, value in enumerate(row.parts):
            start = ends[value >= 0]
            ends[value >= 0] = start + value
            placed.append((number, part, start, start + value))
    return placed


def channel_chart(rows: list[Stack], domain: tuple[float, float], title: str, tr: Translator) -> str:
    """Draw the channels of every row over `domain` (per cent) and mark the total; returns an ``<svg>`` element."""
    scale = alt.Scale(domain=list(domain), nice=False)
    down = alt.Scale(domain=[0, len(rows)], reverse=True, nice=False)
    x, y = alt.X("low:Q", scale=scale, axis=axis(title)), alt.Y("y:Q", scale=down, axis=None)
    bars = inline(
        [
            {"top": row + 0.2, "bottom": row + 0.8, "low": low, "high": high, "colour": CHANNEL_COLOURS[part]}
            for row, part, low, high in stacks(rows)
        ]
    )
    boxes = bars.mark_rect(stroke=PAPER, strokeWidth=0.6).encode(
        x=x,
        x2="high:Q",
        y=alt.Y("top:Q", scale=down, axis=None),
        y2="bottom:Q",
        color=alt.Color("colour:N", scale=None),
    )
    states = inline(
        [
            {"y": number + 0.5, "name": row.name, "low": row.total, "shown": row.shown, "member": row.member}
            for number, row in enumerate(rows)
        ]
    )
    zero = inline([{"low": 0}]).mark_rule(color=MUTED, strokeWidth=1).encode(x=x)
    total = states.mark_point(shape="diamond", size=90, filled=True, color=INK, stroke=PAPER, opacity=1)
    weights: tuple[tuple[str, Literal["bold", "normal"]], ...] = (
        ("datum.member", "bold"),
        ("!datum.member", "normal"),
    )
    names = [
        states.transform_filter(test)
        .mark_text(align="right", baseline="middle", fontSize=12.5, color=INK, fontWeight=weight)
        .encode(x=alt.value(-10), y=y, text="name:N")
        for test, weight in weights
    ]
    shown = states.mark_text(align="right", baseline="middle", fontSize=12.5, color=INK).encode(
        x=alt.value(_PLOT + _VALUE - 4), y=y, text="shown:N"
    )
    return picture(
        [zero, boxes, total.encode(x=x, y=y), *names, shown],
        (_PLOT, _BAR * len(rows)),
        {"left": _LABEL, "right": _VALUE, "top": 42, "bottom": 4},
        tr,
    )


def sector_grid(cells: list[Cell], sectors: list[str], states: list[str], extent: float, tr: Translator) -> str:
    """Draw sectors by states, coloured from ``-extent`` to ``extent``; returns an ``<svg>`` element."""
    width, height = _COLUMN * len(states), _LINE * len(sectors)
    across = alt.Scale(domain=[0, width], nice=False)
    down = alt.Scale(domain=[0, height], reverse=True, nice=False)
    limit = extent or 1.0
    colours = alt.Scale(domain=[-limit, 0, limit], range=[LOSS, NEUTRAL, GAIN], clamp=True)
    records = [
        {
            "left": cell.state * _COLUMN + 1,
            "right": (cell.state + 1) * _COLUMN - 1,
            "top": cell.sector * _LINE + 1,
            "bottom": (cell.sector + 1) * _LINE - 1,
            "middle": (cell.state + 0.5) * _COLUMN,
            "line": (cell.sector + 0.5) * _LINE,
            "value": cell.value or 0.0,
            "shown": cell.shown,
        }
        for cell in cells
    ]
    base = inline(records)
    boxes = base.mark_rect(cornerRadius=2, stroke=RULE, strokeWidth=0.5).encode(
        x=alt.X("left:Q", scale=across, axis=None),
        x2="right:Q",
        y=alt.Y("top:Q", scale=down, axis=None),
        y2="bottom:Q",
        color=alt.Color("value:Q", scale=colours, legend=None),
    )
    figures = base.mark_text(align="center", baseline="middle", fontSize=11.5, color=TILE_INK).encode(
        x=alt.X("middle:Q", scale=across, axis=None),
        y=alt.Y("line:Q", scale=down, axis=None),
        text="shown:N",
    )
    lines = inline([{"line": (number + 0.5) * _LINE, "name": name} for number, name in enumerate(sectors)])
    heads = inline([{"middle": (number + 0.5) * _COLUMN, "name": name} for number, name in enumerate(states)])
    left = lines.mark_text(align="right", baseline="middle", fontSize=12, color=INK).encode(
        x=alt.value(-8), y=alt.Y("line:Q", scale=down, axis=None), text="name:N"
    )
    top = heads.mark_text(align="center", baseline="bottom", fontSize=12, color=INK, fontWeight="bold").encode(
        x=alt.X("middle:Q", scale=across, axis=None), y=alt.value(-7), text="name:N"
    )
    return picture(
        [boxes, figures, left, top], (width, height), {"left": _NAMES, "right": 2, "top": _HEAD, "bottom": 2}, tr
    )


def reach(rows: list[Stack]) -> tuple[float, float]:
    """Find the ends of the longest stacks, zero inside, with a margin."""
    ends = [0.0, *(end for _, _, low, high in stacks(rows) for end in (low, high)), *(row.total for row in rows)]
    low, high = min(ends), max(ends)
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def tail(values: list[float], share: float = 0.95) -> float:
    """Size below which `share` of the values lie, so that one outlier does not bleach the others.

    Examples
    --------
    >>> tail([1.0, -2.0, 3.0, 100.0], 0.75)
    3.0
    """
    sizes = sorted(abs(value) for value in values)
    return sizes[max(0, min(len(sizes) - 1, round(share * len(sizes)) - 1))] if sizes else 0.0
