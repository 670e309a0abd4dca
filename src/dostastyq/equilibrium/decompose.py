r"""Where a welfare change comes from: an exact decomposition, integrated along the path of the shock.

With tariff-exclusive flows :math:`T_{ni}` at the price :math:`p_{ni}=c_id_{ni}`, income :math:`Y_n`, revenue
:math:`R_n=\sum_i\tau_{ni}T_{ni}` and :math:`E_n=Y_n+R_n+D_n`, total differentiation of
:math:`\ln W_n=\ln E_n-\ln P_n` gives

.. math::

   E_n\,d\ln W_n =
   \underbrace{\sum_mT_{mn}\,d\ln c_n-\sum_iT_{ni}\,d\ln c_i}_{\text{terms of trade}}
   +\underbrace{\sum_i\tau_{ni}T_{ni}(d\ln T_{ni}-d\ln p_{ni})}_{\text{volume of trade}}
   -\underbrace{\sum_iT_{ni}\,d\ln d_{ni}}_{\text{trade costs}}
   +\underbrace{Y_n\,d\ln A_n}_{\text{productivity}}+\underbrace{Y_n\,d\ln
   L_n}_{\text{labour}}+\underbrace{dD_n}_{\text{deficit}} .

The first two terms are those of Caliendo and Parro (2015, eq. 15), there evaluated at the base; here
:math:`W_n-1=\int_0^1W_n\,d\ln W_n` runs along the solved path on which the log of every wedge grows in proportion, by
Gauss-Legendre quadrature, so that the terms add up to the equivalent variation.
"""

from typing import TYPE_CHECKING

import numpy as np

from dostastyq.equilibrium.derivative import Directions, tangent
from dostastyq.equilibrium.labels import FloatArray
from dostastyq.equilibrium.one_sector import Base, Change
from dostastyq.errors import DostastyqError

if TYPE_CHECKING:
    from dostastyq.equilibrium.one_results import OneSectorEquilibrium

TERMS = ("terms_of_trade", "volume_of_trade", "trade_costs", "productivity", "labour", "deficit")
_AGREEMENT = 1e-6


def decompose(equilibrium: "OneSectorEquilibrium", steps: int) -> dict[str, object]:
    """Integrate the terms of the decomposition.

    Parameters
    ----------
    equilibrium
        A solved world.
    steps
        Nodes of the quadrature, one solve each.

    Returns
    -------
    dict
        From each of the terms and ``total`` to per cent of base real income, shape (N,).

    Raises
    ------
    DostastyqError
        ``EQ037`` when the terms miss the welfare change by more than 1e-6 of it (more steps are needed); ``EQ038``
        when a link is closed altogether, so that there is no path.
    """
    base, change = equilibrium.economy.base, equilibrium.change
    if change.log_cost is not None and not np.isfinite(change.log_cost).all():
        raise DostastyqError(
            "EQ038", "a closed link has no path of trade costs to integrate over", "use a large finite trade cost"
        )
    if steps < 1:
        raise DostastyqError("EQ037", f"{steps} steps; expected at least 1", "16 is usual")
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    total = np.zeros((len(TERMS), len(base.output)))
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        at_node = equilibrium.economy.solve_change(_part(base, change, node), tolerance=1e-10)
        total += 100 * weight * _terms(at_node, change)
    gap = np.abs(total.sum(axis=0) - equilibrium.welfare.values)
    if (gap > _AGREEMENT * np.maximum(1, np.abs(equilibrium.welfare.values))).any():
        raise DostastyqError(
            "EQ037",
            f"with {steps} steps the decomposition misses welfare by {gap.max():.3g} percentage points; expected at"
            f" most {_AGREEMENT:g}",
            f"try steps={4 * steps}",
        )
    return {**dict(zip(TERMS, total, strict=True)), "total": total.sum(axis=0)}


