"""The noun of this package: the welfare of every state in every coalition, and what follows from it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dostastyq import __version__
from dostastyq.coalition.concepts import CONCEPTS
from dostastyq.coalition.games import core, has_core, shapley
from dostastyq.coalition.nucleolus import nucleolus
from dostastyq.coalition.subsets import Bools, FloatArray, Masks, all_masks, mask_of, members_of, membership
from dostastyq.coalition.transfers import Transfers, least_transfers
from dostastyq.coalition.worlds import Worlds
from dostastyq.errors import DostastyqError, nearest
from dostastyq.provenance import Provenance

if TYPE_CHECKING:
    import polars as pl

MOST_LISTED = 100
"""Coalitions listed with their probability, the likeliest first."""


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Outcomes over the uncertainty of the effects.

    Parameters
    ----------
    log_welfare
        Of the states that may form unions, at the nodes, shape (M, worlds, n); the worlds of an atlas are its 2^n rows.
    weights
        Weight of each node in each draw, shape (draws, M).
    """

    log_welfare: FloatArray
    weights: FloatArray

    def __len__(self) -> int:
        return len(self.weights)

    def payoffs(self, expenditure: FloatArray, reference: int = 0) -> Iterator[FloatArray]:
        """Equivalent variation of every state over the world of row `reference`, draw by draw, shape (worlds, n)."""
        nodes, *shape = self.log_welfare.shape
        flat = self.log_welfare.reshape(nodes, -1)
        for weight in self.weights:
            real = np.exp((weight @ flat).reshape(shape))
            yield (real - real[reference]) * expenditure


@dataclass(frozen=True, slots=True, eq=False)
class Sharing:
    """How the states of the largest coalition may share what their union makes; million USD of the base year.

    Parameters
    ----------
    members
        All n states.
    worth
        v of the union of all.
    shapley, nucleolus
        What each gets, shape (n,).
    core_empty
        Whether some group could always claim more than it is given.
    core_least
        What the union would have to make for every group to be content.
    shapley_deviation
        Standard deviation of the Shapley value over the effects, shape (n,); None without draws.
    core_probability
        Probability over the effects that the core is not empty; None without draws.
    """

    members: tuple[str, ...]
    worth: float
    shapley: FloatArray
    nucleolus: FloatArray
    core_empty: bool
    core_least: float
    shapley_deviation: FloatArray | None = None
    core_probability: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        deviation = self.shapley_deviation
        return {
            "members": list(self.members),
            "worth": self.worth,
            "shapley": dict(zip(self.members, self.shapley.tolist(), strict=True)),
            "shapley_standard_deviation": None
            if deviation is None
            else dict(zip(self.members, deviation.tolist(), strict=True)),
            "nucleolus": dict(zip(self.members, self.nucleolus.tolist(), strict=True)),
            "core_empty": self.core_empty,
            "core_least": self.core_least,
            "core_probability": self.core_probability,
        }


