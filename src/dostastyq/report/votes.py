"""The vote of an assessment in words: who is for it, who is not, and what that comes to."""

from dataclasses import dataclass

from dostastyq.assess.model import Assessment
from dostastyq.assess.voting_check import VotingCheck, VotingReading
from dostastyq.i18n import Translator, message
from dostastyq.register.rules import RULE_KINDS
from dostastyq.register.status import GRADES
from dostastyq.report.headline import contrast_label

_CASES = {
    "": message("By these votes"),
    "for": message("If the undecided are for it"),
    "against": message("If the undecided are against it"),
    "non_interest": message("If the undecided declare no interest"),
    "central": message("If the undecided vote by the central estimate"),
}
_RESULTS = {
    True: message("adopted, binding {states:territories}"),
    False: message("not adopted"),
    None: message("undetermined: sources disagree on the rule"),
}
_LEANINGS = {
    "for": message("For"),
    "against": message("Against"),
    "undecided": message("Undecided (the interval covers zero, or there is no figure)"),
}


@dataclass(frozen=True, slots=True)
class ContrastVoteView:
    """The vote of one contrast: who leans where, and each case with its result and reason."""

    label: str
    leanings: list[tuple[str, str]]
    cases: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class VotingView:
    """What the page and the terminal say of the vote."""

    title: str
    body: str
    note: str
    basis: str
    contrasts: list[ContrastVoteView]


def voting_view(assessment: Assessment, tr: Translator) -> VotingView | None:
    """Say the vote of `assessment` in the language of `tr`; None where no vote was taken up at all."""
    check = assessment.voting
    if check is None:
        return None
    labels = {contrast.otherwise: contrast_label(assessment, contrast, tr) for contrast in assessment.contrasts}
    return VotingView(
        title=tr.gettext(message("Would the body adopt it?")),
        body=_body(check, tr),
        note=tr.text(check.note),
        basis=_basis(check, tr),
        contrasts=[
            ContrastVoteView(
                labels[vote.otherwise],
                [
                    (tr.gettext(name), tr.territories(states))
                    for leaning, name in _LEANINGS.items()
                    if (states := [state for state, said in vote.votes if said == leaning])
                ],
                [(tr.gettext(_CASES[case.undecided]), *_result(case, tr)) for case in vote.readings],
            )
            for vote in check.contrasts
        ],
    )


def _body(check: VotingCheck, tr: Translator) -> str:
    if not check.known:
        return ""
    return tr.gettext(
        message("{body}, {kind}; every state votes by the sign of its own welfare effect."),
        body=check.name,
        kind=tr.gettext(RULE_KINDS[check.kind]),
    )


def _basis(check: VotingCheck, tr: Translator) -> str:
    if not check.known:
        return ""
    return tr.gettext(
        message("Rule of decision and votes: {rule} [{sources}; {grade}]."),
        rule=check.rule,
        sources=", ".join(check.sources),
        grade=tr.gettext(GRADES[check.confidence]),
    )


def _result(reading: VotingReading, tr: Translator) -> tuple[str, str]:
    template = _RESULTS[reading.adopted]
    said = tr.gettext(template, states=reading.bound) if reading.adopted else tr.gettext(template)
    return said, " ".join(tr.text(reason) for reason in reading.reasons)
