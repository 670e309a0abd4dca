"""Expected answers, one a line of vectors.yaml, that a lawyer can read."""

from pathlib import Path

import pytest
import yaml

VECTORS = yaml.safe_load((Path(__file__).parent / "vectors.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "vector", VECTORS, ids=lambda v: f"{v['q']}-{v['instrument']}-{'-'.join(v['states'])}-{v['day']}"
)
def test_vector(reg, vector):
    expected = None if vector["expect"] == "unknown" else vector["expect"]
    if vector["q"] == "bound":
        answer = reg.status(vector["instrument"], *vector["states"], on=vector["day"]).bound
    else:
        answer = reg.applies(vector["instrument"], *vector["states"], on=vector["day"])
    assert answer is expected
