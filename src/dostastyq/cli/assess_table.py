"""The assessment on a terminal: the headline, the contrasts side by side, how sure, and where to read on."""

from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from dostastyq.assess.model import Assessment, ContrastChannels, StateResult
from dostastyq.i18n import Translator, message, translator
from dostastyq.report import headline
from dostastyq.report.headline import (
    assumptions_of,
    central_sentence,
    certainty_sentence,
    contrast_label,
    covers_zero,
)
from dostastyq.report.memberships import sentences
from dostastyq.report.sector_view import channel_names
from dostastyq.report.votes import voting_view

PARTNERS = 6
"""Partners outside the register shown on a terminal: those moved most; all are in the report and the JSON."""

VISIBLE = 0.005
"""Partners whose interval stays within this many per cent of zero are not shown."""

WIDE = 112
"""Columns of a terminal that also has room for trade with the members."""


def show(assessment: Assessment, language: str, console: Console | None = None) -> None:
    """Print `assessment` in `language`."""
    console = console or Console(highlight=False)
    tr = translator(language)
    console.print(Styled(headline(assessment, language), style="bold"))
    console.print(_made_from(assessment, tr))
    console.print()
    console.print(_table(assessment, tr, wide=console.width >= WIDE or len(assessment.contrasts) == 1))
    for number, contrast in enumerate(assessment.contrasts, start=1):
        console.print()
        console.print(Styled(f"({number}) {contrast_label(assessment, contrast, tr)}", style="bold"))
        console.print(f"{tr.text(contrast.from_world)} → {tr.text(contrast.to_world)}")
        certainty = certainty_sentence(contrast, tr, assumptions_of(assessment, number - 1))
        console.print(f"{central_sentence(contrast, tr)} {certainty}")
        console.print(
            tr.gettext(
                message("Probability that every member gains: {share:.0%}; {note}."),
                share=contrast.probability_mutually_beneficial,
                note=tr.text(contrast.probability_note),
            )
        )
        if number <= len(assessment.channels):
            channels = assessment.channels[number - 1]
            console.print(_channels(channels, tr))
            if channels.note:
                console.print(tr.text(channels.note))
    if assessment.scenario.get("members_absent"):
        console.print()
        console.print(
            tr.gettext(
                message("Inside the rest of the world and not in the result: {states:territories}."),
                states=assessment.scenario["members_absent"],
            )
        )
    _show_vote(assessment, tr, console)
    _show_coalition(assessment, tr, console)
    console.print()
    console.print(
        tr.gettext(
            message(
                "Per cent; in brackets the 95% interval: the doubt about the estimated effects alone, not about the "
                "model, its elasticities and its flows. Everything else: --json, --html FILE."
            )
        )
    )


def _show_vote(assessment: Assessment, tr: Translator, console: Console) -> None:
    """Print whether the body would adopt it, case by case."""
    vote = voting_view(assessment, tr)
    if vote is None:
        return
    console.print()
    console.print(Styled(vote.title, style="bold"))
    console.print(" ".join(part for part in (vote.body, vote.note) if part))
    for number, contrast in enumerate(vote.contrasts, start=1):
        for case, result, _ in contrast.cases:
            console.print(f"({number}) {case}: {result}.")


def _show_coalition(assessment: Assessment, tr: Translator, console: Console) -> None:
    """Print who would change sides and what transfers it takes, contrast by contrast."""
    if not assessment.coalition:
        return
    console.print()
    console.print(Styled(tr.gettext(message("The members as a coalition")), style="bold"))
    for number, found in enumerate(assessment.coalition, start=1):
        console.print(f"({number}) " + " ".join(sentences(found, tr)))


def _made_from(assessment: Assessment, tr: Translator) -> str:
    if assessment.model == "one-sector":
        return tr.gettext(
            message("Law of {on:date} · baseline {baseline} · trade elasticity {theta:g}"),
            on=assessment.on,
            baseline=assessment.baseline,
            theta=assessment.elasticity,
        )
    return tr.ngettext(
        "Law of {on:date} · baseline {baseline} · {n} sector · elasticity {name}",
        "Law of {on:date} · baseline {baseline} · {n} sectors · elasticities {name}",
        len(assessment.elasticities["values"]),
        on=assessment.on,
        baseline=assessment.baseline,
        name=assessment.elasticities["name"],
    )


def _channels(channels: ContrastChannels, tr: Translator) -> Table:
    """Channels of the members, which sum to the total, and the total where duties are pooled."""
    rows = [row for row in channels.states if row.member]
    pooled = any(row.pooled_percent is not None for row in rows)
    headers = [*channel_names(tr), tr.gettext(message("Total")), *([tr.gettext(message("pooled"))] if pooled else [])]
    table = Table(box=None, pad_edge=False, header_style="dim")
    for position, header in enumerate(["", *headers]):
        table.add_column(header, justify="right" if position else "left", vertical="bottom")
    for row in rows:
        figures = [*(effect.welfare_percent for effect in row.effects), row.total_percent]
        cells = [tr.number(figure, 2, signed=True) for figure in figures]
        extra = [tr.number(row.pooled_percent, 2, signed=True)] if pooled else []
        table.add_row(tr.territory(row.state), *cells, *extra)
    return table


def _table(assessment: Assessment, tr: Translator, *, wide: bool) -> Table:
    columns = [{result.state: result for result in contrast.states} for contrast in assessment.contrasts]
    rows = []
    for state in _shown(assessment):
        results = [column[state] for column in columns]
        name = Styled(tr.territory(state), style="bold" if results[0].member else "")
        rows.append([name, *(cell for result in results for cell in _cells(result, tr)[: 3 if wide else 2])])
    headers = [tr.gettext(message("State"))]
    for number, _ in enumerate(assessment.contrasts, start=1):
        headers += [tr.gettext(message("({n}) welfare, %"), n=number), tr.gettext(message("95% interval"))]
        if wide:
            headers.append(tr.gettext(message("trade with members, %")))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for position, header in enumerate(headers):
        width = max(len(row[position]) for row in rows)
        table.add_column(header, justify="right" if position else "left", min_width=width, vertical="bottom")
    for row in rows:
        table.add_row(*row)
    return table


def _cells(result: StateResult, tr: Translator) -> tuple[Styled, Styled, Styled]:
    colour = "" if covers_zero(result) else ("green" if result.welfare_percent > 0 else "red")
    interval = f"[{tr.number(result.low, 2, signed=True)}; {tr.number(result.high, 2, signed=True)}]"
    return (
        Styled(tr.number(result.welfare_percent, 2, signed=True), style=colour),
        Styled(interval, style="dim"),
        Styled(tr.number(result.trade_with_members_percent, 1, signed=True)),
    )


def _shown(assessment: Assessment) -> list[str]:
    """Members, then the other states of the register, then the partners moved most."""
    register = set(assessment.scenario["states"])
    widest = assessment.contrasts[-1].states
    rank = {r.state: max(abs(r.low), abs(r.high)) for r in widest}
    members = sorted(r.state for r in widest if r.member)
    others = sorted(r.state for r in widest if not r.member and r.state in register)
    outside = (r.state for r in widest if not r.member and r.state not in register and rank[r.state] >= VISIBLE)
    partners = sorted(outside, key=lambda state: -rank[state])
    return [*members, *others, *partners[:PARTNERS]]
