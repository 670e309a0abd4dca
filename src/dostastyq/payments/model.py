"""Nouns of clearing: what is owed, what was settled, what is left and why."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError
from dostastyq.i18n import Text
from dostastyq.money import currency, minor_units
from dostastyq.payments.circulation import Indices, Integers

if TYPE_CHECKING:
    import polars as pl

    from dostastyq.payments.fixing import Residue
    from dostastyq.payments.intake import Batch, Refusal
    from dostastyq.payments.verifier import Certificate

Rule: TypeAlias = Literal["pro_rata", "first_come"]
RULES: tuple[Rule, ...] = ("pro_rata", "first_come")
REASONS = ("", "cap", "quota", "indivisible")
UNDATED = 2**31 - 1
"""Stands for no value date among days since 1970; such obligations come after dated ones."""


CONTROL = r"[\x00-\x1f\x7f]"
"""Characters that no name may have: files and databases cut or refuse them."""


def printable(name: object) -> bool:
    r"""Whether this can name a bank or an obligation: text, not blank, no control characters, sound Unicode.

    Examples
    --------
    >>> printable("KZ-1"), printable(" "), printable("a\n"), printable("\ud800"), printable(7)
    (True, False, False, False, False)
    """
    return (
        isinstance(name, str)
        and bool(name.strip())
        and re.search(CONTROL, name) is None
        and not any("\ud800" <= sign <= "\udfff" for sign in name)
    )


@dataclass(frozen=True, slots=True)
class Obligation:
    """What one bank owes another.

    Parameters
    ----------
    reference
        The sender's own reference, the idempotency key: the same reference with the same content is one obligation.
    debtor, creditor
        Banks, by the names that the caps use.
    amount
        Whole minor units of the currency, 1 to 2**62.
    currency
        ISO 4217 code, valid on the value date.
    value_date
        Day on which it falls due; None where there is none.
    priority
        The higher number is served first, whatever it costs the lower ones.
    divisible
        Whether it may be settled in part.

    Raises
    ------
    DostastyqError
        ``PY001`` empty, unprintable or equal names, ``PY002`` priority or divisible of another type, ``MN001`` to
        ``MN005`` currency or amount, ``DT002`` value date.

    Examples
    --------
    >>> Obligation("KZ-1", "KAZ", "KGZ", 1250, "KZT", "2026-11-23").amount
    1250
    """

    reference: str
    debtor: str
    creditor: str
    amount: int
    currency: str
    value_date: date | None = None
    priority: int = 0
    divisible: bool = True

    def __post_init__(self) -> None:
        for name in ("reference", "debtor", "creditor"):
            value = getattr(self, name)
            if not printable(value):
                raise DostastyqError("PY001", f"{name} is {value!r}, expected a name", f"give a {name}")
        if self.debtor == self.creditor:
            message = f"obligation {self.reference!r}: {self.debtor!r} owes itself"
            raise DostastyqError("PY001", message, "debtor and creditor are two banks")
        object.__setattr__(self, "amount", minor_units(self.amount))
        if self.value_date is not None:
            object.__setattr__(self, "value_date", calendar_day(self.value_date))
        currency(self.currency, self.value_date)
        if isinstance(self.priority, bool) or not isinstance(self.priority, int) or abs(self.priority) > 2**31 - 1:
            message = f"obligation {self.reference!r}: priority {self.priority!r} is no whole number"
            raise DostastyqError("PY002", message, "give an integer; the higher number is served first")
        if not isinstance(self.divisible, bool):
            message = f"obligation {self.reference!r}: divisible is {self.divisible!r}"
            raise DostastyqError("PY002", message, "give True or False")


@dataclass(frozen=True, slots=True)
class LeftOver:
    """What of an obligation is not settled, and why.

    Parameters
    ----------
    amount
        Minor units left.
    reason
        ``"cap"``: the debtor is at the net debit it may run; ``"quota"``: the creditor is at the net credit it accepts;
        ``"indivisible"``: only a part would have fitted.
    bank
        The bank whose limit it is.
    currency
        Currency of the amount.
    """

    amount: int
    reason: str
    bank: str
    currency: str

    @property
    def sentence(self) -> Text:
        """The reason in words."""
        if self.reason == "cap":
            return Text("{bank} has reached the net debit it may run", bank=self.bank)
        if self.reason == "quota":
            return Text("{bank} has reached the net credit it accepts", bank=self.bank)
        return Text("it may not be settled in part, and the whole does not fit the limit of {bank}", bank=self.bank)


class ByReference(Mapping[str, Any]):
    """Read-only mapping from reference to a value, over columns: nothing is made until it is asked for."""

    __slots__ = ("_index", "_of", "_references")

    def __init__(self, references: Sequence[str], of: Any) -> None:  # noqa: ANN401 -- a function of the row
        self._references, self._of = references, of
        self._index: dict[str, int] | None = None

    def __getitem__(self, reference: str) -> Any:  # noqa: ANN401 -- the type is that of the values
        if self._index is None:
            self._index = {name: row for row, name in enumerate(self._references)}
        return self._of(self._index[reference])

    def __iter__(self) -> Iterator[str]:
        return iter(self._references)

    def __len__(self) -> int:
        return len(self._references)

    def __repr__(self) -> str:
        return repr(dict(self)) if len(self) <= 20 else f"<{len(self)} references>"


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The settlement of every obligation, as columns.

    Parameters
    ----------
    batch
        The obligations, in the order in which they came.
    settled
        Minor units of each obligation's currency, shape (m,).
    reason
        Place in `REASONS`, shape (m,).
    bank
        Place in ``batch.banks`` of the bank whose limit it is; -1 where all is settled, shape (m,).
    """

    batch: "Batch"
    settled: Integers
    reason: Indices
    bank: Indices

    def to_frame(self) -> "pl.DataFrame":
        """Columns reference, debtor, creditor, currency, value_date, amount, settled, left, reason, bank."""
        import polars as pl  # noqa: PLC0415

        batch = self.batch
        banks = pl.Series(batch.banks, dtype=pl.String)
        day = pl.Series(batch.day)
        return pl.DataFrame(
            {
                "reference": pl.Series(batch.references, dtype=pl.String),
                "debtor": banks.gather(batch.debtor),
                "creditor": banks.gather(batch.creditor),
                "currency": pl.Series(batch.currencies, dtype=pl.String).gather(batch.currency),
                "value_date": day.set(day == UNDATED, None).cast(pl.Date),
                "amount": batch.amount,
                "settled": self.settled,
                "left": batch.amount - self.settled,
                "reason": pl.Series(REASONS, dtype=pl.String).gather(self.reason),
                "bank": banks.gather(pl.Series(self.bank).set(pl.Series(self.bank < 0), None)),
            }
        )

    def by_reference(self) -> tuple[ByReference, ByReference]:
        """Settled amounts, and left-overs, by reference."""
        batch, settled = self.batch, self.settled
        left = np.flatnonzero(settled < batch.amount)
        names = [batch.references[int(row)] for row in left]

        def over(place: int) -> LeftOver:
            row = int(left[place])
            amount = int(batch.amount[row] - settled[row])
            currency = batch.currencies[batch.currency[row]]
            return LeftOver(amount, REASONS[self.reason[row]], batch.banks[self.bank[row]], currency)

        return ByReference(batch.references, lambda row: int(settled[row])), ByReference(names, over)


