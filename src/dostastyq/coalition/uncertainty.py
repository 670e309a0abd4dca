r"""Outcomes over the uncertainty of the effects, from a few solves.

With :math:`\beta=\hat\beta+Lz`, :math:`z\sim N(0,I)` and :math:`LL'=V`, outcomes depend on z only through the few
directions that move some pair's trade; a singular value decomposition finds them. The worlds are solved at the nodes of
a Gauss-Hermite grid in these directions and log real income is interpolated between them by polynomials (stochastic
collocation, Xiu and Hesthaven 2005): five nodes in one direction, three in each of several. The central estimate is a
node. A draw is then a weighted sum of solved tables, and thousands cost nothing.
"""

from dataclasses import dataclass
from itertools import product
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from dostastyq.coalition.subsets import FloatArray
from dostastyq.coalition.worlds import Worlds

_NEGLIGIBLE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Where to solve.

    Parameters
    ----------
    coefficients
        Effects at each node, shape (M, K); the first row is the central estimate.
    places
        Number of each node's one-dimensional node, shape (M, directions).
    axis
        One-dimensional nodes in standard deviations.
    """

    coefficients: FloatArray
    places: NDArray[np.int64]
    axis: FloatArray

    def weights(self, draws: int) -> FloatArray:
        """Weight of every node in every draw of the effects, shape (draws, M)."""
        directions = self.places.shape[1]
        z = even_draws(draws, directions)
        basis = [_lagrange(self.axis, z[:, d]) for d in range(directions)]
        result = np.ones((draws, len(self.coefficients)))
        for node, places in enumerate(self.places):
            for direction, place in enumerate(places):
                result[:, node] *= basis[direction][:, place]
        return result


def grid(worlds: Worlds, *, uncertain: bool) -> Grid:
    """Nodes for the effects of `worlds`; the central estimate alone when not `uncertain` or nothing is."""
    effects = worlds.effects
    central = effects.values[None]
    nothing = Grid(central, np.zeros((1, 0), dtype=np.int64), np.zeros(1))
    if not uncertain or not len(effects.values):
        return nothing
    moved = np.concatenate([side.reshape(len(effects.values), -1) for side in worlds.designs], axis=1)
    values, vectors = np.linalg.eigh(effects.covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    _, size, directions = np.linalg.svd(np.unique(moved.T, axis=0) @ root, full_matrices=False)
    kept = directions[size > _NEGLIGIBLE * max(1.0, size.max(initial=0.0))]
    if not len(kept):
        return nothing
    kept = kept * np.where(kept[np.arange(len(kept)), np.abs(kept).argmax(axis=1)] < 0, -1.0, 1.0)[:, None]
    axis = np.polynomial.hermite_e.hermegauss(5 if len(kept) == 1 else 3)[0]
    middle = len(axis) // 2
    axis[middle] = 0.0
    order = [middle, *(place for place in range(len(axis)) if place != middle)]
    places = np.array(list(product(order, repeat=len(kept))), dtype=np.int64)
    return Grid(central + axis[places] @ kept @ root.T, places, axis)


def even_draws(draws: int, directions: int) -> FloatArray:
    """Draws of the standard normal distribution spread evenly, shape (draws, directions); the same in every run.

    Quantiles in the first direction, multiples of the powers of the generalised golden ratio in the others: shares of
    draws are far closer to probabilities than with random ones.

    Examples
    --------
    >>> even_draws(4, 1).ravel().round(3).tolist()
    [-1.15, -0.319, 0.319, 1.15]
    """
    count = np.arange(draws)
    ratio = 2.0
    for _ in range(60):
        ratio = (1 + ratio) ** (1 / max(directions, 2))
    uniform = [(count + 0.5) / draws, *((0.5 + count * ratio**-power) % 1 for power in range(1, directions))]
    columns = [[NormalDist().inv_cdf(float(np.clip(u, 1e-12, 1 - 1e-12))) for u in one] for one in uniform[:directions]]
    return np.array(columns).reshape(directions, draws).T


def _lagrange(nodes: FloatArray, at: FloatArray) -> FloatArray:
    """Lagrange polynomials of `nodes` at some points, shape (points, nodes)."""
    others = [np.delete(nodes, k) for k in range(len(nodes))]
    return np.stack([((at[:, None] - rest) / (nodes[k] - rest)).prod(axis=1) for k, rest in enumerate(others)], axis=1)
