"""The cache: keys by content, files that are whole, nothing but arrays."""

import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dostastyq.equilibrium import Matrix, calibrate
from dostastyq.errors import DostastyqError
from dostastyq.parallel import Cache, code_version, digest


@dataclass(frozen=True)
class Point:
    x: float
    y: float


@dataclass(frozen=True)
class Pair:
    x: float
    y: float


class Colour(Enum):
    RED = 1


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def same(one, other):
    """Equality of plain values that tells types and signs of zero apart."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return repr(one) == repr(other)


@given(plain, plain)
def test_digests_are_equal_when_values_are(one, other):
    assert (digest(one) == digest(other)) == same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c"), ("a", "bc")),
        ([1], (1,)),
        (np.arange(4), np.arange(4).reshape(2, 2)),
        (np.zeros(2), np.zeros(2, dtype=np.float32)),
        (Point(1.0, 2.0), Pair(1.0, 2.0)),
        (Point(1.0, 2.0), Point(2.0, 1.0)),
        (Fraction(1, 2), 0.5),
        (date(2023, 1, 1), "2023-01-01"),
        (Colour.RED, 1),
        (partial(round, ndigits=1), partial(round, ndigits=2)),
        (np.float64(1), np.float32(1)),
        ({1, 2}, [1, 2]),
        (Matrix(np.eye(2), ("A", "B"), "trade"), Matrix(np.eye(2), ("A", "C"), "trade")),
    ],
)
def test_what_differs_has_another_digest(one, other):
    assert digest(one) != digest(other)
    assert digest(one) == digest(one)


def test_layout_and_caches_do_not_count():
    flows = np.array([[9.0, 1.0], [2.0, 8.0]])
    assert digest(flows) == digest(np.asfortranarray(flows))
    fresh, used = calibrate(flows), calibrate(flows)
    _ = used.flows, used.base_inverse
    assert digest(fresh) == digest(used)
    assert digest(fresh) != digest(calibrate(2 * flows))


def test_another_process_finds_the_same_digest():
    code = "from dostastyq.parallel import digest; print(digest({'b': {3, 1, 2}, 'a': (1.5, 'Қазақ')}))"
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert out.strip() == digest({"a": (1.5, "Қазақ"), "b": {1, 2, 3}})


@pytest.mark.parametrize("value", [object(), lambda x: x, np.array([object()]), iter([1])])
def test_what_cannot_be_read_in_full_is_refused(value):
    with pytest.raises(DostastyqError) as refusal:
        digest((1, [value]))
    assert refusal.value.code == "PL002"


def test_arrays_come_back_as_they_were(tmp_path):
    cache = Cache("arrays", tmp_path)
    key = cache.key(round, 1.5)
    arrays = {"numbers": np.array([[np.nan, np.inf, -0.0]]), "names": np.array(["batch", "Қ"]), "count": np.int64(3)}
    cache.put(key, arrays)
    back = cache.get(key)
    assert back.keys() == arrays.keys()
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype
        assert back[name].tobytes() == np.asarray(array).tobytes()
    assert cache.clear() == 1
    assert cache.get(key) is None


def test_a_damaged_file_counts_as_absent(tmp_path):
    cache = Cache("damaged", tmp_path)
    key = cache.key(round, 1)
    cache.put(key, {"a": np.arange(100.0)})
    path = next(tmp_path.rglob("*.npz"))
    whole = path.read_bytes()
    for content in (whole[:-30], b"", whole[:200] + b"\xff" + whole[201:]):
        path.write_bytes(content)
        assert cache.get(key) is None
    path.write_bytes(whole)
    assert cache.get(key)["a"][99] == 99


def test_nothing_is_unpickled(tmp_path):
    cache = Cache("pickled", tmp_path)
    key = cache.key(round, 1)
    cache.put(key, {"a": np.arange(2)})
    np.savez(next(tmp_path.rglob("*.npz")), a=np.array([{"an": "object"}]))
    assert cache.get(key) is None


@pytest.mark.parametrize("result", [3, [np.zeros(2)], {"a": np.array([object()])}])
def test_what_is_not_arrays_is_refused(tmp_path, result):
    with pytest.raises(DostastyqError) as refusal:
        Cache("odd", tmp_path).put("0" * 64, result)
    assert refusal.value.code == "PL004"
    assert not list(tmp_path.rglob("*.npz"))


def test_a_cache_lies_in_the_users_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DOSTASTYQ_HOME", str(tmp_path))
    assert Cache("atlas").folder == tmp_path / "cache" / "atlas"
    (tmp_path / "file").write_text("")
    with pytest.raises(DostastyqError) as refusal:
        Cache("atlas", tmp_path / "file" / "below")
    assert refusal.value.code == "PL003"


def test_a_result_that_cannot_be_written_is_an_error(tmp_path, monkeypatch):
    cache = Cache("full", tmp_path)

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    with pytest.raises(DostastyqError, match="No space left") as refusal:
        cache.put("0" * 64, {"a": np.zeros(1)})
    assert refusal.value.code == "PL005"


def test_other_code_is_another_key(tmp_path, monkeypatch):
    cache = Cache("code", tmp_path)
    before = cache.key(round, 1)
    monkeypatch.setattr("dostastyq.parallel.cache.code_version", lambda: "other")
    assert cache.key(round, 1) != before
    assert len(code_version()) == 64
