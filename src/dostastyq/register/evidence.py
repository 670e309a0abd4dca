"""What a clause may ask about the facts: the acts of each state, and the rest of the law."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Protocol

from dostastyq.dates import Day
from dostastyq.register.acts import CONSENT, Act
from dostastyq.register.clauses import fulfilled
from dostastyq.register.model import Instrument
from dostastyq.register.timeline import UNKNOWN, Line, both, either, onset, shifted, since, spells


class Law(Protocol):
    """What the record of one instrument asks about the law around it."""

    def codes(self) -> tuple[str, ...]:
        """States of the register."""

    def independent(self, state: str) -> Day | None:
        """Day of a state's independence; None where it is not known."""

    def group(self, name: str, day: Day) -> tuple[str, ...] | None:
        """States of a named group on a day; None where the name says nothing."""

    def force(self, slug: str) -> Line:
        """Whether an instrument has entered into force."""

    def entered(self, slug: str, state: str) -> Line:
        """Whether a state was ever bound by an instrument."""

    def exited(self, slug: str, state: str) -> Line:
        """Whether a state has left an instrument by an act of its own."""

    def terminators(self, slug: str) -> tuple[str, ...]:
        """Instruments whose entry into force ends an instrument."""


class _Alone:
    """The law around an instrument that is looked at by itself."""

    def codes(self) -> tuple[str, ...]:
        return ()

    def independent(self, state: str) -> Day | None:  # noqa: ARG002 -- as in the protocol
        return None

    def group(self, name: str, day: Day) -> tuple[str, ...] | None:  # noqa: ARG002
        return None

    def force(self, slug: str) -> Line:  # noqa: ARG002
        return UNKNOWN

    def entered(self, slug: str, state: str) -> Line:  # noqa: ARG002
        return UNKNOWN

    def exited(self, slug: str, state: str) -> Line:  # noqa: ARG002
        return ((1, False),)

    def terminators(self, slug: str) -> tuple[str, ...]:  # noqa: ARG002
        return ()


ALONE: Law = _Alone()


@dataclass(frozen=True)
class Record:
    """An instrument within the law around it, as evidence for its clauses.

    Parameters
    ----------
    instrument
        The instrument.
    law
        The law around it.
    """

    instrument: Instrument
    law: Law = ALONE

    @cached_property
    def _by_state(self) -> Mapping[str, tuple[Act, ...]]:
        found: dict[str, list[Act]] = {}
        for act in self.instrument.acts:
            found.setdefault(act.state, []).append(act)
        return {state: tuple(acts) for state, acts in found.items()}

    @cached_property
    def force(self) -> Line:
        """Whether the instrument has entered into force: as recorded, or by its clause."""
        entered = self.instrument.entered
        return self.computed if entered is None else since(entered.day)

    @cached_property
    def begun(self) -> Day | None:
        """Day of its entry into force, within the bounds of what is known; None while it has none."""
        return onset(self.force)

    @cached_property
    def ended(self) -> Line:
        """Whether it has ended: as recorded, by another's entry into force, or by its own term."""
        ending = self.instrument.ended
        if ending is not None:
            return self.law.force(ending.by) if ending.day is None else since(ending.day)
        lines = [self.law.force(slug) for slug in self.law.terminators(self.instrument.slug)]
        if self.instrument.duration:
            lines.append(shifted(self.force, self.instrument.duration))
        return either(*lines)

    @cached_property
    def computed(self) -> Line:
        """Whether its clause is fulfilled, whatever is recorded."""
        return fulfilled(self.instrument.clause, self)

    def acts_of(self, state: str) -> tuple[Act, ...]:
        """Acts of a state about the instrument."""
        return self._by_state.get(state, ())

    def plain(self, state: str) -> bool:
        """Whether nothing is recorded of this state in particular, but that it signed or not."""
        item = self.instrument
        facts = (item.in_force_by, item.not_party, item.complete, item.provisional)
        return not (
            state in self._by_state
            or state in item.overrides
            or state in item.signed.subject_to
            or item.targets("package_with")
            or any(fact is not None and fact.states for fact in facts)
        )

    @property
    def signed(self) -> Day:
        """Day of signature."""
        return self.instrument.signed.day

    def signatories(self) -> tuple[str, ...]:
        """States that signed."""
        return self.instrument.signed.by

    def group(self, name: str) -> tuple[str, ...] | None:
        """States of a named group on the day of signature."""
        return self.law.group(name, self.signed)

    def counted(self, acts: tuple[str, ...]) -> tuple[str, ...]:
        """Signatories, or every state where they were not seen, and whoever did one of the acts."""
        kinds = acts or tuple(CONSENT)
        named = self.instrument.signed.by or self.law.codes()
        doers = (act.state for act in self.instrument.acts if act.kind in kinds or act.kind == "entry_into_force")
        return tuple(dict.fromkeys((*named, *doers)))

    def consent(self, state: str, acts: tuple[str, ...]) -> Line:
        """Whether a state has consented by one of these acts; a recorded entry into force shows that it had."""
        kinds = acts or tuple(CONSENT)
        days, first = [], True
        for act in self.acts_of(state):
            if act.kind in kinds and not self.withdrawn(act):
                days.append(act.date or Day.between(None, act.effective.latest if act.effective else None))
            elif act.kind == "entry_into_force" and act.effect is not None:
                days.append(Day.between(None, act.effect.latest))
            else:
                continue
            first = first and self.returns(act)
        entered = self.instrument.entered
        if first and entered is not None and state in self.signatories() and self.instrument.clause.binds_signatories:
            days.append(Day.between(None, entered.day.latest))
        if not days:
            return absence(self.instrument, state, from_signature=True)
        return spells(days, [day for day, _ in self.exits(state)])

    def exits(self, state: str) -> Iterator[tuple[Day, Act]]:
        """Days on which a state left or leaves, each with the act that does it.

        Announcement, notice and effect are three days: an announcement or a decision at home ends nothing, a notice
        takes effect after the instrument's period (Vienna Convention, Arts. 56, 65 to 68) unless it is taken back
        before.
        """
        acts = self.acts_of(state)
        revoked = [act.date for act in acts if act.kind == "withdrawal_revoked" and act.date is not None]
        for act in acts:
            day = exit_day(self.instrument, act)
            if day is None or (act.kind == "withdrawal_notice" and any(_took_back(act, day, it) for it in revoked)):
                continue
            yield day, act

    def returns(self, act: Act) -> bool:
        """Whether a state did an act after it had certainly left: it comes back by it, and had been bound otherwise."""
        done = act.date or act.effective
        return (
            done is not None
            and done.earliest is not None
            and any(day.latest is not None and day.latest <= done.earliest for day, _ in self.exits(act.state))
        )

    def withdrawn(self, consent: Act) -> bool:
        """Whether a consent was taken back before it had effect."""
        return any(
            act.kind == "consent_withdrawal" and _taken_back(consent, act.date) for act in self.acts_of(consent.state)
        )

    def decided(self) -> Line:
        """Whether the organ has decided; unknown where no decision is recorded."""
        days = [act.effect for act in self.instrument.acts if act.kind == "organ_decision" and act.effect is not None]
        if not days and self.instrument.entered is not None:
            days = [Day.between(None, self.instrument.entered.day.latest)]
        return either(*(since(day) for day in days)) if days else absence_of_decision(self.instrument)

    def in_force(self, slug: str) -> Line:
        """Whether another instrument has entered into force."""
        return self.law.force(slug)

    def party(self, slug: str, state: str) -> Line:
        """Whether a state has become a party of another instrument."""
        return self.law.entered(slug, state)


