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
    from dostastyq.payments.cycle import ClearingHouse
    from dostastyq.payments.cycle_model import Cycle, Limit, Standing, Submission
    from dostastyq.payments.fixing import Fixing, Rate, Residue, fix, read_rates
    from dostastyq.payments.intake import Batch, Intake, Refusal, read, read_caps, write_report
    from dostastyq.payments.ledger import Ledger
    from dostastyq.payments.ledger_model import Balance, Leg, Posting, transfer
    from dostastyq.payments.ledger_statement import Statement, statement, verify_books
    from dostastyq.payments.model import LeftOver, Obligation, Settlement
    from dostastyq.payments.netting import Position
    from dostastyq.payments.verifier import Certificate, verify

_HOMES = {
    "Balance": "ledger_model",
    "Batch": "intake",
    "Certificate": "verifier",
    "ClearingHouse": "cycle",
    "Cycle": "cycle_model",
    "Fixing": "fixing",
    "Intake": "intake",
    "Ledger": "ledger",
    "LeftOver": "model",
    "Leg": "ledger_model",
    "Limit": "cycle_model",
    "Obligation": "model",
    "Position": "netting",
    "Posting": "ledger_model",
    "Rate": "fixing",
    "Refusal": "intake",
    "Residue": "fixing",
    "Settlement": "model",
    "Standing": "cycle_model",
    "Statement": "ledger_statement",
    "Submission": "cycle_model",
    "fix": "fixing",
    "read": "intake",
    "read_caps": "intake",
    "read_rates": "fixing",
    "settle": "clearing",
    "statement": "ledger_statement",
    "transfer": "ledger_model",
    "verify": "verifier",
    "verify_books": "ledger_statement",
    "write_report": "intake",
}

__all__ = [
    "Balance",
    "Batch",
    "Certificate",
    "ClearingHouse",
    "Cycle",
    "Fixing",
    "Intake",
    "Ledger",
    "LeftOver",
    "Leg",
    "Limit",
    "Obligation",
    "Position",
    "Posting",
    "Rate",
    "Refusal",
    "Residue",
    "Settlement",
    "Standing",
    "Statement",
    "Submission",
    "fix",
    "read",
    "read_caps",
    "read_rates",
    "settle",
    "statement",
    "transfer",
    "verify",
    "verify_books",
    "write_report",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- names of several kinds
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
