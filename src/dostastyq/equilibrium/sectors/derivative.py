r"""How a solved world with sectors moves with the shock and with the elasticities: the sweep, linearised.

At a solution the sweep of `dostastyq.equilibrium.sectors.sweep` stands still, so that its tangent
:math:`z=Az+b` does too, for each of K directions of
:math:`(\ln\hat d,\ln(1+\tau'),\ln(1+e'),\ln A,\ln L,\theta,D')`. With
:math:`g_{nij}=-\theta_jd\ln\kappa_{nij}-\ln(\kappa_{nij}c_{ij})\,d\theta_j` and
:math:`m_{nj}=dX_{nj}-X_{nj}\,d\ln\Phi_{nj}`

.. math:: d\ln\Phi_{nj}=\sum_i\pi'_{nij}(g_{nij}-\theta_jd\ln c_{ij}),\qquad
          d\ln P_{nj}=-\frac{d\ln\Phi_{nj}+\ln P_{nj}\,d\theta_j}{\theta_j},

.. math:: dT_{nij}=\frac{\pi'_{nij}}{1+\tau'_{nij}}m_{nj}
          +T_{nij}\bigl(g_{nij}-d\ln(1+\tau'_{nij})-\theta_jd\ln c_{ij}\bigr).

The forcing b is summed over pairs once; what is left of a step are three matrix products a sector for all directions
together. :math:`(I-A)z=b` is solved by GMRES (Saad and Schultz 1986), all directions side by side; no matrix of NJ
rows is formed.
"""

from dataclasses import dataclass

import numpy as np

from dostastyq.blas import one_thread
from dostastyq.equilibrium.derivative import stack
from dostastyq.equilibrium.labels import FloatArray
from dostastyq.equilibrium.sectors.certificate import Solution
from dostastyq.equilibrium.sectors.gmres import gmres
from dostastyq.errors import DostastyqError

_STEP = 0.3
_ACCEPTED = 1e-9
_TOGETHER = 16


@dataclass(frozen=True, slots=True, eq=False)
class Directions:
    """K directions in which a shock can move; None where a part does not.

    Parameters
    ----------
    count
        K.
    trade_cost, tariffs, export_taxes
        Directions of ln d, ln(1+tau') and ln(1+e'), shape (K, J or 1, N, N).
    productivity
        Directions of ln A, shape (K, J or 1, N).
    labour, deficit
        Directions of ln L and of fixed deficits, shape (K, N).
    elasticity
        Directions of theta, shape (K, J).
    """

    count: int
    trade_cost: FloatArray | None = None
    tariffs: FloatArray | None = None
    export_taxes: FloatArray | None = None
    productivity: FloatArray | None = None
    labour: FloatArray | None = None
    deficit: FloatArray | None = None
    elasticity: FloatArray | None = None

    @classmethod
    def of(  # noqa: PLR0917 -- the arguments of `Equilibrium.derivative`
        cls,
        shape: tuple[int, int],
        trade_cost: object,
        tariffs: object,
        productivity: object,
        labour: object,
        elasticity: object,
    ) -> "Directions":
        """Check shapes; a single direction may lack the leading axis, what names no sector is for all.

        Raises
        ------
        DostastyqError
            ``EQ001``, ``EQ002``, ``EQ003``, ``EQ024``.
        """
        sectors, states = shape
        pairs, table = (sectors, states, states), (sectors, states)
        given = {
            "trade_cost": (trade_cost, pairs),
            "tariffs": (tariffs, pairs),
            "productivity": (productivity, table),
            "labour": (labour, (states,)),
            "elasticity": (elasticity, (sectors,)),
        }
        parts = {name: _by_sector(value, name, wanted) for name, (value, wanted) in given.items() if value is not None}
        if not parts:
            raise DostastyqError(
                "EQ024", "no direction was given; expected at least one", "give trade_cost=d ln d / d parameter"
            )
        if len({len(part) for part in parts.values()}) > 1:
            found = ", ".join(f"{name} {len(part)}" for name, part in parts.items())
            raise DostastyqError(
                "EQ001", f"directions differ in number: {found}; expected the same K", "pad with zeros"
            )
        return cls(len(next(iter(parts.values()))), **parts)

    def chunk(self, rows: slice) -> "Directions":
        """Take some of the directions."""
        names = ("trade_cost", "tariffs", "export_taxes", "productivity", "labour", "deficit", "elasticity")
        parts = {name: getattr(self, name) for name in names}
        count = len(range(*rows.indices(self.count)))
        return Directions(count, **{name: part if part is None else part[rows] for name, part in parts.items()})


def _by_sector(value: object, name: str, shape: tuple[int, ...]) -> FloatArray:
    """(K, *shape); where `shape` begins with sectors, the axis may be missing and is then of length one."""
    found = np.shape(np.asarray(value))
    rest = shape[1:]
    if len(shape) > 1 and found != shape and (found == rest or (len(found) == len(rest) + 1 and found[1:] == rest)):
        return stack(value, name, rest)[:, None]
    return stack(value, name, shape)


