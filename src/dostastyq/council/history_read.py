"""A history of sessions as data: who met when, under which Rules, what was adopted and signed, what followed.

Refusals: ``CN290`` for a history that is not there, ``CN291`` for one that cannot be read, naming file, line and key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from dostastyq.council.composer import Composition
from dostastyq.council.composer import compose as compose_draft
from dostastyq.dates import add_duration
from dostastyq.errors import DostastyqError, nearest
from dostastyq.register import Register
from dostastyq.register.acts import ACT_KINDS, ORGAN_ACTS
from dostastyq.register.facts import CONFIDENCES, Confidence
from dostastyq.register.loader import COMMONWEALTHS, load
from dostastyq.register.reader import Reader, Record, compose
from dostastyq.register.schema_base import Known, read_calendar_day, read_duration

FILE = "history.yaml"
_ACT = ("state", "act", "day", "date", "effective", "provisions", "towards", "through", "text", "src", "conf")
_ITEM = ("preference", "agreement", "depositary", "signed", "enacted", "statements", "stated", "then")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a fact comes from: keys of the register's sources, and how far they are to be relied on."""

    sources: tuple[str, ...]
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Something that came after a session: an act of a state, or facts that somebody stated.

    Parameters
    ----------
    day
        When it is played.
    state, act, given
        The act, and its further fields as `Signatures.deposit` takes them; empty for facts.
    evidence
        Of the act.
    facts
        What was stated, in the shape of the register's files.
    """

    day: date
    state: str = ""
    act: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    evidence: Evidence | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A text that a session adopted.

    Parameters
    ----------
    composition
        The text as far as it is known, and its forms.
    signed, declined
        States that signed and that are known not to have; None for a decision that nobody signed apart.
    statements
        What a state said on signing, with its source.
    evidence
        Of the signature or adoption.
    stated
        Facts that are known with it.
    then
        What came later, in the order of days.
    """

    composition: Composition
    signed: tuple[str, ...] | None
    declined: tuple[str, ...]
    statements: Mapping[str, tuple[str, tuple[str, ...]]]
    evidence: Evidence
    stated: Mapping[str, Any]
    then: tuple[Later, ...]

    @property
    def slug(self) -> str:
        """Its name."""
        return self.composition.slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A session of the past.

    Parameters
    ----------
    organ, day, place, rules
        Who met, when, where and under which edition of the Rules.
    present
        Who took part; None where no source lists it.
    items
        What it adopted.
    """

    organ: str
    day: date
    place: str
    rules: str
    present: tuple[str, ...] | None
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A difference from the shipped register that is known and right.

    Parameters
    ----------
    field
        The field, or the beginning of its name.
    of
        Instruments; empty for all.
    replayed, shipped
        What each says, where the reason holds for that alone.
    why
        The reason.
    """

    field: str
    of: tuple[str, ...]
    why: str
    replayed: str | None = None
    shipped: str | None = None

    def covers(self, slug: str, field: str, replayed: str, shipped: str) -> bool:
        """Whether a difference is this one."""
        here = (not self.of or slug in self.of) and f"{field}.".startswith(f"{self.field}.")
        return here and self.replayed in {None, replayed} and self.shipped in {None, shipped}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A history of sessions.

    Parameters
    ----------
    commonwealth
        Whose.
    preparation
        How long before a session the steps before it are played, where its Rules have such steps.
    meetings
        In the order of days.
    allowed
        Differences from the shipped register that are known.
    """

    commonwealth: str
    preparation: Mapping[str, str]
    meetings: tuple[Meeting, ...]
    allowed: tuple[Allowed, ...]

    @property
    def slugs(self) -> tuple[str, ...]:
        """Instruments that it makes."""
        return tuple(item.slug for meeting in self.meetings for item in meeting.items)

    def before(self, meeting: Meeting, step: str) -> date:
        """Give the day on which a step before a session is played."""
        return meeting.day - (add_duration(meeting.day, self.preparation[step]) - meeting.day)


@lru_cache(maxsize=8)
def history(commonwealth: str = "cis") -> History:
    """Read the history that a commonwealth ships.

    Examples
    --------
    >>> founding = history("cis")
    >>> str(founding.meetings[0].day), founding.meetings[0].items[0].slug
    ('1991-12-08', 'cis-agreement-1991')
    """
    path = COMMONWEALTHS / commonwealth / "council" / FILE
    if not path.exists():
        known = sorted(path.parent.parent.name for path in COMMONWEALTHS.glob(f"*/council/{FILE}"))
        raise DostastyqError("CN290", f"there is no history of {commonwealth!r}", nearest(commonwealth, known))
    return read_history(path, commonwealth)


def read_history(path: Path, commonwealth: str = "cis") -> History:
    """Read and check a file of sessions."""
    try:
        return _read(compose(path.read_text("utf-8"), path.name), commonwealth, load(commonwealth))
    except DostastyqError as error:
        raise DostastyqError("CN291", error.message, error.hint) from None


@dataclass(frozen=True, slots=True)
class _Frame:
    """What every item needs while it is read."""

    commonwealth: str
    register: Register
    known: Known
    text: Mapping[str, Any]


def _read(at: Reader, commonwealth: str, register: Register) -> History:
    record = at.record(("preparation", "text", "sessions", "differences"))
    steps = record["preparation"].record(("proposed", "opinions_until", "agreed", "placed"))
    known = Known(frozenset(register.sources), frozenset(register.states), frozenset(register.instruments))
    frame = _Frame(commonwealth, register, known, _plain(record["text"]))
    meetings = tuple(_meeting(item, frame) for item in record["sessions"].items())
    days = [meeting.day for meeting in meetings]
    if days != sorted(days):
        record["sessions"].refuse("RG025", "the sessions are not in the order of days", "put the earlier one first")
    return History(
        commonwealth=commonwealth,
        preparation={name: read_duration(steps[name]) for name in steps.found},
        meetings=meetings,
        allowed=tuple(_allowed(item, known) for item in record["differences"].items()),
    )


def _allowed(at: Reader, known: Known) -> Allowed:
    record = at.record(("field", "why"), ("of", "replayed", "shipped"))
    return Allowed(
        field=record.text("field"),
        of=record.get("of", lambda it: tuple(known.slug(item) for item in it.items()), ()),
        replayed=record.get("replayed", Reader.text, None),
        shipped=record.get("shipped", Reader.text, None),
        why=record.text("why"),
    )


def _meeting(at: Reader, frame: _Frame) -> Meeting:
    record = at.record(("organ", "day", "place", "rules", "items"), ("present",))
    day = read_calendar_day(record["day"])
    organs = frame.register.institutions.organs
    return Meeting(
        organ=record["organ"].word(organs, "an organ of the register", "RG026"),
        day=day,
        place=record.text("place"),
        rules=record.text("rules"),
        present=record.get("present", frame.known.state_list, None),
        items=tuple(_item(item, day, frame) for item in record["items"].items()),
    )


def _item(at: Reader, day: date, frame: _Frame) -> Item:
    record = at.record(("slug", "kind", "domain", "title", "finals"), _ITEM)
    if ("signed" in record) == ("enacted" in record):
        at.refuse("RG023", "an item is either signed or enacted", "write one of the two")
    adopted = record["signed" if "signed" in record else "enacted"]
    keys = ("by", "not_by", "with", "meant_for") if "signed" in record else ("meant_for",)
    found = adopted.record(("src", "conf"), keys)
    states: dict[str, tuple[str, ...]] = {
        key: found.get(key, frame.known.state_list, ()) for key in ("by", "not_by", "meant_for")
    }
    evidence = _evidence(found, frame)
    cited: dict[str, Any] = {"src": list(evidence.sources), "conf": evidence.confidence}
    stated = dict(_plain(record["stated"])) if "stated" in record else {}
    stated.setdefault("eif_basis", "")  # the article of our own wording is none of the original
    beside = {"with": found.text("with")} if "with" in found else {}
    stated["signed"] = {**stated.get("signed", {}), **cited, **beside}
    return Item(
        composition=_composition(record, states, frame),
        signed=states["by"] if "signed" in record else None,
        declined=states["not_by"],
        statements=_statements(record, frame),
        evidence=evidence,
        stated=stated,
        then=tuple(_later(item, day, frame) for item in record.items("then")),
    )


def _composition(record: Record, states: Mapping[str, tuple[str, ...]], frame: _Frame) -> Composition:
    data = {key: _plain(record[key]) for key in ("slug", "kind", "domain", "title", "finals")}
    data |= {key: record.text(key) for key in ("preference", "agreement", "depositary") if key in record}
    parties = dict.fromkeys((*states["by"], *states["not_by"], *states["meant_for"]))
    return compose_draft(
        data
        | {
            "parties": list(parties),
            "commonwealth": frame.commonwealth,
            "languages": ["ru"],
            "reasons": frame.text["paragraph"],
            "subjects": [{"title": frame.text["title"], "paragraphs": [frame.text["paragraph"]]}],
        }
    )


def _statements(record: Record, frame: _Frame) -> dict[str, tuple[str, tuple[str, ...]]]:
    found = {}
    for state, at in record["statements"].entries() if "statements" in record else ():
        if state not in frame.known.states:
            at.refuse("RG026", f"{state!r} is not a state of the register", "write the code of a state")
        said = at.record(("text", "src"))
        found[state] = (said.text("text"), said["src"].words(frame.known.sources, "a source of the register", "RG026"))
    return found


def _later(at: Reader, day: date, frame: _Frame) -> Later:
    if "facts" in dict(at.entries()):
        record = at.record(("day", "facts"))
        return Later(day=_not_before(record["day"], day), facts=_plain(record["facts"]))
    record = at.record(("state", "act", "src", "conf"), _ACT)
    given: dict[str, Any] = {"day": record.text("date")}
    given |= {key: record.text(key) for key in ("effective", "through", "text") if key in record}
    given |= {key: tuple(item.text() for item in record.items(key)) for key in ("provisions", "towards")}
    return Later(
        day=_not_before(record["day"], day) if "day" in record else _played(record, day),
        state=record["state"].word(frame.known.states, "a state of the register", "RG026"),
        act=record["act"].word(ACT_KINDS - ORGAN_ACTS, "an act of a state"),
        given={key: value for key, value in given.items() if value or key == "day"},
        evidence=_evidence(record, frame),
    )


def _played(record: Record, day: date) -> date:
    """Give the day by which an act was certainly done: that is when it is played."""
    if "date" not in record:
        record.at.refuse("RG023", "missing 'date' or 'day'", "say when it was done, or when it is played")
    last = record["date"].day().latest
    if last is None or last < day:
        record["date"].refuse("RG025", "no last day, or one before the session", "give `day` too, when it is played")
    return last


def _not_before(at: Reader, day: date) -> date:
    found = read_calendar_day(at)
    if found < day:
        at.refuse("RG025", f"{found} is before the session", "give a later day")
    return found


def _evidence(record: Record, frame: _Frame) -> Evidence:
    sources = record["src"].words(frame.known.sources, "a source of the register", "RG026")
    if not sources:
        record["src"].refuse("RG027", "no source", "name one")
    word = record["conf"].word(CONFIDENCES[:3], "a confidence")
    return Evidence(sources=sources, confidence=next(it for it in CONFIDENCES if it == word))


def _plain(at: Reader) -> Any:  # noqa: ANN401 -- data of any shape
    """Text, lists and mappings."""
    return _listed(at.plain(lambda _key, _at: None))


def _listed(value: Any) -> Any:  # noqa: ANN401 -- data of any shape
    if isinstance(value, Mapping):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, list | tuple) else value
