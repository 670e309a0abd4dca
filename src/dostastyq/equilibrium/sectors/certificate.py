"""How good a solution with sectors is: every equation recomputed from what the result says, by the textbook route."""

from dataclasses import dataclass

import numpy as np

from dostastyq.equilibrium.certificate import Certificate
from dostastyq.equilibrium.labels import FloatArray
from dostastyq.equilibrium.sectors.base import Base
from dostastyq.equilibrium.sectors.solve import Attempt
from dostastyq.equilibrium.sectors.sweep import closing_deficit
from dostastyq.equilibrium.sectors.system import Change, System


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Plain arrays of a solved world; J sectors, N states.

    Parameters
    ----------
    system, change
        The equations that were solved and the shock.
    log_cost, log_price
        Logs of unit cost and of the price index of each sector, ratios, shape (J, N).
    log_income
        Log of the change of value added, shape (N,).
    expenditure
        X', shape (J, N).
    shares
        New shares of expenditure, shape (J, N, N).
    flows
        Tariff-exclusive flows at the border, shape (J, N, N).
    output
        Revenue of producers, shape (J, N).
    revenue, deficit, final_income
        R', D' and I', shape (N,).
    log_consumer
        Log of the consumer price index ratio, shape (N,).
    log_welfare
        Log of the real income ratio, shape (N,).
    """

    system: System
    change: Change
    log_cost: FloatArray
    log_price: FloatArray
    log_income: FloatArray
    expenditure: FloatArray
    shares: FloatArray
    flows: FloatArray
    output: FloatArray
    revenue: FloatArray
    deficit: FloatArray
    final_income: FloatArray
    log_consumer: FloatArray
    log_welfare: FloatArray


def new_shares(system: System, log_cost: FloatArray) -> FloatArray:
    """Shares of expenditure at given unit costs, shape (J, N, N); an empty row stays empty."""
    shares = system.kernel * np.exp(-system.base.theta[:, None] * (log_cost - system.reference))[:, None, :]
    if system.kernel is not system.base.shares or log_cost.any():
        sums = shares.sum(axis=2, keepdims=True)
        shares /= np.where(sums > 0, sums, 1.0)
    return shares


def read(attempt: Attempt, change: Change) -> Solution:
    """Read the results off a solved state.

    Parameters
    ----------
    attempt
        Where the solver stopped.
    change
        The shock.

    Returns
    -------
    Solution
    """
    system, state, swept = attempt.system, attempt.state, attempt.swept
    base = system.base
    shares = new_shares(system, state.log_cost)
    flows = shares * state.expenditure[:, :, None]
    if system.tariffs is not None:
        flows /= 1 + system.tariffs
    imports, exports = flows.sum(axis=(0, 2)), flows.sum(axis=(0, 1))
    output = (flows if system.export_taxes is None else flows / (1 + system.export_taxes)).sum(axis=1)
    revenue = np.zeros_like(imports)
    if system.tariffs is not None or system.export_taxes is not None:
        revenue = state.expenditure.sum(axis=0) - imports + exports - output.sum(axis=0)
    deficit = closing_deficit(system, state.log_income)
    final_income = np.exp(state.log_income) * base.income + revenue + deficit
    log_consumer = (base.final_shares * swept.log_price).sum(axis=0)
    return Solution(
        system=system,
        change=change,
        log_cost=state.log_cost,
        log_price=swept.log_price,
        log_income=state.log_income,
        expenditure=state.expenditure,
        shares=shares,
        flows=flows,
        output=output,
        revenue=revenue,
        deficit=deficit,
        final_income=final_income,
        log_consumer=log_consumer,
        log_welfare=np.log(final_income / base.final_income) - log_consumer,
    )


def certify(solution: Solution, closure: str, *, iterations: int, method: str, tolerance: float) -> Certificate:
    """Recompute every equation from incomes, price indices and expenditure alone.

    The wedges are rebuilt pair by pair from the shock and the base (Caliendo and Parro 2015, eqs 2-9); nothing is taken
    from the kernels of the solver.

    Parameters
    ----------
    solution
        What the solver found.
    closure
        Closure of the deficits.
    iterations, method, tolerance
        The solver's record, copied.

    Returns
    -------
    Certificate
    """
    base, change = solution.system.base, solution.change
    income = np.exp(solution.log_income) * base.income
    cost = _unit_costs(base, change, solution)
    log_phi, shares = _shares(base, change, cost)
    tariffs = base.tariffs if change.tariffs is None else change.tariffs
    taxes = base.export_taxes if change.export_taxes is None else change.export_taxes
    border = shares
    border *= solution.expenditure[:, :, None]
    duties = np.zeros_like(income)
    if tariffs is not None:
        border /= 1 + tariffs
        duties = np.einsum("jni,jni->n", tariffs, border)
    sold = border if taxes is None else border / (1 + taxes)
    if taxes is not None:
        duties = duties + np.einsum("jni,jni->i", taxes, sold)
    output = sold.sum(axis=1)
    deficit = _deficit(base, change, solution, closure, income)
    final = base.final_shares * (income + duties + deficit)
    wanted = final + np.einsum("nkj,jn->kn", base.inputs, output)
    total = solution.expenditure.sum(axis=0)
    earned = (base.value_added * output).sum(axis=0)
    balance = border.sum(axis=(0, 2)) - border.sum(axis=(0, 1)) - deficit
    parts = solution.system.parts
    count = int(parts.max()) + 1
    residuals = {
        "price_index": _largest(np.where(np.isfinite(log_phi), log_phi / base.theta[:, None] + solution.log_price, 0)),
        "goods_market": _largest((wanted - solution.expenditure) / total),
        "labour_market": _largest(earned / income - 1),
        "budget": _largest((income + duties + deficit) / solution.final_income - 1),
        "trade_balance": _largest(balance / solution.final_income),
        "world_deficit": _largest(np.bincount(parts, deficit, count) / np.bincount(parts, base.income, count)),
        "numeraire": _largest(np.bincount(parts, income, count) / np.bincount(parts, base.income, count) - 1),
    }
    border -= solution.flows
    residuals["flows"] = _largest(np.abs(border, out=border).max(axis=(0, 2)) / total)
    residual = max(residuals.values())
    return Certificate(residual, iterations, bool(residual <= tolerance), method, residuals, tolerance)


def _unit_costs(base: Base, change: Change, solution: Solution) -> FloatArray:
    wage = solution.log_income - (0.0 if change.log_labour is None else change.log_labour)
    cost = base.value_added * wage + np.einsum("nkj,kn->jn", base.inputs, solution.log_price)
    return np.asarray(cost if change.log_productivity is None else cost - change.log_productivity)


def _shares(base: Base, change: Change, log_cost: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Ln Phi and shares by log-sum-exp over suppliers; ln Phi is not finite where nothing is bought."""
    power = np.repeat(log_cost[:, None, :], len(base.income), axis=1)
    if change.log_cost is not None:
        power += change.log_cost
    for new, old in ((change.tariffs, base.tariffs), (change.export_taxes, base.export_taxes)):
        if new is not None:
            power += np.log((1 + new) / (1 + (0.0 if old is None else old)))
    power *= -base.theta[:, None, None]
    power[base.shares == 0] = -np.inf
    top = power.max(axis=2, keepdims=True)
    power -= np.where(np.isfinite(top), top, 0.0)
    weight = np.exp(power, out=power)
    weight *= base.shares
    sums = weight.sum(axis=2, keepdims=True)
    log_phi = np.log(np.where(sums > 0, sums, 1.0)) + top
    weight /= np.where(sums > 0, sums, 1.0)
    return np.asarray(log_phi[:, :, 0]), weight


def _deficit(base: Base, change: Change, solution: Solution, closure: str, income: FloatArray) -> FloatArray:
    if change.deficit is not None:
        return change.deficit
    if closure != "proportional":
        return base.deficit
    wanted = (1 + base.deficit / base.income) * income
    parts = solution.system.parts
    common = [income[parts == part].sum() / wanted[parts == part].sum() for part in range(int(parts.max()) + 1)]
    return np.asarray(wanted * np.array(common)[parts] - income)


def _largest(error: FloatArray) -> float:
    return float(np.abs(error).max())