@dataclass(frozen=True, slots=True, eq=False)
class Tangent:
    """How the solved world moves along K directions.

    Parameters
    ----------
    log_cost, log_price
        Derivatives of the logs of unit costs and of price indices, shape (K, J, N).
    log_income
        Derivative of the log of value added, shape (K, N).
    expenditure
        Derivative of X', shape (K, J, N).
    log_phi
        Derivative of ln Phi, shape (K, J, N).
    deficit, final_income
        Derivatives of D' and I', shape (K, N).
    welfare
        Derivative of the log of real income, shape (K, N).
    pull
        g less d ln(1+tau'), shape (K, J, N, N).
    """

    log_cost: FloatArray
    log_price: FloatArray
    log_income: FloatArray
    expenditure: FloatArray
    log_phi: FloatArray
    deficit: FloatArray
    final_income: FloatArray
    welfare: FloatArray
    pull: FloatArray

    def flows(self, solution: Solution) -> FloatArray:
        """Differentiate the flows at the border, shape (K, J, N, N)."""
        theta = solution.system.base.theta[:, None, None]
        move = self.expenditure - solution.expenditure * self.log_phi
        share = _per_unit(solution)[0]
        return np.asarray(share * move[..., None] + solution.flows * (self.pull - theta * self.log_cost[:, :, None, :]))


def tangent(solution: Solution, directions: Directions) -> Tangent:
    """Differentiate the solved world along `directions`.

    Parameters
    ----------
    solution
        The solved world.
    directions
        K directions.

    Returns
    -------
    Tangent

    Raises
    ------
    DostastyqError
        ``EQ034`` when the linear system is not solved: welfare has no derivative here.
    """
    with one_thread():
        made = [
            _tangent(solution, directions.chunk(slice(first, first + _TOGETHER)))
            for first in range(0, directions.count, _TOGETHER)
        ]
    if len(made) == 1:
        return made[0]
    names = Tangent.__dataclass_fields__
    return Tangent(**{name: np.concatenate([getattr(part, name) for part in made]) for name in names})


def _per_unit(solution: Solution) -> tuple[FloatArray, FloatArray]:
    """Split a unit of expenditure: what crosses the border, what producers keep, shape (J, N, N) each."""
    system = solution.system
    border = solution.shares if system.tariffs is None else solution.shares / (1 + system.tariffs)
    return border, border if system.export_taxes is None else border / (1 + system.export_taxes)


