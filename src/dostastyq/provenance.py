"""Where a figure comes from: sources with their licence, and the inputs a result was made from."""

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Source:
    """A published source of figures or facts.

    Parameters
    ----------
    key
        Short name by which cells and facts cite it.
    title
        Full title as a reader would cite it.
    licence
        Licence under which figures derived from it are shipped, e.g. ``"CC BY 4.0"``.
    url
        Where it is published; may be empty.
    as_of
        The day or year the source speaks of.
    note
        What to know before use.
    """

    key: str
    title: str
    licence: str
    url: str = ""
    as_of: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a result was made from.

    Parameters
    ----------
    made_by
        Program and version.
    inputs
        Pairs of input name and SHA-256 of its content.
    sources
        Sources of the figures.
    repairs
        Every repair or imputation made on the way, one sentence each; nothing is repaired silently.
    """

    made_by: str
    inputs: tuple[tuple[str, str], ...] = ()
    sources: tuple[Source, ...] = ()
    repairs: tuple[str, ...] = ()


def fingerprint(content: bytes) -> str:
    """SHA-256 of `content` in hexadecimal.

    Examples
    --------
    >>> fingerprint(b"")[:8]
    'e3b0c442'
    """
    return sha256(content).hexdigest()
