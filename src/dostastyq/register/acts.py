"""Acts of states: assertions with a day, an effect and a source."""

from collections.abc import Iterable
from dataclasses import dataclass

from dostastyq.dates import Day, DayLike
from dostastyq.register.facts import Confidence

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