def _wedge(base: Base, change: Change) -> FloatArray | None:
    if change.tariffs is None:
        return None
    return np.log1p(change.tariffs) - (0.0 if base.tariffs is None else np.log1p(base.tariffs))


def _part(base: Base, change: Change, share: float) -> Change:
    wedge = _wedge(base, change)
    old = 0.0 if base.tariffs is None else np.log1p(base.tariffs)
    return Change(
        None if change.log_cost is None else share * change.log_cost,
        None if wedge is None else np.expm1(old + share * wedge),
        None if change.log_productivity is None else share * change.log_productivity,
        None if change.log_labour is None else share * change.log_labour,
        None if change.deficit is None else base.deficit + share * (change.deficit - base.deficit),
    )


def _logs(base: Base, change: Change) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Give the logs of the shock as full arrays: trade cost, wedge of tariffs, productivity, labour."""
    wedge = _wedge(base, change)
    pairs, states = np.zeros_like(base.flows), np.zeros(len(base.output))
    return (
        pairs if change.log_cost is None else change.log_cost,
        pairs if wedge is None else wedge,
        states if change.log_productivity is None else change.log_productivity,
        states if change.log_labour is None else change.log_labour,
    )


def first_order(equilibrium: "OneSectorEquilibrium") -> dict[str, object]:
    """Evaluate the terms once, with the flows and tariffs of the base and the whole change of each factor less one.

    Parameters
    ----------
    equilibrium
        A solved world.

    Returns
    -------
    dict
        From each of the terms and ``total`` to per cent of base real income, shape (N,).
    """
    base, solution, change = equilibrium.economy.base, equilibrium.solution, equilibrium.change
    log_cost, _, made, people = _logs(base, change)
    flows = base.flows
    unit_cost, cost = np.expm1(solution.log_cost), np.expm1(log_cost)
    growth = np.divide(solution.flows, flows, out=np.ones_like(flows), where=flows > 0) - 1
    tariffs = 0.0 if base.tariffs is None else base.tariffs
    price = np.expm1(solution.log_cost + np.where(flows > 0, log_cost, 0.0))
    terms = np.stack(
        [
            base.output * unit_cost - flows @ unit_cost,
            (tariffs * flows * np.where(np.isfinite(price), growth - price, 0.0)).sum(axis=1),
            -np.where(flows > 0, flows * cost, 0.0).sum(axis=1),
            base.output * np.expm1(made),
            base.output * np.expm1(people),
            solution.spending - solution.income - base.deficit,
        ]
    )
    terms *= 100 / (base.spending * base.tariff_factor)
    return {**dict(zip(TERMS, terms, strict=True)), "total": terms.sum(axis=0)}


def _terms(at_node: "OneSectorEquilibrium", change: Change) -> FloatArray:
    """Integrand of each term: W times its part of d ln W, shape (terms, N)."""
    base, solution, point = at_node.economy.base, at_node.solution, at_node.point
    cost, wedge, made, people = _logs(base, change)
    owed = None if change.deficit is None else (change.deficit - base.deficit)[None]
    directions = Directions(cost[None], wedge[None], (made + people)[None], 1, deficit=owed)
    slope = tangent(base.theta, solution, point, directions)
    income, spending = slope.income[0], slope.spending[0]
    unit_cost = income - made - people
    flows = solution.flows
    volume = slope.pull[0] - base.theta * income - (slope.access[0] - spending)[:, None] - (cost + unit_cost)
    tariffs = 0.0 if solution.tariffs is None else solution.tariffs
    terms = np.stack(
        [
            solution.income * unit_cost - flows @ unit_cost,
            (tariffs * flows * volume).sum(axis=1),
            -(flows * cost).sum(axis=1),
            solution.income * made,
            solution.income * people,
            solution.spending * spending - solution.income * income,
        ]
    )
    return np.asarray(terms * np.exp(solution.log_welfare) / (solution.spending * solution.tariff_factor))
