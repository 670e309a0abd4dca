"""SHA-256 of a value by what it says, not by how it lies in memory."""

import struct
from collections.abc import Iterator, Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from functools import partial
from hashlib import sha256
from types import BuiltinFunctionType, FunctionType

import numpy as np

from dostastyq.errors import DostastyqError


def digest(value: object) -> str:
    """SHA-256 of a value in hexadecimal; equal content gives the same digest in every process.

    Parameters
    ----------
    value
        Numbers, texts, bytes, days, fractions, enumerations, arrays, dataclasses (their fields), labelled vectors and
        matrices, functions defined at the top of a module, `functools.partial` of them, and tuples, lists, sets and
        mappings of these.

    Returns
    -------
    str

    Raises
    ------
    DostastyqError
        ``PL002`` for anything else: what cannot be read in full must not stand for a cached result.

    Examples
    --------
    >>> digest({"a": 1, "b": np.eye(2)}) == digest({"b": np.eye(2), "a": 1})
    True
    >>> digest(1) == digest(1.0)
    False
    """
    state = sha256()
    for part in _parts(value):
        state.update(part)
    return state.hexdigest()


def _parts(value: object) -> Iterator[bytes]:
    """Bytes of a value: a tag, a length where the length is open, and the content."""
    if isinstance(value, np.ndarray) and value.dtype != object:
        yield _text("array", value.dtype.str, repr(value.shape))
        yield np.ascontiguousarray(value).tobytes()
    elif isinstance(value, bytes):
        yield _text("bytes", str(len(value)))
        yield value
    elif isinstance(value, float):
        yield _text("float")
        yield struct.pack("<d", value)
    elif isinstance(value, Enum):
        yield _text("enum", _name(type(value)), value.name)
    elif value is None or isinstance(value, bool | int | str | Fraction | date | np.generic):
        yield _text(type(value).__name__, repr(value))
    elif isinstance(value, FunctionType | BuiltinFunctionType | type) and "<" not in value.__qualname__:
        yield _text("function", _name(value))
    else:
        yield from _compound(value)


def _compound(value: object) -> Iterator[bytes]:
    if isinstance(value, partial):
        content: tuple[object, ...] = (value.func, value.args, value.keywords)
    elif is_dataclass(value) and not isinstance(value, type):
        content = tuple((field.name, getattr(value, field.name)) for field in fields(value))
    elif isinstance(value, tuple | list):
        content = tuple(value)
    elif isinstance(value, Mapping):
        content = tuple(sorted((digest(key), digest(item)) for key, item in value.items()))
    elif isinstance(value, Set):
        content = tuple(sorted(digest(item) for item in value))
    elif hasattr(value, "__array__") and hasattr(value, "labels"):
        content = (value.labels, np.asarray(value))
    else:
        raise DostastyqError(
            "PL002",
            f"a {type(value).__name__} cannot be part of a cache key; expected numbers, texts, arrays, records or"
            " functions of a module",
            "pass the data it stands for, or run without a cache",
        )
    yield _text(_name(type(value)), str(len(content)))
    for item in content:
        yield from _parts(item)


def _name(value: type | FunctionType | BuiltinFunctionType) -> str:
    return f"{value.__module__}.{value.__qualname__}"


def _text(*words: str) -> bytes:
    """Words with their lengths, so that no two lists of words give the same bytes."""
    return b"".join(f"{len(word)}:{word};".encode() for word in words)
