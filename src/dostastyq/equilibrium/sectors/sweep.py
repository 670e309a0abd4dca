r"""One pass over all equations: from unit costs, incomes and expenditure to better ones.

The state is :math:`(\ln c_{ij},v_n,X_{nj})` with :math:`v=\ln\hat w\hat L`. With :math:`u_{ij}=c_{ij}^{-\theta_j}`

.. math:: \Phi_{nj}=\sum_iG_{nij}u_{ij},\quad P_{nj}=\Phi_{nj}^{-1/\theta_j},\quad s_{nj}=X_{nj}/\Phi_{nj},\quad
          Y_{ij}=u_{ij}\sum_nS_{nij}s_{nj},\quad z_n=\ln\frac{\sum_j\gamma_{nj}Y_{nj}}{e^{v_n}V_n},

.. math:: v_n\leftarrow v_n+\rho z_n-\text{numeraire},\quad
          I_n=e^{v_n}V_n+R_n+D'_n,\quad X_{nj}\leftarrow\alpha_{nj}I_n+\sum_k\Gamma_{njk}Y_{nk},

.. math:: \ln c_{nj}\leftarrow\gamma_{nj}v_n+\sum_k\Gamma_{nkj}\ln P_{nk}-\ln A_{nj}-\gamma_{nj}\ln L_n .

Taxes are what buyers pay less what crosses the border, plus what crosses it less what producers keep,
:math:`R_n=\sum_j X_{nj}-\sum_{ij}s_{nj}H_{nij}u_{ij}+\sum_{mj}s_{mj}(H-S)_{mnj}u_{nj}`. Every array of size
:math:`N^2J` and :math:`NJ^2` is read once a sweep. `sweep` is the NumPy path, `compiled` the same in machine code.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from dostastyq.equilibrium.labels import FloatArray
from dostastyq.equilibrium.sectors.system import System


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """The unknowns.

    Parameters
    ----------
    log_cost
        Log of the unit cost ratio, shape (J, N).
    log_income
        Log of the change of value added, v, shape (N,).
    expenditure
        X', shape (J, N).
    """

    log_cost: FloatArray
    log_income: FloatArray
    expenditure: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Swept:
    """What one sweep gives.

    Parameters
    ----------
    state
        The better state.
    log_price
        Log of the price index ratio of each sector at the old state, shape (J, N).
    output
        Revenue of producers at the old state, shape (J, N).
    excess
        Excess demand for labour at the old state, logs, shape (N,).
    """

    state: State
    log_price: FloatArray
    output: FloatArray
    excess: FloatArray


Sweep = Callable[[System, State, FloatArray | float], Swept]


def start(system: System) -> State:
    """Where a solve starts from cold: the base, with unit costs moved by productivity."""
    return State(-system.shift, np.zeros_like(system.deficit), system.base.expenditure)


def closing_deficit(system: System, log_income: FloatArray) -> FloatArray:
    """D' as the closure demands at given incomes, shape (N,)."""
    if system.ratio is None:
        return system.deficit
    income = np.exp(log_income) * system.base.income
    wanted = system.ratio * income
    count = int(system.parts.max()) + 1
    total, asked = (np.bincount(system.parts, values, count) for values in (income, wanted))
    return np.asarray(wanted * (total / asked)[system.parts] - income)


def to_numeraire(system: System, log_income: FloatArray) -> FloatArray:
    """Scale incomes so that value added of each part of the world keeps its base sum, shape (N,)."""
    count = int(system.parts.max()) + 1
    base = system.base.income
    now = np.bincount(system.parts, np.exp(log_income) * base, count)
    return np.asarray(log_income - np.log(now / np.bincount(system.parts, base, count))[system.parts])


def sweep(system: System, state: State, step: FloatArray | float) -> Swept:
    """One pass in NumPy.

    Parameters
    ----------
    system
        The equations.
    state
        Where they are evaluated.
    step
        Share rho of the excess demand for labour by which incomes move, a number or shape (N,).

    Returns
    -------
    Swept
    """
    base = system.base
    theta = base.theta[:, None]
    cost = np.exp(-theta * (state.log_cost - system.reference))[:, :, None]
    phi = (system.kernel @ cost)[:, :, 0]
    empty = phi == 0
    phi = np.where(empty, 1.0, phi)
    log_price = np.where(empty, 0.0, -(np.log(phi) + system.top) / theta)
    scale = np.where(empty, np.where(state.expenditure == 0, 0.0, np.nan), state.expenditure / phi)
    sold = cost[:, :, 0] * (scale[:, None, :] @ system.sales)[:, 0]
    imports = (scale * (system.border @ cost)[:, :, 0]).sum(axis=0)
    revenue = state.expenditure.sum(axis=0) - imports
    if system.sales is not system.border:
        revenue = revenue + (cost[:, :, 0] * (scale[:, None, :] @ system.border)[:, 0] - sold).sum(axis=0)
    excess = np.log((base.value_added * sold).sum(axis=0) / base.income) - state.log_income
    log_income = to_numeraire(system, state.log_income + step * excess)
    income = np.exp(log_income) * base.income + revenue + closing_deficit(system, log_income)
    bought = np.matmul(base.inputs, sold.T[:, :, None])[:, :, 0].T
    inputs = np.matmul(log_price.T[:, None, :], base.inputs)[:, 0].T
    after = State(
        base.value_added * log_income + inputs - system.shift, log_income, base.final_shares * income + bought
    )
    return Swept(after, log_price, sold, excess)


@cache
def _kernels() -> Callable[..., None]:
    from dostastyq.equilibrium.sectors.kernel import pass_over  # noqa: PLC0415 -- numba is heavy at start-up

    return pass_over


def compiled(system: System, state: State, step: FloatArray | float) -> Swept:
    """Make the same pass in machine code; see `sweep`."""
    base = system.base
    shape = state.expenditure.shape
    log_price, output, expenditure, log_cost = (np.empty(shape) for _ in range(4))
    excess, log_income = np.empty(shape[1]), np.empty(shape[1])
    _kernels()(
        system.kernel, system.border, system.sales, system.sales is not system.border, system.top, system.reference,
        base.theta, base.value_added, base.inputs, base.final_shares, system.shift, base.income, system.deficit,
        np.empty(0) if system.ratio is None else system.ratio, system.parts, np.full(shape[1], step),
        state.log_cost, state.log_income, state.expenditure,
        log_price, output, excess, log_cost, log_income, expenditure,
    )  # fmt: skip
    return Swept(State(log_cost, log_income, expenditure), log_price, output, excess)
