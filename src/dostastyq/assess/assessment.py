"""The verb of the main job."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dostastyq import register as registers
from dostastyq import trade
from dostastyq.assess import by_sector
from dostastyq.assess import estimates as effects
from dostastyq.assess.contrast import Worldwide, contrast
from dostastyq.assess.estimates import Estimates
from dostastyq.assess.membership import MOST, Membership, memberships
from dostastyq.assess.model import Assessment, Contrast, ImputedCell, SensitivityRow
from dostastyq.assess.regime import design
from dostastyq.assess.restrict import restrict
from dostastyq.assess.scenario import Scenario, scenario
from dostastyq.assess.sector_membership import sector_memberships
from dostastyq.assess.voting_check import voting_check
from dostastyq.assess.wording import sector_notes
from dostastyq.equilibrium import calibrate
from dostastyq.errors import DostastyqError, nearest
from dostastyq.i18n import Text
from dostastyq.provenance import Source
from dostastyq.register import Register
from dostastyq.trade import Baseline

ELASTICITIES = (2.5, 4.0, 6.0)
ELASTICITY = 4.0
MODELS = {"one-sector": "cis-2023", "sectors": "eaeu-2019"}
"""Models, each with its baseline where none is named."""

ELASTICITY_RANGE = (0.5, 50.0)
IMPUTED_FACTORS = (0.7, 1.4)
DOMESTIC_FACTORS = (0.75, 1.25)

UNDATED = date(2023, 7, 1)
"""Day whose law is read for a baseline that does not say its year, when none is asked for; the result says so."""

Progress = Callable[[str, int, int], None]


def assess(
    agreement: str,
    baseline: str | Baseline | None = None,
    *,
    model: str = "one-sector",
    on: str | date | None = None,
    leave: Sequence[str] = (),
    join: Sequence[str] = (),
    elasticity: float | None = None,
    elasticities: "str | Path | Mapping[str, float] | None" = None,
    inputs: str | None = None,
    national_tariffs: "str | Path | None" = None,
    otherwise: str | None = None,
    commonwealth: str = "cis",
    register: Register | None = None,
    without: Register | None = None,
    estimates: Estimates | None = None,
    progress: Progress | None = None,
) -> Assessment:
    """Say what an agreement, or a change of its membership, does to every economy.

    Parameters
    ----------
    agreement
        Slug of an instrument of the register that establishes preferences in goods.
    baseline
        Name of a shipped baseline, path of a long CSV or Parquet file, or a `Baseline`; ``"cis-2023"`` by default, and
        ``"eaeu-2019"`` by sectors.
    model
        ``"one-sector"``, or ``"sectors"``: goods by sector, tariffs and their revenue, three channels kept apart.
    on
        Day at which the law is read, the baseline's own day by default.
    leave, join
        States whose membership changes; without them the existence of the agreement is assessed.
    elasticity
        Trade elasticity θ, 4 by default; by sectors the same for all of them.
    elasticities
        By sectors: name of a set of the baseline, path of a file with the columns ``sector`` and ``elasticity``, or a
        mapping; by default the baseline's own default set, or 4.
    inputs
        By sectors: name of borrowed input-output coefficients, ``"borrowed-1993"``; none by default.
    national_tariffs
        By sectors: path of a file of national tariffs (``importer``, ``tariff``, if wished ``sector`` and ``source``)
        that states go back to when they leave a union; they keep its external tariff by default.
    otherwise
        Law between the pairs concerned in the world without: ``"register"``, ``"none"``, or the slug of a law; by
        default the first two are shown side by side where they differ.
    commonwealth
        Whose register and estimates are used.
    register, estimates
        Stand-ins for the shipped ones.
    without
        The law without the agreement, under which the baseline's flows were made, where that is not `register` without
        it: for a draft, the law in force.
    progress
        Called with what is being solved, how many are done, and how many there are.

    Returns
    -------
    Assessment
        Per cent changes with 95 % intervals, one contrast a counterfactual law, with sensitivity and certificate.

    Raises
    ------
    DostastyqError
        If the agreement, a state or the baseline is unknown, or the agreement is not in force on the day; ``AS011``
        when an option belongs to another model, ``AS012`` when there is no such model, ``AS014`` when states are to
        leave or join what is only a draft.

    Notes
    -----
    A figure is 100 (W_to / W_from - 1). For an agreement the first world is the one without it, so a positive figure
    means better off with it; for a change of membership the first world is the present one.

    Examples
    --------
    >>> a = assess("eaeu-2014")
    >>> [contrast.otherwise for contrast in a.contrasts]
    ['register', 'none']
    """
    _check_model(
        model, elasticity, {"elasticities": elasticities, "inputs": inputs, "national_tariffs": national_tariffs}
    )
    named = MODELS[model] if baseline is None else baseline
    law = register if register is not None else registers.load(commonwealth)
    base = named if isinstance(named, Baseline) else trade.baseline(named)
    sizes = estimates if estimates is not None else effects.load(commonwealth)
    present, day = _days(on, base, law)
    leave, join = _states(leave, law, "--leave"), _states(join, law, "--join")
    if without is not None and (leave or join):
        raise DostastyqError("AS014", f"{agreement} is a draft: no state is in it yet", "change its parties instead")
    plan = scenario(agreement, law, day, leave=leave, join=join, otherwise=otherwise, without=without)
    asked = _Asked(base, law, without or law, sizes, plan, present, progress or (lambda *_: None))
    theta = ELASTICITY if elasticity is None else elasticity
    if model == "one-sector":
        return _one_sector(asked, theta)
    if elasticities is None:
        elasticities = base.detail.default_elasticities if elasticity is None else None
    question = by_sector.Question(
        base,
        restrict(plan, asked.made_under.pairs(present), base),
        sizes,
        trade.elasticities_of(base, theta if elasticities is None else elasticities),
        None if inputs is None else trade.technology(inputs).of(base.sectors),
        None if national_tariffs is None else trade.national_tariffs(Path(national_tariffs), base),
    )
    return _by_sector(asked, question)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What both models start from."""

    base: Baseline
    law: Register
    made_under: Register
    sizes: Estimates
    plan: Scenario
    present: date
    tell: Progress


