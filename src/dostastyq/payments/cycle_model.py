"""Nouns of a clearing cycle: limits and standings by act, steps, receipts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias

from dostastyq.actor import Actor
from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError
from dostastyq.i18n import Text, message
from dostastyq.money import LARGEST, currency
from dostastyq.payments.intake import Refusal
from dostastyq.payments.model import LeftOver, Rule

State: TypeAlias = Literal["open", "frozen", "proposed", "approved", "settled", "final"]
STATES: Final[tuple[State, ...]] = ("open", "frozen", "proposed", "approved", "settled", "final")
Status: TypeAlias = Literal["active", "blocked", "held"]
STATUSES: Final[tuple[Status, ...]] = ("active", "blocked", "held")

WHY: Final = {
    "blocked": message("{bank} is blocked"),
    "held": message("there is a legal hold on {bank}"),
    "unfunded": message("{bank} did not fund its position"),
    "no_limit": message("{bank} has no limit on the value date"),
    "no_rate": message("its currency has no rate in this cycle"),
    "undue": message("it falls due after the value date of the cycle"),
}
"""Reasons of left-overs that a cycle knows beyond those of clearing."""


def why(reason: str, bank: str | None) -> Text:
    """Say in words why something is left over.

    Examples
    --------
    >>> print(why("held", "KGZ"))
    there is a legal hold on KGZ
    """
    return Text(WHY[reason], bank=bank or "") if reason in WHY else LeftOver(0, reason, bank or "", "").sentence


def _period(item: "Limit | Standing") -> None:
    object.__setattr__(item, "valid_from", calendar_day(item.valid_from))
    if item.valid_to is not None:
        object.__setattr__(item, "valid_to", calendar_day(item.valid_to))
        if item.valid_to <= item.valid_from:
            message = f"{item.bank}: valid to {item.valid_to}, from {item.valid_from}"
            raise DostastyqError("PY087", message, "the day after the last comes later than the first")


@dataclass(frozen=True, slots=True)
class Limit:
    """What a bank may run, set by an act.

    Parameters
    ----------
    bank, currency
        Whose, and of which clearing.
    cap
        Net debit that it may run: balance and credit line, minor units.
    act
        The act that sets it.
    valid_from, valid_to
        First day, and the day after the last; None until another limit is set.
    quota
        Net credit that it accepts; any where None.

    Raises
    ------
    DostastyqError
        ``PY014`` cap or quota, ``PY087`` no act, or a period that is none, ``MN001`` currency, ``DT002`` days.
    """

    bank: str
    currency: str
    cap: int
    act: str
    valid_from: date
    valid_to: date | None = None
    quota: int | None = None

    def __post_init__(self) -> None:
        currency(self.currency)
        for name in ("cap", "quota"):
            value = getattr(self, name)
            if name == "quota" and value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
                raise DostastyqError("PY014", f"the {name} of {self.bank!r} is {value!r}", f"give 0 to {LARGEST}")
        if not self.bank.strip() or not self.act.strip():
            raise DostastyqError("PY087", f"a limit of {self.bank!r} by the act {self.act!r}", "name bank and act")
        _period(self)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a bank takes part.

    Parameters
    ----------
    bank
        Which.
    status
        ``"active"``; ``"blocked"``: nothing new is taken in, what was stays unsettled; ``"held"``: a legal hold, taken
        in but not settled.
    reason
        Why: the decision that says so.
    valid_from, valid_to
        First day, and the day after the last; None until another standing is set.

    Raises
    ------
    DostastyqError
        ``PY087`` unknown status, no reason, or a period that is none.
    """

    bank: str
    status: Status
    reason: str
    valid_from: date
    valid_to: date | None = None

    def __post_init__(self) -> None:
        if self.status not in STATUSES or not self.reason.strip() or not self.bank.strip():
            found = f"{self.bank!r} is to be {self.status!r} because {self.reason!r}"
            raise DostastyqError("PY087", found, f"give one of {', '.join(STATUSES)}, and a reason")
        _period(self)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a cycle.

    Parameters
    ----------
    number, state
        Its place from 1, and the state that it brings.
    by, at
        Who took it, and when it was recorded.
    reason
        Why; a recast must say it.
    posting
        Posting of the ledger that came with it.
    entry
        Entry of the journal.
    """

    number: int
    state: State
    by: Actor
    at: datetime
    reason: str
    posting: int | None
    entry: int

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "step": self.number,
            "state": self.state,
            "person": self.by.name,
            "place": self.by.place,
            "role": self.by.role,
            "at": self.at.isoformat(),
            "reason": self.reason,
            "posting": self.posting,
            "entry": self.entry,
        }


@dataclass(frozen=True, slots=True)
class Cycle:
    """A clearing cycle as its steps left it.

    Parameters
    ----------
    number, name
        Its number, and the name under which it was opened.
    currency
        Currency of the caps; the unit of account where obligations are in several.
    value_date
        Day for which it settles.
    rule
        How ties are broken.
    cut_off
        Moment until which obligations are taken in; None where there is none.
    steps
        What happened, in order.
    """

    number: int
    name: str
    currency: str
    value_date: date
    rule: Rule
    cut_off: datetime | None
    steps: tuple[Step, ...]

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.steps[-1].state

    def last(self, state: State) -> Step:
        """Latest step to a state."""
        return next(step for step in reversed(self.steps) if step.state == state)

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "cycle": self.name,
            "number": self.number,
            "state": self.state,
            "currency": self.currency,
            "value_date": self.value_date.isoformat(),
            "rule": self.rule,
            "cut_off": None if self.cut_off is None else self.cut_off.isoformat(),
            "steps": [step.to_dict() for step in self.steps],
        }


@dataclass(frozen=True, slots=True)
class Receipt:
    """Answer to an obligation that was taken in; a repeated one gets the first answer.

    Parameters
    ----------
    cycle, number
        Cycle, and its number there.
    entry, at
        Entry of the journal, and when it was recorded.
    """

    cycle: str
    number: int
    entry: int
    at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Submission:
    """What came of a submission.

    Parameters
    ----------
    cycle
        Name of the cycle.
    accepted
        How many obligations were new.
    repeated
        How many were taken in before, here or in an earlier submission, and got their first answer.
    refused
        What was not taken in, each with its reason.
    receipts
        By reference.
    """

    cycle: str
    accepted: int
    repeated: int
    refused: tuple[Refusal, ...] = ()
    receipts: Mapping[str, Receipt] = field(default_factory=dict, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "cycle": self.cycle,
            "accepted": self.accepted,
            "repeated": self.repeated,
            "refused": [refusal.to_dict() for refusal in self.refused],
        }


@dataclass(frozen=True, slots=True)
class Standpoint:
    """Where a bank stands in a cycle, minor units of its currency.

    Parameters
    ----------
    bank
        Which.
    due, settled
        What it owes in all, and what of that is settled.
    net
        Received less paid, of what is settled.
    cap
        Net debit that it may run; None without a limit.
    """

    bank: str
    due: int
    settled: int
    net: int
    cap: int | None

    @property
    def used(self) -> int:
        """How much of the cap is used."""
        return max(-self.net, 0)

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {name: getattr(self, name) for name in ("bank", "due", "settled", "net", "cap", "used")}
