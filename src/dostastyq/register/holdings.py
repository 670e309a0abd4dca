"""What a register holds, and the lines of truth that follow: the law around each of its instruments."""

import copyreg
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from types import MappingProxyType
from typing import Any, Self, TypeVar

from dostastyq.dates import Day
from dostastyq.errors import DostastyqError, nearest
from dostastyq.provenance import Source
from dostastyq.register import pairwise
from dostastyq.register.acts import Act
from dostastyq.register.editions import stitched, under
from dostastyq.register.evidence import Record
from dostastyq.register.model import Conflict, Coverage, Instrument, Membership, State, Version
from dostastyq.register.organs import Institutions
from dostastyq.register.standing import Standing, standing
from dostastyq.register.timeline import NEVER, UNKNOWN, Line, either, since

N = TypeVar("N")
T = TypeVar("T")


def _proxied(table: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(table)


copyreg.pickle(MappingProxyType, lambda mapping: (_proxied, (dict(mapping),)))


@dataclass(frozen=True, slots=True, repr=False)
class Holdings:
    """Facts of a commonwealth and the lines that follow from them, each worked out once.

    Parameters
    ----------
    name
        Name of the commonwealth.
    states, instruments, sources
        By code, slug and key.
    memberships
        Standing of states in the commonwealth.
    coverage
        How completely each kind of preference is held.
    horizon
        Newest day that any source speaks of.
    removed
        Instruments taken out by `without`: asked for only to know what they had ended.
    detached
        Acts done through an instrument taken out, by the instrument they are about: given back to it when it is taken
        out itself, since what it had ended between those states stays ended.
    superseded
        Acts that were corrected, by instrument: asked for only as known at an earlier moment.
    rivals
        Rival values that sources give.
    published
        Day on which the shipped facts were first recorded, where they do not say so themselves.
    unseen
        Instruments of which nothing was recorded yet, in a register as known at an earlier moment.
    institutions
        Organs, rules of decision, weights of votes, the depositary's codes.
    versions
        Instruments that came from a journal, and what they replaced: each as recorded for a time, in order.
    """

    name: str
    states: Mapping[str, State]
    instruments: Mapping[str, Instrument]
    sources: Mapping[str, Source]
    memberships: tuple[Membership, ...] = ()
    coverage: Mapping[str, Coverage] = field(default_factory=dict)
    horizon: date | None = None
    removed: Mapping[str, Instrument] = field(default_factory=dict)
    institutions: Institutions = field(default_factory=Institutions)
    detached: Mapping[str, tuple[Act, ...]] = field(default_factory=dict)
    superseded: Mapping[str, tuple[Act, ...]] = field(default_factory=dict)
    rivals: tuple[Conflict, ...] = ()
    published: date | None = None
    unseen: frozenset[str] = frozenset()
    versions: Mapping[str, tuple[Version, ...]] = field(default_factory=dict)
    _cache: dict[tuple[Any, ...], Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def instrument(self, slug: str) -> Instrument:
        """Look up an instrument.

        Raises
        ------
        DostastyqError
            ``RG001`` with the nearest slugs, or saying that this law is without it.

        Examples
        --------
        >>> from dostastyq import register
        >>> register.load("cis").instrument("eaeu-2014").title["en"]
        'Treaty on the Eurasian Economic Union'
        """
        if slug in self.removed and slug not in self.instruments:
            raise DostastyqError("RG001", f"{slug!r} was taken out of this law", "ask the law that has it")
        return _find(self.instruments, slug, "RG001", "instrument")

    def state(self, code: str) -> State:
        """Look up a state.

        Raises
        ------
        DostastyqError
            ``RG002`` with the nearest codes.

        Examples
        --------
        >>> from dostastyq import register
        >>> register.load("cis").state("KAZ").name["kk"]
        'Қазақстан'
        """
        return _find(self.states, code, "RG002", "state")

    def independent_on(self, code: str, day: date) -> State:
        """Look up a state; ``RG004`` where it was not independent on a day."""
        found = self.state(code)
        if found.independent.day.after(day):
            raise DostastyqError(
                "RG004",
                f"{found.name['en']} was not independent on {day}",
                f"ask from {found.independent.day} on",
            )
        return found

    def record(self, instrument: str) -> Record:
        """Give an instrument with the law around it, under its clauses as first agreed."""
        found = self.removed.get(instrument) or self.instrument(instrument)
        return self.once(("record", instrument), lambda: Record(found, self))

    def standing(self, instrument: str, state: str) -> Standing:
        """Lines of truth of a state in an instrument, over all days."""
        key = ("standing", instrument, state)
        if key not in self._cache:
            record = self.record(instrument)
            code = self.state(state).code
            if record.instrument.editions:
                self._cache[key] = stitched(record, code)
            elif record.plain(code):
                shared = ("plain", instrument, code in record.instrument.signed.by)
                self._cache[key] = self.once(shared, lambda: standing(record, code))
            else:
                self._cache[key] = standing(record, code)
        found: Standing = self._cache[key]
        return found

    def line(self, instrument: str, first: str, second: str) -> Line:
        """Line of truth of an instrument between two states, over all days; the order of the two does not matter."""
        one, other = min(first, second), max(first, second)
        return self.once(
            ("line", instrument, one, other), lambda: pairwise.instrument_line(self, instrument, one, other)
        )

    def changed(self, **parts: Any) -> Self:  # noqa: ANN401 -- as the parameters of the class
        """Give a register with some of its parts replaced, and nothing remembered."""
        held = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "_cache"}
        return type(self)(**(held | parts))

    def codes(self) -> tuple[str, ...]:
        """Codes of the states."""
        return tuple(self.states)

    def independent(self, state: str) -> Day | None:
        """Day from which a state was independent."""
        return self.states[state].independent.day if state in self.states else None

    def group(self, name: str, day: Day) -> tuple[str, ...] | None:
        """States that a clause names as a group, such as ``all_founding_states``, on a day."""
        standing_of = next((word for word in ("founding", "member") if word in name), None)
        if standing_of is None:
            return None
        return tuple(
            item.state
            for item in self.memberships
            if item.standing == standing_of
            and item.start.latest is not None
            and day.earliest is not None
            and item.start.latest <= day.earliest
        )

    def force(self, slug: str) -> Line:
        """Whether an instrument has entered into force; unknown while that is being asked of itself."""
        key = ("force", slug)
        if key not in self._cache:
            self._cache[key] = UNKNOWN
            known_here = slug in self.instruments or slug in self.removed
            self._cache[key] = under(self.record(slug), date.max).force if known_here else UNKNOWN
        found: Line = self._cache[key]
        return found

    def entered(self, slug: str, state: str) -> Line:
        """Whether a state was ever bound by an instrument."""
        if slug not in self.instruments and slug not in self.removed:
            return UNKNOWN if slug in self.unseen else NEVER
        return self.standing(slug, state).entered

    def exited(self, slug: str, state: str) -> Line:
        """Whether a state has left an instrument by an act of its own."""
        if slug not in self.instruments:
            return NEVER
        return either(*(since(day) for day, _ in self.record(slug).exits(state)))

    def terminators(self, slug: str) -> tuple[str, ...]:
        """Instruments whose entry into force ends an instrument."""
        index: dict[str, tuple[str, ...]] = self.once(("terminators",), self._ended_by)
        return index.get(slug, ())

    def __reduce__(self) -> tuple[Any, ...]:
        held = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "_cache"}
        return _restored, (type(self), held)

    def _ended_by(self) -> dict[str, tuple[str, ...]]:
        index: dict[str, tuple[str, ...]] = {}
        for table in (self.instruments, self.removed):
            for name, item in table.items():
                for target in item.targets("terminates", "repeals"):
                    index[target] = (*index.get(target, ()), name)
        return index

    def once(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """Give what was made for `key` before, or make it now: the register never changes."""
        if key not in self._cache:
            self._cache[key] = make()
        found: T = self._cache[key]
        return found


def _find(table: Mapping[str, N], key: str, code: str, what: str) -> N:
    if key not in table:
        raise DostastyqError(code, f"there is no {what} {key!r}", nearest(key, table))
    return table[key]


def _restored(kind: type[Holdings], held: dict[str, Any]) -> "Holdings":
    return kind(**held)
