"""The shape of the register's files: which keys a record has, and which words they may hold.

Refusals: ``RG021`` key twice, ``RG022`` unknown key, ``RG023`` missing key, ``RG024`` wrong shape, ``RG025`` bad day
or duration, ``RG026`` unknown state, source or instrument, ``RG027`` unsourced fact, ``RG028`` unknown word,
``RG029`` an act without a day.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import Any, cast

from dostastyq.provenance import Source
from dostastyq.register.acts import ACT_KINDS, CONSENT, EFFECTS, ORGAN_ACTS, Act
from dostastyq.register.facts import (
    CONFIDENCES,
    PREFERENCE_KINDS,
    REGIME_KINDS,
    RELATION_KINDS,
    Ending,
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
    Instrument,
    Membership,
    MembershipClass,
    Rival,
    State,
    StateName,
)
from dostastyq.register.reader import Reader, Record
from dostastyq.register.schema_base import FACT, LANGUAGES, Known, read_calendar_day, read_fact
from dostastyq.register.schema_clauses import read_final_clauses

UNUSED_FACTS = frozenset(
    {
        "consent_pending_as_of",
        "depositary",
        "effects",
        "notified",
        "saves",
        "session",
        "un_registration",
        "withdrawal",
    }
)
"""Keys of an instrument that are recorded and checked, and that no answer on status uses: sourced."""


UNUSED_TEXTS = frozenset({"adopted_by", "associate_basis", "creates", "languages", "open_to", "params", "title_note"})
"""The same, without a source of their own."""


def read_source(key: str, at: Reader) -> Source:
    """Read one entry of ``sources.yaml``."""
    record = at.record(("kind", "title"), ("as_of", "url", "note"))
    note = "; ".join(part for part in (record.text("kind").replace("_", " "), record.text("note")) if part)
    return Source(key, record.text("title"), "facts only", record.text("url"), record.text("as_of"), note)


def read_state(code: str, at: Reader, known: Known) -> State:
    """Read one entry of ``states.yaml``."""
    record = at.record(("iso2", "numeric", "name", "independent_from"), ("names",))
    return State(
        code=code,
        iso2=record.text("iso2"),
        numeric=record.text("numeric"),
        name=_read_languages(record["name"]),
        independent=read_fact(record["independent_from"], known),
        names=_read_names(record.items("names"), known),
    )


def _read_names(items: Iterable[Reader], known: Known) -> tuple[StateName, ...]:
    names: list[StateName] = []
    for at in items:
        record = at.record(("from", "official"), ("until", "short", *FACT))
        start = record["from"].day()
        before = names[-1].start.latest if names else date.min
        if before is None or start.earliest is None or start.earliest <= before:
            record["from"].refuse("RG025", f"{start} is not after the name before it", "put the names in order of days")
        names.append(
            StateName(
                start=start,
                end=record.get("until", Reader.day, None),
                official=_read_languages(record["official"]),
                short=record.get("short", _read_languages, MappingProxyType({})),
                **known.sourced(record),
            )
        )
    return tuple(names)


def _read_languages(at: Reader) -> Mapping[str, str]:
    name = at.record(LANGUAGES)
    return MappingProxyType({language: name.text(language) for language in LANGUAGES})


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
        **read_final_clauses(record, known),
    )


_USED_KEYS = (
    *("eif_basis", "late", "entered_into_force", "in_force_by", "provisional", "terminated", "replaced_between"),
    *("complete", "exits_complete", "not_party_as_of", "negotiated", "adopted", "duration", "package", "amended"),
    *("partial_entry", "state_override", "regime", "extends_to", "relations", "note", "recorded"),
)


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
