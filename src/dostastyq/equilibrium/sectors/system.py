r"""A shock applied to a calibrated world: the arrays that a sweep reads.

With :math:`\kappa_{nij}=\hat d_{nij}\frac{1+\tau'_{nij}}{1+\tau_{nij}}\frac{1+e'_{nij}}{1+e_{nij}}` a sweep reads
three kernels, computed once a shock,

.. math:: G_{nij}=\pi_{nij}\kappa_{nij}^{-\theta_j},\qquad H_{nij}=G_{nij}/(1+\tau'_{nij}),\qquad
          S_{nij}=H_{nij}/(1+e'_{nij}),

for shares, flows at the border and sales of producers. Where the exponents spread widely a row is divided by its
largest entry (`System.top` holds the logs) and unit costs are measured from `System.reference`, so that nothing
overflows and a market loses only suppliers whose share is below the smallest number there is.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dostastyq.equilibrium.labels import FloatArray
from dostastyq.equilibrium.one_sector import components
from dostastyq.equilibrium.sectors.base import Base

_SPREAD = 50.0


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A shock in logs, resolved against a base; None means unchanged.

    Parameters
    ----------
    log_cost
        Log of the iceberg ratio, shape (J, N, N); may be infinite.
    tariffs, export_taxes
        New ad valorem levels, shape (J, N, N).
    log_productivity
        Log of the ratio, shape (J, N).
    log_labour
        Log of the ratio, shape (N,).
    deficit
        New deficits in units of the numeraire, shape (N,).
    """

    log_cost: FloatArray | None = None
    tariffs: FloatArray | None = None
    export_taxes: FloatArray | None = None
    log_productivity: FloatArray | None = None
    log_labour: FloatArray | None = None
    deficit: FloatArray | None = None

    def wedge(self, base: Base) -> FloatArray | None:
        """Log of (1+tau')(1+e') over its base value, shape (J, N, N), None when nothing changes."""
        total: FloatArray | None = None
        for new, old in ((self.tariffs, base.tariffs), (self.export_taxes, base.export_taxes)):
            if new is not None:
                part = np.log1p(new) - (0.0 if old is None else np.log1p(old))
                total = part if total is None else total + part
        return total

    def shift(self, base: Base) -> FloatArray | None:
        """Log of the fall of unit costs at given incomes and prices, ln A + gamma ln L, shape (J, N)."""
        if self.log_labour is None:
            return self.log_productivity
        people = base.value_added * self.log_labour
        return people if self.log_productivity is None else people + self.log_productivity

    def part(self, base: Base, share: float) -> "Change":
        """Go a `share` of the way: logs of wedges in proportion, deficits too; closed links shut linearly."""
        log_cost = self.log_cost
        if log_cost is not None:
            closing = -np.log1p(-share) / base.theta[:, None, None] if share < 1 else np.inf
            log_cost = np.where(np.isposinf(log_cost), closing, share * np.where(np.isposinf(log_cost), 0.0, log_cost))
        return Change(
            log_cost,
            _between(base.tariffs, self.tariffs, share),
            _between(base.export_taxes, self.export_taxes, share),
            None if self.log_productivity is None else share * self.log_productivity,
            None if self.log_labour is None else share * self.log_labour,
            None if self.deficit is None else base.deficit + share * (self.deficit - base.deficit),
        )


