r"""The equations of a world with one sector.

Letters are those of ``docs/notation.md``; n imports, i exports, hats are new over old. The base gives tariff-exclusive
flows :math:`T_{ni}`, tariffs :math:`\tau_{ni}`, output :math:`Y_i=\sum_n T_{ni}`, spending net of tariffs
:math:`B_n=\sum_i T_{ni}` and expenditure :math:`E_n=\sum_i(1+\tau_{ni})T_{ni}`. In exact hat algebra (Dekle, Eaton and
Kortum 2007; with tariffs Caliendo and Parro 2015, eqs 10-14) the tariff-inclusive shares of the new world are

.. math:: \pi'_{ni} = \pi_{ni}(\kappa_{ni}\hat c_i)^{-\theta}/\Phi_n,\quad
          \kappa_{ni} = \frac{1+\tau'_{ni}}{1+\tau_{ni}}\hat d_{ni},\quad
          \hat c_i = \hat w_i/\hat A_i,\quad \hat P_n = \Phi_n^{-1/\theta}.

**Tariff revenue drops out of the wage equations.** A seller receives :math:`T'_{ni}=\pi'_{ni}E'_n/(1+\tau'_{ni})`. What
n pays to all sellers is :math:`B'_n=E'_n-R'_n=\hat w_nY_n+D'_n`, and of it i receives the share

.. math:: h_{ni} = K_{ni}U_i/\Psi_n,\quad
          K_{ni} = \frac{T_{ni}}{B_n}\Bigl(\frac{1+\tau'_{ni}}{1+\tau_{ni}}\Bigr)^{-(1+\theta)}\hat
          d_{ni}^{-\theta}\hat A_i^{\theta}, \quad U_i=\hat w_i^{-\theta},\quad \Psi_n=\sum_iK_{ni}U_i .

With :math:`v=\ln\hat w` (more exactly the log of the change of nominal income, :math:`\hat w\hat L`) the equilibrium is
the root of N equations in which no tariff revenue appears:

.. math:: F_i(v)=\ln\sum_n h_{ni}B'_n-\ln(e^{v_i}Y_i) = 0 ,\qquad \textstyle\sum_ie^{v_i}Y_i=\sum_iY_i .

Closures: ``additive`` :math:`B'_n=e^{v_n}Y_n+D_n`; ``proportional`` :math:`B'_n=\Xi\varphi_ne^{v_n}Y_n` with
:math:`\varphi=B/Y` and the common factor :math:`\Xi=\sum e^vY/\sum\varphi e^vY` without which markets would not clear
(Campos, Reggio and Timini 2025, ge_gravity2); ``zero``: the base is first re-solved with :math:`D=0`. With
:math:`A_{in}=h_{ni}B'_n/S_i` the Jacobian is

.. math:: J = -(1+\theta)I+\theta Ah+A\,\frac{\partial\ln B'}{\partial v}-\mathbf 1y^\top .

Everything a person asks follows from :math:`\Psi` and the average tariff factor
:math:`\bar t_n=\sum_i(1+\tau'_{ni})h_{ni}`:
:math:`E'_n=B'_n\bar t_n`, :math:`\Phi_n=\Psi_n\bar t_n/\bar t^0_n`, so that real income changes by

.. math:: \ln\hat W_n=\ln\frac{B'_n}{B_n}+\frac1\theta\ln\Psi_n
          +\Bigl(1+\frac1\theta\Bigr)\ln\frac{\bar t_n}{\bar t^0_n}.

A part of the world that a shock cuts off from the rest is a world of its own: it has its own numeraire and its own
factor :math:`\Xi`; under the additive closure it must have no deficit with the rest.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dostastyq.equilibrium.labels import FloatArray

_SPREAD = 50.0
_LOST = -600.0


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """The calibrated world before any shock; arrays of size N, matrices ``[importer, exporter]``.

    Parameters
    ----------
    flows
        Tariff-exclusive flows T, shape (N, N), currency of the base year.
    tariffs
        Ad valorem tariffs as fractions, shape (N, N), None for free trade.
    theta
        Trade elasticity.
    closure
        ``"additive"``, ``"proportional"`` or ``"zero"``, which is proportional on a balanced base.
    output, spending
        Y and B, shape (N,).
    tariff_factor
        Average of 1+tau over net spending, shape (N,).
    gross
        Flows with tariffs, shape (N, N).
    full
        Whether no flow is zero.
    parts
        Membership of each state in a disconnected part, shape (N, parts), None when the world is in one piece.
    two_way
        Whether goods can come back, over others, along every link.
    """

    flows: FloatArray
    tariffs: FloatArray | None
    theta: float
    closure: str
    output: FloatArray
    spending: FloatArray
    tariff_factor: FloatArray
    gross: FloatArray
    full: bool
    parts: FloatArray | None
    two_way: bool

    @classmethod
    def of(cls, flows: FloatArray, tariffs: FloatArray | None, theta: float, closure: str) -> "Base":
        """Add up flows; tariffs that are all zero count as None."""
        if tariffs is not None and not tariffs.any():
            tariffs = None
        ones = np.ones(len(flows))
        spending = flows @ ones
        gross = flows if tariffs is None else flows * (1 + tariffs)
        factor = ones if tariffs is None else mean_tariff_factor(flows, tariffs, spending)
        output, linked = flows.sum(axis=0), flows > 0
        full, parts = bool(linked.all()), components(linked)
        two_way = full or is_two_way(linked, parts)
        return cls(flows, tariffs, theta, closure, output, spending, factor, gross, full, parts, two_way)

    @property
    def deficit(self) -> FloatArray:
        """D = B - Y, shape (N,)."""
        return self.spending - self.output


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A shock in logs, resolved against a base; None means unchanged.

    Parameters
    ----------
    log_cost
        Log of the iceberg ratio, shape (N, N); may be infinite.
    tariffs
        New ad valorem tariffs, shape (N, N).
    log_productivity, log_labour
        Logs of ratios, shape (N,).
    deficit
        New deficits in units of the numeraire, shape (N,).
    """

    log_cost: FloatArray | None = None
    tariffs: FloatArray | None = None
    log_productivity: FloatArray | None = None
    log_labour: FloatArray | None = None
    deficit: FloatArray | None = None

    def shift(self) -> FloatArray | None:
        """Log of the fall of unit costs at a given nominal income, ln A + ln L, shape (N,)."""
        if self.log_productivity is None or self.log_labour is None:
            return self.log_productivity if self.log_labour is None else self.log_labour
        return self.log_productivity + self.log_labour

    def log_factor(self, base: Base) -> FloatArray | None:
        """Log of K over its base value, shape (N, N); None when nothing changes."""
        factor = None if self.log_cost is None else -base.theta * self.log_cost
        if self.tariffs is not None:
            wedge = np.log1p(self.tariffs)
            if base.tariffs is not None:
                wedge -= np.log1p(base.tariffs)
            wedge *= -(1 + base.theta)
            factor = wedge if factor is None else np.add(factor, wedge, out=factor)
        shift = self.shift()
        if shift is not None:
            factor = (
                np.broadcast_to(base.theta * shift, base.flows.shape) if factor is None else factor + base.theta * shift
            )
        return factor


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """The equations evaluated at one vector of log incomes; see the module's letters."""

    log_income: FloatArray
    income: FloatArray
    spending: FloatArray
    attraction: FloatArray
    access: FloatArray
    sales: FloatArray
    excess: FloatArray
    residual: float


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """The N equations of one counterfactual.

    Parameters
    ----------
    kernel
        K times B, shape (N, N), each row divided by ``exp(log_scale)``; equal to the flows when nothing changes.
    log_scale
        Log scale taken out of each row of the kernel, shape (N,), or 0.0.
    theta
        Trade elasticity.
    output, base_spending
        Y and B of the base, shape (N,).
    proportional
        Whether spending is proportional to income; otherwise B - Y is fixed.
    parts
        Membership in disconnected parts, shape (N, parts), or None.
    two_way
        Whether goods can come back, over others, along every link.
    """

    kernel: FloatArray
    log_scale: FloatArray | float
    theta: float
    output: FloatArray
    base_spending: FloatArray
    proportional: bool
    parts: FloatArray | None
    two_way: bool

    def total(self, values: FloatArray) -> FloatArray | np.float64:
        """Sum over the world, or over each state's part of it (then shape (N,))."""
        if self.parts is None:
            return np.float64(np.add.reduce(values))
        return np.asarray(self.parts @ (values @ self.parts))

    def spending(self, growth: FloatArray) -> FloatArray:
        """B' at given ratios of nominal income, shape (N,); exactly B where they are 1."""
        if not self.proportional:
            return self.base_spending + self.output * (growth - 1)
        wanted = self.base_spending * growth
        common = self.total(self.output * growth) / self.total(wanted)
        return np.asarray(wanted * (common / (self.output.sum() / self.base_spending.sum())))

    def evaluate(self, log_income: FloatArray) -> Point | None:
        """Evaluate the excess demands F at `log_income`, None where they are not defined.

        Proportional spending makes F homogeneous, so the numeraire is imposed on `log_income`; otherwise its log is
        taken off F.
        """
        growth = np.exp(log_income)
        income = self.output * growth
        drift = np.log(self.total(income) / self.total(self.output))
        if self.proportional:
            log_income = log_income - drift
            growth = np.exp(log_income)
            income = self.output * growth
        spending = self.spending(growth)
        if not spending.min() > 0:
            return None
        attraction = np.exp(-self.theta * log_income)
        access = self.kernel @ attraction
        sales = attraction * ((spending / access) @ self.kernel)
        excess = np.log(sales / income)
        if not self.proportional:
            excess -= drift
        residual = float(np.abs(excess).max())
        if not residual < np.inf:
            return None
        return Point(log_income, income, spending, attraction, access, sales, excess, residual)

    def flows(self, point: Point) -> FloatArray:
        """Tariff-exclusive flows ``[importer, exporter]``, shape (N, N)."""
        flows = self.kernel * (point.spending / point.access)[:, None]
        flows *= point.attraction
        return flows

    def spending_slope(self, point: Point) -> tuple[FloatArray, FloatArray | None]:
        """Differentiate ln B' in log incomes: a diagonal, and a row common to the states of one part."""
        if not self.proportional:
            return point.income / point.spending, None
        wanted = self.base_spending * np.exp(point.log_income)
        common = point.income / self.total(point.income) - wanted / self.total(wanted)
        return np.ones_like(common), common

    def spread(self, row: FloatArray) -> FloatArray:
        """Give every state of a part the same row, shape (N,) or (N, N)."""
        return row if self.parts is None else (self.parts @ self.parts.T) * row

    def jacobian(self, point: Point) -> FloatArray:
        """Jacobian of the excess demands, shape (N, N)."""
        flows = self.flows(point)
        diagonal, common = self.spending_slope(point)
        shares = flows / (point.spending / self.theta)[:, None]
        shares.flat[:: len(shares) + 1] += diagonal
        matrix = (flows / point.sales).T @ shares
        row = -point.income / self.total(point.income)
        if common is not None:
            row += common
        matrix += self.spread(row)
        matrix.flat[:: len(row) + 1] -= 1 + self.theta
        return matrix


