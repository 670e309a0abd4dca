"""Numbers of the Advanced Guide to Trade Policy Analysis (Yotov et al. 2016), chapter 1, application 3."""

import numpy as np
import polars as pl
import pytest

from dostastyq.gravity.inference import covariance
from dostastyq.gravity.problem import Problem
from dostastyq.gravity.solve import solve

YEARS = [1986, 1990, 1994, 1998, 2002, 2006]


@pytest.fixture(scope="module")
def guide(data_folder):
    frame = pl.read_parquet(data_folder / "agtpa" / "trade.parquet").with_columns(pl.col("year").cast(pl.Int64))
    frame = frame.filter(pl.col("year").is_in(YEARS))
    countries = sorted(set(frame["exporter"]) | set(frame["importer"]))
    at = {name: place for place, name in enumerate(countries)}
    cells = (
        np.array([at[name] for name in frame["exporter"]]),
        np.array([at[name] for name in frame["importer"]]),
        np.searchsorted(YEARS, frame["year"]),
    )
    shape = (len(countries), len(countries), len(YEARS))
    flows, live, rta = np.zeros(shape), np.zeros(shape, dtype=bool), np.zeros(shape)
    flows[cells], live[cells], rta[cells] = frame["trade"], True, frame["rta"]
    return lambda effects: Problem(flows, rta[:, :, None], live, ("rta",), effects)


@pytest.mark.data
def test_symmetric_pairs(guide):
    """Table 3, column 1, prints 0.557 (0.102)."""
    problem = guide("three_way_symmetric")
    solution = solve(problem)
    assert solution.certificate.observations == 28_482
    assert solution.beta[0] == pytest.approx(0.5571853, abs=5e-8)
    assert covariance(problem, solution).standard_errors[0] == pytest.approx(0.1022353, abs=5e-8)


@pytest.mark.data
def test_directed_pairs(guide):
    problem = guide("three_way")
    solution = solve(problem)
    assert solution.beta[0] == pytest.approx(0.5671055, abs=5e-8)
    assert covariance(problem, solution).standard_errors[0] == pytest.approx(0.0814975, abs=5e-8)
