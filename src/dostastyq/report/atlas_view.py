"""What a table or a page shows of an atlas, figures already said in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dostastyq.assess.unions import Unions
from dostastyq.coalition import CONCEPTS, Atlas, Structures, Transfers
from dostastyq.coalition.subsets import members_of, sizes
from dostastyq.errors import DostastyqError
from dostastyq.i18n import MISSING, Translator, message

SHOWN, SHOWN_LONG = 6, 2
"""Unions named in a cell before the rest is counted, and how many where names are long."""

FEW = 6
"""States up to which a union is named by its members."""

SURE = 0.95

_UNIONS = {
    "free_trade_area": message("Free trade area"),
    "customs_union": message("Customs union"),
    "economic_union": message("Economic union"),
}


_CENTRAL = {
    (True, True): message("every member gains at the central estimate, and none would be better off outside."),
    (True, False): message("every member gains at the central estimate, but some would be better off outside."),
    (False, True): message("not every member gains at the central estimate, though none would be better off outside."),
    (False, False): message("not every member gains at the central estimate, and some would be better off outside."),
}
_SURE = message("every member gains and none would be better off outside (probability {share:.0%}).")
_UNSURE = message(
    "the data cannot tell whether every member gains and none would be better off outside (probability {share:.0%})."
)
_SURELY_NOT = message("some member loses or would be better off outside (probability that none does: {share:.0%}).")


@dataclass(frozen=True, slots=True)
class HoldingRow:
    """One concept: whether the union of all passes, how probably, and which unions pass."""

    name: str
    label: str
    definition: str
    source: str
    all: str
    passes: bool
    probability: str
    unions: str


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One state in the union of all."""

    state: str
    name: str
    welfare: str
    variation: str
    outside: str
    shapley: str
    nucleolus: str


def kind_name(union: str, tr: Translator) -> str:
    """Name of a kind of union."""
    return tr.gettext(_UNIONS[union])


def union_name(members: Sequence[str], tr: Translator) -> str:
    """Short name of a coalition: its codes."""
    return " + ".join(members) if members else tr.gettext(message("no union"))


def structure_name(unions: Sequence[Sequence[str]], tr: Translator) -> str:
    """Short name of a structure: its unions."""
    return " | ".join(union_name(union, tr) for union in unions) or union_name((), tr)


def stable_structures(found: Structures, concept: str, most: int, tr: Translator) -> list[str]:
    """Name the structures that pass a test, with their probability where there are draws."""
    shares = None if found.probabilities is None else found.probabilities[concept]
    named = []
    for row in found.rows(concept)[:most]:
        share = "" if shares is None else f" ({tr.percent(100 * float(shares[row]), 0)})"
        named.append(structure_name(found.name(row), tr) + share)
    return named


def headline(found: Unions, tr: Translator) -> str:
    """Say in a sentence what the data establish of the union of all; without draws what the central estimate says.

    As in an assessment a verdict counts where its probability is at least 95 %; otherwise the data cannot tell.
    """
    atlas = found.atlas
    named = (
        union_name(atlas.members, tr)
        if len(atlas.members) <= FEW
        else tr.ngettext("{n} state", "{n} states", len(atlas.members))
    )
    subject = f"{kind_name(atlas.union, tr)}, {named}: "
    beneficial, holds = bool(atlas.holds("mutual_benefit")[-1]), bool(atlas.holds("internal")[-1])
    if atlas.samples is None:
        return subject + tr.gettext(_CENTRAL[beneficial, holds])
    share = float(atlas.probability("mutual_benefit", "internal")[-1])
    verdict = _SURE if share >= SURE else _UNSURE if share > 1 - SURE else _SURELY_NOT
    return subject + tr.gettext(verdict, share=share)


def holdings(atlas: Atlas, tr: Translator) -> list[HoldingRow]:
    """One row a concept."""
    rows = []
    for name, concept in CONCEPTS.items():
        share = MISSING if atlas.samples is None else tr.percent(100 * float(atlas.probability(name)[-1]), 0)
        passes = bool(atlas.holds(name)[-1])
        rows.append(
            HoldingRow(
                name,
                tr.gettext(concept.label),
                tr.gettext(concept.definition),
                concept.source,
                tr.gettext("yes") if passes else tr.gettext("no"),
                passes,
                share,
                _largest(atlas, name, tr),
            )
        )
    return rows


def _largest(atlas: Atlas, concept: str, tr: Translator) -> str:
    found = atlas.holds(concept)
    rows = [int(row) for row in atlas.listed if found[row]]
    count = sizes(len(atlas.members))
    rows.sort(key=lambda row: (-count[row], row))
    shown = SHOWN if len(atlas.members) <= FEW else SHOWN_LONG
    names = ", ".join("+".join(members_of(row, atlas.members)) or union_name((), tr) for row in rows[:shown])
    if len(rows) > shown:
        names += tr.ngettext(" and {n} more", " and {n} more", len(rows) - shown)
    return names or tr.gettext(message("none"))


def shares(found: Unions, tr: Translator) -> list[ShareRow]:
    """One row a state: what it has in the union of all, what outside it, and two ways to share."""
    atlas = found.atlas
    last = len(atlas) - 1
    sharing = atlas.sharing
    places = decimals(np.abs(atlas.payoff[last]).max())
    rows = []
    for k, state in enumerate(atlas.members):
        rows.append(
            ShareRow(
                state,
                tr.territory(state),
                tr.number(float(atlas.welfare[last, atlas.worlds.places[k]]), 3, signed=True),
                *(
                    tr.number(float(value), places, signed=True)
                    for value in (
                        atlas.payoff[last, k],
                        atlas.payoff[last & ~(1 << k), k],
                        sharing.shapley[k],
                        sharing.nucleolus[k],
                    )
                ),
            )
        )
    return rows


def decimals(largest: float) -> int:
    """Decimals of a column of money."""
    return 0 if largest >= 1000 else 1 if largest >= 10 else 2


def transfer_sentences(atlas: Atlas, tr: Translator) -> list[str]:
    """Say the least transfers for the union of all, for mutual benefit and for it to hold."""
    try:
        return [transfer_sentence(atlas.transfers(self_enforcing=firm), tr) for firm in (False, True)]
    except DostastyqError as refusal:
        return [refusal.message]


def transfer_sentence(found: Transfers, tr: Translator) -> str:
    """Say the least transfers in a sentence."""
    aim = tr.gettext(
        message("For every member to gain")
        if found.aim == "mutual_benefit"
        else message("For nobody to be better off outside")
    )
    if not found.needed:
        return tr.gettext(message("{aim}: no transfers are needed."), aim=aim)
    if not found.possible:
        return tr.gettext(
            message(
                "{aim}: no transfers between the members can do it; {missing:,.1f} million US dollars are missing."
            ),
            aim=aim,
            missing=found.missing,
        )
    payers, receivers = (
        tr.join(
            f"{tr.territory(state)} {tr.number(abs(float(value)), 1)}"
            for state, value in zip(found.members, found.payments, strict=True)
            if sign * value > 0.05
        )
        for sign in (-1, 1)
    )
    return tr.gettext(
        message(
            "{aim}: {total:,.1f} million US dollars a year change hands; paid by {payers}, received by {receivers}."
        ),
        aim=aim,
        total=found.total,
        payers=payers,
        receivers=receivers,
    )
