"""Sentences as a journal keeps them: the template and what fills it, so that each reader has them in a language."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from dostastyq.i18n import Text


def kept(text: str) -> Any:  # noqa: ANN401 -- plain data of any shape
    """Write a sentence as plain data without floating-point numbers.

    Examples
    --------
    >>> note = Text("Trade elasticity {theta:g}.", theta=2.5)
    >>> kept(note)
    {'text': 'Trade elasticity {theta:g}.', 'values': {'theta': {'number': '2.5'}}}
    >>> kept("as it is")
    'as it is'
    """
    if not isinstance(text, Text):
        return str(text)
    found: dict[str, Any] = {"text": text.template}
    if text.plural:
        return found | {"plural": text.plural, "n": text.n, "values": _kept_values(text, but="n")}
    return found | {"values": _kept_values(text)}


def said(found: Any) -> str:  # noqa: ANN401 -- as in `kept`
    """Read a sentence back.

    Examples
    --------
    >>> from dostastyq.i18n import translator
    >>> note = Text("version {n}", n=2)
    >>> print(translator("ru").text(said(kept(note))))
    редакция 2
    """
    if not isinstance(found, Mapping):
        return str(found)
    values = {name: _value(value) for name, value in found["values"].items()}
    if "plural" in found:
        return Text.counted(found["text"], found["plural"], found["n"], **values)
    return Text(found["text"], **values)


def _kept_values(text: Text, but: str = "") -> dict[str, Any]:
    return {name: _kept_value(value) for name, value in text.values.items() if name != but}


def _kept_value(value: Any) -> Any:  # noqa: ANN401 -- as in `kept`
    match value:
        case str():
            return kept(value)
        case float():
            return {"number": repr(float(value))}
        case date():
            return value.isoformat()
        case Mapping():
            return {"by_language": {str(name): str(item) for name, item in value.items()}}
        case list() | tuple() | set() | frozenset():
            return [_kept_value(item) for item in value]
    return value


def _value(found: Any) -> Any:  # noqa: ANN401 -- as in `kept`
    match found:
        case {"text": _}:
            return said(found)
        case {"number": figure}:
            return float(figure)
        case {"by_language": titles}:
            return dict(titles)
        case list():
            return [_value(item) for item in found]
    return found
