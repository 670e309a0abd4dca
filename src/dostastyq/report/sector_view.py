"""What the page shows of an assessment by sectors: the channels of every state, and its sectors."""

from dataclasses import dataclass

from dostastyq.assess.channels import CHANNELS
from dostastyq.assess.model import Assessment, ContrastChannels, SectorChange, StateChannels
from dostastyq.i18n import MISSING, Translator, message
from dostastyq.report.sector_charts import Cell, Stack, channel_chart, reach, sector_grid, tail

NAMES = {
    "internal_tariffs": message("Internal tariffs"),
    "external_tariff": message("External tariff"),
    "non_tariff_costs": message("Non-tariff costs"),
}


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One state: each channel with its interval, the total, the total with duties pooled, and duties collected."""

    name: str
    member: bool
    effects: list[tuple[str, str]]
    total: str
    pooled: str
    revenue: tuple[str, str]


@dataclass(frozen=True, slots=True)
class SectorTable:
    """The sectors of one state; a row is a sector's name and its figures."""

    name: str
    rows: list[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class SectorsView:
    """What one contrast shows beside its total."""

    label: str
    stacks: list[Stack]
    rows: list[ChannelRow]
    pooled: bool
    cells: list[Cell]
    sectors: list[str]
    states: list[str]
    tables: list[SectorTable]
    note: str


def build_sectors(assessment: Assessment, labels: list[str], tr: Translator) -> list[SectorsView]:
    """Say the channels and sectors of every contrast in the language of `tr`; nothing for one sector.

    Parameters
    ----------
    assessment
        The assessment.
    labels
        What each contrast is called.
    tr
        The language.
    """
    return [_view(assessment, channels, labels[channels.contrast], tr) for channels in assessment.channels]


def channel_pictures(views: list[SectorsView], tr: Translator) -> list[str]:
    """Draw the channels of every contrast on one scale."""
    domain = reach([stack for view in views for stack in view.stacks])
    return [channel_chart(view.stacks, domain, tr.gettext("Welfare, %"), tr) for view in views]


def sector_pictures(views: list[SectorsView], tr: Translator) -> list[str]:
    """Draw output by sector and state of every contrast on one scale."""
    extent = tail([cell.value for view in views for cell in view.cells if cell.value is not None])
    return [sector_grid(view.cells, view.sectors, view.states, extent, tr) for view in views]


def channel_names(tr: Translator) -> list[str]:
    """Names of the channels in their order."""
    return [tr.gettext(NAMES[channel]) for channel in CHANNELS]


def sector_name(assessment: Assessment, sector: str, tr: Translator) -> str:
    """Name of a sector, its code where it has none."""
    titles = assessment.sector_titles
    return tr.fill("{title}", {"title": titles[sector]}) if sector in titles else sector


def _view(assessment: Assessment, channels: ContrastChannels, label: str, tr: Translator) -> SectorsView:
    registered = assessment.scenario["states"]
    shown = [row for row in channels.states if row.state in registered]
    ranked = sorted(shown, key=lambda row: (not row.member, row.state))
    changes = [row for row in assessment.sectors if row.contrast == channels.contrast]
    states = [row.state for row in ranked]
    sectors = list(dict.fromkeys(row.sector for row in changes))
    return SectorsView(
        label=label,
        stacks=[
            Stack(
                tr.territory(row.state),
                row.member,
                [effect.welfare_percent for effect in row.effects],
                row.total_percent,
                tr.number(row.total_percent, 2, signed=True),
            )
            for row in ranked
        ],
        rows=[_row(row, tr) for row in ranked],
        pooled=any(row.pooled_percent is not None for row in ranked),
        cells=[
            Cell(
                sectors.index(row.sector),
                states.index(row.state),
                row.output_percent,
                tr.number(row.output_percent, 1, signed=True),
            )
            for row in changes
        ],
        sectors=[sector_name(assessment, sector, tr) for sector in sectors],
        states=[tr.territory(state) for state in states],
        tables=[_table(assessment, state, changes, tr) for state in states],
        note=tr.text(channels.note),
    )


def _row(row: StateChannels, tr: Translator) -> ChannelRow:
    def signed(value: float | None) -> str:
        return tr.number(value, 3, signed=True)

    return ChannelRow(
        tr.territory(row.state),
        row.member,
        [(signed(e.welfare_percent), f"[{tr.number(e.low, 3)}; {tr.number(e.high, 3)}]") for e in row.effects],
        signed(row.total_percent),
        MISSING if row.pooled_percent is None else signed(row.pooled_percent),
        (tr.number(row.revenue_from, 0), tr.number(row.revenue_to, 0)),
    )


def _table(assessment: Assessment, state: str, changes: list[SectorChange], tr: Translator) -> SectorTable:
    rows = []
    for row in changes:
        if row.state != state:
            continue
        pairs = (
            (row.output, row.output_percent),
            (row.exports, row.exports_percent),
            (row.imports, row.imports_percent),
        )
        figures = [
            figure for level, change in pairs for figure in (tr.number(level, 0), tr.number(change, 2, signed=True))
        ]
        rows.append((sector_name(assessment, row.sector, tr), figures))
    return SectorTable(tr.territory(state), rows)
