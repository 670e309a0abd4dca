"""The council and its secretariat: draft → opinions → session → decision → signature → acts in the register.

Examples
--------
>>> from datetime import date
>>> from dostastyq import council
>>> rules = council.procedure_on("cis", date(1997, 10, 23))
>>> rules.code, "circulate" in rules.steps
('rules-1996', True)
"""

from dostastyq.council.composer import Amendment, Composition, compose, differences
from dostastyq.council.fold import Chamber
from dostastyq.council.house import Council
from dostastyq.council.model import (
    Admission,
    AgendaItem,
    Decision,
    Draft,
    FullPowers,
    Opinion,
    Session,
    Signature,
    SignatureRound,
    Task,
    Vote,
)
from dostastyq.council.procedure import ProcedureMap, procedure_maps, procedure_named, procedure_on

__all__ = [
    "Admission",
    "AgendaItem",
    "Amendment",
    "Chamber",
    "Composition",
    "Council",
    "Decision",
    "Draft",
    "FullPowers",
    "Opinion",
    "ProcedureMap",
    "Session",
    "Signature",
    "SignatureRound",
    "Task",
    "Vote",
    "compose",
    "differences",
    "procedure_maps",
    "procedure_named",
    "procedure_on",
]
