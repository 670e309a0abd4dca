"""What a source states: days, signatures, clauses, preferences, relations, each with its confidence."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from dostastyq.dates import Day

Confidence: TypeAlias = Literal["high", "medium", "low", "assumed"]
PreferenceKind: TypeAlias = Literal["free_trade_area", "customs_union", "economic_union"]

CONFIDENCES: tuple[Confidence, ...] = get_args(Confidence)
PREFERENCE_KINDS: tuple[PreferenceKind, ...] = get_args(PreferenceKind)

PART_OF = frozenset({"accession_to", "extends_application_of", "amends", "supplements", "implements"})
"""Relations by which an instrument has no life without its target."""

RELATION_KINDS = PART_OF | {
    "extends",
    "supersedes_between_parties",
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
    """

    sources: tuple[str, ...] = ()
    confidence: Confidence = "assumed"
    note: str = ""


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
    """

    day: Day
    place: str
    by: tuple[str, ...]
    not_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """The rule by which an instrument enters into force, as a tree.

    Parameters
    ----------
    rule
        ``signature``, ``per_state`` (each on its own consent), ``count``, ``date``, ``organ`` (decision of an organ),
        ``all`` or ``any`` of the parts, or ``unknown``.
    count
        Consents needed under ``count``: a number, or ``"all"``.
    acts
        Acts that count.
    delay
        ISO 8601 duration from the consent to the effect.
    parts
        Clauses under ``all`` and ``any``.
    text
        What the structure does not say.
    """

    rule: str
    count: int | str | None = None
    acts: tuple[str, ...] = ()
    delay: str = "P0D"
    parts: tuple["Clause", ...] = ()
    text: str = ""

    @property
    def binds_signatories(self) -> bool:
        """Whether entry into force as such shows that every signatory is bound."""
        if self.rule == "all":
            return any(part.binds_signatories for part in self.parts)
        return self.rule in {"signature", "organ"} or (self.rule == "count" and self.count == "all")


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
        First day without it.
    by
        Instrument that ended it; empty where it is not in the register.
    text
        How it ended.
    """

    day: Day
    by: str = ""
    text: str = ""
