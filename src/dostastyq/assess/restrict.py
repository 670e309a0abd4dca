"""Which part of a scenario a baseline can answer: the states that are economies of it, and what is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dostastyq.assess.regime import Design, design, settle
from dostastyq.assess.scenario import Scenario, Worlds
from dostastyq.assess.tariffs import World
from dostastyq.errors import DostastyqError
from dostastyq.trade import Baseline


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What is asked, restricted to the states that are economies of the baseline.

    Parameters
    ----------
    scenario
        States, members and worlds among them.
    absent
        States of the register inside an aggregate of the baseline.
    members_absent
        Members of the agreement among them.
    pairs
        The two worlds of each contrast, and the law at the baseline's date in each: unknowns are settled by contrast.
    """

    scenario: Scenario
    absent: tuple[str, ...]
    members_absent: tuple[str, ...]
    pairs: tuple["Pair", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two worlds to compare.

    Parameters
    ----------
    plan
        Their words.
    present, first, second
        Law at the baseline's date and in each world, no unknowns.
    unknown
        Pairs ``(importer, exporter)`` whose change is unknown.
    """

    plan: Worlds
    present: World
    first: World
    second: World
    unknown: NDArray[np.bool_]


def restrict(scenario: Scenario, present: pl.DataFrame, base: Baseline) -> Plan:
    """Keep the states that are economies of the baseline.

    Parameters
    ----------
    scenario
        Over the states of the register.
    present
        Pairs of the register at the baseline's date.
    base
        The baseline.

    Raises
    ------
    DostastyqError
        ``AS009`` when a state that leaves or joins is inside an aggregate, a state has no place at all, or fewer
        than two members stand alone, or no pair of these is touched.
    """
    inside = _inside(scenario, base)
    asked = [state for state in (*scenario.leave, *scenario.join) if state in inside]
    if asked:
        raise _refusal(asked, inside, base)
    states = tuple(state for state in scenario.states if state in base.economies)
    members = tuple(state for state in scenario.members if state in states)
    rows = [scenario.states.index(state) for state in states]
    law = design(present, scenario.states)
    pairs = tuple(pair_of(worlds, law, rows) for worlds in scenario.worlds)
    moved = any((pair.first.design != pair.second.design).any() for pair in pairs)
    elsewhere = any(not np.array_equal(w.before, w.after, equal_nan=True) for w in scenario.worlds)
    if len(members) < 2 or (elsewhere and not moved):
        raise _refusal([state for state in scenario.members if state in inside], inside, base)
    return Plan(
        replace(scenario, states=states, members=members),
        tuple(inside),
        tuple(state for state in scenario.members if state in inside),
        pairs,
    )


def pair_of(worlds: Worlds, law: Design, rows: list[int]) -> Pair:
    """Restrict two worlds to the states at `rows` of the register's, what the register does not know held unchanged."""
    present, before, after, unknown = settle(law, worlds.before, worlds.after)
    return Pair(
        worlds,
        World.of(present, rows),
        World.of(before, rows),
        World.of(after, rows),
        unknown[np.ix_(rows, rows)],
    )


def _inside(scenario: Scenario, base: Baseline) -> dict[str, str]:
    """States of the register that are no economies of the baseline, with the aggregate they are in."""
    missing = [state for state in scenario.states if state not in base.economies]
    rest = "ROW" if "ROW" in base.economies else None
    nowhere = [state for state in missing if base.detail.inside.get(state, rest) is None]
    if nowhere:
        raise DostastyqError(
            "AS009",
            f"baseline {base.name} has no economy for {', '.join(nowhere)}, and no ROW that could hold them",
            "add the states, or an economy ROW with the rest of the world",
        )
    return {state: base.detail.inside.get(state, "ROW") for state in missing}


def _refusal(states: Sequence[str], inside: Mapping[str, str], base: Baseline) -> DostastyqError:
    where = ", ".join(sorted({inside[state] for state in states}))
    reason = f": {base.detail.inside_reason}" if base.detail.inside_reason else ""
    return DostastyqError(
        "AS009",
        f"baseline {base.name} has no economy of its own for {', '.join(states)} (inside {where}{reason})",
        "use the one-sector model with --baseline cis-2023, where every state of the register stands alone",
    )
