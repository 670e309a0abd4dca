"""An atlas of the unions that states of a baseline could form: the law and the estimates laid onto `coalition`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dostastyq import coalition, trade
from dostastyq import register as registers
from dostastyq.assess import estimates as shipped
from dostastyq.assess.estimates import Estimates
from dostastyq.assess.regime import DEPTH, KINDS, PARAMETERS, Design, design
from dostastyq.coalition import Atlas, Effects, Reference
from dostastyq.equilibrium import Economy, calibrate
from dostastyq.errors import DostastyqError, nearest
from dostastyq.i18n import Text
from dostastyq.parallel import Cache, Progress
from dostastyq.provenance import Source
from dostastyq.register import Register
from dostastyq.trade import Baseline

Array = NDArray[np.float64]

ELASTICITY = 4.0

EFFECTS = ("estimated", "tariffs")

DRAWS = 400
"""Draws of the effects where none are asked for, up to `FEW` states; above, none, for the sake of time."""

FEW = 8

MOST_EFFECT = 5.0
"""Largest effect that is taken, in log points: trade a hundred and fifty times what it was."""


@dataclass(frozen=True, slots=True, eq=False)
class Unions:
    """An atlas with what it was made from.

    Parameters
    ----------
    atlas
        Every coalition solved.
    baseline, on, elasticity
        Data, day of the law, trade elasticity or the name of a set of elasticities.
    sources
        Sources of all figures, with licences.
    notes
        What was assumed beside the atlas's own notes.
    """

    atlas: Atlas
    baseline: str
    on: str
    elasticity: str
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data in the shape that ``dostastyq atlas --json`` prints."""
        record = self.atlas.to_dict()
        return {
            **record,
            "baseline": self.baseline,
            "on": self.on,
            "elasticity": self.elasticity,
            "notes": [*record["notes"], *self.notes],
            "sources": [asdict(source) for source in self.sources],
        }


def unions(
    members: Sequence[str],
    union: str = "customs_union",
    baseline: str | Baseline = "cis-2023",
    *,
    reference: str = "none",
    effect: str | float = "estimated",
    external: object = None,
    draws: int | None = None,
    on: str | date | None = None,
    elasticity: float | str | None = None,
    commonwealth: str = "cis",
    register: Register | None = None,
    estimates: Estimates | None = None,
    workers: int = 1,
    cache: Cache | None = None,
    progress: Progress | None = None,
) -> Unions:
    """Solve every union that some states could form.

    Parameters
    ----------
    members
        ISO codes of states, or one slug of an instrument: its parties on the day.
    union
        ``"free_trade_area"``, ``"customs_union"`` or ``"economic_union"``.
    baseline
        Name of a shipped baseline, path of a long CSV or Parquet file, or a `Baseline`.
    reference
        Law between two states that are in no union together: ``"none"``, no preference; ``"register"``, the law of the
        day without its agreements as deep as the union; or the slug of an instrument: the law without it.
    effect
        What a union does to its members' trade: ``"estimated"``, the commonwealth's effects; ``"tariffs"``, its tariffs
        alone; or log points of trade, taken as certain.
    external
        Rule of the common external tariff, see `dostastyq.coalition.atlas`; only for a baseline with tariffs.
    draws
        Draws of the estimated effects; by default 400 up to eight states, none above or where the effect is given.
    on
        Day of the law, the baseline's own by default.
    elasticity
        Trade elasticity θ, 4 by default; with sectors also the name of a set of the baseline.
    commonwealth, register, estimates
        Whose law and effects are used, and stand-ins for the shipped ones.
    workers, cache, progress
        As in `dostastyq.parallel.run`.

    Raises
    ------
    DostastyqError
        Codes of `dostastyq.coalition.atlas`, of the register and of the baseline; ``CO001`` for a state that the
        baseline has only inside an aggregate.

    Examples
    --------
    >>> study = unions(["BLR", "KAZ", "RUS"], draws=0)
    >>> len(study.atlas), study.atlas.reference
    (8, 'none')
    """
    law = register if register is not None else registers.load(commonwealth)
    base = baseline if isinstance(baseline, Baseline) else trade.baseline(baseline)
    sizes = estimates if estimates is not None else shipped.load(commonwealth)
    present = base.on if base.year is not None else _day(on) or date(2023, 7, 1)
    day = _day(on) or present
    states = _members(members, law, base, day)
    _check_inside(states, base)
    coalition.check_members(states, base.economies)
    coalition.check_kind(union)
    world = _reference(reference, union, states, base, (law, present, day))
    economy, theta = economy_of(base, elasticity)
    made = coalition.atlas(
        economy,
        states,
        union,
        effects=_effects(effect, sizes, base),
        reference=world,
        external=external,
        goods=_goods(base),
        draws=_draws(effect, states) if draws is None else draws,
        workers=workers,
        cache=cache,
        progress=progress,
    )
    sources = {source.key: source for source in (*base.sources, *sizes.sources)}
    notes = _notes(states, law, base, present)
    return Unions(made, base.name, day.isoformat(), theta, tuple(sources.values()), notes)


