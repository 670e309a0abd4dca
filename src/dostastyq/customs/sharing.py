r"""The duty shared among the members: exact parts, a carry that bounds the error, transfers, obligations.

With share :math:`s_j` and carry :math:`r_j` from before, member j claims :math:`c_j=s_jA+r_j` of an amount A. It gets
:math:`\lfloor c_j\rfloor`; the units left over go to the largest remainders; what a member got too little or too
much is carried on. Parts sum to A to the minor unit, carries sum to zero, and no carry ever reaches one unit, so that
in the long run every member has its share.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor
from types import MappingProxyType
from typing import Final

from dostastyq import money
from dostastyq.customs.decide import default_lawbook
from dostastyq.customs.facts import Share
from dostastyq.customs.lawbook import Lawbook, single
from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError
from dostastyq.payments import Obligation

SATURDAY: Final = 5
NO_CARRY: Final[Mapping[str, Fraction]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Split:
    """An amount in parts.

    Parameters
    ----------
    amount
        What was split, minor units; negative for a refund.
    parts
        By member, minor units; they sum to `amount`.
    carry
        By member, what it is still owed, below one minor unit in size; the carries sum to zero.
    """

    amount: int
    parts: Mapping[str, int]
    carry: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Distribution:
    """A day's duties, handed on.

    Parameters
    ----------
    on
        The reporting day.
    collected
        By member, duties collected less refunds, minor units.
    transfers
        By collecting member and receiving member, minor units; what a member keeps stands on the diagonal.
    carry
        By collecting member and receiving member, to be given to the next day's call.
    currency
        ISO 4217 code of the amounts.
    share
        Shares used.
    """

    on: date
    collected: Mapping[str, int]
    transfers: Mapping[str, Mapping[str, int]]
    carry: Mapping[str, Mapping[str, Fraction]]
    currency: str
    share: Share

    @property
    def net(self) -> Mapping[str, int]:
        """By member, what it receives less what it pays; the sum is zero."""
        received = {to: sum(row[to] for row in self.transfers.values()) for to in self.share.parts}
        return {state: amount - self.collected.get(state, 0) for state, amount in received.items()}

    def obligations(self, value_date: date | None = None) -> tuple[Obligation, ...]:
        """Give what members owe one another, ready for clearing; a refund turns the debt round.

        Parameters
        ----------
        value_date
            Day on which they fall due; None where there is none.
        """
        owed = []
        for payer, row in self.transfers.items():
            for receiver, amount in row.items():
                if payer == receiver or amount == 0:
                    continue
                one, other = (payer, receiver) if amount > 0 else (receiver, payer)
                reference = f"duty-{self.on}-{payer}-{receiver}"
                owed.append(Obligation(reference, one, other, abs(amount), self.currency, value_date))
        return tuple(owed)


def share_on(on: str | date, book: Lawbook | None = None) -> Share:
    """Shares of the members in import duties on a day.

    Raises
    ------
    DostastyqError
        ``CU060`` when none are known for the day.

    Examples
    --------
    >>> share_on("2026-06-30").parts["KAZ"]
    Fraction(1391, 20000)
    """
    day = calendar_day(on)
    law = default_lawbook() if book is None else book
    found = single([share for share in law.shares if share.holds(day)], "sets of shares")
    if found is None:
        raise DostastyqError(
            "CU060",
            f"no shares in import duties are known for {day}",
            f"they begin on {min(share.valid_from for share in law.shares)}: name a later day",
        )
    return found


def split(
    amount: int, on: str | date, carry: Mapping[str, Fraction] = NO_CARRY, *, book: Lawbook | None = None
) -> Split:
    """Split an amount among the members by the shares of a day.

    Parameters
    ----------
    amount
        Minor units; negative for a refund.
    on
        Day whose shares apply.
    carry
        `Split.carry` of the amount before; states that are no longer members lose what they carried to the others.
    book
        Stand-in for the shipped law.

    Returns
    -------
    Split

    Raises
    ------
    DostastyqError
        ``CU060`` no shares on the day, ``CU061`` no whole number.

    Examples
    --------
    >>> dict(split(100_00, "2026-06-30").parts)
    {'ARM': 122, 'BLR': 486, 'KAZ': 696, 'KGZ': 190, 'RUS': 8506}
    """
    return _split(amount, share_on(on, book).parts, carry)


def _split(amount: int, shares: Mapping[str, Fraction], carry: Mapping[str, Fraction]) -> Split:
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise DostastyqError("CU061", f"{amount!r} is no whole number of minor units", "write 12.50 as 1250")
    claims = {state: share * amount + carry.get(state, Fraction(0)) for state, share in shares.items()}
    lost = amount - sum(claims.values())
    claims = {state: claim + shares[state] * lost for state, claim in claims.items()}
    parts = {state: floor(claim) for state, claim in claims.items()}
    left = amount - sum(parts.values())
    for state in sorted(claims, key=lambda state: parts[state] - claims[state])[:left]:
        parts[state] += 1
    return Split(amount, MappingProxyType(parts), {state: claims[state] - part for state, part in parts.items()})


def distribute(
    collected: Mapping[str, int],
    on: str | date,
    currency: str,
    carry: Mapping[str, Mapping[str, Fraction]] = MappingProxyType({}),
    *,
    book: Lawbook | None = None,
) -> Distribution:
    """Hand a day's duties on to the members.

    Parameters
    ----------
    collected
        By member, duties collected less refunds, minor units.
    on
        The reporting day, whose shares apply.
    currency
        ISO 4217 code of the amounts.
    carry
        `Distribution.carry` of the day before.
    book
        Stand-in for the shipped law.

    Returns
    -------
    Distribution

    Raises
    ------
    DostastyqError
        ``CU060``, ``CU061``; ``CU062`` when a collector is no member that day; ``MN001``, ``MN002`` the currency.

    Examples
    --------
    >>> day = distribute({"KAZ": 100_000, "RUS": 900_000}, "2026-06-30", "RUB")
    >>> day.net, len(day.obligations())
    ({'ARM': 12200, 'BLR': 48600, 'KAZ': -30450, 'KGZ': 19000, 'RUS': -49350}, 8)
    """
    day = calendar_day(on)
    money.currency(currency, day)
    share = share_on(day, book)
    for state in collected:
        if state not in share.parts:
            raise DostastyqError(
                "CU062", f"{state} has no share in import duties on {day}", f"members then: {', '.join(share.parts)}"
            )
    splits = {state: _split(collected.get(state, 0), share.parts, carry.get(state, NO_CARRY)) for state in share.parts}
    return Distribution(
        on=day,
        collected=MappingProxyType(dict(collected)),
        transfers=MappingProxyType({state: found.parts for state, found in splits.items()}),
        carry=MappingProxyType({state: found.carry for state, found in splits.items()}),
        currency=currency,
        share=share,
    )


def report_due(state: str, on: str | date, *, book: Lawbook | None = None) -> datetime:
    """Say by when a member reports the duties of a day: the hour of the treaty, on its next working day.

    Parameters
    ----------
    state
        The member.
    on
        The reporting day.
    book
        Stand-in for the shipped law.

    Returns
    -------
    datetime.datetime
        In the member's own time zone.

    Raises
    ------
    DostastyqError
        ``CU060``; ``CU062`` when it is no member that day.

    Notes
    -----
    Annex 5 to the Treaty on the Union, para. 40: no later than 16:00 local time. Saturdays, Sundays and public holidays
    of the member are no working days; working days that a government moved are not known here.

    Examples
    --------
    >>> report_due("KAZ", "2026-07-03").isoformat()
    '2026-07-07T16:00:00+05:00'
    """
    from holidays import country_holidays  # noqa: PLC0415 -- heavy, and wanted here alone

    law, day = default_lawbook() if book is None else book, calendar_day(on)
    members = share_on(day, law).parts
    if state not in members:
        raise DostastyqError(
            "CU062", f"{state} has no share in import duties on {day}", f"members then: {', '.join(members)}"
        )
    free = country_holidays(law.cutoff.calendars[state], years=(day.year, day.year + 1))
    following = day + timedelta(days=1)
    while following.weekday() >= SATURDAY or following in free:
        following += timedelta(days=1)
    return datetime.combine(following, law.cutoff.at, law.cutoff.zones[state])
