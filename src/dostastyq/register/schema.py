"""The shape of the register's files: which keys a record has, and which words they may hold.

Refusals: ``RG021`` key twice, ``RG022`` unknown key, ``RG023`` missing key, ``RG024`` wrong shape, ``RG025`` bad day
or duration, ``RG026`` unknown state, source or instrument, ``RG027`` unsourced fact, ``RG028`` unknown word,
``RG029`` an act without a day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, cast

from dostastyq.dates import Day, add_duration
from dostastyq.errors import DostastyqError
from dostastyq.provenance import Source
from dostastyq.register.acts import ACT_KINDS, CONSENT, EFFECTS, Act
from dostastyq.register.facts import (
    CONFIDENCES,
    PREFERENCE_KINDS,
    RELATION_KINDS,
    Clause,
    Confidence,
    Ending,
    Fact,
    Preference,
    PreferenceKind,
    Relation,
    Signing,
)
from dostastyq.register.model import MEMBERSHIP_CLASSES, Coverage, Instrument, Membership, MembershipClass, State
from dostastyq.register.reader import Reader, Record

FACT = ("src", "conf", "note")
LANGUAGES = ("kk", "ru", "en")

CLAUSES = {
    "upon": "signature",
    "per_state": "per_state",
    "count": "count",
    "date": "date",
    "organ_decision": "organ",
    "any": "any",
    "all": "all",
    "unknown": "unknown",
}
"""Keys of a clause on entry into force, and the rule each of them names."""

UNUSED_FACTS = frozenset(
    {
        "amended",
        "consent_pending_as_of",
        "depositary",
        "effects",
        "notified",
        "package",
        "partial_entry",
        "saves",
        "un_registration",
        "withdrawal",
    }
)
"""Keys of an instrument that are recorded and checked, and that no answer uses yet: sourced."""

UNUSED_TEXTS = frozenset(
    {"adopted_by", "associate_basis", "creates", "languages", "open_to", "params", "state_override"}
)
"""The same, without a source of their own."""


@dataclass(frozen=True, slots=True)
class Known:
    """Names that a record may refer to.

    Parameters
    ----------
    sources, states, instruments
        Keys of the sources, codes of the states, slugs of the instruments.
    """

    sources: frozenset[str]
    states: frozenset[str] = frozenset()
    instruments: frozenset[str] = frozenset()

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
        return {"sources": sources, "confidence": cast(Confidence, confidence), "note": record.text("note")}


def read_source(key: str, at: Reader) -> Source:
    """Read one entry of ``sources.yaml``."""
    record = at.record(("kind", "title"), ("as_of", "url", "note"))
    note = "; ".join(part for part in (record.text("kind").replace("_", " "), record.text("note")) if part)
    return Source(key, record.text("title"), "facts only", record.text("url"), record.text("as_of"), note)


def read_state(code: str, at: Reader, known: Known) -> State:
    """Read one entry of ``states.yaml``."""
    record = at.record(("iso2", "numeric", "name", "independent_from"))
    name = record["name"].record(LANGUAGES)
    return State(
        code=code,
        iso2=record.text("iso2"),
        numeric=record.text("numeric"),
        name=MappingProxyType({language: name.text(language) for language in LANGUAGES}),
        independent=read_fact(record["independent_from"], known),
    )


def read_membership(at: Reader, known: Known) -> Membership:
    """Read one line of ``memberships.yaml``."""
    record = at.record(("state", "class", "from"), ("until", *FACT))
    standing = record["class"].word(MEMBERSHIP_CLASSES, "a class of membership")
    return Membership(
        state=record["state"].word(known.states, "a state of the register", "RG026"),
        standing=cast(MembershipClass, standing),
        start=record["from"].day(),
        end=record.get("until", Reader.day, None),
        **known.sourced(record),
    )


def read_coverage(kind: str, at: Reader, known: Known) -> Coverage:
    """Read one kind of preference of ``coverage.yaml``."""
    record = at.record((), ("complete_between", *FACT))
    return Coverage(
        kind=cast(PreferenceKind, kind),
        between=record.get("complete_between", known.slug, ""),
        **known.sourced(record),
    )


def read_instrument(slug: str, at: Reader, known: Known) -> Instrument:
    """Read one instrument with its clauses, dates, relations and acts."""
    record = at.record(
        ("kind", "domain", "title", "preference", "signed", "eif", "acts"),
        (
            *(
                "eif_basis",
                "late",
                "entered_into_force",
                "in_force_by",
                "provisional",
                "terminated",
                "replaced_between",
            ),
            *("complete", "not_party_as_of", "extends_to", "relations", "note"),
            *UNUSED_FACTS,
            *UNUSED_TEXTS,
        ),
    )
    title = record["title"].record(("en", "ru"), ("kk",))

    def fact(key: str) -> Fact | None:
        return record.get(key, lambda at: read_fact(at, known), None)

    def ending(key: str) -> Ending | None:
        return record.get(key, lambda at: _read_ending(at, known), None)

    provisional, provisional_delay = (
        _read_provisional(record["provisional"], known) if "provisional" in record else (None, "")
    )
    return Instrument(
        slug=slug,
        kind=record.text("kind"),
        domain=tuple(item.text() for item in record["domain"].items()),
        title=MappingProxyType({language: title.text(language) for language in LANGUAGES if language in title}),
        signed=_read_signing(record["signed"], known),
        clause=read_clause(record["eif"]),
        clause_basis=record.text("eif_basis"),
        late_delay=record.get("late", _read_late, None),
        preference=_read_preference(record["preference"], known),
        entered=fact("entered_into_force"),
        in_force_by=fact("in_force_by"),
        provisional=provisional,
        provisional_delay=provisional_delay,
        ended=ending("terminated"),
        replaced=ending("replaced_between"),
        complete=fact("complete"),
        not_party=fact("not_party_as_of"),
        extends_to=record.get("extends_to", known.state_list, ()),
        notice=record.get("withdrawal", _read_notice, ""),
        relations=tuple(_read_relation(item, known) for item in record.items("relations")),
        acts=tuple(_read_act(item, slug, known) for item in record["acts"].items()),
        note=record.text("note"),
        more=_read_unused(record, known),
    )


def read_fact(at: Reader, known: Known) -> Fact:
    """Read a sourced day, with the states it is about."""
    record = at.record(("date",), ("states", "basis", *FACT))
    return Fact(
        day=record["date"].day(),
        states=record.get("states", known.state_list, ()),
        basis=record.text("basis"),
        **known.sourced(record),
    )


def read_clause(at: Reader) -> Clause:
    """Read the tree of a clause on entry into force.

    Examples
    --------
    >>> from dostastyq.register.reader import compose
    >>> read_clause(compose("{count: 3, of: [ratification], delay: P30D}", "treaty.yaml")).delay
    'P30D'
    """
    record = at.record((), (*CLAUSES, "of", "delay", "for"))
    rules = [key for key in CLAUSES if key in record]
    if len(rules) != 1:
        at.refuse("RG023", "a clause has one rule", f"write one of {', '.join(CLAUSES)}")
    value, rule = record[rules[0]], CLAUSES[rules[0]]
    if rule in {"any", "all"}:
        return Clause(rule, parts=tuple(read_clause(item) for item in value.items()))
    count = value.text() if rule == "count" else None
    return Clause(
        rule,
        int(count) if count and count.isdecimal() else count,
        record.get("of", lambda at: at.words(CONSENT, "an act of consent"), ()),
        record.get("delay", read_duration, "P0D"),
        text=str(value.day()) if rule == "date" else value.text(),
    )


def read_duration(at: Reader) -> str:
    """Read an ISO 8601 duration, without the mark of doubt."""
    text = at.text().rstrip("?")
    try:
        add_duration(date(2000, 1, 1), text)
    except DostastyqError as error:
        at.refuse("RG025", error.message, error.hint)
    return text


def _read_signing(at: Reader, known: Known) -> Signing:
    record = at.record(("date", "place", "by"), ("not_by", "with", *FACT))
    return Signing(
        day=record["date"].day(),
        place=record.text("place"),
        by=known.state_list(record["by"]),
        not_by=record.get("not_by", known.state_list, ()),
        **known.sourced(record),
    )


def _read_preference(at: Reader, known: Known) -> Preference:
    words = (*PREFERENCE_KINDS, "none")
    what = "a kind of preference"
    if at.is_text:
        if at.word(words, what) != "none":
            at.refuse("RG027", f"unsourced fact: preference {at.text()!r}", "write {kind: …, src: […], conf: …}")
        return Preference()
    record = at.record(("kind",), ("from", "until", *FACT))
    kind = record["kind"].word(words, what)
    return Preference(
        kind=None if kind == "none" else cast(PreferenceKind, kind),
        start=record.get("from", Reader.day, None),
        end=record.get("until", Reader.day, None),
        **known.sourced(record),
    )


def _read_late(at: Reader) -> str:
    record = at.record(("of", "delay"))
    record["of"].words(CONSENT, "an act of consent")
    return read_duration(record["delay"])


def _read_notice(at: Reader) -> str:
    record = at.record(("notice",), ("to", "basis", "residual", *FACT))
    return read_duration(record["notice"])


def _read_provisional(at: Reader, known: Known) -> tuple[Fact, str]:
    record = at.record((), ("from", "after_signature", "basis", *FACT))
    if "after_signature" in record:
        sourced = known.sourced(record)
        return Fact(day=Day(None, None), basis=record.text("basis"), **sourced), read_duration(
            record["after_signature"]
        )
    if "from" not in record:
        at.refuse("RG023", "missing 'from' or 'after_signature'", "say when provisional application begins")
    return Fact(day=record["from"].day(), basis=record.text("basis"), **known.sourced(record)), ""


def _read_ending(at: Reader, known: Known) -> Ending:
    record = at.record(("date",), ("by", "parties_of", "basis", "text", *FACT))
    by = record.get("by", known.slug, "") or record.get("parties_of", known.slug, "")
    text = record.text("text") or record.text("basis")
    return Ending(day=record["date"].day(), by=by, text=text, **known.sourced(record))


def _read_relation(at: Reader, known: Known) -> Relation:
    record = at.record(("type", "target"), FACT)
    kind = record["type"].word(RELATION_KINDS, "a relation between instruments")
    return Relation(kind=kind, target=known.slug(record["target"]), **known.sourced(record))


def _read_act(at: Reader, slug: str, known: Known) -> Act:
    record = at.record(
        ("state", "act"),
        ("date", "effective", "towards", "provisions", "text", "through", "derived", *FACT),
    )
    kind = record["act"].word(ACT_KINDS, "an act of a state")
    if kind in CONSENT | EFFECTS and "date" not in record and "effective" not in record:
        at.refuse("RG029", f"{kind} without a day", "add date or effective; write an EDTF interval when unsure")
    return Act(
        record["state"].word(known.states, "a state of the register", "RG026"),
        kind,
        slug,
        date=record.get("date", Reader.day, None),
        effective=record.get("effective", Reader.day, None),
        towards=record.get("towards", known.state_list, ()),
        provisions=tuple(item.text() for item in record.items("provisions")),
        through=record.get("through", known.slug, ""),
        text=record.text("text"),
        derived=record.get("derived", Reader.flag, False),
        **known.sourced(record),
    )


def _read_unused(record: Record, known: Known) -> Mapping[str, Any]:
    def check(key: str, at: Reader) -> None:
        if key == "src":
            at.words(known.sources, "a source of sources.yaml", "RG026")
        elif key == "conf":
            at.word(CONFIDENCES[:3], "a confidence")
        elif key in {"date", "in_force"}:
            at.day()
        elif key == "states":
            known.state_list(at)

    more = {}
    for key in sorted(UNUSED_FACTS | UNUSED_TEXTS):
        if key in record:
            value = more[key] = record[key].plain(check)
            facts = value if isinstance(value, tuple) else (value,)
            if key in UNUSED_FACTS and not all("src" in fact and "conf" in fact for fact in facts):
                record[key].refuse("RG027", "unsourced fact", "add src: [source] and conf: high|medium|low")
    return MappingProxyType(more)
