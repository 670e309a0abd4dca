"""The text of a gravity equation, read: outcome, regressors, effects, each with its place in the text.

The grammar is that of fixest and pyfixest::

    outcome ~ regressors | effect + effect ...

Regressors are Wilkinson notation and are read by formulaic (``a:b``, ``a*b``, ``(a + b)**2``, calls such as
``log(dist)``); an effect is a column or several joined by ``^``. Positions count characters of the formula from 1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dostastyq.errors import DostastyqError

if TYPE_CHECKING:
    from formulaic.parser.types import Term as WilkinsonTerm

EXAMPLE: Final = "trade ~ rta | exporter^year + importer^year + exporter^importer"

_COLUMN = re.compile(r"`(?P<quoted>[^`]+)`|(?P<plain>[^\W\d]\w*(?:\.\w+)*)")
_MULTIPLE = re.compile(r"\b(?:sw0?|csw0?|mvsw|split|fsplit)\(")
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_OPEN, _CLOSE = "([{", ")]}"


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of a term.

    Parameters
    ----------
    text
        Name of a column, or an expression such as ``log(dist)``.
    position
        Where it stands in the formula, from 1.
    is_column
        True for the bare name of a column.
    """

    text: str
    position: int
    is_column: bool


@dataclass(frozen=True, slots=True)
class Term:
    """A product of factors; its name joins them by a colon."""

    factors: tuple[Factor, ...]

    @property
    def name(self) -> str:
        """Name as a table prints it."""
        return ":".join(factor.text for factor in self.factors)

    @property
    def key(self) -> frozenset[str]:
        """What it is made of, in no order."""
        return frozenset(factor.text for factor in self.factors)


@dataclass(frozen=True, slots=True)
class Effect:
    """Fixed effect of the combinations of some columns.

    Parameters
    ----------
    columns
        The columns, in the order written.
    position
        Where it stands in the formula, from 1.
    """

    columns: tuple[str, ...]
    position: int

    @property
    def name(self) -> str:
        """Name as it is written: ``exporter^year``."""
        return "^".join(self.columns)


@dataclass(frozen=True, slots=True)
class Formula:
    """A gravity equation.

    Parameters
    ----------
    text
        As given.
    outcome
        What is explained: a column or an expression.
    terms
        Regressors, as written; the constant is part of the effects and never among them.
    effects
        Fixed effects.
    """

    text: str
    outcome: Factor
    terms: tuple[Term, ...]
    effects: tuple[Effect, ...]


def parse(text: str) -> Formula:
    """Read a formula.

    Parameters
    ----------
    text
        ``"outcome ~ regressors | effects"``.

    Returns
    -------
    Formula

    Raises
    ------
    DostastyqError
        ``GR002`` with the position of what cannot be read and the remedy.

    Examples
    --------
    >>> found = parse("trade ~ rta*log(dist) | exporter^year + importer^year")
    >>> found.outcome.text, [term.name for term in found.terms], [effect.name for effect in found.effects]
    ('trade', ['rta', 'log(dist)', 'rta:log(dist)'], ['exporter^year', 'importer^year'])
    >>> parse("trade ~ rta +")
    Traceback (most recent call last):
    dostastyq.errors.DostastyqError: formula, character 13: Operator `+` has insufficient arguments and/or is misplaced.
        trade ~ rta +
                    ^ (write it as in trade ~ rta | exporter^year + importer^year + exporter^importer)
    """
    if not isinstance(text, str):
        raise DostastyqError("GR002", f"the formula is a {type(text).__name__}, expected a text", f"as in {EXAMPLE}")
    _brackets(text)
    sides = list(_split(text, "~"))
    if len(sides) != 2:
        place = sides[2][1] if len(sides) > 2 else len(text) + 1
        what = "a second ~ is found" if len(sides) > 2 else "~ is missing between the flow and its regressors"
        raise unreadable(text, place, what)
    parts = list(_split(sides[1][0], "|", sides[1][1]))
    if len(parts) > 2:
        raise unreadable(text, parts[2][1], "a second | is found", "instruments are not supported; list effects with +")
    if found := _MULTIPLE.search(text):
        raise unreadable(text, found.start() + 1, "several equations in one formula", "fit them one by one")
    effects = _effects(text, *parts[1]) if len(parts) == 2 else ()
    return Formula(text, _outcome(text, *sides[0]), _terms(text, *parts[0]), effects)


def parse_effects(text: str) -> tuple[Effect, ...]:
    """Read a list of effects alone, as in ``"exporter^importer + year"``.

    Examples
    --------
    >>> [effect.columns for effect in parse_effects("exporter^importer + year")]
    [('exporter', 'importer'), ('year',)]
    """
    _brackets(text)
    return _effects(text, text, 1)


