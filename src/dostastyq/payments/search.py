r"""Which obligations to settle whole: branch and bound, in the worker only.

.. math:: \max \sum_j a_j y_j \quad\text{s.t.}\quad l_i \le \sum_{c_j=i} a_j y_j - \sum_{d_j=i} a_j y_j \le h_i,
          \qquad y_j\in\{0,1\}\ \text{or}\ [0,1],

class by class, the total of each class kept while the next is raised. HiGHS calculates in floating point, so nothing of
it is taken but the choice: `dostastyq.payments.repair` settles the chosen ones in integers or rejects the choice.
"""

from time import monotonic
from typing import Final

import numpy as np
import numpy.typing as npt

from dostastyq.payments.circulation import Indices, Integers

LARGEST_BITS: Final = 30
"""Amounts with more bits are halved until they have no more: HiGHS's tolerances are absolute."""
WORK: Final = 250_000
"""Nodes times columns that a class may cost."""
NODES: Final = (20, 500)
"""Fewest and most nodes of a class; nodes, not seconds, so that the same input gives the same choice."""


def search(  # noqa: PLR0917 -- plain arrays
    debtor: Indices,
    creditor: Indices,
    amount: Integers,
    level: Indices,
    whole: npt.NDArray[np.bool_],
    low: Integers,
    high: Integers,
    seconds: float,
) -> tuple[npt.NDArray[np.bool_], str]:
    """Choose what to settle whole.

    Parameters
    ----------
    debtor, creditor, amount, level
        Columns: obligations, and merged arcs of divisible ones, shape (k,).
    whole
        Which columns are settled whole or not at all, shape (k,).
    low, high
        Least and greatest net position that the columns may bring each bank, shape (n,).
    seconds
        Safety limit; a search that reaches it need not come out the same again.

    Returns
    -------
    tuple
        Chosen columns, shape (k,), and how the search ended: ``"complete"``, ``"nodes"``, ``"time"``, or ``"none"``
        when it found nothing.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 -- in the worker only
    from scipy.sparse import coo_array, csr_array  # noqa: PLC0415

    shift = max(int(amount.max()).bit_length() - LARGEST_BITS, 0)
    value = np.ldexp(amount.astype(float), -shift)
    place = np.arange(len(value))
    ends = np.concatenate((creditor, debtor)), np.concatenate((place, place))
    net = coo_array((np.concatenate((value, -value)), ends), shape=(len(low), len(value))).tocsr()
    rules = [LinearConstraint(net, np.ldexp(low.astype(float), -shift), np.ldexp(high.astype(float), -shift))]
    nodes = min(max(WORK // len(value), NODES[0]), NODES[1])
    chosen, ended, end = np.zeros(len(value), bool), "complete" if not shift else "nodes", monotonic() + seconds
    for this in np.unique(level).tolist():
        want = np.where(level == this, value, 0.0)
        options = {"node_limit": nodes, "time_limit": max(end - monotonic(), 0.1), "mip_rel_gap": 0.0}
        found = milp(-want, constraints=rules, bounds=Bounds(0, 1), integrality=whole.astype(int), options=options)
        if found.status != 0:
            ended = "time" if monotonic() >= end else "nodes"
        if found.x is None:
            return chosen, ended if chosen.any() else "none"
        chosen = whole & (found.x > 0.5)
        rules.append(LinearConstraint(csr_array(want[None]), want @ found.x - 0.5, np.inf))
    return chosen, ended
