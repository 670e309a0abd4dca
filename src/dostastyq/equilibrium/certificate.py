"""How good a solution is: every equation of the model recomputed from the solution, by the textbook route."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dostastyq.equilibrium.labels import FloatArray
from dostastyq.equilibrium.one_sector import Base, Change, World

_SPREAD = 50.0


@dataclass(frozen=True, slots=True)
class Certificate:
    """The record of a solution.

    Parameters
    ----------
    residual
        Largest of `residuals`.
    iterations
        Steps taken, of all methods tried.
    converged
        Always True on a result that is returned: a solver that did not converge raises.
    method
        Which method solved it.
    residuals
        Largest relative error of each equation: ``goods_market`` (sales over income), ``budget`` (expenditure over
        income, revenue and deficit), ``price_index``, ``flows`` (flows reported over flows recomputed),
        ``world_deficit``, ``numeraire``.
    tolerance
        What was asked for.
    """

    residual: float
    iterations: int
    converged: bool
    method: str
    residuals: Mapping[str, float]
    tolerance: float

    def to_dict(self) -> dict[str, object]:
        """Plain dictionary, as the command prints it."""
        return {
            "residual": self.residual,
            "iterations": self.iterations,
            "converged": self.converged,
            "method": self.method,
            "residuals": dict(self.residuals),
            "tolerance": self.tolerance,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Plain arrays of a solved world: what the results are read from.

    Parameters
    ----------
    world
        The equations that were solved.
    log_income
        Log of the change of nominal income, v, shape (N,).
    income, spending
        Nominal income and spending net of tariffs, shape (N,).
    flows
        Tariff-exclusive flows, shape (N, N).
    tariffs
        Tariffs after the shock, shape (N, N), None for free trade.
    tariff_factor
        Average of 1+tau' over net spending, shape (N,).
    log_price
        Log of the consumer price index ratio, shape (N,).
    log_cost
        Log of the unit cost ratio, shape (N,).
    log_welfare
        Log of the real income ratio, shape (N,).
    """

    world: World
    log_income: FloatArray
    income: FloatArray
    spending: FloatArray
    flows: FloatArray
    tariffs: FloatArray | None
    tariff_factor: FloatArray
    log_price: FloatArray
    log_cost: FloatArray
    log_welfare: FloatArray


def certify(
    base: Base, change: Change, solution: Solution, *, iterations: int, method: str, tolerance: float
) -> Certificate:
    """Recompute every equation from tariff-inclusive shares, costs and wedges.

    The solver works with net shares and without tariff revenue; this check takes the textbook route (Caliendo and Parro
    2015, eqs 10-14) and shares no intermediate with it.

    Parameters
    ----------
    base, change, solution
        Calibrated world, shock, and what the solver found.
    iterations, method, tolerance
        The solver's record, copied.

    Returns
    -------
    Certificate
    """
    theta = base.theta
    weight, top = _weights(base, change, solution)
    sums = weight.sum(axis=1)
    log_phi = np.log(sums / base.gross.sum(axis=1)) + top
    weight /= sums[:, None]
    deficit = _deficit(base, solution) if change.deficit is None else change.deficit
    revenue: FloatArray | float = 0.0
    if solution.tariffs is None:
        weight *= (solution.income + deficit)[:, None]
    else:
        weight /= 1 + solution.tariffs
        weight *= ((solution.income + deficit) / weight.sum(axis=1))[:, None]
        revenue = np.einsum("ni,ni->n", solution.tariffs, solution.flows)
    total = solution.world.total
    residuals = {
        "goods_market": _largest(weight.sum(axis=0) / solution.income - 1),
        "budget": _largest((solution.income + deficit + revenue) / (solution.spending * solution.tariff_factor) - 1),
        "price_index": _largest(log_phi / theta + solution.log_price),
        "world_deficit": abs(float(deficit.sum())) / float(base.output.sum()),
        "numeraire": _largest(total(solution.income) / total(base.output) - 1),
    }
    weight -= solution.flows
    residuals["flows"] = float((np.abs(weight, out=weight).max(axis=1) / solution.spending).max())
    residual = max(residuals.values())
    return Certificate(residual, iterations, residual <= tolerance, method, residuals, tolerance)


def _weights(base: Base, change: Change, solution: Solution) -> tuple[FloatArray, FloatArray | float]:
    """Gross flows times (kappa c)^-theta, each row divided by its largest factor where the spread asks for it."""
    power = np.empty_like(base.flows)
    power[:] = solution.log_cost
    if change.log_cost is not None:
        power += change.log_cost
    if change.tariffs is not None:
        power += np.log1p(change.tariffs)
        if base.tariffs is not None:
            power -= np.log1p(base.tariffs)
    power *= -base.theta
    top: FloatArray | float = 0.0
    if not (base.full and power.max() < _SPREAD and power.min() > -_SPREAD):
        power = np.where(base.gross > 0, power, -np.inf)
        largest = power.max(axis=1)
        power -= largest[:, None]
        top = largest
    np.exp(power, out=power)
    power *= base.gross
    return power, top


def _deficit(base: Base, solution: Solution) -> FloatArray:
    """D' as the closure demands at the solved incomes."""
    if base.closure == "additive":
        return base.deficit
    wanted = base.spending / base.output * solution.income
    total = solution.world.total
    return np.asarray(wanted * (total(solution.income) / total(wanted)) - solution.income)


def _largest(error: FloatArray | float) -> float:
    return float(np.abs(error).max())
