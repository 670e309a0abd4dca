"""The verb of this package."""

from collections.abc import Sequence

import numpy as np

from dostastyq.coalition.effects import LITERATURE, Effects, Reference, assumed, check_kind, tariffs_alone
from dostastyq.coalition.external_tariff import ExternalTariff, external_tariff
from dostastyq.coalition.model import Atlas, Samples
from dostastyq.coalition.subsets import FloatArray
from dostastyq.coalition.table import coalitions, solve
from dostastyq.coalition.uncertainty import grid
from dostastyq.coalition.worlds import Worlds, base_flows, base_tariffs, check_members
from dostastyq.equilibrium import Economy
from dostastyq.errors import DostastyqError
from dostastyq.i18n import Text
from dostastyq.parallel import Cache, Progress

MOST_DRAWS = 100_000
"""Draws of the effects that are taken at most."""


def atlas(
    economy: Economy,
    members: Sequence[str],
    union: str = "customs_union",
    *,
    effects: Effects | float | None = None,
    reference: Reference | None = None,
    external: object = None,
    goods: Sequence[float] | None = None,
    draws: int = 0,
    workers: int = 1,
    cache: Cache | None = None,
    progress: Progress | None = None,
) -> Atlas:
    """Solve every coalition of some states: who gains, who loses, which unions hold.

    Parameters
    ----------
    economy
        Calibrated base.
    members
        The n states that may form a union; 2^n coalitions are solved.
    union
        ``"free_trade_area"``, ``"customs_union"`` or ``"economic_union"``.
    effects
        What a union does to the trade of its members: `Effects`, or one number of log points. By default the tariffs
        between members alone where the economy has tariffs, and otherwise the mean of the literature; the result says
        which.
    reference
        The world without union; by default the base as it is, taken to hold no preference between the states.
    external
        Common external tariff of a customs or economic union: ``"trade_weighted"`` (the default), ``"largest"``,
        ``"revenue_neutral"``, or rates. Only for an economy with tariffs.
    goods
        Share of the effects that applies to each sector: 1 for goods, 0 for services; all sectors by default.
    draws
        Draws of the effects for probabilities, spread evenly and the same in every run; 0 for none.
    workers, cache, progress
        As in `dostastyq.parallel.run`.

    Returns
    -------
    Atlas
        Outsiders keep their tariffs and their law with everybody; so do members towards outsiders, save for a common
        external tariff.

    Raises
    ------
    DostastyqError
        ``CO001`` to ``CO004`` for the states, ``CO005`` for the kind of union, ``CO006`` for the external tariff,
        ``CO008`` for the number of draws; codes of `Economy.solve_many`.

    Examples
    --------
    >>> from dostastyq.equilibrium import calibrate
    >>> economy = calibrate([[80, 10, 10], [10, 80, 10], [10, 10, 80]], labels=["ARM", "KAZ", "ROW"])
    >>> small = atlas(economy, ["ARM", "KAZ"], "free_trade_area", effects=0.2)
    >>> small.of("ARM", "KAZ")["ARM"].__round__(3), small.stable("mutual_benefit")
    (0.577, (('ARM', 'KAZ'),))
    """
    check_members(members, economy.labels)
    check_kind(union)
    if not 0 <= draws <= MOST_DRAWS:
        raise DostastyqError("CO008", f"found {draws} draws; expected 0 to {MOST_DRAWS}", "400 is usual")
    tariffs = base_tariffs(economy)
    chosen = _effects(effects, tariffs)
    worlds = Worlds(
        economy,
        tuple(members),
        union,
        chosen,
        reference or Reference(),
        _external(external, union, economy, _reference_tariffs(economy, members, reference)),
        None if goods is None else np.asarray(goods, dtype=np.float64),
    )
    nodes = grid(worlds, uncertain=draws > 0)
    unions, row = coalitions(len(members))
    found = solve(worlds, unions, nodes.coefficients, workers=workers, cache=cache, progress=progress)[:, row]
    samples = None
    if draws:
        samples = Samples(found[:, :, list(worlds.places)], nodes.weights(draws))
    return Atlas(worlds, found[0], expenditure(economy), samples, _notes(worlds, draws, nodes.places.shape[1]))


def expenditure(economy: Economy) -> FloatArray:
    """Expenditure of every economy in the base, shape (N,), unit of the flows."""
    return np.asarray(economy.solve().expenditure)


def _effects(effects: Effects | float | None, tariffs: FloatArray | None) -> Effects:
    if isinstance(effects, Effects):
        return effects
    if effects is not None:
        return assumed(effects)
    return LITERATURE if tariffs is None else tariffs_alone()


def _reference_tariffs(economy: Economy, members: Sequence[str], reference: Reference | None) -> FloatArray | None:
    """Tariffs of the reference world, shape (sectors, N, N): a member that stays out is an outsider like others."""
    tariffs = base_tariffs(economy)
    if tariffs is None or reference is None or reference.tariffs is None:
        return tariffs
    places = np.array([economy.labels.index(member) for member in members])
    tariffs = tariffs.copy()
    tariffs[np.ix_(np.arange(len(tariffs)), places, places)] = reference.tariffs
    return tariffs


def _external(rule: object, union: str, economy: Economy, tariffs: FloatArray | None) -> ExternalTariff | None:
    if rule is not None and union == "free_trade_area":
        raise DostastyqError(
            "CO006",
            "a free trade area has no common external tariff: each member keeps its own",
            "ask for a customs_union or an economic_union",
        )
    if rule is not None and tariffs is None:
        raise DostastyqError(
            "CO006",
            "the economy has no tariffs, so there is no external tariff to make common",
            "use a baseline with tariffs, or give calibrate(flows, tariffs=…) your own",
        )
    if tariffs is None or union == "free_trade_area":
        return None
    return external_tariff("trade_weighted" if rule is None else rule, base_flows(economy), tariffs)


def _notes(worlds: Worlds, draws: int, directions: int) -> tuple[str, ...]:
    notes: list[str] = [
        Text("One union at a time: states that are not in it are in none."),
        Text("Reference world: {text}.", text=worlds.reference.text),
        Text("Outsiders keep their tariffs and agreements; they do not answer."),
        worlds.effects.source,
    ]
    if worlds.tariffs is None and worlds.union != "free_trade_area":
        notes.append(
            Text("The base has no tariffs: a union is cheaper trade between its members, and has no external tariff.")
        )
    if worlds.external is not None:
        notes.append(
            Text(
                "Common external tariff by the rule {rule}; it also replaces preferences of members with outsiders.",
                rule=worlds.external.name,
            )
        )
    layers = [worlds.effects.kinds[kind] for kind in ("customs_union", "economic_union")]
    if layers[0] == layers[1] and worlds.union in ("customs_union", "economic_union"):
        notes.append(Text("The effects do not tell a customs union from an economic union."))
    notes.append(Text("Worths are equivalent variations at base prices, in millions of the base year's US dollars."))
    if draws:
        notes.append(
            Text("Probabilities are shares of {draws:,} draws of the effects; nothing else is varied.", draws=draws)
        )
    if draws and directions == 1:
        notes.append(
            Text(
                "One combination of the effects moves all pairs: a probability is mostly that of its sign, and tells "
                "little of one union rather than another."
            )
        )
    return tuple(notes)
