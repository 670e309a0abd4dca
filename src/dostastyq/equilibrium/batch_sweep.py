r"""Sweeps over many scenarios with sectors, in any array library (the Python array API standard).

The equations are those of `dostastyq.equilibrium.sectors.sweep`; S scenarios of J sectors and N states lie as
``(J, S, N)``, so that what they share is one matrix product a sector. Kernels differ from the base's only in the rows
and columns that some scenario touches (see `dostastyq.equilibrium.batch`); states are put in an order in which both are
contiguous. NumPy, CuPy and PyTorch run the same code.
"""

from dataclasses import dataclass, replace
from typing import Any

Array = Any
"""An array of any library of the standard."""

_RIDGE = 1e-12
_TINY = 1e-300
MEMORY = 8
_STEP = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """S matrices a sector that differ in some rows and columns only.

    Parameters
    ----------
    common, turned
        What they share, shape (J, N, N), zero where they differ, and its transpose ``[sector, exporter, importer]``.
    rows, columns
        Where they differ.
    block
        Their numbers there, shape (J, S, r, c).
    """

    common: Array
    turned: Array
    rows: slice
    columns: slice
    block: Array

    def forward(self, x: Array, xp: Any) -> Array:  # noqa: ANN401 -- a namespace
        """Each matrix times its own vector, shape (J, S, N)."""
        result = xp.matmul(x, self.turned)
        if 0 not in self.block.shape:
            result[:, :, self.rows] += xp.matmul(self.block, x[:, :, self.columns, None])[:, :, :, 0]
        return result

    def back(self, y: Array, xp: Any) -> Array:  # noqa: ANN401
        """Each matrix, transposed, times its own vector, shape (J, S, N)."""
        result = xp.matmul(y, self.common)
        if 0 not in self.block.shape:
            result[:, :, self.columns] += xp.matmul(y[:, :, None, self.rows], self.block)[:, :, 0, :]
        return result


@dataclass(frozen=True, slots=True, eq=False)
class Worlds:
    """The equations of S scenarios.

    Parameters
    ----------
    xp
        Namespace of the array library.
    kernel, border
        G and H of every scenario.
    theta, value_added, final_shares
        Shape (J, 1, 1) and (J, 1, N).
    using, supplying
        Input k per unit of output j as ``[state, k, j]`` and ``[state, j, k]``.
    income
        Value added of the base, shape (N,).
    empty
        Where the base buys nothing, shape (J, 1, N).
    shift
        ln A + gamma ln L, shape (J, S, N).
    deficit
        Deficits where they do not follow incomes, shape (S, N), else None.
    ratio
        1 + D/V where they do, shape (N,), else None.
    """

    xp: Any
    kernel: Shared
    border: Shared
    theta: Array
    value_added: Array
    final_shares: Array
    using: Array
    supplying: Array
    income: Array
    empty: Array
    shift: Array
    deficit: Array
    ratio: Array

    def take(self, which: Array) -> "Worlds":
        """Keep some of the scenarios."""
        xp = self.xp
        return replace(
            self,
            kernel=replace(self.kernel, block=xp.take(self.kernel.block, which, axis=1)),
            border=replace(self.border, block=xp.take(self.border.block, which, axis=1)),
            shift=xp.take(self.shift, which, axis=1),
            deficit=None if self.deficit is None else xp.take(self.deficit, which, axis=0),
        )


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """The unknowns of S scenarios: ln c and X', shape (J, S, N), and v, shape (S, N)."""

    log_cost: Array
    log_income: Array
    expenditure: Array


@dataclass(frozen=True, slots=True, eq=False)
class Passed:
    """What a sweep gives: better states, and at the old ones prices, revenue, deficits and the residual, shape (S,)."""

    states: States
    log_price: Array
    revenue: Array
    residual: Array


def sweep(worlds: Worlds, states: States) -> Passed:
    """One pass over all equations of every scenario."""
    xp = worlds.xp
    cost = xp.exp(-worlds.theta * states.log_cost)
    phi = xp.where(worlds.empty, 1.0, worlds.kernel.forward(cost, xp))
    log_price = -xp.log(phi) / worlds.theta
    scale = states.expenditure / phi
    sold = cost * worlds.border.back(scale, xp)
    revenue = xp.sum(states.expenditure - scale * worlds.border.forward(cost, xp), axis=0)
    excess = xp.log(xp.sum(worlds.value_added * sold, axis=0) / worlds.income) - states.log_income
    log_income = to_numeraire(worlds, states.log_income + _STEP * excess)
    income = xp.exp(log_income) * worlds.income
    final = worlds.final_shares * (income + revenue + closing_deficit(worlds, income))
    expenditure = final + by_sector(xp, sold, worlds.supplying)
    log_cost = worlds.value_added * log_income + by_sector(xp, log_price, worlds.using) - worlds.shift
    total = xp.sum(states.expenditure, axis=0)
    moved = xp.maximum(
        xp.max(xp.abs(log_cost - states.log_cost), axis=(0, 2)),
        xp.max(xp.abs(expenditure - states.expenditure) / total, axis=(0, 2)),
    )
    residual = xp.maximum(moved, xp.max(xp.abs(excess), axis=1))
    return Passed(States(log_cost, log_income, expenditure), log_price, revenue, residual)


