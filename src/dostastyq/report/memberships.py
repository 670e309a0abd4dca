"""The members of an assessed agreement as a coalition, in words: who would leave or join, what would hold them."""

from dataclasses import dataclass

import numpy as np

from dostastyq.assess.membership import Membership
from dostastyq.assess.model import Assessment
from dostastyq.coalition import CONCEPTS
from dostastyq.i18n import Translator, message
from dostastyq.report.atlas_view import decimals, transfer_sentence
from dostastyq.report.headline import contrast_label

NOTE = message(
    "Every group of the members is solved, and each other state of the register joining them. Probabilities are over "
    "the estimated effects: one coefficient moves all members, so that they mostly say how probable it is that the "
    "agreement raises trade. Money in million US dollars of the base year."
)


@dataclass(frozen=True, slots=True)
class MembershipView:
    """One contrast: tests with their probability, sentences, and what each member has."""

    label: str
    tests: list[tuple[str, str, str, str]]
    sentences: list[str]
    rows: list[tuple[str, str, str, str]]


def membership_views(assessment: Assessment, tr: Translator) -> list[MembershipView]:
    """Say the memberships of `assessment` in the language of `tr`, one a contrast; empty where none was tested."""
    return [
        _view(found, contrast_label(assessment, contrast, tr), tr)
        for found, contrast in zip(assessment.coalition, assessment.contrasts, strict=False)
    ]


def _view(found: Membership, label: str, tr: Translator) -> MembershipView:
    places = decimals(float(np.abs(found.variation).max()))
    tests = [
        (
            tr.gettext(CONCEPTS[name].label),
            tr.gettext(CONCEPTS[name].definition),
            tr.gettext("yes") if holds else tr.gettext("no"),
            tr.percent(100 * found.probability[name], 0),
        )
        for name, holds in found.holds.items()
    ]

    def money(value: float) -> str:
        return tr.number(float(value), places, signed=True)

    columns = zip(found.members, found.variation, found.outside, found.shapley, strict=True)
    rows = [(tr.territory(state), money(own), money(out), money(fair)) for state, own, out, fair in columns]
    return MembershipView(label, tests, sentences(found, tr), rows)


def sentences(found: Membership, tr: Translator) -> list[str]:
    """Say who would change sides, and the least transfers."""
    return [_leave(found, tr), _join(found, tr), *(transfer_sentence(one, tr) for one in found.transfers)]


def _leave(found: Membership, tr: Translator) -> str:
    share = found.probability["internal"]
    if not found.would_leave:
        return tr.gettext(message("No member would be better off outside (probability {share:.0%})."), share=share)
    return tr.gettext(
        message("Better off outside, the others staying in: {states:territories} (probability of none: {share:.0%})."),
        states=found.would_leave,
        share=share,
    )


def _join(found: Membership, tr: Translator) -> str:
    if not found.outsiders:
        return tr.gettext(message("No state of the register that stands alone in the baseline is outside."))
    if not found.would_join:
        return tr.gettext(
            message("No other state of the register would be better off inside (probability {share:.0%})."),
            share=found.probability["external"],
        )
    joining = tr.gettext(message("Better off inside: {states:territories}."), states=found.would_join)
    if not found.welcome:
        return joining + " " + tr.gettext(message("Each of them would cost some member something."))
    return (
        joining + " " + tr.gettext(message("Costing no member anything: {states:territories}."), states=found.welcome)
    )
