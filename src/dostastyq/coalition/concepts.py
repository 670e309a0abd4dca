"""The concepts of stability, each in one line with its source; the same words stand in results and reports."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from dostastyq.coalition import stability
from dostastyq.coalition.subsets import Bools, FloatArray
from dostastyq.i18n import message


@dataclass(frozen=True, slots=True)
class Concept:
    """A test of every coalition.

    Parameters
    ----------
    name
        Stable name.
    label, definition
        What people call it, and what it says, in one line; messages to be translated.
    source
        Where it is from.
    test
        From payoffs, shape (2^n, n), to whether it holds, shape (2^n,); for structures from their table.
    """

    name: str
    label: str
    definition: str
    source: str
    test: Callable[[Any], Bools]


def nash(payoff: FloatArray) -> Bools:
    """Internally and externally stable: no state alone would change its mind, shape (2^n,)."""
    return stability.internal(payoff) & stability.external(payoff)


CONCEPTS: Final = {
    concept.name: concept
    for concept in (
        Concept(
            "mutual_benefit",
            message("mutually beneficial"),
            message("every member is better off than with no union"),
            "Pareto (1906)",
            stability.beneficial,
        ),
        Concept(
            "pareto",
            message("Pareto-optimal"),
            message("no other union makes some state better off and none worse off"),
            "Pareto (1906)",
            stability.pareto,
        ),
        Concept(
            "internal",
            message("internally stable"),
            message("no member would be better off outside, the others staying in"),
            "d'Aspremont, Jacquemin, Gabszewicz, Weymark (1983)",
            stability.internal,
        ),
        Concept(
            "external",
            message("externally stable"),
            message("no outsider would be better off inside"),
            "d'Aspremont, Jacquemin, Gabszewicz, Weymark (1983)",
            stability.external,
        ),
        Concept(
            "nash",
            message("Nash-stable"),
            message("internally and externally stable: with open doors, no state alone would change its mind"),
            "d'Aspremont et al. (1983); Bogomolnaia, Jackson (2002)",
            nash,
        ),
        Concept(
            "individual",
            message("individually stable"),
            message("no member would leave, and no outsider who wants in is welcome to every member"),
            "Drèze, Greenberg (1980); Bogomolnaia, Jackson (2002)",
            stability.individual,
        ),
        Concept(
            "core",
            message("in the core"),
            message("no group of states would all be better off with a union of their own, the others in none"),
            "Gillies (1959); Hart, Kurz (1983)",
            stability.core_stable,
        ),
        Concept(
            "coalition_proof",
            message("coalition-proof"),
            message("no group gains by joining or leaving together in a way that none of its parts would undo"),
            "Bernheim, Peleg, Whinston (1987)",
            stability.coalition_proof,
        ),
    )
}