def _taken_back(consent: Act, day: Day | None) -> bool:
    if day is None or day.latest is None:
        return False
    if consent.date is not None and consent.date.earliest is not None and day.latest < consent.date.earliest:
        return False
    return consent.effective is None or consent.effective.after(day.latest) is not False


def absence(instrument: Instrument, state: str, *, from_signature: bool = False) -> Line:
    """Say what no recorded act means: not a party as far as the record is declared complete, unknown beyond."""
    start = instrument.signed if from_signature else (instrument.entered or instrument.signed)
    opened = since(Day.between(start.day.earliest, None))
    closed = [
        fact.day
        for fact in (instrument.complete, instrument.not_party)
        if fact is not None and (not fact.states or state in fact.states)
    ]
    return both(opened, *(since(_after(day)) for day in closed))


def absence_of_decision(instrument: Instrument) -> Line:
    """Say what no recorded decision of an organ means: unknown from signature, unless the record is complete."""
    opened = since(Day.between(instrument.signed.day.earliest, None))
    return opened if instrument.complete is None else both(opened, since(_after(instrument.complete.day)))


def _after(day: Day) -> Day:
    return Day.between(None if day.earliest is None else day.earliest + timedelta(days=1), None)


def exit_day(instrument: Instrument, act: Act) -> Day | None:
    """Give the day on which an act ends the state's participation; None for any other act.

    A notice takes effect after the instrument's period of notice; where the period is not known, some day later.
    """
    if act.kind == "withdrawal_effective":
        return act.effect
    if act.kind != "withdrawal_notice":
        return None
    if act.effective is not None or act.date is None:
        return act.effective
    return act.date.plus(instrument.notice) if instrument.notice else Day.between(act.date.earliest, None)


def _took_back(notice: Act, effect: Day, revoked: Day) -> bool:
    given = notice.date.latest if notice.date is not None else None
    in_time = effect.earliest is None or (revoked.latest is not None and revoked.latest < effect.earliest)
    return in_time and (given is None or revoked.earliest is None or revoked.earliest >= given)
