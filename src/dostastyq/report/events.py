"""Event studies as pictures: what trade did around an agreement, year by year; complete SVG files."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import altair as alt
import vl_convert

from dostastyq.errors import DostastyqError
from dostastyq.i18n import Translator, message, translator
from dostastyq.report.charts import ACCENT, INK, MUTED, PAPER, RULE
from dostastyq.report.coefficients import number_signs

if TYPE_CHECKING:
    from dostastyq.gravity import Fit

_WIDTH, _HEIGHT, _FONT = 640, 280, "sans-serif"
_STEP = re.compile(r".*_(before|after)(\d+)")


@dataclass(frozen=True, slots=True)
class Step:
    """One year of an event study.

    Parameters
    ----------
    at
        Calendar year, or years since entry into force.
    estimate
        Coefficient, log points; 0 in the year of reference.
    low, high
        Its interval; None where it has none.
    placebo
        Range of placebo groups, None without.
    """

    at: int
    estimate: float
    low: float | None = None
    high: float | None = None
    placebo: tuple[float, float] | None = None


def event_steps(fit: "Fit", terms: Sequence[str], *, reference: int = -1, level: float = 0.95) -> list[Step]:
    """Collect the dummies that `Panel.event_study` made.

    Parameters
    ----------
    fit
        Fit with those dummies.
    terms
        Their names, such as ``eaeu_2014_before3``; those without a coefficient are left out.
    reference
        Year since entry that has none.
    level
        Coverage of the interval.

    Raises
    ------
    DostastyqError
        ``RP040`` for a name that is not of an event study.
    """
    rows = {row["term"]: row for row in fit.tidy(level).iter_rows(named=True)}
    steps = [Step(reference, 0.0)]
    for term in terms:
        found = _STEP.fullmatch(term)
        if found is None:
            message_ = f"{term!r} is no dummy of an event study, expected a name such as eaeu_2014_before3"
            raise DostastyqError("RP040", message_, "take the names that Panel.event_study returns")
        at = int(found[2]) * (-1 if found[1] == "before" else 1)
        if term in rows:
            steps.append(Step(at, rows[term]["estimate"], rows[term]["low"], rows[term]["high"]))
    return sorted(steps, key=lambda step: step.at)


def event_plot(
    steps: Sequence[Step], language: str = "en", *, title: str = "", event: float | None = None, calendar: bool = False
) -> str:
    """Draw an event study.

    Parameters
    ----------
    steps
        Years, in order; the one without an interval and with estimate 0 is the reference.
    language
        Language of the axes and of figures.
    title
        Line above the picture.
    event
        Where a dashed line is drawn, on the axis of the years; none by default.
    calendar
        Whether years are calendar years; years since entry into force otherwise.

    Returns
    -------
    str
        An SVG document.

    Examples
    --------
    >>> event_plot([Step(-1, 0.0), Step(0, 0.2, 0.1, 0.3), Step(1, 0.3, 0.1, 0.5)], event=-0.5).startswith("<svg")
    True
    """
    tr = translator(language)
    reference = next((step.at for step in steps if step.estimate == 0 and step.low is None), steps[0].at)
    chart = alt.LayerChart(
        layer=_layers(steps, event, _axes(steps, reference, tr, calendar=calendar)),
        width=_WIDTH,
        height=_HEIGHT,
        padding={"left": 16, "right": 20, "top": 12, "bottom": 8},
        title=_heading(title, _legend(steps, tr)),
    )
    spec = chart.configure(background=PAPER, font=_FONT, aria=False).configure_view(stroke=None).to_dict()
    svg: str = vl_convert.vegalite_to_svg(spec, vl_version="6.4", format_locale=number_signs(tr))
    return svg


def write_event_plot(fit: "Fit", terms: Sequence[str], path: Path, language: str = "en") -> None:
    """Write the picture of the dummies of `Panel.event_study` to a file."""
    path.write_text(event_plot(event_steps(fit, terms), language, event=-0.5), encoding="utf-8")


def _heading(title: str, legend: list[str]) -> alt.TitleParams:
    """Put the title over the legend; without a title the legend stands alone, which a converter would not draw."""
    if not title:
        return alt.TitleParams(text=legend, anchor="start", color=MUTED, fontSize=12, fontWeight="normal")
    return alt.TitleParams(
        text=title, subtitle=legend, anchor="start", color=INK, subtitleColor=MUTED, subtitleFontSize=12
    )


def _legend(steps: Sequence[Step], tr: Translator) -> list[str]:
    """Say what the marks are."""
    lines = []
    if any(step.low is not None for step in steps):
        lines.append(tr.gettext(message("Dots and lines: estimates with their intervals.")))
    if any(step.placebo is not None for step in steps):
        lines.append(tr.gettext(message("Grey: groups of states that agreed on nothing, 5th to 95th percentile.")))
    return lines


def _axes(steps: Sequence[Step], reference: int, tr: Translator, *, calendar: bool) -> Mapping[str, Any]:
    """Encode years and log points."""
    years = [step.at for step in steps]
    if calendar:
        named, level = "", tr.gettext(message("Log points of trade, {year} = 0"), year=str(reference))
    else:
        named = tr.gettext(message("Years since entry into force"))
        level = tr.gettext(message("Log points of trade, year {year} = 0"), year=tr.number(reference))
    x = alt.Axis(
        values=years, format="d", title=named or None, titleColor=MUTED, titleFontWeight="normal", labelColor=MUTED,
        grid=False, ticks=False, domain=False, labelPadding=8,
    )  # fmt: skip
    y = alt.Axis(
        title=level, titleColor=MUTED, titleFontWeight="normal", labelColor=MUTED, gridColor=RULE, ticks=False,
        domain=False, tickCount=6, format="~g",
    )  # fmt: skip
    pad = 0.4 * min((after - before for before, after in pairwise(years)), default=1)
    scale = alt.Scale(domain=[years[0] - pad, years[-1] + pad], nice=False)
    return {
        "x": alt.X("at:Q", axis=x, scale=scale),
        "y": {name: alt.Y(f"{name}:Q", axis=y, scale=alt.Scale(zero=True)) for name in ("estimate", "low", "p_low")},
    }


def _layers(steps: Sequence[Step], event: float | None, axes: Mapping[str, Any]) -> list[alt.Chart]:
    """Placebo band, zero, the event, intervals, dots."""
    records = [
        {
            "at": step.at,
            "estimate": step.estimate,
            "low": step.low,
            "high": step.high,
            "p_low": step.placebo[0] if step.placebo else 0.0,
            "p_high": step.placebo[1] if step.placebo else 0.0,
        }
        for step in steps
    ]
    base = alt.Chart(alt.InlineData(values=records))
    x, y = axes["x"], axes["y"]
    layers = []
    if any(step.placebo is not None for step in steps):
        layers.append(base.mark_area(color=MUTED, opacity=0.18).encode(x=x, y=y["p_low"], y2="p_high:Q"))
    zero = alt.Chart(alt.InlineData(values=[{"estimate": 0}]))
    layers.append(zero.mark_rule(color=MUTED, strokeWidth=1).encode(y=y["estimate"]))
    if event is not None:
        line = alt.Chart(alt.InlineData(values=[{"at": event}]))
        layers.append(line.mark_rule(color=INK, strokeWidth=1, strokeDash=[4, 4]).encode(x=x))
    if any(step.low is not None for step in steps):
        intervals = base.transform_filter("datum.low !== null")
        layers.append(
            intervals.mark_rule(color=ACCENT, strokeWidth=2.5, strokeCap="round", opacity=0.55).encode(
                x=x, y=y["low"], y2="high:Q"
            )
        )
    layers.append(base.mark_circle(size=70, opacity=1, color=ACCENT).encode(x=x, y=y["estimate"]))
    return layers
