"""The nouns of the main job: the worlds that are compared, and what the comparison says for every state."""

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from dostastyq.assess.voting_check import VotingCheck
from dostastyq.provenance import Source

if TYPE_CHECKING:
    from dostastyq.assess.membership import Membership


@dataclass(frozen=True, slots=True)
class Parameter:
    """An estimated effect of a kind of agreement, as it enters an assessment.

    Parameters
    ----------
    name
        Stable name, e.g. ``"cis_free_trade"``.
    value
        Coefficient: log points of bilateral trade.
    standard_error
        Standard deviation used for every interval.
    description
        What it measures, over what, in one sentence.
    identification
        How well the data speak of it; says "not identified" where that is so.
    treated_pairs
        Country pairs that identify the agreement's own coefficient.
    own_coefficient, own_standard_error
        The agreement's own estimate before pooling, None where there is none.
    """

    name: str
    value: float
    standard_error: float
    description: str
    identification: str
    treated_pairs: int
    own_coefficient: float | None = None
    own_standard_error: float | None = None


@dataclass(frozen=True, slots=True)
class StateResult:
    """What a contrast does to one economy; every figure in per cent.

    Parameters
    ----------
    state
        ISO 3166 alpha-3 code, or ``"ROW"``.
    welfare_percent
        Equivalent variation in per cent of base real income.
    low, high
        95 % interval of `welfare_percent` (delta method over the estimated effects).
    real_wage_percent
        Change of the wage over the consumer price index.
    exports_percent, imports_percent
        Change of the value of foreign trade, world output being the numeraire.
    trade_with_members_percent
        Change of exports to plus imports from the members of the agreement (other than the state itself).
    member
        Whether the state is a member of the agreement in the world that has it.
    """

    state: str
    welfare_percent: float
    low: float
    high: float
    real_wage_percent: float
    exports_percent: float
    imports_percent: float
    trade_with_members_percent: float
    member: bool


@dataclass(frozen=True, slots=True)
class Contrast:
    """One world against another.

    Parameters
    ----------
    from_world, to_world
        The two worlds in words; the figures are the change from the first to the second.
    otherwise
        Law between the pairs concerned in the world without: ``"register"`` (what would apply by the register) or
        ``"none"`` (no preference at all).
    formula
        How a figure is computed from the two worlds.
    states
        One result an economy: the twelve states and every partner of the baseline.
    mutually_beneficial
        Whether every member gains at the central estimate.
    probability_mutually_beneficial
        Probability of that over the estimated effects.
    probability_note
        What this probability is.
    pairs
        Member pairs whose law differs between the two worlds, by the parameter that moves them.
    unknown_pairs
        Pairs whose status the register does not know; they are held unchanged.
    """

    from_world: str
    to_world: str
    otherwise: str
    formula: str
    states: tuple[StateResult, ...]
    mutually_beneficial: bool
    probability_mutually_beneficial: float
    probability_note: str
    pairs: tuple[tuple[str, str, str], ...] = ()
    unknown_pairs: tuple[tuple[str, str], ...] = ()

    def to_frame(self) -> pl.DataFrame:
        """One row an economy, the columns of `StateResult`."""
        return pl.DataFrame([asdict(result) for result in self.states])


@dataclass(frozen=True, slots=True)
class ChannelEffect:
    """What one channel adds to the welfare of a state; per cent of base real income.

    Parameters
    ----------
    channel
        ``"internal_tariffs"``, ``"external_tariff"`` or ``"non_tariff_costs"``.
    welfare_percent
        Mean over all orders in which the channels can be switched (Shapley value); the channels sum to the total.
    low, high
        95 % interval, delta method over the estimated effects.
    """

    channel: str
    welfare_percent: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class StateChannels:
    """The channels of one state in one contrast.

    Parameters
    ----------
    state
        ISO code, or ``"ROW"``.
    member
        Whether it is a member of the agreement in the world that has it.
    effects
        One an effect; their `welfare_percent` sum to `total_percent`.
    total_percent
        Welfare of the contrast, each state keeping the duties it collects.
    pooled_percent
        The same where a union's members pool import duties and share them by its norms; None where none does.
    revenue_from, revenue_to
        Tariff revenue collected in the two worlds, million USD of the baseline year.
    """

    state: str
    member: bool
    effects: tuple[ChannelEffect, ...]
    total_percent: float
    pooled_percent: float | None
    revenue_from: float
    revenue_to: float


