"""From a document to PDF, by Typst: the text goes in as data, never as markup.

The PDF is one that archives keep (PDF/A-2a) and screen readers read (PDF/UA-1): fonts and structure inside.
"""

import json
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from dostastyq.errors import DostastyqError
from dostastyq.report.document import Document

if TYPE_CHECKING:
    import typst


def typeset(document: Document) -> bytes:
    """Typeset a document; the same one gives the same bytes.

    Only the fonts that Typst brings are used, on any machine: Libertinus Serif has every letter of Kazakh, another font
    has those of Armenian, Georgian and Arabic. A sign that none of them has is printed by its number: ``[U+4E2D]``.

    Raises
    ------
    DostastyqError
        ``RP050`` where Typst is not installed, ``RP051`` for a paper that it cannot set.
    """
    _compiler()
    import typst  # noqa: PLC0415 -- an extra, and heavy

    moment, found = _moment(document), document.to_dict()
    try:
        return _compiled(found, moment)
    except typst.TypstError:
        spelled = _spelled(found)
    try:
        return _compiled(spelled, moment)
    except typst.TypstError as error:
        raise DostastyqError("RP051", f"the paper cannot be typeset: {error}", "take it as HTML") from error


def _compiled(found: Any, moment: int) -> bytes:  # noqa: ANN401 -- JSON
    compiler, source = _compiler()
    inputs = {"document": json.dumps(found, ensure_ascii=False, sort_keys=True)}
    made = compiler.compile(source, format="pdf", sys_inputs=inputs, timestamp=moment, pdf_standards=["a-2a", "ua-1"])
    return cast("bytes", made)


def _spelled(value: Any) -> Any:  # noqa: ANN401 -- JSON
    """Give plain data whose every sign can be drawn."""
    match value:
        case str():
            return "".join(sign if _drawn(sign) else f"[U+{ord(sign):04X}]" for sign in value)
        case dict():
            return {key: _spelled(item) for key, item in value.items()}
        case list() | tuple():
            return [_spelled(item) for item in value]
    return value


@cache
def _drawn(sign: str) -> bool:
    """Whether the fonts have a sign."""
    if sign.isascii() and sign.isprintable():
        return True
    import typst  # noqa: PLC0415 -- an extra, and heavy

    source = b'#set document(title: "sign")\n#set text(font: "Libertinus Serif")\n#sys.inputs.sign'
    try:
        _compiler()[0].compile(source, format="pdf", sys_inputs={"sign": sign}, timestamp=0, pdf_standards="a-2a")
    except typst.TypstError:
        return False
    return True


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
