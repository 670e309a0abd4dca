"""Which cells inform the fit: groups that never trade have no finite effect and leave the sample.

A group (pair, exporter-year, importer-year) whose flows are all zero is fitted exactly by an effect of minus infinity
and its cells add nothing to the score of beta. Only zero cells leave, so no other group loses a positive flow and one
sweep over the groups is already the fixed point.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dostastyq.errors import DostastyqError
from dostastyq.gravity.problem import BoolArray, Problem


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Cells that inform the fit.

    Parameters
    ----------
    live
        Shape (N, M, T).
    pruned
        Cells taken out, by reason.
    """

    live: BoolArray
    pruned: Mapping[str, int]


def prune(problem: Problem) -> Sample:
    """Take out missing cells, cells without weight, and groups without a positive flow.

    Parameters
    ----------
    problem
        Panel and model.

    Returns
    -------
    Sample
        A cell that belongs to several such groups is counted once, under the first: pair, exporter-year, importer-year.

    Raises
    ------
    DostastyqError
        ``GR105`` when no positive flow is left; ``GR106`` for pair effects and a single year.

    Examples
    --------
    >>> trade = np.array([[[1.0, 2.0], [0.0, 0.0]], [[2.0, 2.0], [5.0, 1.0]]])
    >>> sample = prune(Problem(trade, np.zeros((2, 2, 0, 2)), np.ones((2, 2, 2), bool), (), "three_way"))
    >>> int(sample.live.sum()), sample.pruned["pair"]
    (6, 2)
    """
    live = problem.live.copy()
    pruned = {"missing": int(live.size - live.sum())}
    if problem.weights is not None:
        pruned["weight"] = int((live & (problem.weights == 0)).sum())
        live &= problem.weights > 0
    positive = live & (problem.flows > 0)
    if not positive.any():
        raise DostastyqError("GR105", "no positive flow is left in the sample", "look at the filter and the weights")
    if problem.effects.startswith("three_way"):
        _check_years(problem, live)
        trades: BoolArray = np.asarray(positive.any(axis=2))
        if problem.effects == "three_way_symmetric":
            trades |= trades.T
        pruned["pair"] = _take(live, trades[:, :, None])
    yearly = problem.effects != "one_way"
    exports: BoolArray = np.asarray(positive.any(axis=1))
    imports: BoolArray = np.asarray(positive.any(axis=0))
    if not yearly:
        exports = np.asarray(exports.any(axis=1, keepdims=True))
        imports = np.asarray(imports.any(axis=1, keepdims=True))
    pruned["exporter_year" if yearly else "exporter"] = _take(live, exports[:, None])
    pruned["importer_year" if yearly else "importer"] = _take(live, imports[None])
    return Sample(live, pruned)


def _take(live: BoolArray, keep: BoolArray) -> int:
    """Clear the cells outside `keep` and count them."""
    before = int(live.sum())
    live &= keep
    return before - int(live.sum())


def _check_years(problem: Problem, live: BoolArray) -> None:
    """Pair effects need more than one year somewhere."""
    years = int(live.any(axis=(0, 1)).sum())
    if years < 2:
        raise DostastyqError(
            "GR106",
            f"the sample has {years} year and the model has an effect for every pair: nothing is left to explain",
            "add years, or leave the pair effect out of the formula",
        )
    if problem.effects == "three_way" and int(live.sum(axis=2).max()) < 2:
        raise DostastyqError(
            "GR106", "no pair is seen in more than one year, so the pair effects fit every flow", "add years"
        )


def singletons(live: BoolArray) -> int:
    """Pairs with a single live cell."""
    return int((np.count_nonzero(live, axis=2) == 1).sum())
