"""Acts of states: assertions with a day, an effect and a source."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dostastyq.dates import Day, DayLike
from dostastyq.register.facts import Confidence

CONSENT = frozenset(
    {"definitive_signature", "ratification", "acceptance", "approval", "notification", "accession", "succession"}
)
"""Acts by which a state consents to be bound (Vienna Convention on the Law of Treaties, Art. 11)."""

DOMESTIC = frozenset({"domestic_ratification", "domestic_withdrawal", "withdrawal_decision"})
"""Acts inside a state: they bind nobody between states."""

STATEMENTS = frozenset(
    {
        "signature_statement",
        "reservation",
        "reservation_confirmation",
        "reservation_acceptance",
        "reservation_withdrawal",
        "declaration",
        "objection",
        "association",
        "withdrawal_announcement",
        "note",
    }
)
"""What a state said. Reservations and objections decide between two states; the others change no status."""

ORGAN_ACTS = frozenset({"organ_decision"})
"""Acts of an organ, named in place of the state: its decision that an instrument enters into force."""

EFFECTS = frozenset(
    {
        "entry_into_force",
        "provisional_application",
        "provisional_start",
        "provisional_end",
        "suspension",
        "suspension_end",
        "consent_withdrawal",
        "refusal",
        "withdrawal_notice",
        "withdrawal_revoked",
        "withdrawal_effective",
    }
)
"""Acts with an effect of their own on who is bound. ``refusal``: it will not become a party (Vienna Convention on the
Law of Treaties, Arts. 18 and 25); ``withdrawal_revoked``: a notice taken back before its effect (Art. 68)."""

ACT_KINDS = CONSENT | DOMESTIC | STATEMENTS | EFFECTS | ORGAN_ACTS


@dataclass(frozen=True, slots=True, init=False)
class Act:
    """An act of a state: an assertion with a source.

    Parameters
    ----------
    state
        ISO 3166 alpha-3 code; for an act of an organ, the organ.
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
    opposes
        Of an objection: whether it opposes the entry into force of the treaty between the two.
    sources, confidence
        Where it comes from; without a source it is ``"assumed"``.
    key
        Stable name, e.g. ``"fta-2011/KAZ/notification/1"``; empty for an assumption.
    supersedes
        Key of the act that this one corrects: the other is known until this one is recorded.
    recorded_from, recorded_to
        When the register began and ceased to hold it, with time zone; None for always and for still.

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
    opposes: bool
    sources: tuple[str, ...]
    confidence: Confidence
    key: str
    supersedes: str
    recorded_from: datetime | None
    recorded_to: datetime | None

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
        opposes: bool = False,
        sources: Iterable[str] = (),
        confidence: Confidence = "assumed",
        key: str = "",
        supersedes: str = "",
        recorded_from: datetime | None = None,
        recorded_to: datetime | None = None,
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
            "opposes": opposes,
            "sources": tuple(sources),
            "confidence": confidence,
            "key": key,
            "supersedes": supersedes,
            "recorded_from": recorded_from,
            "recorded_to": recorded_to,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def effect(self) -> Day | None:
        """The day of effect, or of the act where no other is recorded."""
        return self.effective or self.date

    def held(self, moment: datetime) -> bool:
        """Whether the register held it at a moment.

        Examples
        --------
        >>> from datetime import UTC
        >>> act = Act("KGZ", "note", "eaeu-2014", recorded_from=datetime(2026, 11, 22, tzinfo=UTC))
        >>> act.held(datetime(2026, 11, 21, tzinfo=UTC)), act.held(datetime(2026, 11, 22, tzinfo=UTC))
        (False, True)
        """
        begun = self.recorded_from is None or self.recorded_from <= moment
        return begun and (self.recorded_to is None or moment < self.recorded_to)

    @property
    def order(self) -> tuple[str, ...]:
        """Sorting key that no order of recording changes: by day, then by state, kind and the rest."""
        first = self.date or self.effective
        low = "" if first is None else str(first.earliest or first.latest or "")
        rest = (str(self.effective or ""), ",".join(self.towards), ",".join(self.provisions), self.through, self.text)
        return (low, self.state, self.kind, *rest, self.key, repr(self.recorded_from))

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
