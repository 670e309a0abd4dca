"""What the register holds: states, their standing in the commonwealth, instruments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, TypeAlias, get_args

from dostastyq.dates import Day, calendar_day
from dostastyq.errors import DostastyqError
from dostastyq.i18n import translator
from dostastyq.register.acts import Act
from dostastyq.register.clauses import Clause
from dostastyq.register.facts import (
    Ending,
    Fact,
    Part,
    Preference,
    PreferenceKind,
    Regime,
    RegimeKind,
    Relation,
    Signing,
    Sourced,
)

MembershipClass: TypeAlias = Literal["founding", "participating", "member", "associate"]
MEMBERSHIP_CLASSES: tuple[MembershipClass, ...] = get_args(MembershipClass)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateName(Sourced):
    """A name that a state bore for a time.

    Parameters
    ----------
    start, end
        First day, and first day no longer; None until the next name, or for as long as it is borne.
    official
        Official name by language.
    short
        Short name by language, where it was another than today's.
    """

    start: Day
    end: Day | None = None
    official: Mapping[str, str]
    short: Mapping[str, str] = field(default_factory=dict)


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
        Short names of today by language (``kk``, ``ru``, ``en``).
    independent
        Day of its own declaration of independence, with source.
    names
        Names it bore, in order.
    """

    code: str
    iso2: str
    numeric: str
    name: Mapping[str, str]
    independent: Fact
    names: tuple[StateName, ...] = ()

    def name_on(self, day: str | date, language: str = "en", *, official: bool = False) -> str:
        """Give the name in force on a day; where its first day is in doubt, the one before it until it is certain.

        Parameters
        ----------
        day
            The day.
        language
            ``"kk"``, ``"ru"`` or ``"en"``.
        official
            Whether the official name is wanted.

        Raises
        ------
        DostastyqError
            ``RG010`` where no official name is recorded for the day.

        Examples
        --------
        >>> from dostastyq import register
        >>> state = register.load("cis").state("KGZ")
        >>> [state.name_on(f"{year}-06-01", official=True) for year in (1992, 1994)]
        ['Republic of Kyrgyzstan', 'Kyrgyz Republic']
        >>> state.name_on("1990-01-01"), state.name_on("1994-06-01", "kk")
        ('Kirghizia', 'Қырғызстан')
        """
        on, spoken = calendar_day(day), translator(language).language
        borne = [
            item for item in self.names if item.start.at_or_before(on) and (item.end is None or item.end.after(on))
        ]
        if not borne:
            if official:
                hint = f"ask from {self.names[0].start} on" if self.names else "ask for the short name"
                raise DostastyqError("RG010", f"no official name of {self.name['en']} is recorded for {on}", hint)
            return self.name[spoken]
        return (borne[-1].official if official else borne[-1].short or self.name)[spoken]


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership(Sourced):
    """Standing of a state in the commonwealth.

    Parameters
    ----------
    state
        Code of the state.
    standing
        Its class.
    start, end
        First day, and first day no longer; None while it lasts.
    """

    state: str
    standing: MembershipClass
    start: Day
    end: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition(Sourced):
    """Final clauses as amended; what is None stays as it was.

    Parameters
    ----------
    start
        Day from which they apply.
    clause, late_delay, notice
        As in `Instrument`.
    """

    start: Day
    clause: Clause | None = None
    late_delay: str | None = None
    notice: str | None = None


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
    duration
        Term after which it ends of itself, as ISO 8601 duration; empty where it has none.
    parts
        Provisions that enter into force on another day than the rest.
    overrides
        Further conditions for one state.
    editions
        Final clauses as amended, in order.
    exits_complete
        Day up to which the list of exits is complete; the horizon of the register where not declared.
    negotiated, adopted
        Days from which it was negotiated and adopted, by `states` of the fact.
    package_ends
        Whether leaving another treaty of its package (`package_with`) ends participation; otherwise it becomes unknown.
    regime
        Arrangement other than a preference in goods that it establishes.
    relations
        What it does to other instruments.
    acts
        Acts of states.
    note
        What to know.
    more
        Recorded and checked, not yet used: depositary, languages, registration, saved obligations, …
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
    duration: str = ""
    parts: tuple[Part, ...] = ()
    overrides: Mapping[str, Clause] = field(default_factory=dict)
    editions: tuple[Edition, ...] = ()
    exits_complete: Fact | None = None
    negotiated: Fact | None = None
    adopted: Fact | None = None
    package_ends: bool = False
    regime: Regime = field(default_factory=Regime)
    relations: tuple[Relation, ...] = ()
    acts: tuple[Act, ...] = ()
    note: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    def targets(self, *kinds: str) -> tuple[str, ...]:
        """Slugs of the instruments it stands to in one of these relations."""
        return tuple(relation.target for relation in self.relations if relation.kind in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An instrument as it was recorded for a time.

    Parameters
    ----------
    instrument
        The instrument, with the acts of its own record.
    entry
        Sequence of the entry of the journal that holds it; 0 for a shipped one.
    recorded_from, recorded_to
        When the register began and ceased to hold it; None for always and for still.
    """

    instrument: Instrument
    entry: int = 0
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None

    def held(self, moment: datetime) -> bool:
        """Whether the register held it at a moment."""
        begun = self.recorded_from is None or self.recorded_from <= moment
        return begun and (self.recorded_to is None or moment < self.recorded_to)


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

    kind: PreferenceKind | RegimeKind
    between: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """One of several values that sources give for the same fact.

    Parameters
    ----------
    value
        As the source writes it.
    sources
        Who says so.
    """

    value: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Rival values kept side by side.

    Parameters
    ----------
    subject
        ``slug/what`` or ``slug/STATE/what``.
    values
        The rivals.
    prefer
        The value the register uses; empty while it uses none.
    why
        Reason of the preference, or of the doubt.
    status
        ``open`` or ``resolved``.
    recorded
        Day on which the register began to hold it.
    """

    subject: str
    values: tuple[Rival, ...]
    prefer: str = ""
    why: str = ""
    status: str = "open"
    recorded: date | None = None

    @property
    def span(self) -> Day | None:
        """Days between which the rivals disagree; None where the values are not days."""
        try:
            days = [Day.parse(rival.value) for rival in self.values]
        except DostastyqError:
            return None
        lows = [day.earliest for day in days if day.earliest is not None]
        highs = [day.latest for day in days if day.latest is not None]
        return Day.between(min(lows), max(highs)) if lows and highs else None
