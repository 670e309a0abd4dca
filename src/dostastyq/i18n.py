"""Kazakh, Russian and English: messages, numbers, dates and names of economies.

English source strings are the message identifiers; ``locale/<language>/LC_MESSAGES/dostastyq.po`` holds the
translations and is read as it is, so there is nothing to compile. A sentence with figures is a `Text`: it reads as
English wherever a string is wanted, and `Translator.text` renders it again in another language, figures included.

Templates are ``str.format`` templates with these format specifications:

=================================  =====================================================================
``{year}``                         an integer is printed as it is, a string too, a `Text` is translated
``{n:,}``, ``{x:+.2f}``            number by the rules of the language (grouped, fixed decimals, signed)
``{x:g}``                          number without trailing zeros
``{share:.1%}``                    share in per cent (``0.12`` is 12 %)
``{day:date}``                     ISO day or `datetime.date`, in words
``{code:territory}``               name of an economy from its ISO 3166 alpha-3 code
``{codes:territories}``            names of several economies, joined as the language joins them
=================================  =====================================================================

A value that is a mapping by language, such as the title of a treaty, contributes the entry of the language.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, cached_property
from math import isfinite
from string import Formatter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dostastyq.errors import DostastyqError

if TYPE_CHECKING:
    from gettext import NullTranslations

    from babel import Locale

LANGUAGES = ("kk", "ru", "en")
"""Languages in which the system speaks."""

MISSING = "–"
"""What stands for a figure that does not exist."""

_LOCALES = {"kk": "kk_KZ", "ru": "ru_RU", "en": "en_GB"}
_AGGREGATES = {"EU": "EU", "EUN": "EU", "EU27": "EU", "XKX": "XK"}
_NAMES = {
    "kk": {
        "AZE": "Әзербайжан",
        "ARE": "БАӘ",
        "CZE": "Чехия",
        "EU": "Еуропалық одақ",
        "HKG": "Гонконг",
        "USA": "АҚШ",
    },
    "ru": {"HKG": "Гонконг", "KGZ": "Кыргызстан", "KOR": "Южная Корея", "USA": "США"},
    "en": {"HKG": "Hong Kong", "VNM": "Viet Nam"},
}
_NUMBER = re.compile(r"(?P<sign>\+?)(?P<group>,?)(?:\.(?P<decimals>\d+))?(?P<kind>[fgd%]?)")


def message(template: str) -> str:
    """Mark `template` as a message to translate later, and return it as it is.

    Examples
    --------
    >>> message("{title}: nothing changes.")
    '{title}: nothing changes.'
    """
    return template


class Text(str):
    """A sentence that remembers how it was made, so that it can be said in another language.

    Parameters
    ----------
    template
        English template, the message identifier.
    values
        What the template's fields stand for.

    Examples
    --------
    >>> note = Text("Trade elasticity {theta:g}.", theta=2.5)
    >>> note
    'Trade elasticity 2.5.'
    >>> note.template
    'Trade elasticity {theta:g}.'
    """

    __slots__ = ("_n", "_plural", "_template", "_values")
    _template: str
    _plural: str
    _n: int
    _values: Mapping[str, Any]

    def __new__(cls, template: str, /, **values: object) -> "Text":
        """Fill the English template."""
        return cls._make(template, "", 1, values)

    @classmethod
    def counted(cls, singular: str, plural: str, n: int, /, **values: object) -> "Text":
        """Sentence whose form depends on the count `n`, which both templates see as ``{n}``.

        Examples
        --------
        >>> Text.counted("{n} pair", "{n} pairs", 3)
        '3 pairs'
        """
        return cls._make(singular, plural, n, {"n": n, **values})

    @classmethod
    def _make(cls, template: str, plural: str, n: int, values: Mapping[str, Any]) -> "Text":
        english = plural if plural and n != 1 else template
        self = super().__new__(cls, translator("en").fill(english, values))
        self._template, self._plural, self._n = template, plural, n
        self._values = MappingProxyType(dict(values))
        return self

    @property
    def template(self) -> str:
        """English template (the singular one of a counted sentence)."""
        return self._template

    @property
    def plural(self) -> str:
        """English plural template, empty when the form does not depend on a count."""
        return self._plural

    @property
    def n(self) -> int:
        """Count that chooses the form."""
        return self._n

    @property
    def values(self) -> Mapping[str, Any]:
        """What the template's fields stand for, read-only."""
        return self._values

    def __reduce__(self) -> tuple[Any, ...]:
        return Text._make, (self._template, self._plural, self._n, dict(self._values))

    def __deepcopy__(self, memo: dict[int, Any]) -> "Text":
        return self


