"""What states agreed: who is bound by what, between whom it applies, on any day, and why.

Examples
--------
>>> from dostastyq import register
>>> reg = register.load("cis")
>>> print(reg.status("union-state-1999", "BLR", on="2005-01-01"))
union-state-1999, BLR, 2005-01-01: IN_FORCE, in force for it (bound: yes, applied: yes; confidence high)
  - Belarus signed on 8 December 1999 [own; high]
  - rule of entry into force: the last consent of all who signed (ratification or notification)
  - the instrument: in force from 26 January 2000 [ria24_union; high]
  - entry into force binds every state that signed: Belarus from 26 January 2000
  - so on 1 January 2005: in force for it, since 26 January 2000
"""

from dostastyq.register.acts import Act
from dostastyq.register.change import join, leave
from dostastyq.register.clauses import Clause
from dostastyq.register.forecast import Forecast
from dostastyq.register.law import Register
from dostastyq.register.lineage import Period
from dostastyq.register.loader import load
from dostastyq.register.model import Conflict, Instrument, State
from dostastyq.register.procedures import Procedure, adopting_body, procedure
from dostastyq.register.status import Proof, Status, Step, Withdrawal

__all__ = [
    "Act",
    "Clause",
    "Conflict",
    "Forecast",
    "Instrument",
    "Period",
    "Procedure",
    "Proof",
    "Register",
    "State",
    "Status",
    "Step",
    "Withdrawal",
    "adopting_body",
    "join",
    "leave",
    "load",
    "procedure",
]
