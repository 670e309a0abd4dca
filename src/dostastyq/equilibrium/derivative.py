r"""How real income moves with the shock, by implicit differentiation, and what that says of uncertainty.

At the solution :math:`F(v,\varepsilon)=0`, so :math:`dv=-J^{-1}F_\varepsilon d\varepsilon` with the Jacobian of
Newton's method. For a direction :math:`(d\ln d, d\ln(1+\tau'), d\ln A)` let
:math:`g_{ni}=-\theta\,d\ln d_{ni}-(1+\theta)\,d\ln(1+\tau'_{ni})+\theta\,d\ln A_i` and
:math:`m_n=\sum_ih_{ni}g_{ni}`; then

.. math:: F_{\varepsilon,i}=\sum_nA_{in}(g_{ni}-m_n),\qquad
          d\ln E'_n=d\ln B'_n+\sum_i\pi'_{ni}(d\ln(1+\tau'_{ni})+g_{ni}-\theta dv_i)-m_n+\theta\sum_ih_{ni}dv_i,

.. math:: d\ln P_n=\sum_i\pi'_{ni}(d\ln d_{ni}+d\ln(1+\tau'_{ni})+dv_i-d\ln A_i).
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from dostastyq.equilibrium.certificate import Solution
from dostastyq.equilibrium.labels import FloatArray, Labels, Vector, frame
from dostastyq.equilibrium.one_sector import Base, Change, Point
from dostastyq.errors import DostastyqError

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True, eq=False)
class Directions:
    """K directions in which a shock can move; None where a part does not.

    Parameters
    ----------
    trade_cost, tariffs
        Directions of ln d and ln(1+tau'), shape (K, N, N).
    shift
        Directions of ln A + ln L, shape (K, N).
    elasticity
        Directions of theta, shape (K,).
    deficit
        Directions of fixed deficits, currency, shape (K, N).
    count
        K.
    """

    trade_cost: FloatArray | None
    tariffs: FloatArray | None
    shift: FloatArray | None
    count: int
    elasticity: FloatArray | None = None
    deficit: FloatArray | None = None

    @classmethod
    def of(  # noqa: PLR0917 -- the arguments of `Equilibrium.derivative`
        cls,
        size: int,
        trade_cost: object,
        tariffs: object,
        productivity: object,
        labour: object,
        elasticity: object = None,
    ) -> "Directions":
        """Check shapes; a single direction may lack the leading axis.

        Raises
        ------
        DostastyqError
            ``EQ001``, ``EQ002``, ``EQ024``.
        """
        shapes = {"trade_cost": (size, size), "tariffs": (size, size), "productivity": (size,), "labour": (size,)}
        given = dict(zip(shapes, (trade_cost, tariffs, productivity, labour), strict=True))
        parts = {name: stack(value, name, shapes[name]) for name, value in given.items() if value is not None}
        if elasticity is not None:
            parts["elasticity"] = np.asarray(elasticity, dtype=np.float64).reshape(-1)
        counts = {len(part) for part in parts.values()}
        if not parts:
            raise DostastyqError(
                "EQ024", "no direction was given; expected at least one", "give trade_cost=d ln d / d parameter"
            )
        if len(counts) > 1:
            found = ", ".join(f"{name} {len(part)}" for name, part in parts.items())
            raise DostastyqError(
                "EQ001", f"directions differ in number: {found}; expected the same K", "pad with zeros"
            )
        made, people = parts.get("productivity"), parts.get("labour")
        shift = made if people is None else people if made is None else made + people
        return cls(parts.get("trade_cost"), parts.get("tariffs"), shift, counts.pop(), parts.get("elasticity"))


def stack(value: object, name: str, shape: tuple[int, ...]) -> FloatArray:
    """K directions of one shape as an array (K, *shape); a single one may lack the leading axis.

    Raises
    ------
    DostastyqError
        ``EQ001``, ``EQ002``, ``EQ003``.
    """
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise DostastyqError("EQ002", f"directions of {name} are not numbers; expected an array (K, ...)") from None
    if array.shape == shape:
        array = array[None]
    if array.ndim != len(shape) + 1 or array.shape[1:] != shape:
        raise DostastyqError(
            "EQ001", f"directions of {name} have shape {array.shape}; expected (K, {', '.join(map(str, shape))})"
        )
    if not np.isfinite(array).all():
        raise DostastyqError("EQ003", f"directions of {name} are not all finite; expected numbers")
    return array


@dataclass(frozen=True, slots=True, eq=False)
class Tangent:
    """How the logs of the solved world move along K directions, each of shape (K, N).

    Parameters
    ----------
    income, spending, expenditure, price
        Derivatives of ln of nominal income, B', E' and P.
    pull
        Derivative of ln K, shape (K, N, N).
    access
        Derivative of ln Psi.
    """

    income: FloatArray
    spending: FloatArray
    expenditure: FloatArray
    price: FloatArray
    pull: FloatArray
    access: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Lever:
    """How theta moves shares and prices at given incomes: by the logs of the wedges and costs that it weighs.

    Parameters
    ----------
    pull
        Derivative of ln K_ni U_i, shape (N, N).
    price
        Derivative of ln P, shape (N,).
    """

    pull: FloatArray
    price: FloatArray

    @classmethod
    def of(cls, base: Base, change: Change, solution: Solution) -> "Lever":
        """Read it off a solved world: d ln P = (sum_i pi' ln(kappa c) - ln P) / theta."""
        cost = np.broadcast_to(solution.log_cost, solution.flows.shape)
        if change.log_cost is not None:
            cost = cost + np.where(solution.flows > 0, change.log_cost, 0.0)
        if change.tariffs is not None:
            cost = cost + np.log1p(change.tariffs) - (0.0 if base.tariffs is None else np.log1p(base.tariffs))
        gross = solution.flows if solution.tariffs is None else solution.flows * (1 + solution.tariffs)
        mean = (gross * cost).sum(axis=1) / (solution.spending * solution.tariff_factor)
        return cls(-cost, (mean - solution.log_price) / base.theta)


def tangent(
    theta: float, solution: Solution, point: Point, directions: Directions, lever: Lever | None = None
) -> Tangent:
    """Differentiate the solved world along `directions`.

    Parameters
    ----------
    theta
        Trade elasticity.
    solution, point
        The solved world.
    directions
        K directions.
    lever
        What theta does, needed where it is among the directions.

    Returns
    -------
    Tangent
        Log real income changes by ``expenditure - price``.

    Raises
    ------
    DostastyqError
        ``EQ034`` when the Jacobian is singular.
    """
    world = solution.world
    size = len(solution.flows)
    shares = solution.flows / solution.spending[:, None]
    cost = np.zeros((directions.count, size, size)) if directions.trade_cost is None else directions.trade_cost
    wedge = np.zeros((1, 1, 1)) if directions.tariffs is None else directions.tariffs
    shift = np.zeros((1, size)) if directions.shift is None else directions.shift
    pull = -theta * cost - (1 + theta) * wedge + theta * shift[:, None, :]
    if directions.elasticity is not None and lever is not None:
        pull = pull + directions.elasticity[:, None, None] * lever.pull
    mean_pull = np.einsum("ni,kni->kn", shares, pull)
    forced = np.einsum("ni,kni->ki", solution.flows / point.sales, pull - mean_pull[:, :, None])
    paid = None if directions.deficit is None else directions.deficit / solution.spending
    if paid is not None:
        forced = forced + paid @ (solution.flows / point.sales)
    try:
        income = np.linalg.solve(world.jacobian(point), -forced.T).T
    except np.linalg.LinAlgError:
        raise DostastyqError(
            "EQ034", "the Jacobian is singular here, so that welfare has no derivative", "solve a milder shock"
        ) from None
    diagonal, common = world.spending_slope(point)
    spending = diagonal * income
    if common is not None:
        spending = spending + income @ np.broadcast_to(world.spread(common), (size, size)).T
    if paid is not None:
        spending = spending + paid
    access = mean_pull - theta * income @ shares.T
    gross = shares if solution.tariffs is None else shares * (1 + solution.tariffs)
    gross = gross / solution.tariff_factor[:, None]
    expenditure = spending - access + np.einsum("ni,kni->kn", gross, wedge + pull) - theta * income @ gross.T
    price = np.einsum("ni,kni->kn", gross, cost + wedge) + (income - shift) @ gross.T
    if directions.elasticity is not None and lever is not None:
        price = price + directions.elasticity[:, None] * lever.price
    return Tangent(income, spending, expenditure, price, pull, access)


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """Interval of welfare, per cent of base real income.

    Parameters
    ----------
    low, high
        Bounds.
    standard_error
        Standard error of welfare, percentage points.
    level
        Coverage.
    """

    low: Vector
    high: Vector
    standard_error: Vector
    level: float

    def to_frame(self) -> "pl.DataFrame":
        """Give a polars frame: state, low, high, standard_error."""
        columns = (self.low, self.high, self.standard_error)
        return frame({"state": list(self.low.labels), **{column.name: column.values for column in columns}})


def make_interval(
    log_welfare: FloatArray, slopes: FloatArray, covariance: object, level: float, labels: Labels
) -> Interval:
    """Delta-method interval on ln real income.

    Parameters
    ----------
    log_welfare
        Log of the real income ratio, shape (N,).
    slopes
        Its derivative with respect to K parameters, shape (K, N).
    covariance
        Covariance of the parameters, shape (K, K), or a variance.
    level
        Coverage, between 0 and 1.
    labels
        Names of the states.

    Returns
    -------
    Interval

    Raises
    ------
    DostastyqError
        ``EQ025``.
    """
    count = len(slopes)
    matrix = np.atleast_2d(np.asarray(covariance, dtype=np.float64))
    if matrix.shape != (count, count):
        raise DostastyqError(
            "EQ025", f"the covariance has shape {matrix.shape}; expected ({count}, {count}), one row a direction"
        )
    if not np.isfinite(matrix).all() or not np.allclose(matrix, matrix.T, rtol=1e-8, atol=0):
        raise DostastyqError(
            "EQ025", "the covariance is not a symmetric matrix of numbers", "average it with its transpose"
        )
    least = float(np.linalg.eigvalsh(matrix).min())
    if least < -1e-10 * max(float(np.abs(matrix).max()), 1e-300):
        raise DostastyqError("EQ025", f"the covariance has an eigenvalue of {least:.3g}; expected none below 0")
    if not 0 < level < 1:
        raise DostastyqError("EQ025", f"the level is {level}; expected a number between 0 and 1", "0.95 is usual")
    error = np.sqrt(np.maximum(np.einsum("kn,kl,ln->n", slopes, matrix, slopes), 0.0))
    reach = NormalDist().inv_cdf(0.5 + level / 2) * error
    return Interval(
        Vector(100 * np.expm1(log_welfare - reach), labels, "low", "per cent"),
        Vector(100 * np.expm1(log_welfare + reach), labels, "high", "per cent"),
        Vector(100 * np.exp(log_welfare) * error, labels, "standard_error", "percentage points"),
        level,
    )
