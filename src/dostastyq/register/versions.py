"""Instruments that users recorded: from entries of the journal to versions, and to the law as it stands.

An entry of kind ``instrument`` holds the commonwealth, a slug, the record in the shape of ``instruments/*.yaml`` and
its own sources. It may name what it replaces: an earlier entry by its sequence (``supersedes``), or a shipped
instrument by its slug (``corrects``). A retraction takes the instrument away; a shipped one stands again then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from dostastyq.errors import DostastyqError
from dostastyq.provenance import Source
from dostastyq.register.law import Register
from dostastyq.register.model import Version
from dostastyq.register.proposal import Names, read, replaced_by
from dostastyq.store import Entry

KIND = "instrument"


@dataclass(slots=True)
class _Span:
    """An entry while it held a slug; no entry for the shipped instrument."""

    entry: Entry | None
    start: datetime | None
    end: datetime | None = None


def installed(register: Register, entries: Iterable[Entry]) -> Register:
    """Put the instruments of a journal into a register, each with its versions.

    An entry that was taken back and cannot be read never held.

    Raises
    ------
    DostastyqError
        ``RG040`` for an entry that cannot be read, or that the register has no place for.
    """
    spans = _spans(register, entries)
    if not spans:
        return register
    gone = {slug for slug, held in spans.items() if held[-1].end is not None}
    ever = frozenset(register.instruments) | frozenset(spans)
    sources = dict(register.sources)
    versions: dict[str, tuple[Version, ...]] = {}
    for slug, held in spans.items():
        made = []
        for span in held:
            try:
                made.append(_version(register, slug, span, ever if span.end else ever - gone, sources))
            except DostastyqError:
                if span.end is None:
                    raise
        versions[slug] = tuple(made)
    standing = {slug: made[-1].instrument for slug, made in versions.items() if slug not in gone}
    instruments = dict(register.instruments) | standing
    for slug, item in standing.items():
        if versions[slug][-1].entry:
            instruments |= replaced_by(item, instruments)
    return register.changed(
        instruments=MappingProxyType(instruments),
        versions=MappingProxyType(versions),
        sources=MappingProxyType(sources),
    )


def _spans(register: Register, entries: Iterable[Entry]) -> dict[str, list[_Span]]:
    """When each entry held its slug, in the order of the journal."""
    spans: dict[str, list[_Span]] = {}
    slugs: dict[int, str] = {}
    entries = tuple(entries)
    taken_back = {entry.supersedes for entry in entries if entry.kind == "retraction"}
    for entry in entries:
        if entry.kind == KIND and entry.content.get("commonwealth") == register.name:
            try:
                slug = _slug(entry)
                shipped = [_Span(None, None)] if slug in register.instruments else []
                _add(spans.setdefault(slug, shipped), slug, entry)
                slugs[entry.sequence] = slug
            except DostastyqError:
                if entry.sequence not in taken_back:
                    raise
        elif entry.kind == "retraction" and entry.supersedes in slugs:
            slug = slugs[entry.supersedes]
            spans[slug][-1].end = entry.moment
            if slug in register.instruments:
                spans[slug].append(_Span(None, entry.moment))
    return spans


def _add(held: list[_Span], slug: str, entry: Entry) -> None:
    if held and held[-1].end is None:
        if not _replaces(entry.content, slug, held[-1]):
            raise misfit(entry, f"{slug} is an instrument of the register already")
        held[-1].end = entry.moment
    held.append(_Span(entry, entry.moment))


def _slug(entry: Entry) -> str:
    slug, record = entry.content.get("slug"), entry.content.get("record")
    if not isinstance(slug, str) or not isinstance(record, dict):
        raise unreadable(entry, "it has no slug or no record")
    return slug


def _replaces(content: Mapping[str, Any], slug: str, held: _Span) -> bool:
    if held.entry is None:
        return content.get("corrects") == slug
    return content.get("supersedes") == held.entry.sequence


def _version(
    register: Register, slug: str, span: _Span, instruments: frozenset[str], sources: dict[str, Source]
) -> Version:
    """Read what held a slug, adding its own sources to `sources`."""
    entry = span.entry
    if entry is None:
        return Version(instrument=register.instruments[slug], recorded_from=span.start, recorded_to=span.end)
    content, prefix = entry.content, f"journal/{entry.sequence}"
    note = f"recorded {entry.moment:%Y-%m-%d} by {entry.author}"
    try:
        own = {cited["key"]: f"{prefix}/{cited['key']}" for cited in content.get("sources", ())}
        for cited in content.get("sources", ()):
            key = own[cited["key"]]
            sources[key] = Source(key, cited["title"], "facts only", cited.get("url", ""), note=note)
    except (KeyError, TypeError, AttributeError) as error:
        raise unreadable(entry, f"{type(error).__name__}: {error}") from None
    names = Names(frozenset(own.values()), instruments, entry.moment.date())
    try:
        item = read(register, slug, _cited(content["record"], own), names)
    except DostastyqError as error:
        raise misfit(entry, error.message) from error
    return Version(instrument=item, entry=entry.sequence, recorded_from=span.start, recorded_to=span.end)


def _cited(value: Any, own: Mapping[str, str]) -> Any:  # noqa: ANN401 -- plain data of any shape
    """Give a record its own sources under the names they have in the register."""
    if isinstance(value, dict):
        return {
            key: [own.get(name, name) if isinstance(name, str) else name for name in item]
            if key == "src" and isinstance(item, list)
            else _cited(item, own)
            for key, item in value.items()
        }
    return [_cited(item, own) for item in value] if isinstance(value, list) else value


def replacement(slug: str, register: Register, supersedes: int | str | None) -> dict[str, Any]:
    """Say in the payload of an instrument what it takes the place of."""
    versions = register.versions.get(slug, ())
    last = versions[-1] if versions and versions[-1].recorded_to is None else None
    held: int | str = last.entry if last is not None and last.entry else slug
    if slug not in register.instruments:
        if supersedes is None:
            return {}
        raise DostastyqError("RG042", f"{supersedes} holds no instrument {slug!r}", "leave out what it replaces")
    if supersedes is None:
        raise DostastyqError(
            "RG043",
            f"{slug!r} is an instrument of the register already",
            f"choose another slug, or say that it supersedes {held}",
        )
    if supersedes != held:
        raise DostastyqError("RG042", f"{supersedes} does not hold {slug!r} as it stands", f"supersede {held}")
    return {"corrects": slug} if isinstance(held, str) else {"supersedes": held}


def misfit(entry: Entry, why: str) -> DostastyqError:
    """Refusal of a recorded instrument that the register has no place for."""
    return DostastyqError(
        "RG040",
        f"recorded instrument journal/{entry.sequence} does not fit the register: {why}",
        "replace or retract it",
    )


def unreadable(entry: Entry, why: str) -> DostastyqError:
    """Refusal of an entry of another shape."""
    return DostastyqError(
        "RG040", f"entry {entry.sequence} of the register's journal cannot be read: {why}", "install a newer dostastyq"
    )
