"""What holds between a state and an instrument on a day, and the chain of reasons for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dostastyq.dates import Day, Truth
from dostastyq.i18n import Text, message, translator
from dostastyq.register.facts import Confidence, weakest
from dostastyq.register.wording import say_day

CODES = {
    "NONE": message("no tie to the instrument"),
    "NEGOTIATING": message("being negotiated"),
    "ADOPTED": message("adopted, not signed"),
    "SIGNED": message("signed, not bound"),
    "DECLINED": message("declared that it will not become a party"),
    "CONSENTED": message("consented, not yet in force for it"),
    "PROVISIONAL": message("applied provisionally"),
    "IN_FORCE": message("in force for it"),
    "IN_FORCE_RESERVED": message("in force for it, with a reservation"),
    "IN_FORCE_PARTIAL": message("in force for it, some provisions not yet"),
    "SUCCEEDED": message("in force for it by succession"),
    "LEAVING": message("in force, notice of withdrawal running"),
    "SUSPENDED": message("suspended by it"),
    "REPLACED": message("replaced by a later instrument towards every other party"),
    "WITHDRAWN": message("left the instrument"),
    "TERMINATED": message("the instrument ended"),
    "CONFLICT": message("sources contradict each other"),
    "UNKNOWN": message("not known from what is recorded"),
}
"""Status codes and what each of them says."""

IN_FORCE = frozenset({"IN_FORCE", "IN_FORCE_RESERVED", "IN_FORCE_PARTIAL", "SUCCEEDED", "LEAVING"})
"""Codes under which an instrument is in force for a state and applied by it."""

SAID = {True: message("yes"), False: message("no"), None: message("unknown")}
GRADES: dict[Confidence, str] = {
    "high": message("high"),
    "medium": message("medium"),
    "low": message("low"),
    "assumed": message("assumed"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One reason.

    Parameters
    ----------
    reason
        What happened, or what follows, in one sentence that can be said in other languages.
    sources
        Keys of the sources that say so; empty for a rule of reading.
    confidence
        Confidence of the fact.
    decides
        Whether the answer rests on it; False for a statement told for completeness.
    remark
        The source's own words or a note, as recorded.
    """

    reason: Text
    sources: tuple[str, ...] = ()
    confidence: Confidence = "high"
    decides: bool = True
    remark: str = ""

    def render(self, language: str = "en") -> str:
        """Say it in a language, with remark and sources.

        Examples
        --------
        >>> print(Step(Text("{state:territory} signed", state="KAZ"), ("wiki_fta11",), "medium").render("en"))
        Kazakhstan signed [wiki_fta11; medium]
        """
        tr = translator(language)
        said = tr.text(self.reason) + (f" ({self.remark})" if self.remark else "")
        grade = tr.text(GRADES[self.confidence])
        if not self.sources:
            return said if self.confidence == "high" else f"{said} [{grade}]"
        return f"{said} [{', '.join(self.sources)}; {grade}]"

    def __str__(self) -> str:
        return self.render()


