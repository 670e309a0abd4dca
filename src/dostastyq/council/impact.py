"""What a draft does to every member, before anybody answers it: an assessment of the draft taken as law.

The draft is put into the register as if it were in force between its parties on the day whose law the baseline is
read under, whatever its final clauses say of later; the world without it is the law in force on that day. The result
says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from dostastyq import assess, trade
from dostastyq.assess import Assessment
from dostastyq.assess.assessment import MODELS, UNDATED
from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError, nearest
from dostastyq.i18n import Text
from dostastyq.register import Register

_SUBSTANCE = ("kind", "domain", "title", "regime", "extends_to", "note")
"""Keys of a record that say what an instrument is; the others say when it binds whom, which is assumed."""

OPTIONS = frozenset({"baseline", "model", "elasticity", "elasticities", "inputs", "otherwise"})
"""What the scenario of a draft may set."""

NUMBERS = frozenset({"elasticity"})
"""Options that are numbers; a journal keeps them as text."""


def taken_as_law(
    register: Register, slug: str, record: Mapping[str, Any], parties: Iterable[str], on: date
) -> Register:
    """Give the law with a draft taken as in force between its parties from a day on.

    Parameters
    ----------
    register
        The law as it is.
    slug, record
        The draft's name and machine-readable form.
    parties
        States between which it is taken to be in force.
    on
        The day.

    Examples
    --------
    >>> from dostastyq import register
    >>> from dostastyq.council.composer import example
    >>> draft = example()
    >>> law = taken_as_law(register.load("cis"), draft.slug, draft.record(), draft.parties, date(2023, 7, 1))
    >>> law.parties(draft.slug, "2023-07-01") == tuple(sorted(draft.parties))
    True
    """
    signed = {"date": on.isoformat(), "place": "–", "by": sorted(parties), "src": ["own"], "conf": "low"}
    preference = record["preference"]
    if isinstance(preference, Mapping):
        preference = {key: value for key, value in preference.items() if key not in {"from", "until"}}
        preference |= {"src": ["own"], "conf": "low"}
    assumed = {key: record[key] for key in _SUBSTANCE if key in record}
    assumed |= {"preference": preference, "signed": signed, "eif": {"upon": "signature"}, "acts": []}
    assumed["complete"] = {"date": on.isoformat(), "src": ["own"], "conf": "low"}
    return register.propose(slug, assumed, replaces=slug in register.instruments)


def impact(
    register: Register,
    slug: str,
    record: Mapping[str, Any],
    *,
    parties: Iterable[str],
    baseline: str | None = None,
    model: str = "one-sector",
    on: str | date | None = None,
    **options: Any,  # noqa: ANN401 -- options of `assess`
) -> Assessment:
    """Assess a draft, taken as in force between its parties on the day whose law is read.

    Parameters
    ----------
    register
        The law as it is.
    slug, record
        The draft's name and machine-readable form.
    parties
        States between which it is taken to be in force.
    baseline, model
        As of `dostastyq.assess.assess`; the model's own baseline by default.
    on
        Day whose law is read; the baseline's own by default.
    options
        Further options of `dostastyq.assess.assess`, of ``OPTIONS``; numbers may be text.

    Returns
    -------
    Assessment
        With a note that says what was assumed.

    Raises
    ------
    DostastyqError
        ``CN248`` for an option that there is not; ``AS002`` for a draft that establishes no preference in goods, and
        the other codes of the assessment.

    Examples
    --------
    >>> from dostastyq import register
    >>> from dostastyq.council.composer import example
    >>> draft = example()
    >>> found = impact(register.load("cis"), draft.slug, draft.record(), parties=["KAZ", "UZB"])
    >>> found.scenario["members"], found.converged
    (['KAZ', 'UZB'], True)
    """
    unknown = [name for name in options if name not in OPTIONS]
    if unknown:
        raise DostastyqError("CN248", f"{slug}: a scenario has no {unknown[0]!r}", nearest(unknown[0], OPTIONS))
    for name in NUMBERS & options.keys():
        options[name] = _number(slug, name, options[name])
    base = trade.baseline(baseline or MODELS.get(model, MODELS["one-sector"]))
    day = calendar_day(on) if on is not None else base.on if base.year is not None else UNDATED
    members = tuple(sorted(set(parties)))
    law = taken_as_law(register, slug, record, members, day)
    found = assess.assess(slug, base, model=model, on=day, register=law, **options)
    assumed = Text(
        "The draft is taken as in force between {states:territories} on {day:date}; "
        "when it would be, its final clauses and the states decide.",
        states=members,
        day=day,
    )
    return replace(found, notes=(assumed, *found.notes))


def digest(found: Assessment) -> dict[str, Any]:
    """Sum an assessment up for the journal: decimals are text, since a journal keeps no floating-point numbers.

    Examples
    --------
    >>> from dostastyq import assess
    >>> short = digest(assess.assess("eaeu-2014"))
    >>> sorted(short), short["contrasts"][0]["members"]["KAZ"].keys() >= {"welfare_percent", "low", "high"}
    (['baseline', 'contrasts', 'elasticity', 'model', 'notes', 'on', 'residual'], True)
    """
    return {
        "baseline": found.baseline,
        "model": found.model,
        "on": found.on,
        "elasticity": f"{found.elasticity:g}",
        "residual": f"{found.residual:.1e}",
        "contrasts": [
            {
                "otherwise": contrast.otherwise,
                "from": str(contrast.from_world),
                "to": str(contrast.to_world),
                "mutually_beneficial": contrast.mutually_beneficial,
                "probability_mutually_beneficial": f"{contrast.probability_mutually_beneficial:.2f}",
                "members": {
                    each.state: {
                        name: f"{getattr(each, name):.4f}"
                        for name in ("welfare_percent", "low", "high", "exports_percent", "imports_percent")
                    }
                    for each in contrast.states
                    if each.member
                },
            }
            for contrast in found.contrasts
        ],
        "notes": [str(note) for note in found.notes],
    }


def _number(slug: str, name: str, value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        raise DostastyqError("CN248", f"{slug}: {name} is {value!r}", "write a number, e.g. 4") from None
