"""Random effects over the world's agreements, own estimates over panels, and partial pooling of the two."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

LEAD_FAILS = 1.96


@dataclass(frozen=True)
class Pooled:
    """Mean of a class of agreements, its standard error, and the s.d. `tau` of the agreements about it."""

    mean: float
    standard_error: float
    tau: float
    agreements: int

    @property
    def predictive_variance(self) -> float:
        """Variance of the effect of one more agreement of the class."""
        return self.tau**2 + self.standard_error**2


@dataclass(frozen=True)
class Own:
    """An agreement's own estimate in one panel, with everything its variance is made of."""

    specification: str
    panel: str
    flow: str
    window: str
    border_year: bool
    coefficient: float
    clustered: float
    treated_pairs: int
    placebo: float
    placebo_groups: int
    lead: float
    lead_standard_error: float
    gap: float

    @property
    def lead_fails(self) -> bool:
        """Whether pairs differed significantly before the regime began."""
        return abs(self.lead) > LEAD_FAILS * self.lead_standard_error

    @property
    def variance(self) -> float:
        """Sampling or placebo variance, whichever is larger, plus squared lead and gap."""
        return max(self.clustered, self.placebo) ** 2 + (self.lead**2 if self.lead_fails else 0.0) + self.gap**2


def paule_mandel(estimates: Sequence[float], standard_errors: Sequence[float]) -> Pooled:
    r"""Random-effects mean with Paule and Mandel's (1982) τ²: the root of :math:`\sum w_k (b_k - \bar b)^2 = K - 1`."""
    b, v = np.asarray(estimates, dtype=float), np.asarray(standard_errors, dtype=float) ** 2

    def excess(tau2: float) -> float:
        w = 1.0 / (v + tau2)
        return float((w * (b - (w @ b) / w.sum()) ** 2).sum() - (len(b) - 1))

    top = 10.0 * (np.ptp(b) ** 2 + v.max())
    tau2 = brentq(excess, 0.0, top, xtol=1e-14) if excess(0.0) > 0 else 0.0
    w = 1.0 / (v + tau2)
    return Pooled(float(w @ b / w.sum()), float(1.0 / np.sqrt(w.sum())), float(np.sqrt(tau2)), len(b))


def over_panels(own: Sequence[Own]) -> tuple[float, float, np.ndarray]:
    """Combine panels that share states.

    Returns
    -------
    mean, variance, shares
        Mean by inverse variance; the smallest single variance plus the weighted spread about the mean (panels are not
        taken as independent); and the weight of every panel.
    """
    b, v = np.array([o.coefficient for o in own]), np.array([o.variance for o in own])
    shares = (1.0 / v) / (1.0 / v).sum()
    mean = float(shares @ b)
    return mean, float(v.min() + shares @ (b - mean) ** 2), shares


def partial(
    own_mean: float, own_variance: float, world_mean: float, world_variance: float
) -> tuple[float, float, float]:
    """Pool an own estimate with the predictive distribution of the world's agreements.

    Returns
    -------
    value, variance, weight
        Posterior mean and variance of the normal-normal model, and the weight on the own estimate.
    """
    weight = world_variance / (world_variance + own_variance)
    return weight * own_mean + (1.0 - weight) * world_mean, weight * own_variance, weight
