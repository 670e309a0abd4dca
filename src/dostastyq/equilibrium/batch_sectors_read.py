"""What a batch with sectors reports, and the independent check of every scenario of it.

The check is that of `dostastyq.equilibrium.sectors.certificate` for all scenarios at a time: from incomes, price
indices and expenditure, with wedges rebuilt from the shock; nothing is taken from the solver's kernels. Flows are not
reported, and are compared when a scenario is opened.
"""

from dataclasses import dataclass

import numpy as np

from dostastyq.equilibrium.batch_sectors_stack import Library, SectorStack
from dostastyq.equilibrium.batch_sweep import Array, Passed, States, Worlds, by_sector, closing_deficit


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a batch reports of S scenarios, shape (S, N) each; ``residual`` is the largest of any equation, (S,)."""

    welfare: Array
    real_wage: Array
    residual: Array


def read(stack: SectorStack, worlds: Worlds, states: States, passed: Passed, to: Library) -> Reading:
    """Read welfare and real wages from solved scenarios, and certify them.

    Parameters
    ----------
    stack, worlds
        The shocks, and the solver's equations.
    states, passed
        The solved scenarios, and the last pass over them.
    to
        The array library.

    Returns
    -------
    Reading
    """
    xp = to.xp
    base, place = stack.base, stack.place
    income = xp.exp(states.log_income) * worlds.income
    deficit = closing_deficit(worlds, income)
    final = income + passed.revenue + deficit
    log_consumer = xp.sum(worlds.final_shares * passed.log_price, axis=0)
    before = to(place.by_state(base.final_income))
    welfare = 100 * xp.expm1(xp.log(final / before) - log_consumer)
    real_wage = 100 * xp.expm1(states.log_income - to(stack.labour) - log_consumer)
    return Reading(welfare, real_wage, _residual(stack, worlds, states, passed, final, to))


def _residual(  # noqa: PLR0917 -- what was solved and what is reported of it
    stack: SectorStack, worlds: Worlds, states: States, passed: Passed, final: Array, to: Library
) -> Array:
    """Largest relative error of every equation (Caliendo and Parro 2015, eqs 2-9), shape (S,)."""
    xp = to.xp
    base = stack.base
    weight = stack.bought() * np.exp(-base.theta[:, None, None, None] * stack.wedge())
    tariffs = 0.0 if stack.tariffs is None else stack.tariffs
    levels = np.zeros_like(base.shares) if base.tariffs is None else base.tariffs
    gross = stack.shared(base.shares, weight, to)
    border = stack.shared(base.shares / (1 + levels), weight / (1 + tariffs), to)
    income = xp.exp(states.log_income) * worlds.income
    deficit = closing_deficit(worlds, income)
    cost = worlds.value_added * states.log_income + by_sector(xp, passed.log_price, worlds.using) - worlds.shift
    power = xp.exp(-worlds.theta * cost)
    sums = xp.where(worlds.empty, 1.0, gross.forward(power, xp))
    scale = states.expenditure / sums
    imports = scale * border.forward(power, xp)
    sold = power * border.back(scale, xp)
    duties = xp.zeros_like(income)
    if stack.tariffs is not None:
        paid = stack.shared(base.shares * levels / (1 + levels), weight * tariffs / (1 + tariffs), to)
        duties = xp.sum(scale * paid.forward(power, xp), axis=0)
    wanted = worlds.final_shares * (income + duties + deficit) + by_sector(xp, sold, worlds.supplying)
    total = xp.sum(states.expenditure, axis=0)
    world = xp.sum(worlds.income)
    by_good = (xp.log(sums) / worlds.theta + passed.log_price, (wanted - states.expenditure) / total)
    by_state = (
        xp.sum(worlds.value_added * sold, axis=0) / income - 1,
        (income + duties + deficit) / final - 1,
        (xp.sum(imports - sold, axis=0) - deficit) / final,
    )
    whole = (xp.sum(income, axis=1) / world - 1, xp.sum(deficit, axis=1) / world)
    errors = [xp.max(xp.abs(error), axis=(0, 2)) for error in by_good]
    errors += [xp.max(xp.abs(error), axis=1) for error in by_state]
    return xp.max(xp.stack([*errors, *(xp.abs(error) for error in whole)]), axis=0)