@dataclass(frozen=True, slots=True, eq=False)
class Settlement:
    """What a clearing settles: the records that a ledger books.

    Parameters
    ----------
    currency
        Currency of every amount here; with a fixing, the unit of account, in which caps and nets are.
    settled_total
        Sum of what is settled, minor units of `currency`.
    settled
        Settled amount by reference, minor units of the obligation's own currency; refused ones are not in it.
    left
        `LeftOver` by reference, for those not settled in full.
    net
        Received less paid, by bank, minor units of `currency`; never below minus the cap.
    certificate
        Why no more can be settled, checked in integers by a program apart from the optimiser.
    refused
        Obligations that were not taken in, each with its reason.
    residue
        What rounding of converted net positions leaves, and the account it is booked to; None without a fixing.
    rule
        How ties of equal priority were broken.
    """

    currency: str
    settled_total: int
    settled: Mapping[str, int]
    left: Mapping[str, LeftOver]
    net: Mapping[str, int]
    certificate: "Certificate"
    rule: Rule
    refused: "tuple[Refusal, ...]" = ()
    residue: "Residue | None" = None
    rows: "Rows | None" = field(default=None, repr=False)

    def to_frame(self) -> "pl.DataFrame":
        """One row an obligation taken in: what a ledger books, see `Rows`."""
        import polars as pl  # noqa: PLC0415

        return pl.DataFrame() if self.rows is None else self.rows.to_frame()

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary, as ``clear --json`` prints it."""
        return {
            "currency": self.currency,
            "rule": self.rule,
            "settled_total": self.settled_total,
            "settled": dict(self.settled),
            "left": {
                reference: {
                    "amount": item.amount,
                    "currency": item.currency,
                    "reason": item.reason,
                    "bank": item.bank,
                    "why": str(item.sentence),
                }
                for reference, item in self.left.items()
            },
            "net": dict(self.net),
            "certificate": self.certificate.to_dict(),
            "refused": [refusal.to_dict() for refusal in self.refused],
            "residue": None if self.residue is None else self.residue.to_dict(),
        }

    def summary(self) -> str:
        """Say in one line how much of what was due is settled."""
        return str(
            Text(
                "{settled:,} of {due:,} minor units of {currency} settled, {left:,} obligations left over",
                settled=self.settled_total,
                due=self.certificate.due,
                currency=self.currency,
                left=len(self.left),
            )
        )
