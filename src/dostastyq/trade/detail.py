"""What a baseline by sectors knows beside its flows: external tariffs, sets of elasticities, who is inside the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from dostastyq.errors import DostastyqError, nearest


@dataclass(frozen=True, slots=True)
class RevenuePool:
    """Import duties that the members of a union pool and share by fixed norms.

    Parameters
    ----------
    agreement
        Slug of the instrument under which they do.
    shares
        Norm of every member, exact; they sum to 1.
    since, until
        Days between which the norms hold, the second exclusive.
    source
        Key of the source.
    note
        What else is to be known.

    Raises
    ------
    DostastyqError
        ``TR020`` when the shares do not sum to 1.

    Examples
    --------
    >>> pool = RevenuePool("x", {"A": Fraction(1, 4), "B": Fraction(3, 4)}, date(2017, 1, 1), date(2020, 1, 1), "s")
    >>> pool.among(["B"])["B"]
    Fraction(1, 1)
    """

    agreement: str
    shares: Mapping[str, Fraction]
    since: date
    until: date
    source: str
    note: str = ""

    def __post_init__(self) -> None:
        total = sum(self.shares.values())
        if total != 1:
            raise DostastyqError(
                "TR020", f"the shares of the revenue pool of {self.agreement} sum to {float(total):g}, expected 1"
            )

    def among(self, states: "list[str] | tuple[str, ...]") -> dict[str, Fraction]:
        """Restate the shares over those of `states` that have one, in proportion, so that they sum to 1."""
        left = {state: self.shares[state] for state in states if state in self.shares}
        total = sum(left.values())
        return {state: share / total for state, share in left.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Detail:
    """What is known of a baseline beside its flows; empty for a file of flows.

    Parameters
    ----------
    external
        Tariff of every importer on exporters without preference, sector by importer, as fractions; NaN where it is not
        known. None when nothing is.
    services
        Sectors that are no goods: no tariff and no estimated effect applies to them.
    titles
        Names of the sectors in English by code.
    elasticities
        Sets of trade elasticities by name, in the order of the sectors.
    citations
        Source of each set.
    default_elasticities
        Name of the set that is used when none is asked for.
    inside
        States that stand inside an aggregate, with its code.
    inside_reason
        Why.
    pool
        The revenue pool on the baseline's day.
    """

    external: npt.NDArray[np.float64] | None = None
    services: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    elasticities: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    citations: Mapping[str, str] = field(default_factory=dict)
    default_elasticities: str | None = None
    inside: Mapping[str, str] = field(default_factory=dict)
    inside_reason: str = ""
    pool: RevenuePool | None = None

    def elasticity_set(self, name: str) -> npt.NDArray[np.float64]:
        """Trade elasticities θ of the sectors by the set's name.

        Raises
        ------
        DostastyqError
            ``TR019`` when there is no such set.
        """
        if name not in self.elasticities:
            known = ", ".join(self.elasticities) or "none are shipped with this baseline"
            raise DostastyqError(
                "TR019",
                f"there is no set of elasticities {name!r} (there are: {known})",
                nearest(name, self.elasticities),
            )
        return np.array(self.elasticities[name])
