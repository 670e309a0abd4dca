r"""One world against another, solved: welfare, prices and trade of every economy, with intervals.

The baseline's flows are those of the law in force at its date. Both worlds of a contrast are solved from it, and every
figure is the ratio of the second to the first: :math:`100 (W_{to} / W_{from} - 1)`.

Intervals are first order: with :math:`\beta \sim N(\hat\beta, V)` and the implicit derivative
:math:`J = \partial \ln(W_{to}/W_{from}) / \partial \beta`, the variance of the log change is :math:`J V J'`.
"""

from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from dostastyq.assess.estimates import Estimates
from dostastyq.assess.model import Contrast, StateResult
from dostastyq.assess.regime import PARAMETERS, Design, settle
from dostastyq.assess.scenario import Scenario, Worlds
from dostastyq.assess.shock import embed, trade_cost
from dostastyq.equilibrium import Economy, Equilibrium, Shock
from dostastyq.i18n import Text

FORMULA = Text("100 · (W_to / W_from − 1); W is real income, so a positive figure means better off in the second world")
POSITIVE = Text(
    "one coefficient moves all members, so this is the probability that the coefficient is positive; "
    "it says nothing on how gains differ between them"
)
NEGATIVE = Text(
    "one coefficient moves all members, so this is the probability that the coefficient is negative; "
    "it says nothing on how gains differ between them"
)
QUANTILE = NormalDist().inv_cdf(0.975)
DRAWS = 20_000
SEED = 1991

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Solved:
    """An equilibrium and the derivative of ln real income with respect to the parameters, ``(parameter, economy)``."""

    equilibrium: Equilibrium
    derivative: Vector


@dataclass
class Worldwide:
    """The economy of a baseline under any law between the states of the register.

    Parameters
    ----------
    economy
        Calibrated baseline.
    economies
        Its labels.
    states
        Order of every design.
    estimates
        Effects of the layers of a design.
    """

    economy: Economy
    economies: tuple[str, ...]
    states: tuple[str, ...]
    estimates: Estimates
    solved: dict[bytes, Solved] = field(default_factory=dict)

    def solve(self, present: Design, world: Design) -> Solved:
        """Equilibrium of the change of law from `present` to `world`; equal changes are solved once."""
        change = embed(world - present, self.states, self.economies)
        key = change.tobytes()
        if key not in self.solved:
            effect = np.tensordot(self.coefficients, change, axes=1)
            theta = self.economy.elasticity
            equilibrium = self.economy.solve(Shock(trade_cost=trade_cost(effect, theta)))
            self.solved[key] = Solved(equilibrium, np.asarray(equilibrium.derivative(-change / theta)))
        return self.solved[key]

    @property
    def coefficients(self) -> Vector:
        """Effects of the layers of a design, log points."""
        return np.array([self.estimates.parameter(name).value for name in PARAMETERS])

    @property
    def covariance(self) -> Vector:
        """Their joint covariance, in the same order."""
        order = [self.estimates.names.index(name) for name in PARAMETERS]
        return np.asarray(self.estimates.covariance)[np.ix_(order, order)]


def contrast(world: Worldwide, plan: Worlds, present: Design, scenario: Scenario) -> Contrast:
    """Compare the two worlds of `plan`.

    Parameters
    ----------
    world
        The economy and the estimates.
    plan
        The two worlds.
    present
        Law at the baseline's date; may hold unknowns.
    scenario
        Who is a member.

    Returns
    -------
    Contrast
        One result an economy of the baseline.
    """
    present, before, after, unknown = settle(present, plan.before, plan.after)
    first, second = world.solve(present, before), world.solve(present, after)
    old, new = first.equilibrium, second.equilibrium
    log_change = log_ratio(new.welfare) - log_ratio(old.welfare)
    derivative = second.derivative - first.derivative
    covariance = world.covariance
    deviation = np.sqrt(np.einsum("ki,kl,li->i", derivative, covariance, derivative))
    members = np.isin(world.economies, scenario.members)
    rows = state_results(
        world.economies,
        members,
        (log_change, deviation, log_ratio(new.real_wage) - log_ratio(old.real_wage)),
        (np.asarray(new.flows), np.asarray(old.flows)),
    )
    probability, note = _probability(log_change[members], derivative[:, members], world.coefficients, covariance)
    moved = np.argwhere((before != after).any(axis=0))
    return Contrast(
        from_world=plan.from_world,
        to_world=plan.to_world,
        otherwise=plan.otherwise,
        formula=FORMULA,
        states=rows,
        mutually_beneficial=bool((log_change[members] > 0).all()),
        probability_mutually_beneficial=probability,
        probability_note=note,
        pairs=tuple(moved_pair(scenario.states, before, after, i, j) for i, j in moved),
        unknown_pairs=tuple((scenario.states[j], scenario.states[i]) for i, j in np.argwhere(unknown)),
    )


