"""A shipped register and baseline, loaded once, and estimates that tests can move."""

import pytest

import dostastyq as dq
from dostastyq.assess import estimates


@pytest.fixture(scope="session")
def law():
    return dq.register.load("cis")


@pytest.fixture(scope="session")
def base():
    return dq.trade.baseline("cis-2023")


@pytest.fixture(scope="session")
def sizes():
    return estimates.load("cis")


@pytest.fixture(scope="session")
def judge(law, base, sizes):
    """Assess with chosen coefficients: `judge("eaeu-2014", free=0.2, union=0.1)`."""

    def run(agreement, *, free=None, union=None, **options):
        chosen = sizes
        if free is not None:
            chosen = chosen.replace("cis_free_trade", value=free)
        if union is not None:
            chosen = chosen.replace("union_increment", value=union)
        return dq.assess.assess(agreement, base, register=law, estimates=chosen, **options)

    return run


@pytest.fixture(scope="session")
def sectors():
    return dq.trade.baseline("eaeu-2019")


@pytest.fixture(scope="session")
def judge_sectors(law, sectors, sizes):
    """Assess by sectors with chosen coefficients; `base` stands in for eaeu-2019."""

    def run(agreement, *, free=None, union=None, base=None, **options):
        chosen = sizes
        if free is not None:
            chosen = chosen.replace("cis_free_trade", value=free)
        if union is not None:
            chosen = chosen.replace("union_increment", value=union)
        return dq.assess.assess(
            agreement, sectors if base is None else base, model="sectors", register=law, estimates=chosen, **options
        )

    return run
