"""Final clauses as the files write them: entry into force, late states, provisional application, leaving, amendment."""

import re
from types import MappingProxyType
from typing import Any

from dostastyq.dates import Day
from dostastyq.register.acts import CONSENT
from dostastyq.register.clauses import Clause
from dostastyq.register.facts import Fact
from dostastyq.register.model import Edition
from dostastyq.register.reader import Reader, Record
from dostastyq.register.schema_base import FACT, Known, read_duration

CLAUSES = {
    "upon": "signature",
    "per_state": "per_state",
    "count": "count",
    "date": "date",
    "organ_decision": "organ",
    "requires": "requires",
    "any": "any",
    "all": "all",
    "unknown": "unknown",
}
"""Keys of a clause on entry into force, and the rule each of them names."""

_WORDS = {"signature": ("signature",), "unknown": ("true",)}
_GROUP = re.compile("^all$|founding|member")


def read_clause(at: Reader, known: Known | None = None) -> Clause:
    """Read the tree of a clause on entry into force.

    Examples
    --------
    >>> from dostastyq.register.reader import compose
    >>> read_clause(compose("{count: 3, of: [ratification], delay: P30D}", "treaty.yaml")).delay
    'P30D'
    """
    record = at.record((), (*CLAUSES, "of", "delay", "for", "among"))
    rules = [key for key in CLAUSES if key in record]
    if not rules and "of" in record:
        rules = ["per_state"]
    if len(rules) != 1:
        at.refuse("RG023", "a clause has one rule", f"write one of {', '.join(CLAUSES)}")
    rule, value = CLAUSES[rules[0]], record.found.get(rules[0])
    delay = record.get("delay", read_duration, "P0D")
    if value is not None and rule in {"any", "all"}:
        if not value.items():
            value.refuse("RG023", "a list of clauses without a clause", "write one or more, e.g. [{date: 2027-01-01}]")
        return Clause(rule, delay=delay, parts=tuple(read_clause(item, known) for item in value.items()))
    if value is not None and rule == "requires":
        return _read_requirement(value, delay, known)
    if value is not None and rule in _WORDS:
        value.word(_WORDS[rule], f"a value of {rules[0]!r}")
    text = "" if value is None else str(value.day()) if rule == "date" else value.text()
    if value is not None and rule == "count" and (text == "0" or not (text.isdecimal() or _GROUP.search(text))):
        value.refuse("RG028", f"{text!r} is no count of consents", "write a number, all, or all_founding_states")
    return Clause(
        rule,
        (int(text) if text.isdecimal() else text) if rule == "count" else None,
        record.get("of", lambda at: at.words(CONSENT, "an act of consent"), ()),
        delay,
        among=record.get("among", known.state_list, ()) if known else (),
        text=text,
    )


def _read_requirement(at: Reader, delay: str, known: Known | None) -> Clause:
    record = at.record((), ("in_force", "completed_accession_to"))
    rules = {"in_force": "requires", "completed_accession_to": "accession_completed"}
    if len(record.found) != 1:
        at.refuse("RG023", "a requirement has one subject", "write in_force: [...] or completed_accession_to: [...]")
    (key, value), *_ = record.found.items()
    slugs = tuple(known.slug(item) if known else item.text() for item in value.items())
    return Clause(rules[key], delay=delay, instruments=slugs)


def _read_late(at: Reader) -> str:
    record = at.record(("of", "delay"))
    record["of"].words(CONSENT, "an act of consent")
    return read_duration(record["delay"])


def _read_notice(at: Reader) -> str:
    record = at.record(("notice",), ("to", "basis", "residual", *FACT))
    return read_duration(record["notice"])


def _read_provisional(at: Reader, known: Known) -> tuple[Fact, str]:
    record = at.record((), ("from", "upon", "after_signature", "states", "basis", *FACT))
    delay = record.get("after_signature", read_duration, "")
    if "upon" in record:
        record["upon"].word(("signature",), "a beginning of provisional application")
        delay = "P0D"
    if not delay and "from" not in record:
        at.refuse("RG023", "missing 'from', 'upon' or 'after_signature'", "say when provisional application begins")
    fact = Fact(
        day=record.get("from", Reader.day, Day(None, None)),
        states=record.get("states", known.state_list, ()),
        basis=record.text("basis"),
        **known.sourced(record),
    )
    return fact, delay


def _read_term(at: Reader, known: Known) -> str:
    record = at.record(("period",), ("prolonged", "basis", *FACT))
    known.sourced(record)
    prolonged = record.get("prolonged", Reader.flag, False)
    return "" if prolonged else read_duration(record["period"])


def _read_package(at: Reader, known: Known) -> bool:
    record = at.record((), ("list", "rule", "effect", *FACT))
    known.sourced(record)
    return record.get("effect", lambda at: at.word(("ends", "unknown"), "an effect on the package"), "") == "ends"


def _read_edition(at: Reader, known: Known) -> Edition:
    record = at.record(("date", "in_force"), ("eif", "late", "withdrawal", "text", *FACT))
    record["date"].day()
    return Edition(
        start=record["in_force"].day(),
        clause=record.get("eif", lambda at: read_clause(at, known), None),
        late_delay=record.get("late", _read_late, None),
        notice=record.get("withdrawal", _read_notice, None),
        **known.sourced(record),
    )


def read_final_clauses(record: Record, known: Known) -> dict[str, Any]:
    """Read the final clauses of an instrument, as fields of `Instrument`."""
    provisional, delay = _read_provisional(record["provisional"], known) if "provisional" in record else (None, "")
    overrides = dict(record["state_override"].entries()) if "state_override" in record else {}
    for code, at in overrides.items():
        if code not in known.states:
            at.refuse("RG026", f"{code!r} is not a state of the register", "write the code of a state")
    return {
        "clause": read_clause(record["eif"], known),
        "clause_basis": record.text("eif_basis"),
        "late_delay": record.get("late", _read_late, None),
        "provisional": provisional,
        "provisional_delay": delay,
        "notice": record.get("withdrawal", _read_notice, ""),
        "duration": record.get("duration", lambda at: _read_term(at, known), ""),
        "package_ends": record.get("package", lambda at: _read_package(at, known), False),
        "overrides": MappingProxyType({code: read_clause(at, known) for code, at in overrides.items()}),
        "editions": tuple(_read_edition(item, known) for item in record.items("amended")),
    }