def _check_model(model: str, elasticity: float | None, of_sectors: Mapping[str, object]) -> None:
    if model not in MODELS:
        raise DostastyqError("AS012", f"there is no model {model!r}", nearest(model, MODELS))
    given = [name for name, value in of_sectors.items() if value is not None]
    if model == "one-sector" and given:
        raise DostastyqError(
            "AS011", f"{given[0].replace('_', '-')}: only the model with sectors takes it", "add --model sectors"
        )
    if elasticity is not None and of_sectors["elasticities"] is not None:
        raise DostastyqError("AS011", "elasticity and elasticities are both given", "give one of them")
    low, high = ELASTICITY_RANGE
    if elasticity is not None and not low <= elasticity <= high:
        raise DostastyqError(
            "AS006", f"elasticity {elasticity:g}: expected between {low:g} and {high:g}", "4 is the usual value"
        )


def _one_sector(asked: _Asked, elasticity: float) -> Assessment:
    base, law, plan = asked.base, asked.law, asked.plan
    _check_baseline(base, plan)
    variants, left_out = _variants(base, elasticity)
    results = []
    for done, variant in enumerate(variants):
        asked.tell(variant.assumption, done, len(variants))
        results.append(_solve(variant, plan, asked.made_under.pairs(asked.present), asked.sizes))
    asked.tell("", len(variants), len(variants))
    central = results[0]
    vote = voting_check(law, plan, central.contrasts)
    coalition = memberships(plan, asked.made_under, base, asked.sizes, present=asked.present, elasticity=elasticity)
    return Assessment(
        scenario=plan.to_dict(),
        baseline=base.name,
        on=plan.on.isoformat(),
        elasticity=elasticity,
        contrasts=central.contrasts,
        sensitivity=tuple(_sensitivity(variants, results)),
        residual=max(result.residual for result in results),
        iterations=max(result.iterations for result in results),
        converged=all(result.converged for result in results),
        estimates=asked.sizes.parameters,
        imputed_cells=_imputed(base, law),
        sources=_sources(base, law, asked.sizes, plan, vote.sources),
        proof=plan.proof,
        notes=(*_notes(base, asked.present, elasticity), *left_out, *_untested(plan, coalition)),
        repairs=base.provenance.repairs,
        voting=vote,
        coalition=coalition,
    )


