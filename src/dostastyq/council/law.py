"""What a draft would do in law: who would be what after signature, what is missing then, and which pairs it changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from dostastyq.council.impact import taken_as_law
from dostastyq.council.plain import Plain
from dostastyq.dates import calendar_day
from dostastyq.i18n import Text, message
from dostastyq.register import Forecast, Register
from dostastyq.register.facts import PREFERENCE_KINDS


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
    relation
        What the draft says of it (``"terminates"``, …); empty where it is silent.
    rule
        Which of the two is to be applied between them, and by which rule.
    """

    instrument: str
    states: tuple[str, ...]
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
        The law as it is.
    slug, record
        The draft's name and machine-readable form.
    parties
        States that sign it.
    on
        The day.

    Raises
    ------
    DostastyqError
        The codes of the register for a form that it cannot read.

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
    signed = {"date": day.isoformat(), "place": "–", "by": list(signers), "src": ["own"], "conf": "low"}
    nothing_more = {"date": day.isoformat(), "src": ["own"], "conf": "low"}
    after_signature = register.propose(
        slug,
        {**record, "signed": signed, "complete": nothing_more, "acts": []},
        replaces=slug in register.instruments,
    )
    in_force = taken_as_law(register, slug, record, signers, day)
    return LegalEffect(
        instrument=slug,
        on=day,
        standings=tuple(
            StateStanding(
                state=state,
                signed=after_signature.status(slug, state, day).code,
                in_force=in_force.status(slug, state, day).code,
            )
            for state in signers
        ),
        changes=_changes(register, in_force, day),
        forecast=after_signature.forecast(slug, day),
        overlaps=tuple(_overlaps(register, slug, record, signers, day)),
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


def _overlaps(
    register: Register, slug: str, record: Mapping[str, Any], parties: tuple[str, ...], on: date
) -> Iterable[Overlap]:
    """Find what is in force on the same subject between two parties or more."""
    stated = {item["target"]: item["type"] for item in record.get("relations", ())}
    kind = record["preference"]["kind"] if isinstance(record["preference"], Mapping) else None
    subject = set(record.get("domain", ()))
    for other, item in sorted(register.instruments.items()):
        same = item.preference.kind is not None if kind not in {None, "none"} else bool(subject & set(item.domain))
        if other == slug or not (same or other in stated):
            continue
        both = tuple(state for state in register.parties(other, on) if state in parties)
        if len(both) > 1:
            relation = stated.get(other, "")
            yield Overlap(instrument=other, states=both, relation=relation, rule=_prevails(slug, other, relation))


_RULES = {
    "terminates": message("{draft} ends {other} when it enters into force (Vienna Convention, Art. 59)."),
    "repeals": message("{draft} ends {other} when it enters into force (Vienna Convention, Art. 59)."),
    "supersedes_between_parties": message(
        "{draft} takes the place of {other} between the parties of both (Vienna Convention, Art. 30(4)(a))."
    ),
}
_LATER = message(
    "{other} goes on; where the two cannot both be applied, the later one, {draft}, is applied between the parties of "
    "both (Vienna Convention, Art. 30(3) and (4)(a)). The draft does not say so itself."
)


def _prevails(draft: str, other: str, relation: str) -> Text:
    return Text(_RULES.get(relation, _LATER), draft=draft, other=other)
