"""Values of a form's parameters: what each kind may hold, read from a file or from plain data.

Refusals: ``CN106`` a word that is not known, ``CN107`` a value that its kind cannot hold.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeAlias
from unicodedata import category

from dostastyq.dates import add_duration, calendar_day
from dostastyq.errors import DostastyqError
from dostastyq.i18n import LANGUAGES
from dostastyq.register import Register
from dostastyq.register.reader import Reader

DEPOSITED = ("ratification", "acceptance", "approval", "notification", "accession")
"""Acts of consent that a document deposited makes."""

Value: TypeAlias = Any
"""Plain data: text, whole numbers, lists and mappings."""

LONGEST = 200
"""Years that no delay and no term is longer than; days beyond a calendar of four figures cannot be computed."""

FIGURES = 9
"""Most figures of a whole number."""

QUOTED = 60
"""Most characters that a message quotes."""

TURNING = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""Characters that turn the direction of writing around."""

MOST = 12
"""Greatest count that the texts can say as an ordinal."""


def read_value(kind: str, at: Reader, register: Register) -> Value:
    """Read the value of a parameter as plain data.

    Parameters
    ----------
    kind
        ``count``, ``number``, ``duration``, ``term`` (a duration that is not nothing), ``date``, ``states``,
        ``organ``, ``instruments``, ``acts`` or ``provisions``.
    at
        Where it stands.
    register
        Register that knows states, organs and instruments.

    Examples
    --------
    >>> from dostastyq import register
    >>> from dostastyq.register.reader import compose
    >>> read_value("duration", compose("P30D", "draft.yaml"), register.load("cis"))
    'P30D'
    """
    return _READERS[kind](at, register)


def is_whole(text: str) -> bool:
    """Say whether a text is a whole number in figures, and no longer than anything counted here.

    Examples
    --------
    >>> is_whole("12"), is_whole("-1"), is_whole("9" * 5000)
    (True, False, False)
    """
    return text.isdecimal() and len(text) <= FIGURES


def shortened(text: str) -> str:
    """Cut what a message quotes."""
    return text if len(text) <= QUOTED else text[:QUOTED] + "…"


def wording(at: Reader) -> str:
    """Read words of a text: no control characters, and none that turn the direction of writing around.

    A reader cannot see them, and a text that looks like another is no text to agree on.
    """
    text = at.text()
    for place, character in enumerate(text, 1):
        if (category(character) == "Cc" and character not in "\n\t") or character in TURNING:
            found = f"U+{ord(character):04X} at place {place} is a character that is not seen"
            at.refuse("CN107", found, "take it out; write the text in plain letters")
    return text


def stable_name(at: Reader) -> str:
    """Read the slug of a draft or of an instrument."""
    text = at.text()
    if not text or not all(part.isascii() and part.isalnum() and part == part.lower() for part in text.split("-")):
        at.refuse(
            "CN107", f"{shortened(text)!r} is not a stable name", "write small Latin letters, figures and hyphens"
        )
    return text


def _count(at: Reader, _: Register) -> int:
    text = at.text()
    if not is_whole(text) or not 1 <= int(text) <= MOST:
        at.refuse("CN107", f"{shortened(text)!r} is not a count of states", f"write a whole number from 1 to {MOST}")
    return int(text)


def _number(at: Reader, _: Register) -> int:
    text = at.text()
    if not is_whole(text):
        at.refuse("CN107", f"{shortened(text)!r} is not a whole number", "write figures, e.g. 5")
    return int(text)


def _duration(at: Reader, _: Register) -> str:
    text = at.text()
    try:
        end = add_duration(date(2000, 1, 1), text)
    except DostastyqError:
        at.refuse("CN107", f"{text!r} is not a duration", "write P30D, P12M, P1Y or P1Y6M; P0D for none")
    except (OverflowError, ValueError):
        end = date.max
    if end > date(2000 + LONGEST, 1, 1):
        at.refuse("CN107", f"{text!r} is longer than {LONGEST} years", f"write at most P{LONGEST}Y")
    return text


def _term(at: Reader, register: Register) -> str:
    text = _duration(at, register)
    if add_duration(date(2000, 1, 1), text) == date(2000, 1, 1):
        at.refuse("CN107", f"{text!r} is no time at all", "write how long, e.g. P30D, P12M or P5Y")
    return text


def _date(at: Reader, _: Register) -> str:
    try:
        return calendar_day(at.text()).isoformat()
    except DostastyqError as error:
        at.refuse("CN107", error.message, error.hint)


def _states(at: Reader, register: Register) -> list[str]:
    found = [item.word(register.states, "a state of the register", "CN106") for item in at.items()]
    if not found or len(set(found)) < len(found):
        at.refuse("CN107", "a list of states names each state once, and at least one", "write [KAZ, KGZ]")
    return found


def _organ(at: Reader, register: Register) -> str:
    return at.word(register.institutions.organs, "an organ of the register", "CN106")


def _instruments(at: Reader, register: Register) -> list[Any]:
    found = [_instrument(item, register) for item in at.items()]
    if not found:
        at.refuse("CN107", "no instrument is named", "write the slug of one, e.g. [fta-2011]")
    slugs = [item["slug"] if isinstance(item, dict) else item for item in found]
    if len(set(slugs)) < len(slugs):
        at.refuse("CN107", "an instrument is named twice", "name each instrument once")
    return found


def _instrument(at: Reader, register: Register) -> Value:
    if at.is_text:
        return at.word(register.instruments, "an instrument of the register", "CN106")
    record = at.record(("slug", "title"))
    titles = record["title"].record(LANGUAGES)
    return {
        "slug": stable_name(record["slug"]),
        "title": {language: wording(titles[language]) for language in LANGUAGES},
    }


def _acts(at: Reader, _: Register) -> list[str]:
    found = [item.word(DEPOSITED, "an act done by depositing a document", "CN106") for item in at.items()]
    if not found or len(set(found)) < len(found):
        at.refuse("CN107", "a list of acts names each act once, and at least one", "write [ratification]")
    return found


def _provisions(at: Reader, _: Register) -> list[str]:
    found = []
    for item in at.items():
        article, _dot, paragraph = item.text().partition(".")
        if not article.isdecimal() or (paragraph and not paragraph.isdecimal()):
            item.refuse(
                "CN107", f"{item.text()!r} is not a provision", 'write "5" for an article, "5.2" for a paragraph'
            )
        found.append(item.text())
    if not found:
        at.refuse("CN107", "no provision is named", 'write the numbers of articles, e.g. ["5", "7.2"]')
    return found


_READERS: dict[str, Callable[[Reader, Register], Value]] = {
    "count": _count,
    "number": _number,
    "duration": _duration,
    "term": _term,
    "date": _date,
    "states": _states,
    "organ": _organ,
    "instruments": _instruments,
    "acts": _acts,
    "provisions": _provisions,
}
VALUE_KINDS = frozenset(_READERS)
"""Kinds of parameter."""