class Translator:
    """Messages, numbers, dates and names in one language; get one from `translator`.

    Parameters
    ----------
    language
        ``"kk"``, ``"ru"`` or ``"en"``.
    """

    def __init__(self, language: str) -> None:
        self.language = language

    @cached_property
    def locale(self) -> "Locale":
        """Babel's rules of the language."""
        from babel import Locale  # noqa: PLC0415

        return Locale.parse(_LOCALES[self.language])

    @cached_property
    def _catalogue(self) -> "NullTranslations":
        return _catalogue(self.language)

    def gettext(self, message: str, /, **values: object) -> str:
        """Translate `message`, its fields filled with `values`.

        Examples
        --------
        >>> translator("ru").gettext("Rest of the world")
        'Остальной мир'
        """
        found = self._catalogue.gettext(message) if message else ""
        return self.fill(found, values) if values else found

    def ngettext(self, singular: str, plural: str, n: int, /, **values: object) -> str:
        """Translate in the plural form that `n` takes; the templates see the count as ``{n}``."""
        return self.fill(self._catalogue.ngettext(singular, plural, n), {"n": n, **values})

    def text(self, text: str) -> str:
        """`text` in this language: a `Text` from its template, a plain string when the catalogue has it."""
        if not isinstance(text, Text):
            return self.gettext(str(text))
        if text.plural:
            return self.fill(self._catalogue.ngettext(text.template, text.plural, text.n), text.values)
        return self.fill(self._catalogue.gettext(text.template), text.values)

    def fill(self, template: str, values: Mapping[str, Any]) -> str:
        """`template` with its fields filled by the rules of the language (see the module's table)."""
        return _Filler(self).vformat(template, (), values)

    def number(self, value: float | None, decimals: int | None = None, *, signed: bool = False) -> str:
        """Group digits and use a proper minus sign; drop trailing zeros when `decimals` is None.

        Examples
        --------
        >>> translator("en").number(-1234.5, 2), translator("en").number(0.001, 2, signed=True)
        ('−1,234.50', '0.00')
        """
        if value is None or not isfinite(value):
            return MISSING
        return self._number(value, f"#,##0{_fraction(decimals)}", decimals, signed=signed)

    def percent(self, value: float | None, decimals: int = 2, *, signed: bool = False) -> str:
        """`value`, already in per cent, as the language writes a percentage.

        Examples
        --------
        >>> translator("en").percent(-0.5, 1), translator("en").percent(1.25, signed=True)
        ('−0.5%', '+1.25%')
        """
        figure = self.number(value, decimals, signed=signed)
        return figure if figure == MISSING else self.locale.percent_formats[None].pattern.replace("#,##0", figure)

    def _number(self, value: float, pattern: str, decimals: int | None, *, signed: bool) -> str:
        from babel.numbers import format_decimal  # noqa: PLC0415

        rounded = value if decimals is None else round(value, decimals)
        figure = format_decimal(abs(rounded), pattern, self.locale)
        sign = "−" if rounded < 0 else "+" if signed and rounded > 0 else ""
        return sign + figure

    def date(self, day: str | date) -> str:
        """Day in words.

        Examples
        --------
        >>> translator("kk").date("2026-11-22").split()
        ['2026', 'ж.', '22', 'қараша']
        """
        from babel.dates import format_date  # noqa: PLC0415

        return format_date(date.fromisoformat(day) if isinstance(day, str) else day, "long", self.locale)

    def territory(self, code: str) -> str:
        """Name of the economy with ISO 3166 alpha-3 `code`; an unknown code is its own name.

        Examples
        --------
        >>> [translator("kk").territory(code) for code in ("KAZ", "ROW")]
        ['Қазақстан', 'Қалған әлем']
        """
        from babel.core import get_global  # noqa: PLC0415

        if code == "ROW":
            return self.gettext("Rest of the world")
        names = _NAMES[self.language]
        alpha2 = _AGGREGATES.get(code) or next(iter(get_global("territory_aliases").get(code, ())), code)
        return names.get(code) or names.get(alpha2) or str(self.locale.territories.get(alpha2, code))

    def territories(self, codes: Iterable[str]) -> str:
        """Names of several economies, joined as the language joins them.

        Examples
        --------
        >>> translator("en").territories(["KAZ", "KGZ"])
        'Kazakhstan and Kyrgyzstan'
        """
        return self.join(self.territory(code) for code in codes)

    def join(self, parts: Iterable[str]) -> str:
        """`parts` as an enumeration of the language."""
        from babel.lists import format_list  # noqa: PLC0415

        return format_list(list(parts), locale=self.locale)


