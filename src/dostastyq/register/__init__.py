"""What states agreed: who is bound by what, between whom it applies, on any day, and why.

Examples
--------
>>> from dostastyq import register
>>> reg = register.load("cis")
>>> print(reg.status("union-state-1999", "BLR", on="2005-01-01"))
union-state-1999, BLR, 2005-01-01: IN_FORCE, in force for it (bound: yes, applied: yes; confidence high)
  - BLR signed on 1999-12-08 at Moscow [own; high]
  - the instrument entered into force on 2000-01-26 [ria24_union; high]
  - entry into force binds every state that signed: BLR from 2000-01-26
"""

from dostastyq.register.acts import Act
from dostastyq.register.change import join, leave
from dostastyq.register.law import Period, Register
from dostastyq.register.loader import load
from dostastyq.register.model import Instrument, State
from dostastyq.register.status import Proof, Status, Step

__all__ = ["Act", "Instrument", "Period", "Proof", "Register", "State", "Status", "Step", "join", "leave", "load"]