def state_results(
    economies: tuple[str, ...],
    members: NDArray[np.bool_],
    changes: tuple[Vector, Vector, Vector],
    flows: tuple[Vector, Vector],
) -> tuple[StateResult, ...]:
    """Say what the second world is to every economy.

    Parameters
    ----------
    economies
        Labels.
    members
        Who is a member.
    changes
        Change of ln real income, its standard error, change of ln real wage.
    flows
        Trade in the second world and in the first, importer by exporter.
    """
    log_change, deviation, log_wage = changes
    columns: tuple[Vector, ...] = (
        per_cent(log_change),
        per_cent(log_change - QUANTILE * deviation),
        per_cent(log_change + QUANTILE * deviation),
        per_cent(log_wage),
        *(_ratio(a, b) for a, b in zip(_trade(flows[0], members), _trade(flows[1], members), strict=True)),
    )
    rows = zip(economies, *(column.tolist() for column in (*columns, members)), strict=True)
    return tuple(StateResult(*row) for row in rows)


def log_ratio(percent: object) -> Vector:
    """Log of a ratio given as a change in per cent."""
    return np.asarray(np.log1p(np.asarray(percent) / 100))


def per_cent(log: Vector) -> Vector:
    """Change in per cent of a ratio given as its log."""
    return np.asarray(100 * np.expm1(log))


def _trade(total: Vector, members: NDArray[np.bool_]) -> tuple[Vector, Vector, Vector]:
    """Sum the exports, the imports, and both with the members, of every economy."""
    flows = total.copy()
    np.fill_diagonal(flows, 0.0)
    return flows.sum(axis=0), flows.sum(axis=1), flows[members].sum(axis=0) + flows[:, members].sum(axis=1)


def _ratio(new: Vector, old: Vector) -> Vector:
    with np.errstate(invalid="ignore"):
        return np.where(old > 0, 100 * (new / old - 1), 0.0)


def moved_pair(states: tuple[str, ...], before: Design, after: Design, i: np.intp, j: np.intp) -> tuple[str, str, str]:
    """Name the exporter and importer of a pair whose law differs, and the layers that do."""
    layers = [name for layer, name in enumerate(PARAMETERS) if before[layer, i, j] != after[layer, i, j]]
    return states[j], states[i], "+".join(layers)


def _probability(log_change: Vector, derivative: Vector, coefficients: Vector, covariance: Vector) -> tuple[float, str]:
    """Probability that every member gains, first order in the parameters.

    When the parameters move every member through one combination of them (one coefficient, or several on the same
    pairs), it is the probability that this combination is positive and has a closed form; otherwise it is counted over
    draws.
    """
    widest = derivative[:, int(np.argmax(np.abs(derivative).sum(axis=0)))]
    if not widest.any():
        return float((log_change > 0).all()), Text("nothing changes between the two worlds, whatever the coefficients")
    singular = np.linalg.svd(derivative, compute_uv=False)
    one_combination = len(singular) == 1 or singular[1] <= 1e-9 * singular[0]
    deviation = float(np.sqrt(widest @ covariance @ widest))
    if one_combination and deviation > 0 and (widest @ derivative > 0).all():
        note = POSITIVE if widest.sum() > 0 else NEGATIVE
        return NormalDist().cdf(float(widest @ coefficients) / deviation), note
    return drawn_probability(log_change, derivative, covariance)


def drawn_probability(log_change: Vector, derivative: Vector, covariance: Vector) -> tuple[float, Text]:
    """Probability that every member gains, counted over draws of the coefficients; first order in them."""
    draws = np.random.default_rng(SEED).multivariate_normal(np.zeros(len(covariance)), covariance, size=DRAWS)
    gains = log_change + draws @ derivative
    return float((gains > 0).all(axis=1).mean()), Text(
        "share of {draws:,} draws of the coefficients in which every member gains, first order", draws=DRAWS
    )
