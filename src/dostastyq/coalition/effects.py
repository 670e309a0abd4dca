"""What a union is to trade: which effects each kind of union has, and what lies between its members without it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np

from dostastyq.coalition.subsets import FloatArray
from dostastyq.errors import DostastyqError, nearest
from dostastyq.i18n import Text

KINDS: Final = ("free_trade_area", "customs_union", "economic_union")
"""Kinds of union: no barriers between members; also one external tariff; also what lies behind the border."""


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    r"""Effects of unions on the trade between their members, with their uncertainty.

    Parameters
    ----------
    names
        Names of K effects.
    values
        The effects in log points of bilateral trade, shape (K,).
    covariance
        Their covariance, shape (K, K).
    kinds
        Which effects a kind of union has: kind → K numbers, usually 0 or 1.
    source
        Where they are from, in words.
    contain_tariffs
        Whether the effects were estimated with tariffs left out, so that they contain the tariff cut. Then, where the
        economy has tariffs, the cost of trade changes by
        :math:`\ln\hat d=-\beta/\theta-\frac{1+\theta}{\theta}\Delta\ln(1+\tau)` and no tariff counts twice.
    """

    names: tuple[str, ...]
    values: FloatArray
    covariance: FloatArray
    kinds: Mapping[str, tuple[float, ...]]
    source: str
    contain_tariffs: bool = True

    def layers(self, kind: str) -> FloatArray:
        """Effects that a kind of union has, shape (K,).

        Raises
        ------
        DostastyqError
            ``CO005`` for a kind that is not known.
        """
        check_kind(kind)
        return np.array(self.kinds[kind], dtype=np.float64)


def check_kind(kind: str) -> None:
    """Refuse a kind of union that there is not.

    Raises
    ------
    DostastyqError
        ``CO005``.
    """
    if kind not in KINDS:
        raise DostastyqError("CO005", f"there is no kind of union {kind!r}", nearest(kind, KINDS))


def assumed(
    value: float, standard_error: float = 0.0, source: str = "", names: tuple[str, ...] = ("union",)
) -> Effects:
    """One effect for every kind of union.

    Parameters
    ----------
    value, standard_error
        Log points of bilateral trade.
    source
        Where it is from.
    names
        Layers of the designs it is used with; it is that of the first, and the others have none.

    Examples
    --------
    >>> assumed(0.2).layers("customs_union").tolist()
    [1.0]
    """
    first = np.eye(1, len(names))[0]
    return Effects(
        names,
        first * float(value),
        np.outer(first, first) * float(standard_error) ** 2,
        MappingProxyType(dict.fromkeys(KINDS, (1.0,) * len(names))),
        source or Text("An effect of {value:g} log points, as given.", value=float(value)),
    )


LITERATURE: Final = assumed(
    0.5572,
    0.1038,
    Text(
        "No effect was given and the economy has no tariffs: 0.557 log points (0.104), the effect of the world's trade "
        "agreements in Yotov, Piermartini, Monteiro and Larch (2016), for every kind of union."
    ),
)
"""What `atlas` takes where it is given neither effects nor tariffs; its result says so."""


def tariffs_alone(names: tuple[str, ...] = ()) -> Effects:
    """No effect but that of the tariffs between members, which are set to nil.

    Parameters
    ----------
    names
        Layers of the designs it is used with.
    """
    return Effects(
        names,
        np.zeros(len(names)),
        np.zeros((len(names), len(names))),
        MappingProxyType(dict.fromkeys(KINDS, (1.0,) * len(names))),
        Text("A union is the tariffs between its members set to nil, and nothing else."),
        contain_tariffs=False,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """The world in which no union stands: what lies between the n states then, and what the base has of it.

    Arrays say which effects are in place between two states, shape (K, n, n), ``[effect, importer, exporter]``.

    Parameters
    ----------
    name
        Its name in results, e.g. ``"none"``: no preference between the states.
    present
        What the base's flows were made under; None for nothing.
    outside
        What lies between two states that are in no union together; None for nothing.
    inside
        What lies between two members of a union; None for what the kind of union has, on top of `outside` where that
        goes deeper.
    tariffs
        Tariffs between the states outside a union, shape (n, n) or (sectors, n, n); None for those of the base.
    keep_tariffs
        Whether members of a union keep their tariffs on each other, the tariff cut being in the effect alone.
    text
        The world in words.
    """

    name: str = "none"
    present: FloatArray | None = None
    outside: FloatArray | None = None
    inside: FloatArray | None = None
    tariffs: FloatArray | None = None
    keep_tariffs: bool = False
    text: str = field(
        default=Text(
            "without a union the states trade as in the base, whose flows are taken to hold no preference between them"
        )
    )
