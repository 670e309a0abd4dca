"""A calendar of the council as somebody sees it: sessions, days until which states answer, days by which tasks are due.

Every event lasts a whole day. The same council gives the same bytes, and an event keeps its name from one calendar to
the next, so that a calendar program knows it again.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Calendar, Event

from dostastyq.actor import SECRETARIAT
from dostastyq.council.chamber import Chamber
from dostastyq.council.model import Draft, Task
from dostastyq.council.session_model import SESSION_STATES, Session
from dostastyq.i18n import Translator, message, translator
from dostastyq.register import Register
from dostastyq.register.exports.names import namespace


def to_ical(chamber: Chamber, law: Register, language: str = "en") -> bytes:
    """Write the calendar of what somebody may see.

    Parameters
    ----------
    chamber
        What the reader may see, as `Council.view` gives it.
    law
        Register that names the organs.
    language
        ``"kk"``, ``"ru"`` or ``"en"``.

    Returns
    -------
    bytes
        An iCalendar file (RFC 5545): sessions that are convened, open or over, deadlines of circulated drafts that
        are not settled, and tasks with a day that are not done.

    Examples
    --------
    >>> from dostastyq import register
    >>> b"VEVENT" in to_ical(Chamber(), register.load("cis"))
    False
    """
    tr = translator(language)
    calendar = Calendar()
    calendar.add("prodid", f"-//Dostastyq//council {law.name}//{language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("name", tr.gettext(message("Sessions, deadlines and tasks of the council")))
    stamp = datetime.combine(chamber.last_day or date(1970, 1, 1), time(), UTC)
    for event in _events(chamber, law, tr):
        event.add("dtstamp", stamp)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _events(chamber: Chamber, law: Register, tr: Translator) -> Iterator[Event]:
    for session in sorted(chamber.sessions.values(), key=lambda item: (item.day, item.code)):
        yield _session(session, chamber, law, tr)
    for slug, draft in sorted(chamber.drafts.items()):
        if draft.deadline is not None and draft.stage in {"circulated", "experts"}:
            yield _deadline(slug, draft, draft.deadline, law, tr)
    for task in sorted(chamber.tasks.values(), key=lambda item: (item.due or date.max, item.code)):
        if task.due is not None and not task.done:
            yield _task(task, task.due, chamber, law, tr)


def _session(session: Session, chamber: Chamber, law: Register, tr: Translator) -> Event:
    organ = law.institutions.organs.get(session.organ)
    name = tr.fill("{name}", {"name": organ.name}) if organ else session.organ
    event = _event(f"{namespace(law.name)}council/session/{session.code}", session.day, name, "session")
    event.add("location", session.place)
    event.add("status", "TENTATIVE" if session.state == "convened" else "CONFIRMED")
    lines = [tr.gettext(SESSION_STATES[session.state])]
    if session.chair:
        lines.append(tr.gettext(message("in the chair: {state:territory}"), state=session.chair))
    for item in session.items:
        draft = chamber.drafts.get(item.draft)
        if draft is not None:
            lines.append(f"{item.number}. {_title(draft, tr)}")
    event.add("description", "\n".join(lines))
    return event


def _deadline(slug: str, draft: Draft, day: date, law: Register, tr: Translator) -> Event:
    said = tr.gettext(message("Opinions are due: {title}"), title=draft.composition.title)
    key = f"{namespace(law.name)}council/deadline/{slug}/{draft.circulated}"
    event = _event(key, day, said, "deadline")
    about = message("version {n}, circulated to: {states:territories}")
    states = draft.composition.parties
    event.add("description", tr.gettext(about, n=str(draft.circulated), states=states))
    return event


def _task(task: Task, day: date, chamber: Chamber, law: Register, tr: Translator) -> Event:
    said = tr.gettext(message("Due: {title}"), title=task.title)
    event = _event(f"{namespace(law.name)}council/task/{task.code}", day, said, "task")
    whose = tr.join(
        tr.gettext(message("secretariat")) if place == SECRETARIAT else tr.territory(place) for place in task.assigned
    )
    draft = chamber.drafts.get(task.draft)
    lines = [_title(draft, tr)] if draft else []
    event.add("description", "\n".join([*lines, whose, tr.percent(task.progress, 0)]))
    return event


def _event(uid: str, day: date, summary: str, category: str) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", summary)
    event.add("categories", [category])
    event.add("transp", "TRANSPARENT")
    return event


def _title(draft: Draft, tr: Translator) -> str:
    return tr.fill("{title}", {"title": draft.composition.title})
