"""Refuses a base whose equations have no unique solution, before any number comes out of it."""

import numpy as np

from dostastyq.equilibrium.labels import Labels
from dostastyq.equilibrium.sectors.base import Base
from dostastyq.errors import DostastyqError

_NOTHING = 1e-9


def check_base(base: Base, labels: Labels, sectors: Labels) -> None:
    """Refuse accounts in which a state earns nothing, a wanted good has no supplier, or a good needs no labour.

    The last is the singular case: a set of goods, in some states, that is made of nothing but itself. Its price is then
    whatever one says; without value added anywhere behind it the equations cannot tell.

    Parameters
    ----------
    base
        Accounts.
    labels, sectors
        Names, for messages.

    Raises
    ------
    DostastyqError
        ``EQ013`` a state without value added or without final spending; ``EQ042`` no supplier, or no value added.
    """
    for values, what in ((base.income, "value added"), (base.expenditure.sum(axis=0), "expenditure")):
        if not (values > 0).all():
            name = labels[int(np.argmin(values > 0))]
            raise DostastyqError("EQ013", f"{name!s} has no {what}; expected more than 0", "drop the state or fill it")
    made = base.output > 0
    wanted = base.final_shares > 0
    wanted |= np.einsum("nkj,jn->kn", base.inputs > 0, made) > 0
    lost = wanted & ~base.shares.any(axis=2)
    if lost.any():
        sector, state = (int(index) for index in np.argwhere(lost)[0])
        raise DostastyqError(
            "EQ042",
            f"{labels[state]!s} needs {sectors[sector]!s}, but its trade shares name no supplier; expected one",
            "fill the shares, or take the sector out of final and input shares there",
        )
    reach = base.value_added > _NOTHING
    while True:
        supplied = np.einsum("jni,ji->jn", base.shares > 0, reach) > 0
        grown = reach | (np.einsum("nkj,kn->jn", base.inputs > _NOTHING, supplied) > 0)
        if (grown == reach).all():
            break
        reach = grown
    loop = made & ~reach
    if loop.any():
        sector, state = (int(index) for index in np.argwhere(loop)[0])
        raise DostastyqError(
            "EQ042",
            f"the base is singular: {sectors[sector]!s} in {labels[state]!s} is made of goods that are made of"
            " themselves, with no value added anywhere behind them; expected a value-added share above 0",
            "check the value-added shares and the axes of the input shares [state, input, using sector]",
        )
