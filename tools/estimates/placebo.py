"""Placebo groups: the same regression for neighbours that agreed on nothing, under the same dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from dostastyq.gravity import Fit
from dostastyq.gravity.refits import Refits
from estimates.panels import CIS

SEED = 2014
DRAWS = 100
REGION, TREATY, UNION, FOUNDERS = 12, 8, 5, 3
REGIMES = 3
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
    """A fitted specification; dummies of placebo groups are put beside its regressors and estimated again."""

    refits: Refits
    labels: dict[str, list[str]]

    @classmethod
    def of(cls, fit: Fit, dummies: int) -> "Base":
        """Make room for a number of dummies beside the regressors of `fit`."""
        keys = ("exporter", "importer", "year")
        labels = {key: side.to_series(0).to_list() for key, side in zip(keys, fit.sample.labels, strict=True)}
        return cls(Refits.of(fit.problem, fit.solution.live, dummies), labels)

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of exporters, importers and years."""
        return tuple(len(labels) for labels in self.labels.values())

    def with_dummies(self, extra: np.ndarray) -> np.ndarray:
        """Return the coefficients of further regressors `extra` (P, N, M, T); nan where they are not identified."""
        return self.refits.coefficients(extra)

    def block(self, group: Sequence[str], shares: dict[int, float]) -> np.ndarray:
        """Return the dummy of all ordered pairs within `group`, with a share for every year."""
        out = np.zeros(self.shape)
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


def bordering(states: Sequence[str], border: set[tuple[str, str]], size: int) -> list[tuple[str, ...]]:
    """List pairs of economies with a land border, or triples joined by two; at most `DRAWS`, by a fixed seed."""
    pairs = {(one, other) for one in states for other in states if one < other and (one, other) in border}
    found: list[tuple[str, ...]] = sorted(pairs)
    if size == 3:
        triples = {
            tuple(sorted((first, middle, last)))
            for middle in states
            for first in states
            for last in states
            if first < last and (first, middle) in border and (middle, last) in border
        }
        found = sorted(triples)
    return [found[k] for k in _draw(len(found), DRAWS)]


def triples(base: Base, states: Sequence[str], border: set[tuple[str, str]], since: int) -> Distribution:
    """Triples of economies joined by two land borders, treated as a union from `since` on."""
    shares = {year: float(year >= since) for year in base.labels["year"]}
    groups = bordering(states, border, 3)
    return Distribution(np.array([base.with_dummies(base.block(group, shares)[None])[0] for group in groups]))


def paths(base: Base, groups: Sequence[Sequence[str]], years: Sequence[int]) -> np.ndarray:
    """Coefficients of one dummy a year for every group, (groups, years); those not identified are left out."""
    found = [base.with_dummies(np.stack([base.block(group, {year: 1.0}) for year in years])) for group in groups]
    return _identified(found)


def rings(states: Sequence[str], km: dict[tuple[str, str], float]) -> list[list[str]]:
    """List regions about a seed economy, nearest first; at most `DRAWS`, by a fixed seed."""
    usable = [s for s in states if (s, s) in km]
    found = []
    for k in _draw(len(usable), DRAWS):
        seed = usable[k]
        others = sorted((km.get((seed, s), np.inf), s) for s in usable if s != seed)
        found.append([seed, *(s for _, s in others)][:REGION])
    return found


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
    years = base.labels["year"]
    out = []
    for ring in rings(states, km):
        extra = [
            *[base.block(ring[:size], shares) for size, shares in zip((TREATY, UNION, FOUNDERS), timing, strict=True)],
            *[base.block(ring, {year: 1.0}) for year in years[1:]],
        ]
        out.append(base.with_dummies(np.stack(extra))[:2])
    return Distribution(np.array(out)[:, 0]), Distribution(np.array(out)[:, 1])


def region_paths(
    base: Base, states: Sequence[str], km: dict[tuple[str, str], float], years: Sequence[int]
) -> np.ndarray:
    """Paths of a treaty, then of a union, inside regions that have a dummy a year of their own, (regions, 2 years)."""
    out = []
    for ring in rings(states, km):
        inside = [base.block(ring[:size], {year: 1.0}) for size in (TREATY, UNION) for year in years]
        whole = [base.block(ring, {year: 1.0}) for year in base.labels["year"][1:]]
        out.append(base.with_dummies(np.stack([*inside, *whole]))[: len(inside)])
    return _identified(out)


def _identified(found: Sequence[np.ndarray]) -> np.ndarray:
    """Stack the groups whose coefficients are all identified."""
    return np.stack([one for one in found if np.isfinite(one).all()])


def _draw(available: int, wanted: int) -> list[int]:
    if available <= wanted:
        return list(range(available))
    return sorted(np.random.default_rng(SEED).choice(available, wanted, replace=False).tolist())