def mean_tariff_factor(flows: FloatArray, tariffs: FloatArray, spending: FloatArray) -> FloatArray:
    """Average of 1+tau over spending net of tariffs, shape (N,)."""
    return np.asarray(1 + np.einsum("ni,ni->n", flows, tariffs) / spending)


def reached(linked: NDArray[np.bool_], start: int) -> NDArray[np.bool_]:
    """States that can be reached from `start` along links ``[from, to]``, itself included, shape (N,)."""
    member = np.zeros(len(linked), dtype=np.bool_)
    member[start] = True
    frontier = member
    while frontier.any():
        frontier = linked[frontier].any(axis=0) & ~member
        member = member | frontier
    return member


def components(linked: NDArray[np.bool_]) -> FloatArray | None:
    """Disconnected parts of a graph as a membership matrix, None when there is one part.

    Parameters
    ----------
    linked
        Whether two states are linked, shape (N, N), in either direction.

    Returns
    -------
    numpy.ndarray or None
        Shape (N, parts), ones and zeros.

    Examples
    --------
    >>> components(np.eye(2, dtype=bool))
    array([[1., 0.],
           [0., 1.]])
    """
    either = linked | linked.T
    left = np.ones(len(either), dtype=np.bool_)
    parts = []
    while left.any():
        parts.append(reached(either, int(left.argmax())))
        left &= ~parts[-1]
    return None if len(parts) == 1 else np.stack(parts, axis=1).astype(np.float64)


