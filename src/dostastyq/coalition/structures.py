"""Several unions side by side: every structure solved, and those that hold."""

from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Final

import numpy as np

from dostastyq.coalition import externalities
from dostastyq.coalition.concepts import Concept
from dostastyq.coalition.externalities import Table
from dostastyq.coalition.model import MOST_LISTED, Atlas, Samples
from dostastyq.coalition.partitions import Labels, bell, partitions, unions, with_unions
from dostastyq.coalition.subsets import Bools, FloatArray, members_of
from dostastyq.coalition.table import solve
from dostastyq.coalition.uncertainty import grid
from dostastyq.i18n import Text, message
from dostastyq.parallel import Cache, Progress

EXACT = 8
"""States up to which every structure is solved: Bell(8) = 4,140."""

DRAWN = 6
"""States up to which structures are also tested over the draws of the effects: Bell(6) = 203."""

PRUNED: Final = Text(
    "Only structures with at most two unions, each internally stable on its own, were solved: three unions side by "
    "side, and unions that hold only because of another, are missed."
)

STRUCTURE_CONCEPTS: Final = {
    concept.name: concept
    for concept in (
        Concept(
            "nash",
            message("Nash-stable"),
            message("no state would rather be alone or in another of the unions, whose consent it needs not"),
            "Bogomolnaia, Jackson (2002)",
            externalities.nash_stable,
        ),
        Concept(
            "individual",
            message("individually stable"),
            message("no state would rather be alone or in another of the unions all of whose members would have it"),
            "Bogomolnaia, Jackson (2002)",
            externalities.individually_stable,
        ),
        Concept(
            "core_gamma",
            message("in the core (γ)"),
            message("no group would all be better off as a union; unions it leaves fall apart"),
            "Hart, Kurz (1983)",
            partial(externalities.core_stable, others="gamma"),
        ),
        Concept(
            "core_delta",
            message("in the core (δ)"),
            message("no group would all be better off as a union; unions it leaves go on without it"),
            "Hart, Kurz (1983)",
            partial(externalities.core_stable, others="delta"),
        ),
        Concept(
            "efficient",
            message("worth most together"),
            message("no other structure gives the states more together, in money"),
            "Kaldor (1939)",
            externalities.efficient,
        ),
    )
}


@dataclass(frozen=True, eq=False)
class Structures:
    """The welfare of some states in every structure of unions. Made by `structures`.

    Parameters
    ----------
    members
        The n states.
    labels
        Structures, shape (P, n); see `dostastyq.coalition.partitions`.
    payoff
        Equivalent variation over the world without unions, million USD of the base year, shape (P, n).
    exact
        Whether every structure was solved.
    pruning
        What was left out and what that may miss; empty when nothing was.
    expenditure, samples
        Base expenditure of the states, shape (n,), and outcomes over the effects; None without draws or for many
        states.
    """

    members: tuple[str, ...]
    labels: Labels = field(repr=False)
    payoff: FloatArray = field(repr=False)
    exact: bool
    pruning: str = ""
    expenditure: FloatArray | None = field(default=None, repr=False)
    samples: Samples | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def _tests(self) -> dict[str, Bools]:
        table = Table(self.labels, self.payoff)
        return {name: concept.test(table) for name, concept in STRUCTURE_CONCEPTS.items()}

    def name(self, row: int) -> tuple[tuple[str, ...], ...]:
        """Unions of a structure; states in none are not named."""
        return tuple(members_of(mask, self.members) for mask in unions(self.labels[row]))

    def stable(self, concept: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """Structures that pass a test; an empty one has no union."""
        return tuple(self.name(row) for row in self.rows(concept))

    def rows(self, concept: str) -> list[int]:
        """Rows of the structures that pass a test."""
        return np.flatnonzero(self._tests[concept]).tolist()

    @cached_property
    def probabilities(self) -> dict[str, FloatArray] | None:
        """Probability over the effects that every structure passes each test, shape (P,); None without draws."""
        if self.samples is None or self.expenditure is None:
            return None
        apart = apart_row(self.labels)
        counts = {name: np.zeros(len(self)) for name in STRUCTURE_CONCEPTS}
        for payoff in self.samples.payoffs(self.expenditure, apart):
            table = Table(self.labels, payoff)
            for name, concept in STRUCTURE_CONCEPTS.items():
                counts[name] += concept.test(table)
        return {name: count / len(self.samples) for name, count in counts.items()}

    def _likeliest(self, concept: str) -> list[dict[str, Any]]:
        assert self.probabilities is not None
        share = self.probabilities[concept]
        rows = np.argsort(-share, kind="stable")[:MOST_LISTED]
        return [
            {"unions": [list(union) for union in self.name(int(row))], "probability": float(share[row])}
            for row in rows
            if share[row] > 0
        ]

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "members": list(self.members),
            "probability": None
            if self.probabilities is None
            else {name: self._likeliest(name) for name in STRUCTURE_CONCEPTS},
            "solved": len(self),
            "all": bell(len(self.members)),
            "exact": self.exact,
            "pruning": self.pruning,
            "stable": {
                name: [[list(union) for union in structure] for structure in self.stable(name)]
                for name in STRUCTURE_CONCEPTS
            },
            "concepts": {
                name: {"definition": concept.definition, "source": concept.source}
                for name, concept in STRUCTURE_CONCEPTS.items()
            },
        }


def structures(
    atlas: Atlas, *, workers: int = 1, cache: Cache | None = None, progress: Progress | None = None
) -> Structures:
    """Solve the structures of unions that the states of an atlas can form.

    Up to eight states every partition is solved. Beyond, only structures with at most two unions, each of which is
    internally stable when it stands alone (in the atlas): three unions side by side, and a union that only holds
    because another one stands, are missed, and so are deviations that lead there.

    Parameters
    ----------
    atlas
        The states, the kind of union, the effects and the reference world.
    workers, cache, progress
        As in `dostastyq.parallel.run`.

    Returns
    -------
    Structures
        With probabilities where the atlas has draws, up to six states.
    """
    n = len(atlas.members)
    exact = n <= EXACT
    labels = partitions(n) if exact else pruned(atlas)
    nodes = grid(atlas.worlds, uncertain=atlas.samples is not None and n <= DRAWN)
    found = solve(
        atlas.worlds,
        [unions(row) for row in labels],
        nodes.coefficients,
        workers=workers,
        cache=cache,
        progress=progress,
    )[:, :, list(atlas.worlds.places)]
    money = atlas.expenditure[list(atlas.worlds.places)]
    real = np.exp(found[0])
    payoff = (real - real[apart_row(labels)]) * money
    samples = None
    if atlas.samples is not None and n <= DRAWN:
        samples = Samples(found, nodes.weights(len(atlas.samples)))
    return Structures(atlas.members, labels, payoff, exact, "" if exact else PRUNED, money, samples)


def apart_row(labels: Labels) -> int:
    """Row in which everybody is alone."""
    return int(np.argmax((labels == np.arange(labels.shape[1])).all(axis=1)))


def pruned(atlas: Atlas) -> Labels:
    """Structures with at most two unions, each internally stable on its own, shape (P, n)."""
    n = len(atlas.members)
    candidates = [int(mask) for mask in atlas.listed if mask and atlas.holds("internal")[mask]]
    sets: list[tuple[int, ...]] = [(), *((mask,) for mask in candidates)]
    array = np.array(candidates, dtype=np.int64)
    for mask in candidates:
        sets += [(mask, int(other)) for other in array[(array > mask) & (array & mask == 0)]]
    return np.array([with_unions(n, masks) for masks in sets], dtype=np.int64)
