"""Codes of economies: ISO 3166-1 alpha-3, and ``ROW`` for the rest of the world."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

REST_OF_WORLD: Final = "ROW"

_NOT_ISO = re.compile(r"AAA|Q[M-Z][A-Z]|X[A-Z]{2}|ZZZ")
_OBSOLETE = frozenset({"ASC", "BUR", "CPT", "DDR", "DGA", "FXX", "TAA", "TMP", "YMD", "ZAR"})
_IN_COMMON_USE = frozenset({"XKX"})


@cache
def economies() -> frozenset[str]:
    """Every code an economy may have: the alpha-3 codes of Unicode CLDR now in use, Kosovo's ``XKX``, and ``ROW``.

    Examples
    --------
    >>> {"KAZ", "ROW"} <= economies(), "SUN" in economies()
    (True, False)
    """
    from babel.core import get_global  # noqa: PLC0415 -- keeps `import dostastyq.trade` light

    current = (
        code
        for code, territories in get_global("territory_aliases").items()
        if len(code) == 3 and code.isalpha() and len(territories) == 1 and not _NOT_ISO.fullmatch(code)
    )
    return (frozenset(current) - _OBSOLETE) | _IN_COMMON_USE | {REST_OF_WORLD}


def unknown(codes: Iterable[str], aggregates: Iterable[str] = ()) -> list[str]:
    """Those of `codes` that are neither an economy nor one of the user's own `aggregates`, in their order.

    Examples
    --------
    >>> unknown(["KAZ", "EUN", "ROM"], aggregates=["EUN"])
    ['ROM']
    """
    known = economies() | frozenset(aggregates)
    return [code for code in codes if code not in known]
