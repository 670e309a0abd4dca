"""Steps of the house, which no map governs: admissions, full powers, sessions, impacts and tasks."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from dostastyq.actor import SECRETARIAT, Actor
from dostastyq.council.information import ABOUT, FACTS
from dostastyq.council.policy import ACTS, PARTS
from dostastyq.council.procedure import procedure_maps
from dostastyq.council.replay.book import Book, Line, Meeting, Span
from dostastyq.council.replay.gates import HEADS
from dostastyq.council.replay.steps import Wrong, Wrongs, acting
from dostastyq.dates import Day


def _may(line: Line, *, chair: str = "") -> Wrongs:
    who = ACTS[line.entry.kind]
    if not who & acting(line, chair=chair):
        yield Wrong("by", " or ".join(sorted(who)), f"{line.person.name} ({line.person.role})")


def _span(line: Line) -> tuple[date, date | None]:
    return line.date("since") or line.day, line.date("until")


def _admit(book: Book, line: Line) -> Wrongs:
    person = Actor(line["person"]["name"], line["person"]["place"], line["person"]["role"])
    since, until = _span(line)
    if not book.admissions:
        if person != line.person or (person.place, person.role) != (SECRETARIAT, "secretary"):
            yield Wrong("person", "a founder: an officer of the secretariat, by themselves", person.name)
        book.rehearsal = line.get("rehearsal") is True
    else:
        yield from _may(line)
        if line.get("rehearsal"):
            yield Wrong("rehearsal", "said when the council was founded", "later")
    inside = person.role in {"secretary", "auditor"}
    if person.role not in PARTS or inside != (person.place == SECRETARIAT):
        yield Wrong("capacity", f"one that fits {person.place}", person.role)
    if person.place != SECRETARIAT and person.place not in book.base.states:
        yield Wrong("place", "a state of the register", person.place)
    if until is not None and until <= since:
        yield Wrong("until", f"later than {since}", until)
    book.admissions.append(Span(person, since, until))


def _dismiss(book: Book, line: Line) -> Wrongs:
    yield from _may(line)
    key = Actor(line["name"]).key
    held = [place for place, span in enumerate(book.admissions) if span.person.key == key and span.holds(line.day)]
    if not held:
        yield Wrong("name", f"somebody admitted on {line.day}", line["name"])
    officers = [span.person for span in book.admissions if span.holds(line.day) and span.person.role == "secretary"]
    if not any(person.key != key for person in officers):
        yield Wrong("name", "somebody else than the last officer of the secretariat", line["name"])
    for place in held:
        book.admissions[place] = replace(book.admissions[place], until=line.day)


def _empower(book: Book, line: Line) -> Wrongs:
    yield from _may(line)
    since, until = _span(line)
    person = book.admitted(Actor(line["name"]), line.day)
    if person is None or person.place != line["state"]:
        yield Wrong("name", f"somebody admitted for {line['state']}", line["name"])
    issuer = line.person
    if issuer.role != "secretary" and (issuer.place, issuer.role in HEADS) != (line["state"], True):
        yield Wrong(
            "by", f"who issues full powers of {line['state']}", f"{issuer.name} ({issuer.place}, {issuer.role})"
        )
    if not line["basis"].strip():
        yield Wrong("basis", "a document", "none")
    if line.get("draft") and line["draft"] not in book.files:
        yield Wrong("draft", "one that was proposed", line["draft"])
    book.powers.append(Span(Actor(line["name"], line["state"]), since, until, line.get("draft", "")))


def _convene(book: Book, line: Line) -> Wrongs:
    code, organ, day, chair = line["session"], line["organ"], line.date("day"), line.get("chair", "")
    yield from _may(line, chair=_chair_of_calendar(book, organ, day))
    if code in book.meetings or code != f"{organ}/{day}" or day is None:
        yield Wrong("session", f"a new one, {organ}/{day}", code)
    if organ not in book.base.institutions.organs:
        yield Wrong("organ", "one of the register", organ)
    if chair and chair not in book.base.states:
        yield Wrong("chair", "a state of the register", chair)
    if line["edition"] not in procedure_maps(book.commonwealth):
        yield Wrong("edition", " or ".join(procedure_maps(book.commonwealth)), line["edition"])
    if day is not None and day < line.day:
        yield Wrong("day", f"{line.day} or later", day)
    book.meetings[code] = Meeting(organ, day or line.day, chair)


def _chair_of_calendar(book: Book, organ: str, day: date | None) -> str:
    """Give who is in the chair by the organ's calendar: a state that convenes does not name itself."""
    institutions = book.base.institutions
    return (institutions.chair(organ, Day.of(day)) or "") if day is not None and organ in institutions.organs else ""


def _meeting(book: Book, line: Line) -> Meeting:
    return book.meetings[line["session"]]