@dataclass(frozen=True, eq=False)
class Atlas:
    """The welfare of every economy in every coalition of some states. Made by `atlas`.

    Coalitions are rows by bit mask: bit k of the row's number says whether ``members[k]`` is in. The empty coalition
    and single states are the reference world, in which no union stands. States that are not in the union are in none.

    Parameters
    ----------
    worlds
        The economy, the states, the kind of union and the reference world.
    log_welfare
        Log real income relative to the base, shape (2^n, N).
    expenditure
        Expenditure of the base, shape (N,), million USD of the base year (the unit of the economy's flows).
    samples
        Outcomes over the effects, None when no draws were asked for.
    notes
        What was assumed, one sentence each.
    """

    worlds: Worlds
    log_welfare: FloatArray = field(repr=False)
    expenditure: FloatArray = field(repr=False)
    samples: Samples | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()

    @property
    def members(self) -> tuple[str, ...]:
        """The n states that may form unions."""
        return self.worlds.members

    @property
    def economies(self) -> tuple[str, ...]:
        """The N economies of the base."""
        return tuple(str(label) for label in self.worlds.economy.labels)

    @property
    def union(self) -> str:
        """Kind of union."""
        return self.worlds.union

    @property
    def reference(self) -> str:
        """Name of the world without union."""
        return self.worlds.reference.name

    @property
    def external_tariff(self) -> str | None:
        """Rule of the common external tariff, None where there is none."""
        return None if self.worlds.external is None else self.worlds.external.name

    def __len__(self) -> int:
        return len(self.log_welfare)

    def __repr__(self) -> str:
        return f"Atlas({', '.join(self.members)}; {self.union}, reference {self.reference}, {len(self)} coalitions)"

    @cached_property
    def welfare(self) -> FloatArray:
        """Welfare in per cent of real income in the reference world, shape (2^n, N)."""
        return np.asarray(100 * np.expm1(self.log_welfare - self.log_welfare[0]))

    @cached_property
    def variation(self) -> FloatArray:
        """Equivalent variation over the reference world at base prices, million USD of the base year, shape (2^n, N).

        Base expenditure times the difference of real incomes (base = 1): what the change is worth to each economy in
        money of the base, so that the figures of different coalitions and economies may be added up.
        """
        real = np.exp(self.log_welfare)
        return np.asarray((real - real[0]) * self.expenditure)

    @cached_property
    def payoff(self) -> FloatArray:
        """Equivalent variation of the n states themselves, shape (2^n, n)."""
        return np.asarray(self.variation[:, list(self.worlds.places)])

    @cached_property
    def worth(self) -> FloatArray:
        """Worth v(S) of every coalition: the sum of its members' equivalent variation, shape (2^n,)."""
        inside = membership(len(self.members))
        return np.asarray((self.payoff * inside).sum(axis=1) * (inside.sum(axis=1) > 1))

    def row(self, *states: str) -> int:
        """Row of the coalition of some states.

        Raises
        ------
        DostastyqError
            ``CO001``, ``CO002``.
        """
        return mask_of(states, self.members)

    def of(self, *states: str) -> dict[str, float]:
        """Welfare of every economy, per cent, when some states are in a union."""
        return dict(zip(self.economies, self.welfare[self.row(*states)].tolist(), strict=True))

    @cached_property
    def listed(self) -> Masks:
        """Rows that stand for different worlds: no union, then every coalition of two states or more."""
        masks = all_masks(len(self.members))
        return np.asarray(masks[(masks == 0) | (masks & (masks - 1) != 0)])

    def holds(self, concept: str) -> Bools:
        """Whether every coalition passes a test, shape (2^n,).

        Raises
        ------
        DostastyqError
            ``CO007`` for a concept that is not known.
        """
        return self._tests[_known(concept)]

    @cached_property
    def _tests(self) -> dict[str, Bools]:
        return {name: concept.test(self.payoff) for name, concept in CONCEPTS.items()}

    def stable(self, concept: str) -> tuple[tuple[str, ...], ...]:
        """Coalitions that pass a test; the empty one stands for no union at all."""
        found = self.holds(concept)
        return tuple(members_of(int(mask), self.members) for mask in self.listed if found[mask])

    def probability(self, *concepts: str) -> FloatArray:
        """Probability over the effects that every coalition passes a test, or several at once, shape (2^n,).

        Raises
        ------
        DostastyqError
            ``CO007``; ``CO008`` when the atlas was made without draws.
        """
        if self.samples is None:
            raise DostastyqError("CO008", "this atlas holds no draws of the effects", "make it with draws=400, say")
        if len(concepts) == 1:
            return self._shares[_known(concepts[0])]
        tests = [CONCEPTS[_known(concept)].test for concept in concepts]
        count = np.zeros(len(self))
        for payoff in self.samples.payoffs(self.expenditure[list(self.worlds.places)]):
            count += np.logical_and.reduce([test(payoff) for test in tests])
        return count / len(self.samples)

    @cached_property
    def _shares(self) -> dict[str, FloatArray]:
        own = self.expenditure[list(self.worlds.places)]
        counts = {name: np.zeros(len(self)) for name in CONCEPTS}
        samples = self.samples
        assert samples is not None
        for payoff in samples.payoffs(own):
            for name, concept in CONCEPTS.items():
                counts[name] += concept.test(payoff)
        return {name: count / len(samples) for name, count in counts.items()}

    @cached_property
    def sharing(self) -> Sharing:
        """Shapley value, nucleolus and core of the union of all n states."""
        found = core(self.worth)
        deviation = probability = None
        if self.samples is not None:
            own = self.expenditure[list(self.worlds.places)]
            inside = membership(len(self.members))
            many = inside.sum(axis=1) > 1
            values, nonempty = [], 0
            for payoff in self.samples.payoffs(own):
                worth = (payoff * inside).sum(axis=1) * many
                values.append(shapley(worth))
                nonempty += has_core(worth, values[-1])
            deviation = np.std(values, axis=0)
            probability = nonempty / len(self.samples)
        return Sharing(
            self.members,
            float(self.worth[-1]),
            shapley(self.worth),
            nucleolus(self.worth),
            found.empty,
            found.least,
            deviation,
            probability,
        )

    def transfers(self, *states: str, self_enforcing: bool = False) -> Transfers:
        """Least transfers between the members of a union that leave none of them worse off than without it.

        Parameters
        ----------
        states
            The members; all n states when none is named.
        self_enforcing
            Also make it pay for nobody to leave.

        Returns
        -------
        Transfers
            Re-solved in equilibrium, so that what transfers do to prices is in it.
        """
        mask = self.row(*states) if states else len(self) - 1
        return least_transfers(self.worlds, mask, self.payoff, self.expenditure, self_enforcing=self_enforcing)

    @cached_property
    def provenance(self) -> Provenance:
        """What the atlas was made from."""
        return Provenance(
            f"dostastyq {__version__} coalition",
            (("economy", self.worlds.economy.inputs_hash),),
            repairs=self.worlds.economy.repairs,
        )

    def to_frame(self) -> "pl.DataFrame":
        """One row a coalition and economy: coalition, state, member, welfare_percent, variation, one column a test."""
        import polars as pl  # noqa: PLC0415

        rows, economies = self.listed, self.economies
        names = ["+".join(members_of(int(row), self.members)) for row in rows]
        columns: dict[str, Any] = {
            "coalition": np.repeat(names, len(economies)),
            "state": list(economies) * len(rows),
            "member": np.array([[state in name.split("+") for state in economies] for name in names]).ravel(),
            "welfare_percent": self.welfare[rows].ravel(),
            "variation": self.variation[rows].ravel(),
        }
        columns |= {name: np.repeat(self.holds(name)[rows], len(economies)) for name in CONCEPTS}
        return pl.DataFrame(columns)

    def to_dict(self) -> dict[str, Any]:
        """Plain data in the shape that ``dostastyq atlas --json`` prints."""
        coalitions = [
            {
                "members": list(members_of(row, self.members)),
                "welfare": dict(zip(self.economies, self.welfare[row].tolist(), strict=True)),
                "variation": dict(zip(self.members, self.payoff[row].tolist(), strict=True)),
                "worth": float(self.worth[row]),
            }
            for row in range(len(self))
        ]
        return {
            "members": list(self.members),
            "union": self.union,
            "reference": self.reference,
            "reference_world": self.worlds.reference.text,
            "external_tariff": self.external_tariff,
            "effects": {
                "source": self.worlds.effects.source,
                "values": dict(zip(self.worlds.effects.names, self.worlds.effects.values.tolist(), strict=True)),
                "covariance": self.worlds.effects.covariance.tolist(),
            },
            "unit": "million USD of the base year",
            "coalitions": coalitions,
            "stable": {name: [list(members) for members in self.stable(name)] for name in CONCEPTS},
            "concepts": {
                name: {"definition": concept.definition, "source": concept.source} for name, concept in CONCEPTS.items()
            },
            "draws": 0 if self.samples is None else len(self.samples),
            "probability": None if self.samples is None else {name: self._likeliest(name) for name in CONCEPTS},
            "sharing": self.sharing.to_dict(),
            "transfers": [self.transfers(self_enforcing=firm).to_dict() for firm in (False, True)],
            "notes": list(self.notes),
        }

    def _likeliest(self, concept: str) -> list[dict[str, Any]]:
        share = self.probability(concept)
        rows = self.listed[np.argsort(-share[self.listed], kind="stable")][:MOST_LISTED]
        return [
            {"members": list(members_of(int(row), self.members)), "probability": float(share[row])}
            for row in rows
            if share[row] > 0
        ]

    def summary(self) -> str:
        """Say in a few lines which unions hold."""
        lines = [repr(self)]
        for name, concept in CONCEPTS.items():
            found = self.stable(name)
            shown = ", ".join("+".join(members) or "no union" for members in found[:6])
            more = f" and {len(found) - 6} more" if len(found) > 6 else ""
            lines.append(f"{concept.label}: {shown or 'none'}{more}")
        return "\n".join([*lines, *self.notes])

    def __str__(self) -> str:
        return self.summary()


def _known(concept: str) -> str:
    if concept not in CONCEPTS:
        raise DostastyqError("CO007", f"there is no concept {concept!r}", nearest(concept, CONCEPTS))
    return concept