@dataclass(frozen=True, slots=True, eq=False)
class _Linear:
    """The linearised sweep with its forcing; arrays end in the K directions."""

    solution: Solution
    count: int
    border: FloatArray
    kept: FloatArray
    pull: FloatArray
    phi: FloatArray
    lever: FloatArray
    output: FloatArray
    imports: FloatArray
    exports: FloatArray
    shift: FloatArray
    deficit: FloatArray

    @classmethod
    def of(cls, solution: Solution, directions: Directions) -> "_Linear":
        base = solution.system.base
        theta, count = base.theta[:, None, None], directions.count
        border, kept = _per_unit(solution)
        shape = solution.flows.shape
        pull = np.zeros((count, *shape))
        wedge = np.zeros((count, *shape))
        for part in (directions.trade_cost, directions.tariffs, directions.export_taxes):
            if part is not None:
                pull = pull - theta * part
        lever = np.zeros((*shape[:2], count))
        if directions.elasticity is not None:
            pull = pull - directions.elasticity[:, :, None, None] * _log_wedge(solution)
            lever = np.einsum("kj,jn->jnk", directions.elasticity / base.theta, solution.log_price)
        phi = np.einsum("jni,kjni->jnk", solution.shares, pull)
        if directions.tariffs is not None:
            wedge = wedge + directions.tariffs
        forced = solution.flows * (pull - wedge)
        sold = forced
        if solution.system.export_taxes is not None or directions.export_taxes is not None:
            taxed = 0.0 if solution.system.export_taxes is None else solution.system.export_taxes
            tax = 0.0 if directions.export_taxes is None else directions.export_taxes
            sold = (forced - solution.flows * tax) / (1 + taxed)
        states = shape[1]
        made = np.zeros((shape[0], states, count))
        if directions.productivity is not None:
            made = made + np.moveaxis(np.broadcast_to(directions.productivity, (count, shape[0], states)), 0, 2)
        if directions.labour is not None:
            made = made + base.value_added[:, :, None] * directions.labour.T
        owed = np.zeros((states, count)) if directions.deficit is None else directions.deficit.T
        return cls(
            solution=solution,
            count=count,
            border=border,
            kept=kept,
            pull=pull - wedge,
            phi=phi,
            lever=lever,
            output=np.einsum("kjni->jik", sold),
            imports=np.einsum("kjni->nk", forced),
            exports=np.einsum("kjni->ik", forced),
            shift=made,
            deficit=owed,
        )

    def prices(self, cost: FloatArray) -> tuple[FloatArray, FloatArray]:
        """D ln Phi and d ln P, shape (J, N, K)."""
        theta = self.solution.system.base.theta[:, None, None]
        phi = self.phi - theta * (self.solution.shares @ cost)
        return phi, -phi / theta - self.lever

    def step(
        self, cost: FloatArray, income: FloatArray, spent: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
        """One linearised sweep: new d ln c, dv and dX, and dI and dD."""
        solution = self.solution
        base, system = solution.system.base, solution.system
        theta = base.theta[:, None, None]
        phi, price = self.prices(cost)
        move = spent - solution.expenditure[:, :, None] * phi
        output = np.swapaxes(self.kept, 1, 2) @ move + self.output - theta * solution.output[:, :, None] * cost
        crossing = self.border.sum(axis=2)[:, :, None] * move - theta * (solution.flows @ cost)
        revenue = spent.sum(axis=0) - crossing.sum(axis=0) - self.imports
        if self.kept is not self.border or system.export_taxes is not None:
            sent = np.swapaxes(self.border, 1, 2) @ move - theta * solution.flows.sum(axis=1)[:, :, None] * cost
            revenue = revenue + sent.sum(axis=0) + self.exports - output.sum(axis=0)
        elif self.taxes_move():
            revenue = revenue + self.exports - self.output.sum(axis=0)
        earned = (np.exp(solution.log_income) * base.income)[:, None]
        excess = (base.value_added[:, :, None] * output).sum(axis=0) / earned - income
        income = income + _STEP * excess
        member = np.eye(int(system.parts.max()) + 1)[system.parts]
        total = member.T @ earned
        income = income - member @ ((member.T @ (earned * income)) / total)
        deficit = self.deficit
        if system.ratio is not None:
            wanted = system.ratio[:, None] * earned
            asked = member.T @ wanted
            common = total / asked
            deficit = wanted * (member @ common) * (income - member @ ((member.T @ (wanted * income)) / asked))
            deficit = deficit - earned * income
        final = earned * income + revenue + deficit
        bought = np.swapaxes(base.inputs @ np.swapaxes(output, 0, 1), 0, 1)
        costs = np.swapaxes(np.swapaxes(base.inputs, 1, 2) @ np.swapaxes(price, 0, 1), 0, 1)
        return (
            base.value_added[:, :, None] * income + costs - self.shift,
            income,
            base.final_shares[:, :, None] * final + bought,
            final,
            deficit,
        )

    def size(self) -> FloatArray:
        """How large the forcing of each direction is before its parts cancel, shape (K,)."""
        parts = (self.phi, self.lever, self.shift)
        return np.asarray(np.max([np.abs(part).max(axis=(0, 1)) for part in parts], axis=0))

    def taxes_move(self) -> bool:
        """Whether export taxes are part of a direction though there are none yet."""
        return bool(np.abs(self.exports - self.output.sum(axis=0)).any())


def _log_wedge(solution: Solution) -> FloatArray:
    """ln(kappa c), zero where nothing is traded, shape (J, N, N)."""
    base, change = solution.system.base, solution.change
    total = np.broadcast_to(solution.log_cost[:, None, :], base.shares.shape)
    wedge = change.wedge(base)
    if wedge is not None:
        total = total + wedge
    if change.log_cost is not None:
        total = total + change.log_cost
    return np.where(solution.shares > 0, total, 0.0)


def _tangent(solution: Solution, directions: Directions) -> Tangent:
    linear = _Linear.of(solution, directions)
    sectors, states = solution.expenditure.shape
    size, count = sectors * states, directions.count
    scale = solution.expenditure.sum(axis=0)[:, None]

    def apply(flat: FloatArray) -> FloatArray:
        cost = flat[:size].reshape(sectors, states, count)
        income = flat[size : size + states]
        spent = flat[size + states :].reshape(sectors, states, count) * scale
        cost, income, spent, _, _ = linear.step(cost, income, spent)
        return np.concatenate([cost.reshape(size, count), income, (spent / scale).reshape(size, count)])

    start = apply(np.zeros((2 * size + states, count)))
    flat, gap = gmres(lambda z: z - (apply(z) - start), start, linear.size())
    if not gap <= _ACCEPTED:
        raise DostastyqError(
            "EQ034",
            f"the linearised equations were not solved (relative residual {gap:.2g}), so that welfare has no derivative"
            " here",
            "solve a milder shock",
        )
    cost = flat[:size].reshape(sectors, states, count)
    income = flat[size : size + states]
    spent = flat[size + states :].reshape(sectors, states, count) * scale
    phi, price = linear.prices(cost)
    _, _, _, final, deficit = linear.step(cost, income, spent)
    base = solution.system.base
    welfare = final / solution.final_income[:, None] - (base.final_shares[:, :, None] * price).sum(axis=0)
    first = [np.moveaxis(part, 2, 0) for part in (cost, price, spent, phi)]
    return Tangent(
        first[0], first[1], income.T, first[2], first[3], deficit.T, final.T, np.ascontiguousarray(welfare.T),
        linear.pull,
    )  # fmt: skip
