"""What must be true of a baseline: named checks that return every problem they find."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from dostastyq.errors import DostastyqError, nearest
from dostastyq.trade import codes

UNIT: Final = "million USD"

CLEARLY_POSITIVE: Final = 0.01
"""Domestic flows below this share of an economy's output are refused: the equilibrium would hang on rounding."""

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and what to do about it.

    Parameters
    ----------
    code
        Stable identifier, ``"TR0.."``.
    message
        Where, what was found and what was expected.
    hint
        Remedy.
    """

    code: str
    message: str
    hint: str = ""


def refuse(problems: Sequence[Problem]) -> None:
    """Raise one error that lists all `problems`; nothing happens when there are none.

    Examples
    --------
    >>> refuse([Problem("TR006", "KAZ to RUS is -1", "correct it")])
    Traceback (most recent call last):
    dostastyq.errors.DostastyqError: KAZ to RUS is -1 (correct it)
    """
    if not problems:
        return
    lines = [problem.message for problem in problems[:_SHOWN]]
    if len(problems) > _SHOWN:
        lines.append(f"and {len(problems) - _SHOWN} more")
    hints = dict.fromkeys(problem.hint for problem in problems[:_SHOWN] if problem.hint)
    raise DostastyqError(problems[0].code, "\n".join(lines), "; ".join(hints))


def check_codes(economies: Sequence[str], aggregates: Iterable[str] = ()) -> list[Problem]:
    """Codes are unique and known."""
    own = tuple(aggregates)
    repeated = sorted({code for code in economies if economies.count(code) > 1})
    found = [Problem("TR013", f"economy {code} is listed twice", "list every economy once") for code in repeated]
    return found + [unknown_code(code, own) for code in codes.unknown(economies, own)]


def unknown_code(code: str, aggregates: Iterable[str] = (), where: str = "") -> Problem:
    """State that `code` is not an economy, with the codes of the same letters or else the nearest.

    Examples
    --------
    >>> unknown_code("KZA").hint
    "did you mean 'KAZ'? or name an aggregate of your own with aggregates=['KZA']"
    """
    place = f"{where}: " if where else ""
    known = codes.economies() | frozenset(aggregates)
    same_letters = [other for other in known if sorted(other) == sorted(code.upper())]
    close = nearest(code, same_letters or known)
    remedy = f"name an aggregate of your own with aggregates=[{code!r}]"
    return Problem(
        "TR008",
        f"{place}found {code!r}, expected an ISO 3166-1 alpha-3 code or ROW",
        f"{close} or {remedy}" if close else remedy,
    )


def check_shape(flows: npt.NDArray[np.float64], economies: Sequence[str], sectors: Sequence[str]) -> list[Problem]:
    """Flows are sector by importer by exporter, square, and labels match."""
    expected = (len(sectors), len(economies), len(economies))
    if flows.shape == expected:
        return []
    message = f"flows have shape {flows.shape}, expected (sector, importer, exporter) = {expected}"
    return [Problem("TR013", message, "give one label a row and the same economies as importers and exporters")]


def check_values(
    flows: npt.NDArray[np.float64], economies: Sequence[str], sectors: Sequence[str], what: str = "trade"
) -> list[Problem]:
    """Every cell is a finite number and none is negative."""
    found = []
    kinds = (
        ("TR005", np.isnan(flows), "is missing", "a missing cell is never taken as 0: give a value, or 0 if none"),
        ("TR012", np.isinf(flows), "is infinite", "give a finite number"),
        ("TR006", flows < 0, "is negative", "flows are values of goods sold and cannot be below 0"),
    )
    for code, where, verb, hint in kinds:
        for sector, importer, exporter in np.argwhere(where):
            place = f"{what} {economies[exporter]} to {economies[importer]}, sector {sectors[sector]}"
            value = flows[sector, importer, exporter]
            found.append(Problem(code, f"{place} {verb} (found {value:g})", hint))
    return found


def check_domestic(flows: npt.NDArray[np.float64], economies: Sequence[str]) -> list[Problem]:
    """Every economy sells a clearly positive part of its output at home."""
    domestic = np.einsum("snn->n", flows)
    output = flows.sum(axis=(0, 1))
    return [
        Problem(
            "TR009",
            f"domestic flow of {code} is {home:,.6g} of an output of {total:,.6g}, "
            f"expected at least {CLEARLY_POSITIVE:.0%} of it",
            "domestic flow = gross output - exports; check the units of both",
        )
        for code, home, total in zip(economies, domestic, output, strict=True)
        if not home > CLEARLY_POSITIVE * total
    ]


def problems(
    flows: npt.NDArray[np.float64],
    tariffs: npt.NDArray[np.float64] | None,
    economies: Sequence[str],
    sectors: Sequence[str],
    *,
    unit: str = UNIT,
    aggregates: Iterable[str] = (),
) -> list[Problem]:
    """Everything that is wrong with a baseline, the most basic first.

    Parameters
    ----------
    flows, tariffs
        Sector by importer by exporter; million USD and fractions.
    economies, sectors
        Labels.
    unit
        Unit of `flows`.
    aggregates
        Codes of the user's own, allowed beside ISO codes.

    Returns
    -------
    list of Problem
        Empty when the baseline is sound.
    """
    found = check_codes(economies, aggregates) + check_shape(flows, economies, sectors)
    if unit != UNIT:
        found.append(Problem("TR010", f"found unit {unit!r}, expected {UNIT!r}", "convert before construction"))
    if found:
        return found
    found = check_values(flows, economies, sectors)
    if tariffs is not None:
        if tariffs.shape != flows.shape:
            return [*found, Problem("TR011", f"tariffs have shape {tariffs.shape}, flows {flows.shape}", "match them")]
        found += check_values(tariffs, economies, sectors, what="tariff")
    return found or check_domestic(flows, economies)
