"""Business days and cut-offs of the members, in their own time zones.

Time zones and cut-offs are data (``commonwealths/cis/payments/calendars.csv``, with source and confidence); national
holidays and days moved by decree are those of the ``holidays`` library, offsets those of the IANA database, both dated.
Holidays by the moon are the library's estimates for years to come.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError, nearest

Convention: TypeAlias = Literal["following", "preceding", "modified_following"]
LONGEST: Final = 31
"""Days in which a business day must be found."""


@dataclass(frozen=True, slots=True)
class BankCalendar:
    """When the central bank of a state is open.

    Parameters
    ----------
    state, iso2
        ISO 3166 codes.
    zone
        Name in the IANA time zone database.
    cut_off
        Local time until which obligations of a day are taken in.
    source, confidence, note
        Where the cut-off is from, how sure it is (``assumed`` is configuration, no rule), and what to know.

    Examples
    --------
    >>> calendar("KAZ").is_business_day("2026-12-16"), calendar("KAZ").cut_off("2026-11-23").isoformat()
    (False, '2026-11-23T16:00:00+05:00')
    """

    state: str
    iso2: str
    zone: str
    cut_off_time: time
    source: str
    confidence: str
    note: str

    def is_business_day(self, day: date | str) -> bool:
        """Whether the bank is open; weekends worked by decree count.

        Raises
        ------
        DostastyqError
            ``PY061`` a year for which the holidays are not known.
        """
        on = calendar_day(day)
        known = _holidays(self.iso2, on.year)
        if known is None:
            raise DostastyqError(
                "PY061", f"the holidays of {self.state} in {on.year} are not known", "ask from 1993 on"
            )
        return bool(known.is_working_day(on))

    def cut_off(self, day: date | str) -> datetime:
        """Moment of the cut-off on a day, with its offset."""
        return datetime.combine(calendar_day(day), self.cut_off_time, ZoneInfo(self.zone))


@cache
def _holidays(iso2: str, year: int) -> Any:  # noqa: ANN401 -- a calendar of the library, or None
    import holidays  # noqa: PLC0415 -- slow to import

    found = holidays.country_holidays(iso2, years=year)
    return found if max(found.start_year, 1993) <= year <= found.end_year else None


@cache
def calendars() -> dict[str, BankCalendar]:
    """Every calendar by its state.

    Examples
    --------
    >>> len(calendars())
    12
    """
    text = files("dostastyq").joinpath("commonwealths", "cis", "payments", "calendars.csv").read_text("utf-8")
    found = {}
    for row in csv.DictReader(text.splitlines()):
        hour = time.fromisoformat(row["cut_off"])
        labels = (row["source"], row["confidence"], row["note"])
        found[row["state"]] = BankCalendar(row["state"], row["iso2"], row["zone"], hour, *labels)
    return found


def calendar(state: str) -> BankCalendar:
    """Find the calendar of a state.

    Raises
    ------
    DostastyqError
        ``PY060`` no such state.
    """
    if state not in calendars():
        raise DostastyqError("PY060", f"there is no calendar of {state!r}", nearest(state, calendars()))
    return calendars()[state]


def business_day(day: date | str, states: Iterable[str], convention: Convention = "following") -> date:
    """Roll a day to one on which all the banks are open.

    Parameters
    ----------
    day
        Value date wanted.
    states
        Banks that must be open: the debtor's and the creditor's, or all of the cycle.
    convention
        ``"following"``, ``"preceding"``, or ``"modified_following"``: the day after, unless it falls in the next month.

    Raises
    ------
    DostastyqError
        ``PY060`` unknown state, ``PY061`` unknown holidays, ``PY062`` unknown convention or no common day near.

    Examples
    --------
    >>> business_day("2026-11-28", ["KAZ", "RUS"])
    datetime.date(2026, 11, 30)
    """
    if convention not in ("following", "preceding", "modified_following"):
        known = ("following", "preceding", "modified_following")
        raise DostastyqError("PY062", f"there is no convention {convention!r}", nearest(convention, known))
    banks = [calendar(state) for state in states]
    on = calendar_day(day)
    step = timedelta(days=-1 if convention == "preceding" else 1)
    found = on
    for _ in range(LONGEST):
        if all(bank.is_business_day(found) for bank in banks):
            break
        found += step
    else:
        raise DostastyqError("PY062", f"no day within {LONGEST} of {on} on which all are open", "take fewer banks")
    if convention == "modified_following" and found.month != on.month:
        return business_day(on, [bank.state for bank in banks], "preceding")
    return found


def cut_off(day: date | str, states: Iterable[str]) -> datetime:
    """Moment at which the last of several banks has reached its cut-off, in UTC: a cycle can be frozen from then on.

    Examples
    --------
    >>> cut_off("2026-11-23", ["KAZ", "BLR"]).isoformat()
    '2026-11-23T13:00:00+00:00'
    """
    moments = [calendar(state).cut_off(day) for state in states]
    if not moments:
        raise DostastyqError("PY060", "no state was named", "name the banks of the cycle")
    return max(moments).astimezone(ZoneInfo("UTC"))