class _Filler(Formatter):
    """``str.format`` by the rules of a language."""

    def __init__(self, translator: Translator) -> None:
        self.translator = translator

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401 - as in the base class
        tr = self.translator
        if isinstance(value, Mapping):
            value = value.get(tr.language) or value.get("en") or next(iter(value.values()))
        match format_spec:
            case "date":
                return tr.date(value)
            case "territory":
                return tr.territory(value)
            case "territories":
                return tr.territories(value)
        if isinstance(value, Text):
            return tr.text(value)
        if isinstance(value, float) or (format_spec and isinstance(value, int)):
            return self._number(value, format_spec or "g")
        return str(super().format_field(value, format_spec))

    def _number(self, value: float, spec: str) -> str:
        found = _NUMBER.fullmatch(spec)
        if found is None:
            raise ValueError(f"unknown number format {spec!r}")
        signed = bool(found["sign"])
        if found["kind"] == "%":
            return self.translator.percent(100 * value, int(found["decimals"] or 0), signed=signed)
        decimals = int(found["decimals"]) if found["decimals"] else 0 if found["kind"] in ("d", "f") else None
        return self.translator.number(value, decimals, signed=signed)


@cache
def translator(language: str) -> Translator:
    r"""Make, once, the `Translator` of `language`.

    Parameters
    ----------
    language
        One of `LANGUAGES`.

    Raises
    ------
    DostastyqError
        ``IN001`` when the language is not one of them.

    Examples
    --------
    >>> translator("ru").percent(-0.25), translator("kk").number(1234.5, 1)
    ('−0,25\xa0%', '1\xa0234,5')
    """
    if language not in LANGUAGES:
        raise DostastyqError("IN001", f"there is no language {language!r}", "known languages: " + ", ".join(LANGUAGES))
    return Translator(language)


@cache
def _catalogue(language: str) -> "NullTranslations":
    """Messages of `language`; English needs none."""
    from gettext import GNUTranslations, NullTranslations  # noqa: PLC0415

    if language == "en":
        return NullTranslations()
    from importlib.resources import files  # noqa: PLC0415
    from io import BytesIO  # noqa: PLC0415

    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    compiled = BytesIO()
    with files("dostastyq").joinpath("locale", language, "LC_MESSAGES", "dostastyq.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def _fraction(decimals: int | None) -> str:
    return ".######" if decimals is None else "." + "0" * decimals if decimals else ""