def _between(old: FloatArray | None, new: FloatArray | None, share: float) -> FloatArray | None:
    if new is None:
        return None
    start = np.zeros(1) if old is None else np.log1p(old)
    return np.asarray(np.expm1(start + share * (np.log1p(new) - start)))


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """The equations of one counterfactual, ready for sweeps.

    Parameters
    ----------
    base
        The calibrated world.
    exponent
        -theta ln kappa, shape (J, N, N), None when no wedge changes.
    tariffs, export_taxes
        New levels, None where there are none.
    shift
        ln A + gamma ln L, shape (J, N).
    deficit
        New deficits in units of the numeraire, shape (N,); read under the fixed closures.
    ratio
        phi = 1 + D/V under the proportional closure, shape (N,), else None.
    kernel, border, sales
        G, H and S, shape (J, N, N); the latter two may be the same array as the one before.
    top, reference
        Logs taken out of the rows of the kernels and out of unit costs, shape (J, N).
    parts
        Number of the disconnected part of the world each state is in, shape (N,), from zero.
    """

    base: Base
    exponent: FloatArray | None
    tariffs: FloatArray | None
    export_taxes: FloatArray | None
    shift: FloatArray
    deficit: FloatArray
    ratio: FloatArray | None
    kernel: FloatArray
    border: FloatArray
    sales: FloatArray
    top: FloatArray
    reference: FloatArray
    parts: NDArray[np.int64]

    def at(self, log_cost: FloatArray) -> "System":
        """Measure unit costs from `log_cost`, shape (J, N); the equations stay the same."""
        kernel, top = _kernel(self.base, self.exponent, log_cost)
        border, sales = _after_taxes(kernel, self.tariffs, self.export_taxes)
        return replace(self, kernel=kernel, border=border, sales=sales, top=top, reference=log_cost)


def apply(base: Base, change: Change, *, proportional: bool = False) -> System:
    """Apply a shock.

    Parameters
    ----------
    base
        The calibrated world.
    change
        The shock.
    proportional
        Whether deficits keep their ratio to value added up to a common factor; otherwise they are `Change.deficit`,
        or those of the base.

    Returns
    -------
    System
    """
    theta = base.theta[:, None, None]
    exponent = change.wedge(base)
    if change.log_cost is not None:
        exponent = change.log_cost if exponent is None else exponent + change.log_cost
    if exponent is not None:
        exponent = -theta * exponent
    tariffs = base.tariffs if change.tariffs is None else change.tariffs
    taxes = base.export_taxes if change.export_taxes is None else change.export_taxes
    tariffs = tariffs if tariffs is not None and tariffs.any() else None
    taxes = taxes if taxes is not None and taxes.any() else None
    shift = change.shift(base)
    start = np.zeros_like(base.expenditure)
    kernel, top = _kernel(base, exponent, start)
    border, sales = _after_taxes(kernel, tariffs, taxes)
    return System(
        base=base,
        exponent=exponent,
        tariffs=tariffs,
        export_taxes=taxes,
        shift=start if shift is None else shift,
        deficit=base.deficit if change.deficit is None else change.deficit,
        ratio=1 + base.deficit / base.income if proportional else None,
        kernel=kernel,
        border=border,
        sales=sales,
        top=top,
        reference=start,
        parts=_parts(kernel, base),
    )


def _kernel(base: Base, exponent: FloatArray | None, reference: FloatArray) -> tuple[FloatArray, FloatArray]:
    top = np.zeros_like(base.expenditure)
    moved = bool(reference.any())
    if exponent is None and not moved:
        return base.shares, top
    power = np.zeros_like(base.shares) if exponent is None else exponent
    if moved:
        power = power - (base.theta[:, None] * reference)[:, None, :]
    bought = base.shares > 0
    if power.max() > _SPREAD or np.where(bought, power, 0.0).min() < -_SPREAD:
        power = np.where(bought, power, -np.inf)
        top = power.max(axis=2)
        top = np.where(np.isfinite(top), top, 0.0)
        power = power - top[:, :, None]
    kernel = np.exp(power)
    kernel *= base.shares
    return kernel, top


def _after_taxes(
    kernel: FloatArray, tariffs: FloatArray | None, taxes: FloatArray | None
) -> tuple[FloatArray, FloatArray]:
    border = kernel if tariffs is None else kernel / (1 + tariffs)
    return border, border if taxes is None else border / (1 + taxes)


def links(kernel: FloatArray, base: Base) -> NDArray[np.bool_]:
    """Whether anything at all is bought by one state from another, ``[importer, exporter]``, shape (N, N)."""
    return np.asarray(np.einsum("jni,jn->ni", kernel, (base.expenditure > 0).astype(np.float64)) > 0)


def _parts(kernel: FloatArray, base: Base) -> NDArray[np.int64]:
    member = components(links(kernel, base))
    return np.zeros(kernel.shape[1], dtype=np.int64) if member is None else member.argmax(axis=1).astype(np.int64)
