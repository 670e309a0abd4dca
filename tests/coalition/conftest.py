"""A small world with tariffs, and the shipped baseline."""

import numpy as np
import pytest

from dostastyq import trade
from dostastyq.equilibrium import calibrate

STATES = ("ARM", "BLR", "KAZ", "RUS", "ROW")


@pytest.fixture(scope="session")
def cis():
    """The economy of the shipped baseline, 55 economies without tariffs."""
    base = trade.baseline("cis-2023")
    return calibrate(np.asarray(base.flows[0]), labels=base.economies)


@pytest.fixture(scope="session")
def flows():
    """Flows of five economies, the last one large."""
    rng = np.random.default_rng(7)
    size = np.array([3.0, 8.0, 20.0, 60.0, 400.0])
    values = rng.uniform(0.5, 1.5, (5, 5)) * np.outer(size, size) / 400
    np.fill_diagonal(values, size * 3)
    return values


@pytest.fixture(scope="session")
def tariffs():
    """Different tariffs of the four states, none at home."""
    rates = np.tile(np.array([[0.02], [0.06], [0.05], [0.09], [0.03]]), (1, 5)) * np.linspace(0.8, 1.2, 5)
    np.fill_diagonal(rates, 0.0)
    return rates


@pytest.fixture(scope="session")
def small(flows, tariffs):
    """The small world with tariffs."""
    return calibrate(flows, tariffs=tariffs, labels=STATES)


@pytest.fixture(scope="session")
def plain(flows):
    """The small world without tariffs."""
    return calibrate(flows, labels=STATES)
