"""A printed paper before it has a form: headings, facts, tables and texts in one language, for HTML and PDF alike."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text.

    Parameters
    ----------
    text
        What it says; never markup.
    style
        ``""``, ``"strong"``, ``"muted"``, ``"code"`` or ``"alert"``.
    label
        What stands before it, muted.
    language
        Code of its language where it is not that of the paper.
    runs
        The text in parts, each ``"same"``, ``"added"`` or ``"removed"`` and its words; empty for a text as it is.
    """

    text: str
    style: str = ""
    label: str = ""
    language: str = ""
    runs: tuple[tuple[str, str], ...] = ()


Cell = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Parameters
    ----------
    headers, rows
        Heads of columns, and rows of as many cells; the first cell names its row.
    widths
        Share of the width by column.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a paper: heading, facts, texts, a table; what is empty is left out.

    Parameters
    ----------
    title, level
        Heading, and whether it is a section (1) or a part of one (2).
    facts
        Names with what they say.
    lines
        Paragraphs.
    table
        A table below them.
    notes
        What is to be known of it, in small print.
    compact
        Whether its heading is that of an article in a text.
    """

    title: str = ""
    level: int = 1
    facts: tuple[tuple[str, Cell], ...] = ()
    lines: Cell = ()
    table: Table | None = None
    notes: tuple[str, ...] = ()
    compact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A paper in one language.

    Parameters
    ----------
    language
        ``"kk"``, ``"ru"`` or ``"en"``.
    kind, title
        What paper it is, and its heading.
    title_language
        Language of the heading where it is another one.
    day
        Day of the paper, ISO.
    facts
        Names with what they say, below the heading.
    sections
        The body.
    places
        Lines to be signed by hand, each under the name of who signs.
    wide
        Whether it is printed across the sheet.
    page
        Foot of a page, with ``{page}`` and ``{pages}``.
    foot
        Last line of the paper.
    """

    language: str
    kind: str
    title: str
    day: str
    facts: tuple[tuple[str, Cell], ...]
    sections: tuple[Section, ...]
    page: str
    foot: str
    title_language: str = ""
    places: tuple[str, ...] = ()
    wide: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


def cell(*texts: str, style: str = "") -> Cell:
    """Make a cell of lines; empty ones are left out.

    Examples
    --------
    >>> len(cell("Bishkek", ""))
    1
    """
    return tuple(Line(text, style) for text in texts if text)


def facts(found: Iterable[tuple[str, str | Cell]]) -> tuple[tuple[str, Cell], ...]:
    """Make facts of names and texts; those that say nothing are left out.

    Examples
    --------
    >>> facts([("Place", "Bishkek"), ("Chair", "")])
    (('Place', (Line(text='Bishkek', style='', label='', language='', runs=()),)),)
    """
    made = ((name, cell(said) if isinstance(said, str) else said) for name, said in found)
    return tuple((name, said) for name, said in made if said)