@dataclass(frozen=True, slots=True)
class ContrastChannels:
    """The channels of one contrast.

    Parameters
    ----------
    contrast
        Index into `Assessment.contrasts`.
    method
        How the total is split.
    pool
        Norms of the revenue pool in the two worlds, as exact fractions in text: ``{"from": {...}, "to": {...}}``.
    states
        One entry an economy.
    tariff_effect
        Log points by which the tariffs between states whose law differs would move their trade, mean over trade.
    whole_effect, whole_effect_error
        Mean of the estimated effect over the same trade, tariffs included, and its standard error, log points.
    note
        The three in a sentence; empty where no tariff between states differs.
    """

    contrast: int
    method: str
    pool: dict[str, dict[str, str]]
    states: tuple[StateChannels, ...]
    tariff_effect: float = 0.0
    whole_effect: float = 0.0
    whole_effect_error: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class SectorChange:
    """What happens to one sector of one state; values in million USD of the baseline year.

    Parameters
    ----------
    contrast
        Index into `Assessment.contrasts`.
    state, sector
        Where.
    output, exports, imports
        Values in the first world, world value added being the unit.
    output_percent, exports_percent, imports_percent
        Change to the second world; None where the first has nothing.
    """

    contrast: int
    state: str
    sector: str
    output: float
    exports: float
    imports: float
    output_percent: float | None
    exports_percent: float | None
    imports_percent: float | None