def is_two_way(linked: NDArray[np.bool_], parts: FloatArray | None) -> bool:
    """Tell whether every part is strongly connected.

    Examples
    --------
    >>> is_two_way(np.array([[True, True], [False, True]]), None)
    False
    """
    starts = [0] if parts is None else parts.argmax(axis=0).tolist()
    members = np.ones((1, len(linked))) if parts is None else parts.T
    return all(
        bool((reached(way, start) == member.astype(np.bool_)).all())
        for start, member in zip(starts, members, strict=True)
        for way in (linked, linked.T)
    )


def build(base: Base, factor: FloatArray | None, deficit: FloatArray | None = None) -> World:
    """Equations of `base` under a log factor on its kernel.

    Parameters
    ----------
    base
        The calibrated world.
    factor
        Log of K over its base value, shape (N, N), None for no change; see `Change.log_factor`.
    deficit
        Deficits that replace those of the closure, shape (N,), or None.

    Returns
    -------
    World
    """
    scale: FloatArray | float = 0.0
    parts, two_way = base.parts, base.two_way
    if factor is None:
        kernel = base.flows
    elif factor.max() <= _SPREAD and factor.min() >= -_SPREAD:
        kernel = np.exp(factor)
        kernel *= base.flows
    else:
        factor = np.where(base.flows > 0, factor, -np.inf)
        scale = factor.max(axis=1)
        scale = np.where(np.isfinite(scale), scale, 0.0)
        kernel = base.flows * np.exp(factor - scale[:, None])
        if factor.min() < _LOST:
            parts = components(kernel > 0)
            two_way = is_two_way(kernel > 0, parts)
    spending = base.spending if deficit is None else base.output + deficit
    proportional = base.closure != "additive" and deficit is None
    return World(kernel, scale, base.theta, base.output, spending, proportional, parts, two_way)
