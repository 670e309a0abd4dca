"""An atlas of the unions that states of a baseline could form: the law and the estimates laid onto `coalition`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np

from dostastyq import coalition, trade
from dostastyq import register as registers
from dostastyq.assess import estimates as shipped
from dostastyq.assess.estimates import Estimates
from dostastyq.assess.regime import DEPTH, KINDS, PARAMETERS, Design, design
from dostastyq.coalition import Atlas, Effects, Reference
from dostastyq.equilibrium import Economy, calibrate
from dostastyq.errors import DostastyqError
from dostastyq.i18n import Text
from dostastyq.parallel import Cache, Progress
from dostastyq.provenance import Source
from dostastyq.register import Register
from dostastyq.trade import Baseline

DRAWS = 400
"""Draws of the effects where none are asked for, up to `FEW` states; above, none, for the sake of time."""

FEW = 8


@dataclass(frozen=True, slots=True, eq=False)
class Unions:
    """An atlas with what it was made from.

    Parameters
    ----------
    atlas
        Every coalition solved.
    baseline, on, elasticity
        Data, day of the law, trade elasticity.
    sources
        Sources of all figures, with licences.
    notes
        What was assumed beside the atlas's own notes.
    """

    atlas: Atlas
    baseline: str
    on: str
    elasticity: float
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
    external: object = None,
    draws: int | None = None,
    on: str | date | None = None,
    elasticity: float = 4.0,
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
    external
        Rule of the common external tariff, see `dostastyq.coalition.atlas`; only for a baseline with tariffs.
    draws
        Draws of the estimated effects; 400 by default up to eight states, none above.
    on
        Day of the law, the baseline's own by default.
    elasticity
        Trade elasticity θ.
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
    states = _members(members, law, day)
    coalition.check_members(states, base.economies)
    coalition.check_kind(union)
    world = _reference(reference, union, states, base, (law, present, day))
    economy = economy_of(base, elasticity)
    made = coalition.atlas(
        economy,
        states,
        union,
        effects=effects_of(sizes),
        reference=world,
        external=external,
        draws=(DRAWS if len(states) <= FEW else 0) if draws is None else draws,
        workers=workers,
        cache=cache,
        progress=progress,
    )
    sources = {source.key: source for source in (*base.sources, *sizes.sources)}
    return Unions(made, base.name, day.isoformat(), elasticity, tuple(sources.values()), _notes(states, law, present))


def economy_of(base: Baseline, elasticity: float) -> Economy:
    """Calibrate the economy of a baseline with one sector."""
    if len(base.sectors) > 1:
        raise DostastyqError(
            "AS010",
            f"baseline {base.name} has {len(base.sectors)} sectors; assessments use one",
            "sum the flows over sectors",
        )
    tariffs = None if base.tariffs is None else base.tariffs[0]
    return calibrate(np.asarray(base.flows[0]), elasticity=elasticity, tariffs=tariffs, labels=base.economies)


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


def _members(members: Sequence[str], law: Register, day: date) -> tuple[str, ...]:
    """States as named, or the parties of the one instrument named."""
    if len(members) == 1 and members[0] in law.instruments:
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


def _own_tariffs(base: Baseline, states: tuple[str, ...], present: Design, outside: Design) -> np.ndarray | None:
    """Tariffs without a union: where the reference world takes a preference away, what the importer asks of others.

    That is its mean tariff on all economies but these states, weighted by its imports of the sector.
    """
    if base.tariffs is None:
        return None
    places = [base.economies.index(state) for state in states]
    rest = [place for place in range(len(base.economies)) if place not in places]
    flows, rates = np.asarray(base.flows)[:, places][:, :, rest], base.tariffs[:, places][:, :, rest]
    bought = flows.sum(axis=2)
    mean = np.divide((flows * rates).sum(axis=2), bought, out=rates.mean(axis=2), where=bought > 0)
    own = base.tariffs[np.ix_(range(len(base.tariffs)), places, places)]
    lost = (outside < present).any(axis=0) & ~np.eye(len(states), dtype=np.bool_)
    return np.where(lost, np.maximum(own, mean[:, :, None]), own)


def _notes(states: tuple[str, ...], law: Register, present: date) -> tuple[str, ...]:
    notes: list[str] = [Text("The law of the baseline is that of {day:date}.", day=present)]
    foreign = [state for state in states if state not in law.states]
    if foreign:
        notes.append(
            Text(
                "The register does not know {states:territories}: no preference of theirs is taken out of the base.",
                states=tuple(foreign),
            )
        )
    return tuple(notes)