def by_sector(xp: Any, values: Array, coefficients: Array) -> Array:  # noqa: ANN401
    """Multiply the sectors of each state by its own coefficients ``[state, from, to]``, shape (J, S, N)."""
    sectors, scenarios, states = values.shape
    rows = xp.reshape(xp.reshape(xp.permute_dims(values, (2, 1, 0)), (-1,)), (states, scenarios, sectors))
    return xp.permute_dims(xp.matmul(rows, coefficients), (2, 1, 0))


def closing_deficit(worlds: Worlds, income: Array) -> Array:
    """D' as the closure demands, shape (S, N)."""
    if worlds.ratio is None:
        return worlds.deficit
    xp = worlds.xp
    wanted = worlds.ratio * income
    return wanted * (xp.sum(income, axis=1) / xp.sum(wanted, axis=1))[:, None] - income


def to_numeraire(worlds: Worlds, log_income: Array) -> Array:
    """Scale incomes so that value added of the world keeps its base sum, shape (S, N)."""
    xp = worlds.xp
    drift = xp.log(xp.sum(xp.exp(log_income) * worlds.income, axis=1) / xp.sum(worlds.income))
    return log_income - drift[:, None]


def pack(xp: Any, states: States, total: Array) -> Array:  # noqa: ANN401
    """Unknowns as one row a scenario, shape (S, 2JN + N), expenditure relative to the state's base total."""
    parts = (
        xp.permute_dims(states.log_cost, (1, 0, 2)), states.log_income[:, None, :],
        xp.permute_dims(states.expenditure / total, (1, 0, 2)),
    )  # fmt: skip
    stacked = xp.concat(parts, axis=1)
    return xp.reshape(stacked, (stacked.shape[0], -1))


def unpack(xp: Any, flat: Array, total: Array) -> States:  # noqa: ANN401
    """Give the unknowns of `pack` back."""
    scenarios, states = flat.shape[0], total.shape[0]
    stacked = xp.permute_dims(xp.reshape(flat, (scenarios, -1, states)), (1, 0, 2))
    sectors = (stacked.shape[0] - 1) // 2
    copied = xp.reshape(xp.reshape(stacked, (-1,)), stacked.shape)
    return States(copied[:sectors, ...], copied[sectors, ...], copied[sectors + 1 :, ...] * total)


@dataclass(slots=True, eq=False)
class Memory:
    """The last images of every scenario and how its moves turned, for Anderson's acceleration (type II).

    Parameters
    ----------
    moves, turns
        Shape (S, depth, M).
    gram
        Products of the turns, shape (S, depth, depth).
    kept
        How many were learned.
    """

    moves: Array
    turns: Array
    gram: Array
    kept: int

    @classmethod
    def like(cls, xp: Any, flat: Array) -> "Memory":  # noqa: ANN401
        """Nothing learned yet."""
        scenarios, size = flat.shape
        made = [xp.zeros((scenarios, MEMORY, size), dtype=flat.dtype, device=flat.device) for _ in range(2)]
        gram = xp.zeros((scenarios, MEMORY, MEMORY), dtype=flat.dtype, device=flat.device)
        return cls(made[0], made[1], gram, 0)

    def take(self, xp: Any, which: Array) -> "Memory":  # noqa: ANN401
        """Keep some of the scenarios."""
        moves, turns, gram = (xp.take(part, which, axis=0) for part in (self.moves, self.turns, self.gram))
        return Memory(moves, turns, gram, self.kept)

    def target(self, xp: Any, image: Array, move: Array) -> Array:  # noqa: ANN401
        """Give the accelerated next point, shape (S, M)."""
        if not self.kept:
            return image
        diagonal = xp.eye(MEMORY, dtype=image.dtype, device=image.device)
        trace = xp.sum(self.gram * diagonal, axis=(1, 2))
        gram = self.gram + (_RIDGE * trace + _TINY)[:, None, None] * diagonal
        weights = xp.linalg.solve(gram, xp.matmul(self.turns, move[:, :, None]))
        return image - xp.matmul(xp.permute_dims(weights, (0, 2, 1)), self.moves)[:, 0, :]

    def learn(self, xp: Any, moved: Array, turn: Array) -> None:  # noqa: ANN401
        """Remember in the place of the oldest."""
        slot = self.kept % MEMORY
        self.moves[:, slot, :] = moved
        self.turns[:, slot, :] = turn
        row = xp.matmul(self.turns, turn[:, :, None])[:, :, 0]
        self.gram[:, slot, :] = row
        self.gram[:, :, slot] = row
        self.kept += 1

    def forget(self, keep: Array) -> None:
        """Drop what was learned of the scenarios where `keep`, shape (S,), is 0."""
        for name in ("moves", "turns", "gram"):
            setattr(self, name, getattr(self, name) * keep[:, None, None])