def _by_sector(asked: _Asked, question: by_sector.Question) -> Assessment:
    base, law = asked.base, asked.law
    name, theta = question.elasticities
    plan = question.plan.scenario
    outcome = by_sector.answer(question, asked.tell)
    vote = voting_check(law, asked.plan, outcome.contrasts)
    coalition = sector_memberships(question, asked.made_under, asked.present)
    sources = list(_sources(base, law, asked.sizes, plan, vote.sources))
    if question.technology is not None:
        sources += question.technology.provenance.sources
    if question.national is not None:
        sources.append(question.national.source)
    return Assessment(
        scenario=plan.to_dict()
        | {"absent": list(question.plan.absent), "members_absent": list(question.plan.members_absent)},
        baseline=base.name,
        on=plan.on.isoformat(),
        elasticity=_mean_elasticity(base, theta),
        contrasts=outcome.contrasts,
        sensitivity=outcome.sensitivity,
        residual=outcome.residual,
        iterations=outcome.iterations,
        converged=True,
        estimates=asked.sizes.parameters,
        imputed_cells=_imputed(base, law),
        sources=tuple(sources),
        proof=plan.proof,
        notes=(*sector_notes(question, asked.present), *_untested(plan, coalition)),
        model="sectors",
        elasticities={"name": name, "values": dict(zip(base.sectors, theta.tolist(), strict=True))},
        channels=outcome.channels,
        voting=vote,
        coalition=coalition,
        sectors=outcome.sectors,
        repairs=(*base.provenance.repairs, *outcome.repairs),
        sector_titles={sector: dict(names) for sector, names in base.detail.titles.items()},
    )


def _untested(plan: Scenario, coalition: Sequence[Membership]) -> tuple[Text, ...]:
    """Say why the members are not looked at as a coalition, where they are not."""
    if coalition:
        return ()
    members = [state for state in plan.members if state not in plan.leave]
    return (
        Text(
            "The members are not tested as a coalition: {count} of them stand alone in the baseline, and two to {most} "
            "are tested.",
            count=len(members),
            most=MOST,
        ),
    )


def _mean_elasticity(base: Baseline, theta: NDArray[np.float64]) -> float:
    """Mean of θ over the sectors of goods, weighted by the world's foreign trade."""
    goods = [j for j, sector in enumerate(base.sectors) if sector not in base.detail.services]
    foreign = base.flows.sum(axis=(1, 2)) - np.einsum("jnn->j", base.flows)
    return round(float(np.average(theta[goods], weights=foreign[goods])), 6)


@dataclass(frozen=True, slots=True)
class _Variant:
    """The baseline and elasticity under one assumption."""

    assumption: str
    value: float
    base: Baseline
    elasticity: float


@dataclass(frozen=True, slots=True)
class _Result:
    contrasts: tuple[Contrast, ...]
    residual: float
    iterations: int
    converged: bool


def _variants(base: Baseline, elasticity: float) -> tuple[list[_Variant], list[Text]]:
    """List the assumptions to solve under, the central one first, and say which the baseline cannot take."""
    variants = [_Variant("central", elasticity, base, elasticity)]
    variants += [_Variant("elasticity", value, base, value) for value in ELASTICITIES]
    scaled = [("domestic_flows", factor, base.scale_domestic) for factor in DOMESTIC_FACTORS]
    if base.imputed().height:
        scaled = [("imputed_cells", factor, base.scale_imputed) for factor in IMPUTED_FACTORS] + scaled
    left_out = []
    for assumption, factor, scale in scaled:
        try:
            variants.append(_Variant(assumption, factor, scale(factor), elasticity))
        except DostastyqError:
            left_out.append(
                Text(
                    "The sensitivity row with output × {factor:g} is missing: some economy would sell nothing at home.",
                    factor=factor,
                )
                if assumption == "domestic_flows"
                else Text(
                    "The sensitivity row with filled cells × {factor:g} is missing: some economy would sell nothing "
                    "at home.",
                    factor=factor,
                )
            )
    return variants, left_out


def _solve(variant: _Variant, plan: Scenario, present: pl.DataFrame, sizes: Estimates) -> _Result:
    base = variant.base
    tariffs = None if base.tariffs is None else base.tariffs[0]
    economy = calibrate(
        np.asarray(base.flows[0]), elasticity=variant.elasticity, tariffs=tariffs, labels=base.economies
    )
    world = Worldwide(economy, base.economies, plan.states, sizes)
    law = design(present, plan.states)
    contrasts = tuple(contrast(world, worlds, law, plan) for worlds in plan.worlds)
    certificates = [solved.equilibrium.certificate for solved in world.solved.values()]
    return _Result(
        contrasts,
        max(certificate.residual for certificate in certificates),
        max(certificate.iterations for certificate in certificates),
        all(certificate.converged for certificate in certificates),
    )