@dataclass(frozen=True, slots=True)
class SensitivityRow:
    """One contrast under one changed assumption.

    Parameters
    ----------
    contrast
        Index into `Assessment.contrasts`.
    assumption
        ``"elasticity"``, ``"imputed_cells"`` or ``"domestic_flows"``; by sectors also ``"elasticity_set"``,
        ``"inputs"`` and ``"effect"`` (how an estimated effect is read, see `dostastyq.assess.sector_worlds`).
    value
        The elasticity, the factor on the cells, or the name of the set or table.
    states
        ``(state, welfare_percent, low, high)`` for every member of the agreement.
    """

    contrast: int
    assumption: str
    value: float | str
    states: tuple[tuple[str, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class ImputedCell:
    """A trade flow of the baseline that nobody reported, and how it was filled (million USD)."""

    exporter: str
    importer: str
    trade: float
    method: str
    source: str


_SECTOR_SCHEMA = {
    "contrast": pl.Int64,
    "state": pl.String,
    "sector": pl.String,
    **dict.fromkeys(("output", "exports", "imports"), pl.Float64),
    **dict.fromkeys(("output_percent", "exports_percent", "imports_percent"), pl.Float64),
}


@dataclass(frozen=True, slots=True)
class Assessment:
    """What an agreement, or a change of its membership, does to every economy.

    Parameters
    ----------
    scenario
        ``agreement`` (slug), ``title`` (by language), ``preference`` (its kind), ``change`` (``"exists"``, ``"leave"``,
        ``"join"`` or both), ``states`` (of the register), ``leave`` and ``join`` (who does), ``members`` (in the world
        with it).
    baseline
        Name of the baseline.
    on
        ISO day at which the law is read.
    elasticity
        Trade elasticity θ.
    contrasts
        For a union two: over the law that would otherwise apply, and over no preference at all.
    sensitivity
        Each contrast under other elasticities, imputed cells and domestic flows.
    residual, iterations, converged
        Certificate: the worst over all equilibria solved for the assessment.
    estimates
        Effects of agreements used, with how well they are identified.
    imputed_cells
        Cells of the baseline that touch a CIS state and were filled.
    sources
        Sources of all figures and facts, with licences.
    proof
        Why the register holds the agreement to be in force: one line a fact.
    notes
        What was assumed, one sentence each.
    voting
        Whether the body that adopts such an agreement would have adopted it, each state voting by its own gain.
    coalition
        The members as a coalition, one entry a contrast: who would leave or join, Shapley values, least transfers.
    model
        ``"one-sector"`` or ``"sectors"``.
    elasticities
        By sectors: the name of the set and θ of every sector; `elasticity` is then their mean weighted by goods trade.
    channels
        By sectors: each contrast split into internal tariffs, external tariff and non-tariff costs.
    sectors
        By sectors: output, exports and imports of every sector of every state of the register.
    sector_titles
        By sectors: their names by code, each by language, where the baseline has them.
    repairs
        What was changed in the data of the baseline and in its calibration, one sentence each, in English.
    """

    scenario: dict[str, Any]
    baseline: str
    on: str
    elasticity: float
    contrasts: tuple[Contrast, ...]
    sensitivity: tuple[SensitivityRow, ...]
    residual: float
    iterations: int
    converged: bool
    estimates: tuple[Parameter, ...]
    imputed_cells: tuple[ImputedCell, ...]
    sources: tuple[Source, ...]
    proof: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    voting: VotingCheck | None = None
    coalition: "tuple[Membership, ...]" = ()
    model: str = "one-sector"
    elasticities: dict[str, Any] = field(default_factory=dict)
    channels: tuple[ContrastChannels, ...] = ()
    sectors: tuple[SectorChange, ...] = ()
    sector_titles: dict[str, dict[str, str]] = field(default_factory=dict)
    repairs: tuple[str, ...] = ()

    def to_frame(self) -> pl.DataFrame:
        """Every contrast in one long frame, with its `otherwise`."""
        frames = [c.to_frame().insert_column(0, pl.lit(c.otherwise).alias("otherwise")) for c in self.contrasts]
        return pl.concat(frames)

    def sector_frame(self) -> pl.DataFrame:
        """Every sector of every state of the register, one row a contrast, state and sector."""
        return pl.DataFrame([asdict(row) for row in self.sectors], schema=_SECTOR_SCHEMA)

    def to_dict(self) -> dict[str, Any]:
        """Plain data in the shape that ``dostastyq assess --json`` prints."""
        contrasts = []
        for contrast in self.contrasts:
            record = asdict(contrast)
            contrasts.append({"from": record.pop("from_world"), "to": record.pop("to_world"), **record})
        return {
            "scenario": self.scenario,
            "baseline": self.baseline,
            "on": self.on,
            "elasticity": self.elasticity,
            "contrasts": contrasts,
            "sensitivity": [
                {
                    "contrast": row.contrast,
                    "assumption": row.assumption,
                    "value": row.value,
                    "states": [
                        {"state": state, "welfare_percent": welfare, "low": low, "high": high}
                        for state, welfare, low, high in row.states
                    ],
                }
                for row in self.sensitivity
            ],
            "certificate": {"residual": self.residual, "iterations": self.iterations, "converged": self.converged},
            "estimates": [asdict(parameter) for parameter in self.estimates],
            "imputed_cells": [asdict(cell) for cell in self.imputed_cells],
            "sources": [asdict(source) for source in self.sources],
            "proof": list(self.proof),
            "notes": list(self.notes),
            "voting": self.voting.to_dict() if self.voting is not None else None,
            "coalition": [one.to_dict() for one in self.coalition],
            "transfers": [
                {"otherwise": one.otherwise, **found.to_dict()} for one in self.coalition for found in one.transfers
            ],
            "model": self.model,
            "elasticities": self.elasticities,
            "channels": [asdict(entry) for entry in self.channels],
            "sectors": [asdict(row) for row in self.sectors],
            "sector_titles": self.sector_titles,
            "repairs": list(self.repairs),
        }
