"""The atlas on a terminal: which unions hold, who has what in the union of all, and how it could be shared."""

from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from dostastyq.assess.unions import Unions
from dostastyq.coalition import STRUCTURE_CONCEPTS, Structures
from dostastyq.i18n import Translator, message, translator
from dostastyq.report.atlas_view import (
    HoldingRow,
    ShareRow,
    headline,
    holdings,
    shares,
    stable_structures,
    transfer_sentences,
    union_name,
)


def show(found: Unions, language: str, side_by_side: Structures | None, console: Console | None = None) -> None:
    """Print `found` in `language`."""
    console = console or Console(highlight=False)
    tr = translator(language)
    atlas = found.atlas
    console.print(Styled(headline(found, tr), style="bold"))
    console.print(
        tr.gettext(
            message("Law of {on:date} · baseline {baseline} · trade elasticity {theta}"),
            on=found.on,
            baseline=found.baseline,
            theta=found.elasticity,
        )
    )
    console.print(tr.text(atlas.worlds.reference.text))
    console.print()
    rows = holdings(atlas, tr)
    console.print(_holding_table(rows, tr))
    for row in rows:
        console.print(Styled(f"{row.label}: {row.definition}. {row.source}", style="dim"))
    console.print()
    console.print(Styled(tr.gettext(message("The union of all: {name}"), name=union_name(atlas.members, tr)), "bold"))
    console.print(_share_table(shares(found, tr), tr))
    for sentence in transfer_sentences(atlas, tr):
        console.print(sentence)
    if side_by_side is not None:
        console.print()
        _structures(side_by_side, tr, console)
    console.print()
    for note in (*atlas.notes, *found.notes):
        console.print(Styled(tr.text(note), style="dim"))
    console.print(tr.gettext(message("Every coalition: --json, --html FILE.")))


def _holding_table(rows: list[HoldingRow], tr: Translator) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(tr.gettext(message("Test")), min_width=max(len(row.label) for row in rows), vertical="top")
    table.add_column(tr.gettext(message("All of them")), justify="right")
    table.add_column(tr.gettext(message("Probability")), justify="right")
    table.add_column(tr.gettext(message("Unions that pass, the largest first")), ratio=1)
    for row in rows:
        table.add_row(row.label, row.all, row.probability, row.unions)
    return table


def _share_table(rows: list[ShareRow], tr: Translator) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(tr.gettext(message("State")), min_width=max(len(row.name) for row in rows))
    for header in (
        message("welfare, %"),
        message("million US$"),
        message("outside it"),
        message("Shapley value"),
        message("nucleolus"),
    ):
        table.add_column(tr.gettext(header), justify="right")
    for row in rows:
        table.add_row(row.name, row.welfare, row.variation, row.outside, row.shapley, row.nucleolus)
    return table


def _structures(found: Structures, tr: Translator, console: Console) -> None:
    console.print(
        Styled(
            tr.ngettext(
                "Unions side by side: {n:,} structure solved",
                "Unions side by side: {n:,} structures solved",
                len(found),
            ),
            style="bold",
        )
    )
    for name, concept in STRUCTURE_CONCEPTS.items():
        stable = found.stable(name)
        shown = "; ".join(stable_structures(found, name, 4, tr)) or tr.gettext(message("none"))
        more = tr.ngettext(" and {n} more", " and {n} more", len(stable) - 4) if len(stable) > 4 else ""
        console.print(f"{tr.gettext(concept.label)}: {shown}{more}")
    if found.pruning:
        console.print(tr.text(found.pruning))
