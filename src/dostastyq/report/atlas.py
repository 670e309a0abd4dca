"""The page of an atlas: one self-contained HTML file, like that of an assessment."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup

from dostastyq.assess.unions import Unions
from dostastyq.coalition import CONCEPTS, STRUCTURE_CONCEPTS, Atlas, Structures
from dostastyq.coalition.subsets import sizes
from dostastyq.files import write_whole
from dostastyq.i18n import Translator, translator
from dostastyq.report import charts
from dostastyq.report.atlas_chart import Cell, Line, Mark, coalition_chart
from dostastyq.report.atlas_view import (
    decimals,
    headline,
    holdings,
    kind_name,
    shares,
    stable_structures,
    transfer_sentences,
)
from dostastyq.report.page import environment

ROWS = 28
"""Coalitions in the picture: up to five states all of them; else the union of all, those that hold, the worthiest."""


@dataclass(frozen=True, slots=True)
class StructureRow:
    """One concept of structures, with the structures that pass."""

    label: str
    definition: str
    source: str
    count: str
    shown: list[str]


def html(found: Unions, language: str = "en", side_by_side: Structures | None = None) -> str:
    """Render an atlas as one self-contained HTML page.

    Parameters
    ----------
    found
        The atlas with what it was made from.
    language
        ``"kk"``, ``"ru"`` or ``"en"``.
    side_by_side
        Several unions side by side, where they were solved.

    Returns
    -------
    str
        The page: style and picture inside, no script, no request; the same atlas gives the same bytes.
    """
    tr = translator(language)
    atlas = found.atlas
    rows = charted(atlas)
    own = atlas.welfare[rows][:, list(atlas.worlds.places)]
    extent = round_up(float(np.abs(own).max()))
    return (
        environment()
        .get_template("atlas.html.j2")
        .render(
            found=found,
            atlas=atlas,
            headline=headline(found, tr),
            kind=kind_name(atlas.union, tr),
            chart=Markup(coalition_chart(_lines(atlas, rows, tr), extent, tr)),
            charted=len(rows),
            extent=(tr.percent(-extent, 2), tr.percent(extent, 2, signed=True)),
            palette={"loss": charts.LOSS, "neutral": charts.NEUTRAL, "gain": charts.GAIN},
            holdings=holdings(atlas, tr),
            shares=shares(found, tr),
            sharing=_sharing_facts(atlas, tr),
            transfers=transfer_sentences(atlas, tr),
            structures=_structure_rows(side_by_side, tr),
            side_by_side=side_by_side,
            notes=[tr.text(note) for note in (*atlas.notes, *found.notes)],
            reference=_sentence(tr.text(atlas.worlds.reference.text)),
            language=language,
            tr=tr,
            _=tr.gettext,
            ngettext=tr.ngettext,
        )
    )


def write(
    found: Unions, path: str | os.PathLike[str], language: str = "en", side_by_side: Structures | None = None
) -> Path:
    """Write the page to `path`, whole or not at all.

    Raises
    ------
    DostastyqError
        ``RP001`` if the file cannot be written.
    """
    target = Path(path)
    write_whole(target, html(found, language, side_by_side).encode("utf-8"), code="RP001", what="the report")
    return target


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def charted(atlas: Atlas) -> list[int]:
    """Rows of the picture, the largest coalitions first, then by worth."""
    count = sizes(len(atlas.members))
    rows = [int(row) for row in atlas.listed if row]
    by_worth = sorted(rows, key=lambda row: -float(atlas.worth[row]))
    if len(rows) > ROWS:
        wanted = [len(atlas) - 1]
        for concept in ("coalition_proof", "core", "nash", "individual"):
            wanted += [row for row in by_worth if atlas.holds(concept)[row]]
        rows = list(dict.fromkeys([*wanted, *by_worth]))[:ROWS]
    return sorted(rows, key=lambda row: (-count[row], -float(atlas.worth[row])))


def round_up(value: float) -> float:
    """Round up to one and a half significant digits."""
    if value <= 1e-9:
        return 0.0
    step = 10.0 ** np.floor(np.log10(value))
    return float(min(digit * step for digit in (1, 1.5, 2, 3, 5, 8, 10) if digit * step >= value * (1 - 1e-9)))


def _lines(atlas: Atlas, rows: list[int], tr: Translator) -> list[Line]:
    places = decimals(float(np.abs(atlas.worth).max()))
    shares_ = None if atlas.samples is None else {name: atlas.probability(name) for name in CONCEPTS}
    tests = {name: atlas.holds(name) for name in CONCEPTS}
    own = atlas.welfare[:, list(atlas.worlds.places)]
    figures = 2 if np.abs(own[rows]).max() >= 0.1 else 3
    return [
        Line(
            tr.number(float(atlas.worth[row]), places, signed=True),
            tuple(
                Cell(state, float(own[row, k]), tr.number(float(own[row, k]), figures, signed=True), bool(row >> k & 1))
                for k, state in enumerate(atlas.members)
            ),
            tuple(
                Mark(bool(tests[name][row]), float(tests[name][row] if shares_ is None else shares_[name][row]))
                for name in CONCEPTS
            ),
        )
        for row in rows
    ]


def _sharing_facts(atlas: Atlas, tr: Translator) -> list[tuple[str, str]]:
    sharing = atlas.sharing
    facts = [
        (tr.gettext("Worth of the union of all, million US dollars"), tr.number(sharing.worth, 1, signed=True)),
        (
            tr.gettext("Core of the game with transfers"),
            tr.gettext("empty: some group can always claim more") if sharing.core_empty else tr.gettext("not empty"),
        ),
    ]
    if sharing.core_probability is not None:
        facts.append(
            (tr.gettext("Probability that the core is not empty"), tr.percent(100 * sharing.core_probability, 0))
        )
    return facts


def _structure_rows(found: Structures | None, tr: Translator) -> list[StructureRow]:
    if found is None:
        return []
    rows = []
    for name, concept in STRUCTURE_CONCEPTS.items():
        stable = found.stable(name)
        rows.append(
            StructureRow(
                tr.gettext(concept.label),
                tr.gettext(concept.definition),
                concept.source,
                tr.number(len(stable), 0),
                stable_structures(found, name, 12, tr),
            )
        )
    return rows
