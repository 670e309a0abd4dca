"""What states agreed, what is in force, and what every member gains by it.

The sub-packages are the links of one chain and are imported on first use::

    import dostastyq as dq

    dq.assess.assess("eaeu-2014", baseline="cis-2023")

"""

from importlib import import_module
from types import ModuleType

__version__ = "0.1.0"

_LAZY = frozenset(
    {
        "assess",
        "coalition",
        "council",
        "customs",
        "dates",
        "equilibrium",
        "errors",
        "gravity",
        "parallel",
        "money",
        "payments",
        "provenance",
        "register",
        "report",
        "store",
        "trade",
        "voting",
    }
)

__all__ = ["__version__", *sorted(_LAZY)]  # noqa: PLE0604 -- names of the lazy sub-packages


def __getattr__(name: str) -> ModuleType:
    if name in _LAZY:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
