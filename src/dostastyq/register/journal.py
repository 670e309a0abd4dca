"""Acts and instruments that users recorded: to entries of the journal's stream ``register``, and back.

An entry of kind ``act`` holds the commonwealth, the fields of an `Act` that are not empty, and its sources as titles
with addresses. It may name what it corrects: an earlier entry by its sequence (``supersedes``), or a shipped act by its
key (``corrects``). An entry of kind ``instrument`` holds an instrument (see `dostastyq.register.versions`). An entry of
kind ``retraction`` takes an earlier entry back. All leave what they correct in place: it stands for every question
asked as known before.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dostastyq import store
from dostastyq.errors import DostastyqError, nearest
from dostastyq.provenance import Source
from dostastyq.register.acts import Act
from dostastyq.register.facts import CONFIDENCES
from dostastyq.register.law import Register
from dostastyq.register.proposal import Names, plain, read, read_sources
from dostastyq.register.versions import KIND, installed, replacement, unreadable
from dostastyq.register.views import ordered
from dostastyq.store import Draft, Entry
from dostastyq.store.entry import canonical

if TYPE_CHECKING:
    from sqlalchemy import Connection

STREAM = "register"
_TEXTS = ("through", "text", "note")
_LISTS = ("towards", "provisions")
_DAYS = ("date", "effective")
_URL = re.compile(r"https?://\S+")


def key_of(sequence: int) -> str:
    """Key of the act that an entry of the journal holds.

    Examples
    --------
    >>> key_of(12)
    'journal/12'
    """
    return f"journal/{sequence}"


def draft(act: Act, register: Register, *, sources: Iterable[str], supersedes: int | str | None = None) -> Draft:
    """Make the entry of an act, once the register accepts it.

    Parameters
    ----------
    act
        The act; its own sources and times of recording are not used.
    register
        The law it is to join, with everything recorded so far.
    sources
        Where it comes from, as a reader would cite it; an address in the text is kept apart.
    supersedes
        What it corrects: the sequence of an entry, or the key of a shipped act about the same instrument.

    Raises
    ------
    DostastyqError
        ``RG001``, ``RG002`` and ``RG007`` for an act that cannot be, ``RG041`` without source or with an unknown
        confidence, ``RG042`` for a correction of what is not there.

    Examples
    --------
    >>> from dostastyq import register
    >>> act = Act("UZB", "accession", "eaeu-2014", date="2027-01-15", confidence="medium")
    >>> made = draft(act, register.load("cis"), sources=["Official gazette https://example.org/1"])
    >>> made.payload["sources"]
    [{'title': 'Official gazette', 'url': 'https://example.org/1'}]
    """
    cited = [_cited(text) for text in sources if text.strip()]
    if not cited:
        raise DostastyqError("RG041", f"{act}: an act without a source", "say where it comes from, e.g. the gazette")
    if act.confidence not in CONFIDENCES[:3]:
        raise DostastyqError(
            "RG041", f"{act.confidence!r} is not a confidence", nearest(act.confidence, CONFIDENCES[:3])
        )
    register.overlay([act])
    if act.through:
        register.instrument(act.through)
    payload: dict[str, Any] = {
        "commonwealth": register.name,
        "state": act.state,
        "kind": act.kind,
        "instrument": act.instrument,
        "sources": cited,
        "confidence": act.confidence,
    }
    payload |= {name: str(getattr(act, name)) for name in (*_DAYS, *_TEXTS) if getattr(act, name)}
    payload |= {name: list(getattr(act, name)) for name in _LISTS if getattr(act, name)}
    payload |= {"opposes": True} if act.opposes else {}
    return Draft(STREAM, "act", payload | _correction(act, register, supersedes))


def record(
    act: Act,
    *,
    sources: Iterable[str],
    author: str,
    supersedes: int | str | None = None,
    journal: str | Path | None = None,
    commonwealth: str = "cis",
) -> Entry:
    """Record an act in a journal; from now on `load` with this journal knows it.

    Parameters
    ----------
    act, sources, supersedes
        As for `draft`.
    author
        Who records it.
    journal
        Path or URL; by default the user's own.
    commonwealth
        Name of the commonwealth.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from dostastyq import register
    >>> act = Act("UZB", "accession", "eaeu-2014", effective="2027-01-15", confidence="medium")
    >>> with TemporaryDirectory() as folder:
    ...     mine = f"{folder}/mine.sqlite"
    ...     entry = record(act, sources=["gazette"], author="A. Officer", journal=mine)
    ...     law = register.load("cis", journal=mine)
    >>> entry.sequence, law.status("eaeu-2014", "UZB", on="2027-02-01").code
    (1, 'IN_FORCE')
    """
    from dostastyq.register.loader import load  # noqa: PLC0415 -- the loader asks this module for recorded acts

    with store.open_journal(journal) as opened, _alone(opened) as connection:
        law = extended(load(commonwealth), opened)
        made = draft(act, law, sources=sources, supersedes=supersedes)
        (entry,) = opened.append([made], author=author, connection=connection)
    return entry


def draft_instrument(
    slug: str,
    record: Mapping[str, Any],
    register: Register,
    *,
    sources: Iterable[Mapping[str, str]] = (),
    supersedes: int | str | None = None,
) -> Draft:
    """Make the entry of an instrument, once the register accepts it.

    Parameters
    ----------
    slug, record
        Its name, and plain data in the shape of an entry of ``instruments/*.yaml``.
    register
        The law it is to join, with everything recorded so far.
    sources
        Sources it cites that the register does not have: ``key``, ``title`` and, if wished, ``url``.
    supersedes
        What it takes the place of: the sequence of the entry that holds the instrument, or the slug of a shipped one.
        Acts recorded about it stay; acts of the earlier record go with it.

    Raises
    ------
    DostastyqError
        ``RG021`` to ``RG029`` for a record that cannot be read, ``RG043`` for a slug that is taken, ``RG044`` for one
        that cannot be, ``RG042`` for a replacement of what does not stand.

    Examples
    --------
    >>> from dostastyq import register
    >>> signed = {"date": "2027-01-15", "place": "Astana", "by": ["KAZ", "UZB"], "src": ["text"], "conf": "high"}
    >>> record = {"kind": "agreement", "domain": ["trade"], "title": {"en": "A treaty", "ru": "Договор"},
    ...           "preference": "none", "signed": signed, "eif": {"upon": "signature"}, "acts": []}
    >>> source = {"key": "text", "title": "Certified copy"}
    >>> draft_instrument("treaty-2027", record, register.load("cis"), sources=[source]).payload["slug"]
    'treaty-2027'
    """
    cited = read_sources(slug, sources, register)
    read(register, slug, record, Names(frozenset(cited)))
    kept = [{"key": s.key, "title": s.title} | ({"url": s.url} if s.url else {}) for s in cited.values()]
    payload = {"commonwealth": register.name, "slug": slug, "record": plain(slug, record), "sources": kept}
    return Draft(STREAM, KIND, payload | replacement(slug, register, supersedes))


def record_instrument(
    slug: str,
    record: Mapping[str, Any],
    *,
    author: str,
    sources: Iterable[Mapping[str, str]] = (),
    supersedes: int | str | None = None,
    journal: str | Path | None = None,
    commonwealth: str = "cis",
) -> Entry:
    """Record an instrument in a journal; from now on `load` with this journal has it, and acts about it can follow.

    Parameters
    ----------
    slug, record, sources, supersedes
        As for `draft_instrument`.
    author, journal, commonwealth
        As for `record`.
    """
    from dostastyq.register.loader import load  # noqa: PLC0415 -- the loader asks this module for what was recorded

    with store.open_journal(journal) as opened, _alone(opened) as connection:
        law = extended(load(commonwealth), opened)
        made = draft_instrument(slug, record, law, sources=sources, supersedes=supersedes)
        (entry,) = opened.append([made], author=author, connection=connection)
    return entry


def retract(sequence: int, *, reason: str, author: str, journal: str | Path | None = None) -> Entry:
    """Take an entry back: from now on its act or instrument is not known, and before it still is.

    Parameters
    ----------
    sequence
        The entry.
    reason
        Why, for whoever reads the journal.
    author
        Who takes it back.
    journal
        Path or URL; by default the user's own.

    Raises
    ------
    DostastyqError
        ``RG041`` without a reason, ``ST012`` for an entry that is not there or was corrected already, ``RG045`` for an
        instrument that other entries still speak of.
    """
    if not reason.strip():
        raise DostastyqError("RG041", "a retraction without a reason", "say why the entry is taken back")
    with store.open_journal(journal, create=False) as opened, _alone(opened) as connection:
        taken = Draft(STREAM, "retraction", {"supersedes": sequence, "note": reason})
        _check_unused(opened.read(STREAM), taken, author)
        (entry,) = opened.append([taken], author=author, connection=connection)
    return entry


@contextmanager
def _alone(journal: "store.Journal") -> "Iterator[Connection]":
    """Keep other writers waiting from what is read to what is recorded: together two entries might not fit."""
    from dostastyq.store.journal import locked_head  # noqa: PLC0415 -- SQLAlchemy waits for a journal

    with journal.transaction() as connection:
        locked_head(connection, STREAM)
        yield connection


def extended(register: Register, journal: "store.Journal") -> Register:
    """Add the acts recorded in a journal to a register.

    Raises
    ------
    DostastyqError
        ``RG040`` for an entry that this version cannot read, ``ST020`` for a journal that does not verify.
    """
    return _assembled(register, journal.read(STREAM))


def _assembled(register: Register, entries: tuple[Entry, ...]) -> Register:
    ends = {entry.supersedes: entry.moment for entry in entries if entry.supersedes is not None}
    register = installed(register, entries)
    acts: list[Act] = []
    sources: dict[str, Source] = {}
    for entry in entries:
        if entry.kind in {"retraction", KIND}:
            continue
        if entry.kind != "act":
            raise unreadable(entry, f"its kind is {entry.kind!r}")
        if entry.content.get("commonwealth") != register.name:
            continue
        try:
            cited = {source.key: source for source in _sources(entry)}
            act = replace(_act(entry, tuple(cited)), recorded_to=ends.get(entry.sequence))
            _fits(register, act)
        except DostastyqError:
            if entry.sequence not in ends:
                raise
            continue  # it never held: while it was not corrected, nothing could be read
        sources |= cited
        acts.append(act)
    if not acts:
        return register
    past = [act for act in acts if act.instrument not in register.instruments]
    law = register.overlay(act for act in acts if act.instrument in register.instruments)
    bygone = {act.instrument: ordered(it for it in past if it.instrument == act.instrument) for act in past}
    return law.changed(
        sources=MappingProxyType(dict(law.sources) | sources),
        superseded=MappingProxyType(dict(law.superseded) | bygone),
    )


def with_recorded(register: Register, place: str | Path) -> Register:
    """Add the acts recorded in the journal at a path or URL to a register; ``ST021`` where there is none."""
    with store.open_journal(place, create=False) as journal:
        return extended(register, journal)


def _fits(register: Register, act: Act) -> None:
    """Refuse a recorded act that the register no longer has a place for; what was corrected may be about the past."""
    if act.recorded_to is not None and act.instrument in register.versions:
        return
    try:
        register.overlay([act])
        if act.through and act.recorded_to is None:
            register.instrument(act.through)
    except DostastyqError as error:
        raise DostastyqError(
            "RG040",
            f"recorded act {act.key} ({act}) does not fit the register: {error.message}",
            "correct or retract it",
        ) from error


def _act(entry: Entry, sources: tuple[str, ...]) -> Act:
    found = entry.content
    corrected = found.get("corrects") or (key_of(found["supersedes"]) if "supersedes" in found else "")
    try:
        return Act(
            *(_text(found[name]) for name in ("state", "kind", "instrument")),
            **{name: found[name] for name in (*_DAYS, *_TEXTS, *_LISTS, "opposes", "confidence") if name in found},
            sources=sources,
            key=key_of(entry.sequence),
            supersedes=corrected,
            recorded_from=entry.moment,
        )
    except (KeyError, TypeError) as error:
        raise unreadable(entry, f"{type(error).__name__}: {error}") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _sources(entry: Entry) -> list[Source]:
    cited = entry.content.get("sources", [])
    note = f"recorded {entry.moment:%Y-%m-%d} by {entry.author}"
    return [
        Source(
            key_of(entry.sequence) + (f"/{number}" if len(cited) > 1 else ""),
            source["title"],
            "facts only",
            source.get("url", ""),
            note=note,
        )
        for number, source in enumerate(cited, start=1)
    ]


def _cited(text: str) -> dict[str, str]:
    """Title and address of a source that was given as one text."""
    found = _URL.search(text)
    if found is None:
        return {"title": " ".join(text.split())}
    url = found.group().rstrip(".,;)>]")
    rest = re.sub(r"[(<\[]\s*[)>\]]", " ", text.replace(url, " "))
    return {"title": " ".join(rest.split()).rstrip(" .,;:") or url, "url": url}


def _correction(act: Act, register: Register, supersedes: int | str | None) -> dict[str, Any]:
    """Say in the payload what it corrects."""
    if supersedes is None:
        return {}
    key = key_of(supersedes) if isinstance(supersedes, int) else supersedes
    standing = {held.key: held for item in register.instruments.values() for held in item.acts if held.key}
    if key not in standing:
        past = {held.key for acts in register.superseded.values() for held in acts}
        state = "was corrected already" if key in past else "is no act of the register"
        raise DostastyqError("RG042", f"{key} {state}", nearest(key, standing) or "name an act as it stands")
    if isinstance(supersedes, int):
        return {"supersedes": supersedes}
    if standing[key].instrument != act.instrument:
        raise DostastyqError(
            "RG042", f"{key} is not about {act.instrument}", f"correct it for {standing[key].instrument}"
        )
    return {"corrects": key}


def _check_unused(entries: tuple[Entry, ...], taken: Draft, author: str) -> None:
    """Refuse to take back an instrument that what was recorded later cannot do without."""
    from dostastyq.register.loader import load  # noqa: PLC0415 -- as in `record`

    found = next((entry for entry in entries if entry.sequence == taken.supersedes), None)
    if found is None or found.kind != KIND:
        return
    try:
        shipped = load(str(found.content.get("commonwealth")))
        _assembled(shipped, entries)
    except DostastyqError:
        return  # the journal cannot be read as it is, and taking back is a remedy
    last = entries[-1]
    payload = canonical(taken.payload)
    then = Entry(STREAM, last.sequence + 1, last.recorded_at + 1, author, taken.kind, payload, last.hash, "")
    try:
        _assembled(shipped, (*entries, then))
    except DostastyqError as error:
        raise DostastyqError(
            "RG045",
            f"entry {found.sequence} holds {found.content['slug']}, which is still needed: {error.message}",
            "retract what needs it first",
        ) from error
