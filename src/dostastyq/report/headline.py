"""What an assessment says in a sentence: who gains, who loses, and how sure that is.

Two readings of the same figures are kept apart. The *verdict* is what the data establish: a sign counts only where the
95% interval leaves zero out, and does so under every assumption of the sensitivity table as well, for an interval
carries the doubt about the estimated effects and no other. The *central estimate* is what the point estimates say.
When no sign counts the verdict is that the data cannot tell, whatever the point estimates are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dostastyq.assess.model import Assessment, Contrast, SensitivityRow, StateResult
from dostastyq.i18n import Text, Translator, message, translator

ZERO_PERCENT = 1e-9
"""Effects smaller than this are the solver's noise and count as zero."""

NEGLIGIBLE_PERCENT = 5e-4
"""Effects that three decimals show as zero: a member they fall on is neither a gainer nor a loser."""

Verdict = Literal["nothing", "unclear", "gain", "loss", "partly"]

_LABELS = {
    ("exists", "register"): message("Over the law that would otherwise apply"),
    ("exists", "none"): message("Over no preference at all"),
    ("leave", "register"): message("If the other treaties stay in force"),
    ("leave", "none"): message("If no preference remains"),
    ("join", "register"): message("Over the law in force"),
    ("join", "none"): message("Over no preference at all"),
}
_VERDICTS: dict[Verdict, str] = {
    "nothing": message("nothing changes for the members."),
    "unclear": message("the data cannot tell whether the members gain or lose."),
    "gain": message("every member gains, and for each of them the data establish it."),
    "loss": message("every member loses, and for each of them the data establish it."),
    "partly": message("the data establish a gain or a loss for some members only."),
}
_CERTAINTY: dict[Verdict, str] = {
    "nothing": message("The two worlds do not differ for the members, so there is nothing to be sure of."),
    "unclear": message("The 95% interval covers zero for every member: neither a gain nor a loss is established."),
    "gain": message("The 95% interval lies above zero for every member."),
    "loss": message("The 95% interval lies below zero for every member."),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """Members of one contrast by sign and certainty, each ranked from the largest gain to the largest loss.

    Parameters
    ----------
    gainers, losers, unmoved
        Members by the sign of the central estimate.
    sure_gainers, sure_losers
        Members whose 95% interval leaves zero out, here and under every assumption of the sensitivity table.
    fragile
        Members whose 95% interval leaves zero out here, but not under every assumption.
    verdict
        What the data establish about the members.
    """

    gainers: tuple[str, ...]
    losers: tuple[str, ...]
    unmoved: tuple[str, ...]
    sure_gainers: tuple[str, ...]
    sure_losers: tuple[str, ...]
    fragile: tuple[str, ...]
    verdict: Verdict


def read(contrast: Contrast, assumptions: Sequence[SensitivityRow] = ()) -> Reading:
    """Sort the members of `contrast` by sign and certainty.

    Parameters
    ----------
    contrast
        The contrast.
    assumptions
        Its rows of the sensitivity table, see `assumptions_of`.
    """
    members = sorted((r for r in contrast.states if r.member), key=lambda r: (-r.welfare_percent, r.state))
    gaining = [r.state for r in members if r.low > NEGLIGIBLE_PERCENT]
    losing = [r.state for r in members if r.high < -NEGLIGIBLE_PERCENT]
    cells = [cell for row in assumptions for cell in row.states]
    open_up = {state for state, _, low, _ in cells if low <= 0}
    open_down = {state for state, _, _, high in cells if high >= 0}
    sure_gainers = tuple(state for state in gaining if state not in open_up)
    sure_losers = tuple(state for state in losing if state not in open_down)
    sure = {*sure_gainers, *sure_losers}
    return Reading(
        gainers=tuple(r.state for r in members if r.welfare_percent > NEGLIGIBLE_PERCENT),
        losers=tuple(r.state for r in members if r.welfare_percent < -NEGLIGIBLE_PERCENT),
        unmoved=tuple(r.state for r in members if abs(r.welfare_percent) <= NEGLIGIBLE_PERCENT),
        sure_gainers=sure_gainers,
        sure_losers=sure_losers,
        fragile=tuple(state for state in (*gaining, *losing) if state not in sure),
        verdict=_verdict(members, len(sure_gainers), len(sure_losers)),
    )


def assumptions_of(assessment: Assessment, index: int) -> tuple[SensitivityRow, ...]:
    """Rows of the sensitivity table that a sign in the contrast at `index` must survive.

    Tariffs that act alone are no such row: they leave aside the very effect whose sign is in question.
    """
    return tuple(row for row in assessment.sensitivity if row.contrast == index and row.value != "tariffs_only")


def covers_zero(result: StateResult) -> bool:
    """Whether the 95% interval of `result` leaves the sign of its welfare effect open."""
    return result.low <= ZERO_PERCENT and result.high >= -ZERO_PERCENT


def headline(assessment: Assessment, language: str = "en") -> str:
    """Sum `assessment` up: what the data establish about the members, contrast by contrast where they differ.

    Parameters
    ----------
    assessment
        The assessment.
    language
        ``"kk"``, ``"ru"`` or ``"en"``.
    """
    tr = translator(language)
    verdicts = [
        read(contrast, assumptions_of(assessment, index)).verdict for index, contrast in enumerate(assessment.contrasts)
    ]
    if len(set(verdicts)) == 1:
        return f"{subject(assessment, tr)} {tr.gettext(_VERDICTS[verdicts[0]])}"
    parts = [
        f"{contrast_label(assessment, contrast, tr)}: {tr.gettext(_VERDICTS[verdict])}"
        for contrast, verdict in zip(assessment.contrasts, verdicts, strict=True)
    ]
    return " ".join([subject(assessment, tr)[:-1] + ".", *parts])


def subject(assessment: Assessment, tr: Translator) -> str:
    """Name what is assessed: the agreement, or the change of its membership; ends with a colon or a comma."""
    scenario = assessment.scenario
    leave, join = scenario.get("leave") or (), scenario.get("join") or ()
    if leave and join:
        return tr.gettext("Leaving: {leave:territories}; joining: {join:territories}:", leave=leave, join=join)
    if leave:
        return tr.ngettext(
            "If {states:territories} leaves,", "If {states:territories} leave,", len(leave), states=leave
        )
    if join:
        return tr.ngettext("If {states:territories} joins,", "If {states:territories} join,", len(join), states=join)
    return tr.gettext("{title}:", title=scenario["title"])


def contrast_label(assessment: Assessment, contrast: Contrast, tr: Translator) -> str:
    """Name the contrast by what it compares with."""
    scenario = assessment.scenario
    change = "leave" if scenario.get("leave") else "join" if scenario.get("join") else "exists"
    if label := _LABELS.get((change, contrast.otherwise)):
        return tr.gettext(label)
    return tr.gettext("With another law instead: {law}", law=contrast.otherwise)


def central_sentence(contrast: Contrast, tr: Translator) -> str:
    """Say who gains and who loses at the central estimate."""
    reading = read(contrast)
    match bool(reading.gainers), bool(reading.losers), bool(reading.unmoved):
        case True, False, False:
            text = Text("At the central estimate every member gains: mutually beneficial.")
        case False, True, False:
            text = Text("At the central estimate every member loses.")
        case False, False, _:
            text = Text("The central estimate is zero for every member: nobody gains, nobody loses.")
        case True, True, _:
            text = Text(
                "At the central estimate the gains go to {gainers:territories}, the losses to {losers:territories}: "
                "not mutually beneficial.",
                gainers=reading.gainers,
                losers=reading.losers,
            )
        case True, False, _:
            text = Text(
                "At the central estimate the gains go to {gainers:territories}; the other members are not affected.",
                gainers=reading.gainers,
            )
        case _:
            text = Text(
                "At the central estimate the losses go to {losers:territories}; the other members are not affected.",
                losers=reading.losers,
            )
    return tr.text(text)


def certainty_sentence(contrast: Contrast, tr: Translator, assumptions: Sequence[SensitivityRow] = ()) -> str:
    """Say for which members the data establish the sign; `assumptions` as in `read`."""
    reading = read(contrast, assumptions)
    if reading.verdict in _CERTAINTY and not reading.fragile:
        return tr.gettext(_CERTAINTY[reading.verdict])
    named = (
        (
            message("Within the model a gain is established for {codes:territories}, under every assumption tried."),
            reading.sure_gainers,
        ),
        (
            message("Within the model a loss is established for {codes:territories}, under every assumption tried."),
            reading.sure_losers,
        ),
        (
            message(
                "For {codes:territories} the interval leaves zero out here, but not under every assumption of the "
                "sensitivity table: the sign is not established."
            ),
            reading.fragile,
        ),
    )
    parts = [tr.gettext(text, codes=codes) for text, codes in named if codes]
    if sum(len(codes) for _, codes in named) < sum(r.member for r in contrast.states):
        parts.append(tr.gettext("For the other members the sign is open or there is no effect."))
    return " ".join(parts)


def _verdict(members: list[StateResult], gaining: int, losing: int) -> Verdict:
    if members and gaining == len(members):
        return "gain"
    if members and losing == len(members):
        return "loss"
    if gaining or losing:
        return "partly"
    if all(max(abs(r.low), abs(r.high), abs(r.welfare_percent)) <= ZERO_PERCENT for r in members):
        return "nothing"
    return "unclear"
