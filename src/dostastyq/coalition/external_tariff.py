"""The common external tariff of a customs union, by rule.

Flows are those of the base and tariffs those of the reference world, ``[sector, importer, exporter]``; a rule gives one
rate a sector and exporter.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from dostastyq.coalition.subsets import FloatArray
from dostastyq.errors import DostastyqError, nearest


def largest(flows: FloatArray, tariffs: FloatArray, members: Sequence[int]) -> FloatArray:
    """Tariff of the member with the largest output, shape (sectors, N)."""
    output = flows.sum(axis=(0, 1))[list(members)]
    return np.asarray(tariffs[:, members[int(output.argmax())], :])


def trade_weighted(flows: FloatArray, tariffs: FloatArray, members: Sequence[int]) -> FloatArray:
    """Members' tariffs weighted by their imports of the sector from each exporter, shape (sectors, N).

    Where nobody imports, the plain mean. It keeps the general incidence of duties on each partner at base trade (GATT
    Article XXIV:5 a).
    """
    bought, rates = flows[:, members, :], tariffs[:, members, :]
    total = bought.sum(axis=1)
    mean = rates.mean(axis=1)
    return np.asarray(np.divide((bought * rates).sum(axis=1), total, out=mean, where=total > 0))


def revenue_neutral(flows: FloatArray, tariffs: FloatArray, members: Sequence[int]) -> FloatArray:
    """Trade-weighted tariff raised until, at base trade, it also yields what members gave up on each other.

    One factor for all sectors and exporters; one flat rate where outsiders pay no duty at all. Shape (sectors, N).
    """
    common = trade_weighted(flows, tariffs, members)
    bought, rates = flows[:, members, :], tariffs[:, members, :]
    revenue = float((bought * rates).sum())
    outsiders = np.ones(flows.shape[2], dtype=np.bool_)
    outsiders[list(members)] = False
    imports = bought[:, :, outsiders].sum(axis=1)
    yield_ = float((imports * common[:, outsiders]).sum())
    if yield_ > 0:
        return np.asarray(common * (revenue / yield_))
    return np.full_like(common, revenue / imports.sum() if imports.sum() > 0 else 0.0)


RULES: Final[dict[str, Callable[[FloatArray, FloatArray, Sequence[int]], FloatArray]]] = {
    "largest": largest,
    "trade_weighted": trade_weighted,
    "revenue_neutral": revenue_neutral,
}


@dataclass(frozen=True, slots=True, eq=False)
class ExternalTariff:
    """A common external tariff: a rule by name, or rates as given. Made by `external_tariff`.

    Parameters
    ----------
    name
        ``"largest"``, ``"trade_weighted"``, ``"revenue_neutral"`` or ``"given"``.
    flows, tariffs
        Flows of the base and tariffs of the reference world, shape (sectors, N, N).
    given
        Rates as given, shape (sectors, N), or None.
    """

    name: str
    flows: FloatArray
    tariffs: FloatArray
    given: FloatArray | None = None

    def of(self, members: Sequence[int]) -> FloatArray:
        """Rates of the union of these economies, shape (sectors, N)."""
        return self.given if self.given is not None else RULES[self.name](self.flows, self.tariffs, members)


def external_tariff(rule: Any, flows: FloatArray, tariffs: FloatArray) -> ExternalTariff:  # noqa: ANN401 -- a name or rates
    """Read a rule.

    Parameters
    ----------
    rule
        The name of a rule, or rates as fractions: a number, an array a exporter, shape (N,), or a sector and exporter,
        shape (sectors, N).
    flows, tariffs
        Flows of the base and tariffs of the reference world, shape (sectors, N, N).

    Raises
    ------
    DostastyqError
        ``CO006`` for an unknown rule or rates that do not fit.
    """
    if isinstance(rule, str):
        if rule not in RULES:
            raise DostastyqError("CO006", f"there is no rule {rule!r} for the external tariff", nearest(rule, RULES))
        return ExternalTariff(rule, flows, tariffs)
    shape = (flows.shape[0], flows.shape[2])
    try:
        given = np.array(np.broadcast_to(np.asarray(rule, dtype=np.float64), shape))
    except (TypeError, ValueError):
        raise DostastyqError(
            "CO006",
            f"the external tariff has shape {np.shape(rule)}; expected a number or {shape} [sector, exporter]",
            "rates are fractions: 5 % is 0.05",
        ) from None
    if not ((given > -1) & np.isfinite(given)).all():
        raise DostastyqError("CO006", "the external tariff is not a finite fraction above -1", "5 % is 0.05")
    return ExternalTariff("given", flows, tariffs, given)