def unreadable(text: str, position: int, what: str, remedy: str = "") -> DostastyqError:
    """Make the refusal of a formula: what is wrong at which character, with the formula and a mark under it."""
    mark = f"    {text}\n    {' ' * (position - 1)}^"
    return DostastyqError(
        "GR002", f"formula, character {position}: {what}\n{mark}", remedy or f"write it as in {EXAMPLE}"
    )


def _brackets(text: str) -> None:
    """Refuse brackets and quotes that do not close."""
    opened: list[tuple[str, int]] = []
    quote, since = "", 0
    for position, sign in enumerate(text, start=1):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'`":
            quote, since = sign, position
        elif sign in _OPEN:
            opened.append((sign, position))
        elif sign in _CLOSE:
            if not opened or _OPEN.index(opened[-1][0]) != _CLOSE.index(sign):
                raise unreadable(text, position, f"{sign} closes nothing", "balance the brackets")
            opened.pop()
    if quote:
        raise unreadable(text, since, f"{quote} is not closed", "close the quotation")
    if opened:
        raise unreadable(text, opened[-1][1], f"{opened[-1][0]} is not closed", "balance the brackets")


def _split(text: str, sign: str, start: int = 1) -> Iterator[tuple[str, int]]:
    """Split at `sign` outside brackets and quotes: the parts and the positions at which they begin."""
    depth, quote, begin = 0, "", 0
    for at, found in enumerate(text):
        if quote:
            quote = "" if found == quote else quote
        elif found in "\"'`":
            quote = found
        elif found in _OPEN:
            depth += 1
        elif found in _CLOSE:
            depth -= 1
        elif found == sign and depth == 0:
            yield text[begin:at], start + begin
            begin = at + 1
    yield text[begin:], start + begin


def _outcome(text: str, part: str, start: int) -> Factor:
    name = part.strip()
    position = start + len(part) - len(part.lstrip())
    if not name:
        raise unreadable(text, position, "there is no flow before ~")
    if found := _COLUMN.fullmatch(name):
        return Factor(found["quoted"] or found["plain"], position, is_column=True)
    return Factor(name, position, is_column=False)


def _terms(text: str, part: str, start: int) -> tuple[Term, ...]:
    """Regressors of the right-hand side, the constant left out."""
    if not part.strip():
        raise unreadable(text, start, "there are no regressors after ~", "write 1 for none")
    from formulaic.errors import FormulaicError  # noqa: PLC0415 -- imports pandas
    from formulaic.parser import DefaultFormulaParser  # noqa: PLC0415

    try:
        found = list(DefaultFormulaParser(include_intercept=False, feature_flags=[]).get_terms(part))
    except (FormulaicError, SyntaxError, LookupError, AttributeError) as error:
        raise _wilkinson(text, part, start, error) from None
    return tuple(
        Term(tuple(Factor(f.expr, _place(f.token, start), f.eval_method.value == "lookup") for f in term.factors))
        for term in found
        if not _constant(text, term, start)
    )


def _constant(text: str, term: "WilkinsonTerm", start: int) -> bool:
    """Whether `term` is the constant; other literals are refused."""
    literals = [factor for factor in term.factors if factor.eval_method.value == "literal"]
    if literals and (len(term.factors) > 1 or literals[0].expr not in ("0", "1")):
        raise unreadable(text, _place(literals[0].token, start), "a number is no regressor", "scale inside I(...)")
    return bool(literals)


def _place(token: object, start: int) -> int:
    return start + int(getattr(token, "source_start", None) or 0)


def _wilkinson(text: str, part: str, start: int, error: Exception) -> DostastyqError:
    """Refusal made from a message of formulaic, whose mark gives the position."""
    said, _, context = _COLOUR.sub("", str(error)).partition("\n\n")
    at = context.find("⧛")
    if at < 0:
        return unreadable(text, start + len(part) - len(part.lstrip()), "the regressors cannot be read")
    return unreadable(text, start + at, re.sub(r"\binsuff\w+ent\b", "insufficient", said))


def _effects(text: str, part: str, start: int) -> tuple[Effect, ...]:
    if part.strip() in ("0", "1"):
        return ()
    found: list[Effect] = []
    for piece, begin in _split(part, "+", start):
        columns: list[str] = []
        for name, at in _split(piece, "^", begin):
            position = at + len(name) - len(name.lstrip())
            if "[" in name:
                raise unreadable(text, position, f"slope {name.strip()}", "slopes by group are not supported")
            column = _COLUMN.fullmatch(name.strip())
            if column is None:
                what = f"{name.strip()!r} is no column" if name.strip() else "a column is missing"
                raise unreadable(text, position, what, f"effects are columns joined by ^ and +, as in {EXAMPLE}")
            columns.append(column["quoted"] or column["plain"])
        effect = Effect(tuple(dict.fromkeys(columns)), begin + len(piece) - len(piece.lstrip()))
        if all(set(effect.columns) != set(other.columns) for other in found):
            found.append(effect)
    return tuple(found)
