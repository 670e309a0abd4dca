"""The sweep of `dostastyq.equilibrium.sectors.sweep` in machine code: each large array is read once, in order."""

# ruff: noqa: PLR0912, PLR0917 -- a pass takes plain arrays and reads them once

import math

import numba
import numpy as np
from numpy.typing import NDArray

from dostastyq.equilibrium.labels import FloatArray

FAST = {"reassoc", "contract", "nsz", "arcp"}


@numba.njit(nogil=True, cache=True, fastmath=FAST)
def pass_over(
    kernel: FloatArray,
    border: FloatArray,
    sales: FloatArray,
    taxed: bool,
    top: FloatArray,
    reference: FloatArray,
    theta: FloatArray,
    value_added: FloatArray,
    inputs: FloatArray,
    final_shares: FloatArray,
    shift: FloatArray,
    base_income: FloatArray,
    deficit: FloatArray,
    ratio: FloatArray,
    parts: NDArray[np.int64],
    step: FloatArray,
    log_cost: FloatArray,
    log_income: FloatArray,
    expenditure: FloatArray,
    log_price: FloatArray,
    output: FloatArray,
    excess: FloatArray,
    new_cost: FloatArray,
    new_income: FloatArray,
    new_expenditure: FloatArray,
) -> None:
    """One pass; the last six arrays are written."""
    sectors, states = expenditure.shape
    cost, sold, crossed = np.empty(states), np.empty(states), np.empty(states)
    revenue, earned = np.zeros(states), np.zeros(states)
    for j in range(sectors):
        for i in range(states):
            cost[i] = math.exp(-theta[j] * (log_cost[j, i] - reference[j, i]))
            sold[i] = 0.0
            crossed[i] = 0.0
        for n in range(states):
            phi = 0.0
            net = 0.0
            for i in range(states):
                phi += kernel[j, n, i] * cost[i]
                net += border[j, n, i] * cost[i]
            if phi == 0.0:
                log_price[j, n] = 0.0
                if expenditure[j, n] != 0.0:
                    revenue[n] = math.nan
                continue
            log_price[j, n] = -(math.log(phi) + top[j, n]) / theta[j]
            scale = expenditure[j, n] / phi
            revenue[n] += expenditure[j, n] - scale * net
            for i in range(states):
                sold[i] += sales[j, n, i] * scale
            if taxed:
                for i in range(states):
                    crossed[i] += (border[j, n, i] - sales[j, n, i]) * scale
        for i in range(states):
            output[j, i] = sold[i] * cost[i]
            earned[i] += value_added[j, i] * output[j, i]
            if taxed:
                revenue[i] += crossed[i] * cost[i]
    count = parts.max() + 1
    before, after, wanted = np.zeros(count), np.zeros(count), np.zeros(count)
    for n in range(states):
        excess[n] = math.log(earned[n] / base_income[n]) - log_income[n] if earned[n] > 0.0 else math.nan
        new_income[n] = log_income[n] + step[n] * excess[n]
        before[parts[n]] += base_income[n]
        after[parts[n]] += math.exp(new_income[n]) * base_income[n]
    proportional = ratio.shape[0] > 0
    for n in range(states):
        new_income[n] -= math.log(after[parts[n]] / before[parts[n]])
        if proportional:
            wanted[parts[n]] += ratio[n] * math.exp(new_income[n]) * base_income[n]
    column, costs = np.empty(sectors), np.empty(sectors)
    for n in range(states):
        income = math.exp(new_income[n]) * base_income[n]
        if proportional:
            final = ratio[n] * income * (before[parts[n]] / wanted[parts[n]]) + revenue[n]
        else:
            final = income + deficit[n] + revenue[n]
        for j in range(sectors):
            column[j] = output[j, n]
            costs[j] = value_added[j, n] * new_income[n] - shift[j, n]
        for k in range(sectors):
            bought = 0.0
            price = log_price[k, n]
            for j in range(sectors):
                bought += inputs[n, k, j] * column[j]
                costs[j] += inputs[n, k, j] * price
            new_expenditure[k, n] = final_shares[k, n] * final + bought
        for j in range(sectors):
            new_cost[j, n] = costs[j]
