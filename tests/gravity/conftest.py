"""Small random panels of trade."""

import numpy as np
import polars as pl
import pytest


@pytest.fixture(scope="session")
def panel():
    """Make a panel of `n` countries and `years` years with two regressors, a category and zeros; rows in no order."""

    def make(n=8, years=5, seed=0, *, zeros=0.2, missing=0.0, domestic=True):
        draw = np.random.default_rng(seed)
        e, m, t = np.indices((n, n, years)).reshape(3, -1)
        a, b, c = draw.normal(size=(n, years)), draw.normal(size=(n, years)), draw.normal(size=(n, n))
        joined = draw.integers(1, years + 1, size=(n, n))
        joined = np.minimum(joined, joined.T)
        rta = ((t >= joined[e, m]) & (e != m)).astype(float)
        dist = np.exp(draw.normal(size=(n, n)))
        noise = draw.gamma(2.0, 0.5, size=e.size) * (draw.random(e.size) >= zeros)
        flow = np.exp(0.5 * rta + a[e, t] + b[m, t] + c[e, m]) * noise
        names = np.array([f"C{k:02d}" for k in range(n)])
        keep = (draw.random(e.size) >= missing) & (domestic | (e != m))
        frame = pl.DataFrame(
            {
                "exporter": names[e],
                "importer": names[m],
                "year": t + 2000,
                "trade": flow,
                "rta": rta,
                "dist": dist[e, m],
                "x": draw.normal(size=e.size),
                "group": np.array(["u", "v", "w"])[draw.integers(0, 3, e.size)],
            }
        )
        return frame.filter(pl.Series(keep)).sample(fraction=1.0, shuffle=True, seed=seed)

    return make
