"""Reading and writing rates of duty: the forms of the Eurasian tariff (Russian) and of TARIC.

Text that is not understood is refused with the place where reading stopped; it never becomes zero, nor the last
number read.
"""

import re
from fractions import Fraction
from functools import cache
from math import prod
from typing import Final, cast

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken

from dostastyq.customs.rates import AdValorem, AtLeast, AtMost, Component, Rate, Specific, Sum
from dostastyq.customs.units import unit
from dostastyq.errors import DostastyqError

_EURASIAN: Final = r"""
    ?start: lower | floored | summed | term
    lower: percent _OR floored _LOWER
    floored: percent _COMMA? _AT_LEAST specific
    summed: percent _PLUS specific
    ?term: percent | specific
    percent: NUMBER _PERCENT | NUMBER
    specific: NUMBER currency _PER per UNIT
    per: NUMBER? NUMBER?
    currency: EURO | DOLLAR | CODE

    _AT_LEAST.3: /но\s+не\s+менее/i
    _LOWER.3: /,?\s*(в\s+зависимости\s+от\s+того,\s*)?какая\s+(из\s+них\s+|ставка\s+)?ниже/i
    _OR.3: /,?\s*либо/i
    _PLUS.3: /плюс|\+/i
    _PER.3: /за(?!\w)/i
    UNIT.2: /(кг|г|л|т|см(3|³)(\s+объ[её]ма\s+двигателя|,\s*мл)?|м(2|²|3|³)?|пару|пары|пар|шт\.?|кар)(?!\w)/i
    EURO.2: /евро/i
    DOLLAR.2: /доллар(ов|а)?\s+США/i
    CODE: /[A-Z]{3}/
    NUMBER: /\d+([.,]\d+)?/
    _PERCENT: "%"
    _COMMA: ","
    %ignore /\s+/
"""

_TARIC: Final = r"""
    ?start: nihil | chain
    nihil: _NIHIL
    ?chain: plus | chain _MIN plus -> floored | chain _MAX plus -> capped
    ?plus: term (_PLUS term)* -> summed
    ?term: percent | specific | component
    percent: NUMBER _PERCENT
    specific: NUMBER currency _SLASH per UNIT (_SLASH QUALIFIER)?
    per: NUMBER?
    component: COMPONENT
    currency: CODE

    _NIHIL: /NIHIL/
    _MIN.3: /MIN/
    _MAX.3: /MAX/
    COMPONENT.3: /(AC|SD|FD)(\s*\(reduced\))?(?![A-Z])/
    CODE.1: /[A-Z]{3}(?![A-Za-z])/
    UNIT.2: /kg|g|tonne|t|hl|l|m3|m2|m|cm3|p\/st|pa|MWh|carat/
    QUALIFIER: /[A-Za-z%][A-Za-z0-9.%\/ ]*/
    NUMBER: /\d+(\.\d+)?/
    _PERCENT: "%"
    _PLUS: "+"
    _SLASH: "/"
    %ignore /\s+/
"""

STYLES: Final = {"eaeu": _EURASIAN, "taric": _TARIC}
_DISPLACEMENT: Final = re.compile(r"\s+объ[её]ма\s+двигателя", re.IGNORECASE)
_SPACES: Final = re.compile(r"[\s\u00a0\u2009\u202f]+")


@cache
def _parser(style: str) -> Lark:
    return Lark(STYLES[style], parser="lalr", lexer="contextual")


@cache
def parse_rate(text: str, style: str = "eaeu") -> Rate:
    """Read a rate of duty.

    Parameters
    ----------
    text
        E.g. ``"20%, но не менее 0.36 EUR за 1 кг"`` or ``"9.10% MAX 1.00% + 0.90 GBP / 100 kg"``. A bare number is per
        cent in the Eurasian tariff, whose column says so.
    style
        ``"eaeu"`` or ``"taric"``.

    Returns
    -------
    Rate

    Raises
    ------
    DostastyqError
        ``CU001`` when the text, or the rest of it, is not a rate.

    Examples
    --------
    >>> parse_rate("10% плюс 0.08 EUR за 1 кг") == parse_rate("10.000% + 0.080 EUR / kg", "taric")
    True
    """
    if style not in STYLES:
        raise DostastyqError("CU001", f"there is no style of tariff {style!r}", "expected 'eaeu' or 'taric'")
    words = _SPACES.sub(" ", text).strip()
    try:
        tree = _parser(style).parse(words)
    except UnexpectedInput as problem:
        ended = isinstance(problem, UnexpectedToken) and problem.token.type == "$END"
        place = len(words) if ended or problem.pos_in_stream is None else problem.pos_in_stream
        rest = words[place:]
        found = f"{rest[:20]!r} at character {place + 1}" if rest else "the end of the text"
        raise DostastyqError(
            "CU001",
            f"rate of duty {text!r} is not understood: found {found}",
            "expected a form like '5%', '0.2 EUR за 1 кг', '10%, но не менее 0.2 EUR за 1 кг', '10% плюс 0.1 EUR за"
            " 1 кг'"
            if style == "eaeu"
            else "expected a form like '5.0% + 0.2 EUR / 100 kg MAX 12.0%'",
        ) from None
    return _BUILDER.transform(tree)


