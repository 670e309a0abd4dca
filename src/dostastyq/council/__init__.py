"""The council and its secretariat: draft → opinions → session → decision → signature → acts in the register.

Examples
--------
>>> from datetime import date
>>> from dostastyq import council
>>> rules = council.procedure_on("cis", date(1997, 10, 23))
>>> rules.code, "circulate" in rules.steps
('rules-1996', True)
"""

from dostastyq.council.chamber import Chamber
from dostastyq.council.composer import Amendment, Composition, compose, differences
from dostastyq.council.house import Council
from dostastyq.council.model import Draft, Opinion, Task
from dostastyq.council.people_model import Admission, FullPowers
from dostastyq.council.procedure import ProcedureMap, procedure_maps, procedure_named, procedure_on
from dostastyq.council.session_model import AgendaItem, Decision, Session, Signature, SignatureRound, Vote

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
