"""What a draft would do in law: who would be what after signature, what is missing then, and which pairs it changes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

import polars as pl

from dostastyq.council.plain import Plain
from dostastyq.council.taken import law_before, other_unions, taken_as_signed, taken_in_force
from dostastyq.dates import calendar_day
from dostastyq.i18n import Text, message
from dostastyq.register import Forecast, Register
from dostastyq.register.facts import PREFERENCE_KINDS
from dostastyq.register.model import Instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class PairChange(Plain):
    """A pair of states between which the draft changes the law.

    Parameters
    ----------
    exporter, importer
        Codes.
    before, after
        Deepest preference in goods between them now and with the draft in force: a kind, ``"none"`` or ``"unknown"``.
    """

    exporter: str
    importer: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateStanding(Plain):
    """What the draft would be to a state.

    Parameters
    ----------
    state
        Code.
    signed, in_force
        Code of its status on the day of signature, and once the draft is in force between all its parties.
    """

    state: str
    signed: str
    in_force: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap(Plain):
    """An instrument in force between parties of the draft on the same subject.

    Parameters
    ----------
    instrument
        Its slug.
    states
        Parties of both.
    unsure
        Those of them of which it is not known whether they apply it.
    relation
        What the draft says of it (``"terminates"``, …); empty where it is silent.
    rule
        Which of the two is to be applied between them, and by which rule.
    """

    instrument: str
    states: tuple[str, ...]
    unsure: tuple[str, ...] = ()
    relation: str
    rule: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalEffect(Plain):
    """What a draft would do in law.

    Parameters
    ----------
    instrument, on
        Its slug, and the day of signature that is supposed.
    standings
        One entry a party.
    changes
        Pairs between which it changes the preference in goods, once in force between all its parties.
    forecast
        What is missing for its entry into force on the day after everybody signed.
    overlaps
        What is in force on the same subject between its parties.
    """

    instrument: str
    on: date
    standings: tuple[StateStanding, ...]
    changes: tuple[PairChange, ...]
    forecast: Forecast
    overlaps: tuple[Overlap, ...]

    def to_frame(self) -> pl.DataFrame:
        """One row a pair that changes."""
        names = ("exporter", "importer", "before", "after")
        rows = [{name: getattr(change, name) for name in names} for change in self.changes]
        return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))


def legal_effect(
    register: Register, slug: str, record: Mapping[str, Any], *, parties: Iterable[str], on: str | date
) -> LegalEffect:
    """Say what a draft would do in law if its parties signed it on a day.

    Parameters
    ----------
    register
        The law as it is, without the draft or with what became of it.
    slug, record
        The draft's name and machine-readable form.
    parties
        States that sign it.
    on
        The day.

    Raises
    ------
    DostastyqError
        ``CN301`` for fewer than two parties, the codes of the register for a form that it cannot read.

    Examples
    --------
    >>> from dostastyq import register
    >>> from dostastyq.council.composer import example
    >>> draft = example()
    >>> found = legal_effect(register.load("cis"), draft.slug, draft.record(), parties=draft.parties, on="2026-11-22")
    >>> found.standings[0].signed, found.standings[0].in_force, found.forecast.missing
    ('SIGNED', 'IN_FORCE', 4)
    """
    day, signers = calendar_day(on), tuple(sorted(set(parties)))
    before = law_before(register, slug)
    signed = taken_as_signed(before, slug, record, signers, day)
    after = taken_in_force(signed, slug, day)
    return LegalEffect(
        instrument=slug,
        on=day,
        standings=tuple(
            StateStanding(
                state=state,
                signed=signed.status(slug, state, day).code,
                in_force=after.status(slug, state, day).code,
            )
            for state in signers
        ),
        changes=_changes(before, after, day),
        forecast=signed.forecast(slug, day),
        overlaps=tuple(_overlaps(before, after, slug, day)),
    )


def _changes(before: Register, after: Register, on: date) -> tuple[PairChange, ...]:
    rows = zip(before.pairs(on).to_dicts(), after.pairs(on).to_dicts(), strict=True)
    found = [(old["exporter"], old["importer"], _deepest(old), _deepest(new)) for old, new in rows]
    return tuple(
        PairChange(exporter=exporter, importer=importer, before=old, after=new)
        for exporter, importer, old, new in found
        if old != new
    )


def _deepest(row: Mapping[str, Any]) -> str:
    """Name the deepest preference of a pair; unknown where a deeper one than the known is in doubt."""
    for kind in reversed(PREFERENCE_KINDS):
        if row[kind] is not False:
            return kind if row[kind] else "unknown"
    return "none"


def _overlaps(before: Register, after: Register, slug: str, on: date) -> Iterator[Overlap]:
    """Find what is in force on the same subject between two parties or more."""
    draft = after.instrument(slug)
    stated = {relation.target: relation.kind for relation in draft.relations}
    unions = other_unions(after, slug, on)
    for other, item in sorted(before.instruments.items()):
        if not (other in stated or other in unions or _same_subject(draft, item, on)):
            continue
        certain, doubtful = _between(before, other, draft.signed.by, on)
        if other in unions:
            certain |= set(before.parties(other, on)) & set(draft.signed.by)
        if not certain and not (doubtful and (other in stated or draft.preference.kind)):
            continue
        others = [state for state in before.parties(other, on) if state not in draft.signed.by]
        rule = _rule(draft, item, stated.get(other, ""), others, union=other in unions)
        unsure = sorted(doubtful - certain)
        if unsure:
            rule = Text(_UNSURE, rule=rule, states=unsure)
        yield Overlap(
            instrument=other,
            states=tuple(sorted(certain | doubtful)),
            unsure=tuple(unsure),
            relation=stated.get(other, ""),
            rule=rule,
        )


def _same_subject(draft: Instrument, other: Instrument, on: date) -> bool:
    if draft.preference.kind is None:
        return bool(set(draft.domain) & set(other.domain))
    ended = other.preference.end is not None and other.preference.end.at_or_before(on) is True
    return other.preference.kind is not None and not ended


def _between(law: Register, slug: str, states: Iterable[str], on: date) -> tuple[set[str], set[str]]:
    """Give the states between which an instrument applies for certain, and those between which it may."""
    certain, doubtful = set[str](), set[str]()
    for pair in combinations(states, 2):
        applies = law.applies(slug, *pair, on=on)
        if applies is not False:
            (certain if applies else doubtful).update(pair)
    return certain, doubtful


_ENDS = message("{draft} ends {other} when it enters into force (Vienna Convention, Art. 59).")
_CANNOT_END = message(
    "{draft} says that it ends {other}, of which others too are parties: {states:territories}. A later treaty ends an "
    "earlier one only when all its parties conclude it (Vienna Convention, Art. 59); otherwise its place is taken "
    "between the parties of both alone (Art. 30(4))."
)
_TAKES_PLACE = message(
    "{draft} takes the place of {other} between the parties of both (Vienna Convention, Art. 30(4)(a))."
)
_BELONGS = message("{draft} belongs with {other}: both are applied together.")
_TWO_UNIONS = message(
    "{draft} and {other} each have an external tariff of their own: a state cannot apply both, and the draft does not "
    "say which ends."
)
_DEEPER = message(
    "{draft} and {other} both go on; between the parties of both the deeper preference is used, that of {deeper}."
)
_LATER = message(
    "{other} goes on; where the two cannot both be applied, the later one, {draft}, is applied between the parties of "
    "both (Vienna Convention, Art. 30(3) and (4)(a)). The draft does not say so itself."
)
_UNSURE = message("{rule} Whether the earlier one applies is not known: {states:territories}.")
_RULES = {"terminates": _ENDS, "repeals": _ENDS, "supersedes_between_parties": _TAKES_PLACE}


def _rule(draft: Instrument, other: Instrument, relation: str, others: Sequence[str], *, union: bool) -> Text:
    if _RULES.get(relation) == _ENDS and others:
        return Text(_CANNOT_END, draft=draft.slug, other=other.slug, states=others)
    if relation in _RULES:
        return Text(_RULES[relation], draft=draft.slug, other=other.slug)
    if relation:
        return Text(_BELONGS, draft=draft.slug, other=other.slug)
    if union:
        return Text(_TWO_UNIONS, draft=draft.slug, other=other.slug)
    depths = (_depth(draft), _depth(other))
    if min(depths) >= 0 and depths[0] != depths[1]:
        deeper = draft.slug if depths[0] > depths[1] else other.slug
        return Text(_DEEPER, draft=draft.slug, other=other.slug, deeper=deeper)
    return Text(_LATER, draft=draft.slug, other=other.slug)


def _depth(item: Instrument) -> int:
    return PREFERENCE_KINDS.index(item.preference.kind) if item.preference.kind else -1