def _open_session(book: Book, line: Line) -> Wrongs:
    meeting, present = _meeting(book, line), line.get("present")
    yield from _may(line, chair=meeting.chair)
    if meeting.state != "convened":
        yield Wrong("session", "one that was convened and not opened yet", meeting.state)
    if line.day < meeting.day:
        yield Wrong("day", f"{meeting.day} or later", line.day)
    for state in present or ():
        if state not in book.base.states:
            yield Wrong("present", "states of the register", state)
    meeting.state, meeting.present = "open", None if present is None else tuple(present)


def _close_session(book: Book, line: Line) -> Wrongs:
    meeting = _meeting(book, line)
    yield from _may(line, chair=meeting.chair)
    if meeting.state != "open":
        yield Wrong("session", "one that is open", meeting.state)
    for file in book.files.values():
        if file.poll is not None and file.poll.session == line["session"]:
            yield Wrong("session", "one without an open vote", f"the vote on {file.slug} is open")
    meeting.state = "closed"


def _item_change(book: Book, line: Line) -> Wrongs:
    meeting, file = _meeting(book, line), book.files[line["draft"]]
    yield from _may(line, chair=meeting.chair)
    if file.session != line["session"] or file.stage != "on_agenda":
        yield Wrong("draft", f"an item of {line['session']}", line["draft"])


def _attach_impact(book: Book, line: Line) -> Wrongs:
    file = book.files[line["draft"]]
    yield from _may(line)
    if not file.seen_by(line.person):
        yield Wrong("by", "somebody who knew of the draft", f"{line.person.name} ({line.person.place})")
    if line["version"] != len(file.texts):
        yield Wrong("version", len(file.texts), line["version"])
    if file.text.get("scenario") is None:
        yield Wrong("digest", "of a draft with a scenario", file.slug)
    file.impacts.add(line["version"])


def _assign(book: Book, line: Line) -> Wrongs:
    file = book.files[line["draft"]]
    poll = file.sealed[1] if file.sealed else None
    meeting = book.meetings.get(poll.session if poll else file.session)
    yield from _may(line, chair=meeting.chair if meeting else "")
    if file.sealed is None or file.sealed[0] is not True:
        yield Wrong("draft", "one that was adopted", file.slug)
    code, due = line["task"], line.date("due")
    if code != f"{file.slug}#{len(file.tasks) + 1}":
        yield Wrong("task", f"{file.slug}#{len(file.tasks) + 1}", code)
    if not line["title"].strip() or not line["assigned"]:
        yield Wrong("task", "words and somebody to do it", line["title"])
    if due is not None and due < line.day:
        yield Wrong("due", f"{line.day} or later", due)
    file.tasks.append(code)
    book.tasks[code] = (tuple(line["assigned"]), 0)


def _progress(book: Book, line: Line) -> Wrongs:
    assigned, _ = book.tasks[line["task"]]
    yield from _may(line)
    if line.person.place not in {*assigned, SECRETARIAT}:
        yield Wrong("by", " or ".join((*assigned, SECRETARIAT)), line.person.place)
    share = line["progress"]
    if isinstance(share, bool) or not isinstance(share, int) or not 0 <= share <= 100:
        yield Wrong("progress", "0 to 100", share)
    book.tasks[line["task"]] = (assigned, share)


def _inform(book: Book, line: Line) -> Wrongs:
    file = book.files.get(line["draft"])
    if file is None:
        yield Wrong("draft", "one that was proposed", line["draft"])
        return
    may = acting(line, depositary=file.composition.depositary)
    if not may & ACTS["inform"]:
        yield Wrong("by", " or ".join(sorted(ACTS["inform"])), f"{line.person.name} ({line.person.role})")
    entry = book.registered(line["instrument"])
    held = [it for it in book.recorded if it.kind == "instrument" and it.content.get("slug") == file.slug]
    earlier = [it for it in held if entry is not None and it.sequence < entry.sequence]
    if entry not in held or not earlier or entry is None:
        yield Wrong("instrument", f"a later entry of the register that holds {file.slug}", line["instrument"])
        return
    if entry.supersedes != earlier[-1].sequence:
        yield Wrong("instrument", f"one that supersedes {earlier[-1].sequence}", entry.supersedes)
    old, new = earlier[-1].content["record"], entry.content["record"]
    changed = {key for key in {*old, *new} if old.get(key) != new.get(key)} - FACTS
    for key in sorted(changed):
        was, now = old.get(key), new.get(key)
        both = key in ABOUT and isinstance(was, Mapping) and isinstance(now, Mapping)
        if not both or {name for name in {*was, *now} if was.get(name) != now.get(name)} - ABOUT[key]:
            yield Wrong("information", "what a session did not make", key)


HOUSE: Final[Mapping[str, Callable[[Book, Line], Wrongs]]] = {
    "admit": _admit,
    "dismiss": _dismiss,
    "empower": _empower,
    "convene": _convene,
    "open_session": _open_session,
    "close_session": _close_session,
    "item_change": _item_change,
    "attach_impact": _attach_impact,
    "inform": _inform,
    "assign": _assign,
    "progress": _progress,
}
"""What each step of the house says."""
