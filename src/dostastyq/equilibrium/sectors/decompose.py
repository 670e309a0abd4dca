r"""Where a welfare change comes from, with sectors: an exact decomposition along the path of the shock.

With border prices :math:`p_{nij}=c_{ij}d_{nij}(1+e_{nij})` total differentiation of :math:`\ln W_n=\ln I_n-\sum_j
\alpha_{nj}\ln P_{nj}`, with the zero-profit conditions :math:`d\ln c=\gamma\,d\ln w+\sum_k\Gamma_k\,d\ln P_k-d\ln A`
to take out inputs, gives

.. math::

   I_n\,d\ln W_n = \underbrace{\sum_{jm}T_{mnj}\,d\ln c_{nj}(1+e_{mnj})-\sum_{ji}T_{nij}\,d\ln c_{ij}(1+e_{nij})}
   _{\text{terms of trade}}
   +\underbrace{\sum_{ji}\tau_{nij}T_{nij}(d\ln T_{nij}-d\ln p_{nij})}_{\text{volume of trade}}

   +\underbrace{\sum_{jm}e_{mnj}Q_{mnj}(d\ln Q_{mnj}-d\ln c_{nj})}_{\text{export volume}}
   -\underbrace{\sum_{ji}T_{nij}\,d\ln d_{nij}}_{\text{trade costs}}
   +\underbrace{\sum_jY_{nj}\,d\ln A_{nj}}_{\text{productivity}}
   +\underbrace{V_n\,d\ln L_n}_{\text{labour}}+\underbrace{dD_n}_{\text{deficit}},

with :math:`Q=T/(1+e)` what producers keep. The first two terms are those of Caliendo and Parro (2015, eqs 15-17), who
evaluate them once, with the flows and tariffs of the base (`first_order`); here
:math:`W_n-1=\int_0^1W_n\,d\ln W_n` runs along the solved path on which the log of every wedge grows in proportion, by
Gauss-Legendre quadrature, so that the terms add up to the equivalent variation.
"""

from typing import TYPE_CHECKING

import numpy as np

from dostastyq.equilibrium.labels import FloatArray, frame
from dostastyq.equilibrium.sectors.base import Base
from dostastyq.equilibrium.sectors.derivative import Directions, tangent
from dostastyq.equilibrium.sectors.system import Change
from dostastyq.errors import DostastyqError

if TYPE_CHECKING:
    import polars as pl

    from dostastyq.equilibrium.sectors.results import SectorEquilibrium

PAIRS = ("terms_of_trade", "volume_of_trade", "export_volume", "trade_costs")
_AGREEMENT = 1e-6

Terms = dict[str, FloatArray]


def decompose(equilibrium: "SectorEquilibrium", steps: int, by: tuple[str, ...] | str) -> "pl.DataFrame":
    """Integrate the terms of the decomposition; see `SectorEquilibrium.decompose`."""
    wanted = _axes(by)
    economy, change = equilibrium.economy, equilibrium.change
    if change.log_cost is not None and not np.isfinite(change.log_cost).all():
        raise DostastyqError(
            "EQ038", "a closed link has no path of trade costs to integrate over", "use a large finite trade cost"
        )
    if steps < 1:
        raise DostastyqError("EQ037", f"{steps} steps; expected at least 1", "16 is usual")
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    total: Terms = {}
    warm = None
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        at_node = economy.solve_change(change.part(economy.base, float(node)), tolerance=1e-10, warm=warm)
        warm = at_node.state
        for name, values in _integrand(at_node, change).items():
            total[name] = total.get(name, 0.0) + 100 * weight * values
    gap = np.abs(_by_state(total) - equilibrium.welfare.values)
    if not (gap <= _AGREEMENT * np.maximum(1, np.abs(equilibrium.welfare.values))).all():
        raise DostastyqError(
            "EQ037",
            f"with {steps} steps the decomposition misses welfare by {gap.max():.3g} percentage points; expected at"
            f" most {_AGREEMENT:g}",
            f"try steps={4 * steps}",
        )
    return _tabulated(total, equilibrium, wanted)


def first_order(equilibrium: "SectorEquilibrium", by: tuple[str, ...] | str) -> "pl.DataFrame":
    """Evaluate the terms once at the base; see `SectorEquilibrium.first_order`."""
    wanted = _axes(by)
    base, solution, change = equilibrium.economy.base, equilibrium.solution, equilibrium.change
    flows = base.flows
    traded = flows > 0
    cost = np.exp(solution.log_cost)[:, None, :]
    tax = (1.0 + _levels(change.export_taxes, base.export_taxes)) / (1.0 + _levels(base.export_taxes, None))
    melt = np.ones(1) if change.log_cost is None else np.where(traded, np.exp(change.log_cost), 1.0)
    growth = np.where(traded, solution.flows / np.where(traded, flows, 1.0), 1.0)
    price = cost * tax
    old = _levels(base.export_taxes, None)
    kept = old / (1 + old) * flows
    finite = np.isfinite(price * melt)
    labour = np.ones_like(base.income) if change.log_labour is None else np.exp(change.log_labour)
    made = np.ones_like(base.output) if change.log_productivity is None else np.exp(change.log_productivity)
    terms: Terms = {
        "terms_of_trade": _both_ways(flows * (price - 1)),
        "volume_of_trade": _levels(base.tariffs, None)
        * flows
        * np.where(finite, growth - np.where(finite, price * melt, 1.0), 0.0),
        "export_volume": np.swapaxes(kept * (growth / tax - cost), 1, 2),
        "trade_costs": np.where(traded, -flows * (np.where(np.isfinite(melt), melt, 1.0) - 1), 0.0),
        "productivity": base.output * (made - 1),
        "labour": base.income * (labour - 1),
        "deficit": solution.deficit - base.deficit,
    }
    scaled = {name: 100 * _scaled(values, 1 / base.final_income) for name, values in terms.items()}
    return _tabulated(scaled, equilibrium, wanted)