@v_args(inline=True)
class _Builder(Transformer[Token, Rate]):
    """Puts a syntax tree together from the bottom."""

    def NUMBER(self, digits: str) -> Fraction:  # noqa: N802 -- named as the token
        return Fraction(str(digits).replace(",", "."))

    def UNIT(self, name: str) -> str:  # noqa: N802
        return unit(_DISPLACEMENT.sub("", str(name))).code

    def QUALIFIER(self, text: str) -> str:  # noqa: N802
        return str(text).strip()

    def currency(self, word: Token) -> str:
        return {"EURO": "EUR", "DOLLAR": "USD"}.get(word.type, str(word))

    def per(self, *factors: Fraction) -> Fraction:
        return prod(factors, start=Fraction(1))

    def percent(self, number: Fraction) -> Rate:
        return AdValorem(number)

    def specific(self, money: Fraction, currency: str, per: Fraction, unit_code: str, qualifier: str = "") -> Rate:
        return Specific(money, currency, per, unit_code, qualifier)

    def component(self, name: str) -> Rate:
        return Component(" ".join(str(name).split()))

    def nihil(self) -> Rate:
        return AdValorem(Fraction(0))

    def summed(self, *terms: Rate) -> Rate:
        return Sum(terms) if len(terms) > 1 else terms[0]

    def floored(self, rate: Rate, floor: Rate) -> Rate:
        return AtLeast(rate, floor)

    def lower(self, ceiling: Rate, rate: Rate) -> Rate:
        return AtMost(rate, ceiling)

    def capped(self, rate: Rate, ceiling: Rate) -> Rate:
        return AtMost(rate, ceiling)


_BUILDER: Final = _Builder()


def render_rate(rate: Rate, style: str = "eaeu") -> str:
    """Write a rate of duty so that `parse_rate` reads the same one.

    Parameters
    ----------
    rate
        The rate.
    style
        ``"eaeu"`` or ``"taric"``.

    Raises
    ------
    DostastyqError
        ``CU002`` when the style has no form for it.

    Examples
    --------
    >>> render_rate(parse_rate("20 %, но не менее 0,36 евро за 1 кг"))
    '20%, но не менее 0.36 EUR за 1 кг'
    >>> render_rate(parse_rate("20%, но не менее 0.36 EUR за 1 кг"), "taric")
    '20% MIN 0.36 EUR / kg'
    """
    text = (_in_russian if style == "eaeu" else _in_taric)(rate)
    if text is None:
        raise DostastyqError("CU002", f"{rate} has no form in the style {style!r}", "write it in the other style")
    return text


def _in_russian(rate: Rate) -> str | None:
    match rate:
        case AdValorem(percent):
            return f"{_decimal(percent)}%"
        case Specific(money, currency, per, _, ""):
            return f"{_decimal(money)} {currency} за {_decimal(per)} {rate.unit.russian}" if rate.unit.russian else None
        case Sum((AdValorem() as first, Specific() as second)):
            word = " плюс "
        case AtLeast(AdValorem() as first, Specific() as second):
            word = ", но не менее "
        case AtMost(AtLeast(AdValorem(), Specific()) as floored, AdValorem() as ceiling):
            inner = _in_russian(floored)
            return None if inner is None else f"{_in_russian(ceiling)}, либо {inner}, какая ниже"
        case _:
            return None
    tail = _in_russian(second)
    return None if tail is None else f"{_in_russian(first)}{word}{tail}"


def _in_taric(rate: Rate) -> str | None:
    match rate:
        case AdValorem(percent):
            return f"{_decimal(percent)}%"
        case Specific(money, currency, per, code, qualifier):
            amount = "" if per == 1 else f"{_decimal(per)} "
            return f"{_decimal(money)} {currency} / {amount}{_TARIC_UNITS.get(code, code)}" + (
                f" / {qualifier}" if qualifier else ""
            )
        case Component(name):
            return name
        case Sum(terms):
            texts = [_in_taric(term) for term in terms if not isinstance(term, AtLeast | AtMost | Sum)]
            return " + ".join(cast("list[str]", texts)) if len(texts) == len(terms) else None
        case AtLeast(first, second):
            word = " MIN "
        case AtMost(first, second):
            word = " MAX "
        case _:
            return None
    left, right = _in_taric(first), _in_taric(second)
    return None if right is None or isinstance(second, AtLeast | AtMost) else f"{left}{word}{right}"


_TARIC_UNITS: Final = {"piece": "p/st", "pair": "pa", "t": "tonne"}


def _decimal(number: Fraction) -> str:
    """Write an exact decimal; a number that is none is refused."""
    places = 0
    while (number * 10**places).denominator != 1:
        places += 1
        if places > 12:
            raise DostastyqError("CU002", f"{number} is no decimal number", "rates of duty are decimals")
    digits = str(int(number * 10**places)).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits
