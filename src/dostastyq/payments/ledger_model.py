"""Nouns of the ledger: legs, postings, balances."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias

from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError
from dostastyq.money import LARGEST, currency, minor_units

Kind: TypeAlias = Literal["post", "reserve", "commit", "void", "reverse"]
POSTED: Final = ("post", "commit", "reverse")
"""Kinds whose legs count in a balance."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One line of a posting.

    Parameters
    ----------
    account
        Account of the ledger.
    currency
        ISO 4217 code.
    amount
        Minor units: above zero in favour of whoever owns the account, below zero against it.
    """

    account: str
    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class Posting:
    """An entry of the books: legs that sum to zero in every currency.

    Parameters
    ----------
    reference
        The sender's own reference, the idempotency key: the same reference with the same content is one posting.
    legs
        Two or more.
    value_date
        Day from which it counts.
    reason
        What it is for; a reversal or void must say it.
    kind
        ``"post"``; ``"reserve"`` (held until it is committed or voided), ``"commit"``, ``"void"``; ``"reverse"``.
    number, entry, booked_at
        Place in the ledger, entry of the journal, and moment of booking; the ledger gives them.
    resolves, reverses
        The reservation that it ends; the posting that it reverses.

    Raises
    ------
    DostastyqError
        ``PY070`` no reference, ``PY071`` legs that are too few or do not sum to zero, ``MN001`` to ``MN005`` currency
        or amount, ``DT002`` value date.

    Examples
    --------
    >>> legs = (Leg("KAZ", "KZT", -100), Leg("KGZ", "KZT", 100))
    >>> Posting("r1", legs, "2026-11-23").total
    {'KZT': 100}
    >>> Posting("r1", legs[:1], "2026-11-23")
    Traceback (most recent call last):
    ...
    dostastyq.errors.DostastyqError: posting 'r1' sums to -100 minor units in KZT (...)
    """

    reference: str
    legs: tuple[Leg, ...]
    value_date: date
    reason: str = ""
    kind: Kind = "post"
    number: int | None = None
    entry: int | None = None
    booked_at: datetime | None = None
    resolves: int | None = None
    reverses: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.reference, str) or not self.reference.strip():
            raise DostastyqError("PY070", f"the reference is {self.reference!r}", "give the posting a reference")
        object.__setattr__(self, "value_date", calendar_day(self.value_date))
        object.__setattr__(self, "legs", tuple(self.legs))
        if self.kind == "void":
            return
        sums: dict[str, int] = {}
        for leg in self.legs:
            currency(leg.currency, self.value_date)
            minor_units(abs(leg.amount) if isinstance(leg.amount, int) else leg.amount, LARGEST)
            sums[leg.currency] = sums.get(leg.currency, 0) + leg.amount
        wrong = {code: found for code, found in sums.items() if found}
        if wrong or not sums:
            code, found = next(iter(wrong.items()), ("any currency", 0))
            message = f"posting {self.reference!r} sums to {found} minor units in {code}"
            raise DostastyqError("PY071", message, "give legs that sum to zero in every currency, none of them zero")

    @property
    def total(self) -> dict[str, int]:
        """What moves, by currency."""
        sums: dict[str, int] = {}
        for leg in self.legs:
            sums[leg.currency] = sums.get(leg.currency, 0) + max(leg.amount, 0)
        return sums

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "number": self.number,
            "reference": self.reference,
            "kind": self.kind,
            "value_date": self.value_date.isoformat(),
            "booked_at": None if self.booked_at is None else self.booked_at.isoformat(),
            "entry": self.entry,
            "reason": self.reason,
            "resolves": self.resolves,
            "reverses": self.reverses,
            "legs": [{"account": leg.account, "currency": leg.currency, "amount": leg.amount} for leg in self.legs],
        }


def transfer(  # noqa: PLR0917 -- the fields of a payment order
    reference: str, debtor: str, creditor: str, amount: int, currency: str, value_date: date | str, reason: str = ""
) -> Posting:
    """Make the posting of a payment from one account to another.

    Examples
    --------
    >>> [leg.amount for leg in transfer("r1", "KAZ", "KGZ", 100, "KZT", "2026-11-23").legs]
    [-100, 100]
    """
    paid = minor_units(amount)
    legs = (Leg(debtor, currency, -paid), Leg(creditor, currency, paid))
    return Posting(reference, legs, calendar_day(value_date), reason)


@dataclass(frozen=True, slots=True)
class Balance:
    """What stands on an account, computed from its legs.

    Parameters
    ----------
    account, currency
        Whose, and in what.
    posted
        Sum of what was posted, minor units.
    incoming, outgoing
        What is reserved in favour of the account, and against it; both zero or more.
    """

    account: str
    currency: str
    posted: int
    incoming: int = 0
    outgoing: int = 0

    @property
    def available(self) -> int:
        """Posted less what is reserved against the account."""
        return self.posted - self.outgoing

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        names = ("account", "currency", "posted", "incoming", "outgoing", "available")
        return {name: getattr(self, name) for name in names}


def same(asked: Posting, kept: Posting) -> bool:
    """Whether two postings have the same content."""
    names = ("reference", "legs", "value_date", "reason", "kind", "resolves", "reverses")
    return all(getattr(asked, name) == getattr(kept, name) for name in names)


def netted(legs: Iterable[Leg]) -> dict[tuple[str, str], int]:
    """Sum of legs by account and currency."""
    sums: dict[tuple[str, str], int] = {}
    for leg in legs:
        sums[leg.account, leg.currency] = sums.get((leg.account, leg.currency), 0) + leg.amount
    return sums
