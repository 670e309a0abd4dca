"""A calendar of what happened: entries into force, notices, exits, ends, signatures.

Every event with one exact day is an all-day ``VEVENT``. Days known only within bounds cannot stand in a calendar: each
instrument lists them in one undated ``VJOURNAL`` note.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from icalendar import Calendar, Event, Journal

from dostastyq.i18n import Translator, translator
from dostastyq.register.exports.events import Event as Happening
from dostastyq.register.exports.events import of_instrument, sentence
from dostastyq.register.exports.names import namespace
from dostastyq.register.wording import say_day

if TYPE_CHECKING:
    from dostastyq.register.exports import Request
    from dostastyq.register.law import Register


def to_ical(request: "Request") -> bytes:
    """Write the calendar in the language of the request."""
    register, tr = request.register, translator(request.language)
    calendar = Calendar()
    calendar.add("prodid", f"-//Dostastyq//register {register.name}//{tr.language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("name", tr.gettext("Treaties of the commonwealth"))
    stamp = datetime.combine(register.horizon or date(1970, 1, 1), time(), UTC)
    for slug in request.slugs:
        found = of_instrument(register, slug)
        for component in _components(register, tr, slug, found):
            component.add("dtstamp", stamp)
            calendar.add_component(component)
    return bytes(calendar.to_ical())


def _components(
    register: "Register", tr: Translator, slug: str, found: tuple[Happening, ...]
) -> Iterator[Event | Journal]:
    known = [event for event in found if event.day.exact]
    yield from (_event(register, tr, event) for event in known)
    rough = [event for event in found if not event.day.exact]
    if rough:
        note = Journal()
        note.add("uid", f"{namespace(register.name)}{slug}/rough-days")
        note.add("summary", tr.gettext("{title}: days not exactly known", title=register.instruments[slug].title))
        lines = [f"{tr.text(say_day(event.day))}: {tr.text(sentence(event))}" for event in rough]
        note.add("description", "\n".join(lines))
        yield note


def _event(register: "Register", tr: Translator, happening: Happening) -> Event:
    item, day = register.instruments[happening.instrument], happening.day.earliest or date.min
    event = Event()
    event.add("uid", f"{namespace(register.name)}{happening.key}")
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    title = tr.fill("{title}", {"title": item.title})
    event.add("summary", f"{title}: {tr.text(sentence(happening))}")
    cited = [f"[{happening.confidence}]", *(register.sources[key].title for key in happening.sources)]
    event.add("description", "\n".join(cited))
    event.add("categories", [happening.kind])
    event.add("transp", "TRANSPARENT")
    return event
