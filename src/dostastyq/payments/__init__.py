"""Payments: what banks owe each other, cleared multilaterally within limits.

Examples
--------
>>> from dostastyq import payments
>>> owed = [
...     payments.Obligation("r1", "KAZ", "KGZ", 100, "KZT"),
...     payments.Obligation("r2", "KGZ", "UZB", 80, "KZT"),
...     payments.Obligation("r3", "UZB", "KAZ", 60, "KZT"),
... ]
>>> found = payments.settle(owed, {"KAZ": 10, "KGZ": 0, "UZB": 0})
>>> found.settled_total, dict(found.settled), found.net
(200, {'r1': 70, 'r2': 70, 'r3': 60}, {'KAZ': -10, 'KGZ': 0, 'UZB': 10})
>>> print(found.left["r1"].sentence)
KAZ has reached the net debit it may run
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dostastyq.payments.clearing import settle
    from dostastyq.payments.fixing import Fixing, Rate, Residue, fix, read_rates
    from dostastyq.payments.intake import Batch, Intake, Refusal, read, read_caps, write_report
    from dostastyq.payments.model import LeftOver, Obligation, Settlement
    from dostastyq.payments.netting import Position
    from dostastyq.payments.verifier import Certificate, verify

_HOMES = {
    "Batch": "intake",
    "Certificate": "verifier",
    "Fixing": "fixing",
    "Intake": "intake",
    "LeftOver": "model",
    "Obligation": "model",
    "Position": "netting",
    "Rate": "fixing",
    "Refusal": "intake",
    "Residue": "fixing",
    "Settlement": "model",
    "fix": "fixing",
    "read": "intake",
    "read_caps": "intake",
    "read_rates": "fixing",
    "settle": "clearing",
    "verify": "verifier",
    "write_report": "intake",
}

__all__ = [
    "Batch",
    "Certificate",
    "Fixing",
    "Intake",
    "LeftOver",
    "Obligation",
    "Position",
    "Rate",
    "Refusal",
    "Residue",
    "Settlement",
    "fix",
    "read",
    "read_caps",
    "read_rates",
    "settle",
    "verify",
    "write_report",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- names of several kinds
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
