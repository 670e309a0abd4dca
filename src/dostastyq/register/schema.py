"""The shape of the register's files: which keys a record has, and which words they may hold.

Refusals: ``RG021`` key twice, ``RG022`` unknown key, ``RG023`` missing key, ``RG024`` wrong shape, ``RG025`` bad day
or duration, ``RG026`` unknown state, source or instrument, ``RG027`` unsourced fact, ``RG028`` unknown word,
``RG029`` an act without a day.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import Any, cast

from dostastyq.dates import Day, add_duration
from dostastyq.errors import DostastyqError
from dostastyq.provenance import Source
from dostastyq.register.acts import ACT_KINDS, CONSENT, EFFECTS, ORGAN_ACTS, Act
from dostastyq.register.clauses import Clause
from dostastyq.register.facts import (
    CONFIDENCES,
    PREFERENCE_KINDS,
    REGIME_KINDS,
    RELATION_KINDS,
    Confidence,
    Ending,
    Fact,
    Part,
    Preference,
    PreferenceKind,
    Regime,
    RegimeKind,
    Relation,
    Signing,
)
from dostastyq.register.model import (
    MEMBERSHIP_CLASSES,
    Conflict,
    Coverage,
    Edition,
    Instrument,
    Membership,
    MembershipClass,
    Rival,
    State,
)
from dostastyq.register.reader import Reader, Record

FACT = ("src", "conf", "note", "recorded")
LANGUAGES = ("kk", "ru", "en")

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

UNUSED_FACTS = frozenset(
    {
        "consent_pending_as_of",
        "depositary",
        "effects",
        "notified",
        "saves",
        "un_registration",
        "withdrawal",
    }
)
"""Keys of an instrument that are recorded and checked, and that no answer uses yet: sourced."""

UNUSED_TEXTS = frozenset({"adopted_by", "associate_basis", "creates", "languages", "open_to", "params"})
"""The same, without a source of their own."""


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
        kind=cast("PreferenceKind | RegimeKind", kind),
        between=record.get("complete_between", known.slug, ""),
        **known.sourced(record),
    )


def read_instrument(slug: str, at: Reader, known: Known) -> Instrument:
    """Read one instrument with its clauses, dates, relations and acts."""
    record = at.record(
        ("kind", "domain", "title", "preference", "signed", "eif", "acts"),
        (*_USED_KEYS, *UNUSED_FACTS, *UNUSED_TEXTS),
    )
    known = replace(known, recorded=record.get("recorded", read_calendar_day, known.recorded))
    title = record["title"].record(("en", "ru"), ("kk",))
    facts: dict[str, Any] = {
        field: record.get(key, lambda at: read_fact(at, known), None)
        for field, key in (
            ("entered", "entered_into_force"),
            ("in_force_by", "in_force_by"),
            ("complete", "complete"),
            ("exits_complete", "exits_complete"),
            ("not_party", "not_party_as_of"),
            ("negotiated", "negotiated"),
            ("adopted", "adopted"),
        )
    }
    return Instrument(
        slug=slug,
        kind=record.text("kind"),
        domain=tuple(item.text() for item in record["domain"].items()),
        title=MappingProxyType({language: title.text(language) for language in LANGUAGES if language in title}),
        signed=_read_signing(record["signed"], known),
        preference=_read_preference(record["preference"], known),
        regime=record.get("regime", lambda at: _read_regime(at, known), Regime()),
        ended=record.get("terminated", lambda at: _read_ending(at, known), None),
        replaced=record.get("replaced_between", lambda at: _read_ending(at, known), None),
        parts=tuple(_read_part(item, known) for item in record.items("partial_entry")),
        extends_to=record.get("extends_to", known.state_list, ()),
        relations=tuple(_read_relation(item, known) for item in record.items("relations")),
        acts=read_acts(record["acts"].items(), slug, known),
        note=record.text("note"),
        more=_read_unused(record, known),
        **facts,
        **_read_final_clauses(record, known),
    )


_USED_KEYS = (
    *("eif_basis", "late", "entered_into_force", "in_force_by", "provisional", "terminated", "replaced_between"),
    *("complete", "exits_complete", "not_party_as_of", "negotiated", "adopted", "duration", "package", "amended"),
    *("partial_entry", "state_override", "regime", "extends_to", "relations", "note", "recorded"),
)


def _read_final_clauses(record: Record, known: Known) -> dict[str, Any]:
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
        return Clause(rule, delay=delay, parts=tuple(read_clause(item, known) for item in value.items()))
    if value is not None and rule == "requires":
        return _read_requirement(value, delay, known)
    text = "" if value is None else str(value.day()) if rule == "date" else value.text()
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


def read_duration(at: Reader) -> str:
    """Read an ISO 8601 duration, without the mark of doubt."""
    text = at.text().rstrip("?")
    try:
        add_duration(date(2000, 1, 1), text)
    except DostastyqError as error:
        at.refuse("RG025", error.message, error.hint)
    return text


def _read_signing(at: Reader, known: Known) -> Signing:
    record = at.record(("date", "place", "by"), ("not_by", "subject_to", "with", *FACT))
    return Signing(
        day=record["date"].day(),
        place=record.text("place"),
        by=known.state_list(record["by"]),
        not_by=record.get("not_by", known.state_list, ()),
        subject_to=record.get("subject_to", known.state_list, ()),
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


def _read_regime(at: Reader, known: Known) -> Regime:
    record = at.record(("kind",), ("from", "until", *FACT))
    return Regime(
        kind=cast(RegimeKind, record["kind"].word(REGIME_KINDS, "an arrangement with a column of its own")),
        start=record.get("from", Reader.day, None),
        end=record.get("until", Reader.day, None),
        **known.sourced(record),
    )


def _read_part(at: Reader, known: Known) -> Part:
    record = at.record(("date", "provisions"), FACT)
    provisions = record["provisions"]
    texts = (provisions.text(),) if provisions.is_text else tuple(item.text() for item in provisions.items())
    return Part(day=record["date"].day(), provisions=texts, **known.sourced(record))


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


def _read_ending(at: Reader, known: Known) -> Ending:
    record = at.record((), ("date", "by", "parties_of", "upon", "basis", "text", *FACT))
    by = record.get("by", known.slug, "") or record.get("parties_of", known.slug, "")
    if "upon" in record:
        record["upon"].word(("entry_into_force",), "an event that ends an instrument")
    if "date" not in record and not (by and "upon" in record):
        at.refuse("RG023", "missing 'date'", "say when it ended, or `by` and `upon: entry_into_force`")
    text = record.text("text") or record.text("basis")
    return Ending(day=record.get("date", Reader.day, None), by=by, text=text, **known.sourced(record))


def _read_relation(at: Reader, known: Known) -> Relation:
    record = at.record(("type", "target"), FACT)
    kind = record["type"].word(RELATION_KINDS, "a relation between instruments")
    return Relation(kind=kind, target=known.slug(record["target"]), **known.sourced(record))


def read_acts(items: Iterable[Reader], slug: str, known: Known) -> tuple[Act, ...]:
    """Read the acts of an instrument, name each of them, and put them in the order of events."""
    named: Counter[tuple[str, str]] = Counter()
    acts = []
    for item in items:
        act = _read_act(item, slug, known)
        named[act.state, act.kind] += 1
        key = act.key or f"{slug}/{act.state}/{act.kind}/{named[act.state, act.kind]}"
        acts.append(replace(act, key=key))
    return tuple(sorted(acts, key=lambda act: act.order))


def _read_act(at: Reader, slug: str, known: Known) -> Act:
    record = at.record(
        ("state", "act"),
        ("date", "effective", "towards", "provisions", "text", "through", "derived", "opposes", "key", *FACT),
    )
    kind = record["act"].word(ACT_KINDS, "an act of a state")
    if kind in CONSENT | EFFECTS | ORGAN_ACTS and "date" not in record and "effective" not in record:
        at.refuse("RG029", f"{kind} without a day", "add date or effective; write an EDTF interval when unsure")
    sourced = known.sourced(record)
    recorded = sourced.pop("recorded")
    return Act(
        record.text("state")
        if kind in ORGAN_ACTS
        else record["state"].word(known.states, "a state of the register", "RG026"),
        kind,
        slug,
        date=record.get("date", Reader.day, None),
        effective=record.get("effective", Reader.day, None),
        towards=record.get("towards", known.state_list, ()),
        provisions=tuple(item.text() for item in record.items("provisions")),
        through=record.get("through", known.slug, ""),
        text=record.text("text"),
        derived=record.get("derived", Reader.flag, False),
        opposes=record.get("opposes", Reader.flag, False),
        key=record.text("key"),
        recorded_from=None if recorded is None else datetime.combine(recorded, time(), UTC),
        **sourced,
    )


def read_conflict(at: Reader, known: Known) -> Conflict:
    """Read one entry of ``conflicts.yaml``."""
    record = at.record(("subject", "values"), ("prefer", "why", "status", "recorded"))
    rivals = [item.record(("value", "src")) for item in record["values"].items()]
    prefer = record.text("prefer")
    return Conflict(
        subject=record.text("subject"),
        values=tuple(
            Rival(value=it.text("value"), sources=it["src"].words(known.sources, "a source of sources.yaml", "RG026"))
            for it in rivals
        ),
        prefer="" if prefer in {"null", "~"} else prefer,
        why=record.text("why"),
        status=record.get("status", lambda at: at.word(("open", "resolved"), "a state of a conflict"), "open"),
        recorded=record.get("recorded", read_calendar_day, known.recorded),
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
