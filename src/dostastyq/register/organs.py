"""Who decides in a commonwealth, by which rule and with which votes, and who chairs.

Read from ``organs.yaml``, ``rules.yaml``, ``counts.yaml`` and ``vocabulary.yaml`` of the data folder; a file that is
not there reads as empty. Refusals are those of the register's other files, with ``RG026`` also
for an unknown organ, rule or set of weights, and ``RG024`` for weights that do not add up.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dostastyq.dates import Day
from dostastyq.register.facts import Fact, Sourced
from dostastyq.register.reader import Reader, compose
from dostastyq.register.rules import DecisionRule, VoteWeights, read_rule, read_weights
from dostastyq.register.schema_base import FACT, LANGUAGES, Known, read_calendar_day, read_duration, read_fact

ORGAN_KINDS = (
    "supreme",
    "statutory",
    "executive",
    "secretariat",
    "working",
    "judicial",
    "parliamentary",
    "bank",
    "sectoral",
    "group",
)
ROTATIONS = ("alphabet_ru",)
"""Orders in which the chair passes on: the Russian alphabet of the names of the states."""

COMMONWEALTH = "commonwealth"
"""Who has a seat in an organ of all states of the commonwealth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChairTerm(Sourced):
    """A state's term in the chair.

    Parameters
    ----------
    state
        Code of the state.
    start, end
        First day, and first day no longer; None while it lasts.
    """

    state: str
    start: Day
    end: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats(Sourced):
    """Which states have a seat in an organ.

    Parameters
    ----------
    who
        ``"commonwealth"`` for every state of it, or the slug of the instrument whose parties have one.
    """

    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation(Sourced):
    """How the chair passes from state to state.

    Parameters
    ----------
    order
        One of ``ROTATIONS``.
    term
        How long a state has the chair, an ISO 8601 duration.
    start
        First day on which it passes on so.
    """

    order: str
    term: str
    start: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(Sourced):
    """The statutory organ that a draft of a sector body goes to before it goes to a council.

    Parameters
    ----------
    organ
        Code of the statutory organ.
    basis
        Rule that says so.
    """

    organ: str
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organ(Sourced):
    """An organ of the commonwealth.

    Parameters
    ----------
    code
        Stable name, e.g. ``"chs"``.
    name, mandate
        Name, and what it is for in one sentence, by language.
    kind, domain
        What it is and what it is about.
    established, dissolved
        First day, and first day no longer; None where not known.
    parent
        Organ it belongs to; empty where none.
    successors
        Organs that took its place.
    seat
        Where it sits.
    rule, exception
        Codes of its rule of decision and of the rule for exceptional questions; empty where not known.
    seats
        Which states have a seat in it; None where not known or where its members are persons.
    chairs
        Its chair calendar, as far as known.
    rotation
        How the chair passes on; None where not known.
    through
        Statutory organ through which its drafts travel; None where they go to the councils or it is not known.
    """

    code: str
    name: Mapping[str, str]
    mandate: Mapping[str, str]
    kind: str
    domain: tuple[str, ...]
    established: Fact | None = None
    dissolved: Fact | None = None
    parent: str = ""
    successors: tuple[str, ...] = ()
    seat: str = ""
    rule: str = ""
    exception: str = ""
    seats: Seats | None = None
    chairs: tuple[ChairTerm, ...] = ()
    rotation: Rotation | None = None
    through: Route | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count(Sourced):
    """A number that a source states about the corpus or the organs.

    Parameters
    ----------
    what, value, parts
        What was counted, the number as written, and its parts.
    """

    what: str
    value: str
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositaryCode:
    """A code of the depositary's table.

    Parameters
    ----------
    depositary, mark
        The code as the depositary has it, and how it is printed here.
    meaning, code
        What it means, and the code it stands for.
    """

    depositary: str
    mark: str
    meaning: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Institutions:
    """Organs, rules of decision and what goes with them.

    Parameters
    ----------
    organs, rules, weights
        By code.
    counts, vocabulary
        As listed in the data.

    Examples
    --------
    >>> from dostastyq import register
    >>> register.load("cis").institutions.chair("chs", Day.parse("2017-06-01"))
    'RUS'
    """

    organs: Mapping[str, Organ] = field(default_factory=dict)
    rules: Mapping[str, DecisionRule] = field(default_factory=dict)
    weights: Mapping[str, VoteWeights] = field(default_factory=dict)
    counts: tuple[Count, ...] = ()
    vocabulary: tuple[DepositaryCode, ...] = ()

    def chair(self, organ: str, on: Day) -> str | None:
        """Name the state in the chair of an organ on a day; None where it is not known."""
        day = on.earliest
        if day is None:
            return None
        held = [
            term.state
            for term in self.organs[organ].chairs
            if term.start.at_or_before(day) and (term.end is None or term.end.after(day))
        ]
        return held[-1] if held else None


