"""The table of what an assessment becomes under other assumptions."""

from dataclasses import dataclass

from dostastyq.assess.model import Assessment, SensitivityRow
from dostastyq.i18n import Translator, message

_ASSUMPTIONS = {
    "elasticity": message("Trade elasticity"),
    "imputed_cells": message("Filled cells"),
    "domestic_flows": message("Domestic flows"),
    "elasticity_set": message("Published set of elasticities"),
    "inputs": message("Input-output links"),
    "effect": message("Reading of the effect"),
}
_CASES = {
    ("inputs", "none"): message("none"),
    ("effect", "by_pair"): message("even over a pair's goods"),
    ("effect", "tariffs_only"): message("tariffs alone"),
}
_VARIED = {
    "one-sector": message(
        "Welfare of the members, %, with the 95% interval under it: another trade elasticity θ, cells that nobody "
        "reported scaled by a factor, domestic flows scaled by a factor."
    ),
    "sectors": message(
        "Welfare of the members, %, with the 95% interval under it: other trade elasticities, borrowed input-output "
        "links, and other readings of the estimated effect: its tariff part even over the goods of a pair, or the "
        "tariffs alone without it."
    ),
}


@dataclass(frozen=True, slots=True)
class SensitivityTable:
    """Members by assumption; each case is a heading, and each cell a value with its interval."""

    groups: list[tuple[str, int]]
    cases: list[str]
    rows: list[tuple[str, list[tuple[str, str]]]]


def varied(assessment: Assessment, tr: Translator) -> str:
    """Say in a sentence what the table varies."""
    return tr.gettext(_VARIED[assessment.model])


def sensitivity(
    assessment: Assessment, index: int, members: list[str], decimals: int, tr: Translator
) -> SensitivityTable | None:
    """Lay one contrast out by assumption; None where nothing was varied.

    Parameters
    ----------
    assessment
        The assessment.
    index
        Of the contrast.
    members
        Members in the order of the rows.
    decimals
        Decimals of a figure.
    tr
        The language.
    """
    cases = [row for row in assessment.sensitivity if row.contrast == index]
    if not cases:
        return None
    groups: list[tuple[str, int]] = []
    for row in cases:
        label = tr.gettext(_ASSUMPTIONS[row.assumption])
        if groups and groups[-1][0] == label:
            groups[-1] = (label, groups[-1][1] + 1)
        else:
            groups.append((label, 1))
    return SensitivityTable(
        groups,
        [_case(row, tr) for row in cases],
        [(tr.territory(state), [_cell(row, state, decimals, tr) for row in cases]) for state in members],
    )


def set_name(name: str, tr: Translator) -> str:
    """Name of a set of elasticities: authors and year, as its key gives them; a file's name as it is.

    Examples
    --------
    >>> from dostastyq.i18n import translator
    >>> set_name("caliendo_parro_2015", translator("en")), set_name("uniform_4", translator("ru"))
    ('Caliendo, Parro 2015', '4 во всех секторах')
    """
    *words, last = name.split("_")
    if name == "in_sample":
        return tr.gettext(message("estimated in sample"))
    if not words or not last.isdigit():
        return name
    if words == ["uniform"]:
        return tr.gettext(message("{value} in every sector"), value=int(last))
    return f"{', '.join(words).title()} {last}"


def _case(row: SensitivityRow, tr: Translator) -> str:
    if isinstance(row.value, str):
        case = _CASES.get((row.assumption, row.value))
        return tr.gettext(case) if case else set_name(row.value, tr)
    value = tr.number(row.value)
    return f"θ = {value}" if row.assumption == "elasticity" else f"× {value}"


def _cell(row: SensitivityRow, state: str, decimals: int, tr: Translator) -> tuple[str, str]:
    for code, welfare, low, high in row.states:
        if code == state:
            return tr.number(welfare, decimals, signed=True), interval(low, high, decimals, tr)
    return tr.number(None), ""


def interval(low: float, high: float, decimals: int, tr: Translator) -> str:
    """Write an interval in brackets."""
    return f"[{tr.number(low, decimals)}; {tr.number(high, decimals)}]"
