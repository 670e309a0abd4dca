"""Linear systems for several right-hand sides, side by side, without a matrix (Saad and Schultz 1986)."""

from collections.abc import Callable

import numpy as np

from dostastyq.equilibrium.labels import FloatArray

_TOLERANCE = 1e-13
_KRYLOV = 60
_RESTARTS = 20


def gmres(
    operator: Callable[[FloatArray], FloatArray],
    right: FloatArray,
    least: FloatArray | float = 0.0,
    tolerance: float = _TOLERANCE,
) -> tuple[FloatArray, float]:
    """Solve `operator` z = `right` for K columns side by side, each with its own Krylov space.

    Parameters
    ----------
    operator
        Linear, column by column: (size, K) to (size, K).
    right
        Right-hand sides, shape (size, K).
    least
        Size below which a right-hand side counts as that large, shape (K,): a direction whose parts cancel leaves
        rounding only.
    tolerance
        Relative residual of each column at which to stop.

    Returns
    -------
    z : numpy.ndarray
        Shape (size, K).
    gap : float
        Largest relative residual.

    Examples
    --------
    >>> z, gap = gmres(lambda x: 2 * x, np.ones((3, 1)))
    >>> z[0, 0].item(), gap < 1e-12
    (0.5, True)
    """
    size, count = right.shape
    norm = np.maximum(np.linalg.norm(right, axis=0), least)
    norm = np.where(norm > 0, norm, 1.0)
    solution = np.zeros_like(right)
    residual, gap = right, np.inf
    depth = min(_KRYLOV, size)
    for _ in range(_RESTARTS):
        length = np.linalg.norm(residual, axis=0)
        gap, before = float((length / norm).max()), gap
        if gap <= tolerance or gap > 0.5 * before:
            break
        basis = np.zeros((depth + 1, size, count))
        hessenberg = np.zeros((count, depth + 1, depth))
        basis[0] = residual / np.where(length > 0, length, 1.0)
        target = np.zeros((count, depth + 1))
        target[:, 0] = length
        used = 0
        for step in range(depth):
            fresh = operator(basis[step])
            for _ in range(2):
                along = np.einsum("msk,sk->km", basis[: step + 1], fresh)
                hessenberg[:, : step + 1, step] += along
                fresh = fresh - np.einsum("msk,km->sk", basis[: step + 1], along)
            height = np.linalg.norm(fresh, axis=0)
            hessenberg[:, step + 1, step] = height
            basis[step + 1] = fresh / np.where(height > 0, height, 1.0)
            used = step + 1
            if step % 4 == 3 or step == depth - 1:
                weights, left = _least_squares(hessenberg[:, : used + 1, :used], target[:, : used + 1])
                if (left <= tolerance * norm).all():
                    break
        weights, _ = _least_squares(hessenberg[:, : used + 1, :used], target[:, : used + 1])
        solution = solution + np.einsum("msk,km->sk", basis[:used], weights)
        residual = right - operator(solution)
    return solution, float((np.linalg.norm(residual, axis=0) / norm).max())


def _least_squares(matrix: FloatArray, target: FloatArray) -> tuple[FloatArray, FloatArray]:
    found = [np.linalg.lstsq(one, aim, rcond=None)[0] for one, aim in zip(matrix, target, strict=True)]
    weights = np.stack(found)
    left = np.linalg.norm(target - np.einsum("kij,kj->ki", matrix, weights), axis=1)
    return weights, left