@dataclass(frozen=True, slots=True)
class Proof:
    """The chain of reasons for an answer, in the order of events.

    Parameters
    ----------
    steps
        The reasons.
    """

    steps: tuple[Step, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """Each reason as a line of text, with its sources."""
        return tuple(str(step) for step in self.steps)

    @property
    def confidence(self) -> Confidence:
        """The weakest confidence of any reason the answer rests on."""
        return weakest(step.confidence for step in self.steps if step.decides)

    def render(self, language: str = "en") -> str:
        """Say every reason in a language, a line each."""
        return "\n".join(f"  - {step.render(language)}" for step in self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __str__(self) -> str:
        return self.render()


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The three days of a withdrawal (Vienna Convention, Arts. 65 to 68).

    Parameters
    ----------
    announced
        Day on which it was announced or decided at home: ends nothing.
    notice
        Day on which the depositary received the notice.
    effect
        First day on which the state is no longer bound.
    """

    announced: Day | None = None
    notice: Day | None = None
    effect: Day | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """What an instrument is to a state on a day.

    Parameters
    ----------
    instrument, state, on
        What was asked.
    code
        One of ``CODES``.
    bound
        Whether the instrument is in force for the state; None when not known.
    applied
        Whether it is in force or applied provisionally, and not suspended; None when not known.
    since
        Day from which the code holds, as far as it is recorded.
    until
        First day on which it no longer holds, where an end is recorded.
    proof
        Why.
    known_at, rules_on
        As known when, and by which edition of the clauses; None for today's knowledge and for the edition of `on`.
    must_not_defeat
        Whether the state must refrain from acts that would defeat object and purpose before it is bound (Vienna
        Convention, Art. 18).
    withdrawal
        The days of its withdrawal; None where there is no step towards one.
    associated
        Whether it is associated without being a party.

    Examples
    --------
    >>> from dostastyq import register
    >>> status = register.load("cis").status("cis-charter-1993", "GEO", on="2009-01-01")
    >>> status.code, str(status.withdrawal.notice), str(status.withdrawal.effect)
    ('LEAVING', '2008-08-18', '2009-08-18')
    """

    instrument: str
    state: str
    on: date
    code: str
    bound: Truth
    applied: Truth
    since: Day | None
    until: Day | None
    proof: Proof
    known_at: date | datetime | None = None
    rules_on: date | None = None
    must_not_defeat: Truth = False
    withdrawal: Withdrawal | None = None
    associated: Truth = False

    @property
    def confidence(self) -> Confidence:
        """The weakest confidence of the facts used."""
        return self.proof.confidence

    def to_dict(self) -> dict[str, Any]:
        """Plain data: days as EDTF text, the proof as a list of steps."""
        left = self.withdrawal
        days = None if left is None else (left.announced, left.notice, left.effect)
        return {
            "instrument": self.instrument,
            "state": self.state,
            "on": self.on.isoformat(),
            "known_at": None if self.known_at is None else self.known_at.isoformat(),
            "code": self.code,
            "bound": self.bound,
            "applied": self.applied,
            "since": _text(self.since),
            "until": _text(self.until),
            "proof": [
                {
                    "reason": str(step.reason),
                    "remark": step.remark,
                    "sources": list(step.sources),
                    "confidence": step.confidence,
                }
                for step in self.proof
            ],
            "confidence": self.confidence,
            "rules_on": None if self.rules_on is None else self.rules_on.isoformat(),
            "must_not_defeat": self.must_not_defeat,
            "withdrawal": None
            if days is None
            else dict(zip(("announced", "notice", "effect"), map(_text, days), strict=True)),
            "associated": self.associated,
        }

    def headline(self) -> Text:
        """Say the answer in one sentence."""
        return Text(
            "{instrument}, {state}, {on}: {code}, {meaning} (bound: {bound}, applied: {applied}; confidence {grade})",
            instrument=self.instrument,
            state=self.state,
            on=self.on.isoformat(),
            code=self.code,
            meaning=Text(CODES[self.code]),
            bound=Text(SAID[self.bound]),
            applied=Text(SAID[self.applied]),
            grade=Text(GRADES[self.confidence]),
        )

    def render(self, language: str = "en") -> str:
        """Say the answer and its proof in a language.

        Examples
        --------
        >>> from dostastyq import register
        >>> status = register.load("cis").status("fta-2011", "KAZ", on="2012-12-08")
        >>> print(status.render("en").splitlines()[-1])
          - so on 8 December 2012: in force for it, since 8 December 2012
        """
        head = translator(language).text(self.headline())
        return f"{head}\n{self.proof.render(language)}" if self.proof.steps else head

    def __str__(self) -> str:
        return self.render()


def conclusion(on: date, code: str, since: Day | None, until: Day | None) -> Step:
    """Close a proof with what follows from it."""
    said = Text("so on {day:date}: {meaning}", day=on.isoformat(), meaning=Text(CODES[code]))
    if since is not None and code not in {"NONE", "UNKNOWN"}:
        said = Text("{said}, since {since}", said=said, since=say_day(since))
    if until is not None:
        said = Text("{said}, until {until}", said=said, until=say_day(until))
    return Step(said)


def _text(day: Day | None) -> str | None:
    return None if day is None else str(day)
