"""What happened, day by day: signatures, acts, entries into force, exits, ends, and standing in the commonwealth."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from dostastyq.dates import Day
from dostastyq.i18n import Text, message
from dostastyq.register.acts import Act
from dostastyq.register.facts import Confidence, Sourced
from dostastyq.register.model import Instrument
from dostastyq.register.wording import ACT_NAMES

if TYPE_CHECKING:
    from dostastyq.register.law import Register

CLASSES = {
    "founding": message("founding state of the commonwealth"),
    "participating": message("participating state of the commonwealth"),
    "member": message("member state of the commonwealth"),
    "associate": message("associate state of the commonwealth"),
}
"""What a class of membership is called in a sentence."""


ORDER = ("membership", "signature", "act", "in_force", "exit", "ended")
"""Kinds of event on one day; every act is an ``act``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, or follows from what happened, on a day.

    Parameters
    ----------
    day
        The day, as far as it is known.
    kind
        ``signature``, a kind of act, ``in_force`` (of the instrument, or for a state), ``exit``, ``ended``, or
        ``membership``.
    what
        What happened, in a few words that can be said in other languages.
    instrument
        Slug of the instrument; empty for standing in the commonwealth.
    states
        States concerned; empty for the instrument as such.
    sources, confidence
        Where it comes from.
    key
        Stable name.
    """

    day: Day
    kind: str
    what: Text
    instrument: str = ""
    states: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    confidence: Confidence = "high"
    key: str = ""

    @property
    def order(self) -> tuple[date, date, str, int, str]:
        """Sorting key: by day, then by instrument, what follows from an act after the act, then by name."""
        first = self.day.earliest or self.day.latest or date.min
        rank = ORDER.index(self.kind) if self.kind in ORDER else ORDER.index("act")
        return first, self.day.latest or date.max, self.instrument, rank, self.key


def of_state(register: "Register", state: str) -> tuple[Event, ...]:
    """Collect what happened to a state, and to the instruments it has to do with, in order.

    Examples
    --------
    >>> from dostastyq import register
    >>> found = of_state(register.load("cis"), "KGZ")
    >>> [str(event.day) for event in found if (event.instrument, event.kind) == ("eaeu-2014", "in_force")]
    ['2015-01-01', '2015-08-12']
    """
    found = [*_memberships(register, state)]
    for slug in register.instruments:
        found += [event for event in of_instrument(register, slug) if not event.states or state in event.states]
    own = {event.instrument for event in found if event.states}
    return tuple(sorted((it for it in found if not it.instrument or it.instrument in own), key=lambda it: it.order))


def of_instrument(register: "Register", slug: str) -> tuple[Event, ...]:
    """Collect what happened to an instrument, in order.

    Examples
    --------
    >>> from dostastyq import register
    >>> [event.kind for event in of_instrument(register.load("cis"), "eurasec-2000")][0]
    'signature'
    """
    item = register.instrument(slug)
    signed, entered, ended = item.signed, item.entered, item.ended
    found = [_of_fact(f"{slug}/signature", Text("signature"), signed.day, signed, signed.by)]
    if entered is not None:
        found.append(_of_fact(f"{slug}/in_force", Text("the instrument enters into force"), entered.day, entered))
    if ended is not None and ended.day is not None:
        found.append(_of_fact(f"{slug}/ended", Text("the instrument ends"), ended.day, ended))
    found += [event for act in item.acts if (event := _of_act(act)) is not None]
    for state in register.states:
        found += _of_standing(register, item, state)
    return tuple(sorted(found, key=lambda event: event.order))


def sentence(event: Event) -> Text:
    """Say what happened, and to whom.

    Examples
    --------
    >>> event = Event(day=Day.of("2012-12-08"), kind="in_force", what=Text("in force for it"), states=("KAZ",))
    >>> print(sentence(event))
    Kazakhstan: in force for it
    """
    if not event.states:
        return event.what
    return Text("{states:territories}: {what}", states=event.states, what=event.what)


def _of_fact(key: str, what: Text, day: Day, fact: Sourced, states: tuple[str, ...] = ()) -> Event:
    slug, _, kind = key.partition("/")
    return Event(
        day=day,
        kind=kind,
        what=what,
        instrument=slug,
        states=states,
        sources=fact.sources,
        confidence=fact.confidence,
        key=key,
    )


def _of_act(act: Act) -> Event | None:
    """Turn an act into an event; entries into force and exits are told by the standing of the state instead."""
    day = act.date or act.effective
    if day is None or act.kind in {"entry_into_force", "withdrawal_effective"}:
        return None
    what = Text(ACT_NAMES[act.kind])
    if act.towards:
        what = Text("{act} towards {states:territories}", act=what, states=act.towards)
    return _made(act, day, act.kind, what)


def _of_standing(register: "Register", item: Instrument, state: str) -> Iterator[Event]:
    for number, entry in enumerate(register.standing(item.slug, state).entries, 1):
        what, key = Text("enters into force for it"), f"{item.slug}/{state}/in_force/{number}"
        if entry.act is not None:
            yield _made(entry.act, entry.day, "in_force", what, key)
            continue
        fact = item.in_force_by if entry.why == "in_force_by" else item.entered
        yield Event(
            day=entry.day,
            kind="in_force",
            what=what,
            instrument=item.slug,
            states=(state,),
            sources=fact.sources if fact else item.signed.sources,
            confidence=fact.confidence if fact else item.signed.confidence,
            key=key,
        )
    for number, (day, act) in enumerate(register.record(item.slug).exits(state), 1):
        key = f"{item.slug}/{state}/exit/{number}"
        yield _made(act, day, "exit", Text("no longer in force for it"), key)


def _made(act: Act, day: Day, kind: str, what: Text, key: str = "") -> Event:
    return Event(
        day=day,
        kind=kind,
        what=what,
        instrument=act.instrument,
        states=(act.state,),
        sources=act.sources,
        confidence=act.confidence,
        key=key or act.key,
    )


def _memberships(register: "Register", state: str) -> Iterator[Event]:
    for item in register.memberships:
        if item.state != state:
            continue
        name = Text(CLASSES[item.standing])
        for day, what in ((item.start, name), (item.end, Text("no longer: {what}", what=name))):
            if day is not None:
                yield Event(
                    day=day,
                    kind="membership",
                    what=what,
                    states=(state,),
                    sources=item.sources,
                    confidence=item.confidence,
                    key=f"{state}/{item.standing}",
                )
