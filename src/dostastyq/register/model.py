"""What the register holds: states, instruments, acts of states, each fact with its source and confidence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from dostastyq.dates import Day, DayLike

Confidence: TypeAlias = Literal["high", "medium", "low", "assumed"]
PreferenceKind: TypeAlias = Literal["free_trade_area", "customs_union", "economic_union"]
MembershipClass: TypeAlias = Literal["founding", "participating", "member", "associate"]

CONFIDENCES: tuple[Confidence, ...] = get_args(Confidence)
PREFERENCE_KINDS: tuple[PreferenceKind, ...] = get_args(PreferenceKind)
MEMBERSHIP_CLASSES: tuple[MembershipClass, ...] = get_args(MembershipClass)

CONSENT = frozenset(
    {"definitive_signature", "ratification", "acceptance", "approval", "notification", "accession", "succession"}
)
"""Acts by which a state consents to be bound (Vienna Convention on the Law of Treaties, Art. 11)."""

DOMESTIC = frozenset({"domestic_ratification", "domestic_withdrawal", "withdrawal_decision"})
"""Acts inside a state: they bind nobody between states."""

STATEMENTS = frozenset({"signature_statement", "reservation", "declaration", "objection", "association", "note"})
"""What a state said; changes no status in this edition of the register."""

EFFECTS = frozenset(
    {
        "entry_into_force",
        "provisional_application",
        "provisional_start",
        "provisional_end",
        "suspension",
        "suspension_end",
        "withdrawal_notice",
        "withdrawal_effective",
    }
)
"""Acts with an effect of their own on who is bound."""

ACT_KINDS = CONSENT | DOMESTIC | STATEMENTS | EFFECTS

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
    """What an instrument does to another one."""

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


@dataclass(frozen=True, slots=True, init=False)
class Act:
    """An act of a state: an assertion with a source.

    Parameters
    ----------
    state
        ISO 3166 alpha-3 code.
    kind
        One of ``ACT_KINDS``, e.g. ``"ratification"``, ``"accession"``, ``"withdrawal_effective"``.
    instrument
        Slug of the instrument the act is about.
    date
        Day of the act or of its deposit; EDTF text, a date or a `Day`.
    effective
        Day of its effect.
    towards
        States it is directed at; empty for all.
    provisions
        Articles it is about; empty for the whole.
    through
        Instrument by which the act was done, e.g. a treaty of accession.
    text, note
        What was said; what to know.
    derived
        Whether one of the days was computed from the other by the instrument's own rule.
    sources, confidence
        Where it comes from; without a source it is ``"assumed"``.

    Examples
    --------
    >>> print(Act("KGZ", "withdrawal_effective", "eaeu-2014", effective="2023-01-01"))
    KGZ: withdrawal effective, effect 2023-01-01
    """

    state: str
    kind: str
    instrument: str
    date: Day | None
    effective: Day | None
    towards: tuple[str, ...]
    provisions: tuple[str, ...]
    through: str
    text: str
    note: str
    derived: bool
    sources: tuple[str, ...]
    confidence: Confidence

    def __init__(
        self,
        state: str,
        kind: str,
        instrument: str,
        *,
        date: DayLike | None = None,
        effective: DayLike | None = None,
        towards: Iterable[str] = (),
        provisions: Iterable[str] = (),
        through: str = "",
        text: str = "",
        note: str = "",
        derived: bool = False,
        sources: Iterable[str] = (),
        confidence: Confidence = "assumed",
    ) -> None:
        values = {
            "state": state,
            "kind": kind,
            "instrument": instrument,
            "date": None if date is None else Day.of(date),
            "effective": None if effective is None else Day.of(effective),
            "towards": tuple(towards),
            "provisions": tuple(provisions),
            "through": through,
            "text": text,
            "note": note,
            "derived": derived,
            "sources": tuple(sources),
            "confidence": confidence,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def effect(self) -> Day | None:
        """The day of effect, or of the act where no other is recorded."""
        return self.effective or self.date

    def __str__(self) -> str:
        words = [f"{self.state}: {self.kind.replace('_', ' ')}"]
        if self.towards:
            words[0] += f" towards {', '.join(self.towards)}"
        if self.date is not None:
            words.append(f"{self.date}{' (computed)' if self.derived else ''}")
        if self.effective is not None and self.effective != self.date:
            words.append(f"effect {self.effective}")
        if self.through:
            words.append(f"by {self.through}")
        return ", ".join(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state of the commonwealth.

    Parameters
    ----------
    code
        ISO 3166 alpha-3 code.
    iso2, numeric
        The other codes of ISO 3166.
    name
        Names by language (``kk``, ``ru``, ``en``).
    independent
        Day of its own declaration of independence, with source.
    """

    code: str
    iso2: str
    numeric: str
    name: Mapping[str, str]
    independent: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership(Sourced):
    """Standing of a state in the commonwealth from a day on."""

    state: str
    standing: MembershipClass
    start: Day
    end: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A treaty, protocol or decision, with everything recorded about it.

    Parameters
    ----------
    slug
        Stable name, e.g. ``"fta-2011"``.
    kind, domain
        What it is and what it is about.
    title
        Titles by language.
    signed
        Signature or adoption.
    clause, clause_basis
        How it enters into force, and the article that says so.
    late_delay
        Delay for a state that consents later; None where not known.
    entered
        Its recorded entry into force.
    in_force_by
        States for which a source says it was in force by some day, without saying since when.
    provisional, provisional_delay
        Provisional application by the signatories, from a day or so long after signature.
    ended
        Its end.
    replaced
        Its end between the parties of another instrument (``by``).
    complete
        Day up to which the list of consents is complete: before it no act means not a party, after it unknown.
    not_party
        States stated not to be parties as of a day.
    preference
        Trade preference in goods that it establishes.
    extends_to
        States to which it extends the application of another instrument.
    notice
        Notice of withdrawal as ISO 8601 duration; empty where not known.
    relations
        What it does to other instruments.
    acts
        Acts of states.
    note
        What to know.
    more
        Recorded and checked, not yet used: depositary, languages, package, partial entry, registration, …
    """

    slug: str
    kind: str
    domain: tuple[str, ...]
    title: Mapping[str, str]
    signed: Signing
    clause: Clause
    preference: Preference
    clause_basis: str = ""
    late_delay: str | None = None
    entered: Fact | None = None
    in_force_by: Fact | None = None
    provisional: Fact | None = None
    provisional_delay: str = ""
    ended: Ending | None = None
    replaced: Ending | None = None
    complete: Fact | None = None
    not_party: Fact | None = None
    extends_to: tuple[str, ...] = ()
    notice: str = ""
    relations: tuple[Relation, ...] = ()
    acts: tuple[Act, ...] = ()
    note: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    def targets(self, *kinds: str) -> tuple[str, ...]:
        """Slugs of the instruments it stands to in one of these relations."""
        return tuple(relation.target for relation in self.relations if relation.kind in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage(Sourced):
    """How completely the register holds one kind of preference.

    Parameters
    ----------
    kind
        The kind of preference.
    between
        Where given, complete only between parties of this instrument; elsewhere absence means unknown.
    """

    kind: PreferenceKind
    between: str = ""
