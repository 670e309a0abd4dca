"""Random panels of every shape, and pyfixest as a referee."""

import os
import warnings

import numpy as np
import pytest

from dostastyq.gravity.problem import GeneralProblem, Problem

FULL = bool(os.environ.get("DOSTASTYQ_FULL"))


@pytest.fixture(scope="session")
def full():
    """Whether full counts are asked for."""
    return FULL


@pytest.fixture(scope="session")
def world():
    """Make a random panel; the seed also draws what is not given."""

    def make(
        seed,
        effects="three_way",
        *,
        n=None,
        m=None,
        years=None,
        k=2,
        zeros=0.25,
        missing=None,
        scale=None,
        blocks=None,
        spread=1.0,
    ):
        draw = np.random.default_rng(seed)
        n = int(draw.integers(8, 14)) if n is None else n
        m = (n if effects == "three_way_symmetric" or draw.random() < 0.5 else n + 3) if m is None else m
        years = int(draw.integers(3, 6)) if years is None else years
        missing = float(draw.choice([0.0, 0.1, 0.3])) if missing is None else missing
        scale = float(draw.choice([1.0, 1e-6, 1e9])) if scale is None else scale
        blocks = bool(draw.random() < 0.3 and missing < 0.3 and n > 9) if blocks is None else blocks
        x = draw.normal(size=(n, m, k, years)) * (0.3 + draw.random(k))[:, None]
        if k > 1:
            x[:, :, 1] = (draw.random((n, m, 1)) < 0.4) & (np.arange(years) >= draw.integers(1, years, (n, m, 1)))
        a, b = (draw.normal(0, spread, (size, years)) for size in (n, m))
        c = draw.normal(0, 1 if effects.startswith("three") else 0.2, (n, m, 1))
        eta = np.einsum("ijkt,k->ijt", x, np.linspace(0.5, -0.3, k)) + a[:, None] + b + c
        y = scale * np.exp(eta) * draw.gamma(2.0, 0.5, eta.shape)
        y[draw.random(y.shape) < zeros] = 0.0
        live = draw.random(y.shape) >= missing
        if draw.random() < 0.3:
            live[np.arange(min(n, m)), np.arange(min(n, m))] = False
        if blocks:
            live[: n // 2, m // 2 :] = live[n // 2 :, : m // 2] = False
        y[~live] = 0.0
        return Problem(y, x, live, tuple(f"x{at}" for at in range(k)), effects)

    return make


@pytest.fixture(scope="session")
def degenerate(world):
    """Make a panel that is hard on purpose: few countries, mostly zeros, missing cells, blocks, effects of sd 3."""

    def make(seed):
        draw = np.random.default_rng(seed + 10**6)
        effects = str(
            draw.choice(["three_way", "three_way_symmetric", "two_way", "one_way"], p=[0.45, 0.35, 0.15, 0.05])
        )
        return world(
            seed,
            effects,
            n=int(draw.integers(5, 10)),
            k=int(draw.integers(1, 5)),
            years=int(draw.integers(2, 7)),
            zeros=float(draw.choice([0.1, 0.3, 0.5, 0.65, 0.8, 0.9])),
            missing=float(draw.choice([0.0, 0.1, 0.3, 0.6])),
            blocks=bool(draw.random() < 0.3),
            spread=float(draw.choice([0.5, 1.0, 1.0, 3.0])),
        )

    return make


@pytest.fixture(scope="session")
def rows_of():
    """Make the same panel as rows with codes of its effects, a symmetric pair having one; also their cells."""

    def make(problem):
        _, m, _, years = problem.shape
        i, j, t = np.nonzero(problem.live)
        low, high = np.minimum(i, j), np.maximum(i, j)
        factors = {
            "three_way": {"it": i * years + t, "jt": j * years + t, "ij": i * m + j},
            "three_way_symmetric": {"it": i * years + t, "jt": j * years + t, "ij": low * m + high},
            "two_way": {"it": i * years + t, "jt": j * years + t},
            "one_way": {"i": i, "j": j},
        }[problem.effects]
        x = problem.regressors[i, j, :, t]
        made = GeneralProblem(problem.flows[i, j, t], x, tuple(factors.values()), problem.names, tuple(factors))
        return made, (i, j, t)

    return make


@pytest.fixture(scope="session")
def programme():
    """Separated cells by a linear programme."""
    from scipy.optimize import linprog  # noqa: PLC0415 -- for these tests only

    def solve(problem, live):
        """Cells s > 0 of: most sum of s with s <= z, s <= 1 at zero flows, z = 0 at positive flows, z in the span."""
        _, m, k, years = problem.shape
        i, j, t = np.nonzero(live)
        columns = [problem.regressors[i, j, at, t] for at in range(k)]
        codes = {
            "three_way": (i * years + t, j * years + t, i * m + j),
            "three_way_symmetric": (i * years + t, j * years + t, np.minimum(i, j) * m + np.maximum(i, j)),
            "two_way": (i * years + t, j * years + t),
            "one_way": (i, j),
        }[problem.effects]
        for code in codes:
            columns += [(code == level).astype(float) for level in np.unique(code)]
        span = np.stack(columns, axis=1)
        zero = problem.flows[i, j, t] == 0
        free = span.shape[1]
        size = int(zero.sum())
        equal = np.concatenate((span[~zero], np.zeros((len(i) - size, size))), axis=1)
        below = np.concatenate((-span[zero], np.eye(size)), axis=1)
        cost = np.concatenate((np.zeros(free), -np.ones(size)))
        bounds = [(None, None)] * free + [(0, 1)] * size
        found = linprog(
            cost, A_ub=below, b_ub=np.zeros(size), A_eq=equal, b_eq=np.zeros(len(equal)), bounds=bounds, method="highs"
        )
        assert found.status == 0
        mask = np.zeros(live.shape, dtype=bool)
        mask[i[zero], j[zero], t[zero]] = found.x[free:] > 1e-6
        return mask

    return solve


@pytest.fixture(scope="session")
def referee():
    """Estimate a problem with pyfixest to its last digits; flows over their mean, which changes no coefficient.

    Its own search for separated rows does not always converge; the `sample` found here is then what it estimates, and
    separation is judged by linear programmes instead.
    """

    def estimate(problem, clusters=("ij",), sample=None, weighting="aweights", **small_sample):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            import pandas as pd  # noqa: PLC0415 -- slow, and an oracle's
            import pyfixest as pf  # noqa: PLC0415

            i, j, t = np.nonzero(problem.live if sample is None else sample)
            pair = [f"{a}-{b}" for a, b in zip(np.minimum(i, j), np.maximum(i, j), strict=True)]
            columns = {
                "y": problem.flows[i, j, t] / problem.flows[problem.live].mean(),
                "it": [f"{a}-{b}" for a, b in zip(i, t, strict=True)],
                "jt": [f"{a}-{b}" for a, b in zip(j, t, strict=True)],
                "ij": [f"{a}-{b}" for a, b in zip(i, j, strict=True)],
                "sij": pair,
                "i": [f"e{a}" for a in i],
                "j": [f"m{a}" for a in j],
                "t": [f"t{a}" for a in t],
            }
            columns |= {name: problem.regressors[i, j, at, t] for at, name in enumerate(problem.names)}
            options = {}
            if problem.offset is not None:
                columns["o"], options = problem.offset[i, j, t], {"offset": "o"}
            if problem.weights is not None:
                columns["w"], options = problem.weights[i, j, t], options | {"weights": "w", "weights_type": weighting}
            effects = {
                "three_way": "it + jt + ij",
                "three_way_symmetric": "it + jt + sij",
                "two_way": "it + jt",
                "one_way": "i + j",
            }[problem.effects]
            settings = {"k_adj": False, "G_adj": bool(clusters)} | small_sample
            for tolerance, demeaning in ((1e-13, 1e-11), (1e-12, 1e-10)):
                try:
                    fit = pf.fepois(
                        f"y ~ {' + '.join(problem.names)} | {effects}",
                        data=pd.DataFrame(columns),
                        vcov={"CRV1": " + ".join(clusters)} if clusters else "hetero",
                        ssc=pf.ssc(**settings),
                        iwls_tol=tolerance,
                        iwls_maxiter=60,
                        fixef_tol=demeaning,
                        fixef_maxiter=20_000,
                        fixef_rm="none",
                        separation_check=["fe", "ir"] if sample is None else ["fe"],
                        **options,
                    )
                    break
                except (ValueError, pf.errors.NonConvergenceError):
                    continue
            else:
                return None
            return fit.coef().to_dict(), fit.se().to_dict(), fit

    return estimate