def _sensitivity(variants: Sequence[_Variant], results: Sequence[_Result]) -> Iterator[SensitivityRow]:
    for variant, result in zip(variants[1:], results[1:], strict=True):
        for index, one in enumerate(result.contrasts):
            members = tuple((s.state, s.welfare_percent, s.low, s.high) for s in one.states if s.member)
            yield SensitivityRow(index, variant.assumption, variant.value, members)


def _days(on: str | date | None, base: Baseline, law: Register) -> tuple[date, date]:
    """Find the day whose law the baseline's flows were made under, and the day whose law is assessed."""
    try:
        asked = date.fromisoformat(on) if isinstance(on, str) else on
    except ValueError:
        raise DostastyqError("AS007", f"--on {on!r} is no day", "write it as YYYY-MM-DD, e.g. 2023-07-01") from None
    present = base.on if base.year is not None else asked or UNDATED
    for day in {present, asked or present}:
        law.pairs(day)
    return present, asked or present


def _states(codes: Sequence[str], law: Register, option: str) -> tuple[str, ...]:
    for code in codes:
        if code not in law.states:
            raise DostastyqError("AS008", f"{option} {code}: no state of the register", nearest(code, law.states))
    return tuple(dict.fromkeys(codes))


def _check_baseline(base: Baseline, plan: Scenario) -> None:
    if len(base.sectors) > 1:
        raise DostastyqError(
            "AS010",
            f"baseline {base.name} has {len(base.sectors)} sectors; the model with one sector cannot take it",
            "add --model sectors, or sum the flows over sectors",
        )
    missing = sorted(set(plan.states) - set(base.economies))
    if missing:
        raise DostastyqError(
            "AS009",
            f"baseline {base.name} has no economy of its own for {', '.join(missing)}",
            "use a baseline in which every state of the register stands alone; one inside ROW cannot be assessed",
        )


def _imputed(base: Baseline, law: Register) -> tuple[ImputedCell, ...]:
    cells = base.imputed()
    touching = cells.filter(cells["exporter"].is_in(list(law.states)) | cells["importer"].is_in(list(law.states)))
    rows = touching.sort("trade", descending=True).select("exporter", "importer", "trade", "method", "source")
    return tuple(ImputedCell(*row) for row in rows.iter_rows())


def _sources(
    base: Baseline, law: Register, sizes: Estimates, plan: Scenario, on_vote: Sequence[str]
) -> tuple[Source, ...]:
    statuses = (law.status(plan.agreement, state, plan.on) for state in plan.members)
    cited = {key for status in statuses for step in status.proof for key in step.sources}
    facts = tuple(law.sources[key] for key in sorted({*cited, *on_vote}))
    every = {source.key: source for source in (*base.sources, *sizes.sources, *facts)}
    return tuple(every.values())


def _notes(base: Baseline, present: date, elasticity: float) -> tuple[str, ...]:
    notes = [
        Text(
            "One sector and one input, labour: every good of an economy is produced alike, and a state buys from all "
            "by a constant trade elasticity θ = {theta:g} (Armington, Eaton–Kortum).",
            theta=elasticity,
        ),
        Text("Trade deficits stay what they are in units of world output."),
        Text(
            "An agreement acts through the cost of trade between its members: ln d changes by −β/θ, where β is its "
            "estimated effect on trade. The effect contains the tariff cut, so no tariff is changed besides."
        ),
        Text("Pairs that the register does not know are held unchanged and listed."),
        Text(
            "Intervals carry the uncertainty of the estimated effects alone; elasticity, filled cells and domestic "
            "flows are varied in the sensitivity table."
        ),
        Text("The law of the baseline is that of {day:date}.", day=present)
        if base.year is not None
        else Text(
            "The baseline does not say its year: its law is taken to be that of {day:date}; "
            "a column year says otherwise.",
            day=present,
        ),
    ]
    if base.tariffs is None:
        notes.append(
            Text("The baseline holds no tariffs: tariff revenue and a common external tariff are outside the result.")
        )
    return tuple(notes)
