"""What the page shows of an assessment, figures already said in the reader's language."""

from dataclasses import dataclass
from math import floor, log10

from dostastyq.assess.model import Assessment, Contrast, ImputedCell, StateResult
from dostastyq.i18n import Translator, message
from dostastyq.report.charts import Dot, Tile
from dostastyq.report.headline import (
    assumptions_of,
    central_sentence,
    certainty_sentence,
    contrast_label,
    covers_zero,
)
from dostastyq.report.sector_view import SectorsView, build_sectors
from dostastyq.report.sensitivity import SensitivityTable, interval, sensitivity, set_name, varied

CHART_ROWS = 24
LARGEST_CELLS = 30
LINKABLE = ("https://", "http://")

_KINDS = {
    "cis_free_trade": message("CIS free trade over no preference"),
    "union_increment": message("Eurasian union over CIS free trade"),
}
_METHODS = {
    "recorded_zero": message("zero: a recorded ban or a closed border"),
    "icio_2022": message("input-output tables of the OECD, 2022"),
    "gravity": message("gravity estimate"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One economy of the full table."""

    state: str
    name: str
    member: bool
    registered: bool
    sure: bool
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContrastView:
    """One contrast: its sentences, pictures and table."""

    label: str
    from_world: str
    to_world: str
    central: str
    certainty: str
    probability: str
    probability_note: str
    beneficial: bool
    formula: str
    axis_title: str
    range: str
    dots: list[Dot]
    tiles: list[Tile]
    rows: list[Row]
    pairs: list[str]
    unknown_pairs: list[str]
    sensitivity: SensitivityTable | None


@dataclass(frozen=True, slots=True)
class EstimateView:
    """One estimated effect, with how well it is known."""

    title: str
    description: str
    identification: str
    value: str
    interval: str
    own: str
    treated_pairs: str


@dataclass(frozen=True, slots=True)
class CellView:
    """One filled cell of the baseline."""

    flow: str
    trade: str
    method: str
    source: str


@dataclass(frozen=True, slots=True)
class View:
    """The page's content."""

    title: str
    members: str
    change: str
    facts: list[tuple[str, str]]
    contrasts: list[ContrastView]
    certainty: str
    domain: tuple[float, float]
    extent: float
    extent_shown: tuple[str, str, str]
    estimates: list[EstimateView]
    cells: list[CellView]
    cells_rest: list[CellView]
    cells_total: str
    residual: str
    proof_in_english: bool
    sectors: list[SectorsView]
    assumptions: str


def build(assessment: Assessment, tr: Translator) -> View:
    """Say `assessment` in the language of `tr`.

    Parameters
    ----------
    assessment
        The assessment.
    tr
        The language.
    """
    decimals = _decimals(assessment)
    contrasts = [_contrast(assessment, i, decimals, tr) for i in range(len(assessment.contrasts))]
    charted = [dot for contrast in contrasts for dot in contrast.dots if dot.value is not None]
    extent = _round_up(max((_reach(r) for contrast in assessment.contrasts for r in contrast.states), default=0.0))
    cells = [_cell(cell, tr) for cell in sorted(assessment.imputed_cells, key=lambda c: -c.trade)]
    return View(
        title=tr.fill("{title}", {"title": assessment.scenario["title"]}),
        members=tr.territories(assessment.scenario["members"]),
        change=_change(assessment, tr),
        facts=_facts(assessment, tr),
        contrasts=contrasts,
        certainty=contrasts[0].certainty if len({contrast.certainty for contrast in contrasts}) == 1 else "",
        domain=_domain(charted),
        extent=extent,
        extent_shown=(
            tr.percent(-extent, _places(extent)),
            tr.percent(0, 0),
            tr.percent(extent, _places(extent), signed=True),
        ),
        estimates=_estimates(assessment, tr),
        cells=cells[:LARGEST_CELLS],
        cells_rest=cells[LARGEST_CELLS:],
        cells_total=tr.number(sum(cell.trade for cell in assessment.imputed_cells), 0),
        residual=_scientific(assessment.residual, tr),
        sectors=build_sectors(assessment, [contrast.label for contrast in contrasts], tr),
        assumptions=varied(assessment, tr),
        proof_in_english=tr.language != "en" and any(tr.text(line) == line for line in assessment.proof),
    )


def _decimals(assessment: Assessment) -> int:
    """Two decimals, or three where the effects on the members are so small that two would hide them."""
    members = [r for contrast in assessment.contrasts for r in contrast.states if r.member]
    largest = max((max(abs(r.welfare_percent), abs(r.low), abs(r.high)) for r in members), default=0.0)
    return 2 if largest >= 0.1 or largest == 0 else 3


def _change(assessment: Assessment, tr: Translator) -> str:
    scenario = assessment.scenario
    parts = []
    if scenario.get("leave"):
        parts.append(tr.gettext("Leaves: {states:territories}", states=scenario["leave"]))
    if scenario.get("join"):
        parts.append(tr.gettext("Joins: {states:territories}", states=scenario["join"]))
    return "; ".join(parts)


def _facts(assessment: Assessment, tr: Translator) -> list[tuple[str, str]]:
    facts = [
        (tr.gettext("Members"), tr.territories(assessment.scenario["members"])),
        (tr.gettext("Law read on"), tr.date(assessment.on)),
        (tr.gettext("Baseline"), assessment.baseline),
    ]
    if assessment.model == "one-sector":
        return [*facts, (tr.gettext("Trade elasticity"), tr.number(assessment.elasticity))]
    if assessment.scenario["members_absent"]:
        absent = tr.territories(assessment.scenario["members_absent"])
        facts.insert(1, (tr.gettext("Members inside the rest of the world"), absent))
    sectors = assessment.elasticities["values"]
    return [
        *facts,
        (tr.gettext("Sectors"), tr.number(len(sectors), 0)),
        (tr.gettext("Trade elasticities"), set_name(assessment.elasticities["name"], tr)),
    ]


def _contrast(assessment: Assessment, index: int, decimals: int, tr: Translator) -> ContrastView:
    contrast = assessment.contrasts[index]
    ranked = _ranked(assessment, contrast)
    return ContrastView(
        label=contrast_label(assessment, contrast, tr),
        from_world=tr.text(contrast.from_world),
        to_world=tr.text(contrast.to_world),
        central=central_sentence(contrast, tr),
        certainty=certainty_sentence(contrast, tr, assumptions_of(assessment, index)),
        probability=tr.percent(100 * contrast.probability_mutually_beneficial, 0),
        probability_note=_sentence(tr.text(contrast.probability_note)),
        beneficial=contrast.mutually_beneficial,
        formula=_sentence(tr.text(contrast.formula)),
        axis_title=tr.gettext("Welfare, %, with 95% interval"),
        range=_range(contrast, decimals, tr),
        dots=_dots(ranked, decimals, tr),
        tiles=[
            Tile(
                r.state,
                r.welfare_percent,
                tr.number(r.welfare_percent, decimals, signed=True),
                r.member,
                not covers_zero(r),
            )
            for r in contrast.states
        ],
        rows=[_row(r, group is not ranked[2], tr) for group in ranked for r in group],
        pairs=[f"{exporter}→{importer}" for exporter, importer, _ in contrast.pairs],
        unknown_pairs=[f"{exporter}→{importer}" for exporter, importer in contrast.unknown_pairs],
        sensitivity=sensitivity(assessment, index, [r.state for r in ranked[0]], decimals, tr),
    )


def _range(contrast: Contrast, decimals: int, tr: Translator) -> str:
    values = [r.welfare_percent for r in contrast.states if r.member] or [0.0]
    low, high = tr.number(min(values), decimals, signed=True), tr.percent(max(values), decimals, signed=True)
    if high == tr.percent(min(values), decimals, signed=True):
        return high
    return tr.gettext("from {low} to {high}", low=low, high=high)


def _ranked(
    assessment: Assessment, contrast: Contrast
) -> tuple[list[StateResult], list[StateResult], list[StateResult]]:
    """Members, other states of the register and partners; each by welfare, the rest of the world last."""
    registered = frozenset(assessment.scenario["states"])
    ranked = sorted(contrast.states, key=lambda r: (r.state == "ROW", -r.welfare_percent, r.state))
    return (
        [r for r in ranked if r.member],
        [r for r in ranked if not r.member and r.state in registered],
        [r for r in ranked if not r.member and r.state not in registered],
    )


def _dots(
    ranked: tuple[list[StateResult], list[StateResult], list[StateResult]], decimals: int, tr: Translator
) -> list[Dot]:
    members, registered, partners = ranked
    room = max(CHART_ROWS - len(members) - len(registered), 0)
    affected = {r.state for r in sorted(partners, key=lambda r: (-_reach(r), r.state))[:room]}
    groups = (
        (tr.gettext("Members"), members),
        (tr.gettext("Other states of the register"), registered),
        (tr.gettext("Partners most affected"), [r for r in partners if r.state in affected]),
    )
    dots = []
    for title, results in groups:
        if results:
            dots.append(Dot(title))
        dots += [_dot(r, decimals, tr) for r in results]
    return dots


def _sentence(text: str) -> str:
    """Give a clause its capital letter and its full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".") if text else ""


def _reach(result: StateResult) -> float:
    """Farthest value from zero that the estimate or its interval takes.

    The tiles are coloured up to it: an estimate that is small beside what it may be is pale.
    """
    return max(abs(result.welfare_percent), abs(result.low), abs(result.high))


def _dot(r: StateResult, decimals: int, tr: Translator) -> Dot:
    shown = tr.number(r.welfare_percent, decimals, signed=True)
    return Dot(tr.territory(r.state), r.member, r.welfare_percent, r.low, r.high, shown)


def _row(r: StateResult, registered: bool, tr: Translator) -> Row:
    figures = (
        r.welfare_percent,
        r.low,
        r.high,
        r.real_wage_percent,
        r.exports_percent,
        r.imports_percent,
        r.trade_with_members_percent,
    )
    return Row(
        r.state,
        tr.territory(r.state),
        r.member,
        registered,
        not covers_zero(r),
        tuple(tr.number(figure, 3, signed=True) for figure in figures),
    )


def _estimates(assessment: Assessment, tr: Translator) -> list[EstimateView]:
    views = []
    for parameter in assessment.estimates:
        spread = 1.959963984540054 * parameter.standard_error
        own = tr.number(None)
        if parameter.own_coefficient is not None:
            error = parameter.own_standard_error
            own = tr.number(parameter.own_coefficient, 3)
            own += "" if error is None else f" ({tr.number(error, 3)})"
        views.append(
            EstimateView(
                title=tr.gettext(_KINDS.get(parameter.name, parameter.name)),
                description=parameter.description,
                identification=parameter.identification,
                value=f"{tr.number(parameter.value, 3)} ({tr.number(parameter.standard_error, 3)})",
                interval=interval(parameter.value - spread, parameter.value + spread, 2, tr),
                own=own,
                treated_pairs=tr.number(parameter.treated_pairs, 0),
            )
        )
    return views


def _cell(cell: ImputedCell, tr: Translator) -> CellView:
    flow = f"{tr.territory(cell.exporter)} → {tr.territory(cell.importer)}"
    method = tr.gettext(_METHODS.get(cell.method, cell.method))
    return CellView(flow, tr.number(cell.trade, 1), method, cell.source)


def _domain(dots: list[Dot]) -> tuple[float, float]:
    """Range of all intervals with zero inside and a margin, the same for every contrast."""
    low = min((min(dot.low, dot.value or 0.0) for dot in dots), default=0.0)
    high = max((max(dot.high, dot.value or 0.0) for dot in dots), default=0.0)
    low, high = min(low, 0.0), max(high, 0.0)
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def _round_up(value: float) -> float:
    """Round `value` up to one significant digit, so that the legend's ends read well."""
    if value <= 1e-9:
        return 0.0
    step = 10.0 ** floor(log10(value))
    return min(digit * step for digit in (1, 1.5, 2, 3, 5, 8, 10) if digit * step >= value * (1 - 1e-9))


def _places(value: float) -> int:
    return max(0, 1 - floor(log10(value))) if 0 < value < 10 else 0


def _scientific(value: float, tr: Translator) -> str:
    """Write a small number as mantissa and power of ten."""
    if value == 0:
        return "0"
    exponent = floor(log10(abs(value)))
    raised = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{tr.number(value / 10.0**exponent, 1)} · 10{raised}"
