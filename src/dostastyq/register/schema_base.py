"""What every record of the register's files has: days, sources, confidence, and names that must be known."""

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from dostastyq.dates import add_duration
from dostastyq.errors import DostastyqError
from dostastyq.register.facts import CONFIDENCES, Confidence, Fact
from dostastyq.register.reader import Reader, Record

FACT = ("src", "conf", "note", "recorded")


LANGUAGES = ("kk", "ru", "en")


@dataclass(frozen=True, slots=True)
class Known:
    """Names that a record may refer to.

    Parameters
    ----------
    sources, states, instruments
        Keys of the sources, codes of the states, slugs of the instruments.
    recorded
        Day on which the register began to hold a fact that does not say so itself.
    """

    sources: frozenset[str]
    states: frozenset[str] = frozenset()
    instruments: frozenset[str] = frozenset()
    recorded: date | None = None

    def state_list(self, at: Reader) -> tuple[str, ...]:
        """Read a list of states."""
        return at.words(self.states, "a state of the register", "RG026")

    def slug(self, at: Reader) -> str:
        """Read the slug of an instrument."""
        return at.word(self.instruments, "an instrument of the register", "RG026")

    def sourced(self, record: Record) -> dict[str, Any]:
        """Read source, confidence and note of a record; a fact without them is refused."""
        for key in ("src", "conf"):
            if key not in record:
                record.at.refuse("RG027", f"unsourced fact: no {key!r}", "add src: [source] and conf: high|medium|low")
        sources = record["src"].words(self.sources, "a source of sources.yaml", "RG026")
        if not sources:
            record["src"].refuse("RG027", "unsourced fact: the list of sources is empty", "name a source, or `own`")
        confidence = record["conf"].word(CONFIDENCES[:3], "a confidence")
        return {
            "sources": sources,
            "confidence": cast(Confidence, confidence),
            "note": record.text("note"),
            "recorded": record.get("recorded", read_calendar_day, self.recorded),
        }


def read_fact(at: Reader, known: Known) -> Fact:
    """Read a sourced day, with the states it is about."""
    record = at.record(("date",), ("states", "basis", *FACT))
    return Fact(
        day=record["date"].day(),
        states=record.get("states", known.state_list, ()),
        basis=record.text("basis"),
        **known.sourced(record),
    )


def read_calendar_day(at: Reader) -> date:
    """Read one certain day."""
    day = at.day()
    if day.earliest is None or not day.exact:
        at.refuse("RG025", f"{at.text()!r} is not one day", "write YYYY-MM-DD")
    return day.earliest


def read_duration(at: Reader) -> str:
    """Read an ISO 8601 duration, without the mark of doubt."""
    text = at.text().rstrip("?")
    try:
        add_duration(date(2000, 1, 1), text)
    except DostastyqError as error:
        at.refuse("RG025", error.message, error.hint)
    return text
