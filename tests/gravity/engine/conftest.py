"""Random panels of every shape, and pyfixest as a referee."""

import os
import warnings

import numpy as np
import pytest

from dostastyq.gravity.problem import Problem

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
def referee():
    """Estimate a problem with pyfixest to its last digits; flows over their mean, which changes no coefficient.

    Its own search for separated rows does not always converge; the `sample` found here is then what it estimates, and
    separation is judged by linear programmes instead.
    """

    def estimate(problem, clusters=("ij",), sample=None, **small_sample):
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
