"""From a document to PDF, by Typst: the text goes in as data, never as markup.

The PDF is one that archives keep (PDF/A-2a) and screen readers read (PDF/UA-1): fonts and structure inside.
"""

import json
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, cast

from dostastyq.errors import DostastyqError
from dostastyq.report.document import Document

if TYPE_CHECKING:
    import typst


def typeset(document: Document) -> bytes:
    """Typeset a document; the same one gives the same bytes.

    Only the fonts that Typst brings are used: its Libertinus Serif has every letter of Kazakh, on any machine.

    Raises
    ------
    DostastyqError
        ``RP050`` where Typst is not installed.
    """
    compiler, source = _compiler()
    inputs = {"document": json.dumps(document.to_dict(), ensure_ascii=False, sort_keys=True)}
    made = compiler.compile(
        source, format="pdf", sys_inputs=inputs, timestamp=_moment(document), pdf_standards=["a-2a", "ua-1"]
    )
    return cast("bytes", made)


def _moment(document: Document) -> int:
    """Give the day of the paper as seconds since 1970; that day itself for papers before it or without a day."""
    day = date.fromisoformat(document.day) if document.day else date(1970, 1, 1)
    return max(0, (day - date(1970, 1, 1)).days * 86_400)


@cache
def _compiler() -> "tuple[typst.Compiler, bytes]":
    try:
        import typst  # noqa: PLC0415 -- an extra, and heavy
    except ImportError as error:
        raise DostastyqError(
            "RP050", "no PDF without Typst, which is not installed", "install it: pip install 'dostastyq[pdf]'"
        ) from error
    source = files("dostastyq.report").joinpath("templates/council.typ").read_bytes()
    return typst.Compiler(ignore_system_fonts=True), source