def read_institutions(folder: Path, known: Known, instruments: Mapping[str, Reader]) -> Institutions:
    """Read and check the files on organs of a data folder.

    Parameters
    ----------
    folder
        The data folder.
    known
        Sources, states and instruments that may be referred to.
    instruments
        Nodes of the instruments: organs that they create or that adopted them must be known.
    """
    organs = dict(_entries(folder / "organs.yaml"))
    tables = _entries(folder / "rules.yaml")
    rules = dict(tables["rules"].entries()) if "rules" in tables else {}
    weights = dict(tables["weights"].entries()) if "weights" in tables else {}
    for node in instruments.values():
        check_organs(node, organs)
    return Institutions(
        organs=MappingProxyType({code: _read_organ(code, at, known, organs, rules) for code, at in organs.items()}),
        rules=MappingProxyType({code: read_rule(code, at, known, weights, organs) for code, at in rules.items()}),
        weights=MappingProxyType({code: read_weights(code, at, known, organs) for code, at in weights.items()}),
        counts=tuple(_read_count(at, known) for at in _items(folder / "counts.yaml")),
        vocabulary=tuple(_read_code(at) for at in _items(folder / "vocabulary.yaml")),
    )


def _root(file: Path) -> Reader | None:
    return compose(file.read_text(encoding="utf-8"), file.name) if file.is_file() else None


def _entries(file: Path) -> dict[str, Reader]:
    root = _root(file)
    return {} if root is None else dict(root.entries())


def _items(file: Path) -> list[Reader]:
    root = _root(file)
    return [] if root is None else root.items()


def check_organs(instrument: Reader, organs: Collection[str]) -> None:
    """Refuse an instrument that names an organ nobody knows; where no organ is held, any name will do."""
    for key, at in instrument.entries() if organs else ():
        if key == "creates":
            at.words(organs, "an organ of organs.yaml", "RG026")
        elif key == "session":
            at.record(("organ",), FACT)["organ"].word(organs, "an organ of organs.yaml", "RG026")
        elif key == "adopted_by":
            at.word(organs, "an organ of organs.yaml", "RG026")


def _languages(at: Reader) -> Mapping[str, str]:
    record = at.record(LANGUAGES)
    return MappingProxyType({language: record.text(language) for language in LANGUAGES})


def _read_organ(code: str, at: Reader, known: Known, organs: Collection[str], rules: Collection[str]) -> Organ:
    record = at.record(
        ("name", "kind", "domain", "mandate"),
        (
            "established",
            "dissolved",
            "parent",
            "successor",
            "seat",
            "rule",
            "exception",
            "members",
            "chairs",
            "rotation",
            "through",
            *FACT,
        ),
    )

    def organ(at: Reader) -> str:
        return at.word(organs, "an organ of organs.yaml", "RG026")

    def rule(at: Reader) -> str:
        return at.word(rules, "a rule of rules.yaml", "RG026")

    def fact(at: Reader) -> Fact:
        return read_fact(at, known)

    return Organ(
        code=code,
        name=_languages(record["name"]),
        mandate=_languages(record["mandate"]),
        kind=record["kind"].word(ORGAN_KINDS, "a kind of organ"),
        domain=tuple(item.text() for item in record["domain"].items()),
        established=record.get("established", fact, None),
        dissolved=record.get("dissolved", fact, None),
        parent=record.get("parent", organ, ""),
        successors=tuple(organ(item) for item in record.items("successor")),
        seat=record.text("seat"),
        rule=record.get("rule", rule, ""),
        exception=record.get("exception", rule, ""),
        seats=record.get("members", lambda at: _read_seats(at, known), None),
        chairs=tuple(_read_chair(item, known) for item in record.items("chairs")),
        rotation=record.get("rotation", lambda at: _read_rotation(at, known), None),
        through=record.get("through", lambda at: _read_route(at, known, organs), None),
        **known.sourced(record),
    )


def _read_seats(at: Reader, known: Known) -> Seats:
    record = at.record(("who",), FACT)
    who = record["who"].word({COMMONWEALTH, *known.instruments}, "commonwealth or an instrument", "RG026")
    return Seats(who=who, **known.sourced(record))


def _read_chair(at: Reader, known: Known) -> ChairTerm:
    record = at.record(("state", "from"), ("until", *FACT))
    return ChairTerm(
        state=record["state"].word(known.states, "a state of the register", "RG026"),
        start=record["from"].day(),
        end=record.get("until", Reader.day, None),
        **known.sourced(record),
    )


def _read_rotation(at: Reader, known: Known) -> Rotation:
    record = at.record(("order", "term", "from"), FACT)
    return Rotation(
        order=record["order"].word(ROTATIONS, "an order of rotation"),
        term=read_duration(record["term"]),
        start=read_calendar_day(record["from"]),
        **known.sourced(record),
    )


def _read_route(at: Reader, known: Known, organs: Collection[str]) -> Route:
    record = at.record(("organ",), ("basis", *FACT))
    return Route(
        organ=record["organ"].word(organs, "an organ of organs.yaml", "RG026"),
        basis=record.text("basis"),
        **known.sourced(record),
    )


def _read_count(at: Reader, known: Known) -> Count:
    record = at.record(("what", "value"), ("parts", *FACT))
    parts: dict[str, Any] = {key: part.text() for key, part in record["parts"].entries()} if "parts" in record else {}
    return Count(
        what=record.text("what"), value=record.text("value"), parts=MappingProxyType(parts), **known.sourced(record)
    )


def _read_code(at: Reader) -> DepositaryCode:
    record = at.record(("depositary", "mark", "meaning", "code"))
    return DepositaryCode(
        depositary=record.text("depositary"),
        mark=record.text("mark"),
        meaning=record.text("meaning"),
        code=record.text("code"),
    )
