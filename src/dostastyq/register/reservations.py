"""Reservations between two states, by the Vienna Convention on the Law of Treaties, Arts. 19 to 23.

* A reservation made at signature lapses unless the state confirms it when it consents (Art. 23.2).
* Silence for twelve months after the reservation, or until the other state's own consent where that is later, accepts
  it (Art. 20.5). As depositaries do, the treaty is taken to apply meanwhile; the provisions reserved do not, since
  neither acceptance nor objection would make them apply.
* Accepted, or met by a simple objection, a reservation removes its provisions between the two (Art. 21).
* An objection that opposes the entry into force of the treaty between the two leaves no relation (Art. 20.4.b); one
  that comes after the reservation was accepted changes nothing.
* A declaration of interpretation changes nothing (Art. 2.1.d).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from dostastyq.dates import Day
from dostastyq.register.acts import CONSENT, Act
from dostastyq.register.evidence import Record
from dostastyq.register.timeline import Line, both, either, negate, since

SILENCE = "P12M"
"""How long silence must last to accept (Vienna Convention, Art. 20.5)."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """A reservation that was not lost on the way to consent.

    Parameters
    ----------
    act
        The act that formulated it.
    start
        Day from which it stands.
    end
        Day on which it was withdrawn; None while it stands.
    """

    act: Act
    start: Day
    end: Day | None

    @property
    def line(self) -> Line:
        """Whether it stands, over all days."""
        return since(self.start) if self.end is None else both(since(self.start), negate(since(self.end)))


def reservations(record: Record, state: str) -> Iterator[Reservation]:
    """Find the reservations of a state that stand.

    Examples
    --------
    >>> from dostastyq import register
    >>> reg = register.load("cis")
    >>> [item.act.provisions for item in reservations(reg.record("treaty-of-four-1996"), "BLR")]
    [('Art. 2 para. 8', 'Art. 13', 'Art. 24')]
    >>> list(reservations(reg.record("ces-2003"), "UKR"))
    []
    """
    acts = record.acts_of(state)
    withdrawals = [act for act in acts if act.kind == "reservation_withdrawal" and act.effect is not None]
    for act in acts:
        if act.kind != "reservation" or act.date is None or lapsed(record, act):
            continue
        ends = [it.effect for it in withdrawals if _concerns(it, act) and it.effect is not None]
        yield Reservation(act, act.effective or act.date, min(ends, key=_earliest, default=None))


def lapsed(record: Record, reservation: Act) -> bool:
    """Whether a reservation made at signature was not confirmed at consent, or one was made after it."""
    acts = record.acts_of(reservation.state)
    day = reservation.date
    consents = [act.date for act in acts if act.kind in CONSENT - {"definitive_signature"} and act.date is not None]
    if day is None:
        return False
    if not _by_signature(record, reservation.state) and _not_after(day, record.signed):
        return not any(
            act.kind == "reservation_confirmation"
            or (
                act.kind == "reservation" and act.provisions == reservation.provisions and not _not_after(act.date, day)
            )
            for act in acts
        )
    return bool(consents) and all(
        consent.latest is not None and day.earliest is not None and consent.latest < day.earliest
        for consent in consents
    )


def effective_reservations(record: Record, state: str, on: date) -> list[Reservation]:
    """Reservations of a state that certainly stand on a day."""
    return [
        item
        for item in reservations(record, state)
        if item.start.at_or_before(on) is True and (item.end is None or item.end.after(on) is not False)
    ]


def opposed_line(record: Record, first: str, second: str) -> Line:
    """Whether an objection keeps the treaty from applying between two states."""
    return either(
        *(
            both(since(act.date or Day(None, None)), item.line)
            for author, other in ((first, second), (second, first))
            for item in reservations(record, author)
            for act in record.acts_of(other)
            if act.kind == "objection" and act.opposes and _answers(record, act, item)
        )
    )


def removed_line(record: Record, first: str, second: str, provision: str) -> Line:
    """Whether a reservation keeps one provision from applying between two states."""
    return either(
        *(
            item.line
            for author in (first, second)
            for item in reservations(record, author)
            if any(covers(reserved, provision) for reserved in item.act.provisions)
        )
    )


def covers(reserved: str, provision: str) -> bool:
    """Whether what is reserved contains a provision.

    Examples
    --------
    >>> covers("Art. 2", "Art. 2 para. 8"), covers("Art. 2 para. 8", "Art. 2"), covers("Art. 2", "Art. 24")
    (True, False, False)
    """
    return provision == reserved or provision.startswith(f"{reserved} ")


def accepted_by(record: Record, item: Reservation, other: str) -> date | None:
    """Day from which silence of another state accepts a reservation; None where a day is not known."""
    start = item.start.latest
    if start is None:
        return None
    silent = Day.of(start).plus(SILENCE).latest
    consents = [
        act.date.latest
        for act in record.acts_of(other)
        if act.kind in CONSENT and act.date is not None and act.date.latest is not None
    ]
    return max([day for day in (silent, *consents[:1]) if day is not None], default=None)


def _answers(record: Record, objection: Act, item: Reservation) -> bool:
    if item.act.state not in objection.towards and objection.towards:
        return False
    if objection.date is None or objection.date.earliest is None:
        return True
    if any(
        act.kind == "reservation_acceptance" and item.act.state in act.towards
        for act in record.acts_of(objection.state)
    ):
        return False
    limit = accepted_by(record, item, objection.state)
    return limit is None or objection.date.earliest < limit + timedelta(days=1)


def _concerns(withdrawal: Act, reservation: Act) -> bool:
    return not withdrawal.provisions or set(withdrawal.provisions) >= set(reservation.provisions)


def _by_signature(record: Record, state: str) -> bool:
    """Whether signature alone bound the state, so that there was no later consent to confirm at."""
    if any(act.kind == "definitive_signature" for act in record.acts_of(state)):
        return True
    clause = record.instrument.clause
    return clause.rule == "signature" and state not in record.instrument.signed.subject_to


def _not_after(day: Day | None, limit: Day) -> bool:
    return day is not None and day.latest is not None and limit.latest is not None and day.latest <= limit.latest


def _earliest(day: Day) -> date:
    return day.earliest or day.latest or date.min
