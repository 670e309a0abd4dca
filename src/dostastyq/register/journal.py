"""Acts that users recorded: from acts to entries of the journal's stream ``register``, and back.

An entry of kind ``act`` holds the commonwealth, the fields of an `Act` that are not empty, and its sources as titles
with addresses. It may name what it corrects: an earlier entry by its sequence (``supersedes``), or a shipped act by its
key (``corrects``). An entry of kind ``retraction`` takes an earlier entry back. Both leave what they correct in place:
it stands for every question asked as known before.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dostastyq import store
from dostastyq.errors import DostastyqError, nearest
from dostastyq.provenance import Source
from dostastyq.register.acts import Act
from dostastyq.register.facts import CONFIDENCES
from dostastyq.register.law import Register
from dostastyq.store import Draft, Entry

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

    with store.open_journal(journal) as opened:
        law = extended(load(commonwealth), opened)
        (entry,) = opened.append([draft(act, law, sources=sources, supersedes=supersedes)], author=author)
    return entry


def retract(sequence: int, *, reason: str, author: str, journal: str | Path | None = None) -> Entry:
    """Take an entry back: from now on its act is not known, and before it still is.

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
        ``RG041`` without a reason, ``ST012`` for an entry that is not there or was corrected already.
    """
    if not reason.strip():
        raise DostastyqError("RG041", "a retraction without a reason", "say why the entry is taken back")
    with store.open_journal(journal, create=False) as opened:
        taken = Draft(STREAM, "retraction", {"supersedes": sequence, "note": reason})
        (entry,) = opened.append([taken], author=author)
    return entry


def extended(register: Register, journal: "store.Journal") -> Register:
    """Add the acts recorded in a journal to a register.

    Raises
    ------
    DostastyqError
        ``RG040`` for an entry that this version cannot read, ``ST020`` for a journal that does not verify.
    """
    entries = journal.read(STREAM)
    ends = {entry.supersedes: entry.moment for entry in entries if entry.supersedes is not None}
    acts: list[Act] = []
    sources: dict[str, Source] = {}
    for entry in entries:
        if entry.kind == "retraction":
            continue
        if entry.kind != "act":
            raise _unreadable(entry, f"its kind is {entry.kind!r}")
        if entry.content.get("commonwealth") != register.name:
            continue
        cited = {source.key: source for source in _sources(entry)}
        sources |= cited
        acts.append(replace(_act(entry, tuple(cited)), recorded_to=ends.get(entry.sequence)))
    if not acts:
        return register
    for act in acts:
        _fits(register, act)
    return register.overlay(acts).changed(sources=MappingProxyType(dict(register.sources) | sources))


def with_recorded(register: Register, place: str | Path) -> Register:
    """Add the acts recorded in the journal at a path or URL to a register; ``ST021`` where there is none."""
    with store.open_journal(place, create=False) as journal:
        return extended(register, journal)


def _fits(register: Register, act: Act) -> None:
    """Refuse a recorded act that the shipped register no longer has a place for."""
    try:
        register.overlay([act])
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
        raise _unreadable(entry, f"{type(error).__name__}: {error}") from None


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


def _unreadable(entry: Entry, why: str) -> DostastyqError:
    return DostastyqError(
        "RG040", f"entry {entry.sequence} of the register's journal cannot be read: {why}", "install a newer dostastyq"
    )
