"""What a batch reports, and the independent check of every scenario of it.

The check is that of `dostastyq.equilibrium.certificate`, for all scenarios at a time: from tariff-inclusive shares,
costs and wedges, without the solver's kernel. It compares what is reported; flows are not, and are compared when a
scenario is opened.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dostastyq.equilibrium.batch_stack import Patched, Stack
from dostastyq.equilibrium.labels import FloatArray

if TYPE_CHECKING:
    from dostastyq.equilibrium.batch import Points


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a batch reports of S scenarios.

    Parameters
    ----------
    welfare, real_wage
        Per cent, shape (S, N).
    residual
        Largest relative error of any equation, shape (S,).
    """

    welfare: FloatArray
    real_wage: FloatArray
    residual: FloatArray


def read(stack: Stack, kernel: Patched, points: "Points") -> Reading:
    """Read welfare and real wages from solved scenarios, and certify them.

    Parameters
    ----------
    stack
        The shocks.
    kernel
        The solver's kernels.
    points
        The solved scenarios.

    Returns
    -------
    Reading
    """
    base = stack.base
    factor: FloatArray = np.ones_like(points.income)
    if stack.tariffs is not None:
        levels = np.zeros_like(base.flows) if base.tariffs is None else base.tariffs
        duties = Patched.of(base.flows * levels, stack.rows, stack.columns, kernel.block * stack.tariffs)
        factor += duties.forward(points.attraction) / points.access
    log_factor = np.log(factor / base.tariff_factor)
    log_price = -(np.log(points.access / base.spending) + log_factor) / base.theta
    log_welfare = np.log(points.spending / base.spending) + log_factor - log_price
    log_wage = points.log_income if stack.labour is None else points.log_income - stack.labour
    residual = _residual(stack, points, factor, log_price)
    return Reading(100 * np.expm1(log_welfare), 100 * np.expm1(log_wage - log_price), residual)


def _residual(stack: Stack, points: "Points", factor: FloatArray, log_price: FloatArray) -> FloatArray:
    """Largest relative error of the goods markets, budgets, price indices, world deficit and numeraire, shape (S,)."""
    base, theta, place = stack.base, stack.base.theta, stack.place
    log_cost = points.log_income if stack.shift is None else points.log_income - stack.shift
    power = np.exp(-theta * log_cost)
    wedge = stack.log_cost if stack.tariffs is None else stack.log_cost + np.log1p(stack.tariffs)
    if base.tariffs is not None:
        wedge = wedge - np.log1p(base.tariffs[place])
    weight = base.gross[place] * np.exp(-theta * wedge)
    gross = Patched.of(base.gross, stack.rows, stack.columns, weight)
    sums = gross.forward(power)
    log_phi = np.log(sums / base.gross.sum(axis=1))
    net, paid = gross, sums
    if stack.tariffs is not None:
        shared = base.gross if base.tariffs is None else base.gross / (1 + base.tariffs)
        net = Patched.of(shared, stack.rows, stack.columns, weight / (1 + stack.tariffs))
        paid = net.forward(power)
    deficit = stack.fixed_deficit
    if deficit is None:
        wanted = base.spending / base.output * points.income
        deficit = wanted * (points.income.sum(axis=1) / wanted.sum(axis=1))[:, None] - points.income
    scale = (points.income + deficit) / paid
    errors = (
        power * net.back(scale) / points.income - 1,
        scale * sums / (points.spending * factor) - 1,
        log_phi / theta + log_price,
    )
    world = base.output.sum()
    single = np.abs(points.income.sum(axis=1) / world - 1), np.abs(np.atleast_2d(deficit).sum(axis=1)) / world
    largest = [np.abs(error).max(axis=1) for error in errors]
    return np.asarray(np.maximum.reduce([*largest, *(np.broadcast_to(error, len(sums)) for error in single)]))
