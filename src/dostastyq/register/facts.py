"""What a source states: days, signatures, clauses, preferences, relations, each with its confidence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias, get_args

from dostastyq.dates import Day

Confidence: TypeAlias = Literal["high", "medium", "low", "assumed"]
PreferenceKind: TypeAlias = Literal["free_trade_area", "customs_union", "economic_union"]

CONFIDENCES: tuple[Confidence, ...] = get_args(Confidence)
PREFERENCE_KINDS: tuple[PreferenceKind, ...] = get_args(PreferenceKind)

RegimeKind: TypeAlias = Literal["payments_union", "services"]
REGIME_KINDS: tuple[RegimeKind, ...] = get_args(RegimeKind)
PANEL_KINDS: tuple[PreferenceKind | RegimeKind, ...] = (*PREFERENCE_KINDS, *REGIME_KINDS)
"""Kinds of agreement that a panel has a column for: preferences in goods first."""

PART_OF = frozenset({"accession_to", "extends_application_of", "amends", "supplements", "implements"})
"""Relations by which an instrument has no life without its target."""

RELATION_KINDS = PART_OF | {
    "extends",
    "supersedes_between_parties",
    "package_with",
    "terminates",
    "repeals",
    "succeeds",
    "succeeded_by",
}


def weakest(confidences: Iterable[Confidence]) -> Confidence:
    """Give the lowest of some confidences; ``"high"`` of none.

    Examples
    --------
    >>> weakest(["high", "low", "medium"])
    'low'
    """
    return max(confidences, key=CONFIDENCES.index, default="high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced:
    """Anything that somebody stated.

    Parameters
    ----------
    sources
        Keys of `Register.sources`.
    confidence
        ``high``: a depositary or official note, or two independent sources; ``medium``: one good source; ``low``:
        recollection or disagreeing sources; ``assumed``: a user's overlay.
    note
        What to know before relying on it.
    recorded
        Day on which the register began to hold it; None for always.
    """

    sources: tuple[str, ...] = ()
    confidence: Confidence = "assumed"
    note: str = ""
    recorded: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Sourced):
    """A sourced day, sometimes about some states only.

    Parameters
    ----------
    day
        The day stated.
    states
        The states it speaks of; empty where it speaks of the instrument.
    basis
        Article or decision it rests on.
    """

    day: Day
    states: tuple[str, ...] = ()
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing(Sourced):
    """Who signed, when and where.

    Parameters
    ----------
    day
        Day of signature or adoption.
    place
        Where.
    by
        States that signed; empty where the list was not seen.
    not_by
        States recorded as not having signed.
    subject_to
        States whose signature does not bind: their law needs procedures first (Vienna Convention, Arts. 12 and 14).
    """

    day: Day
    place: str
    by: tuple[str, ...]
    not_by: tuple[str, ...] = ()
    subject_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference(Sourced):
    """The trade preference in goods that an instrument by itself establishes between its parties.

    Parameters
    ----------
    kind
        Kind of preference, or None for an instrument without one.
    start, end
        Days from and until which it did so, where they are not those of the instrument.
    """

    kind: PreferenceKind | None = None
    start: Day | None = None
    end: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime(Sourced):
    """An arrangement other than a preference in goods that a panel has a column for.

    Parameters
    ----------
    kind
        ``payments_union`` or ``services``; None for an instrument without one.
    start, end
        Days from and until which, where they are not those of the instrument.
    """

    kind: RegimeKind | None = None
    start: Day | None = None
    end: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Sourced):
    """Provisions that enter into force on another day than the rest.

    Parameters
    ----------
    day
        Their day.
    provisions
        The provisions.
    """

    day: Day
    provisions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation(Sourced):
    """What an instrument does to another one.

    Parameters
    ----------
    kind
        One of ``RELATION_KINDS``.
    target
        Slug of the other instrument.
    """

    kind: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending(Sourced):
    """The end of an instrument, or of an instrument between the parties of another.

    Parameters
    ----------
    day
        First day without it; None where it is the day on which the instrument `by` enters into force.
    by
        Instrument that ended it; empty where it is not in the register.
    text
        How it ended.
    """

    day: Day | None
    by: str = ""
    text: str = ""
