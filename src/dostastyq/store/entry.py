"""Entries of the journal and their hash.

The hash of an entry is SHA-256 over the UTF-8 bytes of one JSON array without spaces::

    ["dostastyq-journal-1", stream, sequence, recorded_at, author, kind, payload, previous_hash]

where `payload` is itself canonical JSON text: keys sorted, no spaces, no floating-point numbers, so that any language
writes the same bytes. `previous_hash` of the first entry of a stream is 64 zeros.
"""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from dostastyq.errors import DostastyqError, nearest

STREAMS = ("access", "council", "ledger", "register")
"""Streams of the journal, one chain each."""

GENESIS = "0" * 64
"""What the first entry of a stream has as `previous_hash`."""

_FORM = "dostastyq-journal-1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 200
_PLAIN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SORTED = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def canonical(value: object) -> str:
    """Write a value as canonical JSON: sorted keys, no spaces, text as it is, no floats.

    Raises
    ------
    DostastyqError
        ``ST011`` for anything that JSON would change or that two languages would write differently.

    Examples
    --------
    >>> canonical({"state": "KAZ", "provisions": ("Art. 1",), "count": 3})
    '{"count":3,"provisions":["Art. 1"],"state":"KAZ"}'
    """
    _check_value(value, "payload")
    text = _SORTED(value)
    _check_utf8(text, "payload")
    return text


def _check_value(value: object, at: str) -> None:
    if isinstance(value, str):
        return
    if isinstance(value, Mapping):
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise DostastyqError("ST011", f"{at}: not a dict with text keys", "make every key text")
        for key, item in value.items():
            _check_value(item, f"{at}.{key}")
    elif isinstance(value, list | tuple):
        for position, item in enumerate(value):
            _check_value(item, f"{at}[{position}]")
    elif value is not None and not isinstance(value, bool | int):
        found = type(value).__name__
        raise DostastyqError(
            "ST011", f"{at}: {found} cannot be kept in a journal", "write numbers as integers or as text"
        )


def _check_utf8(text: str, at: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise DostastyqError("ST011", f"{at}: {text!r} is not Unicode text", "write it in UTF-8") from None


def check_name(value: str, what: str) -> str:
    """Give back the name of an author or a kind, or refuse it: empty, too long, or with control characters."""
    _check_utf8(value, what)
    if not value.strip() or len(value) > _LONGEST or any(unicodedata.category(sign) == "Cc" for sign in value):
        raise DostastyqError("ST011", f"{what}: {value!r}", f"write 1 to {_LONGEST} characters on one line")
    return value


def check_stream(stream: str) -> str:
    """Give back the name of a stream, or refuse it with the nearest names."""
    if stream not in STREAMS:
        raise DostastyqError("ST010", f"there is no stream {stream!r}", nearest(stream, STREAMS))
    return stream


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be recorded, before it has a place in a chain.

    Parameters
    ----------
    stream
        One of ``STREAMS``.
    kind
        What the payload is, e.g. ``"act"``.
    payload
        Content: a dict of text, integers, booleans, None, lists and dicts. The key ``supersedes`` is the sequence
        of the earlier entry of the same stream that this one corrects.

    Examples
    --------
    >>> Draft("register", "act", {"state": "KAZ"}).kind
    'act'
    """

    stream: str
    kind: str
    payload: dict[str, Any]

    @property
    def supersedes(self) -> int | None:
        """Sequence of the entry that it corrects."""
        return _supersedes(self.payload)


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a stream.

    Parameters
    ----------
    stream
        Name of the stream.
    sequence
        Number of entries; 0 for an empty stream.
    recorded_at
        When it was recorded, in microseconds since 1970-01-01 UTC.
    hash
        Its hash; ``GENESIS`` for an empty stream.
    """

    stream: str
    sequence: int = 0
    recorded_at: int = 0
    hash: str = GENESIS

    def __str__(self) -> str:
        return f"{self.stream} {self.sequence} {self.hash}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a stream, as the database keeps it.

    Parameters
    ----------
    stream, sequence
        Its stream, and its place there from 1.
    recorded_at
        Microseconds since 1970-01-01 UTC; later than that of the entry before.
    author
        Who recorded it.
    kind
        What the payload is.
    payload
        Canonical JSON text.
    previous_hash, hash
        Hash of the entry before, and its own.

    Examples
    --------
    >>> entry = seal(Head("register"), Draft("register", "act", {"state": "KAZ"}), "A. Officer", 1_700_000_000_000_000)
    >>> entry.sequence, entry.content, entry.moment.isoformat()
    (1, {'state': 'KAZ'}, '2023-11-14T22:13:20+00:00')
    """

    stream: str
    sequence: int
    recorded_at: int
    author: str
    kind: str
    payload: str
    previous_hash: str
    hash: str

    @property
    def moment(self) -> datetime:
        """When it was recorded."""
        return _EPOCH + timedelta(microseconds=self.recorded_at)

    @property
    def content(self) -> dict[str, Any]:
        """The payload, parsed."""
        content: dict[str, Any] = json.loads(self.payload)
        return content

    @property
    def supersedes(self) -> int | None:
        """Sequence of the entry that it corrects."""
        return _supersedes(self.content) if '"supersedes"' in self.payload else None

    @property
    def head(self) -> Head:
        """The head of a stream that ends with it."""
        return Head(self.stream, self.sequence, self.recorded_at, self.hash)

    def digest(self) -> str:
        """Compute the hash that its other fields give."""
        fields = [
            _FORM,
            self.stream,
            self.sequence,
            self.recorded_at,
            self.author,
            self.kind,
            self.payload,
            self.previous_hash,
        ]
        return sha256(_PLAIN(fields).encode()).hexdigest()


def seal(head: Head, draft: Draft, author: str, recorded_at: int) -> Entry:
    """Make the entry that follows `head`."""
    unsealed = Entry(
        stream=head.stream,
        sequence=head.sequence + 1,
        recorded_at=recorded_at,
        author=check_name(author, "author"),
        kind=check_name(draft.kind, "kind"),
        payload=canonical(draft.payload),
        previous_hash=head.hash,
        hash="",
    )
    object.__setattr__(unsealed, "hash", unsealed.digest())
    return unsealed


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970-01-01 UTC of a moment with a time zone.

    Raises
    ------
    DostastyqError
        ``ST014`` for a moment without a time zone.
    """
    if moment.tzinfo is None:
        raise DostastyqError("ST014", f"{moment.isoformat()} has no time zone", "add +00:00 for UTC")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _supersedes(payload: Mapping[str, Any]) -> int | None:
    found = payload.get("supersedes")
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int):
        raise DostastyqError("ST011", f"supersedes: {found!r} is not a sequence", "give the number of an entry")
    return found
