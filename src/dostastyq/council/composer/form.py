"""From filled forms to a record of the register: the machine-readable side of a composition."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dostastyq.council.composer.build import first_final
from dostastyq.council.composer.library import library
from dostastyq.council.composer.model import Composition
from dostastyq.council.composer.values import Value
from dostastyq.errors import DostastyqError

SOURCED = frozenset(
    {
        *("provisional", "withdrawal", "duration", "package", "partial_entry", "relations", "terminated"),
        *("replaced_between", "saves", "effects"),
    }
)
"""Keys whose entries are facts: each carries its source."""

UNKNOWN_DAY = "../.."


@dataclass(slots=True)
class _Sheet:
    """A record in the making, and which article filled each of its keys."""

    facts: Mapping[str, Any]
    record: dict[str, Any] = field(default_factory=dict)
    by: dict[str, str] = field(default_factory=dict)

    def add(self, key: str, value: Value, article: str) -> None:
        """Enter what a form says under a key."""
        if key in SOURCED:
            value = [{**item, **self.facts} for item in value] if isinstance(value, list) else {**value, **self.facts}
        had = self.record.get(key)
        if had is None:
            self.record[key], self.by[key] = value, article
        elif key == "late" and had["delay"] == value["delay"]:
            self.record[key] = {"of": [*dict.fromkeys((*had["of"], *value["of"]))], "delay": had["delay"]}
        elif isinstance(had, list) and isinstance(value, list):
            self.record[key] = had + [item for item in value if item not in had]
        elif key in {"state_override", "signed", "params"} and not had.keys() & value.keys():
            self.record[key] = {**had, **value}
        else:
            raise DostastyqError(
                "CN110",
                f"{self.by[key]} and {article} both say {key!r}, and not the same",
                "keep one of the two forms, or give both the same delay",
            )


def record(
    draft: Composition,
    *,
    signed: Mapping[str, Any] | None,
    source: str,
    adopted_by: str,
    acts: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """Write a composition as an instrument of the register; see `Composition.record`."""
    facts = {"src": [source], "conf": "high"} if source else {"src": ["own"], "conf": "low"}
    sheet = _Sheet(facts)
    forms(draft, sheet)
    found = sheet.record
    added = found.pop("signed", {})
    when = {"date": UNKNOWN_DAY, "place": "", "by": list(draft.parties)} if signed is None else dict(signed)
    made: dict[str, Any] = {
        "kind": draft.kind,
        "domain": list(draft.domain),
        "title": _titles(draft),
        "preference": "none" if draft.preference == "none" else {"kind": draft.preference, **facts},
        "signed": {**added, **when, **({} if "src" in when else facts)},
        "eif": found.pop("eif", {"unknown": "true"}),
        **found,
    }
    if lacking := [language for language in ("en", "ru") if not draft.title.get(language)]:
        made["title_note"] = f"no title in {' and '.join(lacking)} yet: another language stands for it"
    agreement = library(draft.commonwealth).agreements.get(draft.agreement)
    if agreement is not None and agreement.regime:
        made["regime"] = {"kind": agreement.regime, **facts}
    if draft.depositary:
        made["depositary"] = {"who": draft.depositary, **facts}
    if draft.languages:
        made["languages"] = list(draft.languages)
    if adopted_by:
        made["adopted_by"] = adopted_by
    made["acts"] = [{**act, **({} if "src" in act else facts)} for act in acts]
    return made


def _titles(draft: Composition) -> dict[str, str]:
    found = {language: text for language, text in draft.title.items() if text}
    first = next(iter(found.values()))
    return {"en": found.get("en", first), "ru": found.get("ru", first), **found}


def forms(draft: Composition, sheet: _Sheet | None = None) -> Mapping[str, Any]:
    """Say what the filled forms say together, by key of a record.

    Raises
    ------
    DostastyqError
        ``CN110`` where two of them speak of the same thing and do not agree.
    """
    sheet = sheet or _Sheet({})
    patterns = library(draft.commonwealth).patterns
    for number, final in enumerate(draft.finals, first_final(draft)):
        if final.pattern:
            values = {**final.values, "article": f"Art. {number}"}
            for key, value in patterns[final.pattern].form.items():
                sheet.add(key, _filled(value, values), f"Art. {number}")
    return sheet.record


def _filled(value: Value, values: Mapping[str, Any]) -> Value:
    """Put the values in the place of their names; a key ``$states`` stands once for each state."""
    if isinstance(value, Mapping):
        made: dict[str, Any] = {}
        for key, item in value.items():
            for name in values[key[1:]] if key.startswith("$") else (key,):
                made[name] = _filled(item, values)
        return made
    if isinstance(value, (list, tuple)):
        return _spread(value, values)
    if isinstance(value, str) and value.startswith("$"):
        return _plain(value[1:], values[value[1:]])
    return value


def _spread(items: Iterable[Any], values: Mapping[str, Any]) -> list[Any]:
    """Fill a list; an entry with ``target: $instruments`` stands once for each instrument."""
    made = []
    for item in items:
        found = _filled(item, values)
        targets = found.get("target") if isinstance(found, Mapping) else None
        made += [{**found, "target": target} for target in targets] if isinstance(targets, list) else [found]
    return made


def _plain(name: str, value: Value) -> Value:
    if name == "instruments":
        return [item["slug"] if isinstance(item, Mapping) else item for item in value]
    if name == "provisions":
        return ["Art. " + text.replace(".", " para. ") for text in value]
    return list(value) if isinstance(value, (list, tuple)) else value


def unreadable(draft: Composition) -> tuple[str, ...]:
    """Find the final clauses without a machine-readable form; see `Composition.unreadable`."""
    own = tuple(f"Art. {number}" for number, final in enumerate(draft.finals, first_final(draft)) if not final.pattern)
    return own if "eif" in forms(draft) else (*own, "eif")