def economy_of(base: Baseline, elasticity: float | str | None) -> tuple[Economy, str]:
    """Calibrate the economy of a baseline, with all its sectors; also say its elasticities."""
    if len(base.sectors) == 1:
        if isinstance(elasticity, str):
            raise DostastyqError(
                "AS006",
                f"elasticity {elasticity!r}: baseline {base.name} has one sector; expected a number",
                "4 is the usual value; sets of elasticities belong to baselines with sectors",
            )
        theta = ELASTICITY if elasticity is None else elasticity
        tariffs = None if base.tariffs is None else np.asarray(base.tariffs[0])
        economy = calibrate(np.asarray(base.flows[0]), elasticity=theta, tariffs=tariffs, labels=base.economies)
        return economy, f"{theta:g}"
    default = base.detail.default_elasticities or ELASTICITY
    name, values = trade.elasticities_of(base, default if elasticity is None else elasticity)
    tariffs = None if base.tariffs is None else np.asarray(base.tariffs)
    return calibrate(np.asarray(base.flows), elasticity=values, tariffs=tariffs, labels=base.economies), name


def _effects(effect: str | float, sizes: Estimates, base: Baseline) -> Effects:
    if isinstance(effect, str) and effect not in EFFECTS:
        raise DostastyqError(
            "CO012", f"there is no effect {effect!r}", "write estimated, tariffs, or log points of trade such as 0.2"
        )
    if effect == "estimated":
        return effects_of(sizes)
    if effect != "tariffs":
        value = float(effect)
        if not abs(value) <= MOST_EFFECT:
            raise DostastyqError(
                "CO012",
                f"an effect of {value:g} log points of trade: expected between −{MOST_EFFECT:g} and {MOST_EFFECT:g}",
                "write 0.2 for about a fifth more trade",
            )
        return coalition.assumed(value, names=PARAMETERS)
    if base.tariffs is None:
        raise DostastyqError(
            "CO012",
            f"baseline {base.name} has no tariffs, so a union of tariffs alone would change nothing",
            "use the estimated effect, or a baseline with tariffs such as eaeu-2019",
        )
    return coalition.tariffs_alone(PARAMETERS)


def _draws(effect: str | float, states: Sequence[str]) -> int:
    return DRAWS if effect == "estimated" and len(states) <= FEW else 0


def effects_of(sizes: Estimates) -> Effects:
    """Estimated effects as the coalition engine takes them."""
    order = [sizes.names.index(name) for name in PARAMETERS]
    kinds: Mapping[str, tuple[float, ...]] = {kind: KINDS[kind] for kind in coalition.KINDS}
    return Effects(
        PARAMETERS,
        sizes.values[order],
        np.asarray(sizes.covariance)[np.ix_(order, order)],
        MappingProxyType(dict(kinds)),
        Text(
            "Effects on trade as estimated: free trade {free:.3f} (s.d. {free_sd:.3f}) log points, a customs or "
            "economic union {union:+.3f} ({union_sd:.3f}) more.",
            free=sizes.parameter(PARAMETERS[0]).value,
            free_sd=sizes.parameter(PARAMETERS[0]).standard_error,
            union=sizes.parameter(PARAMETERS[1]).value,
            union_sd=sizes.parameter(PARAMETERS[1]).standard_error,
        ),
    )


def _day(on: str | date | None) -> date | None:
    try:
        return date.fromisoformat(on) if isinstance(on, str) else on
    except ValueError:
        raise DostastyqError("AS007", f"--on {on!r} is no day", "write it as YYYY-MM-DD, e.g. 2023-07-01") from None


def _members(members: Sequence[str], law: Register, base: Baseline, day: date) -> tuple[str, ...]:
    """States as named, or the parties of the one instrument named."""
    mixed = [name for name in members if name in law.instruments]
    if mixed and len(members) > 1:
        raise DostastyqError(
            "CO001", f"{mixed[0]} is an agreement, no state", "name one agreement alone, for its members, or states"
        )
    if len(members) == 1 and members[0].upper() not in base.economies:
        if members[0] not in law.instruments:
            raise DostastyqError(
                "CO001",
                f"{members[0]} is no state of baseline {base.name} and no agreement of the register",
                nearest(members[0], [*law.instruments, *base.economies]),
            )
        parties = law.parties(members[0], day)
        if not parties:
            raise DostastyqError(
                "CO003", f"nobody applies {members[0]} on {day}", "name states, or another day with --on"
            )
        return tuple(parties)
    return tuple(member.upper() for member in members)


