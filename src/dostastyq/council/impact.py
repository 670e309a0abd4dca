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
from dostastyq.council.said import kept
from dostastyq.council.taken import law_before, other_unions, taken_as_signed, taken_in_force
from dostastyq.dates import calendar_day
from dostastyq.errors import DostastyqError, nearest
from dostastyq.i18n import Text
from dostastyq.register import Register

OPTIONS = frozenset({"baseline", "model", "on", "elasticity", "elasticities", "inputs", "otherwise"})
"""What the scenario of a draft may set."""

NUMBERS = frozenset({"elasticity"})
"""Options that are numbers; a journal keeps them as text."""


def options_of(slug: str, scenario: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the scenario of a draft asks of the assessment.

    Raises
    ------
    DostastyqError
        ``CN248`` for something that a scenario cannot set: parties and form are those of the draft.

    Examples
    --------
    >>> options_of("union-2027", {"baseline": "cis-2023", "elasticity": "4"})
    {'baseline': 'cis-2023', 'elasticity': 4.0}
    """
    for name in scenario:
        if name not in OPTIONS:
            raise DostastyqError("CN248", f"{slug}: a scenario has no {name!r}", nearest(name, OPTIONS))
    found = dict(scenario)
    for name in NUMBERS & found.keys():
        found[name] = _number(slug, name, found[name])
    if isinstance(found.get("elasticities"), Mapping):
        found["elasticities"] = {name: _number(slug, name, it) for name, it in found["elasticities"].items()}
    return found


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
        The law as it is, without the draft or with what became of it.
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
        ``CN248`` for an option that there is not, ``CN301`` for fewer than two parties; ``AS002`` for a draft that
        establishes no preference in goods, and the other codes of the assessment.

    Examples
    --------
    >>> from dostastyq import register
    >>> from dostastyq.council.composer import example
    >>> draft = example()
    >>> found = impact(register.load("cis"), draft.slug, draft.record(), parties=["KAZ", "UZB"])
    >>> found.scenario["members"], found.converged
    (['KAZ', 'UZB'], True)
    """
    asked = options_of(slug, options)
    base = trade.baseline(baseline or MODELS.get(model, MODELS["one-sector"]))
    day = calendar_day(on) if on is not None else base.on if base.year is not None else UNDATED
    before = law_before(register, slug)
    law = taken_in_force(taken_as_signed(before, slug, record, tuple(sorted(set(parties))), day), slug, day)
    found = assess.assess(slug, base, model=model, on=day, register=law, without=before, **asked)
    return replace(found, notes=(*_assumed(law, slug, day, found), *found.notes))


def _assumed(law: Register, slug: str, day: date, found: Assessment) -> Iterable[Text]:
    yield Text(
        "The draft is taken as in force between {states:territories} on {day:date}; "
        "when it would be, its final clauses and the states decide.",
        states=law.instrument(slug).signed.by,
        day=day,
    )
    yield Text("Its preference is taken to hold from that day, and every condition of its entry into force to be met.")
    first = found.contrasts[0]
    if not first.pairs and not first.unknown_pairs:
        yield Text("Between these states the law in force goes as far already: the draft changes nothing.")
    if unions := other_unions(law, slug, day):
        yield Text(
            "Some of these states are in another union with an external tariff of its own ({unions}): both are "
            "taken to hold side by side, which the two treaties may not allow.",
            unions=", ".join(unions),
        )


def digest(found: Assessment) -> dict[str, Any]:
    """Sum an assessment up for the journal: decimals are text, since a journal keeps no floating-point numbers.

    Sentences are there twice: in English, and (``worlds``, ``said``) so that `dostastyq.council.said.said` gives them
    back in any language.

    Examples
    --------
    >>> from dostastyq import assess
    >>> short = digest(assess.assess("eaeu-2014"))
    >>> sorted(short), short["contrasts"][0]["members"]["KAZ"].keys() >= {"welfare_percent", "low", "high"}
    (['baseline', 'contrasts', 'elasticity', 'model', 'notes', 'on', 'residual', 'said'], True)
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
                "worlds": [kept(contrast.from_world), kept(contrast.to_world)],
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
        "said": [kept(note) for note in found.notes],
    }


def _number(slug: str, name: str, value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        raise DostastyqError("CN248", f"{slug}: {name} is {value!r}", "write a number, e.g. 4") from None