def _levels(levels: FloatArray | None, default: FloatArray | None) -> FloatArray:
    if levels is not None:
        return levels
    return np.zeros(1) if default is None else default


def _both_ways(values: FloatArray) -> FloatArray:
    """Take what a price does to the buyer from what it does for the seller, ``[sector, state, partner]``."""
    return np.swapaxes(values, 1, 2) - values


def _scaled(values: FloatArray, factor: FloatArray) -> FloatArray:
    """Multiply by one number a state, whichever axes follow it."""
    return values * (factor[:, None] if values.ndim == 3 else factor)


def _direction(base: Base, change: Change) -> Directions:
    """Give the whole shock as one direction of logs."""
    wedges = []
    for new, old in ((change.tariffs, base.tariffs), (change.export_taxes, base.export_taxes)):
        wedges.append(None if new is None else (np.log1p(new) - (0.0 if old is None else np.log1p(old)))[None])
    parts = (change.log_cost, change.log_productivity, change.log_labour)
    cost, made, people = (None if part is None else part[None] for part in parts)
    owed = None if change.deficit is None else (change.deficit - base.deficit)[None]
    return Directions(1, cost, wedges[0], wedges[1], made, people, owed)


def _integrand(at_node: "SectorEquilibrium", change: Change) -> Terms:
    """W times each part of d ln W; pairs ``[sector, state, partner]``, the rest ``[sector, state]`` or ``[state]``."""
    solution = at_node.solution
    base, system = solution.system.base, solution.system
    direction = _direction(base, change)
    slope = tangent(solution, direction)
    flows, moved = solution.flows, slope.flows(solution)[0]
    cost = slope.log_cost[0][:, None, :]
    tax = np.zeros(1) if direction.export_taxes is None else direction.export_taxes[0]
    melt = np.zeros(1) if direction.trade_cost is None else direction.trade_cost[0]
    tariffs = _levels(system.tariffs, None)
    taxes = _levels(system.export_taxes, None)
    made = np.zeros(1) if direction.productivity is None else direction.productivity[0]
    people = np.zeros(1) if direction.labour is None else direction.labour[0]
    terms: Terms = {
        "terms_of_trade": _both_ways(flows * (cost + tax)),
        "volume_of_trade": tariffs * (moved - flows * (cost + tax + melt)),
        "export_volume": np.swapaxes(taxes / (1 + taxes) * (moved - flows * (tax + cost)), 1, 2),
        "trade_costs": -flows * melt,
        "productivity": solution.output * made,
        "labour": np.exp(solution.log_income) * base.income * people,
        "deficit": slope.deficit[0],
    }
    factor = np.exp(solution.log_welfare) / solution.final_income
    return {name: _scaled(values, factor) for name, values in terms.items()}


def _by_state(terms: Terms) -> FloatArray:
    return np.asarray(np.sum([_collapsed(values, ()) for values in terms.values()], axis=0))


def _collapsed(values: FloatArray, by: tuple[str, ...]) -> FloatArray:
    """Sum over what is not asked for; what has no such axis is booked to the state itself, or to no sector."""
    if values.ndim == 3:
        values = values if "sector" in by else values.sum(axis=0)
        return values if "partner" in by else values.sum(axis=-1)
    if values.ndim == 2 and "sector" not in by:
        values = values.sum(axis=0)
    if "partner" in by:
        values = values[..., None] * np.eye(values.shape[-1])
    return values


def _axes(by: tuple[str, ...] | str) -> tuple[str, ...]:
    wanted = (by,) if isinstance(by, str) else tuple(by)
    for name in wanted:
        if name not in {"partner", "sector"}:
            raise DostastyqError("EQ039", f"there is no axis {name!r}; expected 'partner', 'sector' or both")
    return tuple(name for name in ("sector", "partner") if name in wanted)


def _tabulated(terms: Terms, equilibrium: "SectorEquilibrium", by: tuple[str, ...]) -> "pl.DataFrame":
    """Make a long frame; what belongs to no sector stands in a row whose ``sector`` is null."""
    states, sectors = list(equilibrium.economy.labels), list(equilibrium.economy.sectors)
    axes: list[tuple[str, list[object]]] = [("state", list(states))]
    if "sector" in by:
        axes.insert(0, ("sector", [*sectors, None]))
    if "partner" in by:
        axes.append(("partner", list(states)))
    shape = tuple(len(names) for _, names in axes)
    columns: dict[str, object] = {}
    for place, (name, names) in enumerate(axes):
        inner, outer = int(np.prod(shape[place + 1 :])), int(np.prod(shape[:place]))
        columns[name] = [entry for _ in range(outer) for entry in names for _ in range(inner)]
    order = ["state", *by]
    columns = {name: columns[name] for name in order}
    total = np.zeros(shape)
    for name, values in terms.items():
        full = _collapsed(values, by)
        if "sector" in by:
            wide = np.zeros(shape)
            wide[: len(sectors) if values.ndim > 1 else 0] = full if values.ndim > 1 else 0.0
            if values.ndim == 1:
                wide[-1] = full
            full = wide
        columns[name] = full.ravel()
        total += full
    columns["total"] = total.ravel()
    return frame(columns)
