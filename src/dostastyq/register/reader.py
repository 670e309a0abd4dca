"""Strict YAML: every scalar is text, and every refusal names file and line.

YAML 1.1 reads ``NO`` as false, ``on`` as true and ``0102`` as an octal number, and keeps the last of two equal keys
in silence. Here a file is composed into nodes, never resolved, and read through `Reader`, which knows where each word
stands. Plain data, such as a record of the journal, become the same nodes: a refusal names the field then.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NoReturn, TypeAlias, TypeVar

import yaml

from dostastyq.dates import Day
from dostastyq.errors import DostastyqError, nearest

DEEPEST = 100
"""Levels that a file may be nested; deeper than any record, and far from what exhausts the machine."""

T = TypeVar("T")

Plain: TypeAlias = "str | tuple[Plain, ...] | dict[str, Plain]"
"""Text, lists and mappings, nested."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One node of a YAML file, and where it stands.

    Parameters
    ----------
    node
        Node as PyYAML composed it.
    file
        Name of the file for messages.
    path
        Keys from the root of the file to the node.
    """

    node: yaml.Node
    file: str
    path: str = ""

    def refuse(self, code: str, message: str, hint: str = "") -> NoReturn:
        """Raise an error that names file, line and key."""
        mark = self.node.start_mark
        line = "" if mark is None else f":{mark.line + 1}"
        where = f"{self.file}{line}" + (f" ({self.path})" if self.path else "")
        raise DostastyqError(code, f"{where}: {message}", hint)

    def _child(self, node: yaml.Node, key: str) -> "Reader":
        return Reader(node, self.file, f"{self.path}.{key}" if self.path else key)

    @property
    def is_text(self) -> bool:
        """Whether it is a scalar."""
        return isinstance(self.node, yaml.ScalarNode)

    def text(self) -> str:
        """Read a scalar as it is written."""
        if not self.is_text:
            self.refuse("RG024", "expected text", "write one value, without brackets or braces")
        return str(self.node.value)

    def word(self, known: Collection[str], what: str, code: str = "RG028") -> str:
        """Read a scalar that must be one of the known words."""
        value = self.text()
        if value not in known:
            self.refuse(code, f"{value!r} is not {what}", nearest(value, known))
        return value

    def flag(self) -> bool:
        """Read ``true`` or ``false``."""
        return self.word(("true", "false"), "true or false") == "true"

    def day(self) -> Day:
        """Read an EDTF day."""
        try:
            return Day.parse(self.text())
        except DostastyqError as error:
            self.refuse("RG025", error.message, error.hint)

    def items(self) -> list["Reader"]:
        """Read a sequence."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.refuse("RG024", "expected a list", "write [a, b] or lines that begin with a dash")
        return [self._child(node, f"[{number}]") for number, node in enumerate(self.node.value)]

    def words(self, known: Collection[str], what: str, code: str = "RG028") -> tuple[str, ...]:
        """Read a list of known words."""
        return tuple(item.word(known, what, code) for item in self.items())

    def entries(self) -> Iterator[tuple[str, "Reader"]]:
        """Read a mapping of free keys; two equal keys are refused."""
        if not isinstance(self.node, yaml.MappingNode):
            self.refuse("RG024", "expected a mapping", "write key: value")
        seen: set[str] = set()
        for key_node, value_node in self.node.value:
            key = Reader(key_node, self.file, self.path).text()
            child = Reader(value_node, self.file, f"{self.path}.{key}" if self.path else key)
            if key in seen:
                Reader(key_node, self.file, self.path).refuse(
                    "RG021", f"key {key!r} is written twice", "keep one of the two"
                )
            seen.add(key)
            yield key, child

    def record(self, required: Collection[str], optional: Collection[str] = ()) -> "Record":
        """Read a mapping of known keys."""
        found = dict(self.entries())
        known = {*required, *optional}
        for key, child in found.items():
            if key not in known:
                child.refuse("RG022", f"unknown key {key!r}", nearest(key, known))
        missing = [key for key in required if key not in found]
        if missing:
            self.refuse("RG023", f"missing {', '.join(repr(key) for key in missing)}", "add the key")
        return Record(self, found)

    def plain(self, check: Callable[[str, "Reader"], None]) -> Plain:
        """Read any shape as text, lists and mappings; `check` sees every key with its value."""
        if isinstance(self.node, yaml.MappingNode):
            values = {}
            for key, child in self.entries():
                check(key, child)
                values[key] = child.plain(check)
            return values
        if isinstance(self.node, yaml.SequenceNode):
            return tuple(item.plain(check) for item in self.items())
        return self.text()


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping whose keys were checked.

    Parameters
    ----------
    at
        The mapping's own node.
    found
        Its values by key.
    """

    at: Reader
    found: Mapping[str, Reader]

    def __getitem__(self, key: str) -> Reader:
        return self.found[key]

    def __contains__(self, key: object) -> bool:
        return key in self.found

    def get(self, key: str, read: Callable[[Reader], T], default: T) -> T:
        """Read the value of `key`, or give `default` where the key is absent."""
        return read(self.found[key]) if key in self.found else default

    def text(self, key: str) -> str:
        """Read the text of `key`; empty where the key is absent."""
        return self.get(key, Reader.text, "")

    def items(self, key: str) -> list[Reader]:
        """Read the list of `key`; empty where the key is absent."""
        return self.found[key].items() if key in self.found else []


def compose(text: str, file: str) -> Reader:
    """Compose one YAML document into nodes.

    Raises
    ------
    DostastyqError
        ``RG020`` when the text is not YAML, is empty, repeats a part by an alias or is nested too deeply.

    Examples
    --------
    >>> record = compose("NO: 0102", "states.yaml")
    >>> [(key, value.text()) for key, value in record.entries()]
    [('NO', '0102')]
    """
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except RecursionError:
        raise DostastyqError("RG020", f"{file}: {_TOO_DEEP[0]}", _TOO_DEEP[1]) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or str(error)
        raise DostastyqError(
            "RG020", f"{file}{line}: not YAML: {problem}", "check quotes, brackets and spaces"
        ) from None
    if node is None:
        raise DostastyqError("RG020", f"{file}: the file is empty", "write the facts or remove the file")
    _check_shape(node, file)
    return Reader(node, file)


_TOO_DEEP = (f"nested deeper than {DEEPEST} levels", "write fewer brackets within brackets")


def _check_shape(root: yaml.Node, file: str) -> None:
    """Refuse aliases, which can hold themselves or stand for billions of words, and nesting without end."""
    seen: set[int] = set()
    level = [root]
    for _ in range(DEEPEST):
        below: list[yaml.Node] = []
        for node in level:
            if id(node) in seen:
                Reader(node, file).refuse("RG020", "a part is repeated by an alias", "write it out in both places")
            seen.add(id(node))
            if isinstance(node, yaml.MappingNode):
                below += [part for pair in node.value for part in pair]
            elif isinstance(node, yaml.SequenceNode):
                below += node.value
        level = below
    if level:
        Reader(level[0], file).refuse("RG020", *_TOO_DEEP)


def compose_plain(value: object, name: str) -> Reader:
    """Compose plain data into the nodes that a file with the same content has.

    Parameters
    ----------
    value
        Mappings with text keys, lists, text, whole numbers, truth values and days.
    name
        What stands for the name of a file in messages.

    Raises
    ------
    DostastyqError
        ``RG024`` for any other value, naming the field.

    Examples
    --------
    >>> record = compose_plain({"extends_to": ["UZB"], "count": 3, "derived": True}, "a treaty")
    >>> [value.plain(lambda *_: None) for _, value in record.entries()]
    [('UZB',), '3', 'true']
    """
    return Reader(_node(value, name, ""), name)


def _node(value: object, name: str, path: str) -> yaml.Node:
    if isinstance(value, Mapping):
        pairs = []
        for key, item in value.items():
            if not isinstance(key, str):
                _refuse_value(key, name, path, "write every key as text")
            pairs.append((yaml.ScalarNode("", key), _node(item, name, f"{path}.{key}" if path else key)))
        return yaml.MappingNode("", pairs)
    if isinstance(value, list | tuple):
        return yaml.SequenceNode("", [_node(item, name, f"{path}.[{n}]") for n, item in enumerate(value)])
    if isinstance(value, bool):
        return yaml.ScalarNode("", "true" if value else "false")
    if not isinstance(value, str | int | date):
        _refuse_value(value, name, path, "write text, a whole number, true or false, a list or a mapping")
    return yaml.ScalarNode("", str(value))


def _refuse_value(value: object, name: str, path: str, hint: str) -> NoReturn:
    where = f"{name} ({path})" if path else name
    raise DostastyqError("RG024", f"{where}: {value!r} is no word of a record", hint)
