r"""Outcomes over the uncertainty of the effects, from a few solves.

With :math:`\beta=\hat\beta+Lz`, :math:`z\sim N(0,I)` and :math:`LL'=V`, outcomes depend on z only through the few
directions that move some pair's trade; a singular value decomposition finds them. The worlds are solved at the nodes of
a Gauss-Hermite grid in these directions and log real income is interpolated between them by polynomials (stochastic
collocation, Xiu and Hesthaven 2005): five nodes in one direction, three in each of several. The central estimate is a
node. A draw is then a weighted sum of solved tables, and thousands cost nothing.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from dostastyq.coalition.subsets import FloatArray
from dostastyq.coalition.worlds import Worlds

SEED = 1991
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

    def weights(self, draws: int, seed: int = SEED) -> FloatArray:
        """Weight of every node in every draw of the effects, shape (draws, M)."""
        directions = self.places.shape[1]
        z = np.random.default_rng(seed).standard_normal((draws, directions))
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


def _lagrange(nodes: FloatArray, at: FloatArray) -> FloatArray:
    """Lagrange polynomials of `nodes` at some points, shape (points, nodes)."""
    others = [np.delete(nodes, k) for k in range(len(nodes))]
    return np.stack([((at[:, None] - rest) / (nodes[k] - rest)).prod(axis=1) for k, rest in enumerate(others)], axis=1)