def _reference(
    name: str, union: str, states: tuple[str, ...], base: Baseline, read: tuple[Register, date, date]
) -> Reference:
    law, present, day = read
    now = np.nan_to_num(_designs(law, present, states), nan=0.0)
    if name == "none":
        outside = np.zeros_like(now)
        text = Text("without a union there is no preference between these states, whatever the law of the day")
    else:
        gone = [name] if name != "register" else _as_deep(law, union)
        without = law
        for slug in gone:
            if slug in without.instruments or name != "register":
                without = without.without(slug)
        wanted = _designs(without, day, states)
        outside = np.where(np.isnan(wanted), now, wanted)
        text = (
            Text("without a union the law of {day:date} holds between these states, save agreements as deep", day=day)
            if name == "register"
            else Text(
                "without a union the law of {day:date} holds between these states, save {slug}", day=day, slug=name
            )
        )
    return Reference(name, now, outside, tariffs=_own_tariffs(base, states, now, outside), text=text)


def _designs(law: Register, day: date, states: tuple[str, ...]) -> Design:
    """Law between `states`, those the register does not know without any; shape (2, n, n)."""
    pairs = law.pairs(day)
    known = tuple(sorted(pairs["exporter"].unique()))
    whole = design(pairs, known)
    result = np.zeros((len(PARAMETERS), len(states), len(states)))
    here = [(place, known.index(state)) for place, state in enumerate(states) if state in known]
    places, sources = [place for place, _ in here], [source for _, source in here]
    result[np.ix_(range(len(result)), places, places)] = whole[np.ix_(range(len(result)), sources, sources)]
    return result


def _as_deep(law: Register, union: str) -> list[str]:
    kinds = {slug: law.instrument(slug).preference.kind or "none" for slug in law.instruments}
    return [slug for slug, kind in kinds.items() if DEPTH[kind] >= DEPTH[union]]


def _own_tariffs(base: Baseline, states: tuple[str, ...], present: Design, outside: Design) -> Array | None:
    """Tariffs without a union: where the reference world takes a preference away, what the importer asks of others.

    That is its external tariff where the baseline has one, else its mean tariff on all economies but these states,
    weighted by its imports of the sector.
    """
    if base.tariffs is None:
        return None
    places = [base.economies.index(state) for state in states]
    rest = [place for place in range(len(base.economies)) if place not in places]
    flows, rates = np.asarray(base.flows)[:, places][:, :, rest], base.tariffs[:, places][:, :, rest]
    bought = flows.sum(axis=2)
    asked = np.divide((flows * rates).sum(axis=2), bought, out=rates.mean(axis=2), where=bought > 0)
    if base.detail.external is not None:
        known = base.detail.external[:, places]
        asked = np.where(np.isnan(known), asked, known)
    own = base.tariffs[:, places][:, :, places]
    lost = (outside < present).any(axis=0) & ~np.eye(len(states), dtype=np.bool_)
    return np.asarray(np.where(lost, np.maximum(own, asked[:, :, None]), own))


def _goods(base: Baseline) -> tuple[float, ...] | None:
    """1 for goods, 0 for services, where the baseline tells them apart."""
    services = base.detail.services
    return tuple(float(sector not in services) for sector in base.sectors) if services else None


def _check_inside(states: tuple[str, ...], base: Baseline) -> None:
    for state in states:
        if state in base.detail.inside:
            reason = f": {base.detail.inside_reason}" if base.detail.inside_reason else ""
            raise DostastyqError(
                "CO001",
                f"{state} stands inside {base.detail.inside[state]} in baseline {base.name}{reason}, and what is inside"
                " cannot be told apart",
                "name other states, or use --baseline cis-2023, in which it stands alone",
            )


def _notes(states: tuple[str, ...], law: Register, base: Baseline, present: date) -> tuple[str, ...]:
    notes: list[str] = [Text("The law of the baseline is that of {day:date}.", day=present)]
    unknown = np.isnan(_designs(law, present, states)).any(axis=0)
    if unknown.any():
        pairs = [f"{states[j]}–{states[i]}" for i, j in np.argwhere(np.triu(unknown | unknown.T, 1))]
        notes.append(
            Text(
                "The register does not know the law between {pairs}: the base is taken to hold no preference there.",
                pairs=", ".join(pairs),
            )
        )
    if base.tariffs is not None:
        notes.append(
            Text(
                "Where the reference world takes a preference away, the importer's tariff on others is put on. The "
                "estimated effect contains the tariff cut: the cost of trade changes by the rest, in goods alone."
            )
        )
    foreign = [state for state in states if state not in law.states]
    if foreign:
        notes.append(
            Text(
                "The register does not know {states:territories}: no preference of theirs is taken out of the base.",
                states=tuple(foreign),
            )
        )
    return tuple(notes)
