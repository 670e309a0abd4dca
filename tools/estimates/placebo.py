"""Placebo groups: the same regression for neighbours that agreed on nothing, under the same dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from estimates.dense import Factor, Panel, State
from estimates.panels import CIS, cube

SEED = 2014
DRAWS = 100
REGION, TREATY, UNION, FOUNDERS = 12, 8, 5, 3
OLDER_CODES = {"ROM": "ROU", "ZAR": "COD", "YUG": "SRB", "PAL": "PSE"}


@dataclass(frozen=True, eq=False)
class Distribution:
    """Placebo coefficients of one parameter."""

    coefficients: np.ndarray

    @property
    def spread(self) -> float:
        """Root mean square about zero."""
        return float(np.sqrt(np.mean(self.coefficients**2)))

    @property
    def count(self) -> int:
        """Number of placebo groups."""
        return len(self.coefficients)


@dataclass(frozen=True, eq=False)
class Base:
    """A specification in dense form, fitted once; placebo dummies are added to it."""

    panel: Panel
    X: np.ndarray
    labels: dict[str, list[str]]
    state: State
    factor: Factor

    @classmethod
    def fit(cls, frame: pl.DataFrame, flow: str, regressors: Sequence[str]) -> "Base":
        """Fit the specification without placebo dummies."""
        y, live, X, labels = cube(frame, flow, regressors)
        panel = Panel(y, live)
        X *= panel.live
        state = panel.fit(X, panel.start(len(X)))
        mu = panel.mu(np.tensordot(state.beta, X, 1) + state.a[:, None] + state.b[None])
        return cls(panel, X, labels, state, Factor(mu, panel.Y))

    def with_dummies(self, extra: np.ndarray) -> np.ndarray:
        """Return the coefficients of further regressors `extra` (P, N, M, T)."""
        X = np.concatenate([self.X, extra * self.panel.live])
        return self.panel.fit(X, self.state, self.factor, tol=1e-6).beta[len(self.X) :]

    def block(self, group: Sequence[str], shares: dict[int, float]) -> np.ndarray:
        """Return the dummy of all ordered pairs within `group`, with a share for every year."""
        out = np.zeros(self.panel.shape)
        i = [self.labels["exporter"].index(s) for s in group if s in self.labels["exporter"]]
        j = [self.labels["importer"].index(s) for s in group if s in self.labels["importer"]]
        for year, share in shares.items():
            out[np.ix_(i, j, [self.labels["year"].index(year)])] = share
        for state in group:
            if state in self.labels["exporter"] and state in self.labels["importer"]:
                out[self.labels["exporter"].index(state), self.labels["importer"].index(state)] = 0.0
        return out


def eligible(frame: pl.DataFrame, flow: str, smallest_of: Sequence[str]) -> list[str]:
    """List economies outside the CIS whose exports a year are at least those of the smallest of `smallest_of`."""
    exports = (
        frame.filter(pl.col("exporter") != pl.col("importer"))
        .group_by("exporter")
        .agg(pl.col(flow).sum() / pl.col("year").n_unique())
    )
    floor = exports.filter(pl.col("exporter").is_in(smallest_of))[flow].min()
    large = exports.filter((pl.col(flow) >= floor) & ~pl.col("exporter").is_in([*CIS, "ROW"]))
    return large["exporter"].sort().to_list()


def distances(folder: Path) -> tuple[dict[tuple[str, str], float], set[tuple[str, str]]]:
    """Distances in km, and the pairs with a land border."""
    table = pl.read_parquet(folder / "geodist" / "dist.parquet").with_columns(
        pl.col("iso_o", "iso_d").replace(OLDER_CODES)
    )
    rows = table.select("iso_o", "iso_d", "dist", "contig").iter_rows()
    km: dict[tuple[str, str], float] = {}
    border: set[tuple[str, str]] = set()
    for origin, destination, far, contiguous in rows:
        km[origin, destination] = far
        if contiguous == 1 and origin != destination:
            border.add((origin, destination))
    return km, border


def triples(base: Base, states: Sequence[str], border: set[tuple[str, str]], since: int) -> Distribution:
    """Triples of economies joined by two land borders, treated as a union from `since` on."""
    found = sorted(
        {
            tuple(sorted((first, middle, last)))
            for middle in states
            for first in states
            for last in states
            if first < last and (first, middle) in border and (middle, last) in border
        }
    )
    chosen = _draw(len(found), DRAWS)
    shares = {year: float(year >= since) for year in base.labels["year"]}
    return Distribution(np.array([base.with_dummies(base.block(found[k], shares)[None])[0] for k in chosen]))


def regions(
    base: Base,
    states: Sequence[str],
    km: dict[tuple[str, str], float],
    timing: Sequence[dict[int, float]],
) -> tuple[Distribution, Distribution]:
    """Regions about a seed economy that stand for the CIS, with a treaty and a union of nearest neighbours inside.

    Parameters
    ----------
    timing
        Share of every year in force: of the treaty, of the union, of the founders' customs union before it.

    Returns
    -------
    treaty, union
        Placebo coefficients of the two.
    """
    usable = [s for s in states if (s, s) in km]
    out = []
    for k in _draw(len(usable), DRAWS):
        seed = usable[k]
        others = sorted((km.get((seed, s), np.inf), s) for s in usable if s != seed)
        ring = [seed, *(s for _, s in others)][:REGION]
        years = base.labels["year"]
        extra = [
            *[base.block(ring[:size], shares) for size, shares in zip((TREATY, UNION, FOUNDERS), timing, strict=True)],
            *[base.block(ring, {year: 1.0}) for year in years[1:]],
        ]
        out.append(base.with_dummies(np.stack(extra))[:2])
    return Distribution(np.array(out)[:, 0]), Distribution(np.array(out)[:, 1])


def _draw(available: int, wanted: int) -> list[int]:
    if available <= wanted:
        return list(range(available))
    return sorted(np.random.default_rng(SEED).choice(available, wanted, replace=False).tolist())
